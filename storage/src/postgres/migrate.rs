//! Migrations: plain SQL, embedded, applied in order, each in a transaction of its own. It notes itself in
//! `levelkit.migrations`, with what it made in `public`.

use diesel::sql_types::{BigInt, Bool, Nullable, Text};
use diesel_async::AsyncPgConnection;
use levelkit_migrations::Migration;
use levelkit_migrations::postgres::MIGRATIONS;

use super::query::{batch, sql};
use super::session::{Session, Shared};
use crate::error::{Error, Kind, Result};
use crate::view::{Migrated, SchemaVersion};

/// The version that this levelkit needs.
const KNOWN: i32 = MIGRATIONS[MIGRATIONS.len() - 1].version;

/// Two processes that migrate at once take turns. The number is arbitrary, and levelkit's.
const BEGIN: &str = "BEGIN; SELECT pg_advisory_xact_lock(7812740155820811621)";

/// Which version the database has, without any change.
///
/// # Errors
/// `STORE_NEWER`, `FOREIGN_SCHEMA`.
pub(super) async fn version(connection: &AsyncPgConnection) -> Result<SchemaVersion> {
    const EXISTS: &str = "SELECT to_regclass('levelkit.migrations') IS NOT NULL";
    const VERSION: &str = "SELECT max(version)::int8 FROM levelkit.migrations";
    let exists: Option<bool> = sql::<Bool>(EXISTS, &[]).row(connection).await?;
    let found: Option<Option<i64>> = match exists {
        Some(true) => sql::<Nullable<BigInt>>(VERSION, &[]).row(connection).await?,
        _ => None,
    };
    let found = i32::try_from(found.flatten().unwrap_or(0)).unwrap_or(i32::MAX);
    match found > KNOWN {
        true => Err(Error::new(Kind::Newer { found, known: KNOWN })),
        false => Ok(SchemaVersion { found, known: KNOWN }),
    }
}

/// Brings the database to the version that this levelkit needs; it may be there already. Tables that the application made stay as
/// they are.
pub(super) async fn migrate(shared: &Shared) -> Result<Migrated> {
    let session = Session::any(shared).await?;
    let from = version(session.connection()?).await?.found;
    let mut applied = Vec::new();
    for migration in &MIGRATIONS {
        let connection = session.connection()?;
        batch(BEGIN, connection).await?;
        match apply(connection, migration).await {
            Ok(true) => applied.push(migration.name.to_owned()),
            Ok(false) => {}
            Err(error) => {
                session.roll_back().await;
                return Err(error);
            }
        }
        batch("COMMIT", connection).await?;
    }
    session.give_back();
    shared.current.store(true, std::sync::atomic::Ordering::Relaxed);
    Ok(Migrated { before: from, after: KNOWN, applied })
}

/// Applies a migration, unless another process was faster.
async fn apply(connection: &AsyncPgConnection, migration: &Migration) -> Result<bool> {
    if version(connection).await?.found >= migration.version {
        return Ok(false);
    }
    refuse_other_tables(connection).await?;
    batch(migration.up, connection).await?;
    Ok(true)
}

/// Takes levelkit away again: its schema, its triggers, and of the application's tables those that it made and that are empty.
pub(super) async fn revert(shared: &Shared) -> Result<()> {
    shared.current.store(false, std::sync::atomic::Ordering::Relaxed);
    let session = Session::any(shared).await?;
    let connection = session.connection()?;
    batch(BEGIN, connection).await?;
    let found = version(connection).await?.found;
    let known = MIGRATIONS.iter().rev().filter(|migration| migration.version <= found);
    for migration in known {
        if let Err(error) = batch(migration.down, connection).await {
            session.roll_back().await;
            return Err(error);
        }
    }
    session.commit().await
}

/// Refuses a database that holds tables of the application's names, but not with its columns.
async fn refuse_other_tables(connection: &AsyncPgConnection) -> Result<()> {
    const DIFFERENT: &str = "SELECT wanted.relation || '.' || wanted.name \
        FROM unnest(?::text[], ?::text[], ?::text[]) AS wanted (relation, name, type) \
        WHERE to_regclass('public.' || wanted.relation) IS NOT NULL AND NOT EXISTS ( \
            SELECT 1 FROM pg_catalog.pg_attribute AS there WHERE there.attrelid = to_regclass('public.' || wanted.relation) \
            AND there.attname = wanted.name AND there.atttypid = to_regtype(wanted.type) AND NOT there.attisdropped \
        ) LIMIT 1";
    let (mut relations, mut names, mut types) = (Vec::new(), Vec::new(), Vec::new());
    for (relation, name, kind) in columns() {
        relations.push(relation.to_owned());
        names.push(name.trim_matches('"').to_owned());
        types.push(kind.to_owned());
    }
    let binds = [relations.into(), names.into(), types.into()];
    let different: Option<String> = sql::<Text>(DIFFERENT, &binds).row(connection).await?;
    match different {
        Some(table) => Err(Error::new(Kind::ForeignSchema { table })),
        None => Ok(()),
    }
}

/// The columns of the application's tables: table, name and type, as the migrations write them.
fn columns() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    let lines = MIGRATIONS.iter().flat_map(|migration| migration.up.lines());
    let mut relation = None;
    lines.filter_map(move |line| {
        if let Some(made) = line.strip_prefix("CREATE TABLE IF NOT EXISTS public.") {
            relation = made.split_whitespace().next();
            return None;
        }
        if !line.starts_with("  ") {
            relation = None;
        }
        let mut words = line.split_whitespace();
        let (relation, name, kind) = (relation?, words.next()?, words.next()?);
        (name != "CONSTRAINT").then(|| (relation, name, kind.trim_end_matches(',')))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_columns_are_found() {
        let columns: Vec<_> = columns().collect();
        assert_eq!(columns[0], ("users", "id", "text"));
        assert!(columns.contains(&("xp_modifiers", "\"order\"", "integer")));
        assert!(columns.contains(&("quest_templates", "stat_affected", "public.stat_type")));
        let mut tables: Vec<_> = columns.iter().map(|(relation, ..)| relation).collect();
        tables.dedup();
        assert_eq!(tables.len(), 21);
        assert_eq!(columns.len(), 185);
    }
}
