//! The outbox: events are handed out at least once, and a player's in order.

use std::time::Duration;

use diesel::sql_types::{BigInt, Text};

use super::load::micros;
use super::query::sql;
use super::session::{Shared, transaction};
use crate::convert::{instant, int, json};
use crate::error::Result;
use crate::standings::count;
use crate::view::OutboxEntry;

/// Hands out the oldest events of players whose events nobody holds, and holds those players' until the lease is over.
pub(super) async fn claim(shared: &Shared, worker: &str, limit: usize, lease: Duration) -> Result<Vec<OutboxEntry>> {
    // Who claims waits for whoever else does; what that one held is then seen.
    const TURN: &str = "SELECT pg_advisory_xact_lock(7812740155820811625)::text";
    const CLAIM: &str = concat!(
        "WITH clock AS MATERIALIZED (SELECT clock_timestamp() AT TIME ZONE 'UTC' AS now), \
         free AS MATERIALIZED (SELECT waiting.sequence FROM levelkit.outbox AS waiting WHERE NOT EXISTS ( \
            SELECT 1 FROM levelkit.outbox AS held WHERE held.user_id = waiting.user_id AND held.held_until > (SELECT now FROM clock) \
         ) ORDER BY waiting.sequence LIMIT ?) \
         UPDATE levelkit.outbox AS own SET worker = ?, deliveries = own.deliveries + 1, \
         held_until = (SELECT now FROM clock) + ? * interval '1 microsecond' \
         FROM free WHERE own.sequence = free.sequence RETURNING own.sequence, own.user_id, ",
        micros!("own.at"),
        ", own.events::text, own.deliveries::int8"
    );
    type Row = (i64, String, i64, String, i64);
    let lease = i64::try_from(lease.as_micros()).unwrap_or(i64::MAX).min(MAX_LEASE);
    let binds = [count(limit).into(), worker.into(), lease.into()];
    let rows = transaction(shared, "BEGIN", async |c| {
        sql::<Text>(TURN, &[]).row::<String>(c).await?;
        sql::<(BigInt, Text, BigInt, Text, BigInt)>(CLAIM, &binds).rows::<Row>(c).await
    });
    let entry = |(id, player, at, events, deliveries): Row| {
        let (at, deliveries) = (instant("outbox.at", at)?, int("outbox.deliveries", deliveries)?);
        Ok(OutboxEntry { id, player, at, events: json("outbox.events", &events)?, deliveries })
    };
    let mut entries: Vec<OutboxEntry> = rows.await?.into_iter().map(entry).collect::<Result<_>>()?;
    entries.sort_by_key(|entry| entry.id);
    Ok(entries)
}

/// A year: longer than anybody waits, and no instant overflows.
const MAX_LEASE: i64 = 366 * 86_400_000_000;

/// Takes delivered events out; how many of them were still there.
pub(super) async fn acknowledge(shared: &Shared, ids: &[i64]) -> Result<u64> {
    const DELIVERED: &str = "DELETE FROM levelkit.outbox WHERE sequence = ANY (?)";
    let binds = [ids.to_vec().into()];
    let gone = transaction(shared, "BEGIN", async |c| sql::<()>(DELIVERED, &binds).run(c).await);
    Ok(gone.await? as u64)
}
