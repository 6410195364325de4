//! What a command costs in a large ledger, and after a long absence.

use std::time::Instant as Clock;

use levelkit::Ruleset;
use levelkit_storage::{BlockingStore, NewPlayer, Synchronous};

use super::postgres::{server, store};
use super::world::{at, grant, id, steps};
use super::{sqlite, world};
use crate::report::{Failed, Report, median};

/// Rows of others in the ledger of the small and of the large database.
const SMALL: u64 = 10_000;
const LARGE: u64 = 1_000_000;
const LARGEST: u64 = 10_000_000;
const COMMANDS: usize = 300;
const ABSENT: [i64; 5] = [1, 10, 100, 1000, 3650];

pub(super) fn run(out: &mut Report, full: bool) -> Result<(), Failed> {
    let rows = if full { LARGEST } else { LARGE };
    let folder = tempfile::tempdir()?;
    let server = server()?;
    let (small, large) = (server.database()?, server.database()?);
    let mut stores = Vec::new();
    for (database, rows) in [(&small, SMALL), (&large, rows)] {
        let store = store(&database.url(), 1)?;
        begin(&store)?;
        database.query(&format!(
            "INSERT INTO users (id, email) SELECT 'other' || n, 'other' || n || '@x.org' FROM generate_series(0, 999) AS n; \
             INSERT INTO xp_events (id, user_id, event_source, source_id, base_xp, final_xp, total_xp_before, total_xp_after, \
             level_before, level_after, event_hash, created_at) SELECT md5(n::text), 'other' || n % 1000, 'DUNGEON_CLEAR', NULL, 1, 1, \
             n, n + 1, 1, 1, md5(n::text), timestamp '2020-01-01' + n * interval '1 second' FROM generate_series(1, {rows}) AS n; \
             ANALYZE"
        ))?;
        stores.push(store);
    }
    let [first, second] = stores.as_slice() else { return Ok(()) };
    compare(out, &format!("PostgreSQL: a command with {rows} rows in the ledger, beside {SMALL}"), second, first)?;
    let mut files = Vec::new();
    for (name, rows) in [("small.db", SMALL), ("large.db", rows)] {
        let path = folder.path().join(name);
        let store = sqlite::open(&path, Synchronous::Full)?;
        begin(&store)?;
        rusqlite::Connection::open(&path)?.execute_batch(&format!(
            "PRAGMA foreign_keys = OFF; BEGIN; WITH RECURSIVE s (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {rows}) \
             INSERT INTO xp_events (id, user_id, event_source, source_id, base_xp, final_xp, total_xp_before, total_xp_after, \
             level_before, level_after, event_hash, created_at) SELECT hex(n * 7919) || n, 'other' || n % 1000, 'DUNGEON_CLEAR', NULL, 1, \
             1, n, n + 1, 1, 1, hex(n * 7919), n FROM s; COMMIT"
        ))?;
        files.push(store);
    }
    let [first, second] = files.as_slice() else { return Ok(()) };
    compare(out, &format!("SQLite: a command with {rows} rows in the ledger, beside {SMALL}"), second, first)?;
    for (name, store) in [("PostgreSQL", &stores), ("SQLite", &files)] {
        if let Some(store) = store.first() {
            absent(out, name, store)?;
        }
    }
    Ok(())
}

fn begin(store: &BlockingStore) -> Result<(), Failed> {
    store.migrate()?;
    store.import_ruleset(&Ruleset::from_json(world::RULES)?, at(0, 0))?;
    for number in 0..16 {
        store.create_player(&NewPlayer::new(id(number)))?;
        store.execute(&id(number), at(0, 8), &steps(10.0))?;
    }
    Ok(())
}

/// The same commands on both, in turns.
fn compare(out: &mut Report, what: &str, large: &BlockingStore, small: &BlockingStore) -> Result<(), Failed> {
    let (mut of_large, mut of_small) = (Vec::new(), Vec::new());
    for number in 0..COMMANDS {
        for (store, times) in [(large, &mut of_large), (small, &mut of_small)] {
            let begin = Clock::now();
            store.execute(&id(number % 8), at(0, 9), &grant(format!("grant-{number}")))?;
            times.push(begin.elapsed().as_secs_f64() * 1000.0);
        }
    }
    for store in [large, small] {
        let events: u64 = (0..8)
            .map(|number| store.verify(&id(number)).map(|found| found.verification.events))
            .sum::<Result<u64, _>>()?;
        if events != COMMANDS as u64 {
            return Err(format!("{events} events instead of {COMMANDS}").into());
        }
    }
    out.growth(what, median(&of_large), median(&of_small), 1.2);
    Ok(())
}

/// The first command after so many days.
fn absent(out: &mut Report, name: &str, store: &BlockingStore) -> Result<(), Failed> {
    for (number, days) in (8..).zip(ABSENT) {
        let begin = Clock::now();
        store.execute(&id(number), at(days, 9), &steps(9000.0))?;
        let took = begin.elapsed().as_secs_f64() * 1000.0;
        world::verified(store, number, 1)?;
        let each = took / days as f64;
        out.plain(&format!("{name}: the first command after {days} days"), format!("{took:.1} ms, {each:.3} ms a day"));
    }
    Ok(())
}
