//! Live standings. A player's rank is a sum over counts that stand beside the scores, and over the moves that the counts do not
//! know yet; one statement sees both at one moment, so it is exact however many take part.
//!
//! The counts follow `season_participations` by triggers (migration 0002). Players only add moves; [`fold`] takes them into
//! the counts, so that no two players ever wait for one row.

use diesel::sql_types::{BigInt, Bool, Nullable, Text};
use diesel_async::AsyncPgConnection;
use levelkit::{IdKind, Instant, Refusal, SeasonStatus, Xp};

use super::load::micros;
use super::query::sql;
use super::session::{Session, Shared, attempts, transaction};
use crate::bind::Bind;
use crate::error::{Error, Result};
use crate::standings::{count, ranked};
use crate::view::{LeaderboardPage, Standing};

/// With more moves than this a reader has them folded, so that the next one need not look through them.
const PENDING: i64 = 1024;
/// Up to so many places are read one by one. It stands in the statements too, since the server plans them for pages of any length, and
/// would sort everybody where it does not know that a page is short.
const FEW: usize = 1024;

/// The rank of a score: one more than have a higher one. Of the widest buckets only those count that lie above the score's own, of the
/// narrower ones those above within it.
macro_rules! rank_of {
    ($season:literal, $xp:literal) => {
        concat!(
            "(1 + (SELECT coalesce(sum(c.count), 0) FROM levelkit.score_counts AS c WHERE c.season_id = ",
            $season,
            " AND c.width = 16 AND c.bucket > ",
            $xp,
            " >> 16) + (SELECT coalesce(sum(c.count), 0) FROM levelkit.score_counts AS c WHERE c.season_id = ",
            $season,
            " AND c.width = 8 AND c.bucket > ",
            $xp,
            " >> 8 AND c.bucket <= ((",
            $xp,
            " >> 16) << 8) + 255) + (SELECT coalesce(sum(c.count), 0) FROM levelkit.score_counts AS c WHERE c.season_id = ",
            $season,
            " AND c.width = 0 AND c.bucket > ",
            $xp,
            " AND c.bucket <= ((",
            $xp,
            " >> 8) << 8) + 255) + (SELECT count(*) FILTER (WHERE m.to_xp > ",
            $xp,
            ") - count(*) FILTER (WHERE m.from_xp > ",
            $xp,
            ") FROM levelkit.score_moves AS m WHERE m.season_id = ",
            $season,
            "))::int8"
        )
    };
}

/// The rows of `page` with what is to be said about the season, and the ranks of the page's two highest scores.
///
/// Names are looked up one by one: the server does not know how short a page is when it plans, and would read all users to join them.
macro_rules! page {
    ($before:expr, $page:expr, $ranks:expr) => {
        concat!(
            "WITH season AS MATERIALIZED (SELECT s.id, ",
            micros!("s.start_date"),
            " AS starts, ",
            micros!("s.end_date"),
            " AS ends, EXISTS (SELECT 1 FROM levelkit.season_seals WHERE season_id = s.id) AS sealed, \
             ((SELECT coalesce(sum(c.count), 0) FROM levelkit.score_counts AS c WHERE c.season_id = s.id AND c.width = 16) \
             + moved.joined)::int8 AS participants, moved.pending FROM public.seasons AS s CROSS JOIN LATERAL ( \
                SELECT count(*) AS pending, count(m.to_xp) FILTER (WHERE m.season_id = s.id) \
                - count(m.from_xp) FILTER (WHERE m.season_id = s.id) AS joined FROM levelkit.score_moves AS m \
             ) AS moved WHERE s.id = ?), ",
            $before,
            " page AS MATERIALIZED (",
            $page,
            "), ",
            $ranks,
            " SELECT season.starts, season.ends, season.sealed, season.participants, season.pending, \
              page.user_id, (SELECT name FROM public.users WHERE users.id = page.user_id), page.season_xp, ranks.first, ranks.second \
              FROM season CROSS JOIN ranks LEFT JOIN page ON true \
              ORDER BY page.season_xp DESC, page.user_id COLLATE \"C\""
        )
    };
}

