use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::api::PassiveType;

fn multiplier(text: &str) -> Multiplier {
    text.parse().unwrap()
}

fn settings() -> Modifiers {
    let tier = |days, text| StreakTier { days, multiplier: multiplier(text) };
    Modifiers {
        streak_tiers: vec![tier(7, "1.1"), tier(14, "1.15"), tier(30, "1.25")],
        weekend_multiplier: multiplier("1.1"),
        debuff_multiplier: multiplier("0.9"),
        stacking: Stacking::Sequential,
        max_multiplier: None,
        sources: BTreeMap::new(),
        bonus_order: MODIFIER_ORDER.to_vec(),
        penalty_order: MODIFIER_ORDER.to_vec(),
    }
}

/// A context in words: `streak 14, weekend, season 1.2, flat 5, percent 5, reduction 0.5, dungeon 1.5, debuffed`.
fn context(words: &str) -> AwardContext<'_> {
    let mut context = AwardContext::default();
    let title = |passive_type, value: &str| {
        let passive = CompiledPassive::new(passive_type, value.parse().unwrap()).unwrap();
        Some(TitleBonus { id: "t", passive })
    };
    for word in words.split(", ").filter(|word| !word.is_empty()) {
        let (name, value) = word.split_once(' ').unwrap_or((word, ""));
        match name {
            "streak" => context.current_streak = value.parse().unwrap(),
            "weekend" => context.weekend = true,
            "season" => context.season = Some(("s", multiplier(value))),
            "dungeon" => context.dungeon = Some(("d", multiplier(value))),
            "debuffed" => context.debuffed = true,
            "flat" => context.title = title(PassiveType::FlatXpBonus, value),
            "percent" => context.title = title(PassiveType::PercentXpBonus, value),
            "stat" => context.title = title(PassiveType::StatBonus, value),
            "reduction" => context.title = title(PassiveType::DebuffReduction, value),
            _ => panic!("{word}"),
        }
    }
    context
}

/// An award in words: `final: reason multiplier after | ...`.
fn told(stack: &ModifierStack, base_xp: i32, source: Source, words: &str) -> String {
    let context = context(words);
    let award = match stack.apply(base_xp, source, &context) {
        Ok(award) => award,
        Err(refusal) => return refusal.code().to_owned(),
    };
    assert_eq!(stack.final_xp(base_xp, source, &context), Ok(award.final_xp));
    let steps = award.steps().iter().map(|step| format!("{} {} {}", step.reason, step.multiplier, step.xp_after));
    format!("{}: {}", award.final_xp, steps.collect::<Vec<_>>().join(" | "))
}

fn check(settings: &Modifiers, table: &[(i32, &str, &str)]) {
    let stack = ModifierStack::new(settings);
    for (base_xp, words, expected) in table {
        assert_eq!(told(&stack, *base_xp, Source::QuestCompletion, words), *expected, "{base_xp} {words}");
    }
}

#[test]
fn the_default_stack() {
    assert_eq!(ModifierStack::new(&settings()), ModifierStack::default());
    check(
        &settings(),
        &[
            (100, "", "100: "),
            (100, "streak 6", "100: "),
            (100, "streak 7", "110: streak 7 days 1.1 110"),
            (100, "streak 14", "115: streak 14 days 1.15 115"),
            (100, "streak 29", "115: streak 14 days 1.15 115"),
            (100, "streak 2147483647", "125: streak 30 days 1.25 125"),
            (100, "streak -1", "100: "),
            (100, "weekend", "110: weekend 1.1 110"),
            (100, "debuffed", "90: debuff 0.9 90"),
            (0, "weekend, debuffed", "0: weekend 1.1 0 | debuff 0.9 0"),
            (1, "weekend, debuffed", "0: weekend 1.1 1 | debuff 0.9 0"),
            (
                100,
                "streak 14, weekend, season 1.2, percent 5, dungeon 1.5",
                "237: streak 14 days 1.15 115 | weekend 1.1 126 | season s 1.2 151 | title t 1.05 158 | dungeon d 1.5 237",
            ),
            (
                100,
                "streak 14, weekend, season 1.2, percent 5, dungeon 1.5, debuffed",
                "142: streak 14 days 1.15 115 | weekend 1.1 126 | season s 1.2 151 | title t 1.05 158 | debuff 0.9 142",
            ),
        ],
    );
}

