// Whatever goes wrong is an error that JavaScript can catch, and nothing else.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";
import { runInNewContext } from "node:vm";
import { Worker } from "node:worker_threads";

import * as esm from "levelkit";

const require = createRequire(import.meta.url);
const native = require("../native.cjs");
const { Curve, Engine, LevelkitError, ModifierStack, Player, Requirement, Ruleset, Store } = esm;

const RULES = {
  format: "levelkit.ruleset/1",
  quests: [
    {
      id: "walk", name: "Walk", description: "8,000 steps", type: "DAILY", category: "MOVEMENT",
      requirements: { type: "numeric", metric: "steps", op: ">=", value: 8000 },
      base_xp: 100, is_core: true,
    },
  ],
};
const AT = "2026-03-02T20:00:00Z";
const WALK = { do: "report", metrics: { steps: 9000 } };

test("import and require are the same", () => {
  const cjs = require("levelkit");
  assert.deepEqual(Object.keys(cjs).sort(), Object.keys(esm).sort());
  for (const name of Object.keys(cjs)) assert.equal(cjs[name], esm[name]);
});

test("a refusal throws with code and facts, and changes nothing", () => {
  const engine = new Engine(Ruleset.fromObject(RULES));
  const player = new Player("p", "Europe/Berlin");
  engine.apply(player, AT, WALK);
  const before = player.serialize();
  assert.throws(
    () => engine.apply(player, "2026-03-01T20:00:00Z", { do: "advance" }),
    (error) => {
      assert.ok(error instanceof LevelkitError && error instanceof Error);
      assert.equal(error.name, "LevelkitError");
      assert.equal(error.code, "TIME_BACKWARDS");
      assert.deepEqual(error.facts, {
        code: "TIME_BACKWARDS", at: "2026-03-01T20:00:00.000000Z", lastAt: "2026-03-02T20:00:00.000000Z",
      });
      assert.match(error.stack, /errors\.test/);
      return true;
    },
  );
  assert.equal(player.serialize(), before);
  const batch = [{ at: "2026-03-03T20:00:00Z", command: WALK }, { at: AT, command: { do: "advance" } }];
  assert.throws(() => engine.applyAll(player, batch), { code: "TIME_BACKWARDS" });
  assert.equal(player.serialize(), before);
  assert.equal(Player.deserialize(before).serialize(), before);
  assert.throws(() => Player.deserialize("{}"), { code: "INVALID_ARGUMENT" });
  assert.throws(() => new Player("p", "Nowhere/Land"), { code: "INVALID_TIMEZONE" });
  assert.throws(() => new Player(""), { code: "INVALID_TEXT" });
});

test("a ruleset's faults come with path, code, line and column", () => {
  assert.throws(
    () => Ruleset.parse("format: levelkit.ruleset/1\nquests:\n  - {id: 7}\n", "yaml"),
    (error) => {
      assert.equal(error.code, "INVALID_RULESET");
      const [first] = error.facts.errors;
      assert.deepEqual([first.path, first.code, first.line], ["quests[0].name", "MISSING_FIELD", 3]);
      return error.facts.errors.length > 3;
    },
  );
  assert.throws(() => Ruleset.parse("", "xml"), { code: "INVALID_ARGUMENT" });
  assert.throws(() => Ruleset.fromObject(null), { code: "INVALID_RULESET" });
  const many = Array.from({ length: 60 }).reduce((inner) => [inner, inner], {});
  for (const quests of [new Array(2 ** 32 - 1), many]) {
    assert.throws(() => Ruleset.fromObject({ format: "levelkit.ruleset/1", quests }), { code: "INVALID_ARGUMENT" });
  }
  assert.throws(() => new Curve({ family: "table", thresholds: [0, 0], step: 1 }), { code: "INVALID_RULESET" });
  assert.throws(() => new Requirement("{"), { code: "INVALID_RULESET" });
  assert.equal(new Curve().threshold(10), 6000n);
  assert.equal(new Curve({ family: "power", base: 100n, p: 2, max_level: 1000 }).threshold(3), 300n);
  assert.deepEqual(new Curve().levels([0, 6000n, 2n ** 63n - 1n]).slice(0, 2), [1, 10]);
  assert.deepEqual(new Curve().thresholds([1, 2, -1]), [0n, 280n, null]);
  assert.equal(new ModifierStack().apply(100, "QUEST_COMPLETION", { weekend: true }).finalXp, 110);
  const batch = [{ baseXp: 100, source: "QUEST_COMPLETION" }, { baseXp: 1, source: "TITLE_BONUS", context: { weekend: true } }];
  assert.deepEqual(new ModifierStack().applyAll(batch).map(({ finalXp }) => finalXp), [100, 1]);
  const steps = new Requirement({ type: "numeric", metric: "steps", op: ">=", value: 10 });
  assert.deepEqual(steps.evaluateAll([{ steps: 10 }, { steps: 5 }, {}]).map(({ state }) => state), ["MET", "NOT_MET", "UNKNOWN"]);
});

