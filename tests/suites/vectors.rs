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
    scenario::run(&mut StoreTarget::sqlite(), &mut tally);
    tally.report("rust", "sqlite");
}

#[cfg(feature = "store")]
#[test]
fn vectors_pass_on_postgresql() {
    use levelkit_tests::store::StoreTarget;
    let Some(server) = levelkit_test_postgres::Server::shared().unwrap() else {
        return levelkit_test_postgres::skip("vectors_pass_on_postgresql");
    };
    let database = server.database().unwrap();
    let mut tally = Tally::default();
    run_pure(&mut tally);
    scenario::run(&mut StoreTarget::postgres(&database.url()), &mut tally);
    tally.report("rust", "postgresql");
}

/// Commands of one player that meet are decided from one reading, and written together.
#[cfg(feature = "store")]
#[test]
fn vectors_pass_on_postgresql_with_commands_that_meet() {
    use levelkit_tests::store::StoreTarget;
    let Some(server) = levelkit_test_postgres::Server::shared().unwrap() else {
        return levelkit_test_postgres::skip("vectors_pass_on_postgresql_with_commands_that_meet");
    };
    let database = server.database().unwrap();
    let mut tally = Tally::default();
    scenario::run(&mut StoreTarget::postgres(&database.url()).at_once(), &mut tally);
    tally.report("rust", "postgresql-at-once");
}
