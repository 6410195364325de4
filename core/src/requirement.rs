//! Requirements: what must hold of a player's metrics (the rules, section 2).

use serde::Serialize;

use crate::api::{Logic, Operator};

/// A requirement, as an author writes it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Requirement {
    /// Compares a numeric metric with a value.
    Numeric {
        /// The metric, raw or derived.
        metric: String,
        /// How it compares.
        op: Operator,
        /// The target.
        value: f64,
    },
    /// Compares a boolean metric with a value.
    Boolean {
        /// The metric.
        metric: String,
        /// What it must be.
        value: bool,
    },
    /// All or any of several requirements.
    Compound {
        /// How they are joined.
        logic: Logic,
        /// The parts, one or more.
        requirements: Vec<Requirement>,
    },
    /// The opposite of a requirement.
    Not {
        /// What must not hold.
        requirement: Box<Requirement>,
    },
    /// A numeric metric within bounds, both included.
    Between {
        /// The metric.
        metric: String,
        /// The least value.
        min: f64,
        /// The greatest value, `min` or more.
        max: f64,
    },
}