test("what the host's own objects throw comes back as it is", async () => {
  const engine = new Engine(Ruleset.fromObject(RULES));
  const player = new Player("p");
  const boom = new RangeError("boom");
  const getter = { do: "report", get metrics() { throw boom; } };
  const proxy = new Proxy({}, { ownKeys() { throw boom; } });
  const thrown = (run) => {
    try {
      run();
    } catch (error) {
      return error;
    }
    return undefined;
  };
  assert.equal(thrown(() => engine.apply(player, AT, getter)), boom);
  assert.equal(thrown(() => engine.apply(player, AT, proxy)), boom);
  const store = await Store.open("sqlite::memory:");
  for (const own of [{ code: 7 }, Object.freeze(new Error("ice")), () => 7, [7], new Proxy({}, {}), Object.create(null)]) {
    const throwing = { get do() { throw own; } };
    assert.equal(thrown(() => engine.apply(player, AT, throwing)), own);
    assert.equal(thrown(() => Ruleset.fromObject(throwing)), own);
    assert.equal(await store.execute("p", AT, throwing).catch((error) => error), own);
  }
  await store.close();
  assert.equal(thrown(() => Ruleset.fromObject({ get format() { throw 7; } })).code, "INVALID_ARGUMENT");
  // A getter may even use the very same player.
  const again = { do: "report", get metrics() { engine.apply(player, AT, WALK); return { steps: 9001 }; } };
  assert.ok(engine.apply(player, AT, again).length >= 0);
  assert.equal(player.totalXp, 100n);
});

test("wrong receivers", () => {
  assert.throws(() => Engine.prototype.apply.call({}, new Player("p"), AT, WALK));
  assert.throws(() => Object.getOwnPropertyDescriptor(Player.prototype, "level").get.call(new Curve()));
  assert.throws(() => Engine());
});

test("wrong instances are errors of levelkit's own", async () => {
  const ruleset = Ruleset.fromObject(RULES);
  const engine = new Engine(ruleset);
  const forged = (own, other) => Object.setPrototypeOf(own, other.prototype);
  const refused = (name) => (error) =>
    error instanceof LevelkitError && error.code === "INVALID_ARGUMENT" && error.message.includes(`instance of ${name}`);
  for (const wrong of [undefined, null, 7, {}, ruleset, new Proxy(new Player("p"), {}), forged(new Curve(), Player)]) {
    assert.throws(() => engine.apply(wrong, AT, WALK), refused("Player"));
  }
  const store = await Store.open("sqlite::memory:");
  for (const wrong of [undefined, null, {}, engine, forged(new Player("p"), Ruleset)]) {
    assert.throws(() => new Engine(wrong), refused("Ruleset"));
    assert.throws(() => new Engine(ruleset, [ruleset, wrong]), refused("Ruleset"));
    await assert.rejects(store.importRuleset(wrong, AT), refused("Ruleset"));
  }
  assert.throws(() => engine.apply(), refused("Player"));
  // It claims a length that no memory holds.
  assert.throws(() => new Engine(ruleset, new Array(2 ** 32 - 1)), refused("Ruleset"));
  for (const wrong of [7, "ruleset", {}]) assert.throws(() => new Engine(ruleset, wrong), { code: "INVALID_ARGUMENT" });
  assert.equal(new Engine(ruleset, [ruleset]).ruleset.hash, new Engine(ruleset, null).ruleset.hash);
  await store.close();
});

