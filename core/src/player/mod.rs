//! A player: everything the rules know about one, apart from the content (the rules, section 5).
//!
//! The parts are public for those who persist a player: a store fills them from its rows, a host may serialise the whole.
//! Only [`Engine`](crate::Engine) changes them by the rules.

mod counters;
mod history;

use serde::{Deserialize, Serialize};

use crate::api::{
    BossAttemptStatus, Day, DungeonAttemptStatus, Instant, MetricValue, QuestStatus, Source, Stat, whole,
};
use crate::day::Zone;
use crate::ledger::EventHash;
use crate::name::Name;

pub use counters::Counters;
pub(crate) use history::HistoryMark;
pub use history::{ClosedDay, EndedLog, History, PastMetric};

/// A ruleset's hash, which says under which rules something was opened.
pub type RulesetHash = EventHash;

/// One player.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Player {
    /// The id.
    pub id: Name,
    /// What can change with a command.
    pub state: State,
    /// Closed days, as far back as the rules look.
    pub history: History,
}

/// The four stats, each 10 at first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stats {
    /// Strength.
    #[serde(deserialize_with = "whole::deserialize")]
    pub str: i32,
    /// Agility.
    #[serde(deserialize_with = "whole::deserialize")]
    pub agi: i32,
    /// Vitality.
    #[serde(deserialize_with = "whole::deserialize")]
    pub vit: i32,
    /// Discipline.
    #[serde(deserialize_with = "whole::deserialize")]
    pub disc: i32,
}

impl Stats {
    /// The stored value of a stat.
    pub fn get(&self, stat: Stat) -> i32 {
        match stat {
            Stat::Str => self.str,
            Stat::Agi => self.agi,
            Stat::Vit => self.vit,
            Stat::Disc => self.disc,
        }
    }

    pub(crate) fn set(&mut self, stat: Stat, value: i32) {
        *match stat {
            Stat::Str => &mut self.str,
            Stat::Agi => &mut self.agi,
            Stat::Vit => &mut self.vit,
            Stat::Disc => &mut self.disc,
        } = value;
    }
}

impl Default for Stats {
    fn default() -> Self {
        Self { str: 10, agi: 10, vit: 10, disc: 10 }
    }
}

/// What can change with a command: `users` columns, the open days, and the engine's own record.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// `users.level`.
    #[serde(deserialize_with = "whole::deserialize")]
    pub level: i32,
    /// `users.total_xp`.
    #[serde(with = "whole")]
    pub total_xp: i64,
    /// `users.current_streak`, in days.
    #[serde(deserialize_with = "whole::deserialize")]
    pub current_streak: i32,
    /// `users.longest_streak`, in days.
    #[serde(deserialize_with = "whole::deserialize")]
    pub longest_streak: i32,
    /// `users.perfect_streak`, in days.
    #[serde(deserialize_with = "whole::deserialize")]
    pub perfect_streak: i32,
    /// `users.debuff_active_until`.
    pub debuff_active_until: Option<Instant>,
    /// `users.str`, `agi`, `vit`, `disc`.
    pub stats: Stats,
    /// `users.timezone`.
    pub zone: Zone,
    /// `users.active_title_id`.
    pub active_title: Option<Name>,
    /// The last accepted command's instant.
    pub last_at: Option<Instant>,
    /// The first day; fixed by the first command.
    pub first_day: Option<Day>,
    /// The latest day that was opened; it stays here when it is closed before the next one is opened.
    pub open_day: Option<Day>,
    /// The instant at which the open day ends; none before the first day, and at the end of time.
    pub day_ends_at: Option<Instant>,
    /// The date that the local day will be then.
    pub next_day: Option<Day>,
    /// When the zone in force began, if it was ever changed.
    pub zone_since: Option<Instant>,
    /// Where the ledger's chain stands.
    pub ledger: LedgerHead,
    /// Days that are not closed, oldest first.
    pub days: Vec<OpenDay>,
    /// Quest logs whose day or week is not closed.
    pub logs: Vec<QuestLog>,
    /// Measurements of the days that are not closed, in day order.
    pub facts: Vec<Fact>,
    /// Lifetime counts.
    pub counters: Counters,
    /// Names that the host asserted, sorted.
    pub specials: Vec<Name>,
    /// Titles ever earned, sorted by id.
    pub titles: Vec<UserTitle>,
    /// What changed since titles were last evaluated.
    #[serde(deserialize_with = "whole::deserialize")]
    pub title_inputs: u32,
    /// The boss fight under way, or the last one.
    pub boss: Option<BossAttempt>,
    /// The dungeon attempt under way, or the last one.
    pub dungeon: Option<DungeonAttempt>,
    /// When each dungeon was last left, sorted by id.
    pub dungeon_exits: Vec<DungeonExit>,
    /// Seasons joined, sorted by id.
    pub seasons: Vec<Participation>,
    /// Seasons whose standings are sealed, so that nothing is scored any more; whoever keeps the leaderboard fills this in.
    pub sealed_seasons: Vec<Name>,
    /// Dates that had no instant, in order.
    pub skipped: Vec<Day>,
    /// Adjustments and grants by the caller's id, sorted.
    pub grants: Vec<Grant>,
}

