//! The rows of the ledger.

use std::ops::RangeInclusive;

use diesel::sql_types::{BigInt, Double, Nullable, Text};
use diesel_async::AsyncPgConnection;
use futures_util::try_join;
use levelkit::Instant;

use super::load::micros;
use super::query::sql;
use super::session::{Shared, transaction};
use crate::assemble::unknown_player;
use crate::bind::{Bind, Micros};
use crate::error::Result;
use crate::ledger::{self, BATCH, ChainEnd, Check, Legacy, Place, Steps};
use crate::rows::{EventRow, ModifierRow};
use crate::view::{LedgerEntry, LedgerPage, PlayerVerification};

/// A transaction that sees one moment.
pub(super) const ONE_MOMENT: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// A page of a player's ledger after an instant.
pub(super) async fn page(shared: &Shared, id: &str, after: Option<Instant>, limit: usize) -> Result<LedgerPage> {
    transaction(shared, ONE_MOMENT, async |c| {
        chain_end(c, id).await?.ok_or_else(|| unknown_player(id))?;
        page_in(c, id, after, limit).await
    })
    .await
}

async fn page_in(c: &AsyncPgConnection, id: &str, after: Option<Instant>, limit: usize) -> Result<LedgerPage> {
    let mut events = events_after(c, id, &Place::after(after), limit).await?;
    if let Some(last) = ledger::end_of_full(&events, limit) {
        events.extend(events_beside(c, id, &last).await?);
    }
    let steps = steps_of(c, &events).await?;
    ledger::page(events, steps, limit)
}

/// Every event within a range.
pub(super) async fn within(
    c: &AsyncPgConnection,
    id: &str,
    range: &RangeInclusive<Instant>,
) -> Result<Vec<LedgerEntry>> {
    let mut entries = Vec::new();
    let mut after = range.start().micros().checked_sub(1).and_then(Instant::from_micros);
    loop {
        let page = page_in(c, id, after, BATCH).await?;
        for entry in page.entries {
            if entry.event.created_at > *range.end() {
                return Ok(entries);
            }
            entries.push(entry);
        }
        after = match page.next {
            Some(next) => Some(next),
            None => return Ok(entries),
        };
    }
}

type EventColumns = (Text, Text, Text, Nullable<Text>, BigInt, BigInt, BigInt, BigInt, BigInt, BigInt, Text, BigInt);

/// A player's events by `created_at`, and by id where two have the same.
macro_rules! events {
    ($rest:literal) => {
        concat!(
            "SELECT id, user_id, event_source::text, source_id, base_xp::int8, final_xp::int8, total_xp_before, total_xp_after, \
             level_before::int8, level_after::int8, event_hash, ",
            micros!("created_at"),
            " FROM public.xp_events WHERE user_id = ? AND ",
            $rest
        )
    };
}

async fn events_after(c: &AsyncPgConnection, user: &str, after: &Place, limit: usize) -> Result<Vec<EventRow>> {
    const EVENTS: &str = events!(
        "created_at >= ? AND (created_at > ? OR id COLLATE \"C\" > ?) ORDER BY created_at, id COLLATE \"C\" LIMIT ?"
    );
    let at = Bind::Micros(Some(Micros(after.micros)));
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    sql::<EventColumns>(EVENTS, &[user.into(), at.clone(), at, (&after.id).into(), limit.into()]).rows(c).await
}

/// Those behind an event that have its instant.
async fn events_beside(c: &AsyncPgConnection, user: &str, last: &Place) -> Result<Vec<EventRow>> {
    const EVENTS: &str = events!("created_at = ? AND id COLLATE \"C\" > ? ORDER BY id COLLATE \"C\"");
    let at = Bind::Micros(Some(Micros(last.micros)));
    sql::<EventColumns>(EVENTS, &[user.into(), at, (&last.id).into()]).rows(c).await
}

/// Every modifier row of these events, by event and in order: those the engine wrote, and any that were slipped in.
async fn steps_of(c: &AsyncPgConnection, events: &[EventRow]) -> Result<Steps> {
    const STEPS: &str = "SELECT id, xp_event_id, \"order\"::int8, type::text, multiplier::float8, reason, xp_before::int8, \
        xp_after::int8 FROM public.xp_modifiers WHERE xp_event_id = ANY (?) \
        ORDER BY xp_event_id COLLATE \"C\", \"order\", id COLLATE \"C\"";
    let mut rows: Vec<ModifierRow> = Vec::new();
    for events in events.chunks(BATCH) {
        let ids: Vec<String> = events.iter().map(|event| event.id.clone()).collect();
        type Columns = (Text, Text, BigInt, Text, Double, Text, BigInt, BigInt);
        rows.extend(sql::<Columns>(STEPS, &[ids.into()]).rows::<ModifierRow>(c).await?);
    }
    Ok(ledger::by_event(rows))
}

/// Verifies a player's ledger against the player's row and the engine's own record.
pub(super) async fn verify(shared: &Shared, id: &str) -> Result<PlayerVerification> {
    transaction(shared, ONE_MOMENT, async |c| {
        let mut check = Check::new(chain_end(c, id).await?.ok_or_else(|| unknown_player(id))?);
        let mut after = Place::after(None);
        loop {
            let events = events_after(c, id, &after, BATCH).await?;
            let Some(last) = events.last() else {
                return Ok(check.finish(id));
            };
            after = Place::behind(last);
            let steps = steps_of(c, &events).await?;
            check.events(&events, steps);
        }
    })
    .await
}

async fn chain_end(c: &AsyncPgConnection, id: &str) -> Result<Option<ChainEnd>> {
    const END: &str = "SELECT u.level::int8, u.total_xp, p.event_count, p.head_hash, p.adopted_total_xp, \
        p.adopted_level::int8 FROM levelkit.players AS p JOIN public.users AS u ON u.id = p.user_id WHERE p.user_id = ?";
    const LEGACY: &str = concat!(
        "SELECT last_event_id, ",
        micros!("last_created_at"),
        ", events, xp FROM levelkit.legacy WHERE user_id = ?"
    );
    type End = (i64, i64, i64, String, i64, i64);
    type Before = (String, i64, i64, i64);
    let (end, legacy): (Option<End>, Option<Before>) = try_join!(
        sql::<(BigInt, BigInt, BigInt, Text, BigInt, BigInt)>(END, &[id.into()]).row(c),
        sql::<(Text, BigInt, BigInt, BigInt)>(LEGACY, &[id.into()]).row(c),
    )?;
    let legacy = legacy.map(|(last_event_id, last_created_at, events, xp)| Legacy {
        last_event_id,
        last_created_at,
        events,
        xp,
    });
    Ok(end.map(|(level, total_xp, event_count, head_hash, adopted_total_xp, adopted_level)| ChainEnd {
        level,
        total_xp,
        event_count,
        head_hash,
        adopted_total_xp,
        adopted_level,
        legacy,
    }))
}
