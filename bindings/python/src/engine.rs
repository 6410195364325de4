//! `Engine`: decides commands, in memory.

use std::sync::Arc;

use levelkit::narrative::Variables;
use levelkit::{Command, Event, Instant};
use levelkit_shared::CommandAt;
use pyo3::prelude::*;

use crate::player::Player;
use crate::ruleset::{Ruleset, read_or_default};
use crate::wire::read;
use crate::{Any, answer, answer_detached};

/// Decides commands under a ruleset. It holds no player and no clock, so one engine serves any number of players and threads.
#[pyclass(frozen, module = "levelkit")]
pub(crate) struct Engine {
    inner: levelkit::Engine,
}

#[pymethods]
impl Engine {
    /// An engine that opens days under a ruleset. Days, logs and attempts that a ruleset of the past has opened end under
    /// that one: list it in past.
    #[new]
    #[pyo3(signature = (ruleset, past = Vec::new()))]
    fn new(ruleset: &Bound<'_, Ruleset>, past: Vec<Bound<'_, Ruleset>>) -> Self {
        let engine = levelkit::Engine::new(Arc::clone(&ruleset.get().inner));
        Self { inner: past.iter().fold(engine, |engine, past| engine.with_past(Arc::clone(&past.get().inner))) }
    }

    /// The ruleset under which days open.
    #[getter]
    fn ruleset(&self) -> Ruleset {
        Ruleset { inner: Arc::clone(self.inner.ruleset()) }
    }

    /// Does a command for a player: what happened, in order. A refused command raises, and the player is as before.
    fn apply<'py>(
        &self,
        py: Python<'py>,
        player: &Bound<'py, Player>,
        at: &Any<'py>,
        command: &Any<'py>,
    ) -> PyResult<Any<'py>> {
        let (at, command): (Instant, Command) = (read(at)?, read(command)?);
        answer(py, || Ok(self.inner.execute(&mut *player.get().lock(py)?, at, &command)?.events))
    }

    /// Does several commands for a player, in order: all of them, or none. The events are listed by command.
    fn apply_all<'py>(&self, py: Python<'py>, player: &Bound<'py, Player>, commands: &Any<'py>) -> PyResult<Any<'py>> {
        let (player, commands): (_, Vec<CommandAt>) = (player.get(), read(commands)?);
        answer_detached(py, || levelkit_shared::apply_all(&self.inner, &mut *player.lock_detached()?, &commands))
    }

    /// Like apply, and also what the player's ledger gained: for a host that keeps the ledger itself.
    fn execute<'py>(
        &self,
        py: Python<'py>,
        player: &Bound<'py, Player>,
        at: &Any<'py>,
        command: &Any<'py>,
    ) -> PyResult<Any<'py>> {
        let (at, command): (Instant, Command) = (read(at)?, read(command)?);
        answer(py, || levelkit_shared::execute(&self.inner, &mut *player.get().lock(py)?, at, &command))
    }

    /// What a command would bring, without doing it.
    fn preview<'py>(
        &self,
        py: Python<'py>,
        player: &Bound<'py, Player>,
        at: &Any<'py>,
        command: &Any<'py>,
    ) -> PyResult<Any<'py>> {
        let (at, command): (Instant, Command) = (read(at)?, read(command)?);
        answer(py, || Ok(self.inner.preview(&*player.get().lock(py)?, at, &command)?))
    }

    /// The player at an instant, as the next command would find it: with how far everything is, and what is missing.
    fn view<'py>(&self, py: Python<'py>, player: &Bound<'py, Player>, at: &Any<'py>) -> PyResult<Any<'py>> {
        let at: Instant = read(at)?;
        answer(py, || Ok(self.inner.view(&*player.get().lock(py)?, at)?))
    }

    /// When the player's oldest open day is due to be closed; none before the first command.
    fn next_due<'py>(&self, py: Python<'py>, player: &Bound<'py, Player>) -> PyResult<Any<'py>> {
        answer(py, || Ok(self.inner.next_due(&*player.get().lock(py)?)))
    }

    /// The texts that the ruleset has for an event: the content's own message, then the narratives.
    ///
    /// Raises UnknownVariableError or MissingVariableError.
    #[pyo3(signature = (player, event, variables = None))]
    fn narrate<'py>(
        &self,
        py: Python<'py>,
        player: &Bound<'py, Player>,
        event: &Any<'py>,
        variables: Option<&Any<'py>>,
    ) -> PyResult<Any<'py>> {
        let (event, variables): (Event, Variables) = (read(event)?, read_or_default(variables)?);
        answer(py, || {
            let told = self.inner.narrate(&*player.get().lock(py)?, &event, &variables);
            Ok(told.into_iter().collect::<Result<Vec<_>, _>>()?)
        })
    }
}
