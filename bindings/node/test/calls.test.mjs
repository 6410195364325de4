// How a store takes its calls: in which order, with what left out, and what it refuses for now or for good.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Curve, Engine, LevelkitError, ModifierStack, Player, Ruleset, Store, verifyLedger } from "levelkit";

const CASE = JSON.parse(readFileSync(new URL("../../../tests/standings/small.json", import.meta.url), "utf8"));
const RULES = Ruleset.fromObject(CASE.ruleset);
const AT = CASE.at;
const WALK = { do: "report", metrics: { steps: 9000 } };
const after = (seconds) => new Date(Date.parse(AT) + seconds * 1_000);
/// A server that nobody is.
const NOBODY = "postgres://nobody@127.0.0.1:1/none";

async function opened(url = "sqlite::memory:") {
  const store = await Store.open(url, { outbox: true });
  await store.migrate();
  await store.importRuleset(RULES, AT);
  await store.createPlayer({ id: "p" });
  return store;
}

test("calls are done in the order in which they are made", async () => {
  for (let round = 0; round < 5; round += 1) {
    const store = await opened();
    // Each is refused as being of the past, should a later one overtake it.
    const calls = Array.from({ length: 400 }, (_, second) => store.execute("p", after(second), WALK));
    const refused = (await Promise.allSettled(calls)).filter(({ status }) => status === "rejected");
    assert.deepEqual(refused.map(({ reason }) => reason.code), []);
    // What one call makes, the next one may need.
    const [made, outcome] = await Promise.all([store.createPlayer({ id: "q" }), store.execute("q", AT, WALK)]);
    assert.ok(made && outcome.events.length > 0);
    await store.close();
  }
});

test("what was called before closing is answered, and nothing of it is lost", async () => {
  const folder = mkdtempSync(join(tmpdir(), "levelkit-"));
  const url = `sqlite:${join(folder, "hunters.db")}`;
  for (let round = 0; round < 5; round += 1) {
    const store = await opened(url);
    const calls = Array.from({ length: 50 }, (_, call) => store.execute("p", after(round * 50 + call), WALK));
    calls.push(store.player("p"), store.verify("p"));
    const closing = store.close();
    const late = store.execute("p", after(86_400), WALK);
    assert.deepEqual((await Promise.allSettled(calls)).filter(({ status }) => status === "rejected"), []);
    await assert.rejects(late, { code: "STORE_CLOSED", isTransient: false });
    await closing;
  }
  const store = await Store.open(url);
  assert.equal((await store.state("p")).lastAt, after(249).toISOString().replace("Z", "000Z"));
  await store.close();
  rmSync(folder, { recursive: true });
});

test("a misspelt field is no field left out", async () => {
  const store = await opened();
  for (const player of [{ id: "q", timeZone: "Europe/Berlin" }, { id: "q", nmae: "Quinn" }, { id: "q", name: "Quinn", age: 7 }]) {
    await assert.rejects(store.createPlayer(player), (error) => error.code === "INVALID_ARGUMENT" && /unknown field/.test(error.message));
  }
  const [at, command] = [AT, WALK];
  await assert.rejects(store.executeAll("p", [{ at, command, player: "q" }]), { code: "INVALID_ARGUMENT" });
  assert.equal(await store.createPlayer({ id: "q", name: "Quinn", timezone: null, email: undefined }), true);
  await store.close();
});

test("an error says whether the same again may succeed soon", async () => {
  const tries = [];
  /// As docs/errors.md has it.
  const trying = async (times, call) => {
    for (let left = times - 1; left > 0; left -= 1) {
      try {
        return await call();
      } catch (error) {
        if (!(error instanceof LevelkitError && error.isTransient)) throw error;
        tries.push(error.code);
      }
    }
    return call();
  };
  await assert.rejects(trying(3, () => Store.open(NOBODY)), { code: "STORE_UNAVAILABLE", isTransient: true });
  assert.deepEqual(tries.splice(0), ["STORE_UNAVAILABLE", "STORE_UNAVAILABLE"]);
  await assert.rejects(trying(3, () => Store.open("mysql://x")), { code: "INVALID_URL", isTransient: false });
  const store = await opened();
  await assert.rejects(trying(3, () => store.execute("nobody", AT, WALK)), { code: "UNKNOWN_ID", isTransient: false });
  assert.deepEqual(tries, []);
  await store.close();
});

