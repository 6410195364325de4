//! `cargo xtask mutants --guards`: is every guard against lost and doubled XP known to be tested?
//!
//! Each `tests/mutants/*.patch` takes one guard away and names the test that must then fail. It is tried in a copy of the project,
//! never in the project itself.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use levelkit_test_postgres::{Error, Server};

use crate::drift::write;
use crate::steps::{Counts, cargo, root, target_dir};
use crate::system::output;
use crate::uniffi::files;

const FOLDER: &str = "tests/mutants";

/// How the line begins that says which test notices.
const CAUGHT_BY: &str = "# caught by: cargo ";

/// A guard's removal.
struct Patch {
    name: String,
    path: PathBuf,
    /// What is removed.
    what: String,
    /// The test that fails then, as arguments of cargo.
    test: Vec<String>,
}

/// Tries the patches of these names, or all; whether each was caught.
pub(crate) fn run(names: &[&str]) -> Result<bool, String> {
    let patches = chosen(read_all()?, names)?;
    let server = Server::given_or_private().map_err(|error| match error {
        Error::NotInstalled(_) => "the guards stand in PostgreSQL too, and it is not installed".to_owned(),
        other => other.to_string(),
    })?;
    println!("trying {} patches in {}", patches.len(), copied().display());
    let (mut trial, mut caught) = (Trial { url: server.url(), passes: BTreeMap::new() }, 0);
    for patch in &patches {
        let began = Instant::now();
        let outcome = trial.of(patch);
        let seconds = began.elapsed().as_secs_f64();
        match outcome {
            Ok(place) => {
                caught += 1;
                println!("caught      {seconds:>5.1} s  {}: {} [{place}]", patch.name, patch.what);
            }
            Err(wrong) => println!("NOT CAUGHT  {seconds:>5.1} s  {}: {}\n{wrong}", patch.name, patch.what),
        }
    }
    println!("{} patches, {caught} caught", patches.len());
    Ok(caught == patches.len())
}

/// Whether each patch applies to the project as it is, and names a test that there is. Quick, and changes nothing.
pub(crate) fn check() -> Result<(), String> {
    let sources = sources()?;
    let wrong = |patch: &Patch| {
        let applies = apply(&patch.path, &root(), true);
        applies.and_then(|()| there_is(&patch.test, &sources)).err().map(|wrong| format!("{}: {wrong}", patch.name))
    };
    let wrong: Vec<String> = read_all()?.iter().filter_map(wrong).collect();
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n")) }
}

fn chosen(patches: Vec<Patch>, names: &[&str]) -> Result<Vec<Patch>, String> {
    match names.iter().find(|name| !patches.iter().any(|patch| patch.name == **name)) {
        Some(unknown) => Err(format!("there is no {FOLDER}/{unknown}.patch")),
        None => Ok(patches.into_iter().filter(|patch| names.is_empty() || names.contains(&&*patch.name)).collect()),
    }
}

fn read_all() -> Result<Vec<Patch>, String> {
    let paths = files(&root().join(FOLDER))?.into_iter().filter(|path| path.extension().is_some_and(|e| e == "patch"));
    let patches: Vec<Patch> = paths.map(read).collect::<Result<_, _>>()?;
    if patches.is_empty() { Err(format!("{FOLDER} holds no patch")) } else { Ok(patches) }
}

fn read(path: PathBuf) -> Result<Patch, String> {
    let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let text = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let (what, test) = header(&text).ok_or_else(|| format!("{name}: it does not begin with what it is for"))?;
    Ok(Patch { name, path, what, test })
}

/// What a patch says before its first file: what it removes, and the test that notices.
fn header(text: &str) -> Option<(String, Vec<String>)> {
    let lines: Vec<&str> = text.lines().take_while(|line| line.starts_with('#')).collect();
    let (test, what) = lines.split_last()?;
    let test: Vec<String> = test.strip_prefix(CAUGHT_BY)?.split_whitespace().map(str::to_owned).collect();
    let what: Vec<&str> = what.iter().map(|line| line.trim_start_matches('#').trim()).collect();
    let is_whole = matches!(&*test, [verb, package, _, ..] if verb == "test" && package == "-p") && !what.is_empty();
    is_whole.then(|| (what.join(" "), test))
}

/// The sources in which a test may stand.
fn sources() -> Result<String, String> {
    let read = |path: &PathBuf| std::fs::read_to_string(root().join(path)).map_err(|error| error.to_string());
    listed()?.iter().filter(|path| path.extension().is_some_and(|e| e == "rs")).map(read).collect()
}

fn there_is(test: &[String], sources: &str) -> Result<(), String> {
    let name = test.last().and_then(|path| path.rsplit("::").next()).unwrap_or_default();
    let is_there = ["(", "<"].iter().any(|end| sources.contains(&format!("fn {name}{end}")));
    if is_there { Ok(()) } else { Err(format!("there is no test {name:?}")) }
}

/// Tries patches in the copy.
struct Trial {
    /// The PostgreSQL for their tests.
    url: String,
    /// Which tests pass on the project as it is.
    passes: BTreeMap<Vec<String>, Result<(), String>>,
}

impl Trial {
    /// Whether a patch's test passes without it, and fails with it; where it fails.
    fn of(&mut self, patch: &Patch) -> Result<String, String> {
        if !self.passes.contains_key(&patch.test) {
            copy()?;
            let (counts, said) = self.tests(&patch.test)?;
            let passes = if counts.passed > 0 && counts.failed == 0 { Ok(()) } else { Err(said) };
            self.passes.insert(patch.test.clone(), passes);
        }
        if let Some(Err(said)) = self.passes.get(&patch.test) {
            return Err(format!("its test does not pass without it\n{said}"));
        }
        copy()?;
        apply(&patch.path, &copied(), false)?;
        match self.tests(&patch.test)? {
            (counts, said) if counts.failed > 0 => Ok(place(&said)),
            (counts, said) if counts.passed > 0 => Err(format!("its test passes all the same\n{said}")),
            (_, said) => Err(format!("nothing was tested\n{said}")),
        }
    }

