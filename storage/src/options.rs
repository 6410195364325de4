//! Where a store is, and how it is opened.

use std::path::PathBuf;
use std::time::Duration;

use crate::error::{Error, Kind, Result};

/// How a store is opened. The defaults suit a server and a phone alike.
///
/// ```
/// use levelkit_storage::{Options, Synchronous};
/// let options = Options::new().synchronous(Synchronous::Normal).busy_timeout(std::time::Duration::from_secs(1));
/// ```
#[derive(Clone, Debug)]
pub struct Options {
    pub(crate) read_only: bool,
    pub(crate) create: bool,
    pub(crate) synchronous: Synchronous,
    pub(crate) busy_timeout: Duration,
    pub(crate) readers: usize,
}

/// When SQLite waits for the disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
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
        }
    }

    /// Whether the store is opened for reading only; a missing file is then `STORE_MISSING`.
    pub fn read_only(self, read_only: bool) -> Self {
        Self { read_only, ..self }
    }

    /// Whether a missing file is made (the default) or is `STORE_MISSING`.
    pub fn create(self, create: bool) -> Self {
        Self { create, ..self }
    }

    /// When SQLite waits for the disk.
    pub fn synchronous(self, synchronous: Synchronous) -> Self {
        Self { synchronous, ..self }
    }

    /// How long to wait for another process that is writing, before `STORE_LOCKED`.
    pub fn busy_timeout(self, busy_timeout: Duration) -> Self {
        Self { busy_timeout, ..self }
    }

    /// How many connections serve views beside the one that writes, 1 to 64.
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
    /// An SQLite database of its own in memory.
    SqliteMemory,
    /// An SQLite file.
    SqliteFile(PathBuf),
}

impl Location {
    pub(crate) fn parse(url: &str) -> Result<Self> {
        let invalid = |expected| Error::new(Kind::InvalidUrl { url: url.to_owned(), expected });
        let path = url.strip_prefix("sqlite:").ok_or_else(|| invalid("sqlite: and a path"))?;
        match path.strip_prefix("//").unwrap_or(path) {
            "" => Err(invalid("a path after sqlite:")),
            ":memory:" => Ok(Self::SqliteMemory),
            text if text.contains('\0') => Err(invalid("a path without U+0000")),
            text => Ok(Self::SqliteFile(PathBuf::from(text))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_name_files_or_memory() {
        let file = |path: &str| Location::SqliteFile(PathBuf::from(path));
        assert_eq!(Location::parse("sqlite:hunters.db").unwrap(), file("hunters.db"));
        assert_eq!(Location::parse("sqlite:/var/lib/a b?.db").unwrap(), file("/var/lib/a b?.db"));
        assert_eq!(Location::parse("sqlite:///var/lib/x.db").unwrap(), file("/var/lib/x.db"));
        assert_eq!(Location::parse("sqlite::memory:").unwrap(), Location::SqliteMemory);
        for url in ["", "hunters.db", "sqlite:", "sqlite://", "mysql://x", "sqlite:a\0b"] {
            assert_eq!(Location::parse(url).unwrap_err().code(), "INVALID_URL", "{url}");
        }
    }
}
