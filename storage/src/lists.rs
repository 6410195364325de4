//! A player's short lists, asked for by one statement, since to begin one costs more than to look into so small a table.
//!
//! Each row says whose it is, of which list, the name, and what the list says of it.

use std::collections::HashMap;

use diesel::sql_types::{BigInt, Double, Nullable, Text};
use levelkit::player::{PastMetric, RulesetHash};

use crate::convert::hash;
use crate::error::{Error, Result};
use crate::rows::TitleRow;

/// A player's short lists, each by its names.
#[derive(Default)]
pub(crate) struct Lists {
    pub(crate) counters: Vec<(String, i64)>,
    pub(crate) specials: Vec<String>,
    pub(crate) titles: Vec<TitleRow>,
    pub(crate) seasons: Vec<(String, i64, i64)>,
    pub(crate) past: Vec<PastMetric>,
}

/// What holds for all players.
#[derive(Default)]
pub(crate) struct ForAll {
    pub(crate) sealed_seasons: Vec<String>,
    pub(crate) in_force: Option<RulesetHash>,
}

/// A row behind the player's id: the list, the name, a note, two numbers, a sum and a maximum.
pub(crate) type ListColumns =
    (Text, Text, Nullable<Text>, Nullable<BigInt>, Nullable<BigInt>, Nullable<Double>, Nullable<Double>);
type ListRow = (String, String, Option<String>, Option<i64>, Option<i64>, Option<f64>, Option<f64>);

/// The rows by their players and lists.
pub(crate) fn sorted(rows: Vec<(String, ListRow)>) -> Result<(HashMap<String, Lists>, ForAll)> {
    let (mut lists, mut for_all): (HashMap<String, Lists>, _) = (HashMap::new(), ForAll::default());
    for (player, row) in rows {
        match row.0.as_str() {
            "sealed" => for_all.sealed_seasons.push(row.1),
            "in_force" => for_all.in_force = Some(hash("rulesets.hash", &row.1)?),
            _ => add(lists.entry(player).or_default(), row)?,
        }
    }
    for own in lists.values_mut() {
        own.counters.sort_unstable();
        own.specials.sort_unstable();
        own.seasons.sort_unstable();
        own.titles.sort_unstable_by(|one, other| one.title_id.cmp(&other.title_id));
    }
    Ok((lists, for_all))
}

fn add(own: &mut Lists, (list, name, note, first, second, sum, max): ListRow) -> Result<()> {
    let missing = || Error::corrupt(format!("{name} lacks a value among a player's {list}s"));
    match list.as_str() {
        "counter" => own.counters.push((name.clone(), first.ok_or_else(missing)?)),
        "special" => own.specials.push(name),
        "season" => {
            own.seasons.push((name.clone(), first.ok_or_else(missing)?, second.ok_or_else(missing)?));
        }
        "sum" => own.past.push(PastMetric {
            metric: name.as_str().into(),
            sum: sum.ok_or_else(missing)?,
            max: max.ok_or_else(missing)?,
        }),
        _ => own.titles.push(TitleRow {
            title_id: name.clone(),
            earned_at: first.ok_or_else(missing)?,
            revoked_at: second,
            cause: note,
        }),
    }
    Ok(())
}
