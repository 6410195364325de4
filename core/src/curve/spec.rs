//! A levelling curve as an author writes it.

use serde::Serialize;

use crate::api::{Coefficient, Xp};

/// A levelling curve, as an author writes it: nothing of it is checked yet, see [`Curve::new`](super::Curve::new).
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(deny_unknown_fields, description = "How XP becomes levels.")
)]
#[serde(tag = "family", rename_all = "snake_case")]
pub enum CurveSpec {
    /// The sum over k of floor(c_k * L^k), each term floored by itself.
    Polynomial {
        /// c_0, c_1, ...: one to eight, in XP.
        #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 8)))]
        coefficients: Vec<Coefficient>,
        /// The highest level.
        #[cfg_attr(feature = "schema", schemars(default = "CurveSpec::default_max_level", range(min = 1)))]
        max_level: i32,
    },
    /// The sum for i = 1..L-1 of floor(base * i^(p/2)).
    Power {
        /// The first level's cost in XP, at least 1.
        base: i64,
        /// Twice the exponent, 0 to 16.
        #[cfg_attr(feature = "schema", schemars(range(min = 0, max = 16)))]
        p: i32,
        /// The highest level.
        #[cfg_attr(feature = "schema", schemars(default = "CurveSpec::default_max_level", range(min = 1)))]
        max_level: i32,
    },
    /// Costs that grow by a ratio, each floored before the next.
    Geometric {
        /// The first level's cost in XP, at least 1.
        first: i64,
        /// The growth, at least 1.
        ratio: Coefficient,
        /// The highest level.
        #[cfg_attr(feature = "schema", schemars(default = "CurveSpec::default_max_level", range(min = 1)))]
        max_level: i32,
    },
    /// Listed thresholds, then a constant step.
    Table {
        /// Thresholds of levels 1, 2, ...; the first is 0.
        #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
        thresholds: Vec<Xp>,
        /// The cost in XP of each further level, at least 1.
        #[cfg_attr(feature = "schema", schemars(range(min = 1)))]
        step: i64,
        /// The highest level.
        #[cfg_attr(feature = "schema", schemars(default = "CurveSpec::default_max_level", range(min = 1)))]
        max_level: i32,
    },
}

impl CurveSpec {
    /// The highest level where the author names none, 2^31-1.
    pub const DEFAULT_MAX_LEVEL: i32 = i32::MAX;

    #[cfg(feature = "schema")]
    fn default_max_level() -> i32 {
        Self::DEFAULT_MAX_LEVEL
    }

    /// The highest level as it is written.
    pub fn max_level(&self) -> i32 {
        match self {
            Self::Polynomial { max_level, .. }
            | Self::Power { max_level, .. }
            | Self::Geometric { max_level, .. }
            | Self::Table { max_level, .. } => *max_level,
        }
    }
}

impl Default for CurveSpec {
    /// The polynomial `[0, 25, 57.5]` without a highest level of its own.
    fn default() -> Self {
        let coefficients = super::polynomial::DEFAULT_MILLIONTHS.map(Coefficient::from_millionths).to_vec();
        Self::Polynomial { coefficients, max_level: Self::DEFAULT_MAX_LEVEL }
    }
}
