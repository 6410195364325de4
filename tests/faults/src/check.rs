//! Afterwards: is everything there that was acknowledged, once, and nothing by halves?

use std::collections::{BTreeMap, HashMap, HashSet};

use levelkit_storage::BlockingStore;
use levelkit_test_postgres::Database;

use crate::Wrong;
use crate::crew::Acknowledged;
use crate::plan::Plan;
use crate::work::player;

/// What was found.
#[derive(Clone, Debug, Default)]
pub(crate) struct Checked {
    pub(crate) players: u64,
    pub(crate) events: u64,
    /// What stands where it must not, or does not where it must.
    pub(crate) wrong: Vec<String>,
}

/// What no row may be found by: each finds rows that are there by halves, or twice.
///
/// `NOT EXISTS` throughout: for `NOT IN` the server goes through the one table for each row of the other once they are large.
const HALVES: [(&str, &str); 12] = [
    (
        "an award's rules are missing",
        "SELECT id FROM public.xp_events AS event WHERE NOT EXISTS \
      (SELECT 1 FROM levelkit.award_rules WHERE xp_event_id = event.id)",
    ),
    (
        "a completed quest without its award",
        "SELECT id FROM public.quest_logs AS log WHERE status = 'COMPLETED' AND NOT EXISTS \
      (SELECT 1 FROM public.xp_events WHERE event_source = 'QUEST_COMPLETION' AND source_id = log.id)",
    ),
    (
        "a quest awarded without being completed",
        "SELECT id FROM public.xp_events AS event WHERE event_source = 'QUEST_COMPLETION' AND NOT EXISTS \
      (SELECT 1 FROM public.quest_logs AS log WHERE log.id = event.source_id AND status IN ('COMPLETED', 'FAILED', 'EXPIRED'))",
    ),
    (
        "a quest awarded twice",
        "SELECT source_id FROM public.xp_events WHERE event_source = 'QUEST_COMPLETION' GROUP BY 1 HAVING count(*) > 1",
    ),
    (
        "a boss awarded twice",
        "SELECT source_id FROM public.xp_events WHERE event_source = 'BOSS_DEFEAT' GROUP BY 1 HAVING count(*) > 1",
    ),
    (
        "an adjustment without its event",
        "SELECT id FROM levelkit.adjustments AS own WHERE NOT EXISTS (SELECT 1 FROM public.xp_events WHERE id = own.id)",
    ),
    (
        "an adjustment's event without it",
        "SELECT id FROM public.xp_events AS event WHERE event_source IN ('MANUAL_ADJUSTMENT', 'SEASON_BONUS') \
      AND NOT EXISTS (SELECT 1 FROM levelkit.adjustments WHERE id = event.id)",
    ),
    (
        "a total that is not the ledger's",
        "SELECT users.id FROM public.users LEFT JOIN (SELECT user_id, sum(final_xp) AS sum FROM public.xp_events GROUP BY 1) AS ledger \
      ON ledger.user_id = users.id WHERE users.total_xp <> coalesce(ledger.sum, 0)",
    ),
    (
        "a season score that is not the ledger's",
        "SELECT own.user_id FROM public.season_participations AS own LEFT JOIN (SELECT user_id, sum(final_xp) AS sum \
      FROM public.xp_events WHERE event_source IN ('QUEST_COMPLETION', 'BOSS_DEFEAT', 'DUNGEON_CLEAR') GROUP BY 1) AS ledger \
      ON ledger.user_id = own.user_id WHERE own.season_xp <> coalesce(ledger.sum, 0)",
    ),
    (
        "a standing that is not the score",
        "SELECT coalesce(own.user_id, scores.user_id) FROM public.season_participations AS own FULL JOIN levelkit.scores \
      USING (season_id, user_id) WHERE own.season_xp IS DISTINCT FROM scores.season_xp",
    ),
    (
        "a count that is not of the scores",
        "WITH widths (width) AS (VALUES (0), (8), (16)), parts AS (\
           SELECT season_id, width, bucket, count FROM levelkit.score_counts \
           UNION ALL SELECT season_id, width, to_xp >> width, 1 FROM levelkit.score_moves, widths WHERE to_xp IS NOT NULL \
           UNION ALL SELECT season_id, width, from_xp >> width, -1 FROM levelkit.score_moves, widths WHERE from_xp IS NOT NULL \
           UNION ALL SELECT season_id, width, season_xp >> width, -1 FROM levelkit.scores, widths) \
         SELECT season_id, width, bucket FROM parts GROUP BY 1, 2, 3 HAVING sum(count) <> 0",
    ),
    (
        "events in the outbox that are not the ledger's, in its order",
        "WITH told AS (\
           SELECT user_id, row_number() OVER (PARTITION BY user_id ORDER BY sequence, place) AS n, \
           (event ->> 'final_xp')::int8 AS xp, (event ->> 'total_xp_after')::int8 AS total FROM levelkit.outbox, \
           json_array_elements(events) WITH ORDINALITY AS of (event, place) WHERE event ->> 'event' = 'XP_AWARDED'), \
         ledger AS (SELECT user_id, row_number() OVER (PARTITION BY user_id ORDER BY created_at) AS n, \
           final_xp::int8 AS xp, total_xp_after AS total FROM public.xp_events) \
         SELECT user_id, min(n) FROM told FULL JOIN ledger USING (user_id, n) \
         WHERE (told.xp, told.total) IS DISTINCT FROM (ledger.xp, ledger.total) GROUP BY 1",
    ),
];

