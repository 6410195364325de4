// Every type that crosses, with edge values, into Rust and back.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { test } from "node:test";

import { LevelkitError } from "levelkit";

const { echoForTest: echo } = createRequire(import.meta.url)("../native.cjs");

const MAX = 2n ** 63n - 1n;
const MIN = -(2n ** 63n);
const FIRST = "0001-01-01T00:00:00.000000Z";
const LAST = "9999-12-31T23:59:59.999999Z";
const TEXTS = ["", "a", "é", "\u0000", "😀", "\u2028", "x".repeat(100_000), "__proto__"];

const same = (kind, value) => assert.deepStrictEqual(echo(kind, value), value);

test("commands", () => {
  const amount = MIN;
  const commands = [
    { do: "report", metrics: {} },
    { do: "report", day: "0001-01-01", observedAt: LAST, metrics: { steps: 1e300, ok: false }, specials: TEXTS },
    { do: "advance" },
    { do: "start_boss", boss: "" },
    { do: "abandon_boss" },
    { do: "enter_dungeon", dungeon: "d" },
    { do: "report_dungeon", observedAt: FIRST, metrics: { a: 0.1 } },
    { do: "report_dungeon", metrics: {} },
    { do: "forfeit_dungeon" },
    { do: "equip_title", title: null },
    { do: "equip_title", title: "t" },
    { do: "adjust_xp", id: "i", amount, reason: "r" },
    { do: "set_timezone", timezone: "Europe/Berlin" },
    { do: "join_season", season: "s" },
    { do: "grant_xp", id: "i", source: "STREAK_BONUS", amount: MAX, sourceId: "x", reason: "r" },
    { do: "grant_xp", id: "i", source: "TITLE_BONUS", amount: 0n, reason: "r" },
  ];
  for (const command of commands) {
    same("Command", command);
    same("CommandAt", { at: FIRST, command });
  }
});

test("what is left out, undefined or null", () => {
  const report = { do: "report", metrics: {} };
  for (const absent of [undefined, null]) {
    assert.deepEqual(echo("Command", { ...report, day: absent, observedAt: absent }), report);
  }
  assert.deepEqual(echo("Command", { do: "report", metrics: {}, specials: undefined }), report);
  assert.deepEqual(echo("NewPlayer", { id: "p" }), { id: "p", timezone: null, email: null, name: null });
});

test("every event, refusal, failure and label that the declarations name", () => {
  const declared = readFileSync(new URL("../types.d.ts", import.meta.url), "utf8");
  const sample = {
    number: 2147483647, bigint: MAX, string: "😀", boolean: true, Day: "9999-12-31", Instant: LAST, Xp: MIN,
    Multiplier: "16.000001", Source: "BOSS_DEFEAT", Stat: "DISC", IdKind: "ruleset", MetricKind: "boolean",
  };
  const step = {
    order: 0, type: "DEBUFF_PENALTY", multiplier: "0.9", reason: "", xpBefore: -2147483648, xpAfter: 2147483647,
  };
  const fault = { path: "", code: "INVALID_JSON", message: "m", line: 4294967295, column: 1 };
  let seen = 0;
  for (const kind of ["Event", "Refusal", "Failure"]) {
    const union = declared.match(new RegExp(`export type ${kind} =([^;]*);`))[1];
    for (const name of union.match(/\w+/g)) {
      const [, body] = declared.match(new RegExp(`export interface ${name} \\{([^}]*)\\}`));
      const value = {};
      for (const [, field, type] of body.matchAll(/^ {2}(\w+): ([^;]+);$/gm)) {
        if (type.startsWith('"')) value[field] = JSON.parse(type);
        else if (type === "Step[]") value[field] = [step, step];
        else if (type === "RulesetError[]") value[field] = [fault];
        else if (type.endsWith("| null")) value[field] = null;
        else value[field] = sample[type];
        assert.notEqual(value[field], undefined, `${name}.${field}: ${type}`);
      }
      same(kind, value);
      seen += 1;
    }
  }
  assert.ok(seen > 60, `${seen} variants`);
  for (const [name, of] of [["Source", "AwardRequest"], ["Operator", "Missing"]]) {
    const labels = declared.match(new RegExp(`export type ${name} =\\n([^;]*);`))[1].match(/"[^"]+"/g).map(JSON.parse);
    assert.ok(labels.length >= 6);
    for (const label of labels) {
      if (of === "AwardRequest") same(of, { baseXp: 1, source: label, context: null });
      else same(of, { metric: "m", op: label, target: -0, value: null, distance: 5e-324, by: null });
    }
  }
});

test("texts", () => {
  for (const text of TEXTS) same("Told", { key: text, text });
  same("Metrics", Object.fromEntries(TEXTS.map((text) => [text, 1])));
  for (const text of ["\ud800", "a\udc00b"]) {
    const refused = (error) => error instanceof LevelkitError && error.code === "INVALID_ARGUMENT";
    assert.throws(() => echo("Told", { key: "k", text }), refused);
    assert.throws(() => echo("Metrics", { [text]: 1 }), refused);
  }
});

