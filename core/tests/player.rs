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
    let mut beginner = self::player();
    engine.execute(&mut beginner, days(0), &Command::StartBoss { boss: "glacier".into() }).unwrap();
    engine.execute(&mut beginner, days(10), &steps(1.0)).unwrap();
    let boss = engine.view(&beginner, days(10)).unwrap().boss.unwrap();
    assert_eq!((boss.day, boss.missing[0].by), (11, Some("2026-03-02".parse::<levelkit::Day>().unwrap().plus(139))));
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

/// What opens under new rules, while the day before is still in its grace under the old ones.
#[test]
fn new_rules_look_at_what_was_before_them() {
    let steps_leaf = |value: i32| json!({"type": "numeric", "metric": "steps", "op": ">=", "value": value});
    let quest = |id: &str, kind: &str, requirements| {
        json!({"id": id, "name": "", "description": "", "type": kind, "category": "MOVEMENT", "requirements": requirements,
            "base_xp": 1, "is_core": kind == "DAILY"})
    };
    let title = |id: &str, kind: &str, config| json!({"id": id, "name": id, "description": "", "system_message": "", "condition_type": kind, "condition_config": config});
    let metrics = json!({"steps": {"kind": "numeric"}, "vegetables": {"kind": "numeric"}});
    let old = json!({"format": "levelkit.ruleset/1", "day": {"grace_minutes": 90}, "metrics": metrics,
        "quests": [quest("walk", "DAILY", steps_leaf(10))]});
    let mut new = old.clone();
    let feast = json!({"type": "numeric", "metric": "vegetables", "op": ">=", "value": 8});
    new["quests"] = json!([quest("walk", "DAILY", steps_leaf(10)), quest("feast", "WEEKLY", feast)]);
    new["titles"] = json!([
        title("walked", "CUMULATIVE_COUNT", json!({"quest": "walk", "count": 1})),
        title("steady", "STREAK_DAYS", json!({"days": 1})),
    ]);
    let parse = |document: &serde_json::Value| Arc::new(Ruleset::from_json(&document.to_string()).unwrap());
    let (old, new) = (parse(&old), parse(&new));
    let (before, after) = (Engine::new(Arc::clone(&old)), Engine::new(new).with_past(old));
    let mut player = player();
    let report = |day: Option<&str>, name: &str, value: f64| Command::Report {
        day: day.map(|day| day.parse().unwrap()),
        observed_at: None,
        metrics: Metrics::from([(name, value.into())]),
        specials: vec![],
    };
    let at = |player: &mut Player, at: &str, engine: &Engine, command: Command| {
        let record = engine.execute(player, at.parse().unwrap(), &command).unwrap();
        let told = record.events.iter().filter_map(|event| match event {
            Event::QuestCompleted { quest, .. } => Some(quest.clone()),
            Event::TitleEarned { title } => Some(title.clone()),
            _ => None,
        });
        told.collect::<Vec<_>>()
    };
    assert_eq!(at(&mut player, "2026-03-02T09:00:00Z", &before, report(None, "steps", 20.0)), ["walk"]);
    assert!(at(&mut player, "2026-03-02T09:00:00Z", &before, report(None, "vegetables", 9.0)).is_empty());
    // The new day opens under new rules: their titles look at what was done before.
    assert_eq!(at(&mut player, "2026-03-03T00:10:00Z", &after, report(None, "vegetables", 1.0)), ["walked"]);
    // A week's raw measurement is that of the day itself.
    let feast = after.view(&player, "2026-03-03T00:10:00Z".parse().unwrap()).unwrap().quests;
    let feast = feast.into_iter().find(|quest| quest.quest == "feast").unwrap();
    assert!(matches!(feast.explanation, levelkit::Explanation::Numeric { value: Some(1.0), .. }), "{feast:?}");
    // The week's log was not there when Monday's nine portions came; a word about Monday makes it look.
    assert_eq!(at(&mut player, "2026-03-03T00:20:00Z", &after, report(Some("2026-03-02"), "steps", 21.0)), ["feast"]);
    // Monday closes under its own rules, and the streak that it extends earns a title of the new ones with the next command.
    assert!(at(&mut player, "2026-03-03T02:00:00Z", &after, Command::Advance {}).is_empty());
    assert_eq!(at(&mut player, "2026-03-03T02:00:00Z", &after, report(None, "steps", 1.0)), ["steady"]);
}

#[test]
fn a_boss_rewards_its_own_title_only() {
    let title = |id: &str| {
        json!({"id": id, "name": id, "description": "", "system_message": "", "condition_type": "SPECIAL",
            "condition_config": {"special": "ACCOUNT_CREATION"}})
    };
    let document = json!({
        "format": "levelkit.ruleset/1",
        "titles": [title("first"), title("second"), title("third")],
        "bosses": [{"id": "rat", "name": "Rat", "description": "", "intro_monologue": "", "defeat_message": "", "difficulty": "NORMAL",
            "xp_reward": 1, "title_reward_id": "second", "phases": [{"phase_number": 1, "name": "", "description": "",
            "requirements": {"streak": 0}, "duration_days": 1}]}],
    });
    let engine = Engine::new(Arc::new(Ruleset::from_json(&document.to_string()).unwrap()));
    let mut player = player();
    engine.execute(&mut player, days(0), &Command::StartBoss { boss: "rat".into() }).unwrap();
    engine.execute(&mut player, days(1), &Command::Advance {}).unwrap();
    let rewarded = player.state.titles.iter().filter(|held| held.reward).map(|held| &*held.title);
    assert_eq!(rewarded.collect::<Vec<_>>(), ["second"]);
}

