//! The ledger read back: in pages, and through the verifier.

use std::collections::HashMap;

use diesel::prelude::*;
use diesel::{OptionalExtension, SqliteConnection};
use levelkit::ledger::{Head, Verifier, XpEvent, XpModifier};
use levelkit::{Instant, ModifierType, Source};

use super::convert::{self, hash, instant, int, label};
use super::load::unknown_player;
use super::rows::{EventRow, ModifierRow};
use super::schema::*;
use crate::error::{Error, Result};
use crate::view::{LedgerEntry, LedgerPage, PlayerVerification};

/// How many events are read at a time.
const BATCH: usize = 500;

/// Where a page begins: after this event.
type Place = (i64, String);

/// A page of a player's ledger after an instant.
pub(super) fn page(conn: &mut SqliteConnection, id: &str, after: Option<Instant>, limit: usize) -> Result<LedgerPage> {
    if levelkit_players::table.find(id).count().get_result::<i64>(conn)? == 0 {
        return Err(unknown_player(id));
    }
    // No id is greater than this one, so the page begins after the instant.
    let after = after.map(|after| (after.micros(), "\u{10ffff}".to_owned()));
    let events = events_after(conn, id, after.as_ref(), limit)?;
    let next = events.last().filter(|_| events.len() == limit && limit > 0).map(|last| last.created_at);
    let mut modifiers = modifiers_of(conn, &events)?;
    let entry = |event: EventRow| {
        let steps = modifiers.remove(&event.id).unwrap_or_default();
        let modifiers = steps.iter().map(modifier).collect::<Result<_>>()?;
        Ok(LedgerEntry { event: self::event(&event)?, modifiers })
    };
    let entries = events.into_iter().map(entry).collect::<Result<_>>()?;
    let next = next.map(|next| instant("xp_events.created_at", next)).transpose()?;
    Ok(LedgerPage { entries, next })
}

/// A player's events by `created_at`, and by id where a forger made two the same.
fn events_after(conn: &mut SqliteConnection, user: &str, after: Option<&Place>, limit: usize) -> Result<Vec<EventRow>> {
    let (after_at, after_id) = after.map_or((i64::MIN, ""), |(at, id)| (*at, id));
    let later =
        xp_events::created_at.gt(after_at).or(xp_events::created_at.eq(after_at).and(xp_events::id.gt(after_id)));
    Ok(xp_events::table
        .filter(xp_events::user_id.eq(user).and(xp_events::created_at.ge(after_at)))
        .filter(later)
        .order((xp_events::created_at, xp_events::id))
        .limit(i64::try_from(limit).unwrap_or(i64::MAX))
        .select(EventRow::as_select())
        .load(conn)?)
}

/// Every modifier row of these events, by event and in order: those the engine wrote, and any that were slipped in.
fn modifiers_of(conn: &mut SqliteConnection, events: &[EventRow]) -> Result<HashMap<String, Vec<ModifierRow>>> {
    let mut by_event: HashMap<String, Vec<ModifierRow>> = HashMap::new();
    for events in events.chunks(BATCH) {
        let rows = xp_modifiers::table
            .filter(xp_modifiers::xp_event_id.eq_any(events.iter().map(|event| &event.id)))
            .order((xp_modifiers::xp_event_id, xp_modifiers::order, xp_modifiers::id))
            .select(ModifierRow::as_select())
            .load(conn)?;
        rows.into_iter().for_each(|row| by_event.entry(row.xp_event_id.clone()).or_default().push(row));
    }
    Ok(by_event)
}

/// Verifies a player's ledger against the player's row and the engine's own record.
pub(super) fn verify(conn: &mut SqliteConnection, id: &str) -> Result<PlayerVerification> {
    let end = chain_end(conn, id)?.ok_or_else(|| unknown_player(id))?;
    // A level that does not fit is no level that a chain can end with.
    let mut verifier = Verifier::adopted(end.adopted_total_xp, i32::try_from(end.adopted_level).unwrap_or(0));
    let mut after: Option<Place> = None;
    loop {
        let events = events_after(conn, id, after.as_ref(), BATCH)?;
        let Some(last) = events.last() else {
            break;
        };
        after = Some((last.created_at, last.id.clone()));
        let mut modifiers = modifiers_of(conn, &events)?;
        for event in &events {
            check(&mut verifier, &end, event, modifiers.remove(&event.id).unwrap_or_default());
        }
    }
    let heads = [
        Head {
            total_xp: Some(end.total_xp),
            level: Some(i32::try_from(end.level).unwrap_or(i32::MIN)),
            ..Head::default()
        },
        Head {
            events: Some(u64::try_from(end.event_count).unwrap_or(u64::MAX)),
            // What is no hash agrees with no chain.
            hash: Some(end.head_hash.parse().unwrap_or(levelkit::ledger::EventHash([0xff; 32]))),
            ..Head::default()
        },
    ];
    Ok(PlayerVerification { player: id.to_owned(), verification: verifier.finish(&heads) })
}

