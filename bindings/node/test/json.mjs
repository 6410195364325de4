// JSON, read without losing what a number or a part of a document says: numbers keep their text, and raw() cuts a value's own
// text out. The conformance vectors need it, since they hold integers of 64 bits and rulesets with faults.

/** A number as its text. */
export class Num {
  constructor(text) {
    this.text = text;
  }
}

const SPACE = /[ \t\n\r]*/y;
const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const STRING = /"(?:[^"\\]|\\.)*"/y;

class Scanner {
  constructor(text) {
    this.text = text;
    this.at = 0;
  }
  match(pattern) {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    if (found) this.at += found[0].length;
    return found?.[0];
  }
  skip() {
    this.match(SPACE);
    return this.text[this.at];
  }
  /** Reads a value; with `raw`, members of the outermost object (or of its cases) stay text where `raw` names them. */
  value(raw) {
    const next = this.skip();
    if (next === "{") return this.object(raw);
    if (next === "[") return this.array(raw);
    if (next === '"') return JSON.parse(this.match(STRING));
    for (const [word, value] of [["true", true], ["false", false], ["null", null]]) {
      if (this.text.startsWith(word, this.at)) {
        this.at += word.length;
        return value;
      }
    }
    const number = this.match(NUMBER);
    if (number === undefined) throw new SyntaxError(`no JSON at ${this.at}`);
    return new Num(number);
  }
  object(raw) {
    const object = Object.create(null);
    this.at += 1;
    if (this.skip() === "}") this.at += 1;
    else
      for (;;) {
        this.skip();
        const key = JSON.parse(this.match(STRING));
        this.skip();
        this.at += 1; // the colon
        this.skip();
        const start = this.at;
        const value = this.value(raw);
        object[key] = raw.includes(key) ? this.text.slice(start, this.at) : value;
        this.skip();
        if (this.text[this.at++] === "}") break;
      }
    return object;
  }
  array(raw) {
    const array = [];
    this.at += 1;
    if (this.skip() === "]") this.at += 1;
    else
      for (;;) {
        array.push(this.value(raw));
        this.skip();
        if (this.text[this.at++] === "]") break;
      }
    return array;
  }
}

/** Reads a text; members named in `raw` stay text. */
export function parse(text, raw = []) {
  return new Scanner(text).value(raw);
}

/** An integer, as a number or as its decimal string. */
export function big(value) {
  if (value instanceof Num) return /^-?\d+$/.test(value.text) ? BigInt(value.text) : BigInt(Number(value.text));
  if (typeof value === "string" && /^-?\d+$/.test(value)) return BigInt(value);
  throw new TypeError(`${value} is no integer`);
}

/** A read value as an ordinary one: numbers as numbers. */
export function plain(value) {
  if (value instanceof Num) return Number(value.text);
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
}
