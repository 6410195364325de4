//! Transactions: whole or not at all, with the cause that undid them.
//!
//! On a full disk SQLite rolls back by itself, and the rollback that Diesel then asks for fails. That failure must not hide
//! the cause, so the cause is kept aside.

use diesel::{Connection, SqliteConnection};

use crate::error::{Error, Result};

/// A transaction that takes the lock before it reads; none may be open.
pub(super) fn immediate<R>(
    conn: &mut SqliteConnection,
    job: impl FnOnce(&mut SqliteConnection) -> Result<R>,
) -> Result<R> {
    let mut cause = None;
    let done = conn.immediate_transaction(|conn| job(conn).map_err(|error| keep(&mut cause, error)));
    done.map_err(|error| cause.unwrap_or_else(|| error.into()))
}

/// A transaction that sees one moment; within another one, a part of it.
pub(super) fn deferred<R>(
    conn: &mut SqliteConnection,
    job: impl FnOnce(&mut SqliteConnection) -> Result<R>,
) -> Result<R> {
    let mut cause = None;
    let done = conn.transaction(|conn| job(conn).map_err(|error| keep(&mut cause, error)));
    done.map_err(|error| cause.unwrap_or_else(|| error.into()))
}

fn keep(cause: &mut Option<Error>, error: Error) -> diesel::result::Error {
    *cause = Some(error);
    diesel::result::Error::RollbackTransaction
}
