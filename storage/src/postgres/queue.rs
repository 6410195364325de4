//! Commands of one player that meet in this process: those that arrive while another one is being done are done together
//! afterwards, in one transaction. A player in great demand then costs one commit for many commands, and one connection.
//!
//! Who waits for the player in another process waits for the row's lock.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use levelkit::{Command, Instant};
use tokio::sync::oneshot;
use tokio::task::spawn_local;

use super::execute::{execute, try_together};
use super::session::Shared;
use crate::error::{Error, Kind, Result};
use crate::view::Outcome;

/// So many commands share a transaction: other processes wait for it.
const AT_ONCE: usize = 32;

/// A command, and who waits for what becomes of it.
pub(super) struct Waiting {
    pub(super) at: Instant,
    pub(super) command: Command,
    answer: oneshot::Sender<Result<Outcome>>,
}

/// What waits, by player. A player is in it as long as somebody does that player's commands.
#[derive(Clone, Default)]
pub(super) struct Queues(Arc<Mutex<HashMap<String, VecDeque<Waiting>>>>);

impl Queues {
    /// Nothing that holds the lock can panic half-way.
    fn locked(&self) -> MutexGuard<'_, HashMap<String, VecDeque<Waiting>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts a command into its player's queue; whether nobody is at work on it yet.
    fn is_first(&self, player: &str, waiting: Waiting) -> bool {
        let mut queues = self.locked();
        match queues.get_mut(player) {
            Some(queue) => {
                queue.push_back(waiting);
                false
            }
            None => {
                queues.insert(player.to_owned(), VecDeque::from([waiting]));
                true
            }
        }
    }

    /// The next commands of a player.
    fn next(&self, player: &str) -> Vec<Waiting> {
        let mut queues = self.locked();
        queues.get_mut(player).map(|queue| queue.drain(..queue.len().min(AT_ONCE)).collect()).unwrap_or_default()
    }
}

/// Does a command once its player's earlier ones are done.
pub(super) async fn in_turn(shared: &Arc<Shared>, player: String, at: Instant, command: Command) -> Result<Outcome> {
    let (answer, answered) = oneshot::channel();
    if shared.queues.is_first(&player, Waiting { at, command, answer }) {
        spawn_local(work(Turns { shared: Arc::clone(shared), player }));
    }
    answered.await.unwrap_or_else(|_| Err(Error::new(Kind::Closed)))
}

/// The right to do a player's commands. When it ends the queue is gone, and the next command begins another; however it ends, nobody
/// goes on waiting for it.
struct Turns {
    shared: Arc<Shared>,
    player: String,
}

impl Drop for Turns {
    fn drop(&mut self) {
        self.shared.queues.locked().remove(&self.player);
    }
}

async fn work(turns: Turns) {
    loop {
        let mut next = turns.shared.queues.next(&turns.player);
        if next.is_empty() {
            // All jobs are on one thread: nobody can have come since.
            return;
        }
        if next.len() > 1 {
            next = together(&turns.shared, &turns.player, next).await;
        }
        for Waiting { at, command, answer } in next {
            // Nobody may be waiting any more.
            let _ = answer.send(execute(&turns.shared, &turns.player, at, &command).await);
        }
    }
}

/// Does commands in one transaction, and returns those that are still to be done, each by itself: all of them, if something other
/// than a refusal was in the way, and it may be one of them.
async fn together(shared: &Shared, player: &str, commands: Vec<Waiting>) -> Vec<Waiting> {
    let answers = match try_together(shared, player, &commands).await {
        Ok(answers) => answers,
        Err(error) => match commands.iter().map(|_| error.of_the_server()).collect::<Option<Vec<_>>>() {
            // They may have happened, or would wait as long once more, one after the other: to try again is the callers' decision.
            Some(errors) => errors.into_iter().map(Err).collect(),
            None => return commands,
        },
    };
    let mut commands = commands.into_iter();
    for (waiting, answer) in commands.by_ref().take(answers.len()).zip(answers) {
        let _ = waiting.answer.send(answer);
    }
    commands.collect()
}
