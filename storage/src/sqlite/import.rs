//! Rulesets in and out of the tables.
//!
//! Content goes into its own tables, the rest into `game_configs` under `levelkit.<section>`. Content that a new ruleset no
//! longer lists stays in its table, out of force, since logs and titles refer to it. Where it holds a name or number that must
//! be unique and that other content now claims, it gives it up.

use std::collections::{BTreeMap, HashMap, HashSet};

use diesel::prelude::*;
use diesel::{OptionalExtension, SqliteConnection};
use levelkit::{Instant, Ruleset, SeasonStatus};
use serde_json::value::RawValue;

use super::content::{Boss, BossPhase, Dungeon, Narrative, QuestTemplate, Season, Title};
use super::rules;
use super::schema::*;
use crate::document::{InForce, Item, Sections, put_together, read, take_apart, write};
use crate::error::{Error, Kind, Result};
use crate::view::Imported;

macro_rules! upsert {
    ($conn:expr, $table:ident, $rows:expr) => {
        for row in $rows {
            diesel::insert_into($table::table)
                .values(row)
                .on_conflict($table::id)
                .do_update()
                .set(row)
                .execute($conn)?;
        }
    };
}

/// Rows by id.
macro_rules! rows {
    ($conn:expr, $table:ident, $row:ty) => {
        $table::table
            .select(<$row>::as_select())
            .load($conn)?
            .into_iter()
            .map(|row: $row| (row.id.clone(), row))
            .collect::<BTreeMap<String, $row>>()
    };
}

/// Moves rows out of the way whose unique text other content now claims.
macro_rules! give_up {
    ($conn:expr, $table:ident, $column:ident, $rows:expr) => {
        let claims: HashMap<&str, &str> = $rows.iter().map(|row| (row.$column.as_str(), row.id.as_str())).collect();
        let held: Vec<(String, String)> = $table::table.select(($table::id, $table::$column)).load($conn)?;
        for (id, text) in held {
            if claims.get(text.as_str()).is_some_and(|claimant| *claimant != id) {
                let given_up = format!("{text} (formerly {id})");
                diesel::update($table::table.find(&id)).set($table::$column.eq(given_up)).execute($conn)?;
            }
        }
    };
}

/// Writes a ruleset into the tables and puts it in force for days opened from now on.
pub(super) fn import(conn: &mut SqliteConnection, ruleset: &Ruleset, at: Instant) -> Result<Imported> {
    let sections: Sections = read("the ruleset", ruleset.canonical())?;
    let Sections {
        format,
        metrics,
        curve,
        modifiers,
        streak,
        debuff,
        day,
        quests,
        titles,
        bosses,
        dungeons,
        seasons,
        narratives,
    } = sections;
    let in_force = [
        ("seasons", import_seasons(conn, seasons, at)?),
        ("quests", import_quests(conn, quests)?),
        ("titles", import_titles(conn, titles)?),
        ("bosses", import_bosses(conn, bosses)?),
        ("dungeons", import_dungeons(conn, dungeons)?),
        ("narratives", import_narratives(conn, narratives)?),
    ];
    let tunables = [
        ("format", format),
        ("metrics", metrics),
        ("curve", curve),
        ("modifiers", modifiers),
        ("streak", streak),
        ("debuff", debuff),
        ("day", day),
    ];
    for (section, value) in &tunables {
        set_config(conn, section, value.get(), at)?;
    }
    for (section, value) in &in_force {
        set_config(conn, section, &write(section, value)?, at)?;
    }
    put_in_force(conn, ruleset, at)
}

fn import_quests(conn: &mut SqliteConnection, items: Vec<Item>) -> Result<InForce> {
    let (rows, in_force) = take_apart::<QuestTemplate>("quests", items, &["stat_gain"])?;
    upsert!(conn, quest_templates, &rows);
    Ok(in_force)
}

fn import_titles(conn: &mut SqliteConnection, items: Vec<Item>) -> Result<InForce> {
    let (rows, in_force) = take_apart::<Title>("titles", items, &[])?;
    give_up!(conn, titles, name, rows);
    upsert!(conn, titles, &rows);
    Ok(in_force)
}

