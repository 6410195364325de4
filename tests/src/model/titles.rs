//! The rules, section 7: titles.

use chrono::{Datelike, Days, NaiveDate};
use serde_json::{Value, json};
use std::collections::BTreeSet;

use super::numbers::{Decimal, int};
use super::requirement::names;
use super::state::{HeldTitle, Player, QuestLog};

pub struct Verdict {
    pub met: bool,
    pub progress: i64,
    pub target: i64,
}

impl Player {
    pub fn holds(&self, title: &str) -> bool {
        self.titles.iter().any(|t| t.title == title && t.revoked_at.is_none())
    }

    /// The active title's id, passive type and value.
    pub fn active_passive(&self) -> Option<(String, String, Decimal)> {
        let active = self.active_title.as_ref()?;
        let title = self.rules.titles.iter().find(|t| t.id == *active)?;
        let (kind, value) = title.passive.clone()?;
        Some((title.id.clone(), kind, value))
    }

    pub fn stat_bonus(&self, stat: &str) -> f64 {
        let Some((id, kind, value)) = self.active_passive() else {
            return 0.0;
        };
        let title = self.rules.titles.iter().find(|t| t.id == id).expect("title");
        if kind == "STAT_BONUS" && title.config["stat"] == stat {
            value.digits as f64 / 10f64.powi(value.places as i32)
        } else {
            0.0
        }
    }

    /// Is it a log of the quest, or of a template that reads the metric?
    fn concerns(&self, log: &QuestLog, config: &Value) -> bool {
        if let Some(quest) = config["quest"].as_str() {
            return log.quest == quest;
        }
        let metric = config["metric"].as_str().expect("metric or quest");
        names(&self.rules.quest(&log.quest).requirements, metric)
    }

    fn completed_in(&self, config: &Value, from: Option<NaiveDate>, to: Option<NaiveDate>) -> i64 {
        self.logs
            .iter()
            .filter(|l| l.status == "COMPLETED" && self.concerns(l, config))
            .filter(|l| from.is_none_or(|d| d <= l.day_date))
            .filter(|l| to.is_none_or(|d| l.day_date <= d))
            .count() as i64
    }

    pub fn verdict(&self, kind: &str, config: &Value, today: NaiveDate) -> Verdict {
        let reach = |progress: i64, target: i64| Verdict { met: progress >= target, progress, target };
        let first_of_window = |config: &Value| today - Days::new(int(&config["window_days"]) as u64 - 1);
        let mut verdict = match kind {
            "STREAK_DAYS" => {
                let s = self.streaks();
                let streak = match config["streak"].as_str().unwrap_or("current") {
                    "current" => s.current,
                    "perfect" => s.perfect,
                    "longest" => s.longest,
                    other => panic!("streak {other}"),
                };
                reach(streak, int(&config["days"]))
            }
            "CUMULATIVE_COUNT" => reach(self.completed_in(config, None, None), int(&config["count"])),
            "TIME_WINDOW" => {
                reach(self.completed_in(config, Some(first_of_window(config)), Some(today)), int(&config["count"]))
            }
            "EVENT_COUNT" => {
                let n = match config["event"].as_str().expect("event") {
                    "QUEST_COMPLETED" => self.logs.iter().filter(|l| l.status == "COMPLETED").count(),
                    "BOSS_VICTORY" => self.bosses.iter().filter(|b| b.status == "VICTORY").count(),
                    "DUNGEON_CLEARED" => self.dungeons.iter().filter(|d| d.status == "CLEARED").count(),
                    "LEVEL_UP" => self.ledger.iter().filter(|e| e.level_after > e.level_before).count(),
                    "PERFECT_DAY" => self.closed_days().filter(|d| self.all_completed(d)).count(),
                    "STREAK_BROKEN" => self.streaks().broken as usize,
                    other => panic!("event {other}"),
                };
                reach(n as i64, int(&config["count"]))
            }
            "COMPOUND" => {
                let list = config["conditions"].as_array().expect("conditions");
                let met = list.iter().filter(|c| self.verdict(c["type"].as_str().expect("type"), c, today).met).count()
                    as i64;
                let target = if config["logic"] == "AND" { list.len() as i64 } else { 1 };
                reach(met, target)
            }
            "SPECIAL" => match config["special"].as_str().expect("special") {
                "ACCOUNT_CREATION" => reach(1, 1),
                "FIRST_OF_MONTH" => {
                    let yes = self.logs.iter().any(|l| l.completed_on.is_some_and(|day| day.day() == 1));
                    reach(i64::from(yes), 1)
                }
                "LEVEL" => reach(self.level(), int(&config["level"])),
                name => reach(i64::from(self.specials.contains(name)), 1),
            },
            other => panic!("condition type {other}"),
        };
        let regression = &config["regression"];
        if regression.is_object() {
            let from = first_of_window(regression);
            let misses: BTreeSet<NaiveDate> = self
                .logs
                .iter()
                .filter(|l| l.status == "FAILED" || l.status == "EXPIRED")
                .filter(|l| from <= l.day_date && l.day_date <= today)
                // misses are closed days; the Monday of a weekly log may lie before the player's first day
                .filter(|l| self.closed_days().any(|d| d.date == l.day_date))
                .filter(|l| self.concerns(l, regression))
                .map(|l| l.day_date)
                .collect();
            if misses.len() as i64 >= int(&regression["misses"]) {
                verdict.met = false;
            }
        }
        verdict
    }

