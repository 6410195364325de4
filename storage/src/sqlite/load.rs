//! The rows of a player: what a command may look at, and no more of the past than the rules look back to.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};
use diesel::{OptionalExtension, SqliteConnection};
use levelkit::player::{Grant, Player};
use levelkit::{Command, Day, Refusal};

use super::schema::*;
use super::statement::sql;
use super::{rules, sums};
use crate::assemble::{self, HistoryRows, PlayerRows, unknown_player};
use crate::attempts::{Attempts, LastAttemptRow};
use crate::bind::binds;
use crate::convert::optional_day;
use crate::error::{Error, Kind, Result};
use crate::lists::{self, ForAll, ListColumns, Lists};
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
    let (user, record) = player_row(conn, id)?;
    let (lists, for_all) = lists(conn, id)?;
    let Attempts { boss, dungeon } = last_attempts(conn, id)?;
    let sums_until = optional_day("levelkit_players.sums_until", record.sums_until.clone())?;
    let Lists { counters, specials, titles, seasons, past } = lists;
    let ForAll { sealed_seasons, in_force } = for_all;
    let rows = PlayerRows { user, record, counters, specials, titles, seasons, sealed_seasons, boss, dungeon };
    let mut player = assemble::player(id, rows)?;
    let in_force = in_force.ok_or_else(|| Error::new(Kind::NoRuleset))?;
    let logs = open_logs(conn, id, assemble::open_logs_from(&player.state))?;
    player.state.logs = assemble::quest_logs(id, logs, in_force)?;
    if let Some(grant_id) = command.and_then(assemble::grant_id) {
        player.state.grants = grant(conn, grant_id)?;
    }
    let engine = rules::engine(conn, rulesets, in_force, &assemble::rulesets_of(&player.state))?;
    assemble::keep_open_logs(&mut player.state, |hash| rulesets.get(hash));
    let sums = plan(sums_until, engine.history_from(&player), player.state.first_day);
    if !player.state.days.is_empty() {
        let from = assemble::history_begins(&player.state, sums.from());
        let rows = history_rows(conn, id, from)?;
        assemble::add_history(&mut player, rows, from)?;
    }
    player.history.past = sums::grown(sums, past, conn, id)?;
    Ok(Loaded { player, engine, sums })
}

fn player_row(conn: &mut SqliteConnection, id: &str) -> Result<(UserRow, RecordRow)> {
    levelkit_players::table
        .inner_join(users::table.on(users::id.eq(levelkit_players::user_id)))
        .filter(levelkit_players::user_id.eq(id))
        .select((UserRow::as_select(), RecordRow::as_select()))
        .get_result(conn)
        .optional()?
        .ok_or_else(|| unknown_player(id))
}

/// A player's lists, and what holds for all.
fn lists(conn: &mut SqliteConnection, id: &str) -> Result<(Lists, ForAll)> {
    const LISTS: &str = "SELECT '', 'counter', key, NULL, count, NULL, NULL, NULL FROM levelkit_counters WHERE user_id = ? \
        UNION ALL SELECT '', 'special', name, NULL, NULL, NULL, NULL, NULL FROM levelkit_specials WHERE user_id = ? \
        UNION ALL SELECT '', 'title', held.title_id, since.cause, held.earned_at, held.revoked_at, NULL, NULL \
        FROM user_titles AS held LEFT JOIN levelkit_title_history AS since \
        ON since.user_id = held.user_id AND since.title_id = held.title_id AND since.earned_at = held.earned_at \
        WHERE held.user_id = ? \
        UNION ALL SELECT '', 'season', season_id, NULL, season_xp, joined_at, NULL, NULL \
        FROM season_participations WHERE user_id = ? \
        UNION ALL SELECT '', 'sum', metric, NULL, NULL, NULL, sum, max FROM levelkit_sums WHERE user_id = ? \
        UNION ALL SELECT '', 'sealed', season_id, NULL, NULL, NULL, NULL, NULL FROM levelkit_season_seals \
        UNION ALL SELECT '', 'in_force', hash, NULL, NULL, NULL, NULL, NULL \
        FROM (SELECT hash FROM levelkit_rulesets ORDER BY active_from DESC LIMIT 1)";
    let (mut lists, for_all) =
        lists::sorted(sql::<(Text, ListColumns)>(LISTS, binds![id, id, id, id, id]).load(conn)?)?;
    Ok((lists.remove("").unwrap_or_default(), for_all))
}

type LastAttemptColumns = (
    (Text, Text, Nullable<BigInt>, Nullable<Text>, BigInt, Nullable<BigInt>),
    (Text, Text, Nullable<BigInt>, Nullable<BigInt>, Nullable<BigInt>, Nullable<BigInt>, Nullable<Text>),
);

/// The last attempt of a kind: columns of its own table, and of what the engine keeps beside it.
macro_rules! last_attempt {
    ($content:literal, $number:literal, $progress:literal, $table:literal, $kind:literal) => {
        concat!(
            "SELECT * FROM (SELECT t.",
            $content,
            ", t.status, t.",
            $number,
            ", ",
            $progress,
            ", t.started_at, t.completed_at, a.rules, a.from_day, a.days_closed, a.retries, a.entered_at, a.deadline, \
             a.counted_on FROM levelkit_attempts AS a JOIN ",
            $table,
            " AS t ON t.id = a.attempt_id WHERE a.user_id = ? AND a.kind = '",
            $kind,
            "' ORDER BY a.started_at DESC LIMIT 1)"
        )
    };
}

/// The last boss fight, and the last dungeon attempt, which alone has a progress of its own.
fn last_attempts(conn: &mut SqliteConnection, id: &str) -> Result<Attempts> {
    const LAST: &str = concat!(
        last_attempt!("boss_id", "current_phase", "NULL", "boss_attempts", "BOSS"),
        " UNION ALL ",
        last_attempt!("dungeon_id", "xp_awarded", "t.progress", "dungeon_attempts", "DUNGEON")
    );
    Attempts::of(sql::<LastAttemptColumns>(LAST, binds![id, id]).load::<LastAttemptRow>(conn)?)
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
        .get_result(conn)
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
    let counted = levelkit_attempts::table
        .filter(levelkit_attempts::user_id.eq(id).and(levelkit_attempts::counted_on.ge(&since)))
        .order(levelkit_attempts::started_at)
        .select((levelkit_attempts::kind, levelkit_attempts::counted_on.assume_not_null()))
        .load(conn)?;
    let (clears, victories) = assemble::clears_and_victories(counted);
    Ok(HistoryRows { days, facts, ended, clears, victories })
}
