//! `cargo xtask test --lang kotlin`.

use std::ffi::OsString;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::steps::{Counts, Kind, Steps, cache, root, target_dir};
use crate::{cost, postgres, system, uniffi};

const COMPILER: &str = "2.4.20";
/// JNA, and JUnit with what it needs, as Debian's packages call them.
const JARS: [&str; 11] = [
    "jna",
    "junit-jupiter-api",
    "junit-jupiter-engine",
    "junit-platform-commons",
    "junit-platform-console",
    "junit-platform-engine",
    "junit-platform-launcher",
    "junit-platform-reporting",
    "opentest4j",
    "apiguardian-api",
    "picocli",
];

/// Compiles the Kotlin sources, and runs their tests, the README's quickstart and the story.
pub(crate) fn run(steps: &mut Steps) {
    let kotlin = match Kotlin::find() {
        Ok(kotlin) => kotlin,
        Err(why) => return steps.skip("kotlin", &why),
    };
    let sources = [root().join("bindings/kotlin/src/generated"), root().join("bindings/kotlin/src/main")];
    let jar = kotlin.output.join("levelkit.jar");
    if !uniffi::prepare(steps, "kotlin") || !kotlin.build(steps, "kotlin: jar", &sources, &[], &jar) {
        return;
    }
    let tests = kotlin.output.join("tests.jar");
    let sources = [root().join("bindings/kotlin/src/test")];
    if kotlin.build(steps, "kotlin: tests compile", &sources, &[&jar], &tests) {
        let mut junit = kotlin.java(&[&jar, &tests]);
        junit.arg("org.junit.platform.console.ConsoleLauncher").arg("--scan-class-path").arg(&tests);
        junit.args(["--disable-banner", "--disable-ansi-colors", "--details=tree"]);
        postgres::with_database(steps, |steps, url| {
            junit.env("LEVELKIT_POSTGRES", url.unwrap_or_default());
            steps.run("kotlin: tests", Kind::Tests, &mut junit);
        });
        cost::beside(steps);
        steps.run("kotlin: memory and cost", Kind::Check, &mut kotlin.cost(&[&jar, &tests]));
    }
    steps.ensure("kotlin: quickstart of the READMEs, in an empty project", || kotlin.quickstart(&jar));
    steps.ensure("kotlin: story", || kotlin.story(&jar));
    steps.ensure("kotlin: what Android's script builds", android);
}

/// Runs the script for Android with programs that only note how they were called.
fn android() -> Result<(), String> {
    let (said, _) = system::rehearse(&root().join("bindings/kotlin/android/build.sh"), &["cargo", "gradle"])?;
    let processors = ["arm64-v8a", "armeabi-v7a", "x86_64", "x86"];
    let built = processors.iter().all(|processor| said.contains(&format!("--target {processor}")));
    match built && said.contains("-p levelkit-uniffi") && said.ends_with("gradle assembleRelease\n") {
        true => Ok(()),
        false => Err(format!("the script called\n{said}")),
    }
}

/// The compiler, the jars, and where to put what is compiled.
struct Kotlin {
    /// The compiler's `lib` folder.
    lib: PathBuf,
    jars: Vec<PathBuf>,
    output: PathBuf,
}

impl Kotlin {
    fn find() -> Result<Self, String> {
        system::find("java").ok_or("java is not installed: a JDK of version 17 or later is needed")?;
        let output = target_dir().join("kotlin");
        std::fs::create_dir_all(&output).map_err(|error| format!("{}: {error}", output.display()))?;
        Ok(Self { lib: compiler()?, jars: jars()?, output })
    }

    fn library(&self, name: &str) -> PathBuf {
        self.lib.join(format!("{name}.jar"))
    }

    /// Compiles sources into a jar as a step of its own, unless the jar is there already: the compiler is slow.
    fn build(&self, steps: &mut Steps, name: &str, sources: &[PathBuf], with: &[&Path], jar: &Path) -> bool {
        let stamp = jar.with_extension("stamp");
        let fingerprint = fingerprint(sources, with).map(|fingerprint| format!("{COMPILER} {fingerprint:x}"));
        let known = std::fs::read_to_string(&stamp).ok();
        if jar.is_file() && fingerprint.is_ok() && known == fingerprint.clone().ok() {
            return steps.ensure(&format!("{name} (as before)"), || Ok(()));
        }
        let _ = std::fs::remove_file(&stamp);
        let built = steps.run(name, Kind::Check, &mut self.compile(sources, with, jar));
        if let (true, Ok(fingerprint)) = (built, fingerprint) {
            let _ = std::fs::write(stamp, fingerprint);
        }
        built
    }

