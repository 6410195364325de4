//! The refreshed leaderboard, and the seal after a season's end (the rules, section 10).
//!
//! What changed is found in one statement, which sees one moment, and written in small transactions, so that nobody waits for long. Only the
//! seal stops scores, for as long as it takes to set it: from then on they stay as they are, and the ranks are written at leisure.

use diesel::sql_types::{BigInt, Bool, Integer, Nullable, Text};
use diesel_async::AsyncPgConnection;
use levelkit::{Instant, SeasonStatus, id};

use super::leaderboard::{fold, unknown};
use super::load::micros;
use super::many::roll_over;
use super::query::{batch, sql};
use super::session::{Session, Shared, attempts, transaction};
use super::statement::at as instant;
use crate::bind::Bind;
use crate::error::{Error, Kind, Result};
use crate::standings::{Writer, count};
use crate::view::{Refreshed, RollOverOptions, Standings};

/// How many rows are written in one transaction.
const BATCH: i64 = 5_000;
/// How often everybody's days are closed before a seal gives up, since somebody else holds a player for so long.
const SEAL_ATTEMPTS: usize = 50;

/// Sets `seasons.status` of every season that nothing else is said about.
macro_rules! set_statuses {
    () => {
        "UPDATE public.seasons SET status = known.status FROM ( \
            SELECT id, CASE WHEN ? < start_date THEN 'UPCOMING' WHEN ? < end_date THEN 'ACTIVE' ELSE 'ENDED' \
            END::public.season_status AS status FROM public.seasons \
        ) AS known WHERE known.id = seasons.id AND known.status <> seasons.status"
    };
}
pub(super) use set_statuses;

/// Brings the leaderboard, the ranks and the seasons' status up to date; only rows that changed are written. The first
/// refresh after the end closes everybody's due days first, and then seals the season.
pub(super) async fn refresh(shared: &Shared, season: &str, now: Instant) -> Result<Refreshed> {
    let (status, mut seal) = transaction(shared, "BEGIN", async |c| {
        sql::<()>(set_statuses!(), &[instant(now), instant(now)]).run(c).await?;
        Ok((status(c, season, now).await?, seal(c, season).await?))
    })
    .await?;
    if status == SeasonStatus::Ended && seal.is_none() {
        set_seal(shared, season, now).await?;
        seal = Some(None);
    }
    fold(shared).await?;
    let mut refreshed = Refreshed { participants: 0, changed: 0, sealed: seal.is_some() };
    if !matches!(seal, Some(Some(_))) {
        refreshed.changed = write_ranks(shared, season, now).await?;
    }
    if seal == Some(None) {
        record(shared, season).await?;
    }
    refreshed.participants = participants(shared, season).await?;
    Ok(refreshed)
}

/// Closes everybody's due days, and seals the season at a moment at which nobody is due any more.
async fn set_seal(shared: &Shared, season: &str, now: Instant) -> Result<()> {
    // Whoever is writing a score has finished once this lock is there; whoever comes later finds the seal.
    const STOP: &str = "SELECT pg_advisory_xact_lock(hashtextextended(?, 7812740155820811622))::text";
    const DUE: &str = "SELECT user_id FROM levelkit.players WHERE due_at <= ? AND NOT user_id = ANY (?) LIMIT 1";
    const SEAL: &str =
        "INSERT INTO levelkit.season_seals (season_id, sealed_at) VALUES (?, ?) ON CONFLICT (season_id) DO NOTHING";
    for attempt in 0..SEAL_ATTEMPTS {
        let mut refused: Vec<String> = Vec::new();
        loop {
            let done = roll_over(shared, now, &RollOverOptions::new(1000)).await?;
            refused.extend(done.refused.into_iter().map(|refused| refused.player));
            refused.extend(done.failed.into_iter().map(|failed| failed.player));
            if !done.more {
                break;
            }
        }
        let sealed = transaction(shared, "BEGIN", async |c| {
            sql::<Text>(STOP, &[season.into()]).row::<String>(c).await?;
            let binds = [instant(now), refused.clone().into()];
            if sql::<Text>(DUE, &binds).row::<String>(c).await?.is_some() {
                return Ok(false);
            }
            sql::<()>(SEAL, &[season.into(), instant(now)]).run(c).await?;
            Ok(true)
        });
        if sealed.await? {
            return Ok(());
        }
        tokio::time::sleep(std::time::Duration::from_millis(10 * (attempt as u64 + 1))).await;
    }
    Err(Error::new(Kind::Conflict { message: "somebody's days are being closed elsewhere".to_owned() }))
}

