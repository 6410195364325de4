//! What Swift and Kotlin share: the library, and the sources that cross to it.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use crate::steps::{Kind, Steps, cargo, root, target_dir, trial};

/// Where the generator writes each kind of source, and where it is kept.
const GENERATED: [(&str, &str); 3] = [
    ("kotlin", "bindings/kotlin/src/generated/kotlin"),
    ("swift/Levelkit", "bindings/swift/Sources/Levelkit/Generated"),
    ("swift/LevelkitFFI", "bindings/swift/Sources/LevelkitFFI"),
];

/// The folder of the library.
pub(crate) fn library_dir() -> PathBuf {
    target_dir().join("release")
}

/// The library in a folder.
pub(crate) fn library_in(folder: &Path) -> PathBuf {
    let (prefix, suffix) = (std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    folder.join(format!("{prefix}levelkit_uniffi{suffix}"))
}

/// Builds the library, and sees that the committed sources are those of the library; whether both went well.
pub(crate) fn prepare(steps: &mut Steps, language: &str) -> bool {
    static CHECKED: AtomicBool = AtomicBool::new(false);
    if !CHECKED.swap(true, Ordering::Relaxed) {
        check(steps);
    }
    steps.run(&format!("{language}: library"), Kind::Check, &mut build())
        && steps.ensure(&format!("{language}: generated sources are current"), || generate(true))
}

/// The lints and tests of the binding's own Rust, which is for both languages; done with the first of them.
fn check(steps: &mut Steps) {
    // Each by itself: what the generator needs of what both depend on would have it built anew.
    for package in ["levelkit-uniffi", "levelkit-bindgen"] {
        crate::suite::lint(steps, &format!("{package}: lints"), &["-p", package, "--all-targets"]);
        let tests = ["test", "-p", package, "--no-fail-fast"];
        steps.run(&format!("{package}: tests"), Kind::Tests, &mut cargo(tests));
    }
    steps.ensure("swift and kotlin: one field more in core makes their sources stale", crate::drift::uniffi);
}

// By itself, so that no other crate's needs are built in.
fn build() -> std::process::Command {
    let mut build = cargo(["build", "--quiet", "--release", "-p", "levelkit-uniffi"]);
    trial(&mut build);
    build
}

/// `cargo xtask gen uniffi`: builds the library and writes the sources; with `check` only says what is stale.
pub(crate) fn write(check: bool) -> Result<bool, String> {
    if !build().status().is_ok_and(|status| status.success()) {
        return Err("levelkit-uniffi does not build".to_owned());
    }
    generate(check).map(|()| true)
}

fn generate(check: bool) -> Result<(), String> {
    let fresh = fresh(&library_in(&library_dir()))?;
    if check {
        let stale: Vec<_> = stale(&fresh)?.iter().map(|path| format!("{} is stale", path.display())).collect();
        return match stale.is_empty() {
            true => Ok(()),
            false => Err(format!("{}: run `cargo xtask gen uniffi`", stale.join("\n"))),
        };
    }
    GENERATED.iter().try_for_each(|(from, to)| copy(&fresh.join(from), &root().join(to)))
}

/// The folder of sources newly written from a library.
pub(crate) fn fresh(library: &Path) -> Result<PathBuf, String> {
    let fresh = target_dir().join("uniffi-generated");
    let _ = std::fs::remove_dir_all(&fresh);
    let mut generator = cargo(["run", "--quiet", "-p", "levelkit-bindgen", "--"]);
    let status = generator.arg(library).arg(&fresh).status().map_err(|error| error.to_string())?;
    status.success().then_some(fresh).ok_or_else(|| format!("levelkit-bindgen ended with {status}"))
}

/// The committed sources that are not those of a fresh folder.
pub(crate) fn stale(fresh: &Path) -> Result<Vec<PathBuf>, String> {
    let mut stale = Vec::new();
    for (from, to) in GENERATED {
        let other = others(&fresh.join(from), &root().join(to))?;
        stale.extend(other.iter().map(|path| path.strip_prefix(root()).unwrap_or(path).to_path_buf()));
    }
    Ok(stale)
}

/// The files that `kept` should have for those of `fresh`, and has not byte for byte.
fn others(fresh: &Path, kept: &Path) -> Result<Vec<PathBuf>, String> {
    let mut others = Vec::new();
    for file in files(fresh)? {
        let kept = kept.join(file.strip_prefix(fresh).map_err(|error| error.to_string())?);
        if std::fs::read(&file).ok() != std::fs::read(&kept).ok() {
            others.push(kept);
        }
    }
    Ok(others)
}

/// Copies a folder's files into another one.
pub(crate) fn copy(from: &Path, to: &Path) -> Result<(), String> {
    for file in files(from)? {
        let to = to.join(file.strip_prefix(from).map_err(|error| error.to_string())?);
        let failed = |error: std::io::Error| format!("{}: {error}", to.display());
        std::fs::create_dir_all(to.parent().unwrap_or(&to)).map_err(failed)?;
        std::fs::copy(&file, &to).map_err(failed)?;
    }
    Ok(())
}

/// Every file in a folder and below, in order.
pub(crate) fn files(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let failed = |error: std::io::Error| format!("{}: {error}", folder.display());
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        match path.is_dir() {
            true => found.extend(files(&path)?),
            false => found.push(path),
        }
    }
    found.sort();
    Ok(found)
}

