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
