//! Reading text: one streaming reader per format, all making the same tree, with work and memory bounded by the text's size.

mod build;
mod json;
mod node;
mod path;
#[cfg(test)]
mod tests;
#[cfg(feature = "toml")]
mod toml;
#[cfg(feature = "yaml")]
mod yaml;

use std::borrow::Cow;

pub(super) use node::{Entry, Kind, Node, Position};
pub(super) use path::{Path, quoted};

use super::error::{RulesetError, RulesetErrorCode as Code};

/// The longest text that is read: 8 MiB.
pub(super) const MAX_BYTES: usize = 8 << 20;
/// The most values a text may hold; an ordinary ruleset of 8 MiB has half as many.
const MAX_NODES: usize = 1_000_000;
/// The deepest value that is kept; a requirement of depth 32 needs some 70 levels. What lies deeper is read, but not kept.
const MAX_DEPTH: usize = 128;

/// The formats a ruleset can be written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// RFC 8259.
    Json,
    /// YAML 1.2 with the core schema; no anchors, aliases or tags.
    #[cfg(feature = "yaml")]
    Yaml,
    /// TOML 1.0.
    #[cfg(feature = "toml")]
    Toml,
}

impl Format {
    /// The format that a file's extension names, in lower case: `json`, `yaml`, `yml`, `toml`.
    pub fn from_extension(extension: &str) -> Option<Self> {
        match extension {
            "json" => Some(Self::Json),
            #[cfg(feature = "yaml")]
            "yaml" | "yml" => Some(Self::Yaml),
            #[cfg(feature = "toml")]
            "toml" => Some(Self::Toml),
            _ => None,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Json => "JSON",
            #[cfg(feature = "yaml")]
            Self::Yaml => "YAML",
            #[cfg(feature = "toml")]
            Self::Toml => "TOML",
        }
    }
}

/// A text as values, with the keys that stood twice.
#[derive(Debug)]
pub(super) struct Tree<'t> {
    pub(super) root: Node<'t>,
    pub(super) duplicates: Vec<RulesetError>,
}

/// Why a text has no tree: where, and what was expected.
#[derive(Debug)]
struct Fault {
    code: Code,
    at: Position,
    message: Cow<'static, str>,
}

impl Fault {
    fn syntax(at: Position, message: impl Into<Cow<'static, str>>) -> Self {
        Self { code: Code::InvalidJson, at, message: message.into() }
    }

    fn too_large(at: Position, message: impl Into<Cow<'static, str>>) -> Self {
        Self { code: Code::RulesetTooLarge, at, message: message.into() }
    }
}

/// The tree of a text. A text that cannot be read has one fault, at the empty path.
pub(super) fn read(text: &[u8], format: Format) -> Result<Tree<'_>, RulesetError> {
    tree(text, format).map_err(|fault| {
        let message = match fault.code {
            Code::InvalidJson => format!("invalid {}: {}", format.name(), fault.message),
            _ => fault.message.into_owned(),
        };
        RulesetError::whole(fault.code, fault.at, message)
    })
}

fn tree(text: &[u8], format: Format) -> Result<Tree<'_>, Fault> {
    if text.len() > MAX_BYTES {
        let message = format!("the document has {} bytes; at most {MAX_BYTES} are read", text.len());
        return Err(Fault::too_large(Position::START, message));
    }
    let text = std::str::from_utf8(text).map_err(|error| {
        let mut at = Position::START;
        at.advance(text.get(..error.valid_up_to()).unwrap_or_default());
        Fault::syntax(at, "expected UTF-8")
    })?;
    // Editors on Windows begin a file with a byte order mark.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    match format {
        Format::Json => json::read(text),
        #[cfg(feature = "yaml")]
        Format::Yaml => yaml::read(text),
        #[cfg(feature = "toml")]
        Format::Toml => toml::read(text),
    }
}

/// Digits of another radix in decimal; `None` if they are not such digits. Beyond 128 bits they are just very large.
#[cfg(any(feature = "yaml", feature = "toml"))]
fn from_radix(digits: &str, radix: u32) -> Option<String> {
    if digits.is_empty() || !digits.chars().all(|digit| digit.is_digit(radix)) {
        return None;
    }
    let number = u128::from_str_radix(digits, radix);
    Some(number.map_or_else(|_| "1e99".to_owned(), |number| number.to_string()))
}
