//! The levelling curve (the rules, section 3).
//!
//! A curve gives every level a threshold: the total XP from which a player has it. Level 1 needs 0 XP, each further level
//! more than the one before, and a level whose threshold would not fit an `i64` does not exist. The level of a total is the
//! highest level whose threshold it reaches, at least 1 and at most `max_level`.
//!
//! ```
//! use levelkit::curve::Curve;
//! let curve = Curve::default();
//! assert_eq!(curve.threshold(10), Some(6_000));
//! assert_eq!(curve.level(5_999), 9);
//! assert_eq!(curve.level(6_000), 10);
//! ```

mod check;
mod costs;
mod listed;
mod polynomial;
mod spec;

pub use check::CurveError;
pub use spec::CurveSpec;

use costs::CostTable;
use listed::Listed;
use polynomial::Polynomial;

/// A levelling curve that was checked and made ready for lookups. A lookup is O(log levels) or better and does not allocate.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    family: Family,
    max_level: i32,
}

#[derive(Clone, Debug, PartialEq)]
#[allow(clippy::large_enum_variant)] // A ruleset has one curve, and every award looks into it: no pointer to follow.
enum Family {
    Polynomial(Polynomial),
    /// `power` and `geometric`: their costs are added up once, when the curve is made.
    Costs(CostTable),
    Listed(Listed),
}

impl Curve {
    /// Makes a curve. A `power` or `geometric` curve adds up to a million costs here, and keeps 8 bytes for each.
    ///
    /// # Errors
    /// The first [`CurveError`] that [`Curve::check`] finds.
    ///
    /// ```
    /// use levelkit::Xp;
    /// use levelkit::curve::{Curve, CurveSpec};
    /// let spec = CurveSpec::Table { thresholds: vec![Xp(0), Xp(100), Xp(250)], step: 300, max_level: 50 };
    /// let curve = Curve::new(&spec).unwrap();
    /// assert_eq!(curve.threshold(4), Some(550));
    /// assert_eq!(curve.level(549), 3);
    /// ```
    pub fn new(spec: &CurveSpec) -> Result<Self, CurveError> {
        let (curve, errors) = check::build(spec);
        errors.into_iter().next().map_or(Ok(curve), Err)
    }

    /// Everything that is wrong with a curve, so that an author sees all of it at once; empty for a curve that is right.
    ///
    /// ```
    /// use levelkit::Xp;
    /// use levelkit::curve::{Curve, CurveSpec};
    /// let spec = CurveSpec::Table { thresholds: vec![Xp(0), Xp(100), Xp(100)], step: 0, max_level: 50 };
    /// let paths: Vec<_> = Curve::check(&spec).into_iter().map(|error| error.path).collect();
    /// assert_eq!(paths, ["step", "thresholds[2]"]);
    /// ```
    pub fn check(spec: &CurveSpec) -> Vec<CurveError> {
        check::build(spec).1
    }

    /// The highest level a player can have, 1 or more. It may lie above the last level that exists.
    pub fn max_level(&self) -> i32 {
        self.max_level
    }

    /// The total XP from which a player has a level; `None` for a level below 1, above [`Curve::max_level`], or whose
    /// threshold is more than [`i64::MAX`].
    #[inline]
    pub fn threshold(&self, level: i32) -> Option<i64> {
        if level < 1 || level > self.max_level {
            return None;
        }
        match &self.family {
            Family::Polynomial(polynomial) => polynomial.threshold(level),
            Family::Costs(table) => table.threshold(level),
            Family::Listed(table) => table.threshold(level),
        }
    }

    /// The level of a total of XP, from 1 to [`Curve::max_level`]. A negative total, which no player has, is level 1.
    #[inline]
    pub fn level(&self, total_xp: i64) -> i32 {
        match &self.family {
            Family::Polynomial(polynomial) => self.level_near(total_xp, polynomial.estimate(total_xp)),
            Family::Costs(table) => table.level(total_xp).min(self.max_level),
            Family::Listed(table) => table.level(total_xp).min(self.max_level),
        }
    }

    /// The same as [`Curve::level`], sought from a level that is likely near: two threshold computations when it is right.
    ///
    /// After an award the player's level before it is a good start. A start that is far off costs time, O(log) of the
    /// distance, and changes nothing else.
    ///
    /// ```
    /// use levelkit::curve::Curve;
    /// let curve = Curve::default();
    /// assert_eq!(curve.level_near(6_072, 10), 10);
    /// assert_eq!(curve.level_near(6_072, 4_000), 10);
    /// ```
    #[inline]
    pub fn level_near(&self, total_xp: i64, start: i32) -> i32 {
        let start = start.clamp(1, self.max_level);
        if !self.reached(start, total_xp) {
            return self.search_below(total_xp, start);
        }
        if start == self.max_level || !self.reached(start + 1, total_xp) {
            return start;
        }
        self.search_above(total_xp, start + 1)
    }

    /// Whether a total has a level from 1 to `max_level`.
    #[inline]
    fn reached(&self, level: i32, total_xp: i64) -> bool {
        level <= 1 || self.threshold(level).is_some_and(|threshold| threshold <= total_xp)
    }

    /// The level, which lies below `unreached`: steps down that double until a level is reached, then a bisection.
    fn search_below(&self, total_xp: i64, unreached: i32) -> i32 {
        let (mut high, mut step) = (unreached, 1_i32);
        loop {
            let low = high.saturating_sub(step).max(1);
            if self.reached(low, total_xp) {
                return self.bisect(total_xp, low, high);
            }
            (high, step) = (low, step.saturating_mul(2));
        }
    }

    /// The level, which is `reached` or lies above it: the same upwards.
    fn search_above(&self, total_xp: i64, reached: i32) -> i32 {
        let (mut low, mut step) = (reached, 1_i32);
        while low < self.max_level {
            let high = low.saturating_add(step).min(self.max_level);
            if !self.reached(high, total_xp) {
                return self.bisect(total_xp, low, high);
            }
            (low, step) = (high, step.saturating_mul(2));
        }
        low
    }

    /// The highest reached level from `low`, which is reached, to below `high`, which is not.
    fn bisect(&self, total_xp: i64, mut low: i32, mut high: i32) -> i32 {
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            if self.reached(middle, total_xp) {
                low = middle;
            } else {
                high = middle;
            }
        }
        low
    }
}

impl Default for Curve {
    /// The polynomial `[0, 25, 57.5]`: 280 XP for level 2, 6,000 for level 10, 577,500 for level 100.
    fn default() -> Self {
        Self { family: Family::Polynomial(Polynomial::default()), max_level: i32::MAX }
    }
}

#[cfg(test)]
mod tests;
