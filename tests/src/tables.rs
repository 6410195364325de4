//! A player's tables, rebuilt from the rows of accepted commands alone: what a store would hold.

use std::collections::BTreeMap;

use levelkit::player::State;
use levelkit::record::{
    BossAttemptRow, DailyLogRow, DungeonAttemptRow, QuestLogRow, SeasonParticipationRow, TitleHistoryRow, UserTitleRow,
    XpEventRow,
};
use levelkit::{Name, Player, Record, Row, Xp};
use serde_json::{Value, json};

/// The tables of one player, each by the key that its rows are the only ones of.
#[derive(Debug, Default)]
pub struct Tables {
    quest_logs: BTreeMap<String, QuestLogRow>,
    daily_logs: BTreeMap<String, DailyLogRow>,
    xp_events: Vec<XpEventRow>,
    user_titles: BTreeMap<String, UserTitleRow>,
    title_history: BTreeMap<(Name, String), TitleHistoryRow>,
    boss_attempts: BTreeMap<String, BossAttemptRow>,
    dungeon_attempts: BTreeMap<String, DungeonAttemptRow>,
    season_participations: BTreeMap<String, SeasonParticipationRow>,
    facts: BTreeMap<(String, Name), levelkit::player::Fact>,
    counters: BTreeMap<Name, i64>,
    specials: BTreeMap<Name, levelkit::Instant>,
    grants: BTreeMap<Name, levelkit::player::Grant>,
    zones: BTreeMap<levelkit::Instant, String>,
    player: Option<Box<State>>,
}

impl Tables {
    /// Writes what an accepted command recorded; says what no store would take.
    pub fn write(&mut self, record: &Record) -> Result<(), String> {
        for row in &record.rows {
            match row {
                Row::QuestLog(row) => drop(self.quest_logs.insert(row.id.clone(), row.clone())),
                Row::DailyLog(row) => drop(self.daily_logs.insert(row.id.clone(), row.clone())),
                Row::XpEvent(row) => self.append(row)?,
                Row::UserTitle(row) => drop(self.user_titles.insert(row.id.clone(), row.clone())),
                Row::TitleHistory(row) => {
                    let key = (row.title_id.clone(), row.earned_at.to_string());
                    self.title_history.insert(key, row.clone());
                }
                Row::BossAttempt(row) => drop(self.boss_attempts.insert(row.id.clone(), row.clone())),
                Row::DungeonAttempt(row) => drop(self.dungeon_attempts.insert(row.id.clone(), row.clone())),
                Row::SeasonParticipation(row) => {
                    self.season_participations.insert(row.id.clone(), row.clone());
                }
                Row::Fact(fact) => {
                    self.facts.insert((fact.day.to_string(), fact.metric.clone()), fact.clone());
                }
                Row::Counter { key, count } => drop(self.counters.insert(key.clone(), *count)),
                Row::Special { name, at } => drop(self.specials.insert(name.clone(), *at)),
                Row::Grant { grant, .. } => drop(self.grants.insert(grant.id.clone(), grant.clone())),
                Row::Zone { timezone, since } => drop(self.zones.insert(*since, timezone.clone())),
                Row::Player(state) => self.player = Some(state.clone()),
            }
        }
        match record.rows.last() {
            Some(Row::Player(_)) => Ok(()),
            other => Err(format!("the player's row is not the last: {other:?}")),
        }
    }

    /// The ledger only grows: a second event of one id meets the primary key.
    fn append(&mut self, row: &XpEventRow) -> Result<(), String> {
        if self.xp_events.iter().any(|known| known.event.id == row.event.id) {
            return Err(format!("event {} is there already", row.event.id));
        }
        self.xp_events.push(row.clone());
        Ok(())
    }

    /// The sealed events, in order.
    pub fn ledger(&self) -> &[XpEventRow] {
        &self.xp_events
    }

    /// The quest logs, by id.
    pub fn quest_logs(&self) -> impl Iterator<Item = &QuestLogRow> {
        self.quest_logs.values()
    }

    /// The boss attempts, by id.
    pub fn boss_attempts(&self) -> impl Iterator<Item = &BossAttemptRow> {
        self.boss_attempts.values()
    }

