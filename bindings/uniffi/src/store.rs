//! The store: players in a database. Every verb is asynchronous, and hands over to `levelkit_storage`.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use levelkit::{Command, Event, Instant, LevelkitError, PlayerView};
use levelkit_storage::{
    Imported, LeaderboardPage, LedgerPage, Migrated, NewPlayer, Options, OutboxEntry, Outcome, PlayerExport,
    PlayerReport, PlayerSummary, PlayerVerification, Refreshed, Reported, RollOver, RollOverOptions, SchemaVersion,
    Standing, Standings, Synchronous, TimelineEntry, VerificationSummary,
};

use crate::Result;
use crate::engine::{Player, TimedCommand};
use crate::ruleset::Ruleset;

/// How a store is opened. What is left out is as levelkit thinks best.
#[derive(Clone, Debug, Default, uniffi::Record)]
pub struct StoreOptions {
    /// Whether it is opened for reading only.
    #[uniffi(default = None)]
    pub read_only: Option<bool>,
    /// Whether a missing file is made; it is by default.
    #[uniffi(default = None)]
    pub create: Option<bool>,
    /// When SQLite waits for the disk; at every commit by default.
    #[uniffi(default = None)]
    pub synchronous: Option<Synchronous>,
    /// On SQLite: how long to wait for another process that is writing; five seconds by default.
    #[uniffi(default = None)]
    pub busy_timeout: Option<Duration>,
    /// On SQLite: how many connections serve views beside the one that writes, 1 to 64; 2 by default.
    #[uniffi(default = None)]
    pub readers: Option<u32>,
    /// On a server: how many connections there are at most, 1 to 1,000; 8 by default.
    #[uniffi(default = None)]
    pub connections: Option<u32>,
    /// On a server: how long to wait for a connection; ten seconds by default.
    #[uniffi(default = None)]
    pub connect_timeout: Option<Duration>,
    /// On a server: how long a statement may take; thirty seconds by default.
    #[uniffi(default = None)]
    pub statement_timeout: Option<Duration>,
    /// On a server: a PEM file with the certificates that the server's may be signed by, instead of the system's.
    #[uniffi(default = None)]
    pub root_certificates: Option<String>,
    /// By how much a command's instant may lie before the player's last one and is then raised to it; by default five seconds
    /// on a server, and nothing on SQLite.
    #[uniffi(default = None)]
    pub clock_tolerance: Option<Duration>,
    /// Whether the events of every command are kept for delivery, until somebody claims and acknowledges them; they are not by
    /// default.
    #[uniffi(default = None)]
    pub outbox: Option<bool>,
}

impl From<StoreOptions> for Options {
    fn from(given: StoreOptions) -> Self {
        let StoreOptions { read_only, create, synchronous, busy_timeout, readers, .. } = given;
        let StoreOptions {
            connections,
            connect_timeout,
            statement_timeout,
            root_certificates,
            clock_tolerance,
            outbox,
            ..
        } = given;
        let set = Self::new();
        let set = with(set, read_only, Self::read_only);
        let set = with(set, create, Self::create);
        let set = with(set, synchronous, Self::synchronous);
        let set = with(set, busy_timeout, Self::busy_timeout);
        let set = with(set, readers.map(count), Self::readers);
        let set = with(set, connections.map(count), Self::connections);
        let set = with(set, connect_timeout, Self::connect_timeout);
        let set = with(set, statement_timeout, Self::statement_timeout);
        let set = with(set, clock_tolerance, Self::clock_tolerance);
        let set = with(set, outbox, Self::outbox);
        with(set, root_certificates, Self::root_certificates)
    }
}

/// Sets an option that is given.
fn with<T>(options: Options, given: Option<T>, set: impl FnOnce(Options, T) -> Options) -> Options {
    match given {
        Some(given) => set(options, given),
        None => options,
    }
}

/// Players in a database. A call is whole or not at all; one that was handed over is decided even if nobody waits for it.
#[derive(Debug, uniffi::Object)]
pub struct Store(RwLock<Option<levelkit_storage::Store>>);

impl Store {
    /// The store for one call; it stays open until that call is done.
    fn open_store(&self) -> Result<levelkit_storage::Store> {
        let open = self.0.read().unwrap_or_else(PoisonError::into_inner).clone();
        open.ok_or_else(|| LevelkitError::Store {
            code: "STORE_CLOSED".to_owned(),
            what: "the store was closed".to_owned(),
            hint: Some("open the store again; whatever was committed is there".to_owned()),
            transient: false,
        })
    }
}

