//! A slow, obvious, independent second implementation of the rules of levelkit.
//!
//! It is written straight from the text of the rules, one file per section, with plain data
//! structures and without counters or caches: streaks, totals, stats and counts are recomputed
//! from the full history whenever they are needed. Tests compare the engine with it.

pub mod bosses;
#[cfg(test)]
mod checks;
pub mod commands;
pub mod curve;
pub mod days;
pub mod dungeons;
pub mod generate;
#[cfg(test)]
mod hand;
pub mod instants;
pub mod jumps;
pub mod ledger;
pub mod metrics;
pub mod modifiers;
pub mod numbers;
pub mod quests;
pub mod requirement;
pub mod rng;
pub mod rows;
pub mod ruleset;
pub mod seasons;
pub mod state;
pub mod streaks;
pub mod titles;
pub mod vectors;

pub use generate::{record, scenario, scenario_slice};
pub use state::{Model, Player};
