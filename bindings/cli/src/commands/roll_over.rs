//! `levelkit roll-over`: closes the days that are over, once or for as long as it runs.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant as Clock};

use levelkit::Instant;
use levelkit_storage::{BlockingStore, FailedPlayer, RefusedPlayer, RollOver, RollOverOptions};
use serde::Serialize;
use signal_hook::consts::{SIGINT, SIGTERM};

use crate::args::RollOverArgs;
use crate::console::Console;
use crate::paint::Paint;
use crate::stop::{Exit, Failure, Result};
use crate::store;
use crate::tame;
use crate::text;

/// So many players are advanced before a signal is looked for.
const BATCH: usize = 1000;

/// What was done, as JSON and in words.
#[derive(Debug, Default, Serialize)]
struct Done {
    /// How many players were advanced.
    advanced: usize,
    /// Those whom the rules did not let through.
    refused: Vec<RefusedPlayer>,
    /// Those whose rows are not sound.
    failed: Vec<FailedPlayer>,
    /// Whether more players are due.
    more: bool,
}

impl Done {
    fn add(&mut self, batch: RollOver) {
        self.advanced += batch.advanced.len();
        self.refused.extend(batch.refused);
        self.failed.extend(batch.failed);
        self.more = batch.more;
    }

    fn is_all_well(&self) -> bool {
        self.refused.is_empty() && self.failed.is_empty()
    }

    fn describe(&self, paint: Paint) -> String {
        let players = text::plural(self.advanced, "player");
        let more = if self.more { ", and more are due" } else { "" };
        let mut page = format!("{} {players} advanced{more}.\n", paint.good("ok"));
        for RefusedPlayer { player, refusal } in &self.refused {
            let why = tame::name(&format!("{player}: {refusal}"));
            page.push_str(&format!("  {} {why}\n", paint.bad(refusal.code())));
        }
        for FailedPlayer { player, code, message } in &self.failed {
            page.push_str(&format!("  {} {}\n", paint.bad(code), tame::name(&format!("{player}: {message}"))));
        }
        page
    }
}

pub(crate) fn run(args: &RollOverArgs, console: &mut Console) -> Result<Exit> {
    if args.watch {
        return watch(args, console);
    }
    let store = store::open(&args.store)?;
    let done = everybody(args, &store, args.now.unwrap_or_else(store::now), &AtomicBool::new(false))?;
    console.answer(&done, |paint| done.describe(paint))?;
    Ok(if done.is_all_well() { Exit::Yes } else { Exit::No })
}

/// Advances everybody who is due, or as many as are wanted, until it is told to stop.
fn everybody(
    args: &RollOverArgs,
    store: &BlockingStore,
    now: Instant,
    stop: &AtomicBool,
) -> levelkit_storage::Result<Done> {
    let mut done = Done::default();
    loop {
        let room = args.limit.map_or(BATCH, |limit| limit.saturating_sub(done.advanced).min(BATCH));
        let options = RollOverOptions { limit: room, idle_days: args.idle_days };
        // Whoever was set aside is so in every batch; once is enough.
        (done.refused, done.failed) = (Vec::new(), Vec::new());
        let batch = store.roll_over_with(now, &options)?;
        let is_last = !batch.more || batch.advanced.is_empty();
        done.add(batch);
        if is_last || args.limit.is_some_and(|limit| done.advanced >= limit) || stop.load(Ordering::Relaxed) {
            return Ok(done);
        }
    }
}

/// Advances whoever is due, again and again, until a signal comes.
fn watch(args: &RollOverArgs, console: &mut Console) -> Result<Exit> {
    let stop = stop_on_signals()?;
    let mut store = None;
    while !stop.load(Ordering::Relaxed) {
        let began = Clock::now();
        match turn(args, &mut store, &stop) {
            Ok(done) => console.line(&done, |paint| done.describe(paint))?,
            Err(error) if error.is_transient() => console.fail(&Failure::from(&error)),
            Err(error) => return Err(error.into()),
        }
        wait(&stop, began, Duration::from_secs(args.every));
    }
    Ok(Exit::Yes)
}

/// Advances whoever is due. The store is opened here, since a server that is not up yet is waited for like one that went away.
fn turn(args: &RollOverArgs, opened: &mut Option<BlockingStore>, stop: &AtomicBool) -> levelkit_storage::Result<Done> {
    let store = match opened {
        Some(store) => store,
        None => opened.insert(store::open(&args.store)?),
    };
    everybody(args, store, store::now(), stop)
}

/// Waits until so much time has passed since it began, or a signal comes.
fn wait(stop: &AtomicBool, began: Clock, every: Duration) {
    const STEP: Duration = Duration::from_millis(50);
    while let Some(left) = every.checked_sub(began.elapsed()).filter(|left| !left.is_zero()) {
        if stop.load(Ordering::Relaxed) {
            return;
        }
        std::thread::sleep(left.min(STEP));
    }
}

/// A flag that a signal sets; a second one ends the process at once.
fn stop_on_signals() -> Result<Arc<AtomicBool>> {
    let stop = Arc::<AtomicBool>::default();
    for signal in [SIGTERM, SIGINT] {
        // In this order: the first signal finds the flag down.
        signal_hook::flag::register_conditional_shutdown(signal, 128 + signal, Arc::clone(&stop))
            .and_then(|_| signal_hook::flag::register(signal, Arc::clone(&stop)))
            .map_err(|error| Failure::new(Exit::Input, "SIGNALS", format!("signals cannot be caught: {error}")))?;
    }
    Ok(stop)
}
