//! Labels: the closed sets of words that the schema's enum columns hold.

use serde::{Deserialize, Serialize};

macro_rules! labels {
    ($($(#[$doc:meta])* $name:ident { $($(#[$case_doc:meta])* $case:ident = $text:literal),+ $(,)? })+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[cfg_attr(feature = "uniffi", derive(uniffi::Enum), uniffi::export(Display))]
        pub enum $name {
            $($(#[$case_doc])* #[serde(rename = $text)] $case,)+
        }

        impl $name {
            /// Every label, in the column's order.
            pub const ALL: &'static [Self] = &[$(Self::$case),+];

            /// The label as the column, the ledger and JSON write it.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$case => $text),+ }
            }

            /// The label with that text, if there is one.
            pub fn from_label(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$case),)+ _ => None }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    )+};
}

labels! {
    /// How often a quest comes up.
    QuestType {
        /// Once every local day.
        Daily = "DAILY",
        /// Once every ISO week.
        Weekly = "WEEKLY",
        /// On every day of a dungeon attempt.
        Dungeon = "DUNGEON",
        /// On every day of a boss attempt.
        Boss = "BOSS",
    }
    /// What a quest trains.
    QuestCategory {
        /// Walking, running, cycling.
        Movement = "MOVEMENT",
        /// Lifting, bodyweight.
        Strength = "STRENGTH",
        /// Sleep, rest, stretching.
        Recovery = "RECOVERY",
        /// Food and water.
        Nutrition = "NUTRITION",
        /// Habits and focus.
        Discipline = "DISCIPLINE",
    }
    /// Where a quest log stands.
    QuestStatus {
        /// Open: may still be completed.
        Active = "ACTIVE",
        /// Done, and awarded; for good.
        Completed = "COMPLETED",
        /// Its day closed before it was done, though there was data.
        Failed = "FAILED",
        /// Its day closed without any data for it.
        Expired = "EXPIRED",
    }
    /// An attribute that quests raise.
    Stat {
        /// Strength.
        Str = "STR",
        /// Agility.
        Agi = "AGI",
        /// Vitality.
        Vit = "VIT",
        /// Discipline.
        Disc = "DISC",
    }
    /// Where an XP event comes from.
    Source {
        /// A quest done, or its partial reward.
        QuestCompletion = "QUEST_COMPLETION",
        /// Granted for a streak.
        StreakBonus = "STREAK_BONUS",
        /// A boss beaten.
        BossDefeat = "BOSS_DEFEAT",
        /// A dungeon cleared.
        DungeonClear = "DUNGEON_CLEAR",
        /// Granted for a season.
        SeasonBonus = "SEASON_BONUS",
        /// Granted for a title.
        TitleBonus = "TITLE_BONUS",
        /// An operator's correction, either way.
        ManualAdjustment = "MANUAL_ADJUSTMENT",
    }
    /// What kind of step a modifier is.
    ModifierType {
        /// The debuff's penalty.
        DebuffPenalty = "DEBUFF_PENALTY",
        /// The streak's tier.
        StreakBonus = "STREAK_BONUS",
        /// Saturday and Sunday.
        WeekendBonus = "WEEKEND_BONUS",
        /// The running season's factor.
        SeasonMultiplier = "SEASON_MULTIPLIER",
        /// The active title's bonus.
        TitlePassive = "TITLE_PASSIVE",
        /// The dungeon's factor.
        DungeonMultiplier = "DUNGEON_MULTIPLIER",
    }
    /// What earns a title.
    ConditionType {
        /// A streak of days.
        StreakDays = "STREAK_DAYS",
        /// A lifetime count of completed quests.
        CumulativeCount = "CUMULATIVE_COUNT",
        /// A count within the last days.
        TimeWindow = "TIME_WINDOW",
        /// A lifetime count of events.
        EventCount = "EVENT_COUNT",
        /// Several conditions joined.
        Compound = "COMPOUND",
        /// A named occasion.
        Special = "SPECIAL",
    }
    /// What an active title does.
    PassiveType {
        /// A whole number of XP on every award.
        FlatXpBonus = "FLAT_XP_BONUS",
        /// A percentage on every award.
        PercentXpBonus = "PERCENT_XP_BONUS",
        /// A bonus on one stat.
        StatBonus = "STAT_BONUS",
        /// A milder debuff.
        DebuffReduction = "DEBUFF_REDUCTION",
    }
    /// How rare a title is.
    TitleRarity {
        /// Everybody's.
        Common = "COMMON",
        /// Many have it.
        Uncommon = "UNCOMMON",
        /// Few have it.
        Rare = "RARE",
        /// Very few have it.
        Epic = "EPIC",
        /// Hardly anybody has it.
        Legendary = "LEGENDARY",
    }
    /// How hard a boss is.
    BossDifficulty {
        /// For everybody.
        Normal = "NORMAL",
        /// For the trained.
        Hard = "HARD",
        /// For the few.
        Nightmare = "NIGHTMARE",
    }
    /// Where a boss attempt stands.
    BossAttemptStatus {
        /// Being fought.
        InProgress = "IN_PROGRESS",
        /// Won.
        Victory = "VICTORY",
        /// Lost.
        Defeat = "DEFEAT",
        /// Given up.
        Abandoned = "ABANDONED",
    }
    /// How hard a dungeon is; the rank sets its default entry level and XP.
    DungeonDifficulty {
        /// Level 3, 50 XP.
        ERank = "E_RANK",
        /// Level 6, 75 XP.
        DRank = "D_RANK",
        /// Level 10, 100 XP.
        CRank = "C_RANK",
        /// Level 15, 130 XP.
        BRank = "B_RANK",
        /// Level 20, 160 XP.
        ARank = "A_RANK",
        /// Level 25, 200 XP.
        SRank = "S_RANK",
    }
    /// Where a dungeon attempt stands.
    DungeonAttemptStatus {
        /// Inside.
        InProgress = "IN_PROGRESS",
        /// Every challenge met in time.
        Cleared = "CLEARED",
        /// Given up.
        Failed = "FAILED",
        /// The time ran out.
        TimedOut = "TIMED_OUT",
    }
    /// Where a season stands.
    SeasonStatus {
        /// Before its start.
        Upcoming = "UPCOMING",
        /// Between its start and its end.
        Active = "ACTIVE",
        /// From its end on.
        Ended = "ENDED",
    }
    /// What a narrative text is about.
    NarrativeCategory {
        /// The first steps.
        Onboarding = "ONBOARDING",
        /// The system speaking.
        SystemMessage = "SYSTEM_MESSAGE",
        /// Quests of the day.
        DailyQuest = "DAILY_QUEST",
        /// The debuff.
        Debuff = "DEBUFF",
        /// Dungeons.
        Dungeon = "DUNGEON",
        /// Bosses.
        Boss = "BOSS",
        /// Titles.
        Title = "TITLE",
        /// Seasons.
        Season = "SEASON",
        /// Levels.
        LevelUp = "LEVEL_UP",
        /// Reminders.
        DailyReminder = "DAILY_REMINDER",
    }
    /// The kind of value a metric holds.
    MetricKind {
        /// A measured number.
        Numeric = "numeric",
        /// Yes or no.
        Boolean = "boolean",
    }
    /// How bonuses of one award combine.
    Stacking {
        /// One after the other.
        Sequential = "SEQUENTIAL",
        /// Their surpluses add up.
        Additive = "ADDITIVE",
        /// Only the largest counts.
        Highest = "HIGHEST",
    }
    /// Whether awards of a source take modifiers.
    SourcePolicy {
        /// Every step that applies.
        Earned = "EARNED",
        /// None.
        Granted = "GRANTED",
    }
    /// Which streak a title's condition looks at.
    StreakKind {
        /// Days in a row with few enough misses.
        Current = "current",
        /// Days in a row without a miss.
        Perfect = "perfect",
        /// The best current streak ever.
        Longest = "longest",
    }
    /// An occasion that EVENT_COUNT conditions count.
    CountedEvent {
        /// A quest was completed.
        QuestCompleted = "QUEST_COMPLETED",
        /// A boss was beaten.
        BossVictory = "BOSS_VICTORY",
        /// A dungeon was cleared.
        DungeonCleared = "DUNGEON_CLEARED",
        /// An award raised the level.
        LevelUp = "LEVEL_UP",
        /// A day closed without a miss.
        PerfectDay = "PERFECT_DAY",
        /// A streak above 0 was lost.
        StreakBroken = "STREAK_BROKEN",
    }
    /// How a compound joins its parts.
    Logic {
        /// All of them.
        And = "AND",
        /// Any of them.
        Or = "OR",
    }
    /// How a numeric leaf compares.
    Operator {
        /// At least.
        AtLeast = ">=",
        /// At most.
        AtMost = "<=",
        /// More than.
        Above = ">",
        /// Less than.
        Below = "<",
        /// Exactly.
        Equal = "==",
        /// Anything but.
        NotEqual = "!=",
    }
}
