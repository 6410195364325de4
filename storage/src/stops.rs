//! When a command happens: after whole days that are committed beforehand for somebody who was away for years, and not before
//! the player's last one only because two clocks differ a little.

use std::time::Duration;

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

/// An instant that lies behind the player's last one by no more than clocks may differ is raised to it.
pub(crate) fn tolerated(at: Instant, last_at: Option<Instant>, tolerance: Duration) -> Instant {
    let tolerance = i64::try_from(tolerance.as_micros()).unwrap_or(i64::MAX);
    match last_at {
        Some(last_at) if at < last_at && last_at.micros().saturating_sub(at.micros()) <= tolerance => last_at,
        _ => at,
    }
}
