//! The levelling curve (the rules, section 3).

use super::fields::Fields;
use super::scalar::{at_least, coefficient, int32, integer, one_of};
use super::{Checker, Code, Value, list};
use crate::api::{Coefficient, Xp};
use crate::curve::{Curve, CurveSpec};
use crate::ruleset::error::RulesetError;
use crate::ruleset::reader::{Node, Path, Position};

pub(in crate::ruleset) fn curve(checker: &mut Checker, value: Value<'_>) -> Option<CurveSpec> {
    let curve = spec(checker, value)?;
    let faults = Curve::check(&curve);
    if faults.is_empty() {
        return Some(curve);
    }
    for fault in faults {
        let code = match fault.code {
            "CURVE_NOT_INCREASING" => Code::CurveNotIncreasing,
            _ => Code::OutOfRange,
        };
        let at = position(value.node, &fault.path);
        checker.errors.push(RulesetError::new(joined(value.path, &fault.path), code, at, fault.message));
    }
    None
}

/// Where the field of a path like `thresholds[2]` stands; the curve itself if the path is empty or names a default.
fn position(curve: &Node<'_>, path: &str) -> Position {
    let (field, index) = path.split_once('[').unwrap_or((path, ""));
    let index = index.trim_end_matches(']').parse().ok();
    let Some(field) = curve.get(field) else { return curve.at };
    index.and_then(|index: usize| field.items().get(index)).map_or(field.at, |item| item.at)
}

fn joined(curve: Path<'_>, path: &str) -> String {
    match (curve.to_string(), path) {
        (curve, "") => curve,
        (curve, path) if curve.is_empty() => path.to_owned(),
        (curve, path) => format!("{curve}.{path}"),
    }
}

#[derive(Clone, Copy)]
enum Family {
    Polynomial,
    Power,
    Geometric,
    Table,
}

fn family(checker: &mut Checker, value: Value<'_>) -> Option<Family> {
    let families = ["polynomial", "power", "geometric", "table"];
    one_of(checker, value, "curve family", &families, |word| match word {
        "polynomial" => Some(Family::Polynomial),
        "power" => Some(Family::Power),
        "geometric" => Some(Family::Geometric),
        "table" => Some(Family::Table),
        _ => None,
    })
}

fn spec(checker: &mut Checker, value: Value<'_>) -> Option<CurveSpec> {
    let mut fields = Fields::open(checker, value)?;
    match fields.required("family", family)? {
        Family::Polynomial => polynomial(fields),
        Family::Power => power(fields),
        Family::Geometric => geometric(fields),
        Family::Table => table(fields),
    }
}

fn max_level(fields: &mut Fields<'_, '_>) -> Option<i32> {
    fields.or("max_level", i32::MAX, at_least(1))
}

fn polynomial(mut fields: Fields<'_, '_>) -> Option<CurveSpec> {
    let coefficients = fields.required("coefficients", |checker, value| {
        let coefficients = list(checker, value, coefficient)?;
        if (1..=8).contains(&coefficients.len()) {
            return Some(coefficients);
        }
        let message = format!("{} coefficients; expected 1 to 8", coefficients.len());
        checker.refuse(value, Code::OutOfRange, message)
    });
    let max_level = max_level(&mut fields);
    fields.close()?;
    Some(CurveSpec::Polynomial { coefficients: coefficients?, max_level: max_level? })
}

fn power(mut fields: Fields<'_, '_>) -> Option<CurveSpec> {
    let base = fields.required("base", integer(i64::MIN..=i64::MAX));
    let p = fields.required("p", int32(0..=16));
    let max_level = max_level(&mut fields);
    fields.close()?;
    Some(CurveSpec::Power { base: base?, p: p?, max_level: max_level? })
}

fn geometric(mut fields: Fields<'_, '_>) -> Option<CurveSpec> {
    let first = fields.required("first", integer(i64::MIN..=i64::MAX));
    let ratio = fields.required("ratio", ratio);
    let max_level = max_level(&mut fields);
    fields.close()?;
    Some(CurveSpec::Geometric { first: first?, ratio: ratio?, max_level: max_level? })
}

fn ratio(checker: &mut Checker, value: Value<'_>) -> Option<Coefficient> {
    let ratio = coefficient(checker, value)?;
    if ratio < Coefficient::from_millionths(1_000_000) {
        return checker.refuse(value, Code::OutOfRange, format!("{ratio} is out of range; expected at least 1"));
    }
    Some(ratio)
}

fn table(mut fields: Fields<'_, '_>) -> Option<CurveSpec> {
    let thresholds = fields.required("thresholds", thresholds);
    let step = fields.required("step", integer(1..=i64::MAX));
    let max_level = max_level(&mut fields);
    fields.close()?;
    Some(CurveSpec::Table { thresholds: thresholds?, step: step?, max_level: max_level? })
}

fn thresholds(checker: &mut Checker, value: Value<'_>) -> Option<Vec<Xp>> {
    let mut first = true;
    let thresholds = list(checker, value, |checker, value| {
        // Level 1 costs nothing in every family.
        let range = if std::mem::take(&mut first) { 0..=0 } else { i64::MIN..=i64::MAX };
        integer(range)(checker, value).map(Xp)
    })?;
    if thresholds.is_empty() {
        return checker.refuse(value, Code::OutOfRange, "the list is empty; expected at least the threshold 0".into());
    }
    Some(thresholds)
}
