//! The outbox: events are handed out at least once, and a player's in order.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use diesel::SqliteConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use super::schema::levelkit_outbox;
use crate::convert::{instant, int, json};
use crate::error::Result;
use crate::view::OutboxEntry;

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = BigInt)]
    sequence: i64,
    #[diesel(sql_type = Text)]
    user_id: String,
    #[diesel(sql_type = BigInt)]
    at: i64,
    #[diesel(sql_type = Text)]
    events: String,
    #[diesel(sql_type = BigInt)]
    deliveries: i64,
}

/// Hands out the oldest events of players whose events nobody holds, and holds those players' until the lease is over.
pub(super) fn claim(
    conn: &mut SqliteConnection,
    worker: &str,
    limit: i64,
    lease: Duration,
) -> Result<Vec<OutboxEntry>> {
    const FREE: &str = "SELECT waiting.sequence, waiting.user_id, waiting.at, waiting.events, waiting.deliveries \
        FROM levelkit_outbox AS waiting WHERE NOT EXISTS ( \
            SELECT 1 FROM levelkit_outbox AS held WHERE held.user_id = waiting.user_id AND held.held_until > ? \
        ) ORDER BY waiting.sequence LIMIT ?";
    let now = micros(SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default());
    let rows: Vec<Row> = diesel::sql_query(FREE).bind::<BigInt, _>(now).bind::<BigInt, _>(limit).load(conn)?;
    for row in &rows {
        let held = (
            levelkit_outbox::worker.eq(worker),
            levelkit_outbox::held_until.eq(now.saturating_add(micros(lease))),
            levelkit_outbox::deliveries.eq(row.deliveries + 1),
        );
        diesel::update(levelkit_outbox::table.find(row.sequence)).set(held).execute(conn)?;
    }
    let entry = |Row { sequence: id, user_id: player, at, events, deliveries }: Row| {
        let (at, deliveries) = (instant("outbox.at", at)?, int("outbox.deliveries", deliveries + 1)?);
        Ok(OutboxEntry { id, player, at, events: json("outbox.events", &events)?, deliveries })
    };
    rows.into_iter().map(entry).collect()
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

/// Takes delivered events out; how many of them were still there.
pub(super) fn acknowledge(conn: &mut SqliteConnection, ids: &[i64]) -> Result<u64> {
    let mut gone = 0;
    for id in ids {
        gone += diesel::delete(levelkit_outbox::table.find(id)).execute(conn)? as u64;
    }
    Ok(gone)
}
