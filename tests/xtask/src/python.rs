//! `cargo xtask test --lang python`: the Python binding, built and tested in an environment of its own in the cache.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::cost;
use crate::steps::{Kind, Steps, cache, forget_own_package, root, target_dir, trial};
use crate::suite::lint;

pub(crate) fn run(steps: &mut Steps) {
    let Some(python) = find_python() else {
        return steps.skip("python", "Python 3.11 or later is not installed");
    };
    let environment = match environment(steps, python) {
        Ok(environment) => environment,
        Err(why) => return steps.skip("python", &why),
    };
    lint(steps, "python: lints", &["-p", "levelkit-python"]);
    let tool = |program: &str| tool(&environment, program);
    steps.run("python: build", Kind::Check, tool("maturin").args(["develop", "--release", "--quiet"]));
    let story = "../../examples/story/python";
    steps.run("python: ruff", Kind::Check, tool("ruff").args(["check", "--quiet", ".", story]));
    steps.run("python: format", Kind::Check, tool("ruff").args(["format", "--quiet", "--check", ".", story]));
    steps.run("python: mypy", Kind::Check, tool("mypy").args(["levelkit", "tests", story]));
    // The only module with a stub; the others are their own declarations.
    let stubtest = ["-m", "mypy.stubtest", "levelkit._native", "--ignore-disjoint-bases"];
    steps.run("python: stubs", Kind::Check, tool("python").args(stubtest));
    pyright(
        steps,
        tool("pyright").args(["--pythonpath"]).arg(program(&environment, "python")).args(["levelkit", story]),
    );
    cost::beside(steps);
    let mut tests = tool("pytest");
    if let Some(vectors) = std::env::var_os("LEVELKIT_VECTORS") {
        tests.env("LEVELKIT_VECTORS", root().join(vectors));
    }
    steps.run("python: tests", Kind::Tests, tests.args(["-q", "--no-header"]));
}

/// pyright brings its own Node along from the network; where it cannot, that is no fault of the code.
fn pyright(steps: &mut Steps, check: &mut Command) {
    let has_node = Command::new("node").arg("--version").output().is_ok_and(|output| output.status.success());
    match has_node {
        true => drop(steps.run("python: pyright", Kind::Check, check)),
        false => steps.skip("python: pyright", "Node is not installed"),
    }
}

/// A Python that is new enough: the PATH's.
fn find_python() -> Option<&'static str> {
    let is_new = |name: &&str| {
        let asked = Command::new(name).args(["-c", "import sys; sys.exit(sys.version_info < (3, 11))"]).status();
        asked.is_ok_and(|status| status.success())
    };
    ["python3", "python"].into_iter().find(is_new)
}

/// The environment with the pinned tools; made, and said aloud, where it is not there or older than their list.
fn environment(steps: &mut Steps, python: &str) -> Result<PathBuf, String> {
    let environment = cache().join("python");
    let wanted = std::fs::read_to_string(folder().join("requirements-dev.txt")).map_err(|error| error.to_string())?;
    let noted = environment.join("levelkit-tools.txt");
    if std::fs::read_to_string(&noted).is_ok_and(|found| found == wanted) {
        return Ok(environment);
    }
    if std::env::var_os("LEVELKIT_INSTALL").is_some_and(|value| value == "never") {
        return Err("its tools (requirements-dev.txt) are not installed".to_owned());
    }
    println!("\n=== python: installing what requirements-dev.txt lists into {} (once)", environment.display());
    steps.run("python: environment", Kind::Check, Command::new(python).args(["-m", "venv"]).arg(&environment));
    let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", "requirements-dev.txt"];
    let status = tool(&environment, "python").args(install).status();
    match status {
        Ok(status) if status.success() => std::fs::write(noted, wanted).map_err(|error| error.to_string())?,
        _ => return Err("its tools could not be installed".to_owned()),
    }
    Ok(environment)
}

fn folder() -> PathBuf {
    root().join("bindings/python")
}

fn program(environment: &Path, name: &str) -> PathBuf {
    let folder = if cfg!(windows) { "Scripts" } else { "bin" };
    environment.join(folder).join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
}

/// A program of the environment in the binding's folder.
fn tool(environment: &Path, name: &str) -> Command {
    let mut command = Command::new(program(environment, name));
    trial(command.current_dir(folder()).env("CARGO_TARGET_DIR", target_dir()).env("VIRTUAL_ENV", environment));
    command.env_remove("PYTHONHOME").env_remove("PYTHONPATH");
    forget_own_package(&mut command);
    command
}
