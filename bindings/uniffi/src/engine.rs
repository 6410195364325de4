//! The engine and the player in memory.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};

use levelkit::narrative::{NarrativeError, Told};
use levelkit::player::LedgerHead;
use levelkit::{Command, Event, Instant, LevelkitError, PlayerView, Recorder, Refusal, Row, Workspace, Xp, Zone};
use levelkit_storage::LedgerEntry;

use crate::Result;
use crate::ruleset::Ruleset;

/// What an accepted command did.
#[derive(Clone, Debug, PartialEq, uniffi::Record)]
pub struct Decision {
    /// What happened, in order.
    pub events: Vec<Event>,
    /// The ledger's new entries, sealed: what to keep so that the ledger can be verified.
    pub entries: Vec<LedgerEntry>,
    /// Where the player's ledger stands now.
    pub head: LedgerHead,
}

/// A command and when it is given.
#[derive(Clone, Debug, PartialEq, uniffi::Record)]
pub struct TimedCommand {
    /// When it is given.
    pub at: Instant,
    /// What is to be done.
    pub command: Command,
}

/// A text about an event, told or not.
#[derive(Clone, Debug, PartialEq, uniffi::Enum)]
pub enum Narration {
    /// What people read.
    Told {
        /// The text, under its key.
        told: Told,
    },
    /// A text that cannot be filled in.
    Untold {
        /// Why not.
        why: NarrativeError,
    },
}

/// One player in memory. Calls from several threads wait for each other.
#[derive(Debug, uniffi::Object)]
pub struct Player(Mutex<Seat>);

/// A player, and the buffers that their commands use again.
#[derive(Debug)]
struct Seat {
    player: levelkit::Player,
    workspace: Workspace,
}

impl Player {
    pub(crate) fn of(player: levelkit::Player) -> Self {
        Self(Mutex::new(Seat { player, workspace: Workspace::default() }))
    }

    fn seat(&self) -> Result<MutexGuard<'_, Seat>> {
        let half_done =
            || LevelkitError::Internal { what: "an earlier call on this player was not finished".to_owned() };
        self.0.lock().map_err(|_| half_done())
    }

    fn ask<T>(&self, question: impl FnOnce(&levelkit::Player) -> T) -> Result<T> {
        Ok(question(&self.seat()?.player))
    }
}

#[uniffi::export]
impl Player {
    /// A player who has sent no command yet, in an IANA time zone.
    #[uniffi::constructor(default(timezone = "UTC"))]
    pub fn new(id: String, timezone: String) -> Result<Self> {
        if id.is_empty() || id.contains('\0') {
            return Err(Refusal::InvalidText { field: "id".to_owned() }.into());
        }
        let zone = Zone::named(&timezone).ok_or(Refusal::InvalidTimezone { timezone })?;
        Ok(Self::of(levelkit::Player::new(&id, zone)))
    }

    /// Reads a player from what `to_json` gave.
    #[uniffi::constructor]
    pub fn from_json(text: String) -> Result<Self> {
        let read = serde_json::from_str(&text).map(Self::of);
        read.map_err(|error| LevelkitError::invalid("the text", &format!("a player as `to_json` writes one: {error}")))
    }

    /// The whole player as JSON, to be kept and read again.
    pub fn to_json(&self) -> Result<String> {
        let written = serde_json::to_string(&self.seat()?.player);
        written.map_err(|error| LevelkitError::Internal { what: error.to_string() })
    }

    /// Another player who is the same so far.
    pub fn copy(&self) -> Result<Player> {
        self.ask(|player| Self::of(player.clone()))
    }

    /// The player's id.
    pub fn id(&self) -> Result<String> {
        self.ask(|player| player.id.to_string())
    }

    /// The IANA time zone.
    pub fn timezone(&self) -> Result<String> {
        self.ask(|player| player.state.zone.name().to_owned())
    }

    /// The level, from 1.
    pub fn level(&self) -> Result<i32> {
        self.ask(|player| player.state.level)
    }

    /// All XP so far.
    pub fn total_xp(&self) -> Result<Xp> {
        self.ask(|player| Xp(player.state.total_xp))
    }

