//! `cargo xtask mutants`: is every rule of the core known to be tested?
//!
//! In rounds: each mutant first meets the vectors, which are quick and find most; those that live on meet the core's own tests,
//! then the model and the laws. Survivors must be listed in `tests/mutants/reviewed.txt`, with the reason why no test could notice.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use crate::drift::write;
use crate::steps::{cargo, root, target_dir};
use crate::{system, tools};

const REVIEWED: &str = "tests/mutants/reviewed.txt";

/// The rounds: what is built and run against each mutant. Only what a round needs is built, since building takes most of the
/// time; and no store, which only carries what the core decided.
/// Each with the seconds after which a mutant counts as one that never ends: many times what the round takes.
const ROUNDS: [(&str, &[&str]); 3] = [
    ("20", &["--test-package", "levelkit-tests", "--no-default-features", "-C=--test=vectors"]),
    ("60", &["--test-package", "levelkit", "--all-features", "-C=--lib", "-C=--tests"]),
    ("90", &["--test-package", "levelkit-tests", "--no-default-features", "-C=--test=model", "-C=--test=laws"]),
];

/// How many mutants are tried at once.
fn jobs() -> String {
    std::thread::available_parallelism().map_or(1, usize::from).to_string()
}

/// What to change.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Which {
    /// The files; none means all.
    files: Vec<String>,
    /// Only lines that are not as they were in this commit.
    since: Option<String>,
}

impl Which {
    /// As the command's options say.
    pub(crate) fn read(options: &[&str]) -> Result<Self, String> {
        let mut which = Self::default();
        let mut rest = options;
        loop {
            rest = match rest {
                [] => return Ok(which),
                ["--file", file, rest @ ..] => {
                    which.files.push((*file).to_owned());
                    rest
                }
                ["--since", commit, rest @ ..] if !commit.starts_with('-') => {
                    which.since = Some((*commit).to_owned());
                    rest
                }
                [other, ..] => {
                    return Err(format!("unknown option {other:?}; expected --file FILE, --since COMMIT or --guards"));
                }
            };
        }
    }

    /// Whether it is all of the core.
    pub(crate) fn is_all(&self) -> bool {
        *self == Self::default()
    }

    /// As cargo-mutants takes it; `folder` is for what it needs in a file.
    fn arguments(&self, folder: &Path) -> Result<Vec<String>, String> {
        let mut arguments: Vec<String> =
            self.files.iter().flat_map(|file| ["--file".to_owned(), file.clone()]).collect();
        if let Some(commit) = &self.since {
            let mut git = Command::new("git");
            let diff = system::output(git.args(["diff", commit, "--", "core/src"]).current_dir(root()))?;
            let path = folder.join("since.diff");
            write(&path, diff.as_bytes())?;
            arguments.extend(["--in-diff".to_owned(), path.display().to_string()]);
        }
        Ok(arguments)
    }
}

/// Runs the rounds; whether every survivor is listed.
pub(crate) fn run(which: &Which) -> Result<bool, String> {
    let tool = tools::find_or_install("cargo-mutants", "27.1.0")?;
    let output = target_dir().join("mutants");
    let found = output.join("mutants.out");
    let _ = std::fs::remove_dir_all(&found);
    let changed = which.arguments(&output)?;
    let mut survivors = Vec::new();
    for (number, (seconds, round)) in ROUNDS.iter().enumerate() {
        let mut command =
            cargo(["mutants", "--no-shuffle", "--package", "levelkit", "--baseline", "skip", "--timeout", seconds]);
        // Each job builds in a copy of the project, in a folder of its own.
        command.arg("--output").arg(&output).env_remove("CARGO_TARGET_DIR").args(["--jobs", &jobs()]);
        command.env("LEVELKIT_MODEL_CASES", "100").env("LEVELKIT_VECTORS_STOP", "1");
        let folder = tool.parent().unwrap_or(Path::new(""));
        let paths = std::env::var_os("PATH").unwrap_or_default();
        let paths = std::iter::once(folder.to_path_buf()).chain(std::env::split_paths(&paths));
        command.env("PATH", std::env::join_paths(paths).map_err(|error| error.to_string())?);
        command.args(&changed);
        if number > 0 {
            count_endless_as_caught(&found)?;
            command.arg("--iterate");
        }
        let status = command.args(*round).status().map_err(|error| error.to_string())?;
        // 2: some were missed; 3: some timed out. Anything else means that it did not run to its end.
        if !matches!(status.code(), Some(0 | 2 | 3)) {
            return Err(format!("cargo-mutants ended with {status}"));
        }
        let missed = std::fs::read_to_string(found.join("missed.txt")).unwrap_or_default();
        survivors = missed.lines().filter_map(without_place).collect();
        if survivors.is_empty() {
            break;
        }
    }
    let reviewed = std::fs::read_to_string(root().join(REVIEWED)).map_err(|error| format!("{REVIEWED}: {error}"))?;
    Ok(judge(&survivors, &read_reviewed(&reviewed)?, which.is_all()))
}

