// Documents as an author writes them, in JSON: their keys are the document's own.

/** What a JSON document holds. A bigint is written as an integer. */
export type Json = string | number | bigint | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** The format of a ruleset's text. */
export type RulesetFormat = "json" | "yaml" | "yml" | "toml";

/** The values of a text's variables, by name. */
export type Variables = Readonly<Record<string, string>>;

/** A multiplier as an author writes it: a number, or a text of at most six digits after the point. */
export type Decimal = number | string;

/** What must hold of the metrics. */
export type RequirementDocument =
  | { readonly type: "numeric"; readonly metric: string; readonly op: ">=" | "<=" | ">" | "<" | "==" | "!="; readonly value: number }
  | { readonly type: "boolean"; readonly metric: string; readonly value: boolean }
  | { readonly type: "between"; readonly metric: string; readonly min: number; readonly max: number }
  | { readonly type: "compound"; readonly logic: "AND" | "OR"; readonly requirements: readonly RequirementDocument[] }
  | { readonly type: "not"; readonly requirement: RequirementDocument };

/** How XP becomes levels. */
export type CurveDocument =
  | { readonly family: "polynomial"; readonly coefficients: readonly Decimal[]; readonly max_level?: number }
  | { readonly family: "power"; readonly base: number | bigint; readonly p: number; readonly max_level?: number }
  | { readonly family: "geometric"; readonly first: number | bigint; readonly ratio: Decimal; readonly max_level?: number }
  | {
      readonly family: "table";
      readonly thresholds: readonly (number | bigint | string)[];
      readonly step: number | bigint;
      readonly max_level?: number;
    };

/** What multiplies an award: the ruleset's `modifiers`. `Ruleset.schema()` says it in full. */
export type ModifiersDocument = { readonly [key: string]: Json };

/** A whole ruleset. `Ruleset.schema()` says it in full, for editors; `docs/ruleset.md` explains it. */
export type RulesetDocument = { readonly format: "levelkit.ruleset/1"; readonly [section: string]: Json };
