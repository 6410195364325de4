//! Rulesets in and out of the tables.
//!
//! Content goes into its own tables, the rest into `game_configs` under `levelkit.<section>`. Content that a new ruleset no
//! longer lists stays in its table, out of force, since logs and titles refer to it.

use std::collections::{BTreeMap, HashMap};

use diesel::sql_types::{BigInt, Nullable, Text};
use diesel_async::AsyncPgConnection;
use levelkit::{Instant, Ruleset};
use serde_json::value::RawValue;

use super::content::{Content, PHASES, SECTIONS};
use super::ledger::ONE_MOMENT;
use super::load::micros;
use super::query::sql;
use super::refresh::set_statuses;
use super::rules;
use super::session::{Shared, transaction};
use super::statement::at as instant;
use crate::document::{InForce, Item, Sections, put_together, read, take_apart, write};
use crate::error::{Error, Kind, Result};
use crate::view::Imported;

/// Writes a ruleset into the tables and puts it in force for days opened from now on.
pub(super) async fn import(shared: &Shared, ruleset: &Ruleset, at: Instant) -> Result<Imported> {
    // One import at a time.
    const LOCK: &str = "BEGIN; SELECT pg_advisory_xact_lock(7812740155820811626)";
    transaction(shared, LOCK, async |c| import_in(c, ruleset, at).await).await
}

async fn import_in(c: &AsyncPgConnection, ruleset: &Ruleset, at: Instant) -> Result<Imported> {
    let mut sections: Sections = read("the ruleset", ruleset.canonical())?;
    let seasons = ruleset.document().seasons.iter().map(|season| season.id.clone()).collect();
    for content in &SECTIONS {
        let items = std::mem::take(sections.content(content.section)?);
        let (rows, mut in_force) = take_apart::<Item>(content.section, items, content.extra_keys)?;
        let mut phases = Vec::new();
        for (boss, extra) in &mut in_force.extra {
            phases.append(&mut take_phases(boss, extra)?);
        }
        write_rows(c, content, &rows).await?;
        write_rows(c, &PHASES, &phases).await?;
        set_config(c, content.section, &write(content.section, &in_force)?, at).await?;
    }
    for (section, value) in sections.tunables() {
        set_config(c, section, value.get(), at).await?;
    }
    set_statuses(c, seasons, at).await?;
    put_in_force(c, ruleset, at).await
}

/// Takes a boss's phases out of its extra keys, leaving their ids: which of them are in force, in their order.
fn take_phases(boss: &str, extra: &mut Item) -> Result<Vec<Item>> {
    let Some(listed) = extra.remove("phases") else {
        return Ok(Vec::new());
    };
    let mut phases: Vec<Item> = read("bosses.phases", listed.get())?;
    let ids: Vec<&RawValue> = phases.iter().filter_map(|phase| phase.get("id").map(|id| &**id)).collect();
    extra.insert("phases".to_owned(), raw(write("bosses.phases", &ids)?)?);
    for phase in &mut phases {
        phase.insert("boss_id".to_owned(), raw(write("bosses.phases", &boss)?)?);
    }
    Ok(phases)
}

async fn write_rows(c: &AsyncPgConnection, content: &Content, rows: &[Item]) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let items = write(content.section, &rows)?;
    if let Some(give_up) = content.give_up {
        sql::<()>(give_up, &[(&items).into()]).run(c).await?;
    }
    sql::<()>(content.write, &[(&items).into()]).run(c).await?;
    Ok(())
}

fn raw(text: String) -> Result<Box<RawValue>> {
    RawValue::from_string(text).map_err(|error| Error::corrupt(error.to_string()))
}

/// Sets `levelkit.<section>`; its version goes up when it changes.
async fn set_config(c: &AsyncPgConnection, section: &str, value: &str, at: Instant) -> Result<()> {
    const SET: &str = "INSERT INTO public.game_configs AS known (id, key, value, updated_at) VALUES (?, ?, ?::json, ?) \
        ON CONFLICT (key) DO UPDATE SET value = excluded.value, version = known.version + 1, \
        updated_at = excluded.updated_at WHERE known.value::text <> excluded.value::text";
    let key = format!("levelkit.{section}");
    sql::<()>(SET, &[(&key).into(), (&key).into(), value.into(), instant(at)]).run(c).await?;
    Ok(())
}

