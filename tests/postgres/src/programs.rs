//! Where PostgreSQL's programs are.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::Error;

/// The folder that holds both `initdb` and `postgres`: on the PATH, where `pg_config` says, or where Debian and Red Hat put
/// them, which is on no PATH. Of several versions the latest.
pub(crate) fn server_folder() -> Result<PathBuf, Error> {
    let complete = |folder: &PathBuf| ["initdb", "postgres", "pg_ctl", "psql"].iter().all(|name| has(folder, name));
    let mut folders = path_folders();
    folders.extend(configured());
    folders.extend(versions(Path::new("/usr/lib/postgresql"), ""));
    folders.extend(versions(Path::new("/usr"), "pgsql-"));
    folders.into_iter().find(complete).ok_or(Error::NotInstalled("server"))
}

/// `psql`, beside the server or on the PATH. Beside the server first: Debian's on the PATH is a script around it.
pub(crate) fn psql() -> Result<PathBuf, Error> {
    let folder = server_folder().ok().or_else(|| path_folders().into_iter().find(|folder| has(folder, "psql")));
    folder.map(|folder| folder.join(file_name("psql"))).ok_or(Error::NotInstalled("psql"))
}

fn path_folders() -> Vec<PathBuf> {
    std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()).collect()
}

fn configured() -> Option<PathBuf> {
    let output = Command::new("pg_config").arg("--bindir").output().ok()?;
    Some(PathBuf::from(String::from_utf8(output.stdout).ok()?.trim()))
}

/// The `bin` folders of the versions in a folder, the latest first.
fn versions(folder: &Path, prefix: &str) -> Vec<PathBuf> {
    let names = std::fs::read_dir(folder).into_iter().flatten().flatten().filter_map(|entry| {
        let name = entry.file_name().into_string().ok()?;
        Some((name.strip_prefix(prefix)?.parse::<u32>().ok()?, entry.path().join("bin")))
    });
    let mut found: Vec<(u32, PathBuf)> = names.collect();
    found.sort_by(|a, b| b.cmp(a));
    found.into_iter().map(|(_, folder)| folder).collect()
}

fn has(folder: &Path, name: &str) -> bool {
    folder.join(file_name(name)).is_file()
}

fn file_name(name: &str) -> String {
    format!("{name}{}", std::env::consts::EXE_SUFFIX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_version_comes_first() {
        let folder = std::env::temp_dir().join(format!("levelkit-versions-{}", std::process::id()));
        for name in ["pgsql-9", "pgsql-16", "pgsql-x", "other-17"] {
            std::fs::create_dir_all(folder.join(name)).unwrap();
        }
        let found = versions(&folder, "pgsql-");
        std::fs::remove_dir_all(&folder).unwrap();
        assert_eq!(found, ["pgsql-16", "pgsql-9"].map(|name| folder.join(name).join("bin")));
    }
}
