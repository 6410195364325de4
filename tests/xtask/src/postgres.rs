//! One PostgreSQL for a whole run: whatever is started after it finds it by `DATABASE_URL`.

use std::path::Path;
use std::process::Command;

use levelkit_test_postgres::{Error, Server, Settings};

use crate::steps::Steps;
use crate::tools;

/// Debian's package makes a server of its own when it is installed, unless this file says that it should not.
const CLUSTERS: &str = "/etc/postgresql-common/createcluster.conf";

/// The server for the steps that follow; `None` where the environment names one, or none can be had. It lives as long as the
/// value.
pub(crate) fn share(steps: &mut Steps) -> Option<Server> {
    if std::env::var_os("DATABASE_URL").is_some_and(|url| !url.is_empty()) {
        println!("\n=== PostgreSQL: the one of DATABASE_URL");
        return None;
    }
    let mut started = Server::start(&Settings::new());
    if matches!(started, Err(Error::NotInstalled(_))) && install() {
        started = Server::start(&Settings::new());
    }
    match started {
        Ok(server) => {
            println!("\n=== PostgreSQL: a private one for this run, {}", server.url());
            steps.set("DATABASE_URL", server.url());
            Some(server)
        }
        Err(Error::NotInstalled(_)) => {
            steps.skip("all tests on PostgreSQL", "no PostgreSQL is installed, and DATABASE_URL is not set");
            None
        }
        Err(error) => {
            steps.fail("a private PostgreSQL", &error.to_string());
            None
        }
    }
}

/// Runs a step on an empty database of its own, whose URL it is given; none where there is no server.
pub(crate) fn with_database(steps: &mut Steps, run: impl FnOnce(&mut Steps, Option<&str>)) {
    let Some(url) = steps.variable("DATABASE_URL") else { return run(steps, None) };
    let made = Server::given(&url).and_then(|server| {
        let database = server.database()?;
        run(steps, Some(&database.url()));
        Ok(())
    });
    if let Err(error) = made {
        steps.fail("a database on the server", &error.to_string());
    }
}

/// The folder of a server's socket, where its URL names one in place of a host.
pub(crate) fn socket(url: &str) -> Option<String> {
    let (_, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?']).next()?;
    let host = authority.rsplit('@').next()?.split(':').next()?.replace("%2F", "/");
    host.starts_with('/').then_some(host)
}

/// Installs PostgreSQL where that can be done without a question: as root on Debian.
fn install() -> bool {
    if !tools::may_install() || !is_root() || !Path::new("/etc/debian_version").exists() {
        return false;
    }
    println!("\n=== PostgreSQL is not installed; installing Debian's package `postgresql` by apt-get");
    let quiet = || {
        if Path::new(CLUSTERS).exists() {
            return Ok(());
        }
        println!("=== writing {CLUSTERS}, so that the package starts no server of its own");
        std::fs::create_dir_all("/etc/postgresql-common")?;
        std::fs::write(CLUSTERS, "create_main_cluster = false\n")
    };
    let apt = |arguments: &[&str]| {
        let mut command = Command::new("apt-get");
        command
            .args(["--quiet=2", "--option=Dpkg::Use-Pty=0"])
            .args(arguments)
            .env("DEBIAN_FRONTEND", "noninteractive");
        command.status().is_ok_and(|status| status.success())
    };
    let keep = "--option=Dpkg::Options::=--force-confold";
    quiet().is_ok() && apt(&["update"]) && apt(&["install", "--yes", "--no-install-recommends", keep, "postgresql"])
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_socket_stands_in_place_of_a_host() {
        assert_eq!(socket("postgres://me@%2Ftmp%2Fx:5433/db?a=b").as_deref(), Some("/tmp/x"));
        assert_eq!(socket("postgres://me:secret@localhost:5432/db"), None);
        assert_eq!(socket("nothing"), None);
    }
}
