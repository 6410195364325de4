// Every conformance vector, through the package's own types: on the engine in memory, on SQLite, and on PostgreSQL where
// DATABASE_URL names one and the store takes it.
import assert from "node:assert/strict";
import { readFileSync, readdirSync, writeSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import {
  Curve, Engine, LevelkitError, ModifierStack, Player, Requirement, Ruleset, Store, hashEvent,
} from "levelkit";

import pg from "pg";

import { Num, big, parse, plain } from "./json.mjs";

const FOLDER = process.env.LEVELKIT_VECTORS ?? join(import.meta.dirname, "../../../tests/vectors");

class Tally {
  passed = 0;
  failures = [];
  async count(name, run) {
    try {
      await run();
      this.passed += 1;
    } catch (error) {
      this.failures.push(`${name}: ${error.message}`);
    }
  }
  report(target) {
    const line = `vectors: node ${target}: ${this.passed} passed, ${this.failures.length} failed`;
    // Past the runner's own output.
    writeSync(1, `${line}\n`);
    assert.ok(this.passed + this.failures.length > 0, `no vector was found in ${FOLDER}`);
    assert.equal(this.failures.length, 0, `\n${this.failures.slice(0, 40).join("\n")}`);
  }
}

function files(suite) {
  const folder = join(FOLDER, suite);
  const names = readdirSync(folder).filter((name) => name.endsWith(".json")).sort();
  return names.map((name) => [name.slice(0, -5), readFileSync(join(folder, name), "utf8")]);
}

/** Whether a vector says something here: null is the same as left out. */
const stated = (value) => value !== undefined && value !== null;

/** A document's own text; none where it is null or left out. */
const document = (text) => (text === "null" ? undefined : text);

/** What all cases of a file share. Where it cannot be made, each of them finds out. */
class Shared {
  constructor(make) {
    try {
      this.made = make();
    } catch (error) {
      this.error = error;
    }
  }
  get() {
    if (this.error !== undefined) throw this.error;
    return this.made;
  }
}

/** What a case expects: its result, or a refusal's code. */
function settle(run, refuse, check) {
  let found;
  try {
    found = run();
  } catch (error) {
    if (!stated(refuse) || !(error instanceof LevelkitError)) throw error;
    assert.equal(codeOf(error), refuse);
    return;
  }
  assert.ok(!stated(refuse), `expected ${refuse}, got a result`);
  check(found);
}

/** The code that the rules have for an error. What is no multiplier is refused before the rules see it. */
function codeOf(error) {
  if (error.code === "INVALID_RULESET") return error.facts.errors[0].code;
  return /like 1\.15|expected a multiplier/.test(error.message) ? "INVALID_MULTIPLIER" : error.code;
}

/** An integer of so many bits. */
function integer(given, bits = 64) {
  const value = big(given);
  if (BigInt.asIntN(bits, value) !== value) throw new LevelkitError("too large", { code: "XP_OVERFLOW" }, null);
  return value;
}

/** An integer that is a number in JavaScript. */
const small = (given) => Number(integer(given, 32));

async function curve(tally) {
  for (const [name, text] of files("curve")) {
    const file = parse(text, ["curve"]);
    const made = new Shared(() => new Curve(document(file.curve)));
    for (const [index, one] of file.cases.entries()) {
      await tally.count(`curve/${name}[${index}]`, () => curveCase(made, one));
    }
  }
}

function curveCase(made, one) {
  if (made.error !== undefined) return settle(() => made.get(), one.refuse, () => {});
  const curve = made.get();
  if (stated(one.total_xp)) {
    settle(() => curve.level(integer(one.total_xp)), one.refuse, (level) => assert.equal(level, small(one.level)));
    if (!stated(one.threshold)) return;
  }
  const level = big(one.level);
  // A level that does not fit does not exist either.
  const threshold = BigInt.asIntN(32, level) === level ? curve.threshold(Number(level)) : null;
  assert.equal(threshold, stated(one.refuse) ? null : big(one.threshold));
}

async function requirement(tally) {
  for (const [name, text] of files("requirement")) {
    for (const [index, one] of parse(text, ["requirement"]).cases.entries()) {
      await tally.count(`requirement/${name}[${index}]`, () => {
        const evaluate = () => {
          const made = new Requirement(one.requirement);
          const metrics = metricsOf(one.metrics ?? {});
          const outcome = made.evaluate(metrics);
          assert.equal(made.explain(metrics).state, outcome.state);
          return outcome;
        };
        settle(evaluate, one.refuse, ({ state, fraction }) => {
          if (stated(one.state)) assert.equal(state, one.state);
          if (stated(one.fraction)) assert.ok(Math.abs(fraction - plain(one.fraction)) <= 1e-9);
        });
      });
    }
  }
}

/** Metrics; a value that is neither number nor boolean is no metric's. */
function metricsOf(given) {
  const metrics = plain(given);
  for (const value of Object.values(metrics)) {
    if (!["number", "boolean"].includes(typeof value)) {
      throw new LevelkitError("not a metric", { code: "INVALID_METRIC" }, null);
    }
  }
  return metrics;
}

async function award(tally) {
  for (const [name, text] of files("award")) {
    const file = parse(text, ["modifiers"]);
    const stack = new Shared(() => new ModifierStack(document(file.modifiers)));
    for (const [index, one] of file.cases.entries()) {
      await tally.count(`award/${name}[${index}]`, () => awardCase(stack, one));
    }
  }
}

function awardCase(stack, one) {
  const apply = () => stack.get().apply(small(one.base_xp), one.source, contextOf(one.context ?? {}));
  settle(apply, one.refuse, (found) => {
    if (stated(one.final_xp)) assert.equal(BigInt(found.finalXp), big(one.final_xp));
    if (!stated(one.steps)) return;
    assert.equal(found.steps.length, one.steps.length);
    for (const [order, step] of one.steps.entries()) {
      const expected = {
        order: stated(step.order) ? small(step.order) : order,
        type: step.type,
        multiplier: decimal(step.multiplier),
        reason: step.reason ?? found.steps[order].reason,
        xpBefore: small(step.xp_before),
        xpAfter: small(step.xp_after),
      };
      assert.deepEqual(found.steps[order], expected);
    }
  });
}

/** A multiplier's shortest text. */
function decimal(given) {
  const text = given instanceof Num ? given.text : given;
  const [whole, fraction = ""] = text.split(".");
  const digits = fraction.replace(/0+$/, "");
  return BigInt(whole).toString() + (digits === "" ? "" : `.${digits}`);
}

function contextOf(given) {
  const factor = (id) => {
    const multiplier = given[`${id}_multiplier`];
    return stated(multiplier) ? { id, multiplier: plain(multiplier) } : null;
  };
  const { title } = given;
  return {
    currentStreak: small(given.current_streak ?? "0"),
    weekend: given.weekend ?? false,
    season: factor("season"),
    title: stated(title)
      ? { id: "title", passiveType: title.passive_type, passiveValue: plain(title.passive_value) }
      : null,
    dungeon: factor("dungeon"),
    debuffed: given.debuffed ?? false,
  };
}

/** An instant's text from the file's microseconds, which may lie beyond a number. */
function instantOf(micros) {
  const seconds = micros >= 0n ? micros / 1_000_000n : -((-micros + 999_999n) / 1_000_000n);
  const rest = micros - seconds * 1_000_000n;
  const date = new Date(Number(seconds) * 1_000).toISOString();
  return date.replace(/\.\d+Z$/, `.${rest.toString().padStart(6, "0")}Z`);
}

async function ledger(tally) {
  for (const [name, text] of files("ledger")) {
    const { events, hashes } = parse(text);
    for (const [index, event] of events.entries()) {
      await tally.count(`ledger/${name}[${index}]`, () => {
        const previous = index === 0 ? "0".repeat(64) : hashes[index - 1];
        assert.equal(hashEvent(previous, eventOf(event), (event.modifiers ?? []).map(modifierOf)), hashes[index]);
      });
    }
    if (events.length !== hashes.length) {
      await tally.count(`ledger/${name}`, () => assert.equal(hashes.length, events.length));
    }
  }
}

const eventOf = (given) => ({
  id: given.id,
  userId: given.user_id,
  eventSource: given.event_source,
  sourceId: given.source_id ?? null,
  baseXp: small(given.base_xp),
  finalXp: small(given.final_xp),
  totalXpBefore: integer(given.total_xp_before),
  totalXpAfter: integer(given.total_xp_after),
  levelBefore: small(given.level_before),
  levelAfter: small(given.level_after),
  createdAt: instantOf(integer(given.created_at)),
  eventHash: "0".repeat(64),
});

const modifierOf = (given) => ({
  id: "not hashed",
  order: small(given.order),
  type: given.type,
  multiplier: plain(given.multiplier),
  reason: given.reason,
  xpBefore: small(given.xp_before),
  xpAfter: small(given.xp_after),
});

async function rulesetError(tally) {
  for (const [name, text] of files("ruleset_error")) {
    for (const [index, one] of parse(text, ["ruleset"]).cases.entries()) {
      await tally.count(`ruleset_error/${name}[${index}]`, () => {
        const line = ({ path, code }) => `${path} ${code}`;
        let found = [];
        try {
          Ruleset.parse(one.ruleset_text ?? one.ruleset ?? "null");
        } catch (error) {
          assert.equal(error.code, "INVALID_RULESET");
          for (const fault of error.facts.errors) assert.ok(fault.line >= 1 && fault.column >= 1);
          found = error.facts.errors.map(line);
        }
        assert.deepEqual(found.sort(), one.errors.map(line).sort());
      });
    }
  }
}

async function narrative(tally) {
  for (const [name, text] of files("narrative")) {
    const file = parse(text, ["ruleset"]);
    const ruleset = new Shared(() => Ruleset.parse(file.ruleset));
    for (const [index, one] of file.cases.entries()) {
      await tally.count(`narrative/${name}[${index}]`, () => {
        const variables = plain(one.variables ?? {});
        if (stated(one.key)) {
          settle(() => ruleset.get().tell(one.key, variables), one.refuse, (told) => assert.equal(told, one.text));
        } else if (stated(one.category)) {
          const keys = () => ruleset.get().narrativesAbout(one.category);
          settle(keys, one.refuse, (found) => assert.deepEqual(found, one.keys));
        } else {
          const event = camel(plain(one.event));
          const told = () => new Engine(ruleset.get()).narrate(new Player("p1"), event, variables);
          settle(told, one.refuse, (found) => assert.deepEqual(found, plain(one.told ?? [])));
        }
      });
    }
  }
}

/** A value of the wire as the package's own: keys in camelCase, 64-bit integers as bigint. */
const BIG = new Set(["totalXpBefore", "totalXpAfter", "amount"]);
function camel(value) {
  if (Array.isArray(value)) return value.map(camel);
  if (value === null || typeof value !== "object") return value;
  const entries = Object.entries(value).map(([key, inner]) => {
    const name = key.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase());
    return [name, BIG.has(name) ? BigInt(inner) : camel(inner)];
  });
  return Object.fromEntries(entries);
}

