//! How a store is opened, as the languages say it.

use std::time::Duration;

use levelkit_storage::Options;
use serde::{Deserialize, Serialize};

/// How a store is opened; everything may be left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(extend("x-input" = true)))]
#[serde(default, deny_unknown_fields)]
pub struct StoreOptions {
    /// Whether it is opened for reading only; a missing file is then `STORE_MISSING`. No by default.
    pub read_only: Option<bool>,
    /// Whether a missing file is made (the default) or is `STORE_MISSING`.
    pub create: Option<bool>,
    /// When SQLite waits for the disk: at every commit by default.
    pub synchronous: Option<Synchronous>,
    /// How long to wait for another process that is writing, in milliseconds; 5,000 by default.
    pub busy_timeout_ms: Option<u32>,
    /// How many connections serve views beside the one that writes, 1 to 64; 2 by default.
    pub readers: Option<u32>,
}

/// When SQLite waits for the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Synchronous {
    /// At every commit: an acknowledged command survives a power loss.
    Full,
    /// At checkpoints only: about twice as fast. A power loss can undo the last commits, never a part of one.
    Normal,
}

impl From<StoreOptions> for Options {
    fn from(given: StoreOptions) -> Self {
        let StoreOptions { read_only, create, synchronous, busy_timeout_ms, readers } = given;
        let mut options = Self::new();
        if let Some(read_only) = read_only {
            options = options.read_only(read_only);
        }
        if let Some(create) = create {
            options = options.create(create);
        }
        if let Some(synchronous) = synchronous {
            options = options.synchronous(match synchronous {
                Synchronous::Full => levelkit_storage::Synchronous::Full,
                Synchronous::Normal => levelkit_storage::Synchronous::Normal,
            });
        }
        if let Some(milliseconds) = busy_timeout_ms {
            options = options.busy_timeout(Duration::from_millis(milliseconds.into()));
        }
        if let Some(readers) = readers {
            options = options.readers(usize::try_from(readers).unwrap_or(usize::MAX));
        }
        options
    }
}