/// Where a player's ledger chain stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LedgerHead {
    /// How many events are sealed.
    #[serde(with = "whole")]
    #[cfg_attr(feature = "schema", schemars(with = "i64"))]
    pub events: i64,
    /// The last event's hash; zeros before the first.
    pub hash: EventHash,
    /// The last event's `created_at`.
    pub created_at: Option<Instant>,
}

/// A day that is not closed: its `daily_logs` row and what closing needs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OpenDay {
    /// The date.
    pub day: Day,
    /// The instant at which it became the player's local day.
    pub first_instant: Instant,
    /// The ruleset that opened it.
    pub rules: RulesetHash,
    /// Core quests completed.
    #[serde(deserialize_with = "whole::deserialize")]
    pub core_completed: i32,
    /// Core quests it has.
    #[serde(deserialize_with = "whole::deserialize")]
    pub core_total: i32,
}

/// A quest log whose day or week is not closed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct QuestLog {
    /// The template's id.
    pub quest: Name,
    /// Its day; a weekly quest's Monday.
    pub day: Day,
    /// The day it was opened on; for a weekly quest any day of its week.
    pub opened_on: Day,
    /// The ruleset that opened it.
    pub rules: RulesetHash,
    /// Where it stands.
    pub status: QuestStatus,
    /// When it was completed.
    pub completed_at: Option<Instant>,
    /// The final XP it was awarded.
    #[serde(default, deserialize_with = "whole::optional")]
    pub xp_awarded: Option<i32>,
    /// Whether it was evaluated since it was opened.
    pub evaluated: bool,
    /// How far it was met then, 0 to 1.
    pub fraction: f64,
}

/// One reported measurement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fact {
    /// The local day measured.
    pub day: Day,
    /// The metric.
    pub metric: Name,
    /// The value.
    pub value: MetricValue,
    /// When it was measured.
    pub observed_at: Instant,
}

/// A title earned at least once: a row of `user_titles`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UserTitle {
    /// The title's id.
    pub title: Name,
    /// When it was earned last.
    pub earned_at: Instant,
    /// When it was revoked, unless it is held.
    pub revoked_at: Option<Instant>,
    /// Whether it was a boss's reward, and so is held for good.
    pub reward: bool,
}

/// A boss attempt: a row of `boss_attempts`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BossAttempt {
    /// The boss's id.
    pub boss: Name,
    /// The ruleset it was started under.
    pub rules: RulesetHash,
    /// Where it stands.
    pub status: BossAttemptStatus,
    /// The phase, from 1.
    #[serde(deserialize_with = "whole::deserialize")]
    pub phase: i32,
    /// The phase's first day.
    pub phase_from: Day,
    /// Closed days of the phase.
    #[serde(deserialize_with = "whole::deserialize")]
    pub days_closed: i32,
    /// How often this phase began anew.
    #[serde(deserialize_with = "whole::deserialize")]
    pub retries: i32,
    /// When it was started.
    pub started_at: Instant,
    /// When it ended.
    pub completed_at: Option<Instant>,
    /// The day its victory counts on.
    pub counted_on: Option<Day>,
}

/// A dungeon attempt: a row of `dungeon_attempts`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DungeonAttempt {
    /// The dungeon's id.
    pub dungeon: Name,
    /// The ruleset it was entered under.
    pub rules: RulesetHash,
    /// Where it stands.
    pub status: DungeonAttemptStatus,
    /// When it was started.
    pub started_at: Instant,
    /// The entering command's instant: earlier observations do not count.
    pub entered_at: Instant,
    /// The local day it was entered on.
    pub from: Day,
    /// The instant its time runs out; an observation at it still counts.
    pub deadline: Instant,
    /// What was measured inside: one snapshot.
    pub snapshot: Vec<Fact>,
    /// When it ended.
    pub completed_at: Option<Instant>,
    /// The day its clear counts on.
    pub counted_on: Option<Day>,
    /// The final XP it was awarded.
    #[serde(default, deserialize_with = "whole::optional")]
    pub xp_awarded: Option<i32>,
}

