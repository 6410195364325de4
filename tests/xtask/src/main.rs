//! The developer commands of levelkit, `cargo xtask ...`. Only the standard library and what is here, so that it is built in
//! a moment.

mod cost;
mod drift;
mod drizzle;
mod guards;
mod kotlin;
mod mutants;
mod node;
mod postgres;
mod python;
mod steps;
mod suite;
mod swift;
mod system;
mod tools;
mod uniffi;
mod vectors;
mod warm;

use std::process::ExitCode;

const HELP: &str = "\
cargo xtask test [--lang rust|drizzle|node|python|kotlin|swift]...
    Every test and check. It goes on after a failure, and its last line is `N passed, N failed, N skipped`.
    LEVELKIT_VECTORS=DIR     run these conformance vectors (in release mode too)
    LEVELKIT_CALLS=N         how many calls are to leave the memory where it is, in each language (default 1,000,000)
    LEVELKIT_MODEL_CASES=N   how many scenarios the engine and the model play (default 300)
    DATABASE_URL=URL         a PostgreSQL to make test databases on (default: a private one, gone afterwards)
    LEVELKIT_INSTALL=never   skip what needs a tool that is not installed
    CARGO_TARGET_DIR=DIR     where to build (default ~/.cache/levelkit/target, so that the next clone is quick)
cargo xtask vectors record SEED COUNT SIZE
    Prints scenario vectors: COUNT of them from SEED on, with SIZE commands each, recorded from the model.
cargo xtask gen uniffi [--check]
    Writes the Swift and Kotlin sources that cross to the library; with --check only says what is stale.
cargo xtask gen [--check]
    Renders the declarations of the Node and the Python binding from the core's types; with --check says if they are stale.
cargo xtask bench storage [sqlite|postgres|growth] [--full] [--write]
    Measures levelkit beside what it could cost at least, in minutes. --full: with ten million rows in the ledger; --write: into
    docs/benchmarks.md.
cargo xtask bench boards [--full] [--write]
    Measures ranks and pages of a season with 100,000 participants. --full: with a million.
cargo xtask mutants [--file FILE]... [--since COMMIT]
    Changes the core in every small way that cargo-mutants knows, and fails on a change that no test notices and
    tests/mutants/reviewed.txt does not explain. Takes hours for the whole core, minutes for a file or for the lines that are not
    as they were in COMMIT. Without either also all of:
cargo xtask mutants --guards [NAME]...
    Takes away one guard against lost and doubled XP after the other, as tests/mutants/NAME.patch says, in a copy of the project, and
    fails unless the test that the patch names fails then. Takes about a quarter of an hour.";

/// The generator is a package of its own, since this one is to build in a moment.
fn gen_declarations(options: &[&str]) -> Result<bool, String> {
    let arguments = ["run", "--quiet", "-p", "levelkit-gen", "--"].iter().chain(options);
    Ok(steps::cargo(arguments).status().map_err(|error| error.to_string())?.success())
}

/// A package of its own too, built as a release is.
fn bench(options: &[&str]) -> Result<bool, String> {
    let arguments = ["run", "--quiet", "--release", "-p", "levelkit-bench", "--"].iter().chain(options);
    Ok(steps::cargo(arguments).status().map_err(|error| error.to_string())?.success())
}

/// The rules of some files or lines; or every rule, and every guard.
fn mutate(options: &[&str]) -> Result<bool, String> {
    let which = mutants::Which::read(options)?;
    let guards_hold = !which.is_all() || guards::run(&[])?;
    Ok(mutants::run(&which)? && guards_hold)
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match words.as_slice() {
        ["test", options @ ..] => suite::languages(options).and_then(|languages| warm::kept(|| suite::run(&languages))),
        ["vectors", "record", seed, count, size] => warm::kept(|| vectors::record(seed, count, size)),
        ["gen", "uniffi"] => warm::kept(|| uniffi::write(false)),
        ["gen", "uniffi", "--check"] => warm::kept(|| uniffi::write(true)),
        ["gen"] => warm::kept(|| gen_declarations(&[])),
        ["gen", "--check"] => warm::kept(|| gen_declarations(&["--check"])),
        ["bench", options @ ..] => warm::kept(|| bench(options)),
        ["mutants", "--guards", names @ ..] => guards::run(names),
        ["mutants", options @ ..] => mutate(options),
        ["help" | "--help" | "-h"] => {
            println!("{HELP}");
            Ok(true)
        }
        _ => Err(format!("unknown command\n\n{HELP}")),
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(wrong) => {
            eprintln!("{wrong}");
            ExitCode::from(2)
        }
    }
}
