//! The guards against lost and doubled XP, each seen to be what stops it. `cargo xtask mutants --guards` takes each of them away
//! (`tests/mutants/*.patch`) and demands that its test here, or elsewhere, fails.
//!
//! Who stands in whose way is arranged, and not left to chance: one transaction is held open, the other is seen waiting, and on
//! which statement. So nothing here depends on how fast anything is.

use std::thread::ScopedJoinHandle;
use std::time::Duration;

use diesel_async::{AsyncConnection, AsyncPgConnection, TransactionManager};
use levelkit::{Command, Instant, Metrics};
use levelkit_storage::{BlockingStore, Error, NewPlayer, Options, Outcome, PgExecutor, PlayerReport};

use crate::backend::Backend;
use crate::postgres::Postgres;
use crate::seasons::{DURING, arena};
use crate::world::{adjust, at, minutes, populated, report};

/// How often the store tries what another transaction is in the way of.
const ATTEMPTS: u32 = 5;

/// A transaction of an application's own in which commands are done, and which stays open.
struct Open {
    runtime: tokio::runtime::Runtime,
    connection: AsyncPgConnection,
}

type Manager = <AsyncPgConnection as AsyncConnection>::TransactionManager;

impl Open {
    fn begin(backend: &Postgres) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let connection = runtime.block_on(async {
            let mut connection = AsyncPgConnection::establish(&backend.url()).await.unwrap();
            Manager::begin_transaction(&mut connection).await.unwrap();
            connection
        });
        Self { runtime, connection }
    }

    fn execute(&mut self, player: &str, at: Instant, command: &Command) -> Result<Outcome, Error> {
        self.runtime.block_on(PgExecutor::new().execute(&mut self.connection, player, at, command))
    }

    fn commit(mut self) {
        self.runtime.block_on(Manager::commit_transaction(&mut self.connection)).unwrap();
    }
}

/// What those wait on who wait for somebody else, once so many do; less than that if a thread is done without having waited.
fn waiting<T>(backend: &Postgres, count: usize, thread: &ScopedJoinHandle<'_, T>) -> Vec<String> {
    loop {
        let is_over = thread.is_finished();
        let statements = backend.lines(
            "SELECT query AS line FROM pg_stat_activity WHERE datname = current_database() \
             AND cardinality(pg_blocking_pids(pid)) > 0",
        );
        if statements.len() >= count || is_over {
            return statements;
        }
    }
}

/// Whether the only one who waits does so on a statement that begins like this.
fn waits_on(statements: &[String], beginning: &str) {
    assert!(matches!(statements, [one] if one.starts_with(beginning)), "{beginning}: {statements:?}");
}

/// Does something before the first few inserts into a table; each try counts, also those that are rolled back.
fn interfere(backend: &Postgres, table: &str, times: u32, what: &str) {
    backend.plain(&format!(
        "CREATE SEQUENCE public.tries; \
         CREATE FUNCTION public.interfere() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
           IF nextval('public.tries') <= {times} THEN {what}; END IF; RETURN NULL; END $$; \
         CREATE TRIGGER interfere BEFORE INSERT ON {table} FOR EACH STATEMENT EXECUTE FUNCTION public.interfere()"
    ));
}

fn tries(backend: &Postgres) -> u32 {
    let tries = "SELECT CASE WHEN is_called THEN last_value ELSE 0 END::text AS line FROM public.tries";
    backend.lines(tries)[0].parse().unwrap()
}

fn is_sound(store: &BlockingStore) {
    assert_eq!(store.verify_all().unwrap().failures, []);
}

