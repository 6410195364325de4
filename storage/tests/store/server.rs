//! What only a server can do, or fail to do.

use std::sync::Arc;
use std::time::Duration;

use diesel_async::{AsyncConnection, AsyncPgConnection, SimpleAsyncConnection};
use levelkit::{Command, Event, Metrics};
use levelkit_storage::{BlockingStore, Error, NewPlayer, Options, PgExecutor, PlayerReport};

use crate::backend::Backend;
use crate::postgres::Postgres;
use crate::wire::Wire;
use crate::world::{BEGIN, adjust, at, document, minutes, populated, report, ruleset};

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

#[test]
fn a_command_takes_two_or_three_round_trips() {
    if !Postgres::is_there("a_command_takes_two_or_three_round_trips") {
        return;
    }
    let (backend, store) = populated::<Postgres>();
    if !backend.url().contains("@%2F") {
        return levelkit_test_postgres::skip(
            "a_command_takes_two_or_three_round_trips, for the server is not on a socket",
        );
    }
    store.execute("p1", minutes(0), &Command::StartBoss { boss: "ogre".into() }).unwrap();
    let wire = Wire::to(&backend.url());
    // One connection, so that it is a warm one after the first round.
    let store = BlockingStore::open_with(&wire.url(), Options::new().connections(1)).unwrap();
    let life = |minute: i64| {
        let full = [("steps", 9000.0), ("reps", 55.0), ("sleep.hours", 7.0)];
        vec![
            Command::Advance {},
            report(&full),
            adjust(&format!("a{minute}"), 5),
            Command::EquipTitle { title: Some("newborn".into()) },
            Command::EnterDungeon { dungeon: "cave".into() },
            Command::ReportDungeon { observed_at: None, metrics: [("steps", 900.0.into())].into() },
        ]
    };
    // A statement is prepared when it is first needed, some of them once a month. From then on the fewest of several trips
    // count: a client that is interrupted while it sends looks like one that waits.
    let mut fewest = [i64::MAX; 6];
    for day in 0..92 {
        for (number, command) in life(day).into_iter().enumerate() {
            wire.round_trips();
            let done = store.execute("p1", minutes(1440 * day + 10 + number as i64), &command);
            assert!(done.is_ok(), "{command:?}: {done:?}");
            if day >= 80 {
                fewest[number] = fewest[number].min(wire.round_trips());
            }
        }
    }
    // Reports are the many. What others write, here a boss fight's days too, is more than one statement, committed when it was done.
    assert_eq!(fewest[1], 2, "{fewest:?}");
    assert!(fewest.iter().all(|trips| (1..=3).contains(trips)), "{fewest:?}");
    assert!(store.state("p1").unwrap().state.total_xp > 5000);
    assert!(store.verify("p1").unwrap().verification.is_sound());
}

#[test]
fn the_callers_own_rows_and_the_xp_are_committed_together_or_not_at_all() {
    if !Postgres::is_there("the_callers_own_rows_and_the_xp_are_committed_together_or_not_at_all") {
        return;
    }
    let (backend, store) = populated::<Postgres>();
    backend.run("CREATE TABLE orders (id text PRIMARY KEY)").unwrap();
    let url = backend.url();
    block_on(async {
        let executor = PgExecutor::new();
        let mut connection = AsyncPgConnection::establish(&url).await.unwrap();
        for (order, succeeds) in [("kept", true), ("lost", false)] {
            let done = connection
                .transaction::<_, Error, _>(async |connection| {
                    connection.batch_execute(&format!("INSERT INTO orders VALUES ('{order}')")).await?;
                    let unknown = Command::StartBoss { boss: "nobody".into() };
                    let refused = executor.execute(connection, "p1", minutes(0), &unknown).await;
                    assert_eq!(refused.unwrap_err().code(), "UNKNOWN_ID");
                    executor.execute(connection, "p1", minutes(0), &adjust(order, 5)).await?;
                    match succeeds {
                        true => Ok(()),
                        false => {
                            Err(executor.execute(connection, "nobody", minutes(0), &report(&[])).await.unwrap_err())
                        }
                    }
                })
                .await;
            assert_eq!(done.is_ok(), succeeds, "{done:?}");
        }
        // Without a transaction of the caller's it has one of its own; and its future may move between threads.
        let moved = tokio::spawn(async move {
            let bonus = adjust("alone", 5);
            executor.execute(&mut connection, "p1", minutes(1), &bonus).await.map(|outcome| outcome.head.events)
        });
        assert_eq!(moved.await.unwrap().unwrap(), 2);
    });
    assert_eq!(backend.lines("SELECT id AS line FROM orders"), ["kept"]);
    assert_eq!(store.player("p1", None).unwrap().total_xp.0, 10);
    assert!(store.verify("p1").unwrap().verification.is_sound());
}

