//! How the boundary types cross to Swift and Kotlin, through uniffi (feature `uniffi`).
//!
//! Records and enums derive their way across where they are defined. Here stand the types that cross as something else, and the
//! one error that every verb of the binding throws. It lives beside the types because a value that cannot be read must be
//! refused as this very type: anything else would reach the host as an internal error.

use std::collections::HashMap;
use std::fmt::Display;
use std::str::FromStr;

use super::{Day, Instant, MetricValue, Metrics, Multiplier, Refusal, Xp};
use crate::ledger::EventHash;
use crate::narrative::NarrativeError;
use crate::ruleset::{RulesetError, RulesetErrors};

/// Why a call did nothing: a stable code, and the facts behind it.
#[derive(Clone, Debug, PartialEq, thiserror::Error, uniffi::Error)]
#[uniffi::export(Display)]
pub enum LevelkitError {
    /// The rules refused the command; the player is as before.
    #[error("{refusal}")]
    Refused {
        /// The rule's answer, with its facts.
        refusal: Refusal,
    },
    /// The ruleset, or a part of one, has faults.
    #[error("{}", RulesetErrors(faults.clone()))]
    InvalidRuleset {
        /// Every fault, by its place in the text.
        faults: Vec<RulesetError>,
    },
    /// A narrative cannot be told.
    #[error("{narrative}")]
    Untold {
        /// Why not.
        narrative: NarrativeError,
    },
    /// A value that is none of its type, such as an instant after the year 9999.
    #[error("{given:?} is not {expected}")]
    InvalidArgument {
        /// What was given.
        given: String,
        /// What it should have been, in words.
        expected: String,
    },
    /// The store could not do it.
    #[error("{what}")]
    Store {
        /// The stable code, such as `STORE_LOCKED` or `NO_RULESET`.
        code: String,
        /// What went wrong, in words.
        what: String,
        /// What to do about it, where there is something to do.
        hint: Option<String>,
        /// Whether the same again may succeed soon; see `is_transient`.
        transient: bool,
    },
    /// A fault of levelkit itself. What was in use must not be used again.
    #[error("a defect of levelkit: {what}")]
    Internal {
        /// What happened, in words.
        what: String,
    },
}

#[uniffi::export]
impl LevelkitError {
    /// The stable code: a refusal's own, such as `LEVEL_TOO_LOW`, or `INVALID_RULESET`, `STORE_LOCKED` and so on.
    pub fn code(&self) -> String {
        match self {
            Self::Refused { refusal } => refusal.code(),
            Self::InvalidRuleset { .. } => "INVALID_RULESET",
            Self::Untold { narrative } => narrative.code(),
            Self::InvalidArgument { .. } => "INVALID_ARGUMENT",
            Self::Store { code, .. } => code,
            Self::Internal { .. } => "INTERNAL_ERROR",
        }
        .to_owned()
    }

    /// What to do about it, in a sentence, where there is something to do.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Store { hint, .. } => hint.clone(),
            _ => None,
        }
    }

    /// Whether it passes by itself or with what caused it, so that the same again may succeed soon: `STORE_LOCKED`, `STORE_UNAVAILABLE`,
    /// `STORE_UNCERTAIN`, `STORE_CONFLICT`, `STORE_FULL`. Only with `STORE_UNCERTAIN` something may have happened; the same command
    /// again does nothing twice.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Store { transient: true, .. })
    }
}

impl From<Refusal> for LevelkitError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused { refusal }
    }
}

impl From<RulesetErrors> for LevelkitError {
    fn from(errors: RulesetErrors) -> Self {
        Self::InvalidRuleset { faults: errors.0 }
    }
}

impl From<NarrativeError> for LevelkitError {
    fn from(narrative: NarrativeError) -> Self {
        Self::Untold { narrative }
    }
}

impl LevelkitError {
    /// A value that is none of its type.
    pub fn invalid(given: impl Display, expected: &str) -> Self {
        Self::InvalidArgument { given: given.to_string(), expected: expected.to_owned() }
    }

    /// Reads a value from its text.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT`, with what was expected.
    pub fn read<T: FromStr<Err = super::InvalidQuantity>>(text: &str) -> Result<T, Self> {
        text.parse().map_err(|invalid: super::InvalidQuantity| Self::invalid(invalid.given, invalid.expected))
    }
}

#[uniffi::export]
impl Refusal {
    /// The stable code, as section 12 of the rules names it.
    #[uniffi::method(name = "code")]
    #[doc(hidden)] // Rust has `code`, which borrows.
    pub fn code_text(&self) -> String {
        self.code().to_owned()
    }
}

uniffi::custom_type!(
    /// An amount of XP, or a total.
    Xp, i64, {
        lower: |xp| xp.0,
        try_lift: |xp| Ok(Xp(xp)),
    }
);

uniffi::custom_type!(
    /// A moment, exact to the microsecond, from year 1 to year 9999.
    Instant, i64, {
        lower: |instant| instant.micros(),
        try_lift: |micros| Ok(Instant::from_micros(micros).ok_or_else(|| {
            LevelkitError::invalid(format_args!("{micros} microseconds after 1970"), "an instant in the years 1 to 9999")
        })?),
    }
);

uniffi::custom_type!(
    /// A calendar date, from year 1 to year 9999.
    Day, i64, {
        lower: |day| day.number().into(),
        try_lift: |number| Ok(i32::try_from(number).ok().and_then(Day::from_number).ok_or_else(|| {
            LevelkitError::invalid(format_args!("{number} days after 1970"), "a date in the years 1 to 9999")
        })?),
    }
);

uniffi::custom_type!(
    /// An exact decimal factor with at most six fractional digits; never negative.
    Multiplier, String, {
        lower: |multiplier| multiplier.to_string(),
        try_lift: |text| Ok(LevelkitError::read::<Multiplier>(&text)?),
    }
);

uniffi::custom_type!(
    /// A SHA-256: 64 lowercase hexadecimal digits.
    EventHash, String, {
        lower: |hash| hash.to_string(),
        try_lift: |text| Ok(LevelkitError::read::<EventHash>(&text)?),
    }
);

uniffi::custom_type!(
    /// Measured values by metric name.
    Metrics, HashMap<String, MetricValue>, {
        lower: |metrics| metrics.0.into_iter().collect(),
        try_lift: |metrics| Ok(Metrics(metrics.into_iter().collect())),
    }
);
