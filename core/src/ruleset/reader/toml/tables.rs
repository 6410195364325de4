//! The tables of a TOML text while they are gathered: by header, by dotted key, inline; and which of them may still grow.

use std::borrow::Cow;
use std::collections::HashMap;

use super::super::build::duplicate;
use super::super::node::{Entry, Kind, Node, Position};
use super::super::path::Path;
use super::super::{MAX_DEPTH, Tree};
use crate::ruleset::error::RulesetError;

/// Tables up to this size are searched rather than indexed.
const SMALL_TABLE: usize = 16;
/// Keys that stand twice are listed up to here.
const MAX_DUPLICATES: usize = 10_000;

/// Which table, as an index into all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct TableId(usize);

/// One part of a key, with its place.
type Part<'t> = (Cow<'t, str>, Position);

/// Where a value goes: a table and a key. Without a table the value is dropped, for its key stands twice.
pub(super) struct Target<'t> {
    table: Option<TableId>,
    key: Part<'t>,
}

/// How a table came to be, which decides how it may grow.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Origin {
    /// A header of a deeper table named it; its own header may follow.
    Implied,
    /// Its own header.
    Header,
    /// A dotted key; further dotted keys may follow.
    Dotted,
    /// Braces: it is complete.
    Inline,
}

pub(super) enum Slot<'t> {
    Scalar {
        at: Position,
        kind: Kind<'t>,
    },
    List {
        at: Position,
        items: Vec<Slot<'t>>,
    },
    Table(TableId),
    /// Tables under `[[headers]]`.
    Sections {
        at: Position,
        tables: Vec<TableId>,
    },
}

struct Table<'t> {
    at: Position,
    origin: Origin,
    items: Vec<(Part<'t>, Slot<'t>)>,
    /// The place of each key in `items`, once there are many.
    #[allow(clippy::box_collection)] // most tables have none, and should stay small
    index: Option<Box<HashMap<Cow<'t, str>, usize>>>,
}

impl<'t> Table<'t> {
    fn new(at: Position, origin: Origin) -> Self {
        Self { at, origin, items: Vec::new(), index: None }
    }

    fn place(&self, key: &str) -> Option<usize> {
        match &self.index {
            Some(index) => index.get(key).copied(),
            None => self.items.iter().position(|((known, _), _)| known == key),
        }
    }

    fn slot(&mut self, key: &str) -> Option<&mut Slot<'t>> {
        let place = self.place(key)?;
        self.items.get_mut(place).map(|(_, slot)| slot)
    }

    fn push(&mut self, key: Part<'t>, slot: Slot<'t>) {
        if self.items.is_empty() {
            // Most tables of a hostile text have one key; the usual first four would be wasted.
            self.items.reserve_exact(1);
        }
        if self.items.len() == SMALL_TABLE {
            let places = self.items.iter().enumerate().map(|(place, ((key, _), _))| (key.clone(), place));
            self.index = Some(Box::new(places.collect()));
        }
        if let Some(index) = &mut self.index {
            index.insert(key.0.clone(), self.items.len());
        }
        self.items.push((key, slot));
    }
}

pub(super) struct Tables<'t> {
    all: Vec<Table<'t>>,
    /// The table that the last header opened.
    section: TableId,
    values: usize,
    duplicates: Vec<(TableId, Part<'t>)>,
}

impl<'t> Tables<'t> {
    const ROOT: TableId = TableId(0);

    pub(super) fn new() -> Self {
        let root = Table::new(Position::START, Origin::Header);
        Self { all: vec![root], section: Self::ROOT, values: 0, duplicates: Vec::new() }
    }

    /// How many values there are.
    pub(super) fn nodes(&self) -> usize {
        self.all.len().saturating_add(self.values)
    }

    pub(super) fn note_value(&mut self) {
        self.values += 1;
    }

    pub(super) fn inline(&mut self, at: Position) -> TableId {
        self.add(at, Origin::Inline)
    }

    fn add(&mut self, at: Position, origin: Origin) -> TableId {
        self.all.push(Table::new(at, origin));
        TableId(self.all.len() - 1)
    }

