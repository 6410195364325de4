//! The rows that a timeline is made of.

use std::ops::RangeInclusive;

use diesel::SqliteConnection;
use diesel::prelude::*;
use levelkit::Instant;

use super::schema::*;
use super::{ledger, rules};
use crate::assemble::{quest_logs as logs_of, unknown_player};
use crate::error::Result;
use crate::rows::QuestLogRow;
use crate::rulesets::Rulesets;
use crate::timeline::{self, TimelineRows};
use crate::view::{LedgerEntry, TimelineEntry};

/// What happened to a player within a range.
pub(super) fn timeline(
    conn: &mut SqliteConnection,
    rulesets: &Rulesets,
    id: &str,
    range: RangeInclusive<Instant>,
) -> Result<Vec<TimelineEntry>> {
    if levelkit_players::table.find(id).count().get_result::<i64>(conn)? == 0 {
        return Err(unknown_player(id));
    }
    let rows = rows(conn, rulesets, id, &range)?;
    for log in &rows.logs {
        rules::known(conn, rulesets, log.rules)?;
    }
    timeline::timeline(range, rows, |hash| rulesets.get(hash))
}

fn rows(
    conn: &mut SqliteConnection,
    rulesets: &Rulesets,
    id: &str,
    range: &RangeInclusive<Instant>,
) -> Result<TimelineRows> {
    let (from, to) = timeline::dates(range);
    let engine = rules::current(conn, rulesets)?;
    let zones = levelkit_zone_history::table
        .filter(levelkit_zone_history::user_id.eq(id))
        .order(levelkit_zone_history::since)
        .select((levelkit_zone_history::since, levelkit_zone_history::timezone))
        .load(conn)?;
    let logs = quest_logs::table
        .filter(quest_logs::user_id.eq(id).and(quest_logs::day_date.between(&from, &to)))
        .order((quest_logs::day_date, quest_logs::template_id))
        .select(QuestLogRow::as_select())
        .load(conn)?;
    let logs = logs_of(id, logs, engine.ruleset().hash())?;
    let days = daily_logs::table
        .filter(daily_logs::user_id.eq(id).and(daily_logs::day_date.between(&from, &to)))
        .order(daily_logs::day_date)
        .select((
            daily_logs::day_date,
            daily_logs::core_completed,
            daily_logs::core_total,
            daily_logs::all_completed,
            daily_logs::debuff_triggered,
            daily_logs::evaluated,
        ))
        .load(conn)?;
    let titles = levelkit_title_history::table
        .filter(levelkit_title_history::user_id.eq(id))
        .order((levelkit_title_history::earned_at, levelkit_title_history::title_id))
        .select((
            levelkit_title_history::title_id,
            levelkit_title_history::earned_at,
            levelkit_title_history::revoked_at,
        ))
        .load(conn)?;
    let bosses = boss_attempts::table
        .filter(boss_attempts::user_id.eq(id))
        .order(boss_attempts::started_at)
        .select((
            boss_attempts::boss_id,
            boss_attempts::status,
            boss_attempts::current_phase,
            boss_attempts::started_at,
            boss_attempts::completed_at,
        ))
        .load(conn)?;
    let dungeons = dungeon_attempts::table
        .filter(dungeon_attempts::user_id.eq(id))
        .order(dungeon_attempts::started_at)
        .select((
            dungeon_attempts::dungeon_id,
            dungeon_attempts::status,
            dungeon_attempts::started_at,
            dungeon_attempts::completed_at,
        ))
        .load(conn)?;
    let seasons = season_participations::table
        .filter(season_participations::user_id.eq(id))
        .select((season_participations::season_id, season_participations::joined_at))
        .load(conn)?;
    let hour = engine.ruleset().document().day.day_start_hour;
    let ledger = ledger_within(conn, id, range)?;
    Ok(TimelineRows { zones, hour, logs, days, ledger, titles, bosses, dungeons, seasons })
}

fn ledger_within(conn: &mut SqliteConnection, id: &str, range: &RangeInclusive<Instant>) -> Result<Vec<LedgerEntry>> {
    const PAGE: usize = 500;
    let mut entries = Vec::new();
    let mut after = range.start().micros().checked_sub(1).and_then(Instant::from_micros);
    loop {
        let page = ledger::page(conn, id, after, PAGE)?;
        for entry in page.entries {
            if entry.event.created_at > *range.end() {
                return Ok(entries);
            }
            entries.push(entry);
        }
        after = match page.next {
            Some(next) => Some(next),
            None => return Ok(entries),
        };
    }
}
