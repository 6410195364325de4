//! What makes a curve a curve: its numbers in range, its thresholds strictly increasing.

use std::fmt::Display;

use super::costs::{CostTable, MAX_LEVELS};
use super::listed::Listed;
use super::polynomial::{MAX_COEFFICIENTS, Polynomial};
use super::{Curve, CurveSpec, Family};
use crate::api::{Coefficient, Xp};
use crate::ruleset::error::MAX_ERRORS;

/// What is wrong with a curve, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {message}")]
pub struct CurveError {
    /// The field, relative to the curve: `max_level`, `thresholds[2]`, or empty for the curve itself.
    pub path: String,
    /// `CURVE_NOT_INCREASING` or `OUT_OF_RANGE`.
    pub code: &'static str,
    /// What was expected, in words.
    pub message: String,
}

const OUT_OF_RANGE: &str = "OUT_OF_RANGE";
const NOT_INCREASING: &str = "CURVE_NOT_INCREASING";

fn out_of_range(path: &str, expected: &str, given: impl Display) -> CurveError {
    CurveError { path: path.to_owned(), code: OUT_OF_RANGE, message: format!("expected {expected}, not {given}") }
}

fn not_increasing(path: String, message: String) -> CurveError {
    CurveError { path, code: NOT_INCREASING, message }
}

/// The curve, and what is wrong with it. A curve with errors must not be used.
pub(super) fn build(spec: &CurveSpec) -> (Curve, Vec<CurveError>) {
    let mut errors = Vec::new();
    let max_level = spec.max_level();
    if max_level < 1 {
        errors.push(out_of_range("max_level", "1 or more", max_level));
    }
    let family = match spec {
        CurveSpec::Polynomial { coefficients, .. } => polynomial(coefficients, max_level, &mut errors),
        CurveSpec::Power { base, p, .. } => power(*base, *p, max_level, &mut errors),
        CurveSpec::Geometric { first, ratio, .. } => geometric(*first, *ratio, max_level, &mut errors),
        CurveSpec::Table { thresholds, step, .. } => listed(thresholds, *step, &mut errors),
    };
    (Curve { family, max_level: max_level.max(1) }, errors)
}

fn polynomial(coefficients: &[Coefficient], max_level: i32, errors: &mut Vec<CurveError>) -> Family {
    let count = coefficients.len();
    if !(1..=MAX_COEFFICIENTS).contains(&count) {
        errors.push(out_of_range("coefficients", "1 to 8 coefficients", count));
        return Family::Polynomial(Polynomial::default());
    }
    let polynomial = Polynomial::new(coefficients);
    if let Some(level) = polynomial.first_not_increasing(max_level) {
        errors.push(stalls_at(level));
    }
    Family::Polynomial(polynomial)
}

fn stalls_at(level: i32) -> CurveError {
    let before = level.saturating_sub(1);
    not_increasing(String::new(), format!("level {level} must need more XP than level {before}"))
}

fn power(base: i64, p: i32, max_level: i32, errors: &mut Vec<CurveError>) -> Family {
    let exponent = u32::try_from(p).ok().filter(|p| *p <= 16);
    if exponent.is_none() {
        errors.push(out_of_range("p", "0 to 16", p));
    }
    check_first_cost(base, max_level, errors);
    match exponent {
        Some(p) if errors.is_empty() => costs(CostTable::power(base.unsigned_abs(), p, max_level), max_level, errors),
        _ => Family::Costs(CostTable::default()),
    }
}

fn geometric(first: i64, ratio: Coefficient, max_level: i32, errors: &mut Vec<CurveError>) -> Family {
    if ratio.millionths() < 1_000_000 {
        errors.push(out_of_range("ratio", "1 or more", ratio));
    }
    check_first_cost(first, max_level, errors);
    if !errors.is_empty() {
        return Family::Costs(CostTable::default());
    }
    costs(CostTable::geometric(first.unsigned_abs(), ratio.millionths(), max_level), max_level, errors)
}

/// Costs never fall, so they are all at least 1 if the first is; a curve of one level has none.
fn check_first_cost(cost: i64, max_level: i32, errors: &mut Vec<CurveError>) {
    if cost < 1 && max_level > 1 {
        errors.push(stalls_at(2));
    }
}

fn costs(table: CostTable, max_level: i32, errors: &mut Vec<CurveError>) -> Family {
    if max_level > MAX_LEVELS && table.is_longer_than(MAX_LEVELS) {
        let expected = "at most 1000000, since the curve needs more levels than that to reach the largest total";
        errors.push(out_of_range("max_level", expected, max_level));
    }
    Family::Costs(table)
}

fn listed(thresholds: &[Xp], step: i64, errors: &mut Vec<CurveError>) -> Family {
    if step < 1 {
        errors.push(out_of_range("step", "1 or more", step));
    }
    match thresholds.first() {
        None => errors.push(out_of_range("thresholds", "1 or more thresholds", 0)),
        Some(first) if first.0 != 0 => errors.push(out_of_range("thresholds[0]", "0, which is level 1", first)),
        Some(_) => {}
    }
    let stalls = thresholds.windows(2).enumerate().filter(|(_, pair)| pair[1] <= pair[0]);
    // A table is as long as its author likes, but nobody reads a million errors.
    for (i, pair) in stalls.take(MAX_ERRORS.saturating_sub(errors.len())) {
        let message = format!("expected more than {}, not {}", pair[0], pair[1]);
        errors.push(not_increasing(format!("thresholds[{}]", i + 1), message));
    }
    Family::Listed(Listed::new(thresholds, step))
}
