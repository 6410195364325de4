//! Commands: lock and load; decide; write and commit. Two round trips, as long as what is written is one statement.

use std::time::Duration;

use diesel_async::{AsyncConnection, AsyncPgConnection, TransactionManager};
use levelkit::{Command, Instant};

use super::load::{Loaded, Purpose, grants, load, needed_from};
use super::query::{in_order, sql_of};
use super::queue::Waiting;
use super::session::{Session, Shared, attempts, uncommitted};
use super::statement::{Kept, KeptStatement, Notes};
use super::{CLOCK_TOLERANCE, failure};
use crate::assemble;
use crate::error::Result;
use crate::rulesets::Rulesets;
use crate::stops::{stop_before, tolerated};
use crate::sums::plan;
use crate::view::Outcome;
use crate::write as rows;

/// Executes commands on a diesel-async connection of the caller's own.
///
/// The store does this behind its own connections. An application that awards XP together with rows of its own passes the
/// connection its transaction runs on instead: both are committed or neither. Lock no row of a player's before the command
/// does: it begins with the player's own row in `levelkit.players`, and everybody who keeps to that order waits for each other
/// without ever standing in each other's way.
///
/// ```no_run
/// use diesel_async::{AsyncConnection, AsyncPgConnection, TransactionManager};
/// use levelkit::Command;
/// use levelkit_storage::{Error, PgExecutor};
///
/// # async fn award() -> Result<(), Box<dyn std::error::Error>> {
/// let mut connection = AsyncPgConnection::establish("postgres://localhost/game").await?;
/// let executor = PgExecutor::new();
/// let now = "2026-03-02T20:00:00Z".parse()?;
/// let bonus = Command::AdjustXp { id: "order-17".into(), amount: levelkit::Xp(50), reason: "thank you".into() };
/// connection
///     .transaction::<_, Error, _>(async |connection| {
///         // ... rows of the application's own ...
///         executor.execute(connection, "p1", now, &bonus).await
///     })
///     .await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct PgExecutor {
    rulesets: Rulesets,
    clock_tolerance: Duration,
    outbox: bool,
}

impl Default for PgExecutor {
    fn default() -> Self {
        Self { rulesets: Rulesets::default(), clock_tolerance: CLOCK_TOLERANCE, outbox: false }
    }
}

impl PgExecutor {
    /// An executor that has read no ruleset yet; keep it, since it keeps the rulesets it compiles.
    pub fn new() -> Self {
        Self::default()
    }

    /// By how much a command's instant may lie before the player's last one and is then raised to it; 5 seconds by default, as
    /// with a store (see [`Options::clock_tolerance`](crate::Options::clock_tolerance)).
    #[must_use]
    pub fn clock_tolerance(self, clock_tolerance: Duration) -> Self {
        Self { clock_tolerance, ..self }
    }

    /// Whether the events of every command are kept for delivery, as [`Options::outbox`](crate::Options::outbox) says.
    #[must_use]
    pub fn outbox(self, outbox: bool) -> Self {
        Self { outbox, ..self }
    }

    /// Does a command for a player at an instant, within the transaction that is open, or else in one of its own.
    ///
    /// # Errors
    /// A refusal's code, among them `UNKNOWN_ID` for an unknown player: the transaction may go on. `STORE_CONFLICT` and what
    /// can go wrong with the server: the transaction is to be rolled back, and may be tried again. `STORE_UNCERTAIN` only of one
    /// of its own; whether a caller's that was not answered is committed, the caller must find out.
    pub async fn execute(
        &self,
        connection: &mut AsyncPgConnection,
        player: &str,
        at: Instant,
        command: &Command,
    ) -> Result<Outcome> {
        type Manager = <AsyncPgConnection as AsyncConnection>::TransactionManager;
        let is_own = Manager::transaction_manager_status_mut(connection).transaction_depth()?.is_none();
        Manager::begin_transaction(connection).await.map_err(failure::of_query)?;
        let manner = Manner { tolerance: self.clock_tolerance, outbox: self.outbox };
        match join(connection, &self.rulesets, manner, player, at, command).await {
            Ok(outcome) => match Manager::commit_transaction(connection).await.map_err(failure::of_query) {
                Ok(()) => Ok(outcome),
                Err(error) if is_own => Err(uncommitted(connection, error).await),
                // In a transaction of the caller's nothing is committed yet.
                Err(error) => Err(error),
            },
            Err(error) => {
                // What stood in the way counts, not that the way back was barred too.
                let _ = Manager::rollback_transaction(connection).await;
                Err(error)
            }
        }
    }
}

