//! Decimal texts read exactly, where a float would round.

/// What a number's text is as a whole number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Whole {
    Fits(i64),
    /// Whole, but beyond 64 bits.
    TooLarge,
    /// It has a fraction, or is no number.
    Not,
}

/// A number as JSON writes it: `100`, `100.0` and `1e2` are the same whole number, exactly.
pub(super) fn whole(number: &str) -> Whole {
    let (negative, unsigned) = match number.strip_prefix('-') {
        Some(unsigned) => (true, unsigned),
        None => (false, number.strip_prefix('+').unwrap_or(number)),
    };
    let (mantissa, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
    let (integer, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{integer}{fraction}");
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Whole::Not;
    }
    let significant = digits.trim_end_matches('0');
    let trailing_zeros = digits.len() - significant.len();
    let significant = significant.trim_start_matches('0');
    if significant.is_empty() {
        return Whole::Fits(0);
    }
    let scale = exponent_of(exponent).saturating_sub(length(fraction)).saturating_add(trailing_zeros as i64);
    if scale < 0 {
        return Whole::Not;
    }
    if length(significant).saturating_add(scale) > 19 {
        return Whole::TooLarge;
    }
    let sign = if negative { "-" } else { "" };
    let zeros = "0".repeat(usize::try_from(scale).unwrap_or(0));
    format!("{sign}{significant}{zeros}").parse().map_or(Whole::TooLarge, Whole::Fits)
}

fn length(digits: &str) -> i64 {
    i64::try_from(digits.len()).unwrap_or(i64::MAX)
}

/// An exponent too long for 64 bits is as good as the largest: no text is long enough to make up for it.
fn exponent_of(text: &str) -> i64 {
    let limit = if text.starts_with('-') { i64::MIN } else { i64::MAX };
    text.parse().unwrap_or(limit)
}

/// A whole number as a string: digits with an optional minus.
pub(super) fn whole_string(text: &str) -> Whole {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Whole::Not;
    }
    whole(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_in_any_spelling() {
        for (text, expected) in [
            ("100", Whole::Fits(100)),
            ("100.0", Whole::Fits(100)),
            ("1e2", Whole::Fits(100)),
            ("1.5e1", Whole::Fits(15)),
            ("-0", Whole::Fits(0)),
            ("0.000e-9", Whole::Fits(0)),
            ("12000e-3", Whole::Fits(12)),
            ("9223372036854775807", Whole::Fits(i64::MAX)),
            ("9223372036854775807.0", Whole::Fits(i64::MAX)),
            ("-9223372036854775808", Whole::Fits(i64::MIN)),
            ("9223372036854775808", Whole::TooLarge),
            ("1e400", Whole::TooLarge),
            ("1e99999999999999999999", Whole::TooLarge),
            ("1e-99999999999999999999", Whole::Not),
            ("100.5", Whole::Not),
            ("1e-1", Whole::Not),
            ("nan", Whole::Not),
            ("inf", Whole::Not),
            ("", Whole::Not),
        ] {
            assert_eq!(whole(text), expected, "{text}");
        }
    }

    #[test]
    fn whole_strings_are_plain_digits() {
        assert_eq!(whole_string("100"), Whole::Fits(100));
        assert_eq!(whole_string("-5"), Whole::Fits(-5));
        assert_eq!(whole_string("99999999999999999999"), Whole::TooLarge);
        for text in ["", "-", "1.5", "1.0", "1e2", "+1", " 1", "abc", "--1"] {
            assert_eq!(whole_string(text), Whole::Not, "{text}");
        }
    }
}
