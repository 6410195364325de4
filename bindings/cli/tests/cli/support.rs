//! Running the binary in a folder of its own.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// A small ruleset: two core quests, one of them boolean, a weekly quest, a title and a boss.
pub(crate) const RULES: &str = r#"
format: levelkit.ruleset/1
metrics:
  steps: { kind: numeric }
  meditated: { kind: boolean }
debuff: { missed: 2, hours: 24 }
quests:
  - { id: walk, name: Walk, description: "8,000 steps", type: DAILY, category: MOVEMENT, is_core: true, base_xp: 100,
      stat_affected: AGI, partial_reward: { threshold: 4000, xp: 30 },
      requirements: { type: numeric, metric: steps, op: ">=", value: 8000 } }
  - { id: sit, name: Sit, description: Sit still, type: DAILY, category: DISCIPLINE, is_core: true, base_xp: 200,
      requirements: { type: boolean, metric: meditated, value: true } }
  - { id: week, name: A Far Week, description: "20,000 steps", type: WEEKLY, category: MOVEMENT, base_xp: 50,
      requirements: { type: numeric, metric: sum.steps, op: ">=", value: 20000 } }
titles:
  - { id: here, name: Here, description: Came., system_message: Welcome., condition_type: SPECIAL,
      condition_config: { special: ACCOUNT_CREATION } }
bosses:
  - { id: sloth, name: Sloth, description: Slow., intro_monologue: Wait., defeat_message: Oh., difficulty: NORMAL,
      required_level: 2, xp_reward: 500,
      phases: [ { phase_number: 1, name: Nap, description: One day., requirements: { dailyCompletionRate: 0.5 }, duration_days: 1 } ] }
"#;

/// Two players; the second's last day has one empty cell.
pub(crate) const DATA: &str = "\
player,date,steps,meditated
ann,2026-03-02,9000,yes
ann,2026-03-03,5000,true
ann,2026-03-04,12000,1
bob,2026-03-02,100,no
bob,2026-03-03,8000,
";

/// What a run gave.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    /// The same, if it ended with this exit code.
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, code, "stdout:\n{}\nstderr:\n{}", self.out, self.err);
        assert!(!self.out.contains('\u{1b}') && !self.err.contains('\u{1b}'), "no colours where there is no terminal");
        self
    }

    /// Its answer as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error} in {}", self.out))
    }

    /// Its error as JSON.
    #[track_caller]
    pub(crate) fn error(&self) -> Value {
        let error: Value = serde_json::from_str(&self.err).unwrap_or_else(|error| panic!("{error} in {}", self.err));
        error["error"].clone()
    }

    /// The table that `play` prints first.
    pub(crate) fn table(&self) -> &str {
        self.out.split("\n\n").next().unwrap()
    }
}

/// A folder with a store.
pub(crate) struct Place(TempDir);

impl Place {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// A folder with `rules.yaml` and `data.csv`, played.
    pub(crate) fn played() -> Self {
        let place = Self::new();
        place.write("rules.yaml", RULES);
        place.write("data.csv", DATA);
        place.run(&["play", "data.csv", "--rules", "rules.yaml"]).exits(0);
        place
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
    }

    /// The binary in this folder, with the store `test.db`.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_levelkit"));
        command.args(args).current_dir(self.0.path()).env("LEVELKIT_DB", "sqlite:test.db").env_remove("NO_COLOR");
        command.stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, args: &[&str]) -> Ran {
        let output = self.command(args).output().unwrap();
        Ran {
            code: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    pub(crate) fn json(&self, args: &[&str]) -> Value {
        let args: Vec<&str> = args.iter().copied().chain(["--json"]).collect();
        self.run(&args).exits(0).json()
    }
}

/// Every command, as the help lists them.
pub(crate) fn verbs() -> Vec<String> {
    let help = Place::new().run(&["--help"]).exits(0).out;
    let (_, list) = help.split_once("Commands:\n").unwrap();
    let names = list.lines().take_while(|line| !line.is_empty()).map(|line| line.split_whitespace().next().unwrap());
    names.filter(|name| *name != "help").map(str::to_owned).collect()
}

/// A file of the repository's examples.
pub(crate) fn example(name: &str) -> String {
    // Cargo runs a test in its package's folder.
    Path::new("../../examples").join(name).canonicalize().unwrap().display().to_string()
}

/// Compares with a text that is kept beside the tests; `UPDATE_SNAPSHOTS=1` writes it anew.
#[track_caller]
pub(crate) fn snapshot(name: &str, text: &str) {
    let path = Path::new("tests/cli/snapshots").join(name);
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        std::fs::write(&path, text).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == text, "{} differs; UPDATE_SNAPSHOTS=1 writes it anew. It is now:\n{text}", path.display());
}
