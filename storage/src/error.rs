//! Errors: what went wrong, a stable code, and what to do about it.

use std::borrow::Cow;
use std::fmt;

use levelkit::Refusal;
use levelkit::ruleset::RulesetErrors;

use crate::view::SchemaVersion;

/// What went wrong. Nothing is lost: whatever was not committed did not happen, and whatever was committed is still there.
///
/// Opaque on purpose; ask for its [`code`](Self::code), its [`hint`](Self::hint), or by the predicates what kind it is.
///
/// | code | meaning |
/// |---|---|
/// | a refusal's, such as `LEVEL_TOO_LOW` | the rules refused the command: see [`refusal`](Self::refusal) |
/// | `INVALID_RULESET` | the ruleset has faults: see [`ruleset_errors`](Self::ruleset_errors) |
/// | `NO_RULESET` | no ruleset was imported yet |
/// | `SEASON_NOT_SEALED` | the season's standings are not final yet |
/// | `INVALID_URL` | the URL names no database that this store knows |
/// | `STORE_MISSING` | the file does not exist, and was not to be made |
/// | `NOT_A_DATABASE` | the file is something else |
/// | `NOT_MIGRATED` | the database has no levelkit tables yet, or older ones, or has them no longer |
/// | `STORE_NEWER` | the database was migrated by a newer levelkit |
/// | `FOREIGN_SCHEMA` | the database holds another application's tables of the same names |
/// | `STORE_LOCKED` | another process is writing, for longer than the busy timeout |
/// | `STORE_READ_ONLY` | the database was opened to be read only, or its file cannot be written |
/// | `STORE_FULL` | the disk is full |
/// | `STORE_CORRUPT` | the file is damaged, or a row holds what levelkit never writes |
/// | `STORE_IO` | the operating system could not read or write the file |
/// | `STORE_CLOSED` | the store's worker has stopped |
/// | `STORE_UNAVAILABLE` | the server cannot be reached, ended the connection or took too long |
/// | `STORE_UNCERTAIN` | the connection broke while a commit was on its way: it may have happened |
/// | `STORE_CONFLICT` | another transaction was in the way, several times over |
/// | `STORE_DENIED` | the server does not let this user in, or not do this |
/// | `STORE_TLS` | the connection could not be encrypted, or the server's certificate was not accepted |
/// | `STORE_ERROR` | the server refused a statement for another reason |
pub struct Error(Box<Kind>);

/// What an operation of the store answers.
pub type Result<T, E = Error> = std::result::Result<T, E>;

#[cfg_attr(not(feature = "postgres"), allow(dead_code, reason = "some only happen to servers"))]
pub(crate) enum Kind {
    Refused(Refusal),
    Ruleset(RulesetErrors),
    NoRuleset,
    NotSealed {
        season: String,
    },
    InvalidUrl {
        url: String,
        expected: &'static str,
    },
    Missing {
        path: String,
    },
    NotADatabase {
        path: String,
    },
    NotMigrated {
        found: i32,
        known: i32,
    },
    Newer {
        found: i32,
        known: i32,
    },
    ForeignSchema {
        table: String,
    },
    Locked,
    ReadOnly,
    Full,
    Corrupt {
        what: Cow<'static, str>,
    },
    /// A table that a statement names is not there, or not as the statement has it.
    NoTable {
        message: String,
    },
    Io {
        message: String,
    },
    Closed,
    Unavailable {
        message: String,
    },
    Uncertain,
    Conflict {
        message: String,
    },
    Denied {
        message: String,
    },
    Tls {
        message: String,
    },
    Statement {
        message: String,
    },
}

impl Error {
    pub(crate) fn new(kind: Kind) -> Self {
        Self(Box::new(kind))
    }

