//! The engine and the stores against the model: seeded scenarios, every event, refusal and row.
//!
//! `LEVELKIT_MODEL_CASES` sets how many (300 by default; before a release 100,000, in release mode: about 17 minutes),
//! `LEVELKIT_MODEL_SEED` where the seeds begin, and `LEVELKIT_MODEL_SIZE` how many commands a scenario has at most. A failure
//! names the seed and the size, and prints the smallest scenario that still fails, ready to become a vector:
//!
//! ```sh
//! LEVELKIT_MODEL_CASES=100000 cargo test --release -p levelkit-tests --test model -- --nocapture
//! ```
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};

use levelkit_tests::cases::{DEFAULT_CASES, config, setting};
use levelkit_tests::compare::{Played, Reached, compare, shrink};
use levelkit_tests::model;
use proptest::prelude::*;
use proptest::test_runner::{TestError, TestRunner};
use serde_json::Value;

/// A comparison in which a panic is a difference too.
fn differs(scenario: &Value, reached: &mut Reached) -> Option<String> {
    match catch_unwind(AssertUnwindSafe(|| compare(scenario, reached))) {
        Ok(compared) => compared.err(),
        Err(panic) => Some(format!("panic: {:?}", panic.downcast_ref::<String>())),
    }
}

#[test]
fn engine_and_model_agree() {
    let config = config(DEFAULT_CASES);
    let (cases, size) = (config.cases, setting("LEVELKIT_MODEL_SIZE", 60));
    let reached = RefCell::new(Reached::new());
    // A scenario's steps do not depend on how many follow, so a smaller size is the same scenario cut short.
    let strategy = (any::<u64>().no_shrink(), 1..=usize::try_from(size).unwrap());
    let outcome = TestRunner::new(config).run(&strategy, |(seed, size)| {
        let scenario = model::scenario(seed, size);
        match differs(&scenario, &mut reached.borrow_mut()) {
            None => Ok(()),
            Some(wrong) => Err(TestCaseError::fail(wrong)),
        }
    });
    println!("model: {cases} scenarios; reached {:?}", reached.into_inner());
    let Err(error) = outcome else { return };
    let TestError::Fail(why, (seed, size)) = error else { panic!("{error}") };
    // What was left out may still be referred to: that is no failure of the engine's.
    let mut fails =
        |scenario: &Value| Played::new(scenario).is_ok() && differs(scenario, &mut Reached::new()).is_some();
    let smallest = shrink(model::scenario(seed, size), &mut fails);
    let wrong = differs(&smallest, &mut Reached::new()).unwrap_or_default();
    panic!("seed {seed} size {size}: {why}\nsmallest scenario:\n{smallest}\ndiffers: {wrong}");
}

/// Plays scenarios on a store, a fraction of those the engine plays, since every command is written and read again.
#[cfg(feature = "store")]
fn store_and_model_agree(mut store: levelkit_tests::store::StoreTarget, fraction: u64) {
    let mut config = config(DEFAULT_CASES);
    config.cases = (config.cases / u32::try_from(fraction).unwrap()).max(1);
    let size = usize::try_from(setting("LEVELKIT_MODEL_SIZE", 60)).unwrap();
    let store = RefCell::new(&mut store);
    let strategy = (any::<u64>().no_shrink(), 1..=size);
    let outcome = TestRunner::new(config).run(&strategy, |(seed, size)| {
        let recorded = model::record(model::scenario(seed, size)).to_string();
        let scenario = serde_json::from_str(&recorded).unwrap();
        let played = levelkit_tests::scenario::play(&scenario, *store.borrow_mut());
        played.map_err(|wrong| TestCaseError::fail(format!("{wrong}\n{recorded}")))
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
}

#[cfg(feature = "store")]
#[test]
fn sqlite_and_model_agree() {
    store_and_model_agree(levelkit_tests::store::StoreTarget::sqlite(), 5);
}

#[cfg(feature = "store")]
#[test]
fn postgresql_and_model_agree() {
    let Some(server) = levelkit_test_postgres::Server::shared().unwrap() else {
        return levelkit_test_postgres::skip("postgresql_and_model_agree");
    };
    let database = server.database().unwrap();
    store_and_model_agree(levelkit_tests::store::StoreTarget::postgres(&database.url()), 10);
}
