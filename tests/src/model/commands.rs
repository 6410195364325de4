//! The rules, section 12: commands and refusals.

use serde_json::{Value, json};

use super::days::zone;
use super::instants::{date_text, instant_text, try_date, try_instant};
use super::ledger::Award;
use super::metrics::may_be_reported;
use super::numbers::{I32_MAX, I32_MIN, overflow, try_int};
use super::quests::read_metric;
use super::requirement::Metric;
use super::ruleset::{Kind, Rules};
use super::state::{Fact, Player};

impl Player {
    /// One step of a scenario: the events in order, or the refusal, after which everything is
    /// exactly as before.
    pub fn step(&mut self, step: &Value) -> Result<Vec<Value>, Value> {
        let mut trial = self.clone();
        trial.out.clear();
        trial.run(step)?;
        let events = std::mem::take(&mut trial.out);
        *self = trial;
        Ok(events)
    }

    fn run(&mut self, step: &Value) -> Result<(), Value> {
        let at = try_instant(&step["at"]).ok_or_else(|| json!({"code": "INVALID_INSTANT", "at": step["at"]}))?;
        if let Some(last) = self.last_at
            && at < last
        {
            return Err(json!({"code": "TIME_BACKWARDS", "last_at": instant_text(last)}));
        }
        let what = step["do"].as_str().expect("do");
        let first_command = self.last_at.is_none();
        self.do_due(at, what == "report_dungeon")?;
        match what {
            "report" => self.report(step, at)?,
            "advance" => {}
            "start_boss" => self.start_boss(step, at)?,
            "abandon_boss" => self.abandon_boss(at)?,
            "enter_dungeon" => self.enter_dungeon(step, at)?,
            "report_dungeon" => self.report_dungeon(step, at)?,
            "forfeit_dungeon" => self.forfeit_dungeon(at)?,
            "equip_title" => self.equip_title(step)?,
            "adjust_xp" => {
                let amount = amount(step)?;
                self.pay(step, "MANUAL_ADJUSTMENT", amount, None, at)?;
            }
            "grant_xp" => {
                let source = step["source"].as_str().unwrap_or_default();
                if !["STREAK_BONUS", "SEASON_BONUS", "TITLE_BONUS"].contains(&source) {
                    return Err(json!({"code": "UNKNOWN_VALUE", "source": source}));
                }
                if try_int(&step["amount"]).is_some_and(|amount| amount <= 0) {
                    return Err(json!({"code": "OUT_OF_RANGE", "amount": step["amount"]}));
                }
                let amount = amount(step)?;
                let source_id = step["source_id"].as_str().map(str::to_string);
                self.pay(step, source, amount, source_id, at)?;
            }
            "set_timezone" => {
                let name = step["timezone"].as_str().unwrap_or_default();
                if zone(name).is_none() {
                    return Err(json!({"code": "INVALID_TIMEZONE", "timezone": name}));
                }
                self.timezone = name.to_string();
                self.zone_since = at;
            }
            "join_season" => self.join_season(step, at)?,
            other => panic!("command {other}"),
        }
        if what != "advance" || first_command {
            self.evaluate_titles(self.open_day(), at);
        }
        self.last_at = Some(at);
        Ok(())
    }

    fn report(&mut self, step: &Value, at: i64) -> Result<(), Value> {
        let invalid_day = || json!({"code": "INVALID_DAY", "day": step["day"]});
        let day = match &step["day"] {
            Value::Null => self.open_day(),
            v => try_date(v).ok_or_else(invalid_day)?,
        };
        // in the future, before the first, or a date that never was
        let known = self.days.iter().find(|d| d.date == day).ok_or_else(invalid_day)?;
        let observed_at = read_instant(&step["observed_at"], at)?;
        if observed_at > at {
            return Err(json!({
                "code": "INVALID_INSTANT", "observed_at": instant_text(observed_at)
            }));
        }
        if known.closed.is_some() {
            return Err(json!({"code": "DAY_CLOSED", "day": date_text(day)}));
        }
        for name in step["specials"].as_array().unwrap_or(&Vec::new()) {
            check_text("specials", name)?;
        }
        for (metric, value) in read_metrics(&self.rules, &step["metrics"])? {
            self.facts.push(Fact { day, metric, value, observed_at });
        }
        for name in step["specials"].as_array().unwrap_or(&Vec::new()) {
            self.specials.insert(name.as_str().expect("a name").to_string());
        }
        self.evaluate_quests(day, at)
    }

    /// Exactly once by the caller's id.
    fn pay(
        &mut self,
        step: &Value,
        source: &str,
        amount: i64,
        source_id: Option<String>,
        at: i64,
    ) -> Result<(), Value> {
        let id = step["id"].as_str().expect("an id");
        for field in ["id", "reason", "source_id"] {
            check_text(field, &step[field])?;
        }
        if let Some(earlier) = self.ledger.iter().find(|e| e.id == id) {
            if earlier.source == source && earlier.base_xp == amount {
                return Ok(());
            }
            return Err(json!({"code": "ID_CONFLICT", "id": id}));
        }
        self.award(Award {
            source,
            source_id,
            base_xp: amount,
            day: self.open_day(),
            instant: at,
            at,
            dungeon: None,
            own_id: Some(id.to_string()),
        })?;
        Ok(())
    }
}

/// No string holds U+0000.
fn check_text(field: &str, v: &Value) -> Result<(), Value> {
    match v.as_str().is_some_and(|text| text.contains('\0')) {
        true => Err(json!({"code": "INVALID_TEXT", "field": field})),
        false => Ok(()),
    }
}

fn amount(step: &Value) -> Result<i64, Value> {
    let amount = try_int(&step["amount"]).ok_or_else(overflow)?;
    if !(I32_MIN..=I32_MAX).contains(&i128::from(amount)) {
        return Err(overflow());
    }
    Ok(amount)
}

pub fn read_instant(v: &Value, default: i64) -> Result<i64, Value> {
    match v {
        Value::Null => Ok(default),
        v => try_instant(v).ok_or_else(|| json!({"code": "INVALID_INSTANT", "observed_at": v})),
    }
}

pub fn read_metrics(rules: &Rules, v: &Value) -> Result<Vec<(String, Metric)>, Value> {
    let mut list = Vec::new();
    let empty = serde_json::Map::new();
    for (name, value) in v.as_object().unwrap_or(&empty) {
        if !may_be_reported(name) {
            return Err(json!({"code": "INVALID_METRIC", "metric": name}));
        }
        let Some(metric) = read_metric(value) else {
            return Err(json!({"code": "INVALID_METRIC", "metric": name}));
        };
        let kind = match metric {
            Metric::Number(_) => Kind::Numeric,
            Metric::Flag(_) => Kind::Boolean,
        };
        if rules.kinds.get(name).is_some_and(|k| *k != kind) {
            return Err(json!({"code": "METRIC_KIND", "metric": name}));
        }
        list.push((name.clone(), metric));
    }
    Ok(list)
}