#[test]
fn clocks_may_differ_a_little() {
    if !Postgres::is_there("clocks_may_differ_a_little") {
        return;
    }
    let (backend, store) = populated::<Postgres>();
    let begin = at(BEGIN).micros();
    let micros = |micros: i64| levelkit::Instant::from_micros(begin + micros).unwrap();
    store.execute("p1", micros(10_000_000), &adjust("a", 1)).unwrap();
    store.execute("p1", micros(5_000_000), &adjust("b", 1)).unwrap();
    let backwards = store.execute("p1", micros(4_999_999), &adjust("c", 1)).unwrap_err();
    assert_eq!(backwards.code(), "TIME_BACKWARDS");
    let last_at = store.state("p1").unwrap().state.last_at;
    assert_eq!(last_at, Some(micros(10_000_000)));
    let strict = BlockingStore::open_with(&backend.url(), Options::new().clock_tolerance(Duration::ZERO)).unwrap();
    assert_eq!(strict.execute("p1", micros(9_999_999), &adjust("d", 1)).unwrap_err().code(), "TIME_BACKWARDS");
    block_on(async {
        let mut connection = AsyncPgConnection::establish(&backend.url()).await.unwrap();
        let (usual, strict) = (PgExecutor::new(), PgExecutor::new().clock_tolerance(Duration::ZERO));
        let late = strict.execute(&mut connection, "p1", micros(9_999_999), &adjust("e", 1)).await.unwrap_err();
        assert_eq!(late.code(), "TIME_BACKWARDS");
        usual.execute(&mut connection, "p1", micros(5_000_000), &adjust("e", 1)).await.unwrap();
        let late = usual.execute(&mut connection, "p1", micros(4_999_999), &adjust("f", 1)).await.unwrap_err();
        assert_eq!(late.code(), "TIME_BACKWARDS");
    });
    assert_eq!(store.verify("p1").unwrap().verification.events, 3);
}

#[test]
fn the_ledger_refuses_every_change() {
    if !Postgres::is_there("the_ledger_refuses_every_change") {
        return;
    }
    let (backend, store) = populated::<Postgres>();
    crate::world::live(&store, "p1");
    let dump = || backend.lines("SELECT id || event_hash AS line FROM xp_events ORDER BY 1");
    let before = dump();
    for (table, column) in [("xp_events", "final_xp"), ("xp_modifiers", "xp_after")] {
        let one = format!("SELECT * FROM {table} LIMIT 1");
        for change in [
            format!("UPDATE {table} SET {column} = {column} + 1"),
            format!("UPDATE {table} SET {column} = 0 WHERE false"),
            format!("DELETE FROM {table}"),
            format!("TRUNCATE {table} CASCADE"),
            format!("INSERT INTO {table} {one} ON CONFLICT (id) DO UPDATE SET {column} = 0"),
            format!("MERGE INTO {table} AS t USING ({one}) AS s ON t.id = s.id WHEN MATCHED THEN DELETE"),
        ] {
            let refused = backend.run(&change);
            assert!(refused.as_ref().is_err_and(|error| error.contains("append-only")), "{change}: {refused:?}");
        }
    }
    assert!(backend.run("DELETE FROM users WHERE id = 'p1'").is_err());
    assert_eq!(dump(), before);
}

