//! Many players at once: the same as one after the other, and nobody holds up the others.

use levelkit::{Command, Event, Instant, Metrics};
use levelkit_storage::{BlockingStore, NewPlayer, PlayerReport, RollOverOptions};

use crate::backend::Backend;
use crate::world::{DAYS_TO_2031, at, minutes, populated, report};

pub(crate) fn crowd<B: Backend>(players: usize) -> (B, BlockingStore) {
    let (backend, store) = populated::<B>();
    for number in 0..players {
        store.create_player(&NewPlayer::new(id(number)).in_timezone("Europe/Berlin")).unwrap();
    }
    (backend, store)
}

pub(crate) fn id(number: usize) -> String {
    format!("c{number:02}")
}

pub(crate) fn steps(player: &str, at: Instant, steps: f64) -> PlayerReport {
    PlayerReport::new(player, at, Metrics::from([("steps", steps.into()), ("reps", 12.0.into())]))
}

fn one_by_one(store: &BlockingStore, reports: &[PlayerReport]) -> Vec<Result<levelkit_storage::Outcome, &'static str>> {
    let done = reports.iter().map(|report| store.execute(&report.player, report.at, &report.command()));
    done.map(|done| done.map_err(|error| error.code())).collect()
}

pub(crate) fn many_reports_are_as_one_after_the_other<B: Backend>() {
    let (_one, first) = crowd::<B>(12);
    let (_other, second) = crowd::<B>(12);
    for week in 0..3 {
        for day in 0..7 {
            let now = |minute| minutes((week * 9 + day) * 1440 + minute);
            let mut reports: Vec<PlayerReport> =
                (0..12).map(|number| steps(&id(number), now(number as i64), 700.0 * number as f64)).collect();
            // Somebody twice, somebody three times, and some who are refused.
            reports.push(steps(&id(3), now(60), 9000.0));
            reports.insert(0, steps(&id(3), now(1), 100.0));
            reports.push(steps(&id(7), now(-100_000), 9000.0));
            reports.push(steps("nobody", now(0), 9000.0));
            reports.push(steps("no\0body", now(0), 9000.0));
            reports.push(PlayerReport { specials: vec!["party".to_owned()], ..steps(&id(2), now(61), 4000.0) });
            let many = first.report_many(&reports).unwrap();
            assert!(many.failed.is_empty(), "{many:?}");
            for (index, expected) in one_by_one(&second, &reports).into_iter().enumerate() {
                let accepted = many.accepted.iter().find(|report| report.index as usize == index);
                let refused = many.refused.iter().find(|report| report.index as usize == index);
                match (expected, accepted, refused) {
                    (Ok(outcome), Some(report), None) => {
                        assert_eq!((&report.outcome, &report.player), (&outcome, &reports[index].player));
                    }
                    (Err(_), None, Some(refused)) => assert_eq!(refused.player, reports[index].player),
                    other => panic!("{index}: {other:?}"),
                }
            }
            let codes: Vec<_> = many.refused.iter().map(|refused| refused.refusal.code()).collect();
            assert_eq!(codes, ["TIME_BACKWARDS", "UNKNOWN_ID", "UNKNOWN_ID"]);
        }
    }
    for number in 0..12 {
        assert_eq!(first.state(&id(number)).unwrap(), second.state(&id(number)).unwrap());
    }
    assert!(first.verify_all().unwrap().failures.is_empty());
    assert!(first.state(&id(3)).unwrap().state.total_xp > 1000);
    assert_eq!(first.report_many(&[]).unwrap(), levelkit_storage::Reported::default());
}

