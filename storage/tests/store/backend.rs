//! Databases to test on, with a plain connection beside the store's own.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Text;
use levelkit_migrations::Migration;
use levelkit_storage::{BlockingStore, Options};
use tempfile::TempDir;

/// A fresh database.
pub(crate) trait Backend: Sync {
    /// Of how many rows one is tried out, where trying all would take long.
    const SAMPLE: usize;
    /// Every migration, by rising version.
    const MIGRATIONS: [Migration; 3];
    /// How a command ends that would write a row of the ledger whose id is taken.
    const ID_TAKEN: &str;
    /// Asks for every table's columns, as `table column`.
    const COLUMNS: &str;
    /// An empty database.
    fn new() -> Self;
    /// What the store is opened with.
    fn url(&self) -> String;
    /// Runs statements on a plain connection.
    fn run(&self, sql: &str) -> Result<(), String>;
    /// Runs statements that are this database's own.
    fn run_own(&self, sql: &str) -> Result<(), String> {
        self.run(sql)
    }
    /// One text column of a query on a plain connection.
    fn lines(&self, sql: &str) -> Vec<String>;
    /// Takes levelkit's tables away, as another process may, whatever they hold.
    fn take_tables_away(&self);
    /// Takes the guards of the ledger away, as only an owner of the database can.
    fn disarm(&self);
    /// The rows of a table as JSON arrays, by a key; instants in microseconds, booleans as 0 or 1.
    fn rows(&self, table: &str, key: &str, columns: &str) -> Vec<String>;
    /// An instant as a literal.
    fn instant(micros: i64) -> String;
    /// An assignment as this database understands it.
    fn assignment(change: &str) -> String;

    /// A store on it, migrated.
    fn store(&self) -> BlockingStore {
        let store = BlockingStore::open_with(&self.url(), Options::new()).unwrap();
        store.migrate().unwrap();
        store
    }
}

/// An SQLite file.
pub(crate) struct SqliteFile {
    folder: TempDir,
}

impl SqliteFile {
    /// Where the file is.
    pub(crate) fn path(&self) -> std::path::PathBuf {
        self.folder.path().join("hunters é#?.db")
    }

    /// A plain connection, as an application or a tool would open it.
    pub(crate) fn connect(&self) -> SqliteConnection {
        let mut conn = SqliteConnection::establish(self.path().to_str().unwrap()).unwrap();
        conn.batch_execute("PRAGMA busy_timeout = 10000; PRAGMA foreign_keys = ON").unwrap();
        conn
    }
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

impl Backend for SqliteFile {
    const SAMPLE: usize = 7;
    const ID_TAKEN: &str = "STORE_CORRUPT";
    const MIGRATIONS: [Migration; 3] = levelkit_migrations::sqlite::MIGRATIONS;

    const COLUMNS: &str = "SELECT t.name || ' ' || c.name AS line FROM sqlite_schema AS t, pragma_table_info(t.name) AS c \
        WHERE t.type = 'table'";

    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn url(&self) -> String {
        format!("sqlite:{}", self.path().display())
    }

    fn run(&self, sql: &str) -> Result<(), String> {
        self.connect().batch_execute(sql).map_err(|error| error.to_string())
    }

    fn lines(&self, sql: &str) -> Vec<String> {
        let rows: Vec<Line> = diesel::sql_query(format!("SELECT line FROM ({sql})")).load(&mut self.connect()).unwrap();
        rows.into_iter().map(|row| row.line).collect()
    }

    fn take_tables_away(&self) {
        for Migration { down, .. } in Self::MIGRATIONS.iter().rev() {
            self.run(&format!("BEGIN; {down} COMMIT")).unwrap();
        }
    }

    fn disarm(&self) {
        let triggers =
            self.lines("SELECT name AS line FROM sqlite_schema WHERE type = 'trigger' AND tbl_name LIKE 'xp%'");
        assert_eq!(triggers.len(), 6);
        let drop: String = triggers.iter().map(|name| format!("DROP TRIGGER {name};")).collect();
        self.run(&format!("PRAGMA foreign_keys = OFF; {drop}")).unwrap();
    }

    fn rows(&self, table: &str, key: &str, columns: &str) -> Vec<String> {
        self.lines(&format!("SELECT json_array(CAST({key} AS TEXT), json_array({columns})) AS line FROM {table}"))
    }

    fn instant(micros: i64) -> String {
        micros.to_string()
    }

    fn assignment(change: &str) -> String {
        change.to_owned()
    }
}
