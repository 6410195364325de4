//! The ledger: it only grows, and whatever is changed behind its back is found and named.

use levelkit::ledger::LedgerFault;
use levelkit::{Event, Instant};
use levelkit_storage::NewPlayer;

use crate::backend::Backend;
use crate::world::{live, minutes, populated, report};

pub(crate) fn the_ledger_refuses_every_change<B: Backend>() {
    let (backend, store) = populated::<B>();
    live(&store, "p1");
    let dump = || {
        let events = backend.lines("SELECT id || event_hash AS line FROM xp_events ORDER BY 1");
        [events, backend.lines("SELECT id || reason AS line FROM xp_modifiers ORDER BY 1")]
    };
    let before = dump();
    let tables = [
        ("xp_events", "final_xp = final_xp + 1", "final_xp = excluded.final_xp"),
        ("xp_modifiers", "xp_after = xp_after + 1", "xp_after = excluded.xp_after"),
    ];
    for (table, update, upsert) in tables {
        let one = format!("SELECT * FROM {table} WHERE id = (SELECT max(id) FROM {table})");
        let changes = [
            format!("UPDATE {table} SET {update}"),
            format!("UPDATE OR REPLACE {table} SET id = 'x'"),
            format!("UPDATE OR IGNORE {table} SET {update}"),
            format!("DELETE FROM {table}"),
            format!("REPLACE INTO {table} {one}"),
            format!("INSERT OR REPLACE INTO {table} {one}"),
            format!("INSERT OR IGNORE INTO {table} {one}"),
            format!("INSERT INTO {table} {one} ON CONFLICT (id) DO UPDATE SET {upsert}"),
            format!("INSERT INTO {table} {one} ON CONFLICT DO NOTHING"),
        ];
        for change in changes {
            for settings in ["", "PRAGMA recursive_triggers = ON;", "PRAGMA foreign_keys = OFF;"] {
                let refused = backend.run(&format!("{settings} {change}"));
                assert!(refused.as_ref().is_err_and(|error| error.contains("append-only")), "{change}: {refused:?}");
            }
        }
        assert!(backend.run(&format!("INSERT OR REPLACE INTO {table} (rowid, id) VALUES (1, 'x')")).is_err());
    }
    assert!(backend.run("DELETE FROM users WHERE id = 'p1'").is_err());
    assert_eq!(dump(), before);
}

/// The engine asks the player's rows what was awarded; should they ever forget it, the award's id does not.
pub(crate) fn the_same_award_again_meets_its_own_id<B: Backend>() {
    let (backend, store) = populated::<B>();
    let walked = |steps: f64| report(&[("steps", steps)]);
    store.execute("p1", minutes(0), &walked(9000.0)).unwrap();
    let before = store.verify("p1").unwrap().verification;
    assert!(before.total_xp >= 100);
    backend
        .run("UPDATE quest_logs SET status = 'ACTIVE', completed_at = NULL, xp_awarded = NULL WHERE template_id = 'walk'")
        .unwrap();
    let again = store.execute("p1", minutes(1), &walked(9001.0)).unwrap_err();
    assert_eq!(again.code(), B::ID_TAKEN);
    assert_eq!(store.verify("p1").unwrap().verification, before);
}

pub(crate) fn a_sound_ledger_verifies<B: Backend>() {
    let (_backend, store) = populated::<B>();
    let accepted = live(&store, "p1");
    assert!(accepted > 40, "{accepted}");
    let found = store.verify("p1").unwrap().verification;
    let state = store.state("p1").unwrap().state;
    assert_eq!((found.failure, found.unsealed), (None, None));
    assert_eq!(
        (found.events as i64, found.head, found.total_xp),
        (state.ledger.events, state.ledger.hash, state.total_xp)
    );
    let all = store.verify_all().unwrap();
    assert_eq!((all.players, all.events, all.failures), (1, found.events, vec![]));
}

