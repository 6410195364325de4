//! Days on which the tracker lay in a drawer: told by a requirement over the row's own columns.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use levelkit::{MetricKind, Metrics, Requirement, ruleset};

use crate::leaves;
use crate::stop::{Exit, Failure, Result};

/// The requirement of `--not-worn`.
#[derive(Debug)]
pub(crate) struct NotWorn {
    requirement: Requirement,
    columns: BTreeMap<String, MetricKind>,
}

impl NotWorn {
    /// Reads the option's text: a requirement, or `@` and the file that holds one.
    pub(crate) fn parse(option: &str) -> Result<Self> {
        let text = match option.strip_prefix('@').map(Path::new) {
            Some(path) => &fs::read_to_string(path).map_err(|error| Failure::unreadable(path, &error))?,
            None => option,
        };
        let requirement = ruleset::parse_requirement(text).map_err(|errors| {
            let lines: Vec<String> =
                errors.0.iter().map(|error| format!("--not-worn:{}:{}: {error}", error.line, error.column)).collect();
            Failure::new(Exit::Usage, "INVALID_REQUIREMENT", "--not-worn is no requirement")
                .hint(r#"write it like a quest's: {"type":"numeric","metric":"steps","op":"==","value":0}"#)
                .faults(lines.join("\n"), &errors)
        })?;
        let columns = leaves::of(&requirement).into_iter().map(|(name, kind)| (name.to_owned(), kind)).collect();
        Ok(Self { requirement, columns })
    }

    /// The columns it reads, with their kinds.
    pub(crate) fn columns(&self) -> &BTreeMap<String, MetricKind> {
        &self.columns
    }

    /// Whether a row's columns say that nothing was measured.
    pub(crate) fn holds(&self, columns: &Metrics) -> bool {
        self.requirement.evaluate(columns).is_ok_and(|outcome| outcome.is_met())
    }
}
