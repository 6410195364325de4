//! `cargo xtask test`: every test and check of the project.

use std::path::Path;

use crate::steps::{Kind, Steps, cargo, root, target_dir};
use crate::{drizzle, kotlin, node, postgres, python, swift, tools};

/// A language's name, and what runs its tests.
type Language = (&'static str, fn(&mut Steps));

/// The languages that have tests here.
const LANGUAGES: &[Language] = &[
    ("rust", rust),
    ("drizzle", drizzle::run),
    ("node", node::run),
    ("python", python::run),
    ("kotlin", kotlin::run),
    ("swift", swift::run),
];

/// Packages that need no other language's tools, and yet are no default members: the bindings' own ground.
const GROUND: [&str; 4] = ["-p", "levelkit-shared", "-p", "levelkit-gen"];

/// The languages that are asked for; all by default.
pub(crate) fn languages(options: &[&str]) -> Result<Vec<&'static str>, String> {
    let known = || LANGUAGES.iter().map(|(language, _)| *language).collect::<Vec<_>>();
    let mut languages = Vec::new();
    let mut rest = options;
    while let ["--lang", language, further @ ..] = rest {
        let found = known().into_iter().find(|known| known == language);
        languages.push(found.ok_or_else(|| format!("unknown language {language:?}; known: {}", known().join(", ")))?);
        rest = further;
    }
    match rest {
        [] if languages.is_empty() => Ok(known()),
        [] => Ok(languages),
        [other, ..] => Err(format!("unknown option {other:?}; expected --lang LANGUAGE")),
    }
}

/// Runs the tests of the languages; whether nothing failed.
pub(crate) fn run(languages: &[&str]) -> Result<bool, String> {
    println!("building in {}", target_dir().display());
    let mut steps = Steps::default();
    let server = postgres::share(&mut steps);
    if languages.contains(&"swift") {
        // That takes minutes and hardly a processor, so it goes on beside what is built first; Swift's turn waits for it.
        std::thread::spawn(swift::prepare);
    }
    for (_, run) in LANGUAGES.iter().filter(|(language, _)| languages.contains(language)) {
        run(&mut steps);
    }
    drop(server);
    Ok(steps.finish())
}

fn rust(steps: &mut Steps) {
    steps.run("format", Kind::Check, &mut cargo(["fmt", "--all", "--check"]));
    lint(steps, "lints, default members", &["--all-targets"]);
    lint(steps, "lints, the bindings' ground", &[&GROUND[..], &["--all-targets"]].concat());
    lint(steps, "levelkit alone", &["-p", "levelkit"]);
    for feature in features() {
        lint(steps, &format!("levelkit with {feature}"), &["-p", "levelkit", "--features", &feature]);
    }
    lint(steps, "levelkit-storage alone", &["-p", "levelkit-storage", "--all-targets"]);
    lint(steps, "levelkit with all features", &["-p", "levelkit", "--all-features", "--all-targets"]);
    let mut documentation = cargo(["doc", "--no-deps", "--quiet"]);
    steps.run("documentation", Kind::Check, documentation.env("RUSTDOCFLAGS", "-D warnings"));
    dependencies(steps);
    steps.run("tests, default members", Kind::Tests, &mut cargo(["test", "--no-fail-fast"]));
    let ground = [&["test"][..], &GROUND, &["--no-fail-fast"]].concat();
    steps.run("tests, the bindings' ground", Kind::Tests, &mut cargo(ground));
    steps.run("declarations are current", Kind::Check, &mut gen_check());
    steps.ensure("one field more in core makes the declarations stale", crate::drift::declarations);
    let all_features = ["test", "-p", "levelkit", "--all-features", "--no-fail-fast"];
    steps.run("tests, levelkit with all features", Kind::Tests, &mut cargo(all_features));
    story(steps);
    guards(steps);
    if let Some(folder) = std::env::var_os("LEVELKIT_VECTORS") {
        let mut vectors = cargo(["test", "--release", "-p", "levelkit-tests", "--test", "vectors"]);
        steps.run("vectors in release", Kind::Tests, vectors.env("LEVELKIT_VECTORS", root().join(folder)));
    }
}

/// That each guard can still be taken away, and a test would tell; `cargo xtask mutants --guards` really does it.
fn guards(steps: &mut Steps) {
    let name = "the guards' patches apply, and their tests are there";
    match root().join(".git").exists() {
        true => drop(steps.ensure(name, crate::guards::check)),
        false => steps.skip(name, "this is no git repository"),
    }
}

/// The story, which is the same in every language; the others compare theirs in their own tests.
fn story(steps: &mut Steps) {
    let told = cargo(["run", "--quiet", "--example", "story"]).output();
    let expected = std::fs::read(root().join("examples/story/expected.txt")).unwrap_or_default();
    let is_same = told.is_ok_and(|told| told.status.success() && told.stdout == expected);
    steps.look("story", (!is_same).then_some("examples/story/rust does not print examples/story/expected.txt"));
}

/// Whether the committed declarations are those of the types.
fn gen_check() -> std::process::Command {
    cargo(["run", "--quiet", "-p", "levelkit-gen", "--", "--check"])
}

/// Clippy checks everything that the compiler does, and more; a warning is a failure.
pub(crate) fn lint(steps: &mut Steps, name: &str, what: &[&str]) {
    let arguments = ["clippy", "--quiet"].iter().chain(what).chain(&["--", "-D", "warnings"]);
    steps.run(name, Kind::Check, &mut cargo(arguments));
}

/// The licences, sources and versions of what is depended upon.
fn dependencies(steps: &mut Steps) {
    let name = "dependencies";
    match tools::find_or_install("cargo-deny", "0.20.2") {
        Ok(deny) => {
            let checks = ["--log-level", "error", "check", "bans", "licenses", "sources"];
            let mut command = std::process::Command::new(deny);
            steps.run(name, Kind::Check, command.args(checks).current_dir(root()));
        }
        Err(why) => steps.skip(name, &why),
    }
}

/// The features of the core, but for the defaults.
fn features() -> Vec<String> {
    features_of(&std::fs::read_to_string(root().join(Path::new("core/Cargo.toml"))).unwrap_or_default())
}

fn features_of(manifest: &str) -> Vec<String> {
    let lines = manifest.lines().skip_while(|line| line.trim() != "[features]").skip(1);
    let section = lines.take_while(|line| !line.starts_with('['));
    let names =
        section.filter_map(|line| line.split_once('=')).map(|(name, _)| name.trim().trim_matches('"').to_owned());
    names.filter(|name| name != "default" && !name.starts_with('#')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_are_all_or_those_asked_for() {
        assert_eq!(languages(&[]).map(|all| all.len()), Ok(LANGUAGES.len()));
        assert_eq!(languages(&["--lang", "rust"]), Ok(vec!["rust"]));
        assert!(languages(&["--lang", "cobol"]).is_err());
        assert!(languages(&["--fast"]).is_err());
    }

    #[test]
    fn every_feature_is_found() {
        let manifest = "[package]\nname = \"x\"\n\n[features]\ndefault = []\n## Text.\nyaml = [\"dep:y\"]\n# toml = []\n\n[dependencies]\nz = 1\n";
        assert_eq!(features_of(manifest), ["yaml"]);
        assert!(features().iter().any(|feature| feature == "schema"));
    }
}
