//! Python to Rust.

use pyo3::prelude::*;
use pyo3::types::{
    PyBool, PyByteArray, PyBytes, PyDate, PyDateTime, PyDict, PyFloat, PyInt, PyIterator, PyList, PyMapping, PyString,
    PyTuple,
};
use serde::de::{DeserializeSeed, Deserializer, EnumAccess, Error as _, MapAccess, SeqAccess, VariantAccess, Visitor};
use serde::forward_to_deserialize_any;

use super::Fail;
use super::classes::{Classes, Known};
use super::level::Level;

/// How deep objects may be nested: a cycle ends here. A requirement has 32 levels, with two objects to each.
const DEPTH: u32 = 128;

/// Reads one value.
#[derive(Clone)]
pub(crate) struct Reader<'py> {
    value: Bound<'py, PyAny>,
    classes: &'py Classes,
    depth: u32,
}

impl<'py> Reader<'py> {
    pub(crate) fn new(value: Bound<'py, PyAny>, classes: &'py Classes) -> Self {
        Self { value, classes, depth: 0 }
    }

    fn inner(&self, value: Bound<'py, PyAny>) -> Result<Self, Fail> {
        if self.depth >= DEPTH {
            return Err(Fail::Message(format!("objects are nested more than {DEPTH} deep, or in a circle")));
        }
        Ok(Self { value, classes: self.classes, depth: self.depth + 1 })
    }

    fn integer<'de, V: Visitor<'de>>(&self, visitor: V) -> Result<V::Value, Fail> {
        if let Ok(number) = self.value.extract::<i64>() {
            return visitor.visit_i64(number);
        }
        match self.value.extract::<u64>() {
            Ok(number) => visitor.visit_u64(number),
            Err(_) => {
                // Python shows no int of more than 4,300 digits.
                let shown = self.value.str().map_or_else(|_| "an int".to_owned(), |shown| shown.to_string());
                Err(Fail::Message(format!("{shown} does not fit 64 bits")))
            }
        }
    }

    fn text(&self) -> Result<String, Fail> {
        let text = self.value.cast::<PyString>().map_err(PyErr::from)?;
        let text = text.to_str().map_err(|_| Fail::Message("a text holds a lone surrogate".to_owned()))?;
        Ok(text.to_owned())
    }

    /// An aware datetime in UTC, as its text. Its fields are Python's, so whatever time zone it has is Python's to apply.
    fn instant(&self) -> Result<String, Fail> {
        if self.value.call_method0("utcoffset")?.is_none() {
            return Err(Fail::Message("a datetime needs a time zone, such as datetime.timezone.utc".to_owned()));
        }
        let utc = self.value.call_method1("astimezone", (self.classes.utc.bind(self.value.py()),))?;
        let text: String = utc.call_method1("strftime", ("-%m-%dT%H:%M:%S.%f",))?.extract()?;
        // `%Y` has no leading zeros on every platform.
        let year: i32 = utc.getattr("year")?.extract()?;
        Ok(format!("{year:04}{text}Z"))
    }

    fn instance<'de, V: Visitor<'de>>(self, known: &'py Known, visitor: V) -> Result<V::Value, Fail> {
        let _level = Level::enter()?;
        visitor.visit_map(Attributes { reader: self, known, next: 0, tag: true, value: None })
    }

    fn mapping<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fail> {
        let _level = Level::enter()?;
        let mapping = self.value.cast::<PyMapping>().map_err(PyErr::from)?;
        let items = mapping.items()?.try_iter()?;
        visitor.visit_map(Entries { reader: self.clone(), items, value: None })
    }

    fn iterable<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fail> {
        let _level = Level::enter()?;
        let items = self.value.try_iter()?;
        visitor.visit_seq(Items { reader: self, items })
    }
}

