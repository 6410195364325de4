//! The catalogues of SQLite and PostgreSQL: the 21 tables that an application knows are the same on both, by name, column,
//! default, constraint and index.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Text;
use levelkit_test_postgres::{Server, skip};

const SQLITE: &str = levelkit_migrations::sqlite::MIGRATIONS[0].up;
const POSTGRES: &str = levelkit_migrations::postgres::MIGRATIONS[0].up;

/// What a database says of itself.
trait Catalogue {
    /// The rows of a query, the columns apart by tabs, sorted.
    fn rows(&mut self, sql: &str) -> Vec<Vec<String>>;
}

struct Sqlite(SqliteConnection);

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

impl Sqlite {
    fn migrated() -> Self {
        let mut conn = SqliteConnection::establish(":memory:").unwrap();
        conn.batch_execute(SQLITE).unwrap();
        Self(conn)
    }
}

impl Catalogue for Sqlite {
    fn rows(&mut self, sql: &str) -> Vec<Vec<String>> {
        let lines: Vec<Line> = diesel::sql_query(sql).load(&mut self.0).unwrap();
        sorted(lines.iter().map(|line| line.line.as_str()))
    }
}

struct Postgres<'s>(levelkit_test_postgres::Database<'s>);

impl Catalogue for Postgres<'_> {
    fn rows(&mut self, sql: &str) -> Vec<Vec<String>> {
        sorted(self.0.query(sql).unwrap().lines())
    }
}

fn sorted<'a>(lines: impl Iterator<Item = &'a str>) -> Vec<Vec<String>> {
    let mut rows: Vec<Vec<String>> = lines.map(|line| line.split('\t').map(str::to_owned).collect()).collect();
    rows.sort();
    rows
}

/// Both, or nothing where there is no PostgreSQL.
fn both(test: &str) -> Option<(Sqlite, Postgres<'static>)> {
    let Some(server) = Server::shared().unwrap() else {
        skip(test);
        return None;
    };
    let database = server.database().unwrap();
    database.query(&format!("BEGIN; {POSTGRES}; COMMIT")).unwrap();
    Some((Sqlite::migrated(), Postgres(database)))
}

/// PostgreSQL's types, and what SQLite keeps them as.
fn kind(of_postgres: &str) -> &'static str {
    match of_postgres {
        "integer" | "bigint" | "boolean" | "timestamp without time zone" => "INTEGER",
        "real" => "REAL",
        // Labels are enums on PostgreSQL, and texts out of a closed set on SQLite.
        _ => "TEXT",
    }
}

/// A default in words of its own: `'UTC'::text` is `'UTC'`, false is 0, 1.0 is 1.
fn plain(default: &str) -> String {
    let text = default.split("::").next().unwrap();
    match text {
        "now()" => "now".to_owned(),
        "false" => "0".to_owned(),
        "true" => "1".to_owned(),
        text if text.contains("julianday('now')") => "now".to_owned(),
        text => text.strip_suffix(".0").unwrap_or(text).to_owned(),
    }
}

#[test]
fn columns_have_the_same_names_order_types_and_defaults() {
    let Some((mut sqlite, mut postgres)) = both("columns_have_the_same_names_order_types_and_defaults") else { return };
    let ours = sqlite.rows(
        "SELECT concat_ws(char(9), t.name, c.cid + 1, c.name, c.type, c.\"notnull\", c.pk, coalesce(c.dflt_value, '')) AS line
         FROM sqlite_schema AS t, pragma_table_info(t.name) AS c
         WHERE t.type = 'table' AND t.name NOT LIKE 'levelkit%' AND t.name NOT LIKE 'sqlite%'",
    );
    let theirs = postgres.rows(
        "SELECT relname, attnum, attname, format_type(atttypid, NULL), attnotnull::int,
           (SELECT count(*) FROM pg_index WHERE indrelid = attrelid AND indisprimary AND attnum = ANY (indkey)),
           coalesce(pg_get_expr(adbin, adrelid), '')
         FROM pg_attribute JOIN pg_class ON attrelid = pg_class.oid LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
         WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND attnum > 0 AND NOT attisdropped",
    );
    let tables: BTreeSet<&str> = ours.iter().map(|row| row[0].as_str()).collect();
    assert_eq!(tables.len(), 21);
    let plainly = |row: &[String], kind: &str| [&row[..3], &[kind.to_owned()], &row[4..6], &[plain(&row[6])]].concat();
    let ours: Vec<Vec<String>> = ours.iter().map(|row| plainly(row, &row[3])).collect();
    let theirs: Vec<Vec<String>> = theirs.iter().map(|row| plainly(row, kind(&row[3]))).collect();
    similar(&ours, &theirs);
}

