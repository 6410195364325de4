//! The rules, section 14: the suites curve, requirement, award and ledger, JSON in and out.
//! Each function answers the document with every result filled in anew.

use serde_json::{Value, json};

use super::curve::Curve;
use super::ledger::{Sealed, event_hash, hex, step_json};
use super::modifiers::{self, Context, Modifiers, Step};
use super::numbers::{Decimal, int, int_json, multiplier};
use super::quests::read_metric;
use super::requirement::{self, Metric, State};

/// `{"curve":{...},"cases":[{"level":10} | {"total_xp":279}]}`; a level without a threshold gets
/// null.
pub fn curve(doc: &Value) -> Value {
    let curve = Curve::new(&doc["curve"]);
    let mut doc = doc.clone();
    for case in doc["cases"].as_array_mut().expect("cases") {
        if case["total_xp"].is_null() {
            let threshold = curve.threshold(int(&case["level"]));
            case["threshold"] = threshold.map_or(Value::Null, int_json);
        } else {
            case["level"] = json!(curve.level(int(&case["total_xp"])));
        }
    }
    doc
}

/// `{"cases":[{"requirement":{},"metrics":{}}]}`
pub fn requirement(doc: &Value) -> Value {
    let mut doc = doc.clone();
    for case in doc["cases"].as_array_mut().expect("cases") {
        let r = case["requirement"].clone();
        let metrics = case["metrics"].clone();
        let look = |name: &str| -> Option<Metric> { read_metric(metrics.get(name)?) };
        case["state"] = json!(match requirement::state(&r, &look) {
            State::Met => "MET",
            State::NotMet => "NOT_MET",
            State::Unknown => "UNKNOWN",
        });
        case["fraction"] = json!(requirement::fraction(&r, &look));
    }
    doc
}

/// `{"modifiers":{...},"cases":[{"base_xp","source","context"}]}`; an overflow gets `refuse`.
pub fn award(doc: &Value) -> Value {
    let rules = Modifiers::new(&doc["modifiers"]);
    let mut doc = doc.clone();
    for case in doc["cases"].as_array_mut().expect("cases") {
        let c = &case["context"];
        let factor = |v: &Value| (!v.is_null()).then(|| (String::new(), multiplier(v)));
        let title = &c["title"];
        let context = Context {
            current_streak: if c["current_streak"].is_null() { 0 } else { int(&c["current_streak"]) },
            weekend: c["weekend"].as_bool().unwrap_or(false),
            season: factor(&c["season_multiplier"]),
            title: title["passive_type"].as_str().filter(|_| !title["passive_value"].is_null()).map(|kind| {
                let value = Decimal::read(&title["passive_value"]);
                (String::new(), kind.to_string(), value)
            }),
            dungeon: factor(&c["dungeon_multiplier"]),
            debuffed: c["debuffed"].as_bool().unwrap_or(false),
        };
        let source = case["source"].as_str().unwrap_or("QUEST_COMPLETION");
        match modifiers::award(&rules, int(&case["base_xp"]), source, &context) {
            Some((final_xp, steps)) => {
                case["final_xp"] = json!(final_xp);
                let steps: Vec<Value> = steps
                    .iter()
                    .enumerate()
                    .map(|(order, s)| {
                        let mut step = step_json(order, s);
                        let map = step.as_object_mut().expect("a step");
                        map.remove("order");
                        map.remove("reason");
                        step
                    })
                    .collect();
                case["steps"] = json!(steps);
            }
            None => case["refuse"] = json!("XP_OVERFLOW"),
        }
    }
    doc
}

/// `{"events":[...]}`: fills in `hashes`.
pub fn ledger(doc: &Value) -> Value {
    let mut doc = doc.clone();
    let mut head = [0u8; 32];
    let mut hashes = Vec::new();
    for e in doc["events"].as_array().expect("events") {
        let text = |key: &str| e[key].as_str().expect("text").to_string();
        let steps = match e["modifiers"].as_array() {
            None => Vec::new(),
            Some(list) => list
                .iter()
                .map(|s| Step {
                    kind: s["type"].as_str().expect("type").to_string(),
                    multiplier: multiplier(&s["multiplier"]),
                    reason: s["reason"].as_str().expect("reason").to_string(),
                    xp_before: int(&s["xp_before"]),
                    xp_after: int(&s["xp_after"]),
                })
                .collect(),
        };
        let sealed = Sealed {
            id: text("id"),
            user_id: text("user_id"),
            event_source: text("event_source"),
            source_id: e["source_id"].as_str().map(str::to_string),
            integers: [
                "base_xp",
                "final_xp",
                "total_xp_before",
                "total_xp_after",
                "level_before",
                "level_after",
                "created_at",
            ]
            .map(|key| int(&e[key])),
            steps,
        };
        head = event_hash(&head, &sealed);
        hashes.push(json!(hex(&head)));
    }
    doc["hashes"] = json!(hashes);
    doc
}
