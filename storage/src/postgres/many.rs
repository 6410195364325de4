//! Many players at once: their rows are locked, asked for and written by as many statements as one player's are.
//!
//! Whoever locks several players' rows takes them in the order of their ids, or takes only those that nobody else has: so all who
//! lock players wait for each other without ever standing in each other's way.

use std::collections::{BTreeMap, HashSet};

use diesel::sql_types::{BigInt, Bool, Nullable, Text};
use diesel_async::AsyncPgConnection;
use levelkit::Instant;

use super::execute::{Turn, decide, finish, send};
use super::id::{is_possible, of_player, sendable};
use super::load::{Purpose, load_all, lock, micros};
use super::query::{batch, sql};
use super::session::{Session, Shared, attempts, transaction};
use super::statement::{Kept, at};
use crate::bind::{Bind, Micros};
use crate::convert::instant;
use crate::error::{Error, Result};
use crate::stops::stop_of_many;
use crate::view::{EventsBefore, Outcome, PlayerReport, Reported, RollOver, RollOverOptions};

/// So many players are held in memory at once.
const AT_ONCE: usize = 1000;

/// So many players share a transaction when time passes for them: it holds their rows, and a command waits for it.
const ROLLED_AT_ONCE: usize = 256;

/// Does reports of any number of players, in one transaction.
pub(super) async fn report_many(shared: &Shared, reports: &[PlayerReport]) -> Result<Reported> {
    let before = come_near(shared, reports).await?;
    let done = transaction(shared, "BEGIN", async |c| {
        let ids: Vec<String> = latest(reports).into_keys().map(str::to_owned).collect();
        lock(c, &ids).await?;
        let mut reported = Reported::default();
        for wave in waves(reports) {
            for part in wave.chunks(AT_ONCE) {
                report_part(c, shared, reports, part, &mut reported).await?;
            }
        }
        Ok(reported)
    });
    Ok(done.await?.in_order().behind(before))
}

/// Reports of different players, whose rows are locked: `part` says which.
async fn report_part(
    c: &AsyncPgConnection,
    shared: &Shared,
    reports: &[PlayerReport],
    part: &[usize],
    reported: &mut Reported,
) -> Result<()> {
    let these: Vec<(usize, &PlayerReport)> =
        part.iter().filter_map(|index| Some((*index, reports.get(*index)?))).collect();
    let ids: Vec<String> = these.iter().map(|(_, report)| sendable(&report.player).to_owned()).collect();
    let loaded = load_all(c, &shared.rulesets, &ids, Purpose::Locked).await?;
    let mut kept = Kept::new(shared.outbox);
    for ((index, report), loaded) in these.into_iter().zip(loaded) {
        let command = report.command();
        let done = loaded.and_then(|mut loaded| {
            let turn = Turn::command(&loaded, report.at, shared.clock_tolerance, &command);
            decide(&mut loaded, turn, &mut kept)
        });
        // Of an id that no player can have, the caller's own words.
        let done = of_player(&report.player).and(done);
        reported.note(index, &report.player, done)?;
    }
    send(c, kept.statements()).await
}

/// Players by id, each with the instant of the last report.
fn latest(reports: &[PlayerReport]) -> BTreeMap<&str, Instant> {
    let mut latest = BTreeMap::new();
    for report in reports.iter().filter(|report| is_possible(&report.player)) {
        let at = latest.entry(report.player.as_str()).or_insert(report.at);
        *at = report.at.max(*at);
    }
    latest
}

/// The places of the reports, such that of each player there is one in a wave, and in their order.
fn waves(reports: &[PlayerReport]) -> Vec<Vec<usize>> {
    let mut made: BTreeMap<&str, usize> = BTreeMap::new();
    let mut waves: Vec<Vec<usize>> = Vec::new();
    for (index, report) in reports.iter().enumerate() {
        let wave = made.entry(report.player.as_str()).or_default();
        match waves.get_mut(*wave) {
            Some(wave) => wave.push(index),
            None => waves.push(vec![index]),
        }
        *wave += 1;
    }
    waves
}

