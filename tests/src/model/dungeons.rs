//! The rules, section 9: dungeons.

use serde_json::{Value, json};
use std::collections::BTreeMap;

use super::commands::{read_instant, read_metrics};
use super::instants::{HOUR, MINUTE, at_or_after, instant_text};
use super::ledger::{Award, derived_id};
use super::metrics::Scope;
use super::numbers::int;
use super::requirement::{self, Metric, State};
use super::ruleset::Dungeon;
use super::state::{DungeonAttempt, Fact, Player};

pub fn dungeon_attempt_id(user: &str, dungeon: &str, started_at: i64) -> String {
    derived_id(&["dungeon_attempt", user, dungeon, &started_at.to_string()])
}

impl Player {
    fn dungeon_in_progress(&self) -> Option<usize> {
        self.dungeons.iter().position(|d| d.status == "IN_PROGRESS")
    }

    fn dungeon(&self, id: &str) -> Dungeon {
        let found = self.rules.dungeons.iter().find(|d| d.id == id);
        found.expect("a dungeon").clone()
    }

    /// Of the attempt in progress.
    pub fn dungeon_deadline(&self) -> Option<i64> {
        let attempt = &self.dungeons[self.dungeon_in_progress()?];
        Some(attempt.started_at + self.dungeon(&attempt.dungeon).minutes * MINUTE)
    }

    /// Was an attempt in progress at a day's first instant? The deadline itself is still inside; any other end then was not.
    pub fn dungeon_in_progress_at(&self, first_instant: i64) -> bool {
        self.dungeons.iter().any(|d| {
            let ended_later =
                d.completed_at.is_some_and(|t| t > first_instant || d.status == "TIMED_OUT" && t == first_instant);
            d.started_at <= first_instant && (d.status == "IN_PROGRESS" || ended_later)
        })
    }

    pub fn time_out_dungeon(&mut self) {
        let deadline = self.dungeon_deadline();
        let i = self.dungeon_in_progress().expect("an attempt");
        self.dungeons[i].status = "TIMED_OUT".to_string();
        self.dungeons[i].completed_at = deadline;
        let id = self.dungeons[i].dungeon.clone();
        self.emit(json!({"event": "DUNGEON_TIMED_OUT", "dungeon": id}));
    }

    pub fn enter_dungeon(&mut self, step: &Value, at: i64) -> Result<(), Value> {
        let id = step["dungeon"].as_str().unwrap_or_default();
        if !self.rules.dungeons.iter().any(|d| d.id == id) {
            return Err(json!({"code": "UNKNOWN_ID", "dungeon": id}));
        }
        let dungeon = self.dungeon(id);
        if let Some(i) = self.dungeon_in_progress() {
            return Err(json!({
                "code": "DUNGEON_IN_PROGRESS", "dungeon": self.dungeons[i].dungeon
            }));
        }
        if let Some(last) = self.dungeons.iter().rev().find(|d| d.dungeon == id) {
            let until = last.completed_at.expect("an ended attempt") + dungeon.cooldown_hours * HOUR;
            if at < until {
                return Err(json!({"code": "DUNGEON_COOLDOWN", "until": instant_text(until)}));
            }
        }
        self.check_entry(&dungeon)?;
        if let Some(season) = &dungeon.season
            && !self.season_is_active(season, at)
        {
            return Err(json!({"code": "SEASON_INACTIVE", "season": season}));
        }
        let started_at = at_or_after(at, self.dungeons.last().map(|previous| previous.started_at))?;
        self.dungeons.push(DungeonAttempt {
            dungeon: id.to_string(),
            status: "IN_PROGRESS".to_string(),
            entered_at: at,
            entered_on: self.open_day(),
            started_at,
            completed_at: None,
            xp_awarded: None,
            observations: Vec::new(),
        });
        self.emit(json!({"event": "DUNGEON_ENTERED", "dungeon": id}));
        self.add_attempt_logs("DUNGEON");
        Ok(())
    }

