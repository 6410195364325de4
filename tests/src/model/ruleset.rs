//! The rules, section 13, as far as a player's rules need it: a valid document, defaults filled in.

use serde_json::Value;
use std::collections::BTreeMap;

use super::curve::Curve;
use super::instants::instant;
use super::modifiers::Modifiers;
use super::numbers::{Decimal, MILLION, int, multiplier};
use super::requirement::{leaves, number, reported_behind};

#[derive(Clone, Debug)]
pub struct Quest {
    pub id: String,
    /// DAILY, WEEKLY, DUNGEON, BOSS
    pub kind: String,
    pub requirements: Value,
    pub base_xp: i64,
    pub stat: Option<String>,
    pub stat_gain: i64,
    /// threshold, xp
    pub partial: Option<(f64, i64)>,
    pub core: bool,
    pub season: Option<String>,
}

#[derive(Clone, Debug)]
pub struct Title {
    pub id: String,
    pub condition_type: String,
    pub config: Value,
    /// type, value
    pub passive: Option<(String, Decimal)>,
    pub can_regress: bool,
}

#[derive(Clone, Debug)]
pub struct Phase {
    pub requirement: Value,
    pub days: i64,
}

#[derive(Clone, Debug)]
pub struct Boss {
    pub id: String,
    pub required_level: i64,
    pub xp_reward: i64,
    pub title_reward: Option<String>,
    pub season: Option<String>,
    pub max_phase_retries: i64,
    pub phases: Vec<Phase>,
}

#[derive(Clone, Debug)]
pub struct Dungeon {
    pub id: String,
    pub rank: String,
    pub entry: Value,
    /// requirement, xp
    pub challenges: Vec<(Value, Option<i64>)>,
    pub multiplier: i128,
    pub minutes: i64,
    pub cooldown_hours: i64,
    pub season: Option<String>,
}

#[derive(Clone, Debug)]
pub struct Season {
    pub id: String,
    pub start: i64,
    pub end: i64,
    pub multiplier: i128,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    Numeric,
    Boolean,
}

#[derive(Clone, Debug)]
pub struct Rules {
    pub kinds: BTreeMap<String, Kind>,
    pub curve: Curve,
    pub modifiers: Modifiers,
    pub allowed_misses: i64,
    pub debuff_missed: i64,
    pub debuff_hours: i64,
    pub day_start_hour: i64,
    pub grace_minutes: i64,
    pub quests: Vec<Quest>,
    pub titles: Vec<Title>,
    pub bosses: Vec<Boss>,
    pub dungeons: Vec<Dungeon>,
    pub seasons: Vec<Season>,
}

fn string(v: &Value) -> String {
    v.as_str().unwrap_or_else(|| panic!("not a string: {v}")).to_string()
}

fn optional_string(v: &Value) -> Option<String> {
    v.as_str().map(str::to_string)
}

fn int_or(v: &Value, default: i64) -> i64 {
    if v.is_null() { default } else { int(v) }
}

fn list<'a>(v: &'a Value, key: &str) -> Vec<&'a Value> {
    v[key].as_array().map(|a| a.iter().collect()).unwrap_or_default()
}

impl Rules {
    pub fn new(doc: &Value) -> Rules {
        let mut rules = Rules {
            kinds: BTreeMap::new(),
            curve: Curve::new(&doc["curve"]),
            modifiers: Modifiers::new(&doc["modifiers"]),
            allowed_misses: int_or(&doc["streak"]["allowed_misses"], 1),
            debuff_missed: int_or(&doc["debuff"]["missed"], 2),
            debuff_hours: int_or(&doc["debuff"]["hours"], 24),
            day_start_hour: int_or(&doc["day"]["day_start_hour"], 0),
            grace_minutes: int_or(&doc["day"]["grace_minutes"], 0),
            quests: list(doc, "quests").into_iter().map(quest).collect(),
            titles: list(doc, "titles").into_iter().map(title).collect(),
            bosses: list(doc, "bosses").into_iter().map(boss).collect(),
            dungeons: list(doc, "dungeons").into_iter().map(dungeon).collect(),
            seasons: list(doc, "seasons").into_iter().map(season).collect(),
        };
        rules.kinds = rules.find_kinds(doc);
        rules
    }

