//! The rows that a timeline is made of.

use std::ops::RangeInclusive;

use diesel::sql_types::{BigInt, Bool, Nullable, Text};
use diesel_async::AsyncPgConnection;
use futures_util::try_join;
use levelkit::Instant;

use super::ledger::{ONE_MOMENT, within};
use super::load::micros;
use super::query::sql;
use super::rules;
use super::session::{Shared, transaction};
use crate::assemble::{quest_logs, unknown_player};
use crate::error::Result;
use crate::rulesets::Rulesets;
use crate::timeline::{self, TimelineRows};
use crate::view::TimelineEntry;

/// What happened to a player within a range.
pub(super) async fn timeline(shared: &Shared, id: &str, range: RangeInclusive<Instant>) -> Result<Vec<TimelineEntry>> {
    let rulesets = &shared.rulesets;
    let rows = transaction(shared, ONE_MOMENT, async |c| {
        let rows = rows(c, rulesets, id, &range).await?;
        for log in &rows.logs {
            rules::known(c, rulesets, log.rules).await?;
        }
        Ok(rows)
    });
    timeline::timeline(range.clone(), rows.await?, |hash| rulesets.get(hash))
}

const ZONES: &str =
    concat!("SELECT ", micros!("since"), ", timezone FROM levelkit.zone_history WHERE user_id = ? ORDER BY since");
const LOGS: &str = concat!(
    "SELECT t.id, t.template_id, t.status::text, t.progress::text, ",
    micros!("t.completed_at"),
    ", t.xp_awarded::int8, t.day_date FROM public.quest_logs AS t WHERE user_id = ? AND day_date BETWEEN ? AND ? \
     ORDER BY day_date COLLATE \"C\", template_id COLLATE \"C\""
);
const DAYS: &str = "SELECT day_date, core_completed::int8, core_total::int8, all_completed, debuff_triggered, evaluated \
    FROM public.daily_logs WHERE user_id = ? AND day_date BETWEEN ? AND ? ORDER BY day_date COLLATE \"C\"";
const TITLES: &str = concat!(
    "SELECT title_id, ",
    micros!("earned_at"),
    ", ",
    micros!("revoked_at"),
    " FROM levelkit.title_history WHERE user_id = ? ORDER BY earned_at, title_id COLLATE \"C\""
);
const BOSSES: &str = concat!(
    "SELECT boss_id, status::text, current_phase::int8, ",
    micros!("started_at"),
    ", ",
    micros!("completed_at"),
    " FROM public.boss_attempts WHERE user_id = ? ORDER BY started_at"
);
const DUNGEONS: &str = concat!(
    "SELECT dungeon_id, status::text, ",
    micros!("started_at"),
    ", ",
    micros!("completed_at"),
    " FROM public.dungeon_attempts WHERE user_id = ? ORDER BY started_at"
);
const SEASONS: &str =
    concat!("SELECT season_id, ", micros!("joined_at"), " FROM public.season_participations WHERE user_id = ?");
const IS_PLAYER: &str = "SELECT user_id FROM levelkit.players WHERE user_id = ?";

async fn rows(
    c: &AsyncPgConnection,
    rulesets: &Rulesets,
    id: &str,
    range: &RangeInclusive<Instant>,
) -> Result<TimelineRows> {
    let (from, to) = timeline::dates(range);
    let dated = [id.into(), from.into(), to.into()];
    let (player, zones, logs, days, titles, bosses, dungeons, seasons) = try_join!(
        sql::<Text>(IS_PLAYER, &[id.into()]).row::<String>(c),
        sql::<(BigInt, Text)>(ZONES, &[id.into()]).rows(c),
        sql::<(Text, Text, Text, Text, Nullable<BigInt>, Nullable<BigInt>, Text)>(LOGS, &dated).rows(c),
        sql::<(Text, BigInt, BigInt, Bool, Bool, Bool)>(DAYS, &dated).rows(c),
        sql::<(Text, BigInt, Nullable<BigInt>)>(TITLES, &[id.into()]).rows(c),
        sql::<(Text, Text, BigInt, BigInt, Nullable<BigInt>)>(BOSSES, &[id.into()]).rows(c),
        sql::<(Text, Text, BigInt, Nullable<BigInt>)>(DUNGEONS, &[id.into()]).rows(c),
        sql::<(Text, BigInt)>(SEASONS, &[id.into()]).rows(c),
    )?;
    player.ok_or_else(|| unknown_player(id))?;
    let engine = rules::engine(c, rulesets).await?;
    let logs = quest_logs(id, logs, engine.ruleset().hash())?;
    let hour = engine.ruleset().document().day.day_start_hour;
    let ledger = within(c, id, range).await?;
    Ok(TimelineRows { zones, hour, logs, days, ledger, titles, bosses, dungeons, seasons })
}