pub(crate) fn unsound_rows_and_years_away_hold_nobody_up<B: Backend>() {
    let (backend, store) = crowd::<B>(4);
    let begin: Vec<_> = (0..4).map(|number| steps(&id(number), minutes(0), 9000.0)).collect();
    assert_eq!(store.report_many(&begin).unwrap().accepted.len(), 4);
    let sound = backend.lines("SELECT head_hash AS line FROM levelkit_players WHERE user_id = 'c01'").remove(0);
    backend.run("UPDATE levelkit_players SET head_hash = 'x' WHERE user_id = 'c01'").unwrap();
    let back = at("2031-03-02T07:00:00Z");
    let reports = [
        steps(&id(0), minutes(1), 9001.0),
        steps(&id(1), minutes(1), 9001.0),
        steps(&id(2), back, 9001.0),
        steps(&id(1), minutes(2), 9002.0),
    ];
    let done = store.report_many(&reports).unwrap();
    let failed: Vec<_> = done.failed.iter().map(|one| (one.index, one.player.as_str(), one.code.as_str())).collect();
    assert_eq!(failed, [(1, "c01", "STORE_CORRUPT"), (3, "c01", "STORE_CORRUPT")]);
    assert_eq!(done.accepted.iter().map(|one| one.index).collect::<Vec<_>>(), [0, 2]);
    // Years were made up for beforehand, and are told all the same.
    let closed =
        done.accepted[1].outcome.events.iter().filter(|event| matches!(event, Event::DayClosed { .. })).count();
    assert_eq!(closed, DAYS_TO_2031);

    // Time passes for everybody else.
    let due = minutes(3 * 1440);
    let rolled = store.roll_over(due, 100).unwrap();
    assert_eq!((rolled.advanced.as_slice(), rolled.more), (&[id(0), id(3)][..], false));
    let failed: Vec<_> = rolled.failed.iter().map(|one| (one.player.as_str(), one.code.as_str())).collect();
    assert_eq!(failed, [("c01", "STORE_CORRUPT")]);
    backend.run(&format!("UPDATE levelkit_players SET head_hash = '{sound}' WHERE user_id = 'c01'")).unwrap();
    assert_eq!(store.roll_over(due, 100).unwrap().advanced, [id(1)]);
    assert!(store.verify_all().unwrap().failures.is_empty());
}

/// Whole days are committed before a report is refused, and nothing tells of them but the timeline.
pub(crate) fn what_was_committed_beforehand_stays_committed<B: Backend>() {
    let (_backend, store) = crowd::<B>(1);
    store.report_many(&[steps(&id(0), minutes(0), 9000.0)]).unwrap();
    let back = at("2031-03-02T07:00:00Z");
    let late = PlayerReport { day: Some("2026-03-02".parse().unwrap()), ..steps(&id(0), back, 9000.0) };
    let done = store.report_many(&[late]).unwrap();
    let codes: Vec<_> = done.refused.iter().map(|refused| refused.refusal.code()).collect();
    assert_eq!((codes, done.accepted.len()), (vec!["DAY_CLOSED"], 0));
    let state = store.state(&id(0)).unwrap().state;
    assert!(
        at("2029-01-01T00:00:00Z") < state.last_at.unwrap() && state.last_at.unwrap() < back,
        "{:?}",
        state.last_at
    );
    let told = store.timeline(&id(0), Instant::MIN..=Instant::MAX).unwrap();
    assert!(told.iter().filter(|told| matches!(told.event, Event::DayClosed { .. })).count() > 1000);
}

/// Years are made up for in one call, whoever else is due.
pub(crate) fn who_was_away_for_years_is_rolled_over_with_the_others<B: Backend>() {
    let (backend, store) = crowd::<B>(5);
    let (back, now) = (at("2031-03-02T07:00:00Z"), at("2031-03-05T07:00:00Z"));
    for number in 0..5 {
        // Two were away since the beginning, one for two years.
        let last = [minutes(0), minutes(1440), at("2029-03-02T07:00:00Z"), back, back][number];
        store.execute(&id(number), last, &report(&[("steps", 9000.0)])).unwrap();
    }
    backend.run("UPDATE levelkit_players SET head_hash = 'x' WHERE user_id = 'c03'").unwrap();
    let mut rolled = store.roll_over(now, 100).unwrap();
    rolled.advanced.sort();
    assert_eq!((rolled.advanced, rolled.more), ([0, 1, 2, 4].map(id).to_vec(), false));
    assert_eq!(rolled.failed.iter().map(|one| one.player.as_str()).collect::<Vec<_>>(), ["c03"]);
    for number in [0, 1, 2, 4] {
        assert_eq!(store.state(&id(number)).unwrap().state.last_at, Some(now));
    }
    assert!(store.roll_over(now, 100).unwrap().advanced.is_empty());
}

