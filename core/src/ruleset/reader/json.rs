//! The JSON reader (RFC 8259). It keeps its own stack, so that no nesting can exhaust the thread's.

use std::borrow::Cow;

use super::build::Builder;
use super::node::{Kind, Position};
use super::{Fault, Tree};

/// What may come next.
enum Next {
    Value,
    ValueOrEnd,
    Key,
    KeyOrEnd,
    CommaOrEnd,
}

pub(super) fn read(text: &str) -> Result<Tree<'_>, Fault> {
    let mut reader = Reader { text, offset: 0, at: Position::START };
    let mut builder = Builder::new();
    let mut closers = Vec::new();
    let mut next = Next::Value;
    loop {
        reader.skip_space();
        next = match next {
            Next::Value => reader.value(&mut builder, &mut closers)?,
            Next::ValueOrEnd | Next::KeyOrEnd if reader.peek() == closers.last().copied() => {
                reader.end(&mut builder, &mut closers)?
            }
            Next::ValueOrEnd => reader.value(&mut builder, &mut closers)?,
            Next::Key | Next::KeyOrEnd => reader.key(&mut builder)?,
            Next::CommaOrEnd => match closers.last() {
                None => return reader.finish(builder),
                Some(&closer) if reader.peek() == Some(closer) => reader.end(&mut builder, &mut closers)?,
                Some(&closer) => reader.comma(closer)?,
            },
        };
    }
}

struct Reader<'t> {
    text: &'t str,
    offset: usize,
    /// The position of `offset`.
    at: Position,
}

