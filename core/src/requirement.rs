//! Requirements: what must hold of a player's metrics (the rules, section 2).
//!
//! A requirement is a tree of leaves joined by AND, OR and NOT. It is three-valued: a leaf whose metric was not reported is
//! *unknown*, never false, and only *met* completes anything.

use serde::{Deserialize, Serialize};

use crate::api::{Explanation, Logic, MetricKind, MetricValue, Metrics, Operator, Refusal, RequirementState};
use crate::metric;
#[cfg(feature = "schema")]
use crate::ruleset::patterns;

/// The highest fraction of a requirement that is not met.
const NEARLY: f64 = 0.99;

/// A requirement over metrics of type `M`: names as an author writes them, or the engine's resolved inputs.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(deny_unknown_fields, rename = "Requirement", description = "What must hold of the metrics.")
)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Requirement<M = String> {
    /// Compares a numeric metric with a value.
    Numeric {
        /// The metric, raw or derived.
        #[cfg_attr(feature = "schema", schemars(regex(pattern = patterns::METRIC)))]
        metric: M,
        /// How it compares.
        op: Operator,
        /// The target.
        value: f64,
    },
    /// Compares a boolean metric with a value.
    Boolean {
        /// The metric.
        #[cfg_attr(feature = "schema", schemars(regex(pattern = patterns::METRIC)))]
        metric: M,
        /// What it must be.
        value: bool,
    },
    /// All or any of several requirements.
    Compound {
        /// How they are joined.
        logic: Logic,
        /// The parts, one or more.
        #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 1023)))]
        requirements: Vec<Requirement<M>>,
    },
    /// The opposite of a requirement.
    Not {
        /// What must not hold.
        requirement: Box<Requirement<M>>,
    },
    /// A numeric metric within bounds, both included.
    Between {
        /// The metric.
        #[cfg_attr(feature = "schema", schemars(regex(pattern = patterns::METRIC)))]
        metric: M,
        /// The least value.
        min: f64,
        /// The greatest value, `min` or more.
        max: f64,
    },
}

/// How far a requirement is met.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record), uniffi(name = "RequirementOutcome"))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename = "RequirementOutcome")]
pub struct Outcome {
    /// Met, not met, or unknown.
    pub state: RequirementState,
    /// 0 to 1 for a progress bar; 1 only when met.
    pub fraction: f64,
}

impl Outcome {
    const UNKNOWN: Self = Self { state: RequirementState::Unknown, fraction: 0.0 };

    fn of(met: bool, fraction_if_not: impl FnOnce() -> f64) -> Self {
        match met {
            true => Self { state: RequirementState::Met, fraction: 1.0 },
            false => Self { state: RequirementState::NotMet, fraction: fraction_if_not() },
        }
    }

    /// Whether it is met.
    pub fn is_met(self) -> bool {
        self.state == RequirementState::Met
    }
}

impl Requirement {
    /// How far the requirement is met by these reported metrics; derived metrics are unknown here.
    ///
    /// ```
    /// use levelkit::{Metrics, RequirementState, ruleset};
    /// let walk = ruleset::parse_requirement(r#"{"type":"numeric","metric":"steps","op":">=","value":8000}"#).unwrap();
    /// let outcome = walk.evaluate(&Metrics::from([("steps", 6000.0.into())])).unwrap();
    /// assert_eq!((outcome.state, outcome.fraction), (RequirementState::NotMet, 0.75));
    /// ```
    ///
    /// # Errors
    /// `INVALID_METRIC` for a malformed or reserved name or a value that is not finite, `METRIC_KIND` for a value of the wrong kind.
    pub fn evaluate(&self, metrics: &Metrics) -> Result<Outcome, Refusal> {
        self.check(metrics)?;
        Ok(self.outcome(&mut |name: &String| metrics.0.get(name).copied()))
    }

