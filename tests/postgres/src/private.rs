//! Starting a private server.

use crate::error::Error;
use crate::server::Server;
use crate::settings::Settings;
use crate::url::Url;

#[cfg(not(unix))]
impl Server {
    /// Starts a private server: not on this system.
    ///
    /// # Errors
    /// Always; name a server by `DATABASE_URL`.
    pub fn start(_: &Settings) -> Result<Self, Error> {
        Err(Error::NotInstalled("server"))
    }
}

#[cfg(unix)]
impl Server {
    /// Starts a private server. It lives as long as the value, and at most as long as this process.
    ///
    /// # Errors
    /// PostgreSQL is not installed, or does not start.
    pub fn start(settings: &Settings) -> Result<Self, Error> {
        let programs = crate::programs::server_folder()?;
        let mut started = start_once(&programs, settings);
        for _ in 0..4 {
            // Somebody else may have taken the port that was free a moment ago.
            if !matches!(&started, Err(Error::Failed(text)) if text.contains("Address already in use")) {
                break;
            }
            started = start_once(&programs, settings);
        }
        started
    }
}

impl Server {
    /// The URL of one of its databases on 127.0.0.1, by whatever name of that address and with the password, if it listens
    /// there.
    pub fn loopback_url(&self, host: &str, database: &str) -> Option<String> {
        let loopback = self.loopback.as_ref()?;
        let host = format!("{host}:{}", loopback.port);
        Some(Url::of_host(&host, Some(&loopback.password)).with_database(database).text())
    }
}

#[cfg(unix)]
fn start_once(programs: &std::path::Path, settings: &Settings) -> Result<Server, Error> {
    use crate::server::{Loopback, prefix, random};

    let prefix = prefix();
    let folder = crate::folder::Folder::make(&prefix)?;
    let password = format!("{:016x}{:016x}", random(), random());
    let port = if settings.loopback { Some(free_port()?) } else { None };
    folder.write("postgresql.conf", &settings.configuration(folder.text(), port))?;
    folder.write("pg_hba.conf", &settings.access())?;
    folder.write("password", &password)?;
    if let Some(tls) = &settings.tls {
        folder.write("server.crt", &tls.certificate)?;
        folder.write("server.key", &tls.key)?;
    }
    let mut guard = std::process::Command::new("sh");
    guard.args(["-c", include_str!("server.sh"), "levelkit-test-postgres", folder.text()]).arg(programs);
    // What the caller's own clients are set to is of no interest to it.
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("PG")) {
        guard.env_remove(name);
    }
    folder.run_as_its_user(guard.env("LC_ALL", "C"));
    let guard = crate::guard::Guard::start(guard)?;
    Ok(Server::private(folder, prefix, guard, port.map(|port| Loopback { port, password })))
}

#[cfg(unix)]
fn free_port() -> Result<u16, Error> {
    let address = std::net::TcpListener::bind(("127.0.0.1", 0)).and_then(|listener| listener.local_addr());
    address.map(|address| address.port()).map_err(|error| Error::io("127.0.0.1", &error))
}
