//! PostgreSQL: one server, any number of processes.
//!
//! Calls run on a thread of the store's own ([`thread`]), so that they work from any executor and from none, and a command that was
//! begun is finished whatever becomes of the caller's future. Every transaction that may write begins with the player's own row: that is
//! the one lock order.

mod connect;
mod content;
mod execute;
mod failure;
mod id;
mod import;
mod leaderboard;
mod ledger;
mod load;
mod many;
mod migrate;
mod outbox;
mod past;
mod players;
mod privacy;
mod query;
mod queue;
mod refresh;
mod rules;
mod session;
mod statement;
mod thread;
mod timeline;

use std::future::Future;
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

use levelkit::{Command, Event, Instant, Player, PlayerView, Ruleset};

pub use execute::PgExecutor;
pub(crate) use failure::is_told;
use session::{Session, Shared, attempts, transaction};
use thread::Thread;

use crate::error::Result;
use crate::exported::PlayerExport;
use crate::options::Options;
use crate::rulesets::Rulesets;
use crate::view::*;

/// What clocks of different servers may differ by, where nothing else is said.
const CLOCK_TOLERANCE: Duration = Duration::from_secs(5);

/// A store on PostgreSQL.
pub(crate) struct Postgres {
    thread: Thread,
    shared: Arc<Shared>,
}

impl Postgres {
    /// Connects once, so that what is wrong with the URL or the server is said here.
    pub(crate) async fn open(url: &str, options: &Options) -> Result<Self> {
        let shared = Shared {
            pool: connect::pool(url, options)?,
            rulesets: Rulesets::default(),
            connect_timeout: options.connect_timeout,
            clock_tolerance: options.clock_tolerance.unwrap_or(CLOCK_TOLERANCE),
            outbox: options.outbox,
            queues: queue::Queues::default(),
            current: Arc::default(),
        };
        let store = Self { thread: Thread::start()?, shared: Arc::new(shared) };
        store.schema_version().await?;
        Ok(store)
    }

