//! Columns: which of a file's are the player, the date and metrics, and which nobody asked for.

use std::path::Path;

use csv::StringRecord;
use levelkit::{MetricKind, Metrics, Ruleset};

use super::fault::FaultList;
use super::worn::NotWorn;
use super::{Row, cell};
use crate::stop::{Exit, Failure, Result};
use crate::text;

/// The columns of a file that are read.
#[derive(Debug)]
pub(super) struct Columns {
    player: usize,
    date: usize,
    metrics: Vec<Column>,
    /// Columns that nothing reads, by their names.
    pub(super) ignored: Vec<String>,
}

#[derive(Debug)]
struct Column {
    index: usize,
    name: String,
    kind: MetricKind,
    /// Whether the ruleset reads it, so that it is reported.
    reported: bool,
}

impl Columns {
    /// Finds the columns by a file's heading.
    pub(super) fn find(
        heading: &StringRecord,
        path: &Path,
        ruleset: &Ruleset,
        not_worn: Option<&NotWorn>,
    ) -> Result<Self> {
        let names: Vec<&str> = heading.iter().map(str::trim).collect();
        let failure = |message: String| Failure::new(Exit::Input, "DATA", format!("{}: {message}", path.display()));
        let place = |wanted: &str| names.iter().position(|name| *name == wanted);
        let missing = |wanted: &str| failure(format!("there is no column {wanted:?} among {}", quoted(&names)));
        let needed = "the first line names the columns; player and date must be among them";
        let player = place("player").ok_or_else(|| missing("player").hint(needed))?;
        let date = place("date").ok_or_else(|| missing("date").hint(needed))?;
        let twice =
            names.iter().enumerate().find(|(index, name)| names.iter().take(*index).any(|earlier| earlier == *name));
        if let Some((_, name)) = twice {
            return Err(failure(format!("the column {name:?} is there twice"))
                .hint("give every column a name of its own")
                .into());
        }
        let read_by_option = not_worn.into_iter().flat_map(|not_worn| not_worn.columns().keys());
        if let Some(name) = read_by_option.into_iter().find(|name| place(name).is_none()) {
            let failure = Failure { exit: Exit::Usage, ..missing(name) };
            return Err(failure.hint("--not-worn can read the columns of the file only").into());
        }
        let mut columns = Self { player, date, metrics: Vec::new(), ignored: Vec::new() };
        let known = ruleset.metrics();
        for (index, name) in names.iter().enumerate().filter(|(index, _)| ![player, date].contains(index)) {
            let by_rules = known.iter().find(|(metric, _)| metric == name);
            let by_option = not_worn.and_then(|not_worn| not_worn.columns().get(*name)).copied();
            let rules_kind = by_rules.map(|(_, kind)| kind.or(by_option).unwrap_or(MetricKind::Numeric));
            match (rules_kind, by_option) {
                (Some(kind), Some(other)) if kind != other => {
                    let message = format!("--not-worn reads {name:?} as {other}, and the ruleset as {kind}");
                    return Err(Failure::new(Exit::Usage, "METRIC_KIND", message)
                        .hint("read it as the ruleset does")
                        .into());
                }
                (Some(kind), _) | (None, Some(kind)) => {
                    columns.metrics.push(Column {
                        index,
                        name: (*name).to_owned(),
                        kind,
                        reported: by_rules.is_some(),
                    });
                }
                (None, None) => columns.ignored.push((*name).to_owned()),
            }
        }
        Ok(columns)
    }

    /// The metrics that are reported, by name.
    pub(super) fn reported(&self) -> Vec<&str> {
        self.metrics.iter().filter(|column| column.reported).map(|column| column.name.as_str()).collect()
    }

    /// Reads a record; cells that cannot be read are faults, and then there is no row.
    pub(super) fn read<'r>(
        &self,
        record: &'r StringRecord,
        line: u64,
        not_worn: Option<&NotWorn>,
        faults: &mut FaultList,
    ) -> Option<(&'r str, Row)> {
        let text = |index: usize| record.get(index).unwrap_or_default();
        let player = cell::player(text(self.player));
        let date = cell::date(text(self.date));
        if let Err(expected) = player {
            faults.cell(line, self.player, "player", text(self.player), expected);
        }
        if let Err(expected) = date {
            faults.cell(line, self.date, "date", text(self.date), expected);
        }
        let (mut metrics, mut seen, mut sound) = (Metrics::default(), Metrics::default(), true);
        for Column { index, name, kind, reported } in &self.metrics {
            match cell::metric(text(*index), *kind) {
                Ok(None) => {}
                Ok(Some(value)) => {
                    if *reported {
                        metrics.0.insert(name.clone(), value);
                    }
                    if not_worn.is_some_and(|not_worn| not_worn.columns().contains_key(name)) {
                        seen.0.insert(name.clone(), value);
                    }
                }
                Err(expected) => {
                    faults.cell(line, *index, name, text(*index), expected);
                    sound = false;
                }
            }
        }
        let not_worn = not_worn.is_some_and(|not_worn| not_worn.holds(&seen));
        if not_worn {
            metrics.0.clear();
        }
        let (player, day) = (player.ok()?, date.ok()?);
        sound.then_some((player, Row { day, metrics, not_worn }))
    }
}

fn quoted(names: &[&str]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("{name:?}")).collect();
    text::list(&names)
}
