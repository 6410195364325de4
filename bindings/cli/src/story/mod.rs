//! Stories: how a player stands, and what happened, in words.

mod awards;
mod chapter;
mod explain;
mod names;
mod sentence;
mod sheet;

pub(crate) use awards::Awards;
pub(crate) use chapter::{Chapter, chapters};
pub(crate) use names::Names;
pub(crate) use sentence::{Facts, Teller};
pub(crate) use sheet::Sheet;
