//! What levelkit costs, beside what it could cost at least: `cargo xtask bench storage` and `cargo xtask bench boards`.
//!
//! Each part measures levelkit and what it is compared with in turns within one run, and asserts that both did the same before it
//! says how long they took: only ratios carry over to another machine. A budget that is missed is said, not hidden.

mod boards;
mod report;
mod storage;

use std::process::ExitCode;

use report::Report;

const HELP: &str = "levelkit-bench storage [sqlite|postgres|growth] [--full] [--write]
levelkit-bench boards [--full] [--write]";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let has = |flag: &str| arguments.iter().any(|argument| argument == flag);
    let mut report = Report::default();
    let measured = match arguments.first().map(String::as_str) {
        Some("storage") => {
            let only = arguments.iter().skip(1).find(|argument| !argument.starts_with("--"));
            storage::run(&mut report, only.map(String::as_str), has("--full"))
        }
        Some("boards") => boards::run(&mut report, has("--full")),
        _ => Err(HELP.into()),
    };
    let written = measured.and_then(|title| {
        print!("\n{}", report.text(title));
        if has("--write") { report.write(title) } else { Ok(()) }
    });
    match written {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
