// Memory stays where it is, and what a call costs. LEVELKIT_CALLS sets how many calls (100,000 by default).
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";

import { Engine, LevelkitError, Player, Requirement, Ruleset, version } from "levelkit";

const CALLS = Number(process.env.LEVELKIT_CALLS ?? 100_000);
const AT = "2026-03-02T20:00:00Z";
const requirements = { type: "numeric", metric: "steps", op: ">=", value: 8000 };
const quest = { id: "walk", name: "Walk", description: "d", type: "DAILY", category: "MOVEMENT", requirements, base_xp: 100, is_core: true };
const report = { do: "report", metrics: { steps: 9000, ok: true } };
const ready = () => [new Engine(Ruleset.fromObject({ format: "levelkit.ruleset/1", quests: [quest] })), new Player("p")];

function calls() {
  const [engine, player] = ready();
  const requirement = new Requirement(requirements);
  return () => {
    engine.apply(player, AT, report);
    engine.preview(player, AT, { do: "advance" });
    requirement.explain({ steps: 5 });
    try {
      engine.apply(player, AT, { do: "start_boss", boss: "none" });
    } catch (error) {
      if (!(error instanceof LevelkitError)) throw error;
    }
  };
}

if (process.argv[2] === "measure") {
  const call = calls();
  // Errors and references are let go of between turns of the event loop.
  const many = async (times) => {
    for (let turn = 0; turn < times; turn += 500) {
      for (let number = 0; number < 500; number += 1) call();
      await new Promise(setImmediate);
    }
    global.gc();
    await new Promise(setImmediate);
    global.gc();
    return Math.round(process.memoryUsage.rss() / 1024);
  };
  await many(2_500);
  const before = await many(2_500);
  console.log(before, await many(CALLS / 4));
  process.exit(0);
}

test("memory stays where it is", () => {
  const words = ["--expose-gc", "--max-semi-space-size=1", import.meta.filename, "measure"];
  const [before, after] = execFileSync(process.execPath, words, { encoding: "utf8" }).split(" ").map(Number);
  console.log(`memory: node: ${before} KiB after 20,000 calls, ${after} KiB after ${CALLS + 20_000}`);
  assert.ok(after <= before * 1.1, `${before} KiB became ${after} KiB`);
});

test("what a call costs", () => {
  const nanoseconds = (run, times) => {
    let best = Infinity;
    for (let round = 0; round < 5; round += 1) {
      const started = process.hrtime.bigint();
      for (let number = 0; number < times; number += 1) run();
      best = Math.min(best, Number(process.hrtime.bigint() - started) / times);
    }
    return Math.round(best);
  };
  const [engine, player] = ready();
  engine.apply(player, AT, report);
  const empty = nanoseconds(version, 100_000);
  const reporting = nanoseconds(() => engine.apply(player, AT, report), 5_000);
  console.log(`cost: node: ${empty} ns for an empty call, ${reporting} ns for a report (this build)`);
  // Generous: an optimised build takes a tenth of it.
  assert.ok(empty < 10_000 && reporting < 1_000_000);
});
