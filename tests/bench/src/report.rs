//! What was measured, as tables.

use std::fmt::Write as _;
use std::path::Path;

/// Anything that stops a benchmark.
pub(crate) type Failed = Box<dyn std::error::Error>;

/// The lines of a part.
#[derive(Default)]
pub(crate) struct Report {
    lines: Vec<Line>,
}

struct Line {
    what: String,
    ours: String,
    limit: String,
    ratio: String,
    budget: String,
}

impl Report {
    /// Adds amounts per second: levelkit's and the limit's, where levelkit is to reach `share` of it.
    pub(crate) fn rate(&mut self, what: &str, ours: &[f64], limit: &[f64], share: f64) {
        let (ours, limit) = (median(ours), median(limit));
        let ratio = ours / limit;
        self.add(what, format!("{ours:.0}/s"), format!("{limit:.0}/s"), format!("{ratio:.2}"), at_least(ratio, share));
    }

    /// Adds an amount per second that is to reach another one.
    pub(crate) fn at_least(&mut self, what: &str, ours: &[f64], wanted: f64) {
        let ours = median(ours);
        let verdict = if ours >= wanted { "met" } else { "not met" };
        self.add(what, format!("{ours:.0}/s"), String::new(), String::new(), format!(">= {wanted:.0}/s: {verdict}"));
    }

    /// Adds a cost that is to be no more than `share` of another one.
    pub(crate) fn growth(&mut self, what: &str, large: f64, small: f64, share: f64) {
        let ratio = large / small;
        let verdict = if ratio <= share { "met" } else { "not met" };
        let budget = format!("<= {share:.2}: {verdict}");
        self.add(what, format!("{large:.2} ms"), format!("{small:.2} ms"), format!("{ratio:.2}"), budget);
    }

    /// Adds what has no budget.
    pub(crate) fn plain(&mut self, what: &str, ours: String) {
        self.add(what, ours, String::new(), String::new(), String::new());
    }

    fn add(&mut self, what: &str, ours: String, limit: String, ratio: String, budget: String) {
        println!("{what}: {ours} beside {limit}, {ratio} ({budget})");
        self.lines.push(Line { what: what.to_owned(), ours, limit, ratio, budget });
    }

    /// A table.
    pub(crate) fn text(&self, title: &str) -> String {
        let mut text = format!("## {title}\n\n| what | levelkit | beside | ratio | budget |\n|---|---|---|---|---|\n");
        for Line { what, ours, limit, ratio, budget } in &self.lines {
            let _ = writeln!(text, "| {what} | {ours} | {limit} | {ratio} | {budget} |");
        }
        text
    }

    /// Puts the table in the place of the one of that title in `docs/benchmarks.md`, or behind the others.
    pub(crate) fn write(&self, title: &str) -> Result<(), Failed> {
        const INTRODUCTION: &str = "# Benchmarks\n\nWritten by `cargo xtask bench`. Levelkit and what it is compared with ran in turns on one small \
            shared machine; only the ratios carry over.\n";
        // `cargo xtask` runs this in the project's folder.
        let path = Path::new("docs/benchmarks.md");
        let known = std::fs::read_to_string(path).unwrap_or_else(|_| INTRODUCTION.to_owned());
        let mut parts: Vec<String> = known.split("\n## ").map(str::to_owned).collect();
        let own = self.text(title).trim_start_matches("## ").trim_end().to_owned() + "\n";
        match parts.iter_mut().skip(1).find(|part| part.starts_with(title)) {
            Some(part) => *part = own,
            None => parts.push(own),
        }
        Ok(std::fs::write(path, parts.join("\n## "))?)
    }
}

fn at_least(ratio: f64, share: f64) -> String {
    let verdict = if ratio >= share { "met" } else { "not met" };
    format!(">= {share:.2}: {verdict}")
}

/// The middle one, which a moment of somebody else's does not move.
pub(crate) fn median(numbers: &[f64]) -> f64 {
    let mut sorted = numbers.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}
