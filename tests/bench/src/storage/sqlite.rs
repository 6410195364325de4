//! SQLite, beside a loop that writes the same rows with statements prepared once.

use std::hash::{Hash, Hasher};
use std::path::Path;
use std::time::Instant as Clock;

use levelkit_storage::{BlockingStore, Options, PlayerReport, Synchronous};
use rusqlite::Connection;

use super::world::{self, PLAYERS, at, id, report, steps};
use crate::report::{Failed, Report};

const ROUNDS: usize = 3;
const COMMANDS: usize = 500;

pub(super) fn run(out: &mut Report) -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let filled = folder.path().join("filled.db");
    let counters = {
        let store = open(&filled, Synchronous::Normal)?;
        store.migrate()?;
        world::populate(&store)?;
        raised(&store, &filled)?
    };
    for (synchronous, pragma) in [(Synchronous::Normal, "NORMAL"), (Synchronous::Full, "FULL")] {
        let (ours, theirs) = copies(folder.path(), &filled)?;
        let store = open(&ours, synchronous)?;
        let mut raw = Raw::open(&theirs, pragma, &counters)?;
        let (mut mine, mut limit) = (Vec::new(), Vec::new());
        for round in 0..ROUNDS {
            let numbers = round * COMMANDS..(round + 1) * COMMANDS;
            let begin = Clock::now();
            for number in numbers.clone() {
                store.execute(&id(number), at(2, 10), &steps(9000.0))?;
            }
            mine.push(COMMANDS as f64 / begin.elapsed().as_secs_f64());
            limit.push(raw.rate(numbers, 1)?);
        }
        checked(&store, &raw, ROUNDS * COMMANDS)?;
        out.rate(&format!("SQLite {pragma}: report completing a quest, beside a raw loop"), &mine, &limit, 0.8);
    }
    let (ours, theirs) = copies(folder.path(), &filled)?;
    let store = open(&ours, Synchronous::Full)?;
    let mut raw = Raw::open(&theirs, "FULL", &counters)?;
    let (mut mine, mut limit) = (Vec::new(), Vec::new());
    let reports: Vec<PlayerReport> = (0..PLAYERS).map(|number| report(number, at(2, 10), 9000.0)).collect();
    for (round, part) in reports.chunks(1000).take(5).enumerate() {
        mine.push(1000.0 / world::all_accepted(&store, part)?);
        limit.push(raw.rate(round * 1000..(round + 1) * 1000, 1000)?);
    }
    checked(&store, &raw, 5000)?;
    out.rate("SQLite: report_many, 1,000 players at once, beside a raw loop", &mine, &limit, 0.8);
    Ok(())
}

pub(super) fn open(path: &Path, synchronous: Synchronous) -> Result<BlockingStore, Failed> {
    Ok(BlockingStore::open_with(&format!("sqlite:{}", path.display()), Options::new().synchronous(synchronous))?)
}

fn copies(folder: &Path, filled: &Path) -> Result<(std::path::PathBuf, std::path::PathBuf), Failed> {
    let (ours, theirs) = (folder.join("ours.db"), folder.join("theirs.db"));
    for copy in [&ours, &theirs] {
        for rest in ["-wal", "-shm"] {
            let mut path = copy.clone().into_os_string();
            path.push(rest);
            let _ = std::fs::remove_file(path);
        }
        std::fs::copy(filled, copy)?;
    }
    Ok((ours, theirs))
}

/// The checksum: as many rows and as much XP on both sides, and the ledgers are sound.
fn checked(store: &BlockingStore, raw: &Raw, commands: usize) -> Result<(), Failed> {
    for number in (0..commands).step_by(97) {
        world::verified(store, number, 3)?;
    }
    let ours: usize = (0..commands).step_by(251).map(|_| 3).sum();
    let theirs: usize = raw.events((0..commands).step_by(251))?;
    match ours == theirs {
        true => Ok(()),
        false => Err(format!("{ours} events here and {theirs} there").into()),
    }
}

/// A connection that writes and decides nothing.
struct Raw {
    connection: Connection,
    /// The counters that a completion raises.
    counters: Vec<String>,
}

impl Raw {
    fn open(path: &Path, synchronous: &str, counters: &[String]) -> Result<Self, Failed> {
        let connection = Connection::open(path)?;
        connection.execute_batch(&format!(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = {synchronous}; PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF; \
             PRAGMA cache_size = -32768"
        ))?;
        connection.set_prepared_statement_cache_capacity(64);
        Ok(Self { connection, counters: counters.to_vec() })
    }

    fn events(&self, numbers: impl Iterator<Item = usize>) -> Result<usize, Failed> {
        let mut count = self.connection.prepare("SELECT count(*) FROM xp_events WHERE user_id = ?")?;
        let counts: Result<Vec<i64>, _> =
            numbers.map(|number| count.query_row([id(number)], |row| row.get(0))).collect();
        Ok(usize::try_from(counts?.into_iter().sum::<i64>())?)
    }

    /// Players a second, so many to a transaction.
    fn rate(&mut self, numbers: std::ops::Range<usize>, at_once: usize) -> Result<f64, Failed> {
        let numbers: Vec<usize> = numbers.collect();
        let begin = Clock::now();
        for part in numbers.chunks(at_once) {
            let transaction = self.connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
            part.iter().try_for_each(|number| complete(&transaction, &id(*number), &self.counters))?;
            transaction.commit()?;
        }
        Ok(numbers.len() as f64 / begin.elapsed().as_secs_f64())
    }
}

