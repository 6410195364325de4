//! Every conformance vector, in Rust.

use levelkit_tests::scenario::{self, Memory};
use levelkit_tests::vectors::{Tally, run_pure};

#[test]
fn vectors_pass_on_core() {
    let mut tally = Tally::default();
    run_pure(&mut tally);
    scenario::run(&mut Memory::default(), &mut tally);
    tally.report("rust", "core");
}

#[cfg(feature = "store")]
#[test]
fn vectors_pass_on_sqlite() {
    use levelkit_tests::store::StoreTarget;
    let mut tally = Tally::default();
    run_pure(&mut tally);
    scenario::run_on_every_processor(StoreTarget::sqlite, &mut tally);
    tally.report("rust", "sqlite");
}

#[cfg(feature = "store")]
#[test]
fn vectors_pass_on_postgresql() {
    on_postgresql("vectors_pass_on_postgresql", |mut store, tally| {
        run_pure(tally);
        scenario::run(&mut store, tally);
        "postgresql"
    });
}

/// Commands of one player that meet are decided from one reading, and written together.
#[cfg(feature = "store")]
#[test]
fn vectors_pass_on_postgresql_with_commands_that_meet() {
    on_postgresql("vectors_pass_on_postgresql_with_commands_that_meet", |store, tally| {
        scenario::run(&mut store.at_once(), tally);
        "postgresql-at-once"
    });
}

/// Runs `play` on a database of its own and reports under the name that it answers.
#[cfg(feature = "store")]
fn on_postgresql(test: &str, play: impl FnOnce(levelkit_tests::store::StoreTarget, &mut Tally) -> &'static str) {
    let Some(server) = levelkit_test_postgres::Server::shared().unwrap() else {
        return levelkit_test_postgres::skip(test);
    };
    let database = server.database().unwrap();
    let mut tally = Tally::default();
    let target = play(levelkit_tests::store::StoreTarget::postgres(&database.url()), &mut tally);
    tally.report("rust", target);
}
