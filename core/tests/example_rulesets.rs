//! The example rulesets: each one is read without a fault, and `hunter.yaml` shows every feature there is.
#![cfg(feature = "yaml")]
#![allow(clippy::unwrap_used, clippy::panic)] // a test says what it expects by unwrapping

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use levelkit::narrative::Variables;
use levelkit::ruleset::document::{Condition, EntryRequirements, Narrative, PhaseRequirements, Subject};
use levelkit::{
    BossDifficulty, Command, ConditionType, CountedEvent, Day, DungeonDifficulty, Engine, Event, Format, Logic,
    MetricKind, ModifierType, NarrativeCategory, Operator, PassiveType, Player, QuestCategory, QuestType, Requirement,
    Ruleset, Source, SourcePolicy, Stat, StreakKind, TitleRarity, Zone,
};
use serde_json::{Value, json};

const DERIVED: [&str; 14] = [
    "level",
    "total_xp",
    "current_streak",
    "perfect_streak",
    "longest_streak",
    "str",
    "agi",
    "vit",
    "disc",
    "days_since_start",
    "daily_completion_rate",
    "perfect_days",
    "dungeon_clears",
    "boss_victories",
];

/// What every event offers besides its own fields.
const OFFERED: [&str; 6] =
    ["level", "total_xp", "current_streak", "perfect_streak", "longest_streak", "days_since_start"];

fn folder() -> PathBuf {
    PathBuf::from("../examples/rulesets")
}

fn read(path: &Path) -> Ruleset {
    let format = path.extension().and_then(|extension| Format::from_extension(extension.to_str()?)).unwrap();
    let text = std::fs::read(path).unwrap();
    Ruleset::parse(text, format).unwrap_or_else(|errors| panic!("{}:\n{errors}", path.display()))
}

fn hunter() -> Ruleset {
    read(&folder().join("hunter.yaml"))
}

/// One of each event of section 12 of the rules.
fn events() -> Vec<Event> {
    let day = "2026-03-02";
    let boss = |event: &str| json!({"event": event, "boss": "hour-thief", "phase": 1});
    let dungeon = |event: &str| json!({"event": event, "dungeon": "cellar"});
    let quest = |event: &str| json!({"event": event, "quest": "dawn-patrol", "day": day});
    let title = |event: &str| json!({"event": event, "title": "newly-lit"});
    let events = [
        json!({"event": "DAY_OPENED", "day": day, "core_total": 4}),
        quest("QUEST_COMPLETED"),
        quest("QUEST_FAILED"),
        quest("QUEST_EXPIRED"),
        json!({"event": "PARTIAL_REWARD", "quest": "dawn-patrol", "day": day, "xp": 20}),
        json!({"event": "XP_AWARDED", "source": "QUEST_COMPLETION", "base_xp": 60, "final_xp": 66,
            "total_xp_before": 0, "total_xp_after": 66, "steps": []}),
        json!({"event": "LEVEL_UP", "level_before": 1, "level_after": 2}),
        json!({"event": "LEVEL_DOWN", "level_before": 2, "level_after": 1}),
        json!({"event": "STAT_RAISED", "stat": "AGI", "value": 11}),
        json!({"event": "DAY_CLOSED", "day": day, "core_completed": 3, "core_total": 4, "missed": 1,
            "all_completed": false, "debuff_triggered": false}),
        json!({"event": "STREAK_EXTENDED", "current_streak": 3}),
        json!({"event": "STREAK_BROKEN", "previous_streak": 3}),
        json!({"event": "DEBUFF_STARTED", "until": "2026-03-04T03:00:00.000000Z"}),
        title("TITLE_EARNED"),
        title("TITLE_REVOKED"),
        title("TITLE_EQUIPPED"),
        json!({"event": "TITLE_EQUIPPED", "title": null}),
        boss("BOSS_STARTED"),
        boss("BOSS_PHASE_CLEARED"),
        boss("BOSS_PHASE_RESTARTED"),
        boss("BOSS_VICTORY"),
        boss("BOSS_LOST"),
        boss("BOSS_ABANDONED"),
        dungeon("DUNGEON_ENTERED"),
        dungeon("DUNGEON_CLEARED"),
        dungeon("DUNGEON_FAILED"),
        dungeon("DUNGEON_TIMED_OUT"),
        json!({"event": "SEASON_JOINED", "season": "green-thaw"}),
    ];
    events.into_iter().map(|event| serde_json::from_value(event).unwrap()).collect()
}

