//! Everything about a player, handed out or erased.

use diesel::SqliteConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use levelkit::Instant;

use super::schema::{levelkit_players, users};
use crate::assemble::unknown_player;
use crate::error::Result;
use crate::exported::PlayerExport;
use crate::privacy::{self, Kind, Owner, TABLES, Table, placeholder};

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

#[derive(QueryableByName)]
struct Verification {
    #[diesel(sql_type = Text)]
    id: String,
    #[diesel(sql_type = Text)]
    identifier: String,
    #[diesel(sql_type = Text)]
    value: String,
}

/// Everything about a player, as of one moment.
pub(super) fn export(conn: &mut SqliteConnection, id: &str) -> Result<PlayerExport> {
    is_player(conn, id)?;
    let mut rows = Vec::with_capacity(TABLES.len());
    for table in TABLES {
        let lines: Vec<Line> = diesel::sql_query(query(table)).bind::<Text, _>(id).load(conn)?;
        rows.push(lines.into_iter().map(|line| line.line).collect());
    }
    privacy::export(id, rows)
}

fn query(table: &Table) -> String {
    let prefix = if table.is_own { "levelkit_" } else { "" };
    let column = |(name, kind): &(&str, Kind)| match kind {
        Kind::Json => format!("json({name})"),
        _ => (*name).to_owned(),
    };
    let columns: Vec<String> = table.columns.iter().map(column).collect();
    let filter = match table.owner {
        Owner::Column(column) => format!("{column} = ?"),
        Owner::Event => "xp_event_id IN (SELECT id FROM xp_events WHERE user_id = ?)".to_owned(),
    };
    let (columns, order) = (columns.join(", "), table.order.join(", "));
    format!("SELECT json_array({columns}) AS line FROM {prefix}{} WHERE {filter} ORDER BY {order}", table.name)
}

/// Erases a player's personal data; the id, the ledger and what the rules go by stay. False if that was done before.
pub(super) fn erase(conn: &mut SqliteConnection, id: &str, at: Instant) -> Result<bool> {
    const USER: &str = "UPDATE users SET email = ?1, email_verified = 0, name = NULL, image = NULL, updated_at = ?2 \
        WHERE id = ?3 AND (email <> ?1 OR name IS NOT NULL OR image IS NOT NULL)";
    const ERASED: &str = "INSERT INTO levelkit_erasures (user_id, at) VALUES (?, ?) ON CONFLICT (user_id) DO NOTHING";
    /// What is the player's alone, and what was measured, wherever it was written down.
    const OWN: [&str; 8] = [
        "DELETE FROM sessions WHERE user_id = ?",
        "DELETE FROM accounts WHERE user_id = ?",
        "DELETE FROM levelkit_facts WHERE user_id = ?",
        "DELETE FROM levelkit_sums WHERE user_id = ?",
        "UPDATE levelkit_adjustments SET reason = '' WHERE user_id = ? AND reason <> ''",
        "UPDATE quest_logs SET progress = json_replace(progress, '$.metrics', json('{}')) WHERE user_id = ?",
        "UPDATE boss_attempts SET phase_progress = json_replace(phase_progress, '$.values', json('{}')) WHERE user_id = ?",
        "UPDATE dungeon_attempts SET progress = json_replace(progress, '$.snapshot', json('[]')) WHERE user_id = ?",
    ];
    is_player(conn, id)?;
    let email: String = users::table.find(id).select(users::email).first(conn)?;
    let placeholder = placeholder(id);
    erase_verifications(conn, id, &email)?;
    let user = diesel::sql_query(USER).bind::<Text, _>(&placeholder).bind::<BigInt, _>(at.micros());
    user.bind::<Text, _>(id).execute(conn)?;
    for text in OWN {
        diesel::sql_query(text).bind::<Text, _>(id).execute(conn)?;
    }
    let erased = diesel::sql_query(ERASED).bind::<Text, _>(id).bind::<BigInt, _>(at.micros());
    Ok(erased.execute(conn)? > 0)
}

/// Removes the verifications that are about a player; those that may be are looked at one by one.
fn erase_verifications(conn: &mut SqliteConnection, id: &str, email: &str) -> Result<()> {
    const MAY_BE: &str = "SELECT id, identifier, value FROM verifications WHERE value = ?2 \
        OR substr(identifier, -length(?1)) = ?1 OR substr(identifier, 1, length(?3)) = ?3 OR instr(value, json_quote(?1)) > 0";
    let asked = diesel::sql_query(MAY_BE).bind::<Text, _>(email).bind::<Text, _>(id);
    let found: Vec<Verification> = asked.bind::<Text, _>(privacy::change_of_address(id)).load(conn)?;
    for one in found.iter().filter(|one| privacy::is_about(id, email, &one.identifier, &one.value)) {
        diesel::sql_query("DELETE FROM verifications WHERE id = ?").bind::<Text, _>(&one.id).execute(conn)?;
    }
    Ok(())
}

fn is_player(conn: &mut SqliteConnection, id: &str) -> Result<()> {
    let players: i64 = levelkit_players::table.find(id).count().get_result(conn)?;
    if players == 0 { Err(unknown_player(id)) } else { Ok(()) }
}