    /// Kinds are declared in `metrics` or inferred from use.
    fn find_kinds(&self, doc: &Value) -> BTreeMap<String, Kind> {
        let mut kinds = BTreeMap::new();
        let mut requirements: Vec<&Value> = Vec::new();
        requirements.extend(self.quests.iter().map(|q| &q.requirements));
        for b in &self.bosses {
            requirements.extend(b.phases.iter().map(|p| &p.requirement));
        }
        for d in &self.dungeons {
            requirements.extend(d.challenges.iter().map(|(r, _)| r));
            if d.entry.get("type").is_some() {
                requirements.push(&d.entry);
            }
        }
        for n in list(doc, "narratives") {
            if n["context"]["when"].is_object() {
                requirements.push(&n["context"]["when"]);
            }
        }
        for leaf in requirements.into_iter().flat_map(leaves) {
            let name = leaf["metric"].as_str().expect("metric");
            // days.m says nothing about the kind of m
            if name.starts_with("days.") {
                continue;
            }
            if let Some(m) = reported_behind(name) {
                let kind = if leaf["type"] == "boolean" { Kind::Boolean } else { Kind::Numeric };
                kinds.insert(m.to_string(), kind);
            }
        }
        if let Some(declared) = doc["metrics"].as_object() {
            for (name, m) in declared {
                let kind = if m["kind"] == "boolean" { Kind::Boolean } else { Kind::Numeric };
                kinds.insert(name.clone(), kind);
            }
        }
        kinds
    }

    pub fn quest(&self, id: &str) -> &Quest {
        self.quests.iter().find(|q| q.id == id).expect("a quest")
    }
}

fn quest(v: &Value) -> Quest {
    Quest {
        id: string(&v["id"]),
        kind: string(&v["type"]),
        requirements: v["requirements"].clone(),
        base_xp: int(&v["base_xp"]),
        stat: optional_string(&v["stat_affected"]),
        stat_gain: int_or(&v["stat_gain"], 1),
        partial: v["partial_reward"]
            .is_object()
            .then(|| &v["partial_reward"])
            .map(|p| (number(&p["threshold"]), int(&p["xp"]))),
        core: v["is_core"].as_bool().unwrap_or(false),
        season: optional_string(&v["season_id"]),
    }
}

fn title(v: &Value) -> Title {
    Title {
        id: string(&v["id"]),
        condition_type: string(&v["condition_type"]),
        config: v["condition_config"].clone(),
        passive: match (&v["passive_type"], &v["passive_value"]) {
            (Value::String(kind), value) if !value.is_null() => Some((kind.clone(), Decimal::read(value))),
            _ => None,
        },
        can_regress: v["can_regress"].as_bool().unwrap_or(true),
    }
}

fn boss(v: &Value) -> Boss {
    let mut phases: Vec<(i64, Phase)> = list(v, "phases")
        .into_iter()
        .map(|p| {
            let phase = Phase { requirement: phase_requirement(&p["requirements"]), days: int(&p["duration_days"]) };
            (int(&p["phase_number"]), phase)
        })
        .collect();
    phases.sort_by_key(|(number, _)| *number);
    Boss {
        id: string(&v["id"]),
        required_level: int_or(&v["required_level"], 1),
        xp_reward: int(&v["xp_reward"]),
        title_reward: optional_string(&v["title_reward_id"]),
        season: optional_string(&v["season_id"]),
        max_phase_retries: int_or(&v["max_phase_retries"], 0),
        phases: phases.into_iter().map(|(_, phase)| phase).collect(),
    }
}

/// A Requirement, or the short form: AND of `>=` leaves.
fn phase_requirement(v: &Value) -> Value {
    if v.get("type").is_some() {
        return v.clone();
    }
    let mut leaves = Vec::new();
    for (key, metric) in [
        ("dailyCompletionRate", "daily_completion_rate"),
        ("perfectDays", "perfect_days"),
        ("dungeonClears", "dungeon_clears"),
        ("streak", "current_streak"),
    ] {
        if let Some(value) = v.get(key).filter(|value| !value.is_null()) {
            leaves.push(serde_json::json!(
                {"type": "numeric", "metric": metric, "op": ">=", "value": value}
            ));
        }
    }
    serde_json::json!({"type": "compound", "logic": "AND", "requirements": leaves})
}

fn dungeon(v: &Value) -> Dungeon {
    Dungeon {
        id: string(&v["id"]),
        rank: string(&v["difficulty"]),
        entry: v["requirements"].clone(),
        challenges: list(v, "challenges")
            .into_iter()
            .map(|c| {
                let xp = (!c["xp"].is_null()).then(|| int(&c["xp"]));
                (c["requirement"].clone(), xp)
            })
            .collect(),
        multiplier: match &v["xp_multiplier"] {
            Value::Null => MILLION * 3 / 2,
            m => multiplier(m),
        },
        minutes: int(&v["duration_minutes"]),
        cooldown_hours: int_or(&v["cooldown_hours"], 24),
        season: optional_string(&v["season_id"]),
    }
}

fn season(v: &Value) -> Season {
    Season {
        id: string(&v["id"]),
        start: instant(&v["start_date"]),
        end: instant(&v["end_date"]),
        multiplier: match &v["xp_multiplier"] {
            Value::Null => MILLION,
            m => multiplier(m),
        },
    }
}