test("numbers", () => {
  for (const number of [0, -0, 1, -1.5, 1e300, -1e300, 5e-324, 2 ** 53, NaN, Infinity, -Infinity]) {
    same("Metrics", { m: number });
    same("RequirementOutcome", { state: "UNKNOWN", fraction: number });
  }
  for (const xp of [0n, -1n, MAX, MIN, 2n ** 53n + 1n]) same("LedgerEnd", { totalXp: xp, level: null, events: null, hash: null });
  same("LedgerEnd", { totalXp: null, level: -2147483648, events: 2n ** 63n - 1n, hash: "0f".repeat(32) });
  assert.deepEqual(echo("LedgerEnd", { totalXp: 72, events: 3 }), { totalXp: 72n, level: null, events: 3n, hash: null });
  const wrong = [
    { totalXp: MAX + 1n }, { totalXp: 0.5 }, { totalXp: 2 ** 60 }, { totalXp: NaN }, { level: 2147483648 }, { level: 1.5 },
    { level: "1" }, { events: -1 }, { hash: "0F".repeat(32) }, { total_xp: 1n }, { totalxp: 1n }, { totalXp: Symbol("x") },
    { totalXp: () => 1 }, { totalXp: {} }, { totalXp: [1] }, { totalXp: true },
  ];
  for (const value of wrong) {
    assert.throws(() => echo("LedgerEnd", value), (error) => error.code === "INVALID_ARGUMENT", JSON.stringify(Object.keys(value)));
  }
});

test("instants as text and as Date", () => {
  const head = (createdAt) => ({ events: [], head: { events: 0n, hash: "00".repeat(32), createdAt } });
  for (const at of [null, FIRST, LAST, "1969-12-31T23:59:59.999999Z"]) same("Outcome", head(at));
  assert.equal(echo("CommandAt", { at: new Date(-1), command: { do: "advance" } }).at, "1969-12-31T23:59:59.999000Z");
  assert.equal(echo("CommandAt", { at: "2026-03-01T10:00:00+01:00", command: { do: "advance" } }).at, "2026-03-01T09:00:00.000000Z");
  for (const at of [new Date(NaN), new Date(8.64e15), 0, "2026-03-01", "2026-03-01T09:00:00.1234567Z", ""]) {
    assert.throws(() => echo("CommandAt", { at, command: { do: "advance" } }), { code: "INVALID_ARGUMENT" });
  }
});

test("views", () => {
  const numeric = {
    type: "numeric", metric: "m", op: ">=", target: 1, value: null, distance: null, state: "UNKNOWN", fraction: 0,
  };
  const boolean = { type: "boolean", metric: "m", target: true, value: false, state: "NOT_MET", fraction: 0 };
  const between = { type: "between", metric: "m", min: -0, max: 1, value: 2, distance: 1, state: "MET", fraction: 1 };
  const not = { type: "not", part: boolean, state: "MET", fraction: 1 };
  let deep = { type: "compound", logic: "OR", parts: [numeric, boolean, between, not], state: "MET", fraction: 1 };
  for (let depth = 0; depth < 31; depth += 1) deep = { type: "not", part: deep, state: "MET", fraction: 1 };
  same("Explanation", deep);
  const award = { baseXp: 1, finalXp: 2, steps: [] };
  const missing = [{ metric: "m", op: null, target: null, value: null, distance: null, by: "2026-03-01" }];
  const quest = {
    quest: "q", name: "n", type: "DAILY", day: "2026-03-01", isCore: true, status: "ACTIVE", explanation: not, missing,
    award, xpAwarded: null,
  };
  const condition = {
    type: "COMPOUND", subject: null, met: false, progress: MIN, target: MAX, remaining: 0n, by: null,
    parts: [{ type: "SPECIAL", subject: "s", met: true, progress: 1n, target: 1n, remaining: 0n, by: null, parts: [] }],
  };
  const title = {
    title: "t", name: "n", rarity: "EPIC", held: true, active: false, earnedAt: FIRST, revokedAt: null, condition,
    misses: { found: 0n, limit: 3n },
  };
  const boss = {
    boss: "b", name: "n", status: "IN_PROGRESS", phase: 1, phases: 2, day: 1, days: 3, retries: 0, explanation: numeric,
    missing, award: null,
  };
  const dungeon = {
    dungeon: "d", name: "n", status: "TIMED_OUT", deadline: LAST, challenges: [{ name: "c", explanation: between, missing: [] }],
    award,
  };
  const season = { season: "s", name: "n", status: "ENDED", endsAt: LAST, joined: false, seasonXp: 0n };
  same("PlayerView", {
    player: "p", timezone: "UTC", level: 1, totalXp: MAX, levelBeganAt: 0n, nextLevelAt: null, currentStreak: 0,
    longestStreak: 0, perfectStreak: 0, debuffedUntil: null, str: 10, agi: 10, vit: 10, disc: 10, activeTitle: null,
    firstDay: null, openDay: "2026-03-01", dayEndsAt: LAST, quests: [quest], titles: [title], boss, dungeon, seasons: [season],
  });
});