/// A season or a dungeon of a ruleset has no such factor, so there is none to compute with, whether it would apply or not.
#[test]
fn factors_that_a_column_would_change_are_refused() {
    let stack = ModifierStack::default();
    for words in ["season 16.777217", "dungeon 16.777217", "dungeon 16.777217, debuffed", "season 16.000001, weekend"] {
        for (base_xp, source) in
            [(100, Source::QuestCompletion), (-1, Source::QuestCompletion), (1, Source::TitleBonus)]
        {
            assert_eq!(told(&stack, base_xp, source, words), "INVALID_MULTIPLIER", "{words}");
            assert!(stack.final_xp(base_xp, source, &context(words)).is_err());
        }
    }
    check(
        &settings(),
        &[
            (100, "season 16.5", "1650: season s 16.5 1650"),
            (1, "season 16777216", "16777216: season s 16777216 16777216"),
        ],
    );
}

#[test]
fn titles() {
    check(
        &settings(),
        &[
            (100, "flat 5, weekend", "115: title t 1 105 | weekend 1.1 115"),
            (100, "flat 0", "100: "),
            (0, "flat 5", "5: title t 1 5"),
            (100, "percent 0", "100: "),
            (100, "percent -50, weekend", "55: weekend 1.1 110 | title t 0.5 55"),
            (100, "percent -100, debuffed", "0: title t 0 0 | debuff 0.9 0"),
            (100, "stat 5", "100: "),
            (100, "reduction 0.5", "100: "),
            (100, "reduction 0.5, debuffed", "95: debuff 0.95 95"),
            (100, "reduction 50, debuffed", "95: debuff 0.95 95"),
            (100, "reduction 1, debuffed", "100: "),
            // The dungeon's factor is dropped while the debuff is active, even where the debuff makes no step.
            (100, "reduction 1, dungeon 2, debuffed", "100: "),
        ],
    );
}

#[test]
fn factors_of_one_zero_and_below_one() {
    check(
        &settings(),
        &[
            (100, "season 1, dungeon 1", "100: "),
            (100, "season 0, weekend", "0: weekend 1.1 110 | season s 0 0"),
            (
                100,
                "season 0.5, dungeon 0.5, streak 7",
                "27: streak 7 days 1.1 110 | season s 0.5 55 | dungeon d 0.5 27",
            ),
            (100, "dungeon 0.5, debuffed", "90: debuff 0.9 90"),
        ],
    );
    let none = Modifiers { debuff_multiplier: Multiplier::ONE, weekend_multiplier: Multiplier::ONE, ..settings() };
    check(&none, &[(100, "weekend, debuffed", "100: ")]);
    let milder = Modifiers { weekend_multiplier: multiplier("0.5"), debuff_multiplier: multiplier("0"), ..settings() };
    check(
        &milder,
        &[
            (100, "weekend, season 2", "100: season s 2 200 | weekend 0.5 100"),
            (100, "weekend, debuffed", "0: weekend 0.5 50 | debuff 0 0"),
        ],
    );
}

#[test]
fn orders_hold_within_their_group() {
    let reversed: Vec<_> = MODIFIER_ORDER.into_iter().rev().collect();
    let settings = Modifiers { bonus_order: reversed.clone(), penalty_order: reversed, ..settings() };
    check(
        &settings,
        &[
            (10, "streak 14, percent 50", "17: title t 1.5 15 | streak 14 days 1.15 17"),
            (
                100,
                "percent -50, season 0.5, weekend, debuffed",
                "24: weekend 1.1 110 | title t 0.5 55 | season s 0.5 27 | debuff 0.9 24",
            ),
            (100, "flat 1, weekend", "111: title t 1 101 | weekend 1.1 111"),
        ],
    );
    let partly = [ModifierType::DebuffPenalty, ModifierType::SeasonMultiplier, ModifierType::SeasonMultiplier];
    assert_eq!(complete_order(&partly)[0], ModifierType::SeasonMultiplier);
    assert_eq!(complete_order(&partly)[1..3], MODIFIER_ORDER[..2]);
}

#[test]
fn additive() {
    check(
        &Modifiers { stacking: Stacking::Additive, ..settings() },
        &[
            (100, "streak 14, weekend", "125: streak 14 days 1.15 115 | weekend 1.1 125"),
            (100, "flat 5, streak 14, weekend", "131: title t 1 105 | streak 14 days 1.15 120 | weekend 1.1 131"),
            (100, "streak 14, season 0.5, debuffed", "51: streak 14 days 1.15 115 | season s 0.5 57 | debuff 0.9 51"),
            (3, "streak 14, weekend, season 1.1", "4: streak 14 days 1.15 3 | weekend 1.1 3 | season s 1.1 4"),
            (
                0,
                "season 9223372000000, dungeon 9223372000000",
                "0: season s 9223372000000 0 | dungeon d 9223372000000 0",
            ),
            (1, "season 9223372000000, dungeon 9223372000000", "XP_OVERFLOW"),
        ],
    );
}

