//! Everything about a player, handed out or erased.

use diesel::sql_types::Text;
use diesel_async::AsyncPgConnection;
use levelkit::Instant;

use super::ledger::ONE_MOMENT;
use super::query::{sql, sql_of};
use super::session::{Shared, transaction};
use super::statement::LOCK;
use crate::assemble::unknown_player;
use crate::error::Result;
use crate::exported::PlayerExport;
use crate::privacy::{self, Kind, Owner, TABLES, Table, placeholder};

/// Everything about a player, as of one moment.
pub(super) async fn export(shared: &Shared, id: &str) -> Result<PlayerExport> {
    const IS_PLAYER: &str = "SELECT user_id FROM levelkit.players WHERE user_id = ?";
    let rows = transaction(shared, ONE_MOMENT, async |c| {
        sql::<Text>(IS_PLAYER, &[id.into()]).row::<String>(c).await?.ok_or_else(|| unknown_player(id))?;
        let mut rows = Vec::with_capacity(TABLES.len());
        for table in TABLES {
            rows.push(sql_of::<Text>(query(table), vec![id.into()]).rows::<String>(c).await?);
        }
        Ok(rows)
    });
    privacy::export(id, rows.await?)
}

fn query(table: &Table) -> String {
    let schema = if table.is_own { "levelkit" } else { "public" };
    let column = |(name, kind): &(&str, Kind)| match kind {
        Kind::Text => format!("{name}::text"),
        Kind::At => format!("(extract(epoch FROM {name}) * 1000000)::int8"),
        _ => (*name).to_owned(),
    };
    let columns: Vec<String> = table.columns.iter().map(column).collect();
    let is_text = |name: &&str| table.columns.iter().any(|(column, kind)| column == name && *kind == Kind::Text);
    let order =
        table.order.iter().map(|name| if is_text(name) { format!("{name} COLLATE \"C\"") } else { (*name).to_owned() });
    let filter = match table.owner {
        Owner::Column(column) => format!("{column} = ?"),
        Owner::Event => "xp_event_id IN (SELECT id FROM public.xp_events WHERE user_id = ?)".to_owned(),
    };
    let (columns, order) = (columns.join(", "), order.collect::<Vec<_>>().join(", "));
    format!("SELECT json_build_array({columns})::text FROM {schema}.{} WHERE {filter} ORDER BY {order}", table.name)
}

/// Erases a player's personal data; the id, the ledger and what the rules go by stay. False if that was done before.
pub(super) async fn erase(shared: &Shared, id: &str, at: Instant) -> Result<bool> {
    transaction(shared, "BEGIN", async |c| {
        sql::<Text>(LOCK, &[vec![id.to_owned()].into()]).row::<String>(c).await?.ok_or_else(|| unknown_player(id))?;
        erase_in(c, id, at).await
    })
    .await
}

async fn erase_in(c: &AsyncPgConnection, id: &str, at: Instant) -> Result<bool> {
    const EMAIL: &str = "SELECT email FROM public.users WHERE id = ?";
    const USER: &str = "UPDATE public.users SET email = ?, email_verified = false, name = NULL, image = NULL, updated_at = ? \
        WHERE id = ? AND (email <> ? OR name IS NOT NULL OR image IS NOT NULL)";
    const ERASED: &str = "INSERT INTO levelkit.erasures (user_id, at) VALUES (?, ?) ON CONFLICT (user_id) DO NOTHING";
    /// What is the player's alone, and what was measured, wherever it was written down.
    const OWN: [&str; 8] = [
        "DELETE FROM public.sessions WHERE user_id = ?",
        "DELETE FROM public.accounts WHERE user_id = ?",
        "DELETE FROM levelkit.facts WHERE user_id = ?",
        "DELETE FROM levelkit.sums WHERE user_id = ?",
        "UPDATE levelkit.adjustments SET reason = '' WHERE user_id = ? AND reason <> ''",
        "UPDATE public.quest_logs SET progress = jsonb_set(progress::jsonb, '{metrics}', '{}')::json \
         WHERE user_id = ? AND progress::jsonb -> 'metrics' IS NOT NULL",
        "UPDATE public.boss_attempts SET phase_progress = jsonb_set(phase_progress::jsonb, '{values}', '{}')::json \
         WHERE user_id = ? AND phase_progress::jsonb -> 'values' IS NOT NULL",
        "UPDATE public.dungeon_attempts SET progress = jsonb_set(progress::jsonb, '{snapshot}', '[]')::json \
         WHERE user_id = ? AND progress::jsonb -> 'snapshot' IS NOT NULL",
    ];
    let email: Option<String> = sql::<Text>(EMAIL, &[id.into()]).row(c).await?;
    let email = email.ok_or_else(|| unknown_player(id))?;
    let placeholder = placeholder(id);
    erase_verifications(c, id, &email).await?;
    sql::<()>(USER, &[(&placeholder).into(), at.into(), id.into(), (&placeholder).into()]).run(c).await?;
    for text in OWN {
        sql::<()>(text, &[id.into()]).run(c).await?;
    }
    Ok(sql::<()>(ERASED, &[id.into(), at.into()]).run(c).await? > 0)
}

/// Removes the verifications that are about a player; those that may be are looked at one by one.
async fn erase_verifications(c: &AsyncPgConnection, id: &str, email: &str) -> Result<()> {
    const MAY_BE: &str = "SELECT id, identifier, value FROM public.verifications WHERE value = ? \
        OR right(identifier, length(?)) = ? OR starts_with(identifier, ?) OR strpos(value, to_json(?::text)::text) > 0";
    const DELETE: &str = "DELETE FROM public.verifications WHERE id = any(?)";
    let change = privacy::change_of_address(id);
    let binds = [id.into(), email.into(), email.into(), (&change).into(), email.into()];
    let found: Vec<(String, String, String)> = sql::<(Text, Text, Text)>(MAY_BE, &binds).rows(c).await?;
    let theirs = found.into_iter().filter(|(_, identifier, value)| privacy::is_about(id, email, identifier, value));
    let ids: Vec<String> = theirs.map(|(id, ..)| id).collect();
    sql::<()>(DELETE, &[ids.into()]).run(c).await.map(drop)
}
