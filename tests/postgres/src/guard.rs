//! What outlives this process for a moment, to clean up after it.
//!
//! A guard is a small shell process that waits at the end of a pipe. The system closes the pipe when this process ends, in
//! whatever way (`kill -9` too), and the guard removes what was made. It is in a process group of its own, so that a Ctrl-C
//! meant for us does not take it along.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use crate::error::Error;

/// The first line of a guard that is ready.
const READY: &str = "ready";

/// A guard process; dropping it makes it clean up, and waits for that.
#[derive(Debug)]
pub(crate) struct Guard {
    child: Child,
    pipe: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Guard {
    /// Starts a guard, and waits until it says that it is ready; whatever else it says is an error.
    pub(crate) fn start(mut command: Command) -> Result<Self, Error> {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).current_dir("/");
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut child = command.spawn().map_err(|error| Error::io("sh", &error))?;
        let (Some(pipe), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(Error::Failed("a guard without its pipes".to_owned()));
        };
        let mut output = BufReader::new(output);
        let mut said = String::new();
        let _ = output.read_line(&mut said);
        if said.trim_end() == READY {
            return Ok(Self { child, pipe: Some(pipe), output });
        }
        let _ = output.read_to_string(&mut said);
        let _ = child.wait();
        Err(Error::Failed(format!("PostgreSQL did not start:\n{}", said.trim_end())))
    }

    /// Tells the guard to do something, and waits until it is done; only a server's guard listens.
    pub(crate) fn tell(&mut self, word: &str) -> Result<(), Error> {
        let Some(pipe) = &mut self.pipe else {
            return Err(Error::Failed("the guard is gone".to_owned()));
        };
        writeln!(pipe, "{word}").map_err(|error| Error::io("sh", &error))?;
        let mut said = String::new();
        let _ = self.output.read_line(&mut said);
        if said.trim_end() == READY {
            return Ok(());
        }
        let _ = self.output.read_to_string(&mut said);
        Err(Error::Failed(format!("PostgreSQL did not {word}:\n{}", said.trim_end())))
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.pipe = None;
        let _ = self.child.wait();
    }
}
