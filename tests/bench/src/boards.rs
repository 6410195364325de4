//! Part D: the leaderboard of a season with many participants, beside counting and ranking everybody.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant as Clock};

use levelkit::{Instant, Ruleset};
use levelkit_storage::{BlockingStore, Options};
use levelkit_test_postgres::Server;
use tokio::runtime::Runtime;
use tokio_postgres::{Client, NoTls};

use crate::report::{Failed, Report, median};

const RULES: &str = r#"{"format":"levelkit.ruleset/1","seasons":[{"id":"spring","number":1,"name":"Spring","theme":"",
    "description":"","start_date":"2026-03-02T00:00:00Z","end_date":"2026-06-01T00:00:00Z"}]}"#;
const LOOKS: usize = 200;

/// A store with a season, and a plain connection beside it.
struct World {
    store: BlockingStore,
    client: Client,
    runtime: Runtime,
    players: i64,
    now: Instant,
}

/// Measures everything; the part's title.
pub(crate) fn run(report: &mut Report, full: bool) -> Result<&'static str, Failed> {
    let server = Server::shared()?.ok_or("there is no PostgreSQL")?;
    let database = server.database()?;
    let world = World::populated(&database.url(), if full { 1_000_000 } else { 100_000 })?;
    report.plain("participants", world.players.to_string());
    world.agrees()?;
    ranks(report, &world)?;
    pages(report, &world)?;
    refreshes(report, &world, &database.url())?;
    world.agrees()?;
    Ok("D. Leaderboard")
}

impl World {
    /// Everybody joins by one statement; the triggers count them as they count a command's.
    fn populated(url: &str, players: i64) -> Result<Self, Failed> {
        let options = Options::new().statement_timeout(Duration::from_secs(600));
        let store = BlockingStore::open_with(url, options)?;
        store.migrate()?;
        let now: Instant = "2026-04-01T12:00:00Z".parse()?;
        store.import_ruleset(&Ruleset::from_json(RULES)?, now)?;
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let client = runtime.block_on(async {
            let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
            tokio::spawn(connection);
            Ok::<_, Failed>(client)
        })?;
        let world = Self { store, client, runtime, players, now };
        world.run(&format!(
            "INSERT INTO public.users (id, email) SELECT 'player-' || n, n::text FROM generate_series(1, {players}) AS n; \
             INSERT INTO public.season_participations (id, user_id, season_id, season_xp) \
             SELECT n::text, 'player-' || n, 'spring', (n::bigint * 7919) % 100003 FROM generate_series(1, {players}) AS n"
        ))?;
        world.store.roll_over(now, 1)?;
        world.run("VACUUM ANALYZE")?;
        Ok(world)
    }

    fn run(&self, sql: &str) -> Result<(), Failed> {
        Ok(self.runtime.block_on(self.client.batch_execute(sql))?)
    }

    fn number(&self, sql: &str) -> Result<i64, Failed> {
        Ok(self.runtime.block_on(self.client.query_one(sql, &[]))?.try_get(0)?)
    }

    /// A player at that rank.
    fn at_rank(&self, rank: i64) -> Result<String, Failed> {
        let sql = format!(
            "SELECT user_id FROM public.season_participations ORDER BY season_xp DESC, user_id COLLATE \"C\" LIMIT 1 OFFSET {}",
            rank - 1
        );
        Ok(self.runtime.block_on(self.client.query_one(&sql, &[]))?.try_get(0)?)
    }

    /// Live ranks and places are those of everybody counted.
    fn agrees(&self) -> Result<(), Failed> {
        for rank in (1..=self.players).step_by((self.players / 7) as usize) {
            let player = self.at_rank(rank)?;
            let counted = self.number(&format!(
                "SELECT 1 + count(*) FROM public.season_participations WHERE season_xp > \
                 (SELECT season_xp FROM public.season_participations WHERE user_id = '{player}')"
            ))?;
            let found = self.store.standing("spring", &player)?.ok_or("no standing")?;
            let page = self.store.leaderboard("spring", self.now, (rank - 1) as usize, 1)?;
            let place = page.standings.first().ok_or("no place")?;
            if (found.rank, place.rank, &place.player, page.participants) != (counted, counted, &player, self.players) {
                return Err(format!("{player}: {found:?} and {place:?}, where {counted} was counted").into());
            }
        }
        Ok(())
    }
}

/// Milliseconds of one call, the middle of several.
fn milliseconds(times: usize, mut call: impl FnMut() -> Result<(), Failed>) -> Result<f64, Failed> {
    let mut taken = Vec::with_capacity(times);
    for _ in 0..times + 5 {
        let begin = Clock::now();
        call()?;
        taken.push(begin.elapsed().as_secs_f64() * 1e3);
    }
    // The first calls prepare their statements.
    Ok(median(taken.get(5..).unwrap_or_default()))
}

fn within(found: f64, budget: f64) -> String {
    format!("{found:.3} ms (<= {budget} ms: {})", if found <= budget { "met" } else { "not met" })
}

