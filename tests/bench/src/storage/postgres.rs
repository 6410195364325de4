//! PostgreSQL, with a private server that waits for the disk at every commit.

use std::path::Path;
use std::time::Instant as Clock;

use levelkit_storage::{BlockingStore, Options, PlayerReport};
use levelkit_test_postgres::{Database, Error, Server, Settings};

use super::peer::{self, Shape};
use super::world::{self, PLAYERS, at, grant, id, report, steps};
use crate::report::{Failed, Report};

/// Clients, and how many commands they make in a round.
const WORKERS: [(usize, usize); 3] = [(1, 400), (8, 1200), (32, 1280)];
const ROUNDS: usize = 3;

/// Completions a second by the TypeScript service that levelkit replaces, and what such a script made on that machine at that time: the
/// service is not here, so that the script stands in for it. Levelkit is to be 20 times as quick.
const OLD: [(f64, f64); WORKERS.len()] = [(68.0, 1330.0), (158.0, 4590.0), (183.0, 4890.0)];

/// A server as durable as one in production.
pub(super) fn server() -> Result<Server, Error> {
    let settings = Settings::new().durable(true).set("shared_buffers", "256MB").set("max_wal_size", "4GB");
    Server::start(&settings.set("checkpoint_timeout", "30min").set("track_activities", "off"))
}

/// A store with as many connections as there are workers.
pub(super) fn store(url: &str, connections: usize) -> Result<BlockingStore, Failed> {
    Ok(BlockingStore::open_with(url, Options::new().connections(connections))?)
}

pub(super) fn run(out: &mut Report) -> Result<(), Failed> {
    let server = server()?;
    let folder = tempfile::tempdir()?;
    let filled = server.template(|url| -> Result<(), Error> {
        let fill = || -> Result<(), Failed> {
            let store = store(url, 4)?;
            store.migrate()?;
            world::populate(&store)
        };
        fill().map_err(|error| Error::Failed(error.to_string()))
    })?;
    let (ours, theirs) = (filled.database()?, filled.database()?);
    for database in [&ours, &theirs] {
        database.query("VACUUM ANALYZE")?;
    }
    server.query("CHECKPOINT")?;
    let shape = shape(&ours)?;
    same_rows(&ours, &theirs, &shape, folder.path())?;
    singles(out, &ours, &theirs, &shape, folder.path())?;
    thousands(out, &ours, &theirs, &shape, folder.path())?;
    hot(out, &ours)
}

/// What the rows of a completed quest look like.
fn shape(ours: &Database<'_>) -> Result<Shape, Failed> {
    let store = store(&ours.url(), 1)?;
    let before = ours.query("SELECT key || count FROM levelkit.counters WHERE user_id = 'p9999'")?;
    store.execute(&id(9999), at(2, 9), &steps(9000.0))?;
    let after = ours.query("SELECT key || count, key FROM levelkit.counters WHERE user_id = 'p9999'")?;
    let raised = after
        .lines()
        .filter_map(|line| line.split_once('\t'))
        .filter(|(row, _)| !before.lines().any(|old| old == *row));
    let counters = raised.map(|(_, key)| key.to_owned()).collect();
    let progress = ours.query(
        "SELECT progress FROM quest_logs WHERE user_id = 'p9999' AND template_id = 'walk' AND day_date = '2026-03-07'",
    )?;
    let days = ours.query("SELECT open_days FROM levelkit.players WHERE user_id = 'p9999'")?;
    let hash = ours.query("SELECT hash FROM levelkit.rulesets")?;
    // A colon with a word behind it would be a variable of pgbench's.
    let literal = |text: String| text.trim().replace(':', ": ");
    Ok(Shape { progress: literal(progress), days: literal(days), hash: hash.trim().to_owned(), counters })
}

/// The rows that were inserted or updated so far, table by table.
fn written(database: &Database<'_>) -> Result<Vec<(String, i64)>, Failed> {
    let rows = database.query(
        "SELECT relname, n_tup_ins + n_tup_upd FROM pg_stat_user_tables WHERE schemaname IN ('public', 'levelkit') ORDER BY 1",
    )?;
    rows.lines()
        .filter_map(|line| line.split_once('\t'))
        .map(|(table, count)| Ok((table.to_owned(), count.trim().parse()?)))
        .collect()
}

/// The checksum of this part: a command and the script write as many rows, into the same tables.
fn same_rows(ours: &Database<'_>, theirs: &Database<'_>, shape: &Shape, folder: &Path) -> Result<(), Failed> {
    const COMMANDS: usize = 100;
    let difference =
        |database: &Database<'_>, work: &dyn Fn() -> Result<(), Failed>| -> Result<Vec<(String, i64)>, Failed> {
            // Counts are kept by each connection, and handed over when it ends.
            let settle = || std::thread::sleep(std::time::Duration::from_millis(1500));
            settle();
            let before = written(database)?;
            work()?;
            settle();
            let after = written(database)?;
            let grown = after.into_iter().zip(before).map(|((table, after), (_, before))| (table, after - before));
            Ok(grown.filter(|(_, rows)| *rows > 0).collect())
        };
    let commands = difference(ours, &|| {
        let store = store(&ours.url(), 1)?;
        (9800..9800 + COMMANDS)
            .try_for_each(|number| Ok(store.execute(&id(number), at(2, 9), &steps(9000.0)).map(drop)?))
    })?;
    let script = difference(theirs, &|| peer::single(folder, &theirs.url(), shape, PLAYERS, 1, COMMANDS).map(drop))?;
    println!("rows of {COMMANDS} completed quests: {commands:?}");
    match commands == script {
        true => Ok(()),
        false => Err(format!("the script writes other rows: {script:?}").into()),
    }
}

