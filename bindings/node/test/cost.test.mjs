// Memory stays where it is, and what a call costs, beside Rust. LEVELKIT_CALLS sets how many calls (a million by default).
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { Curve, Engine, LevelkitError, Player, Requirement, Ruleset } from "levelkit";

const CALLS = Number(process.env.LEVELKIT_CALLS || 1_000_000);
const WORK = JSON.parse(readFileSync(join(import.meta.dirname, "../../../tests/cost/workload.json"), "utf8"));
const HOURS = Array.from({ length: WORK.reports }, (_, n) => new Date(Date.parse(WORK.start) + n * 3_600_000).toISOString());

const engine = new Engine(Ruleset.fromObject(WORK.ruleset));
const curve = new Curve();
const requirement = new Requirement(WORK.ruleset.quests[0].requirements);

/** The workload's reports, with other calls between them; every call counts. */
function play(between = () => {}) {
  const player = new Player(WORK.player);
  for (let n = 0; n < WORK.reports; n += 1) {
    engine.execute(player, HOURS[n], { do: "report", metrics: { steps: (n * 997) % 10_000 } });
    between(player, n);
  }
  return player.ledgerHead.hash;
}

/** One call more: mostly an empty one, and now and then one that answers much, or that throws. */
function other(player, n) {
  if (n % 10 === 4) return requirement.explain({ steps: 5 });
  if (n % 10 !== 9) return curve.maxLevel;
  return assert.throws(() => engine.execute(player, HOURS[n], { do: "start_boss", boss: "none" }), LevelkitError);
}

if (process.argv[2] === "measure") {
  // Errors and references are let go of between turns of the event loop.
  const many = async (calls) => {
    for (let left = calls; left > 0; left -= 2 * WORK.reports) {
      assert.equal(play(other), WORK.head);
      await new Promise(setImmediate);
    }
    global.gc();
    await new Promise(setImmediate);
    global.gc();
    return Math.round(process.memoryUsage.rss() / 1024);
  };
  const before = await many(10_000);
  console.log(before, await many(CALLS - 10_000));
  process.exit(0);
}

test("memory stays where it is", () => {
  const words = ["--expose-gc", "--max-semi-space-size=1", import.meta.filename, "measure"];
  const [before, after] = execFileSync(process.execPath, words, { encoding: "utf8" }).split(" ").map(Number);
  console.log(`memory: node: ${before} KiB after 10,000 calls, ${after} KiB after ${CALLS.toLocaleString("en")}`);
  assert.ok(after <= before * 1.1, `${before} KiB became ${after} KiB`);
});

test("what a call costs", () => {
  assert.equal(play(), WORK.head);
  const best = (round) => {
    let best = Infinity;
    for (let number = 0; number < 20; number += 1) {
      const started = process.hrtime.bigint();
      round();
      best = Math.min(best, Number(process.hrtime.bigint() - started));
    }
    return best;
  };
  const empty = best(() => {
    for (let number = 0; number < 10_000; number += 1) curve.maxLevel;
  }) / 10_000;
  const report = best(() => play()) / WORK.reports;
  const [rustsEmpty, rustsReport] = (process.env.LEVELKIT_COST_RUST || "NaN NaN").split(" ").map(Number);
  const beside = (own, rusts, unit, shown) => (Number.isNaN(rusts) ? "" : ` (Rust ${shown} ${unit}, ${(own / rusts).toFixed(1)} times that)`);
  console.log(
    `cost: node: an empty call ${empty.toFixed(0)} ns${beside(empty, rustsEmpty, "ns", rustsEmpty)}, ` +
      `a report in memory ${(report / 1000).toFixed(1)} us${beside(report, rustsReport, "us", (rustsReport / 1000).toFixed(1))}`,
  );
});
