//! Instants and days as texts, read and written as everywhere in levelkit, and the versions of what is built in.

use levelkit::{Day, Instant, LevelkitError};

use crate::Result;

/// Reads an instant like `2026-03-01T09:00:00Z`.
#[uniffi::export]
pub fn instant_from_text(text: String) -> Result<Instant> {
    LevelkitError::read(&text)
}

/// Writes an instant: UTC, with six digits after the second.
#[uniffi::export]
pub fn instant_to_text(instant: Instant) -> Result<String> {
    Ok(instant.to_string())
}

/// Reads a date like `2026-03-01`.
#[uniffi::export]
pub fn day_from_text(text: String) -> Result<Day> {
    LevelkitError::read(&text)
}

/// Writes a date, like `2026-03-01`.
#[uniffi::export]
pub fn day_to_text(day: Day) -> Result<String> {
    Ok(day.to_string())
}

/// The version of levelkit.
#[uniffi::export]
pub fn levelkit_version() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}

/// The version of the IANA time zone database that is built in.
#[uniffi::export]
pub fn time_zone_version() -> String {
    levelkit::TZDB_VERSION.to_owned()
}
