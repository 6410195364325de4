//! Files that are not what they should be: each error has its code and hint, and nothing is lost.

use std::time::Duration;

use diesel::connection::SimpleConnection;
use levelkit::Metrics;
use levelkit_storage::{BlockingStore, Error, Executor, Options, PlayerReport, Synchronous};

use crate::backend::{Backend, SqliteFile};
use crate::world::{adjust, live, minutes, populated, report};

fn opening(backend: &SqliteFile, options: Options) -> Error {
    let opened = BlockingStore::open_with(&backend.url(), options);
    // What opening does not read, verification does.
    opened.and_then(|store| store.verify_all()).unwrap_err()
}

fn says(error: &Error, code: &str) {
    assert_eq!(error.code(), code, "{error:?}");
    assert!(error.hint().is_some_and(|hint| !hint.is_empty()), "{error:?}");
}

#[test]
fn a_missing_file_is_not_made_for_reading() {
    let backend = SqliteFile::new();
    says(&opening(&backend, Options::new().read_only(true)), "STORE_MISSING");
    says(&opening(&backend, Options::new().create(false)), "STORE_MISSING");
    assert!(!backend.path().exists());
}

#[test]
fn a_folder_that_is_missing_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("nowhere/x.db").display());
    let error = BlockingStore::open(&url).unwrap_err();
    says(&error, "STORE_IO");
    assert!(error.to_string().contains("nowhere"), "{error}");
    says(&BlockingStore::open(&format!("sqlite:{}", folder.path().display())).unwrap_err(), "STORE_IO");
}

#[test]
fn an_empty_database_must_be_migrated_first() {
    let backend = SqliteFile::new();
    let store = BlockingStore::open(&backend.url()).unwrap();
    assert_eq!((store.schema_version().unwrap().found, store.schema_version().unwrap().known), (0, 3));
    says(&store.execute("p1", minutes(0), &report(&[])).unwrap_err(), "NOT_MIGRATED");
    says(&store.players(None, 1).unwrap_err(), "NOT_MIGRATED");
    assert_eq!(store.migrate().unwrap().applied, ["initial", "standings", "seen_at"]);
    assert!(store.migrate().unwrap().applied.is_empty());
    store.create_player(&levelkit_storage::NewPlayer::new("p1")).unwrap();
    let no_ruleset = store.execute("p1", minutes(0), &report(&[])).unwrap_err();
    says(&no_ruleset, "NO_RULESET");
    assert!(!no_ruleset.is_transient());
}

#[test]
fn a_text_file_is_not_a_database_and_stays_as_it_is() {
    let backend = SqliteFile::new();
    for text in ["hello", &"a long text without any meaning\n".repeat(500)] {
        std::fs::write(backend.path(), text).unwrap();
        let error = opening(&backend, Options::new());
        says(&error, "NOT_A_DATABASE");
        assert!(error.is_corrupt() && error.to_string().contains("hunters"), "{error}");
        assert_eq!(std::fs::read_to_string(backend.path()).unwrap(), text);
    }
}

#[test]
fn a_truncated_file_is_damaged() {
    let (backend, store) = populated::<SqliteFile>();
    live(&store, "p1");
    drop(store);
    let bytes = std::fs::read(backend.path()).unwrap();
    for length in [bytes.len() / 2, bytes.len() - 1, 4096, 4097] {
        std::fs::write(backend.path(), &bytes[..length]).unwrap();
        let error = opening(&backend, Options::new());
        assert!(error.is_corrupt(), "{length} of {}: {error:?}", bytes.len());
        assert_eq!(std::fs::read(backend.path()).unwrap().len(), length);
    }
    std::fs::write(backend.path(), &bytes).unwrap();
    assert!(BlockingStore::open(&backend.url()).unwrap().verify("p1").unwrap().verification.is_sound());
}

#[test]
fn damaged_pages_are_noticed() {
    let (backend, store) = populated::<SqliteFile>();
    live(&store, "p1");
    drop(store);
    let mut bytes = std::fs::read(backend.path()).unwrap();
    let page = 4096;
    for start in (page..bytes.len()).step_by(page) {
        // The head of every page but the first.
        bytes[start..start + 16].fill(0xee);
    }
    std::fs::write(backend.path(), &bytes).unwrap();
    let error = opening(&backend, Options::new());
    says(&error, "STORE_CORRUPT");
}

#[test]
fn a_newer_database_is_left_alone() {
    let (backend, store) = populated::<SqliteFile>();
    drop(store);
    backend.run("INSERT INTO levelkit_migrations (version, name) VALUES (7, 'later')").unwrap();
    let error = opening(&backend, Options::new());
    says(&error, "STORE_NEWER");
    assert!(error.is_schema() && error.to_string().contains("version 7"), "{error}");
}

