//! Players: made, adopted, listed; commands that are refused; those who were away.

use levelkit::{Command, Event};
use levelkit_storage::NewPlayer;

use crate::backend::Backend;
use crate::world::{BEGIN, DAYS_TO_2031, adjust, at, minutes, populated, report};

pub(crate) fn a_player_is_made_once<B: Backend>() {
    let (backend, store) = populated::<B>();
    assert!(!store.create_player(&NewPlayer::new("p1").in_timezone("Asia/Tokyo")).unwrap());
    assert_eq!(store.player("p1", None).unwrap().timezone, "Europe/Berlin");
    let user = "SELECT email || ' ' || level || ' ' || total_xp || ' ' || vit AS line FROM users WHERE id = 'p1'";
    assert_eq!(backend.lines(user), ["p1@players.invalid 1 0 10"]);
    assert_eq!(
        store.state("p1").unwrap(),
        levelkit::Player::new("p1", levelkit::Zone::named("Europe/Berlin").unwrap())
    );
}

pub(crate) fn a_user_is_adopted_with_everything<B: Backend>() {
    let (backend, store) = populated::<B>();
    let legacy_at = B::instant(5);
    backend
        .run(&format!(
            "INSERT INTO users (id, email, name, timezone, level, total_xp, str) \
             VALUES ('old', 'o@x.org', 'Old', 'Asia/Tokyo', 3, 700, 25);
             INSERT INTO xp_events (id, user_id, event_source, base_xp, final_xp, total_xp_before, total_xp_after, level_before, \
             level_after, event_hash, created_at) VALUES ('legacy', 'old', 'QUEST_COMPLETION', 700, 700, 0, 700, 1, 3, '?', {legacy_at})",
        ))
        .unwrap();
    let unknown = store.execute("old", at(BEGIN), &adjust("x", 5)).unwrap_err();
    assert_eq!(unknown.code(), "UNKNOWN_ID");
    assert!(store.create_player(&NewPlayer::new("old")).unwrap());
    let view = store.player("old", None).unwrap();
    assert_eq!((view.timezone.as_str(), view.level, view.total_xp.0, view.str), ("Asia/Tokyo", 3, 700, 25));
    store.execute("old", at(BEGIN), &adjust("x", 5)).unwrap();
    let found = store.verify("old").unwrap().verification;
    let unsealed = found.unsealed.unwrap();
    assert_eq!((found.failure, found.events, found.total_xp), (None, 1, 705));
    assert_eq!((unsealed.count, unsealed.sum), (1, 700));
    // Its hash is none, and it is shown all the same.
    let ledger = store.ledger("old", None, 5).unwrap();
    let shown =
        |place: usize| (ledger.entries[place].event.final_xp, ledger.entries[place].event.event_hash.to_string());
    assert_eq!((ledger.entries.len(), shown(0)), (2, (700, "0".repeat(64))));
    assert_eq!(shown(1), (5, found.head.to_string()));
    let story = store.timeline("old", levelkit::Instant::MIN..=levelkit::Instant::MAX).unwrap();
    let awards = story.iter().filter(|entry| matches!(entry.event, Event::XpAwarded { .. })).count();
    assert_eq!(awards, 2);
}

pub(crate) fn bad_players_are_refused<B: Backend>() {
    let (backend, store) = populated::<B>();
    let code = |player: NewPlayer| store.create_player(&player).unwrap_err().code();
    assert_eq!(code(NewPlayer::new("")), "INVALID_TEXT");
    assert_eq!(code(NewPlayer::new("a\0b")), "INVALID_TEXT");
    assert_eq!(code(NewPlayer::new("p2").in_timezone("Berlin")), "INVALID_TIMEZONE");
    let taken = NewPlayer { email: Some("p1@players.invalid".into()), ..NewPlayer::new("p2") };
    assert_eq!(code(taken), "ID_CONFLICT");
    assert_eq!(backend.lines("SELECT id AS line FROM users"), ["p1"]);
}

