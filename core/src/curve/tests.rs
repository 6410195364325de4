use proptest::prelude::*;

use super::*;
use crate::api::{Coefficient, Xp};

const NONE: i32 = CurveSpec::DEFAULT_MAX_LEVEL;

fn polynomial(coefficients: &[&str], max_level: i32) -> CurveSpec {
    let coefficients = coefficients.iter().map(|text| text.parse().unwrap()).collect();
    CurveSpec::Polynomial { coefficients, max_level }
}

fn geometric(first: i64, ratio: &str, max_level: i32) -> CurveSpec {
    CurveSpec::Geometric { first, ratio: ratio.parse().unwrap(), max_level }
}

fn table(thresholds: &[i64], step: i64, max_level: i32) -> CurveSpec {
    CurveSpec::Table { thresholds: thresholds.iter().copied().map(Xp).collect(), step, max_level }
}

fn power(base: i64, p: i32, max_level: i32) -> CurveSpec {
    CurveSpec::Power { base, p, max_level }
}

fn errors(spec: &CurveSpec) -> Vec<(String, &'static str)> {
    Curve::check(spec).into_iter().map(|error| (error.path, error.code)).collect()
}

#[test]
fn the_rules_own_examples() {
    let cases: [(CurveSpec, &[(i32, i64)]); 4] = [
        (
            CurveSpec::default(),
            &[(1, 0), (2, 280), (3, 592), (4, 1020), (5, 1562), (10, 6000), (30, 52500), (100, 577500)],
        ),
        (power(100, 3, 1_000_000), &[(1, 0), (2, 100), (3, 382), (4, 901), (5, 1701)]),
        (geometric(100, "1.15", NONE), &[(1, 0), (2, 100), (3, 215), (4, 347), (5, 498)]),
        (table(&[0, 100, 250], 300, NONE), &[(1, 0), (2, 100), (3, 250), (4, 550), (5, 850)]),
    ];
    for (spec, thresholds) in cases {
        let curve = Curve::new(&spec).unwrap();
        for &(level, xp) in thresholds {
            assert_eq!(curve.threshold(level), Some(xp), "{spec:?} {level}");
            assert_eq!(curve.level(xp), level, "{spec:?}");
            assert_eq!(curve.level(xp - 1), (level - 1).max(1), "{spec:?}");
        }
        assert_eq!(curve.threshold(0), None);
    }
    assert_eq!(Curve::new(&CurveSpec::default()).unwrap(), Curve::default());
}

#[test]
fn what_is_wrong_is_named() {
    let out = |path: &str| vec![(path.to_owned(), "OUT_OF_RANGE")];
    let flat = |path: &str| vec![(path.to_owned(), "CURVE_NOT_INCREASING")];
    let cases = [
        (polynomial(&[], NONE), out("coefficients")),
        (polynomial(&["1"; 9], NONE), out("coefficients")),
        (polynomial(&["0", "1"], 0), out("max_level")),
        (polynomial(&["0", "0", "0"], NONE), flat("")),
        (polynomial(&["100"], NONE), flat("")),
        (polynomial(&["0", "0.999999"], NONE), flat("")),
        (polynomial(&["0", "0", "0.000001"], NONE), flat("")),
        (polynomial(&["0", "0.999999", "0.000001"], NONE), vec![]),
        (polynomial(&["0", "0.999999"], 1_000_000), vec![]),
        (polynomial(&["0", "0.999999"], 1_000_001), flat("")),
        (polynomial(&["0"], 1), vec![]),
        (polynomial(&["5"], 2), vec![]),
        (polynomial(&["10000000000000000000", "0"], NONE), vec![]),
        (power(0, 3, 100), flat("")),
        (power(-5, 3, 100), flat("")),
        (power(0, 3, 1), vec![]),
        (power(1, 17, 100), out("p")),
        (power(1, -1, 100), out("p")),
        (power(100, 3, NONE), out("max_level")),
        (power(100, 3, 1_000_001), out("max_level")),
        (power(100, 3, 1_000_000), vec![]),
        (power(100, 16, NONE), vec![]),
        (geometric(100, "0.999999", 100), out("ratio")),
        (geometric(100, "1", NONE), out("max_level")),
        (geometric(0, "1.5", 100), flat("")),
        (geometric(100, "1.15", NONE), vec![]),
        (geometric(1, "340282366920938463463374607431768", NONE), vec![]),
        (table(&[], 1, NONE), out("thresholds")),
        (table(&[5, 6], 1, NONE), out("thresholds[0]")),
        (table(&[0, 5, 5, 4], 1, NONE), [flat("thresholds[2]"), flat("thresholds[3]")].concat()),
        (table(&[0], 0, 0), [out("max_level"), out("step")].concat()),
    ];
    assert_eq!(errors(&table(&[0; 20_000], 0, 0)).len(), 10_000, "nobody reads more");
    for (spec, expected) in cases {
        assert_eq!(errors(&spec), expected, "{spec:?}");
        assert_eq!(Curve::new(&spec).is_ok(), expected.is_empty());
    }
}

#[test]
fn a_curve_may_have_exactly_a_million_levels() {
    // threshold(1,000,000) = 999,999 * cost fits, threshold(1,000,001) does not.
    let cost = i64::MAX / 1_000_000 + 1;
    let curve = Curve::new(&geometric(cost, "1", NONE)).unwrap();
    assert_eq!(curve.threshold(1_000_000), Some(cost * 999_999));
    assert_eq!(curve.threshold(1_000_001), None);
    assert_eq!(curve.level(i64::MAX), 1_000_000);
    assert_eq!(errors(&geometric(cost - 1, "1", NONE)), [("max_level".to_owned(), "OUT_OF_RANGE")]);
}