fn ranks(report: &mut Report, world: &World) -> Result<(), Failed> {
    const COUNT: &str =
        "SELECT 1 + count(*) FROM public.season_participations WHERE season_id = 'spring' AND season_xp > $1";
    let statement = world.runtime.block_on(world.client.prepare(COUNT))?;
    for (what, rank) in [("first", 1), ("middle", world.players / 2), ("last", world.players)] {
        let player = world.at_rank(rank)?;
        let live = milliseconds(LOOKS, || Ok(world.store.standing("spring", &player).map(drop)?))?;
        report.plain(&format!("live rank of the {what}"), within(live, 2.0));
        let score = world.store.standing("spring", &player)?.map_or(0, |standing| standing.season_xp.0);
        let counted =
            milliseconds(5, || Ok(world.runtime.block_on(world.client.query_one(&statement, &[&score])).map(drop)?))?;
        report.plain(&format!("beside it: count(*) for the {what}"), format!("{counted:.3} ms"));
    }
    Ok(())
}

fn pages(report: &mut Report, world: &World) -> Result<(), Failed> {
    let page =
        |skip: usize| milliseconds(LOOKS, || Ok(world.store.leaderboard("spring", world.now, skip, 10).map(drop)?));
    report.plain("top page of 10", within(page(0)?, 0.2));
    report.plain("page of 10 in the middle", format!("{:.3} ms", page(world.players as usize / 2)?));
    let player = world.at_rank(world.players / 2)?;
    let around =
        milliseconds(LOOKS, || Ok(world.store.leaderboard_around("spring", world.now, &player, 5).map(drop)?))?;
    report.plain("11 places around the middle", within(around, 2.0));
    let select = "SELECT count(*) FROM (SELECT rank() OVER (ORDER BY season_xp DESC) FROM public.season_participations) AS all_ranks";
    report.plain(
        "beside it: rank() over everybody",
        format!("{:.0} ms", milliseconds(1, || world.number(select).map(drop))?),
    );
    Ok(())
}

fn refreshes(report: &mut Report, world: &World, url: &str) -> Result<(), Failed> {
    let begin = Clock::now();
    let first = world.store.refresh_leaderboard("spring", world.now)?;
    let took = begin.elapsed().as_secs_f64();
    report.plain("refresh, the first fill", format!("{took:.1} s, {} rows", first.changed));
    let far = "refresh after 1% of the players gained 100 XP, which moves nearly everybody";
    let took = refresh_after(report, world, url, far, 100, 7)?;
    report.plain("the budget of that", within(took * 1e3, 8000.0));
    refresh_after(report, world, url, "refresh after 1% of the players gained 1 XP", 1, 8).map(drop)
}

/// Refreshes after every hundredth player gained XP, while somebody looks at ranks; how many seconds it took.
fn refresh_after(
    report: &mut Report,
    world: &World,
    url: &str,
    what: &str,
    gain: i64,
    rest: i64,
) -> Result<f64, Failed> {
    world.run(&format!(
        "UPDATE public.season_participations SET season_xp = season_xp + {gain} WHERE id::int % 100 = {rest}"
    ))?;
    let expected = wrong(world)?;
    let done = AtomicBool::new(false);
    let (refreshed, took, slowest) = std::thread::scope(|scope| {
        let reader = scope.spawn(|| slowest_looks(world, url, &done).map_err(|error| error.to_string()));
        let begin = Clock::now();
        let refreshed = world.store.refresh_leaderboard("spring", world.now);
        let took = begin.elapsed().as_secs_f64();
        done.store(true, Ordering::Release);
        (refreshed, took, reader.join())
    });
    let refreshed = refreshed?;
    let (middle, longest) = slowest.map_err(|_| "the reader stopped")??;
    if (refreshed.changed, wrong(world)?) != (expected, 0) {
        return Err(format!("{refreshed:?}, where {expected} rows were to be written").into());
    }
    report.plain(what, format!("{took:.1} s, {expected} rows"));
    report.plain("live ranks meanwhile", format!("{middle:.3} ms, the slowest {longest:.1} ms"));
    Ok(took)
}

/// How many rows of the leaderboard are not as they should be.
fn wrong(world: &World) -> Result<i64, Failed> {
    world.number(
        "SELECT count(*) FROM (SELECT user_id, season_xp, rank() OVER (ORDER BY season_xp DESC) AS rank, season_participations.rank AS own \
         FROM public.season_participations) AS right_one \
         LEFT JOIN public.season_leaderboards AS written ON written.user_id = right_one.user_id AND written.season_id = 'spring' \
         WHERE (written.rank, written.total_xp, right_one.own) IS DISTINCT FROM (right_one.rank::int, right_one.season_xp, right_one.rank::int)",
    )
}

/// The middle and the slowest of looks at ranks, until it is done.
fn slowest_looks(world: &World, url: &str, done: &AtomicBool) -> Result<(f64, f64), Failed> {
    let store = BlockingStore::open(url)?;
    let mut taken = Vec::new();
    while !done.load(Ordering::Acquire) || taken.is_empty() {
        let begin = Clock::now();
        let player = format!("player-{}", 1 + taken.len() as i64 * 7919 % world.players);
        store.standing("spring", &player)?.ok_or("no standing")?;
        taken.push(begin.elapsed().as_secs_f64() * 1e3);
    }
    let longest = taken.iter().copied().fold(0.0, f64::max);
    Ok((median(&taken), longest))
}
