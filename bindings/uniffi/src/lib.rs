//! levelkit for Swift and Kotlin: verbs and conversion, and no rule of the game.
//!
//! The types that cross are those of [`levelkit`] and [`levelkit_storage`] themselves. Every verb that takes an argument
//! answers a `Result`, since an argument may be none of its type; what goes wrong is always [`levelkit::LevelkitError`].

pub mod engine;
pub mod ledger;
pub mod parts;
pub mod ruleset;
pub mod store;
pub mod testing;
pub mod text;

uniffi::setup_scaffolding!();
levelkit::uniffi_reexport_scaffolding!();
levelkit_storage::uniffi_reexport_scaffolding!();

/// What every verb answers.
type Result<T, E = levelkit::LevelkitError> = std::result::Result<T, E>;
