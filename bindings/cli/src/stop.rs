//! How a command ends early: what went wrong, a stable code, a hint, and the process's exit code.

use std::borrow::Cow;
use std::path::Path;
use std::process::ExitCode;
use std::{fmt, io};

use levelkit::{IdKind, Refusal};

/// What a command answers, or why it stopped.
pub(crate) type Result<T = ()> = std::result::Result<T, Stop>;

/// The process's exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done, or the answer is yes.
    Yes = 0,
    /// The answer is no: a ruleset with faults, a ledger that is not sound, standings that changed, a player who was not advanced.
    No = 1,
    /// The command line is wrong, or a word is missing that allows what cannot be undone.
    Usage = 2,
    /// A file cannot be read, or does not hold what it should.
    Input = 3,
    /// The store cannot be opened, read or written.
    Store = 4,
    /// The rules refused, or there is no such player or season.
    Refused = 5,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Why a command stopped.
#[derive(Debug)]
pub(crate) enum Stop {
    /// Something went wrong.
    Failed(Box<Failure>),
    /// Nobody reads the output any more, which is no error.
    ReaderGone,
}

/// What went wrong.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    /// A stable code: a refusal's, the store's, or one of `docs`.
    pub(crate) code: Cow<'static, str>,
    pub(crate) message: String,
    /// What to do about it, in a sentence.
    pub(crate) hint: Option<String>,
    /// Every single fault, where there can be several.
    pub(crate) faults: Option<Faults>,
}

/// The faults of a file, for people and as JSON.
#[derive(Debug)]
pub(crate) struct Faults {
    pub(crate) text: String,
    pub(crate) json: serde_json::Value,
}

impl Failure {
    pub(crate) fn new(exit: Exit, code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self { exit, code: code.into(), message: message.into(), hint: None, faults: None }
    }

    /// The same with a hint.
    pub(crate) fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    /// The same with every single fault.
    pub(crate) fn faults(self, text: String, json: &impl serde::Serialize) -> Self {
        let json = serde_json::to_value(json).unwrap_or_default();
        Self { faults: Some(Faults { text, json }), ..self }
    }

    /// A file that cannot be read.
    pub(crate) fn unreadable(path: &Path, error: &io::Error) -> Self {
        let failure = Self::new(Exit::Input, "FILE", format!("{} cannot be read: {error}", path.display()));
        match error.kind() {
            io::ErrorKind::NotFound => failure.hint("check the path; it is relative to the current folder"),
            _ => failure.hint("check the path and the file's permissions"),
        }
    }
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Failed(Box::new(failure))
    }
}

/// Only writing to stdout gives a bare I/O error: reading says which file it was.
impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::ReaderGone,
            _ => Failure::new(Exit::Input, "OUTPUT", format!("the output cannot be written: {error}")).into(),
        }
    }
}

impl From<levelkit_storage::Error> for Stop {
    fn from(error: levelkit_storage::Error) -> Self {
        Failure::from(&error).into()
    }
}

impl From<&levelkit_storage::Error> for Failure {
    fn from(error: &levelkit_storage::Error) -> Self {
        let exit = if error.is_refused() { Exit::Refused } else { Exit::Store };
        let failure = Self::new(exit, error.code(), error.to_string());
        match hint(error) {
            Some(hint) => failure.hint(hint),
            None => failure,
        }
    }
}

/// The store's hint in the words of this command line.
fn hint(error: &levelkit_storage::Error) -> Option<Cow<'static, str>> {
    if let Some(Refusal::UnknownId { kind, .. }) = error.refusal() {
        return who_knows(*kind);
    }
    let hint = match error.code() {
        "NO_RULESET" => "put a ruleset in force: levelkit import RULES",
        "NOT_MIGRATED" => "make the tables: levelkit migrate",
        "STORE_MISSING" => "check --db and LEVELKIT_DB; levelkit migrate or levelkit play makes a new store",
        _ => return error.hint().map(|hint| hint.to_string().into()),
    };
    Some(hint.into())
}

/// The command that lists the ids of a kind.
fn who_knows(kind: IdKind) -> Option<Cow<'static, str>> {
    match kind {
        IdKind::Player => Some("levelkit player lists every player of the store".into()),
        // Old ones are the store's own affair.
        IdKind::Ruleset => None,
        IdKind::Boss | IdKind::Dungeon | IdKind::Title | IdKind::Season | IdKind::Quest | IdKind::Narrative => {
            Some(format!("levelkit export --pretty shows every {kind} of the ruleset in force").into())
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}
