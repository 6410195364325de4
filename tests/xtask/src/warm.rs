//! What makes the next clone quick. Cargo tells by a file's time whether it changed since it was last built, and in a new clone
//! every file is new. So a note beside what is built says what each source held and when it was written: a source that still holds
//! the same gets that time back, and one that holds something else is new, however old it is. Where something was built and there
//! is no note of it, all of them are new.

use std::collections::BTreeMap;
use std::fs::File;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::steps::{root, target_dir};
use crate::system;

/// Does what builds of the project where every clone does; the next clone then builds only what differs.
pub(crate) fn kept<T>(job: impl FnOnce() -> T) -> T {
    let warm = Warm::begin(&root(), &target_dir());
    let done = job();
    if let Err(why) = warm.and_then(Warm::end) {
        println!("\nthe next clone will build all of this again: {why}");
    }
    done
}

/// What each source held, and when it was written.
type Sources = BTreeMap<String, (u64, SystemTime)>;

/// The sources of a run; when it ends, the note is of them.
struct Warm {
    root: PathBuf,
    built: PathBuf,
    sources: Sources,
}

impl Warm {
    /// Gives the sources in `root` the times of what was built from them in `built`.
    fn begin(root: &Path, built: &Path) -> Result<Self, String> {
        let mut sources = read(root)?;
        let own = root.display().to_string();
        let (noted, at) = match known(built) {
            Some(noted) => noted,
            // It was this clone, and stopped: its own times tell.
            None if std::fs::read_to_string(note(built)).is_ok_and(|stopped| stopped == own) => {
                (Sources::new(), UNIX_EPOCH)
            }
            // It was some clone or other, before now.
            None => (Sources::new(), last_built(built)),
        };
        for (path, (held, written)) in &mut sources {
            let time = match noted.get(path) {
                Some((before, time)) if before == held => *time,
                _ if *written <= at => SystemTime::now(),
                _ => continue,
            };
            set(&root.join(path), time)?;
            *written = time;
        }
        // Should this run be stopped, nobody knows what it built, only who did.
        let _ = std::fs::write(note(built), own);
        Ok(Self { root: root.to_path_buf(), built: built.to_path_buf(), sources })
    }

    /// Notes the sources that the whole run was about.
    fn end(mut self) -> Result<(), String> {
        let now = read(&self.root)?;
        self.sources.retain(|path, source| now.get(path) == Some(source));
        let line = |(path, (held, time)): (&String, &(u64, SystemTime))| {
            let time = time.duration_since(UNIX_EPOCH).unwrap_or_default();
            format!("{held:x} {} {path}\n", time.as_nanos())
        };
        let lines: String = self.sources.iter().map(line).collect();
        std::fs::write(note(&self.built), lines).map_err(|error| format!("{}: {error}", note(&self.built).display()))
    }
}

fn note(built: &Path) -> PathBuf {
    built.join("levelkit-sources")
}

/// The note and its time; nothing if something was built since without a note of it.
fn known(built: &Path) -> Option<(Sources, SystemTime)> {
    let at = time(&note(built))?;
    let text = std::fs::read_to_string(note(built)).ok()?;
    let lines = text.lines().map(|line| {
        let mut words = line.splitn(3, ' ');
        let held = u64::from_str_radix(words.next()?, 16).ok()?;
        let time = UNIX_EPOCH + Duration::from_nanos(words.next()?.parse().ok()?);
        Some((words.next()?.to_owned(), (held, time)))
    });
    let sources = lines.collect::<Option<Sources>>()?;
    (last_built(built) <= at).then_some((sources, at))
}

/// When something of levelkit was last built here.
fn last_built(built: &Path) -> SystemTime {
    let profiles = entries(built).map(|profile| profile.join(".fingerprint"));
    let packages = profiles.flat_map(|folder| entries(&folder).collect::<Vec<_>>());
    let own = packages.filter(|path| {
        path.file_name()
            .is_some_and(|name| ["levelkit", "xtask"].iter().any(|own| name.to_string_lossy().starts_with(own)))
    });
    own.flat_map(|folder| entries(&folder).collect::<Vec<_>>())
        .filter_map(|path| time(&path))
        .max()
        .unwrap_or(UNIX_EPOCH)
}

fn entries(folder: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path())
}

fn time(path: &Path) -> Option<SystemTime> {
    path.metadata().and_then(|metadata| metadata.modified()).ok()
}

fn set(path: &Path, time: SystemTime) -> Result<(), String> {
    let set = File::options().write(true).open(path).and_then(|file| file.set_modified(time));
    set.map_err(|error| format!("{}: {error}", path.display()))
}

