//! Quests, bosses, dungeons, seasons and narratives, as an author writes them.

use serde::Serialize;

use crate::api::{
    BossDifficulty, DungeonDifficulty, Instant, Multiplier, NarrativeCategory, QuestCategory, QuestType, Stat,
};
use crate::requirement::Requirement;
#[cfg(feature = "schema")]
use crate::ruleset::defaults;
#[cfg(feature = "schema")]
use crate::ruleset::schema::{EventName, patterns};

/// A quest template: a row of `quest_templates`, and `stat_gain`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub struct QuestTemplate {
    /// Its id.
    #[cfg_attr(feature = "schema", schemars(regex(pattern = patterns::ID)))]
    pub id: String,
    /// Its name.
    pub name: String,
    /// What to do.
    pub description: String,
    /// How often it comes up.
    #[serde(rename = "type")]
    pub kind: QuestType,
    /// What it trains.
    pub category: QuestCategory,
    /// What completes it.
    pub requirements: Requirement,
    /// XP before modifiers.
    #[cfg_attr(feature = "schema", schemars(range(min = 0)))]
    pub base_xp: i32,
    /// The stat it raises.
    pub stat_affected: Option<Stat>,
    /// By how much; an extra key, 1 by default.
    #[cfg_attr(feature = "schema", schemars(default = "defaults::stat_gain", range(min = 0)))]
    pub stat_gain: i32,
    /// What a near miss still earns.
    pub partial_reward: Option<PartialReward>,
    /// Whether a DAILY quest counts for the day's streak and debuff.
    #[cfg_attr(feature = "schema", schemars(default))]
    pub is_core: bool,
    /// The season it belongs to.
    pub season_id: Option<String>,
}

/// What a near miss still earns when the day closes.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub struct PartialReward {
    /// The value that the requirement's first numeric leaf must have reached.
    pub threshold: f64,
    /// XP before modifiers.
    #[cfg_attr(feature = "schema", schemars(range(min = 0)))]
    pub xp: i32,
}

/// A boss: a row of `bosses`, its `boss_phases`, and `max_phase_retries`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub struct Boss {
    /// Its id.
    #[cfg_attr(feature = "schema", schemars(regex(pattern = patterns::ID)))]
    pub id: String,
    /// Its name; no two are the same.
    pub name: String,
    /// What it is.
    pub description: String,
    /// Shown at the start.
    pub intro_monologue: String,
    /// Shown at the victory.
    pub defeat_message: String,
    /// How hard it is.
    pub difficulty: BossDifficulty,
    /// The level needed to start.
    #[cfg_attr(feature = "schema", schemars(default = "defaults::required_level", range(min = 1)))]
    pub required_level: i32,
    /// XP of the victory, before modifiers.
    #[cfg_attr(feature = "schema", schemars(range(min = 0)))]
    pub xp_reward: i32,
    /// The title of the victory.
    pub title_reward_id: Option<String>,
    /// The season it belongs to.
    pub season_id: Option<String>,
    /// Its phases, one or more, by rising `phase_number` from 1.
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub phases: Vec<BossPhase>,
    /// How often each phase may begin anew; an extra key, 0 by default.
    #[cfg_attr(feature = "schema", schemars(default, range(min = 0)))]
    pub max_phase_retries: i32,
}

/// A boss's phase: a row of `boss_phases`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub struct BossPhase {
    /// Its id; derived when left out.
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>", regex(pattern = patterns::ID)))]
    pub id: String,
    /// Its place, from 1.
    #[cfg_attr(feature = "schema", schemars(range(min = 1)))]
    pub phase_number: i32,
    /// Its name.
    pub name: String,
    /// What to do.
    pub description: String,
    /// What must hold when its last day closes.
    pub requirements: PhaseRequirements,
    /// How many closed days it lasts.
    #[cfg_attr(feature = "schema", schemars(range(min = 1)))]
    pub duration_days: i32,
}

