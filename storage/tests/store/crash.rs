//! Crashes: between the decision and the commit, and at any moment of a process that is killed.

use std::io::{BufRead, BufReader};
use std::process::{Command as Process, Stdio};

use diesel::connection::{AnsiTransactionManager, TransactionManager};
use levelkit_storage::{BlockingStore, Error, Executor};

use crate::backend::{Backend, SqliteFile};
use crate::world::{adjust, minutes, populated, report};

#[test]
fn a_drop_between_decision_and_commit_leaves_nothing() {
    let (backend, store) = populated::<SqliteFile>();
    store.execute("p1", minutes(0), &report(&[("steps", 100.0)])).unwrap();
    let before = store.state("p1").unwrap();
    let mut executor = Executor::new();
    let mut conn = backend.connect();
    let rolled_back = conn.immediate_transaction::<(), Error, _>(|conn| {
        let outcome = executor.execute(conn, "p1", minutes(1), &report(&[("steps", 9000.0)]))?;
        assert!(!outcome.events.is_empty());
        Err(executor.execute(conn, "nobody", minutes(1), &report(&[])).unwrap_err())
    });
    assert_eq!(rolled_back.unwrap_err().code(), "UNKNOWN_ID");
    assert_eq!(store.state("p1").unwrap(), before);
    // The connection is gone with the transaction open.
    let _ = executor.execute(&mut conn, "p1", minutes(1), &adjust("kept", 1)).unwrap();
    AnsiTransactionManager::begin_transaction(&mut conn).unwrap();
    executor.execute(&mut conn, "p1", minutes(2), &adjust("lost", 1)).unwrap();
    drop(conn);
    let kept = store.ledger("p1", None, 10).unwrap().entries;
    assert_eq!(kept.iter().map(|entry| entry.event.id.as_str()).collect::<Vec<_>>(), ["kept"]);
    store.execute("p1", minutes(3), &report(&[("steps", 9000.0)])).unwrap();
    assert!(store.verify("p1").unwrap().verification.is_sound());
}

const URL: &str = "LEVELKIT_TEST_CRASHING_URL";

/// The process that is killed: it grants 1 XP after the other and says so.
#[test]
fn a_process_that_will_be_killed() {
    let Ok(url) = std::env::var(URL) else {
        return;
    };
    let store = BlockingStore::open(&url).unwrap();
    let first = store.verify("p1").unwrap().verification.events;
    for number in first.. {
        store.execute("p1", minutes(0), &adjust(&format!("n{number}"), 1)).unwrap();
        println!("granted {number}");
    }
}

#[test]
fn what_was_acknowledged_survives_a_kill() {
    let (backend, store) = populated::<SqliteFile>();
    let mut granted = 0;
    for round in 0..6 {
        let mut child = Process::new(std::env::current_exe().unwrap())
            .args(["crash::a_process_that_will_be_killed", "--exact", "--nocapture"])
            .env(URL, backend.url())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let acknowledged = |line: &String| line.contains("granted ");
        for _ in 0..=round * 5 {
            granted += i64::from(lines.by_ref().any(|line| acknowledged(&line)));
            // A second process reads while the first one writes.
            assert!(store.verify("p1").unwrap().verification.is_sound());
        }
        child.kill().unwrap();
        child.wait().unwrap();
        granted += lines.filter(acknowledged).count() as i64;
        let found = store.verify("p1").unwrap().verification;
        assert_eq!(found.failure, None);
        // The last one may have been committed and not been said any more.
        assert!((granted..=granted + 1).contains(&found.total_xp), "{granted} {}", found.total_xp);
        granted = found.total_xp;
    }
    assert!(granted > 6);
}
