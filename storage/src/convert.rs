//! Columns to domain values. What levelkit never writes is `STORE_CORRUPT`, with the column's name.

use levelkit::ledger::EventHash;
use levelkit::{Day, Instant, MetricValue, Multiplier};
use serde::de::DeserializeOwned;

use crate::error::{Error, Result};

pub(crate) fn int(column: &'static str, value: i64) -> Result<i32> {
    i32::try_from(value).map_err(|_| Error::corrupt(format!("{column} is {value}, which does not fit into 32 bits")))
}

pub(crate) fn instant(column: &'static str, micros: i64) -> Result<Instant> {
    Instant::from_micros(micros).ok_or_else(|| Error::corrupt(format!("{column} is {micros}, which is no instant")))
}

pub(crate) fn optional_instant(column: &'static str, micros: Option<i64>) -> Result<Option<Instant>> {
    micros.map(|micros| instant(column, micros)).transpose()
}

pub(crate) fn day(column: &'static str, text: &str) -> Result<Day> {
    text.parse().map_err(|_| Error::corrupt(format!("{column} is {text:?}, which is no date")))
}

pub(crate) fn optional_day(column: &'static str, text: Option<String>) -> Result<Option<Day>> {
    text.map(|text| day(column, &text)).transpose()
}

pub(crate) fn hash(column: &'static str, text: &str) -> Result<EventHash> {
    text.parse().map_err(|_| Error::corrupt(format!("{column} is {text:?}, which is no hash")))
}

pub(crate) fn label<T>(column: &'static str, text: &str, from_label: impl Fn(&str) -> Option<T>) -> Result<T> {
    from_label(text).ok_or_else(|| Error::corrupt(format!("{column} is {text:?}, which is no label of it")))
}

pub(crate) fn json<T: DeserializeOwned>(column: &'static str, text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|error| Error::corrupt(format!("{column} cannot be read: {error}")))
}

pub(crate) fn to_json(value: &impl serde::Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|error| Error::corrupt(format!("a value cannot be written as JSON: {error}")))
}

pub(crate) fn metric_value(number: Option<f64>, boolean: Option<bool>) -> Result<MetricValue> {
    match (number, boolean) {
        (Some(number), None) => Ok(MetricValue::Number(number)),
        (None, Some(yes)) => Ok(MetricValue::Boolean(yes)),
        _ => Err(Error::corrupt("a fact holds a number and a boolean, or neither")),
    }
}

/// The value that a REAL column holds for a multiplier: SQLite's is a double, so the very decimal form.
pub(crate) fn to_real(multiplier: Multiplier) -> f64 {
    // Its text is a decimal number, which always parses.
    multiplier.to_string().parse().unwrap_or(f64::INFINITY)
}

/// The multiplier that a REAL column means: its shortest decimal form, as a double or as the float it came from.
pub(crate) fn multiplier(real: f64) -> Option<Multiplier> {
    let single = real as f32;
    let from_single = || (f64::from(single) == real).then(|| Multiplier::from_real(single)).flatten();
    Multiplier::from_number(real).or_else(from_single)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_real_means_its_shortest_decimal_form() {
        for text in ["0", "1", "1.1", "0.95", "1.15", "15.999999", "16000.5", "123456.789012"] {
            let exact: Multiplier = text.parse().unwrap();
            assert_eq!(multiplier(to_real(exact)), Some(exact), "{text}");
        }
        assert_eq!(multiplier(f64::from(1.1_f32)), "1.1".parse().ok());
        for real in [1.100_000_000_1, -1.0, f64::NAN, f64::INFINITY, 1e30] {
            assert_eq!(multiplier(real), None, "{real}");
        }
    }

    #[test]
    fn what_was_never_written_is_corrupt() {
        assert_eq!(int("users.level", 1 << 40).unwrap_err().code(), "STORE_CORRUPT");
        assert_eq!(instant("users.created_at", i64::MAX).unwrap_err().code(), "STORE_CORRUPT");
        assert_eq!(day("daily_logs.day_date", "today").unwrap_err().code(), "STORE_CORRUPT");
        assert_eq!(metric_value(None, None).unwrap_err().code(), "STORE_CORRUPT");
        assert_eq!(json::<Vec<Day>>("skipped_days", "{}").unwrap_err().code(), "STORE_CORRUPT");
    }
}
