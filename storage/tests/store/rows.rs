//! Rows: what the tables hold is what the engine's changes say, and nothing else.

use std::collections::BTreeMap;

use levelkit::player::State;
use levelkit::{Engine, MetricValue, Player, Row, Zone};
use serde_json::{Value, json};

use crate::backend::Backend;
use crate::world::{document, life, populated, ruleset};

/// Tables, each with its rows by key.
type Tables = BTreeMap<&'static str, BTreeMap<String, Value>>;

/// The columns that are compared, as a JSON array in SQL.
const TABLES: [(&str, &str, &str); 15] = [
    ("quest_logs", "id", "user_id, template_id, status, json(progress), completed_at, xp_awarded, day_date"),
    ("daily_logs", "id", "user_id, day_date, core_completed, core_total, all_completed, debuff_triggered, evaluated"),
    (
        "xp_events",
        "id",
        "user_id, event_source, source_id, base_xp, final_xp, total_xp_before, total_xp_after, level_before, level_after, \
         event_hash, created_at",
    ),
    ("xp_modifiers", "id", "xp_event_id, \"order\", type, multiplier, reason, xp_before, xp_after"),
    ("levelkit_award_rules", "xp_event_id", "rules"),
    ("user_titles", "id", "user_id, title_id, earned_at, revoked_at, is_active"),
    ("levelkit_title_history", "title_id || ' ' || earned_at", "user_id, revoked_at, cause"),
    ("boss_attempts", "id", "user_id, boss_id, status, current_phase, json(phase_progress), started_at, completed_at"),
    ("dungeon_attempts", "id", "user_id, dungeon_id, status, json(progress), started_at, completed_at, xp_awarded"),
    ("season_participations", "id", "user_id, season_id, season_xp, rank, joined_at"),
    ("levelkit_facts", "day || ' ' || metric", "user_id, number, boolean, source, observed_at"),
    ("levelkit_counters", "key", "user_id, count"),
    ("levelkit_adjustments", "id", "user_id, source, amount, reason, at"),
    ("levelkit_zone_history", "since", "user_id, timezone"),
    ("levelkit_specials", "name", "user_id, at"),
];

pub(crate) fn every_row_can_be_rebuilt<B: Backend>() {
    let (backend, store) = populated::<B>();
    let engine = Engine::new(ruleset(&document()));
    let mut player = Player::new("p1", Zone::named("Europe/Berlin").unwrap());
    let mut expected: Tables = TABLES.iter().map(|(table, ..)| (*table, BTreeMap::new())).collect();
    let first_zone = levelkit::Instant::MIN.micros().to_string();
    put(&mut expected, "levelkit_zone_history", first_zone, json!(["p1", "Europe/Berlin"]));
    let mut own = None;
    for (at, command) in life() {
        let decided = engine.execute(&mut player, at, &command);
        assert_eq!(store.execute("p1", at, &command).is_ok(), decided.is_ok(), "{command:?}");
        for row in decided.map(|record| record.rows).unwrap_or_default() {
            rebuild(&mut expected, &mut own, row);
        }
    }
    let found: Tables =
        TABLES.iter().map(|(table, key, columns)| (*table, read(&backend, table, key, columns))).collect();
    for (table, rows) in &expected {
        assert_eq!(found[table].len(), rows.len(), "{table}");
        for (key, row) in rows {
            assert_eq!(found[table].get(key), Some(row), "{table} {key}");
        }
    }
    // The life touches every table.
    assert!(expected.iter().all(|(_, rows)| !rows.is_empty()), "{expected:?}");
    own_rows(&backend, &own.unwrap());
}

fn read<B: Backend>(backend: &B, table: &str, key: &str, columns: &str) -> BTreeMap<String, Value> {
    let lines = backend.rows(table, key, columns);
    let pairs = lines.iter().map(|line| serde_json::from_str::<(String, Value)>(line).unwrap());
    pairs.map(|(key, row)| (key, plain(row))).collect()
}

/// A whole number is the same with and without its fraction.
fn plain(value: Value) -> Value {
    match value {
        Value::Array(items) => items.into_iter().map(plain).collect(),
        Value::Object(fields) => fields.into_iter().map(|(key, value)| (key, plain(value))).collect(),
        Value::Number(number) if number.is_f64() && number.as_f64().is_some_and(|real| real.fract() == 0.0) => {
            json!(number.as_f64().unwrap() as i64)
        }
        other => other,
    }
}

fn put(tables: &mut Tables, table: &'static str, key: String, row: Value) {
    tables.get_mut(table).unwrap().insert(key, plain(row));
}

