//! `levelkit export`: the ruleset in force, in its canonical form.

use std::fs;

use levelkit::Ruleset;
use serde_json::{Value, json};

use crate::args::ExportArgs;
use crate::console::Console;
use crate::stop::{Exit, Failure, Result};
use crate::store;

pub(crate) fn run(args: &ExportArgs, console: &mut Console) -> Result<Exit> {
    let canonical = store::open_to_read(&args.store)?.export_ruleset()?;
    let text = match args.pretty {
        true => pretty(&canonical),
        false => canonical.clone(),
    };
    let Some(path) = &args.output else {
        console.document(&text)?;
        return Ok(Exit::Yes);
    };
    let file = path.display().to_string();
    fs::write(path, format!("{text}\n")).map_err(|error| {
        Failure::new(Exit::Input, "FILE", format!("{file} cannot be written: {error}"))
            .hint("check the folder and its permissions")
    })?;
    let hash = Ruleset::from_json(&canonical).map(|ruleset| ruleset.hash().to_string()).ok();
    console.answer(&json!({ "file": file, "hash": hash }), |paint| {
        format!(
            "{} {file} holds the ruleset in force.\nhash {}\n",
            paint.good("ok"),
            hash.as_deref().unwrap_or("unknown")
        )
    })?;
    Ok(Exit::Yes)
}

/// The same document in lines; numbers stay as they are written.
fn pretty(canonical: &str) -> String {
    let value = serde_json::from_str::<Value>(canonical);
    value.and_then(|value| serde_json::to_string_pretty(&value)).unwrap_or_else(|_| canonical.to_owned())
}
