//! `levelkit import`: puts a ruleset in force.

use levelkit_storage::masked_url;
use serde_json::json;

use crate::args::ImportArgs;
use crate::console::Console;
use crate::rules_file;
use crate::stop::{Exit, Result};
use crate::store;

pub(crate) fn run(args: &ImportArgs, console: &mut Console) -> Result<Exit> {
    let ruleset = rules_file::read_sound(&args.rules, console.error_paint())?;
    let db = &masked_url(&args.store.db);
    let imported = store::open(&args.store)?.import_ruleset(&ruleset, store::now())?;
    let file = args.rules.display().to_string();
    let answer = json!({ "db": db, "file": file, "hash": imported.hash, "changed": imported.changed });
    console.answer(&answer, |paint| {
        let what = match imported.changed {
            true => "is in force for days that open from now on",
            false => "was in force already; nothing was changed",
        };
        format!("{} {file} {what}.\nhash {}\n", paint.good("ok"), imported.hash)
    })?;
    Ok(Exit::Yes)
}
