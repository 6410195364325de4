//! Players: a refusal changes nothing, saying something twice changes nothing, looking changes nothing.

use std::collections::BTreeMap;

use levelkit::{Command, Count, Player, Recorder, Row, Workspace};
use levelkit_tests::cases::config;
use levelkit_tests::compare::{Played, code, read};
use levelkit_tests::model::requirement::{self, Metric, State};
use levelkit_tests::tables::Tables;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::{played, scenarios, steps};

/// The player but for the instant of the last command.
fn but_last_at(player: &Player) -> Player {
    let mut player = player.clone();
    player.state.last_at = None;
    player
}

proptest! {
    #![proptest_config(config(100))]

    #[test]
    fn a_refused_command_leaves_the_player_as_before(scenario in scenarios(60)) {
        let Played { engine, mut player, .. } = Played::new(&scenario).unwrap();
        // The same buffers for every command, so that a refusal's remains would show in the next.
        let (mut workspace, mut sink) = (Workspace::default(), Count::default());
        let mut other = player.clone();
        for step in steps(&scenario) {
            let Ok((at, command)) = read(step) else { continue };
            let before = player.clone();
            let done = engine.apply_with(&mut player, at, &command, &mut sink, &mut workspace);
            let expected = engine.execute(&mut other, at, &command);
            prop_assert_eq!(done.clone().map_err(code), expected.map(drop).map_err(code));
            if done.is_err() {
                prop_assert_eq!(&player, &before);
            }
            // A sink that seals nothing leaves the ledger's head where it was.
            let mut unsealed = other.clone();
            unsealed.state.ledger = player.state.ledger;
            prop_assert_eq!(&player, &unsealed);
        }
    }

    #[test]
    fn one_recorder_for_many_commands_records_the_same(scenario in scenarios(40)) {
        let Played { engine, mut player, .. } = Played::new(&scenario).unwrap();
        let mut recorder = Recorder::default();
        let mut events = Vec::new();
        let mut one_by_one = Played::new(&scenario).unwrap();
        for step in steps(&scenario) {
            let Ok((at, command)) = read(step) else { continue };
            let _ = engine.apply(&mut player, at, &command, &mut recorder);
            events.extend(one_by_one.step(step).unwrap().unwrap_or_default());
        }
        let record = recorder.into_record();
        prop_assert_eq!(&player, &one_by_one.player);
        let found: Vec<Value> = record.events.iter().map(|event| serde_json::to_value(event).unwrap()).collect();
        prop_assert_eq!(found, events);
        if player.state.last_at.is_some() {
            let mut tables = Tables::default();
            prop_assert_eq!(tables.write(&record), Ok(()));
            prop_assert_eq!(tables.rows(&player.id), one_by_one.rows());
        }
    }

    #[test]
    fn a_report_that_brings_nothing_brings_nothing_again(scenario in scenarios(40)) {
        let mut played = Played::new(&scenario).unwrap();
        for step in steps(&scenario) {
            let Ok((at, command)) = read(step) else { continue };
            if played.step(step).unwrap().is_err() || !matches!(command, Command::Report { .. }) {
                continue;
            }
            // A quest may wait for what a later quest of the first report did, so the second may still complete one.
            let mut player = played.player.clone();
            let second = played.engine.execute(&mut player, at, &command).unwrap();
            let a_fact = second.rows.iter().any(|row| matches!(row, Row::Fact(_)));
            prop_assert!(!a_fact, "a fact was taken in twice");
            if !second.events.is_empty() {
                continue;
            }
            let before = player.clone();
            let later = at.plus_micros(1);
            // Refused if the day's grace ended just now.
            let Ok(third) = played.engine.execute(&mut player, later, &observed(command, at)) else { continue };
            if third.events.is_empty() {
                prop_assert_eq!(but_last_at(&player), but_last_at(&before));
                prop_assert_eq!(third.rows.len(), 1, "more than the player's own row: {:?}", third.rows);
            }
        }
    }

    #[test]
    fn looking_changes_nothing(scenario in scenarios(40)) {
        let mut played = Played::new(&scenario).unwrap();
        for step in steps(&scenario) {
            let Ok((at, command)) = read(step) else { continue };
            let before = played.player.clone();
            let foreseen = played.engine.preview(&played.player, at, &command);
            let advanced = played.engine.preview(&played.player, at, &Command::Advance {});
            let view = played.engine.view(&played.player, at);
            prop_assert_eq!(&played.player, &before);
            prop_assert_eq!(view.is_ok() || before.state.last_at.is_none(), advanced.is_ok() || before.state.last_at.is_none());
            let foreseen = foreseen.map(|events| json!(events).as_array().unwrap().clone()).map_err(code);
            prop_assert_eq!(foreseen, played.step(step).unwrap());
            if let (Ok(view), Ok(_)) = (view, advanced) {
                let text = serde_json::to_string(&view).unwrap();
                prop_assert_eq!(serde_json::from_str::<levelkit::PlayerView>(&text).unwrap(), view);
            }
        }
    }

    #[test]
    fn a_view_shows_the_player_as_advance_leaves_it(scenario in scenarios(40)) {
        let Played { engine, mut player, .. } = played(&scenario);
        let Some(at) = player.state.last_at else { return Ok(()) };
        let at = at.plus_micros(3_600_000_000 * 30);
        let (view, advanced) = (engine.view(&player, at), engine.execute(&mut player, at, &Command::Advance {}));
        prop_assert_eq!(view.is_ok(), advanced.is_ok());
        let Ok(view) = view else { return Ok(()) };
        let state = &player.state;
        prop_assert_eq!((view.level, view.total_xp.0), (state.level, state.total_xp));
        prop_assert!(view.level_began_at.0 <= state.total_xp);
        prop_assert!(view.next_level_at.is_none_or(|next| state.total_xp < next.0));
        prop_assert_eq!(
            (view.current_streak, view.longest_streak, view.perfect_streak),
            (state.current_streak, state.longest_streak, state.perfect_streak)
        );
        prop_assert_eq!((view.open_day, view.day_ends_at), (state.open_day, state.day_ends_at));
        prop_assert_eq!(view.quests.len(), state.logs.len());
        prop_assert_eq!(view.boss.is_some(), state.boss_in_progress().is_some());
        prop_assert_eq!(view.dungeon.is_some(), state.dungeon_in_progress().is_some());
        let held = view.titles.iter().filter(|title| player.held_title(&title.title).is_some()).count();
        prop_assert_eq!(held, state.titles.iter().filter(|title| title.revoked_at.is_none()).count());
    }

    #[test]
    fn a_quests_row_explains_its_decision(scenario in scenarios(40)) {
        let quests: BTreeMap<&str, &Value> = scenario["ruleset"]["quests"]
            .as_array().unwrap().iter().map(|quest| (quest["id"].as_str().unwrap(), &quest["requirements"])).collect();
        for row in played(&scenario).tables.quest_logs() {
            let Some(progress) = &row.progress else {
                prop_assert_eq!(row.status, levelkit::QuestStatus::Active);
                continue;
            };
            let metrics = serde_json::to_value(&progress.metrics).unwrap();
            let look = |name: &str| match metrics.get(name)? {
                Value::Bool(flag) => Some(Metric::Flag(*flag)),
                number => Some(Metric::Number(requirement::number(number))),
            };
            let requirement = quests[&*row.template_id];
            prop_assert_eq!(requirement::state(requirement, &look) == State::Met, progress.met);
            prop_assert!((requirement::fraction(requirement, &look) - progress.fraction).abs() < 1e-9);
            prop_assert!(row.status != levelkit::QuestStatus::Completed || progress.met);
        }
    }
}

/// The same report, with the instant of its observation spelled out.
fn observed(command: Command, at: levelkit::Instant) -> Command {
    match command {
        Command::Report { day, observed_at, metrics, specials } => {
            Command::Report { day, observed_at: observed_at.or(Some(at)), metrics, specials }
        }
        other => other,
    }
}
