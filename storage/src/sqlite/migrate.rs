//! Migrations: plain SQL, embedded, applied in order, each in a transaction of its own with its line in `levelkit_migrations`.

use ::levelkit_migrations::Migration;
use ::levelkit_migrations::sqlite::MIGRATIONS;
use diesel::SqliteConnection;
use diesel::connection::SimpleConnection;
use diesel::dsl::max;
use diesel::prelude::*;

use super::schema::levelkit_migrations;
use super::transaction;
use crate::error::{Error, Kind, Result};
use crate::view::{Migrated, SchemaVersion};

/// The version that this levelkit needs.
const KNOWN: i32 = MIGRATIONS[MIGRATIONS.len() - 1].version;

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
    for Migration { version: number, name, up, .. } in MIGRATIONS {
        let applied_now = transaction::immediate(conn, |conn| {
            // Another process may have been faster.
            if version(conn)?.found >= number {
                return Ok(false);
            }
            conn.batch_execute(up)?;
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
        for migration in MIGRATIONS.iter().rev().filter(|migration| migration.version <= found) {
            conn.batch_execute(migration.down)?;
        }
        Ok(())
    })
}

/// Whether a table's name is one that the migrations make.
fn is_ours(name: &str) -> bool {
    MIGRATIONS.iter().flat_map(|migration| migration.up.lines()).any(|line| {
        let made = line.strip_prefix("CREATE TABLE ").and_then(|rest| rest.split_whitespace().next());
        made.is_some_and(|made| made.eq_ignore_ascii_case(name))
    })
}
