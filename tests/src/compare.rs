//! The engine beside the model: the same scenario, step by step.

use std::collections::BTreeMap;

use levelkit::{Command, Engine, Player, Refusal, Ruleset, Zone};
use serde_json::{Value, json};

use crate::model;
use crate::scenario::at_end_of;
use crate::tables::Tables;

/// How often each event and refusal came, so that a run can say what it reached.
pub type Reached = BTreeMap<String, u64>;

/// One player of the engine, with the tables that its rows have built.
pub struct Played {
    /// The engine.
    pub engine: Engine,
    /// The player in memory.
    pub player: Player,
    /// The player's rows.
    pub tables: Tables,
}

impl Played {
    /// The player of a scenario, before the first command.
    pub fn new(scenario: &Value) -> Result<Self, String> {
        let ruleset = Ruleset::from_json(&scenario["ruleset"].to_string()).map_err(|errors| errors.to_string())?;
        let (id, zone) = (text(&scenario["player"]["id"])?, text(&scenario["player"]["timezone"])?);
        let zone = Zone::named(zone).ok_or("no such zone")?;
        Ok(Self { engine: Engine::new(ruleset.into()), player: Player::new(id, zone), tables: Tables::default() })
    }

    /// Does a scenario's step: its events, or a refusal's code.
    pub fn step(&mut self, step: &Value) -> Result<Result<Vec<Value>, String>, String> {
        let (at, command) = match read(step) {
            Ok(read) => read,
            Err(code) => return Ok(Err(code)),
        };
        let record = match self.engine.execute(&mut self.player, at, &command) {
            Ok(record) => record,
            Err(refusal) => return Ok(Err(refusal.code().to_owned())),
        };
        self.tables.write(&record)?;
        Ok(Ok(record.events.iter().map(|event| serde_json::to_value(event).unwrap()).collect()))
    }

    /// The player as section 14's `final` shows it.
    pub fn at_end(&self) -> Value {
        let mut at_end = Value::Object(at_end_of(&self.player));
        // The model's form leaves the id to the scenario.
        at_end.as_object_mut().unwrap().remove("id");
        at_end
    }

    /// Every row by column name.
    pub fn rows(&self) -> Value {
        self.tables.rows(&self.player.id)
    }
}

/// A step as the engine takes it.
pub fn read(step: &Value) -> Result<(levelkit::Instant, Command), String> {
    let mut command = step.clone();
    let object = command.as_object_mut().ok_or("not a step")?;
    ["at", "expect", "refuse"].iter().for_each(|key| drop(object.remove(*key)));
    let at = text(&step["at"])?.parse().map_err(|_| "INVALID_INSTANT".to_owned())?;
    let command = serde_json::from_value(command).map_err(|error| format!("not a command: {error}"))?;
    Ok((at, command))
}

fn text(value: &Value) -> Result<&str, String> {
    value.as_str().ok_or_else(|| format!("{value} is not a text"))
}

/// Plays a scenario on both, and says where they first differ.
pub fn compare(scenario: &Value, reached: &mut Reached) -> Result<(), String> {
    let mut played = Played::new(scenario)?;
    let (id, zone) = (text(&scenario["player"]["id"])?, text(&scenario["player"]["timezone"])?);
    let mut reference = model::Model::new(&scenario["ruleset"]).player(id, zone);
    for (number, step) in scenario["steps"].as_array().ok_or("no steps")?.iter().enumerate() {
        let place = |wrong: String| format!("step {number} {step}: {wrong}");
        let before = played.player.clone();
        let found = played.step(step).map_err(place)?;
        let expected = reference.step(step).map_err(|refusal| refusal["code"].as_str().unwrap().to_owned());
        match &found {
            Ok(events) => events.iter().for_each(|event| note(reached, &event["event"])),
            Err(code) => {
                note(reached, &json!(code));
                if played.player != before {
                    return Err(place("a refusal changed the player".to_owned()));
                }
            }
        }
        if found != expected {
            return Err(place(difference(&json!(expected), &json!(found))));
        }
        played.tables.agree_with(&played.player).map_err(place)?;
    }
    same("final", &reference.final_state(), &played.at_end())?;
    let (mut expected, found) = (reference.rows(), played.rows());
    sort_rows(&mut expected);
    same("rows", &expected, &found)
}