/// Does a command in the transaction that is open.
async fn join(
    connection: &AsyncPgConnection,
    rulesets: &Rulesets,
    manner: Manner,
    player: &str,
    at: Instant,
    command: &Command,
) -> Result<Outcome> {
    let loaded = load(connection, rulesets, player, Purpose::Join(command)).await?;
    let turn = Turn::command(&loaded, at, manner.tolerance, command);
    decide_and_write(connection, loaded, turn, manner.outbox).await
}

/// How commands are done, as the options say.
#[derive(Clone, Copy)]
struct Manner {
    tolerance: Duration,
    outbox: bool,
}

/// What is done with a player.
#[derive(Clone, Copy)]
pub(super) struct Turn<'a> {
    at: Instant,
    command: &'a Command,
    /// Whether somebody asked for it, and it is not only time that passes.
    asked: bool,
}

impl<'a> Turn<'a> {
    /// A command, at its instant or at the player's last one.
    pub(super) fn command(loaded: &Loaded, at: Instant, tolerance: Duration, command: &'a Command) -> Self {
        Self { at: tolerated(at, loaded.player.state.last_at, tolerance), command, asked: true }
    }

    /// To where the player is advanced beforehand, in a transaction of its own, if very much time has passed.
    fn stop(&self, loaded: &Loaded) -> Option<Instant> {
        loaded.player.state.last_at.and_then(|last_at| stop_before(last_at, self.at))
    }

    /// Time passes.
    pub(super) fn advance(at: Instant) -> Self {
        Self { at, command: &Command::Advance {}, asked: false }
    }
}

/// Does a command in a transaction of its own. For somebody away for very long, whole days are committed beforehand.
pub(super) async fn execute(shared: &Shared, player: &str, at: Instant, command: &Command) -> Result<Outcome> {
    let mut before = Vec::new();
    loop {
        match attempts(async || step(shared, player, at, command).await).await? {
            (outcome, true) => return Ok(outcome.behind(before)),
            (outcome, false) => before.extend(outcome.events),
        }
    }
}

/// One transaction of [`execute`]; whether it did the command, and not only brought the player nearer to the instant.
async fn step(shared: &Shared, player: &str, at: Instant, command: &Command) -> Result<(Outcome, bool)> {
    let session = Session::ready(shared).await?;
    let done = async {
        let mut loaded = load(session.connection()?, &shared.rulesets, player, Purpose::Execute(command)).await?;
        let turn = Turn::command(&loaded, at, shared.clock_tolerance, command);
        let mut kept = Kept::new(shared.outbox);
        let stop = turn.stop(&loaded);
        let outcome = decide(&mut loaded, stop.map_or(turn, Turn::advance), &mut kept)?;
        Ok(((outcome, stop.is_none()), [kept]))
    };
    write_and_commit(done.await, session).await
}

/// Does commands that have nothing to do with each other but their player, in one transaction: the player is loaded once, and the rows
/// of all are written together. A refusal is one command's answer, and the others go on. There are fewer answers than commands
/// if one of them needs more than that: time that is more than one transaction's, or a longer past.
///
/// # Errors
/// Anything but a refusal: then none of them happened, or all may have (`STORE_UNCERTAIN`).
pub(super) async fn try_together(shared: &Shared, player: &str, commands: &[Waiting]) -> Result<Vec<Result<Outcome>>> {
    let session = Session::ready(shared).await?;
    let done = async {
        let connection = session.connection()?;
        let mut loaded = load(connection, &shared.rulesets, player, Purpose::Begin).await?;
        let ids = commands.iter().map(|waiting| grants(connection, assemble::grant_id(&waiting.command)));
        let known = in_order(ids.collect()).await;
        let (mut answers, mut kept) = (Vec::with_capacity(commands.len()), Vec::with_capacity(commands.len()));
        for (Waiting { at, command, .. }, known) in commands.iter().zip(known) {
            let turn = Turn::command(&loaded, *at, shared.clock_tolerance, command);
            if turn.stop(&loaded).is_some() || !loaded.reaches_back() {
                break;
            }
            let mut rows = Kept::new(shared.outbox);
            let done = known.and_then(|known| {
                loaded.knows(known);
                decide(&mut loaded, turn, &mut rows)
            });
            match done {
                Err(error) if !error.is_refused() => return Err(error),
                answer => answers.push(answer),
            }
            kept.push(rows);
        }
        Ok((answers, kept))
    };
    write_and_commit(done.await, session).await
}

