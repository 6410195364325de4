//! No statement that a player's command, view or night causes looks at anybody else's rows.
//!
//! What is sent is caught on the wire and planned by the server, so what is checked is what the statement does, and not how it is
//! written. What triggers do is not on the wire: of a score's row they touch that player's row in `levelkit.scores`, by season and
//! player, and add one to `levelkit.score_moves`.

use std::collections::BTreeSet;

use levelkit::{Command, GrantSource, Xp};
use levelkit_storage::{BlockingStore, NewPlayer, Options, PlayerReport};

use crate::backend::Backend;
use crate::plans::Planner;
use crate::postgres::Postgres;
use crate::wire::{Sent, Wire};
use crate::world::{adjust, at, life, live, minutes, populated, report};

/// Tables whose rows are no player's, and why a hot statement may look at them.
const OF_NOBODY: &[(&str, &str)] = &[
    ("levelkit.migrations", "once per store, the version of the tables"),
    ("levelkit.rulesets", "the ruleset in force: a few rows, the same for all"),
    ("levelkit.season_seals", "which seasons are sealed: a few rows, the same for all"),
    ("public.seasons", "content: that a season is there"),
    (
        "public.xp_modifiers",
        "the application's table has no player; its rows are found by their events, which are the player's",
    ),
    ("levelkit.award_rules", "found by its event too, and never read by a command"),
    ("levelkit.score_counts", "how many have a score: sums over all, which is what a rank is"),
    ("levelkit.score_moves", "the same; players only add rows, one statement at a time takes them away"),
];

/// Statements that do look at everybody's rows of a table: a part of their text, the table, and the reason.
const OF_EVERYBODY: &[(&str, &str, &str)] = &[
    ("FROM levelkit.adjustments WHERE id = $1", "levelkit.adjustments", "a caller's id is unique across players"),
    (
        "FROM public.xp_events WHERE id = $1",
        "public.xp_events",
        "it becomes the event's id, which no other event may have",
    ),
    ("FOR NO KEY UPDATE SKIP LOCKED", "levelkit.players", "a roll-over asks who is due; what it then does names them"),
    ("SELECT EXISTS (SELECT 1 FROM levelkit.players WHERE due_at", "levelkit.players", "whether more are due"),
];

/// What is wrong with a statement: tables of which it looks at rows of players whom nobody named.
fn faults(planner: &Planner, sent: &Sent, used: &mut BTreeSet<&'static str>) -> Vec<String> {
    let mut faults = Vec::new();
    for (table, named) in planner.touched(sent) {
        let nobodys = OF_NOBODY.iter().find(|(known, _)| *known == table);
        let everybodys = OF_EVERYBODY.iter().find(|(part, known, _)| *known == table && sent.text.contains(part));
        match (named, nobodys, everybodys) {
            (Some(true), ..) => {}
            (None, Some((known, _)), _) => drop(used.insert(known)),
            (Some(false), _, Some((part, ..))) => drop(used.insert(part)),
            _ => faults.push(table),
        }
    }
    faults
}

/// Does everything that is hot.
pub(crate) fn everything_hot(store: &BlockingStore) {
    assert!(live(store, "p1") > 40);
    let kinds = [
        Command::JoinSeason { season: "spring".into() },
        Command::StartBoss { boss: "ogre".into() },
        Command::AbandonBoss {},
        Command::EnterDungeon { dungeon: "cave".into() },
        Command::ForfeitDungeon {},
        Command::GrantXp {
            id: "gift".into(),
            source: GrantSource::SeasonBonus,
            amount: Xp(5),
            source_id: None,
            reason: "gift".into(),
        },
        Command::Report { day: None, observed_at: None, metrics: Default::default(), specials: vec!["party".into()] },
    ];
    for (number, command) in kinds.iter().enumerate() {
        let _ = store.execute("p2", minutes(number as i64), command);
    }
    store
        .execute_all(
            "p3",
            &life()[..8].iter().filter(|(_, c)| matches!(c, Command::Report { .. })).cloned().collect::<Vec<_>>(),
        )
        .unwrap();
    // Long enough for days to be summed up and left behind.
    for day in 1..80 {
        let reports = ["p2", "p3"].map(|player| {
            PlayerReport::new(
                player,
                minutes(1440 * day + 700),
                match report(&[("steps", 9000.0)]) {
                    Command::Report { metrics, .. } => metrics,
                    _ => Default::default(),
                },
            )
        });
        assert_eq!(store.report_many(&reports).unwrap().accepted.len(), 2);
    }
    let now = minutes(1440 * 85);
    let rolled = store.roll_over(now, 2).unwrap();
    assert_eq!((rolled.advanced.len(), rolled.more, rolled.failed.len()), (2, true, 0));
    assert!(!store.roll_over(now, 10).unwrap().advanced.is_empty());
    for player in ["p1", "p2", "p3"] {
        store.player(player, Some(now)).unwrap();
        store.state(player).unwrap();
        store.preview(player, now, &adjust("maybe", 5)).unwrap();
        store.timeline(player, at("2026-03-01T00:00:00Z")..=now).unwrap();
        store.ledger(player, None, 10).unwrap();
        assert!(store.verify(player).unwrap().verification.is_sound());
        store.standing("spring", player).unwrap();
    }
}

/// A store whose every statement is caught, with three players.
pub(crate) fn caught(backend: &Postgres, store: &BlockingStore) -> (Wire, BlockingStore) {
    for player in ["p2", "p3"] {
        store.create_player(&NewPlayer::new(player)).unwrap();
    }
    let wire = Wire::to(&backend.url());
    let store = BlockingStore::open_with(&wire.url(), Options::new().outbox(true)).unwrap();
    (wire, store)
}