/** A step's command: what is left of the step, as the package's type. */
function commandOf({ at: _at, expect: _expect, refuse: _refuse, metrics, amount: given, ...rest }) {
  const command = camel(plain(rest));
  if (stated(metrics)) command.metrics = plain(metrics);
  if (stated(given)) command.amount = big(given);
  return command;
}

/** A value of the package's as the wire has it: to compare with what a vector pins. */
function wire(value) {
  if (typeof value === "bigint") return value.toString();
  if (Array.isArray(value)) return value.map(wire);
  if (value === null || typeof value !== "object") return value;
  const snake = (key) => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [snake(key), wire(inner)]));
}

/** Whether `found` has every field that `expected` pins; integers may be numbers or decimal strings. */
function pins(path, found, expected) {
  if (expected instanceof Num) {
    assert.equal(typeof found === "string" ? found : JSON.stringify(found), expected.text.replace(/\.0$/, ""), path);
  } else if (Array.isArray(expected)) {
    assert.ok(Array.isArray(found) && found.length === expected.length, `${path}: ${JSON.stringify(found)}`);
    expected.forEach((inner, index) => pins(`${path}[${index}]`, found[index], inner));
  } else if (expected !== null && typeof expected === "object") {
    assert.ok(found !== null && typeof found === "object", path);
    for (const [key, inner] of Object.entries(expected)) pins(`${path}.${key}`, found[key] ?? null, inner);
  } else if (typeof expected === "string") {
    assert.equal(typeof found === "number" ? String(found) : found, expected, path);
  } else assert.equal(found, expected, path);
}