    fn check_entry(&self, dungeon: &Dungeon) -> Result<(), Value> {
        let entry = &dungeon.entry;
        if entry.get("type").is_some() {
            // the whole history
            let scope = Scope {
                raw: self.snapshot(self.open_day()),
                from: chrono::NaiveDate::MIN,
                to: chrono::NaiveDate::MAX,
                today: self.open_day(),
                attempt: None,
            };
            let state = requirement::state(entry, &|name| self.metric(name, &scope));
            if state != State::Met {
                return Err(json!({"code": "REQUIREMENT_NOT_MET", "requirement": entry}));
            }
            return Ok(());
        }
        let needed = if let Some(v) = entry.get("minLevel").or(entry.get("levelRequired")) {
            int(v)
        } else {
            match dungeon.rank.as_str() {
                "E_RANK" => 3,
                "D_RANK" => 6,
                "C_RANK" => 10,
                "B_RANK" => 15,
                "A_RANK" => 20,
                "S_RANK" => 25,
                other => panic!("rank {other}"),
            }
        };
        let level = self.level();
        if level < needed {
            return Err(json!({
                "code": "LEVEL_TOO_LOW", "level": level, "required_level": needed
            }));
        }
        Ok(())
    }

    pub fn report_dungeon(&mut self, step: &Value, at: i64) -> Result<(), Value> {
        let Some(i) = self.dungeon_in_progress() else {
            return Err(json!({"code": "DUNGEON_NOT_IN_PROGRESS"}));
        };
        let observed_at = read_instant(&step["observed_at"], at)?;
        if observed_at > at || observed_at < self.dungeons[i].entered_at {
            return Err(json!({
                "code": "INVALID_INSTANT", "observed_at": instant_text(observed_at)
            }));
        }
        let metrics = read_metrics(&self.rules, &step["metrics"])?;
        let day = self.local_day_then(observed_at);
        for (metric, value) in metrics {
            self.dungeons[i].observations.push(Fact { day, metric, value, observed_at });
        }
        let deadline = self.dungeon_deadline().expect("a deadline");
        if observed_at <= deadline && self.all_challenges_hold(i) {
            return self.clear_dungeon(i, observed_at, at);
        }
        if at > deadline {
            self.time_out_dungeon();
        }
        Ok(())
    }

    /// One snapshot: per metric the latest observation wins, arrival on a tie.
    fn all_challenges_hold(&self, i: usize) -> bool {
        let attempt = &self.dungeons[i];
        let mut best: BTreeMap<String, (i64, Metric)> = BTreeMap::new();
        for f in &attempt.observations {
            if best.get(&f.metric).is_none_or(|(t, _)| *t <= f.observed_at) {
                best.insert(f.metric.clone(), (f.observed_at, f.value));
            }
        }
        let scope = Scope {
            raw: best.into_iter().map(|(m, (_, v))| (m, v)).collect(),
            from: attempt.entered_on,
            to: self.open_day(),
            today: self.open_day(),
            attempt: Some(()),
        };
        self.dungeon(&attempt.dungeon)
            .challenges
            .iter()
            .all(|(r, _)| requirement::state(r, &|name| self.metric(name, &scope)) == State::Met)
    }

    fn clear_dungeon(&mut self, i: usize, observed_at: i64, at: i64) -> Result<(), Value> {
        let dungeon = self.dungeon(&self.dungeons[i].dungeon);
        let started_at = self.dungeons[i].started_at;
        self.dungeons[i].status = "CLEARED".to_string();
        self.dungeons[i].completed_at = Some(observed_at);
        self.emit(json!({"event": "DUNGEON_CLEARED", "dungeon": dungeon.id}));
        let stated: Vec<i64> = dungeon.challenges.iter().filter_map(|(_, xp)| *xp).collect();
        let base_xp = if stated.is_empty() {
            match dungeon.rank.as_str() {
                "E_RANK" => 50,
                "D_RANK" => 75,
                "C_RANK" => 100,
                "B_RANK" => 130,
                "A_RANK" => 160,
                "S_RANK" => 200,
                other => panic!("rank {other}"),
            }
        } else {
            stated.iter().sum()
        };
        let xp = self.award(Award {
            source: "DUNGEON_CLEAR",
            source_id: Some(dungeon_attempt_id(&self.id, &dungeon.id, started_at)),
            base_xp,
            day: self.open_day(),
            instant: at,
            at,
            dungeon: Some(&dungeon),
            own_id: None,
        })?;
        self.dungeons[i].xp_awarded = Some(xp);
        Ok(())
    }

    pub fn forfeit_dungeon(&mut self, at: i64) -> Result<(), Value> {
        let Some(i) = self.dungeon_in_progress() else {
            return Err(json!({"code": "DUNGEON_NOT_IN_PROGRESS"}));
        };
        self.dungeons[i].status = "FAILED".to_string();
        self.dungeons[i].completed_at = Some(at);
        let id = self.dungeons[i].dungeon.clone();
        self.emit(json!({"event": "DUNGEON_FAILED", "dungeon": id}));
        Ok(())
    }
}
