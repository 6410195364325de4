//! Titles, as an author writes them.

use serde::Serialize;

use crate::api::{CountedEvent, Logic, PassiveType, Stat, StreakKind, TitleRarity};
#[cfg(feature = "schema")]
use crate::ruleset::defaults;
#[cfg(feature = "schema")]
use crate::ruleset::schema::patterns;

/// A title: a row of `titles`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub struct Title {
    /// Its id.
    #[cfg_attr(feature = "schema", schemars(regex(pattern = patterns::ID)))]
    pub id: String,
    /// Its name; no two are the same.
    pub name: String,
    /// What it stands for.
    pub description: String,
    /// The text shown when it is earned.
    pub system_message: String,
    /// What earns it: `condition_type` and `condition_config`, flattened on the wire.
    #[serde(flatten)]
    pub condition: TitleCondition,
    /// What it does while worn.
    #[serde(flatten)]
    pub passive: Passive,
    /// How rare it is.
    #[cfg_attr(feature = "schema", schemars(default = "defaults::rarity"))]
    pub rarity: TitleRarity,
    /// Whether it can be lost again.
    #[cfg_attr(feature = "schema", schemars(default = "defaults::can_regress"))]
    pub can_regress: bool,
}

/// A title's `condition_type` with its `condition_config`.
///
/// On the wire `{"condition_type":"STREAK_DAYS","condition_config":{"days":7,"streak":"current"}}`; the extra keys `regression`
/// (any type) and `stat` (for the passive STAT_BONUS) stand in `condition_config` too.
#[derive(Clone, Debug, PartialEq)]
pub struct TitleCondition {
    /// What must hold.
    pub condition: Condition,
    /// And fewer misses than this.
    pub regression: Option<Regression>,
    /// The stat that a STAT_BONUS passive raises.
    pub stat: Option<Stat>,
}

/// What earns a title; the parts of a compound are conditions too (`{"type":"LEVEL"...}`-like objects).
#[derive(Clone, Debug, PartialEq)]
pub enum Condition {
    /// A streak of at least `days`.
    StreakDays {
        /// The length.
        days: i32,
        /// Which streak.
        streak: StreakKind,
    },
    /// At least `count` completed quests, ever.
    CumulativeCount {
        /// Which quests count.
        subject: Subject,
        /// How many.
        count: i64,
    },
    /// At least `count` completed quests in the last `window_days` days.
    TimeWindow {
        /// Which quests count.
        subject: Subject,
        /// How many.
        count: i64,
        /// The window's length in days.
        window_days: i32,
    },
    /// At least `count` of an event, ever.
    EventCount {
        /// Which event.
        event: CountedEvent,
        /// How many.
        count: i64,
    },
    /// All or any of several conditions.
    Compound {
        /// How they are joined.
        logic: Logic,
        /// The parts, one or more.
        conditions: Vec<Condition>,
    },
    /// The player exists.
    AccountCreation,
    /// A quest was completed on a local 1st.
    FirstOfMonth,
    /// The level was reached.
    Level {
        /// The level.
        level: i32,
    },
    /// A name that the host asserts.
    Special {
        /// The name.
        special: String,
    },
}

/// Which quests a count is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// Quests that read this metric.
    Metric(String),
    /// This quest.
    Quest(String),
}

/// The title is held only with fewer than `misses` misses in the last `window_days` closed days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Regression {
    /// Which quests count.
    pub subject: Subject,
    /// How many misses are too many, 1 or more.
    pub misses: i32,
    /// The window's length in days.
    pub window_days: i32,
}

/// What an active title does: `passive_type` and `passive_value`, both or neither.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Passive {
    /// The kind.
    pub passive_type: Option<PassiveType>,
    /// Its value.
    pub passive_value: Option<f64>,
}
