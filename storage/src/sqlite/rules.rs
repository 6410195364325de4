//! Rulesets as the database holds them.

use std::sync::Arc;

use diesel::SqliteConnection;
use diesel::prelude::*;
use levelkit::Engine;
use levelkit::player::RulesetHash;

use super::schema::levelkit_rulesets;
use crate::convert;
use crate::error::{Error, Kind, Result};
use crate::rulesets::{Known, Rulesets};

/// The engine of the ruleset in force.
///
/// # Errors
/// `NO_RULESET`.
pub(super) fn current(conn: &mut SqliteConnection, rulesets: &Rulesets) -> Result<Engine> {
    let in_force = in_force(conn)?.ok_or_else(|| Error::new(Kind::NoRuleset))?;
    engine(conn, rulesets, in_force, &[])
}

/// The engine of a ruleset, which also knows the rulesets of `past`.
pub(super) fn engine(
    conn: &mut SqliteConnection,
    rulesets: &Rulesets,
    in_force: RulesetHash,
    past: &[RulesetHash],
) -> Result<Engine> {
    for hash in past.iter().chain([&in_force]) {
        known(conn, rulesets, *hash)?;
    }
    rulesets.engine(in_force, past)
}

/// A ruleset by its hash.
pub(super) fn known(conn: &mut SqliteConnection, rulesets: &Rulesets, hash: RulesetHash) -> Result<Arc<Known>> {
    if let Some(known) = rulesets.get(hash) {
        return Ok(known);
    }
    let text =
        levelkit_rulesets::table.find(hash.to_string()).select(levelkit_rulesets::document).first(conn).optional()?;
    rulesets.add(hash, text)
}

/// The hash of the ruleset in force.
pub(super) fn in_force(conn: &mut SqliteConnection) -> Result<Option<RulesetHash>> {
    let latest = levelkit_rulesets::table.order(levelkit_rulesets::active_from.desc()).select(levelkit_rulesets::hash);
    let hash: Option<String> = latest.first(conn).optional()?;
    hash.map(|hash| convert::hash("levelkit_rulesets.hash", &hash)).transpose()
}