/// Writes the ranks that changed; how many. One refresh of a season at a time.
async fn write_ranks(shared: &Shared, season: &str, now: Instant) -> Result<i64> {
    const TURN: &str = "SELECT pg_advisory_lock(hashtextextended(?, 7812740155820811624))::text";
    const DONE: &str = "SELECT pg_advisory_unlock(hashtextextended(?, 7812740155820811624))";
    attempts(async || {
        // A session that is not given back is closed, and its lock and its table are gone with it.
        let session = Session::ready(shared).await?;
        let c = session.connection()?;
        sql::<Text>(TURN, &[season.into()]).row::<String>(c).await?;
        let changed = changes(c, season).await?;
        let mut from = 1;
        while from <= changed {
            in_transaction(c, async || write_batch(c, season, now, from).await).await?;
            from = from.saturating_add(BATCH);
        }
        batch("DROP TABLE pg_temp.levelkit_changes", c).await?;
        sql::<Bool>(DONE, &[season.into()]).row::<bool>(c).await?;
        session.give_back();
        Ok(changed)
    })
    .await
}

/// Numbers what is to be written, in a table of this session; how many rows that are.
async fn changes(c: &AsyncPgConnection, season: &str) -> Result<i64> {
    const TABLE: &str = "DROP TABLE IF EXISTS pg_temp.levelkit_changes; CREATE TEMPORARY TABLE levelkit_changes ( \
        number bigint PRIMARY KEY, user_id text NOT NULL, rank integer NOT NULL, season_xp bigint NOT NULL, missing boolean NOT NULL)";
    const CHANGED: &str = "INSERT INTO pg_temp.levelkit_changes (number, user_id, rank, season_xp, missing) \
        SELECT row_number() OVER (), ranked.user_id, ranked.rank, ranked.season_xp, written.user_id IS NULL FROM ( \
            SELECT user_id, season_xp, rank() OVER (ORDER BY season_xp DESC) AS rank \
            FROM levelkit.scores WHERE season_id = ? \
        ) AS ranked LEFT JOIN public.season_leaderboards AS written \
        ON written.season_id = ? AND written.user_id = ranked.user_id \
        LEFT JOIN public.season_participations AS own ON own.season_id = ? AND own.user_id = ranked.user_id \
        WHERE (written.rank, written.total_xp, own.rank) IS DISTINCT FROM (ranked.rank::int4, ranked.season_xp, ranked.rank::int4)";
    batch(TABLE, c).await?;
    let changed = sql::<()>(CHANGED, &[season.into(), season.into(), season.into()]).run(c).await?;
    batch("ANALYZE pg_temp.levelkit_changes", c).await?;
    Ok(count(changed))
}

async fn write_batch(c: &AsyncPgConnection, season: &str, now: Instant, from: i64) -> Result<()> {
    const MISSING: &str = "SELECT user_id, rank, season_xp FROM pg_temp.levelkit_changes \
        WHERE number >= ? AND number < ? AND missing";
    const ADD: &str = "INSERT INTO public.season_leaderboards (id, season_id, user_id, rank, total_xp, updated_at) \
        SELECT id, ?, user_id, rank, total_xp, ? \
        FROM unnest(?::text[], ?::text[], ?::int8[], ?::int8[]) AS changed (id, user_id, rank, total_xp) \
        ON CONFLICT (season_id, user_id) DO UPDATE SET rank = excluded.rank, total_xp = excluded.total_xp, \
        updated_at = excluded.updated_at";
    const CHANGE: &str = "UPDATE public.season_leaderboards AS written \
        SET rank = changed.rank, total_xp = changed.season_xp, updated_at = ? FROM pg_temp.levelkit_changes AS changed \
        WHERE changed.number >= ? AND changed.number < ? AND NOT changed.missing \
        AND written.season_id = ? AND written.user_id = changed.user_id \
        AND (written.rank, written.total_xp) IS DISTINCT FROM (changed.rank, changed.season_xp)";
    const RANK: &str = "UPDATE public.season_participations AS own SET rank = changed.rank \
        FROM pg_temp.levelkit_changes AS changed WHERE changed.number >= ? AND changed.number < ? \
        AND own.season_id = ? AND own.user_id = changed.user_id AND own.rank IS DISTINCT FROM changed.rank";
    let (from, to): (Bind<'_>, Bind<'_>) = (from.into(), from.saturating_add(BATCH).into());
    let missing: Vec<(String, i32, i64)> =
        sql::<(Text, Integer, BigInt)>(MISSING, &[from.clone(), to.clone()]).rows(c).await?;
    if !missing.is_empty() {
        let ids: Vec<String> = missing.iter().map(|(user, ..)| id::season_leaderboard(season, user)).collect();
        let ranks: Vec<i64> = missing.iter().map(|(_, rank, _)| i64::from(*rank)).collect();
        let scores: Vec<i64> = missing.iter().map(|(.., score)| *score).collect();
        let users: Vec<String> = missing.into_iter().map(|(user, ..)| user).collect();
        let binds = [season.into(), instant(now), ids.into(), users.into(), ranks.into(), scores.into()];
        sql::<()>(ADD, &binds).run(c).await?;
    }
    sql::<()>(CHANGE, &[instant(now), from.clone(), to.clone(), season.into()]).run(c).await?;
    sql::<()>(RANK, &[from, to, season.into()]).run(c).await?;
    Ok(())
}

