//! The levelkit command line: check rulesets, play measurements, tell a player's story, verify the ledger.
//!
//! Verbs and conversion only: what a rule means is decided by `levelkit`, what is kept by `levelkit-storage`.
#![forbid(unsafe_code)]

mod args;
mod bar;
mod commands;
mod console;
mod data;
mod excerpt;
mod leaves;
mod paint;
mod play;
mod rules_file;
mod stop;
mod store;
mod story;
mod table;
mod tame;
mod text;

use std::process::ExitCode;

use clap::Parser as _;
use levelkit_storage::masked_url;

use args::{Cli, Verb};
use console::Console;
use stop::{Exit, Failure, Result, Stop};

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    let mut console = Console::new(cli.json);
    let answer = run(&cli.verb, &mut console).and_then(|exit| console.flush().map(|()| exit));
    match answer {
        Ok(exit) => exit.into(),
        // Whoever reads the output has seen enough, as in `levelkit timeline p1 | head`.
        Err(Stop::ReaderGone) => Exit::Yes.into(),
        Err(Stop::Failed(failure)) => {
            // What was printed before belongs before.
            let _ = console.flush();
            console.fail(&failure);
            failure.exit.into()
        }
    }
}

fn run(verb: &Verb, console: &mut Console) -> Result<Exit> {
    match verb {
        Verb::Check(args) => commands::check::run(args, console),
        Verb::Migrate(args) => commands::migrate::run(args, console),
        Verb::Import(args) => commands::import::run(args, console),
        Verb::Export(args) => commands::export::run(args, console),
        Verb::Play(args) => play::run(args, console),
        Verb::Player(args) => commands::player::run(args, console),
        Verb::Timeline(args) => commands::timeline::run(args, console),
        Verb::Leaderboard(args) => commands::leaderboard::run(args, console),
        Verb::RollOver(args) => commands::roll_over::run(args, console),
        Verb::ExportPlayer(args) => commands::privacy::export(args, console),
        Verb::ErasePlayer(args) => commands::privacy::erase(args, console),
        Verb::Verify(args) => commands::verify::run(args, console),
        Verb::Schema(args) => commands::schema::run(args, console),
    }
}

/// Help and version on stdout, a wrong command line on stderr.
fn usage(error: &clap::Error) -> ExitCode {
    let wants_json = std::env::args_os().any(|arg| arg == "--json");
    let text = error.render().to_string();
    let shown = without_passwords(&text);
    if error.use_stderr() && wants_json {
        let message = shown.lines().next().unwrap_or_default().trim_start_matches("error: ");
        let failure =
            Failure::new(Exit::Usage, "USAGE", message).hint("levelkit --help lists every command and option");
        Console::new(true).fail(&failure);
    } else if shown != text {
        eprint!("{shown}");
    } else {
        let _ = error.print();
    }
    if error.use_stderr() { Exit::Usage.into() } else { Exit::Yes.into() }
}

/// A complaint about the command line, which may quote a store's URL that stands where none belongs.
fn without_passwords(text: &str) -> String {
    let args = std::env::args_os().map(|arg| arg.to_string_lossy().into_owned());
    let masked = args.map(|arg| (masked_url(&arg), arg)).filter(|(masked, arg)| masked != arg);
    masked.fold(text.to_owned(), |text, (masked, arg)| text.replace(&arg, &masked))
}
