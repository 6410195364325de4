//! `Engine`: decides commands, in memory.

use std::sync::Arc;

use levelkit::narrative::{Told, Variables};
use levelkit::{Command, Event, Instant, PlayerView};
use levelkit_shared::{CommandAt, Execution};
use napi_derive::napi;

use crate::answer;
use crate::player::Player;
use crate::ruleset::Ruleset;
use crate::wire::{Answer, Given, GivenAll, Wire};

/// Decides commands under a ruleset. It holds no player and no clock, so one engine serves any number of players.
#[napi]
pub struct Engine {
    inner: levelkit::Engine,
}

#[napi]
impl Engine {
    /// An engine that opens days under a ruleset. Days, logs and attempts that a ruleset of the past has opened end under
    /// that one: list it in `past`.
    #[napi(constructor, ts_args_type = "ruleset: Ruleset, past?: readonly Ruleset[] | null")]
    pub fn new(ruleset: Given<'_, Ruleset>, past: Option<GivenAll<'_, Ruleset>>) -> Self {
        let past = past.map_or_else(Vec::new, |past| past.0);
        let engine = levelkit::Engine::new(Arc::clone(&ruleset.inner));
        Self { inner: past.iter().fold(engine, |engine, past| engine.with_past(Arc::clone(&past.inner))) }
    }

    /// The ruleset under which days open.
    #[napi(getter)]
    pub fn ruleset(&self) -> Ruleset {
        Ruleset { inner: Arc::clone(self.inner.ruleset()) }
    }

    /// Does a command for a player: what happened, in order. A refused command throws, and the player is as before.
    #[napi(ts_args_type = "player: Player, at: Instant | Date, command: Command", ts_return_type = "Event[]")]
    pub fn apply(&self, player: Given<'_, Player>, at: Wire<Instant>, command: Wire<Command>) -> Answer<Vec<Event>> {
        answer(|| Ok(self.inner.execute(&mut *player.lock()?, at.0, &command.0)?.events))
    }

    /// Does several commands for a player, in order: all of them, or none. The events are listed by command.
    #[napi(
        js_name = "applyAll",
        ts_args_type = "player: Player, commands: readonly CommandAt[]",
        ts_return_type = "Event[][]"
    )]
    pub fn apply_all(&self, player: Given<'_, Player>, commands: Wire<Vec<CommandAt>>) -> Answer<Vec<Vec<Event>>> {
        answer(|| levelkit_shared::apply_all(&self.inner, &mut *player.lock()?, &commands.0))
    }

    /// Like `apply`, and also what the player's ledger gained: for a host that keeps the ledger itself.
    #[napi(ts_args_type = "player: Player, at: Instant | Date, command: Command", ts_return_type = "Execution")]
    pub fn execute(&self, player: Given<'_, Player>, at: Wire<Instant>, command: Wire<Command>) -> Answer<Execution> {
        answer(|| levelkit_shared::execute(&self.inner, &mut *player.lock()?, at.0, &command.0))
    }

    /// What a command would bring, without doing it.
    #[napi(ts_args_type = "player: Player, at: Instant | Date, command: Command", ts_return_type = "Event[]")]
    pub fn preview(&self, player: Given<'_, Player>, at: Wire<Instant>, command: Wire<Command>) -> Answer<Vec<Event>> {
        answer(|| Ok(self.inner.preview(&*player.lock()?, at.0, &command.0)?))
    }

    /// The player at an instant, as the next command would find it: with how far everything is, and what is missing.
    #[napi(ts_args_type = "player: Player, at: Instant | Date", ts_return_type = "PlayerView")]
    pub fn view(&self, player: Given<'_, Player>, at: Wire<Instant>) -> Answer<PlayerView> {
        answer(|| Ok(self.inner.view(&*player.lock()?, at.0)?))
    }

    /// When the player's oldest open day is due to be closed; null before the first command.
    #[napi(js_name = "nextDue", ts_args_type = "player: Player", ts_return_type = "Instant | null")]
    pub fn next_due(&self, player: Given<'_, Player>) -> Answer<Option<Instant>> {
        answer(|| Ok(self.inner.next_due(&*player.lock()?)))
    }

    /// The texts that the ruleset has for an event: the content's own message, then the narratives.
    ///
    /// Throws `UNKNOWN_VARIABLE` or `MISSING_VARIABLE`.
    #[napi(ts_args_type = "player: Player, event: Event, variables?: Variables | null", ts_return_type = "Told[]")]
    pub fn narrate(
        &self,
        player: Given<'_, Player>,
        event: Wire<Event>,
        variables: Option<Wire<Variables>>,
    ) -> Answer<Vec<Told>> {
        let variables = variables.map(|given| given.0).unwrap_or_default();
        answer(|| {
            let told = self.inner.narrate(&*player.lock()?, &event.0, &variables);
            Ok(told.into_iter().collect::<Result<_, _>>()?)
        })
    }
}
