//! A progress bar on stderr: on a terminal only, and wiped when the work is done.

use std::io::{self, IsTerminal as _, Write as _};
use std::time::{Duration, Instant};

/// How wide the bar itself is.
const WIDTH: usize = 30;
/// How often it is drawn.
const EVERY: Duration = Duration::from_millis(80);

/// A progress bar.
#[derive(Debug)]
pub(crate) struct Bar {
    label: &'static str,
    done: usize,
    total: usize,
    /// When it was drawn last; none where it is not drawn at all.
    drawn: Option<Instant>,
}

impl Bar {
    /// A bar for that many steps; invisible where `visible` is false or stderr is no terminal.
    pub(crate) fn new(label: &'static str, total: usize, visible: bool) -> Self {
        let drawn = (visible && io::stderr().is_terminal()).then(Instant::now);
        Self { label, done: 0, total, drawn }
    }

    pub(crate) fn step(&mut self) {
        self.done += 1;
        if self.drawn.is_some_and(|drawn| drawn.elapsed() >= EVERY) {
            self.drawn = Some(Instant::now());
            let _ = write!(io::stderr(), "\r{}", line(self.label, self.done, self.total));
        }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        if self.drawn.is_some() {
            let _ = write!(io::stderr(), "\r\u{1b}[K");
        }
    }
}

fn line(label: &str, done: usize, total: usize) -> String {
    let (done, total) = (done.min(total), total.max(1));
    let filled = done * WIDTH / total;
    format!("{label} [{}{}] {:>3} %", "#".repeat(filled), "-".repeat(WIDTH - filled), done * 100 / total)
}

/// A bar that stands in a text, 20 wide.
pub(crate) fn still(fraction: f64) -> String {
    let filled = (fraction.clamp(0.0, 1.0) * 20.0).floor() as usize;
    format!("[{}{}]", "#".repeat(filled), "-".repeat(20 - filled))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_fills_up() {
        assert_eq!(line("playing", 15, 30), format!("playing [{}{}]  50 %", "#".repeat(15), "-".repeat(15)));
        assert_eq!(line("playing", 0, 0), format!("playing [{}]   0 %", "-".repeat(30)));
        assert_eq!(still(1.0), format!("[{}]", "#".repeat(20)));
    }
}
