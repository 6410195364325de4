//! The rules, section 11: the ledger, its hashes and the derived ids.

use chrono::NaiveDate;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::days::is_weekend;
use super::instants::{at_or_after, date_text, instant};
use super::modifiers::{self, Context, Step};
use super::numbers::{int, int_json, multiplier, multiplier_text, overflow};
use super::ruleset::Dungeon;
use super::state::{Player, XpEvent};

/// The fields that are hashed, in their order.
#[derive(Clone, Debug)]
pub struct Sealed {
    pub id: String,
    pub user_id: String,
    pub event_source: String,
    pub source_id: Option<String>,
    /// base, final, total before, total after, level before, level after, created_at
    pub integers: [i64; 7],
    pub steps: Vec<Step>,
}

fn put_count(bytes: &mut Vec<u8>, n: usize) {
    bytes.extend((n as u32).to_be_bytes());
}

fn put_string(bytes: &mut Vec<u8>, s: &str) {
    put_count(bytes, s.len());
    bytes.extend(s.as_bytes());
}

fn put_int(bytes: &mut Vec<u8>, n: i64) {
    bytes.extend(n.to_be_bytes());
}

fn sha256(bytes: &[u8]) -> [u8; 32] {
    let digest = Sha256::digest(bytes);
    let mut out = [0u8; 32];
    out.copy_from_slice(digest.as_ref());
    out
}

pub fn event_hash(previous: &[u8; 32], e: &Sealed) -> [u8; 32] {
    let mut b = Vec::new();
    b.extend(b"levelkit.xp.v1");
    b.extend(previous);
    put_string(&mut b, &e.id);
    put_string(&mut b, &e.user_id);
    put_string(&mut b, &e.event_source);
    match &e.source_id {
        None => b.push(0),
        Some(id) => {
            b.push(1);
            put_string(&mut b, id);
        }
    }
    for n in e.integers {
        put_int(&mut b, n);
    }
    put_count(&mut b, e.steps.len());
    for (order, step) in e.steps.iter().enumerate() {
        put_int(&mut b, order as i64);
        put_string(&mut b, &step.kind);
        put_int(&mut b, step.multiplier as i64);
        put_string(&mut b, &step.reason);
        put_int(&mut b, step.xp_before);
        put_int(&mut b, step.xp_after);
    }
    sha256(&b)
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// "k" + the first 23 digits of the SHA-256 as a 50-digit base-36 number.
pub fn derived_id(words: &[&str]) -> String {
    let mut b = Vec::new();
    b.extend(b"levelkit.id.v1");
    put_count(&mut b, words.len());
    for w in words {
        put_string(&mut b, w);
    }
    // schoolbook division of a big-endian number by 36, fifty times
    let mut number = sha256(&b);
    let mut digits = Vec::new();
    for _ in 0..50 {
        let mut rest: u32 = 0;
        for byte in &mut number {
            let value = rest * 256 + u32::from(*byte);
            *byte = (value / 36) as u8;
            rest = value % 36;
        }
        digits.push(b"0123456789abcdefghijklmnopqrstuvwxyz"[rest as usize] as char);
    }
    digits.reverse();
    let first: String = digits.into_iter().take(23).collect();
    format!("k{first}")
}

pub fn quest_log_id(user: &str, quest: &str, day_date: NaiveDate) -> String {
    derived_id(&["quest_log", user, quest, &date_text(day_date)])
}

/// One award about to happen.
pub struct Award<'a> {
    pub source: &'a str,
    pub source_id: Option<String>,
    pub base_xp: i64,
    /// The local day concerned, for the weekend.
    pub day: NaiveDate,
    /// When it takes effect, for debuff and season.
    pub instant: i64,
    /// The command's `at`, for created_at.
    pub at: i64,
    pub dungeon: Option<&'a Dungeon>,
    /// The caller's id, of an adjustment or a grant.
    pub own_id: Option<String>,
}

impl Player {
    /// `[SEASON_JOINED], XP_AWARDED, [LEVEL_UP | LEVEL_DOWN]`; answers the final_xp.
    pub fn award(&mut self, a: Award) -> Result<i64, Value> {
        let rules = self.rules.clone();
        let season = self.active_season(a.instant);
        let context = Context {
            current_streak: self.streaks().current,
            weekend: is_weekend(a.day),
            season: season.as_ref().map(|s| (s.id.clone(), s.multiplier)),
            title: self.active_passive(),
            dungeon: a.dungeon.map(|d| (d.id.clone(), d.multiplier)),
            debuffed: self.debuffed(a.instant),
        };
        let (mut final_xp, steps) =
            modifiers::award(&rules.modifiers, a.base_xp, a.source, &context).ok_or_else(overflow)?;
        let before = self.total_xp();
        if final_xp < 0 {
            final_xp = final_xp.max(-before);
        }
        let after = before.checked_add(final_xp).ok_or_else(overflow)?;

        let counts = matches!(a.source, "QUEST_COMPLETION" | "BOSS_DEFEAT" | "DUNGEON_CLEAR");
        let season = season.filter(|_| counts).map(|s| s.id);
        if let Some(id) = &season {
            self.join(id, a.instant);
        }

        let earlier = self.ledger.iter().filter(|e| e.source == a.source && e.source_id == a.source_id).count();
        let id = a.own_id.unwrap_or_else(|| {
            derived_id(&["xp_event", &self.id, a.source, a.source_id.as_deref().unwrap_or(""), &earlier.to_string()])
        });
        let created_at = at_or_after(a.at, self.ledger.last().map(|e| e.created_at))?;
        let mut event = XpEvent {
            id,
            source: a.source.to_string(),
            source_id: a.source_id,
            base_xp: a.base_xp,
            final_xp,
            total_xp_before: before,
            total_xp_after: after,
            level_before: rules.curve.level(before),
            level_after: rules.curve.level(after),
            created_at,
            steps,
            event_hash: [0; 32],
            season,
        };
        event.event_hash = event_hash(&self.ledger_head(), &self.sealed(&event));
        let (level_before, level_after) = (event.level_before, event.level_after);
        let steps: Vec<Value> = event.steps.iter().enumerate().map(|(order, s)| step_json(order, s)).collect();
        self.emit(json!({
            "event": "XP_AWARDED",
            "source": event.source,
            "base_xp": event.base_xp,
            "final_xp": event.final_xp,
            "total_xp_before": int_json(before),
            "total_xp_after": int_json(after),
            "steps": steps,
        }));
        self.ledger.push(event);
        if level_after != level_before {
            let name = if level_after > level_before { "LEVEL_UP" } else { "LEVEL_DOWN" };
            self.emit(json!({"event": name, "level_before": level_before, "level_after": level_after}));
        }
        Ok(final_xp)
    }

