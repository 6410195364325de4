//! Leaderboards: live standings, the refreshed table, and the seal after a season's end (the rules, section 10).

use diesel::sql_types::{BigInt, Bool, Nullable, Text};
use diesel_async::AsyncPgConnection;
use futures_util::try_join;
use levelkit::{IdKind, Instant, Refusal, SeasonStatus, Xp, id};

use super::ledger::ONE_MOMENT;
use super::load::micros;
use super::many::roll_over;
use super::query::{batch, sql};
use super::session::{Shared, transaction};
use super::statement::at as instant;
use crate::convert::status_between;
use crate::error::Result;
use crate::view::{LeaderboardPage, Refreshed, RollOverOptions, Standing};

/// Ranks come from the scores themselves, so a page is never behind them.
macro_rules! standings {
    ($rest:literal) => {
        concat!(
            "SELECT ranked.rank, ranked.user_id, users.name, ranked.season_xp FROM ( \
                SELECT user_id, season_xp, rank() OVER (ORDER BY season_xp DESC) AS rank \
                FROM public.season_participations WHERE season_id = ? \
            ) AS ranked JOIN public.users ON users.id = ranked.user_id ",
            $rest
        )
    };
}

type Columns = (BigInt, Text, Nullable<Text>, BigInt);
type Row = (i64, String, Option<String>, i64);

fn standing_of((rank, player, name, season_xp): Row) -> Standing {
    Standing { rank, player, name, season_xp: Xp(season_xp) }
}

/// A page of standings, `skip` places from the top.
pub(super) async fn page(
    shared: &Shared,
    season: &str,
    at: Instant,
    skip: usize,
    limit: usize,
) -> Result<LeaderboardPage> {
    const PAGE: &str = standings!("ORDER BY ranked.rank, ranked.user_id COLLATE \"C\" LIMIT ? OFFSET ?");
    let places = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    transaction(shared, ONE_MOMENT, async |c| {
        let status = status(c, season, at).await?;
        let binds = [season.into(), places(limit).into(), places(skip).into()];
        let (rows, (participants, sealed)): (Vec<Row>, _) =
            try_join!(sql::<Columns>(PAGE, &binds).rows(c), counts(c, season))?;
        let standings = rows.into_iter().map(standing_of).collect();
        Ok(LeaderboardPage { season: season.to_owned(), status, sealed, participants, standings })
    })
    .await
}

/// Where a player stands; none who takes no part.
pub(super) async fn standing(shared: &Shared, season: &str, player: &str) -> Result<Option<Standing>> {
    const OF_PLAYER: &str = standings!("WHERE ranked.user_id = ?");
    transaction(shared, ONE_MOMENT, async |c| {
        status(c, season, Instant::MIN).await?;
        let row: Option<Row> = sql::<Columns>(OF_PLAYER, &[season.into(), player.into()]).row(c).await?;
        Ok(row.map(standing_of))
    })
    .await
}

/// Brings the leaderboard, the ranks and the seasons' status up to date; only rows that changed are written. The first
/// refresh after the end closes everybody's due days first, and then seals the season.
pub(super) async fn refresh(shared: &Shared, season: &str, now: Instant) -> Result<Refreshed> {
    let ended = transaction(shared, "BEGIN", async |c| {
        let ended = status(c, season, now).await? == SeasonStatus::Ended;
        sql::<()>(set_statuses!(), &[instant(now), instant(now)]).run(c).await?;
        Ok(ended && !counts(c, season).await?.1)
    });
    if ended.await? {
        while roll_over(shared, now, &RollOverOptions::new(1000)).await?.more {}
    }
    transaction(shared, "BEGIN", async |c| {
        // One refresh at a time; and a score that is on its way is either counted, or comes too late and is decided anew.
        batch("LOCK TABLE public.season_participations IN SHARE ROW EXCLUSIVE MODE", c).await?;
        let ended = status(c, season, now).await? == SeasonStatus::Ended;
        let (participants, sealed) = counts(c, season).await?;
        if sealed {
            return Ok(Refreshed { participants, changed: 0, sealed });
        }
        let changed = write_ranks(c, season, now).await?;
        if ended {
            const SEAL: &str = "INSERT INTO levelkit.season_seals (season_id, sealed_at) VALUES (?, ?)";
            sql::<()>(SEAL, &[season.into(), instant(now)]).run(c).await?;
        }
        Ok(Refreshed { participants, changed, sealed: ended })
    })
    .await
}

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

