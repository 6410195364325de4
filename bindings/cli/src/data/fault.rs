//! Faults of a data file: collected, so that an author sees them together, and nothing is played.

use std::path::Path;

use serde::Serialize;

use crate::stop::{Exit, Failure};
use crate::tame;
use crate::text;

/// How many faults are shown; the rest is counted.
const SHOWN: usize = 20;

/// What is wrong with a cell or a line.
#[derive(Debug, Serialize)]
pub(super) struct Fault {
    line: u64,
    /// The cell's place in its line, from 1.
    column: Option<usize>,
    /// The column's name.
    name: Option<String>,
    message: String,
}

/// Every fault of a file.
#[derive(Debug, Default)]
pub(super) struct FaultList {
    shown: Vec<Fault>,
    more: usize,
}

impl FaultList {
    /// A cell that cannot be read.
    pub(super) fn cell(&mut self, line: u64, index: usize, name: &str, text: &str, expected: &str) {
        let given: String = text.chars().take(40).collect();
        let message = format!("{given:?} is not {expected}");
        self.add(Fault { line, column: Some(index + 1), name: Some(name.to_owned()), message });
    }

    /// A line that cannot be read at all.
    pub(super) fn line(&mut self, line: u64, message: String) {
        self.add(Fault { line, column: None, name: None, message });
    }

    fn add(&mut self, fault: Fault) {
        match self.shown.len() < SHOWN {
            true => self.shown.push(fault),
            false => self.more += 1,
        }
    }

    /// The failure they are together, if there are any.
    pub(super) fn failure(self, path: &Path) -> Option<Failure> {
        if self.shown.is_empty() {
            return None;
        }
        let file = path.display();
        let lines = self.shown.iter().map(|fault| match (fault.column, &fault.name) {
            (Some(column), Some(name)) => {
                format!("{file}:{}: column {column} ({}): {}", fault.line, tame::name(name), fault.message)
            }
            _ => format!("{file}:{}: {}", fault.line, fault.message),
        });
        let mut text = lines.collect::<Vec<_>>().join("\n");
        if self.more > 0 {
            text.push_str(&format!("\n... and {} more", text::whole(self.more)));
        }
        let faults = text::plural(self.shown.len() + self.more, "fault");
        let failure = Failure::new(Exit::Input, "DATA", format!("{file} has {faults}"))
            .hint("nothing was played; correct the cells, or leave a cell empty where nothing was measured");
        Some(failure.faults(text, &self.shown))
    }
}