    pub fn ledger_head(&self) -> [u8; 32] {
        self.ledger.last().map_or([0; 32], |e| e.event_hash)
    }

    pub fn sealed(&self, e: &XpEvent) -> Sealed {
        Sealed {
            id: e.id.clone(),
            user_id: self.id.clone(),
            event_source: e.source.clone(),
            source_id: e.source_id.clone(),
            integers: [
                e.base_xp,
                e.final_xp,
                e.total_xp_before,
                e.total_xp_after,
                e.level_before,
                e.level_after,
                e.created_at,
            ],
            steps: e.steps.clone(),
        }
    }
}

/// Verification of rows as `rows()` gives them, in order of created_at as stored: the first bad
/// event and what is wrong with it, or null. `head` is
/// `{"total_xp","level","count","head"}` (hex, 64 zeros when there is no event).
/// Rows from before adoption (UNSEALED) are not treated here.
pub fn verify(rows: &Value, head: &Value) -> Value {
    let bad = |id: &str, what: &str| json!({"event": id, "what": what});
    let mut hash = [0u8; 32];
    let mut previous: Option<(i64, i64, i64)> = None;
    let events = rows["xp_events"].as_array().expect("xp_events");
    for e in events {
        let text = |key: &str| e[key].as_str().expect("text").to_string();
        let number = |key: &str| int(&e[key]);
        let id = text("id");
        let created_at = instant(&e["created_at"]);
        let mut modifiers: Vec<&Value> = rows["xp_modifiers"]
            .as_array()
            .expect("xp_modifiers")
            .iter()
            .filter(|m| m["xp_event_id"] == id.as_str())
            .collect();
        modifiers.sort_by_key(|m| int(&m["order"]));
        if previous.is_some_and(|(created, _, _)| created_at <= created) {
            return bad(&id, "ORDER");
        }
        let before = previous.map_or(0, |(_, after, _)| after);
        let mut steps_fit = true;
        for (i, m) in modifiers.iter().enumerate() {
            steps_fit &= int(&m["order"]) == i as i64;
            steps_fit &= i == 0 || m["xp_before"] == modifiers[i - 1]["xp_after"];
        }
        if number("total_xp_before") != before
            || Some(number("total_xp_after")) != before.checked_add(number("final_xp"))
            || !steps_fit
        {
            return bad(&id, "SUM");
        }
        let sealed = Sealed {
            id: id.clone(),
            user_id: text("user_id"),
            event_source: text("event_source"),
            source_id: e["source_id"].as_str().map(str::to_string),
            integers: [
                number("base_xp"),
                number("final_xp"),
                number("total_xp_before"),
                number("total_xp_after"),
                number("level_before"),
                number("level_after"),
                created_at,
            ],
            steps: modifiers
                .iter()
                .map(|m| Step {
                    kind: m["type"].as_str().expect("type").to_string(),
                    multiplier: multiplier(&m["multiplier"]),
                    reason: m["reason"].as_str().expect("reason").to_string(),
                    xp_before: int(&m["xp_before"]),
                    xp_after: int(&m["xp_after"]),
                })
                .collect(),
        };
        hash = event_hash(&hash, &sealed);
        if hex(&hash) != text("event_hash") {
            return bad(&id, "HASH");
        }
        previous = Some((created_at, number("total_xp_after"), number("level_after")));
    }
    let (_, total, level) = previous.unwrap_or((0, 0, 1));
    let fits = int(&head["total_xp"]) == total
        && int(&head["level"]) == level
        && int(&head["count"]) == events.len() as i64
        && head["head"] == hex(&hash).as_str();
    if fits { Value::Null } else { json!({"event": null, "what": "HEAD"}) }
}

pub fn step_json(order: usize, s: &Step) -> Value {
    json!({
        "order": order,
        "type": s.kind,
        "multiplier": multiplier_text(s.multiplier),
        "reason": s.reason,
        "xp_before": s.xp_before,
        "xp_after": s.xp_after,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_look_right() {
        let id = derived_id(&["quest_log", "p1", "walk", "2026-01-01"]);
        assert_eq!(id.len(), 24);
        assert!(id.starts_with('k'));
        // a 256-bit number has at most 50 base-36 digits; the first is small
        assert!(id.as_bytes()[1].is_ascii_digit() || id.as_bytes()[1] < b'h');
    }
}