#[test]
fn thresholds_beyond_i64_do_not_exist() {
    let curve = Curve::new(&polynomial(&["0", "0", "0", "0", "0", "0", "0", "1"], NONE)).unwrap();
    assert_eq!((curve.threshold(511), curve.threshold(512)), (Some(511_i64.pow(7)), None), "512^7 is 2^63");
    assert_eq!(curve.level(i64::MAX), 511);
    assert_eq!(curve.threshold(NONE), None);
    let curve = Curve::new(&polynomial(&["9223372036854775808"], NONE)).unwrap();
    assert_eq!((curve.threshold(2), curve.level(i64::MAX)), (None, 1));
    let curve = Curve::new(&table(&[0, i64::MAX - 1], i64::MAX, NONE)).unwrap();
    assert_eq!((curve.threshold(3), curve.level(i64::MAX)), (None, 2));
}

#[test]
fn the_highest_level_holds() {
    for spec in [
        polynomial(&["0", "1"], 5),
        power(1, 0, 5),
        geometric(1, "1", 5),
        table(&[0, 1, 2, 3, 4, 5, 6, 7], 1, 5),
        table(&[0], 1, 5),
    ] {
        let curve = Curve::new(&spec).unwrap();
        assert_eq!((curve.max_level(), curve.level(i64::MAX), curve.threshold(6)), (5, 5, None), "{spec:?}");
        assert!(curve.threshold(5).is_some());
        assert_eq!(curve.level(i64::MIN), 1);
    }
    let linear = Curve::new(&polynomial(&["0", "1"], NONE)).unwrap();
    assert_eq!(linear.level(i64::MAX), i32::MAX);
    assert_eq!(Curve::new(&table(&[0], 1, NONE)).unwrap().level(i64::MAX), i32::MAX);
}

fn any_curve() -> impl Strategy<Value = Curve> {
    let coefficient = prop_oneof![Just(0), 0..2_000_000_u128, 0..1_000_000_000_u128, 0..1_u128 << 64, any::<u128>()];
    let max_level = prop_oneof![Just(NONE), 1..3_000_i32];
    let spec = prop_oneof![
        (proptest::collection::vec(coefficient, 1..9), max_level.clone()).prop_map(|(millionths, max_level)| {
            let coefficients = millionths.into_iter().map(Coefficient::from_millionths).collect();
            CurveSpec::Polynomial { coefficients, max_level }
        }),
        (1..i64::MAX, 0..17, 1..3_000).prop_map(|(base, p, max_level)| power(base, p, max_level)),
        (1..5_000_i64, 0..17, 1..3_000).prop_map(|(base, p, max_level)| power(base, p, max_level)),
        (1..100_000_i64, 1_000_000..3_000_000_u128, 1..3_000).prop_map(|(first, ratio, max_level)| {
            CurveSpec::Geometric { first, ratio: Coefficient::from_millionths(ratio), max_level }
        }),
        (proptest::collection::btree_set(1..i64::MAX, 0..9), 1..i64::MAX, max_level).prop_map(
            |(set, step, max_level)| {
                let thresholds: Vec<_> = std::iter::once(0).chain(set).collect();
                table(&thresholds, step, max_level)
            }
        ),
    ];
    spec.prop_filter_map("not increasing", |spec| Curve::new(&spec).ok())
}

fn any_total() -> impl Strategy<Value = i64> {
    prop_oneof![0..100_i64, 0..10_000_000_i64, 0..i64::MAX, Just(i64::MAX), any::<i64>()]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// level is the inverse of threshold: the level's threshold is reached, the next one's is not.
    #[test]
    fn level_inverts_threshold(curve in any_curve(), total in any_total()) {
        let level = curve.level(total);
        prop_assert!((1..=curve.max_level()).contains(&level));
        prop_assert!(level == 1 || curve.threshold(level).unwrap() <= total);
        if let Some(next) = level.checked_add(1).and_then(|next| curve.threshold(next)) {
            prop_assert!(total < next);
        }
    }

    #[test]
    fn every_threshold_is_its_level(curve in any_curve(), level in prop_oneof![1..40_i32, 1..4_000_i32, 1..=i32::MAX]) {
        match curve.threshold(level) {
            Some(xp) => {
                prop_assert_eq!(curve.level(xp), level);
                prop_assert_eq!(curve.level(xp - 1), (level - 1).max(1));
            }
            None => prop_assert!(curve.level(i64::MAX) < level),
        }
    }

    #[test]
    fn more_xp_is_never_a_lower_level(curve in any_curve(), a in any_total(), b in any_total()) {
        prop_assert!(curve.level(a.min(b)) <= curve.level(a.max(b)));
    }

    #[test]
    fn the_start_of_a_search_does_not_matter(curve in any_curve(), total in any_total(), start: i32) {
        prop_assert_eq!(curve.level_near(total, start), curve.level(total));
    }

    #[test]
    fn nothing_panics_whatever_the_numbers(
        millionths in proptest::collection::vec(prop_oneof![0..2_000_000_u128, any::<u128>()], 0..10),
        (first, p, ratio) in any::<(i64, i32, u128)>(),
        (max_level, total) in any::<(i32, i64)>(),
    ) {
        let coefficients = millionths.into_iter().map(Coefficient::from_millionths).collect();
        let max_level = max_level % 2_000;
        for spec in [
            CurveSpec::Polynomial { coefficients, max_level },
            power(first, p % 20, max_level),
            CurveSpec::Geometric { first, ratio: Coefficient::from_millionths(ratio), max_level },
            table(&[0, first, total], first, max_level),
        ] {
            if let Ok(curve) = Curve::new(&spec) {
                curve.level(total);
            }
        }
    }
}
