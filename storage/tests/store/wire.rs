//! A line to the server that counts round trips.
//!
//! It keeps the server's answers back until all that the client has asked for is answered and the client asks for nothing more,
//! and then lets them through at once: whoever needs an answer before asking on makes a round trip, and whoever does not, does
//! not.

use std::io::{Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tempfile::TempDir;
use tokio_postgres::Config;
use tokio_postgres::config::Host;

/// Counts round trips between the store and the server.
pub(crate) struct Wire {
    folder: TempDir,
    database: String,
    round_trips: Arc<AtomicI64>,
}

/// One connection: what is asked for and not answered, and the answers that are kept back.
#[derive(Default)]
struct Line {
    pending: i64,
    kept: Vec<u8>,
}

impl Wire {
    /// A line to the database of a URL.
    pub(crate) fn to(url: &str) -> Self {
        let config: Config = url.parse().unwrap();
        let Some(Host::Unix(server)) = config.get_hosts().first() else { panic!("{url}: not on a socket") };
        let port = config.get_ports().first().copied().unwrap_or(5432);
        let server = server.join(format!(".s.PGSQL.{port}"));
        let folder = tempfile::tempdir().unwrap();
        let listener = UnixListener::bind(folder.path().join(".s.PGSQL.5432")).unwrap();
        let round_trips = Arc::<AtomicI64>::default();
        let counted = Arc::clone(&round_trips);
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                connect(client, &server, &counted);
            }
        });
        let user = config.get_user().unwrap_or("postgres");
        let database = format!("{user}@{{}}/{}", config.get_dbname().unwrap());
        Self { folder, database, round_trips }
    }

    /// Where the store connects to.
    pub(crate) fn url(&self) -> String {
        let folder = self.folder.path().display().to_string().replace('/', "%2F");
        format!("postgres://{}", self.database.replace("{}", &folder))
    }

    /// How many round trips there were since it was asked last.
    pub(crate) fn round_trips(&self) -> i64 {
        self.round_trips.swap(0, Ordering::SeqCst)
    }
}

fn connect(client: UnixStream, server: &PathBuf, round_trips: &Arc<AtomicI64>) {
    let server = UnixStream::connect(server).unwrap();
    let line = Arc::<Mutex<Line>>::default();
    let (from_client, to_server) = (client.try_clone().unwrap(), server.try_clone().unwrap());
    let asking = Arc::clone(&line);
    // Starting up is a question too: it ends with the first "ready".
    line.lock().unwrap().pending = 1;
    std::thread::spawn(move || ask(from_client, to_server, &asking));
    let round_trips = Arc::clone(round_trips);
    std::thread::spawn(move || answer(server, client, &line, &round_trips));
}

/// Passes the client's messages on. Sync (`S`) and a simple query (`Q`) are answered with "ready".
fn ask(mut client: UnixStream, mut server: UnixStream, line: &Mutex<Line>) {
    let startup = read_body(&mut client, Vec::new());
    if server.write_all(&startup).is_err() {
        return;
    }
    while let Some(message) = read_message(&mut client) {
        if matches!(message[0], b'S' | b'Q') {
            line.lock().unwrap().pending += 1;
        }
        if server.write_all(&message).is_err() {
            return;
        }
    }
    let _ = server.shutdown(std::net::Shutdown::Both);
}

/// Keeps the server's messages back until nothing is pending. A login asks for more in between, which is let through.
fn answer(mut server: UnixStream, mut client: UnixStream, line: &Mutex<Line>, round_trips: &AtomicI64) {
    let mut started = false;
    while let Some(message) = read_message(&mut server) {
        let is_ready = message[0] == b'Z';
        let all_answered = {
            let mut line = line.lock().unwrap();
            line.kept.extend(message);
            line.pending -= i64::from(is_ready);
            line.pending == 0
        };
        started |= is_ready;
        if is_ready && all_answered {
            // What is still on its way from the client belongs to the same trip.
            std::thread::sleep(Duration::from_millis(1));
        }
        let mut line = line.lock().unwrap();
        if line.pending == 0 || !started {
            round_trips.fetch_add(i64::from(is_ready), Ordering::SeqCst);
            let kept = std::mem::take(&mut line.kept);
            if client.write_all(&kept).is_err() {
                return;
            }
        }
    }
    let _ = client.shutdown(std::net::Shutdown::Both);
}

/// A message: its kind, its length and its body.
fn read_message(from: &mut UnixStream) -> Option<Vec<u8>> {
    let mut kind = [0];
    from.read_exact(&mut kind).ok()?;
    Some(read_body(from, kind.to_vec()))
}

fn read_body(from: &mut UnixStream, mut message: Vec<u8>) -> Vec<u8> {
    let mut length = [0; 4];
    if from.read_exact(&mut length).is_err() {
        return message;
    }
    let mut body = vec![0; (u32::from_be_bytes(length) as usize).saturating_sub(4)];
    let _ = from.read_exact(&mut body);
    message.extend(length);
    message.extend(body);
    message
}
