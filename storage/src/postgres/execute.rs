//! Commands: lock and load, decide, write, commit. Three round trips.

use diesel::sql_types::{BigInt, Text};
use diesel_async::{AsyncConnection, AsyncPgConnection, TransactionManager};
use levelkit::{Command, Instant};

use super::load::{Loaded, Purpose, load, micros, needed_from};
use super::query::{in_order, sql};
use super::session::{Session, Shared, attempts};
use super::statement::{Kept, at};
use crate::assemble;
use crate::bind::{Bind, Micros};
use crate::error::{Error, Kind, Result};
use crate::rulesets::Rulesets;
use crate::stops::{stop_before, tolerated};
use crate::sums::plan;
use crate::view::{Outcome, RefusedPlayer, RollOver};
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
#[derive(Clone, Debug, Default)]
pub struct PgExecutor {
    rulesets: Rulesets,
    outbox: bool,
}

impl PgExecutor {
    /// An executor that has read no ruleset yet; keep it, since it keeps the rulesets it compiles.
    pub fn new() -> Self {
        Self::default()
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
    /// can go wrong with the server: the transaction is to be rolled back, and may be tried again.
    pub async fn execute(
        &self,
        connection: &mut AsyncPgConnection,
        player: &str,
        at: Instant,
        command: &Command,
    ) -> Result<Outcome> {
        type Manager = <AsyncPgConnection as AsyncConnection>::TransactionManager;
        Manager::begin_transaction(connection).await?;
        match join(connection, &self.rulesets, player, at, command, self.outbox).await {
            Ok(outcome) => Manager::commit_transaction(connection).await.map(|()| outcome).map_err(Into::into),
            Err(error) => {
                // What stood in the way counts, not that the way back was barred too.
                let _ = Manager::rollback_transaction(connection).await;
                Err(error)
            }
        }
    }
}

async fn join(
    connection: &AsyncPgConnection,
    rulesets: &Rulesets,
    player: &str,
    at: Instant,
    command: &Command,
    outbox: bool,
) -> Result<Outcome> {
    let loaded = load(connection, rulesets, player, Purpose::Join(command)).await?;
    let loaded = loaded.ok_or_else(|| assemble::unknown_player(player))?;
    decide_and_write(connection, loaded, at, command, outbox).await
}

/// Does a command in a transaction of its own. For somebody away for very long, whole days are committed beforehand.
pub(super) async fn execute(shared: &Shared, player: &str, at: Instant, command: &Command) -> Result<Outcome> {
    loop {
        if let Some(outcome) = attempts(async || step(shared, player, at, command).await).await? {
            return Ok(outcome);
        }
    }
}

/// One transaction of [`execute`]; none if it only brought the player nearer to the instant.
async fn step(shared: &Shared, player: &str, at: Instant, command: &Command) -> Result<Option<Outcome>> {
    let session = Session::ready(shared).await?;
    let done = async {
        let connection = session.connection()?;
        let loaded = load(connection, &shared.rulesets, player, Purpose::Execute(command)).await?;
        let loaded = loaded.ok_or_else(|| assemble::unknown_player(player))?;
        let last_at = loaded.player.state.last_at;
        let at = tolerated(at, last_at, shared.clock_tolerance);
        match last_at.and_then(|last_at| stop_before(last_at, at)) {
            Some(stop) => {
                decide_and_write(connection, loaded, stop, &Command::Advance {}, shared.outbox).await.map(|_| None)
            }
            None => decide_and_write(connection, loaded, at, command, shared.outbox).await.map(Some),
        }
    };
    finish(done.await, session).await
}

/// Does commands in order, in one transaction.
pub(super) async fn execute_all(
    shared: &Shared,
    player: &str,
    commands: &[(Instant, Command)],
) -> Result<Vec<Outcome>> {
    super::session::transaction(shared, "BEGIN", async |connection| {
        let mut outcomes = Vec::with_capacity(commands.len());
        for (at, command) in commands {
            let loaded = load(connection, &shared.rulesets, player, Purpose::Join(command)).await?;
            let loaded = loaded.ok_or_else(|| assemble::unknown_player(player))?;
            let at = tolerated(*at, loaded.player.state.last_at, shared.clock_tolerance);
            outcomes.push(decide_and_write(connection, loaded, at, command, shared.outbox).await?);
        }
        Ok(outcomes)
    })
    .await
}

/// The engine's decision, and every row of it.
async fn decide_and_write(
    connection: &AsyncPgConnection,
    loaded: Loaded,
    at: Instant,
    command: &Command,
    outbox: bool,
) -> Result<Outcome> {
    let Loaded { mut player, engine, sums, sums_until } = loaded;
    let past = player.history.past.clone();
    let mut kept = Kept::new(player.state.ledger.events);
    let record = engine.execute(&mut player, at, command)?;
    rows::write(&mut kept, &player.id, &record.rows, engine.next_due(&player))?;
    if outbox {
        rows::to_outbox(&mut kept, &player.id, at, &record.events)?;
    }
    if let Some((_, until)) = sums.growth() {
        kept.sums(&player.id, &past, until);
    }
    let sums_until = sums.growth().map(|(_, until)| until).or(sums_until);
    let next = plan(sums_until, engine.history_from(&player), player.state.first_day);
    kept.bounds(&player.id, assemble::open_logs_from(&player.state), needed_from(&player, next));
    send(connection, kept).await?;
    Ok(Outcome { events: record.events, head: player.state.ledger })
}

/// Sends every statement before the first is answered.
async fn send(connection: &AsyncPgConnection, kept: Kept) -> Result<()> {
    // Thousands of days may have been made up for; the server's answers must not pile up unread.
    for chunk in kept.statements.chunks(500) {
        let sent = chunk.iter().map(|kept| sql::<()>(kept.text, &kept.binds).run(connection)).collect();
        for (kept, written) in chunk.iter().zip(in_order(sent).await) {
            if written? == 0 && kept.must_write {
                let message = "the player's rows were written meanwhile".to_owned();
                return Err(Error::new(Kind::Conflict { message }));
            }
        }
    }
    Ok(())
}

/// Commits what was done, or rolls back what was not.
async fn finish<R>(done: Result<R>, session: Session) -> Result<R> {
    match done {
        Ok(answer) => session.commit().await.map(|()| answer),
        Err(error) => {
            session.roll_back().await;
            Err(error)
        }
    }
}

/// Advances up to `limit` players whose oldest day is due, the longest overdue first, each in a transaction of its own. Whom
/// somebody else has in hand is left to them.
pub(super) async fn roll_over(shared: &Shared, now: Instant, limit: usize) -> Result<RollOver> {
    let mut done = RollOver::default();
    let mut after = (Instant::MIN.micros(), String::new());
    loop {
        let page = due(shared, now, &after).await?;
        let Some(last) = page.last().cloned() else {
            return Ok(done);
        };
        for (_, player) in page {
            if done.advanced.len() >= limit {
                done.more = true;
                return Ok(done);
            }
            match attempts(async || advance(shared, &player, now).await).await {
                Ok(true) => done.advanced.push(player),
                Ok(false) => {}
                Err(error) => match error.refusal() {
                    Some(refusal) => done.refused.push(RefusedPlayer { player, refusal: refusal.clone() }),
                    None => return Err(error),
                },
            }
        }
        after = last;
    }
}

/// Advances a player who is still due; whether it did.
async fn advance(shared: &Shared, player: &str, now: Instant) -> Result<bool> {
    let session = Session::ready(shared).await?;
    let done = async {
        let connection = session.connection()?;
        let Some(loaded) = load(connection, &shared.rulesets, player, Purpose::RollOver(now)).await? else {
            return Ok(false);
        };
        let stop = loaded.player.state.last_at.and_then(|last_at| stop_before(last_at, now)).unwrap_or(now);
        decide_and_write(connection, loaded, stop, &Command::Advance {}, shared.outbox).await?;
        Ok(true)
    };
    finish(done.await, session).await
}

/// A page of players who are due, in order.
async fn due(shared: &Shared, now: Instant, after: &(i64, String)) -> Result<Vec<(i64, String)>> {
    const DUE: &str = concat!(
        "SELECT ",
        micros!("due_at"),
        ", user_id FROM levelkit.players WHERE due_at <= ? AND (due_at, user_id COLLATE \"C\") > (?, ?) \
         ORDER BY due_at, user_id COLLATE \"C\" LIMIT 256"
    );
    let (after_due, after_user) = after;
    let binds = [at(now), Bind::Micros(Some(Micros(*after_due))), after_user.into()];
    let session = Session::ready(shared).await?;
    let page = sql::<(BigInt, Text)>(DUE, &binds).rows(session.connection()?).await?;
    session.give_back();
    Ok(page)
}
