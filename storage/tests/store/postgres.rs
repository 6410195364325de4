//! A PostgreSQL database to test on.

use levelkit_migrations::Migration;
use levelkit_test_postgres::{Database, Server};

use crate::backend::Backend;

/// A database of its own on the test server.
pub(crate) struct Postgres {
    database: Database<'static>,
}

/// A transaction that somebody is in.
pub(crate) struct Held {
    client: tokio_postgres::Client,
    runtime: tokio::runtime::Runtime,
}

impl Held {
    /// Runs more statements in it.
    pub(crate) fn run(&self, sql: &str) {
        self.runtime.block_on(self.client.batch_execute(sql)).unwrap();
    }

    /// Commits it.
    pub(crate) fn commit(self) {
        self.runtime.block_on(self.client.batch_execute("COMMIT")).unwrap();
    }
}

impl Postgres {
    /// Whether there is a server; says so aloud where there is none.
    pub(crate) fn is_there(test: &str) -> bool {
        let server = Server::shared().unwrap();
        if server.is_none() {
            levelkit_test_postgres::skip(test);
        }
        server.is_some()
    }

    /// A store on it, whatever its tables.
    pub(crate) fn store_as_it_is(&self) -> levelkit_storage::BlockingStore {
        levelkit_storage::BlockingStore::open(&self.url()).unwrap()
    }

    /// Runs statements as they are.
    pub(crate) fn plain(&self, sql: &str) {
        self.database.query(sql).unwrap();
    }

    /// The lines that a query answers with, as it stands.
    pub(crate) fn answer(&self, sql: &str) -> Vec<String> {
        self.database.query(sql).unwrap().lines().map(str::to_owned).collect()
    }

    /// Begins a transaction with a statement, and stays in it until the value is dropped.
    pub(crate) fn hold(&self, sql: &str) -> Held {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let client = runtime.block_on(async {
            let (client, connection) = tokio_postgres::connect(&self.url(), tokio_postgres::NoTls).await.unwrap();
            tokio::spawn(connection);
            client.batch_execute(&format!("BEGIN; {sql}")).await.unwrap();
            client
        });
        Held { client, runtime }
    }

    /// SQL written for SQLite's names, as this database has them.
    fn translate(sql: &str) -> String {
        sql.replace("levelkit_", "levelkit.")
            .replace("PRAGMA foreign_keys = OFF;", "SET session_replication_role = replica;")
            .replace("json_extract(progress, '$.rules')", "progress->>'rules'")
    }

    /// A column as the other databases write it.
    fn column(&self, table: &str, column: &str) -> String {
        let plain = column.trim_start_matches("json(").trim_end_matches(')');
        let (schema, relation) = table.split_once('.').unwrap_or(("public", table));
        let name = plain.trim_matches('"');
        let kind = self.database.query(&format!(
            "SELECT data_type FROM information_schema.columns \
             WHERE table_schema = '{schema}' AND table_name = '{relation}' AND column_name = '{name}'"
        ));
        match kind.unwrap().as_str() {
            "timestamp without time zone" => format!("(extract(epoch FROM {plain}) * 1000000)::int8"),
            "boolean" => format!("{plain}::int"),
            "real" => format!("{plain}::numeric"),
            _ => plain.to_owned(),
        }
    }
}

impl Backend for Postgres {
    /// Each plain statement is a process of its own.
    const SAMPLE: usize = 41;
    const ID_TAKEN: &str = "STORE_CONFLICT";
    const MIGRATIONS: [Migration; 3] = levelkit_migrations::postgres::MIGRATIONS;

    const COLUMNS: &str = "SELECT CASE table_schema WHEN 'public' THEN table_name::text \
        ELSE 'levelkit' || '_' || table_name END || ' ' || column_name AS line FROM information_schema.columns \
        WHERE table_schema IN ('public', 'levelkit')";

    fn new() -> Self {
        Self { database: Server::shared().unwrap().unwrap().database().unwrap() }
    }

    fn url(&self) -> String {
        self.database.url()
    }

    fn run(&self, sql: &str) -> Result<(), String> {
        self.database.query(&Self::translate(sql)).map(drop).map_err(|error| error.to_string())
    }

    fn run_own(&self, sql: &str) -> Result<(), String> {
        self.database.query(sql).map(drop).map_err(|error| error.to_string())
    }

    fn lines(&self, sql: &str) -> Vec<String> {
        let lines = self.database.query(&format!("SELECT line FROM ({}) AS lines", Self::translate(sql))).unwrap();
        lines.lines().map(str::to_owned).collect()
    }

    fn take_tables_away(&self) {
        self.plain("DROP SCHEMA levelkit CASCADE");
    }

    fn disarm(&self) {
        let drop = |table: &str| format!("DROP TRIGGER levelkit_append_only ON public.{table};");
        self.database.query(&(drop("xp_events") + &drop("xp_modifiers"))).unwrap();
    }

    fn rows(&self, table: &str, key: &str, columns: &str) -> Vec<String> {
        let table = Self::translate(table);
        let keys: Vec<String> =
            key.split(" || ' ' || ").map(|part| format!("({})::text", self.column(&table, part))).collect();
        let columns: Vec<String> = columns.split(", ").map(|column| self.column(&table, column)).collect();
        let (key, columns) = (keys.join(" || ' ' || "), columns.join(", "));
        let sql = format!("SELECT json_build_array({key}, json_build_array({columns}))::text FROM {table}");
        self.database.query(&sql).unwrap().lines().map(str::to_owned).collect()
    }

    fn instant(micros: i64) -> String {
        format!("timestamp '1970-01-01' + {micros} * interval '1 microsecond'")
    }

    fn assignment(change: &str) -> String {
        match change {
            "created_at = created_at + 1" => "created_at = created_at + interval '1 microsecond'",
            "base_xp = base_xp + 4294967296" => "base_xp = base_xp + 65536",
            "multiplier = multiplier + 0.0000000001" => "multiplier = multiplier + 0.25",
            other => other,
        }
        .to_owned()
    }
}
