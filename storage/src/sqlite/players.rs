//! Players: made, listed, looked at.

use std::time::Duration;

use diesel::prelude::*;
use diesel::{OptionalExtension, SqliteConnection};
use levelkit::ledger::EventHash;
use levelkit::player::State;
use levelkit::{Command, Event, Instant, PlayerView, Refusal, Xp, Zone};

use super::load::{self, Loaded};
use super::schema::{levelkit_legacy, levelkit_players, levelkit_zone_history, users, xp_events};
use crate::convert::{int, optional_instant};
use crate::error::Result;
use crate::rulesets::Rulesets;
use crate::stops::{looked_at, tolerated};
use crate::view::{NewPlayer, PlayerSummary};

/// Makes a player, or adopts a user who is there already; false if it is a player already.
pub(super) fn create(conn: &mut SqliteConnection, player: &NewPlayer) -> Result<bool> {
    player.check()?;
    let NewPlayer { id, timezone, email, name } = player;
    let known: i64 = levelkit_players::table.find(id).count().get_result(conn)?;
    if known > 0 {
        return Ok(false);
    }
    let user: Option<(i64, i64, String)> =
        users::table.find(id).select((users::level, users::total_xp, users::timezone)).first(conn).optional()?;
    let (level, total_xp, own_timezone) = match user {
        Some(user) => user,
        None => {
            insert_user(conn, player)?;
            (1, 0, "UTC".to_owned())
        }
    };
    // What the caller states holds for an adopted user too.
    let row = users::table.find(id);
    if let Some(email) = email {
        free_email(conn, id, email)?;
        diesel::update(row).set(users::email.eq(email)).execute(conn)?;
    }
    if let Some(name) = name {
        diesel::update(row).set(users::name.eq(name)).execute(conn)?;
    }
    let timezone = timezone.clone().unwrap_or(own_timezone);
    if Zone::named(&timezone).is_none() {
        return Err(Refusal::InvalidTimezone { timezone }.into());
    }
    diesel::update(row).set(users::timezone.eq(&timezone)).execute(conn)?;
    insert_record(conn, id, level, total_xp)?;
    let zone = (
        levelkit_zone_history::user_id.eq(id),
        levelkit_zone_history::since.eq(Instant::MIN.micros()),
        levelkit_zone_history::timezone.eq(&timezone),
    );
    diesel::insert_into(levelkit_zone_history::table).values(zone).execute(conn)?;
    Ok(true)
}

fn insert_user(conn: &mut SqliteConnection, player: &NewPlayer) -> Result<()> {
    let email = player.address();
    free_email(conn, &player.id, &email)?;
    let user = (users::id.eq(&player.id), users::email.eq(email));
    diesel::insert_into(users::table).values(user).execute(conn)?;
    Ok(())
}

/// Refuses an address that another user has.
fn free_email(conn: &mut SqliteConnection, id: &str, email: &str) -> Result<()> {
    let others = users::table.filter(users::email.eq(email).and(users::id.ne(id)));
    match others.count().get_result::<i64>(conn)? {
        0 => Ok(()),
        _ => Err(Refusal::IdConflict { id: email.to_owned() }.into()),
    }
}

/// The engine's own record of a player. Events from before stay as they are, unsealed; their last one, number and sum are kept.
fn insert_record(conn: &mut SqliteConnection, id: &str, level: i64, total_xp: i64) -> Result<()> {
    let last = xp_events::table
        .filter(xp_events::user_id.eq(id))
        .order((xp_events::created_at.desc(), xp_events::id.desc()))
        .select((xp_events::id, xp_events::created_at))
        .first::<(String, i64)>(conn)
        .optional()?;
    let last_created_at = last.as_ref().map(|(_, created_at)| *created_at);
    if let Some((last_event_id, created_at)) = last {
        let legacy = xp_events::table.filter(xp_events::user_id.eq(id)).select(xp_events::final_xp);
        let legacy: Vec<i64> = legacy.load(conn)?;
        let row = (
            levelkit_legacy::user_id.eq(id),
            levelkit_legacy::last_event_id.eq(last_event_id),
            levelkit_legacy::last_created_at.eq(created_at),
            levelkit_legacy::events.eq(i64::try_from(legacy.len()).unwrap_or(i64::MAX)),
            levelkit_legacy::xp.eq(legacy.iter().sum::<i64>()),
        );
        diesel::insert_into(levelkit_legacy::table).values(row).execute(conn)?;
    }
    let fresh = State::new(Zone::UTC);
    let record = (
        levelkit_players::user_id.eq(id),
        levelkit_players::head_hash.eq(EventHash::ZERO.to_string()),
        levelkit_players::last_created_at.eq(last_created_at),
        levelkit_players::title_inputs.eq(i64::from(fresh.title_inputs)),
        levelkit_players::adopted_level.eq(level),
        levelkit_players::adopted_total_xp.eq(total_xp),
    );
    diesel::insert_into(levelkit_players::table).values(record).execute(conn)?;
    Ok(())
}

/// Players by id, after one of them.
pub(super) fn list(conn: &mut SqliteConnection, after: Option<&str>, limit: usize) -> Result<Vec<PlayerSummary>> {
    let rows = levelkit_players::table
        .inner_join(users::table.on(users::id.eq(levelkit_players::user_id)))
        .filter(levelkit_players::user_id.gt(after.unwrap_or("")))
        .order(levelkit_players::user_id)
        .limit(i64::try_from(limit).unwrap_or(i64::MAX))
        .select((
            users::id,
            users::name,
            users::level,
            users::total_xp,
            users::current_streak,
            levelkit_players::last_at,
        ))
        .load::<(String, Option<String>, i64, i64, i64, Option<i64>)>(conn)?;
    let summary = |(id, name, level, total_xp, current_streak, last_at)| {
        Ok(PlayerSummary {
            id,
            name,
            level: int("users.level", level)?,
            total_xp: Xp(total_xp),
            current_streak: int("users.current_streak", current_streak)?,
            last_at: optional_instant("levelkit_players.last_at", last_at)?,
        })
    };
    rows.into_iter().map(summary).collect()
}

/// How a player stands at an instant, or stood at the last command.
pub(super) fn view(
    conn: &mut SqliteConnection,
    rulesets: &Rulesets,
    id: &str,
    at: Option<Instant>,
    tolerance: Duration,
) -> Result<PlayerView> {
    let Loaded { player, engine, sums: _ } = load::load(conn, rulesets, id, None)?;
    let at = looked_at(at, player.state.last_at, tolerance);
    Ok(engine.view(&player, at)?)
}

/// What a command would bring, without doing it.
pub(super) fn preview(
    conn: &mut SqliteConnection,
    rulesets: &Rulesets,
    id: &str,
    (at, command): (Instant, &Command),
    tolerance: Duration,
) -> Result<Vec<Event>> {
    let Loaded { player, engine, sums: _ } = load::load(conn, rulesets, id, Some(command))?;
    let at = tolerated(at, player.state.last_at, tolerance);
    Ok(engine.preview(&player, at, command)?)
}