/// Does commands in order, in one transaction.
pub(super) async fn execute_all(
    shared: &Shared,
    player: &str,
    commands: &[(Instant, Command)],
) -> Result<Vec<Outcome>> {
    super::session::transaction(shared, "BEGIN", async |connection| {
        let manner = Manner { tolerance: shared.clock_tolerance, outbox: shared.outbox };
        let mut outcomes = Vec::with_capacity(commands.len());
        for (at, command) in commands {
            outcomes.push(join(connection, &shared.rulesets, manner, player, *at, command).await?);
        }
        Ok(outcomes)
    })
    .await
}

/// The engine's decision, and every row of it.
async fn decide_and_write(
    connection: &AsyncPgConnection,
    mut loaded: Loaded,
    turn: Turn<'_>,
    outbox: bool,
) -> Result<Outcome> {
    let mut kept = Kept::new(outbox);
    let outcome = decide(&mut loaded, turn, &mut kept)?;
    send(connection, kept.statements()).await?;
    Ok(outcome)
}

/// The engine's decision; its rows are kept, to be written with those of others. A refusal keeps none, and leaves the player as
/// before.
pub(super) fn decide(loaded: &mut Loaded, turn: Turn<'_>, kept: &mut Kept) -> Result<Outcome> {
    let Loaded { player, engine, sums, sums_until } = loaded;
    let past = player.history.past.clone();
    let events_before = player.state.ledger.events;
    let record = engine.execute(player, turn.at, turn.command)?;
    let noted = rows::Notes { due_at: engine.next_due(player), seen_at: turn.asked.then_some(turn.at) };
    rows::write(kept, &player.id, &record.rows, noted)?;
    if kept.outbox {
        rows::to_outbox(kept, &player.id, turn.at, &record.events)?;
    }
    let grown = sums.growth().map(|(_, until)| until);
    if grown.is_some() {
        kept.sums(&player.id, &past)?;
    }
    (*sums, *sums_until) = (sums.written(), grown.or(*sums_until));
    let next = plan(*sums_until, engine.history_from(player), player.state.first_day);
    kept.notes(&Notes {
        events_before,
        sums_until: grown,
        logs_from: assemble::open_logs_from(&player.state),
        history_from: needed_from(player, next),
    })?;
    Ok(Outcome { events: record.events, head: player.state.ledger })
}

/// Sends every statement before the first is answered.
pub(super) async fn send(connection: &AsyncPgConnection, statements: Vec<KeptStatement>) -> Result<()> {
    let sent = statements.into_iter();
    let sent = sent.map(|KeptStatement { text, columns }| sql_of::<()>(text, columns).run(connection)).collect();
    in_order(sent).await.into_iter().try_for_each(|written| written.map(drop))
}

/// Writes and commits what was decided, or rolls back what was not.
///
/// One statement is whole or not at all, so the commit is sent right behind it. Behind several, of which one might never reach the
/// server, it waits for their answers.
async fn write_and_commit<R>(done: Result<(R, impl IntoIterator<Item = Kept>)>, session: Session) -> Result<R> {
    let (answer, kept) = match done {
        Ok(decided) => decided,
        Err(error) => return finish(Err(error), session).await,
    };
    let statements: Vec<KeptStatement> = kept.into_iter().flat_map(Kept::statements).collect();
    match <[KeptStatement; 1]>::try_from(statements) {
        Ok([only]) => session.commit_with(sql_of(only.text, only.columns)).await.map(|()| answer),
        Err(several) => finish(send(session.connection()?, several).await, session).await.map(|()| answer),
    }
}

/// Commits what was done, or rolls back what was not.
pub(super) async fn finish<R>(done: Result<R>, session: Session) -> Result<R> {
    match done {
        Ok(answer) => session.commit().await.map(|()| answer),
        Err(error) => {
            session.roll_back().await;
            Err(error)
        }
    }
}