fn import_dungeons(conn: &mut SqliteConnection, items: Vec<Item>) -> Result<InForce> {
    let (rows, in_force) = take_apart::<Dungeon>("dungeons", items, &[])?;
    upsert!(conn, dungeons, &rows);
    Ok(in_force)
}

fn import_narratives(conn: &mut SqliteConnection, items: Vec<Item>) -> Result<InForce> {
    let (rows, in_force) = take_apart::<Narrative>("narratives", items, &[])?;
    give_up!(conn, narrative_contents, key, rows);
    upsert!(conn, narrative_contents, &rows);
    Ok(in_force)
}

fn import_seasons(conn: &mut SqliteConnection, items: Vec<Item>, at: Instant) -> Result<InForce> {
    let (rows, in_force) = take_apart::<Season>("seasons", items, &[])?;
    let claims: HashMap<i64, &str> = rows.iter().map(|row| (row.number, row.id.as_str())).collect();
    let held: Vec<(String, i64)> = seasons::table.select((seasons::id, seasons::number)).load(conn)?;
    let mut free = held.iter().map(|(_, number)| *number).chain(claims.keys().copied()).min().unwrap_or(0).min(0);
    for (id, number) in held {
        if claims.get(&number).is_some_and(|claimant| *claimant != id) {
            free -= 1;
            diesel::update(seasons::table.find(&id)).set(seasons::number.eq(free)).execute(conn)?;
        }
    }
    upsert!(conn, seasons, &rows);
    for row in &rows {
        let status = SeasonStatus::between(row.start_date, row.end_date, at.micros());
        diesel::update(seasons::table.find(&row.id)).set(seasons::status.eq(status.as_str())).execute(conn)?;
    }
    Ok(in_force)
}

/// A boss's phases have a table of their own; which of them are in force stands with the boss's extra keys.
fn import_bosses(conn: &mut SqliteConnection, items: Vec<Item>) -> Result<InForce> {
    let (rows, mut in_force) = take_apart::<Boss>("bosses", items, &["max_phase_retries", "phases"])?;
    give_up!(conn, bosses, name, rows);
    upsert!(conn, bosses, &rows);
    let mut phases: Vec<BossPhase> = Vec::new();
    for (boss, extra) in &mut in_force.extra {
        let listed = extra.get("phases").map_or("[]", |listed| listed.get());
        let mut listed: Vec<BossPhase> = read("bosses.phases", listed)?;
        let ids = write("bosses.phases", &listed.iter().map(|phase| &phase.id).collect::<Vec<_>>())?;
        extra.insert("phases".to_owned(), raw(ids)?);
        listed.iter_mut().for_each(|phase| phase.boss_id.clone_from(boss));
        phases.append(&mut listed);
    }
    let claims: HashMap<(&str, i64), &str> =
        phases.iter().map(|phase| ((phase.boss_id.as_str(), phase.phase_number), phase.id.as_str())).collect();
    let held: Vec<(String, String, i64)> =
        boss_phases::table.select((boss_phases::id, boss_phases::boss_id, boss_phases::phase_number)).load(conn)?;
    let mut free = held.iter().map(|(_, _, number)| *number).min().unwrap_or(0).min(0);
    for (id, boss, number) in held {
        if claims.get(&(boss.as_str(), number)).is_some_and(|claimant| *claimant != id) {
            free -= 1;
            diesel::update(boss_phases::table.find(&id)).set(boss_phases::phase_number.eq(free)).execute(conn)?;
        }
    }
    upsert!(conn, boss_phases, &phases);
    Ok(in_force)
}

fn raw(text: String) -> Result<Box<RawValue>> {
    RawValue::from_string(text).map_err(|error| Error::corrupt(error.to_string()))
}

/// Sets `levelkit.<section>`; its version goes up when it changes.
fn set_config(conn: &mut SqliteConnection, section: &str, value: &str, at: Instant) -> Result<()> {
    let key = format!("levelkit.{section}");
    let row = game_configs::table.filter(game_configs::key.eq(&key));
    let known: Option<(String, i64)> =
        row.select((game_configs::value, game_configs::version)).first(conn).optional()?;
    match known {
        Some((known, _)) if known == value => {}
        Some((_, version)) => {
            let changes = (
                game_configs::value.eq(value),
                game_configs::version.eq(version.saturating_add(1)),
                game_configs::updated_at.eq(at.micros()),
            );
            diesel::update(game_configs::table.filter(game_configs::key.eq(&key))).set(changes).execute(conn)?;
        }
        None => {
            let new = (
                game_configs::id.eq(&key),
                game_configs::key.eq(&key),
                game_configs::value.eq(value),
                game_configs::updated_at.eq(at.micros()),
            );
            diesel::insert_into(game_configs::table).values(new).execute(conn)?;
        }
    }
    Ok(())
}

