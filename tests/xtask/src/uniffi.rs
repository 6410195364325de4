//! What Swift and Kotlin share: the library, and the sources that cross to it.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use crate::steps::{Kind, Steps, cargo, root, target_dir};

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

fn library() -> PathBuf {
    let (prefix, suffix) = (std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    library_dir().join(format!("{prefix}levelkit_uniffi{suffix}"))
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
    const PACKAGES: [&str; 4] = ["-p", "levelkit-uniffi", "-p", "levelkit-bindgen"];
    crate::suite::lint(steps, "swift and kotlin: lints", &[&PACKAGES[..], &["--all-targets"]].concat());
    let tests = [&["test"][..], &PACKAGES, &["--no-fail-fast"]].concat();
    steps.run("swift and kotlin: tests of the crossing", Kind::Tests, &mut cargo(tests));
}

// By itself, so that no other crate's needs are built in.
fn build() -> std::process::Command {
    cargo(["build", "--quiet", "--release", "-p", "levelkit-uniffi"])
}

/// `cargo xtask gen uniffi`: builds the library and writes the sources; with `check` only says what is stale.
pub(crate) fn write(check: bool) -> Result<bool, String> {
    if !build().status().is_ok_and(|status| status.success()) {
        return Err("levelkit-uniffi does not build".to_owned());
    }
    generate(check).map(|()| true)
}

fn generate(check: bool) -> Result<(), String> {
    let fresh = target_dir().join("uniffi-generated");
    let _ = std::fs::remove_dir_all(&fresh);
    let mut generator = cargo(["run", "--quiet", "-p", "levelkit-bindgen", "--"]);
    let status = generator.arg(library()).arg(&fresh).status().map_err(|error| error.to_string())?;
    if !status.success() {
        return Err(format!("levelkit-bindgen ended with {status}"));
    }
    for (from, to) in GENERATED {
        match check {
            true => compare(&fresh.join(from), &root().join(to))?,
            false => copy(&fresh.join(from), &root().join(to))?,
        }
    }
    Ok(())
}

/// Whether every file of `fresh` is in `kept`, byte for byte.
fn compare(fresh: &Path, kept: &Path) -> Result<(), String> {
    for file in files(fresh)? {
        let kept = kept.join(file.strip_prefix(fresh).map_err(|error| error.to_string())?);
        if std::fs::read(&file).ok() != std::fs::read(&kept).ok() {
            let name = kept.strip_prefix(root()).unwrap_or(&kept).display().to_string();
            return Err(format!("{name} is stale: run `cargo xtask gen uniffi`"));
        }
    }
    Ok(())
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

/// The code of a README's quickstart: the first block in this language after the heading `## Quickstart`.
pub(crate) fn quickstart(readme: &str, language: &str) -> Result<String, String> {
    let text = std::fs::read_to_string(root().join(readme)).map_err(|error| format!("{readme}: {error}"))?;
    let missing = || format!("{readme} has no quickstart in {language}");
    let section = text.split("\n## Quickstart\n").nth(1).ok_or_else(missing)?;
    let code = section.split(&format!("\n```{language}\n")).nth(1).and_then(|rest| rest.split("\n```").next());
    code.map(|code| format!("{code}\n")).ok_or_else(missing)
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
        assert!(compare(&fresh, &kept).unwrap_err().contains("x.kt is stale"));
        copy(&fresh, &kept).unwrap();
        assert_eq!(compare(&fresh, &kept), Ok(()));
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

    #[test]
    fn readmes_have_a_quickstart() {
        assert!(quickstart("bindings/kotlin/README.md", "kotlin").unwrap().contains("fun main"));
        assert!(quickstart("bindings/swift/README.md", "swift").unwrap().contains("import Levelkit"));
        assert!(quickstart("bindings/swift/README.md", "cobol").is_err());
    }
}
