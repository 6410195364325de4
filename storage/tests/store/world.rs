//! A small world that uses every rule, and commands to live in it.

use std::sync::Arc;

use levelkit::{Command, Day, GrantSource, Instant, Metrics, Ruleset, Xp};
use levelkit_storage::{BlockingStore, NewPlayer};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::backend::Backend;

/// When the world begins: a Monday morning.
pub(crate) const BEGIN: &str = "2026-03-02T07:00:00Z";
/// How many days end between that day and the same of 2031.
pub(crate) const DAYS_TO_2031: usize = 1826;

pub(crate) fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

/// Minutes after the beginning.
pub(crate) fn minutes(minutes: i64) -> Instant {
    at(BEGIN).plus_micros(minutes * 60_000_000)
}

pub(crate) fn document() -> Value {
    let numeric =
        |metric: &str, op: &str, value: f64| json!({"type": "numeric", "metric": metric, "op": op, "value": value});
    json!({
        "format": "levelkit.ruleset/1",
        "metrics": {"spare": {"kind": "boolean"}},
        "day": {"grace_minutes": 90},
        "modifiers": {"streak_tiers": [{"days": 2, "multiplier": "1.1"}, {"days": 5, "multiplier": "1.15"}]},
        "quests": [
            {"id": "walk", "name": "Walk", "description": "8,000 steps", "type": "DAILY", "category": "MOVEMENT",
             "requirements": numeric("steps", ">=", 8000.0), "base_xp": 100, "stat_affected": "AGI", "is_core": true,
             "partial_reward": {"threshold": 4000, "xp": 30}},
            {"id": "lift", "name": "Lift \"heavy\" \u{1F3CB}", "description": "reps", "type": "DAILY", "category": "STRENGTH",
             "requirements": {"type": "compound", "logic": "AND", "requirements": [numeric("reps", ">=", 50.0),
                 {"type": "boolean", "metric": "warm_up", "value": true}]},
             "base_xp": 80, "stat_affected": "STR", "stat_gain": 2, "is_core": true},
            {"id": "sleep", "name": "Sleep", "description": "hours", "type": "DAILY", "category": "RECOVERY",
             "requirements": {"type": "between", "metric": "sleep.hours", "min": 6.5, "max": 9.25}, "base_xp": 25},
            {"id": "marathon", "name": "Marathon", "description": "a week's steps", "type": "WEEKLY", "category": "MOVEMENT",
             "requirements": numeric("sum.steps", ">=", 20000.0), "base_xp": 400, "season_id": "spring"},
            {"id": "focus", "name": "Focus", "description": "during a fight", "type": "BOSS", "category": "DISCIPLINE",
             "requirements": numeric("reps", ">", 10.0), "base_xp": 15},
            {"id": "torch", "name": "Torch", "description": "inside", "type": "DUNGEON", "category": "DISCIPLINE",
             "requirements": numeric("steps", ">", 10.0), "base_xp": 5}
        ],
        "titles": [
            {"id": "newborn", "name": "Newborn", "description": "", "system_message": "hello", "condition_type": "SPECIAL",
             "condition_config": {"special": "ACCOUNT_CREATION"}, "passive_type": "FLAT_XP_BONUS", "passive_value": 3},
            {"id": "steady", "name": "Steady", "description": "", "system_message": "on it", "condition_type": "STREAK_DAYS",
             "condition_config": {"days": 2}, "passive_type": "PERCENT_XP_BONUS", "passive_value": 12.5, "rarity": "RARE"},
            {"id": "walker", "name": "Walker", "description": "", "system_message": "far", "condition_type": "TIME_WINDOW",
             "condition_config": {"quest": "walk", "count": 2, "window_days": 5,
                 "regression": {"quest": "lift", "misses": 3, "window_days": 4}}},
            {"id": "counter", "name": "Counter", "description": "", "system_message": "many", "condition_type": "COMPOUND",
             "condition_config": {"logic": "OR", "conditions": [
                 {"type": "CUMULATIVE_COUNT", "metric": "reps", "count": 6}, {"type": "EVENT_COUNT", "event": "LEVEL_UP", "count": 3}]},
             "can_regress": false},
            {"id": "guest", "name": "Guest", "description": "", "system_message": "party", "condition_type": "SPECIAL",
             "condition_config": {"special": "party", "stat": "VIT"}, "passive_type": "STAT_BONUS", "passive_value": 4},
            {"id": "slayer", "name": "Slayer", "description": "", "system_message": "done", "condition_type": "EVENT_COUNT",
             "condition_config": {"event": "BOSS_VICTORY", "count": 5}, "passive_type": "DEBUFF_REDUCTION", "passive_value": 0.5}
        ],
        "bosses": [{
            "id": "ogre", "name": "Ogre", "description": "", "intro_monologue": "hm", "defeat_message": "ow",
            "difficulty": "HARD", "required_level": 1, "xp_reward": 900, "title_reward_id": "slayer", "max_phase_retries": 1,
            "phases": [
                {"id": "ogre-1", "phase_number": 1, "name": "Warm", "description": "", "requirements": {"dailyCompletionRate": 0.5},
                 "duration_days": 1},
                {"id": "ogre-2", "phase_number": 2, "name": "Hot", "description": "",
                 "requirements": numeric("sum.steps", ">=", 6000.0), "duration_days": 2}
            ]
        }],
        "dungeons": [
            {"id": "cave", "name": "Cave", "description": "", "difficulty": "E_RANK", "requirements": {"minLevel": 1},
             "challenges": [{"name": "run", "requirement": numeric("steps", ">=", 500.0)},
                 {"name": "push", "requirement": numeric("reps", ">=", 5.0), "xp": 70}],
             "duration_minutes": 600, "cooldown_hours": 5},
            {"id": "tower", "name": "Tower", "description": "", "difficulty": "S_RANK",
             "requirements": numeric("sum.steps", ">=", 15000.0),
             "challenges": [{"name": "climb", "requirement": numeric("max.reps", ">=", 20.0)}],
             "duration_minutes": 3000, "cooldown_hours": 1, "xp_multiplier": "1.75", "season_id": "spring"}
        ],
        "seasons": [
            {"id": "spring", "number": 1, "name": "Spring", "theme": "green", "description": "", "start_date": "2026-03-01T00:00:00Z",
             "end_date": "2026-05-01T00:00:00Z", "xp_multiplier": "1.2"},
            {"id": "summer", "number": 2, "name": "Summer", "theme": "gold", "description": "", "start_date": "2026-05-01T00:00:00Z",
             "end_date": "2026-08-01T12:30:00.000001Z"}
        ],
        "narratives": [{"id": "hi", "key": "hi", "category": "ONBOARDING", "content": "Hello {{name}}",
            "context": {"event": "LEVEL_UP", "when": numeric("level", ">=", 2.0), "variables": ["name"]}}]
    })
}