/// An event's name, and the variables it offers: its own scalar fields and the player's state.
fn offers(event: &Event) -> (String, Variables) {
    let Value::Object(fields) = serde_json::to_value(event).unwrap() else { panic!("{event:?} is no object") };
    let name = fields["event"].as_str().unwrap().to_owned();
    let text = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    };
    let own = fields.iter().filter(|(field, _)| *field != "event");
    let mut offered: Variables = own.filter_map(|(field, value)| Some((field.clone(), text(value)?))).collect();
    for name in OFFERED {
        offered.entry(name.to_owned()).or_insert_with(|| "7".to_owned());
    }
    (name, offered)
}

fn event_of(narrative: &Narrative) -> Option<&str> {
    narrative.context.as_ref()?.event.as_deref()
}

/// The names between `{{` and `}}`.
fn placeholders(content: &str) -> BTreeSet<&str> {
    content.split("{{").skip(1).filter_map(|opened| opened.split_once("}}")).map(|(name, _)| name.trim()).collect()
}

/// Every requirement of a ruleset: its JSON, wherever it stands.
fn requirements(ruleset: &Ruleset) -> Vec<Requirement> {
    let document = ruleset.document();
    let mut all: Vec<Requirement> = document.quests.iter().map(|quest| quest.requirements.clone()).collect();
    let phases = document.bosses.iter().flat_map(|boss| &boss.phases);
    all.extend(phases.map(|phase| phase.requirements.as_requirement()));
    for dungeon in &document.dungeons {
        all.extend(dungeon.challenges.iter().map(|challenge| challenge.requirement.clone()));
        if let EntryRequirements::Full(requirement) = &dungeon.requirements {
            all.push(requirement.clone());
        }
    }
    let contexts = document.narratives.iter().filter_map(|narrative| narrative.context.as_ref());
    all.extend(contexts.filter_map(|context| context.when.clone()));
    all
}

/// The requirement and every part of it.
fn parts(requirement: &Requirement) -> Vec<&Requirement> {
    let inner: &[Requirement] = match requirement {
        Requirement::Compound { requirements, .. } => requirements,
        Requirement::Not { requirement } => std::slice::from_ref(requirement),
        Requirement::Numeric { .. } | Requirement::Boolean { .. } | Requirement::Between { .. } => &[],
    };
    std::iter::once(requirement).chain(inner.iter().flat_map(parts)).collect()
}

/// The condition and every part of it.
fn conditions(condition: &Condition) -> Vec<&Condition> {
    let inner: &[Condition] = match condition {
        Condition::Compound { conditions, .. } => conditions,
        _ => &[],
    };
    std::iter::once(condition).chain(inner.iter().flat_map(conditions)).collect()
}

/// Fails with the labels that are not used.
fn uses_all<T: Copy + Ord + std::fmt::Debug>(what: &str, all: &[T], used: impl IntoIterator<Item = T>) {
    let used: BTreeSet<T> = used.into_iter().collect();
    let unused: Vec<&T> = all.iter().filter(|label| !used.contains(label)).collect();
    assert!(unused.is_empty(), "hunter.yaml uses no {what} {unused:?}");
}

#[test]
fn every_example_is_read_and_reads_back_from_its_canonical_form() {
    let mut count = 0;
    for entry in std::fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        let known = path.extension().and_then(|extension| Format::from_extension(extension.to_str()?));
        if known.is_none() {
            continue;
        }
        let ruleset = read(&path);
        let again = Ruleset::from_json(ruleset.canonical()).unwrap();
        assert_eq!(again.hash(), ruleset.hash(), "{}", path.display());
        assert_eq!(again.canonical(), ruleset.canonical(), "{}", path.display());
        count += 1;
    }
    assert!(count >= 1, "no ruleset in {}", folder().display());
}

#[test]
fn the_example_in_the_documentation_is_read() {
    let page = std::fs::read_to_string(folder().join("../../docs/ruleset.md")).unwrap();
    let (_, block) = page.split_once("```yaml\n").unwrap();
    let (text, _) = block.split_once("```").unwrap();
    assert_eq!(Ruleset::parse(text, Format::Yaml).unwrap().document().quests.len(), 1);
}

