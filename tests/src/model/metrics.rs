//! The rules, section 6: derived metrics.

use chrono::NaiveDate;
use std::collections::{BTreeMap, BTreeSet};

use super::requirement::{Metric, reads};
use super::state::Player;

pub const STATE_NAMES: [&str; 14] = [
    "level",
    "total_xp",
    "current_streak",
    "perfect_streak",
    "longest_streak",
    "str",
    "agi",
    "vit",
    "disc",
    "days_since_start",
    "daily_completion_rate",
    "perfect_days",
    "dungeon_clears",
    "boss_victories",
];

/// The names and prefixes that are reserved.
pub fn is_derived(name: &str) -> bool {
    STATE_NAMES.contains(&name) || ["sum.", "max.", "days.", "completions."].iter().any(|p| name.starts_with(p))
}

/// `[a-z][a-z0-9_.]{0,63}`, and not reserved.
pub fn may_be_reported(name: &str) -> bool {
    let bytes = name.as_bytes();
    !bytes.is_empty()
        && bytes.len() <= 64
        && bytes[0].is_ascii_lowercase()
        && bytes.iter().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || *b == b'_' || *b == b'.')
        && !is_derived(name)
}

/// What a requirement is evaluated on.
pub struct Scope {
    pub raw: BTreeMap<String, Metric>,
    /// The window, inclusive.
    pub from: NaiveDate,
    pub to: NaiveDate,
    /// The open day; at a close, the day closed.
    pub today: NaiveDate,
    /// For a dungeon's challenges: sum. and max. look at the attempt's snapshot alone.
    pub attempt: Option<()>,
}

impl Player {
    pub fn metric(&self, name: &str, scope: &Scope) -> Option<Metric> {
        let inside = |date: NaiveDate| scope.from <= date && date <= scope.to;
        let count = |n: usize| Some(Metric::Number(n as f64));
        let whole = |n: i64| Some(Metric::Number(n as f64));

        if let Some(m) = name.strip_prefix("sum.") {
            let mut sum = 0.0;
            for value in self.daily_values(m, scope) {
                sum += value;
            }
            return Some(Metric::Number(sum));
        }
        if let Some(m) = name.strip_prefix("max.") {
            let mut max: Option<f64> = None;
            for value in self.daily_values(m, scope) {
                max = Some(max.map_or(value, |best| best.max(value)));
            }
            return max.map(Metric::Number);
        }
        if let Some(m) = name.strip_prefix("days.") {
            let days: BTreeSet<NaiveDate> = self
                .logs
                .iter()
                .filter(|l| l.status == "COMPLETED" && inside(l.day_date))
                .filter(|l| reads(&self.rules.quest(&l.quest).requirements).contains(m))
                .map(|l| l.day_date)
                .collect();
            return count(days.len());
        }
        if let Some(quest) = name.strip_prefix("completions.") {
            return count(
                self.logs.iter().filter(|l| l.quest == quest && l.status == "COMPLETED" && inside(l.day_date)).count(),
            );
        }
        match name {
            "level" => whole(self.level()),
            "total_xp" => whole(self.total_xp()),
            "current_streak" => whole(self.streaks().current),
            "perfect_streak" => whole(self.streaks().perfect),
            "longest_streak" => whole(self.streaks().longest),
            "str" | "agi" | "vit" | "disc" => {
                let stat = name.to_uppercase();
                Some(Metric::Number(self.stat(&stat) as f64 + self.stat_bonus(&stat)))
            }
            "days_since_start" => whole((scope.today - self.first_day()).num_days()),
            "daily_completion_rate" => {
                let (mut completed, mut total) = (0, 0);
                for day in self.closed_days().filter(|d| inside(d.date)) {
                    completed += self.core_completed(day.date);
                    total += day.core_total;
                }
                (total > 0).then(|| Metric::Number(completed as f64 / total as f64))
            }
            "perfect_days" => count(self.closed_days().filter(|d| inside(d.date) && self.all_completed(d)).count()),
            "dungeon_clears" => count(
                self.dungeons
                    .iter()
                    .filter(|d| d.status == "CLEARED")
                    .filter(|d| inside(self.local_day_then(d.completed_at.expect("cleared"))))
                    .count(),
            ),
            "boss_victories" => count(self.bosses.iter().filter(|b| b.victory_day.is_some_and(inside)).count()),
            raw => scope.raw.get(raw).copied(),
        }
    }

    /// The numeric values of a metric, one for each day of the window on which it was reported,
    /// in ascending day order.
    fn daily_values(&self, metric: &str, scope: &Scope) -> Vec<f64> {
        let number = |m: Option<&Metric>| match m {
            Some(Metric::Number(v)) => Some(*v),
            _ => None,
        };
        if scope.attempt.is_some() {
            return number(scope.raw.get(metric)).into_iter().collect();
        }
        let days: BTreeSet<NaiveDate> =
            self.facts.iter().map(|f| f.day).filter(|d| scope.from <= *d && *d <= scope.to).collect();
        days.into_iter().filter_map(|d| number(self.snapshot(d).get(metric))).collect()
    }
}
