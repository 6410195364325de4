//! Awards: never negative, never above the cap, and each step begins where the one before it ended.

use levelkit::modifier::{AwardContext, CompiledPassive, TitleBonus};
use levelkit::ruleset::document::Modifiers;
use levelkit::{ModifierStack, Multiplier, PassiveType, Source, ruleset};
use levelkit_tests::cases::config;
use levelkit_tests::model::modifiers as model;
use levelkit_tests::model::numbers::Decimal;
use proptest::prelude::*;
use serde_json::{Value, json};

/// A legal multiplier, as text.
fn multiplier() -> impl Strategy<Value = String> {
    let near_one =
        (0..3_000_000_u32).prop_map(|millionths| format!("{}.{:06}", millionths / 1_000_000, millionths % 1_000_000));
    let text =
        prop_oneof![6 => near_one, 1 => Just("0".to_owned()), 1 => (0..16_u32).prop_map(|whole| whole.to_string())];
    text.prop_filter("a factor that a `real` column keeps", |text| text.parse::<Multiplier>().unwrap().survives_real())
}

fn at_most_one() -> impl Strategy<Value = String> {
    multiplier().prop_filter("a penalty", |text| text.parse::<Multiplier>().unwrap() <= Multiplier::ONE)
}

fn at_least_one() -> impl Strategy<Value = String> {
    multiplier().prop_filter("a cap", |text| text.parse::<Multiplier>().unwrap() >= Multiplier::ONE)
}

/// A ruleset's `modifiers`.
fn documents() -> impl Strategy<Value = Value> {
    let order = || Just(model::BONUS_TYPES.to_vec()).prop_shuffle();
    let tiers = prop::collection::btree_map(1..60_i32, multiplier(), 0..4);
    let cap = prop::option::of(at_least_one());
    let policy = || prop_oneof![Just("EARNED"), Just("GRANTED")];
    let sources = prop::collection::btree_map(source().prop_map(Source::as_str), policy(), 0..4);
    let stacking = prop_oneof![Just("SEQUENTIAL"), Just("ADDITIVE"), Just("HIGHEST")];
    (tiers, multiplier(), at_most_one(), stacking, cap, sources, order(), order()).prop_map(
        |(tiers, weekend, debuff, stacking, cap, sources, bonus_order, penalty_order)| {
            let tiers: Vec<_> =
                tiers.iter().map(|(days, factor)| json!({"days": days, "multiplier": factor})).collect();
            json!({
                "streak_tiers": tiers, "weekend_multiplier": weekend, "debuff_multiplier": debuff,
                "stacking": stacking, "max_multiplier": cap, "sources": sources,
                "bonus_order": bonus_order, "penalty_order": penalty_order,
            })
        },
    )
}

/// What a title's passive may be: type and value.
fn passives() -> impl Strategy<Value = (PassiveType, f64)> {
    prop_oneof![
        (0..1_000_000_u32).prop_map(|value| (PassiveType::FlatXpBonus, f64::from(value))),
        Just((PassiveType::FlatXpBonus, 16_777_216.0)),
        (-100_000..200_000_i32).prop_map(|value| (PassiveType::PercentXpBonus, f64::from(value) / 1_000.0)),
        (1..=100_000_u32).prop_map(|value| (PassiveType::DebuffReduction, f64::from(value) / 1_000.0)),
        (-50..50_i32).prop_map(|value| (PassiveType::StatBonus, f64::from(value))),
    ]
}

/// What an award depends on, in owned form.
#[derive(Clone, Debug)]
struct Situation {
    current_streak: i32,
    weekend: bool,
    debuffed: bool,
    season: Option<String>,
    dungeon: Option<String>,
    title: Option<(PassiveType, f64)>,
}

fn situations() -> impl Strategy<Value = Situation> {
    let factor = || prop::option::of(multiplier());
    let streak = prop_oneof![4 => 0..80_i32, 1 => Just(i32::MAX)];
    (streak, any::<bool>(), any::<bool>(), factor(), factor(), prop::option::of(passives())).prop_map(
        |(current_streak, weekend, debuffed, season, dungeon, title)| Situation {
            current_streak,
            weekend,
            debuffed,
            season,
            dungeon,
            title,
        },
    )
}

