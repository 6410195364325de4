//! levelkit: the rules of a "levelling up in real life" game as a pure library.
#![forbid(unsafe_code)]

pub mod api;
pub mod curve;
mod id;
pub mod ledger;
pub mod modifier;
pub mod requirement;
pub mod ruleset;
pub use api::*;