async fn write_ranks(c: &AsyncPgConnection, season: &str, now: Instant) -> Result<i64> {
    const CHANGED: &str = "SELECT ranked.user_id, ranked.rank, ranked.season_xp FROM ( \
            SELECT user_id, season_xp, rank() OVER (ORDER BY season_xp DESC) AS rank \
            FROM public.season_participations WHERE season_id = ? \
        ) AS ranked LEFT JOIN public.season_leaderboards AS written \
        ON written.season_id = ? AND written.user_id = ranked.user_id \
        WHERE (written.rank, written.total_xp) IS DISTINCT FROM (ranked.rank::int4, ranked.season_xp) \
        ORDER BY ranked.user_id COLLATE \"C\"";
    const WRITE: &str = "INSERT INTO public.season_leaderboards (id, season_id, user_id, rank, total_xp, updated_at) \
        SELECT id, ?, user_id, rank, total_xp, ? \
        FROM unnest(?::text[], ?::text[], ?::int8[], ?::int8[]) AS changed (id, user_id, rank, total_xp) \
        ON CONFLICT (season_id, user_id) DO UPDATE SET rank = excluded.rank, total_xp = excluded.total_xp, \
        updated_at = excluded.updated_at";
    const RANK: &str = "UPDATE public.season_participations AS own SET rank = changed.rank \
        FROM unnest(?::text[], ?::int8[]) AS changed (user_id, rank) \
        WHERE own.season_id = ? AND own.user_id = changed.user_id";
    type Changed = (String, i64, i64);
    let changed: Vec<Changed> = sql::<(Text, BigInt, BigInt)>(CHANGED, &[season.into(), season.into()]).rows(c).await?;
    for chunk in changed.chunks(5000) {
        let ids: Vec<String> = chunk.iter().map(|(user, ..)| id::season_leaderboard(season, user)).collect();
        let users: Vec<String> = chunk.iter().map(|(user, ..)| user.clone()).collect();
        let ranks: Vec<i64> = chunk.iter().map(|(_, rank, _)| *rank).collect();
        let scores: Vec<i64> = chunk.iter().map(|(.., score)| *score).collect();
        let binds =
            [season.into(), instant(now), ids.into(), users.clone().into(), ranks.clone().into(), scores.into()];
        sql::<()>(WRITE, &binds).run(c).await?;
        sql::<()>(RANK, &[users.into(), ranks.into(), season.into()]).run(c).await?;
    }
    Ok(i64::try_from(changed.len()).unwrap_or(i64::MAX))
}

/// Where a season stands at an instant, by its own dates.
async fn status(c: &AsyncPgConnection, season: &str, at: Instant) -> Result<SeasonStatus> {
    const DATES: &str =
        concat!("SELECT ", micros!("start_date"), ", ", micros!("end_date"), " FROM public.seasons WHERE id = ?");
    let dates: Option<(i64, i64)> = sql::<(BigInt, BigInt)>(DATES, &[season.into()]).row(c).await?;
    let (start, end) = dates.ok_or_else(|| Refusal::UnknownId { kind: IdKind::Season, id: season.to_owned() })?;
    Ok(status_between(start, end, at))
}

/// How many take part, and whether the standings are final.
async fn counts(c: &AsyncPgConnection, season: &str) -> Result<(i64, bool)> {
    const COUNTS: &str = "SELECT (SELECT count(*) FROM public.season_participations WHERE season_id = ?), \
        EXISTS (SELECT 1 FROM levelkit.season_seals WHERE season_id = ?)";
    let row = sql::<(BigInt, Bool)>(COUNTS, &[season.into(), season.into()]).row(c).await?;
    Ok(row.unwrap_or((0, false)))
}