    fn slot(&mut self, table: TableId, key: &str) -> Option<&mut Slot<'t>> {
        self.all.get_mut(table.0)?.slot(key)
    }

    fn origin(&self, table: TableId) -> Option<Origin> {
        self.all.get(table.0).map(|table| table.origin)
    }

    fn push(&mut self, table: TableId, key: Part<'t>, slot: Slot<'t>) {
        if let Some(table) = self.all.get_mut(table.0) {
            table.push(key, slot);
        }
    }

    fn repeated<T>(&mut self, table: TableId, key: Part<'t>) -> Option<T> {
        if self.duplicates.len() < MAX_DUPLICATES {
            self.duplicates.push((table, key));
        }
        None
    }

    /// `[a.b.c]`: what follows belongs to that table; to none if it stood before.
    pub(super) fn open_section(&mut self, key: Vec<Part<'t>>) {
        self.open(key, Self::section_table);
    }

    /// `[[a.b.c]]`: what follows belongs to a new table of that list.
    pub(super) fn open_list_section(&mut self, key: Vec<Part<'t>>) {
        self.open(key, Self::list_table);
    }

    fn open(&mut self, mut key: Vec<Part<'t>>, last: fn(&mut Self, TableId, Part<'t>) -> Option<TableId>) {
        let Some(name) = key.pop() else { return };
        let at = name.1;
        let parent = self.descend(Self::ROOT, key, Origin::Implied);
        let section = parent.and_then(|parent| last(self, parent, name));
        // What follows a faulty header is read into a table that nothing holds.
        self.section = section.unwrap_or_else(|| self.add(at, Origin::Header));
    }

    fn section_table(&mut self, parent: TableId, key: Part<'t>) -> Option<TableId> {
        let stood = match self.slot(parent, &key.0) {
            None => {
                let table = self.add(key.1, Origin::Header);
                self.push(parent, key, Slot::Table(table));
                return Some(table);
            }
            Some(Slot::Table(table)) => Some(*table),
            Some(_) => None,
        };
        match stood.and_then(|table| Some((table, self.all.get_mut(table.0)?))) {
            Some((table, implied)) if implied.origin == Origin::Implied => {
                (implied.origin, implied.at) = (Origin::Header, key.1);
                Some(table)
            }
            _ => self.repeated(parent, key),
        }
    }

    fn list_table(&mut self, parent: TableId, key: Part<'t>) -> Option<TableId> {
        let table = TableId(self.all.len());
        match self.slot(parent, &key.0) {
            None => self.push(parent, (key.0, key.1), Slot::Sections { at: key.1, tables: vec![table] }),
            Some(Slot::Sections { tables, .. }) => tables.push(table),
            Some(_) => return self.repeated(parent, key),
        }
        Some(self.add(key.1, Origin::Header))
    }

    /// Where the value of a key goes, from an inline table or the section.
    pub(super) fn target(&mut self, table: Option<TableId>, mut key: Vec<Part<'t>>) -> Target<'t> {
        let name = key.pop().unwrap_or((Cow::Borrowed(""), Position::START));
        let table = self.descend(table.unwrap_or(self.section), key, Origin::Dotted);
        Target { table, key: name }
    }

    /// The table that the parts lead to, making those that are missing; `None` if one of them cannot grow.
    fn descend(&mut self, from: TableId, parts: Vec<Part<'t>>, origin: Origin) -> Option<TableId> {
        parts.into_iter().try_fold(from, |table, part| self.step(table, part, origin))
    }

    fn step(&mut self, from: TableId, part: Part<'t>, origin: Origin) -> Option<TableId> {
        let next = match self.slot(from, &part.0) {
            None => {
                let table = self.add(part.1, origin);
                self.push(from, part, Slot::Table(table));
                return Some(table);
            }
            Some(Slot::Table(table)) => Some(*table),
            Some(Slot::Sections { tables, .. }) => tables.last().copied(),
            Some(_) => None,
        };
        let grows = |table: &TableId| match self.origin(*table) {
            Some(Origin::Dotted) => true,
            Some(Origin::Implied | Origin::Header) => origin == Origin::Implied,
            Some(Origin::Inline) | None => false,
        };
        match next.filter(grows) {
            Some(table) => Some(table),
            None => self.repeated(from, part),
        }
    }

    pub(super) fn insert(&mut self, target: Target<'t>, slot: Slot<'t>) {
        let Target { table: Some(table), key } = target else { return };
        if self.slot(table, &key.0).is_some() {
            self.repeated::<()>(table, key);
            return;
        }
        self.push(table, key, slot);
    }

    pub(super) fn finish(mut self) -> Tree<'t> {
        // In the order of their tables, so that each table takes its own.
        self.duplicates.sort_by_key(|(table, _)| table.0);
        let mut tree = Planter { tables: self, errors: Vec::new() };
        let root = tree.table(Self::ROOT, Path::ROOT, 0);
        Tree { root, duplicates: tree.errors }
    }
}

/// Makes the tree of the gathered tables.
struct Planter<'t> {
    tables: Tables<'t>,
    errors: Vec<RulesetError>,
}

impl<'t> Planter<'t> {
    fn table(&mut self, id: TableId, path: Path<'_>, depth: usize) -> Node<'t> {
        let Some(table) = self.tables.all.get_mut(id.0) else {
            return Node { kind: Kind::Null, at: Position::START };
        };
        let (at, items) = (table.at, std::mem::take(&mut table.items));
        table.index = None;
        if depth >= MAX_DEPTH {
            return Node { kind: Kind::TooDeep, at };
        }
        self.report_duplicates(id, path);
        let mut entries = Vec::with_capacity(items.len());
        for ((key, at), slot) in items {
            let node = self.node(slot, path.key(&key), depth + 1);
            entries.push(Entry { key, at, node });
        }
        Node { kind: Kind::Map(entries), at }
    }

    fn node(&mut self, slot: Slot<'t>, path: Path<'_>, depth: usize) -> Node<'t> {
        let (at, items) = match slot {
            Slot::Scalar { at, kind } => return Node { kind, at },
            Slot::Table(id) => return self.table(id, path, depth),
            Slot::List { at, items } => (at, items),
            Slot::Sections { at, tables } => (at, tables.into_iter().map(Slot::Table).collect()),
        };
        if depth >= MAX_DEPTH {
            return Node { kind: Kind::TooDeep, at };
        }
        let mut nodes = Vec::with_capacity(items.len());
        for (index, item) in items.into_iter().enumerate() {
            nodes.push(self.node(item, path.index(index), depth + 1));
        }
        Node { kind: Kind::List(nodes), at }
    }

    fn report_duplicates(&mut self, id: TableId, path: Path<'_>) {
        let duplicates = &self.tables.duplicates;
        let first = duplicates.partition_point(|(table, _)| table.0 < id.0);
        let own = duplicates.iter().skip(first).take_while(|(table, _)| *table == id);
        self.errors.extend(own.map(|(_, (key, at))| duplicate(path.key(key), key, *at)));
    }
}
