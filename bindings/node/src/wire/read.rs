//! JavaScript to Rust.

use levelkit::Instant;
use napi::ValueType;
use serde::de::{DeserializeSeed, Deserializer, EnumAccess, Error as _, MapAccess, SeqAccess, VariantAccess, Visitor};
use serde::forward_to_deserialize_any;

use super::js::{Env, Fail, Value};
use super::keys;

/// The largest whole number that a `number` holds exactly, 2^53-1.
const SAFE: f64 = 9_007_199_254_740_991.0;
/// How deep objects may be nested: a cycle ends here. A requirement has 32 levels, with two objects to each.
const DEPTH: u32 = 128;
/// Fields whose value is a map. serde reads a tagged enum before it knows what is in it, so only the name can say that the
/// keys within are the host's and not fields; the generator of declarations refuses a map anywhere else.
const MAPS: [&str; 1] = ["metrics"];

/// Reads one value.
#[derive(Clone, Copy)]
pub(crate) struct Reader {
    env: Env,
    value: Value,
    depth: u32,
    /// Whether an object's keys are the host's own.
    is_map: bool,
}

impl Reader {
    pub(crate) fn new(env: Env, value: Value) -> Self {
        Self { env, value, depth: 0, is_map: false }
    }

    fn inner(self, value: Value, is_map: bool) -> Result<Self, Fail> {
        if self.depth >= DEPTH {
            return Err(Fail::Message(format!("objects are nested more than {DEPTH} deep, or in a circle")));
        }
        Ok(Self { env: self.env, value, depth: self.depth + 1, is_map })
    }

    fn kind(self) -> Result<ValueType, Fail> {
        self.env.kind(self.value)
    }

    fn is_none(self) -> Result<bool, Fail> {
        Ok(matches!(self.kind()?, ValueType::Null | ValueType::Undefined))
    }

    /// A number: an integer where it is one. -0 stays what it is.
    fn number<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fail> {
        let number = self.env.as_double(self.value)?;
        let is_whole = number.trunc() == number && number.abs() <= SAFE && (number != 0.0 || number.is_sign_positive());
        match is_whole {
            true => visitor.visit_i64(number as i64),
            false => visitor.visit_f64(number),
        }
    }

    fn bigint<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fail> {
        if let Some(number) = self.env.as_bigint(self.value)? {
            return visitor.visit_i64(number);
        }
        match self.env.as_unsigned_bigint(self.value)? {
            Some(number) => visitor.visit_u64(number),
            None => Err(Fail::Message(format!("{} does not fit 64 bits", self.env.shown(self.value)?))),
        }
    }

    fn object<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fail> {
        if self.env.is_array(self.value)? {
            return visitor.visit_seq(Items { reader: self, next: 0, length: self.env.length(self.value)? });
        }
        if self.env.is_date(self.value)? {
            return visitor.visit_string(date_text(self.env.as_milliseconds(self.value)?)?);
        }
        if self.env.is_bytes(self.value)? {
            return Err(Fail::Message("bytes are nothing that levelkit reads".to_owned()));
        }
        let mut keys = self.env.keys(self.value)?;
        if keys.is_empty() && !self.env.is_plain(self.value)? {
            let what =
                "an object without properties of its own, such as a Map or a promise, is nothing that levelkit reads";
            return Err(Fail::Message(what.to_owned()));
        }
        keys.reverse();
        visitor.visit_map(Properties { reader: self, keys, value: None })
    }
}

/// A `Date` as the text of its instant.
fn date_text(milliseconds: f64) -> Result<String, Fail> {
    let micros = milliseconds * 1_000.0;
    let instant = (micros.abs() < 1e18).then(|| Instant::from_micros(micros as i64)).flatten();
    let text = instant.map(|instant| instant.to_string());
    text.ok_or_else(|| Fail::Message("a Date is invalid, or not in the years 1 to 9999".to_owned()))
}

impl<'de> Deserializer<'de> for Reader {
    type Error = Fail;

