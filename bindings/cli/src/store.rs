//! Opening the store, and the clock: the only place that reads one.

use std::time::{SystemTime, UNIX_EPOCH};

use levelkit::Instant;
use levelkit_storage::{BlockingStore, Options, Result};

use crate::args::StoreArgs;

/// Opens a store that must be there, to be read.
pub(crate) fn open_to_read(args: &StoreArgs) -> Result<BlockingStore> {
    BlockingStore::open_with(&args.db, Options::new().create(false).read_only(true))
}

/// Opens a store that must be there, to be read and written.
pub(crate) fn open(args: &StoreArgs) -> Result<BlockingStore> {
    BlockingStore::open_with(&args.db, Options::new().create(false))
}

/// Opens a store, and makes its file where it is missing.
pub(crate) fn open_or_make(args: &StoreArgs) -> Result<BlockingStore> {
    BlockingStore::open(&args.db)
}

/// The instant it is now.
pub(crate) fn now() -> Instant {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since_1970.as_micros()).ok().and_then(Instant::from_micros).unwrap_or(Instant::MAX)
}
