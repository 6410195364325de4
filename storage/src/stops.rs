//! When a command or a look happens: after whole days that are committed beforehand for somebody who was away for years, and not before
//! the player's last one only because two clocks differ a little.

use std::time::Duration;

use levelkit::Instant;

/// So many days are done in the transaction of a command: eleven years are no reason to tell it in parts.
const DAYS_OF_A_COMMAND: i64 = 4000;
/// So many days are done at once for each of many players, whose rows wait for each other.
const DAYS_OF_MANY: i64 = 400;
/// Ten days more than that apart, more than that many are due, whatever the hour and the grace.
const MARGIN_DAYS: i64 = 10;
const DAY_MICROS: i64 = 86_400_000_000;

/// The instant to which a player is advanced beforehand, who was last seen at `last_at` and is to act at `at`.
pub(crate) fn stop_before(last_at: Instant, at: Instant) -> Option<Instant> {
    stop(DAYS_OF_A_COMMAND, last_at, at)
}

/// The same for one of many players.
pub(crate) fn stop_of_many(last_at: Instant, at: Instant) -> Option<Instant> {
    stop(DAYS_OF_MANY, last_at, at)
}

fn stop(days: i64, last_at: Instant, at: Instant) -> Option<Instant> {
    let is_far = last_at.plus_micros((days + MARGIN_DAYS) * DAY_MICROS) < at;
    is_far.then(|| last_at.plus_micros(days * DAY_MICROS))
}

/// An instant that lies behind the player's last one by no more than clocks may differ is raised to it.
pub(crate) fn tolerated(at: Instant, last_at: Option<Instant>, tolerance: Duration) -> Instant {
    let tolerance = i64::try_from(tolerance.as_micros()).unwrap_or(i64::MAX);
    match last_at {
        Some(last_at) if at < last_at && last_at.micros().saturating_sub(at.micros()) <= tolerance => last_at,
        _ => at,
    }
}

/// The instant at which a player is looked at: one that is asked for, within what clocks may differ, or the last command's.
pub(crate) fn looked_at(at: Option<Instant>, last_at: Option<Instant>, tolerance: Duration) -> Instant {
    at.map(|at| tolerated(at, last_at, tolerance)).or(last_at).unwrap_or(Instant::MIN)
}
