//! The store: what a host calls. Which database answers is decided once, when it is opened.

use std::fmt;
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

use levelkit::{Command, Event, Instant, Player, PlayerView, Ruleset};

use crate::error::Result;
use crate::exported::PlayerExport;
use crate::options::{Location, Options};
#[cfg(feature = "postgres")]
use crate::postgres::Postgres;
use crate::sqlite::Sqlite;
use crate::view::*;

/// Players in a database. Copies share the connections; the last one closes them.
///
/// Every call is whole or not at all; those that take many players say where they go in parts, each of them whole. Dropping a call's
/// future does not stop what was handed over: a command is decided and committed, or refused, even if nobody waits for the answer.
///
/// ```
/// use levelkit::{Command, Metrics, Ruleset};
/// use levelkit_storage::{NewPlayer, Store};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let store = Store::open("sqlite::memory:").await?;
/// store.migrate().await?;
/// let rules = Ruleset::from_json(r#"{
///     "format": "levelkit.ruleset/1",
///     "quests": [{
///         "id": "walk", "name": "Walk", "description": "8,000 steps", "type": "DAILY", "category": "MOVEMENT",
///         "requirements": {"type": "numeric", "metric": "steps", "op": ">=", "value": 8000},
///         "base_xp": 100, "is_core": true
///     }]
/// }"#)?;
/// let evening = "2026-03-02T20:00:00Z".parse()?;
/// store.import_ruleset(&rules, evening).await?;
/// store.create_player(&NewPlayer::new("p1")).await?;
///
/// let metrics = Metrics::from([("steps", 9000.0.into())]);
/// let report = Command::Report { day: None, observed_at: None, metrics, specials: vec![] };
/// let outcome = store.execute("p1", evening, &report).await?;
/// assert_eq!(outcome.events.len(), 3); // DAY_OPENED, QUEST_COMPLETED, XP_AWARDED
/// assert_eq!(store.player("p1", None).await?.total_xp.0, 100);
/// assert!(store.verify("p1").await?.verification.is_sound());
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Store {
    backend: Arc<Backend>,
}

/// The databases a store knows. Each has its own schema module behind the same verbs.
enum Backend {
    Sqlite(Sqlite),
    #[cfg(feature = "postgres")]
    Postgres(Postgres),
}

/// Hands a call to the database that answers it.
macro_rules! backend {
    ($self:ident.$verb:ident($($arg:expr),*)) => {
        match &*$self.backend {
            Backend::Sqlite(sqlite) => sqlite.$verb($($arg),*).await,
            #[cfg(feature = "postgres")]
            Backend::Postgres(postgres) => postgres.$verb($($arg),*).await,
        }
    };
}

impl Store {
    /// Opens `sqlite:PATH`, `sqlite::memory:` or, with feature `postgres`, `postgres://USER@HOST/DATABASE`. The tables are left as they are: [`migrate`](Self::migrate) makes them.
    ///
    /// # Errors
    /// `INVALID_URL`, `NOT_A_DATABASE`, `STORE_CORRUPT`, `STORE_NEWER`, `FOREIGN_SCHEMA`, `STORE_LOCKED`, `STORE_IO`.
    pub async fn open(url: &str) -> Result<Self> {
        Self::open_with(url, Options::new()).await
    }

    /// Opens a store with options.
    ///
    /// # Errors
    /// Those of [`open`](Self::open), and `STORE_MISSING` for a file that is not to be made.
    pub async fn open_with(url: &str, options: Options) -> Result<Self> {
        let backend = match Location::parse(url)? {
            Location::Sqlite(location) => Backend::Sqlite(Sqlite::open(location, options).await?),
            #[cfg(feature = "postgres")]
            Location::Postgres(url) => Backend::Postgres(Postgres::open(&url, &options).await?),
            #[cfg(not(feature = "postgres"))]
            Location::Postgres(_) => {
                let expected = "sqlite: and a path, since this levelkit was built without its feature postgres";
                return Err(crate::Error::new(crate::error::Kind::InvalidUrl {
                    url: "postgres://...".to_owned(),
                    expected,
                }));
            }
        };
        Ok(Self { backend: Arc::new(backend) })
    }

    /// Brings the tables to the version this levelkit needs; they may be there already.
    ///
    /// # Errors
    /// `FOREIGN_SCHEMA`, `STORE_NEWER`, `STORE_READ_ONLY`, and what can go wrong with the file. Each migration is whole or not
    /// at all.
    pub async fn migrate(&self) -> Result<Migrated> {
        backend!(self.migrate())
    }

