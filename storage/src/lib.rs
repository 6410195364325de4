//! levelkit-storage: keeps [levelkit]'s players in a database.
//!
//! A [`Store`] does one thing with care: it loads a player, lets the engine decide, writes every row the engine asks for, and
//! commits, all in one transaction. Nothing is decided here, and all SQL of levelkit is here. [`BlockingStore`] is the same
//! for callers without an executor, and [`Executor`] (and `PgExecutor`) for those who have a transaction of their own.
//!
//! # Databases
//! SQLite is built in; [`Store::open`] takes `sqlite:hunters.db`. With feature `postgres` it takes `postgres://...` too: the same
//! calls, the same bytes. [`Options`] says what each of them can be told.
//!
//! # The ledger
//! `xp_events` and `xp_modifiers` only grow: triggers refuse UPDATE, DELETE, REPLACE and upserts from any connection, and each
//! event seals the one before by its hash. Whoever owns the tables, or may write to the file, can still drop the triggers.
//! [`Store::verify`] finds what was changed then, as long as the engine's own record in
//! `levelkit_players` was not forged along with the chain.
//!
//! # The timeline
//! [`Store::timeline`] is rebuilt from rows, so it tells what they hold: a re-evaluation that changed nothing left none. A
//! day's own events carry the day's first or last instant in the zone then in force; of a boss fight the start and the end.
// uniffi's macros write the unsafe code that crossing to C needs; all of our own is checked without them.
#![cfg_attr(not(feature = "uniffi"), forbid(unsafe_code))]

#[cfg(feature = "uniffi")]
uniffi::setup_scaffolding!();

// Diesel links it; named here so that the bundled SQLite is built in.
use libsqlite3_sys as _;

mod assemble;
mod attempts;
mod bind;
mod blocking;
mod convert;
mod document;
mod error;
mod exported;
mod ledger;
mod lists;
mod options;
#[cfg(feature = "postgres")]
mod postgres;
mod privacy;
mod rows;
mod rulesets;
mod sqlite;
mod standings;
mod stops;
mod store;
mod sums;
mod timeline;
mod url;
mod view;
mod worker;
mod write;

pub use blocking::BlockingStore;
pub use error::{Error, Result};
pub use exported::{ExportedRow, ExportedTable, ExportedValue, PlayerExport};
pub use options::{Options, Synchronous};
#[cfg(feature = "postgres")]
pub use postgres::PgExecutor;
pub use sqlite::Executor;
pub use store::Store;
pub use url::masked_url;
pub use view::*;