    /// Days in a row with few enough misses.
    pub fn current_streak(&self) -> Result<i32> {
        self.ask(|player| player.state.current_streak)
    }

    /// The last accepted command's instant, if there was one.
    pub fn last_at(&self) -> Result<Option<Instant>> {
        self.ask(|player| player.state.last_at)
    }

    /// Where the player's ledger stands.
    pub fn head(&self) -> Result<LedgerHead> {
        self.ask(|player| player.state.ledger)
    }
}

/// Decides commands under a ruleset. It holds no player and no clock, so one engine serves any number of players and threads.
#[derive(Debug, uniffi::Object)]
pub struct Engine(levelkit::Engine);

#[uniffi::export]
impl Engine {
    /// An engine that opens days under this ruleset. It may also know rulesets of the past: open quests and fights end under
    /// the ruleset that opened them.
    #[uniffi::constructor(default(past = []))]
    pub fn new(ruleset: Arc<Ruleset>, past: Vec<Arc<Ruleset>>) -> Result<Self> {
        let engine = levelkit::Engine::new(Arc::clone(&ruleset.0));
        Ok(Self(past.into_iter().fold(engine, |engine, ruleset| engine.with_past(Arc::clone(&ruleset.0)))))
    }

    /// The ruleset under which days open.
    pub fn ruleset(&self) -> Ruleset {
        Ruleset(Arc::clone(self.0.ruleset()))
    }

    /// Does a command for a player at an instant. A refused command changes nothing.
    pub fn execute(&self, player: Arc<Player>, at: Instant, command: Command) -> Result<Decision> {
        let mut seat = player.seat()?;
        let Seat { player, workspace } = &mut *seat;
        Ok(decide(&self.0, player, workspace, at, &command)?)
    }

    /// Does several commands for one player, in order: all of them, or none.
    pub fn execute_all(&self, player: Arc<Player>, commands: Vec<TimedCommand>) -> Result<Vec<Decision>> {
        let mut seat = player.seat()?;
        let Seat { player, workspace } = &mut *seat;
        let mut later = player.clone();
        let decided: Result<Vec<Decision>, Refusal> = commands
            .iter()
            .map(|TimedCommand { at, command }| decide(&self.0, &mut later, workspace, *at, command))
            .collect();
        let decided = decided?;
        *player = later;
        Ok(decided)
    }

    /// What a command would bring, without doing it.
    pub fn preview(&self, player: Arc<Player>, at: Instant, command: Command) -> Result<Vec<Event>> {
        Ok(self.0.preview(&player.seat()?.player, at, &command)?)
    }

    /// The player at an instant, as the next command would find it: how far everything is, and what is missing.
    pub fn view(&self, player: Arc<Player>, at: Instant) -> Result<PlayerView> {
        Ok(self.0.view(&player.seat()?.player, at)?)
    }

    /// When the player's oldest open day is due; none before the first command.
    pub fn next_due(&self, player: Arc<Player>) -> Result<Option<Instant>> {
        Ok(self.0.next_due(&player.seat()?.player))
    }

    /// What people read about an event of a player. The variables are the host's own.
    #[uniffi::method(default(variables))]
    pub fn narrate(
        &self,
        player: Arc<Player>,
        event: Event,
        variables: HashMap<String, String>,
    ) -> Result<Vec<Narration>> {
        let told = self.0.narrate(&player.seat()?.player, &event, &variables.into_iter().collect());
        Ok(told
            .into_iter()
            .map(|told| told.map_or_else(|why| Narration::Untold { why }, |told| Narration::Told { told }))
            .collect())
    }
}

fn decide(
    engine: &levelkit::Engine,
    player: &mut levelkit::Player,
    workspace: &mut Workspace,
    at: Instant,
    command: &Command,
) -> Result<Decision, Refusal> {
    let mut recorder = Recorder::default();
    engine.apply_with(player, at, command, &mut recorder, workspace)?;
    let record = recorder.into_record();
    let entries = record.rows.into_iter().filter_map(|row| match row {
        Row::XpEvent(row) => Some(LedgerEntry { event: row.event, modifiers: row.modifiers }),
        _ => None,
    });
    Ok(Decision { events: record.events, entries: entries.collect(), head: player.state.ledger })
}
