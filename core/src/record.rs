//! The recorder: turns a decision's changes into sealed rows and public events.
//!
//! A store writes the rows; each one is complete, and a row of the same key replaces the earlier one, except in the ledger,
//! which only grows.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use crate::api::{Day, Event, Instant, QuestStatus, Refusal, whole};
use crate::change::{AwardChange, Change, PhaseProgress, Progress, Sink, SourceRef};
use crate::id;
use crate::ledger::{EventFields, XpEvent, XpModifier, hash_event};
use crate::name::Name;
use crate::player::{
    BossAttempt, DungeonAttempt, Fact, Grant, LedgerHead, OpenDay, Participation, Player, QuestLog, RulesetHash, State,
    UserTitle,
};

/// One row to be written, whole: inserted, or put in the place of the row with the same key.
#[derive(Clone, Debug, PartialEq)]
pub enum Row {
    /// `quest_logs`, by id.
    QuestLog(QuestLogRow),
    /// `daily_logs`, by id.
    DailyLog(DailyLogRow),
    /// `xp_events` with its `xp_modifiers` and `award_rules`: inserted, never replaced.
    XpEvent(XpEventRow),
    /// `user_titles`, by id.
    UserTitle(UserTitleRow),
    /// `title_history`, by user, title and earned_at.
    TitleHistory(TitleHistoryRow),
    /// `boss_attempts` by id, and the attempt's record.
    BossAttempt(BossAttemptRow),
    /// `dungeon_attempts` by id, and the attempt's record.
    DungeonAttempt(DungeonAttemptRow),
    /// `season_participations`, by id; its `rank` belongs to the leaderboard.
    SeasonParticipation(SeasonParticipationRow),
    /// `facts`, by player, day and metric.
    Fact(Fact),
    /// `counters`, by player and key.
    Counter {
        /// The key.
        key: Name,
        /// The count now.
        count: i64,
    },
    /// `specials`, by player and name.
    Special {
        /// The name.
        name: Name,
        /// When it was asserted.
        at: Instant,
    },
    /// `adjustments`, by id.
    Grant {
        /// The adjustment or grant.
        grant: Grant,
        /// Why, as the caller put it.
        reason: String,
        /// When it was made.
        at: Instant,
    },
    /// `zone_history`, by player and since.
    Zone {
        /// The IANA name.
        timezone: String,
        /// From when on.
        since: Instant,
    },
    /// `users` and `players`: the last row of every accepted command.
    Player(Box<State>),
}

/// A row of `quest_logs`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct QuestLogRow {
    /// Derived.
    pub id: String,
    /// The template's id.
    pub template_id: Name,
    /// Where it stands.
    pub status: QuestStatus,
    /// The inputs of the last evaluation; none before the first.
    pub progress: Option<Progress>,
    /// The ruleset that opened it.
    pub rules: RulesetHash,
    /// The day it was opened on; for a weekly quest any day of its week.
    pub opened_on: Day,
    /// When it was completed.
    pub completed_at: Option<Instant>,
    /// The final XP.
    #[serde(default, deserialize_with = "whole::optional")]
    pub xp_awarded: Option<i32>,
    /// Its day; a weekly quest's Monday.
    pub day_date: Day,
}

/// A row of `daily_logs`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DailyLogRow {
    /// Derived.
    pub id: String,
    /// The date.
    pub day_date: Day,
    /// Core quests completed.
    #[serde(deserialize_with = "whole::deserialize")]
    pub core_completed: i32,
    /// Core quests it has.
    #[serde(deserialize_with = "whole::deserialize")]
    pub core_total: i32,
    /// Whether it was perfect.
    pub all_completed: bool,
    /// Whether it set off the debuff.
    pub debuff_triggered: bool,
    /// Whether it is closed.
    pub evaluated: bool,
}

/// A row of `xp_events`, sealed, with its `xp_modifiers`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct XpEventRow {
    /// The event.
    pub event: XpEvent,
    /// Its steps.
    pub modifiers: Vec<XpModifier>,
    /// The ruleset it was made under.
    pub rules: RulesetHash,
}

