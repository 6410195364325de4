//! What steps of several languages need of the system: programs, packages, folders.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};

/// A program on the PATH.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    let program = format!("{program}{}", std::env::consts::EXE_SUFFIX);
    let paths = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&paths).map(|folder| folder.join(&program)).find(|path| path.is_file())
}

/// Whether something may be installed.
pub(crate) fn may_install(what: &str) -> Result<(), String> {
    match std::env::var_os("LEVELKIT_INSTALL").is_some_and(|value| value == "never") {
        true => Err(format!("{what} is not installed")),
        false => Ok(()),
    }
}

/// Installs Debian's packages, as root on Debian; else says what is missing.
pub(crate) fn install(packages: &[&str]) -> Result<(), String> {
    let names = packages.join(" ");
    may_install(&names)?;
    if !(is_root() && find("apt-get").is_some()) {
        return Err(format!("install {names} (as Debian names them)"));
    }
    println!("\n=== installing {names} with apt-get");
    // One at a time: it does not wait for another.
    static TURN: Mutex<()> = Mutex::new(());
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let mut apt = Command::new("apt-get");
    apt.args(["install", "--yes", "--no-install-recommends"]).args(packages).env("DEBIAN_FRONTEND", "noninteractive");
    match output(&mut apt) {
        Ok(_) => Ok(()),
        // Its lists may be old, or not there at all.
        Err(_) => output(Command::new("apt-get").arg("update")).and_then(|_| output(&mut apt)).map(drop),
    }
}

pub(crate) fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output();
    id.is_ok_and(|id| id.stdout == b"0\n")
}

/// What a command prints, or that it failed, with what it said.
pub(crate) fn output(command: &mut Command) -> Result<String, String> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.stdin(Stdio::null()).output().map_err(|error| format!("{program}: {error}"))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    match output.status.success() {
        true => Ok(text),
        false => Err(format!("{program}: {}\n{text}{}", output.status, String::from_utf8_lossy(&output.stderr))),
    }
}

/// A folder that exists and is empty.
pub(crate) fn empty(folder: &Path) -> Result<PathBuf, String> {
    let _ = std::fs::remove_dir_all(folder);
    std::fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    Ok(folder.to_path_buf())
}

/// Names the folder of vectors absolutely, since tests run in other folders.
pub(crate) fn absolute_vectors(command: &mut Command) {
    if let Some(folder) = std::env::var_os("LEVELKIT_VECTORS") {
        command.env("LEVELKIT_VECTORS", crate::steps::root().join(folder));
    }
}

/// Whether two texts are the same, byte for byte; else the first line that is not.
pub(crate) fn same(what: &str, found: &str, expected: &str) -> Result<(), String> {
    if found == expected {
        return Ok(());
    }
    let mut lines = found.lines().zip(expected.lines()).enumerate();
    match lines.find(|(_, (found, expected))| found != expected) {
        Some((index, (found, expected))) => {
            Err(format!("{what}, line {}:\n  expected {expected:?}\n  found    {found:?}", index + 1))
        }
        None => Err(format!("{what} has {} lines, not {}", found.lines().count(), expected.lines().count())),
    }
}

/// Runs a script with stand-ins for its tools, which note how they are called and do nothing: what they noted, and the folder
/// in whose `target` the script was to build.
pub(crate) fn rehearse(script: &Path, tools: &[&str]) -> Result<(String, PathBuf), String> {
    let name = script.file_stem().unwrap_or_default();
    let folder = empty(&crate::steps::target_dir().join("rehearsal").join(name))?;
    let (noted, programs) = (folder.join("noted.txt"), empty(&folder.join("bin"))?);
    let failed = |error: std::io::Error| error.to_string();
    for tool in tools {
        let program = programs.join(tool);
        let text = format!("#!/bin/sh\necho \"{tool} $*\" >> '{}'\n", noted.display());
        std::fs::write(&program, text).map_err(failed)?;
        output(Command::new("chmod").arg("+x").arg(&program))?;
    }
    let paths = std::env::var_os("PATH").unwrap_or_default();
    let paths = std::iter::once(programs).chain(std::env::split_paths(&paths));
    let mut command = Command::new("bash");
    command.arg(script).env("PATH", std::env::join_paths(paths).map_err(|error| error.to_string())?);
    command.env("CARGO_TARGET_DIR", folder.join("target")).env("ANDROID_NDK_HOME", &folder);
    output(&mut command)?;
    Ok((std::fs::read_to_string(noted).map_err(failed)?, folder))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_other_line_is_shown() {
        assert_eq!(same("it", "a\n", "a\n"), Ok(()));
        assert!(same("it", "a\nb\n", "a\nc\n").unwrap_err().contains("line 2"));
        assert!(same("it", "a\n", "a\nb\n").unwrap_err().contains("1 lines, not 2"));
    }

    #[test]
    fn what_a_command_says_is_kept() {
        assert_eq!(output(Command::new("echo").arg("yes")).as_deref(), Ok("yes\n"));
        assert!(output(&mut Command::new("false")).is_err());
        assert!(output(&mut Command::new("there-is-no-such-program")).is_err());
    }
}