/// A phase's requirements: a requirement, or the short form that is an AND of `>=` leaves.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
#[serde(untagged)]
pub enum PhaseRequirements {
    /// A whole requirement.
    Full(Requirement),
    /// The short form; at least one is stated.
    #[serde(rename_all = "camelCase")]
    #[cfg_attr(feature = "schema", schemars(extend("minProperties" = 1)))]
    Short {
        /// At least this rate of core quests, 0 to 1.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "schema", schemars(range(min = 0.0, max = 1.0)))]
        daily_completion_rate: Option<f64>,
        /// At least this many perfect days.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "schema", schemars(range(min = 0)))]
        perfect_days: Option<i32>,
        /// At least this many dungeon clears.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "schema", schemars(range(min = 0)))]
        dungeon_clears: Option<i32>,
        /// At least this current streak.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "schema", schemars(range(min = 0)))]
        streak: Option<i32>,
    },
}

/// A dungeon: a row of `dungeons`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub struct Dungeon {
    /// Its id.
    #[cfg_attr(feature = "schema", schemars(regex(pattern = patterns::ID)))]
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it is.
    pub description: String,
    /// Its rank.
    pub difficulty: DungeonDifficulty,
    /// Who may enter.
    pub requirements: EntryRequirements,
    /// What must be met inside, one or more, all on one snapshot.
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub challenges: Vec<Challenge>,
    /// The factor on its XP.
    #[cfg_attr(feature = "schema", schemars(default = "defaults::dungeon_multiplier"))]
    pub xp_multiplier: Multiplier,
    /// How long an attempt lasts.
    #[cfg_attr(feature = "schema", schemars(range(min = 1)))]
    pub duration_minutes: i32,
    /// How long until the next attempt.
    #[cfg_attr(feature = "schema", schemars(default = "defaults::cooldown_hours", range(min = 0)))]
    pub cooldown_hours: i32,
    /// The season it belongs to.
    pub season_id: Option<String>,
}

/// Who may enter a dungeon.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
#[serde(untagged)]
pub enum EntryRequirements {
    /// A whole requirement.
    Full(Requirement),
    /// A level, written `minLevel`.
    MinLevel {
        /// The level needed.
        #[serde(rename = "minLevel")]
        #[cfg_attr(feature = "schema", schemars(range(min = 1)))]
        min_level: i32,
    },
    /// A level, written `levelRequired`.
    LevelRequired {
        /// The level needed.
        #[serde(rename = "levelRequired")]
        #[cfg_attr(feature = "schema", schemars(range(min = 1)))]
        level_required: i32,
    },
    /// `{}`: the rank's level.
    ByRank {},
}

/// One challenge of a dungeon.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub struct Challenge {
    /// Its name.
    pub name: String,
    /// What must be met.
    pub requirement: Requirement,
    /// Its XP; if no challenge states any, the rank's.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(range(min = 0)))]
    pub xp: Option<i32>,
}

/// A season: a row of `seasons`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub struct Season {
    /// Its id.
    #[cfg_attr(feature = "schema", schemars(regex(pattern = patterns::ID)))]
    pub id: String,
    /// Its number; no two are the same.
    pub number: i32,
    /// Its name.
    pub name: String,
    /// Its theme.
    pub theme: String,
    /// What it is about.
    pub description: String,
    /// Its first instant.
    pub start_date: Instant,
    /// The instant it ends.
    pub end_date: Instant,
    /// The factor on awards while it is active.
    #[cfg_attr(feature = "schema", schemars(default = "defaults::season_multiplier"))]
    pub xp_multiplier: Multiplier,
}

/// A text: a row of `narrative_contents`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub struct Narrative {
    /// Its id; derived when left out.
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>", regex(pattern = patterns::ID)))]
    pub id: String,
    /// Its key; no two are the same.
    pub key: String,
    /// What it is about.
    pub category: NarrativeCategory,
    /// The text, with `{{variables}}`.
    pub content: String,
    /// When it is shown.
    pub context: Option<NarrativeContext>,
    /// Whether it is in use.
    #[cfg_attr(feature = "schema", schemars(default = "defaults::is_active"))]
    pub is_active: bool,
}

/// Which event shows a text.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub struct NarrativeContext {
    /// The event, by its name in section 12 of the rules.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<EventName>"))]
    pub event: Option<String>,
    /// And only while this holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub when: Option<Requirement>,
    /// The variables the text uses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub variables: Option<Vec<String>>,
}
