//! `levelkit player`: how a player stands and why; or who plays.

use levelkit::PlayerView;
use levelkit_storage::{BlockingStore, PlayerSummary};
use serde::Serialize;

use crate::args::PlayerArgs;
use crate::console::Console;
use crate::stop::{Exit, Result};
use crate::store;
use crate::story::{Names, Sheet};
use crate::table::{Align, Table};
use crate::text;

/// How many players are read at once.
const PAGE: usize = 1000;

/// The list, as JSON.
#[derive(Serialize)]
struct Players {
    players: Vec<PlayerSummary>,
}

pub(crate) fn run(args: &PlayerArgs, console: &mut Console) -> Result<Exit> {
    let store = store::open_to_read(&args.store)?;
    match &args.id {
        Some(id) => one(&store, id, console)?,
        None => all(&store, console)?,
    }
    Ok(Exit::Yes)
}

fn one(store: &BlockingStore, id: &str, console: &mut Console) -> Result {
    let view: PlayerView = store.player(id, None)?;
    let (player, ruleset) = (store.state(id)?, store.ruleset()?);
    console.answer(&view, |paint| Sheet::new(Names::new(&ruleset), paint, &view, &player).page())
}

fn all(store: &BlockingStore, console: &mut Console) -> Result {
    let mut players: Vec<PlayerSummary> = Vec::new();
    loop {
        let page = store.players(players.last().map(|last| last.id.as_str()), PAGE)?;
        let is_last = page.len() < PAGE;
        players.extend(page);
        if is_last {
            break;
        }
    }
    let answer = Players { players };
    console.answer(&answer, |paint| {
        if answer.players.is_empty() {
            return "Nobody plays here yet: levelkit play DATA --rules RULES\n".to_owned();
        }
        let mut table = Table::new(&[
            ("PLAYER", Align::Left),
            ("LEVEL", Align::Right),
            ("TOTAL XP", Align::Right),
            ("STREAK", Align::Right),
            ("LAST SEEN", Align::Left),
        ]);
        for player in &answer.players {
            table.row(vec![
                player.id.clone(),
                text::whole(player.level),
                text::whole(player.total_xp.0),
                text::whole(player.current_streak),
                player.last_at.map_or_else(|| "never".to_owned(), text::instant),
            ]);
        }
        table.render(paint)
    })
}
