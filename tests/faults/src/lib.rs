//! Many workers on one PostgreSQL while everything goes wrong: servers and workers are killed, connections cut between a COMMIT
//! and its answer, transactions made to fail. Afterwards every acknowledged command must be in the ledger, at the very place that
//! was acknowledged, once; nothing may be half there; every chain and every total must verify.
//!
//! ```text
//! cargo run --release -p levelkit-faults -- --commands 1000000
//! ```
//!
//! On a disk that is full (as root, on Linux): `cargo run -p levelkit-faults -- --full-disk`.
//!
//! [`Plan`] says how much of what; [`run`] does it. What a worker does is a function of the seed, so a killed worker goes
//! on where it was, and sends again what it has no answer to.
#![cfg(unix)]
#![forbid(unsafe_code)]

mod chaos;
mod check;
mod crew;
pub mod disk;
mod line;
mod plan;
mod random;
mod summary;
mod work;
pub mod worker;

use std::sync::atomic::{AtomicBool, Ordering};

use levelkit::Ruleset;
use levelkit_storage::{BlockingStore, NewPlayer};
use levelkit_test_postgres::{Server, Settings};

pub use chaos::Fault;
pub use plan::Plan;
pub use summary::Summary;

/// What went wrong, in words.
pub type Wrong = Box<dyn std::error::Error + Send + Sync>;

/// Does the plan on a private server of its own.
///
/// # Errors
/// An XP was lost or doubled, a chain or total does not verify, a worker met an error it should never meet, or PostgreSQL is not
/// installed.
pub fn run(plan: &Plan) -> Result<Summary, Wrong> {
    let server = Server::start(&Settings::new().durable(true))?;
    let database = server.database()?;
    prepare(plan, &database.url())?;
    let line = line::Line::to(&database.url())?;
    let crew = crew::Crew::new(plan, &database.url(), &line.url());
    let over = AtomicBool::new(false);
    let (acknowledged, chaos) = std::thread::scope(|scope| {
        let chaos = scope.spawn(|| chaos::rage(plan, &server, &database, &line, &crew, &over));
        let keeper = scope.spawn(|| crew::keep_house(plan, &database.url(), crew.started(), &over));
        let acknowledged = crew.work();
        over.store(true, Ordering::Release);
        let chaos = chaos.join().map_err(|_| "the faults stopped with a panic")?;
        keeper.join().map_err(|_| "the housekeeping stopped with a panic")??;
        Ok::<_, Wrong>((acknowledged?, chaos?))
    })?;
    let checked = check::check(plan, &database, &acknowledged)?;
    Ok(Summary::new(chaos, checked, acknowledged, &crew))
}

fn prepare(plan: &Plan, url: &str) -> Result<(), Wrong> {
    let store = BlockingStore::open(url)?;
    store.migrate()?;
    store.import_ruleset(&Ruleset::from_json(work::RULES)?, work::begin()?)?;
    for player in 0..plan.players {
        store.create_player(&NewPlayer::new(work::player(player)))?;
    }
    Ok(())
}
