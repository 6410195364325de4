//! The rows of a player: what a command may look at, and no more of the past than the rules look back to.

use diesel::prelude::*;
use diesel::{OptionalExtension, SqliteConnection};
use levelkit::player::{Grant, Player};
use levelkit::{Command, Day, Refusal};

use super::rules;
use super::schema::*;
use super::sums;
use crate::assemble::{self, HistoryRows, PlayerRows, unknown_player};
use crate::convert::optional_day;
use crate::error::{Error, Kind, Result};
use crate::rows::*;
use crate::rulesets::Rulesets;
use crate::sums::{Sums, plan};

/// A player with the engine that can decide for it.
pub(super) struct Loaded {
    pub(super) player: Player,
    pub(super) engine: levelkit::Engine,
    pub(super) sums: Sums,
}

/// Loads a player for a command, or for a look at it.
///
/// # Errors
/// `UNKNOWN_ID` for nobody, `NO_RULESET`, `STORE_CORRUPT`.
pub(super) fn load(
    conn: &mut SqliteConnection,
    rulesets: &Rulesets,
    id: &str,
    command: Option<&Command>,
) -> Result<Loaded> {
    let rows = player_rows(conn, id)?;
    let sums_until = optional_day("levelkit_players.sums_until", rows.record.sums_until.clone())?;
    let mut player = assemble::player(id, rows)?;
    let in_force = rules::in_force(conn)?.ok_or_else(|| Error::new(Kind::NoRuleset))?;
    let logs = open_logs(conn, id, assemble::open_logs_from(&player.state))?;
    player.state.logs = assemble::quest_logs(id, logs, in_force)?;
    if let Some(grant_id) = command.and_then(assemble::grant_id) {
        player.state.grants = grant(conn, grant_id)?;
    }
    let engine = rules::engine(conn, rulesets, &assemble::rulesets_of(&player.state))?;
    assemble::keep_open_logs(&mut player.state, |hash| rulesets.get(hash));
    let sums = plan(sums_until, engine.history_from(&player), player.state.first_day);
    if !player.state.days.is_empty() {
        let from = assemble::history_begins(&player.state, sums.from());
        let rows = history_rows(conn, id, from)?;
        assemble::add_history(&mut player, rows, from)?;
    }
    player.history.past = sums::load(sums, conn, id)?;
    Ok(Loaded { player, engine, sums })
}

fn player_rows(conn: &mut SqliteConnection, id: &str) -> Result<PlayerRows> {
    let (user, record) = levelkit_players::table
        .inner_join(users::table.on(users::id.eq(levelkit_players::user_id)))
        .filter(levelkit_players::user_id.eq(id))
        .select((UserRow::as_select(), RecordRow::as_select()))
        .first(conn)
        .optional()?
        .ok_or_else(|| unknown_player(id))?;
    let counters = levelkit_counters::table
        .filter(levelkit_counters::user_id.eq(id))
        .order(levelkit_counters::key)
        .select((levelkit_counters::key, levelkit_counters::count))
        .load(conn)?;
    let specials = levelkit_specials::table
        .filter(levelkit_specials::user_id.eq(id))
        .order(levelkit_specials::name)
        .select(levelkit_specials::name)
        .load(conn)?;
    let seasons = season_participations::table
        .filter(season_participations::user_id.eq(id))
        .order(season_participations::season_id)
        .select((season_participations::season_id, season_participations::season_xp, season_participations::joined_at))
        .load(conn)?;
    let sealed_seasons = levelkit_season_seals::table.select(levelkit_season_seals::season_id).load(conn)?;
    let (titles, boss, dungeon) = (titles(conn, id)?, last_boss(conn, id)?, last_dungeon(conn, id)?);
    Ok(PlayerRows { user, record, counters, specials, titles, seasons, sealed_seasons, boss, dungeon })
}

fn titles(conn: &mut SqliteConnection, id: &str) -> Result<Vec<TitleRow>> {
    let same_time = levelkit_title_history::user_id
        .eq(user_titles::user_id)
        .and(levelkit_title_history::title_id.eq(user_titles::title_id))
        .and(levelkit_title_history::earned_at.eq(user_titles::earned_at));
    Ok(user_titles::table
        .left_join(levelkit_title_history::table.on(same_time))
        .filter(user_titles::user_id.eq(id))
        .order(user_titles::title_id)
        .select((
            user_titles::title_id,
            user_titles::earned_at,
            user_titles::revoked_at,
            levelkit_title_history::cause.nullable(),
        ))
        .load(conn)?)
}