/// A row of `user_titles`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserTitleRow {
    /// Derived.
    pub id: String,
    /// The title's id.
    pub title_id: Name,
    /// When it was earned last.
    pub earned_at: Instant,
    /// When it was revoked.
    pub revoked_at: Option<Instant>,
    /// Whether it is worn.
    pub is_active: bool,
}

/// A row of `title_history`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TitleHistoryRow {
    /// The title's id.
    pub title_id: Name,
    /// When it was earned.
    pub earned_at: Instant,
    /// When it was revoked.
    pub revoked_at: Option<Instant>,
    /// Whether it is held for good as a boss's reward.
    pub reward: bool,
}

/// A row of `boss_attempts`, and what the engine keeps beside it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BossAttemptRow {
    /// Derived.
    pub id: String,
    /// The attempt.
    pub attempt: BossAttempt,
    /// How its phase stands; absent where it did not change.
    pub phase_progress: Option<PhaseProgress>,
}

/// A row of `dungeon_attempts`, and what the engine keeps beside it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DungeonAttemptRow {
    /// Derived.
    pub id: String,
    /// The attempt; its snapshot is the `progress` column.
    pub attempt: DungeonAttempt,
}

/// A row of `season_participations`, without its rank.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeasonParticipationRow {
    /// Derived.
    pub id: String,
    /// The season's id.
    pub season_id: Name,
    /// XP scored.
    #[serde(with = "whole")]
    pub season_xp: i64,
    /// When the player joined.
    pub joined_at: Instant,
}

/// What an accepted command did.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Record {
    /// What happened, in order.
    pub events: Vec<Event>,
    /// Every row to be written, in an order that satisfies every reference.
    pub rows: Vec<Row>,
}

/// A sink that seals the ledger and records events and rows.
#[derive(Debug, Default)]
pub struct Recorder {
    user: Name,
    at: Option<Instant>,
    head: Option<LedgerHead>,
    /// Whether an award could have no instant of its own, for want of a later one.
    is_out_of_time: bool,
    record: Record,
    /// Where the refused command began.
    mark: (usize, usize),
    touched_titles: Vec<Name>,
    worn_before: Option<Name>,
}

impl Recorder {
    /// What was recorded; of several rows with one key only the last.
    pub fn into_record(self) -> Record {
        Record { events: self.record.events, rows: last_of_each(self.record.rows) }
    }

    fn row(&mut self, row: Row) {
        self.record.rows.push(row);
    }

    fn now(&self) -> Instant {
        self.at.unwrap_or(Instant::MIN)
    }

    fn quest_log(&mut self, log: &QuestLog, progress: Option<&Progress>) {
        let row = QuestLogRow {
            id: id::quest_log(&self.user, &log.quest, log.day),
            template_id: log.quest.clone(),
            status: log.status,
            progress: progress.cloned(),
            rules: log.rules,
            opened_on: log.opened_on,
            completed_at: log.completed_at,
            xp_awarded: log.xp_awarded,
            day_date: log.day,
        };
        self.row(Row::QuestLog(row));
    }

    fn daily_log(&mut self, open: &OpenDay, closed: Option<bool>) {
        let row = DailyLogRow {
            id: id::daily_log(&self.user, open.day),
            day_date: open.day,
            core_completed: open.core_completed,
            core_total: open.core_total,
            all_completed: closed.is_some() && open.core_total > 0 && open.core_completed >= open.core_total,
            debuff_triggered: closed.unwrap_or(false),
            evaluated: closed.is_some(),
        };
        self.row(Row::DailyLog(row));
    }

    /// Seals an award: its ids, its instant, its place in the chain.
    fn seal(&mut self, change: &AwardChange<'_>) {
        let Some(head) = self.head else {
            return;
        };
        let Some(created_at) = self.now().after(head.created_at) else {
            self.is_out_of_time = true;
            return;
        };
        let (event_id, source_id) = self.ids(change);
        let fields = EventFields {
            id: &event_id,
            user_id: &self.user,
            event_source: change.source,
            source_id: source_id.as_deref(),
            base_xp: change.award.base_xp,
            final_xp: change.award.final_xp,
            total_xp_before: change.total_xp_before,
            total_xp_after: change.total_xp_after,
            level_before: change.level_before,
            level_after: change.level_after,
            created_at,
        };
        let hash = hash_event(head.hash, &fields, change.award.steps());
        let modifiers = (0..).zip(change.award.steps()).map(|(order, step)| XpModifier::new(&event_id, order, step));
        let row = XpEventRow { event: fields.to_row(hash), modifiers: modifiers.collect(), rules: change.rules };
        self.row(Row::XpEvent(row));
        self.head = Some(LedgerHead { events: head.events + 1, hash, created_at: Some(created_at) });
    }