/// Brings players who were away for very long nearer to their first report, in transactions of their own; what happened then.
async fn come_near(shared: &Shared, reports: &[PlayerReport]) -> Result<EventsBefore> {
    const LAST: &str = concat!(
        "SELECT user_id, ",
        micros!("last_at"),
        " FROM levelkit.players WHERE user_id = any(?) AND last_at IS NOT NULL"
    );
    let mut first: BTreeMap<&str, Instant> = BTreeMap::new();
    for report in reports.iter().filter(|report| is_possible(&report.player)) {
        first.entry(report.player.as_str()).or_insert(report.at);
    }
    let mut ids: Vec<String> = first.keys().map(|id| (*id).to_owned()).collect();
    let mut before = EventsBefore::default();
    while !ids.is_empty() {
        let last: Vec<(String, Option<i64>)> = attempts(async || {
            let session = Session::ready(shared).await?;
            let binds = [Bind::Texts(ids.clone())];
            let rows = sql::<(Text, Nullable<BigInt>)>(LAST, &binds).rows(session.connection()?).await?;
            session.give_back();
            Ok(rows)
        })
        .await?;
        ids.clear();
        let mut stops = Vec::new();
        for (id, last_at) in last {
            let last_at = last_at.map(|last_at| instant("players.last_at", last_at)).transpose();
            // What cannot be read is said when the report is made.
            let stop =
                last_at.ok().flatten().zip(first.get(id.as_str())).and_then(|(last, at)| stop_of_many(last, *at));
            stops.extend(stop.map(|stop| (id, stop)));
        }
        for part in stops.chunks(FAR_AT_ONCE) {
            let moved = transaction(shared, "BEGIN", async |c| {
                let ids: Vec<String> = part.iter().map(|(id, _)| id.clone()).collect();
                lock(c, &ids).await?;
                advance_to(c, shared, part).await
            });
            for ((id, _), done) in part.iter().zip(moved.await?) {
                match done {
                    Ok(outcome) => {
                        before.entry(id.clone()).or_default().extend(outcome.events);
                        ids.push(id.clone());
                    }
                    // Why is said when the report is made.
                    Err(error) if error.is_a_players_own() => {}
                    Err(error) => return Err(error),
                }
            }
        }
    }
    Ok(before)
}

/// Those who were away for very long have hundreds of days to be written each.
const FAR_AT_ONCE: usize = 8;

/// Lets time pass for players whose rows are locked; what became of each.
async fn advance_to(
    c: &AsyncPgConnection,
    shared: &Shared,
    players: &[(String, Instant)],
) -> Result<Vec<Result<Outcome>>> {
    let ids: Vec<String> = players.iter().map(|(id, _)| id.clone()).collect();
    let loaded = load_all(c, &shared.rulesets, &ids, Purpose::Locked).await?;
    let mut kept = Kept::new(shared.outbox);
    let turns = loaded.into_iter().zip(players);
    let done = turns.map(|(loaded, (_, to))| loaded.and_then(|loaded| advance(loaded, *to, &mut kept))).collect();
    send(c, kept.statements()).await?;
    Ok(done)
}

/// Lets time pass, but not back: somebody may have been faster.
fn advance(mut loaded: super::load::Loaded, to: Instant, kept: &mut Kept) -> Result<Outcome> {
    let to = loaded.player.state.last_at.map_or(to, |last_at| last_at.max(to));
    decide(&mut loaded, Turn::advance(to), kept)
}

/// Advances players whose oldest day is due, the longest overdue first. Whom somebody else has in hand is left to them; who
/// cannot be advanced is set aside.
pub(super) async fn roll_over(shared: &Shared, now: Instant, options: &RollOverOptions) -> Result<RollOver> {
    let mut done = RollOver::default();
    let mut after = (Instant::MIN.micros(), String::new());
    let mut aside = HashSet::new();
    loop {
        let room = options.limit.saturating_sub(done.advanced.len()).min(ROLLED_AT_ONCE);
        if room == 0 {
            done.more = attempts(async || is_more(shared, now, options, &after).await).await?;
            return Ok(done);
        }
        let part = attempts(async || roll_part(shared, now, options, &after, room).await).await;
        let taken = match part {
            Ok(part) => part.note(&mut done, &mut aside)?,
            Err(error) if error.may_be_one_players() => {
                one_by_one(shared, now, options, &after, room, (&mut done, &mut aside)).await?
            }
            Err(error) => return Err(error),
        };
        match taken {
            Some(last) => after = last,
            None => return Ok(done),
        }
    }
}

/// What a transaction made of a part of those who are due.
struct Part {
    /// Behind whom it goes on, in the order in which they are due: the last of them, or the first who is only nearer and so due again.
    last: Option<(i64, String)>,
    /// Those who reached the instant, and those who were away so long that they are only nearer to it.
    players: Vec<(String, Result<bool>)>,
}

impl Part {
    /// Notes what became of its players; behind whom it goes on. Who was set aside before is so once.
    fn note(self, done: &mut RollOver, aside: &mut HashSet<String>) -> Result<Option<(i64, String)>> {
        for (player, advanced) in self.players {
            match advanced {
                Ok(true) => done.advanced.push(player),
                Ok(false) => {}
                Err(error) => set_aside(done, aside, player, error)?,
            }
        }
        Ok(self.last)
    }
}

/// The condition under which a player is rolled over.
macro_rules! due {
    ($before:expr, $after:expr) => {
        concat!(
            $before,
            " FROM levelkit.players WHERE due_at <= ? AND (due_at, user_id COLLATE \"C\") > (?, ?) AND (?::timestamp IS NULL \
             OR coalesce(seen_at, last_at) >= ?)",
            $after
        )
    };
}

