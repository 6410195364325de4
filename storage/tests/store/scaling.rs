//! The opt-in SQL for databases that grew large, run on a server, and the store on what it leaves.

use std::collections::BTreeSet;

use levelkit::Command;
use levelkit_migrations::postgres::scaling::{CITUS, FACTS_BY_YEAR, PARTITION, SETTINGS};
use levelkit_storage::{BlockingStore, NewPlayer, RollOverOptions};
use serde_json::Value;

use crate::backend::Backend;
use crate::hot::{caught, everything_hot};
use crate::plans::Planner;
use crate::postgres::Postgres;
use crate::wire::Sent;
use crate::world::{adjust, at, live, minutes, populated, report};

const PLAYERS: [&str; 4] = ["p1", "p2", "p3", "p4"];

/// A database as it comes, and one that a script changes: the same lives must come out the same.
struct Twins {
    changed: Postgres,
    _plain: Postgres,
    /// The store on the changed one, whose statements are caught, and the one on the other.
    stores: [BlockingStore; 2],
    wire: crate::wire::Wire,
}

impl Twins {
    /// Where p4 has lived before the script, and everybody lives after it. None where the server is not within reach.
    fn new(test: &str, script: impl FnOnce(&Postgres)) -> Option<Self> {
        if !Postgres::is_there(test) {
            return None;
        }
        let ((changed, first), (plain, second)) = (populated::<Postgres>(), populated::<Postgres>());
        if !changed.url().contains("@%2F") {
            levelkit_test_postgres::skip(&format!("{test}, for the server is not on a socket"));
            return None;
        }
        for store in [&first, &second] {
            store.create_player(&NewPlayer::new("p4").in_timezone("Asia/Tokyo")).unwrap();
            assert!(live(store, "p4") > 40);
        }
        script(&changed);
        let (wire, store) = caught(&changed, &first);
        let (_, other) = caught(&plain, &second);
        let twins = Self { changed, _plain: plain, stores: [store, other], wire };
        twins.both(everything_hot);
        twins.both(|store| goes_on(store, 86, 90));
        twins.agree();
        Some(twins)
    }

    fn both(&self, live: impl Fn(&BlockingStore)) {
        self.stores.iter().for_each(live);
    }

    fn agree(&self) {
        let [changed, plain] = &self.stores;
        for player in PLAYERS {
            assert_eq!(changed.state(player).unwrap(), plain.state(player).unwrap());
            assert_eq!(changed.verify(player).unwrap(), plain.verify(player).unwrap());
            assert!(changed.verify(player).unwrap().verification.is_sound());
            let (ledger, other) =
                (changed.ledger(player, None, 1000).unwrap(), plain.ledger(player, None, 1000).unwrap());
            assert!(!ledger.entries.is_empty());
            assert_eq!(ledger, other);
            assert_eq!(changed.standing("spring", player).unwrap(), plain.standing("spring", player).unwrap());
        }
    }
}

/// Days from one to another for everybody, with a roll-over every night.
fn goes_on(store: &BlockingStore, from: i64, to: i64) {
    for day in from..to {
        for (number, player) in PLAYERS.iter().enumerate() {
            let now = |minute: i64| minutes(1440 * day + minute);
            store.execute(player, now(700), &report(&[("steps", 9000.0), ("reps", 20.0)])).unwrap();
            store.execute(player, now(701), &adjust(&format!("{player} {day}"), number as i64 + 1)).unwrap();
            let _ = store.execute(player, now(702), &Command::StartBoss { boss: "ogre".into() });
            let _ = store.execute(player, now(703), &Command::EnterDungeon { dungeon: "cave".into() });
        }
        let done = store.roll_over(minutes(1440 * day + 1600), 100).unwrap();
        assert!(done.failed.is_empty() && !done.more, "{done:?}");
    }
    assert!(store.verify_all().unwrap().failures.is_empty());
}

/// The ledger's tables and their parts refuse every change, whichever is named.
fn the_ledger_refuses(backend: &Postgres, tables: usize) {
    let all = backend.answer(
        "SELECT relation::regclass FROM (SELECT 'public.xp_events'::regclass AS relation UNION ALL SELECT 'public.xp_modifiers' \
         UNION ALL SELECT inhrelid::regclass FROM pg_inherits WHERE inhparent IN ('public.xp_events'::regclass, \
         'public.xp_modifiers'::regclass) AND inhrelid NOT IN (SELECT indexrelid FROM pg_index)) AS guarded",
    );
    assert_eq!(all.len(), tables, "{all:?}");
    for table in all {
        for change in
            [format!("UPDATE {table} SET id = id"), format!("DELETE FROM {table}"), format!("TRUNCATE {table}")]
        {
            let refused = backend.run_own(&change);
            assert!(refused.as_ref().is_err_and(|error| error.contains("is append-only")), "{change}: {refused:?}");
        }
    }
}