/// When a dungeon was last left, for its cooldown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DungeonExit {
    /// The dungeon's id.
    pub dungeon: Name,
    /// When its last attempt ended.
    pub at: Instant,
}

/// Taking part in a season: a row of `season_participations`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Participation {
    /// The season's id.
    pub season: Name,
    /// XP scored while it was active.
    #[serde(with = "whole")]
    pub season_xp: i64,
    /// When the player joined.
    pub joined_at: Instant,
}

/// An adjustment or a grant, remembered so that it happens once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// The caller's id.
    pub id: Name,
    /// Whose it was.
    pub user: Name,
    /// Its source.
    pub source: Source,
    /// The amount, as asked.
    #[serde(deserialize_with = "whole::deserialize")]
    pub amount: i32,
}

impl Player {
    /// A player who has sent no command yet: level 1, no XP, stats 10.
    ///
    /// ```
    /// let player = levelkit::Player::new("p1", levelkit::Zone::named("Europe/Berlin").unwrap());
    /// assert_eq!((player.state.level, player.state.total_xp), (1, 0));
    /// ```
    pub fn new(id: &str, zone: Zone) -> Self {
        Self { id: id.into(), state: State::new(zone), history: History::default() }
    }

    /// The title of that id, if the player holds it.
    pub fn held_title(&self, title: &str) -> Option<&UserTitle> {
        self.state.titles.iter().find(|held| &*held.title == title && held.revoked_at.is_none())
    }
}

impl State {
    /// The state of a player who has sent no command yet.
    pub fn new(zone: Zone) -> Self {
        Self {
            level: 1,
            total_xp: 0,
            current_streak: 0,
            longest_streak: 0,
            perfect_streak: 0,
            debuff_active_until: None,
            stats: Stats::default(),
            zone,
            active_title: None,
            last_at: None,
            first_day: None,
            open_day: None,
            day_ends_at: None,
            next_day: None,
            zone_since: None,
            ledger: LedgerHead { events: 0, hash: EventHash::ZERO, created_at: None },
            days: Vec::new(),
            logs: Vec::new(),
            facts: Vec::new(),
            counters: Counters::default(),
            specials: Vec::new(),
            titles: Vec::new(),
            title_inputs: u32::MAX,
            boss: None,
            dungeon: None,
            dungeon_exits: Vec::new(),
            seasons: Vec::new(),
            sealed_seasons: Vec::new(),
            skipped: Vec::new(),
            grants: Vec::new(),
        }
    }

    /// The boss fight under way.
    pub fn boss_in_progress(&self) -> Option<&BossAttempt> {
        self.boss.as_ref().filter(|attempt| attempt.status == BossAttemptStatus::InProgress)
    }

    /// The dungeon attempt under way.
    pub fn dungeon_in_progress(&self) -> Option<&DungeonAttempt> {
        self.dungeon.as_ref().filter(|attempt| attempt.status == DungeonAttemptStatus::InProgress)
    }
}

/// Copies into what is already allocated, since every command keeps a copy to undo itself with.
macro_rules! clone_in_place {
    ($type:ident { $($field:tt),+ $(,)? }) => {
        impl Clone for $type {
            fn clone(&self) -> Self {
                Self { $($field: self.$field.clone()),+ }
            }
            fn clone_from(&mut self, source: &Self) {
                // Destructured, so that a new field cannot be forgotten.
                let Self { $($field: _),+ } = self;
                $(self.$field.clone_from(&source.$field);)+
            }
        }
    };
}

clone_in_place!(State {
    level,
    total_xp,
    current_streak,
    longest_streak,
    perfect_streak,
    debuff_active_until,
    stats,
    zone,
    active_title,
    last_at,
    first_day,
    open_day,
    day_ends_at,
    next_day,
    zone_since,
    ledger,
    days,
    logs,
    facts,
    counters,
    specials,
    titles,
    title_inputs,
    boss,
    dungeon,
    dungeon_exits,
    seasons,
    sealed_seasons,
    skipped,
    grants,
});
