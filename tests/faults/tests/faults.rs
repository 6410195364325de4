//! A small budget of what `cargo run --release -p levelkit-faults` does at length.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic)]

use std::time::Duration;

use levelkit_faults::{Fault, Plan, Summary, disk, run};
use levelkit_test_postgres::skip_because;

fn small(test: &str, change: impl FnOnce(&mut Plan)) -> Option<Summary> {
    let mut plan = Plan::new(env!("CARGO_BIN_EXE_levelkit-faults").into());
    plan.pause = Duration::from_millis(250);
    plan.pace = 20_000;
    change(&mut plan);
    let summary = match run(&plan) {
        Ok(summary) => summary,
        Err(wrong) if wrong.to_string().contains("not installed") => {
            levelkit_test_postgres::skip(test);
            return None;
        }
        Err(wrong) => panic!("{wrong}"),
    };
    assert!(summary.wrong().is_empty(), "{summary}");
    assert!(summary.acknowledged() > plan.commands / 2, "{summary}");
    // What is only provoked may fail to happen; what is done must have been.
    let provoked = [Fault::Deadlock, Fault::CommitUnanswered, Fault::Serializable];
    for fault in plan.faults.iter().filter(|fault| !provoked.contains(fault)) {
        assert!(summary.faults(*fault) > 0, "{fault:?} did not happen\n{summary}");
    }
    Some(summary)
}

#[test]
fn sixty_four_workers_on_one_player() {
    small("sixty_four_workers_on_one_player", |plan| {
        (plan.players, plan.commands, plan.faults) = (1, 1_500, vec![]);
    });
}

#[test]
fn transactions_that_the_server_refuses_are_tried_again() {
    let summary = small("transactions_that_the_server_refuses_are_tried_again", |plan| {
        (plan.players, plan.commands) = (20, 2_000);
        (plan.faults, plan.pause) = (vec![Fault::Serializable], Duration::ZERO);
    });
    assert!(summary.is_none_or(|summary| summary.faults(Fault::Serializable) > 0), "none was refused");
}

#[test]
fn a_thousand_players_and_everything_goes_wrong() {
    small("a_thousand_players_and_everything_goes_wrong", |plan| plan.commands = 8_000);
}

#[test]
fn a_full_disk_loses_nothing_and_is_over_when_there_is_room() {
    let test = "a_full_disk_loses_nothing_and_is_over_when_there_is_room";
    match disk::run(env!("CARGO_BIN_EXE_levelkit-faults").as_ref()) {
        Ok(Some(said)) => assert!(said.ends_with("\n0 lost, doubled or half there"), "{said}"),
        Ok(None) => skip_because(test, "a small disk can only be mounted by root, on Linux"),
        Err(wrong) if wrong.to_string().contains("not installed") => levelkit_test_postgres::skip(test),
        Err(wrong) => panic!("{wrong}"),
    }
}
