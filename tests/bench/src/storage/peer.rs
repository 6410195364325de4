//! The limit: scripts that write the very same rows as a command that completes a quest, and decide nothing.

use std::path::Path;
use std::process::Command;

use crate::report::Failed;

/// Their ids lie as far apart as levelkit's, so that indexes are written in as many places.
///
/// What follows in PostgreSQL on the player's row being locked; `FROM` says for whom, `p.id` who it is.
const WRITES: [&str; 10] = [
    "INSERT INTO public.quest_logs (id, user_id, template_id, day_date, status, progress, completed_at, xp_awarded) \
     SELECT md5('q' || p.id)::uuid::text, p.id, 'walk', '2026-03-07', 'COMPLETED'::public.quest_status, '{PROGRESS}'::json, now(), 121 FROM \
     ON CONFLICT (user_id, template_id, day_date) DO UPDATE SET status = excluded.status, progress = excluded.progress, \
     completed_at = excluded.completed_at, xp_awarded = excluded.xp_awarded",
    "INSERT INTO public.daily_logs (id, user_id, day_date, core_completed, core_total, all_completed, debuff_triggered, evaluated) \
     SELECT md5('d' || p.id)::uuid::text, p.id, '2026-03-07', 1, 1, false, false, false FROM \
     ON CONFLICT (user_id, day_date) DO UPDATE SET core_completed = excluded.core_completed, core_total = excluded.core_total, \
     all_completed = excluded.all_completed, debuff_triggered = excluded.debuff_triggered, evaluated = excluded.evaluated",
    "INSERT INTO public.xp_events (id, user_id, event_source, source_id, base_xp, final_xp, total_xp_before, total_xp_after, \
     level_before, level_after, event_hash, created_at) SELECT md5('e' || p.id || p.run)::uuid::text, p.id, \
     'QUEST_COMPLETION'::public.xp_event_source, md5('q' || p.id)::uuid::text, 100, 121, 220, 341, 2, 2, '{HASH}', clock_timestamp() FROM ",
    "INSERT INTO public.xp_modifiers (id, xp_event_id, \"order\", type, multiplier, reason, xp_before, xp_after) \
     SELECT md5('m' || n || p.id || p.run)::uuid::text, md5('e' || p.id || p.run)::uuid::text, n, 'STREAK_BONUS'::public.modifier_type, 1.1, \
     '2 day streak', 100, 110 FROM generate_series(0, 1) AS n, ",
    "INSERT INTO levelkit.award_rules (xp_event_id, rules) SELECT md5('e' || p.id || p.run)::uuid::text, '{HASH}' FROM ",
    "INSERT INTO levelkit.facts (user_id, day, metric, number, boolean, observed_at) \
     SELECT p.id, '2026-03-07', 'steps', 9000, NULL::boolean, now() FROM \
     ON CONFLICT (user_id, day, metric) DO UPDATE SET number = excluded.number, observed_at = excluded.observed_at",
    "{COUNTERS}",
    "UPDATE public.users AS u SET updated_at = now(), level = 2, total_xp = total_xp + 121, agi = agi + 1 FROM ",
    "UPDATE levelkit.players AS u SET last_at = now(), event_count = event_count + 1, head_hash = '{HASH}', last_created_at = now(), \
     open_days = '{DAYS}'::json, seen_at = now() FROM ",
    "COMMIT",
];

/// What the rows of the scripts look like.
pub(crate) struct Shape {
    /// A quest log's progress.
    pub(crate) progress: String,
    /// A player's open days.
    pub(crate) days: String,
    /// The ruleset's hash, as good as any other.
    pub(crate) hash: String,
    /// The counters that a completion raises.
    pub(crate) counters: Vec<String>,
}

