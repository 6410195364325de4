//! Views: a player as an app shows one, with how far everything is and what is still missing.

use serde::{Deserialize, Serialize};

use super::{
    BossAttemptStatus, ConditionType, Day, DungeonAttemptStatus, Explanation, Instant, Operator, QuestStatus,
    QuestType, SeasonStatus, Step, TitleRarity, Xp, whole,
};

/// A player at an instant, with everything an app shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct PlayerView {
    /// The player's id.
    pub player: String,
    /// The IANA time zone.
    pub timezone: String,
    /// The level, from 1.
    #[serde(deserialize_with = "whole::deserialize")]
    pub level: i32,
    /// All XP so far.
    pub total_xp: Xp,
    /// The total at which this level began.
    pub level_began_at: Xp,
    /// The total at which the next level begins; none at the highest.
    pub next_level_at: Option<Xp>,
    /// Days in a row with few enough misses.
    #[serde(deserialize_with = "whole::deserialize")]
    pub current_streak: i32,
    /// The longest such streak ever.
    #[serde(deserialize_with = "whole::deserialize")]
    pub longest_streak: i32,
    /// Days in a row without a miss.
    #[serde(deserialize_with = "whole::deserialize")]
    pub perfect_streak: i32,
    /// When the debuff ends, if it is active.
    pub debuffed_until: Option<Instant>,
    /// Strength, with the active title's bonus.
    #[serde(deserialize_with = "whole::deserialize")]
    pub str: i32,
    /// Agility, with the active title's bonus.
    #[serde(deserialize_with = "whole::deserialize")]
    pub agi: i32,
    /// Vitality, with the active title's bonus.
    #[serde(deserialize_with = "whole::deserialize")]
    pub vit: i32,
    /// Discipline, with the active title's bonus.
    #[serde(deserialize_with = "whole::deserialize")]
    pub disc: i32,
    /// The title worn.
    pub active_title: Option<String>,
    /// The first day.
    pub first_day: Option<Day>,
    /// The open day.
    pub open_day: Option<Day>,
    /// The instant at which the open day ends.
    pub day_ends_at: Option<Instant>,
    /// Quests whose day or week is not closed, in ruleset order.
    pub quests: Vec<QuestView>,
    /// Every title in force, in ruleset order.
    pub titles: Vec<TitleView>,
    /// The boss fight under way.
    pub boss: Option<BossView>,
    /// The dungeon attempt under way.
    pub dungeon: Option<DungeonView>,
    /// Seasons joined, and the one that is running.
    pub seasons: Vec<SeasonView>,
}

/// What an award would be, or was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct AwardView {
    /// XP before modifiers.
    #[serde(deserialize_with = "whole::deserialize")]
    pub base_xp: i32,
    /// XP after them.
    #[serde(deserialize_with = "whole::deserialize")]
    pub final_xp: i32,
    /// What turns one into the other, in order.
    pub steps: Vec<Step>,
}

/// One thing that a requirement still needs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct Missing {
    /// The metric.
    pub metric: String,
    /// How it must compare; none where a boolean or a range is asked for.
    pub op: Option<Operator>,
    /// The target, where there is one number.
    pub target: Option<f64>,
    /// What was found.
    pub value: Option<f64>,
    /// How much is missing, or too much; the whole target while nothing was reported.
    pub distance: Option<f64>,
    /// The last day it counts on, where there is one.
    pub by: Option<Day>,
}

/// A quest log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct QuestView {
    /// The quest's id.
    pub quest: String,
    /// Its name.
    pub name: String,
    /// How often it comes up.
    #[serde(rename = "type")]
    pub kind: QuestType,
    /// Its day; a weekly quest's Monday.
    pub day: Day,
    /// Whether it counts for the day's streak.
    pub is_core: bool,
    /// Where it stands.
    pub status: QuestStatus,
    /// Why it is met or not.
    pub explanation: Explanation,
    /// The shortest way to meet it.
    pub missing: Vec<Missing>,
    /// What completing it now would award.
    pub award: Option<AwardView>,
    /// The final XP it was awarded.
    #[serde(default, deserialize_with = "whole::optional")]
    pub xp_awarded: Option<i32>,
}

