//! What is written is read back the same: players, commands, events, refusals, at the edges of every number.

use levelkit::{
    Command, CountedEvent, Day, Event, GrantSource, IdKind, Instant, MetricKind, MetricValue, Metrics, ModifierType,
    Multiplier, Player, Refusal, Source, Stat, Step, Xp,
};
use levelkit_tests::cases::config;
use levelkit_tests::compare::{Played, read};
use proptest::prelude::*;
use proptest::sample::select;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{scenarios, steps};

/// Through a text, and through a tree of values as bindings have it.
fn comes_back<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(value: &T) -> Result<(), TestCaseError> {
    let text = serde_json::to_string(value).unwrap();
    let read: T = serde_json::from_str(&text).map_err(|error| TestCaseError::fail(format!("{text}: {error}")))?;
    prop_assert_eq!(&read, value);
    let tree = serde_json::to_value(value).unwrap();
    let read: T = serde_json::from_value(tree).map_err(|error| TestCaseError::fail(format!("{text}: {error}")))?;
    prop_assert_eq!(&read, value);
    Ok(())
}

fn xp() -> impl Strategy<Value = Xp> {
    let safe = 1_i64 << 53;
    let edges = select(vec![0, 1, -1, i64::MAX, i64::MIN, safe, safe - 1, safe + 1, -safe, 1 - safe, -safe - 1]);
    prop_oneof![edges, any::<i64>()].prop_map(Xp)
}

fn instant() -> impl Strategy<Value = Instant> {
    let any = (Instant::MIN.micros()..=Instant::MAX.micros()).prop_map(|micros| Instant::from_micros(micros).unwrap());
    prop_oneof![1 => Just(Instant::MIN), 1 => Just(Instant::MAX), 8 => any]
}

fn day() -> impl Strategy<Value = Day> {
    let any = (Day::MIN.number()..=Day::MAX.number()).prop_map(|number| Day::from_number(number).unwrap());
    prop_oneof![1 => Just(Day::MIN), 1 => Just(Day::MAX), 8 => any]
}

fn int() -> impl Strategy<Value = i32> {
    prop_oneof![1 => Just(i32::MIN), 1 => Just(i32::MAX), 8 => any::<i32>()]
}

fn text() -> impl Strategy<Value = String> {
    any::<String>()
}

fn number() -> impl Strategy<Value = f64> {
    prop_oneof![
        8 => any::<f64>().prop_filter("a finite number", |number| number.is_finite()),
        1 => select(vec![0.0, -0.0, f64::MAX, f64::MIN, f64::MIN_POSITIVE, f64::EPSILON, 9_007_199_254_740_993.0, 0.1]),
    ]
}

fn metrics() -> impl Strategy<Value = Metrics> {
    let value = prop_oneof![any::<bool>().prop_map(MetricValue::Boolean), number().prop_map(MetricValue::Number)];
    prop::collection::btree_map(text(), value, 0..5).prop_map(Metrics)
}

