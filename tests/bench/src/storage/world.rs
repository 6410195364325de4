//! A small game, and its players in the middle of a weekend.

use std::time::Instant as Clock;

use levelkit::{Command, Instant, Metrics, Ruleset, Xp};
use levelkit_storage::{BlockingStore, NewPlayer, PlayerReport};

use crate::report::Failed;

/// How many players there are.
pub(crate) const PLAYERS: usize = 10_000;

pub(super) const RULES: &str = r#"{
    "format": "levelkit.ruleset/1",
    "modifiers": {"streak_tiers": [{"days": 1, "multiplier": "1.1"}, {"days": 5, "multiplier": "1.2"}], "weekend_multiplier": "1.1"},
    "quests": [
        {"id": "walk", "name": "Walk", "description": "8,000 steps", "type": "DAILY", "category": "MOVEMENT", "is_core": true,
         "requirements": {"type": "numeric", "metric": "steps", "op": ">=", "value": 8000}, "base_xp": 100, "stat_affected": "AGI"},
        {"id": "lift", "name": "Lift", "description": "50", "type": "DAILY", "category": "STRENGTH",
         "requirements": {"type": "numeric", "metric": "reps", "op": ">=", "value": 50}, "base_xp": 80},
        {"id": "sleep", "name": "Sleep", "description": "7 hours", "type": "DAILY", "category": "RECOVERY",
         "requirements": {"type": "numeric", "metric": "sleep", "op": ">=", "value": 7}, "base_xp": 25},
        {"id": "read", "name": "Read", "description": "30 pages", "type": "DAILY", "category": "DISCIPLINE",
         "requirements": {"type": "numeric", "metric": "pages", "op": ">=", "value": 30}, "base_xp": 40}
    ]
}"#;

/// An hour of a day; the first one is a Thursday, the third a Saturday.
pub(crate) fn at(day: i64, hour: i64) -> Instant {
    const THURSDAY: i64 = 1_772_668_800_000_000;
    Instant::from_micros(THURSDAY + (day * 24 + hour) * 3_600_000_000).unwrap_or(Instant::MIN)
}

/// A player's id.
pub(crate) fn id(number: usize) -> String {
    format!("p{number}")
}

/// So many steps until then.
pub(crate) fn steps(steps: f64) -> Command {
    Command::Report {
        day: None,
        observed_at: None,
        metrics: Metrics::from([("steps", steps.into())]),
        specials: vec![],
    }
}

/// The same of a player among many.
pub(crate) fn report(number: usize, at: Instant, count: f64) -> PlayerReport {
    PlayerReport::new(id(number), at, Metrics::from([("steps", count.into())]))
}

/// A grant of its own.
pub(crate) fn grant(id: String) -> Command {
    Command::AdjustXp { id, amount: Xp(3), reason: "a bonus".to_owned() }
}

/// Reports of everybody.
pub(crate) fn everybody(store: &BlockingStore, at: Instant, count: f64) -> Result<(), Failed> {
    let reports: Vec<PlayerReport> = (0..PLAYERS).map(|number| report(number, at, count)).collect();
    for part in reports.chunks(1000) {
        all_accepted(store, part)?;
    }
    Ok(())
}

/// Does reports, of which none may be refused; how many seconds it took.
pub(crate) fn all_accepted(store: &BlockingStore, reports: &[PlayerReport]) -> Result<f64, Failed> {
    let begin = Clock::now();
    let done = store.report_many(reports)?;
    let took = begin.elapsed().as_secs_f64();
    match done.accepted.len() == reports.len() {
        true => Ok(took),
        false => Err(format!("{:?} {:?}", done.refused.first(), done.failed.first()).into()),
    }
}

/// Makes the players, lets them live from Thursday on, and stops on Saturday morning: each has taken a few steps.
pub(crate) fn populate(store: &BlockingStore) -> Result<(), Failed> {
    store.import_ruleset(&Ruleset::from_json(RULES)?, at(0, 0))?;
    for number in 0..PLAYERS {
        store.create_player(&NewPlayer::new(id(number)))?;
    }
    for day in 0..2 {
        everybody(store, at(day, 12), 9000.0)?;
    }
    everybody(store, at(2, 8), 10.0)
}

/// Checks that somebody's ledger is sound, and how many events are in it.
pub(crate) fn verified(store: &BlockingStore, number: usize, events: u64) -> Result<(), Failed> {
    let found = store.verify(&id(number))?.verification;
    match found.is_sound() && found.events == events {
        true => Ok(()),
        false => Err(format!("{}: {found:?}, expected {events} events", id(number)).into()),
    }
}
