//! The rules, section 5: quest logs.

use chrono::NaiveDate;
use serde_json::{Value, json};
use std::collections::BTreeMap;

use super::instants::date_text;
use super::ledger::{Award, quest_log_id};
use super::metrics::Scope;
use super::numbers::{I32_MAX, overflow};
use super::requirement::{self, Metric, State, leaves, number, reads};
use super::ruleset::Quest;
use super::state::Player;

impl Player {
    /// Per metric the latest observation of the day wins, arrival on a tie.
    pub fn snapshot(&self, day: NaiveDate) -> BTreeMap<String, Metric> {
        let mut best: BTreeMap<String, (i64, Metric)> = BTreeMap::new();
        for f in self.facts.iter().filter(|f| f.day == day) {
            if best.get(&f.metric).is_none_or(|(t, _)| *t <= f.observed_at) {
                best.insert(f.metric.clone(), (f.observed_at, f.value));
            }
        }
        best.into_iter().map(|(m, (_, v))| (m, v)).collect()
    }

    fn find_active(&self, quest: &str, day_date: NaiveDate) -> Option<usize> {
        self.logs.iter().position(|l| l.quest == quest && l.day_date == day_date && l.status == "ACTIVE")
    }

    /// A DAILY (DUNGEON, BOSS) quest sees its day, a WEEKLY one its week; raw metrics are those
    /// of `day`.
    fn quest_scope(&self, q: &Quest, day_date: NaiveDate, day: NaiveDate, today: NaiveDate) -> Scope {
        let to = if q.kind == "WEEKLY" { day_date + chrono::Days::new(6) } else { day_date };
        Scope { raw: self.snapshot(day), from: day_date, to, today, attempt: None }
    }

    /// Evaluates one log, if there is such a log and it is ACTIVE. `day` is the local day
    /// concerned, `today` the open day (at a close, the day closed), `instant` when it takes
    /// effect.
    pub fn evaluate_log(
        &mut self,
        quest: &str,
        day_date: NaiveDate,
        day: NaiveDate,
        today: NaiveDate,
        instant: i64,
        at: i64,
    ) -> Result<(), Value> {
        let Some(i) = self.find_active(quest, day_date) else {
            return Ok(());
        };
        let rules = self.rules.clone();
        let q = rules.quest(quest);
        let scope = self.quest_scope(q, day_date, day, today);
        let look = |name: &str| self.metric(name, &scope);
        let state = requirement::state(&q.requirements, &look);
        if state != State::Met {
            return Ok(());
        }

        self.logs[i].status = "COMPLETED".to_string();
        self.logs[i].completed_at = Some(instant);
        self.logs[i].completed_on = Some(day);
        self.emit(json!({"event": "QUEST_COMPLETED", "quest": quest, "day": date_text(day_date)}));
        let xp = self.award(Award {
            source: "QUEST_COMPLETION",
            source_id: Some(quest_log_id(&self.id, quest, day_date)),
            base_xp: q.base_xp,
            day,
            instant,
            at,
            dungeon: None,
            own_id: None,
        })?;
        self.logs[i].xp_awarded = Some(xp);
        if let Some(stat) = &q.stat
            && q.stat_gain != 0
        {
            let value = self.stat(stat);
            if i128::from(value) > I32_MAX {
                return Err(overflow());
            }
            self.emit(json!({"event": "STAT_RAISED", "stat": stat, "value": value}));
        }
        Ok(())
    }

    /// A log still ACTIVE at its close: FAILED with a partial reward, FAILED, or EXPIRED.
    pub fn close_log(
        &mut self,
        quest: &str,
        day_date: NaiveDate,
        day: NaiveDate,
        end: i64,
        at: i64,
    ) -> Result<(), Value> {
        let Some(i) = self.find_active(quest, day_date) else {
            return Ok(());
        };
        let rules = self.rules.clone();
        let q = rules.quest(quest);
        let scope = self.quest_scope(q, day_date, day, day);
        let first_value = leaves(&q.requirements)
            .into_iter()
            .find(|leaf| leaf["type"] == "numeric")
            .and_then(|leaf| self.metric(leaf["metric"].as_str().expect("metric"), &scope));
        let partial = match (q.partial, first_value) {
            (Some((threshold, xp)), Some(Metric::Number(v))) if v >= threshold => Some(xp),
            _ => None,
        };
        let read = reads(&q.requirements);
        let reported = self.facts.iter().any(|f| scope.from <= f.day && f.day <= scope.to && read.contains(&f.metric));

        let event = |name: &str| json!({"event": name, "quest": quest, "day": date_text(day_date)});
        if let Some(base_xp) = partial {
            self.logs[i].status = "FAILED".to_string();
            self.emit(event("QUEST_FAILED"));
            let place = self.out.len();
            let xp = self.award(Award {
                source: "QUEST_COMPLETION",
                source_id: Some(quest_log_id(&self.id, quest, day_date)),
                base_xp,
                day,
                instant: end,
                at,
                dungeon: None,
                own_id: None,
            })?;
            self.logs[i].xp_awarded = Some(xp);
            let mut partial = event("PARTIAL_REWARD");
            partial["xp"] = json!(xp);
            self.out.insert(place, partial);
        } else if reported {
            self.logs[i].status = "FAILED".to_string();
            self.emit(event("QUEST_FAILED"));
        } else {
            self.logs[i].status = "EXPIRED".to_string();
            self.emit(event("QUEST_EXPIRED"));
        }
        Ok(())
    }

    /// A report for `day`: quests in ruleset order, one pass.
    pub fn evaluate_quests(&mut self, day: NaiveDate, at: i64) -> Result<(), Value> {
        let rules = self.rules.clone();
        let today = self.open_day();
        for q in &rules.quests {
            let day_date = if q.kind == "WEEKLY" { super::days::monday(day) } else { day };
            self.evaluate_log(&q.id, day_date, day, today, at, at)?;
        }
        Ok(())
    }

    /// A stored stat: 10, and what completed quests gave.
    pub fn stat(&self, stat: &str) -> i64 {
        let mut value = 10;
        for log in self.logs.iter().filter(|l| l.status == "COMPLETED") {
            let q = self.rules.quest(&log.quest);
            if q.stat.as_deref() == Some(stat) {
                value += q.stat_gain;
            }
        }
        value
    }
}

/// The value of a JSON metric.
pub fn read_metric(v: &Value) -> Option<Metric> {
    match v {
        Value::Bool(b) => Some(Metric::Flag(*b)),
        Value::Number(_) => Some(Metric::Number(number(v))),
        _ => None,
    }
}