fn commands() -> impl Strategy<Value = Command> {
    let grant = select(vec![GrantSource::StreakBonus, GrantSource::SeasonBonus, GrantSource::TitleBonus]);
    prop_oneof![
        (prop::option::of(day()), prop::option::of(instant()), metrics(), prop::collection::vec(text(), 0..3))
            .prop_map(|(day, observed_at, metrics, specials)| Command::Report { day, observed_at, metrics, specials }),
        Just(Command::Advance {}),
        text().prop_map(|boss| Command::StartBoss { boss }),
        Just(Command::AbandonBoss {}),
        text().prop_map(|dungeon| Command::EnterDungeon { dungeon }),
        (prop::option::of(instant()), metrics())
            .prop_map(|(observed_at, metrics)| Command::ReportDungeon { observed_at, metrics }),
        Just(Command::ForfeitDungeon {}),
        prop::option::of(text()).prop_map(|title| Command::EquipTitle { title }),
        (text(), xp(), text()).prop_map(|(id, amount, reason)| Command::AdjustXp { id, amount, reason }),
        text().prop_map(|timezone| Command::SetTimezone { timezone }),
        text().prop_map(|season| Command::JoinSeason { season }),
        (text(), grant, xp(), prop::option::of(text()), text()).prop_map(|(id, source, amount, source_id, reason)| {
            Command::GrantXp { id, source, amount, source_id, reason }
        }),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let multiplier = (0..=i64::MAX).prop_map(|millionths| Multiplier::from_millionths(millionths).unwrap());
    (int(), select(ModifierType::ALL), multiplier, text(), int(), int()).prop_map(
        |(order, modifier, multiplier, reason, xp_before, xp_after)| Step {
            order,
            modifier,
            multiplier,
            reason,
            xp_before,
            xp_after,
        },
    )
}

fn events() -> impl Strategy<Value = Event> {
    let quest = || (text(), day());
    let fight = || (text(), int());
    prop_oneof![
        (day(), int()).prop_map(|(day, core_total)| Event::DayOpened { day, core_total }),
        quest().prop_map(|(quest, day)| Event::QuestCompleted { quest, day }),
        quest().prop_map(|(quest, day)| Event::QuestFailed { quest, day }),
        quest().prop_map(|(quest, day)| Event::QuestExpired { quest, day }),
        (quest(), int()).prop_map(|((quest, day), xp)| Event::PartialReward { quest, day, xp }),
        (select(Source::ALL), int(), int(), xp(), xp(), prop::collection::vec(step(), 0..3)).prop_map(
            |(source, base_xp, final_xp, total_xp_before, total_xp_after, steps)| Event::XpAwarded {
                source,
                base_xp,
                final_xp,
                total_xp_before,
                total_xp_after,
                steps,
            }
        ),
        (int(), int()).prop_map(|(level_before, level_after)| Event::LevelUp { level_before, level_after }),
        (int(), int()).prop_map(|(level_before, level_after)| Event::LevelDown { level_before, level_after }),
        (select(Stat::ALL), int()).prop_map(|(stat, value)| Event::StatRaised { stat, value }),
        (day(), int(), int(), int(), any::<bool>(), any::<bool>()).prop_map(
            |(day, core_completed, core_total, missed, all_completed, debuff_triggered)| Event::DayClosed {
                day,
                core_completed,
                core_total,
                missed,
                all_completed,
                debuff_triggered,
            }
        ),
        int().prop_map(|current_streak| Event::StreakExtended { current_streak }),
        int().prop_map(|previous_streak| Event::StreakBroken { previous_streak }),
        instant().prop_map(|until| Event::DebuffStarted { until }),
        text().prop_map(|title| Event::TitleEarned { title }),
        text().prop_map(|title| Event::TitleRevoked { title }),
        prop::option::of(text()).prop_map(|title| Event::TitleEquipped { title }),
        fight().prop_map(|(boss, phase)| Event::BossStarted { boss, phase }),
        fight().prop_map(|(boss, phase)| Event::BossPhaseCleared { boss, phase }),
        fight().prop_map(|(boss, phase)| Event::BossPhaseRestarted { boss, phase }),
        fight().prop_map(|(boss, phase)| Event::BossVictory { boss, phase }),
        fight().prop_map(|(boss, phase)| Event::BossLost { boss, phase }),
        fight().prop_map(|(boss, phase)| Event::BossAbandoned { boss, phase }),
        text().prop_map(|dungeon| Event::DungeonEntered { dungeon }),
        text().prop_map(|dungeon| Event::DungeonCleared { dungeon }),
        text().prop_map(|dungeon| Event::DungeonFailed { dungeon }),
        text().prop_map(|dungeon| Event::DungeonTimedOut { dungeon }),
        text().prop_map(|season| Event::SeasonJoined { season }),
    ]
}

fn refusals() -> impl Strategy<Value = Refusal> {
    let multiplier = (0..=i64::MAX).prop_map(|millionths| Multiplier::from_millionths(millionths).unwrap());
    let kinds = vec![
        IdKind::Player,
        IdKind::Boss,
        IdKind::Dungeon,
        IdKind::Title,
        IdKind::Season,
        IdKind::Quest,
        IdKind::Ruleset,
    ];
    prop_oneof![
        (instant(), instant()).prop_map(|(at, last_at)| Refusal::TimeBackwards { at, last_at }),
        (instant(), instant(), instant()).prop_map(|(observed_at, earliest, latest)| Refusal::InvalidInstant {
            observed_at,
            earliest,
            latest
        }),
        (day(), day(), day()).prop_map(|(day, first_day, open_day)| Refusal::InvalidDay { day, first_day, open_day }),
        day().prop_map(|day| Refusal::DayClosed { day }),
        (text(), text()).prop_map(|(metric, expected)| Refusal::InvalidMetric { metric, expected }),
        (text(), select(MetricKind::ALL)).prop_map(|(metric, expected)| Refusal::MetricKind { metric, expected }),
        text().prop_map(|field| Refusal::InvalidText { field }),
        (text(), text()).prop_map(|(field, expected)| Refusal::OutOfRange { field, expected }),
        (text(), multiplier).prop_map(|(field, multiplier)| Refusal::InvalidMultiplier { field, multiplier }),
        text().prop_map(|timezone| Refusal::InvalidTimezone { timezone }),
        text().prop_map(|quantity| Refusal::XpOverflow { quantity }),
        (select(kinds), text()).prop_map(|(kind, id)| Refusal::UnknownId { kind, id }),
        text().prop_map(|id| Refusal::IdConflict { id }),
        (int(), int()).prop_map(|(needed, level)| Refusal::LevelTooLow { needed, level }),
        (text(), number()).prop_map(|(dungeon, fraction)| Refusal::RequirementNotMet { dungeon, fraction }),
        text().prop_map(|season| Refusal::SeasonInactive { season }),
        text().prop_map(|boss| Refusal::BossInProgress { boss }),
        Just(Refusal::BossNotInProgress),
        text().prop_map(|dungeon| Refusal::DungeonInProgress { dungeon }),
        Just(Refusal::DungeonNotInProgress),
        (text(), instant()).prop_map(|(dungeon, until)| Refusal::DungeonCooldown { dungeon, until }),
        text().prop_map(|title| Refusal::TitleNotHeld { title }),
    ]
}

/// A variant that is missing here does not compile: then it is missing above too.
fn is_listed(command: &Command, event: &Event, refusal: &Refusal) {
    match command {
        Command::Report { .. } | Command::Advance {} | Command::StartBoss { .. } | Command::AbandonBoss {} => {}
        Command::EnterDungeon { .. } | Command::ReportDungeon { .. } | Command::ForfeitDungeon {} => {}
        Command::EquipTitle { .. } | Command::AdjustXp { .. } | Command::SetTimezone { .. } => {}
        Command::JoinSeason { .. } | Command::GrantXp { .. } => {}
    }
    match event {
        Event::DayOpened { .. } | Event::QuestCompleted { .. } | Event::QuestFailed { .. } => {}
        Event::QuestExpired { .. } | Event::PartialReward { .. } | Event::XpAwarded { .. } | Event::LevelUp { .. } => {}
        Event::LevelDown { .. } | Event::StatRaised { .. } | Event::DayClosed { .. } | Event::StreakExtended { .. } => {
        }
        Event::StreakBroken { .. } | Event::DebuffStarted { .. } | Event::TitleEarned { .. } => {}
        Event::TitleRevoked { .. } | Event::TitleEquipped { .. } | Event::BossStarted { .. } => {}
        Event::BossPhaseCleared { .. } | Event::BossPhaseRestarted { .. } | Event::BossVictory { .. } => {}
        Event::BossLost { .. } | Event::BossAbandoned { .. } | Event::DungeonEntered { .. } => {}
        Event::DungeonCleared { .. } | Event::DungeonFailed { .. } | Event::DungeonTimedOut { .. } => {}
        Event::SeasonJoined { .. } => {}
    }
    match refusal {
        Refusal::TimeBackwards { .. } | Refusal::InvalidInstant { .. } | Refusal::InvalidDay { .. } => {}
        Refusal::DayClosed { .. } | Refusal::InvalidMetric { .. } | Refusal::MetricKind { .. } => {}
        Refusal::InvalidText { .. } | Refusal::OutOfRange { .. } | Refusal::InvalidTimezone { .. } => {}
        Refusal::InvalidMultiplier { .. } => {}
        Refusal::XpOverflow { .. } | Refusal::UnknownId { .. } | Refusal::IdConflict { .. } => {}
        Refusal::LevelTooLow { .. } | Refusal::RequirementNotMet { .. } | Refusal::SeasonInactive { .. } => {}
        Refusal::BossInProgress { .. } | Refusal::BossNotInProgress | Refusal::DungeonInProgress { .. } => {}
        Refusal::DungeonNotInProgress | Refusal::DungeonCooldown { .. } | Refusal::TitleNotHeld { .. } => {}
    }
}

proptest! {
    #![proptest_config(config(1_000))]

    #[test]
    fn commands_events_and_refusals_come_back(command in commands(), event in events(), refusal in refusals()) {
        is_listed(&command, &event, &refusal);
        comes_back(&command)?;
        comes_back(&event)?;
        comes_back(&refusal)?;
        // A refusal's text says its code, which is stable.
        prop_assert_eq!(&serde_json::to_value(&refusal).unwrap()["code"], refusal.code());
        prop_assert!(!refusal.to_string().is_empty());
    }

    #[test]
    fn quantities_come_back(xp in xp(), instant in instant(), day in day(), event in select(CountedEvent::ALL)) {
        comes_back(&xp)?;
        comes_back(&instant)?;
        comes_back(&day)?;
        comes_back(&event)?;
        // Both forms of an integer are read.
        prop_assert_eq!(serde_json::from_str::<Xp>(&xp.0.to_string()).unwrap(), xp);
        prop_assert_eq!(serde_json::from_str::<Xp>(&format!("\"{}\"", xp.0)).unwrap(), xp);
        prop_assert_eq!(instant.to_string().parse::<Instant>().unwrap(), instant);
        prop_assert_eq!(day.to_string().parse::<Day>().unwrap(), day);
    }
}

proptest! {
    #![proptest_config(config(100))]

    #[test]
    fn a_player_comes_back_and_plays_on(scenario in scenarios(40), place in any::<prop::sample::Index>()) {
        let mut played = Played::new(&scenario).unwrap();
        let kept = place.index(steps(&scenario).len());
        for (number, step) in steps(&scenario).iter().enumerate() {
            if number == kept {
                comes_back(&played.player)?;
                played.player = serde_json::from_str::<Player>(&serde_json::to_string(&played.player).unwrap()).unwrap();
            }
            let _ = played.step(step).unwrap();
            if let Ok((_, command)) = read(step) {
                comes_back(&command)?;
            }
        }
        prop_assert_eq!(&played.player, &crate::played(&scenario).player);
        comes_back(&played.player)?;
    }
}