#[test]
fn a_command_waits_for_the_lock_and_goes_on_from_there() {
    if !Postgres::is_there("a_command_waits_for_the_lock_and_goes_on_from_there") {
        return;
    }
    let (backend, store) = populated::<Postgres>();
    interfere(&backend, "public.xp_events", 0, "NULL");
    let mut first = Open::begin(&backend);
    let before = first.execute("p1", minutes(0), &adjust("first", 5)).unwrap();
    let (backend, store) = (&backend, &store);
    let after = std::thread::scope(|scope| {
        let second = scope.spawn(|| store.execute("p1", minutes(0), &adjust("second", 7)));
        let statements = waiting(backend, 1, &second);
        first.commit();
        // Before it has read anything, that is.
        waits_on(&statements, "SELECT p.user_id, u.timezone");
        second.join().unwrap().unwrap()
    });
    // What the second read was what the first had left, so it was decided once and not anew.
    assert_eq!((before.head.events, after.head.events, tries(backend)), (1, 2, 2));
    assert_eq!(store.player("p1", None).unwrap().total_xp.0, 12);
    is_sound(store);
}

/// In the order of their ids' bytes, which is neither the order of the rows nor that of the server's language.
#[test]
fn several_players_are_locked_in_the_order_of_their_ids() {
    if !Postgres::is_there("several_players_are_locked_in_the_order_of_their_ids") {
        return;
    }
    let (backend, store) = populated::<Postgres>();
    for id in ["a", "B"] {
        store.create_player(&NewPlayer::new(id)).unwrap();
    }
    let held = backend.hold("SELECT 1 FROM levelkit.players WHERE user_id = 'B' FOR UPDATE");
    let reports = ["a", "B"].map(|id| PlayerReport::new(id, minutes(0), Metrics::from([("steps", 1.0.into())])));
    std::thread::scope(|scope| {
        let many = scope.spawn(|| store.report_many(&reports));
        let statements = waiting(&backend, 1, &many);
        let free =
            backend.lines("SELECT user_id AS line FROM levelkit.players WHERE user_id = 'a' FOR UPDATE SKIP LOCKED");
        held.commit();
        waits_on(&statements, "SELECT user_id FROM levelkit.players");
        assert_eq!(free, ["a"], "it has the second while it waits for the first");
        assert_eq!(many.join().unwrap().unwrap().accepted.len(), 2);
    });
}

#[test]
fn a_player_who_was_written_meanwhile_is_decided_anew() {
    if !Postgres::is_there("a_player_who_was_written_meanwhile_is_decided_anew") {
        return;
    }
    let (backend, store) = populated::<Postgres>();
    // As if somebody had written an event in spite of the lock.
    interfere(&backend, "levelkit.adjustments", 1, "UPDATE levelkit.players SET event_count = event_count + 1");
    let outcome = store.execute("p1", minutes(0), &adjust("a", 5)).unwrap();
    assert_eq!((tries(&backend), outcome.head.events), (2, 1));
    is_sound(&store);
}

#[test]
fn a_conflict_is_tried_again_and_not_for_ever() {
    if !Postgres::is_there("a_conflict_is_tried_again_and_not_for_ever") {
        return;
    }
    const FAIL: &str = "RAISE EXCEPTION 'in the way' USING ERRCODE = 'serialization_failure'";
    type Way = fn(&BlockingStore) -> Result<(), Error>;
    let ways: [(&str, Way); 3] = [
        ("levelkit.adjustments", |store| store.execute("p1", minutes(0), &adjust("a", 5)).map(drop)),
        ("levelkit.adjustments", |store| store.execute_all("p1", &[(minutes(0), adjust("a", 5))]).map(drop)),
        ("levelkit.facts", |store| {
            store.report_many(&[PlayerReport::new("p1", minutes(0), Metrics::from([("steps", 1.0.into())]))]).map(drop)
        }),
    ];
    for (table, way) in ways {
        for times in [ATTEMPTS - 1, ATTEMPTS * 10] {
            let (backend, store) = populated::<Postgres>();
            interfere(&backend, table, times, FAIL);
            let done = way(&store).map_err(|error| (error.code(), error.is_transient()));
            let expected = if times < ATTEMPTS { Ok(()) } else { Err(("STORE_CONFLICT", true)) };
            assert_eq!((done, tries(&backend)), (expected, ATTEMPTS), "{table}: {times} in the way");
            is_sound(&store);
        }
    }
}

