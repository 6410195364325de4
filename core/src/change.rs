//! Changes: what a decision did, complete enough to rebuild every row from; events are their public projection.

use serde::{Deserialize, Serialize};

use crate::api::{Day, Event, Instant, MetricValue, Refusal, Source, Stat, Xp, whole};
use crate::day::Zone;
use crate::modifier::Award;
use crate::name::Name;
use crate::player::{
    BossAttempt, DungeonAttempt, Fact, Grant, LedgerHead, OpenDay, Participation, Player, QuestLog, RulesetHash,
    UserTitle,
};

/// The inputs of a quest log's last evaluation: its `progress` column.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// Whether the requirement was met.
    pub met: bool,
    /// How far, 0 to 1.
    pub fraction: f64,
    /// Every metric that the requirement reads and that was known, by name.
    pub metrics: std::collections::BTreeMap<String, MetricValue>,
}

/// One XP event, before it is sealed.
#[derive(Clone, Copy, Debug)]
pub struct AwardChange<'a> {
    /// What was awarded, and how it came about.
    pub award: &'a Award<'a>,
    /// Where it comes from.
    pub source: Source,
    /// What it refers to.
    pub source_ref: SourceRef<'a>,
    /// The total before.
    pub total_xp_before: i64,
    /// The total after.
    pub total_xp_after: i64,
    /// The level before.
    pub level_before: i32,
    /// The level after.
    pub level_after: i32,
    /// The ruleset it was made under.
    pub rules: RulesetHash,
}