macro_rules! computed_ranks {
    () => {
        concat!(
            "edges AS (SELECT season.id, highest.first, \
                (SELECT max(page.season_xp) FROM page WHERE page.season_xp < highest.first) AS second \
                FROM season CROSS JOIN (SELECT max(page.season_xp) AS first FROM page) AS highest), \
             ranks AS MATERIALIZED (SELECT ",
            rank_of!("edges.id", "edges.first"),
            " AS first, ",
            rank_of!("edges.id", "edges.second"),
            " AS second FROM edges)"
        )
    };
}

/// The places near the top.
macro_rules! highest {
    () => {
        "SELECT user_id, season_xp FROM (SELECT user_id, season_xp FROM levelkit.scores WHERE season_id = ? \
         ORDER BY season_xp DESC, user_id COLLATE \"C\" LIMIT 1024) AS few \
         ORDER BY season_xp DESC, user_id COLLATE \"C\" LIMIT ? OFFSET ?"
    };
}

/// From the top: the ranks follow from the places.
const TOP: &str = page!("", highest!(), "ranks AS (SELECT 1::int8 AS first, NULL::int8 AS second)");

const SHALLOW_PAGE: &str = page!("", highest!(), computed_ranks!());

/// The bucket of a width in which a place lies, and how many stand above it, from those within a bucket of the next width.
macro_rules! level {
    ($name:literal, $width:literal, $outer:literal) => {
        concat!(
            $name,
            " AS (SELECT bucket, above FROM (SELECT bucket, sum(n) AS n, \
                (SELECT above FROM ",
            $outer,
            ") + sum(sum(n)) OVER (ORDER BY bucket DESC) - sum(n) AS above FROM ( \
                SELECT c.bucket, c.count AS n FROM levelkit.score_counts AS c, asked WHERE c.season_id = asked.season \
                AND c.width = ",
            $width,
            " AND c.bucket BETWEEN (SELECT lowest FROM ",
            $outer,
            ") AND (SELECT lowest + 255 FROM ",
            $outer,
            ") UNION ALL SELECT moved.xp >> ",
            $width,
            ", moved.n FROM moved WHERE moved.xp >> ",
            $width,
            " BETWEEN (SELECT lowest FROM ",
            $outer,
            ") AND (SELECT lowest + 255 FROM ",
            $outer,
            ")) AS parts GROUP BY bucket) AS buckets, asked WHERE above <= asked.skip AND above + n > asked.skip), "
        )
    };
}

/// Far from the top: the counts tell which score stands at that place, and only its own holders are passed over.
macro_rules! deep {
($few:literal) => { page!(
    concat!(
        "asked AS (SELECT ?::text AS season, ?::int8 AS skip), \
         moved AS MATERIALIZED (SELECT step.xp, step.n FROM levelkit.score_moves AS m CROSS JOIN asked CROSS JOIN LATERAL \
            (VALUES (m.from_xp, -1::int8), (m.to_xp, 1::int8)) AS step (xp, n) \
            WHERE m.season_id = asked.season AND step.xp IS NOT NULL), \
         coarse AS (SELECT bucket << 8 AS lowest, above FROM (SELECT bucket, sum(n) AS n, \
            sum(sum(n)) OVER (ORDER BY bucket DESC) - sum(n) AS above FROM ( \
            SELECT c.bucket, c.count AS n FROM levelkit.score_counts AS c, asked WHERE c.season_id = asked.season AND c.width = 16 \
            UNION ALL SELECT moved.xp >> 16, moved.n FROM moved) AS parts GROUP BY bucket) AS buckets, asked \
            WHERE above <= asked.skip AND above + n > asked.skip), ",
        level!("middling", "8", "coarse"),
        "middle AS (SELECT bucket << 8 AS lowest, above FROM middling), ",
        level!("fine", "0", "middle"),
    ),
    concat!(
        "SELECT * FROM ((SELECT user_id, season_xp FROM levelkit.scores WHERE season_id = ? AND season_xp = (SELECT bucket FROM fine) \
          ORDER BY user_id COLLATE \"C\" LIMIT ? OFFSET (SELECT asked.skip - fine.above FROM asked, fine)::int8) \
         UNION ALL (SELECT user_id, season_xp FROM levelkit.scores WHERE season_id = ? AND season_xp < (SELECT bucket FROM fine) \
          ORDER BY season_xp DESC, user_id COLLATE \"C\"", $few, ")) AS places \
         ORDER BY season_xp DESC, user_id COLLATE \"C\" LIMIT ?"
    ),
    computed_ranks!()
) }; }

