//! What a worker does: a function of the plan's seed, the worker and the number of the step.

use std::time::SystemTime;

use levelkit::{Command, GrantSource, Instant, Metrics, Xp};
use levelkit_storage::{BlockingStore, Error, PlayerReport};

use crate::Wrong;
use crate::random::Random;

/// A ruleset with a bit of everything that gives XP.
pub(crate) const RULES: &str = include_str!("rules.json");

/// The players' time begins here.
pub(crate) fn begin() -> Result<Instant, Wrong> {
    Ok("2026-03-02T07:00:00Z".parse()?)
}

/// A player's id.
pub(crate) fn player(number: u64) -> String {
    format!("player-{number:06}")
}

/// What time it is for the players.
pub(crate) fn now(started: SystemTime, pace: i64) -> Instant {
    let passed = i64::try_from(started.elapsed().unwrap_or_default().as_micros()).unwrap_or(i64::MAX);
    begin().map_or(Instant::MIN, |begin| begin.plus_micros(passed.saturating_mul(pace)))
}

/// One step of a worker: a call of the store.
#[derive(Debug)]
pub(crate) enum Step {
    /// A command of one player's.
    One(String, Command),
    /// Several commands of one player's, in one transaction.
    Several(String, Vec<Command>),
    /// A report of each of many players', in one transaction.
    Many(Vec<(String, Metrics)>),
}

/// What became of a command.
#[derive(Debug)]
pub(crate) enum Fate {
    /// Accepted; the ledger then had so many events and this hash. An adjustment or grant has its own id.
    Acknowledged { player: String, events: i64, hash: String, id: Option<String> },
    /// Refused, with a code.
    Refused { code: String },
}

/// The step of a worker with a number.
pub(crate) fn step(seed: u64, players: u64, worker: u64, number: u64) -> Step {
    let mut random = Random::of(&[seed, worker, number]);
    let who = player(random.below(players));
    let id = format!("{worker}-{number}");
    match random.below(100) {
        0..50 => Step::One(who, adjust(id, &mut random)),
        50..70 => Step::One(who, report(metrics(&mut random))),
        70..78 => Step::One(who, grant(id, &mut random)),
        78..84 => Step::One(who, Command::Advance {}),
        84..88 => Step::One(who, Command::StartBoss { boss: "ogre".to_owned() }),
        88..94 => Step::Several(who, (0..10).map(|part| adjust(format!("{id}-{part}"), &mut random)).collect()),
        _ => Step::Many((0..40).map(|_| (player(random.below(players)), metrics(&mut random))).collect()),
    }
}

fn metrics(random: &mut Random) -> Metrics {
    Metrics::from([("steps", (random.below(120) as f64 * 100.0).into())])
}

fn report(metrics: Metrics) -> Command {
    Command::Report { day: None, observed_at: None, metrics, specials: vec![] }
}

fn adjust(id: String, random: &mut Random) -> Command {
    // Some take XP away, though never below nothing.
    let amount = i64::try_from(random.below(60)).unwrap_or(0) - 10;
    Command::AdjustXp { id, amount: Xp(amount), reason: "because".to_owned() }
}

fn grant(id: String, random: &mut Random) -> Command {
    let amount = Xp(1 + i64::try_from(random.below(30)).unwrap_or(0));
    let (source, reason) = (GrantSource::SeasonBonus, "gift".to_owned());
    Command::GrantXp { id: format!("g{id}"), source, amount, source_id: None, reason }
}

impl Step {
    /// How many commands it is.
    pub(crate) fn commands(&self) -> u64 {
        let count = match self {
            Self::One(..) => 1,
            Self::Several(_, commands) => commands.len(),
            Self::Many(reports) => reports.len(),
        };
        u64::try_from(count).unwrap_or(u64::MAX)
    }

    /// Does it. A refusal of one command alone is a fate, not an error.
    pub(crate) fn perform(&self, store: &BlockingStore, at: Instant) -> Result<Vec<Fate>, Error> {
        match self {
            Self::One(player, command) => match store.execute(player, at, command) {
                Ok(outcome) => Ok(vec![acknowledged(player, &outcome, Some(command))]),
                Err(error) if error.is_refused() => Ok(vec![Fate::Refused { code: error.code().to_owned() }]),
                Err(error) => Err(error),
            },
            Self::Several(player, commands) => {
                let dated: Vec<_> = commands.iter().map(|command| (at, command.clone())).collect();
                match store.execute_all(player, &dated) {
                    Ok(outcomes) => {
                        let pairs = outcomes.iter().zip(commands);
                        Ok(pairs.map(|(outcome, command)| acknowledged(player, outcome, Some(command))).collect())
                    }
                    // None of them happened.
                    Err(error) if error.is_refused() => {
                        Ok(commands.iter().map(|_| Fate::Refused { code: error.code().to_owned() }).collect())
                    }
                    Err(error) => Err(error),
                }
            }
            Self::Many(reports) => {
                let reports = reports.iter().map(|(player, metrics)| PlayerReport::new(player, at, metrics.clone()));
                let reported = store.report_many(&reports.collect::<Vec<_>>())?;
                let accepted = reported.accepted.iter().map(|one| acknowledged(&one.player, &one.outcome, None));
                let refused = reported.refused.iter().map(|one| Fate::Refused { code: one.refusal.code().to_owned() });
                let failed = reported.failed.iter().map(|one| Fate::Refused { code: one.code.clone() });
                Ok(accepted.chain(refused).chain(failed).collect())
            }
        }
    }
}

fn acknowledged(player: &str, outcome: &levelkit_storage::Outcome, command: Option<&Command>) -> Fate {
    let id = match command {
        Some(Command::AdjustXp { id, .. } | Command::GrantXp { id, .. }) => Some(id.clone()),
        _ => None,
    };
    Fate::Acknowledged {
        player: player.to_owned(),
        events: outcome.head.events,
        hash: outcome.head.hash.to_string(),
        id,
    }
}