/// What is remembered of where a chain begins and ends.
struct ChainEnd {
    level: i64,
    total_xp: i64,
    event_count: i64,
    head_hash: String,
    adopted_total_xp: i64,
    adopted_level: i64,
    unsealed_until: Option<i64>,
}

fn chain_end(conn: &mut SqliteConnection, id: &str) -> Result<Option<ChainEnd>> {
    let row = levelkit_players::table
        .inner_join(users::table.on(users::id.eq(levelkit_players::user_id)))
        .filter(levelkit_players::user_id.eq(id))
        .select((
            users::level,
            users::total_xp,
            levelkit_players::event_count,
            levelkit_players::head_hash,
            levelkit_players::adopted_total_xp,
            levelkit_players::adopted_level,
            levelkit_players::unsealed_until,
        ))
        .first::<(i64, i64, i64, String, i64, i64, Option<i64>)>(conn)
        .optional()?;
    let end = row.map(|(level, total_xp, event_count, head_hash, adopted_total_xp, adopted_level, unsealed_until)| {
        ChainEnd { level, total_xp, event_count, head_hash, adopted_total_xp, adopted_level, unsealed_until }
    });
    Ok(end)
}

fn check(verifier: &mut Verifier, end: &ChainEnd, row: &EventRow, steps: Vec<ModifierRow>) {
    if end.unsealed_until.is_some_and(|until| row.created_at <= until) {
        return verifier.unsealed(i32::try_from(row.final_xp).unwrap_or(0));
    }
    let modifiers = steps.iter().map(modifier).collect::<Result<Vec<_>>>();
    match (unhashed_event(row), modifiers) {
        (Ok(event), Ok(modifiers)) => verifier.event_with_hash_text(&event.fields(), &modifiers, &row.event_hash),
        (Err(error), _) | (_, Err(error)) => {
            verifier.unreadable(&row.id, Instant::from_micros(row.created_at), &error.to_string());
        }
    }
}

fn event(row: &EventRow) -> Result<XpEvent> {
    Ok(XpEvent { event_hash: hash("xp_events.event_hash", &row.event_hash)?, ..unhashed_event(row)? })
}

fn unhashed_event(row: &EventRow) -> Result<XpEvent> {
    let EventRow {
        id,
        user_id,
        event_source,
        source_id,
        base_xp,
        final_xp,
        total_xp_before,
        total_xp_after,
        level_before,
        level_after,
        event_hash: _,
        created_at,
    } = row;
    Ok(XpEvent {
        id: id.clone(),
        user_id: user_id.clone(),
        event_source: label("xp_events.event_source", event_source, Source::from_label)?,
        source_id: source_id.clone(),
        base_xp: int("xp_events.base_xp", *base_xp)?,
        final_xp: int("xp_events.final_xp", *final_xp)?,
        total_xp_before: *total_xp_before,
        total_xp_after: *total_xp_after,
        level_before: int("xp_events.level_before", *level_before)?,
        level_after: int("xp_events.level_after", *level_after)?,
        created_at: instant("xp_events.created_at", *created_at)?,
        event_hash: levelkit::ledger::EventHash::ZERO,
    })
}

fn modifier(row: &ModifierRow) -> Result<XpModifier> {
    let ModifierRow { id, xp_event_id: _, order, kind, multiplier, reason, xp_before, xp_after } = row;
    let no_multiplier = || Error::corrupt(format!("xp_modifiers.multiplier is {multiplier}, which is no multiplier"));
    Ok(XpModifier {
        id: id.clone(),
        order: int("xp_modifiers.order", *order)?,
        modifier: label("xp_modifiers.type", kind, ModifierType::from_label)?,
        multiplier: convert::multiplier(*multiplier).ok_or_else(no_multiplier)?,
        reason: reason.clone(),
        xp_before: int("xp_modifiers.xp_before", *xp_before)?,
        xp_after: int("xp_modifiers.xp_after", *xp_after)?,
    })
}