test("a promise that nobody awaited is no empty object", () => {
  const engine = new Engine(Ruleset.fromObject(RULES));
  const report = (metrics) => engine.apply(new Player("p"), AT, { do: "report", metrics });
  for (const wrong of [Promise.resolve({ steps: 9000 }), new Map([["steps", 9000]]), new Set(), /x/, new Number(9000)]) {
    assert.throws(() => report(wrong), { code: "INVALID_ARGUMENT" });
  }
  for (const metrics of [{}, Object.create(null), new Proxy({}, {}), runInNewContext("({})"), new (class { steps = 9000; })()]) {
    assert.ok(report(metrics).length > 0);
  }
});

test("a panic is an error", async () => {
  const error = { code: "INTERNAL_ERROR", message: "a defect of levelkit: ouch" };
  assert.throws(() => native.panicForTest("ouch"), error);
  await assert.rejects(native.panicLaterForTest("ouch"), error);
});

test("a store promises, and rejects", async () => {
  const store = await Store.open("sqlite::memory:");
  await assert.rejects(store.player("p"), { code: "NOT_MIGRATED", hint: "migrate the store first" });
  const migrated = await store.migrate();
  assert.equal(migrated.before, 0);
  await assert.rejects(store.ruleset(), { code: "NO_RULESET" });
  await store.importRuleset(Ruleset.fromObject(RULES), AT);
  assert.equal((await store.ruleset()).hash, Ruleset.fromObject(RULES).hash);
  assert.equal(await store.exportRuleset(), Ruleset.fromObject(RULES).canonical);
  assert.equal(await store.createPlayer({ id: "p" }), true);
  assert.equal(await store.createPlayer({ id: "p" }), false);
  await assert.rejects(store.execute("q", AT, WALK), (error) => {
    assert.deepEqual(error.facts, { code: "UNKNOWN_ID", kind: "player", id: "q" });
    return error instanceof LevelkitError;
  });
  // Wrong arguments reject too, so that there is one place to catch.
  await assert.rejects(store.execute("p", "yesterday", WALK), { code: "INVALID_ARGUMENT" });
  await assert.rejects(Store.open("mysql://x"), { code: "INVALID_URL" });
  await assert.rejects(Store.open("sqlite::memory:", { readers: -1 }), { code: "INVALID_ARGUMENT" });
  const outcomes = await store.executeAll("p", [{ at: AT, command: WALK }, { at: "2026-03-03T20:00:00Z", command: WALK }]);
  assert.equal(outcomes.length, 2);
  assert.equal((await store.player("p")).totalXp, 200n);
  assert.equal((await store.preview("p", "2026-03-04T20:00:00Z", WALK)).some(({ event }) => event === "XP_AWARDED"), true);
  assert.equal((await store.players()).length, 1);
  assert.equal((await store.players("p", 5)).length, 0);
  assert.ok((await store.timeline("p", AT)).length > 0);
  const page = await store.ledger("p", null, 1);
  assert.equal(page.entries.length, 1);
  const rest = await store.ledger("p", page.next);
  const entries = [...page.entries, ...rest.entries];
  const { head } = outcomes[1];
  assert.equal(esm.verifyLedger(entries, [{ hash: head.hash, events: head.events }]).failure, null);
  entries[1].event.finalXp += 1;
  assert.equal(esm.verifyLedger(entries).failure.kind, "SUM");
  assert.equal((await store.verifyAll()).players, 1n);
  assert.equal((await store.rollOver("2026-03-09T20:00:00Z")).advanced[0], "p");
  await assert.rejects(store.leaderboard("none", AT), { code: "UNKNOWN_ID" });
  await assert.rejects(store.standing("none", "p"), { code: "UNKNOWN_ID" });
  await assert.rejects(store.refreshLeaderboard("none", AT), { code: "UNKNOWN_ID" });
  assert.equal((await store.schemaVersion()).found, migrated.after);
  await store.close();
});