/** The player as the rules' `final` shows it, from its own text. */
function atEnd(player) {
  const { id, state } = parse(player.serialize());
  const held = state.titles.filter((title) => title.revoked_at === null);
  const plainly = (value) => (value instanceof Num ? value.text : value);
  assert.equal(player.ledgerHead.hash, state.ledger.hash);
  return {
    id,
    level: plainly(state.level),
    total_xp: player.totalXp.toString(),
    current_streak: plainly(state.current_streak),
    longest_streak: plainly(state.longest_streak),
    perfect_streak: plainly(state.perfect_streak),
    debuff_active_until: state.debuff_active_until,
    str: plainly(state.stats.str),
    agi: plainly(state.stats.agi),
    vit: plainly(state.stats.vit),
    disc: plainly(state.stats.disc),
    timezone: state.zone,
    active_title_id: state.active_title,
    season_xp: Object.fromEntries(state.seasons.map((joined) => [joined.season, plainly(joined.season_xp)])),
    titles: held.map((title) => title.title),
    ledger_head: player.ledgerHead.hash,
  };
}

/** The engine in memory. */
class Memory {
  begin(ruleset, { id, timezone }) {
    this.engine = new Engine(Ruleset.parse(ruleset));
    this.player = new Player(id, timezone ?? "UTC");
  }
  step(at, command) {
    return this.engine.apply(this.player, at, command);
  }
  async atEnd() {
    return atEnd(this.player);
  }
  async close() {}
}

