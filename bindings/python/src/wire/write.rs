//! Rust to Python.

use std::convert::Infallible;

use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDate, PyDateTime, PyDict, PyFloat, PyInt, PyString, PyTuple, PyTzInfo};
use serde::Serialize;
use serde::ser::{
    Impossible, SerializeMap, SerializeSeq, SerializeStruct, SerializeTuple, SerializeTupleStruct, Serializer,
};

use super::Fail;
use super::classes::{Class, Classes, Shape};

/// Writes one value.
#[derive(Clone, Copy)]
pub(crate) struct Writer<'py> {
    pub(crate) py: Python<'py>,
    pub(crate) classes: &'py Classes,
}

type Made<'py> = Result<Bound<'py, PyAny>, Fail>;

fn refused<T>(what: &str) -> Result<T, Fail> {
    Err(Fail::Message(format!("{what} cannot cross into Python")))
}

impl<'py> Writer<'py> {
    fn integer<T>(self, number: T) -> Made<'py>
    where
        T: IntoPyObject<'py, Target = PyInt, Output = Bound<'py, PyInt>, Error = Infallible>,
    {
        match number.into_pyobject(self.py) {
            Ok(made) => Ok(made.into_any()),
            Err(never) => match never {},
        }
    }

    /// A quantity that has a class of its own, from its text.
    fn quantity(self, name: &str, text: Bound<'py, PyAny>) -> Made<'py> {
        match name {
            "Instant" => self.datetime(text.cast::<PyString>().map_err(PyErr::from)?.to_str()?),
            "Day" => self.date(text.cast::<PyString>().map_err(PyErr::from)?.to_str()?),
            "Multiplier" => Ok(self.classes.decimal.bind(self.py).call1((text,))?),
            _ => Ok(text),
        }
    }

    /// `2026-03-01T09:00:00.000000Z`: every instant is written so.
    fn datetime(self, text: &str) -> Made<'py> {
        let utc = self.classes.utc.bind(self.py).cast::<PyTzInfo>().map_err(PyErr::from)?;
        let (year, month, day) = (number(text, 0..4)?, number(text, 5..7)?, number(text, 8..10)?);
        let (hour, minute, second) = (number(text, 11..13)?, number(text, 14..16)?, number(text, 17..19)?);
        let micros = number(text, 20..26)?;
        Ok(PyDateTime::new(self.py, year, month, day, hour, minute, second, micros, Some(utc))?.into_any())
    }

    fn date(self, text: &str) -> Made<'py> {
        Ok(PyDate::new(self.py, number(text, 0..4)?, number(text, 5..7)?, number(text, 8..10)?)?.into_any())
    }
}

fn number<T: std::str::FromStr>(text: &str, range: std::ops::Range<usize>) -> Result<T, Fail> {
    let digits = text.get(range).and_then(|digits| digits.parse().ok());
    digits.ok_or_else(|| Fail::Message(format!("{text:?} is not written like a date")))
}

impl<'py> Serializer for Writer<'py> {
    type Ok = Bound<'py, PyAny>;
    type Error = Fail;
    type SerializeSeq = Items<'py>;
    type SerializeTuple = Items<'py>;
    type SerializeTupleStruct = Items<'py>;
    type SerializeTupleVariant = Impossible<Self::Ok, Fail>;
    type SerializeMap = Entries<'py>;
    type SerializeStruct = Fields<'py>;
    type SerializeStructVariant = Impossible<Self::Ok, Fail>;