    /// Takes levelkit's tables away again, the data in them included. Of the tables that an application knows only those go that
    /// levelkit made itself; on PostgreSQL one of them that still holds rows stops it, by name, before anything is changed.
    ///
    /// # Errors
    /// `STORE_ERROR` naming such a table, `STORE_READ_ONLY`, and what can go wrong with the database.
    pub async fn revert(&self) -> Result<()> {
        backend!(self.revert())
    }

    /// Which version the tables have, without any change.
    ///
    /// # Errors
    /// `FOREIGN_SCHEMA`, `STORE_NEWER`.
    pub async fn schema_version(&self) -> Result<SchemaVersion> {
        backend!(self.schema_version())
    }

    /// Writes a ruleset into the tables and puts it in force: for days opened from now on, while open logs and attempts end
    /// under the ruleset that opened them. Content no longer listed stays, out of force. Importing the ruleset in force again
    /// sets its tables right and changes nothing else.
    ///
    /// # Errors
    /// `NOT_MIGRATED`, and what can go wrong with the file.
    pub async fn import_ruleset(&self, ruleset: &Ruleset, at: Instant) -> Result<Imported> {
        backend!(self.import_ruleset(ruleset, at))
    }

    /// The ruleset in force.
    ///
    /// # Errors
    /// `NO_RULESET`, `NOT_MIGRATED`.
    pub async fn ruleset(&self) -> Result<Arc<Ruleset>> {
        backend!(self.ruleset())
    }

    /// The ruleset as its tables hold it, in canonical form: what was imported, unless somebody edited the tables since. Such
    /// edits come into force when the export is imported.
    ///
    /// # Errors
    /// `NO_RULESET`; `INVALID_RULESET` and `STORE_CORRUPT` where the tables were edited into something else.
    pub async fn export_ruleset(&self) -> Result<String> {
        backend!(self.export_ruleset())
    }

    /// Makes a player with a row of `users`, or adopts the user of that id; false, and no change, for one who is a player
    /// already. XP events from before an adoption stay as they are, unsealed.
    ///
    /// # Errors
    /// `INVALID_TEXT`, `INVALID_TIMEZONE`, `ID_CONFLICT` for an address that another user has, `NOT_MIGRATED`.
    pub async fn create_player(&self, player: &NewPlayer) -> Result<bool> {
        backend!(self.create_player(player))
    }

    /// Does a command for a player at an instant: loads the player, decides, writes every row, in one transaction. For
    /// somebody away for more than 4,000 days, whole days are committed beforehand, and stay committed whatever becomes of the command.
    ///
    /// # Errors
    /// A refusal's code, among them `UNKNOWN_ID` for an unknown player: nothing else was changed. `NO_RULESET`, `NOT_MIGRATED`,
    /// `STORE_LOCKED`, `STORE_READ_ONLY`, `STORE_FULL`, `STORE_CORRUPT`, `STORE_IO`.
    pub async fn execute(&self, player: &str, at: Instant, command: &Command) -> Result<Outcome> {
        backend!(self.execute(player, at, command))
    }

    /// Does several commands for one player, in order and in one transaction: the disk is waited for once. All of them are
    /// done, or none.
    ///
    /// # Errors
    /// Those of [`execute`](Self::execute), of the first command that fails.
    pub async fn execute_all(&self, player: &str, commands: &[(Instant, Command)]) -> Result<Vec<Outcome>> {
        backend!(self.execute_all(player, commands))
    }

    /// How a player stands at an instant, as the next command would find it; without one, at the last command.
    ///
    /// # Errors
    /// `UNKNOWN_ID`, `TIME_BACKWARDS` for an instant before the last command by more than [`Options::clock_tolerance`], `NO_RULESET`,
    /// `NOT_MIGRATED`.
    pub async fn player(&self, id: &str, at: Option<Instant>) -> Result<PlayerView> {
        backend!(self.player(id, at))
    }

    /// What a command would bring, without doing it.
    ///
    /// # Errors
    /// Those of [`execute`](Self::execute).
    pub async fn preview(&self, player: &str, at: Instant, command: &Command) -> Result<Vec<Event>> {
        backend!(self.preview(player, at, command))
    }