    /// Why the requirement is met or not: the tree with every value, target and distance.
    ///
    /// # Errors
    /// Like [`evaluate`](Self::evaluate).
    pub fn explain(&self, metrics: &Metrics) -> Result<Explanation, Refusal> {
        self.check(metrics)?;
        Ok(self.explain_with(&mut |name: &String| metrics.0.get(name).copied(), &|name| name.clone()))
    }

    fn check(&self, metrics: &Metrics) -> Result<(), Refusal> {
        for (name, value) in &metrics.0 {
            metric::check_report(name, *value)?;
        }
        let mut conflict = Ok(());
        self.visit_leaves(&mut |name, kind| {
            let (name, kind) = metric::measured(name, kind);
            if conflict.is_ok() && metrics.0.get(name).is_some_and(|value| value.kind() != kind) {
                conflict = Err(Refusal::MetricKind { metric: name.to_owned(), expected: kind });
            }
        });
        conflict
    }
}

impl<M> Requirement<M> {
    /// How far the requirement is met, reading each metric through `value`.
    pub(crate) fn outcome(&self, value: &mut impl FnMut(&M) -> Option<MetricValue>) -> Outcome {
        match self {
            Self::Numeric { metric, op, value: target } => match value(metric) {
                Some(MetricValue::Number(found)) => {
                    Outcome::of(compare(found, *op, *target), || closeness(found, *op, *target))
                }
                _ => Outcome::UNKNOWN,
            },
            Self::Boolean { metric, value: target } => match value(metric) {
                Some(MetricValue::Boolean(found)) => Outcome::of(found == *target, || 0.0),
                _ => Outcome::UNKNOWN,
            },
            Self::Between { metric, min, max } => match value(metric) {
                Some(MetricValue::Number(found)) => Outcome::of(*min <= found && found <= *max, || 0.0),
                _ => Outcome::UNKNOWN,
            },
            Self::Not { requirement } => negate(requirement.outcome(value)),
            Self::Compound { logic, requirements } => {
                let mut join = Join::new(*logic);
                requirements.iter().for_each(|part| join.add(part.outcome(value)));
                join.outcome()
            }
        }
    }

    /// The tree of why, reading each metric through `value` and naming it through `name`.
    pub(crate) fn explain_with(
        &self,
        value: &mut impl FnMut(&M) -> Option<MetricValue>,
        name: &impl Fn(&M) -> String,
    ) -> Explanation {
        let Outcome { state, fraction } = self.outcome(value);
        let mut number = |metric: &M| match value(metric) {
            Some(MetricValue::Number(found)) => Some(found),
            _ => None,
        };
        match self {
            Self::Numeric { metric, op, value: target } => {
                let found = number(metric);
                let distance =
                    found.map(|found| if state == RequirementState::Met { 0.0 } else { (target - found).abs() });
                let (metric, target) = (name(metric), *target);
                Explanation::Numeric { metric, op: *op, target, value: found, distance, state, fraction }
            }
            Self::Between { metric, min, max } => {
                let found = number(metric);
                let distance = found.map(|found| (min - found).max(found - max).max(0.0));
                Explanation::Between {
                    metric: name(metric),
                    min: *min,
                    max: *max,
                    value: found,
                    distance,
                    state,
                    fraction,
                }
            }
            Self::Boolean { metric, value: target } => {
                let found = match value(metric) {
                    Some(MetricValue::Boolean(found)) => Some(found),
                    _ => None,
                };
                Explanation::Boolean { metric: name(metric), target: *target, value: found, state, fraction }
            }
            Self::Not { requirement } => {
                let part = Box::new(requirement.explain_with(value, name));
                Explanation::Not { part, state, fraction }
            }
            Self::Compound { logic, requirements } => {
                let parts = requirements.iter().map(|part| part.explain_with(value, name)).collect();
                Explanation::Compound { logic: *logic, parts, state, fraction }
            }
        }
    }