    /// The dungeon attempts, by id.
    pub fn dungeon_attempts(&self) -> impl Iterator<Item = &DungeonAttemptRow> {
        self.dungeon_attempts.values()
    }

    /// Every row by column name, each table in the order of its ids; the ledger in its own.
    pub fn rows(&self, user: &str) -> Value {
        json!({
            "quest_logs": self.quest_logs.values().map(|row| quest_log(user, row)).collect::<Vec<_>>(),
            "daily_logs": self.daily_logs.values().map(|row| daily_log(user, row)).collect::<Vec<_>>(),
            "xp_events": self.xp_events.iter().map(|row| &row.event).collect::<Vec<_>>(),
            "xp_modifiers": self.xp_events.iter().flat_map(modifiers).collect::<Vec<_>>(),
            "user_titles": self.user_titles.values().map(|row| user_title(user, row)).collect::<Vec<_>>(),
            "boss_attempts": self.boss_attempts.values().map(|row| boss_attempt(user, row)).collect::<Vec<_>>(),
            "dungeon_attempts":
                self.dungeon_attempts.values().map(|row| dungeon_attempt(user, row)).collect::<Vec<_>>(),
            "season_participations":
                self.season_participations.values().map(|row| participation(user, row)).collect::<Vec<_>>(),
        })
    }

    /// Whether everything that the player in memory holds is in the rows too, so that a store could load the same player.
    pub fn agree_with(&self, player: &Player) -> Result<(), String> {
        let state = &player.state;
        let check = |holds: bool, what: &str| if holds { Ok(()) } else { Err(format!("{what} differ from the rows")) };
        let Some(own) = &self.player else {
            return check(state.last_at.is_none(), "the player's own columns");
        };
        check(**own == *state, "the player's own columns")?;
        self.check_days(player)?;
        check(
            state
                .facts
                .iter()
                .chain(&player.history.facts)
                .all(|fact| self.facts.get(&(fact.day.to_string(), fact.metric.clone())) == Some(fact)),
            "facts",
        )?;
        let counters: BTreeMap<Name, i64> = state.counters.iter().map(|(key, count)| (key.clone(), count)).collect();
        check(counters == self.counters, "counters")?;
        check(state.specials.iter().eq(self.specials.keys()), "specials")?;
        check(state.grants.iter().eq(self.grants.values()), "adjustments and grants")?;
        check(state.titles.len() == self.user_titles.len(), "user_titles")?;
        for title in &state.titles {
            let row = self.user_titles.values().find(|row| row.title_id == title.title);
            let worn = state.active_title.as_ref() == Some(&title.title);
            let same = |row: &UserTitleRow| {
                (row.earned_at, row.revoked_at, row.is_active) == (title.earned_at, title.revoked_at, worn)
            };
            check(row.is_some_and(same), "user_titles")?;
            let history = self.title_history.get(&(title.title.clone(), title.earned_at.to_string()));
            let same = |row: &TitleHistoryRow| (row.revoked_at, row.reward) == (title.revoked_at, title.reward);
            check(history.is_some_and(same), "title_history")?;
        }
        check(state.boss.iter().all(|attempt| self.boss_attempts.values().any(|row| row.attempt == *attempt)), "boss")?;
        let dungeons = || self.dungeon_attempts.values();
        check(state.dungeon.iter().all(|attempt| dungeons().any(|row| row.attempt == *attempt)), "dungeon")?;
        for exit in &state.dungeon_exits {
            let last = dungeons()
                .filter(|row| row.attempt.dungeon == exit.dungeon)
                .filter_map(|row| row.attempt.completed_at)
                .max();
            check(last == Some(exit.at), "dungeon exits")?;
        }
        let seasons = || self.season_participations.values();
        let joined = |row: &SeasonParticipationRow| (row.season_id.clone(), row.season_xp, row.joined_at);
        let mut in_rows: Vec<_> = seasons().map(joined).collect();
        in_rows.sort();
        let in_memory: Vec<_> =
            state.seasons.iter().map(|known| (known.season.clone(), known.season_xp, known.joined_at)).collect();
        check(in_rows == in_memory, "season_participations")?;
        check(
            self.zones
                .last_key_value()
                .is_none_or(|(since, name)| state.zone.name() == name && state.zone_since == Some(*since)),
            "zone_history",
        )?;
        check(self.xp_events.len() as i64 == state.ledger.events, "the count of events")?;
        check(self.xp_events.last().is_none_or(|row| row.event.event_hash == state.ledger.hash), "the ledger's head")
    }

