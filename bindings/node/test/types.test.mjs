// The declarations: strict, without a loose type anywhere.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { test } from "node:test";

const HERE = join(import.meta.dirname, "..");

test("tsc accepts what is right and refuses what is wrong", () => {
  const tsc = join(HERE, "node_modules/typescript/bin/tsc");
  try {
    execFileSync(process.execPath, [tsc, "-p", "test/types"], { cwd: HERE, encoding: "utf8" });
  } catch (error) {
    assert.fail(error.stdout);
  }
});

test("no any, no object, no unknown", () => {
  for (const name of ["index.d.ts", "types.d.ts", "documents.d.ts"]) {
    const code = readFileSync(join(HERE, name), "utf8").replace(/\/\*[^]*?\*\/|\/\/.*/g, "");
    const loose = code.match(/[:<|(,=]\s*(any|object|unknown|Function|Object)\b/g);
    assert.equal(loose, null, `${name}: ${loose}`);
  }
});

test("every declared verb is there, and every verb declared", () => {
  const declared = readFileSync(join(HERE, "index.d.ts"), "utf8");
  const levelkit = createRequire(import.meta.url)("../index.cjs");
  const names = [...declared.matchAll(/^export declare (?:class|function|const) (\w+)/gm)].map(([, name]) => name);
  assert.deepEqual(names.sort(), Object.keys(levelkit).sort());
  const classes = [...declared.matchAll(/^export declare class (\w+) \{/gm)].map(([, name]) => name);
  for (const name of classes) {
    const body = declared.match(new RegExp(`export declare class ${name} \\{([^]*?)\\n\\}`))[1];
    for (const [verb] of Object.entries(Object.getOwnPropertyDescriptors(levelkit[name].prototype))) {
      assert.ok(verb === "constructor" || new RegExp(`\\b${verb}\\(`).test(body), `${name}.${verb} is not declared`);
    }
  }
});
