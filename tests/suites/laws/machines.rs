//! The state machines: only listed states, no way out of a terminal one, and exactly so many reachable states.

use std::collections::{BTreeMap, BTreeSet};

use levelkit::{
    BossAttemptStatus as Boss, Command, Count, DungeonAttemptStatus as Dungeon, Engine, Player, QuestStatus,
};
use levelkit::{Instant, Ruleset, Workspace, Zone};
use levelkit_tests::cases::config;
use levelkit_tests::compare::Played;
use levelkit_tests::model;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::{scenarios, steps};

/// What the rules let each state become; itself is always allowed, and a terminal state has nothing else.
fn may_follow(state: &str) -> &'static [&'static str] {
    match state {
        "ACTIVE" => &["COMPLETED", "FAILED", "EXPIRED"],
        "IN_PROGRESS boss" => &["VICTORY", "DEFEAT", "ABANDONED"],
        "IN_PROGRESS dungeon" => &["CLEARED", "FAILED", "TIMED_OUT"],
        _ => &[],
    }
}

type Machines = BTreeMap<String, (String, String)>;

/// Every row that is a state machine: its state, and the whole of it.
fn machines(played: &Played) -> Machines {
    let quests = played.tables.quest_logs().map(|row| {
        let state = match row.status {
            QuestStatus::Active => "ACTIVE",
            QuestStatus::Completed => "COMPLETED",
            QuestStatus::Failed => "FAILED",
            QuestStatus::Expired => "EXPIRED",
        };
        (row.id.clone(), (state.to_owned(), format!("{row:?}")))
    });
    let bosses = played.tables.boss_attempts().map(|row| {
        let state = match row.attempt.status {
            Boss::InProgress => "IN_PROGRESS boss",
            Boss::Victory => "VICTORY",
            Boss::Defeat => "DEFEAT",
            Boss::Abandoned => "ABANDONED",
        };
        (row.id.clone(), (state.to_owned(), format!("{row:?}")))
    });
    let dungeons = played.tables.dungeon_attempts().map(|row| {
        let state = match row.attempt.status {
            Dungeon::InProgress => "IN_PROGRESS dungeon",
            Dungeon::Cleared => "CLEARED",
            Dungeon::Failed => "FAILED",
            Dungeon::TimedOut => "TIMED_OUT",
        };
        (row.id.clone(), (state.to_owned(), format!("{row:?}")))
    });
    quests.chain(bosses).chain(dungeons).collect()
}

proptest! {
    #![proptest_config(config(150))]

    #[test]
    fn no_machine_leaves_a_terminal_state(scenario in scenarios(40)) {
        let mut played = Played::new(&scenario).unwrap();
        let mut before = Machines::new();
        for step in steps(&scenario) {
            let _ = played.step(step).unwrap();
            let after = machines(&played);
            for (id, (state, row)) in &before {
                let (now, row_now) = &after[id];
                prop_assert!(now == state || may_follow(state).contains(&now.as_str()), "{} became {}", state, now);
                if may_follow(state).is_empty() {
                    prop_assert_eq!(row_now, row, "a finished row was written again");
                }
            }
            before = after;
        }
    }
}

const TINY: &str = r#"{
    "format": "levelkit.ruleset/1",
    "quests": [{
        "id": "walk", "name": "Walk", "description": "a step", "type": "DAILY", "category": "MOVEMENT",
        "requirements": {"type": "numeric", "metric": "steps", "op": ">=", "value": 1}, "base_xp": 10, "is_core": true
    }],
    "bosses": [{
        "id": "boss", "name": "Boss", "description": "a boss", "intro_monologue": "so", "defeat_message": "well",
        "difficulty": "NORMAL", "xp_reward": 20, "max_phase_retries": 1,
        "phases": [
            {"phase_number": 1, "name": "One", "description": "one", "requirements": {"perfectDays": 1}, "duration_days": 1},
            {"phase_number": 2, "name": "Two", "description": "two", "requirements": {"streak": 1}, "duration_days": 2}
        ]
    }],
    "dungeons": [{
        "id": "dungeon", "name": "Dungeon", "description": "a dungeon", "difficulty": "E_RANK",
        "requirements": {"minLevel": 1}, "duration_minutes": 60, "cooldown_hours": 1,
        "challenges": [{"name": "Step", "requirement": {"type": "numeric", "metric": "steps", "op": ">=", "value": 1}}]
    }]
}"#;