impl<'de> Deserializer<'de> for Reader<'_> {
    type Error = Fail;

    fn is_human_readable(&self) -> bool {
        false
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fail> {
        let value = &self.value;
        if value.is_none() {
            return visitor.visit_unit();
        }
        if let Some(known) = self.classes.known(value) {
            return self.instance(known, visitor);
        }
        if let Ok(yes) = value.cast::<PyBool>() {
            return visitor.visit_bool(yes.is_true());
        }
        if value.is_instance_of::<PyInt>() {
            return self.integer(visitor);
        }
        if let Ok(number) = value.cast::<PyFloat>() {
            return visitor.visit_f64(number.value());
        }
        if value.is_instance_of::<PyString>() {
            return visitor.visit_string(self.text()?);
        }
        if value.is_instance_of::<PyDict>() {
            return self.mapping(visitor);
        }
        if value.is_instance_of::<PyTuple>() || value.is_instance_of::<PyList>() {
            return self.iterable(visitor);
        }
        if value.is_instance_of::<PyDateTime>() {
            return visitor.visit_string(self.instant()?);
        }
        if value.is_instance_of::<PyDate>() {
            return visitor.visit_string(value.call_method0("isoformat")?.extract()?);
        }
        if value.is_instance(self.classes.decimal.bind(value.py()))? {
            return visitor.visit_string(value.call_method1("__format__", ("f",))?.extract()?);
        }
        if value.cast::<PyMapping>().is_ok() {
            return self.mapping(visitor);
        }
        Err(Fail::Message(format!("a {} is nothing that levelkit reads", value.get_type().name()?)))
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fail> {
        // An int is a float where one is asked for, as everywhere in Python.
        match self.value.is_instance_of::<PyInt>() && !self.value.is_instance_of::<PyBool>() {
            true => visitor.visit_f64(self.value.extract()?),
            false => self.deserialize_any(visitor),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fail> {
        match self.value.is_none() {
            true => visitor.visit_none(),
            false => visitor.visit_some(self),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fail> {
        let value = &self.value;
        let is_text = value.is_instance_of::<PyString>()
            || value.is_instance_of::<PyBytes>()
            || value.is_instance_of::<PyByteArray>();
        let is_map = value.cast::<PyMapping>().is_ok();
        match !is_text && !is_map && value.hasattr("__iter__")? {
            true => self.iterable(visitor),
            false => self.deserialize_any(visitor),
        }
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
        match self.value.is_instance_of::<PyString>() {
            true => visitor.visit_enum(Label(self.text()?)),
            false => Err(Fail::Message(format!("a label is a str, not a {}", self.value.get_type().name()?))),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 char str string bytes byte_buf unit unit_struct tuple tuple_struct map struct
        identifier ignored_any
    }
}

/// An iterable's items.
struct Items<'py> {
    reader: Reader<'py>,
    items: Bound<'py, PyIterator>,
}

impl<'de> SeqAccess<'de> for Items<'_> {
    type Error = Fail;
    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Fail> {
        match self.items.next() {
            Some(item) => seed.deserialize(self.reader.inner(item?)?).map(Some),
            None => Ok(None),
        }
    }
}

/// A mapping's entries.
struct Entries<'py> {
    reader: Reader<'py>,
    items: Bound<'py, PyIterator>,
    value: Option<Bound<'py, PyAny>>,
}

impl<'de> MapAccess<'de> for Entries<'_> {
    type Error = Fail;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Fail> {
        let Some(item) = self.items.next() else { return Ok(None) };
        let (key, value): (Bound<'_, PyAny>, Bound<'_, PyAny>) = item?.extract()?;
        self.value = Some(value);
        seed.deserialize(self.reader.inner(key)?).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Fail> {
        match self.value.take() {
            Some(value) => seed.deserialize(self.reader.inner(value)?),
            None => Err(Fail::custom("a value was asked for before its key")),
        }
    }
}

/// The fields of an instance of one of our classes, its tag first.
struct Attributes<'py> {
    reader: Reader<'py>,
    known: &'py Known,
    next: usize,
    /// Whether the tag is still to come.
    tag: bool,
    value: Option<Value<'py>>,
}

enum Value<'py> {
    Label(String),
    Field(Bound<'py, PyAny>),
}

impl<'de> MapAccess<'de> for Attributes<'_> {
    type Error = Fail;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Fail> {
        if let Some((tag, label)) = self.known.tag.as_ref().filter(|_| std::mem::take(&mut self.tag)) {
            self.value = Some(Value::Label(label.clone()));
            return seed.deserialize(Text(tag.clone())).map(Some);
        }
        let Some(field) = self.known.fields.get(self.next) else { return Ok(None) };
        self.next += 1;
        let field = field.bind(self.reader.value.py());
        self.value = Some(Value::Field(self.reader.value.getattr(field)?));
        seed.deserialize(Text(field.to_str()?.to_owned())).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Fail> {
        match self.value.take() {
            Some(Value::Label(label)) => seed.deserialize(Text(label)),
            Some(Value::Field(value)) => seed.deserialize(self.reader.inner(value)?),
            None => Err(Fail::custom("a value was asked for before its key")),
        }
    }
}

/// A key, or a tag's label.
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