#[test]
fn errors_are_told_apart_and_give_nothing_away() {
    if !Postgres::is_there("errors_are_told_apart_and_give_nothing_away") {
        return;
    }
    let (backend, store) = populated::<Postgres>();
    let code = |url: &str| {
        let options = Options::new().connect_timeout(Duration::from_secs(3));
        let error = BlockingStore::open_with(url, options).map(drop).unwrap_err();
        let text = format!("{error} {error:?} {:?}", error.hint());
        assert!(!text.contains("sesame"), "{text}");
        error.code()
    };
    assert_eq!(code("postgres://me:sesame@localhost:1/x"), "STORE_UNAVAILABLE");
    assert_eq!(code("postgres://me:sesame@%2Fnowhere/x"), "STORE_UNAVAILABLE");
    assert_eq!(code("postgres://me:sesame@localhost:99999/x"), "INVALID_URL");
    let nobody = backend.url().replace("postgres@", "nobody_of_that_name:sesame@");
    assert_eq!(code(&nobody), "STORE_DENIED");
    let elsewhere = backend.url().rsplit_once('/').map(|(server, _)| format!("{server}/no_such_database")).unwrap();
    assert_eq!(code(&elsewhere), "STORE_DENIED");

    // A lock that somebody holds for too long, a server that takes no writes, a row of nonsense: nothing happens.
    let before = store.state("p1").unwrap();
    let hasty = Options::new().statement_timeout(Duration::from_millis(300));
    let hasty = BlockingStore::open_with(&backend.url(), hasty).unwrap();
    let held = backend.hold("SELECT 1 FROM levelkit.players FOR UPDATE");
    let locked = hasty.execute("p1", minutes(0), &adjust("a", 1)).unwrap_err();
    drop(held);
    assert_eq!((locked.code(), locked.is_unavailable()), ("STORE_UNAVAILABLE", true));
    let database = backend.url().rsplit_once('/').unwrap().1.to_owned();
    backend.plain(&format!("ALTER DATABASE {database} SET default_transaction_read_only = on"));
    let read_only = backend.store_as_it_is();
    assert_eq!(read_only.execute("p1", minutes(0), &adjust("a", 1)).unwrap_err().code(), "STORE_READ_ONLY");
    assert!(read_only.player("p1", None).is_ok());
    backend.plain(&format!("SET default_transaction_read_only = off; ALTER DATABASE {database} RESET ALL"));
    backend.run("UPDATE levelkit.players SET head_hash = 'x'").unwrap();
    let corrupt = store.execute("p1", minutes(0), &adjust("a", 1)).unwrap_err();
    assert_eq!((corrupt.code(), corrupt.is_corrupt()), ("STORE_CORRUPT", true));
    backend.run(&format!("UPDATE levelkit.players SET head_hash = '{}'", before.state.ledger.hash)).unwrap();
    assert_eq!(store.state("p1").unwrap(), before);
}

#[test]
fn a_connection_that_was_cut_is_replaced() {
    if !Postgres::is_there("a_connection_that_was_cut_is_replaced") {
        return;
    }
    let (backend, store) = populated::<Postgres>();
    for number in 0..5 {
        store.execute("p1", minutes(number), &adjust(&format!("n{number}"), 1)).unwrap();
        backend
            .run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'levelkit' AND datname = current_database()")
            .unwrap();
    }
    assert_eq!(store.verify("p1").unwrap().verification.events, 5);
}

#[test]
fn a_commit_that_is_not_answered_may_have_happened() {
    if !Postgres::is_there("a_commit_that_is_not_answered_may_have_happened") {
        return;
    }
    let (backend, store) = populated::<Postgres>();
    // Whoever commits an adjustment loses the connection over it.
    backend.plain(
        "CREATE FUNCTION cut() RETURNS trigger LANGUAGE plpgsql AS \
         $$BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END$$; \
         CREATE CONSTRAINT TRIGGER cut AFTER INSERT ON levelkit.adjustments DEFERRABLE INITIALLY DEFERRED \
         FOR EACH ROW EXECUTE FUNCTION cut()",
    );
    let gift = adjust("gift", 5);
    let codes = block_on(async {
        let together =
            futures_util::future::join_all((0..3).map(|_| store.as_async().execute("p1", minutes(0), &gift)));
        let mut codes: Vec<_> = together.await.into_iter().map(|done| done.unwrap_err().code()).collect();
        let all = [(minutes(0), gift.clone())];
        codes.push(store.as_async().execute_all("p1", &all).await.unwrap_err().code());
        let mut own = AsyncPgConnection::establish(&backend.url()).await.unwrap();
        codes.push(PgExecutor::new().execute(&mut own, "p1", minutes(0), &gift).await.unwrap_err().code());
        codes
    });
    assert_eq!(codes, ["STORE_UNCERTAIN"; 5]);
    backend.plain("DROP TRIGGER cut ON levelkit.adjustments");
    assert_eq!(store.execute("p1", minutes(0), &gift).unwrap().head.events, 1);
    assert!(store.verify("p1").unwrap().verification.is_sound());
}

