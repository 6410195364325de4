//! `cargo xtask test --lang swift`.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use crate::steps::{Counts, Kind, Steps, cache, root, target_dir};
use crate::{cost, postgres, system, uniffi};

/// Where the small system with Swift sees the project, the library, and the folder that it builds in.
const SEEN: [&str; 3] = ["/src", "/engine", "/build"];

/// Has Swift ready for when its turn comes, which says why if that cannot be.
pub(crate) fn prepare() {
    let _ = Swift::find();
}

/// Builds the Swift package, and runs its tests, the README's quickstart and the story.
pub(crate) fn run(steps: &mut Steps) {
    let swift = match Swift::find() {
        Ok(swift) => swift,
        Err(why) => return steps.skip("swift", &why),
    };
    if !uniffi::prepare(steps, "swift") {
        return;
    }
    let package = root().join("bindings/swift");
    if steps.run("swift: package builds", Kind::Check, &mut swift.run(&package, &["build", "--build-tests"])) {
        postgres::with_database(steps, |steps, url| {
            let mut tests = swift.run(&package, &["test", "--skip-build"]);
            tests.env("LEVELKIT_POSTGRES", url.unwrap_or_default());
            tests.env("LEVELKIT_POSTGRES_SOCKET", url.and_then(postgres::socket).unwrap_or_default());
            steps.run("swift: tests", Kind::Tests, &mut tests);
        });
    }
    steps.ensure("swift: its package, in an empty project", || swift.build_programs());
    steps.ensure("swift: quickstart of the READMEs", || swift.quickstart());
    steps.ensure("swift: story", || swift.story());
    cost::beside(steps);
    steps.run("swift: memory and cost", Kind::Check, &mut swift.program("cost"));
    steps.ensure("swift: what the XCFramework's script puts together", framework);
}

/// Swift on the PATH, or in a small system of its own.
struct Swift {
    system: Option<PathBuf>,
    built: PathBuf,
}

impl Swift {
    fn find() -> Result<Self, String> {
        let built = target_dir().join("swift");
        std::fs::create_dir_all(&built).map_err(|error| format!("{}: {error}", built.display()))?;
        let system = match system::find("swift") {
            Some(_) => None,
            None => Some(small_system()?),
        };
        Ok(Self { system, built })
    }

    /// A path as Swift sees it.
    fn seen(&self, path: &Path) -> PathBuf {
        let own = [root(), uniffi::library_dir(), self.built.clone()];
        let mut folders = own.iter().zip(SEEN).rev();
        let moved = folders.find_map(|(folder, seen)| Some(Path::new(seen).join(path.strip_prefix(folder).ok()?)));
        match &self.system {
            Some(_) => moved.unwrap_or_else(|| path.to_path_buf()),
            None => path.to_path_buf(),
        }
    }

    /// `swift COMMAND` for a package.
    fn run(&self, package: &Path, words: &[&str]) -> Command {
        let name = package.file_name().unwrap_or_default();
        let scratch = self.seen(&self.built.join(name));
        let library = self.seen(&uniffi::library_dir());
        let mut command = match &self.system {
            None => Command::new("swift"),
            Some(system) => self.inside(system),
        };
        if self.system.is_none() {
            command.env("LEVELKIT_LIBRARY", &library).current_dir(root());
            system::absolute_vectors(&mut command);
        }
        command.args(words).arg("--package-path").arg(self.seen(package)).arg("--scratch-path").arg(scratch);
        command
    }

    /// `swift` in the small system, with the project, the library and the built packages mounted, for this command alone.
    fn inside(&self, system: &Path) -> Command {
        const SCRIPT: &str = r#"
            set -e
            system=$1 project=$2 library=$3 built=$4 vectors=$5
            shift 5
            mkdir -p "$system/src" "$system/engine" "$system/build" "$system/vectors"
            mount -t proc proc "$system/proc"
            mount --rbind /dev "$system/dev"
            mount --bind "$project" "$system/src"
            mount --bind "$library" "$system/engine"
            mount --bind "$built" "$system/build"
            mount --bind "$vectors" "$system/vectors"
            if [ -n "$LEVELKIT_POSTGRES_SOCKET" ]; then
                mkdir -p "$system$LEVELKIT_POSTGRES_SOCKET"
                mount --bind "$LEVELKIT_POSTGRES_SOCKET" "$system$LEVELKIT_POSTGRES_SOCKET"
            fi
            exec chroot "$system" /usr/bin/env -i -C /src HOME=/root PATH=/usr/bin:/bin LANG=C.UTF-8 TERM=dumb \
                LEVELKIT_LIBRARY=/engine LEVELKIT_VECTORS=/vectors LEVELKIT_CALLS="$LEVELKIT_CALLS" LEVELKIT_COST_RUST="$LEVELKIT_COST_RUST" \
                LEVELKIT_POSTGRES="$LEVELKIT_POSTGRES" swift "$@""#;
        let vectors = std::env::var_os("LEVELKIT_VECTORS").unwrap_or_else(|| "tests/vectors".into());
        let mut command = Command::new("unshare");
        command.args(["--mount", "--propagation", "private", "bash", "-c", SCRIPT, "swift"]).arg(system);
        command.arg(root()).arg(uniffi::library_dir()).arg(&self.built).arg(root().join(vectors));
        command
    }