#[uniffi::export]
impl Store {
    /// Opens `sqlite:PATH`, `sqlite::memory:` or a server's `postgres://...`. The tables are left as they are: `migrate` makes them.
    #[uniffi::constructor(default(options = None))]
    pub async fn open(url: String, options: Option<StoreOptions>) -> Result<Self> {
        let options = options.unwrap_or_default().into();
        let store = levelkit_storage::Store::open_with(&url, options).await?;
        Ok(Self(RwLock::new(Some(store))))
    }

    /// Closes the store, without waiting for calls under way: they go on to their end, their answers come as ever, and the last of them
    /// closes the database. Where none is under way that is done before this returns. Later calls, and those of tasks that have not
    /// begun theirs, are refused with `STORE_CLOSED` and change nothing; to go on, open the store again. Closing again does nothing.
    pub fn close(&self) {
        drop(self.0.write().unwrap_or_else(PoisonError::into_inner).take());
    }

    /// Brings the tables to the version this levelkit needs.
    pub async fn migrate(&self) -> Result<Migrated> {
        Ok(self.open_store()?.migrate().await?)
    }

    /// Takes levelkit's tables away again, the data in them included. Of an application's tables only those go that levelkit made.
    pub async fn revert(&self) -> Result<()> {
        Ok(self.open_store()?.revert().await?)
    }

    /// Which version the tables have, without any change.
    pub async fn schema_version(&self) -> Result<SchemaVersion> {
        Ok(self.open_store()?.schema_version().await?)
    }

    /// Puts a ruleset in force for days opened from now on.
    pub async fn import_ruleset(&self, ruleset: Arc<Ruleset>, at: Instant) -> Result<Imported> {
        Ok(self.open_store()?.import_ruleset(&ruleset.0, at).await?)
    }

    /// The ruleset in force.
    pub async fn ruleset(&self) -> Result<Ruleset> {
        Ok(Ruleset(self.open_store()?.ruleset().await?))
    }

    /// The ruleset as its tables hold it, in canonical form.
    pub async fn export_ruleset(&self) -> Result<String> {
        Ok(self.open_store()?.export_ruleset().await?)
    }

    /// Makes a player; false, and no change, for one who is a player already.
    pub async fn create_player(&self, player: NewPlayer) -> Result<bool> {
        Ok(self.open_store()?.create_player(&player).await?)
    }

    /// Does a command for a player at an instant, in one transaction. A refused command changes nothing.
    pub async fn execute(&self, player: String, at: Instant, command: Command) -> Result<Outcome> {
        Ok(self.open_store()?.execute(&player, at, &command).await?)
    }

    /// Does several commands for one player, in order and in one transaction: all of them, or none.
    pub async fn execute_all(&self, player: String, commands: Vec<TimedCommand>) -> Result<Vec<Outcome>> {
        let commands: Vec<_> = commands.into_iter().map(|TimedCommand { at, command }| (at, command)).collect();
        Ok(self.open_store()?.execute_all(&player, &commands).await?)
    }

    /// How a player stands at an instant, with everything an app shows; without one, at the last command.
    #[uniffi::method(default(at = None))]
    pub async fn player(&self, id: String, at: Option<Instant>) -> Result<PlayerView> {
        Ok(self.open_store()?.player(&id, at).await?)
    }

    /// What a command would bring, without doing it.
    pub async fn preview(&self, player: String, at: Instant, command: Command) -> Result<Vec<Event>> {
        Ok(self.open_store()?.preview(&player, at, &command).await?)
    }

    /// A copy of a player in memory, for an engine. What the engine does to it does not reach the store.
    pub async fn state(&self, id: String) -> Result<Player> {
        Ok(Player::of(self.open_store()?.state(&id).await?))
    }

    /// Up to `limit` players by id, after one of them or from the first.
    #[uniffi::method(default(after = None, limit = 100))]
    pub async fn players(&self, after: Option<String>, limit: u32) -> Result<Vec<PlayerSummary>> {
        Ok(self.open_store()?.players(after.as_deref(), count(limit)).await?)
    }

    /// What happened to a player between two instants, both included; their whole story by default.
    #[uniffi::method(default(from = None, to = None))]
    pub async fn timeline(&self, id: String, from: Option<Instant>, to: Option<Instant>) -> Result<Vec<TimelineEntry>> {
        let range = from.unwrap_or(Instant::MIN)..=to.unwrap_or(Instant::MAX);
        Ok(self.open_store()?.timeline(&id, range).await?)
    }

