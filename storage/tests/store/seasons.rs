//! Seasons: standings, the refreshed leaderboard, and the seal after the end.

use levelkit::{Command, Day, Instant, Metrics, Ruleset, SeasonStatus};
use levelkit_storage::{BlockingStore, NewPlayer};
use serde_json::json;

use crate::backend::Backend;
use crate::world::at;

pub(crate) const DURING: &str = "2026-03-02T09:00:00Z";
const END: &str = "2026-03-10T00:00:00Z";

/// A season from the 2nd to the 9th of March; a day may be reported until two hours after its end.
pub(crate) fn arena<B: Backend>() -> (B, BlockingStore) {
    let backend = B::new();
    let store = backend.store();
    let quest = |id: &str, metric: &str, xp: i32| {
        json!({"id": id, "name": id, "description": "", "type": "DAILY", "category": "MOVEMENT", "base_xp": xp,
            "requirements": {"type": "numeric", "metric": metric, "op": ">=", "value": 10},
            "partial_reward": {"threshold": 5, "xp": 7}})
    };
    let rules = json!({
        "format": "levelkit.ruleset/1",
        "day": {"grace_minutes": 120},
        "modifiers": {"weekend_multiplier": "1"},
        "quests": [quest("walk", "steps", 100), quest("lift", "reps", 50)],
        "seasons": [{"id": "spring", "number": 1, "name": "Spring", "theme": "", "description": "",
            "start_date": "2026-03-02T00:00:00Z", "end_date": END}],
    });
    store.import_ruleset(&Ruleset::from_json(&rules.to_string()).unwrap(), at(DURING)).unwrap();
    for player in ["a", "B", "c", "d", "e"] {
        store.create_player(&NewPlayer::new(player)).unwrap();
    }
    (backend, store)
}

fn report(store: &BlockingStore, player: &str, instant: Instant, metrics: &[(&str, f64)]) {
    let metrics: Metrics = metrics.iter().map(|(name, value)| ((*name).to_owned(), (*value).into())).collect();
    let command = Command::Report { day: None::<Day>, observed_at: None, metrics, specials: vec![] };
    store.execute(player, instant, &command).unwrap();
}

fn standings(store: &BlockingStore, skip: usize, limit: usize) -> Vec<(i64, String, i64)> {
    let page = store.leaderboard("spring", at(DURING), skip, limit).unwrap();
    page.standings.into_iter().map(|standing| (standing.rank, standing.player, standing.season_xp.0)).collect()
}

pub(crate) fn standings_share_ranks_and_come_in_pages<B: Backend>() {
    let (_backend, store) = arena::<B>();
    report(&store, "a", at(DURING), &[("steps", 10.0)]);
    report(&store, "B", at(DURING), &[("steps", 10.0)]);
    report(&store, "c", at(DURING), &[("steps", 10.0), ("reps", 10.0)]);
    report(&store, "d", at(DURING), &[("reps", 10.0)]);
    let all =
        [(1, "c", 150), (2, "B", 100), (2, "a", 100), (4, "d", 50)].map(|(rank, id, xp)| (rank, id.to_owned(), xp));
    assert_eq!(standings(&store, 0, 10), all);
    assert_eq!(standings(&store, 1, 2), all[1..3]);
    assert_eq!(standings(&store, 4, 2), []);
    let page = store.leaderboard("spring", at(DURING), 0, 1).unwrap();
    assert_eq!((page.status, page.sealed, page.participants), (SeasonStatus::Active, false, 4));
    assert_eq!(store.standing("spring", "d").unwrap().map(|standing| standing.rank), Some(4));
    assert_eq!(store.standing("spring", "e").unwrap(), None);
    let unknown =
        [store.standing("autumn", "a").unwrap_err(), store.refresh_leaderboard("autumn", at(END)).unwrap_err()];
    assert_eq!(unknown.map(|error| error.code()), ["UNKNOWN_ID", "UNKNOWN_ID"]);
}

