//! Somebody who was away for years: whole days are committed beforehand, each stretch in a transaction of its own.

use levelkit::Instant;

/// With more days than this due, whole days are committed beforehand.
const DAYS_AT_ONCE: i64 = 400;
/// More than that many days apart, more than 400 days are due, whatever the hour and the grace.
const DAYS_APART: i64 = 410;
const DAY_MICROS: i64 = 86_400_000_000;

/// The instant to which a player is advanced beforehand, who was last seen at `last_at` and is to act at `at`.
pub(crate) fn stop_before(last_at: Instant, at: Instant) -> Option<Instant> {
    let is_far = last_at.plus_micros(DAYS_APART * DAY_MICROS) < at;
    is_far.then(|| last_at.plus_micros(DAYS_AT_ONCE * DAY_MICROS))
}
