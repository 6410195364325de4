//! The YAML reader (1.2, core schema). What could make a small text large, or mean more than it says, is refused: anchors,
//! aliases and tags.

use std::borrow::Cow;
use std::cell::Cell;
use std::rc::Rc;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, ScanError, Tag};

use super::build::Builder;
use super::node::{Kind, Position};
use super::{Code, Fault, Tree};

/// The deepest nesting that is read at all; the parser's own limit for flow collections.
const MAX_DEPTH: usize = 255;

/// The most characters that one event may take. The parser holds every token of an outermost flow collection until it knows
/// that the collection is no key, which would cost a hundred times the text's size.
const MAX_PER_EVENT: usize = 1 << 19;

pub(super) fn read(text: &str) -> Result<Tree<'_>, Fault> {
    refuse_nul(text)?;
    let mut reader = Reader { builder: Builder::new(), open: Vec::new(), documents: 0 };
    let left = Rc::new(Cell::new(MAX_PER_EVENT));
    let mut events = Parser::new_from_iter(Metered { characters: text.chars(), left: Rc::clone(&left) });
    let mut last = Position::START;
    while let Some(event) = events.next_event() {
        if left.replace(MAX_PER_EVENT) == 0 {
            let message = format!(
                "expected YAML texts and flow collections of at most {MAX_PER_EVENT} characters; use block style"
            );
            return Err(Fault::too_large(last, message));
        }
        let (event, span) = event.map_err(|error| fault(&error))?;
        last = position(span.start);
        reader.event(event, last)?;
    }
    Ok(reader.builder.finish())
}

/// The characters of a text, ending early when too many are taken at once.
struct Metered<'t> {
    characters: std::str::Chars<'t>,
    left: Rc<Cell<usize>>,
}

impl Iterator for Metered<'_> {
    type Item = char;

    fn next(&mut self) -> Option<char> {
        self.left.set(self.left.get().checked_sub(1)?);
        self.characters.next()
    }
}

/// The parser would take U+0000 for the end of the text, and the rest would go unread.
fn refuse_nul(text: &str) -> Result<(), Fault> {
    let Some(nul) = text.find('\0') else { return Ok(()) };
    let mut at = Position::START;
    at.advance(text.as_bytes().get(..nul).unwrap_or_default());
    Err(Fault::syntax(at, "expected a text without U+0000"))
}

fn fault(error: &ScanError) -> Fault {
    let at = position(*error.marker());
    match error.info() {
        "recursion limit exceeded" => too_deep(at),
        info => Fault::syntax(at, info.to_owned()),
    }
}

fn too_deep(at: Position) -> Fault {
    let message = format!("nested too deeply; expected at most {MAX_DEPTH} levels").into();
    Fault { code: Code::RulesetTooDeep, at, message }
}

fn position(marker: Marker) -> Position {
    let number = |value: usize| u32::try_from(value).unwrap_or(u32::MAX);
    Position { line: number(marker.line()).max(1), column: number(marker.col()).saturating_add(1) }
}

/// What an open collection expects next.
#[derive(Clone, Copy)]
enum Next {
    Item,
    Key,
    Value,
}

struct Reader<'t> {
    builder: Builder<'t>,
    open: Vec<Next>,
    documents: usize,
}

impl<'t> Reader<'t> {
    fn event(&mut self, event: Event<'t>, at: Position) -> Result<(), Fault> {
        match event {
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => Ok(()),
            Event::DocumentStart(_) => self.document(at),
            Event::Alias(_) => Err(Fault::syntax(at, "expected no aliases; write the value out")),
            Event::Scalar(text, style, anchor, tag) => {
                refuse_properties(anchor, tag.as_deref(), at)?;
                self.scalar(text, style, at)
            }
            Event::SequenceStart(anchor, tag) => {
                refuse_properties(anchor, tag.as_deref(), at)?;
                self.open(Next::Item, at)?;
                self.builder.open_list(at)
            }
            Event::MappingStart(anchor, tag) => {
                refuse_properties(anchor, tag.as_deref(), at)?;
                self.open(Next::Key, at)?;
                self.builder.open_map(at)
            }
            Event::SequenceEnd | Event::MappingEnd => {
                self.open.pop();
                self.value_done();
                self.builder.close()
            }
        }
    }

    fn document(&mut self, at: Position) -> Result<(), Fault> {
        self.documents += 1;
        if self.documents > 1 {
            return Err(Fault::syntax(at, "expected one document"));
        }
        Ok(())
    }

    fn open(&mut self, next: Next, at: Position) -> Result<(), Fault> {
        if let Some(Next::Key) = self.open.last() {
            return Err(Fault::syntax(at, "expected a key that is a text"));
        }
        if self.open.len() >= MAX_DEPTH {
            return Err(too_deep(at));
        }
        self.open.push(next);
        Ok(())
    }

    fn scalar(&mut self, text: Cow<'t, str>, style: ScalarStyle, at: Position) -> Result<(), Fault> {
        // The parser reserves more than most texts need.
        let mut text = text.into_owned();
        text.shrink_to_fit();
        let text = Cow::Owned(text);
        if let Some(next @ Next::Key) = self.open.last_mut() {
            *next = Next::Value;
            self.builder.key(text, at);
            return Ok(());
        }
        self.value_done();
        let kind = if style == ScalarStyle::Plain { plain(text) } else { Kind::String(text) };
        self.builder.scalar(kind, at)
    }

    /// After a value, a map expects its next key.
    fn value_done(&mut self) {
        if let Some(next @ Next::Value) = self.open.last_mut() {
            *next = Next::Key;
        }
    }
}

fn refuse_properties(anchor: usize, tag: Option<&Tag>, at: Position) -> Result<(), Fault> {
    match (anchor, tag) {
        (0, None) => Ok(()),
        (0, Some(_)) => Err(Fault::syntax(at, "expected no tags")),
        (_, _) => Err(Fault::syntax(at, "expected no anchors")),
    }
}

/// What a plain scalar means in the core schema.
fn plain(text: Cow<'_, str>) -> Kind<'_> {
    match &*text {
        "" | "~" | "null" | "Null" | "NULL" => Kind::Null,
        "true" | "True" | "TRUE" => Kind::Bool(true),
        "false" | "False" | "FALSE" => Kind::Bool(false),
        ".nan" | ".NaN" | ".NAN" => Kind::Number("nan".into()),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => Kind::Number("inf".into()),
        "-.inf" | "-.Inf" | "-.INF" => Kind::Number("-inf".into()),
        _ => match radix(&text) {
            Some(number) => Kind::Number(number.into()),
            None if is_number(&text) => Kind::Number(text),
            None => Kind::String(text),
        },
    }
}

/// An octal or hexadecimal integer, in decimal.
fn radix(text: &str) -> Option<String> {
    let (digits, radix) = match (text.strip_prefix("0o"), text.strip_prefix("0x")) {
        (Some(octal), _) => (octal, 8),
        (_, Some(hexadecimal)) => (hexadecimal, 16),
        (None, None) => return None,
    };
    super::from_radix(digits, radix)
}

/// Whether it is `[-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?`.
fn is_number(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.strip_prefix(['-', '+']).unwrap_or(exponent)),
        None => (unsigned, "0"),
    };
    let (integer, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let some = if integer.is_empty() { fraction } else { integer };
    digits(integer) && digits(fraction) && digits(exponent) && !some.is_empty() && !exponent.is_empty()
}
