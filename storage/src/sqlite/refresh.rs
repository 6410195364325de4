//! The refreshed leaderboard, and the seal after a season's end (the rules, section 10).
//!
//! Each step is a transaction of its own on the one connection that writes, so that commands come through in between.

use std::collections::HashSet;

use diesel::SqliteConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use levelkit::{Instant, SeasonStatus, id};

use super::Sqlite;
use super::leaderboard::{participants, seal, status};
use super::roll_over::roll_over;
use super::schema::*;
use crate::error::{Error, Kind, Result};
use crate::standings::{Writer, count};
use crate::view::{Refreshed, RollOverOptions, Standings};

/// How many rows are written in one transaction.
const BATCH: usize = 1_000;

#[derive(Clone, QueryableByName)]
struct Change {
    #[diesel(sql_type = Text)]
    user_id: String,
    #[diesel(sql_type = BigInt)]
    rank: i64,
    #[diesel(sql_type = BigInt)]
    season_xp: i64,
}

/// Brings the leaderboard, the ranks and the seasons' status up to date; only rows that changed are written. The first
/// refresh after the end closes everybody's due days first, and then seals the season.
pub(super) async fn refresh(sqlite: &Sqlite, season: &str, now: Instant) -> Result<Refreshed> {
    let name = season.to_owned();
    let (status, mut sealed) = sqlite
        .write(move |conn, _| {
            let status = status(conn, &name, now)?;
            set_statuses(conn, now)?;
            Ok((status, seal(conn, &name)?))
        })
        .await?;
    if status == SeasonStatus::Ended && sealed.is_none() {
        set_seal(sqlite, season, now).await?;
        sealed = Some(None);
    }
    let changed = if matches!(sealed, Some(Some(_))) { 0 } else { write_ranks(sqlite, season, now).await? };
    let name = season.to_owned();
    let unrecorded = sealed == Some(None);
    let participants = sqlite
        .write(move |conn, _| {
            if unrecorded {
                record(conn, &name)?;
            }
            participants(conn, &name)
        })
        .await?;
    Ok(Refreshed { participants, changed, sealed: sealed.is_some() })
}

/// Closes everybody's due days, and seals the season in a transaction in which nobody is due any more.
async fn set_seal(sqlite: &Sqlite, season: &str, now: Instant) -> Result<()> {
    loop {
        let done = roll_over(sqlite, now, &RollOverOptions::new(usize::MAX)).await?;
        let refused = done.refused.into_iter().map(|one| one.player);
        let refused: HashSet<String> = refused.chain(done.failed.into_iter().map(|one| one.player)).collect();
        let name = season.to_owned();
        let step = move |conn: &mut SqliteConnection| {
            if is_due(conn, now, &refused)? {
                return Ok(false);
            }
            let seal = (levelkit_season_seals::season_id.eq(&name), levelkit_season_seals::sealed_at.eq(now.micros()));
            diesel::insert_or_ignore_into(levelkit_season_seals::table).values(seal).execute(conn)?;
            Ok(true)
        };
        if sqlite.write(move |conn, _| step(conn)).await? {
            return Ok(());
        }
    }
}

/// Whether anybody is due but those whose advance is refused.
fn is_due(conn: &mut SqliteConnection, now: Instant, refused: &HashSet<String>) -> Result<bool> {
    let due = levelkit_players::due_at.assume_not_null().le(now.micros());
    let due = levelkit_players::table.filter(due).select(levelkit_players::user_id);
    Ok(due.load::<String>(conn)?.iter().any(|player| !refused.contains(player)))
}

/// What is to be written, and whether the season was sealed when that was found.
struct Changes {
    sealed: bool,
    all: Vec<Change>,
}

/// Writes the ranks that changed; how many.
async fn write_ranks(sqlite: &Sqlite, season: &str, now: Instant) -> Result<i64> {
    let name = season.to_owned();
    let Changes { sealed, all } = sqlite.read(move |conn, _| changes(conn, &name)).await?;
    let mut written = 0;
    for batch in all.chunks(BATCH) {
        let (name, batch) = (season.to_owned(), batch.to_vec());
        written += sqlite.write(move |conn, _| write_batch(conn, &name, now, sealed, &batch)).await?;
    }
    Ok(written)
}

/// Writes ranks; how many. None where another refresh has sealed the season since they were found: then they are older than those that
/// it writes, which no longer change.
fn write_batch(conn: &mut SqliteConnection, season: &str, now: Instant, sealed: bool, batch: &[Change]) -> Result<i64> {
    if !sealed && seal(conn, season)?.is_some() {
        return Ok(0);
    }
    batch.iter().try_for_each(|change| write(conn, season, now, change))?;
    Ok(count(batch.len()))
}

fn changes(conn: &mut SqliteConnection, season: &str) -> Result<Changes> {
    const CHANGES: &str = "SELECT ranked.user_id, ranked.rank, ranked.season_xp FROM ( \
            SELECT user_id, season_xp, rank() OVER (ORDER BY season_xp DESC) AS rank FROM levelkit_scores WHERE season_id = ?1 \
        ) AS ranked LEFT JOIN season_leaderboards AS written ON written.season_id = ?1 AND written.user_id = ranked.user_id \
        LEFT JOIN season_participations AS own ON own.season_id = ?1 AND own.user_id = ranked.user_id \
        WHERE (written.rank, written.total_xp, own.rank) IS NOT (ranked.rank, ranked.season_xp, ranked.rank)";
    let all = diesel::sql_query(CHANGES).bind::<Text, _>(season).load(conn)?;
    Ok(Changes { sealed: seal(conn, season)?.is_some(), all })
}

