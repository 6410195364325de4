//! `Store`: players in a database. Every verb promises, and runs off JavaScript's thread.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use levelkit::{Command, Event, Instant, PlayerView};
use levelkit_shared::{CommandAt, Fault, StoreOptions};
use levelkit_storage::{
    Imported, LeaderboardPage, LedgerPage, Migrated, NewPlayer, OutboxEntry, Outcome, PlayerExport, PlayerReport,
    PlayerSummary, PlayerVerification, Refreshed, Reported, RollOver, RollOverOptions, SchemaVersion, Standing,
    Standings, TimelineEntry, VerificationSummary,
};
use napi::Env;
use napi::bindgen_prelude::ToNapiValue;
use napi_derive::napi;
use tokio::sync::RwLock;

use crate::player::Player;
use crate::promise::{Promised, in_order, promise};
use crate::ruleset::Ruleset;
use crate::wire::{Answer, Instance, Late, LateGiven};

/// Players in a database: one transaction to a command, and a ledger that can be verified.
///
/// Every method promises and runs beside JavaScript's thread, which never waits for the disk. Calls are handed over in the order in which
/// they are made, awaited or not: one player's `execute`s are done in it, and on SQLite everything that writes. What may be left
/// out may be `null` too.
#[napi]
pub struct Store {
    /// Calls read it, and `close` waits for them; whoever comes first is first.
    open: Arc<RwLock<Option<levelkit_storage::Store>>>,
}

/// The arguments of a verb, once they are known to be right.
macro_rules! arguments {
    ($($name:ident),+) => { (|| Ok(($($name.0?,)+)))() };
}

