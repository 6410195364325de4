// The package as npm packs it, installed into an empty folder: its quickstart and the story run there.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";

const HERE = join(import.meta.dirname, "..");
const ROOT = join(HERE, "../..");
const folder = mkdtempSync(join(tmpdir(), "levelkit-node-"));
after(() => rmSync(folder, { recursive: true }));

const run = (program, ...words) => execFileSync(program, words, { cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
/** A README's quickstart: its code, and what it says that it prints. */
const quickstart = (folder) => {
  const section = readFileSync(join(folder, "README.md"), "utf8").split("\n## Quickstart\n")[1];
  return section.match(/```js\n([^]*?)```[^]*?```text\n([^]*?)```/).slice(1);
};

test("it packs and installs", () => {
  const [{ filename, files }] = JSON.parse(execFileSync("npm", ["pack", "--json", "--pack-destination", folder], { cwd: HERE, encoding: "utf8" }));
  const names = files.map(({ path }) => path);
  for (const name of ["index.cjs", "index.mjs", "index.d.ts", "index.d.mts", "types.d.ts", "documents.d.ts", "native.cjs", "README.md"]) {
    assert.ok(names.includes(name), `${name} is not packed`);
  }
  for (const name of ["LICENSE-APACHE", "LICENSE-MIT"]) {
    assert.ok(names.includes(name), `${name} is not packed`);
    assert.equal(readFileSync(join(HERE, name), "utf8"), readFileSync(join(ROOT, name), "utf8"));
  }
  assert.ok(!names.some((name) => name.startsWith("src/") || name.startsWith("test/")));
  writeFileSync(join(folder, "package.json"), '{ "type": "module", "private": true }');
  run("npm", "install", "--offline", "--no-audit", "--no-fund", "--silent", join(folder, filename));
});

test("the READMEs' quickstart runs and prints what it says", () => {
  const [code, printed] = quickstart(ROOT);
  assert.deepEqual(quickstart(HERE), [code, printed]);
  writeFileSync(join(folder, "quickstart.mjs"), code);
  assert.equal(run(process.execPath, "quickstart.mjs"), printed);
});

test("require runs too", () => {
  writeFileSync(join(folder, "required.cjs"), 'console.log(require("levelkit").version());');
  assert.equal(run(process.execPath, "required.cjs").trim(), JSON.parse(readFileSync(join(HERE, "package.json"), "utf8")).version);
});

test("the story compiles against the package and is the same in every language", () => {
  mkdirSync(join(folder, "node_modules/@types"), { recursive: true });
  symlinkSync(join(HERE, "node_modules/@types/node"), join(folder, "node_modules/@types/node"));
  symlinkSync(join(HERE, "node_modules/undici-types"), join(folder, "node_modules/undici-types"));
  cpSync(join(ROOT, "examples/story/node/story.ts"), join(folder, "story.ts"));
  const tsc = join(HERE, "node_modules/typescript/bin/tsc");
  const strict = ["--strict", "--noUncheckedIndexedAccess", "--exactOptionalPropertyTypes", "--noImplicitReturns", "false"];
  run(process.execPath, tsc, ...strict, "--target", "es2023", "--module", "nodenext", "--types", "node", "story.ts");
  const told = execFileSync(process.execPath, [join(folder, "story.js")], { cwd: ROOT, encoding: "utf8" });
  assert.equal(told, readFileSync(join(ROOT, "examples/story/expected.txt"), "utf8"));
});