/// A transaction on a connection that is kept; again where another one was in the way.
async fn in_transaction(c: &AsyncPgConnection, job: impl AsyncFn() -> Result<()>) -> Result<()> {
    attempts(async || {
        batch("BEGIN", c).await?;
        match job().await {
            Ok(()) => batch("COMMIT", c).await,
            Err(error) => {
                batch("ROLLBACK", c).await?;
                Err(error)
            }
        }
    })
    .await
}

/// Keeps the hash of the standings file beside the seal.
async fn record(shared: &Shared, season: &str) -> Result<()> {
    const RECORD: &str =
        "UPDATE levelkit.season_seals SET standings_sha256 = ? WHERE season_id = ? AND standings_sha256 IS NULL";
    let file = standings(shared, season).await?;
    let binds = [file.sha256.into(), season.into()];
    transaction(shared, "BEGIN", async |c| sql::<()>(RECORD, &binds).run(c).await.map(drop)).await
}

/// The standings file of a sealed season, made from its scores.
pub(super) async fn standings(shared: &Shared, season: &str) -> Result<Standings> {
    const PLACES: &str = "SELECT user_id, season_xp FROM public.season_participations WHERE season_id = ? \
        ORDER BY season_xp DESC, user_id COLLATE \"C\"";
    transaction(shared, super::ledger::ONE_MOMENT, async |c| {
        status(c, season, Instant::MIN).await?;
        let recorded = seal(c, season).await?;
        let recorded = recorded.ok_or_else(|| Error::new(Kind::NotSealed { season: season.to_owned() }))?;
        let mut writer = Writer::new(season);
        for (player, score) in sql::<(Text, BigInt)>(PLACES, &[season.into()]).rows::<(String, i64)>(c).await? {
            writer.place(&player, score)?;
        }
        writer.finish(recorded)
    })
    .await
}

/// Where a season stands at an instant, by its own dates.
async fn status(c: &AsyncPgConnection, season: &str, at: Instant) -> Result<SeasonStatus> {
    const DATES: &str =
        concat!("SELECT ", micros!("start_date"), ", ", micros!("end_date"), " FROM public.seasons WHERE id = ?");
    let dates: Option<(i64, i64)> = sql::<(BigInt, BigInt)>(DATES, &[season.into()]).row(c).await?;
    let (start, end) = dates.ok_or_else(|| unknown(season))?;
    Ok(SeasonStatus::between(start, end, at.micros()))
}

/// Of a sealed season: the hash of its standings file, once it is there.
async fn seal(c: &AsyncPgConnection, season: &str) -> Result<Option<Option<String>>> {
    const SEAL: &str = "SELECT standings_sha256 FROM levelkit.season_seals WHERE season_id = ?";
    sql::<Nullable<Text>>(SEAL, &[season.into()]).row(c).await
}

async fn participants(shared: &Shared, season: &str) -> Result<i64> {
    const COUNT: &str = "SELECT ((SELECT coalesce(sum(count), 0) FROM levelkit.score_counts WHERE season_id = ? AND width = 16) \
        + (SELECT count(to_xp) - count(from_xp) FROM levelkit.score_moves WHERE season_id = ?))::int8";
    let binds = [season.into(), season.into()];
    let counted = transaction(shared, "BEGIN", async |c| sql::<BigInt>(COUNT, &binds).row::<i64>(c).await);
    Ok(counted.await?.unwrap_or(0))
}
