//! Players: made, listed, looked at.

use diesel::sql_types::{BigInt, Nullable, Text};
use diesel_async::AsyncPgConnection;
use levelkit::ledger::EventHash;
use levelkit::player::State;
use levelkit::{Command, Event, Instant, Player, PlayerView, Refusal, Xp, Zone};

use super::load::{Loaded, Purpose, load, micros};
use super::query::sql;
use super::session::{Session, Shared, attempts, transaction};
use crate::convert::{int, optional_instant};
use crate::error::{Error, Kind, Result};
use crate::stops::{looked_at, tolerated};
use crate::view::{NewPlayer, PlayerSummary};

/// Makes a player, or adopts a user who is there already; false if it is a player already.
pub(super) async fn create(shared: &Shared, player: &NewPlayer) -> Result<bool> {
    player.check()?;
    transaction(shared, "BEGIN", async |connection| create_in(connection, player).await).await
}

async fn create_in(c: &AsyncPgConnection, player: &NewPlayer) -> Result<bool> {
    const IS_PLAYER: &str = "SELECT user_id FROM levelkit.players WHERE user_id = ?";
    const USER: &str = "SELECT level::int8, total_xp, timezone FROM public.users WHERE id = ? FOR UPDATE";
    const INSERT: &str = "INSERT INTO public.users (id, email) VALUES (?, ?) ON CONFLICT DO NOTHING";
    const UPDATE: &str =
        "UPDATE public.users SET timezone = ?, email = coalesce(?, email), name = coalesce(?, name) WHERE id = ?";
    const ZONE: &str =
        "INSERT INTO levelkit.zone_history (user_id, since, timezone) VALUES (?, ?, ?) ON CONFLICT DO NOTHING";
    let NewPlayer { id, timezone, email, name } = player;
    if sql::<Text>(IS_PLAYER, &[id.into()]).row::<String>(c).await?.is_some() {
        return Ok(false);
    }
    let address = player.address();
    if sql::<Text>(USER_OF_EMAIL, &[(&address).into(), id.into()]).row::<String>(c).await?.is_some() && email.is_some()
    {
        return Err(Refusal::IdConflict { id: address }.into());
    }
    sql::<()>(INSERT, &[id.into(), (&address).into()]).run(c).await?;
    let user: Option<(i64, i64, String)> = sql::<(BigInt, BigInt, Text)>(USER, &[id.into()]).row(c).await?;
    // The address that a new player would have belongs to another user.
    let (level, total_xp, own_timezone) = user.ok_or(Refusal::IdConflict { id: address })?;
    let timezone = timezone.clone().unwrap_or(own_timezone);
    if Zone::named(&timezone).is_none() {
        return Err(Refusal::InvalidTimezone { timezone }.into());
    }
    let (email, name) = (email.as_deref(), name.as_deref());
    sql::<()>(UPDATE, &[(&timezone).into(), email.into(), name.into(), id.into()]).run(c).await?;
    if !insert_record(c, id, level, total_xp).await? {
        // What was just written of the user is not to stay; on a second look it is a player already.
        return Err(Error::new(Kind::Conflict { message: "the player was made meanwhile".to_owned() }));
    }
    sql::<()>(ZONE, &[id.into(), Instant::MIN.into(), (&timezone).into()]).run(c).await?;
    Ok(true)
}

const USER_OF_EMAIL: &str = "SELECT id FROM public.users WHERE email = ? AND id <> ?";

