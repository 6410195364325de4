//! A line to the server that counts round trips.
//!
//! It keeps the server's answers back until all that the client has asked for is answered and the client asks for nothing more,
//! and then lets them through at once: whoever needs an answer before asking on makes a round trip, and whoever does not, does
//! not. What the client has prepared and run is kept too.

use std::io::{Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tempfile::TempDir;
use tokio_postgres::Config;
use tokio_postgres::config::Host;

/// A statement as the client sent it: its text, and the types of its values by their numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sent {
    pub(crate) text: String,
    pub(crate) types: Vec<u32>,
}

/// Counts round trips between the store and the server.
pub(crate) struct Wire {
    folder: TempDir,
    database: String,
    round_trips: Arc<AtomicI64>,
    sent: Arc<Mutex<Vec<Sent>>>,
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
        let sent = Arc::<Mutex<Vec<Sent>>>::default();
        let (counted, kept) = (Arc::clone(&round_trips), Arc::clone(&sent));
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                connect(client, &server, &counted, &kept);
            }
        });
        let user = config.get_user().unwrap_or("postgres");
        let database = format!("{user}@{{}}/{}", config.get_dbname().unwrap());
        Self { folder, database, round_trips, sent }
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

    /// Every statement that was prepared or run so far, each once, in order.
    pub(crate) fn sent(&self) -> Vec<Sent> {
        let mut each: Vec<Sent> = Vec::new();
        for sent in self.sent.lock().unwrap().iter() {
            if !each.contains(sent) {
                each.push(sent.clone());
            }
        }
        each
    }
}

fn connect(client: UnixStream, server: &PathBuf, round_trips: &Arc<AtomicI64>, sent: &Arc<Mutex<Vec<Sent>>>) {
    let server = UnixStream::connect(server).unwrap();
    let line = Arc::<Mutex<Line>>::default();
    let (from_client, to_server) = (client.try_clone().unwrap(), server.try_clone().unwrap());
    let asking = Arc::clone(&line);
    // Starting up is a question too: it ends with the first "ready".
    line.lock().unwrap().pending = 1;
    let sent = Arc::clone(sent);
    std::thread::spawn(move || ask(from_client, to_server, &asking, &sent));
    let round_trips = Arc::clone(round_trips);
    std::thread::spawn(move || answer(server, client, &line, &round_trips));
}

/// Passes the client's messages on. Sync (`S`) and a simple query (`Q`) are answered with "ready".
fn ask(mut client: UnixStream, mut server: UnixStream, line: &Mutex<Line>, sent: &Mutex<Vec<Sent>>) {
    let startup = read_body(&mut client, Vec::new());
    if server.write_all(&startup).is_err() {
        return;
    }
    while let Some(message) = read_message(&mut client) {
        if matches!(message[0], b'S' | b'Q') {
            line.lock().unwrap().pending += 1;
        }
        sent.lock().unwrap().extend(statement(&message));
        if server.write_all(&message).is_err() {
            return;
        }
    }
    let _ = server.shutdown(std::net::Shutdown::Both);
}

/// The statement of a message that prepares one (`P`) or runs one as it is (`Q`).
fn statement(message: &[u8]) -> Option<Sent> {
    let body = message.get(5..)?;
    let mut texts = body.split(|byte| *byte == 0).map(|text| String::from_utf8_lossy(text).into_owned());
    match message[0] {
        b'Q' => Some(Sent { text: texts.next()?, types: vec![] }),
        b'P' => {
            let (name, text) = (texts.next()?, texts.next()?);
            let types = body.get(name.len() + text.len() + 4..)?;
            let types = types.chunks_exact(4).map(|oid| u32::from_be_bytes([oid[0], oid[1], oid[2], oid[3]]));
            Some(Sent { text, types: types.collect() })
        }
        _ => None,
    }
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
