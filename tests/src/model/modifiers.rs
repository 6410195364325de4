//! The rules, section 4: the modifier stack.

use serde_json::Value;
use std::collections::BTreeMap;

use super::numbers::{Decimal, I32_MAX, MILLION, int, multiplier};

pub const BONUS_TYPES: [&str; 5] =
    ["STREAK_BONUS", "WEEKEND_BONUS", "SEASON_MULTIPLIER", "TITLE_PASSIVE", "DUNGEON_MULTIPLIER"];

#[derive(Clone, Debug)]
pub struct Modifiers {
    /// (days, multiplier)
    pub streak_tiers: Vec<(i64, i128)>,
    pub weekend: i128,
    pub debuff: i128,
    pub stacking: String,
    pub cap: Option<i128>,
    /// Source to EARNED or GRANTED.
    pub sources: BTreeMap<String, String>,
    pub bonus_order: Vec<String>,
    pub penalty_order: Vec<String>,
}

impl Modifiers {
    pub fn new(doc: &Value) -> Modifiers {
        let mut sources = BTreeMap::new();
        for source in ["QUEST_COMPLETION", "BOSS_DEFEAT", "DUNGEON_CLEAR"] {
            sources.insert(source.to_string(), "EARNED".to_string());
        }
        for source in ["STREAK_BONUS", "SEASON_BONUS", "TITLE_BONUS", "MANUAL_ADJUSTMENT"] {
            sources.insert(source.to_string(), "GRANTED".to_string());
        }
        if let Some(map) = doc["sources"].as_object() {
            for (source, class) in map {
                sources.insert(source.clone(), class.as_str().expect("class").to_string());
            }
        }
        let tiers = match doc["streak_tiers"].as_array() {
            Some(list) => list.iter().map(|t| (int(&t["days"]), multiplier(&t["multiplier"]))).collect(),
            None => vec![(7, 1_100_000), (14, 1_150_000), (30, 1_250_000)],
        };
        let or = |v: &Value, default: i128| if v.is_null() { default } else { multiplier(v) };
        Modifiers {
            streak_tiers: tiers,
            weekend: or(&doc["weekend_multiplier"], 1_100_000),
            debuff: or(&doc["debuff_multiplier"], 900_000),
            stacking: doc["stacking"].as_str().unwrap_or("SEQUENTIAL").to_string(),
            cap: match &doc["max_multiplier"] {
                Value::Null => None,
                v => Some(multiplier(v)),
            },
            sources,
            bonus_order: order(&doc["bonus_order"]),
            penalty_order: order(&doc["penalty_order"]),
        }
    }
}

/// What the ruleset lists first, then the rest as by default (the debuff is always last and
/// handled apart).
fn order(v: &Value) -> Vec<String> {
    let mut list: Vec<String> = Vec::new();
    for t in v.as_array().unwrap_or(&Vec::new()) {
        list.push(t.as_str().expect("a modifier type").to_string());
    }
    for t in BONUS_TYPES {
        if !list.iter().any(|l| l == t) {
            list.push(t.to_string());
        }
    }
    list.retain(|t| t != "DEBUFF_PENALTY");
    list
}

/// What an award depends on, apart from the ruleset.
#[derive(Clone, Debug, Default)]
pub struct Context {
    pub current_streak: i64,
    pub weekend: bool,
    /// The ACTIVE season: id and xp_multiplier.
    pub season: Option<(String, i128)>,
    /// The active title: id, passive type and value.
    pub title: Option<(String, String, Decimal)>,
    /// Of a DUNGEON_CLEAR: id and xp_multiplier.
    pub dungeon: Option<(String, i128)>,
    pub debuffed: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    pub kind: String,
    pub multiplier: i128,
    pub reason: String,
    pub xp_before: i64,
    pub xp_after: i64,
}

