//! The rules, section 8: bosses.

use chrono::NaiveDate;
use serde_json::{Value, json};

use super::instants::at_or_after;
use super::ledger::{Award, derived_id};
use super::metrics::Scope;
use super::requirement::{self, State};
use super::state::{BossAttempt, Player};

pub fn boss_attempt_id(user: &str, boss: &str, started_at: i64) -> String {
    derived_id(&["boss_attempt", user, boss, &started_at.to_string()])
}

impl Player {
    fn boss_in_progress(&self) -> Option<usize> {
        self.bosses.iter().position(|b| b.status == "IN_PROGRESS")
    }

    /// Was an attempt in progress at a day's first instant? One that ended then or before was not.
    pub fn boss_in_progress_at(&self, first_instant: i64) -> bool {
        self.bosses.iter().any(|b| {
            let ended_later = b.completed_at.is_some_and(|t| t > first_instant);
            b.started_at <= first_instant && (b.status == "IN_PROGRESS" || ended_later)
        })
    }

    pub fn start_boss(&mut self, step: &Value, at: i64) -> Result<(), Value> {
        let id = step["boss"].as_str().unwrap_or_default();
        let rules = self.rules.clone();
        let Some(boss) = rules.bosses.iter().find(|b| b.id == id) else {
            return Err(json!({"code": "UNKNOWN_ID", "boss": id}));
        };
        let level = self.level();
        if level < boss.required_level {
            return Err(json!({
                "code": "LEVEL_TOO_LOW", "level": level, "required_level": boss.required_level
            }));
        }
        if let Some(i) = self.boss_in_progress() {
            return Err(json!({"code": "BOSS_IN_PROGRESS", "boss": self.bosses[i].boss}));
        }
        if let Some(season) = &boss.season
            && !self.season_is_active(season, at)
        {
            return Err(json!({"code": "SEASON_INACTIVE", "season": season}));
        }
        let started_at = at_or_after(at, self.bosses.last().map(|previous| previous.started_at))?;
        self.bosses.push(BossAttempt {
            boss: id.to_string(),
            status: "IN_PROGRESS".to_string(),
            started_at,
            completed_at: None,
            phase: 1,
            phase_first_day: self.open_day(),
            retries: 0,
            victory_day: None,
        });
        self.emit(json!({"event": "BOSS_STARTED", "boss": id, "phase": 1}));
        self.add_attempt_logs("BOSS");
        Ok(())
    }

    pub fn abandon_boss(&mut self, at: i64) -> Result<(), Value> {
        let Some(i) = self.boss_in_progress() else {
            return Err(json!({"code": "BOSS_NOT_IN_PROGRESS"}));
        };
        let attempt = &mut self.bosses[i];
        attempt.status = "ABANDONED".to_string();
        attempt.completed_at = Some(at);
        let (boss, phase) = (attempt.boss.clone(), attempt.phase);
        self.emit(json!({"event": "BOSS_ABANDONED", "boss": boss, "phase": phase}));
        Ok(())
    }

    /// At the close of `date`: is it the last day of a phase?
    pub fn close_day_for_boss(&mut self, date: NaiveDate, next: NaiveDate, end: i64, at: i64) -> Result<(), Value> {
        let Some(i) = self.boss_in_progress() else {
            return Ok(());
        };
        let rules = self.rules.clone();
        let attempt = self.bosses[i].clone();
        let boss = rules.bosses.iter().find(|b| b.id == attempt.boss).expect("boss");
        let phase = &boss.phases[attempt.phase as usize - 1];
        let closed = self.closed_days().filter(|d| attempt.phase_first_day <= d.date && d.date <= date).count() as i64;
        if closed < phase.days {
            return Ok(());
        }
        let scope =
            Scope { raw: self.snapshot(date), from: attempt.phase_first_day, to: date, today: date, attempt: None };
        let met = requirement::state(&phase.requirement, &|name| self.metric(name, &scope)) == State::Met;
        let last = attempt.phase == boss.phases.len() as i64;
        let event = |name: &str| json!({"event": name, "boss": attempt.boss, "phase": attempt.phase});
        if met && !last {
            self.bosses[i].phase += 1;
            self.bosses[i].phase_first_day = next;
            self.bosses[i].retries = 0;
            self.emit(event("BOSS_PHASE_CLEARED"));
        } else if met {
            self.bosses[i].status = "VICTORY".to_string();
            self.bosses[i].completed_at = Some(end);
            self.bosses[i].victory_day = Some(date);
            self.emit(event("BOSS_VICTORY"));
            self.award(Award {
                source: "BOSS_DEFEAT",
                source_id: Some(boss_attempt_id(&self.id, &boss.id, attempt.started_at)),
                base_xp: boss.xp_reward,
                day: date,
                instant: end,
                at,
                dungeon: None,
                own_id: None,
            })?;
            if let Some(title) = &boss.title_reward {
                self.earn(title, end, true);
            }
        } else if attempt.retries < boss.max_phase_retries {
            self.bosses[i].retries += 1;
            self.bosses[i].phase_first_day = next;
            self.emit(event("BOSS_PHASE_RESTARTED"));
        } else {
            self.bosses[i].status = "DEFEAT".to_string();
            self.bosses[i].completed_at = Some(end);
            self.emit(event("BOSS_LOST"));
        }
        Ok(())
    }
}
