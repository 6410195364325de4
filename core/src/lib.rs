//! levelkit: the rules of a "levelling up in real life" game, as a pure library.
//!
//! A **ruleset** says what the game is: quests with their requirements, XP and its modifiers, the levelling curve, streaks and
//! the debuff, titles, bosses, dungeons, seasons. A **player** is what one person has done. An **engine** decides what a
//! **command** does to a player: it answers with **events**, or with a **refusal** that changes nothing.
//!
//! ```
//! use levelkit::{Command, Engine, Metrics, Player, Ruleset, Zone};
//!
//! let ruleset = Ruleset::from_json(r#"{
//!     "format": "levelkit.ruleset/1",
//!     "quests": [{
//!         "id": "walk", "name": "Walk", "description": "8,000 steps", "type": "DAILY", "category": "MOVEMENT",
//!         "requirements": {"type": "numeric", "metric": "steps", "op": ">=", "value": 8000},
//!         "base_xp": 100, "is_core": true
//!     }]
//! }"#)?;
//! let engine = Engine::new(ruleset.into());
//! let mut ida = Player::new("ida", Zone::named("Europe/Berlin").ok_or("no such zone")?);
//!
//! // Sunday evening, 9,000 steps: the quest is done, 100 XP become 110 by the weekend bonus.
//! let report = Command::Report {
//!     day: None, observed_at: None, metrics: Metrics::from([("steps", 9_000.0.into())]), specials: vec![],
//! };
//! engine.execute(&mut ida, "2026-03-01T20:00:00Z".parse()?, &report)?;
//! assert_eq!(ida.state.total_xp, 110);
//!
//! // A day later the Sunday is closed, and the streak has begun.
//! engine.execute(&mut ida, "2026-03-02T20:00:00Z".parse()?, &Command::Advance {})?;
//! assert_eq!(ida.state.current_streak, 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What to know
//! - **Pure.** No clock, no I/O, no randomness, no global state, no unsafe code. Time is an argument of every command, ids
//!   are derived: the same inputs give the same bytes on every platform.
//! - **Exact.** XP is checked integer arithmetic, multipliers are exact decimals in millionths. Nothing wraps, saturates or
//!   panics: what does not fit is the refusal `XP_OVERFLOW`.
//! - **Local days.** A day is the player's own, in an IANA time zone; 23- and 25-hour days are ordinary days. What fell due
//!   while nobody looked happens first, at its own instant, whenever the next command comes.
//! - **Explained.** [`Engine::view`] says how far everything is and what is missing, [`Engine::preview`] what a command would
//!   bring; every award carries the steps that made it ([`Event::XpAwarded`]).
//! - **Provable.** XP events form a hash chain per player that [`ledger::verify`] checks from the rows alone.
//!
//! # Where things are
//! The rules stand one to a file: [`requirement`], [`curve`], [`modifier`], [`metric`], days and zones, quests, titles,
//! bosses, dungeons, seasons, the [`ledger`]. [`ruleset`] reads and checks a ruleset document. [`api`] holds the types that
//! cross a boundary. [`change`] and [`record`] are for those who persist: a decision is a list of changes, from which every
//! row and every event follows. The parts work alone, too: [`Curve::level`], [`Requirement::evaluate`],
//! [`ModifierStack::apply`], [`ledger::verify`].
// uniffi's macros write the unsafe code that crossing to C needs; all of our own is checked without them.
#![cfg_attr(not(feature = "uniffi"), forbid(unsafe_code))]

#[cfg(feature = "uniffi")]
uniffi::setup_scaffolding!();

pub mod api;
mod award;
mod boss;
pub mod change;
mod close;
pub mod curve;
mod day;
mod digest;
mod dungeon;
mod engine;
mod grant;
pub mod id;
pub mod ledger;
pub mod metric;
pub mod modifier;
mod name;
pub mod narrative;
pub mod player;
mod quest;
pub mod record;
mod report;
pub mod requirement;
pub mod ruleset;
mod season;
mod title;
mod view;

pub use api::*;
pub use change::{Change, Count, Progress, Sink};
pub use curve::Curve;
pub use day::{TZDB_VERSION, Zone};
pub use engine::{Engine, Workspace};
pub use modifier::ModifierStack;
pub use name::Name;
pub use player::Player;
pub use record::{Record, Recorder, Row};
pub use requirement::{Outcome, Requirement};
pub use ruleset::{Format, Ruleset, RulesetErrors};

/// The README's examples in Rust, run with the documentation's.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
