//! The stored sums: read, grown and kept.

use diesel::SqliteConnection;
use diesel::prelude::*;
use levelkit::player::PastMetric;

use super::schema::{levelkit_facts, levelkit_players, levelkit_sums};
use crate::error::Result;
use crate::sums::{Sums, add};

/// The sums of the days before the history, out of those that are stored.
pub(super) fn grown(
    sums: Sums,
    stored: Vec<PastMetric>,
    conn: &mut SqliteConnection,
    id: &str,
) -> Result<Vec<PastMetric>> {
    let mut past = if sums.has_stored() { stored } else { Vec::new() };
    if let Some((since, until)) = sums.growth() {
        let facts = levelkit_facts::table
            .filter(levelkit_facts::user_id.eq(id))
            .filter(levelkit_facts::day.ge(since.to_string()).and(levelkit_facts::day.lt(until.to_string())))
            .filter(levelkit_facts::number.is_not_null())
            .order((levelkit_facts::day, levelkit_facts::metric))
            .select((levelkit_facts::metric, levelkit_facts::number.assume_not_null()));
        for fact in facts.load_iter::<(String, f64), diesel::connection::DefaultLoadingMode>(conn)? {
            let (metric, number) = fact?;
            add(&mut past, &metric, number);
        }
    }
    Ok(past)
}

/// Keeps sums that were grown or made anew, which [`grown`] gave.
pub(super) fn keep(sums: Sums, conn: &mut SqliteConnection, id: &str, past: &[PastMetric]) -> Result<()> {
    let Some((_, until)) = sums.growth() else {
        return Ok(());
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
