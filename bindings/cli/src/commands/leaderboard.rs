//! `levelkit leaderboard`: where everybody stands in a season.

use levelkit::SeasonStatus;
use levelkit_storage::{BlockingStore, LeaderboardPage};

use crate::args::LeaderboardArgs;
use crate::console::Console;
use crate::paint::Paint;
use crate::stop::{Exit, Result};
use crate::store;
use crate::table::{Align, Table};
use crate::text;

pub(crate) fn run(args: &LeaderboardArgs, console: &mut Console) -> Result<Exit> {
    let now = args.at.unwrap_or_else(store::now);
    let page = if args.refresh {
        let store = store::open(&args.store)?;
        store.refresh_leaderboard(&args.season, now)?;
        store.leaderboard(&args.season, now, args.skip, args.limit)?
    } else {
        store::open_to_read(&args.store)?.leaderboard(&args.season, now, args.skip, args.limit)?
    };
    console.answer(&page, |paint| describe(&page, paint))?;
    Ok(Exit::Yes)
}

fn describe(page: &LeaderboardPage, paint: Paint) -> String {
    let standing = match (page.status, page.sealed) {
        (_, true) => "final",
        (SeasonStatus::Upcoming, false) => "not begun",
        (SeasonStatus::Active, false) => "under way",
        (SeasonStatus::Ended, false) => "over, not sealed yet",
    };
    let mut table = Table::new(&[("RANK", Align::Right), ("PLAYER", Align::Left), ("SEASON XP", Align::Right)]);
    for standing in &page.standings {
        let player = match &standing.name {
            Some(name) => format!("{} ({name})", standing.player),
            None => standing.player.clone(),
        };
        table.row(vec![text::whole(standing.rank), player, text::whole(standing.season_xp.0)]);
    }
    let players = text::plural(page.participants, "player");
    format!("Season {}: {players}, {standing}\n\n{}", paint.bold(&page.season), table.render(paint))
}

/// The first places of a season in one line; none without players.
pub(crate) fn podium(store: &BlockingStore, season: &str, name: &str) -> Result<Option<String>> {
    let page = store.leaderboard(season, store::now(), 0, 3)?;
    let places: Vec<String> = page
        .standings
        .iter()
        .map(|standing| format!("{}. {} with {} XP", standing.rank, standing.player, text::whole(standing.season_xp.0)))
        .collect();
    let players = text::plural(page.participants, "player");
    Ok((!places.is_empty()).then(|| format!("Season {name}: {players}; {}.", places.join(", "))))
}