/// The counters that a completion raises, seen by one of the last player's.
fn raised(store: &BlockingStore, path: &Path) -> Result<Vec<String>, Failed> {
    let last = id(PLAYERS - 1);
    let counters = || -> Result<Vec<(String, i64)>, Failed> {
        let connection = Connection::open(path)?;
        let mut all = connection.prepare("SELECT key, count FROM levelkit_counters WHERE user_id = ?")?;
        let rows = all.query_map([&last], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    };
    let before = counters()?;
    store.execute(&last, at(2, 9), &steps(9000.0))?;
    Ok(counters()?.into_iter().filter(|counter| !before.contains(counter)).map(|(key, _)| key).collect())
}

/// The rows of a completed quest.
fn complete(connection: &Connection, id: &str, counters: &[String]) -> Result<(), Failed> {
    const LAST: &str =
        "SELECT event_hash, created_at FROM xp_events WHERE user_id = ? ORDER BY created_at DESC LIMIT 1";
    const OWN: &str = "SELECT event_count, head_hash, open_days FROM levelkit_players WHERE user_id = ?";
    let (hash, created_at): (String, i64) =
        connection.prepare_cached(LAST)?.query_row([id], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let (_, _, days): (i64, String, String) =
        connection.prepare_cached(OWN)?.query_row([id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let event = like_an_id("event", id);
    let progress = "{\"fraction\":1.0,\"inputs\":{\"steps\":9000.0},\"opened_on\":\"2026-03-07\"}";
    let run = |text: &str, values: &[&dyn rusqlite::ToSql]| -> Result<(), Failed> {
        connection.prepare_cached(text)?.execute(values)?;
        Ok(())
    };
    let now = created_at + 1_000_000;
    run(
        "INSERT INTO quest_logs (id, user_id, template_id, day_date, status, progress, completed_at, xp_awarded) \
         VALUES (?, ?, 'walk', '2026-03-07', 'COMPLETED', ?, ?, 121) ON CONFLICT (user_id, template_id, day_date) DO UPDATE SET \
         status = excluded.status, progress = excluded.progress, completed_at = excluded.completed_at, xp_awarded = excluded.xp_awarded",
        &[&like_an_id("log", id), &id, &progress, &now],
    )?;
    run(
        "INSERT INTO daily_logs (id, user_id, day_date, core_completed, core_total, all_completed, debuff_triggered, evaluated) \
         VALUES (?, ?, '2026-03-07', 1, 1, 0, 0, 0) ON CONFLICT (user_id, day_date) DO UPDATE SET \
         core_completed = excluded.core_completed, core_total = excluded.core_total",
        &[&like_an_id("day", id), &id],
    )?;
    run(
        "INSERT INTO xp_events (id, user_id, event_source, source_id, base_xp, final_xp, total_xp_before, total_xp_after, \
         level_before, level_after, event_hash, created_at) VALUES (?, ?, 'QUEST_COMPLETION', ?, 100, 121, 220, 341, 2, 2, ?, ?)",
        &[&event, &id, &like_an_id("log", id), &hash, &now],
    )?;
    for place in 0..2 {
        run(
            "INSERT INTO xp_modifiers (id, xp_event_id, \"order\", type, multiplier, reason, xp_before, xp_after) \
             VALUES (?, ?, ?, 'STREAK_BONUS', 1.1, '2 day streak', 100, 110)",
            &[&like_an_id(&format!("modifier{place}"), id), &event, &place],
        )?;
    }
    run(
        "INSERT INTO levelkit_award_rules (xp_event_id, rules) SELECT ?, hash FROM levelkit_rulesets LIMIT 1",
        &[&event],
    )?;
    run(
        "INSERT INTO levelkit_facts (user_id, day, metric, number, boolean, observed_at) VALUES (?, '2026-03-07', 'steps', 9000, NULL, ?) \
         ON CONFLICT (user_id, day, metric) DO UPDATE SET number = excluded.number, observed_at = excluded.observed_at",
        &[&id, &now],
    )?;
    for key in counters {
        run(
            "INSERT INTO levelkit_counters (user_id, key, count) VALUES (?, ?, 3) \
             ON CONFLICT (user_id, key) DO UPDATE SET count = excluded.count",
            &[&id, key],
        )?;
    }
    run(
        "UPDATE users SET updated_at = ?, level = 2, total_xp = total_xp + 121, agi = agi + 1 WHERE id = ?",
        &[&now, &id],
    )?;
    run(
        "UPDATE levelkit_players SET last_at = ?, event_count = event_count + 1, head_hash = ?, last_created_at = ?, open_days = ?, \
         seen_at = ? WHERE user_id = ?",
        &[&now, &hash, &now, &days, &now, &id],
    )
}

/// A text as long as levelkit's ids, and as far from its neighbours: an index is written where the id belongs.
fn like_an_id(kind: &str, id: &str) -> String {
    let half = |salt: u8| {
        let mut hasher = std::hash::DefaultHasher::new();
        (salt, kind, id).hash(&mut hasher);
        hasher.finish()
    };
    let (high, low) = (half(0), half(1));
    format!("{:08x}-{:04x}-8{:03x}-{:04x}-{:012x}", high >> 32, high & 0xffff, low >> 52, low & 0xffff, low >> 16)
}
