// Three days of one player, on a database in memory. Run it from the project's folder.
import { readFileSync } from "node:fs";

import { LevelkitError, Ruleset, Store, type Event } from "levelkit";

const PLAYER = "ida";

const ruleset = Ruleset.parse(readFileSync("examples/rulesets/hunter.yaml", "utf8"), "yaml");
console.log(`rules ${ruleset.hash.slice(0, 12)}`);

const store = await Store.open("sqlite::memory:");
await store.migrate();
await store.importRuleset(ruleset, "2026-03-01T00:00:00Z");
await store.createPlayer({ id: PLAYER, timezone: "Europe/Berlin" });

// Sunday to Tuesday. Reports are cumulative: how much it is so far today.
const days = [
  { day: "2026-03-01", steps: 9_000, meditated: true },
  { day: "2026-03-02", steps: 12_500, meditated: false },
  { day: "2026-03-03", steps: 8_200, meditated: true },
];
for (const { day, steps, meditated } of days) {
  console.log(day);
  const metrics = {
    steps,
    pushups: 40,
    squats: 60,
    sleep_hours: 7.5,
    water_litres: 2.5,
    vegetables: 5,
    sweets: 0,
    screen_minutes: 15,
    journal: true,
    meditated,
  };
  const outcome = await store.execute(PLAYER, new Date(`${day}T20:00:00Z`), { do: "report", metrics });
  outcome.events.forEach(tell);
}

// A title is worn from one command on.
const equipped = await store.execute(PLAYER, "2026-03-03T20:05:00Z", { do: "equip_title", title: "first-page" });
equipped.events.forEach(tell);

// Why was an award what it was? The ledger knows, step by step.
for (const { event, modifiers } of (await store.ledger(PLAYER, null, 1)).entries) {
  console.log(`why ${event.finalXp} XP for ${event.eventSource}: ${event.baseXp} at first`);
  for (const step of modifiers) {
    console.log(`  ${step.reason} times ${step.multiplier}: ${step.xpBefore} to ${step.xpAfter}`);
  }
}

// A command can be refused, with a code and the facts; then nothing has happened.
try {
  await store.execute(PLAYER, "2026-03-03T20:10:00Z", { do: "start_boss", boss: "slag-colossus" });
} catch (error) {
  if (!(error instanceof LevelkitError) || error.facts.code !== "LEVEL_TOO_LOW") throw error;
  const { code, needed, level } = error.facts;
  console.log(`refused: ${code}, level ${needed} is needed and ${PLAYER} is at level ${level}`);
}

const ida = await store.player(PLAYER);
console.log(`${ida.player} is level ${ida.level} with ${ida.totalXp} XP, next at ${ida.nextLevelAt ?? "never"}`);
console.log(`streak ${ida.currentStreak}, wears ${ida.activeTitle ?? ""}`);

const { failure, events, head } = (await store.verify(PLAYER)).verification;
console.log(`ledger ${failure === null ? "sound" : "broken"}: ${events} events, head ${head.slice(0, 12)}`);
await store.close();

function tell(event: Event): void {
  switch (event.event) {
    case "QUEST_COMPLETED":
      return console.log(`  quest ${event.quest} completed`);
    case "XP_AWARDED":
      return console.log(`  ${event.finalXp} XP, now ${event.totalXpAfter}`);
    case "LEVEL_UP":
      return console.log(`  level ${event.levelAfter}`);
    case "STAT_RAISED":
      return console.log(`  ${event.stat} ${event.value}`);
    case "STREAK_EXTENDED":
      return console.log(`  streak ${event.currentStreak}`);
    case "TITLE_EARNED":
      return console.log(`  title ${event.title} earned`);
    case "TITLE_EQUIPPED":
      return console.log(`  title ${event.title ?? "none"} worn`);
  }
}