    /// The programs that depend on the package, and nothing else: built together, since that takes a while.
    fn build_programs(&self) -> Result<(), String> {
        let read = |path: &str| std::fs::read_to_string(root().join(path)).map_err(|error| format!("{path}: {error}"));
        let folder = system::empty(&self.programs())?;
        let programs = [
            ("quickstart", uniffi::quickstart("swift")?.0),
            ("story", read("examples/story/swift/main.swift")?),
            ("cost", read("bindings/swift/Tests/Cost/main.swift")?),
        ];
        let write = |path: PathBuf, text: &str| std::fs::write(path, text).map_err(|error| error.to_string());
        let mut targets = String::new();
        for (name, code) in programs {
            let sources = system::empty(&folder.join(format!("Sources/{name}")))?;
            write(sources.join("main.swift"), &code)?;
            targets += &format!("        .executableTarget(name: \"{name}\", dependencies: [\"Levelkit\"]),\n");
        }
        let dependency = self.seen(&root().join("bindings/swift"));
        let manifest = format!(
            r#"// swift-tools-version: 6.0
import PackageDescription

let package = Package(
    name: "programs",
    platforms: [.macOS(.v12)],
    dependencies: [.package(name: "Levelkit", path: "{}")],
    targets: [
{targets}    ]
)
"#,
            dependency.display()
        );
        write(folder.join("Package.swift"), &manifest)?;
        system::output(&mut self.run(&folder, &["build", "--configuration", "release"])).map(drop)
    }

    fn programs(&self) -> PathBuf {
        self.built.join("empty").join("programs")
    }

    /// A command that runs a program of the built ones.
    fn program(&self, name: &str) -> Command {
        let mut command = self.run(&self.programs(), &["run", "--configuration", "release", "--skip-build"]);
        // Options of swift's own go before the program's name.
        command.arg(name);
        command
    }

    fn quickstart(&self) -> Result<(), String> {
        let found = system::output(&mut self.program("quickstart"))?;
        system::same("the quickstart's output", &found, &uniffi::quickstart("swift")?.1)
    }

    fn story(&self) -> Result<(), String> {
        let found = system::output(&mut self.program("story"))?;
        let path = "examples/story/expected.txt";
        let expected = std::fs::read_to_string(root().join(path)).map_err(|error| format!("{path}: {error}"))?;
        system::same("the story", &found, &expected)
    }
}

/// Runs the script for Apple's systems with programs that only note how they were called.
fn framework() -> Result<(), String> {
    let script = root().join("bindings/swift/scripts/xcframework.sh");
    let (said, folder) = system::rehearse(&script, &["cargo", "lipo", "xcodebuild"])?;
    let built = |target: &str| said.contains(&format!("--target {target}"));
    let ios = ["aarch64-apple-ios", "aarch64-apple-ios-sim", "x86_64-apple-ios"];
    let missing: Vec<&str> = ios
        .into_iter()
        .chain(["aarch64-apple-darwin", "x86_64-apple-darwin"])
        .filter(|target| !built(target))
        .collect();
    if !missing.is_empty() || said.matches("-headers ").count() != 3 {
        return Err(format!("no library for {missing:?}, or not three parts:\n{said}"));
    }
    let map = std::fs::read_to_string(folder.join("target/apple/headers/module.modulemap"));
    let map = map.map_err(|error| format!("no module map: {error}"))?;
    let headers = ["levelkitFFI.h", "levelkit_storageFFI.h", "levelkit_uniffiFFI.h"];
    let complete = headers.iter().all(|header| {
        map.contains(&format!("header \"{header}\"")) && folder.join("target/apple/headers").join(header).is_file()
    });
    match complete && !map.contains("link ") {
        true => Ok(()),
        false => Err(format!("the framework's headers are not complete:\n{map}")),
    }
}

