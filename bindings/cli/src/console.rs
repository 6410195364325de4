//! Where answers and errors go: people's text or JSON on stdout, errors with a hint on stderr.

use std::io::{self, BufWriter, IsTerminal as _, StdoutLock, Write as _};

use serde::Serialize;
use serde_json::json;

use crate::paint::Paint;
use crate::stop::{Failure, Result};
use crate::tame;

/// The two outputs of a command.
pub(crate) struct Console {
    json: bool,
    paint: Paint,
    out: BufWriter<StdoutLock<'static>>,
}

impl Console {
    pub(crate) fn new(json: bool) -> Self {
        let stdout = io::stdout().lock();
        let paint = Paint::new(stdout.is_terminal());
        Self { json, paint, out: BufWriter::new(stdout) }
    }

    /// Whether the answer is wanted as JSON.
    pub(crate) fn wants_json(&self) -> bool {
        self.json
    }

    /// How text on stderr is painted.
    pub(crate) fn error_paint(&self) -> Paint {
        Paint::new(io::stderr().is_terminal())
    }

    /// Gives the answer: as JSON, or as the text that `human` writes.
    pub(crate) fn answer(&mut self, json: &impl Serialize, human: impl FnOnce(Paint) -> String) -> Result {
        match self.json {
            true => self.document(&tame::json(&serde_json::to_string_pretty(json).map_err(io::Error::from)?)),
            false => self.document(&tame::page(&human(self.paint), self.paint)),
        }
    }

    /// Gives one of many answers, at once: as a line of JSON, or as the text that `human` writes.
    pub(crate) fn line(&mut self, json: &impl Serialize, human: impl FnOnce(Paint) -> String) -> Result {
        match self.json {
            true => self.document(&tame::json(&serde_json::to_string(json).map_err(io::Error::from)?))?,
            false => self.document(&tame::page(&human(self.paint), self.paint))?,
        }
        self.flush()
    }

    /// Writes a document byte for byte, and a newline where it ends with none.
    pub(crate) fn document(&mut self, text: &str) -> Result {
        self.out.write_all(text.as_bytes())?;
        if !text.ends_with('\n') {
            self.out.write_all(b"\n")?;
        }
        Ok(())
    }

    pub(crate) fn flush(&mut self) -> Result {
        Ok(self.out.flush()?)
    }

    /// Says on stderr what went wrong, and what to do about it.
    pub(crate) fn fail(&self, failure: &Failure) {
        let mut stderr = io::stderr().lock();
        if self.json {
            let faults = failure.faults.as_ref().map(|faults| &faults.json);
            let error = json!({
                "code": failure.code, "message": failure.message, "hint": failure.hint, "errors": faults,
            });
            let _ = writeln!(stderr, "{}", tame::json(&json!({ "error": error }).to_string()));
            return;
        }
        let paint = self.error_paint();
        if let Some(faults) = &failure.faults {
            let _ = writeln!(stderr, "{}", tame::page(&faults.text, paint));
        }
        let _ = writeln!(stderr, "{} {} [{}]", paint.bad("error:"), tame::name(&failure.message), failure.code);
        if let Some(hint) = &failure.hint {
            let _ = writeln!(stderr, "{} {}", paint.blue("hint:"), tame::name(hint));
        }
    }
}
