//! Statements that write, prepared once.
//!
//! Diesel prepares every UPDATE and every upsert anew, since a changeset with optional parts can make many texts. Ours have one
//! text each, and a command runs a dozen of them: parsing would cost more than running. So they are written out here, in
//! the order of the tables; the test that rebuilds every row holds text and values together.

use std::borrow::Cow;

use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::{BigInt, Double, Nullable, Text};
use diesel::sqlite::Sqlite;
use diesel::{QueryResult, RunQueryDsl, SqliteConnection};
use levelkit::ledger::EventHash;
use levelkit::{Day, Instant};

/// A value that stands for a `?`.
pub(super) enum Bind<'a> {
    Text(Option<Cow<'a, str>>),
    Int(Option<i64>),
    Real(Option<f64>),
}

impl<'a> From<&'a str> for Bind<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(Some(text.into()))
    }
}

impl<'a> From<&'a String> for Bind<'a> {
    fn from(text: &'a String) -> Self {
        Self::Text(Some(text.into()))
    }
}

impl<'a> From<Option<&'a str>> for Bind<'a> {
    fn from(text: Option<&'a str>) -> Self {
        Self::Text(text.map(Cow::Borrowed))
    }
}

impl From<Day> for Bind<'_> {
    fn from(day: Day) -> Self {
        Self::Text(Some(day.to_string().into()))
    }
}

impl From<Option<Day>> for Bind<'_> {
    fn from(day: Option<Day>) -> Self {
        Self::Text(day.map(|day| day.to_string().into()))
    }
}

impl From<EventHash> for Bind<'_> {
    fn from(hash: EventHash) -> Self {
        Self::Text(Some(hash.to_string().into()))
    }
}

impl From<i32> for Bind<'_> {
    fn from(int: i32) -> Self {
        Self::Int(Some(int.into()))
    }
}

impl From<i64> for Bind<'_> {
    fn from(int: i64) -> Self {
        Self::Int(Some(int))
    }
}

impl From<Option<i32>> for Bind<'_> {
    fn from(int: Option<i32>) -> Self {
        Self::Int(int.map(i64::from))
    }
}

impl From<bool> for Bind<'_> {
    fn from(yes: bool) -> Self {
        Self::Int(Some(yes.into()))
    }
}

impl From<f64> for Bind<'_> {
    fn from(real: f64) -> Self {
        Self::Real(Some(real))
    }
}

impl From<Instant> for Bind<'_> {
    fn from(instant: Instant) -> Self {
        Self::Int(Some(instant.micros()))
    }
}

impl From<Option<Instant>> for Bind<'_> {
    fn from(instant: Option<Instant>) -> Self {
        Self::Int(instant.map(Instant::micros))
    }
}

/// Values for the `?`s of a statement, each by what it converts from.
macro_rules! binds {
    ($($value:expr),* $(,)?) => { &[$($crate::sqlite::statement::Bind::from($value)),*] };
}
pub(super) use binds;

/// A statement and its values.
pub(super) struct Statement<'a> {
    pub(super) sql: &'static str,
    pub(super) binds: &'a [Bind<'a>],
}

impl QueryFragment<Sqlite> for Statement<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        let mut parts = self.sql.split('?');
        out.push_sql(parts.next().unwrap_or_default());
        for (bind, part) in self.binds.iter().zip(parts) {
            match bind {
                Bind::Text(text) => out.push_bind_param::<Nullable<Text>, _>(text)?,
                Bind::Int(int) => out.push_bind_param::<Nullable<BigInt>, _>(int)?,
                Bind::Real(real) => out.push_bind_param::<Nullable<Double>, _>(real)?,
            }
            out.push_sql(part);
        }
        Ok(())
    }
}

impl QueryId for Statement<'_> {
    type QueryId = ();
    /// Diesel's cache goes by the text.
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl RunQueryDsl<SqliteConnection> for Statement<'_> {}

pub(super) const QUEST_LOG: &str = "INSERT INTO quest_logs \
    (id, user_id, template_id, day_date, status, progress, completed_at, xp_awarded) VALUES (?, ?, ?, ?, ?, ?, ?, ?) \
    ON CONFLICT (id) DO UPDATE SET status = excluded.status, progress = excluded.progress, \
    completed_at = excluded.completed_at, xp_awarded = excluded.xp_awarded";

pub(super) const DAILY_LOG: &str = "INSERT INTO daily_logs \
    (id, user_id, day_date, core_completed, core_total, all_completed, debuff_triggered, evaluated) \
    VALUES (?, ?, ?, ?, ?, ?, ?, ?) \
    ON CONFLICT (id) DO UPDATE SET core_completed = excluded.core_completed, core_total = excluded.core_total, \
    all_completed = excluded.all_completed, debuff_triggered = excluded.debuff_triggered, evaluated = excluded.evaluated";

/// The ledger only grows: no conflict is resolved here, the database refuses it.
pub(super) const XP_EVENT: &str = "INSERT INTO xp_events \
    (id, user_id, event_source, source_id, base_xp, final_xp, total_xp_before, total_xp_after, level_before, level_after, \
    event_hash, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

