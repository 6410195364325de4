//! SQLite: one file, one writer, any number of readers.
//!
//! Diesel's blocking connection runs on a thread of the store's own, or the caller's ([`Workers`]), not behind diesel-async's wrapper: that
//! wrapper leaves a transaction open when its future is dropped, and hops to another thread for each statement, where here a
//! whole command is one job. Commands go to the one writer, since SQLite takes one at a time anyway; `BEGIN IMMEDIATE` takes
//! the lock before anything is read, so what was decided upon is still true when it is written, also beside other processes.
//! Views go to readers, which the write-ahead log lets read while a command is written. A database in memory has but one
//! connection.

mod connection;
mod content;
mod execute;
mod import;
mod leaderboard;
mod ledger;
mod load;
mod migrate;
mod outbox;
mod players;
mod privacy;
mod refresh;
mod roll_over;
mod rules;
pub(crate) mod schema;
mod statement;
mod sums;
mod timeline;
mod transaction;

use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

use diesel::SqliteConnection;
use diesel::connection::{AnsiTransactionManager, TransactionManager};
use levelkit::{Command, Event, Instant, Player, PlayerView, Ruleset};

pub use execute::Executor;

use crate::error::{Error, Kind, Result};
use crate::exported::PlayerExport;
use crate::options::{Options, SqliteLocation};
use crate::rulesets::Rulesets;
use crate::standings::count;
use crate::view::*;
use crate::worker::{Answer, Workers};

/// A store on SQLite.
///
/// Fields are dropped in order: the writer closes last, since only a connection that may write moves the log into the file.
pub(crate) struct Sqlite {
    /// None in memory: then the writer reads too.
    readers: Option<Workers<Session>>,
    writer: Workers<Session>,
    clock_tolerance: Duration,
}

/// A connection and what it has learnt.
struct Session {
    location: SqliteLocation,
    options: Options,
    conn: Option<SqliteConnection>,
    /// Whether the tables were seen to be of the version needed.
    current: bool,
    executor: Executor,
}

impl Sqlite {
    pub(crate) async fn open(location: SqliteLocation, options: Options) -> Result<Self> {
        let (rulesets, clock_tolerance) = (Rulesets::default(), options.clock_tolerance.unwrap_or_default());
        let session = |options: &Options| {
            let (location, options, rulesets) = (location.clone(), options.clone(), rulesets.clone());
            let outbox = options.outbox;
            let executor = Executor::with(rulesets, clock_tolerance).outbox(outbox);
            Session { location, options, conn: None, current: false, executor }
        };
        let writer = Workers::start("levelkit-writer", [session(&options)])?;
        writer.run(Session::open).await?;
        let readers = match location {
            SqliteLocation::Memory => None,
            SqliteLocation::File(_) => {
                let read_only = options.clone().read_only(true);
                Some(Workers::start("levelkit-reader", (0..options.readers).map(|_| session(&read_only)))?)
            }
        };
        Ok(Self { readers, writer, clock_tolerance })
    }

