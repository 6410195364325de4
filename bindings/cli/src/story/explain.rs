//! Explanations in words: what was found, what was asked, how far it is.

use levelkit::{Explanation, Logic, Operator, RequirementState};

use super::Names;
use crate::text;

/// An explanation in one line: `6,203 of 7,500 steps, 1,297 short`. `names` knows the quests that metrics are about.
pub(crate) fn line(explanation: &Explanation, names: Names<'_>) -> String {
    match explanation {
        Explanation::Numeric { metric, op, target, value, distance, state, .. } => {
            let metric = names.metric(metric);
            let goal = text::measure(*target);
            let Some(value) = value.map(text::measure) else {
                return format!("{metric} not reported, {} wanted", bound(*op, &goal));
            };
            let met = *state == RequirementState::Met;
            let apart = distance.map(text::measure).unwrap_or_default();
            match op {
                Operator::AtLeast if met => format!("{value} {metric}, {goal} wanted"),
                Operator::AtLeast => format!("{value} of {goal} {metric}, {apart} short"),
                Operator::AtMost | Operator::Below if !met => {
                    format!("{value} {metric}, {apart} over the limit of {goal}")
                }
                Operator::AtMost => format!("{value} {metric}, {goal} allowed"),
                _ => format!("{value} {metric}, {} wanted", bound(*op, &goal)),
            }
        }
        Explanation::Boolean { metric, target, value, .. } => {
            let metric = names.metric(metric);
            let wanted = if *target { "yes" } else { "no" };
            match value {
                Some(value) => format!("{metric}: {}, {wanted} wanted", if *value { "yes" } else { "no" }),
                None => format!("{metric} not reported, {wanted} wanted"),
            }
        }
        Explanation::Between { metric, min, max, value, distance, .. } => {
            let (metric, min, max) = (names.metric(metric), text::measure(*min), text::measure(*max));
            match (value, distance.filter(|distance| *distance > 0.0)) {
                (None, _) => format!("{metric} not reported, {min} to {max} wanted"),
                (Some(value), None) => format!("{} {metric}, {min} to {max} wanted", text::measure(*value)),
                (Some(value), Some(apart)) => {
                    let (value, apart) = (text::measure(*value), text::measure(apart));
                    format!("{value} {metric}, {apart} outside of {min} to {max}")
                }
            }
        }
        Explanation::Not { part, .. } => format!("not so: {}", line(part, names)),
        Explanation::Compound { logic, parts, .. } => {
            let joint = match logic {
                Logic::And => "; ",
                Logic::Or => "; or ",
            };
            parts.iter().map(|part| line(part, names)).collect::<Vec<_>>().join(joint)
        }
    }
}

fn bound(op: Operator, goal: &str) -> String {
    match op {
        Operator::AtLeast => goal.to_owned(),
        Operator::AtMost => format!("at most {goal}"),
        Operator::Above => format!("more than {goal}"),
        Operator::Below => format!("less than {goal}"),
        Operator::Equal => format!("exactly {goal}"),
        Operator::NotEqual => format!("anything but {goal}"),
    }
}

#[cfg(test)]
mod tests {
    use levelkit::{Metrics, Ruleset, ruleset};

    use super::*;

    fn explained(requirement: &str, steps: Option<f64>) -> String {
        let requirement = ruleset::parse_requirement(requirement).unwrap();
        let metrics = steps.map_or_else(Metrics::default, |steps| Metrics::from([("steps", steps.into())]));
        let ruleset = Ruleset::from_json(r#"{"format":"levelkit.ruleset/1"}"#).unwrap();
        line(&requirement.explain(&metrics).unwrap(), Names::new(&ruleset))
    }

    #[test]
    fn a_line_says_value_target_and_distance() {
        let walk = r#"{"type":"numeric","metric":"steps","op":">=","value":7500}"#;
        assert_eq!(explained(walk, Some(6203.0)), "6,203 of 7,500 steps, 1,297 short");
        assert_eq!(explained(walk, Some(9000.0)), "9,000 steps, 7,500 wanted");
        assert_eq!(explained(walk, None), "steps not reported, 7,500 wanted");
        let rest = r#"{"type":"numeric","metric":"steps","op":"<=","value":100}"#;
        assert_eq!(explained(rest, Some(150.0)), "150 steps, 50 over the limit of 100");
        let between = r#"{"type":"between","metric":"steps","min":10,"max":20}"#;
        assert_eq!(explained(between, Some(25.0)), "25 steps, 5 outside of 10 to 20");
        assert_eq!(explained(between, Some(15.0)), "15 steps, 10 to 20 wanted");
    }
}