/// The engine's own record of a player; false if somebody else was faster. Events from before stay as they are, unsealed; their
/// last one, number and sum are kept.
async fn insert_record(c: &AsyncPgConnection, id: &str, level: i64, total_xp: i64) -> Result<bool> {
    const LEGACY: &str = "INSERT INTO levelkit.legacy (user_id, last_event_id, last_created_at, events, xp) \
        SELECT user_id, (array_agg(id ORDER BY created_at DESC, id COLLATE \"C\" DESC))[1], max(created_at), count(*), \
        sum(final_xp) FROM public.xp_events WHERE user_id = ? GROUP BY user_id \
        ON CONFLICT (user_id) DO UPDATE SET last_event_id = excluded.last_event_id, \
        last_created_at = excluded.last_created_at, events = excluded.events, xp = excluded.xp";
    const RECORD: &str = "INSERT INTO levelkit.players \
        (user_id, head_hash, last_created_at, title_inputs, adopted_level, adopted_total_xp) \
        VALUES (?, ?, (SELECT last_created_at FROM levelkit.legacy WHERE user_id = ?), ?, ?, ?) ON CONFLICT DO NOTHING";
    sql::<()>(LEGACY, &[id.into()]).run(c).await?;
    let title_inputs = i64::from(State::new(Zone::UTC).title_inputs);
    let zero = EventHash::ZERO.to_string();
    let binds = [id.into(), zero.into(), id.into(), title_inputs.into(), level.into(), total_xp.into()];
    Ok(sql::<()>(RECORD, &binds).run(c).await? > 0)
}

/// Players by id, after one of them.
pub(super) async fn list(shared: &Shared, after: Option<&str>, limit: usize) -> Result<Vec<PlayerSummary>> {
    const PLAYERS: &str = concat!(
        "SELECT u.id, u.name, u.level::int8, u.total_xp, u.current_streak::int8, ",
        micros!("p.last_at"),
        " FROM levelkit.players AS p JOIN public.users AS u ON u.id = p.user_id \
         WHERE p.user_id COLLATE \"C\" > ? ORDER BY p.user_id COLLATE \"C\" LIMIT ?"
    );
    type Columns = (Text, Nullable<Text>, BigInt, BigInt, BigInt, Nullable<BigInt>);
    type Row = (String, Option<String>, i64, i64, i64, Option<i64>);
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = attempts(async || {
        let session = Session::ready(shared).await?;
        let binds = [after.unwrap_or("").into(), limit.into()];
        let rows: Vec<Row> = sql::<Columns>(PLAYERS, &binds).rows(session.connection()?).await?;
        session.give_back();
        Ok(rows)
    });
    let summary = |(id, name, level, total_xp, current_streak, last_at): Row| {
        Ok(PlayerSummary {
            id,
            name,
            level: int("users.level", level)?,
            total_xp: Xp(total_xp),
            current_streak: int("users.current_streak", current_streak)?,
            last_at: optional_instant("players.last_at", last_at)?,
        })
    };
    rows.await?.into_iter().map(summary).collect()
}

/// Loads a player to look at, and looks.
async fn look<R>(
    shared: &Shared,
    id: &str,
    command: Option<&Command>,
    look: impl Fn(Loaded) -> Result<R>,
) -> Result<R> {
    attempts(async || {
        let session = Session::ready(shared).await?;
        let loaded = load(session.connection()?, &shared.rulesets, id, Purpose::Look(command)).await;
        session.roll_back().await;
        look(loaded?)
    })
    .await
}

/// How a player stands at an instant, or stood at the last command.
pub(super) async fn view(shared: &Shared, id: &str, at: Option<Instant>) -> Result<PlayerView> {
    look(shared, id, None, |Loaded { player, engine, .. }| {
        let at = looked_at(at, player.state.last_at, shared.clock_tolerance);
        Ok(engine.view(&player, at)?)
    })
    .await
}

/// What a command would bring, without doing it.
pub(super) async fn preview(shared: &Shared, id: &str, at: Instant, command: &Command) -> Result<Vec<Event>> {
    look(shared, id, Some(command), |Loaded { player, engine, .. }| {
        let at = tolerated(at, player.state.last_at, shared.clock_tolerance);
        Ok(engine.preview(&player, at, command)?)
    })
    .await
}

/// A player as the engine knows one.
pub(super) async fn state(shared: &Shared, id: &str) -> Result<Player> {
    look(shared, id, None, |loaded| Ok(loaded.player)).await
}