#[test]
fn every_event_has_a_narrative_that_can_be_told() {
    let ruleset = Arc::new(hunter());
    let engine = Engine::new(Arc::clone(&ruleset));
    let player = Player::new("p1", Zone::UTC);
    let mut names = BTreeSet::new();
    for event in events() {
        let (name, offered) = offers(&event);
        assert!(ruleset.narratives_for(&name).next().is_some(), "no narrative for {name}");
        for narrative in ruleset.narratives_for(&name) {
            let told = ruleset.tell(&narrative.key, &offered).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert!(!told.is_empty() && !told.contains("{{"), "{told}");
        }
        // The engine itself fills in what it offers.
        let told: Vec<_> = engine.narrate(&player, &event, &Variables::new()).into_iter().map(Result::unwrap).collect();
        assert!(!told.is_empty(), "{name} tells nothing");
        names.insert(name);
    }
    let known: BTreeSet<String> =
        ruleset.document().narratives.iter().filter_map(event_of).map(str::to_owned).collect();
    assert_eq!(known, names, "hunter.yaml and section 12 of the rules name the same events");
    assert_eq!(names.len(), 27);
}

#[test]
fn narratives_list_exactly_the_variables_they_use() {
    let ruleset = hunter();
    for narrative in &ruleset.document().narratives {
        let context = narrative.context.as_ref();
        let listed = context.and_then(|context| context.variables.as_deref()).unwrap_or_default();
        let listed: BTreeSet<&str> = listed.iter().map(String::as_str).collect();
        assert_eq!(listed, placeholders(&narrative.content), "{}", narrative.key);
    }
}

#[test]
fn texts_without_an_event_are_told_by_key() {
    let ruleset = hunter();
    let own = Variables::from([("name".to_owned(), "Ida".to_owned()), ("current_streak".to_owned(), "3".to_owned())]);
    let quiet: Vec<_> =
        ruleset.document().narratives.iter().filter(|text| text.is_active && event_of(text).is_none()).collect();
    assert!(!quiet.is_empty());
    for narrative in quiet {
        ruleset.tell(&narrative.key, &own).unwrap();
    }
}

#[test]
fn every_label_is_used() {
    let ruleset = hunter();
    let document = ruleset.document();
    let (quests, titles) = (&document.quests, &document.titles);
    uses_all("metric kind", MetricKind::ALL, document.metrics.values().map(|metric| metric.kind));
    uses_all("quest type", QuestType::ALL, quests.iter().map(|quest| quest.kind));
    uses_all("category", QuestCategory::ALL, quests.iter().map(|quest| quest.category));
    uses_all("stat", Stat::ALL, quests.iter().filter_map(|quest| quest.stat_affected));
    uses_all("rarity", TitleRarity::ALL, titles.iter().map(|title| title.rarity));
    uses_all("passive", PassiveType::ALL, titles.iter().filter_map(|title| title.passive.passive_type));
    uses_all(
        "condition type",
        ConditionType::ALL,
        titles.iter().map(|title| title.condition.condition.condition_type()),
    );
    uses_all("difficulty", BossDifficulty::ALL, document.bosses.iter().map(|boss| boss.difficulty));
    uses_all("rank", DungeonDifficulty::ALL, document.dungeons.iter().map(|dungeon| dungeon.difficulty));
    uses_all("category", NarrativeCategory::ALL, document.narratives.iter().map(|narrative| narrative.category));
    uses_all("source", Source::ALL, document.modifiers.sources.keys().copied());
    uses_all("policy", SourcePolicy::ALL, document.modifiers.sources.values().copied());
    // The debuff stands in no order: it is always last.
    let ordered = [&document.modifiers.bonus_order, &document.modifiers.penalty_order];
    let debuff = std::iter::once(ModifierType::DebuffPenalty);
    uses_all("modifier", ModifierType::ALL, ordered.into_iter().flatten().copied().chain(debuff));

    let all_conditions: Vec<_> = titles.iter().flat_map(|title| conditions(&title.condition.condition)).collect();
    let streaks = all_conditions.iter().filter_map(|condition| match condition {
        Condition::StreakDays { streak, .. } => Some(*streak),
        _ => None,
    });
    uses_all("streak", StreakKind::ALL, streaks);
    let counted = all_conditions.iter().filter_map(|condition| match condition {
        Condition::EventCount { event, .. } => Some(*event),
        _ => None,
    });
    uses_all("counted event", CountedEvent::ALL, counted);
    let joined = all_conditions.iter().filter_map(|condition| match condition {
        Condition::Compound { logic, .. } => Some(*logic),
        _ => None,
    });
    uses_all("logic in a title", Logic::ALL, joined);
    assert!(all_conditions.contains(&&Condition::AccountCreation));
    assert!(all_conditions.contains(&&Condition::FirstOfMonth));
    assert!(all_conditions.iter().any(|condition| matches!(condition, Condition::Level { .. })));
    assert!(all_conditions.iter().any(|condition| matches!(condition, Condition::Special { .. })));
}

