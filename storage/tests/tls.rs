//! Whether a store knows whom it is talking to: TLS to a server on this machine.
#![cfg(feature = "postgres")]
#![allow(clippy::unwrap_used, clippy::panic)]

use levelkit_storage::{BlockingStore, Error};
use levelkit_test_postgres::{Authority, Error as ServerError, Server, Settings, skip};

/// A server that lets nobody in without TLS, and the certificates of the authority that vouches for it.
struct Trusted {
    server: Server,
    folder: tempfile::TempDir,
}

fn trusted(test: &str, settings: impl FnOnce(&Authority) -> Settings) -> Option<Trusted> {
    let authority = Authority::new("ours").unwrap();
    let server = match Server::start(&settings(&authority)) {
        Ok(server) => server,
        Err(ServerError::NotInstalled(_)) => {
            skip(test);
            return None;
        }
        Err(error) => panic!("{error}"),
    };
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("ours.pem"), authority.pem()).unwrap();
    std::fs::write(folder.path().join("other.pem"), Authority::new("other").unwrap().pem()).unwrap();
    Some(Trusted { server, folder })
}

impl Trusted {
    fn url(&self, host: &str, options: &str) -> String {
        format!("{}?{options}", self.server.loopback_url(host, "postgres").unwrap())
    }

    fn roots(&self, name: &str) -> String {
        format!("sslrootcert={}", self.folder.path().join(name).display())
    }
}

/// Asks the server something, which needs a connection.
fn ask(url: &str) -> Result<BlockingStore, Error> {
    let store = BlockingStore::open(url)?;
    store.schema_version().map(|_| store)
}

/// The password between `:` and `@`.
fn password(url: &str) -> &str {
    url.split('@').next().unwrap().rsplit(':').next().unwrap()
}

fn refused(url: &str, code: &str) {
    let error = ask(url).map(|_| ()).unwrap_err();
    assert_eq!(error.code(), code, "{error}");
    assert!(!format!("{error} {error:?}").contains(password(url)), "the password is in the error");
}

#[test]
fn a_server_must_prove_who_it_is() {
    let Some(trusted) = trusted("a_server_must_prove_who_it_is", |ours| ours.server(&["localhost"]).unwrap()) else {
        return;
    };
    assert_eq!(password(&trusted.url("localhost", "")).len(), 32);
    for mode in ["sslmode=require", "sslmode=verify-full"] {
        let url = |host: &str, roots: &str| trusted.url(host, &format!("{mode}&{}", trusted.roots(roots)));
        let store = ask(&url("localhost", "ours.pem")).unwrap();
        // Nobody but the store comes over the network here.
        let connections = "SELECT bool_and(ssl), count(*) > 0 FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
                           WHERE client_addr IS NOT NULL";
        assert_eq!(trusted.server.query(connections).unwrap(), "t\tt");
        drop(store);
        refused(&url("localhost", "other.pem"), "STORE_TLS");
        // Another name of the same machine is another name.
        refused(&url("127.0.0.1", "ours.pem"), "STORE_TLS");
        refused(&url("localhost", "missing.pem"), "STORE_TLS");
        // The system does not know our authority.
        refused(&trusted.url("localhost", mode), "STORE_TLS");
    }
    // Here the server insists, not we.
    refused(&trusted.url("localhost", "sslmode=disable"), "STORE_DENIED");
}

#[test]
fn an_address_may_be_a_name() {
    let names = ["127.0.0.1"];
    let Some(trusted) = trusted("an_address_may_be_a_name", |ours| ours.server(&names).unwrap()) else { return };
    let url = |host: &str| trusted.url(host, &format!("sslmode=require&{}", trusted.roots("ours.pem")));
    ask(&url("127.0.0.1")).unwrap();
    refused(&url("localhost"), "STORE_TLS");
}

#[test]
fn a_certificate_that_has_expired_proves_nothing() {
    let name = "a_certificate_that_has_expired_proves_nothing";
    let Some(trusted) = trusted(name, |ours| ours.expired_server(&["localhost"]).unwrap()) else { return };
    refused(&trusted.url("localhost", &format!("sslmode=require&{}", trusted.roots("ours.pem"))), "STORE_TLS");
}

#[test]
fn a_server_without_tls_is_refused_where_it_is_asked_for() {
    let name = "a_server_without_tls_is_refused_where_it_is_asked_for";
    let Some(trusted) = trusted(name, |_| Settings::new().loopback(true)) else { return };
    ask(&trusted.url("localhost", "sslmode=disable")).unwrap();
    refused(&trusted.url("localhost", &format!("sslmode=require&{}", trusted.roots("ours.pem"))), "STORE_TLS");
}

#[test]
fn a_wrong_password_is_told_apart_and_not_repeated() {
    let name = "a_wrong_password_is_told_apart_and_not_repeated";
    let Some(trusted) = trusted(name, |ours| ours.server(&["localhost"]).unwrap()) else { return };
    let url = trusted.url("localhost", &format!("sslmode=require&{}", trusted.roots("ours.pem")));
    let wrong = url.replace(password(&url), "not%20the%20one");
    refused(&wrong, "STORE_DENIED");
    let error = ask(&wrong).map(|_| ()).unwrap_err();
    assert!(!format!("{error} {error:?}").contains("not the one"), "{error}");
}
