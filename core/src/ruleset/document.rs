//! The ruleset document: its types, as an author writes them, with every default filled in (the rules, section 13).

use std::collections::BTreeMap;

use serde::Serialize;

use crate::api::{
    BossDifficulty, CountedEvent, DungeonDifficulty, Instant, Logic, MetricKind, ModifierType, Multiplier,
    NarrativeCategory, PassiveType, QuestCategory, QuestType, Source, SourcePolicy, Stacking, Stat, StreakKind,
    TitleRarity,
};
use crate::curve::CurveSpec;
use crate::requirement::Requirement;

/// One whole ruleset. Every part but `format` may be left out in the text; here the defaults are filled in.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Document {
    /// Always `levelkit.ruleset/1`.
    pub format: String,
    /// Metrics declared by name; those not listed are inferred from use.
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
pub struct MetricDeclaration {
    /// Numeric or boolean.
    pub kind: MetricKind,
}

/// The modifier stack's settings (the rules, section 4).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
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
    pub sources: BTreeMap<Source, SourcePolicy>,
    /// The order of bonuses; every type but the debuff once.
    pub bonus_order: Vec<ModifierType>,
    /// The order of penalties; every type but the debuff once.
    pub penalty_order: Vec<ModifierType>,
}

/// A streak's bonus from a length on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct StreakTier {
    /// The streak it starts at, in days.
    pub days: i32,
    /// Its factor.
    pub multiplier: Multiplier,
}

/// When a streak goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct StreakRule {
    /// Core quests that may be missed on a day without losing the streak.
    pub allowed_misses: i32,
}

/// When the debuff falls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct DebuffRule {
    /// Core quests missed on a day that set it off.
    pub missed: i32,
    /// How long it lasts, in hours from the day's end.
    pub hours: i32,
}

/// When a day begins, and how long it may still be reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct DayRule {
    /// The wall-clock hour a day begins at, 0 to 23.
    pub day_start_hour: i32,
    /// Minutes after its end in which a day still takes reports.
    pub grace_minutes: i32,
}

/// A quest template: a row of `quest_templates`, and `stat_gain`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct QuestTemplate {
    /// Its id.
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
    pub base_xp: i32,
    /// The stat it raises.
    pub stat_affected: Option<Stat>,
    /// By how much; an extra key, 1 by default.
    pub stat_gain: i32,
    /// What a near miss still earns.
    pub partial_reward: Option<PartialReward>,
    /// Whether a DAILY quest counts for the day's streak and debuff.
    pub is_core: bool,
    /// The season it belongs to.
    pub season_id: Option<String>,
}

/// What a near miss still earns when the day closes.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct PartialReward {
    /// The value that the requirement's first numeric leaf must have reached.
    pub threshold: f64,
    /// XP before modifiers.
    pub xp: i32,
}

/// A title: a row of `titles`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Title {
    /// Its id.
    pub id: String,
    /// Its name; no two are the same.
    pub name: String,
    /// What it stands for.
    pub description: String,
    /// The text shown when it is earned.
    pub system_message: String,
    /// What earns it: `condition_type` and `condition_config`, flattened on the wire.
    #[serde(skip)] // its wire form has two keys: see `canonical`
    pub condition: TitleCondition,
    /// What it does while worn.
    #[serde(flatten)]
    pub passive: Passive,
    /// How rare it is.
    pub rarity: TitleRarity,
    /// Whether it can be lost again.
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
pub struct Passive {
    /// The kind.
    pub passive_type: Option<PassiveType>,
    /// Its value.
    pub passive_value: Option<f64>,
}

/// A boss: a row of `bosses`, its `boss_phases`, and `max_phase_retries`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Boss {
    /// Its id.
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
    pub required_level: i32,
    /// XP of the victory, before modifiers.
    pub xp_reward: i32,
    /// The title of the victory.
    pub title_reward_id: Option<String>,
    /// The season it belongs to.
    pub season_id: Option<String>,
    /// Its phases, one or more, by rising `phase_number` from 1.
    pub phases: Vec<BossPhase>,
    /// How often each phase may begin anew; an extra key, 0 by default.
    pub max_phase_retries: i32,
}

/// A boss's phase: a row of `boss_phases`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BossPhase {
    /// Its id; derived when left out.
    pub id: String,
    /// Its place, from 1.
    pub phase_number: i32,
    /// Its name.
    pub name: String,
    /// What to do.
    pub description: String,
    /// What must hold when its last day closes.
    pub requirements: PhaseRequirements,
    /// How many closed days it lasts.
    pub duration_days: i32,
}

/// A phase's requirements: a requirement, or the short form that is an AND of `>=` leaves.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum PhaseRequirements {
    /// A whole requirement.
    Full(Requirement),
    /// The short form; at least one is stated.
    #[serde(rename_all = "camelCase")]
    Short {
        /// At least this rate of core quests, 0 to 1.
        #[serde(skip_serializing_if = "Option::is_none")]
        daily_completion_rate: Option<f64>,
        /// At least this many perfect days.
        #[serde(skip_serializing_if = "Option::is_none")]
        perfect_days: Option<i32>,
        /// At least this many dungeon clears.
        #[serde(skip_serializing_if = "Option::is_none")]
        dungeon_clears: Option<i32>,
        /// At least this current streak.
        #[serde(skip_serializing_if = "Option::is_none")]
        streak: Option<i32>,
    },
}

/// A dungeon: a row of `dungeons`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Dungeon {
    /// Its id.
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
    pub challenges: Vec<Challenge>,
    /// The factor on its XP.
    pub xp_multiplier: Multiplier,
    /// How long an attempt lasts.
    pub duration_minutes: i32,
    /// How long until the next attempt.
    pub cooldown_hours: i32,
    /// The season it belongs to.
    pub season_id: Option<String>,
}

/// Who may enter a dungeon.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum EntryRequirements {
    /// A whole requirement.
    Full(Requirement),
    /// A level, written `minLevel`.
    MinLevel {
        /// The level needed.
        #[serde(rename = "minLevel")]
        min_level: i32,
    },
    /// A level, written `levelRequired`.
    LevelRequired {
        /// The level needed.
        #[serde(rename = "levelRequired")]
        level_required: i32,
    },
    /// `{}`: the rank's level.
    ByRank {},
}

/// One challenge of a dungeon.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Challenge {
    /// Its name.
    pub name: String,
    /// What must be met.
    pub requirement: Requirement,
    /// Its XP; if no challenge states any, the rank's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub xp: Option<i32>,
}

/// A season: a row of `seasons`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Season {
    /// Its id.
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
    pub xp_multiplier: Multiplier,
}

/// A text: a row of `narrative_contents`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Narrative {
    /// Its id; derived when left out.
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
    pub is_active: bool,
}

/// Which event shows a text.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NarrativeContext {
    /// The event, by its name in section 12 of the rules.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
    /// And only while this holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub when: Option<Requirement>,
    /// The variables the text uses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub variables: Option<Vec<String>>,
}
