//! `Store`: players in a database. Every verb waits, and lets other threads of Python go on meanwhile.

use std::sync::{Arc, PoisonError, RwLock};

use levelkit::{Command, Instant};
use levelkit_shared::{CommandAt, Fault, StoreOptions};
use levelkit_storage::{BlockingStore, NewPlayer, PlayerReport, RollOverOptions};
use pyo3::prelude::*;
use serde::Serialize;

use crate::player::Player;
use crate::ruleset::{Ruleset, read_or_default};
use crate::wire::{Count, Lasting, read};
use crate::{Any, answer_detached, ask_detached};

/// Players in a database: one transaction to a command, and a ledger that can be verified.
///
/// Every method returns when it is done. The GIL is released meanwhile, so other threads go on; from asyncio call it by
/// asyncio.to_thread. One store serves any number of threads.
#[pyclass(frozen, module = "levelkit")]
pub(crate) struct Store {
    /// Calls read it, and close waits for them.
    open: RwLock<Option<BlockingStore>>,
}

type Answered<'py> = PyResult<Any<'py>>;

#[pymethods]
impl Store {
    /// Opens a store: "sqlite:PATH", "sqlite::memory:" or "postgres://". The tables are left as they are: migrate makes them.
    #[staticmethod]
    #[pyo3(signature = (url, options = None))]
    fn open(py: Python<'_>, url: &Any<'_>, options: Option<&Any<'_>>) -> PyResult<Self> {
        let (url, options): (String, StoreOptions) = (read(url)?, read_or_default(options)?);
        let store = ask_detached(py, || Ok(BlockingStore::open_with(&url, options.into())?))?;
        Ok(Self { open: RwLock::new(Some(store)) })
    }

    /// Closes the store, once the calls under way are done; every later call raises StoreClosedError. Closing it again does
    /// nothing.
    fn close(&self, py: Python<'_>) -> PyResult<()> {
        ask_detached(py, || {
            drop(self.open.write().unwrap_or_else(PoisonError::into_inner).take());
            Ok(())
        })
    }

    fn __enter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __exit__(
        &self,
        py: Python<'_>,
        _exc_type: Option<&Any<'_>>,
        _exc_value: Option<&Any<'_>>,
        _traceback: Option<&Any<'_>>,
    ) -> PyResult<()> {
        self.close(py)
    }