#[test]
fn highest() {
    check(
        &Modifiers { stacking: Stacking::Highest, ..settings() },
        &[
            (100, "streak 14, weekend", "115: streak 14 days 1.15 115"),
            (100, "streak 7, weekend", "110: streak 7 days 1.1 110"),
            (100, "weekend, percent 10", "110: weekend 1.1 110"),
            (
                100,
                "flat 5, streak 14, weekend, debuffed",
                "108: title t 1 105 | streak 14 days 1.15 120 | debuff 0.9 108",
            ),
            (100, "streak 14, season 0.5", "57: streak 14 days 1.15 115 | season s 0.5 57"),
        ],
    );
}

#[test]
fn the_cap_lowers_final_xp_alone() {
    let capped = Modifiers { max_multiplier: Some(multiplier("1.2")), ..settings() };
    check(
        &capped,
        &[
            (100, "streak 14, weekend", "120: streak 14 days 1.15 115 | weekend 1.1 126"),
            (100, "streak 14", "115: streak 14 days 1.15 115"),
            (3, "flat 10", "3: title t 1 13"),
            (0, "flat 10", "0: title t 1 10"),
            (100, "season 2, debuffed", "120: season s 2 200 | debuff 0.9 180"),
            (2_000_000_000, "season 1.2", "XP_OVERFLOW"),
        ],
    );
    let boundless = Modifiers { max_multiplier: Multiplier::from_millionths(i64::MAX), ..settings() };
    check(&boundless, &[(i32::MAX, "debuffed", "1932735282: debuff 0.9 1932735282")]);
}

#[test]
fn overflow_is_refused_at_every_step() {
    check(
        &settings(),
        &[
            (i32::MAX, "", "2147483647: "),
            (i32::MAX, "flat 1", "XP_OVERFLOW"),
            (i32::MAX, "season 1.000001", "XP_OVERFLOW"),
            (i32::MAX, "weekend, debuffed, season 0", "XP_OVERFLOW"),
            (1_952_257_861, "weekend", "2147483647: weekend 1.1 2147483647"),
            (1_952_257_862, "weekend", "XP_OVERFLOW"),
            (2, "season 9223372000000", "XP_OVERFLOW"),
        ],
    );
}

#[test]
fn sources_take_steps_or_none() {
    let stack = ModifierStack::default();
    let words = "flat 5, streak 14, weekend, debuffed";
    for &source in Source::ALL {
        let earned = matches!(source, Source::QuestCompletion | Source::BossDefeat | Source::DungeonClear);
        assert_eq!(stack.apply(100, source, &context(words)).unwrap().steps().len(), if earned { 4 } else { 0 });
        for base_xp in [-1, -100, i32::MIN] {
            assert_eq!(told(&stack, base_xp, source, words), format!("{base_xp}: "), "{source}");
        }
    }
    let sources = BTreeMap::from([
        (Source::ManualAdjustment, SourcePolicy::Earned),
        (Source::QuestCompletion, SourcePolicy::Granted),
    ]);
    let settings = Modifiers { sources, max_multiplier: Some(Multiplier::ONE), ..settings() };
    let stack = ModifierStack::new(&settings);
    assert_eq!(told(&stack, 100, Source::QuestCompletion, "weekend"), "100: ");
    assert_eq!(told(&stack, 100, Source::ManualAdjustment, "weekend"), "100: weekend 1.1 110");
    assert_eq!(told(&stack, -100, Source::ManualAdjustment, "weekend"), "-100: ");
    assert_eq!(told(&stack, 100, Source::DungeonClear, "dungeon 1.5"), "100: dungeon d 1.5 150");
}

#[test]
fn steps_are_integers_where_floating_point_errs() {
    let stack = ModifierStack::default();
    let context = AwardContext { current_streak: 14, ..AwardContext::default() };
    for base_xp in 0..=2_000 {
        assert_eq!(stack.final_xp(base_xp, Source::QuestCompletion, &context), Ok(base_xp * 115 / 100));
    }
}

fn any_multiplier() -> impl Strategy<Value = Multiplier> {
    prop_oneof![0..3_000_000_i64, Just(1_000_000_i64), 0..20_000_000_i64, 0..i64::MAX]
        .prop_map(|millionths| Multiplier::from_millionths(millionths).unwrap())
}