/// final_xp and the steps; None when a number leaves i32.
pub fn award(m: &Modifiers, base: i64, source: &str, c: &Context) -> Option<(i64, Vec<Step>)> {
    if base < 0 || m.sources[source] == "GRANTED" {
        return Some((base, Vec::new()));
    }
    let base = i128::from(base);
    let mut x = base;
    let mut steps: Vec<Step> = Vec::new();
    let mut record = |kind: &str, multiplier: i128, reason: &str, before: i128, after: i128| {
        if !(-I32_MAX - 1..=I32_MAX).contains(&after) {
            return None;
        }
        steps.push(Step {
            kind: kind.to_string(),
            multiplier,
            reason: reason.to_string(),
            xp_before: before as i64,
            xp_after: after as i64,
        });
        Some(after)
    };

    // 1. flat
    if let Some((id, passive, value)) = &c.title
        && passive == "FLAT_XP_BONUS"
        && value.digits != 0
    {
        let flat = value.digits / 10i128.pow(value.places);
        x = record("TITLE_PASSIVE", MILLION, &format!("title {id}"), x, x + flat)?;
    }

    // every factor that applies, by type
    let mut factors: BTreeMap<&str, (i128, String)> = BTreeMap::new();
    let tier = m.streak_tiers.iter().filter(|(days, _)| *days <= c.current_streak).max_by_key(|(days, _)| *days);
    if let Some((days, multiplier)) = tier {
        factors.insert("STREAK_BONUS", (*multiplier, format!("streak {days} days")));
    }
    if c.weekend {
        factors.insert("WEEKEND_BONUS", (m.weekend, "weekend".to_string()));
    }
    if let Some((id, multiplier)) = &c.season {
        factors.insert("SEASON_MULTIPLIER", (*multiplier, format!("season {id}")));
    }
    if let Some((id, passive, value)) = &c.title
        && passive == "PERCENT_XP_BONUS"
    {
        // 1 + N/100, exactly, then rounded down to the millionth
        let percent = Decimal { digits: value.digits + 100 * 10i128.pow(value.places), places: value.places + 2 };
        factors.insert("TITLE_PASSIVE", (percent.millionths(), format!("title {id}")));
    }
    if let Some((id, multiplier)) = &c.dungeon
        && !c.debuffed
    {
        factors.insert("DUNGEON_MULTIPLIER", (*multiplier, format!("dungeon {id}")));
    }

    // 2. bonuses
    let bonuses: Vec<(&str, i128, &str)> = m
        .bonus_order
        .iter()
        .filter_map(|t| {
            let (f, reason) = factors.get(t.as_str())?;
            (*f > MILLION).then_some((t.as_str(), *f, reason.as_str()))
        })
        .collect();
    match m.stacking.as_str() {
        "SEQUENTIAL" => {
            for (kind, f, reason) in bonuses {
                x = record(kind, f, reason, x, (x * f).div_euclid(MILLION))?;
            }
        }
        "ADDITIVE" => {
            let x0 = x;
            let mut sum = 0;
            for (kind, f, reason) in bonuses {
                sum += f - MILLION;
                x = record(kind, f, reason, x, (x0 * (MILLION + sum)).div_euclid(MILLION))?;
            }
        }
        "HIGHEST" => {
            let mut best: Option<(&str, i128, &str)> = None;
            for b in bonuses {
                if best.is_none_or(|(_, f, _)| b.1 > f) {
                    best = Some(b);
                }
            }
            if let Some((kind, f, reason)) = best {
                x = record(kind, f, reason, x, (x * f).div_euclid(MILLION))?;
            }
        }
        other => panic!("stacking {other}"),
    }

    // 3. penalties, the debuff last
    for t in &m.penalty_order {
        if let Some((f, reason)) = factors.get(t.as_str())
            && *f < MILLION
        {
            x = record(t, *f, reason, x, (x * f).div_euclid(MILLION))?;
        }
    }
    if c.debuffed {
        let f = debuff_factor(m.debuff, c);
        if f != MILLION {
            x = record("DEBUFF_PENALTY", f, "debuff", x, (x * f).div_euclid(MILLION))?;
        }
    }

    // the cap makes no step
    if let Some(cap) = m.cap {
        x = x.min(base * cap / MILLION);
    }
    if x > I32_MAX {
        return None;
    }
    Some((x.max(0) as i64, steps))
}

/// 1 - (1 - debuff_multiplier) * (1 - r), exactly, then rounded down to the millionth.
fn debuff_factor(debuff: i128, c: &Context) -> i128 {
    match &c.title {
        Some((_, passive, r)) if passive == "DEBUFF_REDUCTION" => {
            let one = 10i128.pow(r.places);
            // 1 < r <= 100 means percent
            let (digits, one) = if r.digits > one { (r.digits, one * 100) } else { (r.digits, one) };
            // in millionths: 1_000_000 - (1_000_000 - debuff) * (one - digits) / one
            (MILLION * one - (MILLION - debuff) * (one - digits)).div_euclid(one)
        }
        _ => debuff,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn finals(doc: &Value, base: i64, c: &Context) -> (i64, Vec<(String, i64)>) {
        let (x, steps) = award(&Modifiers::new(doc), base, "QUEST_COMPLETION", c).unwrap();
        (x, steps.into_iter().map(|s| (s.kind, s.xp_after)).collect())
    }

    fn title(passive: &str, value: Value) -> Option<(String, String, Decimal)> {
        Some(("t".into(), passive.into(), Decimal::read(&value)))
    }

    #[test]
    fn a_hundred_times_1_15_is_115() {
        let c = Context { current_streak: 14, ..Context::default() };
        assert_eq!(finals(&Value::Null, 100, &c).0, 115);
    }

    #[test]
    fn the_stack() {
        let c = Context {
            current_streak: 14,
            weekend: true,
            season: Some(("s".into(), 1_200_000)),
            title: title("PERCENT_XP_BONUS", json!(5)),
            dungeon: None,
            debuffed: true,
        };
        // 100 -> 115 -> 126 -> 151 -> 158 -> 142
        let (x, steps) = finals(&Value::Null, 100, &c);
        assert_eq!(x, 142);
        let after: Vec<i64> = steps.iter().map(|s| s.1).collect();
        assert_eq!(after, [115, 126, 151, 158, 142]);
        // 1.15, +.1, +.2, +.05 = 1.5 -> 150, then 0.9
        let (x, steps) = finals(&json!({"stacking":"ADDITIVE"}), 100, &c);
        let after: Vec<i64> = steps.iter().map(|s| s.1).collect();
        assert_eq!((x, after), (135, vec![115, 125, 145, 150, 135]));
        // only the season's 1.2
        let (x, _) = finals(&json!({"stacking":"HIGHEST"}), 100, &c);
        assert_eq!(x, 108);
        // the cap
        let (x, _) = finals(&json!({"max_multiplier":"1.2"}), 100, &c);
        assert_eq!(x, 120);
    }

    #[test]
    fn a_debuff_reduced_by_half() {
        let c = Context { title: title("DEBUFF_REDUCTION", json!(0.5)), debuffed: true, ..Context::default() };
        assert_eq!(debuff_factor(900_000, &c), 950_000);
        let c = Context { title: title("DEBUFF_REDUCTION", json!(50)), ..c };
        assert_eq!(debuff_factor(900_000, &c), 950_000);
        let c = Context { title: title("DEBUFF_REDUCTION", json!(1)), ..c };
        assert_eq!(finals(&Value::Null, 100, &c), (100, vec![]));
    }
}
