//! Laws: what holds of every curve, award, ledger, player and command, whatever the ruleset.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod awards;
mod curves;
mod ledgers;
mod machines;
mod players;
mod texts;
mod time;

use levelkit_tests::compare::Played;
use proptest::prelude::*;
use serde_json::Value;

/// A scenario of the generator; it shrinks by leaving the last commands out.
fn scenarios(size: usize) -> impl Strategy<Value = Value> {
    let shape = (any::<u64>().no_shrink(), 1..=size);
    shape.prop_map(|(seed, size)| levelkit_tests::model::scenario(seed, size))
}

/// Plays a scenario to its end.
fn played(scenario: &Value) -> Played {
    let mut played = Played::new(scenario).unwrap();
    for step in steps(scenario) {
        let _ = played.step(step).unwrap();
    }
    played
}

fn steps(scenario: &Value) -> &[Value] {
    scenario["steps"].as_array().unwrap()
}