#[test]
fn no_hot_statement_lacks_the_player() {
    const TEST: &str = "no_hot_statement_lacks_the_player";
    if !Postgres::is_there(TEST) {
        return;
    }
    let (backend, store) = populated::<Postgres>();
    if !backend.url().contains("@%2F") {
        return levelkit_test_postgres::skip("no_hot_statement_lacks_the_player, for the server is not on a socket");
    }
    let (wire, store) = caught(&backend, &store);
    everything_hot(&store);
    let (planner, mut used, mut checked) = (Planner::to(&backend.url()), BTreeSet::new(), 0);
    for sent in wire.sent() {
        if sent.types.is_empty()
            && ["BEGIN", "COMMIT", "ROLLBACK", "SET ", ""].iter().any(|plain| match *plain {
                "" => sent.text.is_empty(),
                _ => sent.text.starts_with(plain),
            })
        {
            continue;
        }
        checked += 1;
        let faults = faults(&planner, &sent, &mut used);
        assert!(faults.is_empty(), "rows of {faults:?} are found without their player by\n{}", sent.text);
    }
    assert!(checked > 50, "{checked}");
    // The story left nothing out that a command writes with, and no exception is kept that nobody needs.
    let texts: Vec<String> = wire.sent().into_iter().map(|sent| sent.text).collect();
    let writes = writes_of(include_str!("../../src/postgres/statement.rs"));
    assert!(writes.len() > 20, "{writes:?}");
    for write in writes {
        assert!(texts.iter().any(|text| text.contains(&write)), "never sent: {write}");
    }
    let known = OF_NOBODY.iter().map(|(table, _)| *table).chain(OF_EVERYBODY.iter().map(|(part, ..)| *part));
    assert_eq!(used, known.collect());
}

/// What is written to, as the source of the statements says it: `INSERT INTO levelkit.facts`.
fn writes_of(source: &str) -> BTreeSet<String> {
    let words: Vec<&str> = source.split_whitespace().map(|word| word.trim_matches('"')).collect();
    let verb_and_table = |words: &[&str]| match words {
        ["INSERT" | "DELETE", second, table] => Some(format!("{} {second} {table}", words[0])),
        ["UPDATE", table, _] => Some(format!("UPDATE {table}")),
        _ => None,
    };
    words.windows(3).filter_map(verb_and_table).filter(|write| write.contains('.')).collect()
}

#[test]
fn a_statement_without_the_player_is_seen() {
    if !Postgres::is_there("a_statement_without_the_player_is_seen") {
        return;
    }
    let (backend, _store) = populated::<Postgres>();
    backend.plain("CREATE TABLE levelkit.odd (id text PRIMARY KEY)");
    let planner = Planner::to(&backend.url());
    let check = |text: &str, types: &[&str]| {
        let types = types.iter().map(|name| if *name == "text" { 25 } else { 1009 }).collect();
        faults(&planner, &Sent { text: text.to_owned(), types }, &mut BTreeSet::new())
    };
    for (text, types) in [
        ("SELECT 1 FROM levelkit.facts WHERE user_id = any($1)", &["text[]"][..]),
        ("SELECT 1 FROM levelkit.players p JOIN public.users u ON u.id = p.user_id WHERE p.user_id = $1", &["text"]),
        (
            "SELECT 1 FROM levelkit.players p LEFT JOIN levelkit.facts f ON f.user_id = p.user_id WHERE p.user_id = $1",
            &["text"],
        ),
        ("UPDATE public.users AS known SET level = 2 FROM unnest($1) AS now (id) WHERE known.id = now.id", &["text[]"]),
        ("INSERT INTO levelkit.specials (user_id, name, at) SELECT u, u, now() FROM unnest($1) AS u", &["text[]"]),
        ("SELECT 1 FROM levelkit.facts WHERE user_id = $1 AND (day = $2 OR metric = $2)", &["text", "text"]),
    ] {
        assert_eq!(check(text, types), [""; 0], "{text}");
    }
    for (text, types, wrong) in [
        ("SELECT 1 FROM levelkit.facts WHERE day = $1", &["text"][..], "levelkit.facts"),
        ("SELECT 1 FROM levelkit.facts WHERE user_id = $1 OR day = $1", &["text"], "levelkit.facts"),
        ("SELECT 1 FROM levelkit.facts WHERE NOT (user_id = $1)", &["text"], "levelkit.facts"),
        ("SELECT 1 FROM levelkit.facts WHERE user_id > $1", &["text"], "levelkit.facts"),
        (
            "SELECT 1 FROM levelkit.facts WHERE user_id = (SELECT min(hash) FROM levelkit.rulesets WHERE hash > $1)",
            &["text"],
            "levelkit.facts",
        ),
        ("UPDATE public.users SET level = 2 WHERE email = $1", &["text"], "public.users"),
        ("DELETE FROM levelkit.outbox WHERE sequence = 1", &[], "levelkit.outbox"),
        ("INSERT INTO public.users (email) VALUES ($1)", &["text"], "public.users"),
        ("SELECT 1 FROM levelkit.odd WHERE id = $1", &["text"], "levelkit.odd"),
        // The way it was joined before, found by its id alone.
        (
            "SELECT DISTINCT ON (a.user_id) a.user_id, t.boss_id FROM levelkit.attempts AS a \
             JOIN public.boss_attempts AS t ON t.id = a.attempt_id WHERE a.user_id = any($1) ORDER BY a.user_id",
            &["text[]"],
            "public.boss_attempts",
        ),
        (
            "SELECT 1 FROM public.users AS u LEFT JOIN levelkit.facts AS f ON f.user_id = u.id AND u.id = $1 WHERE u.level > 1",
            &["text"],
            "public.users",
        ),
    ] {
        assert!(check(text, types).iter().any(|table| table == wrong), "{text}");
    }
}
