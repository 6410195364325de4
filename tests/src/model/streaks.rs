//! The rules, section 5: streaks and debuff, recomputed from the closed days.

use super::instants::HOUR;
use super::state::{Day, Player};

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Streaks {
    pub current: i64,
    pub perfect: i64,
    pub longest: i64,
    /// How often a streak above 0 was broken.
    pub broken: i64,
}

impl Player {
    /// A closed day without a core quest is neutral.
    pub fn all_completed(&self, day: &Day) -> bool {
        day.core_total > 0 && self.core_completed(day.date) == day.core_total
    }

    pub fn debuff_triggered(&self, day: &Day) -> bool {
        day.core_total - self.core_completed(day.date) >= self.rules.debuff_missed
    }

    pub fn streaks(&self) -> Streaks {
        let mut s = Streaks::default();
        for day in self.closed_days() {
            if day.core_total == 0 {
                continue;
            }
            let completed = self.core_completed(day.date);
            let missed = day.core_total - completed;
            if missed <= self.rules.allowed_misses && completed >= 1 {
                s.current += 1;
            } else {
                if s.current > 0 {
                    s.broken += 1;
                }
                s.current = 0;
            }
            if missed == 0 {
                s.perfect += 1;
            } else {
                s.perfect = 0;
            }
            s.longest = s.longest.max(s.current);
        }
        s
    }

    /// The later one wins; nothing shortens it.
    pub fn debuff_active_until(&self) -> Option<i64> {
        self.closed_days()
            .filter(|d| self.debuff_triggered(d))
            .filter_map(|d| d.closed)
            .map(|end| end + self.rules.debuff_hours * HOUR)
            .max()
    }

    pub fn debuffed(&self, t: i64) -> bool {
        self.debuff_active_until().is_some_and(|until| t < until)
    }
}
