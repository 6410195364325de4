//! Curves that are sums of costs, one per level: `power` and `geometric`. The sums are made once.

/// The longest table, in levels: 8 MB.
pub(super) const MAX_LEVELS: i32 = 1_000_000;

/// The thresholds of every level that exists, as sums of the costs of the levels below.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct CostTable {
    /// Thresholds of levels 2, 3, ...
    thresholds: Box<[i64]>,
}

impl CostTable {
    /// cost(i) = floor(base * i^(p/2)).
    pub(super) fn power(base: u64, p: u32, max_level: i32) -> Self {
        Self::sum(max_level, (1_u64..).map(|i| power_cost(base, p, i)))
    }

    /// cost(1) = first, cost(i+1) = floor(cost(i) * ratio); the ratio, in millionths, is at least one.
    pub(super) fn geometric(first: u64, ratio: u128, max_level: i32) -> Self {
        let grow = |cost: &u64| u64::try_from(u128::from(*cost).checked_mul(ratio)? / 1_000_000).ok();
        Self::sum(max_level, std::iter::successors(Some(first), grow).map(Some))
    }

    /// Adds costs up until a sum leaves i64, `max_level` is reached, or the curve turns out too long to be tabulated (which
    /// takes one level more than the longest table).
    fn sum(max_level: i32, costs: impl Iterator<Item = Option<u64>>) -> Self {
        let levels = max_level.clamp(1, MAX_LEVELS + 1);
        let mut thresholds = Vec::new();
        let mut total = 0_i64;
        for cost in costs.take(usize::try_from(levels - 1).unwrap_or(0)) {
            let Some(sum) = cost.and_then(|cost| total.checked_add_unsigned(cost)) else { break };
            total = sum;
            thresholds.push(total);
        }
        Self { thresholds: thresholds.into_boxed_slice() }
    }

    /// Whether more than `levels` levels exist.
    pub(super) fn is_longer_than(&self, levels: i32) -> bool {
        // Level 1 is not in the table.
        usize::try_from(levels).is_ok_and(|levels| self.thresholds.len() >= levels)
    }

    pub(super) fn threshold(&self, level: i32) -> Option<i64> {
        match usize::try_from(level).ok()?.checked_sub(2) {
            None => (level == 1).then_some(0),
            Some(index) => self.thresholds.get(index).copied(),
        }
    }

    pub(super) fn level(&self, total_xp: i64) -> i32 {
        let above_1 = self.thresholds.partition_point(|&threshold| threshold <= total_xp);
        i32::try_from(above_1).unwrap_or(i32::MAX).saturating_add(1)
    }
}

/// floor(base * i^(p/2)), `None` if it is more than fits a u64 (and so any threshold).
fn power_cost(base: u64, p: u32, i: u64) -> Option<u64> {
    if p.is_multiple_of(2) {
        return base.checked_mul(i.checked_pow(p / 2)?);
    }
    // An odd p is half an exponent over: floor(base * i^(p/2)) = isqrt(base^2 * i^p), exactly. A square that leaves u128
    // has a root that leaves u64.
    let square = u128::from(base).checked_mul(base.into())?.checked_mul(u128::from(i).checked_pow(p)?)?;
    u64::try_from(square.isqrt()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn power_costs_are_exact_roots() {
        assert_eq!(power_cost(100, 3, 2), Some(282));
        assert_eq!(power_cost(1, 1, 8), Some(2));
        assert_eq!(power_cost(1, 1, 9), Some(3));
        assert_eq!(power_cost(7, 0, 1_000_000), Some(7));
        assert_eq!(power_cost(1, 16, 1_000_000), None);
        assert_eq!(power_cost(u64::MAX, 1, 1), Some(u64::MAX));
        assert_eq!(power_cost(u64::MAX, 1, 2), None);
    }
}
