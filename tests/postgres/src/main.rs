//! `cargo run -p levelkit-test-postgres`: a private server, or a database on the one of `DATABASE_URL`, until Enter or Ctrl-C.
//! Prints the URL of an empty database as its first line.

use std::process::ExitCode;

use levelkit_test_postgres::{Error, Server, Settings};

fn main() -> ExitCode {
    match run(std::env::args().any(|argument| argument == "--loopback")) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run(loopback: bool) -> Result<(), Error> {
    let server = match loopback {
        true => Server::start(&Settings::new().loopback(true))?,
        false => Server::given_or_private()?,
    };
    let database = server.database()?;
    println!("{}", server.loopback_url("127.0.0.1", database.name()).unwrap_or_else(|| database.url()));
    let _ = std::io::stdin().read_line(&mut String::new());
    Ok(())
}
