/* Generated from bindings/node/src by `cargo xtask test --lang node`; do not edit. */
import type {
  AwardContext, AwardRequest, AwardView, Command, CommandAt, ErrorCode, ErrorFacts, Event, EventHash, Execution,
  Explanation, Imported, Instant, LeaderboardPage, LedgerEnd, LedgerEntry, LedgerHead, LedgerPage, MetricInfo, Metrics,
  Migrated, NarrativeCategory, NewPlayer, Outcome, OutboxEntry, PlayerExport, PlayerReport, PlayerSummary, PlayerView,
  PlayerVerification, Refreshed, Reported, RequirementOutcome, RollOver, SchemaVersion, Source, Standing, Standings,
  StoreOptions, TimelineEntry, Told, Verification, VerificationSummary, Xp, XpEvent, XpModifier,
} from "./types.js";
import type {
  CurveDocument, ModifiersDocument, RequirementDocument, RulesetDocument, RulesetFormat, Variables,
} from "./documents.js";
export type * from "./types.js";
export type * from "./documents.js";

/** What levelkit throws, and what its promises reject with. */
export declare class LevelkitError extends Error {
  /** The stable code, such as `LEVEL_TOO_LOW`. */
  readonly code: ErrorCode;
  /** The facts behind it: switch over `facts.code`. */
  readonly facts: ErrorFacts;
  /** What to do about it, where there is something to do. */
  readonly hint: string | null;
  /**
   * Whether it passes by itself or with what caused it, so that the same again may succeed soon: `STORE_LOCKED`, `STORE_UNAVAILABLE`,
   * `STORE_UNCERTAIN`, `STORE_CONFLICT`, `STORE_FULL`. Only with `STORE_UNCERTAIN` something may have happened; the same command again
   * does nothing twice.
   */
  readonly isTransient: boolean;
}


/**
 * Which binding artifact the generated loader actually loaded: `'native'` for
 * a native addon, otherwise the `platformArchABI` of the WASI flavor. Every
 * flavor napi-rs can build is listed, because `NAPI_RS_NATIVE_LIBRARY_PATH`
 * can point the loader at a WASI artifact this package does not build itself.
 */
export declare const __napiBindingTarget: 'native' | 'wasm32-wasi' | 'wasm32-wasip1'

/** A levelling curve: XP to level. */
export declare class Curve {
  /**
   * A curve as a ruleset's `curve` writes it; without one the default.
   *
   * Throws `INVALID_RULESET`.
   */
  constructor(curve?: CurveDocument | string | null)
  /** The level of a total of XP. */
  level(totalXp: Xp | number): number
  /** The level of each total. */
  levels(totals: readonly (Xp | number)[]): number[]
  /** The total from which a player has a level; null for a level that does not exist. */
  threshold(level: number): Xp | null
  /** The total of each level; null for one that does not exist. */
  thresholds(levels: readonly number[]): (Xp | null)[]
  /** The highest level a player can have. */
  get maxLevel(): number
}

/** Decides commands under a ruleset. It holds no player and no clock, so one engine serves any number of players. */
export declare class Engine {
  /**
   * An engine that opens days under a ruleset. Days, logs and attempts that a ruleset of the past has opened end under
   * that one: list it in `past`.
   */
  constructor(ruleset: Ruleset, past?: readonly Ruleset[] | null)
  /** The ruleset under which days open. */
  get ruleset(): Ruleset
  /** Does a command for a player: what happened, in order. A refused command throws, and the player is as before. */
  apply(player: Player, at: Instant | Date, command: Command): Event[]
  /** Does several commands for a player, in order: all of them, or none. The events are listed by command. */
  applyAll(player: Player, commands: readonly CommandAt[]): Event[][]
  /** Like `apply`, and also what the player's ledger gained: for a host that keeps the ledger itself. */
  execute(player: Player, at: Instant | Date, command: Command): Execution
  /** What a command would bring, without doing it. */
  preview(player: Player, at: Instant | Date, command: Command): Event[]
  /** The player at an instant, as the next command would find it: with how far everything is, and what is missing. */
  view(player: Player, at: Instant | Date): PlayerView
  /** When the player's oldest open day is due to be closed; null before the first command. */
  nextDue(player: Player): Instant | null
  /**
   * The texts that the ruleset has for an event: the content's own message, then the narratives.
   *
   * Throws `UNKNOWN_VARIABLE` or `MISSING_VARIABLE`.
   */
  narrate(player: Player, event: Event, variables?: Variables | null): Told[]
}

