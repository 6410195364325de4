//! A player's past: lists that only grow at their end, as far back as the rules look.

use serde::{Deserialize, Serialize};

use super::Fact;
use crate::api::{Day, MetricValue, whole};
use crate::name::Name;

/// Closed days, as far back as the rules look; every list only grows at its end.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct History {
    /// Closed days, in order.
    pub days: Vec<ClosedDay>,
    /// Measurements of closed days, in day order.
    pub facts: Vec<Fact>,
    /// Completed quest logs, of closed and open days.
    pub completions: Vec<EndedLog>,
    /// Quest logs that ended without completion.
    pub misses: Vec<EndedLog>,
    /// The day of each dungeon clear.
    pub clears: Vec<Day>,
    /// The day of each boss victory.
    pub victories: Vec<Day>,
    /// What is left of the measurements of days that are no longer here.
    pub past: Vec<PastMetric>,
}

/// A closed day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClosedDay {
    /// The date.
    pub day: Day,
    /// Core quests completed.
    #[serde(deserialize_with = "whole::deserialize")]
    pub core_completed: i32,
    /// Core quests it had.
    #[serde(deserialize_with = "whole::deserialize")]
    pub core_total: i32,
}

impl ClosedDay {
    /// Whether it had core quests and none was missed.
    pub fn is_perfect(&self) -> bool {
        self.core_total > 0 && self.core_completed >= self.core_total
    }
}

/// A quest log that has ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndedLog {
    /// Its day; a weekly quest's Monday.
    pub day: Day,
    /// The quest's id.
    pub quest: Name,
}

/// A metric's sum and maximum over days that the history no longer holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PastMetric {
    /// The metric.
    pub metric: Name,
    /// The sum of its values, added in ascending day order.
    pub sum: f64,
    /// The largest of its values.
    pub max: f64,
}

/// How long each list of a history was, to cut it back to.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct HistoryMark {
    days: usize,
    facts: usize,
    completions: usize,
    misses: usize,
    clears: usize,
    victories: usize,
}

impl History {
    pub(crate) fn mark(&self) -> HistoryMark {
        HistoryMark {
            days: self.days.len(),
            facts: self.facts.len(),
            completions: self.completions.len(),
            misses: self.misses.len(),
            clears: self.clears.len(),
            victories: self.victories.len(),
        }
    }

    pub(crate) fn cut_back(&mut self, mark: HistoryMark) {
        self.days.truncate(mark.days);
        self.facts.truncate(mark.facts);
        self.completions.truncate(mark.completions);
        self.misses.truncate(mark.misses);
        self.clears.truncate(mark.clears);
        self.victories.truncate(mark.victories);
    }

    /// Lets go of days before `from`, keeping what whole-history sums need.
    pub(crate) fn forget_before(&mut self, from: Day) {
        let facts = self.facts.partition_point(|fact| fact.day < from);
        for fact in self.facts.drain(..facts) {
            if let MetricValue::Number(number) = fact.value {
                match self.past.iter_mut().find(|past| past.metric == fact.metric) {
                    Some(past) => (past.sum, past.max) = (past.sum + number, past.max.max(number)),
                    None => self.past.push(PastMetric { metric: fact.metric, sum: number, max: number }),
                }
            }
        }
        self.days.retain(|closed| closed.day >= from);
        self.completions.retain(|log| log.day >= from);
        self.misses.retain(|log| log.day >= from);
        self.clears.retain(|day| *day >= from);
        self.victories.retain(|day| *day >= from);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_forgotten_is_summed_and_the_rest_stays() {
        let day = |number: i32| Day::MIN.plus(number);
        let fact = |number: i32| Fact {
            day: day(number),
            metric: "steps".into(),
            value: f64::from(number).into(),
            observed_at: crate::Instant::MIN,
        };
        let ended = |number: i32| EndedLog { day: day(number), quest: "walk".into() };
        let closed = |number: i32| ClosedDay { day: day(number), core_completed: 0, core_total: 0 };
        let mut history = History {
            days: (1..=10).map(closed).collect(),
            facts: (1..=10).map(fact).collect(),
            completions: (1..=10).map(ended).collect(),
            misses: (1..=10).map(ended).collect(),
            clears: (1..=10).map(day).collect(),
            victories: (1..=10).map(day).collect(),
            past: vec![],
        };
        let rest: Vec<Day> = (5..=10).map(day).collect();
        for _ in 0..2 {
            history.forget_before(day(5));
            assert_eq!(history.days.iter().map(|closed| closed.day).collect::<Vec<_>>(), rest);
            assert_eq!(history.facts.iter().map(|fact| fact.day).collect::<Vec<_>>(), rest);
            assert_eq!(history.completions.iter().map(|log| log.day).collect::<Vec<_>>(), rest);
            assert_eq!(history.misses.iter().map(|log| log.day).collect::<Vec<_>>(), rest);
            assert_eq!((&history.clears, &history.victories), (&rest, &rest));
            assert_eq!(history.past, [PastMetric { metric: "steps".into(), sum: 10.0, max: 4.0 }]);
        }
        history.forget_before(day(7));
        assert_eq!(history.past, [PastMetric { metric: "steps".into(), sum: 21.0, max: 6.0 }]);
    }
}