#[test]
fn the_longest_window_says_how_far_the_rules_look_back() {
    let window = |days: i32| json!({"quest": "walk", "count": 1, "window_days": days});
    let part = |days: i32| json!({"type": "TIME_WINDOW", "quest": "walk", "count": 1, "window_days": days});
    let mut regressing = window(9);
    regressing["regression"] = json!({"quest": "walk", "misses": 3, "window_days": 80});
    for (kind, config, expected) in [
        ("TIME_WINDOW", window(100), 107),
        ("COMPOUND", json!({"logic": "OR", "conditions": [part(50), part(60), part(40)]}), 67),
        ("TIME_WINDOW", regressing, 87),
        ("STREAK_DAYS", json!({"days": 90}), 14),
    ] {
        let document = json!({
            "format": "levelkit.ruleset/1",
            "quests": [{"id": "walk", "name": "", "description": "", "type": "DAILY", "category": "MOVEMENT",
                "requirements": {"type": "numeric", "metric": "steps", "op": ">=", "value": 10}, "base_xp": 1}],
            "titles": [{"id": "t", "name": "t", "description": "", "system_message": "", "condition_type": kind,
                "condition_config": config}],
        });
        let ruleset = Arc::new(Ruleset::from_json(&document.to_string()).unwrap());
        assert_eq!(ruleset.metrics(), [("steps", Some(levelkit::MetricKind::Numeric))]);
        let (engine, mut player) = (Engine::new(ruleset), player());
        engine.execute(&mut player, days(0), &steps(1.0)).unwrap();
        let from = engine.history_from(&player);
        assert_eq!(from, player.state.open_day.unwrap().plus(-expected), "{kind}");
    }
}

#[test]
fn the_last_day_of_all_has_no_end() {
    let (engine, mut player) = (Engine::new(ruleset(0)), player());
    engine.execute(&mut player, "9999-12-31T23:59:59.999999Z".parse().unwrap(), &steps(20.0)).unwrap();
    assert_eq!(player.state.open_day, Some(levelkit::Day::MAX));
    assert_eq!(player.state.day_ends_at, None);
}

#[test]
fn an_attempt_that_begins_as_another_ends_has_its_own_progress() {
    let boss = |id: &str, streak: i32| {
        json!({"id": id, "name": id, "description": "", "intro_monologue": "", "defeat_message": "", "difficulty": "NORMAL",
            "xp_reward": 1, "phases": [{"phase_number": 1, "name": "", "description": "", "requirements": {"streak": streak},
            "duration_days": 1}]})
    };
    let document = json!({"format": "levelkit.ruleset/1", "bosses": [boss("rat", 5), boss("owl", 7)]});
    let engine = Engine::new(Arc::new(Ruleset::from_json(&document.to_string()).unwrap()));
    let mut player = player();
    engine.execute(&mut player, days(0), &Command::StartBoss { boss: "rat".into() }).unwrap();
    let record = engine.execute(&mut player, days(1), &Command::StartBoss { boss: "owl".into() }).unwrap();
    let progress = |boss: &str| {
        let rows = record.rows.iter().rev().find_map(|row| match row {
            levelkit::Row::BossAttempt(row) if &*row.attempt.boss == boss => Some(row.phase_progress.clone()),
            _ => None,
        });
        rows.unwrap().map(|progress| progress.fraction)
    };
    let (rat, owl) = (progress("rat"), progress("owl"));
    assert!(rat.is_some() && owl.is_none_or(|fraction| fraction == 0.0), "{rat:?} {owl:?}");
}

#[test]
fn a_view_knows_the_last_moment_of_a_debuff_and_the_seasons_that_run() {
    let quest = |id: &str| {
        json!({"id": id, "name": "", "description": "", "type": "DAILY", "category": "MOVEMENT", "base_xp": 1, "is_core": true,
            "requirements": {"type": "numeric", "metric": "steps", "op": ">=", "value": 10}})
    };
    let season = |id: &str, number: i32, start: &str, end: &str| json!({"id": id, "number": number, "name": id, "theme": "", "description": "", "start_date": start, "end_date": end});
    let document = json!({
        "format": "levelkit.ruleset/1",
        "debuff": {"missed": 2, "hours": 12},
        "quests": [quest("a"), quest("b")],
        "seasons": [season("now", 1, "2026-03-01T00:00:00Z", "2026-04-01T00:00:00Z"),
            season("later", 2, "2026-04-01T00:00:00Z", "2026-05-01T00:00:00Z")],
    });
    let engine = Engine::new(Arc::new(Ruleset::from_json(&document.to_string()).unwrap()));
    let mut player = player();
    engine.execute(&mut player, days(0), &steps(1.0)).unwrap();
    engine.execute(&mut player, days(1), &Command::Advance {}).unwrap();
    let until = player.state.debuff_active_until.unwrap();
    let debuffed = |at: Instant| engine.view(&player, at).unwrap().debuffed_until;
    assert_eq!(debuffed(until.plus_micros(-1)), Some(until));
    assert_eq!(debuffed(until), None);
    let seasons = |at: Instant| {
        let seasons = engine.view(&player, at).unwrap().seasons.into_iter();
        seasons.map(|season| (season.season, season.joined)).collect::<Vec<_>>()
    };
    assert_eq!(seasons(days(1)), [("now".to_owned(), false)]);
}
