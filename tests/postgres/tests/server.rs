//! A real server, and that nothing of it is left behind.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use levelkit_test_postgres::{Error, Server, Settings, skip};

/// A private server, whatever `DATABASE_URL` says: these tests are about what they start.
fn start(test: &str, settings: &Settings) -> Option<Server> {
    match Server::start(settings) {
        Ok(server) => Some(server),
        Err(Error::NotInstalled(_)) => {
            skip(test);
            None
        }
        Err(error) => panic!("{error}"),
    }
}

/// Waits for what happens soon after something else; whether it did.
fn soon(mut happened: impl FnMut() -> bool) -> bool {
    let until = Instant::now() + Duration::from_secs(60);
    while !happened() && Instant::now() < until {
        std::thread::sleep(Duration::from_millis(20));
    }
    happened()
}

/// Another process that holds a database, and the database's URL.
fn another_process(database_url: &str) -> (Child, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_levelkit-test-postgres"));
    command.env("DATABASE_URL", database_url).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut url = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut url).unwrap();
    (child, url.trim_end().to_owned())
}

fn kill(mut child: Child) {
    // On Unix that is SIGKILL: the process has no say in it.
    child.kill().unwrap();
    child.wait().unwrap();
}

/// The folder of a private server's socket, which is all there is of it.
fn folder(url: &str) -> PathBuf {
    let host = url.split_once('@').unwrap().1.split('/').next().unwrap();
    PathBuf::from(host.split(':').next().unwrap().replace("%2F", "/"))
}

#[test]
fn every_database_is_empty_and_its_owners_alone() {
    let Some(server) = start("every_database_is_empty_and_its_owners_alone", &Settings::new()) else { return };
    let (first, second) = (server.database().unwrap(), server.database().unwrap());
    assert_ne!(first.name(), second.name());
    first.query("CREATE TABLE seen (here int); INSERT INTO seen VALUES (1), (2)").unwrap();
    assert_eq!(first.query("SELECT here, -here FROM seen ORDER BY here").unwrap(), "1\t-1\n2\t-2");
    let error = second.query("SELECT here FROM seen").unwrap_err();
    assert!(error.to_string().contains("relation \"seen\" does not exist"), "{error}");

    let name = first.name().to_owned();
    let exists = format!("SELECT count(*) FROM pg_database WHERE datname = '{name}'");
    assert_eq!(server.query(&exists).unwrap(), "1");
    drop(first);
    assert_eq!(server.query(&exists).unwrap(), "0");
}

#[test]
fn a_template_is_filled_once_and_copied() {
    let Some(server) = start("a_template_is_filled_once_and_copied", &Settings::new()) else { return };
    let mut filled = 0;
    let template = server.template(|url| {
        filled += 1;
        Server::given(url)?.query("CREATE TABLE seen AS SELECT 7 AS here").map(|_| ())
    });
    let template = template.unwrap();
    for copy in [template.database().unwrap(), template.database().unwrap()] {
        assert_eq!(copy.query("UPDATE seen SET here = here + 1 RETURNING here").unwrap(), "8");
    }
    assert_eq!(filled, 1);
}

#[test]
fn it_is_quick_and_private_unless_told_otherwise() {
    let Some(server) = start("it_is_quick_and_private_unless_told_otherwise", &Settings::new()) else { return };
    let show = |name: &str| server.query(&format!("SHOW {name}")).unwrap();
    assert_eq!(["fsync", "listen_addresses", "timezone"].map(show), ["off", "", "Pacific/Chatham"]);
    assert_eq!(server.loopback_url("localhost", "postgres"), None);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(folder(&server.url())).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
    }

    let settings = Settings::new().durable(true).set("timezone", "UTC");
    let server = start("it_is_quick_and_private_unless_told_otherwise", &settings).unwrap();
    let show = |name: &str| server.query(&format!("SHOW {name}")).unwrap();
    assert_eq!(["fsync", "synchronous_commit", "timezone"].map(show), ["on", "on", "UTC"]);
}

