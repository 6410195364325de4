//! Sums of measurements over days that the history no longer holds.
//!
//! A requirement over the whole history may ask for `sum.steps`. Adding a life's days up anew for each command would cost more
//! every day, so the store holds the sums of the days before `sums_until`, added in ascending day order like any other. History
//! begins there. Every month or so the days between are added and the boundary moves on; should a changed ruleset look
//! further back than the boundary, the sums are made anew.

use levelkit::Day;
use levelkit::player::PastMetric;

/// How many days more than needed a history may hold before the boundary moves on.
const SLACK_DAYS: i32 = 31;

/// From which day on history is loaded, and how the days before it are summed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sums {
    /// Nothing was measured before that day.
    Nothing(Day),
    /// The stored sums end there.
    Stored(Day),
    /// The stored sums end at the first day; those up to the second are added to them.
    Grown(Day, Day),
    /// The sums up to that day are made anew.
    Anew(Day),
}

/// Decides where history begins, for rules that look back to `needed`.
pub(crate) fn plan(until: Option<Day>, needed: Day, first_day: Option<Day>) -> Sums {
    let first_day = first_day.unwrap_or(Day::MAX);
    match until {
        Some(until) if until <= needed && needed <= until.plus(SLACK_DAYS) => Sums::Stored(until),
        Some(until) if until <= needed => Sums::Grown(until, needed),
        _ if needed <= first_day.plus(SLACK_DAYS) => Sums::Nothing(needed.min(first_day)),
        _ => Sums::Anew(needed),
    }
}

impl Sums {
    /// The first day that history holds.
    pub(crate) fn from(self) -> Day {
        match self {
            Self::Nothing(from) | Self::Stored(from) | Self::Grown(_, from) | Self::Anew(from) => from,
        }
    }

    /// From which day on facts are added to the stored sums, up to which day; none where the stored sums are right.
    pub(crate) fn growth(self) -> Option<(Day, Day)> {
        match self {
            Self::Nothing(_) | Self::Stored(_) => None,
            Self::Grown(since, until) => Some((since, until)),
            Self::Anew(until) => Some((Day::MIN, until)),
        }
    }

    /// The same once the sums that have grown are stored.
    #[cfg(feature = "postgres")]
    pub(crate) fn written(self) -> Self {
        self.growth().map_or(self, |(_, until)| Self::Stored(until))
    }

    /// Whether rules that look back to `needed` find what they ask for.
    #[cfg(feature = "postgres")]
    pub(crate) fn reach_back_to(self, needed: Day) -> bool {
        matches!(self, Self::Nothing(_)) || self.from() <= needed
    }

    /// Whether there are stored sums to begin with.
    pub(crate) fn has_stored(self) -> bool {
        matches!(self, Self::Stored(_) | Self::Grown(..))
    }
}

/// Adds a measurement to the sums; call it in ascending day order.
pub(crate) fn add(past: &mut Vec<PastMetric>, metric: &str, number: f64) {
    match past.iter_mut().find(|known| *known.metric == *metric) {
        Some(known) => (known.sum, known.max) = (known.sum + number, known.max.max(number)),
        None => past.push(PastMetric { metric: metric.into(), sum: number, max: number }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_boundary_moves_on_rarely_and_never_past_what_is_needed() {
        let day = |number| Day::from_number(number).unwrap();
        let first = Some(day(1000));
        assert_eq!(plan(None, day(900), first), Sums::Nothing(day(900)));
        assert_eq!(plan(None, day(1031), first), Sums::Nothing(day(1000)));
        assert_eq!(plan(None, day(1032), first), Sums::Anew(day(1032)));
        assert_eq!(plan(Some(day(1032)), day(1063), first), Sums::Stored(day(1032)));
        assert_eq!(plan(Some(day(1032)), day(1064), first), Sums::Grown(day(1032), day(1064)));
        assert_eq!(plan(Some(day(1064)), day(1040), first), Sums::Anew(day(1040)));
        assert_eq!(plan(Some(day(1064)), day(900), first), Sums::Nothing(day(900)));
    }
}
