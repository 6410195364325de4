//! Live standings. A player's rank is a sum over counts that stand beside the scores; triggers keep both (migration 0002), in the
//! transaction that writes the score.

use diesel::SqliteConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};
use levelkit::{IdKind, Instant, Refusal, SeasonStatus, Xp};

use super::schema::{levelkit_season_seals, seasons};
use crate::error::Result;
use crate::standings::{Scored, count, ranked};
use crate::view::{LeaderboardPage, Standing};

/// Up to so many places from the top are passed over one by one.
const SHALLOW: i64 = 512;

/// The rank of a score: one more than have a higher one. Of the widest buckets only those count that lie above the score's own, of the
/// narrower ones those above within it.
const RANK: &str = "SELECT 1 + (SELECT coalesce(sum(count), 0) FROM levelkit_score_counts \
        WHERE season_id = ?1 AND width = 16 AND bucket > ?2 >> 16) \
    + (SELECT coalesce(sum(count), 0) FROM levelkit_score_counts \
        WHERE season_id = ?1 AND width = 8 AND bucket > ?2 >> 8 AND bucket <= ((?2 >> 16) << 8) + 255) \
    + (SELECT coalesce(sum(count), 0) FROM levelkit_score_counts \
        WHERE season_id = ?1 AND width = 0 AND bucket > ?2 AND bucket <= ((?2 >> 8) << 8) + 255) AS number";

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

#[derive(QueryableByName)]
struct PlaceRow {
    #[diesel(sql_type = Text)]
    user_id: String,
    #[diesel(sql_type = Nullable<Text>)]
    name: Option<String>,
    #[diesel(sql_type = BigInt)]
    season_xp: i64,
}

/// A page of standings, `skip` places from the top.
pub(super) fn page(
    conn: &mut SqliteConnection,
    season: &str,
    at: Instant,
    skip: i64,
    limit: i64,
) -> Result<LeaderboardPage> {
    const PAGE: &str = "SELECT page.user_id, users.name, page.season_xp FROM ( \
            SELECT user_id, season_xp FROM levelkit_scores WHERE season_id = ? AND season_xp <= ? \
            ORDER BY season_xp DESC, user_id LIMIT ? OFFSET ? \
        ) AS page JOIN users ON users.id = page.user_id ORDER BY page.season_xp DESC, page.user_id";
    let place = if skip > SHALLOW { place(conn, season, skip)? } else { Some((i64::MAX, 0)) };
    let rows = match place {
        Some((score, above)) => diesel::sql_query(PAGE)
            .bind::<Text, _>(season)
            .bind::<BigInt, _>(score)
            .bind::<BigInt, _>(limit)
            .bind::<BigInt, _>(skip.saturating_sub(above))
            .load::<PlaceRow>(conn)?,
        None => Vec::new(),
    };
    about(conn, season, at, rows, |row, _| skip.saturating_add(count(row)).saturating_add(1))
}

/// The places around a player's: as many above and below. None for somebody who takes no part.
pub(super) fn around(
    conn: &mut SqliteConnection,
    season: &str,
    at: Instant,
    player: &str,
    places: i64,
) -> Result<Option<LeaderboardPage>> {
    const AROUND: &str = "WITH own AS MATERIALIZED ( \
            SELECT user_id, season_xp FROM levelkit_scores WHERE season_id = ?1 AND user_id = ?2 \
        ), tied_above AS (SELECT user_id, season_xp FROM levelkit_scores \
            WHERE season_id = ?1 AND season_xp = (SELECT season_xp FROM own) AND user_id < (SELECT user_id FROM own) \
            ORDER BY user_id DESC LIMIT ?3 \
        ), better AS (SELECT user_id, season_xp FROM levelkit_scores \
            WHERE season_id = ?1 AND season_xp > (SELECT season_xp FROM own) ORDER BY season_xp, user_id DESC LIMIT ?3 \
        ), above AS (SELECT * FROM tied_above UNION ALL SELECT * FROM better ORDER BY season_xp, user_id DESC LIMIT ?3 \
        ), tied_below AS (SELECT user_id, season_xp FROM levelkit_scores \
            WHERE season_id = ?1 AND season_xp = (SELECT season_xp FROM own) AND user_id > (SELECT user_id FROM own) \
            ORDER BY user_id LIMIT ?3 \
        ), worse AS (SELECT user_id, season_xp FROM levelkit_scores \
            WHERE season_id = ?1 AND season_xp < (SELECT season_xp FROM own) ORDER BY season_xp DESC, user_id LIMIT ?3 \
        ), below AS (SELECT * FROM tied_below UNION ALL SELECT * FROM worse ORDER BY season_xp DESC, user_id LIMIT ?3) \
        SELECT page.user_id, users.name, page.season_xp FROM ( \
            SELECT * FROM above UNION ALL SELECT user_id, season_xp FROM own UNION ALL SELECT * FROM below \
        ) AS page JOIN users ON users.id = page.user_id ORDER BY page.season_xp DESC, page.user_id";
    let rows: Vec<PlaceRow> = diesel::sql_query(AROUND)
        .bind::<Text, _>(season)
        .bind::<Text, _>(player)
        .bind::<BigInt, _>(places)
        .load(conn)?;
    let page = about(conn, season, at, rows, |_, second| second)?;
    Ok((!page.standings.is_empty()).then_some(page))
}

