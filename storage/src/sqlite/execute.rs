//! Commands: load, decide, write, in one transaction.

use std::collections::HashSet;
use std::time::Duration;

use diesel::SqliteConnection;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use levelkit::player::{PastMetric, Player};
use levelkit::record::Record;
use levelkit::{Command, Instant};

use super::statement::sql;
use super::{load, sums as stored_sums, transaction};
use crate::bind::binds;
use crate::error::Result;
use crate::rulesets::Rulesets;
use crate::stops::{stop_before, stop_of_many, tolerated};
use crate::sums::Sums;
use crate::view::{Outcome, PlayerReport, Reported};
use crate::{convert, write};

/// Executes commands on a Diesel connection of the caller's own.
///
/// The store does this behind its own connections. An application that awards XP together with rows of its own passes the
/// connection its transaction runs on instead: both are committed or neither.
///
/// ```
/// use diesel::{Connection, SqliteConnection};
/// use levelkit::{Command, Ruleset};
/// use levelkit_storage::{BlockingStore, Error, Executor, NewPlayer};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("app.db").display().to_string();
/// let store = BlockingStore::open(&format!("sqlite:{path}"))?;
/// store.migrate()?;
/// let now = "2026-03-02T20:00:00Z".parse()?;
/// store.import_ruleset(&Ruleset::from_json(r#"{"format":"levelkit.ruleset/1"}"#)?, now)?;
/// store.create_player(&NewPlayer::new("p1"))?;
///
/// let mut connection = SqliteConnection::establish(&path)?;
/// let mut executor = Executor::new();
/// let bonus = Command::AdjustXp { id: "order-17".into(), amount: levelkit::Xp(50), reason: "thank you".into() };
/// connection.immediate_transaction::<_, Error, _>(|connection| {
///     // ... rows of the application's own ...
///     executor.execute(connection, "p1", now, &bonus)
/// })?;
/// assert_eq!(store.player("p1", None)?.total_xp.0, 50);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Default)]
pub struct Executor {
    rulesets: Rulesets,
    clock_tolerance: Duration,
    outbox: bool,
}

impl Executor {
    /// An executor that has read no ruleset yet; keep it, since it keeps the rulesets it compiles.
    pub fn new() -> Self {
        Self::default()
    }

    pub(super) fn with(rulesets: Rulesets, clock_tolerance: Duration) -> Self {
        Self { rulesets, clock_tolerance, outbox: false }
    }

    /// Whether the events of every command are kept for delivery, as [`Options::outbox`](crate::Options::outbox) says.
    #[must_use]
    pub fn outbox(self, outbox: bool) -> Self {
        Self { outbox, ..self }
    }

    pub(super) fn rulesets(&self) -> &Rulesets {
        &self.rulesets
    }

    /// Does a command for a player at an instant, within the transaction that is open, or else in one of its own.
    ///
    /// In a transaction of the caller's, begin it with `immediate_transaction`: one that has only read may be refused the lock.
    ///
    /// # Errors
    /// A refusal's code, among them `UNKNOWN_ID` for an unknown player; `NO_RULESET`; and what can go wrong with the file. The
    /// player is as before.
    pub fn execute(
        &mut self,
        conn: &mut SqliteConnection,
        player: &str,
        at: Instant,
        command: &Command,
    ) -> Result<Outcome> {
        self.turn(conn, player, at, command, true)
    }

    /// Does a command in the transaction that was begun for it, or only brings a player who was away for very long nearer to the
    /// instant, which is to be committed first; whether that was the command.
    pub(super) fn step(
        &mut self,
        conn: &mut SqliteConnection,
        player: &str,
        at: Instant,
        command: &Command,
    ) -> Result<(Outcome, bool)> {
        let loaded = load::load(conn, &self.rulesets, player, Some(command))?;
        let stop = loaded.player.state.last_at.and_then(|last_at| stop_before(last_at, at));
        let decided = match stop {
            Some(stop) => self.decide(loaded, stop, &Command::Advance {}, false)?,
            None => self.decide(loaded, at, command, true)?,
        };
        Ok((self.keep(conn, decided)?, stop.is_none()))
    }

    /// Lets time pass for a player, which nobody asked for.
    pub(super) fn advance(&mut self, conn: &mut SqliteConnection, player: &str, at: Instant) -> Result<Outcome> {
        self.turn(conn, player, at, &Command::Advance {}, false)
    }

    /// Does a command, which leaves no trace if it fails; `asked` says whether somebody asked for it, and it is not only time that
    /// passes.
    fn turn(
        &mut self,
        conn: &mut SqliteConnection,
        player: &str,
        at: Instant,
        command: &Command,
        asked: bool,
    ) -> Result<Outcome> {
        transaction::deferred(conn, |conn| {
            let decided = self.decided(conn, player, at, command, asked)?;
            self.keep(conn, decided)
        })
    }

