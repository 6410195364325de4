//! `cargo run --release -p levelkit-faults -- [--commands N] [--players N] [--seed N] [--no-faults]`

use std::process::ExitCode;

#[cfg(unix)]
fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let done = match words.split_first() {
        Some((first, orders)) if first == "worker" => levelkit_faults::worker::run(orders).map(|()| true),
        _ => plan(&words).and_then(|plan| levelkit_faults::run(&plan)).map(|summary| {
            println!("{summary}");
            summary.wrong().is_empty()
        }),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(wrong) => {
            eprintln!("{wrong}");
            ExitCode::from(2)
        }
    }
}

#[cfg(not(unix))]
fn main() -> ExitCode {
    eprintln!("this needs a private PostgreSQL, which is started on Unix only");
    ExitCode::from(2)
}

#[cfg(unix)]
fn plan(words: &[String]) -> Result<levelkit_faults::Plan, levelkit_faults::Wrong> {
    let mut plan = levelkit_faults::Plan::new(std::env::current_exe()?);
    let mut words = words.iter();
    while let Some(option) = words.next() {
        let mut number = || {
            words.next().ok_or(format!("{option} needs a number"))?.parse::<u64>().map_err(|error| error.to_string())
        };
        match option.as_str() {
            "--commands" => plan.commands = number()?,
            "--players" => plan.players = number()?.max(1),
            "--seed" => plan.seed = number()?,
            "--no-faults" => plan.faults.clear(),
            other => return Err(format!("unknown option {other:?}").into()),
        }
    }
    Ok(plan)
}
