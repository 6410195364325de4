//! `Player`: one person's progress, in memory.

use std::sync::{Mutex, MutexGuard};

use levelkit::player::LedgerHead;
use levelkit::{Instant, Xp};
use levelkit_shared::Fault;
use napi_derive::napi;

use crate::wire::{Answer, Instance, Wire};
use crate::{answer, constructed, instance};

/// One player in memory: everything that the rules know about one, apart from the ruleset.
#[napi]
pub struct Player {
    inner: Mutex<levelkit::Player>,
}

#[napi]
impl Player {
    /// A player who has sent no command yet. The time zone is an IANA name, `UTC` by default.
    ///
    /// Throws `INVALID_TIMEZONE` or `INVALID_TEXT`.
    #[napi(constructor, ts_args_type = "id: string, timezone?: string | null")]
    pub fn new(env: napi::Env, id: Wire<String>, timezone: Option<Wire<String>>) -> napi::Result<Self> {
        let timezone = timezone.map_or_else(|| "UTC".to_owned(), |timezone| timezone.0);
        constructed(env, || Ok(levelkit_shared::player(&id.0, &timezone)?.into()))
    }

    /// The player that `serialize` has written.
    ///
    /// Throws `INVALID_ARGUMENT` for a text that it has not.
    #[napi(ts_args_type = "text: string", ts_return_type = "Player")]
    pub fn deserialize(text: Wire<String>) -> Instance<Player> {
        instance(|| {
            let read: Result<levelkit::Player, _> = serde_json::from_str(&text.0);
            Ok(read.map_err(|error| Fault::argument(format!("not a player: {error}")))?.into())
        })
    }

    /// The whole player as a text to keep; its form is levelkit's own.
    #[napi(ts_return_type = "string")]
    pub fn serialize(&self) -> Answer<String> {
        self.ask(|player| serde_json::to_string(player).map_err(|error| Fault::argument(error.to_string())))
    }

    /// Another player who is the same so far.
    #[napi(js_name = "clone", ts_return_type = "Player")]
    pub fn copy(&self) -> Instance<Player> {
        instance(|| Ok(self.lock()?.clone().into()))
    }

    /// The id.
    #[napi(getter, ts_return_type = "string")]
    pub fn id(&self) -> Answer<String> {
        self.ask(|player| Ok(player.id.to_string()))
    }

    /// The IANA time zone.
    #[napi(getter, ts_return_type = "string")]
    pub fn timezone(&self) -> Answer<String> {
        self.ask(|player| Ok(player.state.zone.name().to_owned()))
    }

    /// The level, from 1.
    #[napi(getter, ts_return_type = "number")]
    pub fn level(&self) -> Answer<i32> {
        self.ask(|player| Ok(player.state.level))
    }

    /// All XP so far.
    #[napi(getter, js_name = "totalXp", ts_return_type = "Xp")]
    pub fn total_xp(&self) -> Answer<Xp> {
        self.ask(|player| Ok(Xp(player.state.total_xp)))
    }

    /// Days in a row with few enough misses.
    #[napi(getter, js_name = "currentStreak", ts_return_type = "number")]
    pub fn current_streak(&self) -> Answer<i32> {
        self.ask(|player| Ok(player.state.current_streak))
    }

    /// The last accepted command's instant; null before the first.
    #[napi(getter, js_name = "lastAt", ts_return_type = "Instant | null")]
    pub fn last_at(&self) -> Answer<Option<Instant>> {
        self.ask(|player| Ok(player.state.last_at))
    }

    /// Where the ledger's chain stands.
    #[napi(getter, js_name = "ledgerHead", ts_return_type = "LedgerHead")]
    pub fn ledger_head(&self) -> Answer<LedgerHead> {
        self.ask(|player| Ok(player.state.ledger))
    }
}

impl Player {
    /// The player, for as long as no JavaScript runs.
    pub(crate) fn lock(&self) -> Result<MutexGuard<'_, levelkit::Player>, Fault> {
        self.inner.lock().map_err(|_| Fault::argument("a defect of levelkit has left this player half changed"))
    }

    fn ask<T>(&self, question: impl FnOnce(&levelkit::Player) -> Result<T, Fault>) -> Answer<T> {
        answer(|| question(&*self.lock()?))
    }
}

impl From<levelkit::Player> for Player {
    fn from(player: levelkit::Player) -> Self {
        Self { inner: Mutex::new(player) }
    }
}
