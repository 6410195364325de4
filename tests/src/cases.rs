//! How many cases a property runs, and from which seed: a run can be repeated exactly.

use proptest::test_runner::{Config, RngSeed};

/// A number from the environment.
///
/// # Panics
/// If it is set, and no number.
pub fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name)
        .ok()
        .map_or(default, |text| text.parse().unwrap_or_else(|_| panic!("{name}={text}: not a number")))
}

/// The cases of the model's comparison; other properties run in proportion to it.
pub const DEFAULT_CASES: u64 = 300;

/// The configuration of a property that runs `cases` times by default.
///
/// `LEVELKIT_MODEL_CASES` scales all of them (300 is the default), `LEVELKIT_MODEL_SEED` is where the seeds begin (0). Without
/// them every run is the same, so that a failure is never news of another change.
pub fn config(cases: u64) -> Config {
    let scaled = cases.saturating_mul(setting("LEVELKIT_MODEL_CASES", DEFAULT_CASES)) / DEFAULT_CASES;
    Config {
        cases: u32::try_from(scaled.max(1)).unwrap_or(u32::MAX),
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(setting("LEVELKIT_MODEL_SEED", 0)),
        max_shrink_iters: 4096,
        ..Config::default()
    }
}
