//! What a call costs in Rust itself, for the other languages to print theirs beside it.

use crate::steps::{Steps, cargo, trial};
use crate::system;

/// Where the other languages find Rust's nanoseconds: of an empty call, and of a report.
pub(crate) const VARIABLE: &str = "LEVELKIT_COST_RUST";

/// Measures Rust once in a run, in the mode that the others' libraries are built in.
pub(crate) fn beside(steps: &mut Steps) {
    if steps.variable(VARIABLE).is_some() {
        return;
    }
    let mut nanoseconds = None;
    steps.ensure("cost: Rust's own, beside the other languages'", || {
        let program = ["run", "--quiet", "--release", "-p", "levelkit-tests", "--no-default-features", "--bin", "cost"];
        let said = system::output(trial(&mut cargo(program)))?;
        print!("{said}");
        nanoseconds = read(&said);
        nanoseconds.as_ref().map(|_| ()).ok_or_else(|| "no cost is said".to_owned())
    });
    if let Some(nanoseconds) = nanoseconds {
        steps.set(VARIABLE, nanoseconds);
    }
}

/// `cost: rust: an empty call 0.9 ns, a report in memory 3.21 us` as `0.9 3210`.
fn read(said: &str) -> Option<String> {
    let line = said.lines().find_map(|line| line.strip_prefix("cost: rust: an empty call "))?;
    let (empty, report) = line.strip_suffix(" us")?.split_once(" ns, a report in memory ")?;
    let (empty, report): (f64, f64) = (empty.parse().ok()?, report.parse().ok()?);
    Some(format!("{empty} {}", report * 1_000.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rusts_line_is_read() {
        let line = "cost: rust: an empty call 0.5 ns, a report in memory 3.25 us\n";
        assert_eq!(read(line).as_deref(), Some("0.5 3250"));
        assert_eq!(read("cost: rust: much\n"), None);
    }
}
