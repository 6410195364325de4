//! Explanations: why a requirement is met or not.

use serde::{Deserialize, Serialize};

use super::{Logic, Operator};

/// Whether a requirement holds: three-valued, since what was not reported is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum RequirementState {
    /// It holds; only this completes anything.
    Met,
    /// It does not hold.
    NotMet,
    /// A metric it needs was not reported.
    Unknown,
}

/// Why a requirement is met or not: the same tree, with what was found.
///
/// `distance` is how far a value is from its target (0 when met), absent when the metric is unknown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(extend("x-suffix" = "Explanation")))]
#[serde(tag = "type", rename_all = "snake_case")]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum Explanation {
    /// A comparison of a numeric metric.
    Numeric {
        /// The metric.
        metric: String,
        /// How it compares.
        op: Operator,
        /// The target.
        target: f64,
        /// What was found.
        value: Option<f64>,
        /// How far it is from the target.
        distance: Option<f64>,
        /// Whether it holds.
        state: RequirementState,
        /// 0 to 1, for a progress bar.
        fraction: f64,
    },
    /// A boolean metric.
    Boolean {
        /// The metric.
        metric: String,
        /// The target.
        target: bool,
        /// What was found.
        value: Option<bool>,
        /// Whether it holds.
        state: RequirementState,
        /// 0 to 1, for a progress bar.
        fraction: f64,
    },
    /// A numeric metric within bounds.
    Between {
        /// The metric.
        metric: String,
        /// The least value.
        min: f64,
        /// The greatest value.
        max: f64,
        /// What was found.
        value: Option<f64>,
        /// How far it is outside.
        distance: Option<f64>,
        /// Whether it holds.
        state: RequirementState,
        /// 0 to 1, for a progress bar.
        fraction: f64,
    },
    /// The opposite of its part.
    Not {
        /// What must not hold.
        part: Box<Explanation>,
        /// Whether it holds.
        state: RequirementState,
        /// 0 to 1, for a progress bar.
        fraction: f64,
    },
    /// All or any of its parts.
    Compound {
        /// How they are joined.
        logic: Logic,
        /// The parts, in order.
        parts: Vec<Explanation>,
        /// Whether it holds.
        state: RequirementState,
        /// 0 to 1, for a progress bar.
        fraction: f64,
    },
}

impl Explanation {
    /// Whether it holds.
    pub fn state(&self) -> RequirementState {
        match self {
            Self::Numeric { state, .. }
            | Self::Boolean { state, .. }
            | Self::Between { state, .. }
            | Self::Not { state, .. }
            | Self::Compound { state, .. } => *state,
        }
    }

    /// How far it is, 0 to 1.
    pub fn fraction(&self) -> f64 {
        match self {
            Self::Numeric { fraction, .. }
            | Self::Boolean { fraction, .. }
            | Self::Between { fraction, .. }
            | Self::Not { fraction, .. }
            | Self::Compound { fraction, .. } => *fraction,
        }
    }
}
