//! Rulesets in files: read, checked, and shown with their faults.

use std::fs;
use std::path::Path;

use levelkit::{Format, Ruleset, RulesetErrors};

use crate::excerpt;
use crate::paint::Paint;
use crate::stop::{Exit, Failure, Result};
use crate::text;

/// What a file holds.
#[derive(Debug)]
pub(crate) struct RulesFile {
    /// The file, as it was named.
    pub(crate) name: String,
    /// Its text, as far as it is UTF-8.
    pub(crate) text: String,
    /// The ruleset, or everything that is wrong with it.
    pub(crate) ruleset: std::result::Result<Ruleset, RulesetErrors>,
}

/// Reads a file; a ruleset with faults is an answer too.
pub(crate) fn read(path: &Path) -> Result<RulesFile> {
    let name = path.display().to_string();
    let extension = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
    let format = Format::from_extension(&extension).ok_or_else(|| {
        Failure::new(Exit::Input, "FILE", format!("{name} does not say which format it is in"))
            .hint("name it .json, .yaml, .yml or .toml")
    })?;
    let bytes = fs::read(path).map_err(|error| Failure::unreadable(path, &error))?;
    let ruleset = Ruleset::parse(&bytes, format);
    Ok(RulesFile { name, text: String::from_utf8_lossy(&bytes).into_owned(), ruleset })
}

/// Reads a file that must hold a sound ruleset.
pub(crate) fn read_sound(path: &Path, paint: Paint) -> Result<Ruleset> {
    let file = read(path)?;
    match file.ruleset {
        Ok(ruleset) => Ok(ruleset),
        Err(errors) => {
            let text = describe(&errors, &file.name, &file.text, paint);
            let faults = text::plural(errors.0.len(), "fault");
            let failure = Failure::new(Exit::Input, "INVALID_RULESET", format!("{} has {faults}", file.name))
                .hint("nothing was changed; levelkit check shows the faults again");
            Err(failure.faults(text, &errors).into())
        }
    }
}

/// Every fault with its excerpt.
pub(crate) fn describe(errors: &RulesetErrors, file: &str, text: &str, paint: Paint) -> String {
    let excerpts = errors.0.iter().map(|error| excerpt::of(error, file, text, paint));
    excerpts.collect::<Vec<_>>().join("\n")
}
