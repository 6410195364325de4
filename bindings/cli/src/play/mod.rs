//! `levelkit play`: measurements in, levels, streaks and a verified ledger out.

mod hero;
mod report;
mod tally;

use std::time::Instant as Clock;

use levelkit::{Ruleset, Zone};
use levelkit_storage::BlockingStore;

use crate::args::PlayArgs;
use crate::bar::Bar;
use crate::commands::leaderboard::podium;
use crate::commands::verify::Verified;
use crate::console::Console;
use crate::data::{Index, NotWorn};
use crate::rules_file;
use crate::stop::{Exit, Failure, Result, Stop};
use crate::store;
use hero::Game;
use report::Report;
use tally::Tally;

pub(crate) fn run(args: &PlayArgs, console: &mut Console) -> Result<Exit> {
    let clock = Clock::now();
    let not_worn = args.not_worn.as_deref().map(NotWorn::parse).transpose()?;
    let zone = args.timezone.as_deref().map(zone).transpose()?;
    let table = prepare(args, console, not_worn)?;
    let Table { store, ruleset, mut index, imported } = table;
    let visible = !console.wants_json();
    let mut game = Game::new(&store, &ruleset, zone, !args.no_bosses);
    let mut bar = Bar::new("playing  ", index.len(), visible);
    for player in index.players() {
        game.play(&mut index, player, &mut bar).map_err(|stop| say_what_stays(stop, index.id(player)))?;
    }
    drop(bar);
    let played = clock.elapsed();

    let mut bar = Bar::new("verifying", index.players().len(), visible);
    let (mut tallies, mut verified) = (Vec::new(), Verified::default());
    for player in index.players() {
        let id = index.id(player);
        tallies.push(Tally::of(&store, id)?);
        verified.add(store.verify(id)?);
        bar.step();
    }
    drop(bar);
    let mut seasons = Vec::new();
    for season in &ruleset.document().seasons {
        seasons.extend(podium(&store, &season.id, &season.name)?);
    }
    let counts = game.into_counts();
    let report = Report::new(&index, tallies, counts, seasons, verified, imported, (played, clock.elapsed()));
    console.answer(&report, |paint| report.describe(paint, &index))?;
    Ok(report.exit())
}

fn zone(name: &str) -> Result<Zone> {
    let unknown = || {
        Failure::new(Exit::Usage, "INVALID_TIMEZONE", format!("{name:?} is not an IANA time zone"))
            .hint("write it like Europe/Berlin, America/New_York or UTC")
    };
    Ok(Zone::named(name).ok_or_else(unknown)?)
}

/// Everything that is needed before the first day is played.
struct Table {
    store: BlockingStore,
    ruleset: std::sync::Arc<Ruleset>,
    index: Index,
    /// Whether a ruleset was put in force that was not before.
    imported: bool,
}

/// Reads and checks everything first; the store is touched last.
fn prepare(args: &PlayArgs, console: &Console, not_worn: Option<NotWorn>) -> Result<Table> {
    let Some(rules) = &args.rules else {
        let store = store::open(&args.store)?;
        let ruleset = store.ruleset()?;
        let index = Index::read(&args.data, &ruleset, not_worn)?;
        return Ok(Table { store, ruleset, index, imported: false });
    };
    let ruleset = rules_file::read_sound(rules, console.error_paint())?;
    let index = Index::read(&args.data, &ruleset, not_worn)?;
    let store = store::open_or_make(&args.store)?;
    if store.schema_version()?.found == 0 {
        store.migrate()?;
    }
    let imported = store.import_ruleset(&ruleset, store::now())?.changed;
    Ok(Table { store, ruleset: ruleset.into(), index, imported })
}

/// Each command is a transaction of its own, so what was played before a failure stays.
fn say_what_stays(stop: Stop, player: &str) -> Stop {
    match stop {
        Stop::Failed(failure) => {
            let message = format!("player {player}: {}", failure.message);
            let hint = match &failure.hint {
                Some(hint) => format!("{hint}; days already played stay, and the same command goes on from there"),
                None => "days already played stay, and the same command goes on from there".to_owned(),
            };
            Failure { message, ..*failure }.hint(hint).into()
        }
        Stop::ReaderGone => Stop::ReaderGone,
    }
}
