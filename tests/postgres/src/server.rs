//! Servers: the given one, and private ones.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::io::Write;
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use crate::database::{Database, Template};
use crate::error::Error;
use crate::guard::Guard;
use crate::psql;
use crate::url::Url;

/// A server, with the right to make databases on it.
pub struct Server {
    pub(crate) url: Url,
    pub(crate) loopback: Option<Loopback>,
    pub(crate) prefix: String,
    made: AtomicU64,
    guard: Mutex<Guard>,
    // After the guard, who must be gone before.
    #[cfg(unix)]
    folder: Option<crate::folder::Folder>,
}

/// Where a private server listens.
pub(crate) struct Loopback {
    pub(crate) port: u16,
    pub(crate) password: String,
}

impl Server {
    /// This process's server: the one that `DATABASE_URL` names, else a private one. `None` where PostgreSQL is not installed.
    ///
    /// # Errors
    /// It is installed or named, but does not start or answer.
    pub fn shared() -> Result<Option<&'static Self>, Error> {
        static SHARED: OnceLock<Result<Server, Error>> = OnceLock::new();
        match SHARED.get_or_init(Self::given_or_private) {
            Ok(server) => Ok(Some(server)),
            Err(Error::NotInstalled("server")) => Ok(None),
            Err(error) => Err(error.clone()),
        }
    }

    /// The server that `DATABASE_URL` names, else a private one with the default settings.
    ///
    /// # Errors
    /// It is not installed, or does not start or answer.
    pub fn given_or_private() -> Result<Self, Error> {
        match std::env::var("DATABASE_URL") {
            Ok(url) if !url.is_empty() => Self::given(&url),
            _ => Self::start(&crate::Settings::new()),
        }
    }

    /// A server that runs already, by a URL whose user may create databases.
    ///
    /// # Errors
    /// It does not answer.
    pub fn given(url: &str) -> Result<Self, Error> {
        let (url, prefix) = (Url::parse(url)?, prefix());
        psql::run(&url, "SELECT 1")?;
        let connected = psql::command(&url)?;
        let mut guard = Command::new("sh");
        guard.args(["-c", include_str!("databases.sh"), "levelkit-test-postgres", &prefix]);
        guard.arg(connected.get_program()).args(connected.get_args());
        guard.envs(connected.get_envs().filter_map(|(name, value)| Some((name, value?))));
        Ok(Self {
            url,
            loopback: None,
            prefix,
            made: AtomicU64::new(0),
            guard: Mutex::new(Guard::start(guard)?),
            #[cfg(unix)]
            folder: None,
        })
    }

    #[cfg(unix)]
    pub(crate) fn private(
        folder: crate::folder::Folder,
        prefix: String,
        guard: Guard,
        loopback: Option<Loopback>,
    ) -> Self {
        let url = Url::of_socket(folder.text(), loopback.as_ref().map(|loopback| loopback.port));
        Self { url, loopback, prefix, made: AtomicU64::new(0), guard: Mutex::new(guard), folder: Some(folder) }
    }

    /// The URL of the database that the server has by itself.
    pub fn url(&self) -> String {
        self.url.text()
    }

    /// An empty database, dropped with the value.
    ///
    /// # Errors
    /// The server refuses.
    pub fn database(&self) -> Result<Database<'_>, Error> {
        Database::create(self, "template0")
    }

    /// A database that `fill` fills once, given its URL, to be copied.
    ///
    /// # Errors
    /// The server refuses, or `fill` fails.
    pub fn template<E: From<Error>>(&self, fill: impl FnOnce(&str) -> Result<(), E>) -> Result<Template<'_>, E> {
        let database = self.database()?;
        fill(&database.url())?;
        Ok(Template::new(database))
    }

    /// Runs statements in the server's own database; their rows, one a line, the columns apart by tabs.
    ///
    /// # Errors
    /// What the server says.
    pub fn query(&self, sql: &str) -> Result<String, Error> {
        psql::run(&self.url, sql)
    }

    /// Kills every process of a private server at once (`kill -9`): what was not committed is gone, and nobody is told.
    ///
    /// # Errors
    /// It is not a private server.
    #[cfg(unix)]
    pub fn crash(&self) -> Result<(), Error> {
        self.tell("crash")
    }

    /// Starts a private server again after a crash. It recovers first.
    ///
    /// # Errors
    /// It does not start, or is not a private one.
    #[cfg(unix)]
    pub fn restart(&self) -> Result<(), Error> {
        self.tell("restart")
    }

    #[cfg(unix)]
    fn tell(&self, word: &str) -> Result<(), Error> {
        if self.folder.is_none() {
            return Err(Error::Failed(format!("only a private server can be told to {word}")));
        }
        self.guard.lock().unwrap_or_else(PoisonError::into_inner).tell(word)
    }

    pub(crate) fn new_name(&self) -> String {
        format!("{}_{}", self.prefix, self.made.fetch_add(1, Ordering::Relaxed))
    }
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Server").field(&self.url.without_password()).finish()
    }
}

/// Says aloud that a test was not run, past the test runner, which keeps what passing tests print.
pub fn skip(test: &str) {
    skip_because(test, "PostgreSQL is not installed, and DATABASE_URL is not set");
}

/// The same, for another reason.
pub fn skip_because(test: &str, why: &str) {
    let _ = writeln!(std::io::stderr(), "SKIPPED {test}: {why}");
}

/// What the names begin with that this server's folder and databases get: like no other process's.
pub(crate) fn prefix() -> String {
    format!("levelkit_test_{}_{:08x}", std::process::id(), random() >> 32)
}

/// From the randomness that hash maps use.
pub(crate) fn random() -> u64 {
    RandomState::new().hash_one(0)
}
