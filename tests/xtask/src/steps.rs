//! Steps: one command each, what it counted, and the sum of all of them.

use std::ffi::{OsStr, OsString};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How many tests passed, failed and were skipped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    pub(crate) skipped: u64,
}

impl Counts {
    /// A check that is one test: it passes or fails as a whole.
    fn of_one(passed: bool) -> Self {
        Self { passed: passed.into(), failed: (!passed).into(), skipped: 0 }
    }

    fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }

    /// What all lines of an output count.
    pub(crate) fn of_lines(text: &str) -> Self {
        text.lines().filter_map(Self::of_line).fold(Self::default(), |mut sum, counts| {
            sum.add(counts);
            sum
        })
    }

    /// The counts of a test runner's line, whichever language it runs.
    fn of_line(line: &str) -> Option<Self> {
        let others = [Self::of_node, crate::kotlin::counts, crate::swift::counts];
        Self::of_rust(line).or_else(|| others.iter().find_map(|counts| counts(line)))
    }

    /// One line of several: `# pass 3`, `# fail 0`, `# cancelled 0`, `# skipped 1`.
    fn of_node(line: &str) -> Option<Self> {
        let (what, count) = line.strip_prefix("# ")?.trim_end().split_once(' ')?;
        let count = count.parse().ok()?;
        match what {
            "pass" => Some(Self { passed: count, ..Self::default() }),
            "fail" | "cancelled" => Some(Self { failed: count, ..Self::default() }),
            "skipped" | "todo" => Some(Self { skipped: count, ..Self::default() }),
            _ => None,
        }
    }

    /// A line like `test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 2 filtered out; ...`.
    fn of_rust(line: &str) -> Option<Self> {
        let result = line.trim_start().strip_prefix("test result: ")?;
        let words: Vec<&str> = result.split(|c: char| c.is_whitespace() || c == ';' || c == '.').collect();
        let count = |what: &str| {
            let place = words.iter().position(|word| *word == what)?;
            words.get(place.checked_sub(1)?)?.parse().ok()
        };
        Some(Self { passed: count("passed")?, failed: count("failed")?, skipped: count("ignored")? })
    }
}

impl std::fmt::Display for Counts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} passed, {} failed, {} skipped", self.passed, self.failed, self.skipped)
    }
}

/// What a step's output says.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    /// The step is one test.
    Check,
    /// It prints the result lines of a language's test runner.
    Tests,
}

/// All steps so far.
#[derive(Debug, Default)]
pub(crate) struct Steps {
    done: Vec<(String, Counts, Duration)>,
    environment: Vec<(&'static str, String)>,
}

impl Steps {
    /// Runs a command of a step; whether nothing failed.
    pub(crate) fn run(&mut self, name: &str, kind: Kind, command: &mut Command) -> bool {
        println!("\n=== {name}: {}", shown(command));
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        let started = Instant::now();
        let counts = match kind {
            Kind::Check => Counts::of_one(succeeds(command)),
            Kind::Tests => tests(command, &mut std::io::stdout()),
        };
        self.done.push((name.to_owned(), counts, started.elapsed()));
        counts.failed == 0
    }

    /// Runs a check that is no command; whether it passed.
    pub(crate) fn ensure(&mut self, name: &str, check: impl FnOnce() -> Result<(), String>) -> bool {
        println!("\n=== {name}");
        let started = Instant::now();
        let outcome = check();
        if let Err(wrong) = &outcome {
            println!("{wrong}");
        }
        self.done.push((name.to_owned(), Counts::of_one(outcome.is_ok()), started.elapsed()));
        outcome.is_ok()
    }

    /// Notes a step that is a look of our own: what was wrong, or nothing.
    pub(crate) fn look(&mut self, name: &str, wrong: Option<&str>) {
        println!("\n=== {name}: {}", wrong.unwrap_or("ok"));
        self.done.push((name.to_owned(), Counts::of_one(wrong.is_none()), Duration::ZERO));
    }

    /// Notes a step that was not run, and says so aloud.
    pub(crate) fn skip(&mut self, name: &str, why: &str) {
        println!("\n=== {name}: SKIPPED, {why}");
        let counts = Counts { skipped: 1, ..Counts::default() };
        self.done.push((format!("{name} (SKIPPED: {why})"), counts, Duration::ZERO));
    }

    /// Notes a step that could not even begin.
    pub(crate) fn fail(&mut self, name: &str, why: &str) {
        println!("\n=== {name}: FAILED, {why}");
        self.done.push((name.to_owned(), Counts::of_one(false), Duration::ZERO));
    }

    /// Sets an environment variable for all steps from now on.
    pub(crate) fn set(&mut self, name: &'static str, value: String) {
        self.environment.push((name, value));
    }

    /// What the steps see in an environment variable, if it holds anything.
    pub(crate) fn variable(&self, name: &str) -> Option<String> {
        let set = self.environment.iter().find(|(set, _)| *set == name).map(|(_, value)| value.clone());
        set.or_else(|| std::env::var(name).ok()).filter(|value| !value.is_empty())
    }