#[test]
fn every_form_of_requirement_is_used() {
    let ruleset = hunter();
    let all = requirements(&ruleset);
    let all: Vec<&Requirement> = all.iter().flat_map(parts).collect();
    uses_all(
        "form",
        &[0, 1, 2, 3, 4],
        all.iter().map(|part| match part {
            Requirement::Numeric { .. } => 0,
            Requirement::Boolean { .. } => 1,
            Requirement::Compound { .. } => 2,
            Requirement::Not { .. } => 3,
            Requirement::Between { .. } => 4,
        }),
    );
    let operators = all.iter().filter_map(|part| match part {
        Requirement::Numeric { op, .. } => Some(*op),
        _ => None,
    });
    uses_all("operator", Operator::ALL, operators);
    let logic = all.iter().filter_map(|part| match part {
        Requirement::Compound { logic, .. } => Some(*logic),
        _ => None,
    });
    uses_all("logic", Logic::ALL, logic);
    let metrics: BTreeSet<&str> = all
        .iter()
        .filter_map(|part| match part {
            Requirement::Numeric { metric, .. } | Requirement::Boolean { metric, .. } => Some(metric.as_str()),
            Requirement::Between { metric, .. } => Some(metric.as_str()),
            Requirement::Compound { .. } | Requirement::Not { .. } => None,
        })
        .collect();
    uses_all("derived metric", &DERIVED, metrics.iter().copied());
    for prefix in ["sum.", "max.", "days.", "completions."] {
        assert!(metrics.iter().any(|metric| metric.starts_with(prefix)), "hunter.yaml uses no {prefix}");
    }
    for declared in ruleset.document().metrics.keys() {
        let read = |metric: &&str| metric.split_once('.').map_or(*metric, |(_, about)| about) == declared;
        assert!(metrics.iter().any(read), "nothing reads {declared}");
    }
}

#[test]
fn every_optional_part_is_used() {
    let ruleset = hunter();
    let document = ruleset.document();
    let (quests, titles) = (&document.quests, &document.titles);
    let core = quests.iter().filter(|quest| quest.is_core).count();
    let optional = quests.iter().filter(|quest| quest.kind == QuestType::Daily && !quest.is_core).count();
    assert!(core >= 3 && optional >= 3);
    assert!(quests.iter().any(|quest| quest.partial_reward.is_some()));
    assert!(quests.iter().any(|quest| quest.stat_gain > 1));
    assert!(quests.iter().any(|quest| quest.season_id.is_some()));
    assert!(titles.iter().any(|title| !title.can_regress) && titles.iter().any(|title| title.can_regress));
    let subjects: Vec<_> =
        titles.iter().filter_map(|title| Some(&title.condition.regression.as_ref()?.subject)).collect();
    assert!(subjects.iter().any(|subject| matches!(subject, Subject::Metric(_))));
    assert!(subjects.iter().any(|subject| matches!(subject, Subject::Quest(_))));

    let bosses = &document.bosses;
    assert!(bosses.len() >= 3 && document.seasons.len() >= 3);
    assert!(bosses.iter().any(|boss| boss.title_reward_id.is_some()));
    assert!(bosses.iter().any(|boss| boss.season_id.is_some()));
    assert!(
        bosses.iter().any(|boss| boss.max_phase_retries > 0) && bosses.iter().any(|boss| boss.max_phase_retries == 0)
    );
    let phases: Vec<_> = bosses.iter().flat_map(|boss| &boss.phases).map(|phase| &phase.requirements).collect();
    assert!(phases.iter().any(|phase| matches!(phase, PhaseRequirements::Full(_))));
    let stated = |wanted: fn(&PhaseRequirements) -> bool| phases.iter().any(|phase| wanted(phase));
    assert!(stated(|phase| matches!(phase, PhaseRequirements::Short { daily_completion_rate: Some(_), .. })));
    assert!(stated(|phase| matches!(phase, PhaseRequirements::Short { perfect_days: Some(_), .. })));
    assert!(stated(|phase| matches!(phase, PhaseRequirements::Short { dungeon_clears: Some(_), .. })));
    assert!(stated(|phase| matches!(phase, PhaseRequirements::Short { streak: Some(_), .. })));

    let dungeons = &document.dungeons;
    let entries = || dungeons.iter().map(|dungeon| &dungeon.requirements);
    assert!(entries().any(|entry| matches!(entry, EntryRequirements::ByRank {})));
    assert!(entries().any(|entry| matches!(entry, EntryRequirements::MinLevel { .. })));
    assert!(entries().any(|entry| matches!(entry, EntryRequirements::LevelRequired { .. })));
    assert!(entries().any(|entry| matches!(entry, EntryRequirements::Full(_))));
    assert!(dungeons.iter().any(|dungeon| dungeon.challenges.iter().any(|challenge| challenge.xp.is_some())));
    assert!(dungeons.iter().any(|dungeon| dungeon.challenges.iter().all(|challenge| challenge.xp.is_none())));
    assert!(dungeons.iter().any(|dungeon| dungeon.season_id.is_some()));

    let contexts: Vec<_> = document.narratives.iter().filter_map(|narrative| narrative.context.as_ref()).collect();
    assert!(contexts.iter().any(|context| context.when.is_some()));
    assert!(document.narratives.iter().any(|narrative| !narrative.is_active));
    assert!(document.modifiers.max_multiplier.is_some() && document.day.grace_minutes > 0);
}

