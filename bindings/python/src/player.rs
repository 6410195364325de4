//! `Player`: one person's progress, in memory.

use std::sync::{LockResult, Mutex, MutexGuard};

use levelkit_shared::Fault;
use pyo3::prelude::*;
use pyo3::sync::MutexExt;

use crate::wire::read;
use crate::{Any, answer, ask};

/// One player in memory: everything that the rules know about one, apart from the ruleset.
#[pyclass(frozen, module = "levelkit")]
pub(crate) struct Player {
    inner: Mutex<levelkit::Player>,
}

#[pymethods]
impl Player {
    /// A player who has sent no command yet. The time zone is an IANA name.
    #[new]
    #[pyo3(signature = (id, timezone = "UTC"))]
    fn new(py: Python<'_>, id: &Any<'_>, timezone: &str) -> PyResult<Self> {
        let id: String = read(id)?;
        ask(py, || Ok(levelkit_shared::player(&id, timezone)?.into()))
    }

    /// The player that serialize has written.
    ///
    /// Raises InvalidArgumentError for a text that it has not.
    #[staticmethod]
    fn deserialize(py: Python<'_>, text: &Any<'_>) -> PyResult<Self> {
        let text: String = read(text)?;
        ask(py, || {
            let read: Result<levelkit::Player, _> = serde_json::from_str(&text);
            Ok(read.map_err(|error| Fault::argument(format!("not a player: {error}")))?.into())
        })
    }

    /// The whole player as a text to keep; its form is levelkit's own.
    fn serialize(&self, py: Python<'_>) -> PyResult<String> {
        ask(py, || serde_json::to_string(&*self.lock(py)?).map_err(|error| Fault::argument(error.to_string())))
    }

    /// Another player who is the same so far.
    fn clone(&self, py: Python<'_>) -> PyResult<Self> {
        ask(py, || Ok(self.lock(py)?.clone().into()))
    }

    /// The id.
    #[getter]
    fn id(&self, py: Python<'_>) -> PyResult<String> {
        ask(py, || Ok(self.lock(py)?.id.to_string()))
    }

    /// The IANA time zone.
    #[getter]
    fn timezone(&self, py: Python<'_>) -> PyResult<String> {
        ask(py, || Ok(self.lock(py)?.state.zone.name().to_owned()))
    }

    /// The level, from 1.
    #[getter]
    fn level(&self, py: Python<'_>) -> PyResult<i32> {
        ask(py, || Ok(self.lock(py)?.state.level))
    }

    /// All XP so far.
    #[getter]
    fn total_xp(&self, py: Python<'_>) -> PyResult<i64> {
        ask(py, || Ok(self.lock(py)?.state.total_xp))
    }

    /// Days in a row with few enough misses.
    #[getter]
    fn current_streak(&self, py: Python<'_>) -> PyResult<i32> {
        ask(py, || Ok(self.lock(py)?.state.current_streak))
    }

    /// The last accepted command's instant, if there was one.
    #[getter]
    fn last_at<'py>(&self, py: Python<'py>) -> PyResult<Any<'py>> {
        answer(py, || Ok(self.lock(py)?.state.last_at))
    }

    /// Where the ledger's chain stands.
    #[getter]
    fn ledger_head<'py>(&self, py: Python<'py>) -> PyResult<Any<'py>> {
        answer(py, || Ok(self.lock(py)?.state.ledger))
    }
}

impl Player {
    /// The player, for as long as no Python runs. Whoever waits for another thread's batch lets the other threads go on.
    pub(crate) fn lock(&self, py: Python<'_>) -> Result<MutexGuard<'_, levelkit::Player>, Fault> {
        whole(self.inner.lock_py_attached(py))
    }

    /// The player, for a verb that runs without the GIL.
    pub(crate) fn lock_detached(&self) -> Result<MutexGuard<'_, levelkit::Player>, Fault> {
        whole(self.inner.lock())
    }
}

fn whole<T>(locked: LockResult<T>) -> Result<T, Fault> {
    locked.map_err(|_| Fault::argument("a defect of levelkit has left this player half changed"))
}

impl From<levelkit::Player> for Player {
    fn from(player: levelkit::Player) -> Self {
        Self { inner: Mutex::new(player) }
    }
}
