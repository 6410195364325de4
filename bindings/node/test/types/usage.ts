// Compiled, not run: what a developer may write, and what the compiler must refuse.
import {
  Curve, Engine, LevelkitError, ModifierStack, Player, Requirement, Ruleset, Store,
  type Command, type ErrorCode, type Event, type ExportedRow, type ExportedValue, type Explanation, type OutboxEntry, type PlayerExport,
  type PlayerView, type RequirementDocument, type Standings, type Xp,
} from "levelkit";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const sure = <T extends true>(): T | undefined => undefined;

// XP is bigint, small numbers are number, nothing is any.
sure<Equal<Xp, bigint>>();
sure<Equal<PlayerView["totalXp"], bigint>>();
sure<Equal<PlayerView["level"], number>>();
sure<Equal<PlayerView["nextLevelAt"], bigint | null>>();
sure<Equal<ReturnType<Engine["apply"]>, Event[]>>();
sure<Equal<Awaited<ReturnType<Store["player"]>>, PlayerView>>();
sure<Equal<LevelkitError["code"], ErrorCode>>();
sure<Equal<LevelkitError["isTransient"], boolean>>();
sure<Equal<Awaited<ReturnType<Store["claimEvents"]>>, OutboxEntry[]>>();
sure<Equal<Awaited<ReturnType<Store["acknowledge"]>>, bigint>>();
sure<Equal<Awaited<ReturnType<Store["standings"]>>, Standings>>();
sure<Equal<Awaited<ReturnType<Store["revert"]>>, void>>();
sure<Equal<PlayerExport["tables"][number]["rows"][number], ExportedRow>>();

// A switch over a tag narrows, and is exhaustive.
export function depth(explanation: Explanation): number {
  switch (explanation.type) {
    case "numeric":
    case "boolean":
    case "between":
      return 1;
    case "not":
      return 1 + depth(explanation.part);
    case "compound":
      return 1 + Math.max(...explanation.parts.map(depth));
    default: {
      const never: never = explanation;
      return never;
    }
  }
}

export function facts(error: LevelkitError): string {
  switch (error.facts.code) {
    case "LEVEL_TOO_LOW":
      return `${error.facts.needed - error.facts.level}`;
    case "INVALID_RULESET":
      return error.facts.errors.map(({ path, line, column }) => `${path} ${line + column}`).join();
    default:
      return error.hint ?? error.message;
  }
}

// What an exported value is, it says itself.
export function leaves(value: ExportedValue): number {
  if (Array.isArray(value)) return value.reduce((sum: number, item) => sum + leaves(item), 0);
  return typeof value === "object" && value !== null ? leaves(Object.values(value)) : 1;
}

export async function beside(store: Store): Promise<string | undefined> {
  const entries = await store.claimEvents("mailer", 100, 60_000);
  for (const { player, events, deliveries } of entries) player.padEnd(events.length + deliveries);
  // What may be left out may be null too.
  await store.claimEvents("mailer", null, 60_000);
  await Promise.all([store.players(null, null), store.player("p", null), store.ledger("p", null, null), store.rollOver(new Date(), null, null)]);
  new Player("p", null).lastAt?.length;
  new Curve(null).threshold(2)?.toLocaleString();
  const left: bigint = await store.acknowledge(entries.map(({ id }) => id));
  await store.acknowledge([1, left]);
  const page = await store.leaderboardAround("spring", new Date(), "p", 5);
  page?.standings.map(({ rank }) => rank + 1n);
  const { text, sha256, recorded } = await store.standings("spring");
  const erased: boolean = sha256 === recorded && (await store.erasePlayer("p", new Date()));
  await (await Store.open("sqlite::memory:", { outbox: erased })).revert();
  const { tables } = await store.exportPlayer("p");
  const email = tables.find(({ name }) => name === "users")?.rows[0]?.["email"];

  // @ts-expect-error a lease has no default
  store.claimEvents("mailer", 100);
  // @ts-expect-error a season nobody leads has no page
  page.standings;
  // @ts-expect-error a column may hold anything
  email.length;
  return typeof email === "string" ? email : text;
}

export async function uses(store: Store, engine: Engine, player: Player): Promise<void> {
  engine.apply(player, new Date(), { do: "report", metrics: { steps: 1, ok: true } });
  engine.apply(player, "2026-03-01T09:00:00Z", { do: "adjust_xp", id: "a", amount: 5n, reason: "r" });
  engine.apply(player, "2026-03-01T09:00:00Z", { do: "adjust_xp", id: "a", amount: 5, reason: "r" });
  new Curve({ family: "table", thresholds: [0, 100n, "250"], step: 10 }).level(5n).toFixed();
  new Requirement({ type: "not", requirement: { type: "boolean", metric: "ok", value: true } }).explain({}).state;
  new ModifierStack().apply(1, "QUEST_COMPLETION", { season: { id: "s", multiplier: "1.1" } }).steps[0]?.multiplier.length;
  const requirements: RequirementDocument = { type: "numeric", metric: "steps", op: ">=", value: 8000 };
  const quest = { id: "walk", name: "Walk", description: "d", type: "DAILY", category: "MOVEMENT", base_xp: "100", requirements } as const;
  Ruleset.fromObject({ format: "levelkit.ruleset/1", quests: [quest], modifiers: { weekend_multiplier: 1.2 } });
  await store.executeAll("p", [{ at: new Date(), command: { do: "advance" } }]);
  (await store.timeline("p", null, new Date())).map(({ at, event }) => at.length + event.event.length);

  // @ts-expect-error a command without its fields
  engine.apply(player, new Date(), { do: "start_boss" });
  // @ts-expect-error no such command
  engine.apply(player, new Date(), { do: "dance" });
  // @ts-expect-error snake_case
  engine.apply(player, new Date(), { do: "report", metrics: {}, observed_at: new Date() });
  // @ts-expect-error a metric is a number or a boolean
  engine.apply(player, new Date(), { do: "report", metrics: { steps: "many" } });
  // @ts-expect-error a number is no instant
  engine.apply(player, Date.now(), { do: "advance" });
  // @ts-expect-error no such source
  new ModifierStack().apply(1, "LUCK");
  // @ts-expect-error a quest without most of its fields
  Ruleset.fromObject({ format: "levelkit.ruleset/1", quests: [{ id: "walk" }] });
  // @ts-expect-error a misspelt key
  Ruleset.fromObject({ format: "levelkit.ruleset/1", quest: [] });
  // @ts-expect-error a condition of another kind
  new Requirement({ type: "numeric", metric: "steps", op: "=>", value: 1 });
  // @ts-expect-error the wrong format
  Ruleset.fromObject({ format: "levelkit.ruleset/2" });
  // @ts-expect-error a promise is no view
  store.player("p").level;
  const command: Command = { do: "advance" };
  // @ts-expect-error an advance has no boss
  command.boss;
}