/// The same world, changed: content gone, added, renamed, and another rhythm of days.
pub(crate) fn changed_document() -> Value {
    let mut document = document();
    document["day"] = json!({"day_start_hour": 4, "grace_minutes": 10});
    document["streak"] = json!({"allowed_misses": 0});
    let quests = document["quests"].as_array_mut().unwrap();
    quests.remove(2);
    quests[0]["base_xp"] = json!(120);
    quests.insert(
        0,
        json!({
        "id": "read", "name": "Read", "description": "pages", "type": "WEEKLY", "category": "DISCIPLINE",
        "requirements": {"type": "numeric", "metric": "days.steps", "op": ">=", "value": 2}, "base_xp": 60}),
    );
    document["titles"][2]["condition_config"]["window_days"] = json!(40);
    document["bosses"][0]["phases"][0]["duration_days"] = json!(2);
    document
}

pub(crate) fn ruleset(document: &Value) -> Arc<Ruleset> {
    Arc::new(Ruleset::from_json(&document.to_string()).unwrap_or_else(|errors| panic!("{errors}")))
}

/// A store with the world in force and one player.
pub(crate) fn populated<B: Backend>() -> (B, BlockingStore) {
    let backend = B::new();
    let store = backend.store();
    store.import_ruleset(&ruleset(&document()), at(BEGIN)).unwrap();
    store.create_player(&NewPlayer::new("p1").in_timezone("Europe/Berlin")).unwrap();
    (backend, store)
}

pub(crate) fn report(metrics: &[(&str, f64)]) -> Command {
    let metrics = metrics.iter().map(|(name, value)| ((*name).to_owned(), (*value).into())).collect();
    Command::Report { day: None, observed_at: None, metrics, specials: vec![] }
}

pub(crate) fn adjust(id: &str, amount: i64) -> Command {
    Command::AdjustXp { id: id.to_owned(), amount: Xp(amount), reason: "because".to_owned() }
}

/// Lives two weeks with a bit of everything, and answers how many commands were accepted.
pub(crate) fn live(store: &BlockingStore, player: &str) -> usize {
    let commands = life();
    commands.iter().filter(|(at, command)| store.execute(player, *at, command).is_ok()).count()
}