    /// What each condition reports, as of the open day.
    pub fn title_progress(&self) -> Value {
        let today = self.open_day();
        let list: Vec<Value> = self
            .rules
            .titles
            .iter()
            .map(|t| {
                let v = self.verdict(&t.condition_type, &t.config, today);
                json!({
                    "title": t.id, "held": self.holds(&t.id),
                    "met": v.met, "progress": v.progress, "target": v.target,
                })
            })
            .collect();
        json!(list)
    }

    /// At each close, and after each command other than `advance`.
    pub fn evaluate_titles(&mut self, today: NaiveDate, instant: i64) {
        let rules = self.rules.clone();
        for t in &rules.titles {
            let met = self.verdict(&t.condition_type, &t.config, today).met;
            if met && !self.holds(&t.id) {
                self.earn(&t.id, instant, false);
            } else if !met && t.can_regress {
                self.revoke(&t.id, instant);
            }
        }
    }

    /// Earning again sets earned_at anew and revoked_at null: the same row.
    pub fn earn(&mut self, title: &str, instant: i64, for_good: bool) {
        match self.titles.iter_mut().find(|t| t.title == title) {
            Some(row) => {
                row.for_good |= for_good;
                if row.revoked_at.is_none() {
                    return;
                }
                row.earned_at = instant;
                row.revoked_at = None;
            }
            None => {
                self.titles.push(HeldTitle { title: title.to_string(), earned_at: instant, revoked_at: None, for_good })
            }
        }
        self.emit(json!({"event": "TITLE_EARNED", "title": title}));
    }

    fn revoke(&mut self, title: &str, instant: i64) {
        let Some(row) = self.titles.iter_mut().find(|t| t.title == title && t.revoked_at.is_none() && !t.for_good)
        else {
            return;
        };
        row.revoked_at = Some(instant);
        if self.active_title.as_deref() == Some(title) {
            self.active_title = None;
        }
        self.emit(json!({"event": "TITLE_REVOKED", "title": title}));
    }

    pub fn equip_title(&mut self, step: &Value) -> Result<(), Value> {
        let wanted = step["title"].as_str();
        if let Some(id) = wanted {
            if !self.rules.titles.iter().any(|t| t.id == id) {
                return Err(json!({"code": "UNKNOWN_ID", "title": id}));
            }
            if !self.holds(id) {
                return Err(json!({"code": "TITLE_NOT_HELD", "title": id}));
            }
        }
        if self.active_title.as_deref() != wanted {
            self.active_title = wanted.map(str::to_string);
            self.emit(json!({"event": "TITLE_EQUIPPED", "title": wanted}));
        }
        Ok(())
    }
}