    /// Calls `visit` with every leaf's metric and kind, depth first.
    pub(crate) fn visit_leaves(&self, visit: &mut impl FnMut(&M, MetricKind)) {
        match self {
            Self::Numeric { metric, .. } | Self::Between { metric, .. } => visit(metric, MetricKind::Numeric),
            Self::Boolean { metric, .. } => visit(metric, MetricKind::Boolean),
            Self::Not { requirement } => requirement.visit_leaves(visit),
            Self::Compound { requirements, .. } => requirements.iter().for_each(|part| part.visit_leaves(visit)),
        }
    }

    /// The first `numeric` leaf's metric, depth first: what a partial reward looks at.
    pub(crate) fn first_numeric(&self) -> Option<&M> {
        match self {
            Self::Numeric { metric, .. } => Some(metric),
            Self::Boolean { .. } | Self::Between { .. } => None,
            Self::Not { requirement } => requirement.first_numeric(),
            Self::Compound { requirements, .. } => requirements.iter().find_map(Self::first_numeric),
        }
    }

    /// The same requirement over other metrics.
    pub(crate) fn map<N>(&self, resolve: &mut impl FnMut(&M) -> N) -> Requirement<N> {
        match self {
            Self::Numeric { metric, op, value } => {
                Requirement::Numeric { metric: resolve(metric), op: *op, value: *value }
            }
            Self::Boolean { metric, value } => Requirement::Boolean { metric: resolve(metric), value: *value },
            Self::Between { metric, min, max } => {
                Requirement::Between { metric: resolve(metric), min: *min, max: *max }
            }
            Self::Not { requirement } => Requirement::Not { requirement: Box::new(requirement.map(resolve)) },
            Self::Compound { logic, requirements } => {
                let requirements = requirements.iter().map(|part| part.map(resolve)).collect();
                Requirement::Compound { logic: *logic, requirements }
            }
        }
    }
}

fn compare(found: f64, op: Operator, target: f64) -> bool {
    match op {
        Operator::AtLeast => found >= target,
        Operator::AtMost => found <= target,
        Operator::Above => found > target,
        Operator::Below => found < target,
        Operator::Equal => found == target,
        Operator::NotEqual => found != target,
    }
}

/// How near an unmet numeric leaf is.
fn closeness(found: f64, op: Operator, target: f64) -> f64 {
    let ratio = match op {
        Operator::AtLeast | Operator::Above | Operator::Equal if target > 0.0 => found / target,
        Operator::AtMost | Operator::Below if found > 0.0 => target / found,
        _ => 0.0,
    };
    ratio.clamp(0.0, NEARLY)
}

/// Met and not met swap; unknown stays. What is not met has no fraction.
fn negate(inner: Outcome) -> Outcome {
    match inner.state {
        RequirementState::Met => Outcome::of(false, || 0.0),
        RequirementState::NotMet => Outcome::of(true, || 0.0),
        RequirementState::Unknown => Outcome::UNKNOWN,
    }
}

/// Joins the outcomes of a compound's parts, in order.
struct Join {
    logic: Logic,
    met: u32,
    not_met: u32,
    unknown: u32,
    sum: f64,
    largest: f64,
}

impl Join {
    fn new(logic: Logic) -> Self {
        Self { logic, met: 0, not_met: 0, unknown: 0, sum: 0.0, largest: 0.0 }
    }

    fn add(&mut self, part: Outcome) {
        match part.state {
            RequirementState::Met => self.met += 1,
            RequirementState::NotMet => self.not_met += 1,
            RequirementState::Unknown => self.unknown += 1,
        }
        self.sum += part.fraction;
        self.largest = self.largest.max(part.fraction);
    }

    fn state(&self) -> RequirementState {
        match self.logic {
            Logic::And if self.not_met > 0 => RequirementState::NotMet,
            Logic::Or if self.met > 0 => RequirementState::Met,
            _ if self.unknown > 0 => RequirementState::Unknown,
            Logic::And => RequirementState::Met,
            Logic::Or => RequirementState::NotMet,
        }
    }

