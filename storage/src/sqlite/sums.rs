//! Sums of measurements over days that the history no longer holds.
//!
//! A requirement over the whole history may ask for `sum.steps`. Adding a life's days up anew for each command would cost more
//! every day, so `levelkit_sums` holds the sum of the days before `levelkit_players.sums_until`, added in ascending day order
//! like any other. History begins there. Every month or so the days between are added and the boundary moves on; should
//! a changed ruleset look further back than the boundary, the sums are made anew.

use diesel::SqliteConnection;
use diesel::prelude::*;
use levelkit::Day;
use levelkit::player::PastMetric;

use super::schema::{levelkit_facts, levelkit_players, levelkit_sums};
use crate::error::Result;

/// How many days more than needed a history may hold before the boundary moves on.
const SLACK_DAYS: i32 = 31;

/// From which day on history is loaded, and how the days before it are summed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sums {
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
pub(super) fn plan(until: Option<Day>, needed: Day, first_day: Option<Day>) -> Sums {
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
    pub(super) fn from(self) -> Day {
        match self {
            Self::Nothing(from) | Self::Stored(from) | Self::Grown(_, from) | Self::Anew(from) => from,
        }
    }

    /// The sums of the days before.
    pub(super) fn load(self, conn: &mut SqliteConnection, id: &str) -> Result<Vec<PastMetric>> {
        let mut past = match self {
            Self::Nothing(_) => return Ok(Vec::new()),
            Self::Stored(_) | Self::Grown(..) => stored(conn, id)?,
            Self::Anew(_) => Vec::new(),
        };
        let (since, until) = match self {
            Self::Nothing(_) | Self::Stored(_) => return Ok(past),
            Self::Grown(since, until) => (since, until),
            Self::Anew(until) => (Day::MIN, until),
        };
        let facts = levelkit_facts::table
            .filter(levelkit_facts::user_id.eq(id))
            .filter(levelkit_facts::day.ge(since.to_string()).and(levelkit_facts::day.lt(until.to_string())))
            .filter(levelkit_facts::number.is_not_null())
            .order((levelkit_facts::day, levelkit_facts::metric))
            .select((levelkit_facts::metric, levelkit_facts::number.assume_not_null()));
        for fact in facts.load_iter::<(String, f64), diesel::connection::DefaultLoadingMode>(conn)? {
            let (metric, number) = fact?;
            match past.iter_mut().find(|known| *known.metric == *metric) {
                Some(known) => (known.sum, known.max) = (known.sum + number, known.max.max(number)),
                None => past.push(PastMetric { metric: metric.into(), sum: number, max: number }),
            }
        }
        Ok(past)
    }

    /// Keeps sums that were grown or made anew, which [`load`](Self::load) gave.
    pub(super) fn keep(self, conn: &mut SqliteConnection, id: &str, past: &[PastMetric]) -> Result<()> {
        let until = match self {
            Self::Nothing(_) | Self::Stored(_) => return Ok(()),
            Self::Grown(_, until) | Self::Anew(until) => until,
        };
        diesel::delete(levelkit_sums::table.filter(levelkit_sums::user_id.eq(id))).execute(conn)?;
        for PastMetric { metric, sum, max } in past {
            let row = (
                levelkit_sums::user_id.eq(id),
                levelkit_sums::metric.eq(&**metric),
                levelkit_sums::sum.eq(sum),
                levelkit_sums::max.eq(max),
            );
            diesel::insert_into(levelkit_sums::table).values(row).execute(conn)?;
        }
        let record = diesel::update(levelkit_players::table.find(id));
        record.set(levelkit_players::sums_until.eq(until.to_string())).execute(conn)?;
        Ok(())
    }
}

fn stored(conn: &mut SqliteConnection, id: &str) -> Result<Vec<PastMetric>> {
    let rows = levelkit_sums::table
        .filter(levelkit_sums::user_id.eq(id))
        .select((levelkit_sums::metric, levelkit_sums::sum, levelkit_sums::max))
        .load::<(String, f64, f64)>(conn)?;
    Ok(rows.into_iter().map(|(metric, sum, max)| PastMetric { metric: metric.into(), sum, max }).collect())
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
