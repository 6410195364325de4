//! What a player keeps, for how long, and what an engine refuses to decide with.
#![allow(clippy::unwrap_used, clippy::panic)] // what a test expects

use std::sync::Arc;

use levelkit::{Change, Command, Count, Engine, Event, Instant, Metrics, Player, Ruleset, Sink, Zone};
use serde_json::json;

const BEGIN: &str = "2026-03-02T07:00:00Z";

fn days(days: i64) -> Instant {
    BEGIN.parse::<Instant>().unwrap().plus_micros(days * 86_400_000_000)
}

fn player() -> Player {
    Player::new("p1", Zone::named("UTC").unwrap())
}

fn steps(steps: f64) -> Command {
    Command::Report {
        day: None,
        observed_at: None,
        metrics: Metrics::from([("steps", steps.into())]),
        specials: vec![],
    }
}

/// One quest a day, and a boss whose only phase lasts very long.
fn ruleset(grace_minutes: i32) -> Arc<Ruleset> {
    let steps = json!({"type": "numeric", "metric": "steps", "op": ">=", "value": 10});
    let document = json!({
        "format": "levelkit.ruleset/1",
        "day": {"grace_minutes": grace_minutes},
        "quests": [{"id": "walk", "name": "", "description": "", "type": "DAILY", "category": "MOVEMENT",
            "requirements": steps, "base_xp": 1}],
        "bosses": [{"id": "glacier", "name": "Glacier", "description": "", "intro_monologue": "", "defeat_message": "",
            "difficulty": "NIGHTMARE", "xp_reward": 1, "phases": [{"phase_number": 1, "name": "", "description": "",
            "requirements": {"type": "numeric", "metric": "days.steps", "op": ">=", "value": 135}, "duration_days": 140}]}],
        "narratives": [{"key": "day", "category": "SYSTEM_MESSAGE", "content": "day {{days_since_start}}",
            "context": {"event": "QUEST_COMPLETED"}}],
    });
    Arc::new(Ruleset::from_json(&document.to_string()).unwrap())
}

#[test]
fn the_past_that_rules_look_back_to_is_kept_and_little_more() {
    let (engine, mut player) = (Engine::new(ruleset(0)), player());
    let mut longest = 0;
    for day in 0..300 {
        engine.execute(&mut player, days(day), &steps(20.0)).unwrap();
        longest = longest.max(player.history.days.len());
        assert_eq!(player.state.logs.len(), 1, "only the open day's log is left");
    }
    // The rules look back a week and to its Monday, 14 days; what is older is let go of 65 days at a time.
    assert_eq!((longest, player.history.completions.len() <= longest + 1), (14 + 64, true));
}

#[test]
fn a_day_is_due_after_its_end_and_the_grace() {
    let (engine, mut player) = (Engine::new(ruleset(90)), player());
    assert_eq!(engine.next_due(&player), None);
    engine.execute(&mut player, days(0), &steps(20.0)).unwrap();
    assert_eq!(engine.next_due(&player), Some("2026-03-03T01:30:00Z".parse().unwrap()));
    // Two days are open; it is the older one that is due.
    engine.execute(&mut player, "2026-03-03T01:00:00Z".parse().unwrap(), &steps(20.0)).unwrap();
    assert_eq!(engine.next_due(&player), Some("2026-03-03T01:30:00Z".parse().unwrap()));
}

#[test]
fn a_window_of_more_days_than_a_number_has_bits() {
    let (engine, mut player) = (Engine::new(ruleset(0)), player());
    engine.execute(&mut player, days(0), &Command::StartBoss { boss: "glacier".into() }).unwrap();
    let won = (0..145).find(|day| {
        let record = engine.execute(&mut player, days(*day), &steps(20.0)).unwrap();
        record.events.iter().any(|event| matches!(event, Event::BossVictory { .. }))
    });
    // The phase is decided as its last day closes. Of its 140 days 135 must count, more than the 128 that are counted as bits.
    assert_eq!(won, Some(140));
}

#[test]
fn rules_that_are_not_known_are_not_guessed() {
    let (engine, mut player) = (Engine::new(ruleset(0)), player());
    engine.execute(&mut player, days(0), &steps(20.0)).unwrap();
    let other = Engine::new(ruleset(1));
    assert_eq!(other.execute(&mut player, days(1), &steps(20.0)).unwrap_err().code(), "UNKNOWN_ID");
    other.with_past(ruleset(0)).execute(&mut player, days(1), &steps(20.0)).unwrap();
}

#[test]
fn a_narrative_tells_the_days_since_the_start() {
    let (engine, mut player) = (Engine::new(ruleset(0)), player());
    engine.execute(&mut player, days(0), &steps(20.0)).unwrap();
    let record = engine.execute(&mut player, days(3), &steps(20.0)).unwrap();
    let completed = record.events.iter().find(|event| matches!(event, Event::QuestCompleted { .. })).unwrap();
    let told: Vec<_> =
        engine.narrate(&player, completed, &Default::default()).into_iter().map(Result::unwrap).collect();
    assert_eq!(told[0].text, "day 3");
}

#[test]
fn a_count_counts_every_change() {
    struct Names(u64);
    impl Sink for Names {
        const ROWS: bool = false;
        fn change(&mut self, _: Change<'_>) {
            self.0 += 1;
        }
    }
    let engine = Engine::new(ruleset(0));
    let (mut count, mut names) = (Count::default(), Names(0));
    engine.apply(&mut player(), days(0), &steps(20.0), &mut count).unwrap();
    engine.apply(&mut player(), days(0), &steps(20.0), &mut names).unwrap();
    assert!(names.0 > 5);
    assert_eq!(count.changes, names.0);
}
