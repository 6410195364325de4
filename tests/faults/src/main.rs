//! `cargo run --release -p levelkit-faults -- [--commands N] [--players N] [--seed N] [--no-faults]`
//! or `-- --full-disk`

use std::process::ExitCode;

#[cfg(unix)]
use levelkit_faults::disk;

#[cfg(unix)]
fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let done = match words.split_first() {
        Some((first, orders)) if first == "worker" => levelkit_faults::worker::run(orders).map(|()| true),
        Some((first, [folder])) if first == disk::WORD => std::env::current_exe()
            .map_err(Into::into)
            .and_then(|program| disk::fill(program, folder.as_ref()))
            .map(tell),
        Some((first, [])) if first == "--full-disk" => full_disk(),
        _ => plan(&words).and_then(|plan| levelkit_faults::run(&plan)).map(tell),
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

/// Prints what happened; whether all is well.
#[cfg(unix)]
fn tell(summary: levelkit_faults::Summary) -> bool {
    println!("{summary}");
    summary.wrong().is_empty()
}

#[cfg(unix)]
fn full_disk() -> Result<bool, levelkit_faults::Wrong> {
    let said = disk::run(&std::env::current_exe()?)?;
    println!("{}", said.ok_or("it takes root, on Linux, to mount a small disk")?);
    Ok(true)
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