impl Shape {
    fn statements(&self, player: &str, alias: &str) -> Vec<String> {
        let texts = WRITES.iter().filter(|text| **text != "{COUNTERS}" || !self.counters.is_empty());
        texts
            .map(|text| {
                let counters: Vec<String> = self.counters.iter().map(|key| format!("'{key}'")).collect();
                let counters = format!(
                    "INSERT INTO levelkit.counters (user_id, key, count) SELECT p.id, key, 3 FROM unnest(ARRAY[{}]) AS key, \
                     ON CONFLICT (user_id, key) DO UPDATE SET count = excluded.count",
                    counters.join(", ")
                );
                let text = text.replace("{COUNTERS}", &counters).replace("{PROGRESS}", &self.progress);
                let text = text.replace("{HASH}", &self.hash).replace("{DAYS}", &self.days);
                let row = format!("{player} AS p ({alias})");
                match (text.starts_with("UPDATE"), text.split_once(" ON CONFLICT")) {
                    (true, _) => {
                        let key = if text.contains("public.users") { "u.id" } else { "u.user_id" };
                        format!("{text}{row} WHERE {key} = p.id;")
                    }
                    (_, Some((before, after))) => format!("{before} {row} WHERE true ON CONFLICT{after};"),
                    (_, None) if text == "COMMIT" => "COMMIT;".to_owned(),
                    (_, None) => format!("{text}{row};"),
                }
            })
            .collect()
    }

    /// One player, in two round trips.
    fn single(&self, players: usize) -> String {
        let whose = "'p' || :n::text";
        let writes = self.statements(&format!("(VALUES ({whose}, :r::text))"), "id, run").join("\n");
        format!(
            "\\set n random(0, {})\n\\set r random(1, 9000000000000000000)\n\\startpipeline\nBEGIN;\n\
             SELECT event_count, head_hash, open_days FROM levelkit.players WHERE user_id = {whose} FOR NO KEY UPDATE;\n\
             SELECT event_hash, created_at FROM public.xp_events WHERE user_id = {whose} ORDER BY created_at DESC LIMIT 1;\n\
             \\endpipeline\n\\startpipeline\n{writes}\n\\endpipeline\n",
            players - 1
        )
    }

    /// A thousand players in one transaction, whose ids come in an array.
    fn thousand(&self, players: usize) -> String {
        let from = "(SELECT 'p' || n, :r::text \
             FROM unnest(ARRAY(SELECT generate_series(:n::int * 1000, :n::int * 1000 + 999))) AS n)";
        let writes = self.statements(from, "id, run").join("\n");
        let those = "IN (SELECT 'p' || n FROM generate_series(:n::int * 1000, :n::int * 1000 + 999) AS n)";
        format!(
            "\\set n random(0, {})\n\\set r random(1, 9000000000000000000)\n\\startpipeline\nBEGIN;\n\
             SELECT event_count, head_hash, open_days FROM levelkit.players WHERE user_id {those} FOR NO KEY UPDATE;\n\
             \\endpipeline\n\\startpipeline\n{writes}\n\\endpipeline\n",
            players / 1000 - 1
        )
    }
}

/// Runs a script of pgbench's; how many transactions a second it made.
fn pgbench(folder: &Path, url: &str, script: &str, clients: usize, each: usize) -> Result<f64, Failed> {
    let path = folder.join("script.sql");
    std::fs::write(&path, script)?;
    let mut command = Command::new("pgbench");
    command.args(["--no-vacuum", "--protocol=prepared", "--jobs=2"]);
    command.args([format!("--client={clients}"), format!("--transactions={each}")]);
    let output = command.arg("--file").arg(&path).arg(url).output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let rate = text.lines().find_map(|line| line.strip_prefix("tps = ")?.split(' ').next()?.parse().ok());
    match rate {
        Some(rate) if output.status.success() && text.contains("failed transactions: 0 ") => Ok(rate),
        _ => Err(format!("pgbench: {text}{}", String::from_utf8_lossy(&output.stderr)).into()),
    }
}

/// Single players.
pub(crate) fn single(
    folder: &Path,
    url: &str,
    shape: &Shape,
    players: usize,
    clients: usize,
    commands: usize,
) -> Result<f64, Failed> {
    pgbench(folder, url, &shape.single(players), clients, commands / clients)
}

/// A thousand players at once; players a second.
pub(crate) fn thousand(folder: &Path, url: &str, shape: &Shape, players: usize, batches: usize) -> Result<f64, Failed> {
    Ok(pgbench(folder, url, &shape.thousand(players), 1, batches)? * 1000.0)
}
