//! `roll-over`: once, and as a worker.

use crate::support::Place;

#[test]
fn days_that_are_over_are_closed() {
    let place = Place::played();
    let none = place.json(&["roll-over", "--now", "2026-03-04T23:59:59Z", "--idle-days", "0"]);
    assert_eq!(none["advanced"], 0);
    let first = place.json(&["roll-over", "--now", "2026-03-09T12:00:00Z", "--limit", "1"]);
    assert_eq!((&first["advanced"], &first["more"]), (&1.into(), &true.into()));
    let idle = place.json(&["roll-over", "--now", "2026-03-09T12:00:00Z", "--idle-days", "3"]);
    assert_eq!(idle["advanced"], 0);
    let rest = place.run(&["roll-over", "--now", "2026-03-09T12:00:00Z"]).exits(0);
    assert!(rest.out.contains("1 player advanced.") && !rest.out.contains("more"), "{}", rest.out);
    assert_eq!(place.json(&["roll-over", "--now", "2026-03-09T12:00:00Z"])["advanced"], 0);
    assert_eq!(place.json(&["verify"])["sound"], true);
    place.run(&["roll-over", "--watch", "--now", "2026-03-09T12:00:00Z"]).exits(2);
    place.run(&["roll-over", "--every", "5"]).exits(2);
}

#[test]
fn who_cannot_be_advanced_is_named_and_the_others_are_advanced() {
    use diesel::connection::SimpleConnection as _;
    use diesel::{Connection as _, SqliteConnection};

    let place = Place::played();
    let mut conn = SqliteConnection::establish(place.path("test.db").to_str().unwrap()).unwrap();
    conn.batch_execute("UPDATE levelkit_players SET head_hash = 'x' WHERE user_id = 'ann'").unwrap();
    drop(conn);
    let done = place.run(&["roll-over", "--now", "2026-03-09T12:00:00Z"]).exits(1);
    assert!(done.out.contains("1 player advanced") && done.out.contains("STORE_CORRUPT ann: "), "{}", done.out);
    let done = place.run(&["roll-over", "--json", "--now", "2026-03-19T12:00:00Z"]).exits(1).json();
    assert_eq!((&done["advanced"], &done["failed"][0]["player"]), (&1.into(), &"ann".into()));
}

/// A worker whose store cannot be had yet, and what it says of that first.
#[cfg(unix)]
fn waiting(place: &Place, args: &[&str]) -> (std::process::Child, serde_json::Value) {
    use std::io::{BufRead as _, BufReader};
    use std::process::Stdio;

    let args = [&["roll-over", "--watch", "--every", "1", "--json"], args].concat();
    let mut worker = place.command(&args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(worker.stderr.take().unwrap()).read_line(&mut line).unwrap();
    (worker, serde_json::from_str(&line).unwrap())
}

#[cfg(unix)]
fn stop(mut worker: std::process::Child) {
    let told = std::process::Command::new("kill").arg(worker.id().to_string()).status().unwrap();
    assert!(told.success());
    assert_eq!(worker.wait().unwrap().code(), Some(0));
}

#[cfg(unix)]
#[test]
fn a_server_that_is_not_up_yet_is_waited_for() {
    // Nothing listens there: a port that was free a moment ago.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let url = format!("postgres://me@127.0.0.1:{port}/game");
    let (worker, said) = waiting(&Place::new(), &["--db", &url]);
    assert_eq!(said["error"]["code"], "STORE_UNAVAILABLE");
    stop(worker);
}

#[cfg(unix)]
#[test]
fn a_store_that_can_be_opened_later_is_worked_on_then() {
    use std::io::{BufRead as _, BufReader};

    use diesel::connection::SimpleConnection as _;
    use diesel::{Connection as _, SqliteConnection};

    let place = Place::played();
    let mut other = SqliteConnection::establish(place.path("test.db").to_str().unwrap()).unwrap();
    other.batch_execute("PRAGMA locking_mode = EXCLUSIVE; BEGIN IMMEDIATE; COMMIT").unwrap();
    let (mut worker, said) = waiting(&place, &[]);
    assert_eq!(said["error"]["code"], "STORE_LOCKED");
    drop(other);
    let mut line = String::new();
    BufReader::new(worker.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let done: serde_json::Value = serde_json::from_str(&line).unwrap();
    assert_eq!(done["advanced"], 2);
    stop(worker);
}

#[cfg(unix)]
#[test]
fn what_does_not_pass_ends_a_worker() {
    let nowhere = Place::new().run(&["roll-over", "--watch"]).exits(4);
    assert!(nowhere.err.contains("[STORE_MISSING]"), "{}", nowhere.err);
}

#[cfg(unix)]
#[test]
fn a_worker_stops_cleanly_when_it_is_told_to() {
    use std::io::{BufRead as _, BufReader, Read as _};
    use std::process::{Command, Stdio};

    for signal in ["TERM", "INT"] {
        let place = Place::played();
        let mut worker = place.command(&["roll-over", "--watch", "--every", "3600", "--json"]);
        let mut worker = worker.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut out = BufReader::new(worker.stdout.take().unwrap());
        let mut line = String::new();
        out.read_line(&mut line).unwrap();
        let done: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!(done["advanced"], 2);
        // It waits for the next hour now.
        let told = Command::new("kill").args(["-s", signal, &worker.id().to_string()]).status().unwrap();
        assert!(told.success());
        let begin = std::time::Instant::now();
        let status = worker.wait().unwrap();
        assert!(begin.elapsed().as_secs() < 30);
        let mut err = String::new();
        worker.stderr.take().unwrap().read_to_string(&mut err).unwrap();
        assert_eq!((status.code(), err.as_str()), (Some(0), ""), "{signal}");
        assert_eq!(place.json(&["verify"])["sound"], true);
    }
}