fn rebuild(tables: &mut Tables, own: &mut Option<State>, row: Row) {
    match row {
        Row::QuestLog(log) => {
            let mut progress =
                log.progress.map_or_else(|| json!({}), |progress| serde_json::to_value(progress).unwrap());
            progress["rules"] = json!(log.rules);
            progress["opened_on"] = json!(log.opened_on);
            let completed_at = log.completed_at.map(levelkit::Instant::micros);
            let row = json!(["p1", log.template_id, log.status, progress, completed_at, log.xp_awarded, log.day_date]);
            put(tables, "quest_logs", log.id, row);
        }
        Row::DailyLog(log) => {
            let flags = [log.all_completed, log.debuff_triggered, log.evaluated].map(i32::from);
            let row = json!(["p1", log.day_date, log.core_completed, log.core_total, flags[0], flags[1], flags[2]]);
            put(tables, "daily_logs", log.id, row);
        }
        Row::XpEvent(sealed) => {
            let event = sealed.event;
            put(tables, "levelkit_award_rules", event.id.clone(), json!([sealed.rules]));
            for step in sealed.modifiers {
                let multiplier: f64 = step.multiplier.to_string().parse().unwrap();
                let row = json!([
                    event.id,
                    step.order,
                    step.modifier,
                    multiplier,
                    step.reason,
                    step.xp_before,
                    step.xp_after
                ]);
                put(tables, "xp_modifiers", step.id, row);
            }
            let row = json!([
                event.user_id,
                event.event_source,
                event.source_id,
                event.base_xp,
                event.final_xp,
                event.total_xp_before,
                event.total_xp_after,
                event.level_before,
                event.level_after,
                event.event_hash,
                event.created_at.micros(),
            ]);
            put(tables, "xp_events", event.id, row);
        }
        Row::UserTitle(title) => {
            let revoked_at = title.revoked_at.map(levelkit::Instant::micros);
            let row = json!(["p1", title.title_id, title.earned_at.micros(), revoked_at, i32::from(title.is_active)]);
            put(tables, "user_titles", title.id, row);
        }
        Row::TitleHistory(title) => {
            let revoked_at = title.revoked_at.map(levelkit::Instant::micros);
            let cause = if title.reward { "REWARD" } else { "CONDITION" };
            let key = format!("{} {}", title.title_id, title.earned_at.micros());
            put(tables, "levelkit_title_history", key, json!(["p1", revoked_at, cause]));
        }
        Row::BossAttempt(row) => {
            let attempt = row.attempt;
            let kept = tables["boss_attempts"].get(&row.id).map_or_else(|| json!({}), |known| known[4].clone());
            let progress = row.phase_progress.map_or(kept, |progress| serde_json::to_value(progress).unwrap());
            let completed_at = attempt.completed_at.map(levelkit::Instant::micros);
            let columns = json!([
                "p1",
                attempt.boss,
                attempt.status,
                attempt.phase,
                progress,
                attempt.started_at.micros(),
                completed_at
            ]);
            put(tables, "boss_attempts", row.id, columns);
        }
        Row::DungeonAttempt(row) => {
            let attempt = row.attempt;
            let completed_at = attempt.completed_at.map(levelkit::Instant::micros);
            let progress = json!({"snapshot": attempt.snapshot});
            let started_at = attempt.started_at.micros();
            let columns =
                json!(["p1", attempt.dungeon, attempt.status, progress, started_at, completed_at, attempt.xp_awarded]);
            put(tables, "dungeon_attempts", row.id, columns);
        }
        Row::SeasonParticipation(row) => {
            let columns = json!(["p1", row.season_id, row.season_xp, null, row.joined_at.micros()]);
            put(tables, "season_participations", row.id, columns);
        }
        Row::Fact(fact) => {
            let (number, boolean) = match fact.value {
                MetricValue::Number(number) => (Some(number), None),
                MetricValue::Boolean(yes) => (None, Some(i32::from(yes))),
            };
            let key = format!("{} {}", fact.day, fact.metric);
            put(tables, "levelkit_facts", key, json!(["p1", number, boolean, null, fact.observed_at.micros()]));
        }
        Row::Counter { key, count } => put(tables, "levelkit_counters", key.to_string(), json!(["p1", count])),
        Row::Special { name, at } => put(tables, "levelkit_specials", name.to_string(), json!(["p1", at.micros()])),
        Row::Grant { grant, reason, at } => {
            let row = json!([grant.user, grant.source, grant.amount, reason, at.micros()]);
            put(tables, "levelkit_adjustments", grant.id.to_string(), row);
        }
        Row::Zone { timezone, since } => {
            put(tables, "levelkit_zone_history", since.micros().to_string(), json!(["p1", timezone]));
        }
        Row::Player(state) => *own = Some(*state),
    }
}

/// The player's own rows, column by column.
fn own_rows<B: Backend>(backend: &B, state: &State) {
    let micros = |instant: Option<levelkit::Instant>| instant.map(levelkit::Instant::micros);
    let users = "timezone, level, total_xp, current_streak, longest_streak, perfect_streak, debuff_active_until, str, agi, vit, \
                 disc, active_title_id, updated_at";
    let expected = json!([
        state.zone,
        state.level,
        state.total_xp,
        state.current_streak,
        state.longest_streak,
        state.perfect_streak,
        micros(state.debuff_active_until),
        state.stats.str,
        state.stats.agi,
        state.stats.vit,
        state.stats.disc,
        state.active_title,
        micros(state.last_at),
    ]);
    assert_eq!(read(backend, "users", "id", users)["p1"], expected);
    let record = "last_at, first_day, open_day, day_ends_at, next_day, event_count, head_hash, last_created_at, zone_since, \
                  title_inputs, json(open_days), json(skipped_days), json(dungeon_exits)";
    let expected = json!([
        micros(state.last_at),
        state.first_day,
        state.open_day,
        micros(state.day_ends_at),
        state.next_day,
        state.ledger.events,
        state.ledger.hash,
        micros(state.ledger.created_at),
        micros(state.zone_since),
        state.title_inputs,
        state.days,
        state.skipped,
        state.dungeon_exits,
    ]);
    assert_eq!(read(backend, "levelkit_players", "user_id", record)["p1"], expected);
}
