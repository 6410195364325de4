//! What is wrong with a ruleset: every fault with its path, its place in the text, a stable code, and what was expected.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::reader::Position;
use crate::api::whole;

/// Faults that are reported at most; a hostile document could hold millions.
pub(crate) const MAX_ERRORS: usize = 10_000;

/// The kind of a ruleset's fault (the rules, section 13).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum), uniffi::export(Display))]
pub enum RulesetErrorCode {
    /// The text is not JSON (or YAML, or TOML).
    InvalidJson,
    /// A key stands twice in one object.
    DuplicateKey,
    /// `format` is not `levelkit.ruleset/1`.
    InvalidFormat,
    /// A field that does not exist there.
    UnknownField,
    /// A field that must be there is not.
    MissingField,
    /// A value of another type than the field's.
    WrongType,
    /// A word that is not in the field's closed set.
    UnknownValue,
    /// A number, an id or a list outside what is allowed.
    OutOfRange,
    /// A metric's name is malformed or reserved.
    InvalidMetric,
    /// A metric is used as another kind than it was declared or used before.
    MetricKind,
    /// Not an exact decimal factor that a `real` column can hold.
    InvalidMultiplier,
    /// The curve's thresholds do not strictly increase.
    CurveNotIncreasing,
    /// An id, or the value of a unique column, is taken.
    DuplicateId,
    /// An id that nothing has.
    UnknownReference,
    /// Two seasons run at the same time.
    SeasonOverlap,
    /// A text holds U+0000.
    InvalidText,
    /// A requirement is nested too deeply.
    RulesetTooDeep,
    /// The document, or a requirement, is too large.
    RulesetTooLarge,
}

impl RulesetErrorCode {
    /// The stable code, as section 13 of the rules names it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InvalidJson => "INVALID_JSON",
            Self::DuplicateKey => "DUPLICATE_KEY",
            Self::InvalidFormat => "INVALID_FORMAT",
            Self::UnknownField => "UNKNOWN_FIELD",
            Self::MissingField => "MISSING_FIELD",
            Self::WrongType => "WRONG_TYPE",
            Self::UnknownValue => "UNKNOWN_VALUE",
            Self::OutOfRange => "OUT_OF_RANGE",
            Self::InvalidMetric => "INVALID_METRIC",
            Self::MetricKind => "METRIC_KIND",
            Self::InvalidMultiplier => "INVALID_MULTIPLIER",
            Self::CurveNotIncreasing => "CURVE_NOT_INCREASING",
            Self::DuplicateId => "DUPLICATE_ID",
            Self::UnknownReference => "UNKNOWN_REFERENCE",
            Self::SeasonOverlap => "SEASON_OVERLAP",
            Self::InvalidText => "INVALID_TEXT",
            Self::RulesetTooDeep => "RULESET_TOO_DEEP",
            Self::RulesetTooLarge => "RULESET_TOO_LARGE",
        }
    }
}

impl fmt::Display for RulesetErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One fault of a ruleset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct RulesetError {
    /// The offending field, like `quests[3].requirements.requirements[1].op`; empty for the whole document.
    pub path: String,
    /// The kind of fault.
    pub code: RulesetErrorCode,
    /// What is wrong, and what was expected.
    pub message: String,
    /// The line in the text, from 1.
    #[serde(deserialize_with = "whole::deserialize")]
    pub line: u32,
    /// The character in the line, from 1.
    #[serde(deserialize_with = "whole::deserialize")]
    pub column: u32,
}

impl RulesetError {
    pub(super) fn new(path: impl fmt::Display, code: RulesetErrorCode, at: Position, message: String) -> Self {
        Self { path: path.to_string(), code, message, line: at.line, column: at.column }
    }

    /// A fault of the document as a whole.
    pub(super) fn whole(code: RulesetErrorCode, at: Position, message: String) -> Self {
        Self::new("", code, at, message)
    }
}

impl std::error::Error for RulesetError {}

impl fmt::Display for RulesetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.path.chars() {
            // A key can hold anything, and a terminal or a log should not obey it.
            match character.is_control() {
                true => write!(f, "{}", character.escape_debug())?,
                false => write!(f, "{character}")?,
            }
        }
        let separator = if self.path.is_empty() { "" } else { ": " };
        write!(f, "{separator}{}", self.message)
    }
}

/// Every fault of a ruleset, by its place in the text; at most 10,000 of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct RulesetErrors(pub Vec<RulesetError>);

impl RulesetErrors {
    /// The faults, sorted by their place in the text.
    pub(super) fn sorted(mut errors: Vec<RulesetError>) -> Self {
        errors.sort_by_key(|error| (error.line, error.column));
        Self(errors)
    }
}

impl From<RulesetError> for RulesetErrors {
    fn from(error: RulesetError) -> Self {
        Self(vec![error])
    }
}

impl std::error::Error for RulesetErrors {}

impl fmt::Display for RulesetErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, error) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { "\n" };
            write!(f, "{separator}{}:{}: {error}", error.line, error.column)?;
        }
        Ok(())
    }
}