#[test]
fn on_the_network_it_asks_for_a_password() {
    let Some(server) = start("on_the_network_it_asks_for_a_password", &Settings::new().loopback(true)) else { return };
    let url = server.loopback_url("127.0.0.1", "postgres").unwrap();
    assert_eq!(Server::given(&url).unwrap().query("SELECT host(inet_server_addr())").unwrap(), "127.0.0.1");
    let (start, end) = (url.find("postgres:").unwrap() + 9, url.find('@').unwrap());
    let wrong = [&url[..start], "wrong", &url[end..]].concat();
    let error = Server::given(&wrong).unwrap_err();
    assert!(error.to_string().contains("password authentication failed"), "{error}");
}

#[test]
fn what_it_cannot_start_with_is_said() {
    let settings = Settings::new().set("shared_buffers", "a lot");
    match Server::start(&settings) {
        Err(Error::NotInstalled(_)) => skip("what_it_cannot_start_with_is_said"),
        Err(error) => assert!(error.to_string().contains("shared_buffers"), "{error}"),
        Ok(server) => panic!("{server:?}"),
    }
}

#[test]
fn nothing_is_left_of_a_server() {
    let Some(server) = start("nothing_is_left_of_a_server", &Settings::new()) else { return };
    let folder = folder(&server.url());
    assert!(folder.join("data/PG_VERSION").exists());
    drop(server);
    assert!(!folder.exists());
}

#[test]
fn a_killed_process_leaves_no_server_behind() {
    if start("a_killed_process_leaves_no_server_behind", &Settings::new()).is_none() {
        return;
    }
    let (child, url) = another_process("");
    let folder = folder(&url);
    let pid = std::fs::read_to_string(folder.join("data/postmaster.pid")).unwrap();
    let process = PathBuf::from("/proc").join(pid.lines().next().unwrap());
    assert_eq!(process.exists(), cfg!(target_os = "linux"));
    assert_eq!(Server::given(&url).unwrap().query("SELECT 1").unwrap(), "1");
    kill(child);
    assert!(soon(|| !folder.exists()), "{} is still there", folder.display());
    assert!(soon(|| !process.exists()), "the server still runs");
}

#[test]
fn on_a_given_server_a_killed_process_leaves_no_database_behind() {
    let name = "on_a_given_server_a_killed_process_leaves_no_database_behind";
    let Some(server) = start(name, &Settings::new().loopback(true)) else { return };
    let given = server.loopback_url("127.0.0.1", "postgres").unwrap();
    let (child, url) = another_process(&given);
    let database = url.rsplit_once('/').unwrap().1;
    let exists = format!("SELECT count(*) FROM pg_database WHERE datname = '{database}'");
    assert_eq!(server.query(&exists).unwrap(), "1");
    assert_no_command_line_says(given.split(['@', ':']).nth(2).unwrap());
    kill(child);
    assert!(soon(|| server.query(&exists).unwrap() == "0"));
}

/// Everybody on a machine can read all command lines.
fn assert_no_command_line_says(secret: &str) {
    assert_eq!(secret.len(), 32);
    for entry in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
        let line = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
        assert!(!line.windows(secret.len()).any(|part| part == secret.as_bytes()), "{entry:?}");
    }
}

#[cfg(unix)]
#[test]
fn a_crash_loses_what_was_not_committed_and_no_more() {
    let durable = Settings::new().durable(true);
    let Some(server) = start("a_crash_loses_what_was_not_committed_and_no_more", &durable) else { return };
    let database = server.database().unwrap();
    database.query("CREATE TABLE kept (id integer)").unwrap();
    database.query("INSERT INTO kept VALUES (1)").unwrap();
    server.crash().unwrap();
    assert!(database.query("SELECT 1").is_err());
    server.restart().unwrap();
    assert_eq!(database.query("SELECT id FROM kept").unwrap(), "1");
}
