//! `levelkit timeline`: a player's story, day by day.

use levelkit::player::Player;
use levelkit::{Day, Instant};
use levelkit_storage::{BlockingStore, LedgerEntry, TimelineEntry};
use serde::Serialize;

use crate::args::TimelineArgs;
use crate::console::Console;
use crate::stop::{Exit, Failure, Result};
use crate::store;
use crate::story::{Awards, Chapter, Facts, Names, Teller, chapters};
use crate::tame;
use crate::text;

/// How many XP events are read at once.
const PAGE: usize = 1000;

/// The answer, as JSON.
#[derive(Serialize)]
struct Answer<'a> {
    player: &'a str,
    days: Vec<Told<'a>>,
}

/// A day, and what happened on it.
#[derive(Serialize)]
struct Told<'a> {
    day: Option<Day>,
    entries: &'a [TimelineEntry],
}

pub(crate) fn run(args: &TimelineArgs, console: &mut Console) -> Result<Exit> {
    if let (Some(from), Some(to)) = (args.from, args.to)
        && to < from
    {
        let message = format!("--to {to} lies before --from {from}");
        return Err(Failure::new(Exit::Usage, "USAGE", message).hint("the first day comes first").into());
    }
    let store = store::open_to_read(&args.store)?;
    let ruleset = store.ruleset()?;
    let player = store.state(&args.id)?;
    let entries = store.timeline(&args.id, Instant::MIN..=Instant::MAX)?;
    let awards = Awards::new(&args.id, &entries, ledger(&store, &args.id)?);
    let names = Names::new(&ruleset);
    let mut chapters = chapters(names, entries);
    chapters.retain(|chapter| match chapter.day {
        Some(day) => args.from.is_none_or(|from| from <= day) && args.to.is_none_or(|to| day <= to),
        None => args.from.is_none(),
    });
    let days = chapters.iter().map(|chapter| Told { day: chapter.day, entries: &chapter.entries });
    let answer = Answer { player: &args.id, days: days.collect() };
    console.answer(&answer, |paint| {
        let teller = Teller { names, paint, awards, facts: facts(&player) };
        let pages: Vec<String> =
            chapters.iter().map(|chapter| page(&teller, chapter, player.state.first_day)).collect();
        match pages.is_empty() {
            true => format!("Nothing is told of player {} in these days.\n", tame::name(&args.id)),
            false => pages.join("\n"),
        }
    })?;
    Ok(Exit::Yes)
}

fn page(teller: &Teller<'_>, chapter: &Chapter, first_day: Option<Day>) -> String {
    let heading = match (chapter.day, first_day) {
        (Some(day), Some(first)) => {
            format!("{} - day {}", text::day(day), text::whole(day.number() - first.number() + 1))
        }
        (Some(day), None) => text::day(day),
        (None, _) => "Before the first day".to_owned(),
    };
    let mut page = teller.paint.bold(&heading) + "\n";
    let mut lines = teller.tell(chapter);
    if lines.is_empty() {
        lines.push("A new day; nothing has happened yet.".to_owned());
    }
    lines.iter().for_each(|line| page.push_str(&format!("  {line}\n")));
    page
}

fn ledger(store: &BlockingStore, id: &str) -> Result<Vec<LedgerEntry>> {
    let (mut entries, mut after) = (Vec::new(), None);
    loop {
        let page = store.ledger(id, after, PAGE)?;
        entries.extend(page.entries);
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok(entries),
        }
    }
}

/// Measurements as far back as the player's history holds them.
fn facts(player: &Player) -> Facts {
    let mut facts = Facts::new();
    for fact in player.history.facts.iter().chain(&player.state.facts) {
        facts.entry(fact.day).or_default().push((fact.metric.to_string(), fact.value));
    }
    facts
}