/// The project's quickstart in a language: its code, and what it says that it prints. The binding's own README has the same.
pub(crate) fn quickstart(language: &str) -> Result<(String, String), String> {
    let read = |readme: &str| {
        let text = std::fs::read_to_string(root().join(readme)).map_err(|error| format!("{readme}: {error}"))?;
        quickstart_in(&text, language).ok_or_else(|| format!("{readme} has no quickstart in {language}"))
    };
    let (project, binding) = (read("README.md")?, format!("bindings/{language}/README.md"));
    match read(&binding)? == project {
        true => Ok(project),
        false => Err(format!("{binding} and README.md have different quickstarts")),
    }
}

/// Under the heading `## Quickstart`: the first block in this language, and the first block of text after it.
fn quickstart_in(text: &str, language: &str) -> Option<(String, String)> {
    let section = text.split("\n## Quickstart\n").nth(1)?;
    let (_, rest) = section.split_once(&format!("\n```{language}\n"))?;
    let (code, rest) = rest.split_once("\n```")?;
    let (_, rest) = rest.split_once("\n```text\n")?;
    let (printed, _) = rest.split_once("\n```")?;
    Some((format!("{code}\n"), format!("{printed}\n")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stale_file_is_named() {
        let folder = std::env::temp_dir().join(format!("levelkit-stale-{}", std::process::id()));
        let (fresh, kept) = (folder.join("fresh"), folder.join("kept"));
        for (folder, text) in [(&fresh, "a"), (&kept, "b")] {
            std::fs::create_dir_all(folder).unwrap();
            std::fs::write(folder.join("x.kt"), text).unwrap();
        }
        assert_eq!(others(&fresh, &kept), Ok(vec![kept.join("x.kt")]));
        copy(&fresh, &kept).unwrap();
        assert_eq!(others(&fresh, &kept), Ok(Vec::new()));
        std::fs::remove_dir_all(folder).unwrap();
    }

    /// Fields, cases and verbs are of a type; whatever can be anything is the generator's own affair.
    #[test]
    fn nothing_crosses_as_anything() {
        let mut declarations = 0;
        for (_, folder) in GENERATED {
            for file in files(&root().join(folder)).unwrap() {
                let text = std::fs::read_to_string(&file).unwrap();
                let open = ["val ", "suspend fun ", "override fun ", "public let ", "open func ", "case "];
                for line in text.lines().filter(|line| open.iter().any(|word| line.trim_start().starts_with(word))) {
                    declarations += 1;
                    let words = line.split(|character: char| !character.is_alphanumeric());
                    let anything = words.filter(|word| ["Any", "AnyObject", "AnyHashable"].contains(word)).count();
                    assert!(anything == 0 || line.contains("UniffiCleaner"), "{}: {line}", file.display());
                }
            }
        }
        assert!(declarations > 1_000, "{declarations}");
    }

    /// Verbs that take or give a text where there could be types: what an author writes, what a host only keeps, and a file to hand out.
    #[test]
    fn texts_that_hold_more_are_of_known_verbs() {
        const TEXTS: [&str; 5] = ["canonical", "fromJson", "json", "rulesetSchema", "toJson"];
        let mut found = std::collections::BTreeSet::new();
        for file in files(&root().join(GENERATED[0].1)).unwrap() {
            let text = std::fs::read_to_string(&file).unwrap();
            let mut says_json = false;
            for line in text.lines() {
                let line = line.trim_start();
                says_json = (says_json || line.contains("JSON")) && !line.is_empty() && !line.ends_with('}');
                let verb = line.split_once("fun ").and_then(|(_, rest)| rest.split_once('('));
                if let Some((verb, _)) =
                    verb.filter(|(verb, rest)| says_json || verb.contains("Json") && rest.contains("String"))
                {
                    found.insert(verb.trim_matches('`').to_owned());
                    says_json = false;
                }
            }
        }
        found.retain(|verb| !verb.starts_with("uniffi_"));
        assert_eq!(found.iter().map(String::as_str).collect::<Vec<_>>(), TEXTS);
    }

    #[test]
    fn readmes_have_a_quickstart() {
        let (code, printed) = quickstart("kotlin").unwrap();
        assert!(code.contains("fun main") && printed.contains("level 1"));
        assert!(quickstart("swift").unwrap().0.contains("import Levelkit"));
        let text = "# X\n\n## Quickstart\n\n```a\none\n```\n\n```b\ntwo\n```\n\n```text\nthree\n```\n";
        assert_eq!(quickstart_in(text, "b"), Some(("two\n".to_owned(), "three\n".to_owned())));
        assert_eq!(quickstart_in(text, "cobol"), None);
    }
}