impl<'t> Reader<'t> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.offset).copied()
    }

    /// The text from here to an offset.
    fn slice(&self, end: usize) -> &'t str {
        self.text.get(self.offset..end).unwrap_or_default()
    }

    fn rest(&self) -> &'t [u8] {
        self.text.as_bytes().get(self.offset..).unwrap_or_default()
    }

    fn advance(&mut self, bytes: usize) {
        let end = self.offset.saturating_add(bytes).min(self.text.len());
        self.at.advance(self.text.as_bytes().get(self.offset..end).unwrap_or_default());
        self.offset = end;
    }

    fn skip_space(&mut self) {
        let space = self.rest().iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r')).count();
        self.advance(space);
    }

    /// A fault here: what was expected, and what stands there instead.
    fn unexpected(&self, expected: &str) -> Fault {
        let found = match self.text.get(self.offset..).and_then(|rest| rest.chars().next()) {
            Some(character) => format!("{character:?}"),
            None => "the end".to_owned(),
        };
        Fault::syntax(self.at, format!("expected {expected}, found {found}"))
    }

    fn value(&mut self, builder: &mut Builder<'t>, closers: &mut Vec<u8>) -> Result<Next, Fault> {
        let at = self.at;
        match self.peek() {
            Some(b'{') => {
                self.advance(1);
                closers.push(b'}');
                builder.open_map(at)?;
                return Ok(Next::KeyOrEnd);
            }
            Some(b'[') => {
                self.advance(1);
                closers.push(b']');
                builder.open_list(at)?;
                return Ok(Next::ValueOrEnd);
            }
            Some(b'"') => {
                let text = self.string()?;
                builder.scalar(Kind::String(text), at)?;
            }
            Some(b'-' | b'0'..=b'9') => {
                let text = self.number()?;
                builder.scalar(Kind::Number(Cow::Borrowed(text)), at)?;
            }
            _ => {
                let kind = self.word()?;
                builder.scalar(kind, at)?;
            }
        }
        Ok(Next::CommaOrEnd)
    }

    fn word(&mut self) -> Result<Kind<'t>, Fault> {
        for (word, kind) in [("true", Kind::Bool(true)), ("false", Kind::Bool(false)), ("null", Kind::Null)] {
            if self.rest().starts_with(word.as_bytes()) {
                self.advance(word.len());
                return Ok(kind);
            }
        }
        Err(self.unexpected("a value"))
    }

    fn key(&mut self, builder: &mut Builder<'t>) -> Result<Next, Fault> {
        if self.peek() != Some(b'"') {
            return Err(self.unexpected("a key in double quotes"));
        }
        let at = self.at;
        let key = self.string()?;
        builder.key(key, at);
        self.skip_space();
        if self.peek() != Some(b':') {
            return Err(self.unexpected("a colon"));
        }
        self.advance(1);
        Ok(Next::Value)
    }

    fn comma(&mut self, closer: u8) -> Result<Next, Fault> {
        if self.peek() != Some(b',') {
            return Err(self.unexpected(if closer == b'}' { "a comma or }" } else { "a comma or ]" }));
        }
        self.advance(1);
        Ok(if closer == b'}' { Next::Key } else { Next::Value })
    }

    fn end(&mut self, builder: &mut Builder<'t>, closers: &mut Vec<u8>) -> Result<Next, Fault> {
        self.advance(1);
        closers.pop();
        builder.close()?;
        Ok(Next::CommaOrEnd)
    }

    fn finish(&self, builder: Builder<'t>) -> Result<Tree<'t>, Fault> {
        match self.peek() {
            None => Ok(builder.finish()),
            Some(_) => Err(self.unexpected("the end of the document")),
        }
    }

    fn number(&mut self) -> Result<&'t str, Fault> {
        let start = self.offset;
        self.advance(usize::from(self.peek() == Some(b'-')));
        match self.peek() {
            // A number may not begin with further zeros, so what follows a zero must be something else.
            Some(b'0') => self.advance(1),
            _ => self.digits()?,
        }
        if self.peek() == Some(b'.') {
            self.advance(1);
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.advance(1);
            self.advance(usize::from(matches!(self.peek(), Some(b'+' | b'-'))));
            self.digits()?;
        }
        Ok(self.text.get(start..self.offset).unwrap_or_default())
    }

    fn digits(&mut self) -> Result<(), Fault> {
        match self.rest().iter().take_while(|byte| byte.is_ascii_digit()).count() {
            0 => Err(self.unexpected("a digit")),
            digits => {
                self.advance(digits);
                Ok(())
            }
        }
    }

    /// A string's text; borrowed if it has no escapes.
    fn string(&mut self) -> Result<Cow<'t, str>, Fault> {
        self.advance(1);
        let mut text = Cow::Borrowed("");
        loop {
            let plain = self.rest().iter().take_while(|&&byte| byte >= b' ' && byte != b'"' && byte != b'\\').count();
            let piece = self.slice(self.offset.saturating_add(plain));
            if text.is_empty() {
                text = Cow::Borrowed(piece);
            } else {
                text.to_mut().push_str(piece);
            }
            self.advance(plain);
            match self.peek() {
                Some(b'"') => {
                    self.advance(1);
                    return Ok(text);
                }
                Some(b'\\') => {
                    let character = self.escape()?;
                    text.to_mut().push(character);
                }
                Some(_) => return Err(self.unexpected("a control character to be escaped, like \\n")),
                None => return Err(self.unexpected("a closing double quote")),
            }
        }
    }

    fn escape(&mut self) -> Result<char, Fault> {
        let character = match self.rest().get(1) {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode_escape(),
            _ => {
                return Err(Fault::syntax(
                    self.at,
                    "unknown escape; expected one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u",
                ));
            }
        };
        self.advance(2);
        Ok(character)
    }

    fn unicode_escape(&mut self) -> Result<char, Fault> {
        let at = self.at;
        let unit = self.code_unit().ok_or_else(|| Fault::syntax(at, "expected \\u and four hexadecimal digits"))?;
        let low = match unit {
            0xd800..=0xdbff => self.code_unit().filter(|low| (0xdc00..=0xdfff).contains(low)),
            _ => None,
        };
        let code = low.map_or(unit, |low| 0x10000 + ((unit & 0x3ff) << 10) + (low & 0x3ff));
        char::from_u32(code).ok_or_else(|| {
            Fault::syntax(at, "half of a surrogate pair; expected \\ud800-\\udbff and then \\udc00-\\udfff")
        })
    }

    /// One `\uXXXX`.
    fn code_unit(&mut self) -> Option<u32> {
        let digits = self.rest().strip_prefix(b"\\u")?.get(..4)?;
        let unit = digits.iter().try_fold(0, |unit, &digit| Some(unit * 16 + char::from(digit).to_digit(16)?))?;
        self.advance(6);
        Some(unit)
    }
}
