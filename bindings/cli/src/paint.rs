//! Colours: on a terminal only, and never where `NO_COLOR` is set.

/// The end of a colour, and every colour.
const CODES: [&str; 7] = ["0m", "1m", "2m", "32m", "1;31m", "33m", "36m"];

/// Paints text, or leaves it as it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Paint(bool);

impl Paint {
    /// Paints where the text goes to a terminal that wants colours.
    pub(crate) fn new(is_terminal: bool) -> Self {
        let unwanted = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        Self(is_terminal && !unwanted && !dumb)
    }

    /// Leaves everything as it is.
    #[cfg(test)]
    pub(crate) const PLAIN: Self = Self(false);

    /// Paints everything.
    #[cfg(test)]
    pub(crate) const COLOURED: Self = Self(true);

    /// The code of a colour, or of its end, with which a painted text goes on.
    pub(crate) fn code_before(self, text: &str) -> Option<&str> {
        let is_code = |code: &&str| text.strip_prefix("\u{1b}[").is_some_and(|rest| rest.starts_with(*code));
        let code = self.0.then(|| CODES.iter().copied().find(is_code))??;
        text.get(..code.len() + 2)
    }

    fn with(self, code: &str, text: &str) -> String {
        if self.0 { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    pub(crate) fn bold(self, text: &str) -> String {
        self.with("1", text)
    }

    pub(crate) fn dim(self, text: &str) -> String {
        self.with("2", text)
    }

    pub(crate) fn good(self, text: &str) -> String {
        self.with("32", text)
    }

    pub(crate) fn bad(self, text: &str) -> String {
        self.with("1;31", text)
    }

    pub(crate) fn gold(self, text: &str) -> String {
        self.with("33", text)
    }

    pub(crate) fn blue(self, text: &str) -> String {
        self.with("36", text)
    }
}