fn any_stack() -> impl Strategy<Value = ModifierStack> {
    let tiers = proptest::collection::vec((0..50_i32, any_multiplier()), 0..4);
    let stacking = proptest::sample::select(Stacking::ALL);
    let order = Just(MODIFIER_ORDER.to_vec()).prop_shuffle();
    let debuff = (0..=1_000_000_i64).prop_map(|millionths| Multiplier::from_millionths(millionths).unwrap());
    let cap = proptest::option::of(any_multiplier().prop_map(|cap| cap.max(Multiplier::ONE)));
    (tiers, any_multiplier(), debuff, stacking, cap, order.clone(), order).prop_map(
        |(tiers, weekend, debuff, stacking, cap, bonus_order, penalty_order)| {
            ModifierStack::new(&Modifiers {
                streak_tiers: tiers.into_iter().map(|(days, multiplier)| StreakTier { days, multiplier }).collect(),
                weekend_multiplier: weekend,
                debuff_multiplier: debuff,
                stacking,
                max_multiplier: cap,
                sources: BTreeMap::new(),
                bonus_order,
                penalty_order,
            })
        },
    )
}

fn any_context() -> impl Strategy<Value = AwardContext<'static>> {
    let passive = prop_oneof![
        (0..1_000_i32).prop_map(CompiledPassive::Flat),
        any_multiplier().prop_map(CompiledPassive::Percent),
        any::<i32>().prop_map(CompiledPassive::StatBonus),
        (0.01..100.0_f64).prop_map(|r| CompiledPassive::new(PassiveType::DebuffReduction, r).unwrap()),
    ];
    let title = proptest::option::of(passive.prop_map(|passive| TitleBonus { id: "t", passive }));
    // Of the nearest that a season or a dungeon could have.
    let stored = |factor: Multiplier| Multiplier::from_real(factor.to_real()).unwrap_or(Multiplier::ONE);
    let factor = move || proptest::option::of(any_multiplier().prop_map(stored));
    (0..60_i32, any::<bool>(), factor(), title, factor(), any::<bool>()).prop_map(
        |(current_streak, weekend, season, title, dungeon, debuffed)| AwardContext {
            current_streak,
            weekend,
            season: season.map(|multiplier| ("s", multiplier)),
            title,
            dungeon: dungeon.map(|multiplier| ("d", multiplier)),
            debuffed,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn an_award_is_a_chain_within_bounds(
        stack in any_stack(), context in any_context(), base_xp in prop_oneof![0..5_000, any::<i32>()],
    ) {
        let result = stack.apply(base_xp, Source::QuestCompletion, &context);
        prop_assert_eq!(
            stack.final_xp(base_xp, Source::QuestCompletion, &context),
            result.as_ref().map(|award| award.final_xp).map_err(Clone::clone)
        );
        let Ok(award) = result else { return Ok(()) };
        let steps = award.steps();
        let mut xp = base_xp;
        for step in steps {
            prop_assert_eq!(step.xp_before, xp);
            prop_assert!(step.xp_after >= 0);
            let flat = step.multiplier == Multiplier::ONE;
            prop_assert!(!flat || step.modifier == ModifierType::TitlePassive);
            let raises = step.multiplier >= Multiplier::ONE;
            prop_assert_eq!(step.xp_after.max(xp), if raises { step.xp_after } else { xp });
            xp = step.xp_after;
        }
        // Flat and bonuses first, then penalties, the debuff last; no type twice.
        prop_assert!(steps.is_sorted_by_key(|step| step.multiplier < Multiplier::ONE));
        let debuffs = steps.iter().rev().skip(1).filter(|step| step.modifier == ModifierType::DebuffPenalty);
        prop_assert_eq!(debuffs.count(), 0);
        for kind in ModifierType::ALL {
            prop_assert!(steps.iter().filter(|step| step.modifier == *kind).count() <= 1);
        }
        prop_assert!(award.final_xp <= xp && (award.final_xp == xp || stack.cap.is_some()));
        prop_assert!(base_xp >= 0 || (award.final_xp == base_xp && steps.is_empty()));
        prop_assert!(base_xp < 0 || award.final_xp >= 0);
    }

    #[test]
    fn more_base_xp_is_never_a_smaller_award(
        stack in any_stack(), context in any_context(), a in 0..100_000_i32, b in 0..100_000_i32,
    ) {
        let award = |base_xp: i32| stack.final_xp(base_xp, Source::BossDefeat, &context);
        if let (Ok(low), Ok(high)) = (award(a.min(b)), award(a.max(b))) {
            prop_assert!(low <= high);
        }
    }
}