/** A store: the same commands, with every row written and read again between them. */
class Stored {
  constructor(open) {
    this.open = open;
  }
  async begin(ruleset, { id, timezone }) {
    this.store = await this.open();
    this.id = id;
    await this.store.importRuleset(Ruleset.parse(ruleset), "0001-01-01T00:00:00Z");
    await this.store.createPlayer({ id, timezone });
  }
  async step(at, command) {
    return (await this.store.execute(this.id, at, command)).events;
  }
  async atEnd() {
    assert.equal((await this.store.verify(this.id)).verification.failure, null);
    return atEnd(await this.store.state(this.id));
  }
  async close() {
    await this.store.close();
  }
}

async function scenarios(target, tally) {
  for (const [name, text] of files("scenario")) {
    const file = parse(text, ["ruleset"]);
    for (const [index, scenario] of (Array.isArray(file) ? file : [file]).entries()) {
      await tally.count(`scenario/${name}[${index}]`, () => play(scenario, target));
    }
  }
}

async function play(scenario, target) {
  await target.begin(scenario.ruleset, scenario.player);
  try {
    for (const [number, step] of scenario.steps.entries()) {
      const place = `step ${number} at ${step.at}`;
      let events;
      try {
        events = await target.step(step.at, commandOf(step));
      } catch (error) {
        if (!stated(step.refuse)) throw new Error(`${place}: ${error.message}`, { cause: error });
        // An instant that is none is refused before the rules see it.
        const code = /RFC 3339/.test(error.message) ? "INVALID_INSTANT" : error.code;
        assert.equal(code, step.refuse, `${place}: ${error.message}`);
        continue;
      }
      assert.ok(!stated(step.refuse), `${place}: expected ${step.refuse}, but it was accepted`);
      if (stated(step.expect)) pins(place, wire(events), step.expect);
    }
    pins("final", await target.atEnd(), scenario.final ?? {});
  } finally {
    await target.close();
  }
}

async function every(name, target) {
  const tally = new Tally();
  for (const suite of [curve, requirement, award, ledger, rulesetError, narrative]) await suite(tally);
  await scenarios(target, tally);
  tally.report(name);
}

test("vectors on core", () => every("core", new Memory()));

test("vectors on SQLite", () =>
  every("sqlite", new Stored(async () => {
    const store = await Store.open("sqlite::memory:");
    await store.migrate();
    return store;
  })));

/** Runs on a database of its own on a server, and drops it. */
async function onDatabase(url, run) {
  const name = `levelkit_node_${process.pid}`;
  const server = new pg.Client({ connectionString: url });
  await server.connect();
  await server.query(`DROP DATABASE IF EXISTS ${name}`);
  await server.query(`CREATE DATABASE ${name}`);
  try {
    const own = url.replace(/^(\w+:\/\/[^/]*\/)[^?]*/, `$1${name}`);
    await run(own);
  } finally {
    await server.query(`DROP DATABASE ${name} WITH (FORCE)`);
    await server.end();
  }
}

const skip = process.env.DATABASE_URL ? false : "DATABASE_URL is not set";
test("vectors on PostgreSQL", { skip }, () =>
  onDatabase(process.env.DATABASE_URL, async (url) => {
    // The vectors mean every instant as it is written.
    const store = await Store.open(url, { clockToleranceMs: 0 });
    await store.migrate();
    const eraser = new pg.Client({ connectionString: url });
    await eraser.connect();
    const { rows } = await eraser.query(
      `SELECT string_agg(format('DELETE FROM %I.%I;', schemaname, tablename), ' ') AS statements FROM pg_tables
       WHERE schemaname IN ('public', 'levelkit') AND tablename <> 'migrations'`,
    );
    // The ledger is guarded: only a superuser's replica role may empty it.
    const empty = `SET session_replication_role = replica; ${rows[0].statements}`;
    // Emptied between scenarios instead of opened anew.
    const shared = new Stored(async () => (await eraser.query(empty), store));
    shared.close = async () => {};
    try {
      await every("postgresql", shared);
    } finally {
      await store.close();
      await eraser.end();
    }
  }));
