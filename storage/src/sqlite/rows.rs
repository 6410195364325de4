//! Rows as Diesel reads them, and the columns that hold JSON.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::schema::*;

/// The player's own rows: columns of `users` and `levelkit_players`.
#[derive(Queryable)]
pub(super) struct PlayerRow {
    pub(super) user: UserRow,
    pub(super) record: RecordRow,
}

/// The columns of `users` that the rules know.
#[derive(Queryable, Selectable)]
#[diesel(table_name = users, check_for_backend(diesel::sqlite::Sqlite))]
pub(super) struct UserRow {
    pub(super) timezone: String,
    pub(super) level: i64,
    pub(super) total_xp: i64,
    pub(super) current_streak: i64,
    pub(super) longest_streak: i64,
    pub(super) perfect_streak: i64,
    pub(super) debuff_active_until: Option<i64>,
    pub(super) strength: i64,
    pub(super) agi: i64,
    pub(super) vit: i64,
    pub(super) disc: i64,
    pub(super) active_title_id: Option<String>,
}

/// The engine's own record: what a command reads of `levelkit_players`.
#[derive(Queryable, Selectable)]
#[diesel(table_name = levelkit_players, check_for_backend(diesel::sqlite::Sqlite))]
pub(super) struct RecordRow {
    pub(super) last_at: Option<i64>,
    pub(super) first_day: Option<String>,
    pub(super) open_day: Option<String>,
    pub(super) day_ends_at: Option<i64>,
    pub(super) next_day: Option<String>,
    pub(super) event_count: i64,
    pub(super) head_hash: String,
    pub(super) last_created_at: Option<i64>,
    pub(super) zone_since: Option<i64>,
    pub(super) title_inputs: i64,
    pub(super) open_days: String,
    pub(super) skipped_days: String,
    pub(super) dungeon_exits: String,
    pub(super) sums_until: Option<String>,
}

/// A row of `quest_logs`, without its player.
#[derive(Queryable, Selectable)]
#[diesel(table_name = quest_logs, check_for_backend(diesel::sqlite::Sqlite))]
pub(super) struct QuestLogRow {
    pub(super) template_id: String,
    pub(super) status: String,
    pub(super) progress: String,
    pub(super) completed_at: Option<i64>,
    pub(super) xp_awarded: Option<i64>,
    pub(super) day_date: String,
}

/// The `progress` column: the inputs of the last evaluation, and what opened the log.
#[derive(Serialize, Deserialize)]
pub(super) struct ProgressColumn {
    #[serde(flatten)]
    pub(super) progress: Option<levelkit::Progress>,
    /// The ruleset that opened the log.
    pub(super) rules: levelkit::player::RulesetHash,
    /// The day it was opened on.
    pub(super) opened_on: levelkit::Day,
}

/// A row of `xp_events`.
#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = xp_events, check_for_backend(diesel::sqlite::Sqlite))]
pub(super) struct EventRow {
    pub(super) id: String,
    pub(super) user_id: String,
    pub(super) event_source: String,
    pub(super) source_id: Option<String>,
    pub(super) base_xp: i64,
    pub(super) final_xp: i64,
    pub(super) total_xp_before: i64,
    pub(super) total_xp_after: i64,
    pub(super) level_before: i64,
    pub(super) level_after: i64,
    pub(super) event_hash: String,
    pub(super) created_at: i64,
}

/// A row of `xp_modifiers`.
#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = xp_modifiers, check_for_backend(diesel::sqlite::Sqlite))]
pub(super) struct ModifierRow {
    pub(super) id: String,
    pub(super) xp_event_id: String,
    pub(super) order: i64,
    pub(super) kind: String,
    pub(super) multiplier: f64,
    pub(super) reason: String,
    pub(super) xp_before: i64,
    pub(super) xp_after: i64,
}

/// A row of `boss_attempts`, without its player.
#[derive(Queryable, Selectable)]
#[diesel(table_name = boss_attempts, check_for_backend(diesel::sqlite::Sqlite))]
pub(super) struct BossAttemptRow {
    pub(super) boss_id: String,
    pub(super) status: String,
    pub(super) current_phase: i64,
    pub(super) started_at: i64,
    pub(super) completed_at: Option<i64>,
}

/// A row of `dungeon_attempts`, without its player.
#[derive(Queryable, Selectable)]
#[diesel(table_name = dungeon_attempts, check_for_backend(diesel::sqlite::Sqlite))]
pub(super) struct DungeonAttemptRow {
    pub(super) dungeon_id: String,
    pub(super) status: String,
    pub(super) progress: String,
    pub(super) started_at: i64,
    pub(super) completed_at: Option<i64>,
    pub(super) xp_awarded: Option<i64>,
}

/// The `progress` column of a dungeon attempt: its snapshot.
#[derive(Serialize, Deserialize)]
pub(super) struct SnapshotColumn {
    pub(super) snapshot: Vec<levelkit::player::Fact>,
}

/// What the engine keeps beside an attempt.
#[derive(Queryable, Selectable)]
#[diesel(table_name = levelkit_attempts, check_for_backend(diesel::sqlite::Sqlite))]
pub(super) struct AttemptRow {
    pub(super) rules: String,
    pub(super) from_day: String,
    pub(super) days_closed: Option<i64>,
    pub(super) retries: Option<i64>,
    pub(super) entered_at: Option<i64>,
    pub(super) deadline: Option<i64>,
    pub(super) counted_on: Option<String>,
}

/// A row of `levelkit_facts`, without its player.
#[derive(Queryable, Selectable)]
#[diesel(table_name = levelkit_facts, check_for_backend(diesel::sqlite::Sqlite))]
pub(super) struct FactRow {
    pub(super) day: String,
    pub(super) metric: String,
    pub(super) number: Option<f64>,
    pub(super) boolean: Option<bool>,
    pub(super) observed_at: i64,
}