const DEEP_PAGE: &str = deep!(" LIMIT 1024");
const DEEP_LONG_PAGE: &str = deep!("");

/// Those above a player, the player, those below.
const AROUND: &str = page!(
    "own AS MATERIALIZED (SELECT user_id, season_xp FROM levelkit.scores WHERE season_id = ? AND user_id = ?),",
    "SELECT * FROM (SELECT * FROM ( \
        (SELECT user_id, season_xp FROM levelkit.scores WHERE season_id = ? AND season_xp = (SELECT season_xp FROM own) \
         AND user_id COLLATE \"C\" < (SELECT user_id FROM own) ORDER BY user_id COLLATE \"C\" DESC LIMIT ?) \
        UNION ALL (SELECT user_id, season_xp FROM levelkit.scores WHERE season_id = ? AND season_xp > (SELECT season_xp FROM own) \
         ORDER BY season_xp, user_id COLLATE \"C\" DESC LIMIT ?)) AS both_above \
        ORDER BY season_xp, user_id COLLATE \"C\" DESC LIMIT ?) AS above \
     UNION ALL SELECT user_id, season_xp FROM own \
     UNION ALL SELECT * FROM (SELECT * FROM ( \
        (SELECT user_id, season_xp FROM levelkit.scores WHERE season_id = ? AND season_xp = (SELECT season_xp FROM own) \
         AND user_id COLLATE \"C\" > (SELECT user_id FROM own) ORDER BY user_id COLLATE \"C\" LIMIT ?) \
        UNION ALL (SELECT user_id, season_xp FROM levelkit.scores WHERE season_id = ? AND season_xp < (SELECT season_xp FROM own) \
         ORDER BY season_xp DESC, user_id COLLATE \"C\" LIMIT ?)) AS both_below \
        ORDER BY season_xp DESC, user_id COLLATE \"C\" LIMIT ?) AS below",
    computed_ranks!()
);

type SeasonColumns = (BigInt, BigInt, Bool, BigInt, BigInt);
type PlaceColumns = (Nullable<Text>, Nullable<Text>, Nullable<BigInt>);
type PageColumns = (SeasonColumns, PlaceColumns, (Nullable<BigInt>, Nullable<BigInt>));
type PageRow = ((i64, i64, bool, i64, i64), (Option<String>, Option<String>, Option<i64>), (Option<i64>, Option<i64>));

/// A page of standings, `skip` places from the top.
pub(super) async fn page(
    shared: &Shared,
    season: &str,
    at: Instant,
    skip: usize,
    limit: usize,
) -> Result<LeaderboardPage> {
    let (places, rows): (Bind<'_>, Bind<'_>) = (count(limit).into(), count(skip).into());
    let near = || vec![season.into(), season.into(), places.clone(), rows.clone()];
    let far = || {
        let within = [season.into(), rows.clone()];
        let places = [season.into(), places.clone(), season.into(), places.clone()];
        [season.into()].into_iter().chain(within).chain(places).collect()
    };
    let (text, binds) = match skip {
        _ if limit > FEW => (DEEP_LONG_PAGE, far()),
        _ if skip.saturating_add(limit) > FEW => (DEEP_PAGE, far()),
        0 => (TOP, near()),
        _ => (SHALLOW_PAGE, near()),
    };
    let rows = read(shared, async |c| sql::<PageColumns>(text, &binds).rows(c).await).await?;
    let answer = assembled(season, at, rows, |row, _| count(skip.saturating_add(row)).saturating_add(1))?;
    folded(answer, shared).await
}

/// The places around a player's: as many above and below. None for somebody who takes no part.
pub(super) async fn around(
    shared: &Shared,
    season: &str,
    at: Instant,
    player: &str,
    places: usize,
) -> Result<Option<LeaderboardPage>> {
    let places = count(places);
    let half = [season.into(), places.into(), season.into(), places.into(), places.into()];
    let mut binds = vec![season.into(), season.into(), player.into()];
    binds.extend(half.iter().cloned().chain(half.iter().cloned()));
    let rows = read(shared, async |c| sql::<PageColumns>(AROUND, &binds).rows(c).await).await?;
    let answer = assembled(season, at, rows, |_, second| second)?;
    let page = folded(answer, shared).await?;
    Ok((!page.standings.is_empty()).then_some(page))
}

