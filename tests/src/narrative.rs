//! The narrative suite: texts by key, by category and by event, with their variables filled in.
//!
//! `{"ruleset":{...},"cases":[...]}`, where a case is one of
//! - `{"key":"hello","variables":{"name":"Ida"},"text":"Welcome, Ida."}`
//! - `{"category":"LEVEL_UP","keys":["up"]}`: the keys in use, in ruleset order
//! - `{"event":{"event":"LEVEL_UP",...},"variables":{},"told":[{"key":"up","text":"..."}]}`: for a player who has done nothing
//!
//! and may carry `"refuse":"CODE"` instead of its result.

use std::path::Path;

use levelkit::narrative::{Told, Variables};
use levelkit::{Engine, Event, NarrativeCategory, Player, Ruleset, Zone};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::vectors::{Tally, files, first_code, name, part, read, same, settle};

#[derive(Deserialize)]
struct File {
    ruleset: Box<RawValue>,
    cases: Vec<Box<RawValue>>,
}

#[derive(Deserialize)]
struct Case {
    key: Option<String>,
    category: Option<NarrativeCategory>,
    event: Option<Event>,
    variables: Option<Variables>,
    text: Option<String>,
    keys: Option<Vec<String>>,
    told: Option<Vec<Expected>>,
    refuse: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Expected {
    key: String,
    text: String,
}

/// Runs the narrative suite.
pub fn run(tally: &mut Tally) {
    for path in files("narrative") {
        run_file(&path, tally);
    }
}

fn run_file(path: &Path, tally: &mut Tally) {
    let file: File = read(path);
    let engine = Ruleset::from_json(file.ruleset.get()).map(|ruleset| Engine::new(ruleset.into()));
    let engine = engine.map_err(|errors| first_code(&errors));
    for (index, case) in file.cases.iter().enumerate() {
        let outcome = part(case).and_then(|case: Case| match &engine {
            Ok(engine) => check(engine, case),
            Err(code) => settle(Err::<(), _>(code.clone()), case.refuse.as_deref(), Ok),
        });
        tally.count(name(path, index), outcome);
    }
}

fn check(engine: &Engine, case: Case) -> Result<(), String> {
    let (refuse, variables) = (case.refuse.as_deref(), case.variables.unwrap_or_default());
    if let Some(key) = &case.key {
        let told = engine.ruleset().tell(key, &variables).map_err(|error| error.code().to_owned());
        return settle(told, refuse, |text| same("text", Some(text), case.text));
    }
    if let Some(category) = case.category {
        let keys = engine.ruleset().narratives_about(category).map(|narrative| narrative.key.clone()).collect();
        return same("keys", Some(keys), case.keys);
    }
    let event = case.event.ok_or("a case has a key, a category or an event")?;
    let told: Result<Vec<Told>, _> =
        engine.narrate(&Player::new("p1", Zone::UTC), &event, &variables).into_iter().collect();
    settle(told.map_err(|error| error.code().to_owned()), refuse, |told: Vec<Told>| {
        let expected = case.told.unwrap_or_default();
        let expected: Vec<Told> = expected.into_iter().map(|Expected { key, text }| Told { key, text }).collect();
        same("told", told, expected)
    })
}