    fn check_days(&self, player: &Player) -> Result<(), String> {
        let state = &player.state;
        let open = self.daily_logs.values().filter(|row| !row.evaluated);
        let mut open: Vec<_> = open.map(|row| (row.day_date, row.core_completed, row.core_total)).collect();
        open.sort();
        let held: Vec<_> = state.days.iter().map(|day| (day.day, day.core_completed, day.core_total)).collect();
        if open != held {
            return Err(format!("open days: rows {open:?}, player {held:?}"));
        }
        for closed in &player.history.days {
            let row = self.daily_logs.values().find(|row| row.day_date == closed.day && row.evaluated);
            let same = |row: &DailyLogRow| {
                (row.core_completed, row.core_total, row.all_completed)
                    == (closed.core_completed, closed.core_total, closed.is_perfect())
            };
            if !row.is_some_and(same) {
                return Err(format!("closed day {}: {row:?}", closed.day));
            }
        }
        for log in &state.logs {
            let row = self.quest_logs.values().find(|row| row.template_id == log.quest && row.day_date == log.day);
            let same = |row: &QuestLogRow| {
                (row.status, row.completed_at, row.xp_awarded, row.opened_on, row.rules)
                    == (log.status, log.completed_at, log.xp_awarded, log.opened_on, log.rules)
                    && row.progress.is_some() == log.evaluated_or_ended()
            };
            if !row.is_some_and(same) {
                return Err(format!("log {log:?}: {row:?}"));
            }
        }
        Ok(())
    }
}

/// Says whether a log's row must hold the inputs of a decision.
trait Evaluated {
    fn evaluated_or_ended(&self) -> bool;
}

impl Evaluated for levelkit::player::QuestLog {
    fn evaluated_or_ended(&self) -> bool {
        self.evaluated || self.status != levelkit::QuestStatus::Active
    }
}

fn quest_log(user: &str, row: &QuestLogRow) -> Value {
    let QuestLogRow {
        id,
        template_id,
        status,
        progress: _,
        rules: _,
        opened_on: _,
        completed_at,
        xp_awarded,
        day_date,
    } = row;
    json!({
        "id": id, "user_id": user, "template_id": template_id, "status": status, "completed_at": completed_at,
        "xp_awarded": xp_awarded, "day_date": day_date,
    })
}

fn daily_log(user: &str, row: &DailyLogRow) -> Value {
    with_user(user, serde_json::to_value(row))
}

fn modifiers(row: &XpEventRow) -> impl Iterator<Item = Value> {
    row.modifiers.iter().map(|modifier| {
        let mut value = serde_json::to_value(modifier).unwrap();
        value["xp_event_id"] = json!(row.event.id);
        value["multiplier"] = json!(modifier.multiplier.to_string());
        value
    })
}

fn user_title(user: &str, row: &UserTitleRow) -> Value {
    with_user(user, serde_json::to_value(row))
}

fn boss_attempt(user: &str, row: &BossAttemptRow) -> Value {
    let attempt = &row.attempt;
    json!({
        "id": row.id, "user_id": user, "boss_id": attempt.boss, "status": attempt.status,
        "current_phase": attempt.phase, "started_at": attempt.started_at, "completed_at": attempt.completed_at,
    })
}

fn dungeon_attempt(user: &str, row: &DungeonAttemptRow) -> Value {
    let attempt = &row.attempt;
    json!({
        "id": row.id, "user_id": user, "dungeon_id": attempt.dungeon, "status": attempt.status,
        "started_at": attempt.started_at, "completed_at": attempt.completed_at, "xp_awarded": attempt.xp_awarded,
    })
}

fn participation(user: &str, row: &SeasonParticipationRow) -> Value {
    let SeasonParticipationRow { id, season_id, season_xp, joined_at } = row;
    json!({
        "id": id, "user_id": user, "season_id": season_id, "season_xp": Xp(*season_xp), "rank": null,
        "joined_at": joined_at,
    })
}

fn with_user(user: &str, row: serde_json::Result<Value>) -> Value {
    let mut row = row.unwrap();
    row["user_id"] = json!(user);
    row
}