test("many players at once", async () => {
  const store = await Store.open("sqlite::memory:");
  await store.migrate();
  await store.importRuleset(Ruleset.fromObject(RULES), AT);
  for (const id of ["p", "q"]) await store.createPlayer({ id });
  const metrics = { steps: 9000 };
  const later = (days) => new Date(Date.parse(AT) + days * 86_400_000);
  const done = await store.reportMany([
    { player: "p", at: AT, metrics }, { player: "nobody", at: AT, metrics },
    { player: "q", at: later(40), metrics, specials: ["party"] },
  ]);
  assert.deepEqual(done.accepted.map(({ index, player }) => [index, player]), [[0, "p"], [2, "q"]]);
  assert.deepEqual(done.refused, [{ index: 1, player: "nobody", refusal: { code: "UNKNOWN_ID", kind: "player", id: "nobody" } }]);
  assert.deepEqual(done.failed, []);
  assert.equal((await store.player("p")).totalXp, 100n);
  // p has sent nothing for 42 days, q for two.
  assert.deepEqual(await store.rollOver(later(42), null, 30), { advanced: ["q"], refused: [], failed: [], more: false });
  assert.deepEqual((await store.rollOver(later(42))).advanced, ["p"]);
  await assert.rejects(store.reportMany([{ player: "p", at: AT }]), { code: "INVALID_ARGUMENT" });
  await store.close();
});

test("closing while in use waits; afterwards every call rejects", async () => {
  const store = await Store.open("sqlite::memory:");
  await store.migrate();
  await store.importRuleset(Ruleset.fromObject(RULES), AT);
  await store.createPlayer({ id: "p" });
  const under_way = Array.from({ length: 50 }, () => store.execute("p", AT, WALK));
  const closing = store.close();
  const settled = await Promise.allSettled(under_way);
  assert.ok(settled.every(({ status }) => status === "fulfilled"));
  await closing;
  await store.close();
  await assert.rejects(store.player("p"), { code: "STORE_CLOSED" });
});

test("the event loop goes on while a store works", async () => {
  const store = await Store.open("sqlite::memory:");
  await store.migrate();
  await store.importRuleset(Ruleset.fromObject(RULES), AT);
  await store.createPlayer({ id: "p" });
  let ticks = 0;
  const timer = setInterval(() => (ticks += 1), 1);
  const start = Date.parse(AT);
  const commands = Array.from({ length: 400 }, (_, day) => ({ at: new Date(start + day * 86_400_000), command: WALK }));
  await store.executeAll("p", commands);
  clearInterval(timer);
  assert.ok(ticks >= 3, `${ticks} ticks`);
  await store.close();
});

test("worker threads have their own errors and engines", async () => {
  const code = `
    const { parentPort } = require("node:worker_threads");
    const { Engine, LevelkitError, Player, Ruleset, Store } = require(${JSON.stringify(require.resolve("levelkit"))});
    const rules = Ruleset.fromObject(${JSON.stringify(RULES)});
    const player = new Player("p");
    const engine = new Engine(rules);
    for (let day = 1; day <= 28; day += 1) {
      engine.apply(player, new Date(Date.UTC(2026, 1, day, 20)), { do: "report", metrics: { steps: 9000 } });
    }
    let own = false;
    try { new Player(""); } catch (error) { own = error instanceof LevelkitError; }
    Store.open("sqlite::memory:").then((store) => store.close()).then(() => {
      parentPort.postMessage({ own, total: player.totalXp, head: player.ledgerHead.hash });
    });`;
  const run = () => new Promise((resolve, reject) => {
    const worker = new Worker(code, { eval: true });
    worker.on("message", resolve);
    worker.on("error", reject);
  });
  const [first, ...others] = await Promise.all(Array.from({ length: 4 }, run));
  assert.ok(first.own && first.total > 2800n);
  for (const other of others) assert.deepEqual(other, first);
});
