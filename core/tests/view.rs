//! What a view says while days are in their grace, and what people read when the rules changed in the middle.
#![allow(clippy::unwrap_used, clippy::panic)] // what a test expects

use std::sync::Arc;

use levelkit::narrative::Variables;
use levelkit::{BossView, Command, Day, Engine, Event, Explanation, Instant, Metrics, Player, Ruleset, Zone};
use serde_json::{Value, json};

fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn player() -> Player {
    Player::new("p1", Zone::UTC)
}

fn parse(document: &Value) -> Arc<Ruleset> {
    Arc::new(Ruleset::from_json(&document.to_string()).unwrap())
}

fn report(day: Option<&str>, steps: f64) -> Command {
    let metrics = Metrics::from([("steps", steps.into())]);
    Command::Report { day: day.map(self::day), observed_at: None, metrics, specials: vec![] }
}

fn numeric(metric: &str, op: &str, value: f64) -> Value {
    json!({"type": "numeric", "metric": metric, "op": op, "value": value})
}

fn quest(id: &str, kind: &str, requirements: Value) -> Value {
    json!({"id": id, "name": id, "description": "", "type": kind, "category": "MOVEMENT", "requirements": requirements, "base_xp": 10,
        "is_core": true})
}

fn boss(id: &str, requirements: Value, days: i32) -> Value {
    json!({"id": id, "name": id, "description": "", "intro_monologue": "Come.", "defeat_message": "Go.", "difficulty": "NORMAL",
        "xp_reward": 100, "phases": [{"phase_number": 1, "name": "", "description": "", "requirements": requirements,
        "duration_days": days}]})
}

