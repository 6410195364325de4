//! A private server's folder, and as whom the server runs in it.
#![cfg(unix)]

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::Command;

use crate::error::Error;

/// The user and group `nobody`, as whom a server is run that root may not run.
const NOBODY: u32 = 65534;

/// A folder that only the server's user can look into. Removed with the value, unless the guard was faster.
pub(crate) struct Folder {
    text: String,
    path: PathBuf,
    user: Option<u32>,
}

impl Folder {
    pub(crate) fn make(name: &str) -> Result<Self, Error> {
        let user = server_user();
        // A socket's path may have 107 bytes, and `nobody` must be able to get there.
        let own = std::env::temp_dir();
        let fits = user.is_none() && own.to_str().is_some_and(|text| text.len() < 60);
        let path = if fits { own } else { PathBuf::from("/tmp") }.join(name);
        let folder = Self { text: path.to_string_lossy().into_owned(), path, user };
        let made = DirBuilder::new().mode(0o700).create(&folder.path);
        made.and_then(|()| folder.give(&folder.path)).map_err(|error| Error::io(&folder.text, &error))?;
        Ok(folder)
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    pub(crate) fn write(&self, name: &str, text: &str) -> Result<(), Error> {
        let path = self.path.join(name);
        let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
        let written = made.and_then(|mut file| file.write_all(text.as_bytes())).and_then(|()| self.give(&path));
        written.map_err(|error| Error::io(name, &error))
    }

    /// Makes a command run as the server's user.
    pub(crate) fn run_as_its_user(&self, command: &mut Command) {
        if let Some(user) = self.user {
            command.uid(user).gid(user);
        }
    }

    fn give(&self, path: &std::path::Path) -> std::io::Result<()> {
        self.user.map_or(Ok(()), |user| chown(path, Some(user), Some(user)))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.path);
    }
}

/// As whom the server must run, if not as ourselves: PostgreSQL refuses to be run by root.
fn server_user() -> Option<u32> {
    let output = Command::new("id").arg("-u").output().ok()?;
    (output.stdout.trim_ascii() == b"0").then_some(NOBODY)
}
