//! The rules, section 2: the requirement DSL.

use serde_json::Value;
use std::collections::BTreeSet;

use super::metrics::is_derived;

/// A metric's value: numeric or boolean.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Metric {
    Number(f64),
    Flag(bool),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Met,
    NotMet,
    Unknown,
}

pub fn number(v: &Value) -> f64 {
    match v {
        Value::String(s) => s.parse().expect("a number"),
        _ => v.as_f64().expect("a number"),
    }
}

fn text<'a>(r: &'a Value, key: &str) -> &'a str {
    r[key].as_str().unwrap_or_else(|| panic!("{key} in requirement {r}"))
}

pub fn state(r: &Value, metrics: &dyn Fn(&str) -> Option<Metric>) -> State {
    let met = |yes: bool| if yes { State::Met } else { State::NotMet };
    match text(r, "type") {
        "numeric" => match metrics(text(r, "metric")) {
            Some(Metric::Number(v)) => {
                let target = number(&r["value"]);
                met(match text(r, "op") {
                    ">=" => v >= target,
                    "<=" => v <= target,
                    ">" => v > target,
                    "<" => v < target,
                    "==" => v == target,
                    "!=" => v != target,
                    op => panic!("operator {op}"),
                })
            }
            _ => State::Unknown,
        },
        "boolean" => match metrics(text(r, "metric")) {
            Some(Metric::Flag(v)) => met(v == r["value"].as_bool().expect("true or false")),
            _ => State::Unknown,
        },
        "between" => match metrics(text(r, "metric")) {
            Some(Metric::Number(v)) => met(number(&r["min"]) <= v && v <= number(&r["max"])),
            _ => State::Unknown,
        },
        "not" => match state(&r["requirement"], metrics) {
            State::Met => State::NotMet,
            State::NotMet => State::Met,
            State::Unknown => State::Unknown,
        },
        "compound" => {
            let states: Vec<State> = children(r).iter().map(|c| state(c, metrics)).collect();
            let (strong, weak) = match text(r, "logic") {
                "AND" => (State::NotMet, State::Met),
                "OR" => (State::Met, State::NotMet),
                logic => panic!("logic {logic}"),
            };
            if states.contains(&strong) {
                strong
            } else if states.contains(&State::Unknown) {
                State::Unknown
            } else {
                weak
            }
        }
        kind => panic!("requirement type {kind}"),
    }
}

/// For progress bars, 0..=1.
pub fn fraction(r: &Value, metrics: &dyn Fn(&str) -> Option<Metric>) -> f64 {
    if state(r, metrics) == State::Met {
        return 1.0;
    }
    match text(r, "type") {
        "numeric" => {
            let Some(Metric::Number(v)) = metrics(text(r, "metric")) else {
                return 0.0;
            };
            let target = number(&r["value"]);
            match text(r, "op") {
                ">=" | ">" | "==" if target > 0.0 => (v / target).clamp(0.0, 0.99),
                "<=" | "<" if v > 0.0 => (target / v).clamp(0.0, 0.99),
                _ => 0.0,
            }
        }
        "compound" => {
            let parts: Vec<f64> = children(r).iter().map(|c| fraction(c, metrics)).collect();
            let whole = if text(r, "logic") == "AND" {
                parts.iter().fold(0.0, |sum, f| sum + f) / parts.len() as f64
            } else {
                parts.iter().fold(0.0, |best: f64, f| best.max(*f))
            };
            whole.min(0.99)
        }
        _ => 0.0,
    }
}

fn children(r: &Value) -> &[Value] {
    r["requirements"].as_array().expect("requirements")
}

/// Every leaf, depth-first.
pub fn leaves(r: &Value) -> Vec<&Value> {
    match text(r, "type") {
        "compound" => children(r).iter().flat_map(leaves).collect(),
        "not" => leaves(&r["requirement"]),
        _ => vec![r],
    }
}

/// The reported metric behind a name: `steps` for steps, sum.steps, max.steps and days.steps;
/// nothing for level, completions.walk and the like.
pub fn reported_behind(name: &str) -> Option<&str> {
    for prefix in ["sum.", "max.", "days."] {
        if let Some(rest) = name.strip_prefix(prefix) {
            return Some(rest);
        }
    }
    if is_derived(name) { None } else { Some(name) }
}

/// Section 6: a quest *reads* m if a leaf names m, sum.m, max.m or days.m.
pub fn reads(r: &Value) -> BTreeSet<String> {
    leaves(r).into_iter().filter_map(|leaf| reported_behind(text(leaf, "metric"))).map(str::to_string).collect()
}

/// The same for any m, a derived metric too.
pub fn names(r: &Value, m: &str) -> bool {
    let names = |leaf: &str| leaf == m || ["sum.", "max.", "days."].iter().any(|p| leaf.strip_prefix(p) == Some(m));
    leaves(r).into_iter().any(|leaf| names(text(leaf, "metric")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn look(name: &str) -> Option<Metric> {
        match name {
            "steps" => Some(Metric::Number(5000.0)),
            "alcohol" => Some(Metric::Flag(false)),
            _ => None,
        }
    }

    #[test]
    fn kleene() {
        let met = json!({"type":"numeric","metric":"steps","op":">=","value":5000});
        let unmet = json!({"type":"numeric","metric":"steps","op":">","value":10000});
        let unknown = json!({"type":"boolean","metric":"x","value":true});
        let of = |logic: &str, list: Vec<&Value>| json!({"type":"compound","logic":logic,"requirements":list});
        assert_eq!(state(&met, &look), State::Met);
        assert_eq!(state(&unmet, &look), State::NotMet);
        assert_eq!(state(&of("AND", vec![&unknown, &unmet]), &look), State::NotMet);
        assert_eq!(state(&of("AND", vec![&unknown, &met]), &look), State::Unknown);
        assert_eq!(state(&of("OR", vec![&unknown, &met]), &look), State::Met);
        assert_eq!(state(&of("OR", vec![&unknown, &unmet]), &look), State::Unknown);
        let not = json!({"type":"not","requirement":unknown});
        assert_eq!(state(&not, &look), State::Unknown);
        assert_eq!(fraction(&unmet, &look), 0.5);
        assert_eq!(fraction(&of("AND", vec![&met, &unmet]), &look), 0.75);
        assert_eq!(fraction(&of("OR", vec![&unknown, &unmet]), &look), 0.5);
        let less = json!({"type":"numeric","metric":"steps","op":"<=","value":4000});
        assert_eq!(fraction(&less, &look), 0.8);
        let near = json!({"type":"numeric","metric":"steps","op":">=","value":5001});
        assert_eq!(fraction(&near, &look), 0.99);
    }
}