    /// A command that compiles folders of sources into a jar, with these jars beside what every program needs.
    fn compile(&self, sources: &[PathBuf], with: &[&Path], jar: &Path) -> Command {
        let compiler = [
            "kotlin-compiler",
            "kotlin-stdlib",
            "kotlin-script-runtime",
            "kotlin-reflect",
            "kotlinx-coroutines-core-jvm",
            "annotations-13.0",
            "kotlin-daemon-client",
        ];
        let mut command = Command::new("java");
        command.arg("-cp").arg(joined(compiler.map(|name| self.library(name))));
        command.args(["org.jetbrains.kotlin.cli.jvm.K2JVMCompiler", "-no-stdlib", "-no-reflect", "-jvm-target", "17"]);
        command.args(["-Werror", "-classpath"]).arg(self.class_path(with)).arg("-d").arg(jar).args(sources);
        // The generator's own code has warnings of no interest; hand-written code has none.
        if sources.len() > 1 {
            command.arg("-nowarn");
        }
        command
    }

    fn class_path(&self, with: &[&Path]) -> OsString {
        let own = ["kotlin-stdlib", "kotlinx-coroutines-core-jvm", "kotlin-reflect"].map(|name| self.library(name));
        joined(own.into_iter().chain(self.jars.iter().cloned()).chain(with.iter().map(|path| path.to_path_buf())))
    }

    /// Java with everything in reach, to be told what to run.
    fn java(&self, with: &[&Path]) -> Command {
        let mut command = Command::new("java");
        command.arg(format!("-Djna.library.path={}", uniffi::library_dir().display()));
        command.arg(format!("-Dlevelkit.root={}", root().display()));
        command.arg("-cp").arg(self.class_path(with)).current_dir(root());
        system::absolute_vectors(&mut command);
        command
    }

    /// With a heap of fixed size, touched at the start, so that memory that grows is a leak.
    fn cost(&self, with: &[&Path]) -> Command {
        let mut java = self.java(with);
        java.arg("levelkit.tests.CostKt");
        java.env("JDK_JAVA_OPTIONS", "-Xms128m -Xmx128m -XX:+AlwaysPreTouch");
        java
    }

    fn quickstart(&self, jar: &Path) -> Result<(), String> {
        let (code, printed) = uniffi::quickstart("kotlin")?;
        system::same("the quickstart's output", &self.program(jar, "quickstart", &code)?, &printed)
    }

    fn story(&self, jar: &Path) -> Result<(), String> {
        let read = |path: &str| std::fs::read_to_string(root().join(path)).map_err(|error| format!("{path}: {error}"));
        let found = self.program(jar, "story", &read("examples/story/kotlin/Story.kt")?)?;
        system::same("the story", &found, &read("examples/story/expected.txt")?)
    }

    /// What a program of one file prints, compiled and run in a folder of its own against the jar alone.
    fn program(&self, jar: &Path, name: &str, code: &str) -> Result<String, String> {
        let folder = system::empty(&self.output.join(name))?;
        let source = folder.join("Main.kt");
        std::fs::write(&source, code).map_err(|error| error.to_string())?;
        let compiled = folder.join("program.jar");
        system::output(&mut self.compile(&[source], &[jar], &compiled))?;
        system::output(self.java(&[jar, &compiled]).arg("MainKt"))
    }
}

/// A number that is another one when a source changes, or the sources of the jars that are compiled against.
fn fingerprint(sources: &[PathBuf], with: &[&Path]) -> Result<u64, String> {
    let mut hasher = DefaultHasher::new();
    for folder in sources {
        for file in uniffi::files(folder)? {
            // Wherever this clone is.
            file.strip_prefix(root()).unwrap_or(&file).hash(&mut hasher);
            std::fs::read(&file).map_err(|error| format!("{}: {error}", file.display()))?.hash(&mut hasher);
        }
    }
    for jar in with {
        std::fs::read_to_string(jar.with_extension("stamp")).ok().hash(&mut hasher);
    }
    Ok(hasher.finish())
}

