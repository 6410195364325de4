//! From the tree to the document's types, collecting every fault on the way.
//!
//! A parser takes a [`Value`] and returns `None` when it has reported a fault; it looks at all of its fields before it
//! gives up, so that an author sees everything at once.

mod boss;
mod curve;
mod document;
mod dungeon;
mod fields;
mod modifiers;
mod narrative;
mod quest;
mod requirement;
mod scalar;
mod season;
mod size;
#[cfg(test)]
mod tests;
mod title;

use std::collections::{HashMap, HashSet};

pub(super) use curve::curve;
pub(super) use document::document;
pub(super) use modifiers::modifiers;
#[cfg(feature = "schema")]
pub(super) use narrative::EVENTS;
pub(super) use requirement::requirement;

use super::error::{MAX_ERRORS, RulesetError, RulesetErrorCode as Code};
use super::reader::{Node, Path, Position, quoted};
use crate::api::MetricKind;
use size::Size;

/// A value and its path.
#[derive(Clone, Copy)]
pub(super) struct Value<'v> {
    pub(super) node: &'v Node<'v>,
    pub(super) path: Path<'v>,
}

/// The ids that references may name.
#[derive(Default)]
struct Known {
    quests: HashSet<String>,
    titles: HashSet<String>,
    seasons: HashSet<String>,
}

/// What is known of the document so far, and what is wrong with it.
pub(super) struct Checker {
    errors: Vec<RulesetError>,
    /// `None` when a part is read alone, so that references cannot be followed.
    known: Option<Known>,
    kinds: HashMap<String, MetricKind>,
    /// Values of unique columns, by column.
    taken: HashMap<&'static str, HashSet<String>>,
    /// How much of the requirement or the condition at hand was read.
    size: Size,
}

impl Checker {
    /// For a part that is read alone.
    pub(super) fn for_part(errors: Vec<RulesetError>) -> Self {
        Self { errors, known: None, kinds: HashMap::new(), taken: HashMap::new(), size: Size::default() }
    }

    /// For a whole document, whose ids are gathered first: a reference may stand before what it names.
    pub(super) fn for_document(errors: Vec<RulesetError>, root: &Node<'_>) -> Self {
        let ids = |section: &str| {
            let items = root.get(section).map(Node::items).unwrap_or_default();
            items.iter().filter_map(|item| item.get("id")?.as_str().map(str::to_owned)).collect()
        };
        let known = Known { quests: ids("quests"), titles: ids("titles"), seasons: ids("seasons") };
        Self { known: Some(known), ..Self::for_part(errors) }
    }

    pub(super) fn into_errors(self) -> Vec<RulesetError> {
        self.errors
    }

    /// Whether so much is wrong that the rest need not be looked at.
    fn is_full(&self) -> bool {
        self.errors.len() >= MAX_ERRORS
    }

    fn report(&mut self, path: Path<'_>, code: Code, at: Position, message: String) {
        if !self.is_full() {
            self.errors.push(RulesetError::new(path, code, at, message));
        }
    }

    /// Reports a fault of this value.
    fn refuse<T>(&mut self, value: Value<'_>, code: Code, message: String) -> Option<T> {
        self.report(value.path, code, value.node.at, message);
        None
    }

    fn wrong_type<T>(&mut self, value: Value<'_>, expected: &str) -> Option<T> {
        self.refuse(value, Code::WrongType, format!("expected {expected}, found {}", value.node.describe()))
    }

    /// A value of a unique column; `None` if it is taken.
    fn unique(&mut self, value: Value<'_>, column: &'static str, text: &str) -> Option<()> {
        if self.taken.entry(column).or_default().insert(text.to_owned()) {
            return Some(());
        }
        self.refuse(value, Code::DuplicateId, format!("{} is taken; expected a {column} of its own", quoted(text)))
    }

    fn reference(&mut self, value: Value<'_>, target: Target, id: &str) -> Option<()> {
        let known = match (&self.known, target) {
            (None, _) => return Some(()),
            (Some(known), Target::Quest) => known.quests.contains(id),
            (Some(known), Target::Title) => known.titles.contains(id),
            (Some(known), Target::Season) => known.seasons.contains(id),
        };
        if known {
            return Some(());
        }
        let name = target.name();
        self.refuse(
            value,
            Code::UnknownReference,
            format!("there is no {name} {}; expected the id of a {name}", quoted(id)),
        )
    }
}

/// What a reference names.
#[derive(Clone, Copy)]
enum Target {
    Quest,
    Title,
    Season,
}

impl Target {
    fn name(self) -> &'static str {
        match self {
            Self::Quest => "quest",
            Self::Title => "title",
            Self::Season => "season",
        }
    }
}

/// Every item of a list; `None` if any has a fault.
fn list<T>(
    checker: &mut Checker,
    value: Value<'_>,
    mut item: impl FnMut(&mut Checker, Value<'_>) -> Option<T>,
) -> Option<Vec<T>> {
    let super::reader::Kind::List(nodes) = &value.node.kind else {
        return checker.wrong_type(value, "a list");
    };
    // Grown as items turn out to be right, which in a hostile text is never.
    let mut items = Vec::new();
    let mut faulty = false;
    for (index, node) in nodes.iter().enumerate() {
        if checker.is_full() {
            return None;
        }
        match item(checker, Value { node, path: value.path.index(index) }) {
            Some(item) => items.push(item),
            None => faulty = true,
        }
    }
    (!faulty).then_some(items)
}

/// A list that must not be empty.
fn list_of_some<T>(
    checker: &mut Checker,
    value: Value<'_>,
    what: &str,
    item: impl FnMut(&mut Checker, Value<'_>) -> Option<T>,
) -> Option<Vec<T>> {
    let items = list(checker, value, item)?;
    if items.is_empty() {
        return checker.refuse(value, Code::OutOfRange, format!("the list is empty; expected at least one {what}"));
    }
    Some(items)
}
