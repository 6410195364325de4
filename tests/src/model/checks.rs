//! Laws that the model itself keeps, over generated scenarios.

use serde_json::{Value, json};

use super::generate::{record, scenario};
use super::instants::{DAY, MINUTE, instant_text};
use super::jumps::{advance, stops};
use super::ledger::{event_hash, verify};
use super::rng::Rng;
use super::state::{Model, Player};

fn new_player(s: &Value) -> Player {
    Model::new(&s["ruleset"]).player(s["player"]["id"].as_str().unwrap(), s["player"]["timezone"].as_str().unwrap())
}

/// Everything but created_at, event_hash and the place of DAY_OPENED.
fn compared(p: &Player, events: &[Value]) -> (Value, Value, Vec<Value>, Vec<Value>) {
    let mut last = p.final_state();
    last.as_object_mut().unwrap().remove("ledger_head");
    let mut rows = p.rows();
    for e in rows["xp_events"].as_array_mut().unwrap() {
        e.as_object_mut().unwrap().remove("created_at");
        e.as_object_mut().unwrap().remove("event_hash");
    }
    let (opened, others) = events.iter().cloned().partition(|e| e["event"] == "DAY_OPENED");
    (last, rows, opened, others)
}

/// One jump of `advance` over many days = advancing bit by bit, for stops outside every day's grace.
///
/// Within a day's grace the next day has begun while the one before is not yet decided. A stop there opens the next day as the
/// player stands at that moment; one jump closes the day first, and opens the next knowing its outcome: a boss phase lost at
/// the day's end, or a dungeon left then, no longer brings its quests. Both are the rules' answer to what was known when the
/// day was opened, so the law is about stops at which no day is in its grace: at due instants and after, up to the next end.
#[test]
fn one_jump_or_many() {
    let mut stopped = 0;
    for seed in 0..300u64 {
        let s = scenario(seed, 30);
        let mut p = new_player(&s);
        for step in s["steps"].as_array().unwrap() {
            let _ = p.step(step);
        }
        let Some(now) = p.last_at else { continue };
        let mut rng = Rng::new(seed);
        let target = now + rng.range(0, 9) * DAY + rng.range(0, 1440) * MINUTE;
        let mut one = p.clone();
        let Ok(one_events) = one.step(&advance(target)) else {
            continue;
        };
        let mut many = p.clone();
        let mut many_events = Vec::new();
        let stops = stops(&p, target, &mut rng);
        stopped += stops.len();
        for t in stops {
            many_events.extend(many.step(&advance(t)).unwrap());
        }
        many_events.extend(many.step(&advance(target)).unwrap());
        let (a, b) = (compared(&one, &one_events), compared(&many, &many_events));
        assert_eq!(a, b, "seed {seed}, from {} to {}", instant_text(now), instant_text(target));
    }
    assert!(stopped > 1000, "only {stopped} stops");
}

/// A refused command leaves everything as it was; the chain is whole; recording is repeatable.
#[test]
fn the_ledger_is_whole() {
    for seed in 1000..1200u64 {
        let s = scenario(seed, 40);
        let mut p = new_player(&s);
        for step in s["steps"].as_array().unwrap() {
            let before = (p.final_state(), p.rows());
            if p.step(step).is_err() {
                assert_eq!(before, (p.final_state(), p.rows()));
            }
        }
        let mut head = [0; 32];
        let (mut total, mut created) = (0, i64::MIN);
        for e in &p.ledger {
            assert_eq!(e.total_xp_before, total);
            assert_eq!(e.total_xp_after, total + e.final_xp);
            assert!(e.total_xp_after >= 0 && e.created_at > created);
            let mut x = None;
            for step in &e.steps {
                assert!(x.is_none_or(|x| x == step.xp_before));
                x = Some(step.xp_after);
            }
            (total, created) = (e.total_xp_after, e.created_at);
            head = event_hash(&head, &p.sealed(e));
            assert_eq!(head, e.event_hash);
        }
        let rows = p.rows();
        let mut last = json!({
            "total_xp": p.total_xp(), "level": p.level(), "count": p.ledger.len(),
            "head": p.final_state()["ledger_head"],
        });
        assert_eq!(verify(&rows, &last), Value::Null);
        last["count"] = json!(p.ledger.len() + 1);
        assert_eq!(verify(&rows, &last)["what"], "HEAD");
        let active = p.rows()["user_titles"].as_array().unwrap().iter().filter(|t| t["is_active"] == true).count();
        assert_eq!(active, usize::from(p.active_title.is_some()));
        assert_eq!(record(s.clone()), record(s));
    }
}
