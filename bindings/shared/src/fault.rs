//! Errors as the languages see them: a stable code, a sentence, a hint, and the facts behind it.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use levelkit::narrative::NarrativeError;
use levelkit::ruleset::{RulesetError, RulesetErrors};
use levelkit::{IdKind, Refusal};
use serde::{Deserialize, Serialize};

/// What went wrong.
#[derive(Debug)]
pub enum Fault {
    /// The rules refused.
    Refused(Refusal),
    /// Anything else that a code of [`Failure`] names.
    Failed {
        /// The facts.
        failure: Failure,
        /// The sentence.
        message: String,
        /// What to do about it.
        hint: Option<&'static str>,
        /// Whether the same again may succeed soon.
        is_transient: bool,
    },
    /// The store failed with a code that is not in [`Failure`] yet.
    Store {
        /// The code.
        code: &'static str,
        /// The sentence.
        message: String,
        /// What to do about it.
        hint: Option<&'static str>,
        /// Whether the same again may succeed soon.
        is_transient: bool,
    },
}

/// Why something failed that the rules did not refuse.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(extend("x-error" = true, "x-suffix" = "Failure")))]
#[serde(tag = "code", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Failure {
    /// The ruleset, or a part of one, has faults.
    InvalidRuleset {
        /// Every fault, by its place in the text.
        errors: Vec<RulesetError>,
    },
    /// A narrative names a variable that its `variables` do not list.
    UnknownVariable {
        /// The narrative's key.
        narrative: String,
        /// The variable.
        variable: String,
    },
    /// A variable of a narrative has no value here.
    MissingVariable {
        /// The narrative's key.
        narrative: String,
        /// The variable.
        variable: String,
    },
    /// An argument is not what the function takes.
    InvalidArgument {},
    /// A defect of levelkit: please report it.
    InternalError {},
    /// No ruleset was imported yet.
    NoRuleset {},
    /// The season's standings are not final yet.
    SeasonNotSealed {},
    /// The URL names no database that the store knows.
    InvalidUrl {},
    /// The file does not exist, and was not to be made.
    StoreMissing {},
    /// The file is something else.
    NotADatabase {},
    /// The database has no levelkit tables yet, or older ones.
    NotMigrated {},
    /// The database was migrated by a newer levelkit.
    StoreNewer {},
    /// The database holds another application's tables of the same names.
    ForeignSchema {},
    /// Another process is writing, for longer than the busy timeout.
    StoreLocked {},
    /// The database was opened to be read only, or its file cannot be written.
    StoreReadOnly {},
    /// The disk is full.
    StoreFull {},
    /// The file is damaged, or a row holds what levelkit never writes.
    StoreCorrupt {},
    /// The operating system could not read or write the file.
    StoreIo {},
    /// The store was closed.
    StoreClosed {},
    /// The server cannot be reached, ended the connection or took too long.
    StoreUnavailable {},
    /// The connection broke while a commit was on its way: it may have happened.
    StoreUncertain {},
    /// Another transaction was in the way, several times over.
    StoreConflict {},
    /// The server does not let this user in, or not do this.
    StoreDenied {},
    /// The connection could not be encrypted, or the server's certificate was not accepted.
    StoreTls {},
    /// The server refused a statement for another reason.
    StoreError {},
}

/// The facts of a fault, with its code as `code`.
#[derive(Serialize)]
#[serde(untagged)]
pub enum Facts<'a> {
    /// Of a refusal.
    Refusal(&'a Refusal),
    /// Of another failure.
    Failure(&'a Failure),
    /// None but the code.
    Code {
        /// The code.
        code: &'a str,
    },
}

impl Fault {
    /// A failure that does not pass by itself.
    fn failed(failure: Failure, message: String, hint: Option<&'static str>) -> Self {
        Self::Failed { failure, message, hint, is_transient: false }
    }

    /// An argument that is not what the function takes.
    pub fn argument(message: impl Into<String>) -> Self {
        Self::failed(Failure::InvalidArgument {}, message.into(), None)
    }

    /// A call of a store that was closed.
    pub fn closed() -> Self {
        let hint = Some("open the store again; whatever was committed is there");
        Self::failed(Failure::StoreClosed {}, "the store was closed".to_owned(), hint)
    }

    /// A defect, caught before it could cross the boundary.
    pub fn panicked(payload: &(dyn Any + Send)) -> Self {
        let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
        let text = text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_default();
        let hint = Some("please report it; nothing was changed by this call");
        Self::failed(Failure::InternalError {}, format!("a defect of levelkit: {text}"), hint)
    }

    /// The stable code.
    pub fn code(&self) -> String {
        match self {
            Self::Refused(refusal) => refusal.code().to_owned(),
            Self::Failed { failure, .. } => failure.code(),
            Self::Store { code, .. } => (*code).to_owned(),
        }
    }

    /// What went wrong, in a sentence.
    pub fn message(&self) -> String {
        match self {
            Self::Refused(refusal) => refusal.to_string(),
            Self::Failed { message, .. } | Self::Store { message, .. } => message.clone(),
        }
    }

    /// What to do about it, where there is something to do.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Refused(_) => None,
            Self::Failed { hint, .. } | Self::Store { hint, .. } => *hint,
        }
    }

    /// Whether it passes by itself or with what caused it, so that the same again may succeed soon: as the store says.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Refused(_) => false,
            Self::Failed { is_transient, .. } | Self::Store { is_transient, .. } => *is_transient,
        }
    }

    /// The facts behind it.
    pub fn facts(&self) -> Facts<'_> {
        match self {
            Self::Refused(refusal) => Facts::Refusal(refusal),
            Self::Failed { failure, .. } => Facts::Failure(failure),
            Self::Store { code, .. } => Facts::Code { code },
        }
    }
}

