//! The TOML reader (1.0). Its tables may be written in pieces, so they are gathered first (`tables`) and become a tree at the
//! end.

mod tables;

use std::borrow::Cow;

use toml_parser::decoder::{Encoding, ScalarKind};
use toml_parser::parser::{EventReceiver, parse_document};
use toml_parser::{ErrorSink, ParseError, Source, Span};

use self::tables::{Slot, TableId, Tables, Target};
use super::node::{Kind, Position};
use super::{Fault, MAX_DEPTH, MAX_NODES, Tree};

/// The most tokens of a text; they are held at once, and a text within the limits of values has fewer.
const MAX_TOKENS: usize = 4 * MAX_NODES;

pub(super) fn read(text: &str) -> Result<Tree<'_>, Fault> {
    let source = Source::new(text);
    let tokens: Vec<_> = source.lex().take(MAX_TOKENS + 1).collect();
    if tokens.len() > MAX_TOKENS {
        return Err(Fault::too_large(Position::START, format!("the document has more than {MAX_TOKENS} tokens")));
    }
    let mut reader = Reader::new(text, source);
    let mut error: Option<ParseError> = None;
    parse_document(&tokens, &mut reader, &mut error);
    drop(tokens);
    if let Some(fault) = reader.fault {
        return Err(fault);
    }
    match error {
        Some(error) => Err(syntax(text, &error)),
        None => Ok(reader.tables.finish()),
    }
}

fn syntax(text: &str, error: &ParseError) -> Fault {
    let offset = error.unexpected().or(error.context()).map_or(0, |span| span.start());
    Fault::syntax(Cursor::new(text).position(offset), error.description().to_owned())
}

/// Turns rising offsets into positions, each byte being looked at once.
struct Cursor<'t> {
    text: &'t str,
    offset: usize,
    at: Position,
}

impl<'t> Cursor<'t> {
    fn new(text: &'t str) -> Self {
        Self { text, offset: 0, at: Position::START }
    }

    fn position(&mut self, offset: usize) -> Position {
        if let Some(passed) = self.text.as_bytes().get(self.offset..offset) {
            self.at.advance(passed);
            self.offset = offset;
        }
        self.at
    }
}

/// A list or inline table that is still open.
enum Open<'t> {
    List { at: Position, items: Vec<Slot<'t>> },
    Table { id: TableId },
}

struct Reader<'t> {
    source: Source<'t>,
    cursor: Cursor<'t>,
    tables: Tables<'t>,
    /// The parts of the key that is being read.
    key: Vec<(Cow<'t, str>, Position)>,
    /// Where the values go whose keys have been read, innermost last.
    targets: Vec<Target<'t>>,
    open: Vec<Open<'t>>,
    /// The first fault that the parser does not know of.
    fault: Option<Fault>,
}

impl<'t> Reader<'t> {
    fn new(text: &'t str, source: Source<'t>) -> Self {
        Self {
            source,
            cursor: Cursor::new(text),
            tables: Tables::new(),
            key: Vec::new(),
            targets: Vec::new(),
            open: Vec::new(),
            fault: None,
        }
    }

    fn at(&mut self, span: Span) -> Position {
        self.cursor.position(span.start())
    }

    /// Counts a value; after a fault nothing is kept.
    fn count(&mut self, at: Position) -> bool {
        if self.fault.is_none() && self.tables.nodes() >= MAX_NODES {
            self.fault = Some(Fault::too_large(at, format!("the document has more than {MAX_NODES} values")));
        }
        self.fault.is_none()
    }

    /// A finished value: of the innermost list, else of the innermost key.
    fn value(&mut self, slot: Slot<'t>) {
        if let Some(Open::List { items, .. }) = self.open.last_mut() {
            items.push(slot);
        } else if let Some(target) = self.targets.pop() {
            self.tables.insert(target, slot);
        }
    }