fn last_boss(conn: &mut SqliteConnection, id: &str) -> Result<Option<(BossAttemptRow, AttemptRow)>> {
    Ok(levelkit_attempts::table
        .filter(levelkit_attempts::user_id.eq(id).and(levelkit_attempts::kind.eq("BOSS")))
        .order(levelkit_attempts::started_at.desc())
        .inner_join(boss_attempts::table.on(boss_attempts::id.eq(levelkit_attempts::attempt_id)))
        .select((BossAttemptRow::as_select(), AttemptRow::as_select()))
        .first(conn)
        .optional()?)
}

fn last_dungeon(conn: &mut SqliteConnection, id: &str) -> Result<Option<(DungeonAttemptRow, AttemptRow)>> {
    Ok(levelkit_attempts::table
        .filter(levelkit_attempts::user_id.eq(id).and(levelkit_attempts::kind.eq("DUNGEON")))
        .order(levelkit_attempts::started_at.desc())
        .inner_join(dungeon_attempts::table.on(dungeon_attempts::id.eq(levelkit_attempts::attempt_id)))
        .select((DungeonAttemptRow::as_select(), AttemptRow::as_select()))
        .first(conn)
        .optional()?)
}

/// Quest logs that may be open, some of them closed.
fn open_logs(conn: &mut SqliteConnection, id: &str, from: Day) -> Result<Vec<QuestLogRow>> {
    Ok(quest_logs::table
        .filter(quest_logs::user_id.eq(id).and(quest_logs::day_date.ge(from.to_string())))
        .select(QuestLogRow::as_select())
        .load(conn)?)
}

/// The adjustment or grant of an id, whoever's it was: the engine compares it with the command's.
fn grant(conn: &mut SqliteConnection, id: &str) -> Result<Vec<Grant>> {
    let row = levelkit_adjustments::table
        .find(id)
        .select((levelkit_adjustments::user_id, levelkit_adjustments::source, levelkit_adjustments::amount))
        .first(conn)
        .optional()?;
    let Some(row) = row else {
        // The id becomes the event's own, so it must not be that of an event of another origin either.
        let taken = diesel::select(diesel::dsl::exists(xp_events::table.find(id))).get_result::<bool>(conn)?;
        return if taken { Err(Refusal::IdConflict { id: id.to_owned() }.into()) } else { Ok(Vec::new()) };
    };
    Ok(vec![assemble::grant(id, row)?])
}

/// Closed days from `from` on, and what was measured, completed and missed since then.
fn history_rows(conn: &mut SqliteConnection, id: &str, from: Day) -> Result<HistoryRows> {
    let since = from.to_string();
    let days = daily_logs::table
        .filter(daily_logs::user_id.eq(id).and(daily_logs::day_date.ge(&since)).and(daily_logs::evaluated.eq(true)))
        .order(daily_logs::day_date)
        .select((daily_logs::day_date, daily_logs::core_completed, daily_logs::core_total))
        .load(conn)?;
    let facts = levelkit_facts::table
        .filter(levelkit_facts::user_id.eq(id).and(levelkit_facts::day.ge(&since)))
        .order((levelkit_facts::day, levelkit_facts::metric))
        .select(FactRow::as_select())
        .load(conn)?;
    let ended = quest_logs::table
        .filter(quest_logs::user_id.eq(id).and(quest_logs::day_date.ge(&since)))
        .filter(quest_logs::status.ne("ACTIVE"))
        .order((quest_logs::day_date, quest_logs::completed_at, quest_logs::template_id))
        .select((quest_logs::day_date, quest_logs::template_id, quest_logs::status))
        .load(conn)?;
    let (clears, victories) = (counted_days(conn, id, "DUNGEON", &since)?, counted_days(conn, id, "BOSS", &since)?);
    Ok(HistoryRows { days, facts, ended, clears, victories })
}

/// The days that victories or clears count on.
fn counted_days(conn: &mut SqliteConnection, id: &str, kind: &str, since: &str) -> Result<Vec<String>> {
    Ok(levelkit_attempts::table
        .filter(levelkit_attempts::user_id.eq(id).and(levelkit_attempts::kind.eq(kind)))
        .filter(levelkit_attempts::counted_on.ge(since))
        .order(levelkit_attempts::started_at)
        .select(levelkit_attempts::counted_on.assume_not_null())
        .load(conn)?)
}
