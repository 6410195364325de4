// What a store does beside commands: standings, the outbox, what it knows of a player.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { setTimeout as after } from "node:timers/promises";

import { Ruleset, Store } from "levelkit";

// Every language tries this case.
const CASE = JSON.parse(readFileSync(new URL("../../../tests/standings/small.json", import.meta.url), "utf8"));
const AT = CASE.at;
const WALK = { do: "report", metrics: { steps: 9000 } };
const later = (days) => new Date(Date.parse(AT) + days * 86_400_000);

async function opened(options) {
  const store = await Store.open("sqlite::memory:", options);
  await store.migrate();
  await store.importRuleset(Ruleset.fromObject(CASE.ruleset), AT);
  return store;
}

async function played() {
  const store = await opened();
  for (const { id } of CASE.players) await store.createPlayer({ id });
  const reports = CASE.players.map(({ id, steps }) => ({ player: id, at: AT, metrics: { steps } }));
  assert.equal((await store.reportMany(reports)).accepted.length, reports.length);
  return store;
}

test("a sealed season leaves the same file in every language", async () => {
  const store = await played();
  const { season, text, sha256 } = CASE;
  await assert.rejects(store.standings(season), { code: "SEASON_NOT_SEALED", hint: "refresh its leaderboard after its end" });
  assert.equal((await store.refreshLeaderboard(season, CASE.sealed_at)).sealed, true);
  const { participants } = JSON.parse(text.split("\n")[0]);
  const standings = { season, participants: BigInt(participants), text, sha256, recorded: sha256 };
  assert.deepStrictEqual(await store.standings(season), standings);
  await assert.rejects(store.standings("none"), { code: "UNKNOWN_ID" });
  await store.close();
});

test("the standings around a player", async () => {
  const store = await played();
  const page = await store.leaderboardAround(CASE.season, AT, "ida", 1);
  assert.deepEqual(page.standings.map(({ rank, player }) => [rank, player]), CASE.around.map(({ rank, player }) => [BigInt(rank), player]));
  const whole = await store.leaderboard(CASE.season, AT);
  assert.deepEqual(await store.leaderboardAround(CASE.season, new Date(AT), "ida", 100), whole);
  await store.createPlayer({ id: "late" });
  assert.equal(await store.leaderboardAround(CASE.season, AT, "late", 1), null);
  await assert.rejects(store.leaderboardAround("none", AT, "ida", 1), { code: "UNKNOWN_ID" });
  await assert.rejects(store.leaderboardAround(CASE.season, AT, "ida", -1), { code: "INVALID_ARGUMENT" });
  await store.close();
});

test("what commands bring is handed out in order, until it is acknowledged", async () => {
  const store = await opened({ outbox: true });
  for (const id of ["p", "q"]) await store.createPlayer({ id });
  const first = await store.execute("p", AT, WALK);
  const second = await store.execute("p", later(1), WALK);
  const entries = await store.claimEvents("mailer", 100, 60_000);
  assert.deepEqual(entries.map(({ events }) => events), [first.events, second.events]);
  assert.deepEqual(entries.map(({ player, at, deliveries }) => [player, at, deliveries]), [
    ["p", "2026-03-02T20:00:00.000000Z", 1], ["p", "2026-03-03T20:00:00.000000Z", 1],
  ]);
  const ids = entries.map(({ id }) => id);
  assert.ok(typeof ids[0] === "bigint" && ids[0] < ids[1]);
  // They are the mailer's, and whatever comes for that player.
  await store.execute("p", later(2), WALK);
  await store.execute("q", later(2), WALK);
  assert.deepEqual((await store.claimEvents("other", 100, 60_000)).map(({ player }) => player), ["q"]);
  assert.equal(await store.acknowledge([Number(ids[0])]), 1n);
  assert.equal(await store.acknowledge(ids), 1n);
  // What a worker lost comes back when its lease is over.
  assert.deepEqual((await store.claimEvents("lost", 100, 1)).map(({ deliveries }) => deliveries), [1]);
  await after(50);
  assert.deepEqual((await store.claimEvents("mailer", 100, 60_000)).map(({ deliveries }) => deliveries), [2]);
  await assert.rejects(store.claimEvents("mailer", -1, 1), { code: "INVALID_ARGUMENT" });
  await assert.rejects(store.claimEvents("mailer", 1), { code: "INVALID_ARGUMENT" });
  await assert.rejects(store.acknowledge(["1"]), { code: "INVALID_ARGUMENT" });
  await store.close();
  const without = await opened();
  await without.createPlayer({ id: "p" });
  await without.execute("p", AT, WALK);
  assert.deepEqual(await without.claimEvents("mailer", 100, 60_000), []);
  await without.close();
});

test("a player is handed out and erased, and the ledger verifies", async () => {
  const store = await opened();
  await store.createPlayer({ id: "p", name: "Sung", email: "sung@x.org", timezone: "Europe/Berlin" });
  await store.execute("p", AT, WALK);
  await store.execute("p", AT, { do: "adjust_xp", id: "gift", amount: 7, reason: "since she was ill" });
  const exported = await store.exportPlayer("p");
  assert.deepEqual([exported.format, exported.player], ["levelkit.player/1", "p"]);
  const rows = (name) => exported.tables.find((table) => table.name === name).rows;
  const [user] = rows("users");
  assert.deepEqual([user.email, user.name, user.email_verified, user.image], ["sung@x.org", "Sung", false, null]);
  // As JSON has it, so that the file is one call away.
  assert.equal(user.total_xp, 107);
  assert.equal(rows("xp_events").length, 2);
  assert.equal(rows("levelkit_players")[0].seen_at, "2026-03-02T20:00:00.000000Z");
  assert.deepEqual(rows("quest_logs").find(({ status }) => status === "COMPLETED").progress.metrics, { steps: 9000 });
  assert.deepStrictEqual(JSON.parse(JSON.stringify(exported)), exported);
  const before = (await store.player("p")).totalXp;
  assert.equal(await store.erasePlayer("p", later(1)), true);
  assert.equal(await store.erasePlayer("p", later(2)), false);
  const text = JSON.stringify(await store.exportPlayer("p"));
  for (const known of ["Sung", "sung@x.org", "since she was ill"]) assert.ok(!text.includes(known), known);
  assert.equal((await store.player("p")).totalXp, before);
  const { verification } = await store.verify("p");
  assert.deepEqual([verification.events, verification.failure], [2n, null]);
  await store.execute("p", later(3), WALK);
  assert.equal((await store.verify("p")).verification.failure, null);
  for (const call of [() => store.exportPlayer("nobody"), () => store.erasePlayer("nobody", AT)]) {
    await assert.rejects(call(), { code: "UNKNOWN_ID", facts: { code: "UNKNOWN_ID", kind: "player", id: "nobody" } });
  }
  await store.close();
});

test("the tables are taken away again", async () => {
  const store = await opened();
  assert.equal(await store.revert(), null);
  assert.equal((await store.schemaVersion()).found, 0);
  await assert.rejects(store.players(), { code: "NOT_MIGRATED" });
  await store.close();
});

test("after closing, these verbs reject too", async () => {
  const store = await opened({ outbox: true });
  await store.close();
  const calls = [
    () => store.leaderboardAround("spring", AT, "p", 1), () => store.standings("spring"), () => store.claimEvents("w", 1, 1),
    () => store.acknowledge([]), () => store.exportPlayer("p"), () => store.erasePlayer("p", AT), () => store.revert(),
  ];
  for (const call of calls) {
    const answer = call();
    assert.ok(answer instanceof Promise);
    await assert.rejects(answer, { code: "STORE_CLOSED" });
  }
});
