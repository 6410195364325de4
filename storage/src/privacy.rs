//! What is exported of a player: every table that knows one, and how its columns are written.

use serde_json::Value;

use crate::convert::{instant, json};
use crate::error::Result;
use crate::exported::{ExportedRow, ExportedTable, ExportedValue, PlayerExport};

/// How a column is kept, and so how it is exported.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    /// A whole number; beyond 53 bits a string of digits, as everywhere.
    Int,
    Real,
    Flag,
    /// An instant, in UTC.
    At,
    Json,
}

/// Whose rows a table's are.
#[derive(Clone, Copy)]
pub(crate) enum Owner {
    /// Those with the player's id in this column.
    Column(&'static str),
    /// Those that belong to one of the player's XP events.
    Event,
}

/// A table, its rows in the order of the first columns that tell them apart.
pub(crate) struct Table {
    pub(crate) name: &'static str,
    /// Whether it is levelkit's own, and not one that the application knows.
    pub(crate) is_own: bool,
    pub(crate) owner: Owner,
    pub(crate) order: &'static [&'static str],
    pub(crate) columns: &'static [(&'static str, Kind)],
}

use Kind::*;

const fn known(name: &'static str, columns: &'static [(&'static str, Kind)]) -> Table {
    Table { name, is_own: false, owner: Owner::Column("user_id"), order: &["id"], columns }
}

const fn own(name: &'static str, order: &'static [&'static str], columns: &'static [(&'static str, Kind)]) -> Table {
    Table { name, is_own: true, owner: Owner::Column("user_id"), order, columns }
}

/// Every table that knows a player. Secrets are left out: tokens, passwords.
#[rustfmt::skip]
pub(crate) const TABLES: &[Table] = &[
    Table { name: "users", is_own: false, owner: Owner::Column("id"), order: &["id"], columns: &[
        ("id", Text), ("email", Text), ("email_verified", Flag), ("name", Text), ("image", Text), ("timezone", Text),
        ("created_at", At), ("updated_at", At), ("level", Int), ("total_xp", Int), ("current_streak", Int),
        ("longest_streak", Int), ("perfect_streak", Int), ("debuff_active_until", At), ("str", Int), ("agi", Int), ("vit", Int),
        ("disc", Int), ("active_title_id", Text)] },
    known("sessions", &[("id", Text), ("expires_at", At), ("ip_address", Text), ("user_agent", Text), ("created_at", At), ("updated_at", At)]),
    known("accounts", &[("id", Text), ("account_id", Text), ("provider_id", Text), ("access_token_expires_at", At),
        ("refresh_token_expires_at", At), ("scope", Text), ("created_at", At), ("updated_at", At)]),
    known("season_participations", &[("id", Text), ("season_id", Text), ("season_xp", Int), ("rank", Int), ("joined_at", At)]),
    known("season_leaderboards", &[("id", Text), ("season_id", Text), ("rank", Int), ("total_xp", Int), ("updated_at", At)]),
    known("quest_logs", &[("id", Text), ("template_id", Text), ("status", Text), ("progress", Json), ("completed_at", At),
        ("xp_awarded", Int), ("day_date", Text)]),
    known("daily_logs", &[("id", Text), ("day_date", Text), ("core_completed", Int), ("core_total", Int), ("all_completed", Flag),
        ("debuff_triggered", Flag), ("evaluated", Flag)]),
    Table { name: "xp_events", is_own: false, owner: Owner::Column("user_id"), order: &["created_at", "id"], columns: &[
        ("id", Text), ("event_source", Text), ("source_id", Text), ("base_xp", Int), ("final_xp", Int), ("total_xp_before", Int),
        ("total_xp_after", Int), ("level_before", Int), ("level_after", Int), ("event_hash", Text), ("created_at", At)] },
    Table { name: "xp_modifiers", is_own: false, owner: Owner::Event, order: &["xp_event_id", "\"order\"", "id"], columns: &[
        ("id", Text), ("xp_event_id", Text), ("\"order\"", Int), ("type", Text), ("multiplier", Real), ("reason", Text),
        ("xp_before", Int), ("xp_after", Int)] },
    known("user_titles", &[("id", Text), ("title_id", Text), ("earned_at", At), ("revoked_at", At), ("is_active", Flag)]),
    known("boss_attempts", &[("id", Text), ("boss_id", Text), ("status", Text), ("current_phase", Int), ("phase_progress", Json),
        ("started_at", At), ("completed_at", At)]),
    known("dungeon_attempts", &[("id", Text), ("dungeon_id", Text), ("status", Text), ("progress", Json), ("started_at", At),
        ("completed_at", At), ("xp_awarded", Int)]),
    own("players", &["user_id"], &[("last_at", At), ("first_day", Text), ("open_day", Text), ("day_ends_at", At), ("next_day", Text),
        ("due_at", At), ("event_count", Int), ("head_hash", Text), ("last_created_at", At), ("zone_since", At), ("title_inputs", Int),
        ("open_days", Json), ("skipped_days", Json), ("dungeon_exits", Json), ("sums_until", Text), ("adopted_total_xp", Int),
        ("adopted_level", Int), ("seen_at", At)]),
    own("legacy", &["user_id"], &[("last_event_id", Text), ("last_created_at", At), ("events", Int), ("xp", Int)]),
    own("zone_history", &["since"], &[("since", At), ("timezone", Text)]),
    own("facts", &["day", "metric"], &[("day", Text), ("metric", Text), ("number", Real), ("boolean", Flag), ("source", Text),
        ("observed_at", At)]),
    own("sums", &["metric"], &[("metric", Text), ("sum", Real), ("max", Real)]),
    own("specials", &["name"], &[("name", Text), ("at", At)]),
    own("counters", &["key"], &[("key", Text), ("count", Int)]),
    own("title_history", &["title_id", "earned_at"], &[("title_id", Text), ("earned_at", At), ("revoked_at", At), ("cause", Text)]),
    own("adjustments", &["id"], &[("id", Text), ("source", Text), ("amount", Int), ("reason", Text), ("at", At)]),
    own("commands", &["id"], &[("id", Text), ("at", At), ("command", Json), ("events", Json)]),
    own("attempts", &["attempt_id"], &[("attempt_id", Text), ("kind", Text), ("rules", Text), ("started_at", At), ("from_day", Text),
        ("days_closed", Int), ("retries", Int), ("entered_at", At), ("deadline", At), ("counted_on", Text)]),
    Table { name: "award_rules", is_own: true, owner: Owner::Event, order: &["xp_event_id"], columns: &[
        ("xp_event_id", Text), ("rules", Text)] },
    own("outbox", &["sequence"], &[("sequence", Int), ("at", At), ("events", Json), ("worker", Text), ("held_until", At),
        ("deliveries", Int)]),
    own("erasures", &["user_id"], &[("at", At)]),
];

/// An export of rows, each a JSON array of a table's columns.
pub(crate) fn export(player: &str, rows: Vec<Vec<String>>) -> Result<PlayerExport> {
    let tables = TABLES.iter().zip(rows).map(|(table, rows)| {
        let name = if table.is_own { format!("levelkit_{}", table.name) } else { table.name.to_owned() };
        let rows = rows.iter().map(|row| named(table, row)).collect::<Result<_>>()?;
        Ok(ExportedTable { name, rows })
    });
    let format = "levelkit.player/1".to_owned();
    Ok(PlayerExport { format, player: player.to_owned(), tables: tables.collect::<Result<_>>()? })
}

fn named(table: &Table, row: &str) -> Result<ExportedRow> {
    let values: Vec<Value> = json(table.name, row)?;
    let named = table.columns.iter().zip(values);
    let named = named.map(|((name, kind), value)| {
        let value = written(table, *kind, value)?;
        Ok((name.trim_matches('"').to_owned(), value))
    });
    Ok(ExportedRow(named.collect::<Result<_>>()?))
}

/// A value as JSON has it everywhere else.
fn written(table: &Table, kind: Kind, value: Value) -> Result<ExportedValue> {
    Ok(match (kind, value.as_i64(), value.as_f64()) {
        (At, Some(micros), _) => ExportedValue::Text(instant(table.name, micros)?.to_string()),
        (Flag, Some(flag), _) => ExportedValue::Boolean(flag != 0),
        // One database writes 100.0, another one 100.
        (Real, _, Some(number)) => ExportedValue::Number(number),
        _ => value.into(),
    })
}

/// The address of somebody whose own was erased: there is none, and no other player has it.
pub(crate) fn placeholder(player: &str) -> String {
    format!("{player}@erased.invalid")
}

/// What a verification's identifier begins with that ends with the address it was sent to, as Better Auth writes it. An address may
/// itself have hyphens, so that whatever else stands before one may be a part of it.
const SENT_TO: [&str; 3] = ["sign-in-otp-", "email-verification-otp-", "forget-password-otp-"];

/// What the identifier of a change of address begins with; the player's id, a colon and the new address follow.
const CHANGED_BY: &str = "change-email-otp-";

/// How the identifier of a player's own change of address begins.
pub(crate) fn change_of_address(player: &str) -> String {
    format!("{CHANGED_BY}{player}:")
}

/// Whether a verification is about a player, and not about somebody whose address only ends or begins alike.
pub(crate) fn is_about(player: &str, address: &str, identifier: &str, value: &str) -> bool {
    let (before, last) = identifier.rsplit_once(':').unwrap_or(("", identifier));
    let is_named = last == address || SENT_TO.iter().any(|sent| identifier.strip_prefix(sent) == Some(address));
    let is_changed = last != identifier && before.strip_prefix(CHANGED_BY) == Some(player);
    let is_held = || serde_json::from_str(value).is_ok_and(|value| holds(&value, address));
    value == player || is_changed || (!address.is_empty() && (is_named || is_held()))
}

/// Whether a text is somewhere in a value, whole.
fn holds(value: &Value, text: &str) -> bool {
    match value {
        Value::String(held) => held == text,
        Value::Array(values) => values.iter().any(|value| holds(value, text)),
        Value::Object(named) => named.iter().any(|(name, value)| name == text || holds(value, text)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verification_is_about_the_one_whose_address_it_is() {
        let is_anns = |identifier: &str, value: &str| is_about("p1", "ann@x.org", identifier, value);
        for (identifier, value) in [
            ("ann@x.org", ""),
            ("sign-in-otp-ann@x.org", "123456:0"),
            ("email-verification-otp-ann@x.org", ""),
            ("forget-password-otp-ann@x.org", ""),
            ("invite:ann@x.org", ""),
            ("change-email-otp-p2:ann@x.org", ""),
            ("change-email-otp-p1:new@x.org", ""),
            ("reset-password:token", "p1"),
            ("token", r#"{"email":"ann@x.org"}"#),
            ("token", r#"{"link":["\u0061nn@x.org"]}"#),
            ("token", r#"{"ann@x.org":1}"#),
        ] {
            assert!(is_anns(identifier, value), "{identifier} {value}");
        }
        for (identifier, value) in [
            ("mary-ann@x.org", ""),
            ("sign-in-otp-mary-ann@x.org", ""),
            ("sign-in-otp-ann@x.organic", ""),
            ("invite:mary-ann@x.org", ""),
            ("change-email-otp-p11:new@x.org", ""),
            ("change-email-otp-p1", ""),
            ("token", r#"{"email":"mary-ann@x.org"}"#),
            ("token", r#"{"email":"\"ann@x.org"}"#),
            ("token", r#"write to "ann@x.org""#),
            ("token", "p11"),
        ] {
            assert!(!is_anns(identifier, value), "{identifier} {value}");
        }
        assert!(!is_about("p1", "", "", r#"{"email":""}"#));
    }
}