/// A small Debian with Swift, in the cache. Debian has Swift from version 13 on.
fn small_system() -> Result<PathBuf, String> {
    // Whoever comes second finds what the first one made.
    static TURN: Mutex<()> = Mutex::new(());
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let folder = cache().join("swift-root");
    // A link that leads somewhere only inside.
    let usable = || folder.join("usr/bin/swift").symlink_metadata().is_ok();
    if !(system::is_root() && system::find("apt-get").is_some()) {
        return Err("swift is not installed; see https://www.swift.org/install".to_owned());
    }
    if usable() {
        return Ok(folder);
    }
    system::may_install("swift")?;
    system::install(&["mmdebstrap", "debian-archive-keyring"])?;
    println!(
        "\n=== swift is not installed; building a Debian 13 with it in {} (once, minutes, 1.7 GB)",
        folder.display()
    );
    let _ = std::fs::remove_dir_all(&folder);
    system::output(&mut bootstrap(&folder)?)?;
    usable().then_some(folder).ok_or_else(|| "the Debian that was built has no swift".to_owned())
}

fn bootstrap(folder: &Path) -> Result<Command, String> {
    let mirror = mirror().ok_or("apt's sources name no mirror of Debian")?;
    let mut command = Command::new("mmdebstrap");
    command.args(["--mode=root", "--variant=apt", "--aptopt=Acquire::Languages \"none\""]);
    command.arg("--aptopt=APT::Install-Recommends \"false\"");
    let unneeded = ["share/man/*", "share/locale/*", "share/doc/*"].map(str::to_owned).into_iter();
    let tools = ["bin/lldb*", "bin/clangd", "bin/sourcekit-lsp", "bin/docc", "lib/liblldb*", "lib/swift_static/*"];
    for path in unneeded.chain(tools.map(|tool| format!("libexec/swift/{tool}"))) {
        command.arg(format!("--dpkgopt=path-exclude=/usr/{path}"));
    }
    command.arg("--include=swiftlang,libc6-dev,libstdc++-14-dev").arg("trixie").arg(folder);
    command.arg(format!("deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] {mirror} trixie main"));
    Ok(command)
}

/// The mirror that apt takes Debian from.
fn mirror() -> Option<String> {
    let texts = ["/etc/apt/sources.list.d/debian.sources", "/etc/apt/sources.list"].map(std::fs::read_to_string);
    let text = texts.into_iter().flatten().collect::<Vec<_>>().join("\n");
    mirror_of(&text).map(str::to_owned)
}

fn mirror_of(sources: &str) -> Option<&str> {
    let lines = sources.lines().filter(|line| line.starts_with("URIs:") || line.starts_with("deb "));
    lines
        .flat_map(str::split_whitespace)
        .find(|word| word.contains("://") && word.trim_end_matches('/').ends_with("/debian"))
}

/// The counts of a line like `✔ Test echo() passed after 0.1 seconds.`
pub(crate) fn counts(line: &str) -> Option<Counts> {
    let (_, what) = line.split_once(" Test ")?;
    let mark = line.chars().next()?;
    if what.starts_with("run ") || what.starts_with("case ") {
        return None;
    }
    let none = Counts::default();
    match mark {
        '✔' if what.contains(" passed after ") => Some(Counts { passed: 1, ..none }),
        '✘' if what.contains(" failed after ") => Some(Counts { failed: 1, ..none }),
        '➜' | '↷' if what.contains(" skipped") => Some(Counts { skipped: 1, ..none }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn swift_testings_lines_are_counted() {
        let one = |line: &str| counts(line).map(|counts| (counts.passed, counts.failed, counts.skipped));
        assert_eq!(one("✔ Test echo() passed after 0.1 seconds."), Some((1, 0, 0)));
        assert_eq!(one("✘ Test echo() failed after 0.1 seconds with 1 issue."), Some((0, 1, 0)));
        assert_eq!(one("➜ Test echo() skipped."), Some((0, 0, 1)));
        assert_eq!(one("✘ Test echo() recorded an issue at EchoTests.swift:3:4"), None);
        assert_eq!(one("✔ Test run with 2 tests passed after 12.7 seconds."), None);
        assert_eq!(one("◇ Test echo() started."), None);
    }

    #[test]
    fn the_package_names_the_systems_that_the_framework_is_for() {
        let manifest = std::fs::read_to_string(root().join("bindings/swift/Package.swift")).unwrap();
        let (_, platforms) = manifest.split_once("platforms: [").unwrap();
        let platforms: Vec<&str> = platforms.split(']').next().unwrap().split(", ").collect();
        let names: Vec<&str> = platforms.iter().filter_map(|platform| platform.split('(').next()).collect();
        assert_eq!(names, [".iOS", ".macOS"]);
    }

    #[test]
    fn the_mirror_is_apts_own() {
        let text = "Types: deb\nURIs: http://mirror.example/debian-security http://mirror.example/debian/\n";
        assert_eq!(mirror_of(text), Some("http://mirror.example/debian/"));
        assert_eq!(mirror_of("deb https://mirror.example/debian bookworm main"), Some("https://mirror.example/debian"));
        assert_eq!(mirror_of(""), None);
    }
}
