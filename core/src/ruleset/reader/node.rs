//! The tree that every format is read into.

use std::borrow::Cow;

/// A place in the text: line and character, both from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Position {
    pub(crate) line: u32,
    pub(crate) column: u32,
}

impl Position {
    pub(crate) const START: Self = Self { line: 1, column: 1 };

    /// The place after these bytes of UTF-8.
    pub(super) fn advance(&mut self, bytes: &[u8]) {
        for byte in bytes {
            match byte {
                b'\n' => *self = Self { line: self.line.saturating_add(1), column: 1 },
                // A continuation byte belongs to the character that began before it.
                0x80..=0xbf => {}
                _ => self.column = self.column.saturating_add(1),
            }
        }
    }
}

/// One value of the text.
#[derive(Debug)]
pub(crate) struct Node<'t> {
    pub(crate) kind: Kind<'t>,
    pub(crate) at: Position,
}

/// What a value is.
#[derive(Debug)]
pub(crate) enum Kind<'t> {
    Null,
    Bool(bool),
    /// A number as it is written, which `f64::from_str` can read.
    Number(Cow<'t, str>),
    String(Cow<'t, str>),
    /// TOML's own date and time, written like RFC 3339.
    #[cfg(feature = "toml")]
    Datetime(Cow<'t, str>),
    List(Vec<Node<'t>>),
    Map(Vec<Entry<'t>>),
    /// A list or map below the deepest level that is kept.
    TooDeep,
}

/// One key of a map, with its value.
#[derive(Debug)]
pub(crate) struct Entry<'t> {
    pub(crate) key: Cow<'t, str>,
    pub(crate) at: Position,
    pub(crate) node: Node<'t>,
}

impl<'t> Node<'t> {
    /// The value under a key of a map.
    pub(crate) fn get(&self, key: &str) -> Option<&Node<'t>> {
        match &self.kind {
            Kind::Map(entries) => entries.iter().find(|entry| entry.key == key).map(|entry| &entry.node),
            _ => None,
        }
    }

    /// The items of a list; none of anything else.
    pub(crate) fn items(&self) -> &[Node<'t>] {
        match &self.kind {
            Kind::List(items) => items,
            _ => &[],
        }
    }

    /// The text of a string.
    pub(crate) fn as_str(&self) -> Option<&str> {
        match &self.kind {
            Kind::String(text) => Some(text),
            _ => None,
        }
    }

    /// What it is, in words.
    pub(crate) fn describe(&self) -> &'static str {
        match &self.kind {
            Kind::Null => "null",
            Kind::Bool(_) => "a boolean",
            Kind::Number(_) => "a number",
            Kind::String(_) => "a string",
            #[cfg(feature = "toml")]
            Kind::Datetime(_) => "a date",
            Kind::List(_) => "a list",
            Kind::Map(_) => "an object",
            Kind::TooDeep => "something nested too deeply",
        }
    }
}
