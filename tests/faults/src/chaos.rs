//! What goes wrong.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use levelkit_test_postgres::{Database, Server};

use crate::Wrong;
use crate::crew::Crew;
use crate::line::Line;
use crate::plan::Plan;
use crate::random::Random;
use crate::work::player;

/// Something that goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// The server is killed (`kill -9`) and started again.
    ServerKilled,
    /// A worker process is killed, whatever it is doing.
    WorkerKilled,
    /// Connections are cut in the middle of what they are in.
    LineCut,
    /// A few COMMITs arrive, and their answers do not.
    CommitUnanswered,
    /// The server ends every session of the workers'.
    SessionsEnded,
    /// Another application locks players' rows in the wrong order.
    Deadlock,
    /// Sessions are SERIALIZABLE for a while, where two that meet cannot both go on.
    Serializable,
}

impl Fault {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::ServerKilled,
        Self::WorkerKilled,
        Self::LineCut,
        Self::CommitUnanswered,
        Self::SessionsEnded,
        Self::Deadlock,
        Self::Serializable,
    ];
}

/// How often what went wrong.
pub(crate) type Faults = BTreeMap<Fault, u64>;

/// Makes things go wrong, in turn, until all is over.
pub(crate) fn rage(
    plan: &Plan,
    server: &Server,
    database: &Database<'_>,
    line: &Line,
    crew: &Crew,
    over: &AtomicBool,
) -> Result<Faults, Wrong> {
    let (mut faults, mut random) = (Faults::new(), Random::of(&[plan.seed, 77]));
    for fault in plan.faults.iter().cycle() {
        if !wait(plan.pause, over) {
            break;
        }
        let happened = match fault {
            Fault::ServerKilled => {
                server.crash()?;
                server.restart()?;
                1
            }
            Fault::WorkerKilled => u64::from(crew.kill(random.below(plan.processes))),
            Fault::LineCut => {
                line.cut();
                1
            }
            Fault::CommitUnanswered => {
                let before = line.commits_cut();
                line.cut_commits(4);
                wait(Duration::from_millis(300), over);
                line.cut_commits(0);
                line.commits_cut() - before
            }
            Fault::SessionsEnded => end_sessions(database)?,
            Fault::Deadlock => deadlock(database, &player(random.below(plan.players)))?,
            Fault::Serializable => serializable(line, over),
        };
        *faults.entry(*fault).or_default() += happened;
    }
    Ok(faults)
}

/// Waits; whether it is not over by then.
fn wait(pause: Duration, over: &AtomicBool) -> bool {
    let until = Instant::now() + pause;
    while Instant::now() < until && !over.load(Ordering::Acquire) {
        std::thread::sleep(Duration::from_millis(5));
    }
    !over.load(Ordering::Acquire)
}

fn end_sessions(database: &Database<'_>) -> Result<u64, Wrong> {
    let ended = database.query(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
         WHERE datname = current_database() AND pid <> pg_backend_pid()",
    )?;
    Ok(ended.trim().parse()?)
}

/// Locks a player's row in `users` first, which everybody else locks last. One of the two has to give way; how often it was
/// seen is asked afterwards.
fn deadlock(database: &Database<'_>, player: &str) -> Result<u64, Wrong> {
    let seen = || Ok::<u64, Wrong>(database.query(DEADLOCKS)?.trim().parse()?);
    let before = seen()?;
    for _ in 0..5 {
        // Losing is what it is for.
        let _ = database.query(&format!(
            "BEGIN; SELECT 1 FROM public.users WHERE id = '{player}' FOR UPDATE; SELECT pg_sleep(0.3); \
             SELECT 1 FROM levelkit.players WHERE user_id = '{player}' FOR UPDATE; COMMIT"
        ));
    }
    Ok(seen()?.saturating_sub(before))
}

const DEADLOCKS: &str = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";

/// How many transactions were refused because they met another.
fn serializable(line: &Line, over: &AtomicBool) -> u64 {
    let before = line.refused();
    line.serializable(true);
    line.cut();
    wait(Duration::from_millis(1500), over);
    line.serializable(false);
    line.cut();
    line.refused() - before
}
