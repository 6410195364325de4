//! Tables that come and go while a store is open, as another process migrates.

use levelkit::{Command, Instant};
use levelkit_storage::{BlockingStore, Error, NewPlayer, PlayerReport, RollOverOptions};

use crate::backend::Backend;
use crate::world::{document, minutes, populated, report, ruleset};

/// Looks into the tables by every connection that will be asked again.
fn see(store: &BlockingStore) {
    store.players(None, 1).unwrap();
    store.acknowledge(&[0]).unwrap();
}

fn code<T>(done: Result<T, Error>) -> &'static str {
    done.map(drop).map_err(|error| error.code()).err().unwrap_or("none")
}

type Ask = fn(&BlockingStore, Instant) -> &'static str;

/// What can be asked of a store whose tables are gone.
const ASKED: [(&str, Ask); 14] = [
    ("execute", |store, at| code(store.execute("p1", at, &Command::Advance {}))),
    ("execute_all", |store, at| code(store.execute_all("p1", &[(at, Command::Advance {})]))),
    ("report_many", |store, at| {
        code(store.report_many(&[PlayerReport::new("p1", at, [("steps", 9.0.into())].into())]))
    }),
    ("roll_over", |store, at| code(store.roll_over_with(at, &RollOverOptions::new(9)))),
    ("create_player", |store, _| code(store.create_player(&NewPlayer::new("p2")))),
    ("import_ruleset", |store, at| code(store.import_ruleset(&ruleset(&document()), at))),
    ("player", |store, at| code(store.player("p1", Some(at)))),
    ("preview", |store, at| code(store.preview("p1", at, &report(&[])))),
    ("players", |store, _| code(store.players(None, 9))),
    ("verify_all", |store, _| code(store.verify_all())),
    ("ledger", |store, _| code(store.ledger("p1", None, 9))),
    ("refresh", |store, at| code(store.refresh_leaderboard("spring", at))),
    ("export_player", |store, _| code(store.export_player("p1"))),
    ("acknowledge", |store, _| code(store.acknowledge(&[7]))),
];

pub(crate) fn tables_that_are_taken_away_are_missed<B: Backend>() {
    let (backend, store) = populated::<B>();
    for (name, ask) in ASKED {
        see(&store);
        backend.take_tables_away();
        assert_eq!(ask(&store, minutes(0)), "NOT_MIGRATED", "{name}");
        assert_eq!(ask(&store, minutes(0)), "NOT_MIGRATED", "{name}, again");
        // Another process makes them anew.
        backend.store();
    }
    see(&store);
    backend.take_tables_away();
    let error = store.players(None, 1).unwrap_err();
    assert!(error.is_schema() && error.hint() == Some("migrate the store first"), "{error}");
}

/// A part of the tables is older than what the store looked at.
pub(crate) fn tables_of_an_older_version_are_noticed<B: Backend>() {
    let (backend, store) = populated::<B>();
    store.execute("p1", minutes(0), &report(&[("steps", 9000.0)])).unwrap();
    let [.., last] = B::MIGRATIONS;
    backend.run_own(&format!("BEGIN; {} COMMIT", last.down)).unwrap();
    let older = store.execute("p1", minutes(1), &report(&[("steps", 9001.0)])).unwrap_err();
    assert_eq!(older.code(), "NOT_MIGRATED");
    assert!(older.to_string().contains("version 2, and version 3"), "{older}");
    backend.store();
    store.execute("p1", minutes(1), &report(&[("steps", 9001.0)])).unwrap();
    assert!(store.verify("p1").unwrap().verification.is_sound());
}