/// Two weeks of commands; some are refused.
pub(crate) fn life() -> Vec<(Instant, Command)> {
    let mut life = vec![(minutes(0), Command::Advance {})];
    for day in 0..14 {
        let noon = day * 1440 + 300;
        let steps = [9000.0, 12000.0, 5000.0, 8500.0, 300.0][day as usize % 5];
        life.push((minutes(noon), report(&[("steps", steps), ("sleep.hours", 7.5)])));
        life.push((minutes(noon + 1), Command::StartBoss { boss: "ogre".into() }));
        life.push((
            minutes(noon + 2),
            Command::EnterDungeon { dungeon: if day % 3 == 0 { "tower" } else { "cave" }.into() },
        ));
        let metrics = Metrics::from([("reps", 55.0.into()), ("warm_up", (day % 4 != 3).into())]);
        let specials = if day == 4 { vec!["party".to_owned()] } else { vec![] };
        life.push((minutes(noon + 60), Command::Report { day: None, observed_at: None, metrics, specials }));
        let inside = Metrics::from([("steps", 700.0.into()), ("reps", 9.0.into())]);
        life.push((minutes(noon + 90), Command::ReportDungeon { observed_at: None, metrics: inside }));
        life.push((minutes(noon + 100), adjust(&format!("a{day}"), if day % 2 == 0 { 40 } else { -25 })));
        life.push((
            minutes(noon + 101),
            Command::EquipTitle { title: Some(["newborn", "steady", "guest"][day as usize % 3].into()) },
        ));
        if day == 6 {
            life.push((minutes(noon + 102), Command::SetTimezone { timezone: "America/New_York".into() }));
        }
    }
    life
}

/// A random command; most are accepted.
pub(crate) fn any_command() -> impl Strategy<Value = Command> {
    let number = prop_oneof![Just(0.0), Just(4500.0), Just(8000.0), 0.0..12_000.0_f64, -1.5..80.0_f64];
    let value = prop_oneof![4 => number.prop_map(Into::into), 1 => any::<bool>().prop_map(Into::into)];
    let metric = prop_oneof![
        4 => Just("steps"), 3 => Just("reps"), 2 => Just("warm_up"), 1 => Just("sleep.hours"), 1 => Just("unread"), 1 => Just("spare"),
    ];
    let metrics = prop::collection::btree_map(metric.prop_map(str::to_owned), value, 0..4).prop_map(Metrics);
    let special = prop::collection::vec(prop_oneof![Just("party".to_owned()), Just("other".to_owned())], 0..2);
    let day = prop::option::weighted(0.3, (0..40_i64).prop_map(|days| at(BEGIN).plus_micros(days * 86_400_000_000)));
    let day = day.prop_map(|instant| instant.map(|instant| instant.to_string()[..10].parse::<Day>().unwrap()));
    let title =
        prop::option::of(prop_oneof![Just("newborn"), Just("steady"), Just("walker"), Just("guest"), Just("slayer")]);
    let zone = prop_oneof![Just("Europe/Berlin"), Just("Pacific/Apia"), Just("America/New_York"), Just("Nowhere")];
    let source =
        prop_oneof![Just(GrantSource::StreakBonus), Just(GrantSource::SeasonBonus), Just(GrantSource::TitleBonus)];
    prop_oneof![
        10 => (day, metrics.clone(), special)
            .prop_map(|(day, metrics, specials)| Command::Report { day, observed_at: None, metrics, specials }),
        4 => (prop::option::of(-3000_i64..3000), metrics.clone()).prop_map(|(_, metrics)| {
            Command::Report { day: None, observed_at: None, metrics, specials: vec![] }
        }),
        2 => Just(Command::Advance {}),
        2 => Just(Command::StartBoss { boss: "ogre".into() }),
        1 => Just(Command::AbandonBoss {}),
        2 => prop_oneof![Just("cave"), Just("tower")].prop_map(|dungeon| Command::EnterDungeon { dungeon: dungeon.into() }),
        3 => metrics.prop_map(|metrics| Command::ReportDungeon { observed_at: None, metrics }),
        1 => Just(Command::ForfeitDungeon {}),
        2 => title.prop_map(|title| Command::EquipTitle { title: title.map(Into::into) }),
        2 => (0..6, -60_i64..90).prop_map(|(id, amount)| adjust(&format!("adjust-{id}"), amount)),
        1 => zone.prop_map(|zone| Command::SetTimezone { timezone: zone.into() }),
        1 => Just(Command::JoinSeason { season: "spring".into() }),
        1 => (0..4, source, 1_i64..50).prop_map(|(id, source, amount)| Command::GrantXp {
            id: format!("grant-{id}"), source, amount: Xp(amount), source_id: None, reason: "gift".into(),
        }),
    ]
}

/// Minutes until the next command: mostly within a day, sometimes weeks.
pub(crate) fn any_gap() -> impl Strategy<Value = i64> {
    prop_oneof![6 => 0..400_i64, 4 => 400..1600_i64, 1 => 1600..12_000_i64, 1 => Just(60 * 24 * 60)]
}
