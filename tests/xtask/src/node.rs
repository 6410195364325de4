//! `cargo xtask test --lang node`: the Node binding, built and tested with what is on the PATH.

use std::path::PathBuf;
use std::process::Command;

use crate::cost;
use crate::steps::{Kind, Steps, forget_own_package, root, target_dir, trial};
use crate::suite::lint;

/// What `napi build` writes beside the add-on, and is committed.
const GENERATED: [&str; 2] = ["index.d.ts", "native.cjs"];

pub(crate) fn run(steps: &mut Steps) {
    if let Err(why) = find_node() {
        return steps.skip("node", &why);
    }
    let is_installed = folder().join("node_modules/@napi-rs/cli").is_dir();
    if !is_installed && std::env::var_os("LEVELKIT_INSTALL").is_some_and(|value| value == "never") {
        return steps.skip("node", "its tools (package-lock.json) are not installed");
    }
    lint(steps, "node: lints", &["-p", "levelkit-node"]);
    if !is_installed {
        println!(
            "\n=== node: installing what package-lock.json lists into {}",
            folder().join("node_modules").display()
        );
        // Not `npm ci`: some optional packages for other platforms appear later than what asks for them, and it insists on all.
        let install = ["install", "--no-save", "--no-audit", "--no-fund"];
        steps.run("node: tools", Kind::Check, node("npm").args(install));
    }
    let before = GENERATED.map(committed);
    let build = ["napi", "build", "--platform", "--release", "--js", "native.cjs", "--dts", "index.d.ts"];
    steps.run("node: build", Kind::Check, node("npx").args(build));
    let stale = before != GENERATED.map(committed);
    let wrong = "index.d.ts or native.cjs was stale; it has been written anew: commit it";
    steps.look("node: declarations of the verbs are current", stale.then_some(wrong));
    cost::beside(steps);
    let tests = ["--test", "--test-reporter=./test/reporter.mjs", "test/"];
    let mut command = node("node");
    command.args(tests);
    if let Some(vectors) = std::env::var_os("LEVELKIT_VECTORS") {
        command.env("LEVELKIT_VECTORS", root().join(vectors));
    }
    steps.run("node: tests", Kind::Tests, &mut command);
}

fn folder() -> PathBuf {
    root().join("bindings/node")
}

fn committed(name: &str) -> String {
    std::fs::read_to_string(folder().join(name)).unwrap_or_default()
}

/// A program of Node's in the binding's folder.
fn node(program: &str) -> Command {
    let mut command = Command::new(program);
    trial(command.current_dir(folder()).env("CARGO_TARGET_DIR", target_dir()));
    forget_own_package(&mut command);
    command
}

/// Whether Node is there, and new enough. No system's package manager has the same one, so installing it is the reader's.
fn find_node() -> Result<(), String> {
    let output = Command::new("node").arg("--version").output();
    let version = output.ok().map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    let major = version.as_deref().and_then(major);
    match major {
        Some(20..) => {
            Command::new("npm").arg("--version").output().map(|_| ()).map_err(|_| "npm is missing".to_owned())
        }
        Some(_) => Err(format!("Node {} is too old: install Node 20 or later", version.unwrap_or_default())),
        None => Err("Node is not installed: install Node 20 or later".to_owned()),
    }
}

/// The major version of `v20.11.1`.
fn major(version: &str) -> Option<u32> {
    version.strip_prefix('v')?.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_has_a_major() {
        assert_eq!(major("v20.11.1"), Some(20));
        assert_eq!(major("20"), None);
        assert_eq!(major(""), None);
    }
}
