//! The levelling curve (the rules, section 3).

use super::fields::Fields;
use super::scalar::{at_least, coefficient, int32, integer, one_of};
use super::{Checker, Code, Value, list};
use crate::api::{Coefficient, Xp};
use crate::curve::{Curve, CurveError, CurveSpec};
use crate::ruleset::reader::Kind;

pub(in crate::ruleset) fn curve(checker: &mut Checker, value: Value<'_>) -> Option<CurveSpec> {
    let mut fields = Fields::open(checker, value)?;
    let family = fields.required("family", family)?;
    let spec = match family {
        Family::Polynomial => polynomial(&mut fields),
        Family::Power => power(&mut fields),
        Family::Geometric => geometric(&mut fields),
        Family::Table => table(&mut fields),
    };
    fields.close()?;
    spec
}

/// Looks at a curve whose parts are right: its fields may not go together.
fn checked(fields: &mut Fields<'_, '_>, spec: CurveSpec) -> Option<CurveSpec> {
    let faults = Curve::check(&spec);
    let sound = faults.is_empty();
    for CurveError { path, code, message } in faults {
        match code {
            "CURVE_NOT_INCREASING" => fields.refuse_all::<()>(Code::CurveNotIncreasing, message),
            _ => fields.refuse(&path, Code::OutOfRange, message),
        };
    }
    sound.then_some(spec)
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

fn max_level(fields: &mut Fields<'_, '_>) -> Option<i32> {
    fields.or("max_level", i32::MAX, at_least(1))
}

fn polynomial(fields: &mut Fields<'_, '_>) -> Option<CurveSpec> {
    let coefficients = fields.required("coefficients", coefficients);
    let max_level = max_level(fields);
    checked(fields, CurveSpec::Polynomial { coefficients: coefficients?, max_level: max_level? })
}

/// One to eight; how many there are is judged whatever they are.
fn coefficients(checker: &mut Checker, value: Value<'_>) -> Option<Vec<Coefficient>> {
    let count = match &value.node.kind {
        Kind::List(items) if !(1..=8).contains(&items.len()) => {
            let message = format!("{} coefficients; expected 1 to 8", items.len());
            checker.refuse(value, Code::OutOfRange, message)
        }
        _ => Some(()),
    };
    let coefficients = list(checker, value, coefficient);
    count?;
    coefficients
}

fn power(fields: &mut Fields<'_, '_>) -> Option<CurveSpec> {
    let base = fields.required("base", integer(i64::MIN..=i64::MAX));
    let p = fields.required("p", int32(0..=16));
    let max_level = max_level(fields);
    checked(fields, CurveSpec::Power { base: base?, p: p?, max_level: max_level? })
}

fn geometric(fields: &mut Fields<'_, '_>) -> Option<CurveSpec> {
    let first = fields.required("first", integer(i64::MIN..=i64::MAX));
    let ratio = fields.required("ratio", ratio);
    let max_level = max_level(fields);
    checked(fields, CurveSpec::Geometric { first: first?, ratio: ratio?, max_level: max_level? })
}

fn ratio(checker: &mut Checker, value: Value<'_>) -> Option<Coefficient> {
    let ratio = coefficient(checker, value)?;
    if ratio < Coefficient::from_millionths(1_000_000) {
        return checker.refuse(value, Code::OutOfRange, format!("{ratio} is out of range; expected at least 1"));
    }
    Some(ratio)
}

fn table(fields: &mut Fields<'_, '_>) -> Option<CurveSpec> {
    let thresholds = fields.required("thresholds", thresholds);
    let step = fields.required("step", integer(1..=i64::MAX));
    let max_level = max_level(fields);
    Some(CurveSpec::Table { thresholds: thresholds?, step: step?, max_level: max_level? })
}

/// Each more than the last one before it that can be read.
fn thresholds(checker: &mut Checker, value: Value<'_>) -> Option<Vec<Xp>> {
    let mut last = None;
    let thresholds = list(checker, value, |checker, value| {
        let threshold = integer(i64::MIN..=i64::MAX)(checker, value)?;
        // Level 1 costs nothing in every family.
        if value.path.last_index() == 0 && threshold != 0 {
            let message = format!("{threshold} is out of range; expected 0, which is level 1");
            return checker.refuse(value, Code::OutOfRange, message);
        }
        match last.replace(threshold).filter(|last| threshold <= *last) {
            Some(last) => {
                let message = format!("expected more than {last}, not {threshold}");
                checker.refuse(value, Code::CurveNotIncreasing, message)
            }
            None => Some(Xp(threshold)),
        }
    })?;
    if thresholds.is_empty() {
        return checker.refuse(value, Code::OutOfRange, "the list is empty; expected at least the threshold 0".into());
    }
    Some(thresholds)
}
