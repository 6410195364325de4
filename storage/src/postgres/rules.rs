//! Rulesets as the database holds them.

use std::sync::Arc;

use diesel::sql_types::Text;
use diesel_async::AsyncPgConnection;
use levelkit::Engine;
use levelkit::player::RulesetHash;

use super::query::sql;
use crate::convert;
use crate::error::{Error, Kind, Result};
use crate::rulesets::{Known, Rulesets};

/// The engine of the ruleset in force.
///
/// # Errors
/// `NO_RULESET`.
pub(super) async fn engine(connection: &AsyncPgConnection, rulesets: &Rulesets) -> Result<Engine> {
    let in_force = in_force(connection).await?.ok_or_else(|| Error::new(Kind::NoRuleset))?;
    known(connection, rulesets, in_force).await?;
    rulesets.engine(in_force, &[])
}

/// A ruleset by its hash; one that was needed before costs nothing.
pub(super) async fn known(c: &AsyncPgConnection, rulesets: &Rulesets, hash: RulesetHash) -> Result<Arc<Known>> {
    const DOCUMENT: &str = "SELECT document FROM levelkit.rulesets WHERE hash = ?";
    match rulesets.get(hash) {
        Some(known) => Ok(known),
        None => rulesets.add(hash, sql::<Text>(DOCUMENT, &[hash.into()]).row(c).await?),
    }
}

/// The hash of the ruleset in force.
pub(super) async fn in_force(connection: &AsyncPgConnection) -> Result<Option<RulesetHash>> {
    const IN_FORCE: &str = "SELECT hash FROM levelkit.rulesets ORDER BY active_from DESC LIMIT 1";
    let hash: Option<String> = sql::<Text>(IN_FORCE, &[]).row(connection).await?;
    hash.map(|hash| convert::hash("rulesets.hash", &hash)).transpose()
}