    /// Brings the tables to the version this levelkit needs; they may be there already.
    fn migrate<'py>(&self, py: Python<'py>) -> Answered<'py> {
        self.call(py, |store| Ok(store.migrate()?))
    }

    /// Takes levelkit's tables away again, the data in them included. Of an application's tables only those go that levelkit made; where one on a
    /// server still holds rows, StoreStatementError names it.
    fn revert(&self, py: Python<'_>) -> PyResult<()> {
        self.ask(py, |store| Ok(store.revert()?))
    }

    /// Which version the tables have, without any change.
    fn schema_version<'py>(&self, py: Python<'py>) -> Answered<'py> {
        self.call(py, |store| Ok(store.schema_version()?))
    }

    /// Writes a ruleset into the tables and puts it in force, for days opened from now on.
    fn import_ruleset<'py>(&self, py: Python<'py>, ruleset: &Bound<'py, Ruleset>, at: &Any<'py>) -> Answered<'py> {
        let (ruleset, at): (_, Instant) = (Arc::clone(&ruleset.get().inner), read(at)?);
        self.call(py, move |store| Ok(store.import_ruleset(&ruleset, at)?))
    }

    /// The ruleset in force.
    ///
    /// Raises NoRulesetError.
    fn ruleset(&self, py: Python<'_>) -> PyResult<Ruleset> {
        Ok(Ruleset { inner: self.ask(py, |store| Ok(store.ruleset()?))? })
    }

    /// The ruleset as its tables hold it, in canonical form.
    fn export_ruleset(&self, py: Python<'_>) -> PyResult<String> {
        self.ask(py, |store| Ok(store.export_ruleset()?))
    }

    /// Makes a player, or adopts the user of that id; False, and no change, for one who is a player already.
    fn create_player(&self, py: Python<'_>, player: &Any<'_>) -> PyResult<bool> {
        let player: NewPlayer = read(player)?;
        self.ask(py, move |store| Ok(store.create_player(&player)?))
    }

    /// Does a command for a player at an instant: decided and written in one transaction. A refused command raises, and
    /// changes nothing.
    fn execute<'py>(&self, py: Python<'py>, player: &Any<'py>, at: &Any<'py>, command: &Any<'py>) -> Answered<'py> {
        let (player, at, command): (String, Instant, Command) = (read(player)?, read(at)?, read(command)?);
        self.call(py, move |store| Ok(store.execute(&player, at, &command)?))
    }

    /// Does several commands for one player, in order and in one transaction: all of them are done, or none.
    fn execute_all<'py>(&self, py: Python<'py>, player: &Any<'py>, commands: &Any<'py>) -> Answered<'py> {
        let (player, commands): (String, Vec<CommandAt>) = (read(player)?, read(commands)?);
        let commands: Vec<_> = commands.into_iter().map(|CommandAt { at, command }| (at, command)).collect();
        self.call(py, move |store| Ok(store.execute_all(&player, &commands)?))
    }

    /// How a player stands at an instant, as the next command would find it; without one, at the last command.
    #[pyo3(signature = (id, at = None))]
    fn player<'py>(&self, py: Python<'py>, id: &Any<'py>, at: Option<&Any<'py>>) -> Answered<'py> {
        let (id, at): (String, Option<Instant>) = (read(id)?, read_or_default(at)?);
        self.call(py, move |store| Ok(store.player(&id, at)?))
    }

    /// What a command would bring, without doing it.
    fn preview<'py>(&self, py: Python<'py>, player: &Any<'py>, at: &Any<'py>, command: &Any<'py>) -> Answered<'py> {
        let (player, at, command): (String, Instant, Command) = (read(player)?, read(at)?, read(command)?);
        self.call(py, move |store| Ok(store.preview(&player, at, &command)?))
    }

    /// A player as an engine knows one.
    fn state(&self, py: Python<'_>, id: &Any<'_>) -> PyResult<Player> {
        let id: String = read(id)?;
        Ok(self.ask(py, move |store| Ok(store.state(&id)?))?.into())
    }

    /// Up to limit players by id, after one of them or from the first.
    #[pyo3(signature = (after = None, limit = Count(100)), text_signature = "($self, after=None, limit=100)")]
    fn players<'py>(&self, py: Python<'py>, after: Option<&Any<'py>>, limit: Count) -> Answered<'py> {
        let after: Option<String> = read_or_default(after)?;
        self.call(py, move |store| Ok(store.players(after.as_deref(), limit.0)?))
    }

    /// What happened to a player between two instants, both included, ordered by when it took effect.
    #[pyo3(signature = (id, start = None, end = None))]
    fn timeline<'py>(
        &self,
        py: Python<'py>,
        id: &Any<'py>,
        start: Option<&Any<'py>>,
        end: Option<&Any<'py>>,
    ) -> Answered<'py> {
        let (id, start, end): (String, Option<Instant>, Option<Instant>) =
            (read(id)?, read_or_default(start)?, read_or_default(end)?);
        let range = start.unwrap_or(Instant::MIN)..=end.unwrap_or(Instant::MAX);
        self.call(py, move |store| Ok(store.timeline(&id, range)?))
    }

    /// Up to limit events of a player's ledger, oldest first, written after an instant or from the first.
    #[pyo3(signature = (id, after = None, limit = Count(100)), text_signature = "($self, id, after=None, limit=100)")]
    fn ledger<'py>(&self, py: Python<'py>, id: &Any<'py>, after: Option<&Any<'py>>, limit: Count) -> Answered<'py> {
        let (id, after): (String, Option<Instant>) = (read(id)?, read_or_default(after)?);
        self.call(py, move |store| Ok(store.ledger(&id, after, limit.0)?))
    }

    /// Verifies a player's ledger, event by event. What is wrong is the answer, not an error.
    fn verify<'py>(&self, py: Python<'py>, id: &Any<'py>) -> Answered<'py> {
        let id: String = read(id)?;
        self.call(py, move |store| Ok(store.verify(&id)?))
    }

    /// Verifies every player's ledger, one after the other; commands go on meanwhile.
    fn verify_all<'py>(&self, py: Python<'py>) -> Answered<'py> {
        self.call(py, |store| Ok(store.verify_all()?))
    }

    /// A page of a season's live standings, skip places from the top; at says where the season stands.
    #[pyo3(
        signature = (season, at, skip = Count(0), limit = Count(100)),
        text_signature = "($self, season, at, skip=0, limit=100)"
    )]
    fn leaderboard<'py>(
        &self,
        py: Python<'py>,
        season: &Any<'py>,
        at: &Any<'py>,
        skip: Count,
        limit: Count,
    ) -> Answered<'py> {
        let (season, at): (String, Instant) = (read(season)?, read(at)?);
        self.call(py, move |store| Ok(store.leaderboard(&season, at, skip.0, limit.0)?))
    }

    /// The live standings around a player: up to so many places above, the player's own, as many below; None for somebody who
    /// takes no part.
    fn leaderboard_around<'py>(
        &self,
        py: Python<'py>,
        season: &Any<'py>,
        at: &Any<'py>,
        player: &Any<'py>,
        places: Count,
    ) -> Answered<'py> {
        let (season, at, player): (String, Instant, String) = (read(season)?, read(at)?, read(player)?);
        self.call(py, move |store| Ok(store.leaderboard_around(&season, at, &player, places.0)?))
    }

    /// The final standings of a sealed season as a file, with its hash now and the one recorded at the seal: while sha256 and
    /// recorded are equal, the scores are those that were sealed.
    ///
    /// Raises SeasonNotSealedError.
    fn standings<'py>(&self, py: Python<'py>, season: &Any<'py>) -> Answered<'py> {
        let season: String = read(season)?;
        self.call(py, move |store| Ok(store.standings(&season)?))
    }

    /// Where a player stands in a season now; none for one who takes no part.
    fn standing<'py>(&self, py: Python<'py>, season: &Any<'py>, player: &Any<'py>) -> Answered<'py> {
        let (season, player): (String, String) = (read(season)?, read(player)?);
        self.call(py, move |store| Ok(store.standing(&season, &player)?))
    }

    /// Writes a season's standings into its tables. The first refresh after the season's end seals it.
    fn refresh_leaderboard<'py>(&self, py: Python<'py>, season: &Any<'py>, now: &Any<'py>) -> Answered<'py> {
        let (season, now): (String, Instant) = (read(season)?, read(now)?);
        self.call(py, move |store| Ok(store.refresh_leaderboard(&season, now)?))
    }

    /// Does reports of many players, thousands of them if need be, in one transaction. Who is refused, or whose rows are not
    /// sound, is set aside in the answer, and the others go on.
    fn report_many<'py>(&self, py: Python<'py>, reports: &Any<'py>) -> Answered<'py> {
        let reports: Vec<PlayerReport> = read(reports)?;
        self.call(py, move |store| Ok(store.report_many(&reports)?))
    }

    /// Hands out up to limit commands' events for delivery, the oldest first. Their players are this worker's until all of them are
    /// acknowledged or the lease is over, by the database's clock; what was not acknowledged by then is handed out again. So every
    /// event is delivered at least once, and a player's in order. Events are kept only with the option outbox.
    #[pyo3(signature = (worker, limit = Count(100), *, lease), text_signature = "($self, worker, limit=100, *, lease)")]
    fn claim_events<'py>(&self, py: Python<'py>, worker: &Any<'py>, limit: Count, lease: Lasting) -> Answered<'py> {
        let worker: String = read(worker)?;
        self.call(py, move |store| Ok(store.claim_events(&worker, limit.0, lease.0)?))
    }

    /// Takes delivered events out of the outbox, by the ids they were handed out with; how many were still there.
    fn acknowledge(&self, py: Python<'_>, ids: &Any<'_>) -> PyResult<u64> {
        let ids: Vec<i64> = read(ids)?;
        self.ask(py, move |store| Ok(store.acknowledge(&ids)?))
    }

    /// Everything that the database holds about a player, except secrets. json.dumps(dataclasses.asdict(...)) makes the file of it.
    ///
    /// Raises UnknownIdError.
    fn export_player<'py>(&self, py: Python<'py>, id: &Any<'py>) -> Answered<'py> {
        let id: String = read(id)?;
        self.call(py, move |store| Ok(store.export_player(&id)?))
    }

    /// Erases a player's personal data: address, name, image, sessions, accounts, verifications, measurements, reasons. The id and the
    /// ledger stay and verify, and the player can go on. False if it was erased before; what came since is erased too.
    ///
    /// Raises UnknownIdError.
    fn erase_player(&self, py: Python<'_>, id: &Any<'_>, at: &Any<'_>) -> PyResult<bool> {
        let (id, at): (String, Instant) = (read(id)?, read(at)?);
        self.ask(py, move |store| Ok(store.erase_player(&id, at)?))
    }

    /// Advances up to limit players whose day is due, the longest overdue first. With idle_days those are left out who have sent
    /// no command for more than so many days. Call it again while more is true.
    #[pyo3(
        signature = (now, limit = Count(100), *, idle_days = None),
        text_signature = "($self, now, limit=100, *, idle_days=None)"
    )]
    fn roll_over<'py>(
        &self,
        py: Python<'py>,
        now: &Any<'py>,
        limit: Count,
        idle_days: Option<&Any<'py>>,
    ) -> Answered<'py> {
        let options = RollOverOptions { limit: limit.0, idle_days: read_or_default(idle_days)? };
        let now: Instant = read(now)?;
        self.call(py, move |store| Ok(store.roll_over_with(now, &options)?))
    }
}

impl Store {
    /// Runs a verb on the open store, which stays open until it is done.
    fn ask<T: Send>(
        &self,
        py: Python<'_>,
        verb: impl FnOnce(&BlockingStore) -> Result<T, Fault> + Send,
    ) -> PyResult<T> {
        ask_detached(py, || self.with(verb))
    }

    fn call<'py, T: Serialize + Send>(
        &self,
        py: Python<'py>,
        verb: impl FnOnce(&BlockingStore) -> Result<T, Fault> + Send,
    ) -> Answered<'py> {
        answer_detached(py, || self.with(verb))
    }

    fn with<T>(&self, verb: impl FnOnce(&BlockingStore) -> Result<T, Fault>) -> Result<T, Fault> {
        let open = self.open.read().unwrap_or_else(PoisonError::into_inner);
        verb(open.as_ref().ok_or_else(Fault::closed)?)
    }
}