#[test]
fn indexes_and_unique_constraints_are_the_same() {
    let Some((mut sqlite, mut postgres)) = both("indexes_and_unique_constraints_are_the_same") else { return };
    // A constraint's own index has no name of its own on SQLite; the names are compared below.
    let ours = sqlite.rows(
        "SELECT concat_ws(char(9), t.name, iif(i.origin = 'c', i.name, i.origin), i.\"unique\",
           (SELECT group_concat(c.name, ',' ORDER BY c.seqno) FROM pragma_index_info(i.name) AS c)) AS line
         FROM sqlite_schema AS t, pragma_index_list(t.name) AS i
         WHERE t.type = 'table' AND t.name NOT LIKE 'levelkit%' AND t.name NOT LIKE 'sqlite%'",
    );
    let theirs = postgres.rows(
        "SELECT t.relname, CASE contype WHEN 'p' THEN 'pk' WHEN 'u' THEN 'u' ELSE i.relname END, indisunique::int,
           (SELECT string_agg(attname, ',' ORDER BY place)
            FROM unnest(indkey) WITH ORDINALITY AS k (attnum, place) JOIN pg_attribute USING (attnum) WHERE attrelid = indrelid)
         FROM pg_index JOIN pg_class AS t ON indrelid = t.oid JOIN pg_class AS i ON indexrelid = i.oid
         LEFT JOIN pg_constraint ON conindid = indexrelid AND contype IN ('p', 'u')
         WHERE t.relnamespace = 'public'::regnamespace",
    );
    similar(&ours, &theirs);
}

#[test]
fn foreign_keys_are_the_same() {
    let Some((mut sqlite, mut postgres)) = both("foreign_keys_are_the_same") else { return };
    let ours = sqlite.rows(
        "SELECT concat_ws(char(9), t.name, f.\"from\", f.\"table\", f.\"to\", f.on_delete, f.on_update) AS line
         FROM sqlite_schema AS t, pragma_foreign_key_list(t.name) AS f
         WHERE t.type = 'table' AND t.name NOT LIKE 'levelkit%'",
    );
    let theirs = postgres.rows(
        "SELECT t.relname, a.attname, f.relname, b.attname, action (confdeltype), action (confupdtype)
         FROM pg_constraint JOIN pg_class AS t ON conrelid = t.oid JOIN pg_class AS f ON confrelid = f.oid
         JOIN pg_attribute AS a ON a.attrelid = conrelid AND a.attnum = conkey[1] AND cardinality(conkey) = 1
         JOIN pg_attribute AS b ON b.attrelid = confrelid AND b.attnum = confkey[1]
         WHERE contype = 'f' AND connamespace = 'public'::regnamespace"
            .replace("action (confdeltype)", &action("confdeltype"))
            .replace("action (confupdtype)", &action("confupdtype"))
            .as_str(),
    );
    similar(&ours, &theirs);
}

/// PostgreSQL's letter for what happens to a row whose parent changes, in words.
fn action(column: &str) -> String {
    format!("CASE {column} WHEN 'a' THEN 'NO ACTION' WHEN 'c' THEN 'CASCADE' ELSE {column}::text END")
}

#[test]
fn constraints_have_the_same_names_and_labels_the_same_words() {
    let name = "constraints_have_the_same_names_and_labels_the_same_words";
    let Some((mut sqlite, mut postgres)) = both(name) else { return };
    let texts = sqlite.rows(
        "SELECT name || char(9) || replace(sql, char(10), ' ') AS line FROM sqlite_schema
         WHERE type = 'table' AND name NOT LIKE 'levelkit%'",
    );
    let text_of = |table: &str| {
        let text = texts.iter().find(|row| row[0] == table).unwrap();
        text[1].split_whitespace().collect::<Vec<_>>().join(" ")
    };
    // What SQLite's own catalogue does not tell is in the statements that made the tables.
    let named = postgres.rows(
        "SELECT conrelid::regclass, format(CASE contype WHEN 'f' THEN 'CONSTRAINT %s REFERENCES' ELSE 'CONSTRAINT %s UNIQUE' END,
           conname)
         FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype IN ('f', 'u')",
    );
    let checked = postgres.rows(
        "SELECT attrelid::regclass, CASE
           WHEN typname = 'json' THEN format('CHECK (json_valid(%s))', attname)
           WHEN typname = 'bool' THEN format('CHECK (%s IN (0, 1))', attname)
           ELSE format('CHECK (%s IN (%s))', attname,
             (SELECT string_agg(quote_literal(enumlabel), ', ' ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = atttypid))
           END
         FROM pg_attribute JOIN pg_class ON attrelid = pg_class.oid JOIN pg_type ON atttypid = pg_type.oid
         WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND attnum > 0
           AND (typname IN ('json', 'bool') OR typtype = 'e')",
    );
    assert!(!named.is_empty() && !checked.is_empty());
    for row in named.iter().chain(&checked) {
        assert!(text_of(&row[0]).contains(&row[1]), "{}: {}", row[0], row[1]);
    }
    let constraints = |word: &str| texts.iter().map(|row| text_of(&row[0]).matches(word).count()).sum::<usize>();
    assert_eq!((constraints("CONSTRAINT "), constraints("CHECK ")), (named.len(), checked.len()));
}

/// Compares line by line, so that a difference can be read.
fn similar(ours: &[Vec<String>], theirs: &[Vec<String>]) {
    assert!(!ours.is_empty());
    let (ours, theirs): (BTreeSet<_>, BTreeSet<_>) = (ours.iter().collect(), theirs.iter().collect());
    let only =
        |a: &BTreeSet<_>, b: &BTreeSet<_>| a.difference(b).map(|row: &&Vec<String>| row.join(" ")).collect::<Vec<_>>();
    assert_eq!((only(&ours, &theirs), only(&theirs, &ours)), (vec![], vec![]), "(only SQLite, only PostgreSQL)");
}