    /// Runs a job on tables of the version needed.
    async fn run<R, F>(&self, job: impl FnOnce(Arc<Shared>) -> F + Send + 'static) -> Result<R>
    where
        R: Send + 'static,
        F: Future<Output = Result<R>> + 'static,
    {
        let job = move |shared: Arc<Shared>| async move {
            match job(Arc::clone(&shared)).await {
                Err(error) => Err(Session::explained(&shared, error).await),
                done => done,
            }
        };
        self.run_on_any(job).await
    }

    /// Runs a job to its end, whether or not anybody waits for it, and whatever the tables.
    async fn run_on_any<R, F>(&self, job: impl FnOnce(Arc<Shared>) -> F + Send + 'static) -> Result<R>
    where
        R: Send + 'static,
        F: Future<Output = Result<R>> + 'static,
    {
        let shared = Arc::clone(&self.shared);
        self.thread.run(move || job(shared)).await
    }

    pub(crate) async fn migrate(&self) -> Result<Migrated> {
        self.run_on_any(|shared| async move { migrate::migrate(&shared).await }).await
    }

    pub(crate) async fn revert(&self) -> Result<()> {
        self.run_on_any(|shared| async move { migrate::revert(&shared).await }).await
    }

    pub(crate) async fn schema_version(&self) -> Result<SchemaVersion> {
        self.run_on_any(|shared| async move {
            attempts(async || {
                let session = Session::any(&shared).await?;
                let version = migrate::version(session.connection()?).await?;
                session.give_back();
                Ok(version)
            })
            .await
        })
        .await
    }

    pub(crate) async fn import_ruleset(&self, ruleset: &Ruleset, at: Instant) -> Result<Imported> {
        // The ruleset is the caller's; its canonical text is all that is needed of it.
        let ruleset = Ruleset::from_json(ruleset.canonical())?;
        self.run(move |shared| async move { import::import(&shared, &ruleset, at).await }).await
    }

    pub(crate) async fn ruleset(&self) -> Result<Arc<Ruleset>> {
        self.run(|shared| async move {
            let engine = transaction(&shared, ledger::ONE_MOMENT, async |c| rules::engine(c, &shared.rulesets).await);
            Ok(Arc::clone(engine.await?.ruleset()))
        })
        .await
    }

    pub(crate) async fn export_ruleset(&self) -> Result<String> {
        self.run(|shared| async move { import::export(&shared).await }).await
    }

    pub(crate) async fn create_player(&self, player: &NewPlayer) -> Result<bool> {
        let player = player.clone();
        self.run(move |shared| async move { players::create(&shared, &player).await }).await
    }

    pub(crate) async fn execute(&self, player: &str, at: Instant, command: &Command) -> Result<Outcome> {
        let (player, command) = (player.to_owned(), command.clone());
        self.run(move |shared| async move { queue::in_turn(&shared, player, at, command).await }).await
    }

    pub(crate) async fn execute_all(&self, player: &str, commands: &[(Instant, Command)]) -> Result<Vec<Outcome>> {
        let (player, commands) = (player.to_owned(), commands.to_vec());
        self.run(move |shared| async move { execute::execute_all(&shared, &player, &commands).await }).await
    }

    pub(crate) async fn player(&self, id: &str, at: Option<Instant>) -> Result<PlayerView> {
        let id = id::of_player(id)?.to_owned();
        self.run(move |shared| async move { players::view(&shared, &id, at).await }).await
    }

    pub(crate) async fn preview(&self, id: &str, at: Instant, command: &Command) -> Result<Vec<Event>> {
        let (id, command) = (id::of_player(id)?.to_owned(), command.clone());
        self.run(move |shared| async move { players::preview(&shared, &id, at, &command).await }).await
    }

    pub(crate) async fn state(&self, id: &str) -> Result<Player> {
        let id = id::of_player(id)?.to_owned();
        self.run(move |shared| async move { players::state(&shared, &id).await }).await
    }

    pub(crate) async fn players(&self, after: Option<&str>, limit: usize) -> Result<Vec<PlayerSummary>> {
        // No id has U+0000 in it, so whatever follows it makes no difference to who comes after.
        let after = after.map(|after| after.split('\0').next().unwrap_or_default().to_owned());
        self.run(move |shared| async move { players::list(&shared, after.as_deref(), limit).await }).await
    }

    pub(crate) async fn timeline(&self, id: &str, range: RangeInclusive<Instant>) -> Result<Vec<TimelineEntry>> {
        let id = id::of_player(id)?.to_owned();
        self.run(move |shared| async move { timeline::timeline(&shared, &id, range).await }).await
    }

    pub(crate) async fn ledger(&self, id: &str, after: Option<Instant>, limit: usize) -> Result<LedgerPage> {
        let id = id::of_player(id)?.to_owned();
        self.run(move |shared| async move { ledger::page(&shared, &id, after, limit).await }).await
    }

    pub(crate) async fn verify(&self, id: &str) -> Result<PlayerVerification> {
        let id = id::of_player(id)?.to_owned();
        self.run(move |shared| async move { ledger::verify(&shared, &id).await }).await
    }

    pub(crate) async fn leaderboard(
        &self,
        season: &str,
        at: Instant,
        skip: usize,
        limit: usize,
    ) -> Result<LeaderboardPage> {
        let season = id::of_season(season)?.to_owned();
        self.run(move |shared| async move { leaderboard::page(&shared, &season, at, skip, limit).await }).await
    }

    pub(crate) async fn leaderboard_around(
        &self,
        season: &str,
        at: Instant,
        player: &str,
        places: usize,
    ) -> Result<Option<LeaderboardPage>> {
        let (season, player) = (id::of_season(season)?.to_owned(), id::sendable(player).to_owned());
        self.run(move |shared| async move { leaderboard::around(&shared, &season, at, &player, places).await }).await
    }

    pub(crate) async fn standings(&self, season: &str) -> Result<Standings> {
        let season = id::of_season(season)?.to_owned();
        self.run(move |shared| async move { refresh::standings(&shared, &season).await }).await
    }

    pub(crate) async fn standing(&self, season: &str, player: &str) -> Result<Option<Standing>> {
        let (season, player) = (id::of_season(season)?.to_owned(), id::sendable(player).to_owned());
        self.run(move |shared| async move { leaderboard::standing(&shared, &season, &player).await }).await
    }

    pub(crate) async fn refresh_leaderboard(&self, season: &str, now: Instant) -> Result<Refreshed> {
        let season = id::of_season(season)?.to_owned();
        self.run(move |shared| async move { refresh::refresh(&shared, &season, now).await }).await
    }

    pub(crate) async fn claim_events(&self, worker: &str, limit: usize, lease: Duration) -> Result<Vec<OutboxEntry>> {
        let worker = worker.to_owned();
        self.run(move |shared| async move { outbox::claim(&shared, &worker, limit, lease).await }).await
    }

    pub(crate) async fn acknowledge(&self, ids: &[i64]) -> Result<u64> {
        let ids = ids.to_vec();
        self.run(move |shared| async move { outbox::acknowledge(&shared, &ids).await }).await
    }

    pub(crate) async fn export_player(&self, id: &str) -> Result<PlayerExport> {
        let id = id::of_player(id)?.to_owned();
        self.run(move |shared| async move { privacy::export(&shared, &id).await }).await
    }

    pub(crate) async fn erase_player(&self, id: &str, at: Instant) -> Result<bool> {
        let id = id::of_player(id)?.to_owned();
        self.run(move |shared| async move { privacy::erase(&shared, &id, at).await }).await
    }

    pub(crate) async fn report_many(&self, reports: &[PlayerReport]) -> Result<Reported> {
        let reports = reports.to_vec();
        self.run(move |shared| async move { many::report_many(&shared, &reports).await }).await
    }

    pub(crate) async fn roll_over(&self, now: Instant, options: &RollOverOptions) -> Result<RollOver> {
        let options = options.clone();
        let job = move |shared: Arc<Shared>| async move {
            let done = many::roll_over(&shared, now, &options).await?;
            leaderboard::fold(&shared).await?;
            Ok(done)
        };
        self.run(job).await
    }
}