/// A mutant that never ends was noticed: the next round need not wait for it again.
fn count_endless_as_caught(found: &Path) -> Result<(), String> {
    let endless = std::fs::read_to_string(found.join("timeout.txt")).unwrap_or_default();
    let caught = found.join("caught.txt");
    let known = std::fs::read_to_string(&caught).unwrap_or_default();
    std::fs::write(&caught, known + &endless).map_err(|error| format!("{}: {error}", caught.display()))
}

/// Compares the survivors with the list; whether all of them are on it.
fn judge(survivors: &[String], reviewed: &BTreeMap<String, String>, all_files: bool) -> bool {
    let unknown: Vec<&String> = survivors.iter().filter(|survivor| !reviewed.contains_key(*survivor)).collect();
    unknown.iter().for_each(|survivor| println!("survived, and not reviewed: {survivor}"));
    if all_files {
        let gone = reviewed.keys().filter(|known| !survivors.contains(known));
        gone.for_each(|known| println!("no longer survives, take it off the list: {known}"));
    }
    println!("{} survivors, {} of them reviewed", survivors.len(), survivors.len() - unknown.len());
    unknown.is_empty()
}

/// A mutant's name without line and column, which move with every edit: `core/src/x.rs: replace a with b in c`.
fn without_place(line: &str) -> Option<String> {
    let mut parts = line.splitn(4, ':');
    match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some(file), Some(line), Some(column), Some(what)) if is_number(line) && is_number(column) => {
            Some(format!("{file}:{}", what.trim_end()))
        }
        _ => None,
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn read_reviewed(text: &str) -> Result<BTreeMap<String, String>, String> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| match line.split_once(" # ") {
            Some((mutant, why)) if !why.trim().is_empty() => Ok((mutant.trim().to_owned(), why.trim().to_owned())),
            _ => Err(format!("{REVIEWED}: no reason is given for {line:?}")),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mutants_place_does_not_matter() {
        let line = "core/src/curve/mod.rs:85:22: replace || with && in Curve::threshold";
        assert_eq!(
            without_place(line).as_deref(),
            Some("core/src/curve/mod.rs: replace || with && in Curve::threshold")
        );
        assert_eq!(without_place("nothing of the kind"), None);
    }

    #[test]
    fn what_to_change_is_asked_for_by_file_or_commit() {
        let which = Which::read(&["--file", "a.rs", "--since", "main", "--file", "b.rs"]);
        assert_eq!(
            which,
            Ok(Which { files: vec!["a.rs".to_owned(), "b.rs".to_owned()], since: Some("main".to_owned()) })
        );
        assert!(Which::read(&[]).is_ok_and(|which| which.is_all()));
        for wrong in [&["--file"] as &[&str], &["--since"], &["--since", "--file"], &["main"]] {
            assert!(Which::read(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn every_reviewed_mutant_has_its_reason() {
        let reviewed = read_reviewed("# a list\n\na.rs: replace < with <= in f # both are the same there\n");
        assert_eq!(reviewed.map(|reviewed| reviewed.len()), Ok(1));
        assert!(read_reviewed("a.rs: replace < with <= in f\n").is_err());
    }

    #[test]
    fn a_survivor_must_be_on_the_list() {
        let reviewed = BTreeMap::from([("a.rs: x".to_owned(), "why".to_owned())]);
        assert!(judge(&[], &reviewed, true));
        assert!(judge(&["a.rs: x".to_owned()], &reviewed, true));
        assert!(!judge(&["b.rs: x".to_owned()], &reviewed, true));
    }
}
