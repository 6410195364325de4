//! Part C: what a command costs on a database, beside a script that writes the very same rows and decides nothing.

mod growth;
mod peer;
mod postgres;
mod sqlite;
mod world;

use crate::report::{Failed, Report};

/// Measures everything, or the section named; the part's title.
pub(crate) fn run(report: &mut Report, only: Option<&str>, full: bool) -> Result<&'static str, Failed> {
    let is_wanted = |section: &str| only.is_none_or(|only| only == section);
    if is_wanted("sqlite") {
        sqlite::run(report)?;
    }
    if is_wanted("postgres") {
        postgres::run(report)?;
    }
    if is_wanted("growth") {
        growth::run(report, full)?;
    }
    Ok("C. Storage")
}