/// So many measurements that the server looks for a player's: of few it would rather read all of every part.
fn fill(backend: &Postgres) {
    backend.plain(
        "SET session_replication_role = replica; \
         INSERT INTO public.users (id, email) SELECT 'f' || n, 'f' || n FROM generate_series(1, 5000) AS n; \
         INSERT INTO levelkit.players (user_id, head_hash, title_inputs, history_from) \
         SELECT 'f' || n, repeat('0', 64), 0, '9' FROM generate_series(1, 5000) AS n; \
         INSERT INTO levelkit.facts (user_id, day, metric, number, observed_at) \
         SELECT 'f' || n, (date '2026-03-01' + d)::text, 'steps', d, now() \
         FROM generate_series(1, 5000) AS n, generate_series(1, 80) AS d; \
         ANALYZE",
    );
}

/// The parts of a table that a plan looked into.
fn looked_into(plan: &Value, prefix: &str) -> BTreeSet<String> {
    let below = plan["Plans"].as_array().into_iter().flatten();
    let mut parts: BTreeSet<String> = below.flat_map(|node| looked_into(node, prefix)).collect();
    let name = plan["Relation Name"].as_str().unwrap_or_default();
    if name.starts_with(prefix) && plan["Actual Loops"] != 0 {
        parts.insert(name.to_owned());
    }
    parts
}

/// What each of the statements that read looked into, run for p1.
fn reads<'s>(
    planner: &'s Planner,
    sent: &'s [Sent],
    prefix: &'s str,
) -> impl Iterator<Item = (&'s Sent, BTreeSet<String>)> {
    let value = |text: &str, number: usize, oid: u32| match oid {
        25 if text.contains(&format!("coalesce(${}", number + 1)) => "NULL",
        25 => "'p1'",
        1009 => "ARRAY['p1']",
        1114 => "'2020-01-01'",
        20 => "100",
        _ => "NULL",
    };
    sent.iter().filter(|sent| sent.text.starts_with("SELECT")).filter_map(move |sent| {
        let values: Vec<&str> =
            sent.types.iter().enumerate().map(|(number, oid)| value(&sent.text, number, *oid)).collect();
        let parts = looked_into(&planner.plan(sent, &values, true), prefix);
        (!parts.is_empty()).then_some((sent, parts))
    })
}

#[test]
fn tables_partitioned_by_player_serve_a_player_from_one_part() {
    let Some(twins) = Twins::new("tables_partitioned_by_player_serve_a_player_from_one_part", |b| {
        b.plain(PARTITION);
        // Twice: running it again is harmless.
        b.plain(SETTINGS);
        b.plain(SETTINGS);
    }) else {
        return;
    };
    let roomy = "SELECT count(*) FROM pg_class WHERE reloptions::text LIKE '%fillfactor=' || ";
    assert_eq!(twins.changed.answer(&format!("{roomy} '90%'")), ["10"]);
    assert_eq!(twins.changed.answer(&format!("{roomy} '100%'")), ["24"]);
    the_ledger_refuses(&twins.changed, 18);
    // What was there before came along, and new rows are spread.
    for table in ["facts", "xp_events", "xp_modifiers", "award_rules"] {
        let parts = (0..8).map(|part| format!("SELECT count(*) FROM levelkit_parts.{table}_p{part}"));
        let filled = twins.changed.answer(&parts.collect::<Vec<_>>().join(" UNION ALL "));
        assert_eq!(filled.len(), 8);
        assert!(filled.iter().filter(|rows| *rows != "0").count() > 1, "{table}: {filled:?}");
    }
    fill(&twins.changed);
    let (planner, sent) = (Planner::to(&twins.changed.url()), twins.wire.sent());
    for (prefix, at_least) in [("facts_p", 1), ("xp_events_p", 1)] {
        let mut pruned = 0;
        for (sent, parts) in reads(&planner, &sent, prefix) {
            // A caller's id must be no event's, whoever's that is.
            if sent.text.contains("FROM public.xp_events WHERE id = $1") {
                continue;
            }
            assert_eq!(parts.len(), 1, "{parts:?} by\n{}", sent.text);
            pruned += 1;
        }
        assert!(pruned >= at_least, "{prefix}: {pruned}");
    }
    // The check can tell: without the player every part is looked into.
    let everybody = Sent { text: "SELECT count(*) FROM levelkit.facts WHERE metric = $1".to_owned(), types: vec![25] };
    assert_eq!(looked_into(&planner.plan(&everybody, &["'x'"], true), "facts_p").len(), 8);
}

