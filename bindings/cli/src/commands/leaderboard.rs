//! `levelkit leaderboard`: where everybody stands in a season.

use std::path::Path;

use levelkit::SeasonStatus;
use levelkit_storage::{BlockingStore, LeaderboardPage, Standings};
use serde_json::json;

use crate::args::LeaderboardArgs;
use crate::console::Console;
use crate::paint::Paint;
use crate::stop::{Exit, Failure, Result};
use crate::store;
use crate::table::{Align, Table};
use crate::tame;
use crate::text;

pub(crate) fn run(args: &LeaderboardArgs, console: &mut Console) -> Result<Exit> {
    let now = args.at.unwrap_or_else(store::now);
    let store = if args.refresh { store::open(&args.store)? } else { store::open_to_read(&args.store)? };
    if args.refresh {
        store.refresh_leaderboard(&args.season, now)?;
    }
    if let Some(path) = &args.standings {
        return standings(&store, &args.season, path, console);
    }
    let page = match &args.around {
        Some(player) => store.leaderboard_around(&args.season, now, player, args.limit)?.ok_or_else(|| {
            Failure::new(Exit::Refused, "UNKNOWN_ID", format!("{player} takes no part in season {}", args.season))
                .hint("without --around, levelkit leaderboard lists who does")
        })?,
        None => store.leaderboard(&args.season, now, args.skip, args.limit)?,
    };
    console.answer(&page, |paint| describe(&page, paint))?;
    Ok(Exit::Yes)
}

/// Writes the standings file of a sealed season; whether it is still what was sealed.
fn standings(store: &BlockingStore, season: &str, path: &Path, console: &mut Console) -> Result<Exit> {
    let standings = store.standings(season)?;
    let file = super::privacy::write(path, &standings.text)?;
    let sound = standings.is_sound();
    let Standings { participants, sha256, recorded, .. } = &standings;
    let answer =
        json!({ "file": file, "participants": participants, "sha256": sha256, "recorded": recorded, "sound": sound });
    console.answer(&answer, |paint| {
        let players = text::plural(*participants, "player");
        match recorded {
            Some(_) if sound => {
                format!("{} {file}: {players}, as they were sealed.\nsha256 {sha256}\n", paint.good("ok"))
            }
            Some(sealed) => format!(
                "{} {file}: {players}, not as they were sealed.\nsha256 {sha256}\nsealed {sealed}\n",
                paint.bad("changed")
            ),
            None => {
                format!("{} {file}: {players}; no hash was kept yet, refresh once more.\n", paint.bad("unrecorded"))
            }
        }
    })?;
    Ok(if sound { Exit::Yes } else { Exit::No })
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
    format!("Season {}: {players}, {standing}\n\n{}", paint.bold(&tame::name(&page.season)), table.render(paint))
}

/// The first places of a season in one line; none without players.
pub(crate) fn podium(store: &BlockingStore, season: &str, name: &str) -> Result<Option<String>> {
    let page = store.leaderboard(season, store::now(), 0, 3)?;
    let places: Vec<String> = page
        .standings
        .iter()
        .map(|standing| {
            let (player, xp) = (tame::name(&standing.player), text::whole(standing.season_xp.0));
            format!("{}. {player} with {xp} XP", standing.rank)
        })
        .collect();
    let players = text::plural(page.participants, "player");
    Ok((!places.is_empty()).then(|| format!("Season {}: {players}; {}.", tame::name(name), places.join(", "))))
}