#[napi]
impl Store {
    /// Opens a store: `sqlite:PATH`, `sqlite::memory:` or `postgres://`. The tables are left as they are: `migrate` makes them.
    ///
    /// Rejects with `INVALID_ARGUMENT` for what is no URL or no option at all, and with `INVALID_URL`. A file may give `STORE_MISSING`,
    /// `NOT_A_DATABASE`, `FOREIGN_SCHEMA`, `STORE_NEWER`, `STORE_LOCKED`, `STORE_READ_ONLY`, `STORE_FULL`, `STORE_CORRUPT` or `STORE_IO`; a
    /// server `STORE_NEWER`, `STORE_UNAVAILABLE`, `STORE_CONFLICT`, `STORE_DENIED`, `STORE_TLS`, `STORE_IO` or `STORE_ERROR`.
    #[napi(ts_args_type = "url: string, options?: StoreOptions | null", ts_return_type = "Promise<Store>")]
    pub fn open<'e>(
        env: &'e Env,
        url: Late<String>,
        options: Option<Late<StoreOptions>>,
    ) -> Promised<'e, Instance<Store>> {
        let options = options.map_or(Ok(StoreOptions::default()), |given| given.0);
        let given = url.0.and_then(|url| Ok((url, options?)));
        promise(env, given, Instance, |(url, options)| async move {
            let store = levelkit_storage::Store::open_with(&url, options.into()).await?;
            Ok(Self { open: Arc::new(RwLock::new(Some(store))) })
        })
    }

    /// Closes the store, once every call from before is done and answered; every later call rejects with `STORE_CLOSED`. Closing it
    /// again does nothing.
    #[napi(ts_return_type = "Promise<void>")]
    pub fn close<'e>(&self, env: &'e Env) -> Promised<'e, Answer<()>> {
        let open = Arc::clone(&self.open);
        in_order(env, Ok(()), Answer, |()| async move {
            let store = open.write_owned().await.take();
            // The last one waits for its threads and the disk.
            let closed = tokio::task::spawn_blocking(move || drop(store)).await;
            closed.map_err(|error| Fault::argument(error.to_string()))
        })
    }

    /// Brings the tables to the version this levelkit needs; they may be there already.
    #[napi(ts_return_type = "Promise<Migrated>")]
    pub fn migrate<'e>(&self, env: &'e Env) -> Promised<'e, Answer<Migrated>> {
        self.call(env, Ok(()), |store, ()| async move { Ok(store.migrate().await?) })
    }

    /// Takes levelkit's tables away again, the data in them included. Of an application's tables only those go that levelkit made.
    ///
    /// Rejects with `STORE_ERROR`, naming the table, where one on a server still holds rows.
    #[napi(ts_return_type = "Promise<void>")]
    pub fn revert<'e>(&self, env: &'e Env) -> Promised<'e, Answer<()>> {
        self.call(env, Ok(()), |store, ()| async move { Ok(store.revert().await?) })
    }

    /// Which version the tables have, without any change.
    #[napi(js_name = "schemaVersion", ts_return_type = "Promise<SchemaVersion>")]
    pub fn schema_version<'e>(&self, env: &'e Env) -> Promised<'e, Answer<SchemaVersion>> {
        self.call(env, Ok(()), |store, ()| async move { Ok(store.schema_version().await?) })
    }

    /// Writes a ruleset into the tables and puts it in force, for days opened from now on.
    #[napi(
        js_name = "importRuleset",
        ts_args_type = "ruleset: Ruleset, at: Instant | Date",
        ts_return_type = "Promise<Imported>"
    )]
    pub fn import_ruleset<'e>(
        &self,
        env: &'e Env,
        ruleset: LateGiven<'_, Ruleset>,
        at: Late<Instant>,
    ) -> Promised<'e, Answer<Imported>> {
        let ruleset = Late(ruleset.0.map(|ruleset| Arc::clone(&ruleset.inner)));
        self.call(env, arguments!(ruleset, at), |store, (ruleset, at)| async move {
            Ok(store.import_ruleset(&ruleset, at).await?)
        })
    }

    /// The ruleset in force.
    ///
    /// Rejects with `NO_RULESET`.
    #[napi(ts_return_type = "Promise<Ruleset>")]
    pub fn ruleset<'e>(&self, env: &'e Env) -> Promised<'e, Instance<Ruleset>> {
        self.made(env, Ok(()), |store, ()| async move { Ok(Ruleset { inner: store.ruleset().await? }) })
    }

    /// The ruleset as its tables hold it, in canonical form.
    #[napi(js_name = "exportRuleset", ts_return_type = "Promise<string>")]
    pub fn export_ruleset<'e>(&self, env: &'e Env) -> Promised<'e, Answer<String>> {
        self.call(env, Ok(()), |store, ()| async move { Ok(store.export_ruleset().await?) })
    }

    /// Makes a player, or adopts the user of that id; false, and no change, for one who is a player already.
    #[napi(js_name = "createPlayer", ts_args_type = "player: NewPlayer", ts_return_type = "Promise<boolean>")]
    pub fn create_player<'e>(&self, env: &'e Env, player: Late<NewPlayer>) -> Promised<'e, Answer<bool>> {
        self.call(env, player.0, |store, player| async move { Ok(store.create_player(&player).await?) })
    }

    /// Does a command for a player at an instant: decided and written in one transaction. A refused command rejects, and
    /// changes nothing.
    #[napi(ts_args_type = "player: string, at: Instant | Date, command: Command", ts_return_type = "Promise<Outcome>")]
    pub fn execute<'e>(
        &self,
        env: &'e Env,
        player: Late<String>,
        at: Late<Instant>,
        command: Late<Command>,
    ) -> Promised<'e, Answer<Outcome>> {
        self.call(env, arguments!(player, at, command), |store, (player, at, command)| async move {
            Ok(store.execute(&player, at, &command).await?)
        })
    }

    /// Does several commands for one player, in order and in one transaction: all of them are done, or none.
    #[napi(
        js_name = "executeAll",
        ts_args_type = "player: string, commands: readonly CommandAt[]",
        ts_return_type = "Promise<Outcome[]>"
    )]
    pub fn execute_all<'e>(
        &self,
        env: &'e Env,
        player: Late<String>,
        commands: Late<Vec<CommandAt>>,
    ) -> Promised<'e, Answer<Vec<Outcome>>> {
        self.call(env, arguments!(player, commands), |store, (player, commands)| async move {
            let commands: Vec<_> = commands.into_iter().map(|CommandAt { at, command }| (at, command)).collect();
            Ok(store.execute_all(&player, &commands).await?)
        })
    }

    /// How a player stands at an instant, as the next command would find it; without one, at the last command.
    #[napi(ts_args_type = "id: string, at?: Instant | Date | null", ts_return_type = "Promise<PlayerView>")]
    pub fn player<'e>(
        &self,
        env: &'e Env,
        id: Late<String>,
        at: Late<Option<Instant>>,
    ) -> Promised<'e, Answer<PlayerView>> {
        self.call(env, arguments!(id, at), |store, (id, at)| async move { Ok(store.player(&id, at).await?) })
    }

    /// What a command would bring, without doing it.
    #[napi(ts_args_type = "player: string, at: Instant | Date, command: Command", ts_return_type = "Promise<Event[]>")]
    pub fn preview<'e>(
        &self,
        env: &'e Env,
        player: Late<String>,
        at: Late<Instant>,
        command: Late<Command>,
    ) -> Promised<'e, Answer<Vec<Event>>> {
        self.call(env, arguments!(player, at, command), |store, (player, at, command)| async move {
            Ok(store.preview(&player, at, &command).await?)
        })
    }

    /// A player as an engine knows one.
    #[napi(ts_args_type = "id: string", ts_return_type = "Promise<Player>")]
    pub fn state<'e>(&self, env: &'e Env, id: Late<String>) -> Promised<'e, Instance<Player>> {
        self.made(env, id.0, |store, id| async move { Ok(store.state(&id).await?.into()) })
    }

    /// Up to `limit` players by id, after one of them or from the first; 100 by default.
    #[napi(ts_args_type = "after?: string | null, limit?: number | null", ts_return_type = "Promise<PlayerSummary[]>")]
    pub fn players<'e>(
        &self,
        env: &'e Env,
        after: Late<Option<String>>,
        limit: Late<Option<u32>>,
    ) -> Promised<'e, Answer<Vec<PlayerSummary>>> {
        self.call(env, arguments!(after, limit), |store, (after, limit)| async move {
            Ok(store.players(after.as_deref(), page(limit)).await?)
        })
    }

    /// What happened to a player between two instants, both included, ordered by when it took effect.
    #[napi(
        ts_args_type = "id: string, from?: Instant | Date | null, to?: Instant | Date | null",
        ts_return_type = "Promise<TimelineEntry[]>"
    )]
    pub fn timeline<'e>(
        &self,
        env: &'e Env,
        id: Late<String>,
        from: Late<Option<Instant>>,
        to: Late<Option<Instant>>,
    ) -> Promised<'e, Answer<Vec<TimelineEntry>>> {
        self.call(env, arguments!(id, from, to), |store, (id, from, to)| async move {
            let range = from.unwrap_or(Instant::MIN)..=to.unwrap_or(Instant::MAX);
            Ok(store.timeline(&id, range).await?)
        })
    }

    /// Up to `limit` events of a player's ledger, oldest first, written after an instant or from the first; 100 by default.
    #[napi(
        ts_args_type = "id: string, after?: Instant | Date | null, limit?: number | null",
        ts_return_type = "Promise<LedgerPage>"
    )]
    pub fn ledger<'e>(
        &self,
        env: &'e Env,
        id: Late<String>,
        after: Late<Option<Instant>>,
        limit: Late<Option<u32>>,
    ) -> Promised<'e, Answer<LedgerPage>> {
        self.call(env, arguments!(id, after, limit), |store, (id, after, limit)| async move {
            Ok(store.ledger(&id, after, page(limit)).await?)
        })
    }

    /// Verifies a player's ledger, event by event. What is wrong is the answer, not an error.
    #[napi(ts_args_type = "id: string", ts_return_type = "Promise<PlayerVerification>")]
    pub fn verify<'e>(&self, env: &'e Env, id: Late<String>) -> Promised<'e, Answer<PlayerVerification>> {
        self.call(env, id.0, |store, id| async move { Ok(store.verify(&id).await?) })
    }

    /// Verifies every player's ledger, one after the other; commands go on meanwhile.
    #[napi(js_name = "verifyAll", ts_return_type = "Promise<VerificationSummary>")]
    pub fn verify_all<'e>(&self, env: &'e Env) -> Promised<'e, Answer<VerificationSummary>> {
        self.call(env, Ok(()), |store, ()| async move { Ok(store.verify_all().await?) })
    }

    /// A page of a season's live standings, `skip` places from the top; 100 by default. `at` says where the season stands.
    #[napi(
        ts_args_type = "season: string, at: Instant | Date, skip?: number | null, limit?: number | null",
        ts_return_type = "Promise<LeaderboardPage>"
    )]
    pub fn leaderboard<'e>(
        &self,
        env: &'e Env,
        season: Late<String>,
        at: Late<Instant>,
        skip: Late<Option<u32>>,
        limit: Late<Option<u32>>,
    ) -> Promised<'e, Answer<LeaderboardPage>> {
        self.call(env, arguments!(season, at, skip, limit), |store, (season, at, skip, limit)| async move {
            let skip = usize::try_from(skip.unwrap_or_default()).unwrap_or(usize::MAX);
            Ok(store.leaderboard(&season, at, skip, page(limit)).await?)
        })
    }

    /// The live standings around a player: up to so many places above, the player's own, as many below; null for somebody who
    /// takes no part.
    #[napi(
        js_name = "leaderboardAround",
        ts_args_type = "season: string, at: Instant | Date, player: string, places: number",
        ts_return_type = "Promise<LeaderboardPage | null>"
    )]
    pub fn leaderboard_around<'e>(
        &self,
        env: &'e Env,
        season: Late<String>,
        at: Late<Instant>,
        player: Late<String>,
        places: Late<u32>,
    ) -> Promised<'e, Answer<Option<LeaderboardPage>>> {
        let arguments = arguments!(season, at, player, places);
        self.call(env, arguments, |store, (season, at, player, places)| async move {
            let places = page(Some(places));
            Ok(store.leaderboard_around(&season, at, &player, places).await?)
        })
    }

    /// The final standings of a sealed season as a file, with its hash now and the one recorded at the seal: while `sha256` and
    /// `recorded` are equal, the scores are those that were sealed.
    ///
    /// Rejects with `SEASON_NOT_SEALED`.
    #[napi(ts_args_type = "season: string", ts_return_type = "Promise<Standings>")]
    pub fn standings<'e>(&self, env: &'e Env, season: Late<String>) -> Promised<'e, Answer<Standings>> {
        self.call(env, season.0, |store, season| async move { Ok(store.standings(&season).await?) })
    }

    /// Where a player stands in a season now; null for one who takes no part.
    #[napi(ts_args_type = "season: string, player: string", ts_return_type = "Promise<Standing | null>")]
    pub fn standing<'e>(
        &self,
        env: &'e Env,
        season: Late<String>,
        player: Late<String>,
    ) -> Promised<'e, Answer<Option<Standing>>> {
        self.call(env, arguments!(season, player), |store, (season, player)| async move {
            Ok(store.standing(&season, &player).await?)
        })
    }

    /// Writes a season's standings into its tables. The first refresh after the season's end seals it.
    #[napi(
        js_name = "refreshLeaderboard",
        ts_args_type = "season: string, now: Instant | Date",
        ts_return_type = "Promise<Refreshed>"
    )]
    pub fn refresh_leaderboard<'e>(
        &self,
        env: &'e Env,
        season: Late<String>,
        now: Late<Instant>,
    ) -> Promised<'e, Answer<Refreshed>> {
        self.call(env, arguments!(season, now), |store, (season, now)| async move {
            Ok(store.refresh_leaderboard(&season, now).await?)
        })
    }

    /// Does reports of many players, thousands of them if need be, in one transaction. Who is refused, or whose rows are not
    /// sound, is set aside in the answer, and the others go on.
    #[napi(
        js_name = "reportMany",
        ts_args_type = "reports: readonly PlayerReport[]",
        ts_return_type = "Promise<Reported>"
    )]
    pub fn report_many<'e>(&self, env: &'e Env, reports: Late<Vec<PlayerReport>>) -> Promised<'e, Answer<Reported>> {
        self.call(env, reports.0, |store, reports| async move { Ok(store.report_many(&reports).await?) })
    }

    /// Hands out up to `limit` commands' events for delivery, the oldest first. Their players are this worker's until all of them are
    /// acknowledged or the lease is over, in milliseconds by the database's clock; what was not acknowledged by then is handed out
    /// again. So every event is delivered at least once, and a player's in order. Events are kept only with the option `outbox`.
    ///
    /// With `null` for `limit` they are 100. A lease has no default: it is for as long as a delivery may take.
    #[napi(
        js_name = "claimEvents",
        ts_args_type = "worker: string, limit: number | null, leaseMs: number",
        ts_return_type = "Promise<OutboxEntry[]>"
    )]
    pub fn claim_events<'e>(
        &self,
        env: &'e Env,
        worker: Late<String>,
        limit: Late<Option<u32>>,
        lease_ms: Late<u32>,
    ) -> Promised<'e, Answer<Vec<OutboxEntry>>> {
        self.call(env, arguments!(worker, limit, lease_ms), |store, (worker, limit, lease_ms)| async move {
            let lease = Duration::from_millis(lease_ms.into());
            Ok(store.claim_events(&worker, page(limit), lease).await?)
        })
    }

    /// Takes delivered events out of the outbox, by the ids they were handed out with; how many were still there.
    #[napi(ts_args_type = "ids: readonly (bigint | number)[]", ts_return_type = "Promise<bigint>")]
    pub fn acknowledge<'e>(&self, env: &'e Env, ids: Late<Vec<i64>>) -> Promised<'e, Answer<u64>> {
        self.call(env, ids.0, |store, ids| async move { Ok(store.acknowledge(&ids).await?) })
    }

    /// Everything that the database holds about a player, except secrets. `JSON.stringify` makes the file of it.
    ///
    /// Rejects with `UNKNOWN_ID`.
    #[napi(js_name = "exportPlayer", ts_args_type = "id: string", ts_return_type = "Promise<PlayerExport>")]
    pub fn export_player<'e>(&self, env: &'e Env, id: Late<String>) -> Promised<'e, Answer<PlayerExport>> {
        self.call(env, id.0, |store, id| async move { Ok(store.export_player(&id).await?) })
    }

    /// Erases a player's personal data: address, name, image, sessions, accounts, verifications, measurements, reasons. The id and the
    /// ledger stay and verify, and the player can go on. False if it was erased before; what came since is erased too.
    ///
    /// Rejects with `UNKNOWN_ID`.
    #[napi(
        js_name = "erasePlayer",
        ts_args_type = "id: string, at: Instant | Date",
        ts_return_type = "Promise<boolean>"
    )]
    pub fn erase_player<'e>(&self, env: &'e Env, id: Late<String>, at: Late<Instant>) -> Promised<'e, Answer<bool>> {
        self.call(env, arguments!(id, at), |store, (id, at)| async move { Ok(store.erase_player(&id, at).await?) })
    }

    /// Advances up to `limit` players whose day is due, the longest overdue first; 100 by default. With `idleDays` those are
    /// left out who have sent no command for more than so many days. Call it again while `more` is true.
    #[napi(
        js_name = "rollOver",
        ts_args_type = "now: Instant | Date, limit?: number | null, idleDays?: number | null",
        ts_return_type = "Promise<RollOver>"
    )]
    pub fn roll_over<'e>(
        &self,
        env: &'e Env,
        now: Late<Instant>,
        limit: Late<Option<u32>>,
        idle_days: Late<Option<u32>>,
    ) -> Promised<'e, Answer<RollOver>> {
        self.call(env, arguments!(now, limit, idle_days), |store, (now, limit, idle_days)| async move {
            let options = RollOverOptions { limit: page(limit), idle_days };
            Ok(store.roll_over_with(now, &options).await?)
        })
    }
}