/// An application takes what a command takes, the other way round. It looks for no deadlock itself, so the command gives way.
#[test]
fn a_command_that_a_deadlock_ends_is_done_anew() {
    if !Postgres::is_there("a_command_that_a_deadlock_ends_is_done_anew") {
        return;
    }
    let (backend, store) = populated::<Postgres>();
    interfere(&backend, "levelkit.adjustments", 0, "NULL");
    let (begun, has_begun) = std::sync::mpsc::channel();
    let outcome = std::thread::scope(|scope| {
        let backend = &backend;
        scope.spawn(move || {
            let first = backend.hold("SET LOCAL deadlock_timeout = '1h'; LOCK TABLE levelkit.award_rules IN SHARE MODE");
            begun.send(()).unwrap();
            // Once the command waits for the table, it asks for the row that the command has.
            first.run(
                "DO $$ BEGIN WHILE NOT EXISTS (SELECT 1 FROM pg_locks WHERE pg_backend_pid() = ANY (pg_blocking_pids(pid))) \
                 LOOP PERFORM pg_sleep(0.01); END LOOP; END $$; SELECT 1 FROM levelkit.players FOR UPDATE",
            );
            first.commit();
        });
        has_begun.recv().unwrap();
        store.execute("p1", minutes(0), &adjust("a", 5)).unwrap()
    });
    assert_eq!((tries(&backend), outcome.head.events), (2, 1));
    is_sound(&store);
}

/// Each holds the lock of a player of its own, so only the id itself can tell.
#[test]
fn an_id_that_two_players_use_at_once_is_one_of_them_s() {
    if !Postgres::is_there("an_id_that_two_players_use_at_once_is_one_of_them_s") {
        return;
    }
    let (backend, store) = populated::<Postgres>();
    store.create_player(&NewPlayer::new("p2")).unwrap();
    let mut first = Open::begin(&backend);
    first.execute("p1", minutes(0), &adjust("gift", 5)).unwrap();
    std::thread::scope(|scope| {
        let second = scope.spawn(|| store.execute("p2", minutes(0), &adjust("gift", 5)));
        waits_on(&waiting(&backend, 1, &second), "INSERT INTO levelkit.adjustments");
        first.commit();
        assert_eq!(second.join().unwrap().map(drop).map_err(|error| error.code()), Err("ID_CONFLICT"));
    });
    assert_eq!(["p1", "p2"].map(|id| store.player(id, None).unwrap().total_xp.0), [5, 0]);
    is_sound(&store);
}

#[test]
fn of_two_who_make_a_player_at_once_one_does() {
    if !Postgres::is_there("of_two_who_make_a_player_at_once_one_does") {
        return;
    }
    let (backend, store) = populated::<Postgres>();
    // The first one comes this far, with the rows in `users` and `players` made.
    let held = backend.hold("LOCK TABLE levelkit.zone_history IN SHARE MODE");
    let make = |name: &str, zone: &str| {
        store
            .create_player(&NewPlayer { name: Some(name.to_owned()), ..NewPlayer::new("new").in_timezone(zone) })
            .map_err(|error| error.code())
    };
    let made = std::thread::scope(|scope| {
        let first = scope.spawn(|| make("first", "Europe/Berlin"));
        waiting(&backend, 1, &first);
        let second = scope.spawn(|| make("second", "Asia/Tokyo"));
        let statements = waiting(&backend, 2, &second);
        held.commit();
        assert_eq!(statements.len(), 2, "{statements:?}");
        [first.join().unwrap(), second.join().unwrap()]
    });
    assert_eq!(made, [Ok(true), Ok(false)]);
    // And what the other one said of the player counts for nothing.
    assert_eq!(
        backend.lines("SELECT name || ' ' || timezone AS line FROM users WHERE id = 'new'"),
        ["first Europe/Berlin"]
    );
}

