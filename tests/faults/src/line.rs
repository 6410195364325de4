//! A line to the server that can be cut: at once, or between a COMMIT and its answer. Who asks for read committed through it can be
//! given SERIALIZABLE instead.

use std::io::{Read, Write};
use std::net::Shutdown;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tempfile::TempDir;
use tokio_postgres::Config;
use tokio_postgres::config::Host;

use crate::Wrong;

/// A line to the server's socket.
pub(crate) struct Line {
    folder: TempDir,
    user: String,
    database: String,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    connections: Mutex<Vec<UnixStream>>,
    /// How many COMMITs are to be cut off from their answers.
    commits_to_cut: AtomicU64,
    cut: AtomicU64,
    /// Whether a session that begins now is SERIALIZABLE, whatever it asks for.
    serializable: AtomicBool,
    /// How many transactions the server refused because they met another.
    refused: AtomicU64,
}

/// What a session of the store begins with, and what is made of it: as long as that, since its length was said before.
const ASKED: &[u8] = b"default_transaction_isolation = 'read committed'";
const GIVEN: &[u8] = b"default_transaction_isolation = 'serializable'  ";

/// The code of a serialization failure, as it stands in an answer.
const REFUSED: &[u8] = b"C40001\0";

impl Line {
    /// A line to the database of a URL.
    pub(crate) fn to(url: &str) -> Result<Self, Wrong> {
        let config: Config = url.parse()?;
        let Some(Host::Unix(server)) = config.get_hosts().first() else {
            return Err("the server is not on a socket".into());
        };
        let server = server.join(format!(".s.PGSQL.{}", config.get_ports().first().unwrap_or(&5432)));
        let folder = tempfile::tempdir()?;
        let listener = UnixListener::bind(folder.path().join(".s.PGSQL.5432"))?;
        let shared = Arc::<Shared>::default();
        let on_line = Arc::clone(&shared);
        std::thread::spawn(move || accept(&listener, &server, &on_line));
        let user = config.get_user().unwrap_or("postgres").to_owned();
        let database = config.get_dbname().ok_or("no database is named")?.to_owned();
        Ok(Self { folder, user, database, shared })
    }

    /// Where to connect to.
    pub(crate) fn url(&self) -> String {
        let folder = self.folder.path().display().to_string().replace('/', "%2F");
        format!("postgres://{}@{folder}/{}", self.user, self.database)
    }

    /// Cuts every connection, in the middle of whatever it is in.
    pub(crate) fn cut(&self) {
        let mut connections = self.shared.connections.lock().unwrap_or_else(PoisonError::into_inner);
        for connection in connections.drain(..) {
            let _ = connection.shutdown(Shutdown::Both);
        }
    }

    /// Lets the next few COMMITs through, and none of their answers.
    pub(crate) fn cut_commits(&self, count: u64) {
        self.shared.commits_to_cut.store(count, Ordering::Release);
    }

    /// How many COMMITs lost their answers so far.
    pub(crate) fn commits_cut(&self) -> u64 {
        self.shared.cut.load(Ordering::Acquire)
    }

    /// Makes the sessions that begin from now on SERIALIZABLE, or no longer.
    pub(crate) fn serializable(&self, serializable: bool) {
        self.shared.serializable.store(serializable, Ordering::Release);
    }

    /// How many transactions the server refused so far because they met another.
    pub(crate) fn refused(&self) -> u64 {
        self.shared.refused.load(Ordering::Acquire)
    }
}

fn accept(listener: &UnixListener, server: &Path, shared: &Arc<Shared>) {
    for client in listener.incoming().flatten() {
        // Where the server is down the client finds out by itself.
        let _ = connect(client, server.to_owned(), shared);
    }
}

fn connect(client: UnixStream, server: PathBuf, shared: &Arc<Shared>) -> std::io::Result<()> {
    let server = UnixStream::connect(server)?;
    shared.connections.lock().unwrap_or_else(PoisonError::into_inner).push(client.try_clone()?);
    let (asks, answers) = (client.try_clone()?, server.try_clone()?);
    let (asking, answering) = (Arc::clone(shared), Arc::clone(shared));
    std::thread::spawn(move || {
        let _ = pass(asks, server, |bytes| {
            asking.isolate(bytes);
            asking.cuts(bytes)
        });
    });
    std::thread::spawn(move || {
        let _ = pass(answers, client, |bytes| {
            answering.count(bytes);
            false
        });
    });
    Ok(())
}

/// Passes on what comes, as it is made of it; where it is cut, what comes back is lost.
fn pass(mut from: UnixStream, mut to: UnixStream, cuts: impl Fn(&mut [u8]) -> bool) -> std::io::Result<()> {
    let mut buffer = vec![0; 1 << 16];
    let ended = loop {
        let length = match from.read(&mut buffer) {
            Ok(0) => break Ok(()),
            Ok(length) => length,
            Err(error) => break Err(error),
        };
        let bytes = buffer.get_mut(..length).unwrap_or_default();
        if cuts(bytes) {
            let _ = from.shutdown(Shutdown::Both);
        }
        if let Err(error) = to.write_all(bytes) {
            break Err(error);
        }
    };
    let _ = to.shutdown(Shutdown::Write);
    let _ = from.shutdown(Shutdown::Both);
    ended
}

impl Shared {
    /// Whether what is sent ends with a COMMIT whose answer is to be lost.
    fn cuts(&self, bytes: &[u8]) -> bool {
        let take = |left: u64| left.checked_sub(1);
        let cuts = bytes.ends_with(b"COMMIT\0")
            && self.commits_to_cut.fetch_update(Ordering::AcqRel, Ordering::Acquire, take).is_ok();
        self.cut.fetch_add(u64::from(cuts), Ordering::AcqRel);
        cuts
    }

    /// Gives SERIALIZABLE to who asks for read committed, while that is to be so.
    fn isolate(&self, bytes: &mut [u8]) {
        if self.serializable.load(Ordering::Acquire)
            && let Some(at) = bytes.windows(ASKED.len()).position(|part| part == ASKED)
            && let Some(asked) = bytes.get_mut(at..at + GIVEN.len())
        {
            asked.copy_from_slice(GIVEN);
        }
    }

    fn count(&self, bytes: &[u8]) {
        let refused = bytes.windows(REFUSED.len()).filter(|part| *part == REFUSED).count();
        self.refused.fetch_add(refused as u64, Ordering::AcqRel);
    }
}