pub(crate) fn an_unknown_player_is_refused<B: Backend>() {
    let (_backend, store) = populated::<B>();
    let codes = [
        store.execute("nobody", at(BEGIN), &Command::Advance {}).unwrap_err().code(),
        store.player("nobody", None).unwrap_err().code(),
        store.state("nobody").unwrap_err().code(),
        store.ledger("nobody", None, 5).unwrap_err().code(),
        store.verify("nobody").unwrap_err().code(),
        store.timeline("nobody", at(BEGIN)..=at(BEGIN)).unwrap_err().code(),
    ];
    assert_eq!(codes, ["UNKNOWN_ID"; 6]);
    // Nobody can have this id, nor any adjustment or season.
    let (nobody, now) = ("no\0body", at(BEGIN));
    let codes = [
        store.player(nobody, None).unwrap_err().code(),
        store.preview(nobody, now, &Command::Advance {}).unwrap_err().code(),
        store.state(nobody).unwrap_err().code(),
        store.ledger(nobody, None, 5).unwrap_err().code(),
        store.verify(nobody).unwrap_err().code(),
        store.timeline(nobody, now..=now).unwrap_err().code(),
        store.export_player(nobody).unwrap_err().code(),
        store.erase_player(nobody, now).unwrap_err().code(),
        store.leaderboard(nobody, now, 0, 5).unwrap_err().code(),
        store.leaderboard_around(nobody, now, "p1", 5).unwrap_err().code(),
        store.standing(nobody, "p1").unwrap_err().code(),
        store.standings(nobody).unwrap_err().code(),
        store.refresh_leaderboard(nobody, now).unwrap_err().code(),
    ];
    assert_eq!(codes, ["UNKNOWN_ID"; 13]);
    let refused = [
        store.execute("no\0body", at(BEGIN), &Command::Advance {}).unwrap_err(),
        store.execute_all("no\0body", &[(at(BEGIN), Command::Advance {})]).unwrap_err(),
        store.execute("p1", at(BEGIN), &adjust("a\0b", 5)).unwrap_err(),
    ];
    assert_eq!(refused.map(|error| error.code()), ["UNKNOWN_ID", "UNKNOWN_ID", "INVALID_TEXT"]);
}

pub(crate) fn players_are_listed_in_pages<B: Backend>() {
    let (_backend, store) = populated::<B>();
    for id in ["a", "Z", "é", "p2"] {
        assert!(store.create_player(&NewPlayer::new(id)).unwrap());
    }
    let (mut after, mut ids) = (None, Vec::new());
    loop {
        let page = store.players(after.as_deref(), 2).unwrap();
        ids.extend(page.iter().map(|player| player.id.clone()));
        match page.last() {
            Some(last) => after = Some(last.id.clone()),
            None => break,
        }
    }
    assert_eq!(ids, ["Z", "a", "p1", "p2", "é"]);
}

pub(crate) fn a_refusal_changes_nothing<B: Backend>() {
    let (_backend, store) = populated::<B>();
    store.execute("p1", minutes(0), &report(&[("steps", 9000.0)])).unwrap();
    let before = store.state("p1").unwrap();
    // Two days are due, and a refused command does not close them either.
    let refused = store.execute("p1", minutes(3 * 1440), &Command::StartBoss { boss: "nobody".into() }).unwrap_err();
    assert_eq!((refused.code(), refused.is_refused(), refused.hint()), ("UNKNOWN_ID", true, None));
    let late = store.execute("p1", minutes(-1), &Command::Advance {}).unwrap_err();
    assert_eq!(late.code(), "TIME_BACKWARDS");
    assert_eq!(store.state("p1").unwrap(), before);
}

pub(crate) fn years_away_are_made_up_for<B: Backend>() {
    let (_backend, store) = populated::<B>();
    store.execute("p1", minutes(0), &report(&[("steps", 9000.0)])).unwrap();
    let back = at("2031-03-02T07:00:00Z");
    let outcome = store.execute("p1", back, &report(&[("steps", 9000.0)])).unwrap();
    let closed = outcome.events.iter().filter(|event| matches!(event, Event::DayClosed { .. })).count();
    assert_eq!(closed, DAYS_TO_2031);
    let state = store.state("p1").unwrap().state;
    assert_eq!((state.days.len(), state.days[0].day.to_string()), (1, "2031-03-02".to_owned()));
    assert!(store.verify("p1").unwrap().verification.is_sound());
}