/// The compiler's `lib` folder: beside the `kotlinc` on the PATH, in the cache, or fetched into it.
fn compiler() -> Result<PathBuf, String> {
    let installed = system::find("kotlinc").and_then(|kotlinc| kotlinc.canonicalize().ok());
    let beside = installed.and_then(|kotlinc| Some(kotlinc.ancestors().nth(2)?.join("lib")));
    let folder = cache().join("kotlin").join(COMPILER);
    let fetched = folder.join("package/lib");
    let complete = |lib: &Path| lib.join("kotlin-compiler.jar").is_file();
    if let Some(lib) = beside.into_iter().chain([fetched.clone()]).find(|lib| complete(lib)) {
        return Ok(lib);
    }
    system::may_install("the Kotlin compiler")?;
    system::find("npm").ok_or("kotlinc is not installed, nor is npm, which could fetch it")?;
    println!("\n=== fetching kotlin-compiler {COMPILER} into {} (once, 100 MB)", folder.display());
    let folder = system::empty(&folder)?;
    let package = format!("kotlin-compiler@{COMPILER}");
    system::output(Command::new("npm").args(["pack", "--silent", &package]).current_dir(&folder))?;
    let archive = format!("kotlin-compiler-{COMPILER}.tgz");
    system::output(Command::new("tar").args(["xzf", &archive]).current_dir(&folder))?;
    let _ = std::fs::remove_file(folder.join(archive));
    complete(&fetched).then_some(fetched).ok_or_else(|| format!("{package} has no compiler in it"))
}

/// JNA and JUnit: from the cache's `jars`, or where Debian has them.
fn jars() -> Result<Vec<PathBuf>, String> {
    let folders = [cache().join("jars"), PathBuf::from("/usr/share/java")];
    let find = || -> Result<Vec<PathBuf>, String> {
        let find = |name: &&str| {
            let candidates = folders.iter().map(|folder| folder.join(format!("{name}.jar")));
            candidates.into_iter().find(|path| path.is_file()).ok_or_else(|| format!("{name}.jar"))
        };
        JARS.iter().map(find).collect()
    };
    let installed = || match find() {
        Ok(found) => Ok(found),
        Err(_) => {
            system::install(&["libjna-java", "libjna-jni", "junit5"])?;
            find()
        }
    };
    installed().map_err(|missing: String| {
        format!("{missing} is missing; put JNA's and JUnit 5's jars into {}", folders[0].display())
    })
}

fn joined(paths: impl IntoIterator<Item = PathBuf>) -> OsString {
    std::env::join_paths(paths).unwrap_or_default()
}

/// The counts of a line like `[         2 tests successful      ]`.
pub(crate) fn counts(line: &str) -> Option<Counts> {
    let inside = line.trim().strip_prefix('[')?.strip_suffix(']')?;
    let (count, what) = inside.trim().split_once(' ')?;
    let (count, none) = (count.parse().ok()?, Counts::default());
    match what {
        "tests successful" => Some(Counts { passed: count, ..none }),
        "tests failed" | "tests aborted" | "containers failed" => Some(Counts { failed: count, ..none }),
        "tests skipped" => Some(Counts { skipped: count, ..none }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_source_is_compiled_again() {
        let folder =
            crate::system::empty(&std::env::temp_dir().join(format!("levelkit-jar-{}", std::process::id()))).unwrap();
        let write = |text: &str| std::fs::write(folder.join("A.kt"), text).unwrap();
        let now = || fingerprint(std::slice::from_ref(&folder), &[&folder.join("x.jar")]).unwrap();
        write("one");
        let one = now();
        assert_eq!(now(), one);
        write("two");
        assert_ne!(now(), one);
        std::fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn junits_lines_are_counted() {
        let passed = Counts { passed: 12, ..Counts::default() };
        assert_eq!(counts("[        12 tests successful      ]\n"), Some(passed));
        assert_eq!(counts("[         3 tests failed          ]").map(|counts| counts.failed), Some(3));
        assert_eq!(counts("[         1 tests skipped         ]").map(|counts| counts.skipped), Some(1));
        assert_eq!(counts("[         2 containers found      ]"), None);
        assert_eq!(counts("2 tests successful"), None);
    }
}
