//! Measurements in a CSV file: one row is one player's day.
//!
//! A first pass checks every cell and remembers where each row stands; a second reads the rows by player and date. So a fault
//! is found before anything is played, rows may come in any order, and memory holds a few bytes per row, never the file.

mod cell;
mod columns;
mod fault;
mod index;
mod worn;

pub(crate) use index::{Index, Player};
pub(crate) use worn::NotWorn;

use levelkit::{Day, Metrics};

/// One player's day.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Row {
    /// The day.
    pub(crate) day: Day,
    /// What was measured; nothing where the tracker was not worn.
    pub(crate) metrics: Metrics,
    /// Whether the row counts as not reported.
    pub(crate) not_worn: bool,
}
