//! The rules, section 1: numbers.

use serde_json::{Value, json};

pub const MILLION: i128 = 1_000_000;
pub const I32_MAX: i128 = i32::MAX as i128;
pub const I32_MIN: i128 = i32::MIN as i128;

const SAFE: i64 = (1 << 53) - 1;

/// The refusal of any sum that does not fit its column.
pub fn overflow() -> Value {
    json!({"code": "XP_OVERFLOW"})
}

/// Integers outside +-(2^53-1) are written as decimal strings.
pub fn int_json(n: i64) -> Value {
    if (-SAFE..=SAFE).contains(&n) { json!(n) } else { json!(n.to_string()) }
}

/// Readers accept both forms for every integer.
pub fn try_int(v: &Value) -> Option<i64> {
    match v {
        Value::Number(n) => match n.as_i64() {
            Some(i) => Some(i),
            // 100.0 is still a whole number; 100.5 is not
            None => n.as_f64().filter(|f| f.fract() == 0.0 && f.abs() <= SAFE as f64).map(|f| f as i64),
        },
        Value::String(s) => s.parse().ok(),
        _ => None,
    }
}

pub fn int(v: &Value) -> i64 {
    try_int(v).unwrap_or_else(|| panic!("not an integer: {v}"))
}

/// An exact decimal: `digits / 10^places`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Decimal {
    pub digits: i128,
    pub places: u32,
}

impl Decimal {
    /// A number (its shortest decimal form) or a string.
    pub fn read(v: &Value) -> Decimal {
        let text = match v {
            Value::String(s) => s.clone(),
            Value::Number(n) => match n.as_i64() {
                Some(i) => i.to_string(),
                // Rust prints the shortest decimal form, without an exponent
                None => format!("{}", n.as_f64().expect("a finite number")),
            },
            other => panic!("not a decimal: {other}"),
        };
        let (whole, fraction) = match text.split_once('.') {
            Some((w, f)) => (w.to_string(), f.trim_end_matches('0').to_string()),
            None => (text, String::new()),
        };
        Decimal {
            digits: format!("{whole}{fraction}").parse().expect("a decimal number"),
            places: fraction.len() as u32,
        }
    }

    /// Rounded down to the millionth (exact for a legal multiplier).
    pub fn millionths(self) -> i128 {
        (self.digits * MILLION).div_euclid(10i128.pow(self.places))
    }
}

/// A multiplier as integer millionths.
pub fn multiplier(v: &Value) -> i128 {
    Decimal::read(v).millionths()
}

/// Canonical text: shortest, no trailing zeros.
pub fn multiplier_text(millionths: i128) -> String {
    let whole = millionths / MILLION;
    let fraction = format!("{:06}", millionths % MILLION);
    let fraction = fraction.trim_end_matches('0');
    if fraction.is_empty() { whole.to_string() } else { format!("{whole}.{fraction}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn multipliers_are_exact() {
        assert_eq!(multiplier(&json!(1.1)), 1_100_000);
        assert_eq!(multiplier(&json!("1.15")), 1_150_000);
        assert_eq!(multiplier(&json!("0.000001")), 1);
        assert_eq!(multiplier(&json!(2)), 2_000_000);
        assert_eq!(multiplier(&json!(2.0)), 2_000_000);
        assert_eq!(multiplier_text(1_100_000), "1.1");
        assert_eq!(multiplier_text(1_000_000), "1");
        assert_eq!(multiplier_text(0), "0");
        assert_eq!(multiplier_text(1), "0.000001");
        assert_eq!(multiplier_text(57_500_000), "57.5");
    }

    #[test]
    fn big_integers_become_strings() {
        assert_eq!(int_json(9_007_199_254_740_991), json!(9007199254740991i64));
        assert_eq!(int_json(9_007_199_254_740_992), json!("9007199254740992"));
        assert_eq!(int(&json!("-9007199254740992")), -9_007_199_254_740_992);
    }
}
