//! Paths: where in a document something is, like `quests[3].name`.

use std::fmt;

/// The longest part of a text that an error repeats, so that errors stay small whatever the text holds.
const MAX_QUOTED: usize = 128;

/// A path, as a chain of its parts; it costs nothing until it is written out.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Path<'p> {
    parent: Option<&'p Path<'p>>,
    part: Part<'p>,
}

#[derive(Clone, Copy, Debug)]
enum Part<'p> {
    Root,
    Key(&'p str),
    Index(usize),
}

impl<'p> Path<'p> {
    pub(crate) const ROOT: Self = Self { parent: None, part: Part::Root };

    pub(crate) fn key(&'p self, key: &'p str) -> Self {
        Self { parent: Some(self), part: Part::Key(key) }
    }

    pub(crate) fn index(&'p self, index: usize) -> Self {
        Self { parent: Some(self), part: Part::Index(index) }
    }

    /// The index that the path ends with; 0 if it ends otherwise.
    pub(crate) fn last_index(&self) -> usize {
        match self.part {
            Part::Index(index) => index,
            Part::Root | Part::Key(_) => 0,
        }
    }

    fn is_root(&self) -> bool {
        matches!(self.part, Part::Root)
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The readers keep at most 128 levels, which bounds this recursion.
        if let Some(parent) = self.parent {
            parent.fmt(f)?;
        }
        match self.part {
            Part::Root => Ok(()),
            Part::Index(index) => write!(f, "[{index}]"),
            Part::Key(key) if self.parent.is_none_or(Path::is_root) => f.write_str(&shortened(key)),
            Part::Key(key) => write!(f, ".{}", shortened(key)),
        }
    }
}

fn shortened(text: &str) -> String {
    let mut characters = text.chars();
    let start: String = characters.by_ref().take(MAX_QUOTED).collect();
    if characters.next().is_some() { format!("{start}…") } else { start }
}

/// A piece of the document in quotes, shortened where it is long.
pub(crate) fn quoted(text: &str) -> String {
    format!("{:?}", shortened(text))
}
