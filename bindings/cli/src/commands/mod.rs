//! The commands, one file each; `play` has a folder of its own.

pub(crate) mod check;
pub(crate) mod export;
pub(crate) mod import;
pub(crate) mod leaderboard;
pub(crate) mod migrate;
pub(crate) mod player;
pub(crate) mod privacy;
pub(crate) mod roll_over;
pub(crate) mod schema;
pub(crate) mod timeline;
pub(crate) mod verify;
