//! What lies behind players: their quest logs, closed days, measurements, victories and clears.
//!
//! One statement asks for all of it, since to begin one costs the server as much as to look into an index. Its rows come in any order.

use std::collections::HashMap;

use diesel::sql_types::{BigInt, Bool, Double, Nullable, Text};
use diesel_async::AsyncPgConnection;
use levelkit::Day;

use super::load::micros;
use super::query::sql_of;
use crate::assemble::{HistoryRows, clears_and_victories};
use crate::bind::Bind;
use crate::error::{Error, Result};
use crate::rows::{FactRow, QuestLogRow};

/// What lies behind one player.
#[derive(Default)]
pub(super) struct Past {
    /// Quest logs that may be open, some of them closed.
    pub(super) logs: Vec<QuestLogRow>,
    days: Vec<(String, i64, i64)>,
    facts: Vec<FactRow>,
    /// Day, when it was completed, quest, status.
    ended: Vec<(String, Option<i64>, String, String)>,
    /// When it began, kind, on which day it counts.
    counted: Vec<(i64, String, String)>,
}

impl Past {
    /// The rows in the order in which things happened.
    pub(super) fn history(self) -> HistoryRows {
        let Self { logs: _, mut days, mut facts, mut ended, mut counted } = self;
        days.sort_unstable();
        facts.sort_unstable_by(|one, other| (&one.day, &one.metric).cmp(&(&other.day, &other.metric)));
        ended.sort_unstable();
        counted.sort_unstable();
        let (clears, victories) = clears_and_victories(counted.into_iter().map(|(_, kind, day)| (kind, day)).collect());
        let ended = ended.into_iter().map(|(day, _, quest, status)| (day, quest, status)).collect();
        HistoryRows { days, facts, ended, clears, victories }
    }

    fn add(&mut self, row: Row) -> Result<()> {
        let (kind, day, second, third, fourth, fifth, first_int, second_int, number, boolean) = row;
        let lacks = || Error::corrupt(format!("a {kind} of {day} lacks a value"));
        let text = |value: Option<String>| value.ok_or_else(lacks);
        let int = |value: Option<i64>| value.ok_or_else(lacks);
        match kind.as_str() {
            "day" => self.days.push((day.clone(), int(first_int)?, int(second_int)?)),
            "fact" => {
                let (metric, observed_at) = (text(second)?, int(first_int)?);
                self.facts.push(FactRow { day: day.clone(), metric, number, boolean, observed_at });
            }
            "counted" => self.counted.push((int(first_int)?, text(second)?, day.clone())),
            _ => {
                let (template_id, status) = (text(second)?, text(third)?);
                if boolean == Some(true) {
                    self.ended.push((day.clone(), first_int, template_id.clone(), status.clone()));
                }
                if let Some((id, progress)) = fourth.zip(fifth) {
                    let (completed_at, xp_awarded, day_date) = (first_int, second_int, day);
                    let log = QuestLogRow { id, template_id, status, progress, completed_at, xp_awarded, day_date };
                    self.logs.push(log);
                }
            }
        }
        Ok(())
    }
}

/// A row behind the player's id: what it is, the day, four texts, two integers, a number and a boolean.
type Columns = (
    Text,
    Text,
    Nullable<Text>,
    Nullable<Text>,
    Nullable<Text>,
    Nullable<Text>,
    Nullable<BigInt>,
    Nullable<BigInt>,
    Nullable<Double>,
    Nullable<Bool>,
);
type Row = (
    String,
    String,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<i64>,
    Option<i64>,
    Option<f64>,
    Option<bool>,
);

/// A table's rows from a day on, or as far back as the last command asked.
macro_rules! since {
    ($columns:expr, $table:literal, $day:literal, $rest:literal) => {
        concat!(
            " UNION ALL SELECT t.user_id, ",
            $columns,
            " FROM levelkit.players AS p JOIN ",
            $table,
            " AS t ON t.user_id = p.user_id AND t.",
            $day,
            " >= coalesce(?, p.history_from) WHERE p.user_id = any(?)",
            $rest
        )
    };
}

/// A quest log may be open, or it ended and belongs to the history, or both; what only an open one has is not sent for the others.
/// Before a player's first command all quest logs may be open: the application may have written some.
const PAST: &str = concat!(
    "SELECT t.user_id, 'log', t.day_date, t.template_id, t.status::text, \
     CASE WHEN t.day_date >= coalesce(p.logs_from, '') THEN t.id END, \
     CASE WHEN t.day_date >= coalesce(p.logs_from, '') THEN t.progress::text END, ",
    micros!("t.completed_at"),
    ", t.xp_awarded::int8, NULL::float8, t.status <> 'ACTIVE' AND t.day_date >= coalesce(?, p.history_from) \
     FROM levelkit.players AS p JOIN public.quest_logs AS t ON t.user_id = p.user_id \
     AND t.day_date >= least(coalesce(p.logs_from, ''), ?, p.history_from) WHERE p.user_id = any(?)",
    since!(
        "'day', t.day_date, NULL, NULL, NULL, NULL, t.core_completed::int8, t.core_total::int8, NULL, NULL",
        "public.daily_logs",
        "day_date",
        " AND t.evaluated"
    ),
    since!(
        concat!("'fact', t.day, t.metric, NULL, NULL, NULL, ", micros!("t.observed_at"), ", NULL, t.number, t.boolean"),
        "levelkit.facts",
        "day",
        ""
    ),
    since!(
        concat!("'counted', t.counted_on, t.kind, NULL, NULL, NULL, ", micros!("t.started_at"), ", NULL, NULL, NULL"),
        "levelkit.attempts",
        "counted_on",
        " AND t.kind IN ('BOSS', 'DUNGEON')"
    )
);

/// What lies behind players: from a day on, or as far back as the last command of each asked.
pub(super) async fn past(c: &AsyncPgConnection, ids: &[String], from: Option<Day>) -> Result<HashMap<String, Past>> {
    let whose = || Bind::Texts(ids.to_vec());
    let mut binds = vec![from.into(), from.into(), whose()];
    for _ in 0..3 {
        binds.extend([from.into(), whose()]);
    }
    let rows: Vec<(String, Row)> = sql_of::<(Text, Columns)>(PAST, binds).rows(c).await?;
    let mut past: HashMap<String, Past> = HashMap::new();
    for (player, row) in rows {
        past.entry(player).or_default().add(row)?;
    }
    Ok(past)
}
