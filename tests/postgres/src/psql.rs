//! What is said to a server, through `psql`.

use std::io::Write;
use std::process::{Command, Stdio};

use crate::error::Error;
use crate::programs;
use crate::url::Url;

/// `psql` connected to a URL: quiet, reading its standard input, stopping at the first error. The password is not on its
/// command line.
pub(crate) fn command(url: &Url) -> Result<Command, Error> {
    let mut command = Command::new(programs::psql()?);
    command.args(["--no-psqlrc", "--quiet", "--no-align", "--tuples-only", "--no-password", "--field-separator=\t"]);
    command.args(["--set=ON_ERROR_STOP=1", "--dbname", &url.without_password()]);
    command.env("PGOPTIONS", "-c client_min_messages=warning").env("PGCONNECT_TIMEOUT", "10");
    if let Some(password) = url.password() {
        command.env("PGPASSWORD", password);
    }
    Ok(command)
}

/// Runs statements; their rows, one a line, the columns apart by tabs.
pub(crate) fn run(url: &Url, sql: &str) -> Result<String, Error> {
    let mut command = command(url)?;
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|error| Error::io("psql", &error))?;
    let input = child.stdin.take();
    let output = std::thread::scope(|scope| {
        // Beside the reading, so that neither side waits for the other with a full pipe. That psql stopped reading shows in
        // how it ends.
        scope.spawn(move || input.map(|mut input| input.write_all(sql.as_bytes())));
        child.wait_with_output()
    });
    let output = output.map_err(|error| Error::io("psql", &error))?;
    match output.status.success() {
        true => Ok(String::from_utf8_lossy(&output.stdout).trim_end_matches('\n').to_owned()),
        false => Err(Error::Failed(String::from_utf8_lossy(&output.stderr).trim_end().to_owned())),
    }
}