pub(crate) fn a_refresh_writes_what_changed<B: Backend>() {
    let (backend, store) = arena::<B>();
    let rows =
        "SELECT user_id || ' ' || rank || ' ' || total_xp AS line FROM season_leaderboards ORDER BY rank, user_id";
    let ranks = "SELECT user_id || ' ' || rank AS line FROM season_participations ORDER BY rank, user_id";
    report(&store, "a", at(DURING), &[("steps", 10.0)]);
    report(&store, "d", at(DURING), &[("reps", 10.0)]);
    let refreshed = store.refresh_leaderboard("spring", at(DURING)).unwrap();
    assert_eq!((refreshed.participants, refreshed.changed, refreshed.sealed), (2, 2, false));
    assert_eq!(backend.lines(rows), ["a 1 100", "d 2 50"]);
    assert_eq!(backend.lines("SELECT status AS line FROM seasons"), ["ACTIVE"]);
    assert_eq!(store.refresh_leaderboard("spring", at(DURING)).unwrap().changed, 0);
    report(&store, "d", at(DURING), &[("steps", 10.0)]);
    assert_eq!(store.refresh_leaderboard("spring", at(DURING)).unwrap().changed, 2);
    assert_eq!(backend.lines(rows), ["d 1 150", "a 2 100"]);
    assert_eq!(backend.lines(ranks), ["d 1", "a 2"]);
}

pub(crate) fn the_first_refresh_after_the_end_seals<B: Backend>() {
    let (backend, store) = arena::<B>();
    // The 8th closes within the season: its partial reward scores, and only the refresh closes it.
    report(&store, "a", at("2026-03-08T09:00:00Z"), &[("steps", 5.0)]);
    // The 9th ends with the season but may be reported for two hours more.
    report(&store, "d", at("2026-03-09T23:00:00Z"), &[("reps", 10.0)]);
    report(&store, "e", at("2026-03-09T23:00:00Z"), &[]);
    let sealing = at("2026-03-10T00:30:00Z");
    let refreshed = store.refresh_leaderboard("spring", sealing).unwrap();
    assert_eq!((refreshed.participants, refreshed.sealed), (2, true));
    assert_eq!(backend.lines("SELECT status AS line FROM seasons"), ["ENDED"]);
    let sealed = [(1, "d".to_owned(), 50), (2, "a".to_owned(), 7)];
    assert_eq!(standings(&store, 0, 10), sealed);
    // What is awarded from now on, even for a day of the season, changes nothing and joins nobody.
    for player in ["a", "d", "e"] {
        let late = Command::Report {
            day: Some("2026-03-09".parse().unwrap()),
            observed_at: None,
            metrics: Metrics::from([("steps", 10.0.into())]),
            specials: vec![],
        };
        store.execute(player, sealing, &late).unwrap();
    }
    assert_eq!(standings(&store, 0, 10), sealed);
    let again = store.refresh_leaderboard("spring", at("2026-04-01T00:00:00Z")).unwrap();
    assert_eq!((again.participants, again.changed, again.sealed), (2, 0, true));
    assert!(store.leaderboard("spring", sealing, 0, 1).unwrap().sealed);
}

/// Scores are on their way while the season is sealed: the file is what was counted, and the rest scored nothing.
pub(crate) fn scores_on_their_way_are_counted_or_come_too_late<B: Backend>() {
    const THREADS: usize = 4;
    const EACH: usize = 12;
    let (backend, store) = arena::<B>();
    let name = |thread: usize, number: usize| format!("racer {thread} {number}");
    for thread in 0..THREADS {
        for number in 0..EACH {
            store.create_player(&NewPlayer::new(name(thread, number))).unwrap();
        }
    }
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let store = backend.store();
            scope.spawn(move || {
                for number in 0..EACH {
                    report(&store, &name(thread, number), at("2026-03-09T23:00:00Z"), &[("steps", 10.0)]);
                }
            });
        }
        // Some are in before it, and some after.
        while store.leaderboard("spring", at(END), 0, 1).unwrap().participants < 10 {}
        assert!(store.refresh_leaderboard("spring", at("2026-03-10T00:30:00Z")).unwrap().sealed);
    });
    let file = store.standings("spring").unwrap();
    assert!(file.is_sound());
    let mut counted = 0;
    for player in (0..THREADS).flat_map(|thread| (0..EACH).map(move |number| name(thread, number))) {
        assert_eq!(store.player(&player, None).unwrap().total_xp.0, 100, "{player}");
        let standing = store.standing("spring", &player).unwrap();
        assert!(
            standing.as_ref().is_none_or(|standing| (standing.rank, standing.season_xp.0) == (1, 100)),
            "{standing:?}"
        );
        counted += i64::from(standing.is_some());
    }
    assert!(counted >= 10);
    assert_eq!(file.participants, counted);
    assert_eq!(
        backend.lines("SELECT CAST(count(*) AS TEXT) AS line FROM season_leaderboards WHERE rank = 1"),
        [counted.to_string()]
    );
    assert!(store.verify_all().unwrap().failures.is_empty());
}