fn due_binds(now: Instant, options: &RollOverOptions, (after_due, after_user): &(i64, String)) -> [Bind<'static>; 5] {
    let seen: Bind<'static> = options.seen_since(now).into();
    [at(now), Bind::Micros(Some(Micros(*after_due))), after_user.clone().into(), seen.clone(), seen]
}

/// Advances up to `limit` players in one transaction.
async fn roll_part(
    shared: &Shared,
    now: Instant,
    options: &RollOverOptions,
    after: &(i64, String),
    limit: usize,
) -> Result<Part> {
    let session = Session::ready(shared).await?;
    let done = async {
        let connection = session.connection()?;
        let (begun, taken) =
            futures_util::join!(batch("BEGIN", connection), take(connection, now, options, after, limit));
        begun?;
        let taken = taken?;
        let ids: Vec<String> = taken.iter().map(|(_, id)| id.clone()).collect();
        let loaded = load_all(connection, &shared.rulesets, &ids, Purpose::Locked).await?;
        let mut kept = Kept::new(shared.outbox);
        let players = ids.into_iter().zip(loaded).map(|(id, loaded)| {
            let advanced = loaded.and_then(|loaded| {
                let stop = loaded.player.state.last_at.and_then(|last_at| stop_of_many(last_at, now));
                advance(loaded, stop.unwrap_or(now), &mut kept).map(|_| stop.is_none())
            });
            (id, advanced)
        });
        let players: Vec<_> = players.collect();
        send(connection, kept.statements()).await?;
        let nearer = players.iter().position(|(_, advanced)| matches!(advanced, Ok(false)));
        let last = nearer.and_then(|place| taken.get(place)).or(taken.last()).cloned();
        Ok(Part { last, players })
    };
    finish(done.await, session).await
}

/// Locks players who are due and whom nobody else has in hand.
async fn take(
    c: &AsyncPgConnection,
    now: Instant,
    options: &RollOverOptions,
    after: &(i64, String),
    limit: usize,
) -> Result<Vec<(i64, String)>> {
    const TAKE: &str = due!(
        concat!("SELECT ", micros!("due_at"), ", user_id"),
        " ORDER BY due_at, user_id COLLATE \"C\" LIMIT ? FOR NO KEY UPDATE SKIP LOCKED"
    );
    let mut binds = due_binds(now, options, after).to_vec();
    binds.push(i64::try_from(limit).unwrap_or(i64::MAX).into());
    sql::<(BigInt, Text)>(TAKE, &binds).rows(c).await
}

/// Whether somebody is due behind a place.
async fn is_more(shared: &Shared, now: Instant, options: &RollOverOptions, after: &(i64, String)) -> Result<bool> {
    const MORE: &str = due!("SELECT EXISTS (SELECT 1", ")");
    let session = Session::ready(shared).await?;
    let more: Option<bool> = sql::<Bool>(MORE, &due_binds(now, options, after)).row(session.connection()?).await?;
    session.give_back();
    Ok(more == Some(true))
}

/// Advances the next players each in a transaction of its own, so that one whose rows the database refuses holds nobody up.
async fn one_by_one(
    shared: &Shared,
    now: Instant,
    options: &RollOverOptions,
    after: &(i64, String),
    limit: usize,
    (done, aside): (&mut RollOver, &mut HashSet<String>),
) -> Result<Option<(i64, String)>> {
    let mut after = after.clone();
    for number in 0..limit {
        let taken = match attempts(async || roll_part(shared, now, options, &after, 1).await).await {
            Ok(part) => part.note(done, aside)?,
            Err(error) if error.may_be_one_players() => {
                let next = attempts(async || next_due(shared, now, options, &after).await).await?;
                if let Some((_, player)) = &next {
                    set_aside(done, aside, player.clone(), error)?;
                }
                next
            }
            Err(error) => return Err(error),
        };
        match taken {
            Some(last) => after = last,
            None if number == 0 => return Ok(None),
            None => break,
        }
    }
    Ok(Some(after))
}

fn set_aside(done: &mut RollOver, aside: &mut HashSet<String>, player: String, error: Error) -> Result<()> {
    if aside.contains(&player) {
        return Ok(());
    }
    done.set_aside(&player, error)?;
    aside.insert(player);
    Ok(())
}

/// Who is due next and in nobody's hands, whatever their other rows hold.
async fn next_due(
    shared: &Shared,
    now: Instant,
    options: &RollOverOptions,
    after: &(i64, String),
) -> Result<Option<(i64, String)>> {
    let session = Session::ready(shared).await?;
    let connection = session.connection()?;
    batch("BEGIN", connection).await?;
    let next = take(connection, now, options, after, 1).await;
    session.roll_back().await;
    Ok(next?.into_iter().next())
}