#[test]
fn processes_that_migrate_at_once_take_turns() {
    if !Postgres::is_there("processes_that_migrate_at_once_take_turns") {
        return;
    }
    let backend = Postgres::new();
    let database = backend.url().rsplit_once('/').unwrap().1.to_owned();
    // Nothing depends on what the database is set to.
    backend
        .plain(&format!("CREATE SCHEMA odd; ALTER DATABASE {database} SET search_path = odd; ALTER DATABASE {database} SET TimeZone = 'Asia/Kathmandu'"));
    let applied: Vec<usize> = std::thread::scope(|scope| {
        let migrate = || BlockingStore::open(&backend.url()).unwrap().migrate().unwrap().applied.len();
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(migrate)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(applied.iter().sum::<usize>(), 3);
    let store = backend.store();
    store.import_ruleset(&ruleset(&document()), at(BEGIN)).unwrap();
    store.create_player(&NewPlayer::new("p1")).unwrap();
    assert!(crate::world::live(&store, "p1") > 40);
    assert!(store.verify("p1").unwrap().verification.is_sound());
    let strays = "SELECT relname AS line FROM pg_class WHERE relnamespace = 'odd'::regnamespace";
    assert_eq!(backend.lines(strays), Vec::<String>::new());
}

#[test]
fn only_what_is_empty_and_ours_is_taken_away() {
    if !Postgres::is_there("only_what_is_empty_and_ours_is_taken_away") {
        return;
    }
    let backend = Postgres::new();
    backend
        .run("CREATE TYPE quest_category AS ENUM ('MOVEMENT', 'STRENGTH', 'RECOVERY', 'NUTRITION', 'DISCIPLINE')")
        .unwrap();
    backend.run("CREATE TABLE verifications (id text PRIMARY KEY, identifier text NOT NULL, value text NOT NULL, expires_at timestamp NOT NULL, created_at timestamp DEFAULT now() NOT NULL, updated_at timestamp DEFAULT now() NOT NULL)").unwrap();
    backend.run("INSERT INTO verifications VALUES ('v', 'i', 'x', now())").unwrap();
    let store = backend.store();
    store.import_ruleset(&ruleset(&document()), at(BEGIN)).unwrap();
    let refused = store.revert().unwrap_err();
    assert_eq!(refused.code(), "STORE_ERROR");
    assert!(refused.to_string().contains("public.narrative_contents"), "{refused}");
    assert!(store.export_ruleset().is_ok());
    let empty = "SELECT string_agg(format('DELETE FROM public.%I', name), ';') AS line FROM unnest(ARRAY['narrative_contents', \
        'game_configs', 'dungeons', 'boss_phases', 'bosses', 'titles', 'quest_templates', 'seasons']) AS name";
    let empty = backend.lines(empty).remove(0);
    backend.run(&format!("{empty}; DELETE FROM levelkit.rulesets")).unwrap();
    store.revert().unwrap();
    let left = "SELECT relname AS line FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'";
    assert_eq!(backend.lines(left), ["verifications"]);
    let types = "SELECT typname AS line FROM pg_type WHERE typnamespace = 'public'::regnamespace AND typtype = 'e'";
    assert_eq!(backend.lines(types), ["quest_category"]);
    assert_eq!(
        backend.lines("SELECT nspname AS line FROM pg_namespace WHERE nspname = 'levelkit'"),
        Vec::<String>::new()
    );
    assert_eq!(store.player("p1", None).unwrap_err().code(), "NOT_MIGRATED");
    assert_eq!(store.migrate().unwrap().applied, ["initial", "standings", "seen_at"]);
}

#[test]
fn other_tables_of_the_same_names_are_left_alone() {
    if !Postgres::is_there("other_tables_of_the_same_names_are_left_alone") {
        return;
    }
    let backend = Postgres::new();
    backend.run("CREATE TABLE users (id bigint PRIMARY KEY, name text)").unwrap();
    let refused = BlockingStore::open(&backend.url()).unwrap().migrate().unwrap_err();
    assert_eq!((refused.code(), refused.is_schema()), ("FOREIGN_SCHEMA", true));
    assert!(refused.to_string().contains("users.id"), "{refused}");
    assert_eq!(
        backend.lines("SELECT nspname AS line FROM pg_namespace WHERE nspname = 'levelkit'"),
        Vec::<String>::new()
    );
}

#[test]
fn what_the_old_service_completed_today_is_not_awarded_again() {
    if !Postgres::is_there("what_the_old_service_completed_today_is_not_awarded_again") {
        return;
    }
    let (backend, store) = populated::<Postgres>();
    backend
        .run(
            "INSERT INTO users (id, email, total_xp, level) VALUES ('old', 'o@x.org', 100, 2);
             INSERT INTO quest_logs (id, user_id, template_id, status, progress, completed_at, xp_awarded, day_date) VALUES
             ('cuid1', 'old', 'walk', 'COMPLETED', '{\"steps\": 9000}', '2026-03-02 06:00', 100, '2026-03-02'),
             ('cuid2', 'old', 'sleep', 'ACTIVE', '{}', NULL, NULL, '2026-03-02');
             INSERT INTO daily_logs (id, user_id, day_date) VALUES ('cuid3', 'old', '2026-03-02');
             INSERT INTO user_titles (id, user_id, title_id) VALUES ('cuid4', 'old', 'guest')",
        )
        .unwrap();
    store.create_player(&NewPlayer::new("old")).unwrap();
    let full = report(&[("steps", 9000.0), ("sleep.hours", 7.0)]);
    for minute in [0, 5] {
        let events = store.execute("old", minutes(minute), &full).unwrap().events;
        let completed: Vec<_> = events
            .iter()
            .filter_map(|event| match event {
                Event::QuestCompleted { quest, .. } => Some(quest.as_str()),
                _ => None,
            })
            .collect();
        assert_eq!(completed, if minute == 0 { vec!["sleep"] } else { vec![] });
    }
    let view = store.player("old", None).unwrap();
    assert!(view.titles.iter().any(|title| title.title == "guest" && title.held));
    store.execute("old", minutes(3 * 1440), &full).unwrap();
    assert!(store.verify("old").unwrap().verification.is_sound());
    let logs = "SELECT template_id AS line FROM quest_logs WHERE user_id = 'old' AND id LIKE 'cuid%'";
    assert_eq!(backend.lines(logs), ["walk"]);
}

#[test]
fn commands_of_one_player_that_meet_share_a_transaction() {
    if !Postgres::is_there("commands_of_one_player_that_meet_share_a_transaction") {
        return;
    }
    let (backend, store) = populated::<Postgres>();
    let mut commands: Vec<Command> = (0..20).map(|number| adjust(&format!("a{number}"), 3)).collect();
    // What is refused is refused alone; what was done already is done.
    commands.insert(5, adjust("a0", 4));
    commands.insert(6, Command::EquipTitle { title: Some("nobody's".into()) });
    commands.insert(7, adjust("a1", 3));
    let held = backend.hold("SELECT 1 FROM levelkit.players WHERE user_id = 'p1' FOR UPDATE");
    let answers = block_on(async {
        let together = commands.iter().map(|command| store.as_async().execute("p1", minutes(0), command));
        let mut together = std::pin::pin!(futures_util::future::join_all(together));
        // All of them are on their way, and none can be done.
        std::future::poll_fn(|context| {
            assert!(together.as_mut().poll(context).is_pending());
            std::task::Poll::Ready(())
        })
        .await;
        // It has a runtime of its own, which cannot end within this one.
        std::thread::spawn(|| drop(held)).join().unwrap();
        together.await
    });
    let codes: Vec<&str> = answers.iter().filter_map(|answer| answer.as_ref().err()).map(Error::code).collect();
    assert_eq!(codes, ["ID_CONFLICT", "UNKNOWN_ID"]);
    // Each is told of its own events, and of the ledger as it was then.
    let heads: Vec<u64> = answers.iter().flatten().map(|outcome| outcome.head.events as u64).collect();
    let expected: Vec<u64> = (1..=5).chain([5]).chain(6..=20).collect();
    assert_eq!(heads, expected);
    assert!(store.verify("p1").unwrap().verification.is_sound());
    assert_eq!(store.state("p1").unwrap().state.total_xp, 60);
    let transactions = backend.answer("SELECT count(DISTINCT xmin::text) FROM public.xp_events");
    assert!(transactions == ["1"] || transactions == ["2"], "{transactions:?} transactions");
}

/// While somebody has the player for good, nobody waits for all the others' turns too.
#[test]
fn a_group_that_waits_in_vain_waits_once() {
    if !Postgres::is_there("a_group_that_waits_in_vain_waits_once") {
        return;
    }
    let (backend, store) = populated::<Postgres>();
    let hasty = Options::new().statement_timeout(Duration::from_secs(1));
    let hasty = BlockingStore::open_with(&backend.url(), hasty).unwrap();
    let held = backend.hold("SELECT 1 FROM levelkit.players FOR UPDATE");
    let began = std::time::Instant::now();
    let commands: Vec<Command> = (0..30).map(|number| adjust(&format!("a{number}"), 3)).collect();
    let answers = block_on(futures_util::future::join_all(
        commands.iter().map(|command| hasty.as_async().execute("p1", minutes(0), command)),
    ));
    // The first by itself, and the rest together.
    assert!(began.elapsed() < Duration::from_secs(15), "{:?}", began.elapsed());
    assert!(answers.iter().all(|answer| answer.as_ref().is_err_and(|error| error.code() == "STORE_UNAVAILABLE")));
    drop(held);
    assert_eq!(store.state("p1").unwrap().state.total_xp, 0);
    assert_eq!(hasty.execute("p1", minutes(0), &commands[0]).unwrap().head.events, 1);
}

/// Whatever the order in which ids come that were used before, they are recognised, and the group stays together.
#[test]
fn a_group_recognises_what_was_done_before() {
    if !Postgres::is_there("a_group_recognises_what_was_done_before") {
        return;
    }
    let (backend, store) = populated::<Postgres>();
    for number in 0..8 {
        store.execute("p1", minutes(0), &adjust(&format!("known{number}"), 3)).unwrap();
    }
    let mut commands: Vec<Command> = (0..8).rev().map(|number| adjust(&format!("known{number}"), 3)).collect();
    commands.insert(0, Command::Advance {});
    commands.extend(["a", "z", "m", "a"].map(|id| adjust(id, 5)));
    commands.extend((0..8).map(|number| adjust(&format!("known{number}"), 4)));
    let held = backend.hold("SELECT 1 FROM levelkit.players WHERE user_id = 'p1' FOR UPDATE");
    let answers = block_on(async {
        let together = commands.iter().map(|command| store.as_async().execute("p1", minutes(0), command));
        let mut together = std::pin::pin!(futures_util::future::join_all(together));
        std::future::poll_fn(|context| {
            assert!(together.as_mut().poll(context).is_pending());
            std::task::Poll::Ready(())
        })
        .await;
        std::thread::spawn(|| drop(held)).join().unwrap();
        together.await
    });
    let codes: Vec<&str> = answers.iter().filter_map(|answer| answer.as_ref().err()).map(Error::code).collect();
    assert_eq!(codes, ["ID_CONFLICT"; 8]);
    assert_eq!(store.state("p1").unwrap().state.total_xp, 8 * 3 + 3 * 5);
    assert!(store.verify("p1").unwrap().verification.is_sound());
    let transactions =
        backend.answer("SELECT count(DISTINCT xmin::text) FROM public.xp_events WHERE id IN ('a', 'z', 'm')");
    assert_eq!(transactions, ["1"]);
}

#[test]
fn a_group_that_meets_an_error_is_done_one_by_one() {
    if !Postgres::is_there("a_group_that_meets_an_error_is_done_one_by_one") {
        return;
    }
    let (backend, store) = populated::<Postgres>();
    backend.plain(
        "CREATE FUNCTION no_thirteen() RETURNS trigger LANGUAGE plpgsql AS \
         $$BEGIN IF NEW.id LIKE 'a13%' THEN RAISE 'thirteen'; END IF; RETURN NEW; END$$; \
         CREATE TRIGGER no_thirteen BEFORE INSERT ON levelkit.adjustments FOR EACH ROW EXECUTE FUNCTION no_thirteen()",
    );
    let commands: Vec<Command> = (10..17).map(|number| adjust(&format!("a{number}"), 3)).collect();
    let answers = block_on(futures_util::future::join_all(
        commands.iter().map(|command| store.as_async().execute("p1", minutes(0), command)),
    ));
    let codes: Vec<Option<&str>> = answers.iter().map(|answer| answer.as_ref().err().map(Error::code)).collect();
    assert_eq!(codes, [None, None, None, Some("STORE_ERROR"), None, None, None]);
    assert_eq!(store.verify("p1").unwrap().verification.events, 6);
    // Somebody away for years, and everybody wants something of them at the return.
    let later = minutes(1440 * 900);
    let answers = block_on(futures_util::future::join_all((0..4).map(|_| {
        let store = store.as_async();
        async move { store.execute("p1", later, &Command::Advance {}).await }
    })));
    assert!(answers.iter().all(Result::is_ok));
    assert_eq!(store.state("p1").unwrap().state.last_at, Some(later));
}

#[test]
fn many_threads_on_many_players_lose_nothing() {
    if !Postgres::is_there("many_threads_on_many_players_lose_nothing") {
        return;
    }
    let (backend, store) = populated::<Postgres>();
    for number in 0..8 {
        store.create_player(&NewPlayer::new(format!("m{number}"))).unwrap();
    }
    let stores: Vec<BlockingStore> = (0..3).map(|_| backend.store()).collect();
    let granted = Arc::new(std::sync::atomic::AtomicI64::new(0));
    std::thread::scope(|scope| {
        for thread in 0..12_i64 {
            let (store, granted) = (&stores[thread as usize % stores.len()], Arc::clone(&granted));
            scope.spawn(move || {
                for number in 0..15 {
                    let player = format!("m{}", (thread * 5 + number * 3) % 8);
                    // The same id from several threads: one of them wins, the others are told.
                    let id = format!("{}-{number}", thread % 4);
                    match store.execute(&player, minutes(0), &adjust(&id, 3)) {
                        Ok(outcome) if outcome.events.is_empty() => {}
                        Ok(_) => {
                            granted.fetch_add(3, std::sync::atomic::Ordering::SeqCst);
                        }
                        Err(error) => assert_eq!(error.code(), "ID_CONFLICT"),
                    }
                }
            });
        }
    });
    let total: i64 = store.players(None, 100).unwrap().iter().map(|player| player.total_xp.0).sum();
    assert_eq!(total, granted.load(std::sync::atomic::Ordering::SeqCst));
    assert_eq!(total, 4 * 15 * 3);
    assert!(store.verify_all().unwrap().failures.is_empty());
}

#[test]
fn many_reports_take_a_handful_of_round_trips() {
    if !Postgres::is_there("many_reports_take_a_handful_of_round_trips") {
        return;
    }
    let (backend, store) = populated::<Postgres>();
    if !backend.url().contains("@%2F") {
        return levelkit_test_postgres::skip(
            "many_reports_take_a_handful_of_round_trips, for the server is not on a socket",
        );
    }
    let id = |number: usize| format!("m{number:03}");
    for number in 0..300 {
        store.create_player(&NewPlayer::new(id(number))).unwrap();
    }
    let wire = Wire::to(&backend.url());
    let store = BlockingStore::open_with(&wire.url(), Options::new().connections(1)).unwrap();
    let reports = |day: i64| -> Vec<PlayerReport> {
        let metrics = Metrics::from([("steps", 9000.0.into()), ("reps", 55.0.into()), ("sleep.hours", 7.0.into())]);
        (0..300).map(|number| PlayerReport::new(id(number), minutes(day * 1440), metrics.clone())).collect()
    };
    let mut fewest = [i64::MAX; 2];
    for day in 0..12 {
        wire.round_trips();
        assert_eq!(store.report_many(&reports(day)).unwrap().accepted.len(), 300);
        if day > 7 {
            fewest[0] = fewest[0].min(wire.round_trips());
        }
        wire.round_trips();
        assert_eq!(store.roll_over(minutes(day * 1440 + 1439), 1000).unwrap().failed, []);
        if day > 7 {
            fewest[1] = fewest[1].min(wire.round_trips());
        }
    }
    // How far away they are; begin; lock; load; write; commit. And two batches of those who are due, and one of nobody; and the fold
    // of the scores that moved.
    assert!(fewest[0] <= 6, "{fewest:?}");
    assert!(fewest[1] <= 16, "{fewest:?}");
    assert!(store.verify_all().unwrap().failures.is_empty());
}

#[test]
fn workers_that_roll_over_at_once_share_the_players() {
    if !Postgres::is_there("workers_that_roll_over_at_once_share_the_players") {
        return;
    }
    let (backend, store) = populated::<Postgres>();
    let id = |number: usize| format!("m{number:03}");
    for number in 0..600 {
        store.create_player(&NewPlayer::new(id(number))).unwrap();
        store.execute(&id(number), minutes(0), &report(&[("steps", 9000.0)])).unwrap();
    }
    // Somebody has one of them in hand, and nobody waits for that.
    let held = backend.hold("SELECT 1 FROM levelkit.players WHERE user_id = 'm007' FOR UPDATE");
    let due = minutes(2 * 1440);
    let mut advanced: Vec<String> = std::thread::scope(|scope| {
        let work = || {
            let (store, mut advanced) = (backend.store(), Vec::new());
            loop {
                let done = store.roll_over(due, 50).unwrap();
                assert!(done.refused.is_empty() && done.failed.is_empty(), "{done:?}");
                let is_over = done.advanced.is_empty();
                advanced.extend(done.advanced);
                if is_over {
                    return advanced;
                }
            }
        };
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(work)).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    drop(held);
    advanced.sort();
    assert_eq!(advanced, (0..600).filter(|number| *number != 7).map(id).collect::<Vec<_>>());
    // The server takes a moment to see that nobody holds it any more.
    let mut last = (0..500).map(|_| {
        std::thread::sleep(Duration::from_millis(10));
        store.roll_over(due, 50).unwrap().advanced
    });
    assert_eq!(last.find(|advanced| !advanced.is_empty()).unwrap(), ["m007"]);
    assert!(store.verify_all().unwrap().failures.is_empty());
}

#[test]
fn a_player_whom_the_database_refuses_is_set_aside() {
    if !Postgres::is_there("a_player_whom_the_database_refuses_is_set_aside") {
        return;
    }
    let (backend, store) = populated::<Postgres>();
    for id in ["a", "b", "c", "d"] {
        store.create_player(&NewPlayer::new(id)).unwrap();
        store.execute(id, minutes(0), &report(&[("steps", 100.0)])).unwrap();
    }
    backend.run("ALTER TABLE quest_logs ADD CONSTRAINT odd CHECK (user_id <> 'b' OR status = 'ACTIVE')").unwrap();
    let done = store.roll_over(minutes(2 * 1440), 100).unwrap();
    assert_eq!((done.advanced.join(" ").as_str(), done.more), ("a c d", false));
    let failed: Vec<_> = done.failed.iter().map(|one| (one.player.as_str(), one.code.as_str())).collect();
    assert_eq!(failed, [("b", "STORE_ERROR")]);
}
