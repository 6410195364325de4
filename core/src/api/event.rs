//! Events: what an accepted command made happen, in order.

use serde::{Deserialize, Serialize};

use super::{Day, Instant, ModifierType, Multiplier, Source, Stat, Xp, whole};

/// One modifier step of an award: what was applied, why, and what it did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct Step {
    /// Its place in the award, from 0.
    #[serde(deserialize_with = "whole::deserialize")]
    pub order: i32,
    /// What kind of modifier it is.
    #[serde(rename = "type")]
    pub modifier: ModifierType,
    /// The exact factor; 1 for a flat bonus.
    pub multiplier: Multiplier,
    /// Why it applied: `streak 14 days`, `weekend`, `season <id>`, `title <id>`, `dungeon <id>` or `debuff`.
    pub reason: String,
    /// The award's XP before this step.
    #[serde(deserialize_with = "whole::deserialize")]
    pub xp_before: i32,
    /// The award's XP after this step.
    #[serde(deserialize_with = "whole::deserialize")]
    pub xp_after: i32,
}

/// What happened (the rules, section 12). Ids are the ruleset's; `day` is the `day_date`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "event", rename_all = "SCREAMING_SNAKE_CASE")]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum Event {
    /// A day opened, with its quests.
    DayOpened {
        /// The day.
        day: Day,
        /// How many core quests it has.
        #[serde(deserialize_with = "whole::deserialize")]
        core_total: i32,
    },
    /// A quest was completed.
    QuestCompleted {
        /// The quest's id.
        quest: String,
        /// Its day; a weekly quest's Monday.
        day: Day,
    },
    /// A quest's day closed before it was done, though there was data.
    QuestFailed {
        /// The quest's id.
        quest: String,
        /// Its day; a weekly quest's Monday.
        day: Day,
    },
    /// A quest's day closed without data for it.
    QuestExpired {
        /// The quest's id.
        quest: String,
        /// Its day; a weekly quest's Monday.
        day: Day,
    },
    /// A failed quest still earned its partial reward.
    PartialReward {
        /// The quest's id.
        quest: String,
        /// Its day; a weekly quest's Monday.
        day: Day,
        /// The award's final XP.
        #[serde(deserialize_with = "whole::deserialize")]
        xp: i32,
    },
    /// XP was awarded or taken: one row of the ledger.
    XpAwarded {
        /// Where it comes from.
        source: Source,
        /// XP before modifiers, as asked.
        #[serde(deserialize_with = "whole::deserialize")]
        base_xp: i32,
        /// XP that was added to the total.
        #[serde(deserialize_with = "whole::deserialize")]
        final_xp: i32,
        /// The player's total before.
        total_xp_before: Xp,
        /// The player's total after.
        total_xp_after: Xp,
        /// What turned `base_xp` into `final_xp`, in order.
        steps: Vec<Step>,
    },
    /// An award raised the level.
    LevelUp {
        /// The level before.
        #[serde(deserialize_with = "whole::deserialize")]
        level_before: i32,
        /// The level after.
        #[serde(deserialize_with = "whole::deserialize")]
        level_after: i32,
    },
    /// A negative adjustment lowered the level.
    LevelDown {
        /// The level before.
        #[serde(deserialize_with = "whole::deserialize")]
        level_before: i32,
        /// The level after.
        #[serde(deserialize_with = "whole::deserialize")]
        level_after: i32,
    },
    /// A completed quest raised a stat.
    StatRaised {
        /// Which one.
        stat: Stat,
        /// Its stored value now.
        #[serde(deserialize_with = "whole::deserialize")]
        value: i32,
    },
    /// A day closed for good.
    DayClosed {
        /// The day.
        day: Day,
        /// Core quests completed.
        #[serde(deserialize_with = "whole::deserialize")]
        core_completed: i32,
        /// Core quests it had.
        #[serde(deserialize_with = "whole::deserialize")]
        core_total: i32,
        /// Core quests missed.
        #[serde(deserialize_with = "whole::deserialize")]
        missed: i32,
        /// Whether it was perfect.
        all_completed: bool,
        /// Whether it set off the debuff.
        debuff_triggered: bool,
    },
    /// The streak grew by a day.
    StreakExtended {
        /// Its length now, in days.
        #[serde(deserialize_with = "whole::deserialize")]
        current_streak: i32,
    },
    /// The streak was lost.
    StreakBroken {
        /// Its length before, in days; above 0.
        #[serde(deserialize_with = "whole::deserialize")]
        previous_streak: i32,
    },
    /// The debuff started, or was set off again.
    DebuffStarted {
        /// The instant it ends.
        until: Instant,
    },
    /// A title was earned or granted.
    TitleEarned {
        /// The title's id.
        title: String,
    },
    /// A title's condition no longer holds.
    TitleRevoked {
        /// The title's id.
        title: String,
    },
    /// Another title is worn, or none.
    TitleEquipped {
        /// The title's id, if any.
        title: Option<String>,
    },
    /// A boss fight began.
    BossStarted {
        /// The boss's id.
        boss: String,
        /// The phase, from 1.
        #[serde(deserialize_with = "whole::deserialize")]
        phase: i32,
    },
    /// A phase was won; the next begins the following day.
    BossPhaseCleared {
        /// The boss's id.
        boss: String,
        /// The phase that was won.
        #[serde(deserialize_with = "whole::deserialize")]
        phase: i32,
    },
    /// A phase was lost and begins anew.
    BossPhaseRestarted {
        /// The boss's id.
        boss: String,
        /// The phase that begins anew.
        #[serde(deserialize_with = "whole::deserialize")]
        phase: i32,
    },
    /// The last phase was won.
    BossVictory {
        /// The boss's id.
        boss: String,
        /// The last phase.
        #[serde(deserialize_with = "whole::deserialize")]
        phase: i32,
    },
    /// A phase was lost, and no retry was left.
    BossLost {
        /// The boss's id.
        boss: String,
        /// The phase that was lost.
        #[serde(deserialize_with = "whole::deserialize")]
        phase: i32,
    },
    /// The fight was given up.
    BossAbandoned {
        /// The boss's id.
        boss: String,
        /// The phase it was in.
        #[serde(deserialize_with = "whole::deserialize")]
        phase: i32,
    },
    /// A dungeon was entered.
    DungeonEntered {
        /// The dungeon's id.
        dungeon: String,
    },
    /// Every challenge was met in time.
    DungeonCleared {
        /// The dungeon's id.
        dungeon: String,
    },
    /// The dungeon was forfeited.
    DungeonFailed {
        /// The dungeon's id.
        dungeon: String,
    },
    /// The dungeon's time ran out.
    DungeonTimedOut {
        /// The dungeon's id.
        dungeon: String,
    },
    /// The player takes part in a season from now on.
    SeasonJoined {
        /// The season's id.
        season: String,
    },
}
