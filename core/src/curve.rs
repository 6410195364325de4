//! The levelling curve (the rules, section 3).

use serde::Serialize;

use crate::api::{Coefficient, Xp};

/// A levelling curve, as an author writes it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "family", rename_all = "snake_case")]
pub enum CurveSpec {
    /// The sum over k of floor(c_k * L^k).
    Polynomial {
        /// c_0, c_1, ...: one to eight.
        coefficients: Vec<Coefficient>,
        /// The highest level.
        max_level: i32,
    },
    /// The sum for i = 1..L-1 of floor(base * i^(p/2)).
    Power {
        /// The first level's cost.
        base: i64,
        /// Twice the exponent, 0 to 16.
        p: i32,
        /// The highest level.
        max_level: i32,
    },
    /// Costs that grow by a ratio.
    Geometric {
        /// The first level's cost.
        first: i64,
        /// The growth, at least 1.
        ratio: Coefficient,
        /// The highest level.
        max_level: i32,
    },
    /// Listed thresholds, then a constant step.
    Table {
        /// Thresholds of levels 1, 2, ...; the first is 0.
        thresholds: Vec<Xp>,
        /// The cost of each further level, at least 1.
        step: i64,
        /// The highest level.
        max_level: i32,
    },
}
