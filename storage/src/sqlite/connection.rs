//! Connections: opening a file with what levelkit relies on, and what SQLite's errors mean.

use std::io::Read;
use std::path::Path;

use diesel::connection::SimpleConnection;
use diesel::result::DatabaseErrorKind;
use diesel::{Connection, ConnectionError, SqliteConnection};

use crate::error::{Error, Kind, Result};
use crate::options::{Options, SqliteLocation, Synchronous};

/// How much of a file a connection keeps in memory at most. With SQLite's own 2 MiB a transaction for a thousand players runs out of room,
/// and writes what it will change again. One player's file is smaller than either.
const CACHE_KIB: u32 = 32 * 1024;

/// Opens a connection; the file is not changed yet.
pub(super) fn connect(location: &SqliteLocation, options: &Options) -> Result<SqliteConnection> {
    let path = match location {
        SqliteLocation::Memory => None,
        SqliteLocation::File(path) => Some(path.as_path()),
    };
    let target = path.map_or_else(|| ":memory:".to_owned(), |path| uri(path, options));
    if let Some(path) = path.filter(|path| !may_create(options) && !path.exists()) {
        return Err(Error::new(Kind::Missing { path: path.display().to_string() }));
    }
    let named = |error| name_file(error, path);
    path.map_or(Ok(()), whole_file).map_err(named)?;
    let mut conn = SqliteConnection::establish(&target).map_err(from_connection_error).map_err(named)?;
    let setup = format!(
        "PRAGMA busy_timeout = {}; PRAGMA foreign_keys = ON; PRAGMA synchronous = {}; PRAGMA trusted_schema = OFF; \
         PRAGMA cache_size = -{CACHE_KIB};",
        options.busy_timeout.as_millis().min(i32::MAX as u128),
        match options.synchronous {
            Synchronous::Full => "FULL",
            Synchronous::Normal => "NORMAL",
        },
    );
    conn.batch_execute(&setup).map_err(Error::from).map_err(named)?;
    // Reads the file's first page, and with it whether it is a database at all.
    conn.batch_execute("SELECT count(*) FROM sqlite_schema").map_err(Error::from).map_err(named)?;
    Ok(conn)
}

/// Turns on the write-ahead log, so that readers and the writer do not wait for each other. It stays on in the file.
pub(super) fn use_write_ahead_log(conn: &mut SqliteConnection) -> Result<()> {
    Ok(conn.batch_execute("PRAGMA journal_mode = WAL")?)
}

/// Whether a file is as long as its header says. SQLite itself does not miss a part of the last page.
///
/// While there is a write-ahead log, that may hold what the file does not. Then the file is not opened either: to close it again would
/// take away the locks that other connections of this process have on it, and another process that saw none could take their log away.
fn whole_file(path: &Path) -> Result<()> {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    let mut header = [0_u8; 100];
    if Path::new(&log).exists() {
        return Ok(());
    }
    let Ok(file) = std::fs::File::open(path) else {
        return Ok(()); // opening it properly will tell
    };
    let (Ok(metadata), Ok(())) = (file.metadata(), (&file).read_exact(&mut header)) else {
        return Ok(());
    };
    let number = |at: usize| header[at..].iter().take(4).fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    let page_bytes = match number(14) & 0xffff {
        1 => 65_536,
        bytes => bytes,
    };
    let (pages, is_counted) = (number(28), number(24) == number(92));
    let missing = (page_bytes * pages).saturating_sub(metadata.len());
    match header.starts_with(b"SQLite format 3\0") && is_counted && missing > 0 {
        true => Err(Error::corrupt(format!("the file was cut off, {missing} bytes are missing"))),
        false => Ok(()),
    }
}

fn may_create(options: &Options) -> bool {
    options.create && !options.read_only
}

