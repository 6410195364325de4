//! Loading: a player out of the store is the player in memory, after any commands.

use std::collections::BTreeMap;
use std::sync::Arc;

use levelkit::{Day, Engine, MetricValue, Player, Zone};
use proptest::prelude::*;

use crate::backend::Backend;
use crate::world::{any_command, any_gap, changed_document, document, minutes, populated, report, ruleset};

/// A player without what depends on how far back somebody looked: history from `from` on, its lists in one order.
fn comparable(mut player: Player, from: Day) -> Player {
    player.state.grants.clear();
    let history = &mut player.history;
    history.days.retain(|closed| closed.day >= from);
    history.facts.retain(|fact| fact.day >= from);
    history.completions.retain(|log| log.day >= from);
    history.misses.retain(|log| log.day >= from);
    history.clears.retain(|day| *day >= from);
    history.victories.retain(|day| *day >= from);
    history.past.clear();
    let by_day_and_metric = |one: &levelkit::player::Fact, other: &levelkit::player::Fact| {
        (one.day, &*one.metric).cmp(&(other.day, &*other.metric))
    };
    history.facts.sort_by(by_day_and_metric);
    player.state.facts.sort_by(by_day_and_metric);
    history.completions.sort_by(|one, other| (one.day, &*one.quest).cmp(&(other.day, &*other.quest)));
    history.misses.sort_by(|one, other| (one.day, &*one.quest).cmp(&(other.day, &*other.quest)));
    history.clears.sort();
    player.state.logs.sort_by(|one, other| (one.day, &*one.quest).cmp(&(other.day, &*other.quest)));
    player
}

/// Per metric the sum and maximum over the whole life, bit for bit.
fn whole_life(player: &Player) -> BTreeMap<String, (u64, u64)> {
    let mut sums: BTreeMap<String, (f64, f64)> =
        player.history.past.iter().map(|past| (past.metric.to_string(), (past.sum, past.max))).collect();
    for fact in &player.history.facts {
        if let MetricValue::Number(number) = fact.value {
            let known = sums.get(&*fact.metric).copied();
            let (sum, max) = known.map_or((number, number), |(sum, max)| (sum + number, max.max(number)));
            sums.insert(fact.metric.to_string(), (sum, max));
        }
    }
    sums.into_iter().map(|(metric, (sum, max))| (metric, ((sum + 0.0).to_bits(), (max + 0.0).to_bits()))).collect()
}

pub(crate) fn a_loaded_player_is_the_one_in_memory<B: Backend>() {
    let commands = prop::collection::vec((any_gap(), any_command()), 1..60);
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(cases()) };
    proptest!(config, |(commands in commands, change_at in 0_usize..60)| {
        let (_backend, store) = populated::<B>();
        let (first, second) = (ruleset(&document()), ruleset(&changed_document()));
        // It looks as far back as the later ruleset will, or it would have forgotten what the store still has.
        let mut engine = Engine::new(Arc::clone(&first)).with_past(Arc::clone(&second));
        let mut player = Player::new("p1", Zone::named("Europe/Berlin").unwrap());
        let mut now = 0;
        for (index, (gap, command)) in commands.iter().enumerate() {
            now += gap;
            let at = minutes(now);
            if index == change_at {
                store.import_ruleset(&second, at).unwrap();
                engine = Engine::new(Arc::clone(&second)).with_past(Arc::clone(&first));
            }
            let stored = store.execute("p1", at, command);
            match (engine.execute(&mut player, at, command), stored) {
                (Ok(record), Ok(outcome)) => {
                    prop_assert_eq!(record.events, outcome.events);
                    prop_assert_eq!(player.state.ledger, outcome.head);
                }
                (Err(refusal), Err(error)) => prop_assert_eq!(Some(&refusal), error.refusal(), "{:?}", error),
                (memory, stored) => prop_assert!(false, "{:?} but {:?}", memory, stored),
            }
            let loaded = store.state("p1").unwrap();
            prop_assert_eq!(whole_life(&loaded), whole_life(&player));
            let seen = if index < change_at { Engine::new(Arc::clone(&first)) } else { engine.clone() };
            let from = seen.history_from(&player);
            prop_assert_eq!(comparable(loaded, from), comparable(player.clone(), from));
        }
        prop_assert!(store.verify("p1").unwrap().verification.is_sound());
    });
}

pub(crate) fn long_lives_keep_their_sums<B: Backend>() {
    let (backend, store) = populated::<B>();
    let engine = Engine::new(ruleset(&document()));
    let mut player = Player::new("p1", Zone::named("Europe/Berlin").unwrap());
    for day in 0..200 {
        let command = report(&[("steps", 1000.1 + f64::from(day) * 0.3), ("reps", f64::from(day % 7))]);
        let at = minutes(i64::from(day) * 1440);
        engine.execute(&mut player, at, &command).unwrap();
        store.execute("p1", at, &command).unwrap();
        assert_eq!(whole_life(&store.state("p1").unwrap()), whole_life(&player), "day {day}");
    }
    let sums = backend.lines("SELECT metric AS line FROM levelkit_sums ORDER BY metric");
    assert_eq!(sums, ["reps", "steps"]);
    // A ruleset that looks back to the beginning needs the days that were summed up.
    let mut further = document();
    further["titles"][2]["condition_config"]["window_days"] = serde_json::json!(190);
    store.import_ruleset(&ruleset(&further), minutes(200 * 1440)).unwrap();
    let loaded = store.state("p1").unwrap();
    assert!(loaded.history.days.len() >= 190, "{}", loaded.history.days.len());
    assert_eq!(whole_life(&loaded), whole_life(&player));
}

/// How many lives are tried; `PROPTEST_CASES` asks for more.
fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(48)
}
