//! The workers' processes, from outside: started, listened to, killed by others, and started again where they were.

use std::collections::{BTreeMap, HashMap};
use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use levelkit_storage::{BlockingStore, Error, Options};

use crate::plan::Plan;
use crate::worker::Orders;
use crate::{Wrong, work};

/// What was acknowledged.
#[derive(Clone, Debug, Default)]
pub(crate) struct Acknowledged {
    /// Per player, after how many events the ledger had which hash.
    pub(crate) heads: HashMap<String, BTreeMap<i64, String>>,
    /// Whose ledger has which adjustment or grant.
    pub(crate) ids: Vec<(String, String)>,
    /// How many commands ended how: `ACKNOWLEDGED`, or a refusal's code.
    pub(crate) outcomes: BTreeMap<String, u64>,
}

/// The workers' processes.
pub(crate) struct Crew {
    orders: Vec<Orders>,
    program: std::path::PathBuf,
    started: SystemTime,
    children: Vec<Mutex<Option<Child>>>,
    acknowledged: Mutex<Acknowledged>,
    met: Mutex<BTreeMap<String, u64>>,
}

impl Crew {
    /// Every other process is on the line that gets cut, the others are connected directly.
    pub(crate) fn new(plan: &Plan, direct: &str, line: &str) -> Self {
        let started = SystemTime::now();
        let orders = (0..plan.processes).map(|process| Orders {
            url: if process % 2 == 0 { line } else { direct }.to_owned(),
            started,
            pace: plan.pace,
            seed: plan.seed,
            players: plan.players,
            each: plan.each(),
            first: process * plan.threads,
            from: (0..plan.threads).map(|_| (0, 0)).collect(),
        });
        let children = (0..plan.processes).map(|_| Mutex::default()).collect();
        let (orders, program) = (orders.collect(), plan.program.clone());
        Self { orders, program, started, children, acknowledged: Mutex::default(), met: Mutex::default() }
    }

    pub(crate) fn started(&self) -> SystemTime {
        self.started
    }

    /// Lets the crew work until everything is done.
    pub(crate) fn work(&self) -> Result<Acknowledged, Wrong> {
        std::thread::scope(|scope| {
            let crew: Vec<_> = (self.orders.iter().zip(&self.children))
                .map(|(orders, child)| scope.spawn(move || self.attend(orders.clone(), child)))
                .collect();
            crew.into_iter().try_for_each(|process| process.join().map_err(|_| "attending a worker panicked")?)
        })?;
        Ok(self.acknowledged())
    }

    /// What was acknowledged until now.
    pub(crate) fn acknowledged(&self) -> Acknowledged {
        locked(&self.acknowledged).clone()
    }

    /// How often the workers met which error that passes, and tried again.
    pub(crate) fn met(&self) -> BTreeMap<String, u64> {
        locked(&self.met).clone()
    }

    /// Kills a process (`kill -9`), in whatever it is doing; whether there was one.
    pub(crate) fn kill(&self, process: u64) -> bool {
        let child = usize::try_from(process).ok().and_then(|process| self.children.get(process));
        child.is_some_and(|child| locked(child).as_mut().is_some_and(|child| child.kill().is_ok()))
    }

    /// Starts a process as often as it is killed, until it ends by itself.
    fn attend(&self, mut orders: Orders, place: &Mutex<Option<Child>>) -> Result<(), Wrong> {
        loop {
            let mut command = Command::new(&self.program);
            command.args(orders.words()).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
            let mut child = command.spawn()?;
            let said = child.stdout.take().ok_or("a worker without an output")?;
            let complaints = child.stderr.take().ok_or("a worker without an output")?;
            *locked(place) = Some(child);
            self.listen(said, &mut orders)?;
            let complaint = std::io::read_to_string(complaints)?;
            let child = locked(place).take();
            let status = child.map(|mut child| child.wait()).transpose()?;
            match status.map(|status| (status.success(), status.code())) {
                Some((true, _)) => return Ok(()),
                // Killed.
                Some((false, None)) => {}
                other => return Err(format!("a worker ended with {other:?}: {}", complaint.trim()).into()),
            }
        }
    }

    /// Notes what a process says until it ends. What it did not get to say is sent again by the next one.
    fn listen(&self, said: ChildStdout, orders: &mut Orders) -> Result<(), Wrong> {
        let (mut said, mut line, mut waiting) = (BufReader::new(said), String::new(), Vec::new());
        while said.read_line(&mut line)? > 0 && line.ends_with('\n') {
            match line.split_whitespace().collect::<Vec<_>>().as_slice() {
                ["done", worker, number, sent] => {
                    let thread = usize::try_from(worker.parse::<u64>()?.saturating_sub(orders.first))?;
                    let from = orders.from.get_mut(thread).ok_or("a thread that was not asked for")?;
                    *from = (number.parse::<u64>()? + 1, sent.parse()?);
                    let mut acknowledged = locked(&self.acknowledged);
                    waiting.drain(..).try_for_each(|line: String| acknowledged.note(&line))?;
                }
                ["met", code] => *locked(&self.met).entry((*code).to_owned()).or_default() += 1,
                _ => waiting.push(line.trim_end().to_owned()),
            }
            line.clear();
        }
        Ok(())
    }
}

impl Acknowledged {
    fn note(&mut self, line: &str) -> Result<(), Wrong> {
        let outcome = match line.split_whitespace().collect::<Vec<_>>().as_slice() {
            ["ack", player, events, hash, id] => {
                let heads = self.heads.entry((*player).to_owned()).or_default();
                if let Some(other) = heads.insert(events.parse()?, (*hash).to_owned()).filter(|other| other != hash) {
                    return Err(format!("{player}: event {events} was acknowledged as {other} and as {hash}").into());
                }
                if *id != "-" {
                    self.ids.push(((*player).to_owned(), (*id).to_owned()));
                }
                "ACKNOWLEDGED"
            }
            ["refused", code] => code,
            _ => return Err(format!("a worker said {line:?}").into()),
        };
        *self.outcomes.entry(outcome.to_owned()).or_default() += 1;
        Ok(())
    }
}

/// What goes on besides in such a place: days that are closed, leaderboards refreshed and looked at, ledgers verified.
pub(crate) fn keep_house(plan: &Plan, url: &str, started: SystemTime, over: &AtomicBool) -> Result<(), Wrong> {
    let (mut store, mut round) = (None, 0_u64);
    while !over.load(Ordering::Acquire) {
        match tidy(plan, url, &mut store, started, round) {
            Ok(None) => {}
            Ok(Some(wrong)) => return Err(wrong.into()),
            Err(error) if error.is_transient() || error.is_refused() => {}
            Err(error) => return Err(format!("housekeeping: {}: {error}", error.code()).into()),
        }
        round += 1;
        std::thread::sleep(Duration::from_millis(50));
    }
    Ok(())
}

/// One round of it; what was wrong, if anything.
fn tidy(
    plan: &Plan,
    url: &str,
    store: &mut Option<BlockingStore>,
    started: SystemTime,
    round: u64,
) -> Result<Option<String>, Error> {
    let store = match store {
        Some(store) => store,
        None => store.insert(BlockingStore::open_with(url, Options::new().outbox(true))?),
    };
    let now = work::now(started, plan.pace);
    store.roll_over(now, 200)?;
    store.refresh_leaderboard("spring", now)?;
    store.leaderboard("spring", now, 0, 10)?;
    let found = store.verify(&work::player(round % plan.players))?.verification;
    Ok(found.failure.is_some().then(|| format!("a ledger that does not verify: {found:?}")))
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
