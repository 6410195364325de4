//! `levelkit verify`: the ledger, event by event.

use levelkit_storage::PlayerVerification;
use serde::Serialize;

use crate::args::VerifyArgs;
use crate::console::Console;
use crate::paint::Paint;
use crate::stop::{Exit, Result};
use crate::store;
use crate::text;

/// What a verification found, as JSON and in words.
#[derive(Debug, Serialize)]
pub(crate) struct Verified {
    /// Whether every ledger is sound.
    pub(crate) sound: bool,
    /// How many ledgers were looked at.
    pub(crate) players: u64,
    /// How many events are sound.
    pub(crate) events: u64,
    /// The ledgers that are not sound, each with the first thing that is wrong.
    pub(crate) failures: Vec<PlayerVerification>,
}

impl Default for Verified {
    fn default() -> Self {
        Self { sound: true, players: 0, events: 0, failures: Vec::new() }
    }
}

impl Verified {
    pub(crate) fn add(&mut self, one: PlayerVerification) {
        self.players += 1;
        self.events += one.verification.events;
        if !one.verification.is_sound() {
            self.failures.push(one);
        }
        self.sound = self.failures.is_empty();
    }

    pub(crate) fn exit(&self) -> Exit {
        if self.sound { Exit::Yes } else { Exit::No }
    }

    pub(crate) fn describe(&self, paint: Paint) -> String {
        let events = text::whole(self.events);
        let players = text::plural(self.players, "player");
        if self.sound {
            return format!(
                "Ledger: {events} XP events of {players} verified one by one, {}.\n",
                paint.good("all sound")
            );
        }
        let faults = text::plural(self.failures.len(), "ledger");
        let mut page = format!("Ledger: {} not sound, of {players}; {events} XP events are.\n", paint.bad(&faults));
        for failure in &self.failures {
            page.push_str(&describe(failure, paint));
        }
        page
    }
}

fn describe(one: &PlayerVerification, paint: Paint) -> String {
    let Some(failure) = &one.verification.failure else {
        return String::new();
    };
    let place = match (&failure.event_id, failure.created_at) {
        (Some(id), Some(at)) => format!("event {} ({id}, {at})", failure.index),
        (Some(id), None) => format!("event {} ({id})", failure.index),
        (None, _) => "the end of the ledger".to_owned(),
    };
    let kind = serde_json::to_value(failure.kind).ok();
    let kind = kind.as_ref().and_then(|kind| kind.as_str()).unwrap_or_default();
    let (expected, found) = (&failure.expected, &failure.found);
    format!("  {} {}: {place}\n    expected {expected}\n    found    {found}\n", paint.bad(kind), one.player)
}

pub(crate) fn run(args: &VerifyArgs, console: &mut Console) -> Result<Exit> {
    let store = store::open_to_read(&args.store)?;
    let verified = match &args.id {
        Some(id) => {
            let mut verified = Verified::default();
            verified.add(store.verify(id)?);
            verified
        }
        None => {
            let summary = store.verify_all()?;
            let sound = summary.failures.is_empty();
            Verified { sound, players: summary.players, events: summary.events, failures: summary.failures }
        }
    };
    console.answer(&verified, |paint| verified.describe(paint))?;
    Ok(verified.exit())
}
