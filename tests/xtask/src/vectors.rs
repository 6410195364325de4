//! `cargo xtask vectors record`: scenarios for the conformance vectors.

use crate::steps::cargo;

/// Prints recorded scenarios, as an array.
pub(crate) fn record(seed: &str, count: &str, size: &str) -> Result<bool, String> {
    for number in [seed, count, size] {
        number.parse::<u64>().map_err(|_| format!("{number:?} is not a number"))?;
    }
    let arguments = ["run", "--quiet", "--release", "-p", "levelkit-tests", "--bin", "record", "--", seed, count, size];
    let status = cargo(arguments).status().map_err(|error| error.to_string())?;
    Ok(status.success())
}
