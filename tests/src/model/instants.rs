//! Instants are microseconds since 1970 (UTC); a day is a date, written `YYYY-MM-DD`.

use chrono::{DateTime, NaiveDate};
use serde_json::{Value, json};

use super::numbers::overflow;

pub const SECOND: i64 = 1_000_000;
pub const MINUTE: i64 = 60 * SECOND;
pub const HOUR: i64 = 60 * MINUTE;
pub const DAY: i64 = 24 * HOUR;

pub fn try_instant(v: &Value) -> Option<i64> {
    let parsed = DateTime::parse_from_rfc3339(v.as_str()?).ok()?;
    Some(parsed.timestamp_micros())
}

pub fn instant(v: &Value) -> i64 {
    try_instant(v).unwrap_or_else(|| panic!("not an instant: {v}"))
}

/// The last microsecond of the year 9999.
const END: i64 = 253_402_300_799_999_999;

/// The later of `at` and the microsecond after `previous`; time ends with the year 9999.
pub fn at_or_after(at: i64, previous: Option<i64>) -> Result<i64, Value> {
    let later = previous.map_or(at, |previous| at.max(previous + 1));
    if later <= END { Ok(later) } else { Err(overflow()) }
}

/// `...Z` with six digits.
pub fn instant_text(micros: i64) -> String {
    DateTime::from_timestamp_micros(micros)
        .expect("an instant within the calendar")
        .format("%Y-%m-%dT%H:%M:%S%.6fZ")
        .to_string()
}

pub fn instant_json(micros: Option<i64>) -> Value {
    match micros {
        Some(t) => json!(instant_text(t)),
        None => Value::Null,
    }
}

pub fn try_date(v: &Value) -> Option<NaiveDate> {
    let text = v.as_str()?;
    let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    // only the canonical spelling is a day
    (date_text(date) == text).then_some(date)
}

pub fn date_text(date: NaiveDate) -> String {
    date.format("%Y-%m-%d").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trip() {
        let t = instant(&json!("2026-03-29T00:59:59.999999Z"));
        assert_eq!(instant_text(t), "2026-03-29T00:59:59.999999Z");
        assert_eq!(instant_text(instant(&json!("2026-01-01T00:00:00Z"))), "2026-01-01T00:00:00.000000Z");
        assert!(try_date(&json!("2026-02-30")).is_none());
        assert!(try_date(&json!("2026-2-3")).is_none());
    }
}
