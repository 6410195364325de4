//! Commands on a player in memory: what happened, and what the ledger gained.

use levelkit::ledger::{Verification, Verifier};
use levelkit::{Command, Engine, Event, Instant, Player, Record, Recorder, Row, Workspace};
use levelkit_storage::LedgerEntry;
use serde::{Deserialize, Serialize};

use crate::{Fault, LedgerEnd};

/// A command and its instant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(extend("x-input" = true)))]
#[serde(deny_unknown_fields)]
pub struct CommandAt {
    /// When it takes place.
    pub at: Instant,
    /// What is asked.
    pub command: Command,
}

/// What an accepted command did to a player in memory.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Execution {
    /// What happened, in order.
    pub events: Vec<Event>,
    /// What the player's ledger gained, sealed.
    pub entries: Vec<LedgerEntry>,
}

impl From<Record> for Execution {
    fn from(record: Record) -> Self {
        let entries = record.rows.into_iter().filter_map(|row| match row {
            Row::XpEvent(row) => Some(LedgerEntry { event: row.event, modifiers: row.modifiers }),
            _ => None,
        });
        Self { entries: entries.collect(), events: record.events }
    }
}

/// Does a command for a player.
///
/// # Errors
/// The refusal; the player is as before.
pub fn execute(engine: &Engine, player: &mut Player, at: Instant, command: &Command) -> Result<Execution, Fault> {
    Ok(engine.execute(player, at, command)?.into())
}

/// Does several commands for a player, in order: all of them, or none.
///
/// # Errors
/// The refusal of the first command that is refused; the player is as before.
pub fn apply_all(engine: &Engine, player: &mut Player, commands: &[CommandAt]) -> Result<Vec<Vec<Event>>, Fault> {
    let mut trial = player.clone();
    let mut workspace = Workspace::default();
    let mut all = Vec::with_capacity(commands.len());
    for CommandAt { at, command } in commands {
        let mut recorder = Recorder::default();
        engine.apply_with(&mut trial, *at, command, &mut recorder, &mut workspace)?;
        all.push(recorder.into_record().events);
    }
    *player = trial;
    Ok(all)
}

/// Verifies a ledger from its first event on; it must end as `ends` remember it.
pub fn verify(entries: &[LedgerEntry], ends: &[LedgerEnd]) -> Verification {
    let mut verifier = Verifier::new();
    for LedgerEntry { event, modifiers } in entries {
        verifier.event(event, modifiers);
    }
    let heads: Vec<_> = ends.iter().map(LedgerEnd::head).collect();
    verifier.finish(&heads)
}
