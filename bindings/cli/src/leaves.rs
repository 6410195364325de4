//! Leaves: the metrics that a requirement reads.

use levelkit::{MetricKind, Requirement};

/// Every leaf's metric and kind, in the order they are written.
pub(crate) fn of(requirement: &Requirement) -> Vec<(&str, MetricKind)> {
    let mut leaves = Vec::new();
    collect(requirement, &mut leaves);
    leaves
}

fn collect<'r>(requirement: &'r Requirement, leaves: &mut Vec<(&'r str, MetricKind)>) {
    match requirement {
        Requirement::Numeric { metric, .. } | Requirement::Between { metric, .. } => {
            leaves.push((metric, MetricKind::Numeric));
        }
        Requirement::Boolean { metric, .. } => leaves.push((metric, MetricKind::Boolean)),
        Requirement::Not { requirement } => collect(requirement, leaves),
        Requirement::Compound { requirements, .. } => requirements.iter().for_each(|part| collect(part, leaves)),
    }
}
