//! Tools that cargo does not bring: found, or installed once into the cache.

use std::path::{Path, PathBuf};

use crate::steps::{cache, cargo};

/// A tool's program: from the PATH, from the cache, or installed into the cache; else why not.
pub(crate) fn find_or_install(tool: &str, version: &str) -> Result<PathBuf, String> {
    let folder = cache().join("tools");
    if let Some(found) = find(tool, &folder) {
        return Ok(found);
    }
    if !may_install() {
        return Err(format!("{tool} is not installed"));
    }
    println!(
        "\n=== {tool} is not installed; installing {tool} {version} into {} (once, some minutes)",
        folder.display()
    );
    let built = folder.join("target");
    let arguments = ["install", "--quiet", "--locked", "--version", version, tool];
    let status = cargo(arguments).arg("--root").arg(&folder).env("CARGO_TARGET_DIR", &built).status();
    // What it was built from is of no use any more.
    let _ = std::fs::remove_dir_all(&built);
    match (status, find(tool, &folder)) {
        (Ok(status), Some(found)) if status.success() => Ok(found),
        _ => Err(format!("{tool} could not be installed")),
    }
}

/// Whether what is missing may be installed; said once, by the environment.
pub(crate) fn may_install() -> bool {
    std::env::var_os("LEVELKIT_INSTALL").is_none_or(|value| value != "never")
}

fn find(tool: &str, folder: &Path) -> Option<PathBuf> {
    let program = format!("{tool}{}", std::env::consts::EXE_SUFFIX);
    let paths = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&paths).chain([folder.join("bin")]);
    folders.map(|folder| folder.join(&program)).find(|path| path.is_file())
}