test("a database that another store writes to is locked for now", async () => {
  const folder = mkdtempSync(join(tmpdir(), "levelkit-"));
  const url = `sqlite:${join(folder, "hunters.db")}`;
  const [busy, waiting] = [await opened(url), await Store.open(url, { busyTimeoutMs: 0 })];
  const commands = Array.from({ length: 400 }, (_, day) => ({ at: after(day * 86_400), command: WALK }));
  const done = busy.executeAll("p", commands);
  let locked = null;
  let is_done = false;
  done.then(() => (is_done = true));
  while (!locked && !is_done) await waiting.createPlayer({ id: "q" }).catch((error) => (locked = error));
  assert.deepEqual([locked?.code, locked?.isTransient], ["STORE_LOCKED", true]);
  await done;
  await waiting.createPlayer({ id: "q" });
  await Promise.all([busy.close(), waiting.close()]);
  rmSync(folder, { recursive: true });
});

test("what may be left out may be null", async () => {
  const store = await opened();
  await store.execute("p", AT, WALK);
  assert.deepEqual(await store.players(null, null), await store.players());
  assert.deepEqual(await store.player("p", null), await store.player("p"));
  assert.deepEqual(await store.timeline("p", null, null), await store.timeline("p"));
  const page = await store.ledger("p", null, null);
  assert.deepEqual(page, await store.ledger("p"));
  assert.deepEqual(await store.leaderboard(CASE.season, AT, null, null), await store.leaderboard(CASE.season, AT));
  assert.equal((await store.claimEvents("mailer", null, 60_000)).length, 1);
  await assert.rejects(store.claimEvents("mailer", null, null), { code: "INVALID_ARGUMENT" });
  await assert.rejects(store.claimEvents(null, null, 1), { code: "INVALID_ARGUMENT" });
  assert.equal(await store.standing(CASE.season, "p").then((standing) => standing?.player), "p");
  await store.close();
  await (await Store.open("sqlite::memory:", null)).close();
  assert.equal(verifyLedger(page.entries, null).failure, null);
  assert.equal(Ruleset.parse(RULES.canonical, null).hash, RULES.hash);
  assert.equal(new Player("p", null).timezone, "UTC");
  const [engine, player] = [new Engine(RULES, null), new Player("p", null)];
  assert.deepEqual(engine.apply(player, AT, WALK).flatMap((event) => engine.narrate(player, event, null)), []);
  assert.equal(new Curve(null).threshold(-1), null);
  assert.equal(new ModifierStack(null).apply(100, "QUEST_COMPLETION", null).finalXp, 100);
});

test("the declaration of open names what it may reject with", async () => {
  const declared = readFileSync(new URL("../index.d.ts", import.meta.url), "utf8");
  const named = declared.match(/Opens a store:[^]*?\*\//)[0];
  const folder = mkdtempSync(join(tmpdir(), "levelkit-"));
  const [text, cut] = [join(folder, "text.db"), join(folder, "cut.db")];
  writeFileSync(text, "no database, and long enough to be looked at".repeat(10));
  const store = await opened(`sqlite:${cut}`);
  await store.close();
  writeFileSync(cut, readFileSync(cut).subarray(0, -100));
  for (const [code, ...given] of [
    ["INVALID_ARGUMENT", 7],
    ["INVALID_ARGUMENT", "sqlite::memory:", { reader: 1 }],
    ["INVALID_URL", "mysql://x"],
    ["STORE_MISSING", `sqlite:${join(folder, "none.db")}`, { create: false }],
    ["NOT_A_DATABASE", `sqlite:${text}`],
    ["STORE_CORRUPT", `sqlite:${cut}`],
    ["STORE_IO", `sqlite:${join(folder, "none", "x.db")}`],
    ["STORE_UNAVAILABLE", NOBODY],
    ["STORE_TLS", "postgres://nobody@db.invalid/none", { rootCertificates: join(folder, "none.pem") }],
  ]) {
    await assert.rejects(Store.open(...given), { code });
    assert.ok(named.includes(`\`${code}\``), code);
  }
  rmSync(folder, { recursive: true });
});