    /// What a test run counted, and said.
    fn tests(&self, test: &[String]) -> Result<(Counts, String), String> {
        let mut command = cargo(test);
        command.current_dir(copied()).env("CARGO_TARGET_DIR", target_dir().join("guards-target"));
        // Built once each, and run once.
        command.env("CARGO_PROFILE_DEV_OPT_LEVEL", "0").env("CARGO_PROFILE_DEV_DEBUG", "0");
        let ended = command.env("DATABASE_URL", &self.url).output().map_err(|error| error.to_string())?;
        let said = String::from_utf8_lossy(&[ended.stdout, ended.stderr].concat()).into_owned();
        Ok((Counts::of_lines(&said), said))
    }
}

/// Where a test failed, so that it can be seen whether it was for the patch's reason.
fn place(said: &str) -> String {
    let place = said.lines().find_map(|line| line.split_once(" panicked at ")?.1.strip_suffix(':'));
    place.unwrap_or("no panic").to_owned()
}

fn copied() -> PathBuf {
    target_dir().join("guards")
}

/// The project as it is, always in one place, so that only what changed since is built again.
fn copy() -> Result<(), String> {
    let (copied, listed) = (copied(), listed()?);
    for path in &listed {
        let text = std::fs::read(root().join(path)).map_err(|error| format!("{}: {error}", path.display()))?;
        write(&copied.join(path), &text)?;
    }
    for file in files(&copied)? {
        if file.strip_prefix(&copied).is_ok_and(|path| !listed.iter().any(|listed| listed == path)) {
            std::fs::remove_file(&file).map_err(|error| format!("{}: {error}", file.display()))?;
        }
    }
    Ok(())
}

/// The project's files, as far as they belong to it.
fn listed() -> Result<Vec<PathBuf>, String> {
    let list = output(git(&root()).args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]))?;
    let files = list.split('\0').filter(|path| !path.is_empty()).map(PathBuf::from);
    Ok(files.filter(|path| root().join(path).is_file()).collect())
}

/// Applies a patch in a folder, or only looks whether it would apply.
fn apply(patch: &Path, folder: &Path, only_look: bool) -> Result<(), String> {
    let mut git = git(folder);
    git.args(["apply", "--whitespace=nowarn"]).args(only_look.then_some("--check")).arg(patch);
    output(&mut git).map(drop)
}

/// Git in a folder. It is not to be taken for a part of a repository around it, where git would apply nothing.
fn git(folder: &Path) -> Command {
    let mut git = Command::new("git");
    git.current_dir(folder).env("GIT_CEILING_DIRECTORIES", folder.parent().unwrap_or(folder));
    for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX"] {
        git.env_remove(name);
    }
    git
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_patch_says_what_it_removes_and_who_notices() {
        let text = "# Nobody\n# looks.\n# caught by: cargo test -p x --test y z::w\n--- a/x\n+++ b/x\n";
        let (what, test) = header(text).unwrap();
        assert_eq!((what.as_str(), test.join(" ").as_str()), ("Nobody looks.", "test -p x --test y z::w"));
        let wrong =
            ["--- a/x", "# caught by: cargo test -p x y", "# Nobody looks.\n--- a/x", "# a\n# caught by: rm -r x"];
        assert!(wrong.iter().all(|text| header(text).is_none()));
    }

    #[test]
    fn where_it_failed_is_told() {
        assert_eq!(place("a\nthread 'x' (7) panicked at a/b.rs:4:5:\nassertion"), "a/b.rs:4:5");
        assert_eq!(place("error"), "no panic");
    }

    #[test]
    fn a_test_must_be_there() {
        let test = |name: &str| vec!["test".to_owned(), name.to_owned()];
        assert!(there_is(&test("a::b::works"), "fn works<B: Backend>() {").is_ok());
        assert!(there_is(&test("works"), "pub fn works() {").is_ok());
        assert!(there_is(&test("works"), "fn works_not() {").is_err());
    }

    #[test]
    fn patches_are_chosen_by_name() {
        let patches = || {
            let patch = |name: &str| Patch { name: name.into(), path: name.into(), what: "".into(), test: vec![] };
            vec![patch("a"), patch("b")]
        };
        assert_eq!(chosen(patches(), &[]).map(|all| all.len()), Ok(2));
        assert_eq!(chosen(patches(), &["b"]).map(|some| some[0].name.clone()), Ok("b".to_owned()));
        assert!(chosen(patches(), &["c"]).is_err());
    }

    #[test]
    fn a_patch_that_no_longer_fits_is_told() {
        let folder = system_temp();
        std::fs::write(folder.join("x"), "one\n").unwrap();
        std::fs::write(folder.join("x.patch"), "# a\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-one\n+two\n").unwrap();
        let patch = folder.join("x.patch");
        let read = || std::fs::read_to_string(folder.join("x")).unwrap();
        assert_eq!((apply(&patch, &folder, true), read()), (Ok(()), "one\n".to_owned()));
        assert_eq!((apply(&patch, &folder, false), read()), (Ok(()), "two\n".to_owned()));
        assert!(apply(&patch, &folder, true).is_err());
        std::fs::remove_dir_all(&folder).unwrap();
    }

    /// A folder within this repository, where git would apply nothing of its own accord.
    fn system_temp() -> PathBuf {
        let folder = target_dir().join(format!("guards-test-{}", std::process::id()));
        crate::system::empty(&folder).unwrap()
    }
}