impl Failure {
    /// The stable code: the tag it is serialised with.
    pub fn code(&self) -> String {
        let tagged = serde_json::to_value(self).unwrap_or_default();
        tagged.get("code").and_then(serde_json::Value::as_str).unwrap_or_default().to_owned()
    }

    /// The failure of a code that has no facts.
    fn of_code(code: &str) -> Option<Self> {
        serde_json::from_value(serde_json::json!({ "code": code })).ok()
    }
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<RulesetErrors> for Fault {
    fn from(errors: RulesetErrors) -> Self {
        let message = errors.to_string();
        Self::failed(Failure::InvalidRuleset { errors: errors.0 }, message, None)
    }
}

impl From<NarrativeError> for Fault {
    fn from(error: NarrativeError) -> Self {
        let message = error.to_string();
        let failure = match error {
            NarrativeError::UnknownKey { key } => {
                return Self::Refused(Refusal::UnknownId { kind: IdKind::Narrative, id: key });
            }
            NarrativeError::UnknownVariable { key: narrative, variable } => {
                Failure::UnknownVariable { narrative, variable }
            }
            NarrativeError::MissingVariable { key: narrative, variable } => {
                Failure::MissingVariable { narrative, variable }
            }
        };
        Self::failed(failure, message, None)
    }
}

impl From<levelkit_storage::Error> for Fault {
    fn from(error: levelkit_storage::Error) -> Self {
        if let Some(refusal) = error.refusal() {
            return refusal.clone().into();
        }
        if let Some(errors) = error.ruleset_errors() {
            return errors.clone().into();
        }
        let (code, message, hint) = (error.code(), error.to_string(), error.hint());
        let is_transient = error.is_transient();
        match Failure::of_code(code) {
            Some(failure) => Self::Failed { failure, message, hint, is_transient },
            None => Self::Store { code, message, hint, is_transient },
        }
    }
}

/// Runs what must not unwind into another language: a panic becomes a fault.
pub fn caught<T>(run: impl FnOnce() -> Result<T, Fault>) -> Result<T, Fault> {
    catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|payload| {
        let fault = Fault::panicked(&*payload);
        // A payload whose own drop panics must not get out either.
        std::mem::forget(payload);
        Err(fault)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_has_its_code_in_its_facts() {
        let faults: [Fault; 4] = [
            Refusal::LevelTooLow { needed: 10, level: 7 }.into(),
            levelkit::Ruleset::from_json("{").unwrap_err().into(),
            NarrativeError::UnknownKey { key: "k".to_owned() }.into(),
            Fault::closed(),
        ];
        for fault in faults {
            assert_eq!(serde_json::to_value(fault.facts()).unwrap()["code"], fault.code());
            assert!(!fault.message().is_empty());
        }
    }

    #[test]
    fn a_panic_is_a_fault() {
        let fault = caught::<()>(|| panic!("ouch {}", 7)).unwrap_err();
        assert_eq!(
            (fault.code().as_str(), fault.message().as_str()),
            ("INTERNAL_ERROR", "a defect of levelkit: ouch 7")
        );
    }

    #[test]
    fn a_store_s_error_keeps_its_code() {
        let error = levelkit_storage::BlockingStore::open("mysql://x").unwrap_err();
        let fault = Fault::from(error);
        assert_eq!(fault.code(), "INVALID_URL");
        assert!(fault.hint().is_some());
        assert!(matches!(fault, Fault::Failed { .. }));
        // The codes that storage documents, but for those that come with facts of their own.
        let table = std::fs::read_to_string("../../storage/src/error.rs").unwrap();
        let codes = table.lines().filter_map(|line| line.strip_prefix("/// | `")?.split('`').next());
        let codes: Vec<_> = codes.filter(|code| *code != "INVALID_RULESET").collect();
        assert!(codes.len() > 15, "{codes:?}");
        for code in codes {
            assert!(Failure::of_code(code).is_some(), "{code}");
        }
    }
}
