//! The ruleset document: read, checked, canonical, compiled.
//!
//! ```
//! use levelkit::ruleset::{Format, read_document};
//! let faulty = r#"{"format":"levelkit.ruleset/1","quests":[{"base_xp":"lots"}]}"#;
//! let errors = read_document(faulty, Format::Json).unwrap_err();
//! let codes: Vec<_> = errors.0.iter().map(|error| (error.path.as_str(), error.code.as_str())).collect();
//! assert!(codes.contains(&("quests[0].base_xp", "WRONG_TYPE")));
//! assert!(codes.contains(&("quests[0].name", "MISSING_FIELD")));
//! ```

mod canonical;
pub(crate) mod compile;
mod decimal;
pub(crate) mod defaults;
pub mod document;
pub(crate) mod error;
mod handle;
mod metric;
mod parse;
mod reader;
#[cfg(feature = "schema")]
mod schema;

pub use canonical::{canonical, hash};
pub use document::Document;
pub use error::{RulesetError, RulesetErrorCode, RulesetErrors};
pub use handle::Ruleset;
pub use reader::Format;
#[cfg(feature = "schema")]
pub(crate) use schema::patterns;
#[cfg(feature = "schema")]
pub use schema::schema;

use crate::curve::CurveSpec;
use crate::requirement::Requirement;
use document::Modifiers;
use parse::{Checker, Value};
use reader::Path;

/// Reads a whole ruleset, with every default filled in.
///
/// # Errors
/// Every fault at once, by its place in the text. A text that is longer than 8 MiB, or that is not in the format, has one fault only.
pub fn read_document(text: impl AsRef<[u8]>, format: Format) -> Result<Document, RulesetErrors> {
    let tree = reader::read(text.as_ref(), format)?;
    let mut checker = Checker::for_document(tree.duplicates, &tree.root);
    let document = parse::document(&mut checker, Value { node: &tree.root, path: Path::ROOT });
    settled(checker, document)
}

/// Reads a requirement alone, as JSON; paths are relative to it, and the quests it names are not looked for.
///
/// # Errors
/// Every fault at once.
pub fn parse_requirement(text: impl AsRef<[u8]>) -> Result<Requirement, RulesetErrors> {
    parse_part(text.as_ref(), parse::requirement)
}

/// Reads a levelling curve alone, as JSON; paths are relative to it.
///
/// # Errors
/// Every fault at once.
pub fn parse_curve(text: impl AsRef<[u8]>) -> Result<CurveSpec, RulesetErrors> {
    parse_part(text.as_ref(), parse::curve)
}

/// Reads the modifier stack's settings alone, as JSON; paths are relative to them.
///
/// # Errors
/// Every fault at once.
pub fn parse_modifiers(text: impl AsRef<[u8]>) -> Result<Modifiers, RulesetErrors> {
    parse_part(text.as_ref(), parse::modifiers)
}

fn parse_part<T>(text: &[u8], parse: impl FnOnce(&mut Checker, Value<'_>) -> Option<T>) -> Result<T, RulesetErrors> {
    let tree = reader::read(text, Format::Json)?;
    let mut checker = Checker::for_part(tree.duplicates);
    let parsed = parse(&mut checker, Value { node: &tree.root, path: Path::ROOT });
    settled(checker, parsed)
}

/// What was read, if there was no fault: a parser that gives up has reported why.
fn settled<T>(checker: Checker, parsed: Option<T>) -> Result<T, RulesetErrors> {
    match (parsed, checker.into_errors()) {
        (Some(parsed), errors) if errors.is_empty() => Ok(parsed),
        (_, errors) => Err(RulesetErrors::sorted(errors)),
    }
}
