//! Builds the tree from a reader's events: counts values and depth, and finds the keys that stand twice.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

use super::node::{Entry, Kind, Node, Position};
use super::path::{Path, quoted};
use super::{Fault, MAX_DEPTH, MAX_NODES, Tree};
use crate::ruleset::error::{RulesetError, RulesetErrorCode as Code};

/// Maps up to this size are searched rather than hashed for keys that stand twice.
const SMALL_MAP: usize = 16;
/// Keys that stand twice are listed up to here.
const MAX_DUPLICATES: usize = 10_000;

/// A list or map that is still open.
struct Frame<'t> {
    at: Position,
    items: Items<'t>,
}

enum Items<'t> {
    List(Vec<Node<'t>>),
    Map { entries: Vec<Entry<'t>>, key: (Cow<'t, str>, Position) },
}

pub(super) struct Builder<'t> {
    open: Vec<Frame<'t>>,
    root: Option<Node<'t>>,
    nodes: usize,
    /// How many lists and maps are open below the deepest level that is kept.
    skipped: usize,
    duplicates: Vec<RulesetError>,
}

impl<'t> Builder<'t> {
    pub(super) fn new() -> Self {
        Self { open: Vec::new(), root: None, nodes: 0, skipped: 0, duplicates: Vec::new() }
    }

    pub(super) fn open_list(&mut self, at: Position) -> Result<(), Fault> {
        self.open(at, Items::List(Vec::new()))
    }

    pub(super) fn open_map(&mut self, at: Position) -> Result<(), Fault> {
        self.open(at, Items::Map { entries: Vec::new(), key: (Cow::Borrowed(""), at) })
    }

    fn open(&mut self, at: Position, items: Items<'t>) -> Result<(), Fault> {
        if self.skipped == 0 && self.open.len() < MAX_DEPTH {
            self.open.push(Frame { at, items });
            return Ok(());
        }
        if self.skipped == 0 {
            self.scalar(Kind::TooDeep, at)?;
        }
        self.skipped += 1;
        Ok(())
    }

    /// The key of the value that comes next.
    pub(super) fn key(&mut self, text: Cow<'t, str>, at: Position) {
        if self.skipped > 0 {
            return;
        }
        if let Some(Frame { items: Items::Map { key, .. }, .. }) = self.open.last_mut() {
            *key = (text, at);
        }
    }

    pub(super) fn scalar(&mut self, kind: Kind<'t>, at: Position) -> Result<(), Fault> {
        if self.skipped > 0 {
            return Ok(());
        }
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            return Err(Fault::too_large(at, format!("the document has more than {MAX_NODES} values")));
        }
        let node = Node { kind, at };
        match self.open.last_mut().map(|frame| &mut frame.items) {
            None => self.root = Some(node),
            Some(Items::List(items)) => items.push(node),
            Some(Items::Map { entries, key }) => {
                let (key, at) = std::mem::replace(key, (Cow::Borrowed(""), at));
                entries.push(Entry { key, at, node });
            }
        }
        Ok(())
    }

    /// Ends the innermost list or map.
    pub(super) fn close(&mut self) -> Result<(), Fault> {
        if self.skipped > 0 {
            self.skipped -= 1;
            return Ok(());
        }
        let Some(Frame { at, items }) = self.open.pop() else { return Ok(()) };
        let kind = match items {
            Items::List(mut items) => {
                items.shrink_to_fit();
                Kind::List(items)
            }
            Items::Map { entries, .. } => {
                let mut entries = self.without_duplicates(entries);
                entries.shrink_to_fit();
                Kind::Map(entries)
            }
        };
        self.scalar(kind, at)
    }

    pub(super) fn finish(self) -> Tree<'t> {
        let empty = Node { kind: Kind::Null, at: Position::START };
        Tree { root: self.root.unwrap_or(empty), duplicates: self.duplicates }
    }

    /// The entries whose key had not stood before; the others become errors.
    fn without_duplicates(&mut self, mut entries: Vec<Entry<'t>>) -> Vec<Entry<'t>> {
        let repeated = repeated_keys(&entries);
        if repeated.is_empty() {
            return entries;
        }
        for entry in repeated.iter().filter_map(|&index| entries.get(index)) {
            self.report(&entry.key, entry.at);
        }
        let mut repeated = repeated.into_iter().peekable();
        let mut index = 0;
        entries.retain(|_| {
            let drop = repeated.next_if_eq(&index).is_some();
            index += 1;
            !drop
        });
        entries
    }

    fn report(&mut self, key: &str, at: Position) {
        if self.duplicates.len() >= MAX_DUPLICATES {
            return;
        }
        self.duplicates.push(duplicate(self.path_to(key), key, at));
    }

    fn path_to(&self, key: &str) -> String {
        let mut path = String::new();
        for Frame { items, .. } in &self.open {
            path = match items {
                Items::List(items) => format!("{path}[{}]", items.len()),
                Items::Map { key: (key, _), .. } => joined(&path, key),
            };
        }
        joined(&path, key)
    }
}

/// The error of a key that stands twice.
pub(super) fn duplicate(path: impl fmt::Display, key: &str, at: Position) -> RulesetError {
    let message = format!("the key {} stands twice; expected it once", quoted(key));
    RulesetError::new(path, Code::DuplicateKey, at, message)
}

fn joined(path: &str, key: &str) -> String {
    let key = Path::ROOT.key(key).to_string();
    if path.is_empty() { key } else { format!("{path}.{key}") }
}

/// The indices of entries whose key stood before, rising.
fn repeated_keys(entries: &[Entry<'_>]) -> Vec<usize> {
    let indexed = entries.iter().enumerate();
    if entries.len() <= SMALL_MAP {
        let stood = |index: usize, key: &str| entries.iter().take(index).any(|entry| entry.key == key);
        return indexed.filter(|(index, entry)| stood(*index, &entry.key)).map(|(index, _)| index).collect();
    }
    let mut seen = HashSet::with_capacity(entries.len());
    indexed.filter(|(_, entry)| !seen.insert(&*entry.key)).map(|(index, _)| index).collect()
}
