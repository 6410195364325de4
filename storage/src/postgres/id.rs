//! Ids as a server takes them. No text of PostgreSQL holds U+0000, so an id with one in it is nobody's.

use super::leaderboard::unknown;
use crate::assemble::unknown_player;
use crate::error::Result;

/// Whether anything can have this id.
pub(super) fn is_possible(id: &str) -> bool {
    !id.contains('\0')
}

/// The id, or one that nobody has.
pub(super) fn sendable(id: &str) -> &str {
    if is_possible(id) { id } else { "" }
}

/// A player's id; `UNKNOWN_ID` for one that nobody can have.
pub(super) fn of_player(id: &str) -> Result<&str> {
    if is_possible(id) { Ok(id) } else { Err(unknown_player(id)) }
}

/// A season's id; `UNKNOWN_ID` for one that no season can have.
pub(super) fn of_season(id: &str) -> Result<&str> {
    if is_possible(id) { Ok(id) } else { Err(unknown(id)) }
}
