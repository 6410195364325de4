//! Where a store is, and how it is opened.

use std::path::PathBuf;
use std::time::Duration;

use crate::error::{Error, Kind, Result};
use crate::url::masked_url;

/// How a store is opened. The defaults suit a server and a phone alike.
///
/// ```
/// use levelkit_storage::{Options, Synchronous};
/// let options = Options::new().synchronous(Synchronous::Normal).busy_timeout(std::time::Duration::from_secs(1));
/// ```
#[derive(Clone, Debug)]
#[cfg_attr(not(feature = "postgres"), allow(dead_code, reason = "some are about servers"))]
pub struct Options {
    pub(crate) read_only: bool,
    pub(crate) create: bool,
    pub(crate) synchronous: Synchronous,
    pub(crate) busy_timeout: Duration,
    pub(crate) readers: usize,
    pub(crate) connections: usize,
    pub(crate) connect_timeout: Duration,
    pub(crate) statement_timeout: Duration,
    pub(crate) root_certificates: Option<PathBuf>,
    pub(crate) clock_tolerance: Option<Duration>,
    pub(crate) outbox: bool,
}

/// When SQLite waits for the disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum Synchronous {
    /// At every commit: an acknowledged command survives a power loss.
    #[default]
    Full,
    /// At checkpoints only: about twice as fast. A power loss can undo the last commits, never a part of one; a crash of the
    /// process undoes nothing.
    Normal,
}

impl Options {
    /// Opens for reading and writing, makes the file where it is missing, waits for the disk at every commit and up to five
    /// seconds for another process.
    pub fn new() -> Self {
        Self {
            read_only: false,
            create: true,
            synchronous: Synchronous::Full,
            busy_timeout: Duration::from_secs(5),
            readers: 2,
            connections: 8,
            connect_timeout: Duration::from_secs(10),
            statement_timeout: Duration::from_secs(30),
            root_certificates: None,
            clock_tolerance: None,
            outbox: false,
        }
    }

    /// Whether the store is opened for reading only; a missing SQLite file is then `STORE_MISSING`.
    pub fn read_only(self, read_only: bool) -> Self {
        Self { read_only, ..self }
    }

    /// Whether a missing file is made (the default) or is `STORE_MISSING`.
    pub fn create(self, create: bool) -> Self {
        Self { create, ..self }
    }

    /// SQLite: when it waits for the disk.
    pub fn synchronous(self, synchronous: Synchronous) -> Self {
        Self { synchronous, ..self }
    }

    /// SQLite: how long to wait for another process that is writing, before `STORE_LOCKED`.
    pub fn busy_timeout(self, busy_timeout: Duration) -> Self {
        Self { busy_timeout, ..self }
    }

    /// PostgreSQL: how many connections to the server there may be at once, 1 to 1,000; 8 by default.
    pub fn connections(self, connections: usize) -> Self {
        Self { connections: connections.clamp(1, 1000), ..self }
    }

    /// PostgreSQL: how long to wait for a connection, from the server or from calls that use them all; 10 seconds by default.
    pub fn connect_timeout(self, connect_timeout: Duration) -> Self {
        Self { connect_timeout, ..self }
    }

    /// PostgreSQL: how long a statement may take, waiting for a lock included, before the server ends it; 30 seconds by default.
    pub fn statement_timeout(self, statement_timeout: Duration) -> Self {
        Self { statement_timeout, ..self }
    }

    /// PostgreSQL: a PEM file with the certificates that a server's may be signed by, instead of the system's.
    pub fn root_certificates(self, path: impl Into<PathBuf>) -> Self {
        Self { root_certificates: Some(path.into()), ..self }
    }

    /// By how much the instant of a command, of a preview or of a look may lie before the player's last command and is then raised to
    /// it, so that servers whose clocks differ slightly do not refuse each other's players. By default 5 seconds on PostgreSQL, and
    /// nothing on SQLite.
    pub fn clock_tolerance(self, clock_tolerance: Duration) -> Self {
        Self { clock_tolerance: Some(clock_tolerance), ..self }
    }

    /// Whether the events of every command are kept for delivery, in the command's own transaction; not by default. Whoever
    /// says so is to [claim](crate::Store::claim_events) and acknowledge them, or they pile up.
    pub fn outbox(self, outbox: bool) -> Self {
        Self { outbox, ..self }
    }

    /// SQLite: how many connections serve views beside the one that writes, 1 to 64.
    pub fn readers(self, readers: usize) -> Self {
        Self { readers: readers.clamp(1, 64), ..self }
    }
}

impl Default for Options {
    fn default() -> Self {
        Self::new()
    }
}

/// What a URL names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Location {
    Sqlite(SqliteLocation),
    /// A database on a PostgreSQL server, by its URL.
    Postgres(String),
}

/// Where SQLite keeps a database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SqliteLocation {
    /// In memory, for itself.
    Memory,
    /// In a file.
    File(PathBuf),
}

impl Location {
    pub(crate) fn parse(url: &str) -> Result<Self> {
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Ok(Self::Postgres(url.to_owned()));
        }
        let invalid = |expected| Error::new(Kind::InvalidUrl { url: masked_url(url), expected });
        let path = url.strip_prefix("sqlite:").ok_or_else(|| invalid("sqlite: and a path, or postgres://"))?;
        match path.strip_prefix("//").unwrap_or(path) {
            "" => Err(invalid("a path after sqlite:")),
            ":memory:" => Ok(Self::Sqlite(SqliteLocation::Memory)),
            text if text.contains('\0') => Err(invalid("a path without U+0000")),
            text => Ok(Self::Sqlite(SqliteLocation::File(PathBuf::from(text)))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_name_files_or_memory() {
        let file = |path: &str| Location::Sqlite(SqliteLocation::File(PathBuf::from(path)));
        assert_eq!(Location::parse("sqlite:hunters.db").unwrap(), file("hunters.db"));
        assert_eq!(Location::parse("sqlite:/var/lib/a b?.db").unwrap(), file("/var/lib/a b?.db"));
        assert_eq!(Location::parse("sqlite:///var/lib/x.db").unwrap(), file("/var/lib/x.db"));
        assert_eq!(Location::parse("sqlite::memory:").unwrap(), Location::Sqlite(SqliteLocation::Memory));
        for url in ["postgres://localhost/x", "postgresql:///x?host=/tmp"] {
            assert_eq!(Location::parse(url).unwrap(), Location::Postgres(url.to_owned()));
        }
        for url in ["", "hunters.db", "sqlite:", "sqlite://", "mysql://x", "sqlite:a\0b"] {
            assert_eq!(Location::parse(url).unwrap_err().code(), "INVALID_URL", "{url}");
        }
        let error = Location::parse("mysql://me:secret@h/x").unwrap_err();
        assert!(!format!("{error} {error:?}").contains("secret"), "{error}");
    }
}
