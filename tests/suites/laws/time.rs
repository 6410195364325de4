//! Time: it makes no difference how often a host looks, as long as it does not look within a day's grace.

use levelkit_tests::cases::config;
use levelkit_tests::compare::Played;
use levelkit_tests::model::instants::{DAY, MINUTE};
use levelkit_tests::model::jumps::{advance, stops};
use levelkit_tests::model::rng::Rng;
use levelkit_tests::model::{Model, Player};
use proptest::prelude::*;
use serde_json::Value;

use crate::{scenarios, steps};

/// Everything but `created_at`, `event_hash` and the order of DAY_OPENED among the events.
fn compared(played: &Played, events: Vec<Value>) -> (Value, Value, Vec<Value>, Vec<Value>) {
    let (mut at_end, mut rows) = (played.at_end(), played.rows());
    at_end.as_object_mut().unwrap().remove("ledger_head");
    for event in rows["xp_events"].as_array_mut().unwrap() {
        let event = event.as_object_mut().unwrap();
        event.remove("created_at");
        event.remove("event_hash");
    }
    let (opened, others) = events.into_iter().partition(|event| event["event"] == "DAY_OPENED");
    (at_end, rows, opened, others)
}

/// The model plays along to find instants at which no day is in its grace (see `model::jumps`).
fn guide(scenario: &Value) -> Player {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let player = &scenario["player"];
    let mut guide = Model::new(&scenario["ruleset"]).player(&text(&player["id"]), &text(&player["timezone"]));
    for step in steps(scenario) {
        let _ = guide.step(step);
    }
    guide
}

proptest! {
    #![proptest_config(config(150))]

    #[test]
    fn one_jump_is_advancing_day_by_day(scenario in scenarios(30), seed in any::<u64>()) {
        let guide = guide(&scenario);
        let Some(now) = guide.last_at else { return Ok(()) };
        let mut rng = Rng::new(seed);
        let target = now + rng.range(0, 12) * DAY + rng.range(0, 1440) * MINUTE;
        let (mut one, mut many) = (crate::played(&scenario), crate::played(&scenario));
        let Ok(in_one) = one.step(&advance(target)).unwrap() else { return Ok(()) };
        let mut in_many = Vec::new();
        for stop in stops(&guide, target, &mut rng).into_iter().chain([target]) {
            in_many.extend(many.step(&advance(stop)).unwrap().unwrap());
        }
        prop_assert_eq!(compared(&one, in_one), compared(&many, in_many));
    }

    #[test]
    fn advancing_twice_is_advancing_once(scenario in scenarios(30), days in 0..9_i64) {
        let mut played = crate::played(&scenario);
        let Some(at) = played.player.state.last_at else { return Ok(()) };
        let at = at.plus_micros(days * DAY).micros();
        if played.step(&advance(at)).unwrap().is_ok() {
            let before = played.player.clone();
            prop_assert_eq!(played.step(&advance(at)).unwrap(), Ok(vec![]));
            prop_assert_eq!(played.player, before);
        }
    }
}
