//! A rolling over of many on SQLite, which has one writer: others write in between.

use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use levelkit::Instant;
use levelkit_storage::{BlockingStore, Options};

use crate::backend::{Backend, SqliteFile};
use crate::many::{crowd, id, steps};
use crate::world::{DAYS_TO_2031, adjust, at, minutes, report};

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

/// Whether somebody who takes the lock of the one who writes, while the store rolls over, finds a count between none and all.
fn finds_some(backend: &SqliteFile, store: &BlockingStore, now: Instant, query: &str, all: i64) -> bool {
    let mut other = backend.connect();
    // It asks again at once, and does not wait ever longer; once it had the lock it leaves it to the store for a while.
    other.batch_execute("PRAGMA busy_timeout = 0").unwrap();
    std::thread::scope(|scope| {
        let rolling = scope.spawn(|| store.roll_over(now, 1000).unwrap());
        let mut found = false;
        while !found && !rolling.is_finished() {
            let counted = other.immediate_transaction(|other| diesel::sql_query(query).get_result::<Number>(other));
            if let Ok(Number { number }) = counted {
                found = (1..all).contains(&number);
                std::thread::sleep(Duration::from_millis(5));
            }
        }
        assert!(rolling.join().unwrap().failed.is_empty());
        found
    })
}

fn begun(players: usize) -> (SqliteFile, BlockingStore) {
    let (backend, store) = crowd::<SqliteFile>(players);
    let begin: Vec<_> = (0..players).map(|number| steps(&id(number), minutes(0), 9000.0)).collect();
    assert_eq!(store.report_many(&begin).unwrap().accepted.len(), players);
    (backend, store)
}

#[test]
fn other_processes_write_between_the_parts_of_a_crowd() {
    let (backend, store) = begun(600);
    let now = minutes(2 * 1440);
    let due = format!("SELECT count(*) AS number FROM levelkit_players WHERE due_at <= {}", now.micros());
    assert!(finds_some(&backend, &store, now, &due, 600));
}

#[test]
fn other_processes_write_between_the_parts_of_a_long_absence() {
    let (backend, store) = begun(3);
    let now = at("2031-03-02T07:00:00Z");
    let closed = "SELECT count(*) AS number FROM daily_logs WHERE evaluated";
    assert!(finds_some(&backend, &store, now, closed, 3 * DAYS_TO_2031 as i64));
    // It ended where one command ends, or many.
    let (_again, again) = begun(3);
    for number in 0..3 {
        again.execute(&id(number), now, &levelkit::Command::Advance {}).unwrap();
        assert_eq!(store.state(&id(number)).unwrap(), again.state(&id(number)).unwrap());
    }
    assert!(store.verify_all().unwrap().failures.is_empty());
}

/// Whose rows the database refuses in the midst of a long absence is set aside, and the days until then stay closed.
#[test]
fn days_that_were_committed_stay_closed() {
    let (backend, store) = begun(3);
    backend
        .run(
            "CREATE TRIGGER odd BEFORE INSERT ON daily_logs WHEN NEW.user_id = 'c01' AND NEW.day_date >= '2029-06-01' \
             BEGIN SELECT RAISE(ABORT, 'odd'); END",
        )
        .unwrap();
    let now = at("2031-03-02T07:00:00Z");
    let mut done = store.roll_over(now, 1000).unwrap();
    done.advanced.sort();
    assert_eq!((done.advanced, done.more), (vec![id(0), id(2)], false));
    assert_eq!(done.failed.iter().map(|one| one.player.as_str()).collect::<Vec<_>>(), ["c01"]);
    let until = store.state(&id(1)).unwrap().state.last_at.unwrap();
    assert!(at("2028-01-01T00:00:00Z") < until && until < at("2029-06-01T12:00:00Z"), "{until}");
    assert!(store.verify(&id(1)).unwrap().verification.is_sound());
}

/// A command that comes while a crowd is rolled over is done before all of them are.
#[test]
fn commands_come_in_between() {
    let (backend, store) = begun(600);
    drop(store);
    let store = BlockingStore::open_with(&backend.url(), Options::new().outbox(true)).unwrap();
    let store = store.as_async();
    let now = minutes(2 * 1440);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let told = runtime.block_on(async {
        let gift = adjust("gift", 5);
        let (rolled, done) = futures_util::join!(store.roll_over(now, 1000), store.execute("p1", now, &gift));
        assert_eq!((rolled.unwrap().advanced.len(), done.unwrap().head.events), (600, 1));
        store.claim_events("worker", 1000, Duration::from_secs(9)).await.unwrap()
    });
    let place = told.iter().position(|entry| entry.player == "p1").unwrap();
    assert!((1..600).contains(&place), "{place} of {}", told.len());
}

/// A limit that is met in the midst of those who were away for long.
#[test]
fn a_limit_is_kept_over_long_absences() {
    let (_backend, store) = begun(5);
    let (back, now) = (at("2029-03-02T07:00:00Z"), at("2031-03-02T07:00:00Z"));
    store.execute(&id(4), back, &report(&[("steps", 9000.0)])).unwrap();
    let mut advanced = Vec::new();
    for more in [true, true, false] {
        let done = store.roll_over(now, 2).unwrap();
        assert_eq!(done.more, more, "{done:?}");
        advanced.extend(done.advanced);
    }
    advanced.sort();
    assert_eq!(advanced, (0..5).map(id).collect::<Vec<_>>());
}