#[test]
fn a_seal_waits_for_scores_on_their_way() {
    if !Postgres::is_there("a_seal_waits_for_scores_on_their_way") {
        return;
    }
    let (backend, store) = arena::<Postgres>();
    let score = "INSERT INTO public.season_participations (id, user_id, season_id, season_xp, joined_at) \
        VALUES ('own', 'a', 'spring', 5, '2026-03-02 09:00')";
    let held = backend.hold(score);
    std::thread::scope(|scope| {
        let sealing = scope.spawn(|| store.refresh_leaderboard("spring", at("2026-03-10T00:30:00Z")));
        let statements = waiting(&backend, 1, &sealing);
        held.commit();
        waits_on(&statements, "SELECT pg_advisory_xact_lock(");
        let refreshed = sealing.join().unwrap().unwrap();
        assert_eq!((refreshed.participants, refreshed.sealed), (1, true));
    });
    let file = store.standings("spring").unwrap();
    assert_eq!((file.participants, file.is_sound()), (1, true));
}

#[test]
fn a_score_that_meets_the_seal_is_decided_anew() {
    if !Postgres::is_there("a_score_that_meets_the_seal_is_decided_anew") {
        return;
    }
    let (backend, store) = arena::<Postgres>();
    let held = backend.hold(
        "SELECT pg_advisory_xact_lock(hashtextextended('spring', 7812740155820811622)); \
         INSERT INTO levelkit.season_seals (season_id, sealed_at) VALUES ('spring', '2026-03-10')",
    );
    std::thread::scope(|scope| {
        let scoring = scope.spawn(|| store.execute("a", at(DURING), &report(&[("steps", 10.0)])));
        let statements = waiting(&backend, 1, &scoring);
        held.commit();
        waits_on(&statements, "WITH w0 AS (INSERT INTO public.");
        scoring.join().unwrap().unwrap();
    });
    assert_eq!(store.player("a", None).unwrap().total_xp.0, 100);
    assert_eq!(store.standing("spring", "a").unwrap(), None);
    is_sound(&store);
}

#[test]
fn a_player_in_somebody_s_hands_is_not_waited_for() {
    if !Postgres::is_there("a_player_in_somebody_s_hands_is_not_waited_for") {
        return;
    }
    let (backend, store) = populated::<Postgres>();
    for id in ["a", "b", "c"] {
        store.create_player(&NewPlayer::new(id)).unwrap();
        store.execute(id, minutes(0), &report(&[("steps", 1.0)])).unwrap();
    }
    let held = backend.hold("SELECT 1 FROM levelkit.players WHERE user_id = 'b' FOR UPDATE");
    let (advanced, waited) = std::thread::scope(|scope| {
        let rolling = scope.spawn(|| store.roll_over(minutes(2 * 1440), 10).unwrap().advanced);
        let waited = waiting(&backend, 1, &rolling);
        held.commit();
        (rolling.join().unwrap(), waited)
    });
    assert_eq!(waited, Vec::<String>::new());
    assert_eq!(advanced, ["a", "c"]);
}

#[test]
fn a_player_s_events_are_with_one_worker() {
    if !Postgres::is_there("a_player_s_events_are_with_one_worker") {
        return;
    }
    let (backend, _) = populated::<Postgres>();
    let store = BlockingStore::open_with(&backend.url(), Options::new().outbox(true)).unwrap();
    for number in 0..2 {
        store.execute("p1", minutes(number), &adjust(&format!("n{number}"), 5)).unwrap();
    }
    // A worker that has just taken the first of them, as `claim_events` does.
    let held = backend.hold(
        "SELECT pg_advisory_xact_lock(7812740155820811625); UPDATE levelkit.outbox SET worker = 'first', \
         held_until = (clock_timestamp() AT TIME ZONE 'UTC') + interval '1 hour' \
         WHERE sequence = (SELECT min(sequence) FROM levelkit.outbox)",
    );
    let claimed = std::thread::scope(|scope| {
        let claiming = scope.spawn(|| store.claim_events("second", 10, Duration::from_secs(600)).unwrap());
        let statements = waiting(&backend, 1, &claiming);
        held.commit();
        assert_eq!(statements.len(), 1, "{statements:?}");
        claiming.join().unwrap()
    });
    assert_eq!(claimed, []);
}
