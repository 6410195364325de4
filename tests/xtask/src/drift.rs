//! The proof that a field which core gains shows in every language: in a copy of the sources one type really gets a field, and
//! the checks of the committed sources must fail on it.

use std::path::{Path, PathBuf};

use crate::steps::{cargo, root, target_dir};
use crate::{system, uniffi};

/// What the copy is made of: all that the library and the declarations are built from, and what is compared with them.
const PARTS: [&str; 14] = [
    "Cargo.lock",
    "README.md",
    "migrations",
    "core",
    "storage",
    "bindings/shared",
    "bindings/uniffi",
    "tests/features",
    "tests/gen",
    "tests/postgres",
    "bindings/node/documents.d.ts",
    "bindings/node/types.d.ts",
    "bindings/python/levelkit/documents.py",
    "bindings/python/levelkit/types.py",
];

/// The packages of the copy; the others need what is not in it.
const MEMBERS: &str = r#"members = ["bindings/shared", "bindings/uniffi", "core", "migrations", "storage", "tests/features", "tests/gen", "tests/postgres"]"#;

/// The field, where its type is defined and where its one value is made.
const EDITS: [(&str, &str, &str); 2] = [
    (
        "core/src/api/view.rs",
        "pub struct ChallengeView {\n",
        "pub struct ChallengeView {\n    /// How many levels were skipped.\n    pub skipped_levels: i32,\n",
    ),
    ("core/src/view.rs", "ChallengeView { name: ", "ChallengeView { skipped_levels: 0, name: "),
];

/// Whether `gen uniffi --check` would find Swift's and Kotlin's committed sources stale, and nothing else.
pub(crate) fn uniffi() -> Result<(), String> {
    let copy = copy()?;
    // A server is nothing that crosses, and takes long to build.
    build(&copy, &["build", "--quiet", "-p", "levelkit-uniffi", "--no-default-features"])?;
    let library = uniffi::library_in(&built().join("debug"));
    let fresh = uniffi::fresh(&library)?;
    let expected = [
        "bindings/kotlin/src/generated/kotlin/levelkit/api/levelkit.kt",
        "bindings/swift/Sources/Levelkit/Generated/levelkit.swift",
    ];
    let stale = uniffi::stale(&fresh)?;
    if stale != expected.map(PathBuf::from) {
        return Err(format!("with one field more, {stale:?} are stale, and not {expected:?}"));
    }
    says(&fresh.join("kotlin/levelkit/api/levelkit.kt"), "val skippedLevels: kotlin.Int")?;
    says(&fresh.join("swift/Levelkit/levelkit.swift"), "public let skippedLevels: Int32")
}

/// Whether `gen --check` fails on the declarations for TypeScript and Python.
pub(crate) fn declarations() -> Result<(), String> {
    let copy = copy()?;
    let Err(said) = build(&copy, &["run", "--quiet", "-p", "levelkit-gen", "--", "--check"]) else {
        return Err("one field more, and the declarations are said to be current".to_owned());
    };
    for name in ["bindings/node/types.d.ts", "bindings/python/levelkit/types.py"] {
        if !said.contains(&format!("{name} is stale")) {
            return Err(format!("{name} is not said to be stale:\n{said}"));
        }
    }
    build(&copy, &["run", "--quiet", "-p", "levelkit-gen"])?;
    says(&copy.join("bindings/node/types.d.ts"), "  skippedLevels: number;")?;
    says(&copy.join("bindings/python/levelkit/types.py"), "    skipped_levels: int\n")
}

/// Cargo in the copy, as quickly as can be.
fn build(copy: &Path, arguments: &[&str]) -> Result<String, String> {
    let mut command = cargo(arguments);
    command
        .env("CARGO_TARGET_DIR", built())
        .env("CARGO_PROFILE_DEV_OPT_LEVEL", "0")
        .env("CARGO_PROFILE_DEV_DEBUG", "0");
    system::output(command.current_dir(copy))
}

/// Where the copy is built: not beside the project, whose packages have the same names, and would be taken for these.
fn built() -> PathBuf {
    target_dir().join("drift-target")
}

/// The changed sources, always in one place, so that only what changed since is built again.
fn copy() -> Result<PathBuf, String> {
    let copy = target_dir().join("drift");
    let mut kept = vec![copy.join("Cargo.toml")];
    for part in PARTS {
        let from = root().join(part);
        let files = if from.is_dir() { uniffi::files(&from)? } else { vec![from] };
        for file in files {
            let path = file.strip_prefix(root()).map_err(|error| error.to_string())?;
            let text = std::fs::read(&file).map_err(|error| format!("{}: {error}", file.display()))?;
            write(&copy.join(path), &edited(path, text)?)?;
            kept.push(copy.join(path));
        }
    }
    write(&copy.join("Cargo.toml"), &manifest()?)?;
    for file in uniffi::files(&copy)?.into_iter().filter(|file| !kept.contains(file)) {
        std::fs::remove_file(&file).map_err(|error| format!("{}: {error}", file.display()))?;
    }
    Ok(copy)
}

/// The workspace's manifest, for the copied packages alone.
fn manifest() -> Result<Vec<u8>, String> {
    let text = std::fs::read_to_string(root().join("Cargo.toml")).map_err(|error| error.to_string())?;
    let (before, rest) = text.split_once("members = [").ok_or("the workspace lists no members")?;
    let (_, after) = rest.split_once("\n[workspace.package]").ok_or("the workspace has no package settings")?;
    Ok(format!("{before}{MEMBERS}\n\n[workspace.package]{after}").into_bytes())
}

/// A file with the field in it, where it belongs.
fn edited(path: &Path, text: Vec<u8>) -> Result<Vec<u8>, String> {
    let Some((_, from, to)) = EDITS.iter().find(|(file, ..)| Path::new(file) == path) else { return Ok(text) };
    let text = String::from_utf8(text).map_err(|error| error.to_string())?;
    match text.matches(from).count() {
        1 => Ok(text.replace(from, to).into_bytes()),
        count => Err(format!("{} has {from:?} {count} times, not once", path.display())),
    }
}

/// Writes what is new: cargo goes by the time of a change.
pub(crate) fn write(path: &Path, text: &[u8]) -> Result<(), String> {
    if std::fs::read(path).is_ok_and(|known| known == text) {
        return Ok(());
    }
    let failed = |error: std::io::Error| format!("{}: {error}", path.display());
    std::fs::create_dir_all(path.parent().unwrap_or(path)).map_err(failed)?;
    std::fs::write(path, text).map_err(failed)
}

fn says(path: &Path, what: &str) -> Result<(), String> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    text.contains(what).then_some(()).ok_or_else(|| format!("{} has no {what:?}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_field_has_its_places() {
        for (file, from, to) in EDITS {
            let text = std::fs::read(root().join(file)).unwrap();
            let edited = String::from_utf8(edited(Path::new(file), text).unwrap()).unwrap();
            assert!(edited.contains(to) && !edited.contains(&format!("{from}{from}")));
        }
        assert!(edited(Path::new("core/src/view.rs"), b"nothing".to_vec()).is_err());
        assert_eq!(edited(Path::new("core/src/lib.rs"), b"as it is".to_vec()), Ok(b"as it is".to_vec()));
    }

    #[test]
    fn the_copys_manifest_lists_its_packages() {
        let text = String::from_utf8(manifest().unwrap()).unwrap();
        assert!(
            text.contains(MEMBERS) && !text.contains("default-members") && text.contains("[workspace.dependencies]")
        );
    }
}
