//! `levelkit export-player` and `levelkit erase-player`: what is known of somebody, handed out or erased.

use std::fs;
use std::path::Path;

use serde_json::json;

use crate::args::{ErasePlayerArgs, ExportPlayerArgs};
use crate::console::Console;
use crate::stop::{Exit, Failure, Result};
use crate::store;
use crate::tame;

pub(crate) fn export(args: &ExportPlayerArgs, console: &mut Console) -> Result<Exit> {
    let export = store::open_to_read(&args.store)?.export_player(&args.id)?;
    let text = serde_json::to_string_pretty(&export).map_err(|error| {
        Failure::new(Exit::Store, "STORE_CORRUPT", format!("the export cannot be written as JSON: {error}"))
    })?;
    let Some(path) = &args.output else {
        console.document(&text)?;
        return Ok(Exit::Yes);
    };
    let file = write(path, &format!("{text}\n"))?;
    console.answer(&json!({ "file": file, "player": args.id }), |paint| {
        format!("{} {file} holds everything about {}, except secrets.\n", paint.good("ok"), tame::name(&args.id))
    })?;
    Ok(Exit::Yes)
}

pub(crate) fn erase(args: &ErasePlayerArgs, console: &mut Console) -> Result<Exit> {
    if !args.yes {
        let message = format!("erasing {} cannot be undone", args.id);
        return Err(Failure::new(Exit::Usage, "USAGE", message).hint("add --yes to do it").into());
    }
    let now = args.at.unwrap_or_else(store::now);
    let erased = store::open(&args.store)?.erase_player(&args.id, now)?;
    console.answer(&json!({ "player": args.id, "erased": erased }), |paint| {
        let what = match erased {
            true => "is erased; the id and the ledger stay",
            false => "was erased before; what came since is erased too",
        };
        format!("{} {}'s personal data {what}.\n", paint.good("ok"), tame::name(&args.id))
    })?;
    Ok(Exit::Yes)
}

/// Writes a file whole; its name as it is shown.
pub(crate) fn write(path: &Path, text: &str) -> Result<String> {
    let file = path.display().to_string();
    fs::write(path, text).map_err(|error| {
        Failure::new(Exit::Input, "FILE", format!("{file} cannot be written: {error}"))
            .hint("check the folder and its permissions")
    })?;
    Ok(file)
}