    fn is_human_readable(&self) -> bool {
        // Integers as integers, whatever their size.
        false
    }
    fn serialize_bool(self, yes: bool) -> Made<'py> {
        Ok(PyBool::new(self.py, yes).to_owned().into_any())
    }
    fn serialize_i8(self, number: i8) -> Made<'py> {
        self.serialize_i64(number.into())
    }
    fn serialize_i16(self, number: i16) -> Made<'py> {
        self.serialize_i64(number.into())
    }
    fn serialize_i32(self, number: i32) -> Made<'py> {
        self.serialize_i64(number.into())
    }
    fn serialize_i64(self, number: i64) -> Made<'py> {
        self.integer(number)
    }
    fn serialize_u8(self, number: u8) -> Made<'py> {
        self.serialize_i64(number.into())
    }
    fn serialize_u16(self, number: u16) -> Made<'py> {
        self.serialize_i64(number.into())
    }
    fn serialize_u32(self, number: u32) -> Made<'py> {
        self.serialize_i64(number.into())
    }
    fn serialize_u64(self, number: u64) -> Made<'py> {
        self.integer(number)
    }
    fn serialize_f32(self, number: f32) -> Made<'py> {
        self.serialize_f64(number.into())
    }
    fn serialize_f64(self, number: f64) -> Made<'py> {
        Ok(PyFloat::new(self.py, number).into_any())
    }
    fn serialize_char(self, character: char) -> Made<'py> {
        self.serialize_str(character.encode_utf8(&mut [0; 4]))
    }
    fn serialize_str(self, text: &str) -> Made<'py> {
        Ok(PyString::new(self.py, text).into_any())
    }
    fn serialize_bytes(self, _: &[u8]) -> Made<'py> {
        refused("bytes")
    }
    fn serialize_none(self) -> Made<'py> {
        Ok(self.py.None().into_bound(self.py))
    }
    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Made<'py> {
        value.serialize(self)
    }
    fn serialize_unit(self) -> Made<'py> {
        self.serialize_none()
    }
    fn serialize_unit_struct(self, _: &'static str) -> Made<'py> {
        self.serialize_none()
    }
    fn serialize_unit_variant(self, name: &'static str, _: u32, label: &'static str) -> Made<'py> {
        match self.classes.shape(name) {
            Some(Shape::Labels(members)) => match members.get(label) {
                Some(member) => Ok(member.bind(self.py).clone()),
                None => refused(&format!("the label {label:?} of {name}")),
            },
            _ => refused(&format!("the labels {name}")),
        }
    }
    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, name: &'static str, value: &T) -> Made<'py> {
        let inner = value.serialize(self)?;
        self.quantity(name, inner)
    }
    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Made<'py> {
        refused(name)
    }
    fn serialize_seq(self, length: Option<usize>) -> Result<Items<'py>, Fail> {
        Ok(Items { writer: self, items: Vec::with_capacity(length.unwrap_or_default()) })
    }
    fn serialize_tuple(self, length: usize) -> Result<Items<'py>, Fail> {
        self.serialize_seq(Some(length))
    }
    fn serialize_tuple_struct(self, _: &'static str, length: usize) -> Result<Items<'py>, Fail> {
        self.serialize_seq(Some(length))
    }
    fn serialize_tuple_variant(
        self,
        name: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, Fail> {
        refused(name)
    }
    fn serialize_map(self, _: Option<usize>) -> Result<Entries<'py>, Fail> {
        Ok(Entries { writer: self, dict: PyDict::new(self.py), key: None })
    }
    fn serialize_struct(self, name: &'static str, length: usize) -> Result<Fields<'py>, Fail> {
        match self.classes.shape(name) {
            Some(Shape::Struct(class)) => {
                Ok(Fields { writer: self, by_tag: None, class: Some(class), fields: Vec::with_capacity(length) })
            }
            Some(Shape::Union { tag, .. }) => {
                Ok(Fields { writer: self, by_tag: Some((name, tag)), class: None, fields: Vec::with_capacity(length) })
            }
            _ => refused(&format!("{name}, which levelkit.types does not know,")),
        }
    }
    fn serialize_struct_variant(
        self,
        name: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, Fail> {
        refused(name)
    }
}

/// A tuple on its way.
pub(crate) struct Items<'py> {
    writer: Writer<'py>,
    items: Vec<Bound<'py, PyAny>>,
}

impl<'py> Items<'py> {
    fn push<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Fail> {
        self.items.push(value.serialize(self.writer)?);
        Ok(())
    }

    fn tuple(self) -> Made<'py> {
        Ok(PyTuple::new(self.writer.py, self.items)?.into_any())
    }
}

