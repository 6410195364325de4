//! Leaderboards: live standings, the refreshed table, and the seal after a season's end (the rules, section 10).

use std::collections::HashMap;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};
use diesel::{OptionalExtension, SqliteConnection};
use levelkit::{IdKind, Instant, Refusal, SeasonStatus, Xp, id};

use super::execute::{self, Executor};
use super::schema::{levelkit_season_seals, season_leaderboards, season_participations, seasons};
use crate::convert::status_between;
use crate::error::Result;
use crate::view::{LeaderboardPage, Refreshed, RollOverOptions, Standing};

/// Ranks come from the scores themselves, so a page is never behind them.
const STANDINGS: &str = "\
    SELECT ranked.rank, ranked.user_id, users.name, ranked.season_xp FROM ( \
        SELECT user_id, season_xp, rank() OVER (ORDER BY season_xp DESC) AS rank \
        FROM season_participations WHERE season_id = ? \
    ) AS ranked JOIN users ON users.id = ranked.user_id";

#[derive(QueryableByName)]
struct StandingRow {
    #[diesel(sql_type = BigInt)]
    rank: i64,
    #[diesel(sql_type = Text)]
    user_id: String,
    #[diesel(sql_type = Nullable<Text>)]
    name: Option<String>,
    #[diesel(sql_type = BigInt)]
    season_xp: i64,
}

impl From<StandingRow> for Standing {
    fn from(row: StandingRow) -> Self {
        let StandingRow { rank, user_id, name, season_xp } = row;
        Self { rank, player: user_id, name, season_xp: Xp(season_xp) }
    }
}

/// A page of standings, `skip` places from the top.
pub(super) fn page(
    conn: &mut SqliteConnection,
    season: &str,
    at: Instant,
    skip: i64,
    limit: i64,
) -> Result<LeaderboardPage> {
    let status = status(conn, season, at)?;
    let standings = diesel::sql_query(format!("{STANDINGS} ORDER BY ranked.rank, ranked.user_id LIMIT ? OFFSET ?"))
        .bind::<Text, _>(season)
        .bind::<BigInt, _>(limit)
        .bind::<BigInt, _>(skip)
        .load::<StandingRow>(conn)?;
    Ok(LeaderboardPage {
        season: season.to_owned(),
        status,
        sealed: is_sealed(conn, season)?,
        participants: participants(conn, season)?,
        standings: standings.into_iter().map(Into::into).collect(),
    })
}

/// Where a player stands; none who takes no part.
pub(super) fn standing(conn: &mut SqliteConnection, season: &str, player: &str) -> Result<Option<Standing>> {
    status(conn, season, Instant::MIN)?;
    let row = diesel::sql_query(format!("{STANDINGS} WHERE ranked.user_id = ?"))
        .bind::<Text, _>(season)
        .bind::<Text, _>(player)
        .get_result::<StandingRow>(conn)
        .optional()?;
    Ok(row.map(Into::into))
}

/// Brings the leaderboard, the ranks and the seasons' status up to date; only rows that changed are written. The first
/// refresh after the end closes everybody's due days first, and then seals the season.
pub(super) fn refresh(
    conn: &mut SqliteConnection,
    executor: &mut Executor,
    season: &str,
    now: Instant,
) -> Result<Refreshed> {
    let ended = status(conn, season, now)? == SeasonStatus::Ended;
    set_statuses(conn, now)?;
    if is_sealed(conn, season)? {
        return Ok(Refreshed { participants: participants(conn, season)?, changed: 0, sealed: true });
    }
    if ended {
        execute::roll_over(executor, conn, now, &RollOverOptions::new(usize::MAX))?;
    }
    let changed = write_ranks(conn, season, now)?;
    if ended {
        let seal = (levelkit_season_seals::season_id.eq(season), levelkit_season_seals::sealed_at.eq(now.micros()));
        diesel::insert_into(levelkit_season_seals::table).values(seal).execute(conn)?;
    }
    Ok(Refreshed { participants: participants(conn, season)?, changed, sealed: ended })
}

fn write_ranks(conn: &mut SqliteConnection, season: &str, now: Instant) -> Result<i64> {
    let standings = diesel::sql_query(STANDINGS).bind::<Text, _>(season).load::<StandingRow>(conn)?;
    let written: HashMap<String, (i64, i64)> = season_leaderboards::table
        .filter(season_leaderboards::season_id.eq(season))
        .select((season_leaderboards::user_id, (season_leaderboards::rank, season_leaderboards::total_xp)))
        .load::<(String, (i64, i64))>(conn)?
        .into_iter()
        .collect();
    let mut changed = 0;
    for StandingRow { rank, user_id, name: _, season_xp } in standings {
        if written.get(&user_id) == Some(&(rank, season_xp)) {
            continue;
        }
        changed += 1;
        let standing = (
            season_leaderboards::rank.eq(rank),
            season_leaderboards::total_xp.eq(season_xp),
            season_leaderboards::updated_at.eq(now.micros()),
        );
        let key = (
            season_leaderboards::id.eq(id::season_leaderboard(season, &user_id)),
            season_leaderboards::season_id.eq(season),
            season_leaderboards::user_id.eq(&user_id),
        );
        diesel::insert_into(season_leaderboards::table)
            .values((key, standing))
            .on_conflict((season_leaderboards::season_id, season_leaderboards::user_id))
            .do_update()
            .set(standing)
            .execute(conn)?;
        let own = season_participations::season_id.eq(season).and(season_participations::user_id.eq(&user_id));
        diesel::update(season_participations::table.filter(own))
            .set(season_participations::rank.eq(rank))
            .execute(conn)?;
    }
    Ok(changed)
}

/// Where a season stands at an instant, by its own dates.
fn status(conn: &mut SqliteConnection, season: &str, at: Instant) -> Result<SeasonStatus> {
    let dates = seasons::table.find(season).select((seasons::start_date, seasons::end_date));
    let (start, end) = dates
        .first::<(i64, i64)>(conn)
        .optional()?
        .ok_or_else(|| Refusal::UnknownId { kind: IdKind::Season, id: season.to_owned() })?;
    Ok(status_between(start, end, at))
}

/// Sets `seasons.status` of every season.
fn set_statuses(conn: &mut SqliteConnection, now: Instant) -> Result<()> {
    let all = seasons::table.select((seasons::id, seasons::start_date, seasons::end_date, seasons::status));
    for (season, start, end, was) in all.load::<(String, i64, i64, String)>(conn)? {
        let status = status_between(start, end, now).as_str();
        if status != was {
            diesel::update(seasons::table.find(season)).set(seasons::status.eq(status)).execute(conn)?;
        }
    }
    Ok(())
}

fn is_sealed(conn: &mut SqliteConnection, season: &str) -> Result<bool> {
    let seals: i64 = levelkit_season_seals::table.find(season).count().get_result(conn)?;
    Ok(seals > 0)
}

fn participants(conn: &mut SqliteConnection, season: &str) -> Result<i64> {
    let own = season_participations::table.filter(season_participations::season_id.eq(season));
    Ok(own.count().get_result(conn)?)
}