    fn outcome(&self) -> Outcome {
        let state = self.state();
        if state == RequirementState::Met {
            return Outcome::of(true, || 0.0);
        }
        let count = f64::from((self.met + self.not_met + self.unknown).max(1));
        let fraction = match self.logic {
            Logic::And => self.sum / count,
            Logic::Or => self.largest,
        };
        Outcome { state, fraction: fraction.min(NEARLY) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaf(metric: &str) -> Requirement {
        Requirement::Numeric { metric: metric.to_owned(), op: Operator::AtLeast, value: 10.0 }
    }

    fn compound(logic: Logic, metrics: &[&str]) -> Requirement {
        Requirement::Compound { logic, requirements: metrics.iter().map(|metric| leaf(metric)).collect() }
    }

    /// `m` is met, `n` is not (half way), `u` is unknown.
    fn state_of(requirement: &Requirement) -> (RequirementState, f64) {
        let metrics = Metrics::from([("m", 10.0.into()), ("n", 5.0.into())]);
        let outcome = requirement.evaluate(&metrics).unwrap();
        (outcome.state, outcome.fraction)
    }

    #[test]
    fn kleene_tables() {
        use RequirementState::{Met, NotMet, Unknown};
        for (logic, parts, expected) in [
            (Logic::And, ["m", "m"], (Met, 1.0)),
            (Logic::And, ["m", "n"], (NotMet, 0.75)),
            (Logic::And, ["n", "u"], (NotMet, 0.25)),
            (Logic::And, ["m", "u"], (Unknown, 0.5)),
            (Logic::Or, ["m", "u"], (Met, 1.0)),
            (Logic::Or, ["n", "u"], (Unknown, 0.5)),
            (Logic::Or, ["n", "n"], (NotMet, 0.5)),
        ] {
            assert_eq!(state_of(&compound(logic, &parts)), expected, "{logic} {parts:?}");
        }
        for (metric, expected) in [("m", NotMet), ("n", Met), ("u", Unknown)] {
            let not = Requirement::Not { requirement: Box::new(leaf(metric)) };
            assert_eq!(state_of(&not).0, expected);
        }
    }

    #[test]
    fn an_explanation_tells_what_was_found_and_how_far_off_it_is() {
        let metrics = Metrics::from([("m", 4.0.into()), ("b", true.into())]);
        let told = |requirement: &Requirement| {
            let told = serde_json::to_value(requirement.explain(&metrics).unwrap()).unwrap();
            (told["value"].clone(), told["distance"].clone())
        };
        let numeric = |op, value| Requirement::Numeric { metric: "m".to_owned(), op, value };
        let between = |min, max| Requirement::Between { metric: "m".to_owned(), min, max };
        let boolean = |metric: &str| Requirement::Boolean { metric: metric.to_owned(), value: true };
        assert_eq!(told(&numeric(Operator::AtLeast, 10.0)), (4.0.into(), 6.0.into()));
        assert_eq!(told(&numeric(Operator::AtMost, 1.0)), (4.0.into(), 3.0.into()));
        assert_eq!(told(&numeric(Operator::AtLeast, 3.0)), (4.0.into(), 0.0.into()));
        assert_eq!(told(&between(6.0, 9.0)), (4.0.into(), 2.0.into()));
        assert_eq!(told(&between(1.0, 3.5)), (4.0.into(), 0.5.into()));
        assert_eq!(told(&between(1.0, 9.0)), (4.0.into(), 0.0.into()));
        assert_eq!(told(&boolean("b")).0, true);
        assert_eq!(told(&boolean("unknown")).0, serde_json::Value::Null);
        assert_eq!(told(&leaf("unknown")), (serde_json::Value::Null, serde_json::Value::Null));
    }

    #[test]
    fn a_value_of_the_wrong_kind_is_refused() {
        let refused = leaf("m").evaluate(&Metrics::from([("m", true.into())])).unwrap_err();
        assert_eq!(refused.code(), "METRIC_KIND");
        let refused = leaf("m").evaluate(&Metrics::from([("m", f64::NAN.into())])).unwrap_err();
        assert_eq!(refused.code(), "INVALID_METRIC");
    }
}
