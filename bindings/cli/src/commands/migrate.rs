//! `levelkit migrate`: the store's tables, made or brought up to date.

use levelkit_storage::masked_url;
use serde_json::json;

use crate::args::MigrateArgs;
use crate::console::Console;
use crate::stop::{Exit, Failure, Result};
use crate::store;

pub(crate) fn run(args: &MigrateArgs, console: &mut Console) -> Result<Exit> {
    let db = &masked_url(&args.store.db);
    if args.down {
        if !args.yes {
            let message = format!("taking the tables of {db} away, with what is in them, cannot be undone");
            return Err(Failure::new(Exit::Usage, "USAGE", message).hint("add --yes to do it").into());
        }
        store::open(&args.store)?.revert()?;
        console.answer(&json!({ "db": db, "to": 0 }), |paint| {
            format!("{} {db} holds nothing of levelkit's any more.\n", paint.good("ok"))
        })?;
        return Ok(Exit::Yes);
    }
    let migrated = store::open_or_make(&args.store)?.migrate()?;
    let answer = json!({ "db": db, "from": migrated.before, "to": migrated.after, "applied": migrated.applied });
    console.answer(&answer, |paint| match migrated.applied.as_slice() {
        [] => format!("{} {db} is at version {} already; nothing was changed.\n", paint.good("ok"), migrated.after),
        applied => {
            let (from, to) = (migrated.before, migrated.after);
            format!("{} {db} went from version {from} to {to}: {}.\n", paint.good("ok"), applied.join(", "))
        }
    })?;
    Ok(Exit::Yes)
}