test("what the store answers", () => {
  const event = {
    id: "e", userId: "p", eventSource: "MANUAL_ADJUSTMENT", sourceId: null, baseXp: -1, finalXp: 0, totalXpBefore: 0n,
    totalXpAfter: 0n, levelBefore: 1, levelAfter: 1, createdAt: FIRST, eventHash: "ab".repeat(32),
  };
  const modifier = { id: "m", order: 0, type: "WEEKEND_BONUS", multiplier: "1.1", reason: "weekend", xpBefore: 1, xpAfter: 1 };
  const entry = { event, modifiers: [modifier] };
  const failure = { index: 2n ** 63n, eventId: null, createdAt: null, kind: "HEAD", expected: "a", found: "b" };
  const verification = { events: 0n, head: "00".repeat(32), totalXp: 0n, unsealed: { count: 1n, sum: -5n }, failure };
  same("LedgerPage", { entries: [entry], next: LAST });
  same("Execution", { events: [{ event: "TITLE_EQUIPPED", title: null }], entries: [entry] });
  same("PlayerVerification", { player: "p", verification });
  same("VerificationSummary", { players: 1n, events: 0n, failures: [{ player: "p", verification }] });
  same("RollOver", { advanced: ["p"], refused: [{ player: "q", refusal: { code: "XP_OVERFLOW", quantity: "x" } }],
    failed: [{ player: "r", code: "STORE_CORRUPT", message: "m" }], more: true });
  same("PlayerReport", {
    player: "p", at: FIRST, day: "2026-03-01", observedAt: LAST, metrics: { sleep_hours: 7.5, slept: true }, specials: ["party"],
  });
  same("Reported", {
    accepted: [{ index: 4294967295, player: "p", outcome: {
      events: [{ event: "TITLE_EQUIPPED", title: null }], head: { events: 1n, hash: "ab".repeat(32), createdAt: FIRST },
    } }],
    refused: [{ index: 0, player: "q", refusal: { code: "XP_OVERFLOW", quantity: "x" } }],
    failed: [{ index: 1, player: "r", code: "STORE_CORRUPT", message: "m" }],
  });
  same("LeaderboardPage", {
    season: "s", status: "UPCOMING", sealed: false, participants: 1n,
    standings: [{ rank: 1n, player: "p", name: null, seasonXp: MAX }],
  });
  same("TimelineEntry", { at: FIRST, event: { event: "STAT_RAISED", stat: "STR", value: 11 } });
  same("StoreOptions", {
    readOnly: true, create: null, synchronous: "NORMAL", busyTimeoutMs: 4294967295, readers: null, connections: 1,
    connectTimeoutMs: 0, statementTimeoutMs: null, rootCertificates: "/x.pem", clockToleranceMs: 0, outbox: true,
  });
  same("Standings", { season: "s", participants: MAX, text: "x\n", sha256: "ab".repeat(32), recorded: null });
  same("OutboxEntry", { id: MIN, player: "p", at: FIRST, events: [{ event: "TITLE_EQUIPPED", title: null }], deliveries: 2147483647 });
});

test("an export, whose keys are the database's own", () => {
  const SAFE = Number.MAX_SAFE_INTEGER;
  const row = {
    total_xp: SAFE, snake_case: { snake_case: [{ camelCase: -SAFE, ["__proto__"]: null }] }, "": "", flag: false, real: 0.5,
    texts: TEXTS, list: [[], {}],
  };
  for (const value of [null, true, 0, -1, SAFE, -SAFE, 0.5, 5e-324, "x", [], [[null]], {}, { "a b": {} }, row]) {
    same("ExportedValue", value);
  }
  same("ExportedRow", row);
  same("ExportedTable", { name: "users", rows: [row, {}] });
  same("PlayerExport", { format: "levelkit.player/1", player: "p", tables: [{ name: "users", rows: [] }] });
  // As the file has it: what is beyond a number's own digits is a text.
  assert.equal(echo("ExportedValue", 2n ** 53n), "9007199254740992");
  assert.equal(echo("ExportedValue", 7n), 7);
  assert.throws(() => echo("ExportedRow", { a: Symbol("x") }), (error) => error.code === "INVALID_ARGUMENT");
});

test("what is nothing that crosses", () => {
  const circle = { type: "not", state: "MET", fraction: 1 };
  circle.part = circle;
  const bytes = new Uint8Array(3);
  for (const [kind, value] of [["Explanation", circle], ["Metrics", bytes], ["Metrics", { a: "x" }], ["Metrics", null],
    ["Metrics", [1]], ["Command", {}], ["Command", { do: "dance" }], ["Command", { do: "advance", why: 1 }], ["Command", undefined]]) {
    assert.throws(() => echo(kind, value), (error) => error instanceof LevelkitError && error.code === "INVALID_ARGUMENT");
  }
  assert.throws(() => echo("Command", { do: "grant_xp", id: "i", source: "STREAK_BONUS", amount: 1, source_id: "x", reason: "r" }), /sourceId/);
  assert.throws(() => echo("XpEvent", {}), /missing field `id`/);
});