    fn is_human_readable(&self) -> bool {
        false
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fail> {
        match self.kind()? {
            ValueType::Undefined | ValueType::Null => visitor.visit_unit(),
            ValueType::Boolean => visitor.visit_bool(self.env.as_boolean(self.value)?),
            ValueType::Number => self.number(visitor),
            ValueType::BigInt => self.bigint(visitor),
            ValueType::String => visitor.visit_string(self.env.as_string(self.value)?),
            ValueType::Object => self.object(visitor),
            other => Err(Fail::Message(format!("a {} is nothing that levelkit reads", kind_name(other)))),
        }
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fail> {
        match self.kind()? {
            ValueType::Number => visitor.visit_f64(self.env.as_double(self.value)?),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fail> {
        self.deserialize_any(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fail> {
        match self.is_none()? {
            true => visitor.visit_none(),
            false => visitor.visit_some(self),
        }
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fail> {
        Self { is_map: true, ..self }.deserialize_any(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Fail> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fail> {
        match self.kind()? {
            ValueType::String => visitor.visit_enum(Label(self.env.as_string(self.value)?)),
            other => Err(Fail::Message(format!("a label is a string, not a {}", kind_name(other)))),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 f32 char str string bytes byte_buf unit unit_struct seq tuple tuple_struct struct
        identifier ignored_any
    }
}

/// What JavaScript calls a kind of value.
pub(crate) fn kind_name(kind: ValueType) -> &'static str {
    match kind {
        ValueType::Undefined => "undefined",
        ValueType::Null => "null",
        ValueType::Boolean => "boolean",
        ValueType::Number => "number",
        ValueType::String => "string",
        ValueType::Symbol => "symbol",
        ValueType::Object => "object",
        ValueType::Function => "function",
        ValueType::External => "external",
        ValueType::BigInt => "bigint",
        _ => "value of that kind",
    }
}

/// An array's items, each asked for when it is read.
struct Items {
    reader: Reader,
    next: u32,
    length: u32,
}

impl<'de> SeqAccess<'de> for Items {
    type Error = Fail;
    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Fail> {
        if self.next >= self.length {
            return Ok(None);
        }
        let item = self.reader.env.element(self.reader.value, self.next)?;
        self.next += 1;
        seed.deserialize(self.reader.inner(item, false)?).map(Some)
    }
    fn size_hint(&self) -> Option<usize> {
        // An array may claim any length.
        Some((self.length - self.next).min(4_096) as usize)
    }
}

/// An object's properties. Those that are `undefined` are absent.
struct Properties {
    reader: Reader,
    keys: Vec<Value>,
    value: Option<Reader>,
}

impl<'de> MapAccess<'de> for Properties {
    type Error = Fail;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Fail> {
        let Reader { env, value: object, is_map, .. } = self.reader;
        while let Some(key) = self.keys.pop() {
            let value = env.get(object, key)?;
            if matches!(env.kind(value)?, ValueType::Undefined) {
                continue;
            }
            let name = env.as_string(key)?;
            if is_map {
                self.value = Some(self.reader.inner(value, false)?);
                return seed.deserialize(Text(name)).map(Some);
            }
            let field = keys::snake(&name).ok_or_else(|| {
                Fail::Message(format!("unknown field `{name}`: properties are written like `{}`", keys::camel(&name)))
            })?;
            self.value = Some(self.reader.inner(value, MAPS.contains(&&*field))?);
            return seed.deserialize(Text(field.into_owned())).map(Some);
        }
        Ok(None)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Fail> {
        match self.value.take() {
            Some(value) => seed.deserialize(value),
            None => Err(Fail::custom("a value was asked for before its key")),
        }
    }
}

/// A key.
struct Text(String);

impl<'de> Deserializer<'de> for Text {
    type Error = Fail;
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fail> {
        visitor.visit_string(self.0)
    }
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fail> {
        visitor.visit_enum(Label(self.0))
    }
    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf option unit unit_struct newtype_struct seq
        tuple tuple_struct map struct identifier ignored_any
    }
}

/// A label of an enum without data.
struct Label(String);

impl<'de> EnumAccess<'de> for Label {
    type Error = Fail;
    type Variant = Self;
    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Fail> {
        let value = seed.deserialize(Text(self.0))?;
        Ok((value, Self(String::new())))
    }
}

impl<'de> VariantAccess<'de> for Label {
    type Error = Fail;
    fn unit_variant(self) -> Result<(), Fail> {
        Ok(())
    }
    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, _: T) -> Result<T::Value, Fail> {
        Err(Fail::custom("a label carries no value"))
    }
    fn tuple_variant<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value, Fail> {
        Err(Fail::custom("a label carries no value"))
    }
    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], _: V) -> Result<V::Value, Fail> {
        Err(Fail::custom("a label carries no value"))
    }
}