/// Checks everything, when all commands have come to an end.
pub(crate) fn check(plan: &Plan, database: &Database<'_>, acknowledged: &Acknowledged) -> Result<Checked, Wrong> {
    let mut checked = check_so_far(plan, database, acknowledged)?;
    let counted: u64 = acknowledged.outcomes.values().sum();
    if counted < plan.commands {
        checked.wrong.push(format!("{counted} commands of {} came to an end", plan.commands));
    }
    for code in acknowledged.outcomes.keys().filter(|code| code.starts_with("STORE_")) {
        checked.wrong.push(format!("a command ended with {code}"));
    }
    Ok(checked)
}

/// Checks what was acknowledged so far, while more may be on its way.
pub(crate) fn check_so_far(
    plan: &Plan,
    database: &Database<'_>,
    acknowledged: &Acknowledged,
) -> Result<Checked, Wrong> {
    let mut checked = Checked { players: plan.players, ..Checked::default() };
    let verified = BlockingStore::open(&database.url())?.verify_all()?;
    for player in &verified.failures {
        checked.wrong.push(format!("a ledger that does not verify: {player:?}"));
    }
    for (what, sql) in HALVES {
        let rows = database.query(sql)?;
        checked.wrong.extend(rows.lines().map(|row| format!("{what}: {row}")));
    }
    let mut places = HashMap::<&str, HashSet<&str>>::new();
    for (player, id) in &acknowledged.ids {
        places.entry(player).or_default().insert(id);
    }
    for first in (0..plan.players).step_by(50) {
        let rows = database.query(&ledgers(first, (first + 50).min(plan.players)))?;
        checked.compare(&rows, acknowledged, &mut places)?;
    }
    for (player, lost) in places {
        checked.wrong.extend(lost.iter().map(|id| format!("lost: {id} of {player} was acknowledged")));
    }
    Ok(checked)
}

/// The ledgers of some players: whose, the event's place, its id and hash.
fn ledgers(from: u64, to: u64) -> String {
    format!(
        "SELECT user_id, row_number() OVER (PARTITION BY user_id ORDER BY created_at), id, event_hash FROM public.xp_events \
         WHERE user_id COLLATE \"C\" >= '{}' AND user_id COLLATE \"C\" < '{}' ORDER BY user_id, created_at",
        player(from),
        player(to),
    )
}

impl Checked {
    /// Strikes off what was acknowledged and is there; what was acknowledged of a place in a chain must be there.
    fn compare(
        &mut self,
        rows: &str,
        acknowledged: &Acknowledged,
        places: &mut HashMap<&str, HashSet<&str>>,
    ) -> Result<(), Wrong> {
        let mut found = BTreeMap::<&str, u64>::new();
        for row in rows.lines() {
            let [player, place, id, hash] = row.split('\t').collect::<Vec<_>>()[..] else {
                return Err(format!("a row of four columns was asked for, this came: {row:?}").into());
            };
            self.events += 1;
            *found.entry(player).or_default() += 1;
            if let Some(ids) = places.get_mut(player) {
                ids.remove(id);
            }
            let promised = acknowledged.heads.get(player).and_then(|heads| heads.get(&place.parse().ok()?));
            if promised.is_some_and(|promised| promised != hash) {
                self.wrong.push(format!("event {place} of {player} is not the one that was acknowledged"));
            }
        }
        for (player, count) in found {
            let last = acknowledged.heads.get(player).and_then(|heads| heads.keys().next_back().copied()).unwrap_or(0);
            if u64::try_from(last).unwrap_or(0) > count {
                self.wrong.push(format!("lost: {player} has {count} events, {last} were acknowledged"));
            }
        }
        Ok(())
    }
}