/// The only number that a leaf was compared with.
fn value(explanation: &Explanation) -> Option<f64> {
    match explanation {
        Explanation::Numeric { value, .. } => *value,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_phase_counts_the_days_in_their_grace() {
    let engine = Engine::new(parse(&json!({
        "format": "levelkit.ruleset/1",
        "day": {"grace_minutes": 2160},
        "modifiers": {"weekend_multiplier": "2"},
        "bosses": [boss("ogre", numeric("sum.steps", ">=", 100.0), 2)],
    })));
    let mut player = player();
    // A Saturday; until Monday noon it may be reported.
    engine.execute(&mut player, at("2026-03-07T12:00:00Z"), &Command::StartBoss { boss: "ogre".into() }).unwrap();
    engine.execute(&mut player, at("2026-03-07T12:00:00Z"), &report(None, 10.0)).unwrap();
    engine.execute(&mut player, at("2026-03-08T10:00:00Z"), &report(None, 20.0)).unwrap();
    let seen = |player: &Player, now: &str| engine.view(player, at(now)).unwrap().boss.unwrap();
    let told = |boss: BossView| {
        let award = boss.award.unwrap().final_xp;
        (boss.day, boss.days, value(&boss.explanation), boss.missing[0].by, boss.missing[0].distance, award)
    };
    assert_eq!(
        told(seen(&player, "2026-03-08T10:00:00Z")),
        (2, 2, Some(30.0), Some(day("2026-03-08")), Some(70.0), 200)
    );
    // On Monday both days of the phase are in their grace, and what is done today is not of the phase any more.
    engine.execute(&mut player, at("2026-03-09T10:00:00Z"), &report(None, 500.0)).unwrap();
    assert_eq!(player.state.days.len(), 3);
    assert_eq!(
        told(seen(&player, "2026-03-09T10:00:00Z")),
        (2, 2, Some(30.0), Some(day("2026-03-08")), Some(70.0), 200)
    );
    // Saturday is closed, Sunday is not yet.
    assert_eq!(
        told(seen(&player, "2026-03-09T12:00:00Z")),
        (2, 2, Some(30.0), Some(day("2026-03-08")), Some(70.0), 200)
    );
    engine.execute(&mut player, at("2026-03-09T13:00:00Z"), &report(Some("2026-03-08"), 90.0)).unwrap();
    let boss = seen(&player, "2026-03-09T13:00:00Z");
    assert_eq!((boss.missing.is_empty(), value(&boss.explanation)), (true, Some(100.0)));
    let record = engine.execute(&mut player, at("2026-03-10T12:00:00Z"), &Command::Advance {}).unwrap();
    assert!(record.events.iter().any(|event| matches!(event, Event::BossVictory { .. })), "{:?}", record.events);
}

#[test]
fn the_last_weeks_quest_is_about_its_last_day() {
    let engine = Engine::new(parse(&json!({
        "format": "levelkit.ruleset/1",
        "day": {"grace_minutes": 120},
        "modifiers": {"weekend_multiplier": "2"},
        "quests": [quest("long", "WEEKLY", numeric("steps", ">=", 100.0))],
    })));
    let mut player = player();
    engine.execute(&mut player, at("2026-03-08T20:00:00Z"), &report(None, 60.0)).unwrap();
    engine.execute(&mut player, at("2026-03-09T01:00:00Z"), &report(None, 5.0)).unwrap();
    let quests = engine.view(&player, at("2026-03-09T01:00:00Z")).unwrap().quests;
    let told = quests.iter().map(|quest| {
        (quest.day, value(&quest.explanation), quest.missing[0].by.unwrap(), quest.award.as_ref().unwrap().final_xp)
    });
    let weeks =
        [(day("2026-03-02"), Some(60.0), day("2026-03-08"), 20), (day("2026-03-09"), Some(5.0), day("2026-03-15"), 10)];
    assert_eq!(told.collect::<Vec<_>>(), weeks);
}

#[test]
fn a_fight_ends_with_the_words_of_the_rules_that_began_it() {
    let title = json!({"id": "slayer", "name": "Slayer", "description": "", "system_message": "It is done.", "condition_type": "SPECIAL",
        "condition_config": {"special": "nobody"}});
    let mut old =
        json!({"format": "levelkit.ruleset/1", "titles": [title], "bosses": [boss("ogre", json!({"streak": 0}), 1)]});
    old["bosses"][0]["title_reward_id"] = json!("slayer");
    let mut rewritten = old.clone();
    rewritten["bosses"][0]["defeat_message"] = json!("Rewritten.");
    rewritten["titles"][0]["system_message"] = json!("Rewritten.");
    let gone = json!({"format": "levelkit.ruleset/1"});
    let old = parse(&old);
    for (new, words) in [(gone, ["Go.", "It is done."]), (rewritten, ["Go.", "Rewritten."])] {
        let mut player = player();
        let start = Command::StartBoss { boss: "ogre".into() };
        Engine::new(Arc::clone(&old)).execute(&mut player, at("2026-03-02T12:00:00Z"), &start).unwrap();
        let engine = Engine::new(parse(&new)).with_past(Arc::clone(&old));
        let record = engine.execute(&mut player, at("2026-03-03T12:00:00Z"), &Command::Advance {}).unwrap();
        let told = record.events.iter().flat_map(|event| engine.narrate(&player, event, &Variables::new()));
        assert_eq!(told.map(|told| told.unwrap().text).collect::<Vec<_>>(), words);
    }
    // A fight that is not this player's last one has the words in force.
    let engine = Engine::new(old);
    let started = Event::BossStarted { boss: "ogre".into(), phase: 1 };
    assert_eq!(engine.narrate(&player(), &started, &Variables::new())[0].as_ref().unwrap().text, "Come.");
}

/// `days.steps` are distinct dates, whatever rules the day's quests were opened under.
#[test]
fn a_date_counts_once_whichever_rules_opened_it() {
    let walk = |id: &str, steps: f64| quest(id, "DAILY", numeric("steps", ">=", steps));
    let old = json!({"format": "levelkit.ruleset/1", "day": {"grace_minutes": 90}, "quests": [walk("near", 10.0), walk("far", 20.0)]});
    let new = json!({
        "format": "levelkit.ruleset/1",
        "day": {"grace_minutes": 90},
        "quests": [walk("other", 10.0)],
        "dungeons": [{"id": "cave", "name": "", "description": "", "difficulty": "E_RANK", "duration_minutes": 60,
            "requirements": numeric("days.steps", "==", 1.0),
            "challenges": [{"name": "", "requirement": numeric("steps", ">=", 1.0)}]}],
    });
    let (old, new) = (parse(&old), parse(&new));
    let mut player = player();
    Engine::new(Arc::clone(&old)).execute(&mut player, at("2026-03-02T12:00:00Z"), &report(None, 1.0)).unwrap();
    let engine = Engine::new(new).with_past(old);
    let yesterday = report(Some("2026-03-02"), 30.0);
    let record = engine.execute(&mut player, at("2026-03-03T00:10:00Z"), &yesterday).unwrap();
    let completed = record.events.iter().filter(|event| matches!(event, Event::QuestCompleted { .. })).count();
    assert_eq!(completed, 2);
    engine.execute(&mut player, at("2026-03-03T00:20:00Z"), &Command::EnterDungeon { dungeon: "cave".into() }).unwrap();
}

/// While yesterday is in its grace under older rules, a quest of its name is another one.
#[test]
fn a_date_counts_by_the_rules_of_its_own_day() {
    let walk = |id: &str, metric: &str, least: f64| quest(id, "DAILY", numeric(metric, ">=", least));
    let old =
        json!({"format": "levelkit.ruleset/1", "day": {"grace_minutes": 90}, "quests": [walk("near", "floors", 10.0)]});
    let new = json!({
        "format": "levelkit.ruleset/1",
        "day": {"grace_minutes": 90},
        "quests": [walk("near", "steps", 10.0), walk("far", "steps", 20.0)],
        "dungeons": [{"id": "cave", "name": "", "description": "", "difficulty": "E_RANK", "duration_minutes": 60,
            "requirements": numeric("days.steps", "==", 1.0),
            "challenges": [{"name": "", "requirement": numeric("steps", ">=", 1.0)}]}],
    });
    let (old, new) = (parse(&old), parse(&new));
    let mut player = player();
    Engine::new(Arc::clone(&old)).execute(&mut player, at("2026-03-02T12:00:00Z"), &report(None, 1.0)).unwrap();
    let engine = Engine::new(new).with_past(old);
    let record = engine.execute(&mut player, at("2026-03-03T00:10:00Z"), &report(None, 30.0)).unwrap();
    let completed = record.events.iter().filter(|event| matches!(event, Event::QuestCompleted { .. })).count();
    assert_eq!(completed, 2);
    engine.execute(&mut player, at("2026-03-03T00:20:00Z"), &Command::EnterDungeon { dungeon: "cave".into() }).unwrap();
}