fn note(reached: &mut Reached, what: &Value) {
    *reached.entry(what.as_str().unwrap_or_default().to_owned()).or_default() += 1;
}

fn same(what: &str, expected: &Value, found: &Value) -> Result<(), String> {
    match expected == found {
        true => Ok(()),
        false => Err(format!("{what}: {}", difference(expected, found))),
    }
}

/// The model keeps rows in the order they were made; all but the ledger's are compared by id.
fn sort_rows(rows: &mut Value) {
    for (table, rows) in rows.as_object_mut().unwrap() {
        if !table.starts_with("xp_") {
            rows.as_array_mut().unwrap().sort_by_key(|row| row["id"].as_str().unwrap_or_default().to_owned());
        }
    }
}

/// The first place at which two values differ.
pub fn difference(expected: &Value, found: &Value) -> String {
    match (expected, found) {
        (Value::Object(one), Value::Object(other)) => {
            let keys = one.keys().chain(other.keys());
            let mut differing = keys.filter(|key| expected.get(key.as_str()) != found.get(key.as_str()));
            match differing.next() {
                Some(key) => format!(".{key}{}", difference(&expected[key.as_str()], &found[key.as_str()])),
                None => "nothing differs".to_owned(),
            }
        }
        (Value::Array(one), Value::Array(other)) => {
            let differing = one.iter().zip(other).position(|(one, other)| one != other);
            match differing {
                Some(place) if one.len() == other.len() => {
                    format!("[{place}]{}", difference(&one[place], &other[place]))
                }
                _ => format!(": the model has {expected}, the engine {found}"),
            }
        }
        _ => format!(": the model has {expected}, the engine {found}"),
    }
}

/// Leaves out steps and parts of the ruleset for as long as `fails` still holds: the story a person can read.
pub fn shrink(mut scenario: Value, fails: &mut dyn FnMut(&Value) -> bool) -> Value {
    let mut attempt = |scenario: &mut Value, change: &dyn Fn(&mut Value)| {
        let mut smaller = scenario.clone();
        change(&mut smaller);
        let taken = smaller != *scenario && fails(&smaller);
        if taken {
            *scenario = smaller;
        }
        taken
    };
    loop {
        let mut shorter = false;
        let mut chunk = len(&scenario["steps"]).max(1);
        while chunk > 0 {
            let mut place = len(&scenario["steps"]);
            while place > 0 {
                let from = place.saturating_sub(chunk);
                shorter |= attempt(&mut scenario, &|scenario| drop_range(&mut scenario["steps"], from, place));
                place = from;
            }
            chunk /= 2;
        }
        for section in ["titles", "bosses", "dungeons", "seasons", "quests"] {
            for place in (0..len(&scenario["ruleset"][section])).rev() {
                let smaller = |scenario: &mut Value| drop_range(&mut scenario["ruleset"][section], place, place + 1);
                shorter |= attempt(&mut scenario, &smaller);
            }
        }
        for section in ["curve", "modifiers", "streak", "debuff", "day", "metrics"] {
            shorter |= attempt(&mut scenario, &|scenario| {
                scenario["ruleset"].as_object_mut().unwrap().remove(section);
            });
        }
        if !shorter {
            return scenario;
        }
    }
}

fn len(list: &Value) -> usize {
    list.as_array().map_or(0, Vec::len)
}

fn drop_range(list: &mut Value, from: usize, to: usize) {
    if let Some(list) = list.as_array_mut() {
        list.drain(from..to.min(list.len()).max(from));
    }
}

/// A refusal's code, for a map over results.
pub fn code(refusal: Refusal) -> String {
    refusal.code().to_owned()
}
