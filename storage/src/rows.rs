//! Rows as Diesel reads them, and the columns that hold JSON.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use crate::sqlite::schema::*;

/// The columns of `users` that the rules know.
#[derive(Queryable, Selectable)]
#[diesel(table_name = users, check_for_backend(diesel::sqlite::Sqlite))]
pub(crate) struct UserRow {
    pub(crate) timezone: String,
    pub(crate) level: i64,
    pub(crate) total_xp: i64,
    pub(crate) current_streak: i64,
    pub(crate) longest_streak: i64,
    pub(crate) perfect_streak: i64,
    pub(crate) debuff_active_until: Option<i64>,
    pub(crate) strength: i64,
    pub(crate) agi: i64,
    pub(crate) vit: i64,
    pub(crate) disc: i64,
    pub(crate) active_title_id: Option<String>,
}

/// The engine's own record: what a command reads of `levelkit_players`.
#[derive(Queryable, Selectable)]
#[diesel(table_name = levelkit_players, check_for_backend(diesel::sqlite::Sqlite))]
pub(crate) struct RecordRow {
    pub(crate) last_at: Option<i64>,
    pub(crate) first_day: Option<String>,
    pub(crate) open_day: Option<String>,
    pub(crate) day_ends_at: Option<i64>,
    pub(crate) next_day: Option<String>,
    pub(crate) event_count: i64,
    pub(crate) head_hash: String,
    pub(crate) last_created_at: Option<i64>,
    pub(crate) zone_since: Option<i64>,
    pub(crate) title_inputs: i64,
    pub(crate) open_days: String,
    pub(crate) skipped_days: String,
    pub(crate) dungeon_exits: String,
    pub(crate) sums_until: Option<String>,
}

/// A row of `quest_logs`, without its player.
#[derive(Queryable, Selectable, Clone)]
#[diesel(table_name = quest_logs, check_for_backend(diesel::sqlite::Sqlite))]
pub(crate) struct QuestLogRow {
    pub(crate) id: String,
    pub(crate) template_id: String,
    pub(crate) status: String,
    pub(crate) progress: String,
    pub(crate) completed_at: Option<i64>,
    pub(crate) xp_awarded: Option<i64>,
    pub(crate) day_date: String,
}

/// The `progress` column: the inputs of the last evaluation, and what opened the log.
#[derive(Serialize, Deserialize)]
pub(crate) struct ProgressColumn {
    #[serde(flatten)]
    pub(crate) progress: Option<levelkit::Progress>,
    /// The ruleset that opened the log.
    pub(crate) rules: levelkit::player::RulesetHash,
    /// The day it was opened on.
    pub(crate) opened_on: levelkit::Day,
}

/// A row of `user_titles`, without its player, and why it was earned.
#[derive(Queryable)]
pub(crate) struct TitleRow {
    pub(crate) title_id: String,
    pub(crate) earned_at: i64,
    pub(crate) revoked_at: Option<i64>,
    pub(crate) cause: Option<String>,
}

/// A row of `xp_events`.
#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = xp_events, check_for_backend(diesel::sqlite::Sqlite))]
pub(crate) struct EventRow {
    pub(crate) id: String,
    pub(crate) user_id: String,
    pub(crate) event_source: String,
    pub(crate) source_id: Option<String>,
    pub(crate) base_xp: i64,
    pub(crate) final_xp: i64,
    pub(crate) total_xp_before: i64,
    pub(crate) total_xp_after: i64,
    pub(crate) level_before: i64,
    pub(crate) level_after: i64,
    pub(crate) event_hash: String,
    pub(crate) created_at: i64,
}

/// A row of `xp_modifiers`.
#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = xp_modifiers, check_for_backend(diesel::sqlite::Sqlite))]
pub(crate) struct ModifierRow {
    pub(crate) id: String,
    pub(crate) xp_event_id: String,
    pub(crate) order: i64,
    pub(crate) kind: String,
    pub(crate) multiplier: f64,
    pub(crate) reason: String,
    pub(crate) xp_before: i64,
    pub(crate) xp_after: i64,
}

/// A row of `boss_attempts`, without its player.
pub(crate) struct BossAttemptRow {
    pub(crate) boss_id: String,
    pub(crate) status: String,
    pub(crate) current_phase: i64,
    pub(crate) started_at: i64,
    pub(crate) completed_at: Option<i64>,
}

/// A row of `dungeon_attempts`, without its player.
pub(crate) struct DungeonAttemptRow {
    pub(crate) dungeon_id: String,
    pub(crate) status: String,
    pub(crate) progress: String,
    pub(crate) started_at: i64,
    pub(crate) completed_at: Option<i64>,
    pub(crate) xp_awarded: Option<i64>,
}

/// The `progress` column of a dungeon attempt: its snapshot.
#[derive(Serialize, Deserialize)]
pub(crate) struct SnapshotColumn {
    pub(crate) snapshot: Vec<levelkit::player::Fact>,
}

/// What the engine keeps beside an attempt.
#[derive(Queryable, Selectable)]
#[diesel(table_name = levelkit_attempts, check_for_backend(diesel::sqlite::Sqlite))]
pub(crate) struct AttemptRow {
    pub(crate) rules: String,
    pub(crate) from_day: String,
    pub(crate) days_closed: Option<i64>,
    pub(crate) retries: Option<i64>,
    pub(crate) entered_at: Option<i64>,
    pub(crate) deadline: Option<i64>,
    pub(crate) counted_on: Option<String>,
}

/// A row of `levelkit_facts`, without its player.
#[derive(Queryable, Selectable)]
#[diesel(table_name = levelkit_facts, check_for_backend(diesel::sqlite::Sqlite))]
pub(crate) struct FactRow {
    pub(crate) day: String,
    pub(crate) metric: String,
    pub(crate) number: Option<f64>,
    pub(crate) boolean: Option<bool>,
    pub(crate) observed_at: i64,
}