    /// A row that holds what levelkit never writes.
    pub(crate) fn corrupt(what: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Kind::Corrupt { what: what.into() })
    }

    pub(crate) fn into_kind(self) -> Kind {
        *self.0
    }

    /// `NOT_MIGRATED`, unless the tables are of the version needed.
    pub(crate) fn unless_migrated(version: SchemaVersion) -> Result<()> {
        let SchemaVersion { found, known } = version;
        if version.is_current() { Ok(()) } else { Err(Self::new(Kind::NotMigrated { found, known })) }
    }

    /// The stable code: a refusal's own, or one of the table above.
    pub fn code(&self) -> &'static str {
        match &*self.0 {
            Kind::Refused(refusal) => refusal.code(),
            Kind::Ruleset(_) => "INVALID_RULESET",
            Kind::NoRuleset => "NO_RULESET",
            Kind::NotSealed { .. } => "SEASON_NOT_SEALED",
            Kind::InvalidUrl { .. } => "INVALID_URL",
            Kind::Missing { .. } => "STORE_MISSING",
            Kind::NotADatabase { .. } => "NOT_A_DATABASE",
            Kind::NotMigrated { .. } => "NOT_MIGRATED",
            Kind::Newer { .. } => "STORE_NEWER",
            Kind::ForeignSchema { .. } => "FOREIGN_SCHEMA",
            Kind::Locked => "STORE_LOCKED",
            Kind::ReadOnly => "STORE_READ_ONLY",
            Kind::Full => "STORE_FULL",
            Kind::Corrupt { .. } | Kind::NoTable { .. } => "STORE_CORRUPT",
            Kind::Io { .. } => "STORE_IO",
            Kind::Closed => "STORE_CLOSED",
            Kind::Unavailable { .. } => "STORE_UNAVAILABLE",
            Kind::Uncertain => "STORE_UNCERTAIN",
            Kind::Conflict { .. } => "STORE_CONFLICT",
            Kind::Denied { .. } => "STORE_DENIED",
            Kind::Tls { .. } => "STORE_TLS",
            Kind::Statement { .. } => "STORE_ERROR",
        }
    }

    /// What to do about it, in a sentence, where there is something to do.
    pub fn hint(&self) -> Option<&'static str> {
        match &*self.0 {
            Kind::Refused(_) | Kind::Ruleset(_) => None,
            Kind::NoRuleset => Some("import a ruleset first"),
            Kind::NotSealed { .. } => Some("refresh its leaderboard after its end"),
            Kind::InvalidUrl { .. } => Some(
                "write sqlite:PATH, such as sqlite:hunters.db, or sqlite::memory:, or postgres://USER@HOST/DATABASE",
            ),
            Kind::Missing { .. } => Some("check the path, or open it so that it may be made"),
            Kind::NotADatabase { .. } => Some("check the path; the file was left as it is"),
            Kind::NotMigrated { .. } => Some("migrate the store first"),
            Kind::Newer { .. } => {
                Some("use the levelkit version that migrated it, or a later one; the file was left as it is")
            }
            Kind::ForeignSchema { .. } => {
                Some("give levelkit a database of its own, or one whose tables are the game's; nothing was changed")
            }
            Kind::Locked => {
                Some("try again when the other process is done, or raise the busy timeout; nothing was changed")
            }
            Kind::ReadOnly => {
                Some("open it for writing, and check that its user, or the file and its folder, may be written")
            }
            Kind::Full => Some("make room on the disk and try again; nothing was changed"),
            Kind::Corrupt { .. } | Kind::NoTable { .. } => {
                Some("keep a copy of the database as it is, then restore a backup")
            }
            Kind::Io { .. } => Some("check the disk, and what the operating system allows"),
            Kind::Closed => Some("open the store again; whatever was committed is there"),
            Kind::Unavailable { .. } => Some("try again when the server can be reached; nothing was changed"),
            Kind::Uncertain => {
                Some("send the same command again: if it was committed it is recognised, and changes nothing twice")
            }
            Kind::Conflict { .. } => Some("try again; nothing was changed"),
            Kind::Denied { .. } => Some("check the user, the password and what the user may do; nothing was changed"),
            Kind::Tls { .. } => Some(
                "check the server's name and certificate, name the certificates to trust, or say sslmode=disable in the URL",
            ),
            Kind::Statement { .. } => None,
        }
    }

    /// Why the rules refused the command, if they did.
    pub fn refusal(&self) -> Option<&Refusal> {
        match &*self.0 {
            Kind::Refused(refusal) => Some(refusal),
            _ => None,
        }
    }

    /// The ruleset's faults, if it had any.
    pub fn ruleset_errors(&self) -> Option<&RulesetErrors> {
        match &*self.0 {
            Kind::Ruleset(errors) => Some(errors),
            _ => None,
        }
    }

    /// Whether the rules refused the command: the caller's to change, and the same again until something changes.
    pub fn is_refused(&self) -> bool {
        matches!(&*self.0, Kind::Refused(_))
    }

    /// Whether it collided: an id was used before with another meaning (`ID_CONFLICT`), or another transaction was in the way
    /// (`STORE_CONFLICT`).
    pub fn is_conflict(&self) -> bool {
        matches!(self.code(), "ID_CONFLICT" | "STORE_CONFLICT")
    }

    /// Whether there is nothing of that id (`UNKNOWN_ID`).
    pub fn is_unknown(&self) -> bool {
        self.code() == "UNKNOWN_ID"
    }

    /// Whether the same again may succeed soon: another process holds the database, or the server cannot be reached.
    pub fn is_unavailable(&self) -> bool {
        matches!(&*self.0, Kind::Locked | Kind::Unavailable { .. } | Kind::Uncertain)
    }

    /// Whether it passes by itself or with what caused it, so that a worker goes on and tries again: it [is unavailable](Self::is_unavailable),
    /// another transaction was in the way (`STORE_CONFLICT`), or the disk is full (`STORE_FULL`). Only with `STORE_UNCERTAIN` something
    /// may have happened; the same command again does nothing twice.
    ///
    /// ```
    /// use levelkit_storage::{BlockingStore, Error};
    ///
    /// /// Closes what is due, again and again for as long as nothing is wrong for good.
    /// fn work(store: &BlockingStore, now: levelkit::Instant) -> Result<(), Error> {
    ///     match store.roll_over(now, 1000) {
    ///         Err(error) if error.is_transient() => eprintln!("{error}; the next time it may go better"),
    ///         done => println!("{} players advanced", done?.advanced.len()),
    ///     }
    ///     Ok(())
    /// }
    /// # let store = BlockingStore::open("sqlite::memory:")?;
    /// # store.migrate()?;
    /// # work(&store, "2026-03-02T20:00:00Z".parse().unwrap())?;
    /// # Ok::<(), Error>(())
    /// ```
    pub fn is_transient(&self) -> bool {
        self.is_unavailable() || matches!(&*self.0, Kind::Conflict { .. } | Kind::Full)
    }

    /// Whether it can be about one player alone, so that others may go on: the rules refused, or that player's rows are not sound.
    pub(crate) fn is_a_players_own(&self) -> bool {
        matches!(&*self.0, Kind::Refused(_) | Kind::Ruleset(_) | Kind::Corrupt { .. })
    }

    /// Whether one player's rows may be what stands in the way of a statement about many.
    pub(crate) fn may_be_one_players(&self) -> bool {
        self.is_a_players_own() || matches!(&*self.0, Kind::Statement { .. } | Kind::Conflict { .. })
    }

    /// Whether the connection broke before the server had answered.
    #[cfg(feature = "postgres")]
    pub(crate) fn is_unanswered(&self) -> bool {
        matches!(&*self.0, Kind::Unavailable { message } if !message.contains("terminating connection"))
    }

    /// Whether nothing happened because of what is over by now: another transaction, or a connection that was dead.
    #[cfg(feature = "postgres")]
    pub(crate) fn is_worth_retrying(&self) -> bool {
        match &*self.0 {
            Kind::Conflict { .. } => true,
            Kind::Unavailable { message } => message.contains("closed") || message.contains("terminating connection"),
            _ => false,
        }
    }

    /// The same once more, for another command that met it too: the server could not be reached, took too long, or did not answer.
    #[cfg(feature = "postgres")]
    pub(crate) fn of_the_server(&self) -> Option<Self> {
        match &*self.0 {
            Kind::Uncertain => Some(Self::new(Kind::Uncertain)),
            Kind::Unavailable { message } if !self.is_worth_retrying() => {
                Some(Self::new(Kind::Unavailable { message: message.clone() }))
            }
            _ => None,
        }
    }

    /// Whether the file is damaged, or is no database at all.
    pub fn is_corrupt(&self) -> bool {
        matches!(&*self.0, Kind::Corrupt { .. } | Kind::NoTable { .. } | Kind::NotADatabase { .. })
    }

    /// Whether the tables may have been taken away, or others put in their place, since they were looked at.
    pub(crate) fn may_be_the_tables(&self) -> bool {
        matches!(&*self.0, Kind::Corrupt { .. } | Kind::NoTable { .. } | Kind::Statement { .. })
    }

    /// Whether the database's tables are not those that this version needs.
    pub fn is_schema(&self) -> bool {
        matches!(&*self.0, Kind::NotMigrated { .. } | Kind::Newer { .. } | Kind::ForeignSchema { .. })
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.0 {
            Kind::Refused(refusal) => refusal.fmt(f),
            Kind::Ruleset(errors) => errors.fmt(f),
            Kind::NoRuleset => f.write_str("the store holds no ruleset"),
            Kind::NotSealed { season } => write!(f, "the standings of season {season:?} are not final"),
            Kind::InvalidUrl { url, expected } => write!(f, "{url:?} is not a store's URL: expected {expected}"),
            Kind::Missing { path } => write!(f, "there is no file {path:?}"),
            Kind::NotADatabase { path } => write!(f, "{path:?} is not an SQLite database"),
            Kind::NotMigrated { found: 0, .. } => f.write_str("the database has no levelkit tables"),
            Kind::NotMigrated { found, known } => {
                write!(f, "the database's tables are of version {found}, and version {known} is needed")
            }
            Kind::Newer { found, known } => {
                write!(f, "the database's tables are of version {found}, and this levelkit knows only version {known}")
            }
            Kind::ForeignSchema { table } => {
                write!(f, "the database holds a table {table:?} that is not levelkit's")
            }
            Kind::Locked => f.write_str("the database is locked by another process"),
            Kind::ReadOnly => f.write_str("the database cannot be written"),
            Kind::Full => f.write_str("the disk is full"),
            Kind::Corrupt { what } => write!(f, "the database is damaged: {what}"),
            Kind::NoTable { message } => write!(f, "the database is damaged: {message}"),
            Kind::Io { message } => write!(f, "the database could not be used: {message}"),
            Kind::Closed => f.write_str("the store's worker has stopped"),
            Kind::Unavailable { message } => write!(f, "the database server is not available: {message}"),
            Kind::Uncertain => f.write_str("the connection broke while a commit was on its way: it may have happened"),
            Kind::Conflict { message } => write!(f, "another transaction was in the way: {message}"),
            Kind::Denied { message } => write!(f, "the database server does not allow it: {message}"),
            Kind::Tls { message } => write!(f, "no trusted connection to the database server: {message}"),
            Kind::Statement { message } => write!(f, "the database server refused a statement: {message}"),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {self}", self.code())
    }
}

impl std::error::Error for Error {}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::new(Kind::Refused(refusal))
    }
}

impl From<RulesetErrors> for Error {
    fn from(errors: RulesetErrors) -> Self {
        Self::new(Kind::Ruleset(errors))
    }
}

#[cfg(feature = "uniffi")]
impl From<Error> for levelkit::LevelkitError {
    fn from(error: Error) -> Self {
        let (code, what, hint) = (error.code().to_owned(), error.to_string(), error.hint().map(str::to_owned));
        let transient = error.is_transient();
        match *error.0 {
            Kind::Refused(refusal) => refusal.into(),
            Kind::Ruleset(errors) => errors.into(),
            _ => Self::Store { code, what, hint, transient },
        }
    }
}