#[test]
fn another_applications_tables_are_left_alone() {
    let backend = SqliteFile::new();
    backend.run("CREATE TABLE users (id INTEGER PRIMARY KEY, nick TEXT)").unwrap();
    let before = std::fs::read(backend.path()).unwrap();
    let error = opening(&backend, Options::new());
    says(&error, "FOREIGN_SCHEMA");
    assert!(error.to_string().contains("\"users\""), "{error}");
    assert_eq!(std::fs::read(backend.path()).unwrap(), before);
    // Beside tables of other names there is room.
    backend.run("DROP TABLE users; CREATE TABLE notes (id INTEGER PRIMARY KEY)").unwrap();
    assert_eq!(backend.store().schema_version().unwrap().found, 3);
}

#[test]
fn a_locked_database_is_unavailable() {
    let (backend, store) = populated::<SqliteFile>();
    let mut other = backend.connect();
    other.batch_execute("BEGIN IMMEDIATE").unwrap();
    let impatient = Options::new().busy_timeout(Duration::from_millis(30));
    let waiting = BlockingStore::open_with(&backend.url(), impatient).unwrap();
    let error = waiting.execute("p1", minutes(0), &adjust("a", 5)).unwrap_err();
    says(&error, "STORE_LOCKED");
    assert!(error.is_unavailable() && error.is_transient());
    // Readers do not wait.
    assert_eq!(waiting.player("p1", None).unwrap().total_xp.0, 0);
    other.batch_execute("COMMIT").unwrap();
    waiting.execute("p1", minutes(0), &adjust("a", 5)).unwrap();
    assert_eq!(store.player("p1", None).unwrap().total_xp.0, 5);
}

#[test]
fn a_read_only_store_only_reads() {
    let (backend, store) = populated::<SqliteFile>();
    live(&store, "p1");
    let reader = BlockingStore::open_with(&backend.url(), Options::new().read_only(true)).unwrap();
    assert_eq!(reader.state("p1").unwrap(), store.state("p1").unwrap());
    says(&reader.execute("p1", minutes(99_999), &adjust("a", 5)).unwrap_err(), "STORE_READ_ONLY");
    says(&reader.create_player(&levelkit_storage::NewPlayer::new("p2")).unwrap_err(), "STORE_READ_ONLY");
    assert!(reader.verify("p1").unwrap().verification.is_sound());
}

#[test]
fn a_full_disk_loses_nothing() {
    let (backend, store) = populated::<SqliteFile>();
    live(&store, "p1");
    let before = store.state("p1").unwrap();
    let mut conn = backend.connect();
    // No page more than there is: a disk that is full for this connection.
    conn.batch_execute("PRAGMA max_page_count = 1").unwrap();
    let mut executor = Executor::new();
    let mut full = None;
    for number in 0..2000 {
        let at = minutes(99_999 + number);
        if let Err(error) = executor.execute(&mut conn, "p1", at, &adjust(&format!("fill{number}"), 1)) {
            full = Some(error);
            break;
        }
    }
    let full = full.unwrap();
    says(&full, "STORE_FULL");
    assert!(full.is_transient() && !full.is_unavailable());
    let found = store.verify("p1").unwrap().verification;
    assert_eq!(found.failure, None);
    assert!(found.total_xp >= before.state.total_xp);
    store.execute("p1", minutes(200_000), &adjust("room", 1)).unwrap();
}

#[test]
fn rows_that_levelkit_never_writes_are_corrupt() {
    let (backend, store) = populated::<SqliteFile>();
    live(&store, "p1");
    for change in [
        "UPDATE users SET level = 1099511627776",
        "UPDATE levelkit_players SET open_days = '{}'",
        "UPDATE levelkit_players SET head_hash = 'x'",
        "UPDATE quest_logs SET progress = '{}'",
        "UPDATE levelkit_facts SET day = 'soon' WHERE metric = 'steps' AND day = (SELECT max(day) FROM levelkit_facts)",
    ] {
        let copy = tempfile::tempdir().unwrap();
        let path = copy.path().join("copy.db");
        backend.run(&format!("VACUUM INTO '{}'", path.display())).unwrap();
        let mut conn: diesel::SqliteConnection = diesel::Connection::establish(path.to_str().unwrap()).unwrap();
        conn.batch_execute(change).unwrap();
        let broken = BlockingStore::open(&format!("sqlite:{}", path.display())).unwrap();
        let error = broken.execute("p1", minutes(99_999), &report(&[])).unwrap_err();
        says(&error, "STORE_CORRUPT");
    }
}

#[test]
fn a_zone_that_somebody_broke_is_refused() {
    let (backend, store) = populated::<SqliteFile>();
    backend.run("UPDATE users SET timezone = 'Nowhere'").unwrap();
    assert_eq!(store.execute("p1", minutes(0), &report(&[])).unwrap_err().code(), "INVALID_TIMEZONE");
}