/// What a diligent player reports in the evening, and a tired one.
fn evening(diligent: bool) -> Value {
    match diligent {
        true => json!({"do": "report", "metrics": {"steps": 9500, "active_minutes": 40, "pushups": 40, "squats": 50,
            "sleep_hours": 8, "water_litres": 2.2, "meditated": true, "stretch_minutes": 12, "sweets": 0, "mood": 1}}),
        false => json!({"do": "report", "metrics": {"steps": 6000}}),
    }
}

/// What else happens on a day of the story, each thing a minute after the one before.
fn extras(number: i32) -> Vec<Value> {
    match number {
        3 => vec![json!({"do": "equip_title", "title": "newly-lit"})],
        6 => vec![
            json!({"do": "start_boss", "boss": "hour-thief"}),
            json!({"do": "enter_dungeon", "dungeon": "cellar"}),
            json!({"do": "report_dungeon", "metrics": {"pushups": 25}}),
        ],
        14 => vec![
            json!({"do": "enter_dungeon", "dungeon": "moss-stairs"}),
            json!({"do": "forfeit_dungeon"}),
            json!({"do": "enter_dungeon", "dungeon": "cellar"}), // left behind: its time runs out
            json!({"do": "start_boss", "boss": "slag-colossus"}),
            json!({"do": "abandon_boss"}),
        ],
        // Two bad days follow, and the thief allows one retry a phase.
        19 => vec![json!({"do": "start_boss", "boss": "hour-thief"})],
        30 => vec![json!({"do": "adjust_xp", "id": "correction-1", "amount": -5000, "reason": "counted twice"})],
        _ => vec![],
    }
}

#[test]
fn a_story_of_six_weeks_sees_every_event_and_every_one_is_told() {
    let engine = Engine::new(Arc::new(hunter()));
    let mut player = Player::new("p1", Zone::named("Europe/Berlin").unwrap());
    let first: Day = "2026-03-02".parse().unwrap();
    let mut seen = BTreeSet::new();
    for number in 0..42 {
        let tired = (20..26).contains(&number);
        let commands = std::iter::once(evening(!tired)).chain(extras(number));
        for (minute, command) in commands.enumerate() {
            let at = format!("{}T18:{minute:02}:00Z", first.plus(number)).parse().unwrap();
            let parsed: Command = serde_json::from_value(command.clone()).unwrap();
            let record = engine.execute(&mut player, at, &parsed).unwrap_or_else(|why| panic!("{command}: {why}"));
            for event in &record.events {
                engine.narrate(&player, event, &Variables::new()).into_iter().for_each(|told| drop(told.unwrap()));
                seen.insert(offers(event).0);
            }
        }
    }
    let all: BTreeSet<String> = events().iter().map(|event| offers(event).0).collect();
    let unseen: Vec<_> = all.difference(&seen).collect();
    assert!(unseen.is_empty(), "the story has no {unseen:?}");
}
