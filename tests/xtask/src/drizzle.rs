//! Drizzle and Better Auth on the tables that levelkit migrates: the tests in `tests/drizzle`.

use std::path::Path;
use std::process::Command;

use crate::steps::{Kind, Steps, cargo, root, target_dir};
use crate::tools;

const NAME: &str = "Drizzle and Better Auth";

/// The first version of Node that loads TypeScript by `--import`.
const NODE: u32 = 20;

pub(crate) fn run(steps: &mut Steps) {
    let folder = root().join("tests/drizzle");
    if let Err(why) = prepare(&folder) {
        return steps.skip(NAME, &why);
    }
    let in_folder = |program: &str| {
        let mut command = Command::new(program);
        command.current_dir(&folder);
        command
    };
    let mut types = in_folder("node");
    steps.run("Drizzle: types", Kind::Check, types.args(["node_modules/typescript/bin/tsc", "--noEmit"]));
    steps.run("Drizzle: the command", Kind::Check, &mut cargo(["build", "--quiet", "--bin", "levelkit"]));
    let mut tests = in_folder("node");
    tests.args(["--import", "tsx", "--test", "--test-reporter=tap"]).args(files(&folder.join("tests")));
    let command = target_dir().join("debug").join(format!("levelkit{}", std::env::consts::EXE_SUFFIX));
    steps.run(NAME, Kind::Tests, tests.env("LEVELKIT_BIN", command));
}

/// Node, and what the lock file names; else why not.
fn prepare(folder: &Path) -> Result<(), String> {
    let version = Command::new("node").arg("--version").output().map_err(|_| "node is not installed".to_owned())?;
    let version = String::from_utf8_lossy(&version.stdout).trim().to_owned();
    if major(&version).is_none_or(|major| major < NODE) {
        return Err(format!("node {version} is older than version {NODE}"));
    }
    if is_installed(folder) {
        return Ok(());
    }
    if !tools::may_install() {
        return Err("the packages of tests/drizzle are not installed".to_owned());
    }
    println!("\n=== installing the packages of tests/drizzle into its node_modules (once, some seconds)");
    let mut npm = Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" });
    let status = npm.args(["ci", "--no-audit", "--no-fund", "--loglevel=error"]).current_dir(folder).status();
    match status {
        Ok(status) if status.success() => Ok(()),
        _ => Err("npm could not install the packages of tests/drizzle".to_owned()),
    }
}

fn major(version: &str) -> Option<u32> {
    version.strip_prefix('v')?.split('.').next()?.parse().ok()
}

/// Whether what npm installed last is not older than the lock file.
fn is_installed(folder: &Path) -> bool {
    let changed = |name: &str| folder.join(name).metadata().and_then(|metadata| metadata.modified());
    match (changed("node_modules/.package-lock.json"), changed("package-lock.json")) {
        (Ok(installed), Ok(locked)) => installed >= locked,
        _ => false,
    }
}

/// The files of tests, in order.
fn files(folder: &Path) -> Vec<String> {
    let names = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> = names.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.retain(|name| name.ends_with(".test.ts"));
    names.sort();
    names.iter().map(|name| format!("tests/{name}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_test_is_found() {
        assert!(files(&root().join("tests/drizzle/tests")).contains(&"tests/schema.test.ts".to_owned()));
        assert_eq!(major("v20.20.2"), Some(20));
        assert_eq!(major("20"), None);
    }
}