    /// An award's own id and its `source_id`. Every log and attempt is awarded at most once, so none has an earlier event.
    fn ids(&self, change: &AwardChange<'_>) -> (String, Option<String>) {
        let source_id = match change.source_ref {
            SourceRef::Quest(log) => id::quest_log(&self.user, &log.quest, log.day),
            SourceRef::Boss(attempt) => id::boss_attempt(&self.user, &attempt.boss, attempt.started_at),
            SourceRef::Dungeon(attempt) => id::dungeon_attempt(&self.user, &attempt.dungeon, attempt.started_at),
            SourceRef::Caller { id, source_id } => return (id.to_owned(), source_id.map(str::to_owned)),
        };
        (id::xp_event(&self.user, change.source, Some(&source_id), 0), Some(source_id))
    }

    fn boss(&mut self, attempt: &BossAttempt, progress: Option<&PhaseProgress>) {
        let id = id::boss_attempt(&self.user, &attempt.boss, attempt.started_at);
        // The row is written whole, so an ending attempt keeps the progress recorded just before.
        let earlier = self.record.rows.iter().rev().find_map(|row| match row {
            Row::BossAttempt(row) if row.id == id => row.phase_progress.clone(),
            _ => None,
        });
        let phase_progress = progress.cloned().or(earlier);
        self.row(Row::BossAttempt(BossAttemptRow { id, attempt: attempt.clone(), phase_progress }));
    }

    fn dungeon(&mut self, attempt: &DungeonAttempt) {
        let id = id::dungeon_attempt(&self.user, &attempt.dungeon, attempt.started_at);
        self.row(Row::DungeonAttempt(DungeonAttemptRow { id, attempt: attempt.clone() }));
    }

    fn season(&mut self, joined: &Participation) {
        let row = SeasonParticipationRow {
            id: id::season_participation(&self.user, &joined.season),
            season_id: joined.season.clone(),
            season_xp: joined.season_xp,
            joined_at: joined.joined_at,
        };
        self.row(Row::SeasonParticipation(row));
    }

    fn title(&mut self, title: &UserTitle) {
        let UserTitle { title: title_id, earned_at, revoked_at, reward } = title.clone();
        self.touched_titles.push(title_id.clone());
        self.row(Row::TitleHistory(TitleHistoryRow { title_id, earned_at, revoked_at, reward }));
    }

    /// The rows that follow from the player as a whole: which title is worn, and the player's own.
    fn player(&mut self, player: &Player) {
        let worn = player.state.active_title.clone();
        if worn != self.worn_before {
            self.touched_titles.extend(worn.clone().into_iter().chain(self.worn_before.take()));
        }
        let touched = std::mem::take(&mut self.touched_titles);
        let rows = player.state.titles.iter().filter(|title| touched.contains(&title.title)).map(|title| {
            Row::UserTitle(UserTitleRow {
                id: id::user_title(&self.user, &title.title),
                title_id: title.title.clone(),
                earned_at: title.earned_at,
                revoked_at: title.revoked_at,
                is_active: worn.as_ref() == Some(&title.title),
            })
        });
        self.record.rows.extend(rows);
        let mut state = player.state.clone();
        state.ledger = self.head.unwrap_or(state.ledger);
        self.row(Row::Player(Box::new(state)));
    }
}

impl Sink for Recorder {
    const ROWS: bool = true;

    fn begin(&mut self, player: &Player, at: Instant) {
        self.user = player.id.clone();
        self.at = Some(at);
        self.head = Some(player.state.ledger);
        self.is_out_of_time = false;
        self.worn_before = player.state.active_title.clone();
        self.touched_titles.clear();
        self.mark = (self.record.events.len(), self.record.rows.len());
    }

