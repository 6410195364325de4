//! Metric names: measured ones, and those that the engine derives (the rules, sections 2 and 6).

use crate::metric::{is_reserved, is_well_formed};

/// What a metric's name says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MetricName<'n> {
    /// Measured by the host.
    Measured(&'n str),
    /// Derived, without an argument; numeric.
    Derived(&'n str),
    /// `sum.<metric>`.
    Sum(&'n str),
    /// `max.<metric>`.
    Max(&'n str),
    /// `days.<metric>`.
    Days(&'n str),
    /// `completions.<quest_id>`.
    Completions(&'n str),
}

impl<'n> MetricName<'n> {
    /// What a leaf's metric names; `None` if it is malformed. Whether the quest of `Completions` exists is not judged.
    pub(super) fn parse(name: &'n str) -> Option<Self> {
        if let Some(quest) = name.strip_prefix("completions.") {
            return Some(Self::Completions(quest));
        }
        for (prefix, of) in [("sum.", Self::Sum as fn(&'n str) -> Self), ("max.", Self::Max), ("days.", Self::Days)] {
            if let Some(metric) = name.strip_prefix(prefix) {
                return is_measured(metric).then(|| of(metric));
            }
        }
        if is_reserved(name) {
            return Some(Self::Derived(name));
        }
        is_measured(name).then_some(Self::Measured(name))
    }
}

/// Whether a host may declare and report this name: well formed, and not reserved.
pub(super) fn is_measured(name: &str) -> bool {
    is_well_formed(name) && !is_reserved(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_apart() {
        for (name, expected) in [
            ("steps", Some(MetricName::Measured("steps"))),
            ("sleep.hours_2", Some(MetricName::Measured("sleep.hours_2"))),
            ("summary", Some(MetricName::Measured("summary"))),
            ("sum", Some(MetricName::Measured("sum"))),
            ("level", Some(MetricName::Derived("level"))),
            ("sum.steps", Some(MetricName::Sum("steps"))),
            ("max.steps", Some(MetricName::Max("steps"))),
            ("days.steps", Some(MetricName::Days("steps"))),
            ("completions.Morning-Run", Some(MetricName::Completions("Morning-Run"))),
            ("sum.sum.steps", None),
            ("sum.level", None),
            ("sum.", None),
            ("Steps", None),
            ("9lives", None),
            ("_x", None),
            ("a b", None),
            ("é", None),
            ("", None),
        ] {
            assert_eq!(MetricName::parse(name), expected, "{name}");
        }
        assert!(is_measured(&"a".repeat(64)));
        assert!(!is_measured(&"a".repeat(65)));
    }
}
