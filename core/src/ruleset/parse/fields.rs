//! The fields of an object: required, optional, defaulted; and those that do not belong.

use super::{Checker, Code, Value};
use crate::ruleset::reader::{Entry, Kind, Path, Position, quoted};

/// An object whose fields are being read. `close` reports the fields that nobody asked for.
pub(super) struct Fields<'c, 'v> {
    checker: &'c mut Checker,
    entries: &'v [Entry<'v>],
    path: Path<'v>,
    at: Position,
    known: Vec<&'static str>,
}

impl<'c, 'v> Fields<'c, 'v> {
    pub(super) fn open(checker: &'c mut Checker, value: Value<'v>) -> Option<Self> {
        match &value.node.kind {
            Kind::Map(entries) => {
                Some(Self { checker, entries, path: value.path, at: value.node.at, known: Vec::new() })
            }
            _ => checker.wrong_type(value, "an object"),
        }
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.entries.iter().any(|entry| entry.key == name)
    }

    /// Lets a field be there, whatever is in it.
    pub(super) fn allow(&mut self, name: &'static str) {
        self.known.push(name);
    }

    /// Reads a field that is there; the outer `None` says that it is not.
    fn read<T>(
        &mut self,
        name: &'static str,
        parse: impl FnOnce(&mut Checker, Value<'_>) -> Option<T>,
    ) -> Option<Option<T>> {
        self.known.push(name);
        let entry = self.entries.iter().find(|entry| entry.key == name)?;
        let value = Value { node: &entry.node, path: self.path.key(name) };
        Some(parse(self.checker, value))
    }

    /// A field that must be there.
    pub(super) fn required<T>(
        &mut self,
        name: &'static str,
        parse: impl FnOnce(&mut Checker, Value<'_>) -> Option<T>,
    ) -> Option<T> {
        match self.read(name, parse) {
            Some(parsed) => parsed,
            None => self.missing(name, "this field is required"),
        }
    }

    /// A field that must be there, for a reason of its own.
    pub(super) fn missing<T>(&mut self, name: &str, why: &str) -> Option<T> {
        let message = format!("missing; {why}");
        self.checker.report(self.path.key(name), Code::MissingField, self.at, message);
        None
    }

    /// A field with a default.
    pub(super) fn or<T>(
        &mut self,
        name: &'static str,
        default: T,
        parse: impl FnOnce(&mut Checker, Value<'_>) -> Option<T>,
    ) -> Option<T> {
        self.read(name, parse).unwrap_or(Some(default))
    }

    /// A field that may be left out, or null, which is the same; the outer `None` is a fault.
    pub(super) fn optional<T>(
        &mut self,
        name: &'static str,
        parse: impl FnOnce(&mut Checker, Value<'_>) -> Option<T>,
    ) -> Option<Option<T>> {
        let parsed = self.read(name, |checker, value| match value.node.kind {
            Kind::Null => Some(None),
            _ => parse(checker, value).map(Some),
        });
        parsed.unwrap_or(Some(None))
    }

    /// Reports a fault of one of the fields; a field that is not there stands for the object.
    pub(super) fn refuse<T>(&mut self, name: &str, code: Code, message: String) -> Option<T> {
        let at = self.entries.iter().find(|entry| entry.key == name).map_or(self.at, |entry| entry.node.at);
        self.checker.report(self.path.key(name), code, at, message);
        None
    }

    /// Reports a fault of the object as a whole.
    pub(super) fn refuse_all<T>(&mut self, code: Code, message: String) -> Option<T> {
        self.checker.report(self.path, code, self.at, message);
        None
    }

    /// Reports every field that is not known; `None` if there was one.
    pub(super) fn close(self) -> Option<()> {
        let mut clean = Some(());
        for entry in self.entries.iter().filter(|entry| !self.known.contains(&&*entry.key)) {
            if self.checker.is_full() {
                return None;
            }
            let expected = self.known.join(", ");
            let message = format!("unknown field {}; expected one of {expected}", quoted(&entry.key));
            self.checker.report(self.path.key(&entry.key), Code::UnknownField, entry.at, message);
            clean = None;
        }
        clean
    }
}
