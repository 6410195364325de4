//! Time passes for many players, in parts.
//!
//! Each part is a transaction of its own on the one connection that writes, so that commands come through in between: of this store,
//! whose jobs take turns, and of other processes, for whom the lock is left alone for a moment.

use std::collections::HashSet;
use std::time::{Duration, Instant as Clock};

use diesel::SqliteConnection;
use diesel::prelude::*;
use levelkit::{Event, Instant};

use super::execute::{Executor, Manner, for_many, turn_of_many};
use super::schema::levelkit_players;
use super::{Session, Sqlite};
use crate::convert;
use crate::error::Result;
use crate::stops::stop_of_many;
use crate::view::{RollOver, RollOverOptions};

/// So many players share a transaction.
const AT_ONCE: usize = 256;

/// A part ends with the player with whom it has closed so many days: most close one, who was away for long hundreds.
const DAYS_AT_ONCE: usize = 1024;

/// Between two parts the lock is free for a tenth of the time that the last one took, within these bounds: who waits for it in another
/// process asks again every now and then, in the end every 100 milliseconds, and must find it free.
const FREE: [Duration; 2] = [Duration::from_millis(1), Duration::from_millis(100)];

/// Where a rolling over goes on: behind a player, in the order in which they are due.
type Place = (i64, String);

/// Advances players whose oldest day is due, the longest overdue first. Who cannot be advanced is set aside.
pub(super) async fn roll_over(sqlite: &Sqlite, now: Instant, options: &RollOverOptions) -> Result<RollOver> {
    let (mut done, mut aside) = (RollOver::default(), HashSet::new());
    let mut after: Option<Place> = None;
    loop {
        let room = options.limit.saturating_sub(done.advanced.len()).min(AT_ONCE);
        if room == 0 {
            done.more = is_more(sqlite, now, options, after, aside).await?;
            return Ok(done);
        }
        let (options, from) = (options.clone(), after.clone());
        let job = move |session: &mut Session| {
            let began = Clock::now();
            let part = for_many(|manner| {
                let from = from.as_ref();
                session.write(|conn, executor| roll_part(executor, conn, now, (&options, room), from, manner))
            })?;
            if part.last.is_some() {
                std::thread::sleep((began.elapsed() / 10).clamp(FREE[0], FREE[1]));
            }
            Ok(part)
        };
        after = sqlite.writer.run(job).await?.note(&mut done, &mut aside)?;
        if after.is_none() {
            return Ok(done);
        }
    }
}

/// What a transaction made of a part of those who are due.
#[derive(Default)]
struct Part {
    /// Behind whom it goes on, if others may be due: the last of them, or the first who is only nearer and so due again.
    last: Option<Place>,
    /// Those who reached the instant, and those who were away so long that they are only nearer to it.
    players: Vec<(String, Result<bool>)>,
}

impl Part {
    /// Notes what became of its players; behind whom it goes on. Who was set aside before is so once.
    fn note(self, done: &mut RollOver, aside: &mut HashSet<String>) -> Result<Option<Place>> {
        for (player, advanced) in self.players {
            match advanced {
                Ok(true) => done.advanced.push(player),
                Ok(false) => {}
                Err(error) if aside.insert(player.clone()) => done.set_aside(&player, error)?,
                Err(_) => {}
            }
        }
        Ok(self.last)
    }
}

/// Advances up to `limit` players in the one transaction that the caller has begun.
fn roll_part(
    executor: &mut Executor,
    conn: &mut SqliteConnection,
    now: Instant,
    (options, limit): (&RollOverOptions, usize),
    after: Option<&Place>,
    manner: Manner,
) -> Result<Part> {
    let (mut part, mut nearer, mut days) = (Part::default(), None, 0);
    let page = due(conn, now, options, after, limit)?;
    let (found, mut last) = (page.len(), None);
    for Due { at, player, last_at } in page {
        // What cannot be read is said when the player is loaded.
        let last_at = last_at.and_then(|last_at| convert::instant("levelkit_players.last_at", last_at).ok());
        let stop = last_at.and_then(|last_at| stop_of_many(last_at, now));
        let turn = turn_of_many(executor, conn, manner, (&player, stop.unwrap_or(now)), None)?;
        let advanced = turn.map(|outcome| {
            days += outcome.events.iter().filter(|event| matches!(event, Event::DayClosed { .. })).count();
            stop.is_none()
        });
        last = Some((at, player.clone()));
        if matches!(advanced, Ok(false)) && nearer.is_none() {
            nearer.clone_from(&last);
        }
        part.players.push((player, advanced));
        if days >= DAYS_AT_ONCE {
            break;
        }
    }
    let is_last = found < limit && part.players.len() == found;
    part.last = nearer.or(last.filter(|_| !is_last));
    Ok(part)
}

/// Somebody who is due.
#[derive(Queryable)]
struct Due {
    at: i64,
    player: String,
    last_at: Option<i64>,
}

/// The next who are due, in order.
fn due(
    conn: &mut SqliteConnection,
    now: Instant,
    options: &RollOverOptions,
    after: Option<&Place>,
    limit: usize,
) -> Result<Vec<Due>> {
    let due_at = levelkit_players::due_at.assume_not_null();
    let (after_due, after_user) = after.map_or((i64::MIN, ""), |(due, user)| (*due, user));
    let later = due_at.gt(after_due).or(due_at.eq(after_due).and(levelkit_players::user_id.gt(after_user)));
    let seen_since = options.seen_since(now).map_or(i64::MIN, Instant::micros);
    let page = levelkit_players::table
        .filter(levelkit_players::due_at.le(now.micros()))
        .filter(later)
        .filter(levelkit_players::seen_at.is_null().or(levelkit_players::seen_at.assume_not_null().ge(seen_since)))
        .order((levelkit_players::due_at, levelkit_players::user_id))
        .limit(i64::try_from(limit).unwrap_or(i64::MAX))
        .select((due_at, levelkit_players::user_id, levelkit_players::last_at));
    Ok(page.load(conn)?)
}

/// Whether somebody is due behind a place who was not set aside.
async fn is_more(
    sqlite: &Sqlite,
    now: Instant,
    options: &RollOverOptions,
    after: Option<Place>,
    aside: HashSet<String>,
) -> Result<bool> {
    let options = options.clone();
    let job = move |conn: &mut SqliteConnection| {
        let next = due(conn, now, &options, after.as_ref(), aside.len() + 1)?;
        Ok(next.iter().any(|next| !aside.contains(&next.player)))
    };
    sqlite.read(move |conn, _| job(conn)).await
}
