//! Statements that are prepared once.
//!
//! Diesel prepares every UPDATE and every upsert anew, since a changeset with optional parts can make many texts; and SQLite
//! prepares a statement anew whenever the value of its LIMIT is bound, which Diesel always does. Ours have one text each, and a
//! command runs a dozen of them: parsing would cost more than running. So those that write are written out here, in the order of
//! the tables; the test that rebuilds every row holds text and values together.

use std::marker::PhantomData;

use crate::bind::{self, Bind, Micros, Run};
use crate::error::Result;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::serialize::{IsNull, Output, ToSql};
use diesel::sql_types::{BigInt, Bool, Double, Nullable, Text};
use diesel::sqlite::Sqlite;
use diesel::{QueryResult, RunQueryDsl, SqliteConnection};

impl Run for SqliteConnection {
    fn run(&mut self, statement: bind::Statement, binds: &[Bind<'_>]) -> Result<()> {
        let text = match (statement, binds.last()) {
            (bind::Statement::DailyLog, Some(Bind::Bool(Some(false)))) => OPEN_DAILY_LOG,
            _ => text(statement),
        };
        sql::<()>(text, binds).execute(self)?;
        Ok(())
    }
}

/// A statement, its values, and the types of the columns it answers with.
pub(super) struct Statement<'a, Columns> {
    sql: &'static str,
    binds: &'a [Bind<'a>],
    columns: PhantomData<Columns>,
}

/// A statement with values for its `?`s; say the types of its columns where it answers with rows.
pub(super) fn sql<'a, Columns>(sql: &'static str, binds: &'a [Bind<'a>]) -> Statement<'a, Columns> {
    Statement { sql, binds, columns: PhantomData }
}

impl<Columns> Query for Statement<'_, Columns> {
    type SqlType = Columns;
}

impl<Columns> QueryFragment<Sqlite> for Statement<'_, Columns> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        let mut parts = self.sql.split('?');
        out.push_sql(parts.next().unwrap_or_default());
        for (bind, part) in self.binds.iter().zip(parts) {
            match bind {
                Bind::Text(text) => out.push_bind_param::<Nullable<Text>, _>(text)?,
                Bind::Int(int) => out.push_bind_param::<Nullable<BigInt>, _>(int)?,
                Bind::Micros(micros) => out.push_bind_param::<Nullable<BigInt>, _>(micros)?,
                Bind::Real(real) => out.push_bind_param::<Nullable<Double>, _>(real)?,
                Bind::Bool(yes) => out.push_bind_param::<Nullable<Bool>, _>(yes)?,
                #[cfg(feature = "postgres")]
                Bind::Texts(_) | Bind::Ints(_) | Bind::Column(_) => {
                    return Err(diesel::result::Error::QueryBuilderError("a list".into()));
                }
            }
            out.push_sql(part);
        }
        Ok(())
    }
}

impl ToSql<BigInt, Sqlite> for Micros {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> diesel::serialize::Result {
        out.set_value(self.0);
        Ok(IsNull::No)
    }
}

impl<Columns> QueryId for Statement<'_, Columns> {
    type QueryId = ();
    /// Diesel's cache goes by the text.
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Columns> RunQueryDsl<SqliteConnection> for Statement<'_, Columns> {}

fn text(statement: bind::Statement) -> &'static str {
    use bind::Statement;
    match statement {
        Statement::QuestLog => QUEST_LOG,
        Statement::DailyLog => DAILY_LOG,
        Statement::XpEvent => XP_EVENT,
        Statement::XpModifier => XP_MODIFIER,
        Statement::AwardRules => AWARD_RULES,
        Statement::UserTitle => USER_TITLE,
        Statement::TitleHistory => TITLE_HISTORY,
        Statement::BossAttempt => BOSS_ATTEMPT,
        Statement::DungeonAttempt => DUNGEON_ATTEMPT,
        Statement::Attempt => ATTEMPT,
        Statement::Participation => PARTICIPATION,
        Statement::Fact => FACT,
        Statement::Counter => COUNTER,
        Statement::Special => SPECIAL,
        Statement::Adjustment => ADJUSTMENT,
        Statement::Zone => ZONE,
        Statement::User => USER,
        Statement::Record => RECORD,
        Statement::Due => DUE,
        Statement::Outbox => OUTBOX,
    }
}