impl Situation {
    fn context(&self) -> Option<AwardContext<'_>> {
        let factor = |text: &Option<String>| text.as_ref().map(|text| text.parse::<Multiplier>().unwrap());
        let title = match self.title {
            None => None,
            // Some percentages make no legal multiplier.
            Some((kind, value)) => Some(TitleBonus { id: "t", passive: CompiledPassive::new(kind, value).ok()? }),
        };
        Some(AwardContext {
            current_streak: self.current_streak,
            weekend: self.weekend,
            season: factor(&self.season).map(|factor| ("s", factor)),
            title,
            dungeon: factor(&self.dungeon).map(|factor| ("d", factor)),
            debuffed: self.debuffed,
        })
    }

    fn for_the_model(&self) -> model::Context {
        let factor = |id: &str, text: &Option<String>| {
            text.as_ref().map(|text| (id.to_owned(), levelkit_tests::model::numbers::multiplier(&json!(text))))
        };
        model::Context {
            current_streak: self.current_streak.into(),
            weekend: self.weekend,
            season: factor("s", &self.season),
            title: self.title.map(|(kind, value)| ("t".to_owned(), kind.to_string(), Decimal::read(&json!(value)))),
            dungeon: factor("d", &self.dungeon),
            debuffed: self.debuffed,
        }
    }
}

fn source() -> impl Strategy<Value = Source> {
    prop::sample::select(Source::ALL)
}

fn amounts() -> impl Strategy<Value = i32> {
    prop_oneof![4 => 0..10_000_i32, 2 => any::<i32>(), 1 => Just(i32::MAX), 1 => Just(i32::MIN), 1 => Just(0)]
}

fn read(document: &Value) -> Modifiers {
    ruleset::parse_modifiers(document.to_string()).unwrap()
}

proptest! {
    #![proptest_config(config(2_000))]

    #[test]
    fn awards_stay_within_their_bounds(
        document in documents(), situation in situations(), base in amounts(), source in source(),
    ) {
        let modifiers = read(&document);
        let Some(context) = situation.context() else { return Ok(()) };
        let stack = ModifierStack::new(&modifiers);
        let applied = stack.apply(base, source, &context);
        prop_assert_eq!(applied.as_ref().map(|award| award.final_xp).ok(), stack.final_xp(base, source, &context).ok());
        let Ok(award) = applied else {
            prop_assert!(base > 0 || situation.title.is_some(), "nothing to overflow");
            return Ok(());
        };
        prop_assert_eq!(award.base_xp, base);
        let granted = modifiers.sources[&source] == levelkit::SourcePolicy::Granted;
        if base < 0 || granted {
            prop_assert_eq!((award.final_xp, award.steps().len()), (base, 0));
            return Ok(());
        }
        prop_assert!(award.final_xp >= 0);
        let end = award.steps().iter().try_fold(base, |xp, step| (step.xp_before == xp).then_some(step.xp_after));
        prop_assert!(end.is_some_and(|end| award.final_xp <= end), "the steps do not follow from each other");
        match modifiers.max_multiplier {
            Some(cap) => {
                let most = i128::from(base) * i128::from(cap.millionths()) / 1_000_000;
                prop_assert_eq!(i128::from(award.final_xp), most.min(end.unwrap().into()));
            }
            None => prop_assert_eq!(Some(award.final_xp), end),
        }
        for step in award.steps() {
            prop_assert_eq!(step.xp_after > step.xp_before && step.multiplier < Multiplier::ONE, false);
            prop_assert_eq!(step.xp_after < step.xp_before && step.multiplier > Multiplier::ONE, false);
        }
    }

    #[test]
    fn awards_are_the_models(
        document in documents(), situation in situations(), base in amounts(), source in source(),
    ) {
        let stack = ModifierStack::new(&read(&document));
        let Some(context) = situation.context() else { return Ok(()) };
        let expected = model::award(&model::Modifiers::new(&document), base.into(), source.as_str(), &situation.for_the_model());
        let found = match stack.apply(base, source, &context) {
            Ok(award) => {
                let steps = award.steps().iter().map(|step| model::Step {
                    kind: step.modifier.to_string(),
                    multiplier: step.multiplier.millionths().into(),
                    reason: step.reason.to_string(),
                    xp_before: step.xp_before.into(),
                    xp_after: step.xp_after.into(),
                });
                Some((i64::from(award.final_xp), steps.collect()))
            }
            Err(refusal) => {
                prop_assert_eq!(refusal.code(), "XP_OVERFLOW");
                None
            }
        };
        prop_assert_eq!(found, expected);
    }
}