    /// A player as the engine knows one: the state, and the history as far as the rules look back. Of adjustments and grants
    /// it holds none; they are looked up by their id when a command names one.
    ///
    /// # Errors
    /// `UNKNOWN_ID`, `NO_RULESET`, `NOT_MIGRATED`.
    pub async fn state(&self, id: &str) -> Result<Player> {
        backend!(self.state(id))
    }

    /// Up to `limit` players by id (in byte order), after one of them or from the first.
    ///
    /// # Errors
    /// `NOT_MIGRATED`.
    pub async fn players(&self, after: Option<&str>, limit: usize) -> Result<Vec<PlayerSummary>> {
        backend!(self.players(after, limit))
    }

    /// What happened to a player between two instants, both included, rebuilt from rows and ordered by when it took effect.
    /// See the `timeline` notes in the crate's documentation for what rows cannot tell.
    ///
    /// # Errors
    /// `UNKNOWN_ID`, `NO_RULESET`, `NOT_MIGRATED`.
    pub async fn timeline(&self, id: &str, range: RangeInclusive<Instant>) -> Result<Vec<TimelineEntry>> {
        backend!(self.timeline(id, range))
    }

    /// Up to `limit` events of a player's ledger, oldest first, written after an instant or from the first. A page does not end between
    /// events of one instant, as those from before levelkit took over may be; so it may hold more.
    ///
    /// # Errors
    /// `UNKNOWN_ID`, `NOT_MIGRATED`; `STORE_CORRUPT` for a row that levelkit cannot have written.
    pub async fn ledger(&self, id: &str, after: Option<Instant>, limit: usize) -> Result<LedgerPage> {
        backend!(self.ledger(id, after, limit))
    }

    /// Verifies a player's ledger, event by event, up to the player's row and the engine's own record of the chain's end. What
    /// is wrong is the answer, not an error.
    ///
    /// # Errors
    /// `UNKNOWN_ID`, `NOT_MIGRATED`, and what can go wrong with the file.
    pub async fn verify(&self, id: &str) -> Result<PlayerVerification> {
        backend!(self.verify(id))
    }

    /// Verifies every player's ledger, one after the other; commands go on meanwhile.
    ///
    /// # Errors
    /// `NOT_MIGRATED`, and what can go wrong with the file.
    pub async fn verify_all(&self) -> Result<VerificationSummary> {
        const PAGE: usize = 256;
        let mut summary = VerificationSummary::default();
        let mut after: Option<String> = None;
        loop {
            let page = self.players(after.as_deref(), PAGE).await?;
            for player in &page {
                let found = self.verify(&player.id).await?;
                summary.players += 1;
                summary.events += found.verification.events;
                if !found.verification.is_sound() {
                    summary.failures.push(found);
                }
            }
            match page.into_iter().next_back() {
                Some(last) => after = Some(last.id),
                None => return Ok(summary),
            }
        }
    }

    /// A page of a season's live standings, `skip` places from the top; `at` says where the season stands.
    ///
    /// # Errors
    /// `UNKNOWN_ID` for an unknown season, `NOT_MIGRATED`.
    pub async fn leaderboard(&self, season: &str, at: Instant, skip: usize, limit: usize) -> Result<LeaderboardPage> {
        backend!(self.leaderboard(season, at, skip, limit))
    }

    /// The live standings around a player: up to so many places above, the player's own, as many below. None for somebody who
    /// takes no part.
    ///
    /// # Errors
    /// Those of [`leaderboard`](Self::leaderboard).
    pub async fn leaderboard_around(
        &self,
        season: &str,
        at: Instant,
        player: &str,
        places: usize,
    ) -> Result<Option<LeaderboardPage>> {
        backend!(self.leaderboard_around(season, at, player, places))
    }

    /// The final standings of a sealed season as a file, with its hash now and the one recorded at the seal.
    ///
    /// # Errors
    /// `SEASON_NOT_SEALED`, and those of [`leaderboard`](Self::leaderboard).
    pub async fn standings(&self, season: &str) -> Result<Standings> {
        backend!(self.standings(season))
    }

    /// Where a player stands in a season now; none who takes no part. The rank is exact at any moment, and costs the same for the last
    /// as for the first.
    ///
    /// # Errors
    /// Those of [`leaderboard`](Self::leaderboard).
    pub async fn standing(&self, season: &str, player: &str) -> Result<Option<Standing>> {
        backend!(self.standing(season, player))
    }