/// How far a title's condition is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct ConditionView {
    /// What kind of condition it is.
    #[serde(rename = "type")]
    pub kind: ConditionType,
    /// What it looks at: a quest, a metric, an event, a streak or a special's name.
    pub subject: Option<String>,
    /// Whether it holds.
    pub met: bool,
    /// How far it is.
    #[serde(with = "whole")]
    #[cfg_attr(feature = "schema", schemars(with = "i64"))]
    pub progress: i64,
    /// How far it must be.
    #[serde(with = "whole")]
    #[cfg_attr(feature = "schema", schemars(with = "i64"))]
    pub target: i64,
    /// How many more are needed.
    #[serde(with = "whole")]
    #[cfg_attr(feature = "schema", schemars(with = "i64"))]
    pub remaining: i64,
    /// The last day on which those count together with what is there, for a count within a window.
    pub by: Option<Day>,
    /// The parts of a compound.
    pub parts: Vec<ConditionView>,
}

/// A title, held or not.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct TitleView {
    /// The title's id.
    pub title: String,
    /// Its name.
    pub name: String,
    /// How rare it is.
    pub rarity: TitleRarity,
    /// Whether it is held.
    pub held: bool,
    /// Whether it is worn.
    pub active: bool,
    /// When it was earned last.
    pub earned_at: Option<Instant>,
    /// When it was lost, unless it is held.
    pub revoked_at: Option<Instant>,
    /// How far its condition is.
    pub condition: ConditionView,
    /// Misses in its regression's window, and how many are too many.
    pub misses: Option<Misses>,
}

/// Misses in a regression's window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct Misses {
    /// How many there are.
    #[serde(with = "whole")]
    #[cfg_attr(feature = "schema", schemars(with = "i64"))]
    pub found: i64,
    /// How many cost the title.
    #[serde(with = "whole")]
    #[cfg_attr(feature = "schema", schemars(with = "i64"))]
    pub limit: i64,
}

/// A boss fight.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct BossView {
    /// The boss's id.
    pub boss: String,
    /// Its name.
    pub name: String,
    /// Where the fight stands.
    pub status: BossAttemptStatus,
    /// The phase, from 1.
    #[serde(deserialize_with = "whole::deserialize")]
    pub phase: i32,
    /// How many phases there are.
    #[serde(deserialize_with = "whole::deserialize")]
    pub phases: i32,
    /// The phase's day, from 1.
    #[serde(deserialize_with = "whole::deserialize")]
    pub day: i32,
    /// How many days the phase lasts.
    #[serde(deserialize_with = "whole::deserialize")]
    pub days: i32,
    /// How often this phase began anew.
    #[serde(deserialize_with = "whole::deserialize")]
    pub retries: i32,
    /// Why the phase is met or not, as things stand.
    pub explanation: Explanation,
    /// The shortest way to meet it.
    pub missing: Vec<Missing>,
    /// What a victory now would award.
    pub award: Option<AwardView>,
}

/// A dungeon attempt.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct DungeonView {
    /// The dungeon's id.
    pub dungeon: String,
    /// Its name.
    pub name: String,
    /// Where the attempt stands.
    pub status: DungeonAttemptStatus,
    /// The instant its time runs out.
    pub deadline: Instant,
    /// Its challenges, in order.
    pub challenges: Vec<ChallengeView>,
    /// What a clear now would award.
    pub award: Option<AwardView>,
}

/// A challenge of a dungeon.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct ChallengeView {
    /// Its name.
    pub name: String,
    /// Why it is met or not.
    pub explanation: Explanation,
    /// The shortest way to meet it.
    pub missing: Vec<Missing>,
}

/// A season, as the player sees it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct SeasonView {
    /// The season's id.
    pub season: String,
    /// Its name.
    pub name: String,
    /// Where it stands.
    pub status: SeasonStatus,
    /// The instant it ends.
    pub ends_at: Instant,
    /// Whether the player takes part.
    pub joined: bool,
    /// XP scored.
    pub season_xp: Xp,
}
