//! Migrations: plain SQL, embedded, applied in order, each in a transaction of its own with its line in `levelkit_migrations`.

use diesel::SqliteConnection;
use diesel::connection::SimpleConnection;
use diesel::dsl::max;
use diesel::prelude::*;

use super::schema::levelkit_migrations;
use super::transaction;
use crate::error::{Error, Kind, Result};
use crate::view::{Migrated, SchemaVersion};

/// Every migration: its version, name, SQL and the SQL that takes it away again, by rising version.
const MIGRATIONS: [(i32, &str, &str, &str); 3] = [
    (
        1,
        "initial",
        include_str!("../../../migrations/sqlite/0001_initial/up.sql"),
        include_str!("../../../migrations/sqlite/0001_initial/down.sql"),
    ),
    (
        2,
        "standings",
        include_str!("../../../migrations/sqlite/0002_standings/up.sql"),
        include_str!("../../../migrations/sqlite/0002_standings/down.sql"),
    ),
    (
        3,
        "seen_at",
        include_str!("../../../migrations/sqlite/0003_seen_at/up.sql"),
        include_str!("../../../migrations/sqlite/0003_seen_at/down.sql"),
    ),
];

/// The version that this levelkit needs.
const KNOWN: i32 = MIGRATIONS[MIGRATIONS.len() - 1].0;

diesel::table! {
    sqlite_schema (name) {
        name -> Text,
        #[sql_name = "type"]
        kind -> Text,
    }
}

/// Which version the database has, without any change.
///
/// # Errors
/// `STORE_NEWER`, `FOREIGN_SCHEMA`.
pub(super) fn version(conn: &mut SqliteConnection) -> Result<SchemaVersion> {
    let names: Vec<String> =
        sqlite_schema::table.filter(sqlite_schema::kind.eq("table")).select(sqlite_schema::name).load(conn)?;
    if !names.iter().any(|name| name == "levelkit_migrations") {
        return match names.into_iter().find(|name| is_ours(name)) {
            Some(table) => Err(Error::new(Kind::ForeignSchema { table })),
            None => Ok(SchemaVersion { found: 0, known: KNOWN }),
        };
    }
    let found: Option<i64> = levelkit_migrations::table.select(max(levelkit_migrations::version)).first(conn)?;
    let found = i32::try_from(found.unwrap_or(0)).unwrap_or(i32::MAX);
    match found > KNOWN {
        true => Err(Error::new(Kind::Newer { found, known: KNOWN })),
        false => Ok(SchemaVersion { found, known: KNOWN }),
    }
}

/// Brings the database to the version that this levelkit needs; it may be there already.
pub(super) fn migrate(conn: &mut SqliteConnection) -> Result<Migrated> {
    let from = version(conn)?.found;
    let mut applied = Vec::new();
    for (number, name, sql, _) in MIGRATIONS {
        let applied_now = transaction::immediate(conn, |conn| {
            // Another process may have been faster.
            if version(conn)?.found >= number {
                return Ok(false);
            }
            conn.batch_execute(sql)?;
            let line = (levelkit_migrations::version.eq(i64::from(number)), levelkit_migrations::name.eq(name));
            diesel::insert_into(levelkit_migrations::table).values(line).execute(conn)?;
            Ok(true)
        })?;
        if applied_now {
            applied.push(name.to_owned());
        }
    }
    Ok(Migrated { before: from, after: KNOWN, applied })
}

/// Takes every table away again.
pub(super) fn revert(conn: &mut SqliteConnection) -> Result<()> {
    transaction::immediate(conn, |conn| {
        let found = version(conn)?.found;
        for (_, _, _, down) in MIGRATIONS.iter().rev().filter(|(number, ..)| *number <= found) {
            conn.batch_execute(down)?;
        }
        Ok(())
    })
}

/// Whether a table's name is one that the migrations make.
fn is_ours(name: &str) -> bool {
    MIGRATIONS.iter().flat_map(|(_, _, sql, _)| sql.lines()).any(|line| {
        let made = line.strip_prefix("CREATE TABLE ").and_then(|rest| rest.split_whitespace().next());
        made.is_some_and(|made| made.eq_ignore_ascii_case(name))
    })
}