    fn change(&mut self, change: Change<'_>) {
        self.record.events.extend(change.event());
        match change {
            Change::DayOpened(open) | Change::DayProgressed(open) => self.daily_log(open, None),
            Change::DayClosed { day, debuff_triggered, .. } => self.daily_log(day, Some(debuff_triggered)),
            Change::QuestOpened(log) => self.quest_log(log, None),
            Change::QuestProgressed(log, progress)
            | Change::QuestCompleted(log, progress)
            | Change::QuestFailed(log, progress)
            | Change::QuestExpired(log, progress) => self.quest_log(log, Some(progress)),
            Change::XpAwarded(award) => self.seal(&award),
            Change::TitleEarned(title, _) | Change::TitleKept(title) | Change::TitleRevoked(title) => self.title(title),
            Change::BossStarted(attempt, progress) | Change::BossProgressed(attempt, progress) => {
                self.boss(attempt, Some(progress));
            }
            Change::BossPhaseCleared(attempt, _)
            | Change::BossPhaseRestarted(attempt)
            | Change::BossVictory(attempt)
            | Change::BossLost(attempt)
            | Change::BossAbandoned(attempt) => self.boss(attempt, None),
            Change::DungeonEntered(attempt)
            | Change::DungeonProgressed(attempt)
            | Change::DungeonCleared(attempt)
            | Change::DungeonFailed(attempt)
            | Change::DungeonTimedOut(attempt) => self.dungeon(attempt),
            Change::SeasonJoined(joined) | Change::SeasonScored(joined) => self.season(joined),
            Change::FactReported(fact) => self.row(Row::Fact(fact.clone())),
            Change::CounterRaised(key, count) => self.row(Row::Counter { key: key.clone(), count }),
            Change::SpecialAsserted(name) => self.row(Row::Special { name: name.clone(), at: self.now() }),
            Change::GrantRecorded(grant, reason) => {
                self.row(Row::Grant { grant: grant.clone(), reason: reason.to_owned(), at: self.now() });
            }
            Change::ZoneChanged { zone, since } => self.row(Row::Zone { timezone: zone.name().to_owned(), since }),
            Change::PlayerChanged(player) => self.player(player),
            // These are events only, or columns of the player's own row.
            Change::DaySkipped(_)
            | Change::PartialReward(..)
            | Change::LevelChanged { .. }
            | Change::StatRaised { .. }
            | Change::StreakExtended(_)
            | Change::StreakBroken(_)
            | Change::DebuffStarted(_)
            | Change::TitleEquipped(_) => {}
        }
    }

    fn accept(&mut self) -> Result<Option<LedgerHead>, Refusal> {
        if self.is_out_of_time { Err(Refusal::overflow("created_at")) } else { Ok(self.head) }
    }

    fn refuse(&mut self) {
        self.record.events.truncate(self.mark.0);
        self.record.rows.truncate(self.mark.1);
    }
}

/// Keeps the last row of each key, in the order of those; ledger rows are all kept.
fn last_of_each(rows: Vec<Row>) -> Vec<Row> {
    let mut seen = HashSet::new();
    let mut kept: Vec<Row> = rows.into_iter().rev().filter(|row| seen.insert(key(row))).collect();
    kept.reverse();
    kept
}

/// What a row is the only one of.
fn key(row: &Row) -> (u8, String) {
    match row {
        Row::QuestLog(row) => (0, row.id.clone()),
        Row::DailyLog(row) => (1, row.id.clone()),
        Row::XpEvent(row) => (2, row.event.id.clone()),
        Row::UserTitle(row) => (3, row.id.clone()),
        Row::TitleHistory(row) => (4, format!("{} {}", row.earned_at, row.title_id)),
        Row::BossAttempt(row) => (5, row.id.clone()),
        Row::DungeonAttempt(row) => (6, row.id.clone()),
        Row::SeasonParticipation(row) => (7, row.id.clone()),
        Row::Fact(fact) => (8, format!("{} {}", fact.day, fact.metric)),
        Row::Counter { key, .. } => (9, key.to_string()),
        Row::Special { name, .. } => (10, name.to_string()),
        Row::Grant { grant, .. } => (11, grant.id.to_string()),
        Row::Zone { since, .. } => (12, since.to_string()),
        Row::Player(_) => (13, String::new()),
    }
}