/// What an XP event refers to; its `source_id` and its own id follow from it.
#[derive(Clone, Copy, Debug)]
pub enum SourceRef<'a> {
    /// A quest log.
    Quest(&'a QuestLog),
    /// A boss attempt.
    Boss(&'a BossAttempt),
    /// A dungeon attempt.
    Dungeon(&'a DungeonAttempt),
    /// An adjustment or a grant: the caller's id is the event's, and the source id is the caller's too.
    Caller {
        /// The event's id.
        id: &'a str,
        /// The `source_id`, if any.
        source_id: Option<&'a str>,
    },
}

/// Why a title was earned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TitleCause {
    /// Its condition held.
    Condition,
    /// A boss's reward.
    Reward,
}

/// One change, in the order it happened.
#[derive(Clone, Copy, Debug)]
pub enum Change<'a> {
    /// A date had no instant for the player.
    DaySkipped(Day),
    /// A day opened.
    DayOpened(&'a OpenDay),
    /// A day's core quests were completed further.
    DayProgressed(&'a OpenDay),
    /// A day closed.
    DayClosed {
        /// The day.
        day: &'a OpenDay,
        /// Core quests missed.
        missed: i32,
        /// Whether it set off the debuff.
        debuff_triggered: bool,
    },
    /// A quest log was opened.
    QuestOpened(&'a QuestLog),
    /// A quest log was evaluated, and is not done yet.
    QuestProgressed(&'a QuestLog, &'a Progress),
    /// A quest was completed.
    QuestCompleted(&'a QuestLog, &'a Progress),
    /// A quest failed.
    QuestFailed(&'a QuestLog, &'a Progress),
    /// A quest expired.
    QuestExpired(&'a QuestLog, &'a Progress),
    /// A failed quest earned its partial reward.
    PartialReward(&'a QuestLog, i32),
    /// XP was awarded or taken.
    XpAwarded(AwardChange<'a>),
    /// An award changed the level, up or down.
    LevelChanged {
        /// The level before.
        level_before: i32,
        /// The level after.
        level_after: i32,
    },
    /// A stat was raised.
    StatRaised {
        /// Which one.
        stat: Stat,
        /// Its stored value now.
        value: i32,
    },
    /// The streak grew.
    StreakExtended(i32),
    /// A streak of that length was lost.
    StreakBroken(i32),
    /// The debuff was set off.
    DebuffStarted(Instant),
    /// A title was earned.
    TitleEarned(&'a UserTitle, TitleCause),
    /// A title was earned before, and became a boss's reward: held for good from now on.
    TitleKept(&'a UserTitle),
    /// A title was revoked.
    TitleRevoked(&'a UserTitle),
    /// Another title is worn, or none.
    TitleEquipped(Option<&'a str>),
    /// A boss fight began.
    BossStarted(&'a BossAttempt, &'a PhaseProgress),
    /// A day of a phase closed.
    BossProgressed(&'a BossAttempt, &'a PhaseProgress),
    /// A phase was won: the attempt is already in the next one, or over.
    BossPhaseCleared(&'a BossAttempt, i32),
    /// A phase begins anew.
    BossPhaseRestarted(&'a BossAttempt),
    /// The last phase was won.
    BossVictory(&'a BossAttempt),
    /// A phase was lost for good.
    BossLost(&'a BossAttempt),
    /// The fight was given up.
    BossAbandoned(&'a BossAttempt),
    /// A dungeon was entered.
    DungeonEntered(&'a DungeonAttempt),
    /// A dungeon's snapshot grew.
    DungeonProgressed(&'a DungeonAttempt),
    /// A dungeon was cleared.
    DungeonCleared(&'a DungeonAttempt),
    /// A dungeon was forfeited.
    DungeonFailed(&'a DungeonAttempt),
    /// A dungeon's time ran out.
    DungeonTimedOut(&'a DungeonAttempt),
    /// A season was joined.
    SeasonJoined(&'a Participation),
    /// Season XP was scored.
    SeasonScored(&'a Participation),
    /// A measurement was taken in.
    FactReported(&'a Fact),
    /// A lifetime count rose.
    CounterRaised(&'a Name, i64),
    /// The host asserted a name.
    SpecialAsserted(&'a Name),
    /// An adjustment or a grant is remembered, with its reason.
    GrantRecorded(&'a Grant, &'a str),
    /// The player moved to another zone.
    ZoneChanged {
        /// The zone.
        zone: Zone,
        /// From when on.
        since: Instant,
    },
    /// The last change of every accepted command: the player as it is now.
    PlayerChanged(&'a Player),
}

/// How a boss phase stands: the `phase_progress` column.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PhaseProgress {
    /// The phase, from 1.
    #[serde(deserialize_with = "whole::deserialize")]
    pub phase: i32,
    /// The phase's day, from 1.
    #[serde(deserialize_with = "whole::deserialize")]
    pub day: i32,
    /// How many days it lasts.
    #[serde(deserialize_with = "whole::deserialize")]
    pub days: i32,
    /// How far it is met, 0 to 1.
    pub fraction: f64,
    /// Every metric that its requirement reads and that is known, by name.
    pub values: std::collections::BTreeMap<String, MetricValue>,
    /// How often it began anew.
    #[serde(deserialize_with = "whole::deserialize")]
    pub retries: i32,
}

/// Takes a command's changes in, as they happen.
///
/// An engine calls [`begin`](Self::begin), then [`change`](Self::change) for each change, then [`accept`](Self::accept), or
/// [`refuse`](Self::refuse) if the command was refused after all and everything since `begin` is void.
pub trait Sink {
    /// Whether this sink uses the parts that only rows need (`Progress`, `PhaseProgress`); building them allocates.
    const ROWS: bool;

    /// A command begins, for this player as it is now.
    fn begin(&mut self, player: &Player, at: Instant) {
        let _ = (player, at);
    }

    /// Something changed.
    fn change(&mut self, change: Change<'_>);

    /// The command is accepted; the answer is where the ledger's chain stands now, from a sink that seals it.
    ///
    /// # Errors
    /// The command is refused after all, where the sink could not seal what it brought: `XP_OVERFLOW`.
    fn accept(&mut self) -> Result<Option<LedgerHead>, Refusal> {
        Ok(None)
    }

    /// The command is refused: nothing since `begin` happened.
    fn refuse(&mut self) {}
}

/// A sink that only counts: what a simulation uses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// How many changes there were.
    pub changes: u64,
}

impl Sink for Count {
    const ROWS: bool = false;

    fn change(&mut self, _: Change<'_>) {
        self.changes += 1;
    }
}

impl Change<'_> {
    /// The public event of this change, if it has one.
    pub fn event(&self) -> Option<Event> {
        let event = match *self {
            Self::DayOpened(open) => Event::DayOpened { day: open.day, core_total: open.core_total },
            Self::DayClosed { day, missed, debuff_triggered } => Event::DayClosed {
                day: day.day,
                core_completed: day.core_completed,
                core_total: day.core_total,
                missed,
                all_completed: day.core_total > 0 && missed == 0,
                debuff_triggered,
            },
            Self::QuestCompleted(log, _) => Event::QuestCompleted { quest: log.quest.to_string(), day: log.day },
            Self::QuestFailed(log, _) => Event::QuestFailed { quest: log.quest.to_string(), day: log.day },
            Self::QuestExpired(log, _) => Event::QuestExpired { quest: log.quest.to_string(), day: log.day },
            Self::PartialReward(log, xp) => Event::PartialReward { quest: log.quest.to_string(), day: log.day, xp },
            Self::XpAwarded(award) => award.event(),
            Self::LevelChanged { level_before, level_after } if level_after > level_before => {
                Event::LevelUp { level_before, level_after }
            }
            Self::LevelChanged { level_before, level_after } => Event::LevelDown { level_before, level_after },
            Self::StatRaised { stat, value } => Event::StatRaised { stat, value },
            Self::StreakExtended(current_streak) => Event::StreakExtended { current_streak },
            Self::StreakBroken(previous_streak) => Event::StreakBroken { previous_streak },
            Self::DebuffStarted(until) => Event::DebuffStarted { until },
            Self::TitleEarned(title, _) => Event::TitleEarned { title: title.title.to_string() },
            Self::TitleRevoked(title) => Event::TitleRevoked { title: title.title.to_string() },
            Self::TitleEquipped(title) => Event::TitleEquipped { title: title.map(str::to_owned) },
            Self::BossStarted(attempt, _) => {
                Event::BossStarted { boss: attempt.boss.to_string(), phase: attempt.phase }
            }
            Self::BossPhaseCleared(attempt, phase) => Event::BossPhaseCleared { boss: attempt.boss.to_string(), phase },
            Self::BossPhaseRestarted(attempt) => {
                Event::BossPhaseRestarted { boss: attempt.boss.to_string(), phase: attempt.phase }
            }
            Self::BossVictory(attempt) => Event::BossVictory { boss: attempt.boss.to_string(), phase: attempt.phase },
            Self::BossLost(attempt) => Event::BossLost { boss: attempt.boss.to_string(), phase: attempt.phase },
            Self::BossAbandoned(attempt) => {
                Event::BossAbandoned { boss: attempt.boss.to_string(), phase: attempt.phase }
            }
            Self::DungeonEntered(attempt) => Event::DungeonEntered { dungeon: attempt.dungeon.to_string() },
            Self::DungeonCleared(attempt) => Event::DungeonCleared { dungeon: attempt.dungeon.to_string() },
            Self::DungeonFailed(attempt) => Event::DungeonFailed { dungeon: attempt.dungeon.to_string() },
            Self::DungeonTimedOut(attempt) => Event::DungeonTimedOut { dungeon: attempt.dungeon.to_string() },
            Self::SeasonJoined(joined) => Event::SeasonJoined { season: joined.season.to_string() },
            Self::DaySkipped(_)
            | Self::DayProgressed(_)
            | Self::QuestOpened(_)
            | Self::QuestProgressed(..)
            | Self::TitleKept(_)
            | Self::BossProgressed(..)
            | Self::DungeonProgressed(_)
            | Self::SeasonScored(_)
            | Self::FactReported(_)
            | Self::CounterRaised(..)
            | Self::SpecialAsserted(_)
            | Self::GrantRecorded(..)
            | Self::ZoneChanged { .. }
            | Self::PlayerChanged(_) => return None,
        };
        Some(event)
    }
}

impl AwardChange<'_> {
    fn event(&self) -> Event {
        Event::XpAwarded {
            source: self.source,
            base_xp: self.award.base_xp,
            final_xp: self.award.final_xp,
            total_xp_before: Xp(self.total_xp_before),
            total_xp_after: Xp(self.total_xp_after),
            steps: self.award.to_steps(),
        }
    }
}
