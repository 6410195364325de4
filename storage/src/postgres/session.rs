//! A connection in use: it goes back to the pool only in a known state.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

use diesel_async::AsyncPgConnection;
use diesel_async::pooled_connection::deadpool::{Object, Pool};

use super::query::{Sql, batch, in_order, sql};
use super::queue::Queues;
use super::{connect, migrate};
use crate::error::{Error, Kind, Result};
use crate::rulesets::Rulesets;

/// How often a transaction that another one stood in the way of is tried.
const ATTEMPTS: usize = 5;

/// What every call shares.
#[derive(Clone)]
pub(super) struct Shared {
    pub(super) pool: Pool<AsyncPgConnection>,
    pub(super) rulesets: Rulesets,
    pub(super) connect_timeout: Duration,
    pub(super) clock_tolerance: Duration,
    /// Whether events are kept for delivery.
    pub(super) outbox: bool,
    /// Commands that wait for earlier ones of their players.
    pub(super) queues: Queues,
    /// Whether the tables were seen to be of the version needed.
    pub(super) current: Arc<AtomicBool>,
}

/// A connection of the pool. Unless it is given back it is closed, since nobody knows what it was in the middle of.
pub(super) struct Session {
    connection: Option<Object<AsyncPgConnection>>,
}

impl Session {
    /// A connection to a database whose tables are of the version needed.
    pub(super) async fn ready(shared: &Shared) -> Result<Self> {
        let session = Self::any(shared).await?;
        if !shared.current.load(Relaxed) {
            Error::unless_migrated(migrate::version(session.connection()?).await?)?;
            shared.current.store(true, Relaxed);
        }
        Ok(session)
    }

    /// What an error means if the tables may be no longer those that were seen: somebody took them away, or put others in their place.
    pub(super) async fn explained(shared: &Shared, error: Error) -> Error {
        if !error.may_be_the_tables() {
            return error;
        }
        shared.current.store(false, Relaxed);
        match Self::ready(shared).await {
            Ok(session) => {
                session.give_back();
                error
            }
            Err(other) if other.is_schema() => other,
            Err(_) => error,
        }
    }

    /// A connection, whatever the tables.
    pub(super) async fn any(shared: &Shared) -> Result<Self> {
        Ok(Self { connection: Some(connect::get(&shared.pool, shared.connect_timeout).await?) })
    }

    pub(super) fn connection(&self) -> Result<&AsyncPgConnection> {
        self.connection.as_deref().ok_or_else(|| Error::new(Kind::Closed))
    }

    /// Ends the transaction without a trace, and gives the connection back.
    pub(super) async fn roll_back(self) {
        let ended = match self.connection() {
            Ok(connection) => batch("ROLLBACK", connection).await,
            Err(_) => return,
        };
        if ended.is_ok() {
            self.give_back();
        }
    }

    /// Commits, and gives the connection back.
    pub(super) async fn commit(self) -> Result<()> {
        match batch("COMMIT", self.connection()?).await {
            Ok(()) => {
                self.give_back();
                Ok(())
            }
            Err(error) => Err(uncommitted(self.connection()?, error).await),
        }
    }

    /// Runs a statement and commits, both sent at once, and gives the connection back. If the statement fails, so does the transaction, and
    /// the commit ends it without a trace.
    pub(super) async fn commit_with(self, last: Sql<'_>) -> Result<()> {
        let connection = self.connection()?;
        // Prepared like the other one, and not a batch, since only those keep to their order.
        let commit = sql("COMMIT", &[]);
        let mut answers = in_order(vec![last.run(connection), commit.run(connection)]).await.into_iter();
        let lost = || Err(Error::new(Kind::Uncertain));
        let (written, committed) = (answers.next().unwrap_or_else(lost), answers.next().unwrap_or_else(lost));
        match (written, committed) {
            (written, Ok(_)) => {
                self.give_back();
                written.map(drop)
            }
            // What the server itself refused it did not commit.
            (Err(refused), Err(_)) if !refused.is_unanswered() => Err(refused),
            (_, Err(error)) => Err(uncommitted(connection, error).await),
        }
    }

    /// Gives a connection back on which no transaction is open.
    pub(super) fn give_back(mut self) {
        drop(self.connection.take());
    }
}

/// What it means that a commit failed. If it was sent and never answered, or the server ended the connection over it, in whatever language,
/// only the database knows what became of it.
pub(super) async fn uncommitted(connection: &AsyncPgConnection, error: Error) -> Error {
    match error.is_unavailable() || batch("SELECT 1", connection).await.is_err() {
        true => Error::new(Kind::Uncertain),
        false => error,
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            drop(Object::take(connection));
        }
    }
}

/// Does a job in a transaction of its own: committed if it succeeds, else without a trace. Where another transaction was in the
/// way, or the connection turned out to be dead, it is tried again.
pub(super) async fn transaction<R>(
    shared: &Shared,
    begin: &str,
    job: impl AsyncFn(&AsyncPgConnection) -> Result<R>,
) -> Result<R> {
    attempts(async || {
        let session = Session::ready(shared).await?;
        let done = async {
            let connection = session.connection()?;
            batch(begin, connection).await?;
            job(connection).await
        };
        match done.await {
            Ok(answer) => session.commit().await.map(|()| answer),
            Err(error) => {
                session.roll_back().await;
                Err(error)
            }
        }
    })
    .await
}

/// Tries something again as long as that may help.
pub(super) async fn attempts<R>(job: impl AsyncFn() -> Result<R>) -> Result<R> {
    let mut attempt = 1;
    loop {
        match job().await {
            Err(error) if attempt < ATTEMPTS && error.is_worth_retrying() => attempt += 1,
            answer => return answer,
        }
    }
}