/// Every file that git knows or would take.
fn read(root: &Path) -> Result<Sources, String> {
    let listed = ["ls-files", "--cached", "--others", "--exclude-standard", "-z"];
    let listed = system::output(Command::new("git").args(listed).current_dir(root))?;
    let files = listed.split('\0').filter(|path| !path.is_empty());
    let source = |path: &str| {
        let file = root.join(path);
        let mut hasher = DefaultHasher::new();
        std::fs::read(&file).ok()?.hash(&mut hasher);
        Some((path.to_owned(), (hasher.finish(), time(&file)?)))
    };
    Ok(files.filter_map(source).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder with sources and another one where they are built, both gone at the end.
    struct Place(PathBuf);

    impl Place {
        fn new(name: &str) -> Self {
            let folder = std::env::temp_dir().join(format!("levelkit-warm-{name}-{}", std::process::id()));
            let place = Self(system::empty(&folder).unwrap());
            std::fs::create_dir_all(place.built().join("debug/.fingerprint/levelkit-1")).unwrap();
            place
        }

        fn built(&self) -> PathBuf {
            self.0.join("built")
        }

        /// A clone with two sources, written so many seconds after the beginning of time.
        fn clone(&self, name: &str, texts: [&str; 2], seconds: u64) -> PathBuf {
            let root = system::empty(&self.0.join(name)).unwrap();
            system::output(Command::new("git").args(["init", "--quiet"]).current_dir(&root)).unwrap();
            for (file, text) in ["a.rs", "b.rs"].into_iter().zip(texts) {
                std::fs::write(root.join(file), text).unwrap();
                set(&root.join(file), seconds_after(seconds)).unwrap();
            }
            root
        }
    }

    impl Drop for Place {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }

    fn seconds_after(seconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(seconds)
    }

    fn times(root: &Path) -> [SystemTime; 2] {
        ["a.rs", "b.rs"].map(|file| time(&root.join(file)).unwrap())
    }

    #[test]
    fn what_is_the_same_keeps_its_time_and_what_is_not_is_new() {
        let place = Place::new("times");
        let first = place.clone("first", ["a", "b"], 1_000);
        let started = SystemTime::now();
        Warm::begin(&first, &place.built()).unwrap().end().unwrap();
        assert_eq!(times(&first), [seconds_after(1_000); 2], "where nothing is known nothing is changed");
        let later = place.clone("later", ["a", "other"], 2_000);
        Warm::begin(&later, &place.built()).unwrap().end().unwrap();
        let [same, other] = times(&later);
        assert_eq!(same, seconds_after(1_000));
        assert!(other >= started, "older than what was built, and yet something else");
        Warm::begin(&first, &place.built()).unwrap().end().unwrap();
        assert!(times(&first)[1] > other, "built from the other since");
    }

    #[test]
    fn what_nobody_noted_counts_for_nothing() {
        let place = Place::new("unknown");
        let first = place.clone("first", ["a", "b"], 1_000);
        let later = place.clone("later", ["a", "b"], 2_000);
        let fingerprint = place.built().join("debug/.fingerprint/levelkit-1/lib");
        let builds = || {
            std::fs::write(&fingerprint, "").unwrap();
            set(&fingerprint, SystemTime::now() + Duration::from_secs(1)).unwrap();
        };
        let started = SystemTime::now();
        // Stopped: what it had built is its own, and nobody else's.
        let stopped = Warm::begin(&first, &place.built()).unwrap();
        builds();
        drop(stopped);
        drop(Warm::begin(&first, &place.built()).unwrap());
        assert_eq!(times(&first), [seconds_after(1_000); 2]);
        drop(Warm::begin(&later, &place.built()).unwrap());
        assert!(times(&later).iter().all(|time| *time >= started));
        // Built by somebody else.
        let later = place.clone("later", ["a", "b"], 2_000);
        Warm::begin(&first, &place.built()).unwrap().end().unwrap();
        builds();
        drop(Warm::begin(&later, &place.built()).unwrap());
        assert!(times(&later).iter().all(|time| *time >= started));
        // Changed while it was built.
        std::fs::remove_file(&fingerprint).unwrap();
        let first = place.clone("first", ["a", "b"], 1_000);
        let later = place.clone("later", ["a", "b"], 2_000);
        let run = Warm::begin(&first, &place.built()).unwrap();
        std::fs::write(first.join("b.rs"), "c").unwrap();
        run.end().unwrap();
        Warm::begin(&later, &place.built()).unwrap();
        let [same, other] = times(&later);
        assert!(same == seconds_after(1_000) && other > seconds_after(2_000));
    }

    /// A path that a program has in it is of the clone that built it, and not of the one that runs it.
    #[test]
    fn nothing_that_is_built_holds_its_clones_path() {
        let baked = concat!("env", r#"!("CARGO_MANIFEST_DIR")"#);
        let root = crate::steps::root();
        let sources = read(&root).unwrap();
        assert!(sources.len() > 200, "{}", sources.len());
        for path in sources.keys().filter(|path| path.ends_with(".rs")) {
            let text = std::fs::read_to_string(root.join(path)).unwrap();
            assert!(!text.contains(baked), "{path}");
        }
    }

    /// Cargo knows a file outside of its package by its place in one clone: in the next it would look there, or build anew.
    #[test]
    fn nothing_that_is_built_includes_another_packages_file() {
        let root = crate::steps::root();
        let sources = read(&root).unwrap();
        let packages: Vec<&Path> =
            sources.keys().filter_map(|path| path.strip_suffix("Cargo.toml")).map(Path::new).collect();
        let mut included = 0;
        for path in sources.keys().filter(|path| path.ends_with(".rs")) {
            let text = std::fs::read_to_string(root.join(path)).unwrap();
            let own = packages
                .iter()
                .filter(|package| Path::new(path).starts_with(package))
                .max_by_key(|package| package.as_os_str().len());
            let depth = Path::new(path).strip_prefix(own.unwrap()).unwrap().components().count() - 1;
            let lines = text.lines().filter(|line| !line.starts_with("#[doc = "));
            for name in lines.filter_map(|line| line.split_once("include_str!(\"")?.1.split('"').next()) {
                let up = Path::new(name).components().filter(|part| *part == std::path::Component::ParentDir).count();
                assert!(up <= depth, "{path} includes {name}");
                included += 1;
            }
        }
        assert!(included > 5, "{included}");
    }
}