/// Each column of both tables, changed in some row, with how the row itself can tell.
const CHANGES: [(&str, &str, &[LedgerFault]); 17] = [
    ("xp_events", "id = 'other'", &[LedgerFault::Hash]),
    ("xp_events", "user_id = 'p2'", &[LedgerFault::Sum, LedgerFault::Head, LedgerFault::Hash]),
    ("xp_events", "event_source = 'TITLE_BONUS'", &[LedgerFault::Hash]),
    ("xp_events", "source_id = coalesce(source_id, '') || 'x'", &[LedgerFault::Hash]),
    ("xp_events", "source_id = CASE WHEN source_id IS NULL THEN '' END", &[LedgerFault::Hash]),
    ("xp_events", "base_xp = base_xp + 4294967296", &[LedgerFault::Hash]),
    ("xp_events", "final_xp = final_xp + 1", &[LedgerFault::Sum]),
    ("xp_events", "total_xp_before = total_xp_before - 1", &[LedgerFault::Sum]),
    ("xp_events", "total_xp_after = total_xp_after + 1", &[LedgerFault::Sum]),
    ("xp_events", "level_before = level_before + 1", &[LedgerFault::Hash]),
    ("xp_events", "level_after = level_after + 1", &[LedgerFault::Hash]),
    ("xp_events", "event_hash = upper(event_hash)", &[LedgerFault::Hash]),
    ("xp_events", "created_at = created_at + 1", &[LedgerFault::Hash, LedgerFault::Order, LedgerFault::Sum]),
    ("xp_modifiers", "\"order\" = \"order\" + 1", &[LedgerFault::Sum]),
    ("xp_modifiers", "multiplier = multiplier + 0.0000000001", &[LedgerFault::Hash]),
    ("xp_modifiers", "reason = reason || ' '", &[LedgerFault::Hash]),
    ("xp_modifiers", "xp_after = xp_after + 1", &[LedgerFault::Hash, LedgerFault::Sum]),
];

pub(crate) fn every_changed_field_is_found<B: Backend>() {
    let (backend, store) = populated::<B>();
    store.create_player(&levelkit_storage::NewPlayer::new("p2")).unwrap();
    live(&store, "p1");
    backend.disarm();
    for (table, change, faults) in CHANGES {
        let ids = backend.lines(&format!("SELECT id AS line FROM {table} ORDER BY id"));
        for id in ids.iter().step_by(B::SAMPLE) {
            backend.run(&format!("CREATE TABLE kept AS SELECT * FROM {table} WHERE id = '{id}'")).unwrap();
            let set = B::assignment(change);
            backend.run(&format!("PRAGMA foreign_keys = OFF; UPDATE {table} SET {set} WHERE id = '{id}'")).unwrap();
            let found = store.verify_all().unwrap().failures;
            let failure = found.iter().find(|found| found.player == "p1").map(|found| &found.verification.failure);
            let failure =
                failure.and_then(|failure| failure.clone()).unwrap_or_else(|| panic!("{change} in {id} is not found"));
            assert!(faults.contains(&failure.kind), "{change}: {failure:?}");
            let event = match table {
                "xp_events" if change.starts_with("id") => "other".to_owned(),
                "xp_events" => id.clone(),
                _ => backend.lines("SELECT xp_event_id AS line FROM kept")[0].clone(),
            };
            // A row that went to another player is missed at the next one, or at the end; one that moved in time makes the
            // one beside it the first that does not fit.
            if !change.starts_with("user_id") && !change.starts_with("created_at") {
                assert_eq!(failure.event_id, Some(event), "{change}");
            }
            let restore = format!(
                "PRAGMA foreign_keys = OFF; DELETE FROM {table} WHERE id IN ('{id}', 'other');
                 INSERT INTO {table} SELECT * FROM kept; DROP TABLE kept"
            );
            backend.run(&restore).unwrap();
        }
    }
    assert!(store.verify_all().unwrap().failures.is_empty());
}

pub(crate) fn missing_and_added_rows_are_found<B: Backend>() {
    let (backend, store) = populated::<B>();
    live(&store, "p1");
    backend.disarm();
    let fault = || store.verify("p1").unwrap().verification.failure.map(|failure| failure.kind);
    let last = "(SELECT id FROM xp_events ORDER BY created_at DESC LIMIT 1)";
    let middle = "(SELECT id FROM xp_events ORDER BY created_at LIMIT 1 OFFSET 9)";
    let stepped = "(SELECT xp_event_id FROM xp_modifiers LIMIT 1)";
    let cases = [
        (format!("DELETE FROM xp_events WHERE id = {last}"), LedgerFault::Head),
        (format!("DELETE FROM xp_events WHERE id = {middle}"), LedgerFault::Sum),
        (format!("DELETE FROM xp_modifiers WHERE xp_event_id = {stepped} AND \"order\" = 0"), LedgerFault::Hash),
        (
            format!(
                "INSERT INTO xp_modifiers SELECT 'extra', {last}, 99, type, multiplier, reason, 1, 1 FROM xp_modifiers LIMIT 1"
            ),
            LedgerFault::Sum,
        ),
        (
            "INSERT INTO xp_modifiers SELECT 'extra', id, 0, 'WEEKEND_BONUS', 1.1, 'weekend', 1, 1 FROM xp_events
                WHERE id NOT IN (SELECT xp_event_id FROM xp_modifiers) LIMIT 1"
                .to_owned(),
            LedgerFault::Hash,
        ),
    ];
    for (change, expected) in cases {
        backend
            .run("CREATE TABLE events AS SELECT * FROM xp_events; CREATE TABLE steps AS SELECT * FROM xp_modifiers")
            .unwrap();
        backend.run(&format!("PRAGMA foreign_keys = OFF; {change}")).unwrap();
        let found = fault();
        assert!(
            found == Some(expected) || (found == Some(LedgerFault::Sum) && expected == LedgerFault::Hash),
            "{change}: {found:?}"
        );
        let restore = "PRAGMA foreign_keys = OFF; DELETE FROM xp_events; DELETE FROM xp_modifiers;
            INSERT INTO xp_events SELECT * FROM events; INSERT INTO xp_modifiers SELECT * FROM steps;
            DROP TABLE events; DROP TABLE steps";
        backend.run(restore).unwrap();
        assert_eq!(fault(), None);
    }
}

