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