pub(crate) fn due_players_are_rolled_over<B: Backend>() {
    let (backend, store) = populated::<B>();
    for number in 0..7 {
        let id = format!("r{number}");
        store.create_player(&NewPlayer::new(&id)).unwrap();
        store.execute(&id, minutes(number), &report(&[("steps", 100.0)])).unwrap();
    }
    // The day ends at midnight UTC, and takes reports for 90 minutes more.
    assert_eq!(store.roll_over(at("2026-03-03T01:29:59.999999Z"), 100).unwrap().advanced, Vec::<String>::new());
    let due = at("2026-03-03T01:30:00Z");
    let first = store.roll_over(due, 5).unwrap();
    assert_eq!((first.advanced.len(), first.more), (5, true));
    let second = store.roll_over(due, 5).unwrap();
    assert_eq!((second.advanced.len(), second.more), (2, false));
    assert!(store.roll_over(due, 5).unwrap().advanced.is_empty());
    let state = store.state("r0").unwrap();
    assert_eq!((state.state.days.len(), state.history.days.len()), (1, 1));
    // Who did the same on the same day has rows of their own all the same.
    let logs =
        backend.lines("SELECT CAST(count(*) AS TEXT) AS line FROM quest_logs WHERE user_id LIKE 'r%' GROUP BY user_id");
    assert_eq!(logs, vec![logs[0].clone(); 7]);
}

pub(crate) fn grants_happen_once_across_players<B: Backend>() {
    let (_backend, store) = populated::<B>();
    store.create_player(&NewPlayer::new("p2")).unwrap();
    let first = store.execute("p1", minutes(0), &adjust("gift", 5)).unwrap();
    assert!(first.events.iter().any(|event| matches!(event, Event::XpAwarded { .. })));
    let again = store.execute("p1", minutes(1), &adjust("gift", 5)).unwrap();
    assert!(again.events.is_empty(), "{:?}", again.events);
    for (player, command) in [("p1", adjust("gift", 6)), ("p2", adjust("gift", 5))] {
        let conflict = store.execute(player, minutes(2), &command).unwrap_err();
        assert_eq!((conflict.code(), conflict.is_conflict()), ("ID_CONFLICT", true));
    }
    // Nor may it be the id of an event that came about otherwise.
    store.execute("p2", minutes(3), &report(&[("steps", 9000.0)])).unwrap();
    let quest_event = store.ledger("p2", None, 1).unwrap().entries[0].event.id.clone();
    assert_eq!(store.execute("p1", minutes(4), &adjust(&quest_event, 5)).unwrap_err().code(), "ID_CONFLICT");
}

pub(crate) fn commands_are_done_together_or_not_at_all<B: Backend>() {
    let (_backend, store) = populated::<B>();
    let steps = |steps: f64| report(&[("steps", steps)]);
    let day = [(minutes(0), steps(5000.0)), (minutes(30), steps(9000.0)), (minutes(2000), Command::Advance {})];
    let outcomes = store.execute_all("p1", &day).unwrap();
    assert_eq!(outcomes.len(), 3);
    let (_other_backend, one_by_one) = populated::<B>();
    let expected: Vec<_> = day.iter().map(|(at, command)| one_by_one.execute("p1", *at, command).unwrap()).collect();
    assert_eq!(outcomes, expected);
    assert_eq!(store.state("p1").unwrap(), one_by_one.state("p1").unwrap());

    let backwards = [(minutes(2001), adjust("a", 5)), (minutes(10), adjust("b", 5))];
    let refused = store.execute_all("p1", &backwards).unwrap_err();
    assert_eq!(refused.code(), "TIME_BACKWARDS");
    assert_eq!(store.state("p1").unwrap(), one_by_one.state("p1").unwrap());
    assert!(store.execute_all("p1", &[]).unwrap().is_empty());
}