    /// The engine's decision about a player; nothing is written yet.
    fn decided(
        &self,
        conn: &mut SqliteConnection,
        player: &str,
        at: Instant,
        command: &Command,
        asked: bool,
    ) -> Result<Decided> {
        let loaded = load::load(conn, &self.rulesets, player, Some(command))?;
        self.decide(loaded, at, command, asked)
    }

    fn decide(&self, loaded: load::Loaded, at: Instant, command: &Command, asked: bool) -> Result<Decided> {
        let load::Loaded { mut player, engine, sums } = loaded;
        let past = player.history.past.clone();
        let at = tolerated(at, player.state.last_at, self.clock_tolerance);
        let record = engine.execute(&mut player, at, command)?;
        let notes = write::Notes { due_at: engine.next_due(&player), seen_at: asked.then_some(at) };
        Ok(Decided { player, record, notes, sums, past, at })
    }

    /// Writes every row of a decision.
    fn keep(&self, conn: &mut SqliteConnection, decided: Decided) -> Result<Outcome> {
        let Decided { player, record, notes, sums, past, at } = decided;
        write::write(conn, &player.id, &record.rows, notes)?;
        if self.outbox {
            write::to_outbox(conn, &player.id, at, &record.events)?;
        }
        stored_sums::keep(sums, conn, &player.id, &past)?;
        Ok(Outcome { events: record.events, head: player.state.ledger })
    }
}

/// What the engine decided, to be written.
struct Decided {
    /// As it is afterwards.
    player: Player,
    record: Record,
    notes: write::Notes,
    sums: Sums,
    past: Vec<PastMetric>,
    at: Instant,
}

/// Reporting players who were away for very long, with the instants to which each is advanced before the first report.
pub(super) fn stops_before(conn: &mut SqliteConnection, reports: &[PlayerReport]) -> Result<Vec<(String, Instant)>> {
    const LAST: &str = "SELECT last_at FROM levelkit_players WHERE user_id = ? AND last_at IS NOT NULL";
    let mut known = HashSet::new();
    let mut stops = Vec::new();
    for PlayerReport { player, at, .. } in reports.iter().filter(|report| known.insert(report.player.as_str())) {
        let last_at: Option<i64> = sql::<BigInt>(LAST, binds![player.as_str()]).get_result(conn).optional()?;
        // What cannot be read is said when the report is made.
        let last_at = last_at.and_then(|last_at| convert::instant("levelkit_players.last_at", last_at).ok());
        let first = last_at.and_then(|last_at| stop_of_many(last_at, *at));
        let all = std::iter::successors(first, |stop| stop_of_many(*stop, *at));
        stops.extend(all.map(|stop| (player.clone(), stop)));
    }
    Ok(stops)
}

/// How the rows of many players are written, all in one transaction.
#[derive(Clone, Copy)]
pub(super) enum Manner {
    /// What cannot be written ends the transaction, whoever's it is.
    Together,
    /// Each player's rows can be taken back by themselves. For that SQLite copies every page that they touch.
    Apart,
}

/// Does something for many players: together, and only if somebody's rows cannot be written anew and apart, so that nobody else
/// goes without. What is refused is refused before anything is written.
pub(super) fn for_many<R>(mut job: impl FnMut(Manner) -> Result<R>) -> Result<R> {
    match job(Manner::Together) {
        Err(error) if error.may_be_one_players() => job(Manner::Apart),
        done => done,
    }
}

/// One player's turn among many; the outer error ends the transaction.
pub(super) fn turn_of_many(
    executor: &mut Executor,
    conn: &mut SqliteConnection,
    manner: Manner,
    (player, at): (&str, Instant),
    command: Option<&Command>,
) -> Result<Result<Outcome>> {
    let (command, asked) = (command.unwrap_or(&Command::Advance {}), command.is_some());
    match manner {
        Manner::Apart => Ok(executor.turn(conn, player, at, command, asked)),
        Manner::Together => match executor.decided(conn, player, at, command, asked) {
            Ok(decided) => executor.keep(conn, decided).map(Ok),
            Err(error) => Ok(Err(error)),
        },
    }
}

/// Does reports of any number of players, in the one transaction that the caller has begun.
pub(super) fn report_many(
    executor: &mut Executor,
    conn: &mut SqliteConnection,
    reports: &[PlayerReport],
    manner: Manner,
) -> Result<Reported> {
    let mut reported = Reported::default();
    for (index, report) in reports.iter().enumerate() {
        let who = (report.player.as_str(), report.at);
        let done = turn_of_many(executor, conn, manner, who, Some(&report.command()))?;
        reported.note(index, &report.player, done)?;
    }
    Ok(reported)
}
