//! Tables: columns as wide as their widest cell, words to the left, numbers to the right.

use crate::paint::Paint;
use crate::tame;

/// How a column's cells are aligned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Align {
    Left,
    Right,
}

/// A table with a heading, rows, and perhaps a last row that sums up.
#[derive(Debug)]
pub(crate) struct Table {
    columns: Vec<(&'static str, Align)>,
    rows: Vec<Vec<String>>,
    totals: Option<Vec<String>>,
}

impl Table {
    pub(crate) fn new(columns: &[(&'static str, Align)]) -> Self {
        Self { columns: columns.to_vec(), rows: Vec::new(), totals: None }
    }

    /// A row; what its cells hold may come from outside.
    pub(crate) fn row(&mut self, cells: Vec<String>) {
        self.rows.push(cells.iter().map(|cell| tame::name(cell)).collect());
    }

    pub(crate) fn totals(&mut self, cells: Vec<String>) {
        self.totals = Some(cells);
    }

    pub(crate) fn render(&self, paint: Paint) -> String {
        let heading: Vec<String> = self.columns.iter().map(|(name, _)| (*name).to_owned()).collect();
        let widths: Vec<usize> = (0..self.columns.len())
            .map(|column| {
                let all = self.rows.iter().chain(&self.totals).chain(std::iter::once(&heading));
                all.filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0)
            })
            .collect();
        let rule: Vec<String> = widths.iter().map(|width| "-".repeat(*width)).collect();
        let mut lines = vec![paint.bold(&self.line(&heading, &widths)), paint.dim(&self.line(&rule, &widths))];
        lines.extend(self.rows.iter().map(|row| self.line(row, &widths)));
        if let Some(totals) = &self.totals {
            lines.push(paint.dim(&self.line(&rule, &widths)));
            lines.push(paint.bold(&self.line(totals, &widths)));
        }
        lines.join("\n") + "\n"
    }

    fn line(&self, cells: &[String], widths: &[usize]) -> String {
        let aligned = self.columns.iter().zip(widths).zip(cells).map(|(((_, align), width), cell)| match align {
            Align::Left => format!("{cell:<width$}"),
            Align::Right => format!("{cell:>width$}"),
        });
        aligned.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let mut table = Table::new(&[("NAME", Align::Left), ("XP", Align::Right)]);
        table.row(vec!["a".into(), "1,000".into()]);
        table.totals(vec!["all of them".into(), "9".into()]);
        let expected = "\
NAME            XP
-----------  -----
a            1,000
-----------  -----
all of them      9
";
        assert_eq!(table.render(Paint::PLAIN), expected);
    }
}
