//! The rows of the ledger.

use diesel::prelude::*;
use diesel::{OptionalExtension, SqliteConnection};
use levelkit::Instant;

use super::schema::*;
use crate::assemble::unknown_player;
use crate::error::Result;
use crate::ledger::{self, BATCH, ChainEnd, Check, Legacy, Place, Steps};
use crate::rows::{EventRow, ModifierRow};
use crate::view::{LedgerPage, PlayerVerification};

/// A page of a player's ledger after an instant.
pub(super) fn page(conn: &mut SqliteConnection, id: &str, after: Option<Instant>, limit: usize) -> Result<LedgerPage> {
    if levelkit_players::table.find(id).count().get_result::<i64>(conn)? == 0 {
        return Err(unknown_player(id));
    }
    let mut events = events_after(conn, id, &Place::after(after), limit)?;
    if let Some(last) = ledger::end_of_full(&events, limit) {
        events.extend(events_beside(conn, id, &last)?);
    }
    let steps = steps_of(conn, &events)?;
    ledger::page(events, steps, limit)
}

/// A player's events by `created_at`, and by id where two have the same.
fn events_after(conn: &mut SqliteConnection, user: &str, after: &Place, limit: usize) -> Result<Vec<EventRow>> {
    let at = after.micros;
    let later = xp_events::created_at.gt(at).or(xp_events::created_at.eq(at).and(xp_events::id.gt(&after.id)));
    Ok(xp_events::table
        .filter(xp_events::user_id.eq(user).and(xp_events::created_at.ge(at)))
        .filter(later)
        .order((xp_events::created_at, xp_events::id))
        .limit(i64::try_from(limit).unwrap_or(i64::MAX))
        .select(EventRow::as_select())
        .load(conn)?)
}

/// Those behind an event that have its instant.
fn events_beside(conn: &mut SqliteConnection, user: &str, last: &Place) -> Result<Vec<EventRow>> {
    Ok(xp_events::table
        .filter(xp_events::user_id.eq(user).and(xp_events::created_at.eq(last.micros)))
        .filter(xp_events::id.gt(&last.id))
        .order(xp_events::id)
        .select(EventRow::as_select())
        .load(conn)?)
}

/// Every modifier row of these events, by event and in order: those the engine wrote, and any that were slipped in.
fn steps_of(conn: &mut SqliteConnection, events: &[EventRow]) -> Result<Steps> {
    let mut rows = Vec::new();
    for events in events.chunks(BATCH) {
        let of_these: Vec<ModifierRow> = xp_modifiers::table
            .filter(xp_modifiers::xp_event_id.eq_any(events.iter().map(|event| &event.id)))
            .order((xp_modifiers::xp_event_id, xp_modifiers::order, xp_modifiers::id))
            .select(ModifierRow::as_select())
            .load(conn)?;
        rows.extend(of_these);
    }
    Ok(ledger::by_event(rows))
}

/// Verifies a player's ledger against the player's row and the engine's own record.
pub(super) fn verify(conn: &mut SqliteConnection, id: &str) -> Result<PlayerVerification> {
    let mut check = Check::new(chain_end(conn, id)?.ok_or_else(|| unknown_player(id))?);
    let mut after = Place::after(None);
    loop {
        let events = events_after(conn, id, &after, BATCH)?;
        let Some(last) = events.last() else {
            return Ok(check.finish(id));
        };
        after = Place::behind(last);
        let steps = steps_of(conn, &events)?;
        check.events(&events, steps);
    }
}

fn chain_end(conn: &mut SqliteConnection, id: &str) -> Result<Option<ChainEnd>> {
    let legacy = levelkit_legacy::table
        .find(id)
        .select((
            levelkit_legacy::last_event_id,
            levelkit_legacy::last_created_at,
            levelkit_legacy::events,
            levelkit_legacy::xp,
        ))
        .first::<(String, i64, i64, i64)>(conn)
        .optional()?;
    let legacy = legacy.map(|(last_event_id, last_created_at, events, xp)| Legacy {
        last_event_id,
        last_created_at,
        events,
        xp,
    });
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
        ))
        .first::<(i64, i64, i64, String, i64, i64)>(conn)
        .optional()?;
    Ok(row.map(|(level, total_xp, event_count, head_hash, adopted_total_xp, adopted_level)| ChainEnd {
        level,
        total_xp,
        event_count,
        head_hash,
        adopted_total_xp,
        adopted_level,
        legacy,
    }))
}
