//! Listed thresholds, then a constant step.

use crate::api::Xp;

/// Thresholds of levels 1 to n, and what each further level costs.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Listed {
    thresholds: Box<[i64]>,
    step: i64,
}

impl Listed {
    pub(super) fn new(thresholds: &[Xp], step: i64) -> Self {
        Self { thresholds: thresholds.iter().map(|xp| xp.0).collect(), step: step.max(1) }
    }

    pub(super) fn threshold(&self, level: i32) -> Option<i64> {
        let index = usize::try_from(level).ok()?.checked_sub(1)?;
        if let Some(&threshold) = self.thresholds.get(index) {
            return Some(threshold);
        }
        let further = i64::try_from(index - self.thresholds.len()).ok()?.checked_add(1)?;
        self.thresholds.last()?.checked_add(further.checked_mul(self.step)?)
    }

    /// The level without regard to `max_level`.
    pub(super) fn level(&self, total_xp: i64) -> i32 {
        let listed = self.thresholds.partition_point(|&threshold| threshold <= total_xp);
        let last = match self.thresholds.last() {
            // Beyond the list; the total is at least the last threshold, so this cannot overflow.
            Some(&last) if listed == self.thresholds.len() => last,
            _ => total_xp,
        };
        let further = total_xp.saturating_sub(last) / self.step;
        let level = i64::try_from(listed).unwrap_or(i64::MAX).saturating_add(further);
        i32::try_from(level.max(1)).unwrap_or(i32::MAX)
    }
}