    /// Runs a job in a transaction that may write.
    fn write<R: Send + 'static>(
        &self,
        job: impl FnOnce(&mut SqliteConnection, &mut Executor) -> Result<R> + Send + 'static,
    ) -> Answer<R> {
        self.writer.run(move |session| session.write(job))
    }

    /// Runs a job in a transaction that only reads: it sees one moment.
    fn read<R: Send + 'static>(
        &self,
        job: impl FnOnce(&mut SqliteConnection, &Rulesets) -> Result<R> + Send + 'static,
    ) -> Answer<R> {
        self.readers.as_ref().unwrap_or(&self.writer).run(move |session| session.read(job))
    }

    pub(crate) async fn migrate(&self) -> Result<Migrated> {
        self.writer.run(Session::migrate).await
    }

    pub(crate) async fn revert(&self) -> Result<()> {
        let revert = |session: &mut Session| {
            session.current = false;
            migrate::revert(session.connection()?)
        };
        self.writer.run(revert).await
    }

    pub(crate) async fn schema_version(&self) -> Result<SchemaVersion> {
        self.writer.run(|session| migrate::version(session.connection()?)).await
    }

    pub(crate) async fn import_ruleset(&self, ruleset: &Ruleset, at: Instant) -> Result<Imported> {
        // The ruleset is the caller's; its canonical text is all that is needed of it.
        let ruleset = Ruleset::from_json(ruleset.canonical())?;
        self.write(move |conn, _| import::import(conn, &ruleset, at)).await
    }

    pub(crate) async fn ruleset(&self) -> Result<Arc<Ruleset>> {
        self.read(|conn, rulesets| Ok(Arc::clone(rules::current(conn, rulesets)?.ruleset()))).await
    }

    pub(crate) async fn export_ruleset(&self) -> Result<String> {
        self.read(|conn, _| import::export(conn)).await
    }

    pub(crate) async fn create_player(&self, player: &NewPlayer) -> Result<bool> {
        let player = player.clone();
        self.write(move |conn, _| players::create(conn, &player)).await
    }

    pub(crate) async fn execute(&self, player: &str, at: Instant, command: &Command) -> Result<Outcome> {
        let (player, command) = (player.to_owned(), command.clone());
        self.writer.run(move |session| session.execute(&player, at, &command)).await
    }

    pub(crate) async fn execute_all(&self, player: &str, commands: &[(Instant, Command)]) -> Result<Vec<Outcome>> {
        let (player, commands) = (player.to_owned(), commands.to_vec());
        let job = move |conn: &mut SqliteConnection, executor: &mut Executor| {
            commands.iter().map(|(at, command)| executor.execute(conn, &player, *at, command)).collect()
        };
        self.write(job).await
    }

    pub(crate) async fn player(&self, id: &str, at: Option<Instant>) -> Result<PlayerView> {
        let (id, tolerance) = (id.to_owned(), self.clock_tolerance);
        self.read(move |conn, rulesets| players::view(conn, rulesets, &id, at, tolerance)).await
    }

    pub(crate) async fn preview(&self, id: &str, at: Instant, command: &Command) -> Result<Vec<Event>> {
        let (id, command, tolerance) = (id.to_owned(), command.clone(), self.clock_tolerance);
        self.read(move |conn, rulesets| players::preview(conn, rulesets, &id, (at, &command), tolerance)).await
    }

    pub(crate) async fn state(&self, id: &str) -> Result<Player> {
        let id = id.to_owned();
        self.read(move |conn, rulesets| Ok(load::load(conn, rulesets, &id, None)?.player)).await
    }

    pub(crate) async fn players(&self, after: Option<&str>, limit: usize) -> Result<Vec<PlayerSummary>> {
        let after = after.map(str::to_owned);
        self.read(move |conn, _| players::list(conn, after.as_deref(), limit)).await
    }

    pub(crate) async fn timeline(&self, id: &str, range: RangeInclusive<Instant>) -> Result<Vec<TimelineEntry>> {
        let id = id.to_owned();
        self.read(move |conn, rulesets| timeline::timeline(conn, rulesets, &id, range)).await
    }

    pub(crate) async fn ledger(&self, id: &str, after: Option<Instant>, limit: usize) -> Result<LedgerPage> {
        let id = id.to_owned();
        self.read(move |conn, _| ledger::page(conn, &id, after, limit)).await
    }

    pub(crate) async fn verify(&self, id: &str) -> Result<PlayerVerification> {
        let id = id.to_owned();
        self.read(move |conn, _| ledger::verify(conn, &id)).await
    }

    pub(crate) async fn leaderboard(
        &self,
        season: &str,
        at: Instant,
        skip: usize,
        limit: usize,
    ) -> Result<LeaderboardPage> {
        let season = season.to_owned();
        self.read(move |conn, _| leaderboard::page(conn, &season, at, count(skip), count(limit))).await
    }

    pub(crate) async fn leaderboard_around(
        &self,
        season: &str,
        at: Instant,
        player: &str,
        places: usize,
    ) -> Result<Option<LeaderboardPage>> {
        let (season, player) = (season.to_owned(), player.to_owned());
        self.read(move |conn, _| leaderboard::around(conn, &season, at, &player, count(places))).await
    }

    pub(crate) async fn standings(&self, season: &str) -> Result<Standings> {
        let season = season.to_owned();
        self.read(move |conn, _| refresh::standings(conn, &season)).await
    }

    pub(crate) async fn standing(&self, season: &str, player: &str) -> Result<Option<Standing>> {
        let (season, player) = (season.to_owned(), player.to_owned());
        self.read(move |conn, _| leaderboard::standing(conn, &season, &player)).await
    }

    pub(crate) async fn refresh_leaderboard(&self, season: &str, now: Instant) -> Result<Refreshed> {
        refresh::refresh(self, season, now).await
    }

    pub(crate) async fn claim_events(&self, worker: &str, limit: usize, lease: Duration) -> Result<Vec<OutboxEntry>> {
        let worker = worker.to_owned();
        self.write(move |conn, _| outbox::claim(conn, &worker, count(limit), lease)).await
    }

    pub(crate) async fn acknowledge(&self, ids: &[i64]) -> Result<u64> {
        let ids = ids.to_vec();
        self.write(move |conn, _| outbox::acknowledge(conn, &ids)).await
    }

    pub(crate) async fn export_player(&self, id: &str) -> Result<PlayerExport> {
        let id = id.to_owned();
        self.read(move |conn, _| privacy::export(conn, &id)).await
    }

    pub(crate) async fn erase_player(&self, id: &str, at: Instant) -> Result<bool> {
        let id = id.to_owned();
        self.write(move |conn, _| privacy::erase(conn, &id, at)).await
    }

    pub(crate) async fn report_many(&self, reports: &[PlayerReport]) -> Result<Reported> {
        let reports = reports.to_vec();
        let job = move |session: &mut Session| {
            let mut before = EventsBefore::default();
            for (player, stop) in session.read(|conn, _| execute::stops_before(conn, &reports))? {
                match session.write(|conn, executor| executor.advance(conn, &player, stop)) {
                    // Why is said when the report is made.
                    Err(error) if error.is_a_players_own() => {}
                    done => before.entry(player).or_default().extend(done?.events),
                }
            }
            let reported = execute::for_many(|manner| {
                session.write(|conn, executor| execute::report_many(executor, conn, &reports, manner))
            });
            Ok(reported?.behind(before))
        };
        self.writer.run(job).await
    }

    pub(crate) async fn roll_over(&self, now: Instant, options: &RollOverOptions) -> Result<RollOver> {
        roll_over::roll_over(self, now, options).await
    }
}