pub(crate) fn the_idle_are_left_out_and_lose_nothing<B: Backend>() {
    let (_one, first) = crowd::<B>(2);
    let (_other, second) = crowd::<B>(2);
    let sparing = RollOverOptions::new(100).idle_days(7);
    for store in [&first, &second] {
        store.execute(&id(0), minutes(0), &report(&[("steps", 9000.0), ("reps", 60.0)])).unwrap();
        store.execute(&id(1), minutes(0), &report(&[("steps", 9000.0)])).unwrap();
    }
    let mut left_out = 0;
    for day in 1..40 {
        let now = minutes(day * 1440);
        // One plays on, the other does not come back for weeks; and time that passes is no command.
        for store in [&first, &second] {
            store.execute(&id(1), now, &report(&[("steps", 9000.0)])).unwrap();
        }
        assert!(first.roll_over_with(now.plus_micros(1), &RollOverOptions::new(100)).unwrap().failed.is_empty());
        let advanced = second.roll_over_with(now.plus_micros(1), &sparing).unwrap().advanced;
        assert_eq!(advanced.contains(&id(0)), day < 7, "{day}: {advanced:?}");
        left_out += usize::from(!advanced.contains(&id(0)));
    }
    assert_eq!(left_out, 33);
    assert_ne!(first.state(&id(0)).unwrap(), second.state(&id(0)).unwrap());
    for store in [&first, &second] {
        store.execute(&id(0), minutes(40 * 1440), &report(&[("steps", 100.0)])).unwrap();
    }
    for number in 0..2 {
        let (state, other) = (first.state(&id(number)).unwrap(), second.state(&id(number)).unwrap());
        assert_eq!(state, other);
    }
    // Who came back is nobody who is left out.
    let later = minutes(42 * 1440);
    assert!(second.roll_over_with(later, &sparing).unwrap().advanced.contains(&id(0)));
    assert!(second.verify_all().unwrap().failures.is_empty());
}

pub(crate) fn a_limit_is_kept_and_more_is_told<B: Backend>() {
    let (_backend, store) = crowd::<B>(10);
    for number in 0..10 {
        store.execute(&id(number), minutes(0), &Command::Advance {}).unwrap();
    }
    let due = minutes(2 * 1440);
    let advanced: Vec<(usize, bool)> = [4, 6, 5]
        .iter()
        .map(|limit| store.roll_over(due, *limit).unwrap())
        .map(|done| (done.advanced.len(), done.more))
        .collect();
    assert_eq!(advanced, [(4, true), (6, false), (0, false)]);
}

/// More than share a transaction, one of them unsound: as if each had been advanced alone, in the order in which they are due.
pub(crate) fn crowds_are_rolled_over_in_parts<B: Backend>() {
    const PLAYERS: usize = 600;
    let (backend, store) = crowd::<B>(PLAYERS);
    let begin: Vec<_> = (0..PLAYERS).map(|number| steps(&id(number), minutes(0), 9000.0)).collect();
    assert_eq!(store.report_many(&begin).unwrap().accepted.len(), PLAYERS);
    backend.run("UPDATE levelkit_players SET head_hash = 'x' WHERE user_id = 'c300'").unwrap();
    let due = minutes(2 * 1440);
    let mut expected: Vec<String> = (0..PLAYERS).map(id).filter(|id| id != "c300").collect();
    expected.sort();
    let first = store.roll_over(due, 400).unwrap();
    assert_eq!((first.advanced.as_slice(), first.more), (&expected[..400], true));
    let rest = store.roll_over(due, 1000).unwrap();
    assert_eq!((rest.advanced.as_slice(), rest.more), (&expected[400..], false));
    for done in [&first, &rest] {
        let failed: Vec<_> = done.failed.iter().map(|one| (one.player.as_str(), one.code.as_str())).collect();
        assert_eq!((failed, done.refused.len()), (vec![("c300", "STORE_CORRUPT")], 0));
    }
    let (_alone, alone) = crowd::<B>(1);
    alone.report_many(&begin[..1]).unwrap();
    alone.execute(&id(0), due, &Command::Advance {}).unwrap();
    let expected = alone.state(&id(0)).unwrap();
    for number in [0, 255, 256, 299, 301, 599] {
        let player = store.state(&id(number)).unwrap();
        assert_eq!((player.state.last_at, player.state.total_xp), (Some(due), expected.state.total_xp));
        assert_eq!(player.history, expected.history);
        assert!(store.verify(&id(number)).unwrap().verification.is_sound());
    }
    assert_eq!(store.state(&id(0)).unwrap(), expected);
}
