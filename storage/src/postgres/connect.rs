//! Connections: from a URL to a server that was seen to be the right one, and a pool of them.

use std::error::Error as _;
use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use diesel::ConnectionError;
use diesel_async::pooled_connection::deadpool::{Object, Pool, PoolError};
use diesel_async::pooled_connection::{
    AsyncDieselConnectionManager, ManagerConfig, PoolError as ManagerError, RecyclingMethod,
};
use diesel_async::{AsyncPgConnection, SimpleAsyncConnection};
use futures_util::FutureExt;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres::error::SqlState;
use tokio_postgres::{Config, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::failure;
use crate::error::{Error, Kind, Result};
use crate::options::Options;

/// Where the server is, and how to know that it is the right one.
#[derive(Clone)]
struct Target {
    config: Config,
    /// None where nothing is encrypted.
    tls: Option<MakeRustlsConnect>,
    statement_timeout: Duration,
    read_only: bool,
}

/// Has the server say in English what goes wrong, since [`failure`] goes by its words. That is up to a superuser, or to whom one has
/// granted it: with anybody else the server keeps to its language, and says nothing about it.
const ENGLISH: &str = "DO $$ BEGIN PERFORM set_config('lc_messages', 'C', false); \
    EXCEPTION WHEN insufficient_privilege THEN NULL; END $$";

/// A pool of connections; none is made yet.
pub(super) fn pool(url: &str, options: &Options) -> Result<Pool<AsyncPgConnection>> {
    let target = Target::new(url, options)?;
    let mut manager = ManagerConfig::default();
    manager.recycling_method = RecyclingMethod::Fast;
    manager.custom_setup = Box::new(move |_| {
        let target = target.clone();
        async move { target.connect().await.map_err(carry) }.boxed()
    });
    // The manager needs no URL of its own, so no password lies about in it.
    let manager = AsyncDieselConnectionManager::new_with_config("", manager);
    let pool = Pool::builder(manager).max_size(options.connections).build();
    pool.map_err(|error| Error::new(Kind::Unavailable { message: error.to_string() }))
}

/// A connection out of the pool.
pub(super) async fn get(pool: &Pool<AsyncPgConnection>, timeout: Duration) -> Result<Object<AsyncPgConnection>> {
    let unavailable = |message: &str| Error::new(Kind::Unavailable { message: message.to_owned() });
    match tokio::time::timeout(timeout, pool.get()).await {
        Ok(Ok(connection)) => Ok(connection),
        Ok(Err(PoolError::Backend(ManagerError::ConnectionError(error)))) => Err(carried(error)),
        Ok(Err(PoolError::Backend(ManagerError::QueryError(error)))) => Err(failure::of_query(error)),
        Ok(Err(PoolError::Closed)) => Err(Error::new(Kind::Closed)),
        Ok(Err(error)) => Err(unavailable(&error.to_string())),
        Err(_) => Err(unavailable("no connection within the time allowed")),
    }
}

/// Our own error, through an interface that only knows Diesel's.
fn carry(error: Error) -> ConnectionError {
    ConnectionError::CouldntSetupConfiguration(diesel::result::Error::QueryBuilderError(Box::new(error)))
}

fn carried(error: ConnectionError) -> Error {
    match error {
        ConnectionError::CouldntSetupConfiguration(diesel::result::Error::QueryBuilderError(inner)) => {
            match inner.downcast::<Error>() {
                Ok(error) => *error,
                Err(other) => Error::new(Kind::Unavailable { message: other.to_string() }),
            }
        }
        ConnectionError::CouldntSetupConfiguration(error) => failure::of_query(error),
        other => Error::new(Kind::Unavailable { message: other.to_string() }),
    }
}

impl Target {
    fn new(url: &str, options: &Options) -> Result<Self> {
        let Url { text, mode, root_certificates } = Url::read(url);
        // The text may hold a password, so it is not repeated.
        let invalid = |expected| Error::new(Kind::InvalidUrl { url: "postgres://...".to_owned(), expected });
        let mut config: Config =
            text.parse().map_err(|_| invalid("postgres://USER:PASSWORD@HOST:PORT/DATABASE, as libpq reads it"))?;
        let mode = match mode.as_deref() {
            Some("disable") => SslMode::Disable,
            Some("prefer" | "allow") => SslMode::Prefer,
            Some("require" | "verify-ca" | "verify-full") => SslMode::Require,
            Some(_) => return Err(invalid("sslmode disable, prefer, require, verify-ca or verify-full")),
            None if config.get_hosts().iter().all(is_this_machine) => SslMode::Disable,
            None => SslMode::Require,
        };
        config.ssl_mode(mode).connect_timeout(options.connect_timeout);
        if config.get_application_name().is_none() {
            config.application_name("levelkit");
        }
        let certificates = root_certificates.as_deref().map(Path::new).or(options.root_certificates.as_deref());
        let tls = match mode {
            SslMode::Disable => None,
            _ => Some(tls(certificates)?),
        };
        let Options { statement_timeout, read_only, .. } = *options;
        Ok(Self { config, tls, statement_timeout, read_only })
    }

    async fn connect(&self) -> Result<AsyncPgConnection> {
        let failed = |error: ConnectionError| carried(error);
        let mut connection = match &self.tls {
            Some(tls) => {
                let (client, io) = self.config.connect(tls.clone()).await.map_err(refused)?;
                AsyncPgConnection::try_from_client_and_connection(client, io).await.map_err(failed)?
            }
            None => {
                let (client, io) = self.config.connect(NoTls).await.map_err(refused)?;
                AsyncPgConnection::try_from_client_and_connection(client, io).await.map_err(failed)?
            }
        };
        // Whatever the server, the database or the user are set to. A plan for some players is as good for one of them: the server
        // need not weigh that anew each time.
        let settings = format!(
            "SET TimeZone = 'UTC'; SET default_transaction_isolation = 'read committed'; SET extra_float_digits = 1; \
             SET plan_cache_mode = force_generic_plan; \
             {ENGLISH}; SET statement_timeout = {}{}",
            self.statement_timeout.as_millis().min(i32::MAX as u128),
            if self.read_only { "; SET default_transaction_read_only = on" } else { "" },
        );
        connection.batch_execute(&settings).await.map_err(failure::of_query)?;
        Ok(connection)
    }
}

/// A URL without the parameters that the driver does not know, as libpq writes them.
struct Url {
    text: String,
    mode: Option<String>,
    root_certificates: Option<String>,
}

impl Url {
    fn read(url: &str) -> Self {
        let mut read = Self { text: url.to_owned(), mode: None, root_certificates: None };
        let Some((before, query)) = url.split_once('?') else {
            return read;
        };
        let mut kept = Vec::new();
        for parameter in query.split('&') {
            match parameter.split_once('=') {
                Some(("sslmode", mode)) => read.mode = Some(mode.to_owned()),
                Some(("sslrootcert", path)) => read.root_certificates = Some(percent_decoded(path)),
                _ => kept.push(parameter),
            }
        }
        let query = kept.join("&");
        read.text = if query.is_empty() { before.to_owned() } else { format!("{before}?{query}") };
        read
    }
}

fn percent_decoded(text: &str) -> String {
    let (mut bytes, mut rest) = (Vec::new(), text.as_bytes());
    while let [first, tail @ ..] = rest {
        let escaped = || u8::from_str_radix(std::str::from_utf8(tail.get(..2)?).ok()?, 16).ok();
        match (*first == b'%').then(escaped).flatten() {
            Some(byte) => (bytes.push(byte), rest = tail.get(2..).unwrap_or_default()).1,
            None => (bytes.push(*first), rest = tail).1,
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Whether what is said to a host never leaves this machine.
fn is_this_machine(host: &Host) -> bool {
    match host {
        Host::Tcp(name) => name == "localhost" || name.parse().is_ok_and(|address: IpAddr| address.is_loopback()),
        #[cfg(unix)]
        Host::Unix(_) => true,
    }
}

/// Encryption with a server whose certificate is checked, its name included.
fn tls(certificates: Option<&Path>) -> Result<MakeRustlsConnect> {
    let failed = |message: String| Error::new(Kind::Tls { message });
    let mut roots = rustls::RootCertStore::empty();
    match certificates {
        Some(path) => {
            let unreadable = |error: rustls::pki_types::pem::Error| failed(format!("{}: {error}", path.display()));
            for certificate in CertificateDer::pem_file_iter(path).map_err(unreadable)? {
                let added = roots.add(certificate.map_err(unreadable)?);
                added.map_err(|error| failed(format!("{}: {error}", path.display())))?;
            }
        }
        // Some of a system's certificates are too odd to be used; the server's own then says so.
        None => drop(roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs)),
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let builder = builder.map_err(|error| failed(error.to_string()))?;
    Ok(MakeRustlsConnect::new(builder.with_root_certificates(roots).with_no_client_auth()))
}

/// Why a connection was not made.
fn refused(error: tokio_postgres::Error) -> Error {
    let cause = error.source().map(|cause| format!(": {cause}")).unwrap_or_default();
    let message = format!("{error}{}", if error.to_string().contains(&cause) { "" } else { &cause });
    let kind = match error.code() {
        Some(&SqlState::INVALID_PASSWORD | &SqlState::INVALID_AUTHORIZATION_SPECIFICATION) => Kind::Denied { message },
        Some(&SqlState::INSUFFICIENT_PRIVILEGE) => Kind::Denied { message },
        Some(&SqlState::INVALID_CATALOG_NAME) => Kind::Denied { message },
        None if message.contains("TLS") => Kind::Tls { message },
        None if error.to_string().contains("invalid configuration") || message.contains("password missing") => {
            Kind::Denied { message }
        }
        _ => Kind::Unavailable { message },
    };
    Error::new(kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(url: &str) -> SslMode {
        Target::new(url, &Options::new()).map(|target| target.config.get_ssl_mode()).unwrap_or(SslMode::Prefer)
    }

    #[test]
    fn other_machines_must_prove_who_they_are() {
        assert_eq!(mode("postgres://u@db.example/x"), SslMode::Require);
        assert_eq!(mode("postgres://u@db.example/x?sslmode=verify-full"), SslMode::Require);
        assert_eq!(mode("postgres://u@db.example/x?connect_timeout=3&sslmode=disable"), SslMode::Disable);
        for local in ["localhost", "127.0.0.1", "%2Ftmp"] {
            assert_eq!(mode(&format!("postgres://u@{local}/x")), SslMode::Disable, "{local}");
        }
    }

    #[test]
    fn a_bad_url_does_not_give_its_password_away() {
        for url in
            ["postgres://u:secret@h:port/x", "postgres://u:secret@h/x?sslmode=maybe", "postgres://u:secret@h/x?a=b"]
        {
            let error = Target::new(url, &Options::new()).map(|_| ()).unwrap_err();
            assert_eq!(error.code(), "INVALID_URL");
            assert!(!format!("{error} {error:?}").contains("secret"), "{error}");
        }
    }

    #[test]
    fn libpqs_parameters_are_understood() {
        let url = Url::read("postgres://h/x?sslrootcert=%2Fetc%2Fa%20b.pem&application_name=me&sslmode=require");
        assert_eq!(url.text, "postgres://h/x?application_name=me");
        assert_eq!((url.mode.as_deref(), url.root_certificates.as_deref()), (Some("require"), Some("/etc/a b.pem")));
    }
}