    /// Writes a season's standings into `season_leaderboards` and `season_participations.rank`, and every season's status. The
    /// first refresh after the season's end closes everybody's due days, and then seals the season: its scores and ranks no
    /// longer change.
    ///
    /// # Errors
    /// Those of [`leaderboard`](Self::leaderboard).
    pub async fn refresh_leaderboard(&self, season: &str, now: Instant) -> Result<Refreshed> {
        backend!(self.refresh_leaderboard(season, now))
    }

    /// Hands out up to `limit` commands' events for delivery, the oldest first. Their players are this worker's until all of them are
    /// acknowledged or the lease is over, by the database's clock; then what was not acknowledged is handed out again. So every event
    /// is delivered at least once, and a player's in order. Events are kept only with [`Options::outbox`].
    ///
    /// # Errors
    /// `NOT_MIGRATED`, and what can go wrong with the database.
    pub async fn claim_events(&self, worker: &str, limit: usize, lease: Duration) -> Result<Vec<OutboxEntry>> {
        backend!(self.claim_events(worker, limit, lease))
    }

    /// Takes delivered events out of the outbox, by the ids they were handed out with; how many were still there.
    ///
    /// # Errors
    /// Those of [`claim_events`](Self::claim_events).
    pub async fn acknowledge(&self, ids: &[i64]) -> Result<u64> {
        backend!(self.acknowledge(ids))
    }

    /// Everything that the database holds about a player, except secrets: see `docs/privacy.md`.
    ///
    /// # Errors
    /// `UNKNOWN_ID`, `NOT_MIGRATED`.
    pub async fn export_player(&self, id: &str) -> Result<PlayerExport> {
        backend!(self.export_player(id))
    }

    /// Erases a player's personal data: address, name, image, sessions, accounts, verifications, measurements, reasons. The id and
    /// the ledger stay and verify, and the player can go on. False if it was erased before; what came since is erased too.
    ///
    /// # Errors
    /// `UNKNOWN_ID`, `NOT_MIGRATED`, `STORE_READ_ONLY`.
    pub async fn erase_player(&self, id: &str, at: Instant) -> Result<bool> {
        backend!(self.erase_player(id, at))
    }

    /// Does reports of many players, thousands of them if need be, in one transaction: the disk is waited for once, and a server is
    /// asked as often as for one player. A report that is refused, or whose player's rows are not sound, is set aside: nothing of it is
    /// written, and the others go on. Reports of the same player are done in order.
    ///
    /// For somebody away for more than 400 days, whole days are committed beforehand, and stay committed whatever becomes of the report.
    /// What happened in them is told in front of what the player's first accepted report brought; without one only the
    /// [`timeline`](Self::timeline) and the outbox tell it.
    ///
    /// # Errors
    /// `NO_RULESET`, `NOT_MIGRATED`, and what can go wrong with the database: then no report was done.
    pub async fn report_many(&self, reports: &[PlayerReport]) -> Result<Reported> {
        backend!(self.report_many(reports))
    }

    /// Advances up to `limit` players whose day is due, the longest overdue first: see [`roll_over_with`](Self::roll_over_with).
    ///
    /// # Errors
    /// Those of [`roll_over_with`](Self::roll_over_with).
    pub async fn roll_over(&self, now: Instant, limit: usize) -> Result<RollOver> {
        self.roll_over_with(now, &RollOverOptions::new(limit)).await
    }

    /// Advances players whose day is due, the longest overdue first, up to 256 to a transaction; commands come in between. Who was away for
    /// more than 400 days is advanced in several. Call it again while `more` is true. Any number of processes may do so at once on a
    /// server: whom one of them has in hand, the others leave out.
    ///
    /// # Errors
    /// `NO_RULESET`, `NOT_MIGRATED`, and what can go wrong with the database: the parts before stay committed. A player who cannot be
    /// advanced, for whatever reason of their own, is an answer, not an error: the others go on, and what was committed of the player's
    /// own days beforehand stays committed.
    pub async fn roll_over_with(&self, now: Instant, options: &RollOverOptions) -> Result<RollOver> {
        backend!(self.roll_over(now, options))
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match *self.backend {
            Backend::Sqlite(_) => "Store(sqlite)",
            #[cfg(feature = "postgres")]
            Backend::Postgres(_) => "Store(postgres)",
        })
    }
}
