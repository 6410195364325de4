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
    /// On SQLite: how many connections serve views beside the one that writes, 1 to 64; 2 by default.
    pub readers: Option<u32>,
    /// On a server: how many connections there are at most, 1 to 1,000; 8 by default.
    pub connections: Option<u32>,
    /// On a server: how long to wait for a connection, in milliseconds; 10,000 by default.
    pub connect_timeout_ms: Option<u32>,
    /// On a server: how long a statement may take, in milliseconds; 30,000 by default.
    pub statement_timeout_ms: Option<u32>,
    /// On a server: a PEM file with the certificates that the server's may be signed by, instead of the system's.
    pub root_certificates: Option<String>,
    /// By how much a command's instant may lie before the player's last one and is then raised to it, in milliseconds; by
    /// default 5,000 on a server, and nothing on SQLite.
    pub clock_tolerance_ms: Option<u32>,
    /// Whether the events of every command are kept for delivery, until somebody claims and acknowledges them. No by default.
    pub outbox: Option<bool>,
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
        let milliseconds = |given: u32| Duration::from_millis(given.into());
        let count = |given: u32| usize::try_from(given).unwrap_or(usize::MAX);
        let StoreOptions { read_only, create, synchronous, busy_timeout_ms, readers, .. } = given;
        let StoreOptions { connections, connect_timeout_ms, statement_timeout_ms, clock_tolerance_ms, .. } = given;
        let synchronous = synchronous.map(levelkit_storage::Synchronous::from);
        let set = Self::new();
        let set = with(set, read_only, Self::read_only);
        let set = with(set, create, Self::create);
        let set = with(set, synchronous, Self::synchronous);
        let set = with(set, busy_timeout_ms.map(milliseconds), Self::busy_timeout);
        let set = with(set, readers.map(count), Self::readers);
        let set = with(set, connections.map(count), Self::connections);
        let set = with(set, connect_timeout_ms.map(milliseconds), Self::connect_timeout);
        let set = with(set, statement_timeout_ms.map(milliseconds), Self::statement_timeout);
        let set = with(set, clock_tolerance_ms.map(milliseconds), Self::clock_tolerance);
        let set = with(set, given.outbox, Self::outbox);
        with(set, given.root_certificates, Self::root_certificates)
    }
}

/// Sets an option that is given.
fn with<T>(options: Options, given: Option<T>, set: impl FnOnce(Options, T) -> Options) -> Options {
    match given {
        Some(given) => set(options, given),
        None => options,
    }
}

impl From<Synchronous> for levelkit_storage::Synchronous {
    fn from(given: Synchronous) -> Self {
        match given {
            Synchronous::Full => Self::Full,
            Synchronous::Normal => Self::Normal,
        }
    }
}