impl Session {
    /// Opens the file and looks at its tables; an empty one may be migrated later.
    fn open(&mut self) -> Result<()> {
        let (location, options) = (self.location.clone(), self.options.clone());
        let conn = self.connection()?;
        migrate::version(conn)?;
        if matches!(location, SqliteLocation::File(_)) && !options.read_only {
            connection::use_write_ahead_log(conn)?;
        }
        Ok(())
    }

    fn connection(&mut self) -> Result<&mut SqliteConnection> {
        let conn = match self.conn.take() {
            Some(conn) => conn,
            None => connection::connect(&self.location, &self.options)?,
        };
        Ok(self.conn.insert(conn))
    }

    fn migrate(&mut self) -> Result<Migrated> {
        let migrated = migrate::migrate(self.connection()?)?;
        self.current = true;
        Ok(migrated)
    }

    /// The connection, once its tables are of the version needed.
    fn ready(&mut self) -> Result<(&mut SqliteConnection, &mut Executor)> {
        if !self.current {
            Error::unless_migrated(migrate::version(self.connection()?)?)?;
            self.current = true;
        }
        self.connection()?;
        match &mut self.conn {
            Some(conn) => Ok((conn, &mut self.executor)),
            None => Err(Error::new(Kind::Closed)),
        }
    }

    fn write<R>(&mut self, job: impl FnOnce(&mut SqliteConnection, &mut Executor) -> Result<R>) -> Result<R> {
        let (conn, executor) = self.ready()?;
        let done = transaction::immediate(conn, |conn| job(conn, executor));
        self.settled(done)
    }

    fn read<R>(&mut self, job: impl FnOnce(&mut SqliteConnection, &Rulesets) -> Result<R>) -> Result<R> {
        let (conn, executor) = self.ready()?;
        let done = transaction::deferred(conn, |conn| job(conn, executor.rulesets()));
        self.settled(done)
    }

    /// Does a command. For somebody away for very long, whole days are committed beforehand, as far as they are accepted.
    fn execute(&mut self, player: &str, at: Instant, command: &Command) -> Result<Outcome> {
        let mut before = Vec::new();
        loop {
            match self.write(|conn, executor| executor.step(conn, player, at, command))? {
                (outcome, true) => return Ok(outcome.behind(before)),
                (outcome, false) => before.extend(outcome.events),
            }
        }
    }

    /// After a transaction that could not be rolled back, the connection is opened anew for the next job. What failed since the tables are
    /// no longer those that were seen says so.
    fn settled<R>(&mut self, done: Result<R>) -> Result<R> {
        let broken = self.conn.as_mut().is_some_and(AnsiTransactionManager::is_broken_transaction_manager);
        if broken && matches!(self.location, SqliteLocation::File(_)) {
            self.conn = None;
            self.current = false;
        }
        done.map_err(|error| match &mut self.conn {
            Some(conn) if error.may_be_the_tables() => match migrate::version(conn).and_then(Error::unless_migrated) {
                Err(other) if other.is_schema() => {
                    self.current = false;
                    other
                }
                _ => error,
            },
            _ => error,
        })
    }
}
