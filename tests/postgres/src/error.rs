//! What can go wrong.

use std::fmt;

/// Why there is no server, or what it refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Error {
    /// The programs of PostgreSQL, or one of them, are not installed.
    NotInstalled(&'static str),
    /// Something failed; the text is what the program said. No password is in it.
    Failed(String),
}

impl Error {
    pub(crate) fn io(doing: &str, error: &std::io::Error) -> Self {
        Self::Failed(format!("{doing}: {error}"))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotInstalled(program) => write!(f, "PostgreSQL's {program} is not installed"),
            Self::Failed(text) => f.write_str(text),
        }
    }
}

impl std::error::Error for Error {}