impl Store {
    fn call<'e, A, T, F>(
        &self,
        env: &'e Env,
        arguments: napi::Result<A>,
        verb: impl FnOnce(levelkit_storage::Store, A) -> F + Send + 'static,
    ) -> Promised<'e, Answer<T>>
    where
        A: Send + 'static,
        F: Future<Output = Result<T, Fault>> + Send + 'static,
        T: Send + 'static,
        Answer<T>: ToNapiValue,
    {
        self.run(env, arguments, Answer, verb)
    }

    fn made<'e, A, T, F>(
        &self,
        env: &'e Env,
        arguments: napi::Result<A>,
        verb: impl FnOnce(levelkit_storage::Store, A) -> F + Send + 'static,
    ) -> Promised<'e, Instance<T>>
    where
        A: Send + 'static,
        F: Future<Output = Result<T, Fault>> + Send + 'static,
        T: Send + 'static,
        Instance<T>: ToNapiValue,
    {
        self.run(env, arguments, Instance, verb)
    }

    /// Runs a verb on the open store, which stays open until it is done.
    fn run<'e, A, T, F, O>(
        &self,
        env: &'e Env,
        arguments: napi::Result<A>,
        out: fn(Result<T, Fault>) -> O,
        verb: impl FnOnce(levelkit_storage::Store, A) -> F + Send + 'static,
    ) -> Promised<'e, O>
    where
        A: Send + 'static,
        F: Future<Output = Result<T, Fault>> + Send + 'static,
        T: Send + 'static,
        O: ToNapiValue + Send + 'static,
    {
        let open = Arc::clone(&self.open);
        in_order(env, arguments, out, |arguments| async move {
            let open = open.read_owned().await;
            let store = open.as_ref().ok_or_else(Fault::closed)?.clone();
            verb(store, arguments).await
        })
    }
}

fn page(limit: Option<u32>) -> usize {
    limit.map_or(100, |limit| usize::try_from(limit).unwrap_or(usize::MAX))
}