/// Rows that the application wrote before levelkit took over are found by what they are about, and taken over. Of levelkit's own
/// the id is left alone: to write it would write its index too.
const QUEST_LOG: &str = "INSERT INTO quest_logs \
    (id, user_id, template_id, day_date, status, progress, completed_at, xp_awarded) VALUES (?, ?, ?, ?, ?, ?, ?, ?) \
    ON CONFLICT (id) DO UPDATE SET status = excluded.status, progress = excluded.progress, \
    completed_at = excluded.completed_at, xp_awarded = excluded.xp_awarded \
    ON CONFLICT (user_id, template_id, day_date) DO UPDATE SET id = excluded.id, status = excluded.status, \
    progress = excluded.progress, completed_at = excluded.completed_at, xp_awarded = excluded.xp_awarded";

const DAILY_LOG: &str = "INSERT INTO daily_logs \
    (id, user_id, day_date, core_completed, core_total, all_completed, debuff_triggered, evaluated) \
    VALUES (?, ?, ?, ?, ?, ?, ?, ?) \
    ON CONFLICT (user_id, day_date) DO UPDATE SET core_completed = excluded.core_completed, core_total = excluded.core_total, \
    all_completed = excluded.all_completed, debuff_triggered = excluded.debuff_triggered, evaluated = excluded.evaluated";

/// The same of a day that is open, which levelkit's own row says already: to write it would write its index too.
const OPEN_DAILY_LOG: &str = "INSERT INTO daily_logs \
    (id, user_id, day_date, core_completed, core_total, all_completed, debuff_triggered, evaluated) \
    VALUES (?, ?, ?, ?, ?, ?, ?, ?) \
    ON CONFLICT (id) DO UPDATE SET core_completed = excluded.core_completed, core_total = excluded.core_total \
    ON CONFLICT (user_id, day_date) DO UPDATE SET core_completed = excluded.core_completed, core_total = excluded.core_total, \
    all_completed = excluded.all_completed, debuff_triggered = excluded.debuff_triggered, evaluated = excluded.evaluated";

/// The ledger only grows: no conflict is resolved here, the database refuses it.
const XP_EVENT: &str = "INSERT INTO xp_events \
    (id, user_id, event_source, source_id, base_xp, final_xp, total_xp_before, total_xp_after, level_before, level_after, \
    event_hash, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

const XP_MODIFIER: &str = "INSERT INTO xp_modifiers \
    (id, xp_event_id, \"order\", type, multiplier, reason, xp_before, xp_after) VALUES (?, ?, ?, ?, ?, ?, ?, ?)";

const AWARD_RULES: &str = "INSERT INTO levelkit_award_rules (xp_event_id, rules) VALUES (?, ?)";

const USER_TITLE: &str = "INSERT INTO user_titles (id, user_id, title_id, earned_at, revoked_at, is_active) \
    VALUES (?, ?, ?, ?, ?, ?) \
    ON CONFLICT (user_id, title_id) DO UPDATE SET earned_at = excluded.earned_at, revoked_at = excluded.revoked_at, \
    is_active = excluded.is_active";

const TITLE_HISTORY: &str = "INSERT INTO levelkit_title_history \
    (user_id, title_id, earned_at, revoked_at, cause) VALUES (?, ?, ?, ?, ?) \
    ON CONFLICT (user_id, title_id, earned_at) DO UPDATE SET revoked_at = excluded.revoked_at, cause = excluded.cause";