fn put_in_force(conn: &mut SqliteConnection, ruleset: &Ruleset, at: Instant) -> Result<Imported> {
    let hash = ruleset.hash();
    if rules::in_force(conn)? == Some(hash) {
        return Ok(Imported { hash, changed: false });
    }
    let latest: Option<i64> =
        levelkit_rulesets::table.select(diesel::dsl::max(levelkit_rulesets::active_from)).first(conn)?;
    // Later than any other, also where the clock stands still.
    let active_from = latest.map_or(at.micros(), |latest| at.micros().max(latest.saturating_add(1)));
    let new = (
        levelkit_rulesets::hash.eq(hash.to_string()),
        levelkit_rulesets::document.eq(ruleset.canonical()),
        levelkit_rulesets::active_from.eq(active_from),
    );
    diesel::insert_into(levelkit_rulesets::table)
        .values(new)
        .on_conflict(levelkit_rulesets::hash)
        .do_update()
        .set(levelkit_rulesets::active_from.eq(active_from))
        .execute(conn)?;
    Ok(Imported { hash, changed: true })
}

/// The ruleset in force, as its tables hold it, in canonical form.
pub(super) fn export(conn: &mut SqliteConnection) -> Result<String> {
    let configs: HashMap<String, String> = game_configs::table
        .filter(game_configs::key.like("levelkit.%"))
        .select((game_configs::key, game_configs::value))
        .load::<(String, String)>(conn)?
        .into_iter()
        .collect();
    if configs.is_empty() {
        return Err(Error::new(Kind::NoRuleset));
    }
    let text = |section: &str| {
        let key = format!("levelkit.{section}");
        configs.get(&key).cloned().ok_or_else(|| Error::corrupt(format!("game_configs has no {key}")))
    };
    let tunable = |section: &str| raw(text(section)?);
    let in_force = |section: &str| read::<InForce>(section, &text(section)?);
    let sections = Sections {
        format: tunable("format")?,
        metrics: tunable("metrics")?,
        curve: tunable("curve")?,
        modifiers: tunable("modifiers")?,
        streak: tunable("streak")?,
        debuff: tunable("debuff")?,
        day: tunable("day")?,
        quests: put_together("quests", rows!(conn, quest_templates, QuestTemplate), in_force("quests")?)?,
        titles: put_together("titles", rows!(conn, titles, Title), in_force("titles")?)?,
        bosses: export_bosses(conn, in_force("bosses")?)?,
        dungeons: put_together("dungeons", rows!(conn, dungeons, Dungeon), in_force("dungeons")?)?,
        seasons: put_together("seasons", rows!(conn, seasons, Season), in_force("seasons")?)?,
        narratives: put_together("narratives", rows!(conn, narrative_contents, Narrative), in_force("narratives")?)?,
    };
    Ok(Ruleset::from_json(&write("the ruleset", &sections)?)?.canonical().to_owned())
}

fn export_bosses(conn: &mut SqliteConnection, mut in_force: InForce) -> Result<Vec<Item>> {
    let mut phases = rows!(conn, boss_phases, BossPhase);
    for extra in in_force.extra.values_mut() {
        let ids: Vec<String> = read("bosses.phases", extra.get("phases").map_or("[]", |ids| ids.get()))?;
        let of_boss = InForce { order: ids.clone(), extra: BTreeMap::new() };
        let wanted: HashSet<String> = ids.into_iter().collect();
        let own = phases.extract_if(.., |id, _| wanted.contains(id)).collect();
        let listed = put_together("bosses.phases", own, of_boss)?;
        extra.insert("phases".to_owned(), raw(write("bosses.phases", &listed)?)?);
    }
    put_together("bosses", rows!(conn, bosses, Boss), in_force)
}