    /// Prints every step and, as the very last line, the sum; whether nothing failed.
    pub(crate) fn finish(self) -> bool {
        let mut sum = Counts::default();
        println!("\n=== summary");
        for (name, counts, took) in &self.done {
            let mark = if counts.failed > 0 { "FAILED" } else { "ok" };
            println!("{mark:>6}  {:>6.1} s  {name}: {counts}", took.as_secs_f64());
            sum.add(*counts);
        }
        println!("{sum}");
        sum.failed == 0 && sum.passed > 0
    }
}

fn succeeds(command: &mut Command) -> bool {
    match command.status() {
        Ok(status) => status.success(),
        Err(error) => {
            println!("{}: {error}", command.get_program().to_string_lossy());
            false
        }
    }
}

/// Passes the output on, and adds its result lines up. A run that fails without a failed test (it did not compile, or died)
/// is a failed test itself.
fn tests(command: &mut Command, out: &mut impl Write) -> Counts {
    let mut counts = Counts::default();
    let passed = match command.stdout(Stdio::piped()).spawn() {
        Ok(mut child) => {
            if let Some(output) = child.stdout.take() {
                counts = pass_on(BufReader::new(output), out);
            }
            child.wait().is_ok_and(|status| status.success())
        }
        Err(error) => {
            println!("{}: {error}", command.get_program().to_string_lossy());
            false
        }
    };
    if !passed && counts.failed == 0 {
        counts.failed = 1;
    }
    counts
}

fn pass_on(mut output: impl BufRead, out: &mut impl Write) -> Counts {
    let (mut counts, mut line) = (Counts::default(), Vec::new());
    while output.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
        let _ = out.write_all(&line);
        counts.add(Counts::of_line(&String::from_utf8_lossy(&line)).unwrap_or_default());
        line.clear();
    }
    counts
}

/// A command as one would type it.
fn shown(command: &Command) -> String {
    // Where it is built was said at the beginning.
    let variables = command.get_envs().filter(|(name, _)| *name != "CARGO_TARGET_DIR");
    let variables = variables.filter_map(|(name, value)| Some((name, value?)));
    let variables = variables.map(|(name, value)| format!("{}={:?}", name.to_string_lossy(), value.to_string_lossy()));
    let program = Path::new(command.get_program()).file_name().unwrap_or_default();
    let words = std::iter::once(program).chain(command.get_args()).map(|word| word.to_string_lossy().into_owned());
    variables.chain(words).collect::<Vec<_>>().join(" ")
}

/// The project's folder.
pub(crate) fn root() -> PathBuf {
    let own = std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| "./tests/xtask".into(), PathBuf::from);
    own.ancestors().nth(2).map_or_else(|| own.clone(), Path::to_path_buf)
}

/// A folder for what is kept between runs: `~/.cache/levelkit`, or where XDG_CACHE_HOME says.
pub(crate) fn cache() -> PathBuf {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let caches = set("XDG_CACHE_HOME").or_else(|| Some(set("HOME").or_else(|| set("USERPROFILE"))?.join(".cache")));
    caches.map_or_else(|| root().join("target/levelkit-cache"), |caches| caches.join("levelkit"))
}

/// Where to build: as the environment says, else in the cache, so that the next clone is quick.
pub(crate) fn target_dir() -> PathBuf {
    let set = ["CARGO_TARGET_DIR", "CARGO_BUILD_TARGET_DIR"].into_iter().find_map(std::env::var_os);
    set.map_or_else(|| cache().join("target"), |set| root().join(set))
}

/// Cargo in the project's folder.
pub(crate) fn cargo<I: IntoIterator<Item = S>, S: AsRef<OsStr>>(arguments: I) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo")));
    command.args(arguments).current_dir(root()).env("CARGO_TARGET_DIR", target_dir());
    forget_own_package(&mut command);
    command
}

/// This program's own package is of no interest to what it starts; where it lies would have packages built anew in every clone.
pub(crate) fn forget_own_package(command: &mut Command) {
    for name in std::env::vars_os().map(|(name, _)| name) {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") || text == "CARGO_BIN_NAME" {
            command.env_remove(&name);
        }
    }
}

/// Has a command build its release without optimising across crates: what is tested, and measured beside each other, is built in
/// half the time.
pub(crate) fn trial(command: &mut Command) -> &mut Command {
    command.env("CARGO_PROFILE_RELEASE_LTO", "off")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn result_lines_are_counted() {
        let line =
            "test result: FAILED. 12 passed; 3 failed; 4 ignored; 0 measured; 5 filtered out; finished in 0.01s\n";
        assert_eq!(Counts::of_line(line), Some(Counts { passed: 12, failed: 3, skipped: 4 }));
        assert_eq!(Counts::of_line("test vectors ... ok"), None);
        assert_eq!(Counts::of_line("test result: what?"), None);
        let node =
            "# tests 9\n# suites 0\n# pass 4\n# fail 2\n# cancelled 1\n# skipped 2\n# todo 0\n# duration_ms 3.5\n";
        assert_eq!(pass_on(node.as_bytes(), &mut Vec::new()), Counts { passed: 4, failed: 3, skipped: 2 });
    }

    #[test]
    fn a_run_that_dies_is_a_failure() {
        let run = |command: &mut Command| tests(command, &mut Vec::new());
        assert_eq!(run(&mut Command::new("there-is-no-such-program")).failed, 1);
        let mut echo = Command::new("echo");
        echo.arg("test result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out");
        assert_eq!(run(&mut echo), Counts { passed: 2, failed: 0, skipped: 1 });
        assert_eq!(run(&mut Command::new("false")).failed, 1);
    }

    #[test]
    fn what_is_set_reaches_every_later_step() {
        let mut steps = Steps::default();
        let mut tell = || {
            let mut command = Command::new("sh");
            command.args(["-c", "test \"$LEVELKIT_TOLD\" = once"]);
            steps.run("tell", Kind::Check, &mut command);
            steps.set("LEVELKIT_TOLD", "once".to_owned());
        };
        tell();
        tell();
        let passed: Vec<u64> = steps.done.iter().map(|(_, counts, _)| counts.passed).collect();
        assert_eq!(passed, [0, 1]);
    }

    #[test]
    fn the_last_line_is_the_sum() {
        assert_eq!(Counts { passed: 3, failed: 0, skipped: 1 }.to_string(), "3 passed, 0 failed, 1 skipped");
    }
}
