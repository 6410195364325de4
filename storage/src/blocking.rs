//! The blocking facade: the same store for callers without an executor, such as a command line or Python.

use std::cell::Cell;
use std::future::Future;
use std::ops::RangeInclusive;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;
use std::time::Duration;

use levelkit::{Command, Event, Instant, Player, PlayerView, Ruleset};

use crate::error::Result;
use crate::exported::PlayerExport;
use crate::options::Options;
use crate::store::Store;
use crate::view::*;

/// A [`Store`] whose calls return when they are done. It needs no runtime, and works inside one too (where it blocks its
/// thread). Copies share the connections.
///
/// Each method is the one of [`Store`] with the same name: see there for errors.
#[derive(Clone, Debug)]
pub struct BlockingStore(Store);

macro_rules! blocking {
    ($($(#[$doc:meta])* fn $name:ident(&self $(, $arg:ident: $type:ty)*) -> $answer:ty;)+) => {$(
        $(#[$doc])*
        ///
        /// # Errors
        #[doc = concat!("Those of [`Store::", stringify!($name), "`].")]
        pub fn $name(&self $(, $arg: $type)*) -> Result<$answer> {
            block_on(self.0.$name($($arg),*))
        }
    )+};
}

impl BlockingStore {
    /// Opens a store: [`Store::open`].
    ///
    /// # Errors
    /// Those of [`Store::open`].
    pub fn open(url: &str) -> Result<Self> {
        Self::open_with(url, Options::new())
    }

    /// Opens a store with options: [`Store::open_with`].
    ///
    /// # Errors
    /// Those of [`Store::open`].
    pub fn open_with(url: &str, options: Options) -> Result<Self> {
        block_on(Store::open_with(url, options)).map(Self)
    }

    /// The same store for async callers.
    pub fn as_async(&self) -> &Store {
        &self.0
    }

    blocking! {
        /// Brings the tables to the version this levelkit needs.
        fn migrate(&self) -> Migrated;
        /// Takes levelkit's tables away again.
        fn revert(&self) -> ();
        /// Which version the tables have.
        fn schema_version(&self) -> SchemaVersion;
        /// Puts a ruleset in force for days opened from now on.
        fn import_ruleset(&self, ruleset: &Ruleset, at: Instant) -> Imported;
        /// The ruleset in force.
        fn ruleset(&self) -> Arc<Ruleset>;
        /// The canonical text of the ruleset in force, rebuilt from its tables.
        fn export_ruleset(&self) -> String;
        /// Makes a player, or adopts an existing user.
        fn create_player(&self, player: &NewPlayer) -> bool;
        /// Does a command for a player.
        fn execute(&self, player: &str, at: Instant, command: &Command) -> Outcome;
        /// Does several commands for one player, in one transaction.
        fn execute_all(&self, player: &str, commands: &[(Instant, Command)]) -> Vec<Outcome>;
        /// How a player stands at an instant, or at the last command.
        fn player(&self, id: &str, at: Option<Instant>) -> PlayerView;
        /// What a command would bring, without doing it.
        fn preview(&self, player: &str, at: Instant, command: &Command) -> Vec<Event>;
        /// A player as the engine knows one.
        fn state(&self, id: &str) -> Player;
        /// Players by id, after one of them.
        fn players(&self, after: Option<&str>, limit: usize) -> Vec<PlayerSummary>;
        /// What happened to a player between two instants.
        fn timeline(&self, id: &str, range: RangeInclusive<Instant>) -> Vec<TimelineEntry>;
        /// A page of a player's ledger.
        fn ledger(&self, id: &str, after: Option<Instant>, limit: usize) -> LedgerPage;
        /// Verifies a player's ledger.
        fn verify(&self, id: &str) -> PlayerVerification;
        /// Verifies every ledger.
        fn verify_all(&self) -> VerificationSummary;
        /// A page of a season's live standings.
        fn leaderboard(&self, season: &str, at: Instant, skip: usize, limit: usize) -> LeaderboardPage;
        /// The live standings around a player.
        fn leaderboard_around(&self, season: &str, at: Instant, player: &str, places: usize) -> Option<LeaderboardPage>;
        /// The final standings of a sealed season as a file.
        fn standings(&self, season: &str) -> Standings;
        /// Where a player stands in a season.
        fn standing(&self, season: &str, player: &str) -> Option<Standing>;
        /// Writes a season's standings; after its end, for good.
        fn refresh_leaderboard(&self, season: &str, now: Instant) -> Refreshed;
        /// Does reports of many players, in one transaction.
        fn report_many(&self, reports: &[PlayerReport]) -> Reported;
        /// Hands out events for delivery.
        fn claim_events(&self, worker: &str, limit: usize, lease: Duration) -> Vec<OutboxEntry>;
        /// Takes delivered events out of the outbox.
        fn acknowledge(&self, ids: &[i64]) -> u64;
        /// Everything about a player, except secrets.
        fn export_player(&self, id: &str) -> PlayerExport;
        /// Erases a player's personal data.
        fn erase_player(&self, id: &str, at: Instant) -> bool;
        /// Advances players whose day is due.
        fn roll_over(&self, now: Instant, limit: usize) -> RollOver;
        /// Advances players whose day is due, as the options say.
        fn roll_over_with(&self, now: Instant, options: &RollOverOptions) -> RollOver;
    }
}

impl From<Store> for BlockingStore {
    fn from(store: Store) -> Self {
        Self(store)
    }
}

/// Wakes a thread that waits for a future.
struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

thread_local! {
    static BLOCKING: Cell<bool> = const { Cell::new(false) };
}

/// Whether the future that is polled has the thread to itself, and keeps nobody else waiting.
pub(crate) fn is_blocking() -> bool {
    BLOCKING.get()
}

/// Says so while it lives.
struct Blocking(bool);

impl Blocking {
    fn begin() -> Self {
        Self(BLOCKING.replace(true))
    }
}

impl Drop for Blocking {
    fn drop(&mut self) {
        BLOCKING.set(self.0);
    }
}

/// Waits for a future on this thread. Unlike a runtime's `block_on` it may be called anywhere.
pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut context = Context::from_waker(&waker);
    let mut future = pin!(future);
    let _blocking = Blocking::begin();
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(answer) => return answer,
            Poll::Pending => std::thread::park(),
        }
    }
}