    fn scalar_kind(&mut self, span: Span, encoding: Option<Encoding>, error: &mut dyn ErrorSink) -> Kind<'t> {
        let Some(raw) = self.source.get(span) else { return Kind::Null };
        // The span of a string does not say how it is quoted; its encoding does.
        let raw = toml_parser::Raw::new_unchecked(raw.as_str(), encoding, span);
        let mut text = Cow::Borrowed("");
        match raw.decode_scalar(&mut text, error) {
            ScalarKind::String => Kind::String(text),
            ScalarKind::Boolean(yes) => Kind::Bool(yes),
            ScalarKind::DateTime => Kind::Datetime(text.replacen([' ', 't'], "T", 1).into()),
            ScalarKind::Float => Kind::Number(text),
            ScalarKind::Integer(radix) if radix.value() != 10 => {
                super::from_radix(&text, radix.value()).map_or(Kind::Null, |number| Kind::Number(number.into()))
            }
            ScalarKind::Integer(_) => Kind::Number(text),
        }
    }

    fn close(&mut self) {
        match self.open.pop() {
            Some(Open::List { at, items }) => self.value(Slot::List { at, items }),
            Some(Open::Table { id }) => self.value(Slot::Table(id)),
            None => {}
        }
    }

    /// Opens a list or table; what lies below the deepest level that is kept is read, but not kept.
    fn enter(&mut self, open: Open<'t>, at: Position) -> bool {
        let kept = self.open.len() < MAX_DEPTH && self.count(at);
        self.open.push(open);
        kept
    }
}

impl EventReceiver for Reader<'_> {
    fn std_table_open(&mut self, _: Span, _: &mut dyn ErrorSink) {
        self.key.clear();
    }

    fn std_table_close(&mut self, _: Span, _: &mut dyn ErrorSink) {
        let key = std::mem::take(&mut self.key);
        self.tables.open_section(key);
    }

    fn array_table_open(&mut self, _: Span, _: &mut dyn ErrorSink) {
        self.key.clear();
    }

    fn array_table_close(&mut self, _: Span, _: &mut dyn ErrorSink) {
        let key = std::mem::take(&mut self.key);
        self.tables.open_list_section(key);
    }

    fn inline_table_open(&mut self, span: Span, _: &mut dyn ErrorSink) -> bool {
        let at = self.at(span);
        let id = self.tables.inline(at);
        self.enter(Open::Table { id }, at)
    }

    fn inline_table_close(&mut self, _: Span, _: &mut dyn ErrorSink) {
        self.close();
    }

    fn array_open(&mut self, span: Span, _: &mut dyn ErrorSink) -> bool {
        let at = self.at(span);
        self.tables.note_value();
        self.enter(Open::List { at, items: Vec::new() }, at)
    }

    fn array_close(&mut self, _: Span, _: &mut dyn ErrorSink) {
        self.close();
    }

    fn simple_key(&mut self, span: Span, encoding: Option<Encoding>, error: &mut dyn ErrorSink) {
        let at = self.at(span);
        let Some(raw) = self.source.get(span) else { return };
        let mut text = Cow::Borrowed("");
        toml_parser::Raw::new_unchecked(raw.as_str(), encoding, span).decode_key(&mut text, error);
        if self.count(at) {
            self.key.push((text, at));
        }
    }

    fn key_val_sep(&mut self, _: Span, _: &mut dyn ErrorSink) {
        let key = std::mem::take(&mut self.key);
        let table = self.open.iter().rev().find_map(|open| match open {
            Open::Table { id } => Some(*id),
            Open::List { .. } => None,
        });
        let target = self.tables.target(table, key);
        self.targets.push(target);
    }

    fn scalar(&mut self, span: Span, encoding: Option<Encoding>, error: &mut dyn ErrorSink) {
        let at = self.at(span);
        let kind = self.scalar_kind(span, encoding, error);
        if self.count(at) {
            self.tables.note_value();
            self.value(Slot::Scalar { at, kind });
        }
    }

    fn comment(&mut self, span: Span, error: &mut dyn ErrorSink) {
        if let Some(raw) = self.source.get(span) {
            raw.decode_comment(error);
        }
    }

    fn newline(&mut self, span: Span, error: &mut dyn ErrorSink) {
        if let Some(raw) = self.source.get(span) {
            raw.decode_newline(error);
        }
    }
}