/// Everything that can be done in the tiny game, and how many minutes after the command before.
fn moves() -> Vec<(i64, Value)> {
    vec![
        (25, json!({"do": "report", "metrics": {"steps": 1}})),
        (25, json!({"do": "start_boss", "boss": "boss"})),
        (25, json!({"do": "abandon_boss"})),
        (25, json!({"do": "enter_dungeon", "dungeon": "dungeon"})),
        (25, json!({"do": "report_dungeon", "metrics": {"steps": 1}})),
        (25, json!({"do": "forfeit_dungeon"})),
        (24 * 60, json!({"do": "advance"})),
    ]
}

/// What of a player the two machines are about.
fn state_of(player: &Player) -> String {
    let boss = player.state.boss.as_ref();
    let boss = boss.map(|attempt| (attempt.status, attempt.phase, attempt.days_closed, attempt.retries));
    format!("{boss:?} {:?}", player.state.dungeon.as_ref().map(|attempt| attempt.status))
}

/// At each depth: the sequences of accepted commands, and the states they end in.
#[derive(Default)]
struct Reached {
    sequences: Vec<u64>,
    states: Vec<BTreeSet<String>>,
}

struct Explorer {
    engine: Engine,
    moves: Vec<(i64, Command)>,
    workspace: Workspace,
    reached: Reached,
}

impl Explorer {
    fn explore(&mut self, player: &Player, at: Instant, depth: usize, deepest: usize) {
        if self.reached.sequences.len() <= depth {
            self.reached.sequences.push(0);
            self.reached.states.push(BTreeSet::new());
        }
        self.reached.sequences[depth] += 1;
        self.reached.states[depth].insert(state_of(player));
        if depth == deepest {
            return;
        }
        for index in 0..self.moves.len() {
            let (minutes, command) = &self.moves[index];
            let (at, mut next) = (at.plus_micros(minutes * 60_000_000), player.clone());
            let done = self.engine.apply_with(&mut next, at, command, &mut Count::default(), &mut self.workspace);
            if done.is_ok() {
                self.explore(&next, at, depth + 1, deepest);
            }
        }
    }
}

fn begin() -> Instant {
    "2026-03-02T12:00:00Z".parse().unwrap()
}

/// Like a chess engine's perft: any change of the rules' reach shows as a number.
#[test]
fn as_many_states_are_reachable_as_ever() {
    let engine = Engine::new(Ruleset::from_json(TINY).unwrap().into());
    let mut player = Player::new("p1", Zone::UTC);
    engine.execute(&mut player, begin(), &Command::Advance {}).unwrap();
    let moves = moves().into_iter().map(|(minutes, step)| (minutes, serde_json::from_value(step).unwrap())).collect();
    let mut explorer = Explorer { engine, moves, workspace: Workspace::default(), reached: Reached::default() };
    explorer.explore(&player, begin(), 0, 7);
    let states: Vec<usize> = explorer.reached.states.iter().map(BTreeSet::len).collect();
    assert_eq!((explorer.reached.sequences, states), (SEQUENCES.to_vec(), STATES.to_vec()));
}

const SEQUENCES: [u64; 8] = [1, 4, 17, 71, 286, 1137, 4561, 18404];
const STATES: [usize; 8] = [1, 3, 9, 18, 31, 43, 54, 66];

/// The model reaches as many.
#[test]
fn the_model_reaches_as_many() {
    let ruleset: Value = serde_json::from_str(TINY).unwrap();
    let mut player = model::Model::new(&ruleset).player("p1", "UTC");
    let at = |micros: i64| model::instants::instant_text(micros);
    player.step(&json!({"do": "advance", "at": at(begin().micros())})).unwrap();
    let mut level = vec![(player, begin().micros())];
    let mut sequences = vec![1];
    for _ in 0..4 {
        let mut next = Vec::new();
        for (player, now) in &level {
            for (minutes, mut step) in moves() {
                let then = now + minutes * 60_000_000;
                step["at"] = json!(at(then));
                let mut player = player.clone();
                if player.step(&step).is_ok() {
                    next.push((player, then));
                }
            }
        }
        sequences.push(next.len() as u64);
        level = next;
    }
    assert_eq!(sequences, SEQUENCES[..5]);
}