/// Sets `seasons.status` of the ruleset's own seasons.
async fn set_statuses(c: &AsyncPgConnection, seasons: Vec<String>, at: Instant) -> Result<()> {
    const SET: &str = concat!(set_statuses!(), " AND known.id = ANY (?)");
    sql::<()>(SET, &[instant(at), instant(at), seasons.into()]).run(c).await?;
    Ok(())
}

async fn put_in_force(c: &AsyncPgConnection, ruleset: &Ruleset, at: Instant) -> Result<Imported> {
    const LATEST: &str = concat!("SELECT ", micros!("max(active_from)"), " FROM levelkit.rulesets");
    const PUT: &str = "INSERT INTO levelkit.rulesets (hash, document, active_from) VALUES (?, ?, ?) \
        ON CONFLICT (hash) DO UPDATE SET active_from = excluded.active_from";
    let hash = ruleset.hash();
    if rules::in_force(c).await? == Some(hash) {
        return Ok(Imported { hash, changed: false });
    }
    let latest: Option<Option<i64>> = sql::<Nullable<BigInt>>(LATEST, &[]).row(c).await?;
    // Later than any other, also where the clock stands still.
    let after_latest = latest.flatten().and_then(|latest| Instant::from_micros(latest.saturating_add(1)));
    let active_from = after_latest.map_or(at, |after| after.max(at));
    sql::<()>(PUT, &[hash.into(), ruleset.canonical().into(), instant(active_from)]).run(c).await?;
    Ok(Imported { hash, changed: true })
}

/// The ruleset in force, as its tables hold it, in canonical form.
pub(super) async fn export(shared: &Shared) -> Result<String> {
    transaction(shared, ONE_MOMENT, async |c| export_in(c).await).await
}

async fn export_in(c: &AsyncPgConnection) -> Result<String> {
    const CONFIGS: &str = "SELECT substr(key, 10), value::text FROM public.game_configs WHERE key LIKE 'levelkit.%'";
    let configs: Vec<(String, String)> = sql::<(Text, Text)>(CONFIGS, &[]).rows(c).await?;
    if configs.is_empty() {
        return Err(Error::new(Kind::NoRuleset));
    }
    let mut document: HashMap<String, Box<RawValue>> = HashMap::new();
    for (section, value) in configs {
        document.insert(section, raw(value)?);
    }
    for content in &SECTIONS {
        let config = document.get(content.section).map(|config| config.get());
        let missing = || Error::corrupt(format!("game_configs has no levelkit.{}", content.section));
        let mut in_force: InForce = read(content.section, config.ok_or_else(missing)?)?;
        if in_force.extra.values().any(|extra| extra.contains_key("phases")) {
            put_phases_back(&mut in_force, items(c, &PHASES).await?)?;
        }
        let listed = put_together(content.section, items(c, content).await?, in_force)?;
        document.insert(content.section.to_owned(), raw(write(content.section, &listed)?)?);
    }
    Ok(Ruleset::from_json(&write("the ruleset", &document)?)?.canonical().to_owned())
}

/// Every item of a table, by id.
async fn items(c: &AsyncPgConnection, content: &Content) -> Result<BTreeMap<String, Item>> {
    let rows: Vec<(String, String)> = sql::<(Text, Text)>(content.read, &[]).rows(c).await?;
    rows.into_iter().map(|(id, item)| Ok((id, read(content.section, &item)?))).collect()
}

fn put_phases_back(in_force: &mut InForce, phases: BTreeMap<String, Item>) -> Result<()> {
    for extra in in_force.extra.values_mut() {
        let order: Vec<String> = read("bosses.phases", extra.get("phases").map_or("[]", |ids| ids.get()))?;
        let own = phases.iter().filter(|(id, _)| order.contains(id)).map(|(id, phase)| {
            let without_boss = phase.iter().filter(|(key, _)| *key != "boss_id");
            (id.clone(), without_boss.map(|(key, value)| (key.clone(), value.clone())).collect())
        });
        let of_boss = InForce { order: order.clone(), extra: BTreeMap::new() };
        let listed = put_together::<Item>("bosses.phases", own.collect(), of_boss)?;
        extra.insert("phases".to_owned(), raw(write("bosses.phases", &listed)?)?);
    }
    Ok(())
}