pub(super) const XP_MODIFIER: &str = "INSERT INTO xp_modifiers \
    (id, xp_event_id, \"order\", type, multiplier, reason, xp_before, xp_after) VALUES (?, ?, ?, ?, ?, ?, ?, ?)";

pub(super) const AWARD_RULES: &str = "INSERT INTO levelkit_award_rules (xp_event_id, rules) VALUES (?, ?)";

pub(super) const USER_TITLE: &str = "INSERT INTO user_titles (id, user_id, title_id, earned_at, revoked_at, is_active) \
    VALUES (?, ?, ?, ?, ?, ?) \
    ON CONFLICT (id) DO UPDATE SET earned_at = excluded.earned_at, revoked_at = excluded.revoked_at, \
    is_active = excluded.is_active";

pub(super) const TITLE_HISTORY: &str = "INSERT INTO levelkit_title_history \
    (user_id, title_id, earned_at, revoked_at, cause) VALUES (?, ?, ?, ?, ?) \
    ON CONFLICT (user_id, title_id, earned_at) DO UPDATE SET revoked_at = excluded.revoked_at, cause = excluded.cause";

/// Without a progress of its phase an attempt keeps the one it has.
pub(super) const BOSS_ATTEMPT: &str = "INSERT INTO boss_attempts \
    (id, user_id, boss_id, started_at, status, current_phase, phase_progress, completed_at) \
    VALUES (?, ?, ?, ?, ?, ?, ?, ?) \
    ON CONFLICT (id) DO UPDATE SET status = excluded.status, current_phase = excluded.current_phase, \
    phase_progress = CASE excluded.phase_progress WHEN '{}' THEN phase_progress ELSE excluded.phase_progress END, \
    completed_at = excluded.completed_at";

pub(super) const DUNGEON_ATTEMPT: &str = "INSERT INTO dungeon_attempts \
    (id, user_id, dungeon_id, started_at, status, progress, completed_at, xp_awarded) VALUES (?, ?, ?, ?, ?, ?, ?, ?) \
    ON CONFLICT (id) DO UPDATE SET status = excluded.status, progress = excluded.progress, \
    completed_at = excluded.completed_at, xp_awarded = excluded.xp_awarded";

pub(super) const ATTEMPT: &str = "INSERT INTO levelkit_attempts \
    (attempt_id, user_id, kind, rules, started_at, from_day, days_closed, retries, entered_at, deadline, counted_on) \
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) \
    ON CONFLICT (attempt_id) DO UPDATE SET from_day = excluded.from_day, days_closed = excluded.days_closed, \
    retries = excluded.retries, counted_on = excluded.counted_on";

/// The rank is the leaderboard's.
pub(super) const PARTICIPATION: &str = "INSERT INTO season_participations (id, user_id, season_id, season_xp, joined_at) \
    VALUES (?, ?, ?, ?, ?) \
    ON CONFLICT (id) DO UPDATE SET season_xp = excluded.season_xp, joined_at = excluded.joined_at";

pub(super) const FACT: &str = "INSERT INTO levelkit_facts (user_id, day, metric, number, boolean, observed_at) \
    VALUES (?, ?, ?, ?, ?, ?) \
    ON CONFLICT (user_id, day, metric) DO UPDATE SET number = excluded.number, boolean = excluded.boolean, \
    observed_at = excluded.observed_at";

pub(super) const COUNTER: &str = "INSERT INTO levelkit_counters (user_id, key, count) VALUES (?, ?, ?) \
    ON CONFLICT (user_id, key) DO UPDATE SET count = excluded.count";

pub(super) const SPECIAL: &str = "INSERT INTO levelkit_specials (user_id, name, at) VALUES (?, ?, ?)";

pub(super) const ADJUSTMENT: &str = "INSERT INTO levelkit_adjustments (id, user_id, source, amount, reason, at) \
    VALUES (?, ?, ?, ?, ?, ?)";

pub(super) const ZONE: &str = "INSERT INTO levelkit_zone_history (user_id, since, timezone) VALUES (?, ?, ?) \
    ON CONFLICT (user_id, since) DO UPDATE SET timezone = excluded.timezone";

pub(super) const USER: &str = "UPDATE users SET timezone = ?, updated_at = ?, level = ?, total_xp = ?, current_streak = ?, \
    longest_streak = ?, perfect_streak = ?, debuff_active_until = ?, str = ?, agi = ?, vit = ?, disc = ?, active_title_id = ? \
    WHERE id = ?";

pub(super) const RECORD: &str = "UPDATE levelkit_players SET last_at = ?, first_day = ?, open_day = ?, day_ends_at = ?, \
    next_day = ?, event_count = ?, head_hash = ?, last_created_at = ?, zone_since = ?, title_inputs = ?, open_days = ?, \
    skipped_days = ?, dungeon_exits = ? WHERE user_id = ?";

/// Apart from the rest, since it moves once a day and stands in an index.
pub(super) const DUE: &str = "UPDATE levelkit_players SET due_at = ? WHERE user_id = ? AND due_at IS NOT ?";