    /// Up to `limit` entries of a player's ledger, oldest first, written after an instant or from the first.
    #[uniffi::method(default(after = None, limit = 100))]
    pub async fn ledger(&self, id: String, after: Option<Instant>, limit: u32) -> Result<LedgerPage> {
        Ok(self.open_store()?.ledger(&id, after, count(limit)).await?)
    }

    /// Verifies a player's ledger. What is wrong is the answer, not an error.
    pub async fn verify(&self, id: String) -> Result<PlayerVerification> {
        Ok(self.open_store()?.verify(&id).await?)
    }

    /// Verifies every player's ledger; commands go on meanwhile.
    pub async fn verify_all(&self) -> Result<VerificationSummary> {
        Ok(self.open_store()?.verify_all().await?)
    }

    /// A page of a season's live standings, `skip` places from the top.
    #[uniffi::method(default(skip = 0, limit = 100))]
    pub async fn leaderboard(&self, season: String, at: Instant, skip: u32, limit: u32) -> Result<LeaderboardPage> {
        Ok(self.open_store()?.leaderboard(&season, at, count(skip), count(limit)).await?)
    }

    /// The live standings around a player: up to so many places above, the player's own, as many below; none for somebody who
    /// takes no part.
    pub async fn leaderboard_around(
        &self,
        season: String,
        at: Instant,
        player: String,
        places: u32,
    ) -> Result<Option<LeaderboardPage>> {
        Ok(self.open_store()?.leaderboard_around(&season, at, &player, count(places)).await?)
    }

    /// The final standings of a sealed season as a file, with its hash now and the one recorded at the seal; while they are equal, the
    /// scores are those that were sealed. Refused with `SEASON_NOT_SEALED` before that.
    pub async fn standings(&self, season: String) -> Result<Standings> {
        Ok(self.open_store()?.standings(&season).await?)
    }

    /// Where a player stands in a season now; none who takes no part.
    pub async fn standing(&self, season: String, player: String) -> Result<Option<Standing>> {
        Ok(self.open_store()?.standing(&season, &player).await?)
    }

    /// Writes a season's standings. The first refresh after its end seals them.
    pub async fn refresh_leaderboard(&self, season: String, now: Instant) -> Result<Refreshed> {
        Ok(self.open_store()?.refresh_leaderboard(&season, now).await?)
    }

    /// Does reports of many players, thousands of them if need be, in one transaction. Who is refused, or cannot be read, is set
    /// aside in the answer, and the others go on.
    pub async fn report_many(&self, reports: Vec<PlayerReport>) -> Result<Reported> {
        Ok(self.open_store()?.report_many(&reports).await?)
    }

    /// Hands out up to `limit` commands' events for delivery, the oldest first. Their players are this worker's until all of them are
    /// acknowledged or the lease is over; what was not acknowledged by then is handed out again. So every event is delivered at least
    /// once, and a player's in order. Events are kept only where the store was opened with `outbox`.
    #[uniffi::method(default(limit = 100))]
    pub async fn claim_events(&self, worker: String, limit: u32, lease: Duration) -> Result<Vec<OutboxEntry>> {
        Ok(self.open_store()?.claim_events(&worker, count(limit), lease).await?)
    }

    /// Takes delivered events out of the outbox, by the ids they were handed out with; how many were still there.
    pub async fn acknowledge(&self, ids: Vec<i64>) -> Result<u64> {
        Ok(self.open_store()?.acknowledge(&ids).await?)
    }

    /// Everything that the database holds about a player, except secrets. Refused with `UNKNOWN_ID` for an unknown player.
    pub async fn export_player(&self, id: String) -> Result<PlayerExport> {
        Ok(self.open_store()?.export_player(&id).await?)
    }

    /// Erases a player's personal data: address, name, image, sessions, accounts, verifications, measurements, reasons. The id and the
    /// ledger stay and verify, and the player can go on. False if it was erased before; what came since is erased too.
    pub async fn erase_player(&self, id: String, at: Instant) -> Result<bool> {
        Ok(self.open_store()?.erase_player(&id, at).await?)
    }

    /// Advances up to `limit` players whose day is due, without those who have sent no command for more than `idle_days`. Call it
    /// again while `more` is true.
    #[uniffi::method(default(limit = 100, idle_days = None))]
    pub async fn roll_over(&self, now: Instant, limit: u32, idle_days: Option<u32>) -> Result<RollOver> {
        let options = RollOverOptions { limit: count(limit), idle_days };
        Ok(self.open_store()?.roll_over_with(now, &options).await?)
    }
}

/// A count as Rust takes it; what does not fit is more than there can be.
fn count(count: u32) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}
