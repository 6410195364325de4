//! Cells: text to measurement. An empty cell was not reported.

use levelkit::{Day, MetricKind, MetricValue};

/// Reads a metric's cell.
///
/// # Errors
/// What was expected.
pub(super) fn metric(text: &str, kind: MetricKind) -> Result<Option<MetricValue>, &'static str> {
    match (text.trim(), kind) {
        ("", _) => Ok(None),
        (text, MetricKind::Numeric) => number(text).map(|number| Some(MetricValue::Number(number))),
        (text, MetricKind::Boolean) => yes_or_no(text).map(|yes| Some(MetricValue::Boolean(yes))),
    }
}

fn number(text: &str) -> Result<f64, &'static str> {
    const EXPECTED: &str = "a number like 7500 or 6.97";
    // Words such as `inf` and `NaN` are numbers to Rust, and no measurements.
    let shaped = text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
    let number: f64 = text.parse().map_err(|_| EXPECTED)?;
    (shaped && number.is_finite()).then_some(number).ok_or(EXPECTED)
}

fn yes_or_no(text: &str) -> Result<bool, &'static str> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "yes" | "1" => Ok(true),
        "false" | "no" | "0" => Ok(false),
        _ => Err("true or false, yes or no, 1 or 0"),
    }
}

/// Reads a player's id.
///
/// # Errors
/// What was expected.
pub(super) fn player(text: &str) -> Result<&str, &'static str> {
    match text.trim() {
        "" => Err("a player's id"),
        text if text.contains('\0') => Err("a player's id without U+0000"),
        text => Ok(text),
    }
}

/// Reads a date.
///
/// # Errors
/// What was expected.
pub(super) fn date(text: &str) -> Result<Day, &'static str> {
    let day: Day = text.trim().parse().map_err(|_| "a date like 2016-04-12")?;
    // Its end is no instant, so nothing could be reported for it.
    (day < Day::MAX).then_some(day).ok_or("a date before 9999-12-31, the last there is")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_cell_is_not_zero() {
        for kind in [MetricKind::Numeric, MetricKind::Boolean] {
            assert_eq!(metric("", kind), Ok(None));
            assert_eq!(metric("  ", kind), Ok(None));
        }
        assert_eq!(metric("0", MetricKind::Numeric), Ok(Some(0.0.into())));
        assert_eq!(metric("0", MetricKind::Boolean), Ok(Some(false.into())));
    }

    #[test]
    fn cells_are_read_or_refused() {
        for (text, number) in [("7500", 7500.0), (" 6.97 ", 6.97), ("-1", -1.0), ("1e3", 1000.0)] {
            assert_eq!(metric(text, MetricKind::Numeric), Ok(Some(number.into())), "{text}");
        }
        for text in ["1,234", "inf", "NaN", "1e999", "twelve", "0x10", "1 000"] {
            assert!(metric(text, MetricKind::Numeric).is_err(), "{text}");
        }
        for (text, yes) in [("TRUE", true), ("yes", true), ("No", false), ("1", true)] {
            assert_eq!(metric(text, MetricKind::Boolean), Ok(Some(yes.into())), "{text}");
        }
        assert!(metric("2", MetricKind::Boolean).is_err());
        assert!(player(" ").is_err() && date("12.4.2016").is_err() && date("2016-02-30").is_err());
        assert!(date("9999-12-30").is_ok() && date("9999-12-31").is_err());
    }
}