/** The modifier stack: what turns base XP into final XP. */
export declare class ModifierStack {
  /**
   * A stack as a ruleset's `modifiers` writes it; without them the default.
   *
   * Throws `INVALID_RULESET`.
   */
  constructor(modifiers?: ModifiersDocument | string | null)
  /**
   * Computes an award, and how it came about.
   *
   * Throws `XP_OVERFLOW`, `OUT_OF_RANGE` or `INVALID_MULTIPLIER`.
   */
  apply(baseXp: number, source: Source, context?: AwardContext | null): AwardView
  /** Computes several awards; the first that is refused throws. */
  applyAll(requests: readonly AwardRequest[]): AwardView[]
}

/** One player in memory: everything that the rules know about one, apart from the ruleset. */
export declare class Player {
  /**
   * A player who has sent no command yet. The time zone is an IANA name, `UTC` by default.
   *
   * Throws `INVALID_TIMEZONE` or `INVALID_TEXT`.
   */
  constructor(id: string, timezone?: string | null)
  /**
   * The player that `serialize` has written.
   *
   * Throws `INVALID_ARGUMENT` for a text that it has not.
   */
  static deserialize(text: string): Player
  /** The whole player as a text to keep; its form is levelkit's own. */
  serialize(): string
  /** Another player who is the same so far. */
  clone(): Player
  /** The id. */
  get id(): string
  /** The IANA time zone. */
  get timezone(): string
  /** The level, from 1. */
  get level(): number
  /** All XP so far. */
  get totalXp(): Xp
  /** Days in a row with few enough misses. */
  get currentStreak(): number
  /** The last accepted command's instant; null before the first. */
  get lastAt(): Instant | null
  /** Where the ledger's chain stands. */
  get ledgerHead(): LedgerHead
}

/** A requirement over metrics, three-valued: what was not reported is unknown, never false. */
export declare class Requirement {
  /**
   * A requirement as a ruleset writes it.
   *
   * Throws `INVALID_RULESET`.
   */
  constructor(requirement: RequirementDocument | string)
  /**
   * How far it is met by these metrics.
   *
   * Throws `INVALID_METRIC` or `METRIC_KIND`.
   */
  evaluate(metrics: Metrics): RequirementOutcome
  /** How far it is met by each of these snapshots. */
  evaluateAll(snapshots: readonly Metrics[]): RequirementOutcome[]
  /** Why it is met or not: the tree with every value, target and distance. */
  explain(metrics: Metrics): Explanation
}

/** The rules of a game: read, checked and compiled once, shared by everything that plays by it. */
export declare class Ruleset {
  /**
   * Reads a ruleset from its text.
   *
   * Throws `INVALID_RULESET` with every fault at once, each with path, code, line and column.
   */
  static parse(text: string, format?: RulesetFormat | null): Ruleset
  /**
   * Reads a ruleset from an object: what `JSON.parse` makes of its text, with the document's own snake_case keys.
   *
   * Throws like `parse`; lines and columns are those of the object's JSON text.
   */
  static fromObject(document: RulesetDocument): Ruleset
  /** The JSON Schema of a ruleset document, for editors. */
  static schema(): string
  /** The canonical form: sorted keys, shortest numbers, compact UTF-8. */
  get canonical(): string
  /** The SHA-256 of the canonical form. */
  get hash(): EventHash
  /** Every measurement that the ruleset declares or reads, by name. */
  get metrics(): MetricInfo[]
  /** The keys of the narratives in use of a category, in ruleset order. */
  narrativesAbout(category: NarrativeCategory): string[]
  /**
   * Tells the narrative of a key with these variables.
   *
   * Throws `UNKNOWN_ID`, `UNKNOWN_VARIABLE` or `MISSING_VARIABLE`.
   */
  tell(key: string, variables?: Variables | null): string
}

