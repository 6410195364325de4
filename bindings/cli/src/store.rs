//! Opening the store, and the clock: the only place that reads one.

use std::time::{SystemTime, UNIX_EPOCH};

use levelkit::Instant;
use levelkit_storage::{BlockingStore, Options};

use crate::args::StoreArgs;
use crate::stop::Result;

/// Opens a store that must be there, to be read.
pub(crate) fn open_to_read(args: &StoreArgs) -> Result<BlockingStore> {
    Ok(BlockingStore::open_with(&args.db, Options::new().create(false).read_only(true))?)
}

/// Opens a store that must be there, to be read and written.
pub(crate) fn open(args: &StoreArgs) -> Result<BlockingStore> {
    Ok(BlockingStore::open_with(&args.db, Options::new().create(false))?)
}

/// Opens a store, and makes its file where it is missing.
pub(crate) fn open_or_make(args: &StoreArgs) -> Result<BlockingStore> {
    Ok(BlockingStore::open(&args.db)?)
}

/// The instant it is now.
pub(crate) fn now() -> Instant {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since_1970.as_micros()).ok().and_then(Instant::from_micros).unwrap_or(Instant::MAX)
}

/// A store's URL as it may be shown: without its password.
pub(crate) fn shown(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    // The host, and what comes after it, holds no `@`.
    match rest.rsplit_once('@').map(|(user, rest)| (user.split_once(':'), rest)) {
        Some((Some((user, _)), rest)) => format!("{scheme}://{user}:***@{rest}"),
        _ => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_not_shown() {
        assert_eq!(shown("postgres://me:se@sa:me@db.example:5432/x"), "postgres://me:***@db.example:5432/x");
        for url in ["postgres://me@localhost/x", "postgres:///x?host=/tmp", "sqlite:a:b@c.db", "sqlite:///a.db"] {
            assert_eq!(shown(url), url);
        }
    }
}
