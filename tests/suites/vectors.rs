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