/// The path as SQLite's URI, with the mode.
fn uri(path: &Path, options: &Options) -> String {
    let mode = match (options.read_only, options.create) {
        (true, _) => "ro",
        (false, true) => "rwc",
        (false, false) => "rw",
    };
    let text = path.to_string_lossy();
    let text = if cfg!(windows) { text.replace('\\', "/") } else { text.into_owned() };
    let mut uri = String::from("file:");
    if text.starts_with("//") {
        uri.push_str("//"); // or the first part of the path would be a host's name
    } else if text.as_bytes().get(1) == Some(&b':') && cfg!(windows) {
        uri.push('/');
    }
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' | b':' => uri.push(char::from(byte)),
            _ => uri.push_str(&format!("%{byte:02x}")),
        }
    }
    format!("{uri}?mode={mode}")
}

/// Puts the file's path into an error that is about the file.
fn name_file(error: Error, path: Option<&Path>) -> Error {
    let Some(path) = path.map(Path::display) else {
        return error;
    };
    Error::new(match error.into_kind() {
        Kind::NotADatabase { .. } => Kind::NotADatabase { path: path.to_string() },
        Kind::Io { message } => Kind::Io { message: format!("{path}: {message}") },
        other => other,
    })
}

fn from_connection_error(error: ConnectionError) -> Error {
    match error {
        ConnectionError::BadConnection(message) => from_message(&message),
        ConnectionError::CouldntSetupConfiguration(error) => error.into(),
        error => Error::new(Kind::Io { message: error.to_string() }),
    }
}

impl From<diesel::result::Error> for Error {
    fn from(error: diesel::result::Error) -> Self {
        // A caller's own transaction may be on a server.
        #[cfg(feature = "postgres")]
        if let Some(error) = crate::postgres::is_told(&error) {
            return error;
        }
        use diesel::result::Error as Diesel;
        match error {
            Diesel::DatabaseError(DatabaseErrorKind::Unknown, information) => from_message(information.message()),
            Diesel::DatabaseError(_, information) => {
                Self::corrupt(format!("a row does not fit the others: {}", information.message()))
            }
            Diesel::RollbackErrorOnCommit { commit_error, .. } => (*commit_error).into(),
            Diesel::BrokenTransactionManager => Self::new(Kind::Closed),
            error => Self::corrupt(error.to_string()),
        }
    }
}

/// What SQLite's message means. The texts are those of its result codes, which it keeps stable.
fn from_message(message: &str) -> Error {
    let says = |text: &str| message.contains(text);
    if says("is locked") {
        return Error::new(Kind::Locked);
    }
    if says("readonly database") {
        return Error::new(Kind::ReadOnly);
    }
    if says("disk is full") {
        return Error::new(Kind::Full);
    }
    if says("file is not a database") {
        return Error::new(Kind::NotADatabase { path: String::new() });
    }
    if says("disk I/O error")
        || says("unable to open database file")
        || says("out of memory")
        || says("large file support")
    {
        return Error::new(Kind::Io { message: message.to_owned() });
    }
    if says("no such table") || says("no such column") || says("has no column named") {
        return Error::new(Kind::NoTable { message: message.to_owned() });
    }
    Error::corrupt(message.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_path_is_a_uri() {
        let uri = |path: &str| uri(Path::new(path), &Options::new());
        assert_eq!(uri("hunters.db"), "file:hunters.db?mode=rwc");
        assert_eq!(uri("/tmp/a b?#%é.db"), "file:/tmp/a%20b%3f%23%25%c3%a9.db?mode=rwc");
        assert_eq!(uri("//tmp/x.db"), "file:////tmp/x.db?mode=rwc");
    }

    #[test]
    fn an_unusable_file_is_named_in_one_sentence() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().to_owned();
        let error = connect(&SqliteLocation::File(path.clone()), &Options::new()).map(|_| ()).unwrap_err();
        let expected = format!("the database could not be used: {}: unable to open database file", path.display());
        assert_eq!((error.code(), error.to_string()), ("STORE_IO", expected));
    }

    #[test]
    fn a_full_disk_says_so() {
        let mut conn = SqliteConnection::establish(":memory:").unwrap();
        conn.batch_execute("CREATE TABLE t (x TEXT); PRAGMA max_page_count = 2").unwrap();
        let full = conn.batch_execute("INSERT INTO t VALUES (hex(zeroblob(100000)))").map_err(Error::from);
        assert_eq!(full.unwrap_err().code(), "STORE_FULL");
    }
}