/// One command after the other, by so many workers; how many a second.
fn work(store: &BlockingStore, workers: usize, numbers: &[usize]) -> Result<f64, Failed> {
    let begin = Clock::now();
    let part = numbers.len().div_ceil(workers);
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let local = tokio::task::LocalSet::new();
    local.block_on(&runtime, async {
        let tasks: Vec<_> = numbers
            .chunks(part)
            .map(|numbers| {
                let (store, numbers) = (store.as_async().clone(), numbers.to_vec());
                tokio::task::spawn_local(async move {
                    for number in numbers {
                        store.execute(&id(number), at(2, 10), &steps(9000.0)).await?;
                    }
                    Ok::<(), levelkit_storage::Error>(())
                })
            })
            .collect();
        for task in tasks {
            task.await??;
        }
        Ok::<(), Failed>(())
    })?;
    Ok(numbers.len() as f64 / begin.elapsed().as_secs_f64())
}

fn singles(
    out: &mut Report,
    ours: &Database<'_>,
    theirs: &Database<'_>,
    shape: &Shape,
    folder: &Path,
) -> Result<(), Failed> {
    let mut next = 0;
    let mut rates = vec![(Vec::new(), Vec::new()); WORKERS.len()];
    for _ in 0..ROUNDS {
        for ((workers, commands), (mine, limit)) in WORKERS.iter().zip(&mut rates) {
            let numbers: Vec<usize> = (next..next + commands).collect();
            next += commands;
            let store = store(&ours.url(), *workers)?;
            // Connections are made, and statements prepared, before the clock runs.
            warm_up(&store, *workers)?;
            mine.push(work(&store, *workers, &numbers)?);
            limit.push(peer::single(folder, &theirs.url(), shape, PLAYERS, *workers, *commands)?);
        }
    }
    let store = store(&ours.url(), 1)?;
    for number in (0..next).step_by(97) {
        world::verified(&store, number, 3)?;
    }
    for (((workers, _), (mine, limit)), (old, quiet)) in WORKERS.iter().zip(rates).zip(OLD) {
        out.rate(
            &format!("PostgreSQL: report completing a quest, {workers} workers, beside pgbench"),
            &mine,
            &limit,
            0.8,
        );
        let what = format!("the same, {workers} workers, beside 20 completions by the service of old");
        out.rate(&what, &mine, &limit, 20.0 * old / quiet);
    }
    Ok(())
}

/// Commands that change nothing any more, by every worker at once.
fn warm_up(store: &BlockingStore, workers: usize) -> Result<(), Failed> {
    let numbers: Vec<usize> = (9800..9800 + workers * 3).collect();
    work(store, workers, &numbers).map(drop)
}

fn thousands(
    out: &mut Report,
    ours: &Database<'_>,
    theirs: &Database<'_>,
    shape: &Shape,
    folder: &Path,
) -> Result<(), Failed> {
    let store = store(&ours.url(), 1)?;
    world::everybody(&store, at(2, 22), 9000.0)?;
    world::everybody(&store, at(3, 8), 10.0)?;
    let (mut mine, mut limit) = (Vec::new(), Vec::new());
    let reports: Vec<PlayerReport> = (0..PLAYERS).map(|number| report(number, at(3, 10), 9000.0)).collect();
    for part in reports.chunks(2000) {
        let took: Result<f64, Failed> = part.chunks(1000).map(|part| world::all_accepted(&store, part)).sum();
        mine.push(part.len() as f64 / took?);
        limit.push(peer::thousand(folder, &theirs.url(), shape, PLAYERS, 2)?);
    }
    for number in (0..PLAYERS).step_by(97) {
        world::verified(&store, number, 4)?;
    }
    out.rate("PostgreSQL: report_many, 1,000 players at once, beside UNNEST by pgbench", &mine, &limit, 0.8);
    Ok(())
}

/// One player, and everybody wants them.
fn hot(out: &mut Report, ours: &Database<'_>) -> Result<(), Failed> {
    const WORKERS: usize = 32;
    const EACH: usize = 30;
    let store = store(&ours.url(), WORKERS)?;
    let begin = Clock::now();
    let done: Vec<Result<(), levelkit_storage::Error>> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..WORKERS)
            .map(|worker| {
                let store = &store;
                scope.spawn(move || {
                    (0..EACH).try_for_each(|number| {
                        store.execute(&id(5), at(3, 12), &grant(format!("hot-{worker}-{number}"))).map(drop)
                    })
                })
            })
            .collect();
        workers.into_iter().filter_map(|worker| worker.join().ok()).collect()
    });
    let rate = (WORKERS * EACH) as f64 / begin.elapsed().as_secs_f64();
    if done.len() != WORKERS {
        return Err("a worker stopped".into());
    }
    done.into_iter().collect::<Result<(), _>>()?;
    world::verified(&store, 5, 4 + (WORKERS * EACH) as u64)?;
    out.at_least("PostgreSQL: one hot player, 32 workers", &[rate], 300.0);
    Ok(())
}
