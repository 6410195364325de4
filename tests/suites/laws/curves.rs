//! Every curve rises, and its two directions are each other's inverse.

use levelkit::curve::CurveSpec;
use levelkit::{Curve, Xp, ruleset};
use levelkit_tests::cases::config;
use proptest::prelude::*;

/// Rising thresholds from gaps between them.
fn table(gaps: Vec<i64>, step: i64, max_level: i32) -> CurveSpec {
    let sums = gaps.into_iter().scan(0_i64, |total, gap| {
        *total = total.saturating_add(gap);
        Some(Xp(*total))
    });
    CurveSpec::Table { thresholds: std::iter::once(Xp(0)).chain(sums).collect(), step, max_level }
}

fn max_level() -> impl Strategy<Value = i32> {
    prop_oneof![4 => Just(CurveSpec::DEFAULT_MAX_LEVEL), 1 => 1..100_i32, 1 => 1..=i32::MAX]
}

fn decimal() -> impl Strategy<Value = String> {
    let whole = prop_oneof![3 => 0..1000_u64, 1 => 0..1_000_000_000_000_u64];
    (whole, 0..1_000_000_u32).prop_map(|(whole, millionths)| format!("{whole}.{millionths:06}"))
}

fn written(text: &str) -> Option<CurveSpec> {
    ruleset::parse_curve(text).ok()
}

/// Curves of every family that a ruleset accepts.
fn curves() -> impl Strategy<Value = Curve> {
    let polynomial = (prop::collection::vec(decimal(), 1..=8), max_level()).prop_map(|(coefficients, max_level)| {
        written(&format!(r#"{{"family":"polynomial","coefficients":{coefficients:?},"max_level":{max_level}}}"#))
    });
    let power = (1..1_000_000_000_i64, 0..=16_i32, 1..20_000_i32).prop_map(|(base, p, max_level)| {
        written(&format!(r#"{{"family":"power","base":{base},"p":{p},"max_level":{max_level}}}"#))
    });
    let geometric = (1..1_000_000_000_i64, 1..4_u32, 0..1_000_000_u32, 1..20_000_i32).prop_map(
        |(first, whole, millionths, max_level)| {
            let ratio = format!("{whole}.{millionths:06}");
            written(&format!(r#"{{"family":"geometric","first":{first},"ratio":"{ratio}","max_level":{max_level}}}"#))
        },
    );
    let gap = prop_oneof![3 => 1..1_000_i64, 1 => 1..=i64::MAX / 64];
    let step = prop_oneof![3 => 1..1_000_i64, 1 => 1..=i64::MAX];
    let table = (prop::collection::vec(gap, 0..40), step, max_level())
        .prop_map(|(gaps, step, max_level)| Some(table(gaps, step, max_level)));
    let spec = prop_oneof![polynomial, power, geometric, table];
    spec.prop_filter_map("a curve that rises", |spec| Curve::new(&spec?).ok())
}

fn totals() -> impl Strategy<Value = i64> {
    prop_oneof![2 => 0..100_000_i64, 2 => any::<i64>(), 1 => Just(i64::MAX), 1 => i64::MAX - 1_000..=i64::MAX]
}

proptest! {
    #![proptest_config(config(600))]

    #[test]
    fn a_level_is_where_its_threshold_says(curve in curves(), level in 1..5_000_i32, near in 1..=i32::MAX) {
        prop_assert_eq!(curve.threshold(1), Some(0));
        let Some(threshold) = curve.threshold(level) else { return Ok(()) };
        prop_assert_eq!(curve.level(threshold), level);
        prop_assert_eq!(curve.level_near(threshold, near), level);
        if level > 1 {
            prop_assert_eq!(curve.level(threshold - 1), level - 1);
        }
    }

    #[test]
    fn a_total_lies_between_its_level_and_the_next(curve in curves(), total in totals(), near in any::<i32>()) {
        let level = curve.level(total);
        prop_assert!((1..=curve.max_level()).contains(&level));
        prop_assert_eq!(curve.level_near(total, near), level);
        prop_assert!(curve.threshold(level).is_some_and(|threshold| threshold <= total.max(0)));
        if let Some(next) = level.checked_add(1).and_then(|next| curve.threshold(next)) {
            prop_assert!(total < next);
        }
    }

    #[test]
    fn more_xp_is_never_a_lower_level(curve in curves(), one in totals(), other in totals()) {
        prop_assert!(curve.level(one.min(other)) <= curve.level(one.max(other)));
    }

    #[test]
    fn thresholds_strictly_rise(curve in curves(), one in 1..10_000_i32, other in 1..10_000_i32) {
        let (low, high) = (one.min(other), one.max(other));
        match (curve.threshold(low), curve.threshold(high)) {
            (Some(below), Some(above)) if low < high => prop_assert!(below < above),
            // Once a level does not exist, none above it does.
            (None, above) => prop_assert_eq!(above, None),
            _ => {}
        }
    }
}
