//! A worker process: threads that send one command after the other, and say on standard output what became of each.

use std::io::Write;
use std::time::{Duration, SystemTime};

use levelkit_storage::{BlockingStore, Error, Options};

use crate::Wrong;
use crate::work::{Fate, now, step};

/// What a worker process is told.
#[derive(Clone, Debug)]
pub(crate) struct Orders {
    pub(crate) url: String,
    pub(crate) started: SystemTime,
    pub(crate) pace: i64,
    pub(crate) seed: u64,
    pub(crate) players: u64,
    /// How many commands each thread sends.
    pub(crate) each: u64,
    /// The number of the first thread.
    pub(crate) first: u64,
    /// Which step each thread begins with, and how many commands those before were.
    pub(crate) from: Vec<(u64, u64)>,
}

impl Orders {
    /// As arguments.
    pub(crate) fn words(&self) -> Vec<String> {
        let started = self.started.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_micros();
        let from: Vec<String> = self.from.iter().map(|(number, sent)| format!("{number}:{sent}")).collect();
        let mut words = vec!["worker".to_owned(), self.url.clone(), started.to_string(), self.pace.to_string()];
        words.extend([self.seed, self.players, self.each, self.first].map(|number| number.to_string()));
        words.push(from.join(","));
        words
    }

    fn read(words: &[String]) -> Result<Self, Wrong> {
        let [url, started, pace, seed, players, each, first, from] = words else {
            return Err(format!("a worker is told 8 things, not {}", words.len()).into());
        };
        let pairs = from.split(',').map(|pair| {
            let (number, sent) = pair.split_once(':').ok_or("a pair is NUMBER:SENT")?;
            Ok::<_, Wrong>((number.parse()?, sent.parse()?))
        });
        Ok(Self {
            url: url.clone(),
            started: SystemTime::UNIX_EPOCH + Duration::from_micros(started.parse()?),
            pace: pace.parse()?,
            seed: seed.parse()?,
            players: players.parse()?,
            each: each.parse()?,
            first: first.parse()?,
            from: pairs.collect::<Result<_, _>>()?,
        })
    }
}

/// Is a worker process, until all its steps are done.
///
/// # Errors
/// It was told nonsense, or met an error that no fault explains.
pub fn run(words: &[String]) -> Result<(), Wrong> {
    let orders = Orders::read(words)?;
    let open = || {
        // The workers' clock is one clock, but what is said first may be done last.
        let options = Options::new().clock_tolerance(Duration::from_secs(1_000_000_000));
        BlockingStore::open_with(
            &orders.url,
            options.outbox(true).connections(8).connect_timeout(Duration::from_secs(60)),
        )
    };
    let store = until_possible(open, |_| Ok(()))?;
    std::thread::scope(|scope| {
        let threads = (orders.first..).zip(&orders.from).map(|(worker, from)| {
            let (store, orders) = (&store, &orders);
            scope.spawn(move || send_all(store, orders, worker, *from))
        });
        let threads = threads.collect::<Vec<_>>();
        threads.into_iter().try_for_each(|thread| thread.join().map_err(|_| "a worker stopped with a panic")?)
    })
}

fn send_all(store: &BlockingStore, orders: &Orders, worker: u64, (from, mut sent): (u64, u64)) -> Result<(), Wrong> {
    for number in from.. {
        if sent >= orders.each {
            return Ok(());
        }
        let step = step(orders.seed, orders.players, worker, number);
        let met = |error: &Error| say_all(&format!("met {}\n", error.code()));
        let fates = until_possible(|| step.perform(store, now(orders.started, orders.pace)), met)?;
        sent += step.commands();
        say(worker, number, sent, &fates)?;
    }
    Ok(())
}

/// Tries until it is possible: what is in the way are the faults, and each of them ends.
fn until_possible<R>(
    mut job: impl FnMut() -> Result<R, Error>,
    met: impl Fn(&Error) -> Result<(), Wrong>,
) -> Result<R, Wrong> {
    loop {
        match job() {
            Ok(done) => return Ok(done),
            Err(error) if error.is_transient() => {
                met(&error)?;
                std::thread::sleep(Duration::from_millis(20));
            }
            Err(error) => return Err(format!("{}: {error}", error.code()).into()),
        }
    }
}

/// One line per fate and one at the end, in one go: a line that is cut off was not said.
fn say(worker: u64, number: u64, sent: u64, fates: &[Fate]) -> Result<(), Wrong> {
    let mut lines = String::new();
    for fate in fates {
        match fate {
            Fate::Acknowledged { player, events, hash, id } => {
                let id = id.as_deref().unwrap_or("-");
                lines.push_str(&format!("ack {player} {events} {hash} {id}\n"));
            }
            Fate::Refused { code } => lines.push_str(&format!("refused {code}\n")),
        }
    }
    lines.push_str(&format!("done {worker} {number} {sent}\n"));
    say_all(&lines)
}

fn say_all(lines: &str) -> Result<(), Wrong> {
    let mut out = std::io::stdout().lock();
    out.write_all(lines.as_bytes())?;
    Ok(out.flush()?)
}