/// The page that rows make, and how many moves were found; `second` tells the rank of the second score, which begins at a row.
fn assembled(
    season: &str,
    at: Instant,
    rows: Vec<PageRow>,
    second: impl Fn(usize, i64) -> i64,
) -> Result<(LeaderboardPage, i64)> {
    let Some(&((starts, ends, sealed, participants, pending), _, (first, below))) = rows.first() else {
        return Err(unknown(season));
    };
    let places = rows.into_iter().filter_map(|(_, (player, name, score), _)| Some((player?, name, score?)));
    let standings = ranked(places.collect(), first.unwrap_or(1), |row| second(row, below.unwrap_or(1)));
    let status = SeasonStatus::between(starts, ends, at.micros());
    Ok((LeaderboardPage { season: season.to_owned(), status, sealed, participants, standings }, pending))
}

/// Where a player stands; none who takes no part.
pub(super) async fn standing(shared: &Shared, season: &str, player: &str) -> Result<Option<Standing>> {
    const STANDING: &str = concat!(
        "SELECT own.season_xp, users.name, CASE WHEN own.season_xp IS NOT NULL THEN ",
        rank_of!("s.id", "own.season_xp"),
        " END, (SELECT count(*) FROM levelkit.score_moves) FROM public.seasons AS s \
         LEFT JOIN levelkit.scores AS own ON own.season_id = s.id AND own.user_id = ? \
         LEFT JOIN public.users ON users.id = own.user_id WHERE s.id = ?"
    );
    type Columns = (Nullable<BigInt>, Nullable<Text>, Nullable<BigInt>, BigInt);
    type Row = (Option<i64>, Option<String>, Option<i64>, i64);
    let binds = [player.into(), season.into()];
    let row: Option<Row> = read(shared, async |c| sql::<Columns>(STANDING, &binds).row(c).await).await?;
    let (season_xp, name, rank, pending) = row.ok_or_else(|| unknown(season))?;
    let standing = season_xp.zip(rank);
    let standing = standing.map(|(xp, rank)| Standing { rank, player: player.to_owned(), name, season_xp: Xp(xp) });
    folded((standing, pending), shared).await
}

pub(super) fn unknown(season: &str) -> Error {
    Refusal::UnknownId { kind: IdKind::Season, id: season.to_owned() }.into()
}

/// Asks one question, outside of any transaction: a statement by itself sees one moment.
async fn read<R>(shared: &Shared, ask: impl AsyncFn(&AsyncPgConnection) -> Result<R>) -> Result<R> {
    attempts(async || {
        let session = Session::ready(shared).await?;
        let answer = ask(session.connection()?).await;
        match answer {
            Ok(answer) => {
                session.give_back();
                Ok(answer)
            }
            Err(error) => {
                session.roll_back().await;
                Err(error)
            }
        }
    })
    .await
}

/// The answer; and where it had to look through many moves, they are folded for the next one.
async fn folded<R>((answer, pending): (R, i64), shared: &Shared) -> Result<R> {
    if pending > PENDING {
        // Somebody who may only read has an answer all the same.
        let _ = fold(shared).await;
    }
    Ok(answer)
}

/// Takes the moves into the counts, unless somebody else is at it.
pub(super) async fn fold(shared: &Shared) -> Result<()> {
    const TURN: &str = "SELECT pg_try_advisory_xact_lock(7812740155820811623)";
    // One statement, so that no moment sees a move twice or not at all. A count may be below zero until the moves that are
    // still to come in are there too.
    const FOLD: &str = "WITH moved AS (DELETE FROM levelkit.score_moves RETURNING season_id, from_xp, to_xp), \
        steps AS (SELECT moved.season_id, widths.width, step.xp >> widths.width AS bucket, sum(step.n) AS n FROM moved \
            CROSS JOIN LATERAL (VALUES (moved.from_xp, -1), (moved.to_xp, 1)) AS step (xp, n) \
            CROSS JOIN (VALUES (0), (8), (16)) AS widths (width) WHERE step.xp IS NOT NULL \
            GROUP BY moved.season_id, widths.width, step.xp >> widths.width HAVING sum(step.n) <> 0) \
        INSERT INTO levelkit.score_counts AS known (season_id, width, bucket, count) \
        SELECT season_id, width, bucket, n FROM steps \
        ON CONFLICT (season_id, width, bucket) DO UPDATE SET count = known.count + excluded.count";
    transaction(shared, "BEGIN", async |c| {
        if sql::<Bool>(TURN, &[]).row(c).await? == Some(true) {
            sql::<()>(FOLD, &[]).run(c).await?;
        }
        Ok(())
    })
    .await
}