/// Without a progress of its phase an attempt keeps the one it has.
const BOSS_ATTEMPT: &str = "INSERT INTO boss_attempts \
    (id, user_id, boss_id, started_at, status, current_phase, phase_progress, completed_at) \
    VALUES (?, ?, ?, ?, ?, ?, ?, ?) \
    ON CONFLICT (id) DO UPDATE SET status = excluded.status, current_phase = excluded.current_phase, \
    phase_progress = CASE excluded.phase_progress WHEN '{}' THEN phase_progress ELSE excluded.phase_progress END, \
    completed_at = excluded.completed_at";

const DUNGEON_ATTEMPT: &str = "INSERT INTO dungeon_attempts \
    (id, user_id, dungeon_id, started_at, status, progress, completed_at, xp_awarded) VALUES (?, ?, ?, ?, ?, ?, ?, ?) \
    ON CONFLICT (id) DO UPDATE SET status = excluded.status, progress = excluded.progress, \
    completed_at = excluded.completed_at, xp_awarded = excluded.xp_awarded";

const ATTEMPT: &str = "INSERT INTO levelkit_attempts \
    (attempt_id, user_id, kind, rules, started_at, from_day, days_closed, retries, entered_at, deadline, counted_on) \
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) \
    ON CONFLICT (attempt_id) DO UPDATE SET from_day = excluded.from_day, days_closed = excluded.days_closed, \
    retries = excluded.retries, counted_on = excluded.counted_on";

/// The rank is the leaderboard's.
const PARTICIPATION: &str = "INSERT INTO season_participations (id, user_id, season_id, season_xp, joined_at) \
    VALUES (?, ?, ?, ?, ?) \
    ON CONFLICT (user_id, season_id) DO UPDATE SET season_xp = excluded.season_xp, joined_at = excluded.joined_at";

const FACT: &str = "INSERT INTO levelkit_facts (user_id, day, metric, number, boolean, observed_at) \
    VALUES (?, ?, ?, ?, ?, ?) \
    ON CONFLICT (user_id, day, metric) DO UPDATE SET number = excluded.number, boolean = excluded.boolean, \
    observed_at = excluded.observed_at";

const COUNTER: &str = "INSERT INTO levelkit_counters (user_id, key, count) VALUES (?, ?, ?) \
    ON CONFLICT (user_id, key) DO UPDATE SET count = excluded.count";

const SPECIAL: &str = "INSERT INTO levelkit_specials (user_id, name, at) VALUES (?, ?, ?)";

const ADJUSTMENT: &str = "INSERT INTO levelkit_adjustments (id, user_id, source, amount, reason, at) \
    VALUES (?, ?, ?, ?, ?, ?)";

const ZONE: &str = "INSERT INTO levelkit_zone_history (user_id, since, timezone) VALUES (?, ?, ?) \
    ON CONFLICT (user_id, since) DO UPDATE SET timezone = excluded.timezone";

const USER: &str = "UPDATE users SET timezone = ?, updated_at = ?, level = ?, total_xp = ?, current_streak = ?, \
    longest_streak = ?, perfect_streak = ?, debuff_active_until = ?, str = ?, agi = ?, vit = ?, disc = ?, active_title_id = ? \
    WHERE id = ?";

const RECORD: &str = "UPDATE levelkit_players SET last_at = ?, first_day = ?, open_day = ?, day_ends_at = ?, \
    next_day = ?, event_count = ?, head_hash = ?, last_created_at = ?, zone_since = ?, title_inputs = ?, open_days = ?, \
    skipped_days = ?, dungeon_exits = ?, seen_at = coalesce(?, seen_at) WHERE user_id = ?";

/// Apart from the rest, since it moves once a day and stands in an index.
const DUE: &str = "UPDATE levelkit_players SET due_at = ? WHERE user_id = ? AND due_at IS NOT ?";

const OUTBOX: &str = "INSERT INTO levelkit_outbox (user_id, at, events) VALUES (?, ?, ?)";