/**
 * Players in a database: one transaction to a command, and a ledger that can be verified.
 *
 * Every method promises and runs beside JavaScript's thread, which never waits for the disk. Calls are handed over in the order in which
 * they are made, awaited or not: one player's `execute`s are done in it, and on SQLite everything that writes. What may be left
 * out may be `null` too.
 */
export declare class Store {
  /**
   * Opens a store: `sqlite:PATH`, `sqlite::memory:` or `postgres://`. The tables are left as they are: `migrate` makes them.
   *
   * Rejects with `INVALID_ARGUMENT` for what is no URL or no option at all, and with `INVALID_URL`. A file may give `STORE_MISSING`,
   * `NOT_A_DATABASE`, `FOREIGN_SCHEMA`, `STORE_NEWER`, `STORE_LOCKED`, `STORE_READ_ONLY`, `STORE_FULL`, `STORE_CORRUPT` or `STORE_IO`; a
   * server `STORE_NEWER`, `STORE_UNAVAILABLE`, `STORE_CONFLICT`, `STORE_DENIED`, `STORE_TLS`, `STORE_IO` or `STORE_ERROR`.
   */
  static open(url: string, options?: StoreOptions | null): Promise<Store>
  /**
   * Closes the store, once every call from before is done and answered; every later call rejects with `STORE_CLOSED`. Closing it
   * again does nothing.
   */
  close(): Promise<void>
  /** Brings the tables to the version this levelkit needs; they may be there already. */
  migrate(): Promise<Migrated>
  /**
   * Takes levelkit's tables away again, the data in them included. Of an application's tables only those go that levelkit made.
   *
   * Rejects with `STORE_ERROR`, naming the table, where one on a server still holds rows.
   */
  revert(): Promise<void>
  /** Which version the tables have, without any change. */
  schemaVersion(): Promise<SchemaVersion>
  /** Writes a ruleset into the tables and puts it in force, for days opened from now on. */
  importRuleset(ruleset: Ruleset, at: Instant | Date): Promise<Imported>
  /**
   * The ruleset in force.
   *
   * Rejects with `NO_RULESET`.
   */
  ruleset(): Promise<Ruleset>
  /** The ruleset as its tables hold it, in canonical form. */
  exportRuleset(): Promise<string>
  /** Makes a player, or adopts the user of that id; false, and no change, for one who is a player already. */
  createPlayer(player: NewPlayer): Promise<boolean>
  /**
   * Does a command for a player at an instant: decided and written in one transaction. A refused command rejects, and
   * changes nothing.
   */
  execute(player: string, at: Instant | Date, command: Command): Promise<Outcome>
  /** Does several commands for one player, in order and in one transaction: all of them are done, or none. */
  executeAll(player: string, commands: readonly CommandAt[]): Promise<Outcome[]>
  /** How a player stands at an instant, as the next command would find it; without one, at the last command. */
  player(id: string, at?: Instant | Date | null): Promise<PlayerView>
  /** What a command would bring, without doing it. */
  preview(player: string, at: Instant | Date, command: Command): Promise<Event[]>
  /** A player as an engine knows one. */
  state(id: string): Promise<Player>
  /** Up to `limit` players by id, after one of them or from the first; 100 by default. */
  players(after?: string | null, limit?: number | null): Promise<PlayerSummary[]>
  /** What happened to a player between two instants, both included, ordered by when it took effect. */
  timeline(id: string, from?: Instant | Date | null, to?: Instant | Date | null): Promise<TimelineEntry[]>
  /** Up to `limit` events of a player's ledger, oldest first, written after an instant or from the first; 100 by default. */
  ledger(id: string, after?: Instant | Date | null, limit?: number | null): Promise<LedgerPage>
  /** Verifies a player's ledger, event by event. What is wrong is the answer, not an error. */
  verify(id: string): Promise<PlayerVerification>
  /** Verifies every player's ledger, one after the other; commands go on meanwhile. */
  verifyAll(): Promise<VerificationSummary>
  /** A page of a season's live standings, `skip` places from the top; 100 by default. `at` says where the season stands. */
  leaderboard(season: string, at: Instant | Date, skip?: number | null, limit?: number | null): Promise<LeaderboardPage>
  /**
   * The live standings around a player: up to so many places above, the player's own, as many below; null for somebody who
   * takes no part.
   */
  leaderboardAround(season: string, at: Instant | Date, player: string, places: number): Promise<LeaderboardPage | null>
  /**
   * The final standings of a sealed season as a file, with its hash now and the one recorded at the seal: while `sha256` and
   * `recorded` are equal, the scores are those that were sealed.
   *
   * Rejects with `SEASON_NOT_SEALED`.
   */
  standings(season: string): Promise<Standings>
  /** Where a player stands in a season now; null for one who takes no part. */
  standing(season: string, player: string): Promise<Standing | null>
  /** Writes a season's standings into its tables. The first refresh after the season's end seals it. */
  refreshLeaderboard(season: string, now: Instant | Date): Promise<Refreshed>
  /**
   * Does reports of many players, thousands of them if need be, in one transaction. Who is refused, or whose rows are not
   * sound, is set aside in the answer, and the others go on.
   */
  reportMany(reports: readonly PlayerReport[]): Promise<Reported>
  /**
   * Hands out up to `limit` commands' events for delivery, the oldest first. Their players are this worker's until all of them are
   * acknowledged or the lease is over, in milliseconds by the database's clock; what was not acknowledged by then is handed out
   * again. So every event is delivered at least once, and a player's in order. Events are kept only with the option `outbox`.
   *
   * With `null` for `limit` they are 100. A lease has no default: it is for as long as a delivery may take.
   */
  claimEvents(worker: string, limit: number | null, leaseMs: number): Promise<OutboxEntry[]>
  /** Takes delivered events out of the outbox, by the ids they were handed out with; how many were still there. */
  acknowledge(ids: readonly (bigint | number)[]): Promise<bigint>
  /**
   * Everything that the database holds about a player, except secrets. `JSON.stringify` makes the file of it.
   *
   * Rejects with `UNKNOWN_ID`.
   */
  exportPlayer(id: string): Promise<PlayerExport>
  /**
   * Erases a player's personal data: address, name, image, sessions, accounts, verifications, measurements, reasons. The id and the
   * ledger stay and verify, and the player can go on. False if it was erased before; what came since is erased too.
   *
   * Rejects with `UNKNOWN_ID`.
   */
  erasePlayer(id: string, at: Instant | Date): Promise<boolean>
  /**
   * Advances up to `limit` players whose day is due, the longest overdue first; 100 by default. With `idleDays` those are
   * left out who have sent no command for more than so many days. Call it again while `more` is true.
   */
  rollOver(now: Instant | Date, limit?: number | null, idleDays?: number | null): Promise<RollOver>
}

/** The hash that seals an event after the one before it; a player's first event follows 64 zeros. */
export declare function hashEvent(previous: EventHash, event: XpEvent, modifiers: readonly XpModifier[]): EventHash

/** The version of the IANA time zone database that is built in. */
export declare function timeZoneVersion(): string

/**
 * Verifies a player's ledger from the first event on; it must end as each of `ends` remembers it. What is wrong is the
 * answer, not an error.
 */
export declare function verifyLedger(entries: readonly LedgerEntry[], ends?: readonly LedgerEnd[] | null): Verification

/** The version of levelkit. */
export declare function version(): string