#[cfg(test)]
mod tests {
    use levelkit_test_postgres::{Server, skip};

    use super::super::Postgres;
    use super::*;
    use crate::options::Options;

    const PLAYERS: i64 = 60;

    /// Scores come, move and go on four connections, moves are folded on a fifth; whoever looks sees ranks and participants that
    /// are those of everybody counted at the same moment.
    #[test]
    fn ranks_are_exact_while_scores_move() {
        const WRITES: i64 = 250;
        let Some(server) = Server::shared().unwrap() else {
            return skip("ranks_are_exact_while_scores_move");
        };
        let database = server.database().unwrap();
        let url = database.url();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(3).enable_all().build().unwrap();
        let looked = runtime.block_on(async {
            let store = Postgres::open(&url, &Options::new()).await.unwrap();
            store.migrate().await.unwrap();
            let client = connect(&url).await;
            client.batch_execute(&format!(
                "INSERT INTO public.seasons (id, number, name, theme, description, start_date, end_date) \
                 VALUES ('spring', 1, 'Spring', '', '', now(), now() + interval '1 day'); \
                 INSERT INTO public.users (id, email) SELECT 'p' || n, 'p' || n FROM generate_series(0, {PLAYERS} - 1) AS n"
            )).await.unwrap();
            let writers: Vec<_> = (0..4).map(|writer| tokio::spawn(write(url.clone(), writer, WRITES))).collect();
            let mut looked = 0;
            while writers.iter().any(|writer| !writer.is_finished()) {
                look(&store.shared).await.unwrap();
                looked += 1;
                if looked % 3 == 0 {
                    fold(&store.shared).await.unwrap();
                }
            }
            for writer in writers {
                writer.await.unwrap();
            }
            assert!(look(&store.shared).await.unwrap() > 0);
            looked
        });
        assert!(looked > 10, "{looked}");
    }

    async fn connect(url: &str) -> tokio_postgres::Client {
        let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
        tokio::spawn(connection);
        client
    }

    /// Changes scores of the players that are this writer's, each in the lock order of a command.
    async fn write(url: String, writer: i64, writes: i64) {
        const SET: &str = "INSERT INTO public.season_participations (id, user_id, season_id, season_xp) \
            VALUES ($1, $1, 'spring', $2) ON CONFLICT (user_id, season_id) DO UPDATE SET season_xp = excluded.season_xp";
        let client = connect(&url).await;
        let mut state = 0x9e37_79b9_u64.wrapping_mul(writer as u64 + 1);
        for _ in 0..writes {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let player = format!("p{}", (state >> 33) as i64 % (PLAYERS / 4) * 4 + writer);
            let score = (state >> 40) as i64 % 700 - 100;
            match state >> 60 {
                0 => drop(
                    client
                        .execute("DELETE FROM public.season_participations WHERE user_id = $1", &[&player])
                        .await
                        .unwrap(),
                ),
                _ => drop(client.execute(SET, &[&player, &score]).await.unwrap()),
            }
        }
    }

    /// Compares, in one statement and so at one moment; how many take part.
    async fn look(shared: &Shared) -> Result<i64> {
        const WRONG: &str = concat!(
            "SELECT count(*)::int8, coalesce(sum((found.rank <> found.counted)::int), 0)::int8, \
             (SELECT ((SELECT coalesce(sum(count), 0) FROM levelkit.score_counts WHERE width = 16) \
                + (SELECT count(to_xp) - count(from_xp) FROM levelkit.score_moves))::int8) FROM (SELECT ",
            rank_of!("own.season_id", "own.season_xp"),
            " AS rank, (SELECT 1 + count(*) FROM public.season_participations AS other WHERE other.season_xp > own.season_xp) AS counted \
             FROM public.season_participations AS own) AS found"
        );
        transaction(shared, super::super::ledger::ONE_MOMENT, async |c| {
            let found: Option<(i64, i64, i64)> = sql::<(BigInt, BigInt, BigInt)>(WRONG, &[]).row(c).await?;
            let (players, wrong, participants) = found.unwrap();
            assert_eq!((wrong, participants), (0, players));
            Ok(players)
        })
        .await
    }
}
