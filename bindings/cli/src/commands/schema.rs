//! `levelkit schema`: the JSON Schema of rulesets.

use levelkit::ruleset;

use crate::args::SchemaArgs;
use crate::console::Console;
use crate::stop::{Exit, Result};

pub(crate) fn run(_: &SchemaArgs, console: &mut Console) -> Result<Exit> {
    let schema = ruleset::schema();
    console.answer(&schema, |_| format!("{schema:#}\n"))?;
    Ok(Exit::Yes)
}
