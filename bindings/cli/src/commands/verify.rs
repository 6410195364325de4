//! `levelkit verify`: the ledger, event by event.

use levelkit_storage::{BlockingStore, PlayerVerification};
use serde::Serialize;

use crate::args::VerifyArgs;
use crate::console::Console;
use crate::paint::Paint;
use crate::stop::{Exit, Result};
use crate::store;
use crate::tame;
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
    /// What was there before levelkit took over, if anything was; it is no fault.
    pub(crate) unsealed: Option<Unsealed>,
    /// The ledgers that are not sound, each with the first thing that is wrong.
    #[serde(serialize_with = "flat")]
    pub(crate) failures: Vec<PlayerVerification>,
}

/// Events that levelkit did not make, and cannot vouch for.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Unsealed {
    /// How many players have some.
    pub(crate) players: u64,
    /// How many there are.
    pub(crate) events: u64,
    /// What they add up to.
    pub(crate) xp: i64,
    /// What these players have in all.
    pub(crate) total_xp: i64,
}

/// Each failure with its player, on one level.
fn flat<S: serde::Serializer>(failures: &[PlayerVerification], serializer: S) -> std::result::Result<S::Ok, S::Error> {
    #[derive(serde::Serialize)]
    struct Flat<'a> {
        player: &'a str,
        #[serde(flatten)]
        verification: &'a levelkit::ledger::Verification,
    }
    serializer.collect_seq(failures.iter().map(|one| Flat { player: &one.player, verification: &one.verification }))
}

impl Default for Verified {
    fn default() -> Self {
        Self { sound: true, players: 0, events: 0, unsealed: None, failures: Vec::new() }
    }
}

impl Verified {
    pub(crate) fn add(&mut self, one: PlayerVerification) {
        self.players += 1;
        self.events += one.verification.events;
        if let Some(found) = one.verification.unsealed {
            let sum = self.unsealed.get_or_insert_default();
            sum.players += 1;
            sum.events = sum.events.saturating_add(found.count);
            sum.xp = sum.xp.saturating_add(found.sum);
            sum.total_xp = sum.total_xp.saturating_add(one.verification.total_xp);
        }
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
        let mut page = match self.sound {
            true => {
                let sound = paint.good("all sound");
                format!("Ledger: {events} XP events of {players} verified one by one, {sound}.\n")
            }
            false => {
                let faults = paint.bad(&text::plural(self.failures.len(), "ledger"));
                format!("Ledger: {faults} not sound, of {players}; {events} XP events are.\n")
            }
        };
        self.failures.iter().for_each(|failure| page.push_str(&describe(failure, paint)));
        if let Some(Unsealed { players, events, xp, total_xp }) = &self.unsealed {
            let (events, players) = (text::plural(*events, "XP event"), text::plural(*players, "player"));
            let (xp, total_xp) = (text::whole(*xp), text::whole(*total_xp));
            page.push_str(&format!(
                "{}: {events} of {players} from before levelkit took over, {xp} XP of {total_xp} in all.\n",
                paint.gold("UNSEALED")
            ));
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
    let [place, player, expected, found] =
        [&place, &one.player, &failure.expected, &failure.found].map(|text| tame::name(text));
    format!("  {} {player}: {place}\n    expected {expected}\n    found    {found}\n", paint.bad(kind))
}

pub(crate) fn run(args: &VerifyArgs, console: &mut Console) -> Result<Exit> {
    let store = store::open_to_read(&args.store)?;
    let mut verified = Verified::default();
    match &args.id {
        Some(id) => verified.add(store.verify(id)?),
        None => everybody(&store, &mut verified)?,
    }
    console.answer(&verified, |paint| verified.describe(paint))?;
    Ok(verified.exit())
}

fn everybody(store: &BlockingStore, verified: &mut Verified) -> Result {
    const AT_ONCE: usize = 256;
    let mut after: Option<String> = None;
    loop {
        let players = store.players(after.as_deref(), AT_ONCE)?;
        for player in &players {
            verified.add(store.verify(&player.id)?);
        }
        match players.into_iter().next_back() {
            Some(last) => after = Some(last.id),
            None => return Ok(()),
        }
    }
}