/// Where a player stands; none who takes no part.
pub(super) fn standing(conn: &mut SqliteConnection, season: &str, player: &str) -> Result<Option<Standing>> {
    const OWN: &str = "SELECT own.user_id, users.name, own.season_xp FROM levelkit_scores AS own \
        JOIN users ON users.id = own.user_id WHERE own.season_id = ? AND own.user_id = ?";
    status(conn, season, Instant::MIN)?;
    let own = diesel::sql_query(OWN).bind::<Text, _>(season).bind::<Text, _>(player);
    let Some(PlaceRow { user_id, name, season_xp }) = own.get_result(conn).optional()? else {
        return Ok(None);
    };
    let rank = rank(conn, season, season_xp)?;
    Ok(Some(Standing { rank, player: user_id, name, season_xp: Xp(season_xp) }))
}

fn rank(conn: &mut SqliteConnection, season: &str, score: i64) -> Result<i64> {
    let rank = diesel::sql_query(RANK).bind::<Text, _>(season).bind::<BigInt, _>(score);
    Ok(rank.get_result::<Number>(conn)?.number)
}

/// The page that rows make; `second` tells the rank of the second score, which begins at a row, given what the counts say of it.
fn about(
    conn: &mut SqliteConnection,
    season: &str,
    at: Instant,
    rows: Vec<PlaceRow>,
    second: impl Fn(usize, i64) -> i64,
) -> Result<LeaderboardPage> {
    let status = status(conn, season, at)?;
    let rows: Vec<Scored> = rows.into_iter().map(|row| (row.user_id, row.name, row.season_xp)).collect();
    let first = rows.first().map(|row| row.2);
    let below = rows.iter().map(|row| row.2).find(|score| Some(*score) != first);
    let first = first.map_or(Ok(1), |score| rank(conn, season, score))?;
    let below = below.map_or(Ok(1), |score| rank(conn, season, score))?;
    Ok(LeaderboardPage {
        season: season.to_owned(),
        status,
        sealed: seal(conn, season)?.is_some(),
        participants: participants(conn, season)?,
        standings: ranked(rows, first, |row| second(row, below)),
    })
}

/// The score that stands so many places from the top, and how many stand above it; none where nobody does.
fn place(conn: &mut SqliteConnection, season: &str, skip: i64) -> Result<Option<(i64, i64)>> {
    const LEVEL: &str = "SELECT bucket, above FROM ( \
            SELECT bucket, count, ? + sum(count) OVER (ORDER BY bucket DESC) - count AS above FROM levelkit_score_counts \
            WHERE season_id = ? AND width = ? AND bucket BETWEEN ? AND ? \
        ) WHERE above <= ? AND above + count > ?";
    #[derive(QueryableByName)]
    struct Bucket {
        #[diesel(sql_type = BigInt)]
        bucket: i64,
        #[diesel(sql_type = BigInt)]
        above: i64,
    }
    let (mut lowest, mut highest, mut above) = (i64::MIN, i64::MAX, 0);
    for width in [16, 8, 0] {
        let found: Option<Bucket> = diesel::sql_query(LEVEL)
            .bind::<BigInt, _>(above)
            .bind::<Text, _>(season)
            .bind::<BigInt, _>(width)
            .bind::<BigInt, _>(lowest)
            .bind::<BigInt, _>(highest)
            .bind::<BigInt, _>(skip)
            .bind::<BigInt, _>(skip)
            .get_result(conn)
            .optional()?;
        let Some(bucket) = found else {
            return Ok(None);
        };
        above = bucket.above;
        (lowest, highest) = match width {
            0 => (bucket.bucket, bucket.bucket),
            _ => (bucket.bucket << 8, (bucket.bucket << 8) + 255),
        };
    }
    Ok(Some((lowest, above)))
}

/// Where a season stands at an instant, by its own dates.
pub(super) fn status(conn: &mut SqliteConnection, season: &str, at: Instant) -> Result<SeasonStatus> {
    let dates = seasons::table.find(season).select((seasons::start_date, seasons::end_date));
    let (start, end) = dates
        .first::<(i64, i64)>(conn)
        .optional()?
        .ok_or_else(|| Refusal::UnknownId { kind: IdKind::Season, id: season.to_owned() })?;
    Ok(SeasonStatus::between(start, end, at.micros()))
}

/// Of a sealed season: the hash of its standings file, once it is there.
pub(super) fn seal(conn: &mut SqliteConnection, season: &str) -> Result<Option<Option<String>>> {
    let seals = levelkit_season_seals::table.find(season).select(levelkit_season_seals::standings_sha256);
    Ok(seals.first(conn).optional()?)
}

pub(super) fn participants(conn: &mut SqliteConnection, season: &str) -> Result<i64> {
    const COUNT: &str =
        "SELECT coalesce(sum(count), 0) AS number FROM levelkit_score_counts WHERE season_id = ? AND width = 16";
    Ok(diesel::sql_query(COUNT).bind::<Text, _>(season).get_result::<Number>(conn)?.number)
}