#[test]
fn what_is_split_can_be_taken_away_with_all_of_levelkit() {
    if !Postgres::is_there("what_is_split_can_be_taken_away_with_all_of_levelkit") {
        return;
    }
    let backend = Postgres::new();
    let store = backend.store();
    backend.plain(PARTITION);
    store.revert().unwrap();
    assert_eq!(
        backend.answer("SELECT count(*) FROM pg_tables WHERE schemaname IN ('public', 'levelkit', 'levelkit_parts')"),
        ["0"]
    );
    assert!(store.migrate().unwrap().applied.len() > 2);
}

#[test]
fn years_that_nobody_looks_back_to_are_archived() {
    let Some(twins) = Twins::new("years_that_nobody_looks_back_to_are_archived", |b| b.plain(FACTS_BY_YEAR)) else {
        return;
    };
    // The next year, after months away.
    twins.both(|store| {
        let options = RollOverOptions::new(100);
        while store.roll_over_with(minutes(1440 * 364), &options).unwrap().more {}
        goes_on(store, 365, 368);
    });
    assert!(
        twins.changed.answer(
            "SELECT count(*) FROM levelkit_parts.facts_2027 UNION ALL SELECT count(*) FROM levelkit_parts.facts_rest"
        )[0] != "0"
    );
    // Running it again adds what is missing, and nothing else.
    twins.changed.plain(FACTS_BY_YEAR);
    assert_eq!(
        twins.changed.answer("SELECT partition FROM levelkit_parts.facts_archivable"),
        ["levelkit_parts.facts_2026"]
    );
    let sent = twins.wire.sent();
    {
        let planner = Planner::to(&twins.changed.url());
        fill(&twins.changed);
        let read: Vec<_> = reads(&planner, &sent, "facts_").collect();
        assert!(!read.is_empty());
        for (sent, parts) in read {
            assert!(!parts.contains("facts_2026"), "{parts:?} by\n{}", sent.text);
        }
    }
    twins.changed.plain(
        "ALTER TABLE levelkit.facts DETACH PARTITION levelkit_parts.facts_2026; DROP TABLE levelkit_parts.facts_2026",
    );
    twins.changed.plain("DELETE FROM levelkit.players WHERE user_id LIKE 'f%'");
    twins.both(|store| goes_on(store, 368, 372));
    twins.agree();
    let late = at("2027-03-20T00:00:00Z");
    twins.both(|store| assert!(store.timeline("p1", minutes(0)..=late).unwrap().len() > 50));
}

/// Citus is not here. What stands for it checks what Citus would: that there is such a table with such a column, that every unique key
/// contains it, that no trigger is in the way, and that references lead to where they can be followed.
const STAND_IN: &str = include_str!("citus.sql");

#[test]
fn the_script_for_citus_leaves_tables_that_can_be_spread() {
    let Some(twins) = Twins::new("the_script_for_citus_leaves_tables_that_can_be_spread", |backend| {
        backend.plain(STAND_IN);
        // What the script takes care of is really in the way.
        for (part, complaint) in [
            (
                "ALTER TABLE public.quest_logs DROP CONSTRAINT quest_logs_pkey, ADD CONSTRAINT quest_logs_pkey PRIMARY KEY (id, user_id);",
                "does not contain user_id",
            ),
            ("ALTER TABLE public.users DROP CONSTRAINT users_email_unique;", "does not contain id"),
            ("DROP TRIGGER levelkit_append_only ON public.xp_modifiers;", "has triggers"),
            ("SELECT create_reference_table('public.titles');", "cannot be followed"),
            ("ALTER TABLE public.sessions DROP CONSTRAINT sessions_user_id_users_id_fk;", "cannot be followed"),
        ] {
            assert!(CITUS.contains(part), "{part}");
            let script = format!("BEGIN; {}; SELECT stand_in.check_references(); COMMIT", CITUS.replace(part, ""));
            let refused = backend.run_own(&script);
            assert!(refused.as_ref().is_err_and(|error| error.contains(complaint)), "{part}: {refused:?}");
        }
        backend.plain(&format!("BEGIN; {CITUS}; SELECT stand_in.check_references(); COMMIT"));
    }) else {
        return;
    };
    the_ledger_refuses(&twins.changed, 2);
    // No table of players was forgotten: what is not spread is what the script says stays.
    let stays = twins.changed.answer(
        "SELECT DISTINCT table_name FROM information_schema.columns WHERE table_schema IN ('public', 'levelkit') \
         AND column_name = 'user_id' AND format('%I.%I', table_schema, table_name)::regclass NOT IN (SELECT relation FROM stand_in.spread) \
         ORDER BY table_name",
    );
    assert_eq!(
        stays,
        ["accounts", "addresses", "outbox", "scores", "season_leaderboards", "season_participations", "sessions"]
    );
}