#[test]
fn a_store_in_memory_and_one_in_a_hurry_work() {
    let backend = SqliteFile::new();
    for url in ["sqlite::memory:".to_owned(), backend.url()] {
        let store = BlockingStore::open_with(&url, Options::new().synchronous(Synchronous::Normal)).unwrap();
        store.migrate().unwrap();
        store.import_ruleset(&crate::world::ruleset(&crate::world::document()), minutes(0)).unwrap();
        store.create_player(&levelkit_storage::NewPlayer::new("p1")).unwrap();
        live(&store, "p1");
        assert!(store.verify_all().unwrap().failures.is_empty());
    }
}

#[test]
fn clocks_may_differ_if_they_are_allowed_to() {
    let (backend, store) = populated::<SqliteFile>();
    store.execute("p1", minutes(1), &adjust("a", 1)).unwrap();
    assert_eq!(store.execute("p1", minutes(0), &adjust("b", 1)).unwrap_err().code(), "TIME_BACKWARDS");
    let minute = std::time::Duration::from_secs(60);
    let tolerant = BlockingStore::open_with(&backend.url(), Options::new().clock_tolerance(minute)).unwrap();
    tolerant.execute("p1", minutes(0), &adjust("b", 1)).unwrap();
    assert_eq!(tolerant.execute("p1", minutes(-1), &adjust("c", 1)).unwrap_err().code(), "TIME_BACKWARDS");
    assert_eq!(store.state("p1").unwrap().state.last_at, Some(minutes(1)));
}

#[test]
fn a_life_leaves_a_sound_file() {
    let (backend, store) = populated::<SqliteFile>();
    live(&store, "p1");
    assert_eq!(backend.lines("SELECT integrity_check AS line FROM pragma_integrity_check"), ["ok"]);
    assert_eq!(backend.lines("SELECT \"table\" AS line FROM pragma_foreign_key_check"), Vec::<String>::new());
    let tables = backend.lines(
        "SELECT name AS line FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'levelkit_%' AND name NOT LIKE 'sqlite_%'",
    );
    assert_eq!(tables.len(), 21);
}

#[test]
fn everything_is_taken_away_again() {
    let (backend, store) = populated::<SqliteFile>();
    live(&store, "p1");
    drop(store);
    backend.take_tables_away();
    let left = backend.lines("SELECT name AS line FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%'");
    assert_eq!(left, Vec::<String>::new());
    backend.store();
}

/// Who writes another file over the one that is open is told of its tables, and not of a damaged row.
#[test]
fn a_file_that_was_written_over_is_not_migrated() {
    type Ask = fn(&BlockingStore) -> Result<(), Error>;
    let asked: [Ask; 3] = [
        |store| store.player("p1", None).map(drop),
        |store| store.execute("p1", minutes(1), &adjust("b", 5)).map(drop),
        |store| store.report_many(&[PlayerReport::new("p1", minutes(1), Metrics::default())]).map(drop),
    ];
    for ask in asked {
        let (backend, store) = populated::<SqliteFile>();
        store.execute("p1", minutes(0), &adjust("a", 5)).unwrap();
        store.player("p1", None).unwrap();
        backend.run("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
        let other = backend.path().with_extension("other");
        let mut conn: diesel::SqliteConnection = diesel::Connection::establish(other.to_str().unwrap()).unwrap();
        conn.batch_execute("CREATE TABLE notes (id INTEGER PRIMARY KEY)").unwrap();
        drop(conn);
        std::fs::copy(&other, backend.path()).unwrap();
        says(&ask(&store).unwrap_err(), "NOT_MIGRATED");
    }
}

/// A process keeps its locks on a file that it opens once more: without them another one could take the log away.
#[cfg(target_os = "linux")]
#[test]
fn who_opens_a_file_again_keeps_its_locks() {
    let (backend, store) = populated::<SqliteFile>();
    assert!(is_locked(&backend));
    // By a reader, and by another store.
    store.player("p1", None).unwrap();
    let other = BlockingStore::open(&backend.url()).unwrap();
    assert!(is_locked(&backend));
    drop(other);
    assert!(is_locked(&backend));
}

/// Whether this process has a lock on the file, as the kernel tells of each of its descriptors. The list of everybody's locks would not
/// do: it is read in parts, and what others lock meanwhile moves lines between them.
#[cfg(target_os = "linux")]
fn is_locked(backend: &SqliteFile) -> bool {
    let path = backend.path().canonicalize().unwrap();
    let opened = std::fs::read_dir("/proc/self/fd").unwrap().filter_map(Result::ok);
    let mut ours = opened.filter(|descriptor| std::fs::read_link(descriptor.path()).is_ok_and(|target| target == path));
    ours.any(|descriptor| {
        let told = std::fs::read_to_string(format!("/proc/self/fdinfo/{}", descriptor.file_name().display()));
        told.is_ok_and(|told| told.lines().any(|line| line.starts_with("lock:")))
    })
}