pub(crate) fn a_forged_head_is_found<B: Backend>() {
    let (backend, store) = populated::<B>();
    live(&store, "p1");
    let forgeries = [
        ("users", "total_xp = total_xp + 1"),
        ("users", "level = level + 1"),
        ("levelkit_players", "event_count = event_count - 1"),
        ("levelkit_players", "head_hash = substr(head_hash, 2) || substr(head_hash, 1, 1)"),
        ("levelkit_players", "head_hash = 'none'"),
    ];
    for (table, forgery) in forgeries {
        backend.run(&format!("CREATE TABLE kept AS SELECT * FROM {table}; UPDATE {table} SET {forgery}")).unwrap();
        let failure = store.verify("p1").unwrap().verification.failure.unwrap();
        assert_eq!((failure.kind, failure.event_id), (LedgerFault::Head, None), "{forgery}");
        let column = forgery.split(' ').next().unwrap();
        backend.run(&format!("UPDATE {table} SET {column} = (SELECT {column} FROM kept); DROP TABLE kept")).unwrap();
    }
    assert!(store.verify("p1").unwrap().verification.is_sound());
}

pub(crate) fn pages_hold_the_whole_ledger<B: Backend>() {
    let (backend, store) = populated::<B>();
    live(&store, "p1");
    let whole = store.ledger("p1", None, usize::MAX).unwrap();
    assert!(whole.next.is_none() && whole.entries.len() > 30);
    let (mut entries, mut after) = (Vec::new(), None);
    loop {
        let page = store.ledger("p1", after, 7).unwrap();
        entries.extend(page.entries);
        match page.next {
            Some(next) => after = Some(next),
            None => break,
        }
    }
    assert_eq!(entries, whole.entries);
    let steps: usize = entries.iter().map(|entry| entry.modifiers.len()).sum();
    assert_eq!(backend.lines("SELECT CAST(count(*) AS TEXT) AS line FROM xp_modifiers"), [steps.to_string()]);
}

/// Events from before levelkit took over may have one instant; a page goes on after the last one's.
pub(crate) fn no_page_ends_within_an_instant<B: Backend>() {
    const TOGETHER: usize = 501;
    let (backend, store) = populated::<B>();
    let event = |id: String, at: i64| {
        format!(
            "INSERT INTO xp_events (id, user_id, event_source, base_xp, final_xp, total_xp_before, total_xp_after, level_before, \
             level_after, event_hash, created_at) VALUES ('{id}', 'old', 'QUEST_COMPLETION', 1, 1, 0, 1, 1, 1, '?', {});",
            B::instant(at)
        )
    };
    let mut sql = "BEGIN; INSERT INTO users (id, email, total_xp) VALUES ('old', 'o@x.org', 504);".to_owned();
    sql.extend((0..TOGETHER).map(|number| event(format!("t{number:03}"), 5)));
    sql.extend((6..9).map(|number| event(format!("a{number}"), number)));
    backend.run(&(sql + "COMMIT;")).unwrap();
    assert!(store.create_player(&NewPlayer::new("old")).unwrap());
    for limit in [1, 2, 500, 501, 502] {
        let (mut ids, mut after) = (Vec::new(), None);
        loop {
            let page = store.ledger("old", after, limit).unwrap();
            ids.extend(page.entries.into_iter().map(|entry| entry.event.id));
            match page.next {
                Some(next) => after = Some(next),
                None => break,
            }
        }
        assert_eq!((ids.len(), ids[0].as_str(), ids.is_sorted()), (TOGETHER + 3, "t000", false), "{limit}");
    }
    assert_eq!(store.ledger("old", None, 0).unwrap(), levelkit_storage::LedgerPage::default());
    let story = store.timeline("old", Instant::MIN..=Instant::MAX).unwrap();
    assert_eq!(story.iter().filter(|told| matches!(told.event, Event::XpAwarded { .. })).count(), TOGETHER + 3);
}
