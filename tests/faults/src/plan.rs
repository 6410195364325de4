//! How much of what.

use std::time::Duration;

use crate::chaos::Fault;

/// How much of what.
#[derive(Clone, Debug)]
pub struct Plan {
    /// How many commands are sent in all; reports of a batch count one each.
    pub commands: u64,
    /// How many players they are for.
    pub players: u64,
    /// How many processes send them.
    pub processes: u64,
    /// How many workers each process has.
    pub threads: u64,
    /// What goes wrong, in turn; nothing if empty.
    pub faults: Vec<Fault>,
    /// How long things go well in between.
    pub pause: Duration,
    /// How many times faster than the clock the players' time passes.
    pub pace: i64,
    /// Another seed, other commands.
    pub seed: u64,
    /// The program that is a worker when it is called with `worker` and what it is told ([`crate::worker::run`]).
    pub program: std::path::PathBuf,
}

impl Plan {
    /// The long form: 64 workers on 1,000 players, and every fault.
    pub fn new(program: std::path::PathBuf) -> Self {
        Self {
            commands: 1_000_000,
            players: 1_000,
            processes: 4,
            threads: 16,
            faults: Fault::ALL.to_vec(),
            pause: Duration::from_secs(2),
            pace: 3_600,
            seed: 1,
            program,
        }
    }

    /// How many workers there are.
    pub fn workers(&self) -> u64 {
        self.processes * self.threads
    }

    /// How many commands each worker sends, at least.
    pub(crate) fn each(&self) -> u64 {
        self.commands.div_ceil(self.workers().max(1))
    }
}
