//! The rows of the tables, and the `final` of a scenario.

use serde_json::{Value, json};

use super::bosses::boss_attempt_id;
use super::dungeons::dungeon_attempt_id;
use super::instants::{date_text, instant_json, instant_text};
use super::ledger::{derived_id, hex, quest_log_id};
use super::numbers::{int_json, multiplier_text};
use super::state::Player;

impl Player {
    /// What section 14 calls `final`.
    pub fn final_state(&self) -> Value {
        let streaks = self.streaks();
        let mut season_xp = json!({});
        for p in &self.participations {
            season_xp[&p.season] = int_json(self.season_xp(&p.season));
        }
        let mut titles: Vec<&str> =
            self.titles.iter().filter(|t| t.revoked_at.is_none()).map(|t| t.title.as_str()).collect();
        titles.sort_unstable();
        json!({
            "level": self.level(),
            "total_xp": int_json(self.total_xp()),
            "current_streak": streaks.current,
            "longest_streak": streaks.longest,
            "perfect_streak": streaks.perfect,
            "debuff_active_until": instant_json(self.debuff_active_until()),
            "str": self.stat("STR"),
            "agi": self.stat("AGI"),
            "vit": self.stat("VIT"),
            "disc": self.stat("DISC"),
            "active_title_id": self.active_title,
            "timezone": self.timezone,
            "season_xp": season_xp,
            "titles": titles,
            "ledger_head": hex(&self.ledger_head()),
        })
    }

    /// Every row by column name, without `progress` and `phase_progress`.
    pub fn rows(&self) -> Value {
        let user = self.id.as_str();
        let quest_logs: Vec<Value> = self
            .logs
            .iter()
            .map(|l| {
                json!({
                    "id": quest_log_id(user, &l.quest, l.day_date),
                    "user_id": user,
                    "template_id": l.quest,
                    "status": l.status,
                    "completed_at": instant_json(l.completed_at),
                    "xp_awarded": l.xp_awarded,
                    "day_date": date_text(l.day_date),
                })
            })
            .collect();
        let daily_logs: Vec<Value> = self
            .days
            .iter()
            .map(|d| {
                let day = date_text(d.date);
                let closed = d.closed.is_some();
                json!({
                    "id": derived_id(&["daily_log", user, &day]),
                    "user_id": user,
                    "day_date": day,
                    "core_completed": self.core_completed(d.date),
                    "core_total": d.core_total,
                    "all_completed": closed && self.all_completed(d),
                    "debuff_triggered": closed && self.debuff_triggered(d),
                    "evaluated": closed,
                })
            })
            .collect();
        let mut xp_modifiers = Vec::new();
        let mut xp_events = Vec::new();
        for e in &self.ledger {
            for (order, s) in e.steps.iter().enumerate() {
                xp_modifiers.push(json!({
                    "id": derived_id(&["xp_modifier", &e.id, &order.to_string()]),
                    "xp_event_id": e.id,
                    "order": order,
                    "type": s.kind,
                    "multiplier": multiplier_text(s.multiplier),
                    "reason": s.reason,
                    "xp_before": s.xp_before,
                    "xp_after": s.xp_after,
                }));
            }
            xp_events.push(json!({
                "id": e.id,
                "user_id": user,
                "event_source": e.source,
                "source_id": e.source_id,
                "base_xp": e.base_xp,
                "final_xp": e.final_xp,
                "total_xp_before": int_json(e.total_xp_before),
                "total_xp_after": int_json(e.total_xp_after),
                "level_before": e.level_before,
                "level_after": e.level_after,
                "event_hash": hex(&e.event_hash),
                "created_at": instant_text(e.created_at),
            }));
        }
        let user_titles: Vec<Value> = self
            .titles
            .iter()
            .map(|t| {
                json!({
                    "id": derived_id(&["user_title", user, &t.title]),
                    "user_id": user,
                    "title_id": t.title,
                    "earned_at": instant_text(t.earned_at),
                    "revoked_at": instant_json(t.revoked_at),
                    "is_active": self.active_title.as_ref() == Some(&t.title),
                })
            })
            .collect();
        let boss_attempts: Vec<Value> = self
            .bosses
            .iter()
            .map(|b| {
                json!({
                    "id": boss_attempt_id(user, &b.boss, b.started_at),
                    "user_id": user,
                    "boss_id": b.boss,
                    "status": b.status,
                    "current_phase": b.phase,
                    "started_at": instant_text(b.started_at),
                    "completed_at": instant_json(b.completed_at),
                })
            })
            .collect();
        let dungeon_attempts: Vec<Value> = self
            .dungeons
            .iter()
            .map(|d| {
                json!({
                    "id": dungeon_attempt_id(user, &d.dungeon, d.started_at),
                    "user_id": user,
                    "dungeon_id": d.dungeon,
                    "status": d.status,
                    "started_at": instant_text(d.started_at),
                    "completed_at": instant_json(d.completed_at),
                    "xp_awarded": d.xp_awarded,
                })
            })
            .collect();
        let season_participations: Vec<Value> = self
            .participations
            .iter()
            .map(|p| {
                json!({
                    "id": derived_id(&["season_participation", user, &p.season]),
                    "user_id": user,
                    "season_id": p.season,
                    "season_xp": int_json(self.season_xp(&p.season)),
                    "rank": null,
                    "joined_at": instant_text(p.joined_at),
                })
            })
            .collect();
        json!({
            "quest_logs": quest_logs,
            "daily_logs": daily_logs,
            "xp_events": xp_events,
            "xp_modifiers": xp_modifiers,
            "user_titles": user_titles,
            "boss_attempts": boss_attempts,
            "dungeon_attempts": dungeon_attempts,
            "season_participations": season_participations,
        })
    }
}