impl<'py> SerializeSeq for Items<'py> {
    type Ok = Bound<'py, PyAny>;
    type Error = Fail;
    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Fail> {
        self.push(value)
    }
    fn end(self) -> Made<'py> {
        self.tuple()
    }
}

impl<'py> SerializeTuple for Items<'py> {
    type Ok = Bound<'py, PyAny>;
    type Error = Fail;
    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Fail> {
        self.push(value)
    }
    fn end(self) -> Made<'py> {
        self.tuple()
    }
}

impl<'py> SerializeTupleStruct for Items<'py> {
    type Ok = Bound<'py, PyAny>;
    type Error = Fail;
    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Fail> {
        self.push(value)
    }
    fn end(self) -> Made<'py> {
        self.tuple()
    }
}

/// A dict on its way.
pub(crate) struct Entries<'py> {
    writer: Writer<'py>,
    dict: Bound<'py, PyDict>,
    key: Option<Bound<'py, PyAny>>,
}

impl<'py> SerializeMap for Entries<'py> {
    type Ok = Bound<'py, PyAny>;
    type Error = Fail;
    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Fail> {
        self.key = Some(key.serialize(self.writer)?);
        Ok(())
    }
    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Fail> {
        let value = value.serialize(self.writer)?;
        match self.key.take() {
            Some(key) => Ok(self.dict.set_item(key, value)?),
            None => refused("a value without a key"),
        }
    }
    fn end(self) -> Made<'py> {
        Ok(self.dict.into_any())
    }
}

/// An instance on its way: which class a union's is, its tag says first.
pub(crate) struct Fields<'py> {
    writer: Writer<'py>,
    by_tag: Option<(&'static str, &'py str)>,
    class: Option<&'py Class>,
    fields: Vec<(&'static str, Bound<'py, PyAny>)>,
}

impl<'py> SerializeStruct for Fields<'py> {
    type Ok = Bound<'py, PyAny>;
    type Error = Fail;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, field: &'static str, value: &T) -> Result<(), Fail> {
        let value = value.serialize(self.writer)?;
        match self.by_tag {
            Some((name, tag)) if tag == field => {
                let label = value.cast::<PyString>().map_err(PyErr::from)?.to_str()?.to_owned();
                self.class = match self.writer.classes.shape(name) {
                    Some(Shape::Union { variants, .. }) => variants.get(&label),
                    _ => None,
                };
            }
            _ => self.fields.push((field, value)),
        }
        Ok(())
    }

    fn end(self) -> Made<'py> {
        let py = self.writer.py;
        let Some(Class { class, is_exception }) = self.class else {
            return refused("a variant that levelkit.types does not know");
        };
        let class = class.bind(py);
        if !*is_exception && self.fields.len() < self.writer.classes.fields(class) {
            // What serde leaves out has a default in the class.
            let given = PyDict::new(py);
            self.fields.into_iter().try_for_each(|(field, value)| given.set_item(field, value))?;
            return Ok(class.call((), Some(&given))?);
        }
        let instance = if *is_exception { class.call0()? } else { allocated(class)? };
        for (field, value) in self.fields {
            let name = PyString::intern(py, field);
            // SAFETY: all three are live; this is `object.__setattr__`, which a frozen dataclass leaves to its own making.
            let status = unsafe { ffi::PyObject_GenericSetAttr(instance.as_ptr(), name.as_ptr(), value.as_ptr()) };
            if status != 0 {
                return Err(Fail::Python(PyErr::fetch(py)));
            }
        }
        Ok(instance)
    }
}

/// `object.__new__(class)`: an instance whose fields are still to be set.
fn allocated<'py>(class: &Bound<'py, pyo3::types::PyType>) -> Made<'py> {
    // SAFETY: the class is live and an ordinary heap type, a dataclass; a null means that an exception is set.
    let made = unsafe { Bound::from_owned_ptr_or_err(class.py(), ffi::PyType_GenericAlloc(class.as_type_ptr(), 0)) };
    Ok(made?)
}
