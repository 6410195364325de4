//! The ruleset document: its types, as an author writes them, with every default filled in (the rules, section 13).

mod content;
mod title;
mod wire;

use std::collections::BTreeMap;

use serde::Serialize;

#[cfg(feature = "schema")]
use super::schema::patterns;
use crate::api::{MetricKind, ModifierType, Multiplier, Source, SourcePolicy, Stacking};
use crate::curve::CurveSpec;

pub use content::{
    Boss, BossPhase, Challenge, Dungeon, EntryRequirements, Narrative, NarrativeContext, PartialReward,
    PhaseRequirements, QuestTemplate, Season,
};
pub use title::{Condition, Passive, Regression, Subject, Title, TitleCondition};

/// The one value of `format`.
pub const FORMAT: &str = "levelkit.ruleset/1";

/// One whole ruleset. Every part but `format` may be left out in the text; here the defaults are filled in.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields, default))]
pub struct Document {
    /// Always `levelkit.ruleset/1`.
    #[cfg_attr(feature = "schema", schemars(extend("const" = FORMAT)))]
    pub format: String,
    /// Metrics declared by name; those not listed are inferred from use.
    #[cfg_attr(feature = "schema", schemars(extend("propertyNames" = { "pattern": patterns::MEASURED })))]
    pub metrics: BTreeMap<String, MetricDeclaration>,
    /// How XP becomes levels.
    pub curve: CurveSpec,
    /// What multiplies an award.
    pub modifiers: Modifiers,
    /// When a streak goes on.
    pub streak: StreakRule,
    /// When the debuff falls.
    pub debuff: DebuffRule,
    /// When a day begins, and how long it may still be reported.
    pub day: DayRule,
    /// Quest templates, in the order they are evaluated.
    pub quests: Vec<QuestTemplate>,
    /// Titles.
    pub titles: Vec<Title>,
    /// Bosses with their phases.
    pub bosses: Vec<Boss>,
    /// Dungeons.
    pub dungeons: Vec<Dungeon>,
    /// Seasons; none overlap.
    pub seasons: Vec<Season>,
    /// Texts.
    pub narratives: Vec<Narrative>,
}

/// A declared metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub struct MetricDeclaration {
    /// Numeric or boolean.
    pub kind: MetricKind,
}

/// The modifier stack's settings (the rules, section 4).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields, default))]
pub struct Modifiers {
    /// Streak bonuses, by rising `days`.
    pub streak_tiers: Vec<StreakTier>,
    /// The factor on Saturdays and Sundays.
    pub weekend_multiplier: Multiplier,
    /// The factor while the debuff is active, 0 to 1.
    pub debuff_multiplier: Multiplier,
    /// How bonuses combine.
    pub stacking: Stacking,
    /// The cap on final XP as a factor of base XP, at least 1.
    pub max_multiplier: Option<Multiplier>,
    /// Whether awards of a source take modifiers; every source is listed.
    #[cfg_attr(feature = "schema", schemars(extend("propertyNames" = { "enum": Source::ALL })))]
    pub sources: BTreeMap<Source, SourcePolicy>,
    /// The order of bonuses; every type but the debuff once.
    #[cfg_attr(feature = "schema", schemars(length(equal = 5)))]
    pub bonus_order: Vec<ModifierType>,
    /// The order of penalties; every type but the debuff once.
    #[cfg_attr(feature = "schema", schemars(length(equal = 5)))]
    pub penalty_order: Vec<ModifierType>,
}

/// A streak's bonus from a length on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub struct StreakTier {
    /// The streak it starts at, in days.
    #[cfg_attr(feature = "schema", schemars(range(min = 1)))]
    pub days: i32,
    /// Its factor.
    pub multiplier: Multiplier,
}

/// When a streak goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields, default))]
pub struct StreakRule {
    /// Core quests that may be missed on a day without losing the streak.
    #[cfg_attr(feature = "schema", schemars(range(min = 0)))]
    pub allowed_misses: i32,
}

/// When the debuff falls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields, default))]
pub struct DebuffRule {
    /// Core quests missed on a day that set it off.
    #[cfg_attr(feature = "schema", schemars(range(min = 1)))]
    pub missed: i32,
    /// How long it lasts, in hours from the day's end.
    #[cfg_attr(feature = "schema", schemars(range(min = 0)))]
    pub hours: i32,
}

/// When a day begins, and how long it may still be reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields, default))]
pub struct DayRule {
    /// The wall-clock hour a day begins at, 0 to 23.
    #[cfg_attr(feature = "schema", schemars(range(min = 0, max = 23)))]
    pub day_start_hour: i32,
    /// Minutes after its end in which a day still takes reports.
    #[cfg_attr(feature = "schema", schemars(range(min = 0)))]
    pub grace_minutes: i32,
}