fn write(conn: &mut SqliteConnection, season: &str, now: Instant, change: &Change) -> Result<()> {
    let Change { user_id, rank, season_xp } = change;
    let standing = (
        season_leaderboards::rank.eq(rank),
        season_leaderboards::total_xp.eq(season_xp),
        season_leaderboards::updated_at.eq(now.micros()),
    );
    let key = (
        season_leaderboards::id.eq(id::season_leaderboard(season, user_id)),
        season_leaderboards::season_id.eq(season),
        season_leaderboards::user_id.eq(user_id),
    );
    diesel::insert_into(season_leaderboards::table)
        .values((key, standing))
        .on_conflict((season_leaderboards::season_id, season_leaderboards::user_id))
        .do_update()
        .set(standing)
        .execute(conn)?;
    let own = season_participations::season_id.eq(season).and(season_participations::user_id.eq(user_id));
    diesel::update(season_participations::table.filter(own)).set(season_participations::rank.eq(rank)).execute(conn)?;
    Ok(())
}

/// Keeps the hash of the standings file beside the seal.
fn record(conn: &mut SqliteConnection, season: &str) -> Result<()> {
    let file = standings(conn, season)?;
    let unrecorded =
        levelkit_season_seals::table.find(season).filter(levelkit_season_seals::standings_sha256.is_null());
    diesel::update(unrecorded).set(levelkit_season_seals::standings_sha256.eq(file.sha256)).execute(conn)?;
    Ok(())
}

/// The standings file of a sealed season, made from its scores.
pub(super) fn standings(conn: &mut SqliteConnection, season: &str) -> Result<Standings> {
    status(conn, season, Instant::MIN)?;
    let recorded = seal(conn, season)?.ok_or_else(|| Error::new(Kind::NotSealed { season: season.to_owned() }))?;
    let places = season_participations::table
        .filter(season_participations::season_id.eq(season))
        .order((season_participations::season_xp.desc(), season_participations::user_id))
        .select((season_participations::user_id, season_participations::season_xp));
    let mut writer = Writer::new(season);
    for (player, score) in places.load::<(String, i64)>(conn)? {
        writer.place(&player, score)?;
    }
    writer.finish(recorded)
}

/// Sets `seasons.status` of every season.
fn set_statuses(conn: &mut SqliteConnection, now: Instant) -> Result<()> {
    let all = seasons::table.select((seasons::id, seasons::start_date, seasons::end_date, seasons::status));
    for (season, start, end, was) in all.load::<(String, i64, i64, String)>(conn)? {
        let status = SeasonStatus::between(start, end, now.micros()).as_str();
        if status != was {
            diesel::update(seasons::table.find(season)).set(seasons::status.eq(status)).execute(conn)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use diesel::connection::SimpleConnection;

    use super::*;
    use crate::sqlite::migrate;

    #[test]
    fn ranks_from_before_the_seal_are_not_written_after_it() {
        let mut conn = SqliteConnection::establish(":memory:").unwrap();
        migrate::migrate(&mut conn).unwrap();
        let score = |conn: &mut SqliteConnection, player: &str, score: i64| {
            conn.batch_execute(&format!(
                "INSERT INTO season_participations (id, user_id, season_id, season_xp, joined_at) \
                 VALUES ('{player}', '{player}', 'spring', {score}, 0) \
                 ON CONFLICT (user_id, season_id) DO UPDATE SET season_xp = excluded.season_xp"
            ))
            .unwrap();
        };
        conn.batch_execute(
            "INSERT INTO seasons (id, number, name, theme, description, start_date, end_date) VALUES ('spring', 1, '', '', '', 0, 1); \
             INSERT INTO users (id, email) VALUES ('a', 'a'), ('b', 'b')",
        )
        .unwrap();
        score(&mut conn, "a", 2);
        score(&mut conn, "b", 1);
        // One refresh has found these, and another one seals and writes what was scored since.
        let before = changes(&mut conn, "spring").unwrap();
        score(&mut conn, "b", 3);
        conn.batch_execute("INSERT INTO levelkit_season_seals (season_id, sealed_at) VALUES ('spring', 1)").unwrap();
        let after = changes(&mut conn, "spring").unwrap();
        assert_eq!((before.sealed, after.sealed), (false, true));
        let mut write =
            |found: &Changes| write_batch(&mut conn, "spring", Instant::MIN, found.sealed, &found.all).unwrap();
        assert_eq!([write(&after), write(&before)], [2, 0]);
        let ranks = season_leaderboards::table
            .order(season_leaderboards::rank)
            .select((season_leaderboards::user_id, season_leaderboards::total_xp));
        assert_eq!(ranks.load::<(String, i64)>(&mut conn).unwrap(), [("b".to_owned(), 3), ("a".to_owned(), 2)]);
    }
}
