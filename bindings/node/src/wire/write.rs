//! Rust to JavaScript.

use serde::Serialize;
use serde::ser::{
    SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple, SerializeTupleStruct,
    SerializeTupleVariant, Serializer,
};

use super::js::{Env, Fail, Value};
use super::keys;

/// Writes one value.
#[derive(Clone, Copy)]
pub(crate) struct Writer(pub(crate) Env);

fn refused<T>(what: &str) -> Result<T, Fail> {
    Err(Fail::Message(format!("{what} cannot cross into JavaScript")))
}

impl Serializer for Writer {
    type Ok = Value;
    type Error = Fail;
    type SerializeSeq = Items;
    type SerializeTuple = Items;
    type SerializeTupleStruct = Items;
    type SerializeTupleVariant = Items;
    type SerializeMap = Entries;
    type SerializeStruct = Fields;
    type SerializeStructVariant = Fields;

    fn is_human_readable(&self) -> bool {
        // Integers as integers, whatever their size.
        false
    }
    fn serialize_bool(self, yes: bool) -> Result<Value, Fail> {
        self.0.boolean(yes)
    }
    fn serialize_i8(self, number: i8) -> Result<Value, Fail> {
        self.0.int32(number.into())
    }
    fn serialize_i16(self, number: i16) -> Result<Value, Fail> {
        self.0.int32(number.into())
    }
    fn serialize_i32(self, number: i32) -> Result<Value, Fail> {
        self.0.int32(number)
    }
    fn serialize_i64(self, number: i64) -> Result<Value, Fail> {
        self.0.bigint(number)
    }
    fn serialize_u8(self, number: u8) -> Result<Value, Fail> {
        self.0.int32(number.into())
    }
    fn serialize_u16(self, number: u16) -> Result<Value, Fail> {
        self.0.int32(number.into())
    }
    fn serialize_u32(self, number: u32) -> Result<Value, Fail> {
        self.0.double(number.into())
    }
    fn serialize_u64(self, number: u64) -> Result<Value, Fail> {
        self.0.bigint_unsigned(number)
    }
    fn serialize_f32(self, number: f32) -> Result<Value, Fail> {
        self.0.double(number.into())
    }
    fn serialize_f64(self, number: f64) -> Result<Value, Fail> {
        self.0.double(number)
    }
    fn serialize_char(self, character: char) -> Result<Value, Fail> {
        self.0.string(character.encode_utf8(&mut [0; 4]))
    }
    fn serialize_str(self, text: &str) -> Result<Value, Fail> {
        self.0.string(text)
    }
    fn serialize_bytes(self, _: &[u8]) -> Result<Value, Fail> {
        refused("bytes")
    }
    fn serialize_none(self) -> Result<Value, Fail> {
        self.0.null()
    }
    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Value, Fail> {
        value.serialize(self)
    }
    fn serialize_unit(self) -> Result<Value, Fail> {
        self.0.null()
    }
    fn serialize_unit_struct(self, _: &'static str) -> Result<Value, Fail> {
        self.0.null()
    }
    fn serialize_unit_variant(self, _: &'static str, _: u32, label: &'static str) -> Result<Value, Fail> {
        self.0.string(label)
    }
    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, name: &'static str, value: &T) -> Result<Value, Fail> {
        let written = value.serialize(self)?;
        // An integer that says of itself that a number holds it.
        let whole = if name == "Whole" { self.0.as_bigint(written)? } else { None };
        whole.map_or(Ok(written), |whole| self.0.double(whole as f64))
    }
    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: &T,
    ) -> Result<Value, Fail> {
        refused(variant)
    }
    fn serialize_seq(self, length: Option<usize>) -> Result<Items, Fail> {
        Ok(Items { env: self.0, array: self.0.array(length.unwrap_or_default())?, next: 0 })
    }
    fn serialize_tuple(self, length: usize) -> Result<Items, Fail> {
        self.serialize_seq(Some(length))
    }
    fn serialize_tuple_struct(self, _: &'static str, length: usize) -> Result<Items, Fail> {
        self.serialize_seq(Some(length))
    }
    fn serialize_tuple_variant(self, _: &'static str, _: u32, variant: &'static str, _: usize) -> Result<Items, Fail> {
        refused(variant)
    }
    fn serialize_map(self, _: Option<usize>) -> Result<Entries, Fail> {
        Ok(Entries { env: self.0, object: self.0.object()?, key: None })
    }
    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Fields, Fail> {
        Ok(Fields { env: self.0, object: self.0.object()? })
    }
    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Fields, Fail> {
        refused(variant)
    }
}

/// An array on its way.
pub(crate) struct Items {
    env: Env,
    array: Value,
    next: u32,
}

impl Items {
    fn push<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Fail> {
        let value = value.serialize(Writer(self.env))?;
        self.env.set_element(self.array, self.next, value)?;
        self.next += 1;
        Ok(())
    }
}

impl SerializeSeq for Items {
    type Ok = Value;
    type Error = Fail;
    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Fail> {
        self.push(value)
    }
    fn end(self) -> Result<Value, Fail> {
        Ok(self.array)
    }
}

impl SerializeTuple for Items {
    type Ok = Value;
    type Error = Fail;
    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Fail> {
        self.push(value)
    }
    fn end(self) -> Result<Value, Fail> {
        Ok(self.array)
    }
}

impl SerializeTupleStruct for Items {
    type Ok = Value;
    type Error = Fail;
    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Fail> {
        self.push(value)
    }
    fn end(self) -> Result<Value, Fail> {
        Ok(self.array)
    }
}

impl SerializeTupleVariant for Items {
    type Ok = Value;
    type Error = Fail;
    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Fail> {
        self.push(value)
    }
    fn end(self) -> Result<Value, Fail> {
        Ok(self.array)
    }
}

/// A map on its way: its keys stay as they are.
pub(crate) struct Entries {
    env: Env,
    object: Value,
    key: Option<Value>,
}

impl SerializeMap for Entries {
    type Ok = Value;
    type Error = Fail;
    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Fail> {
        self.key = Some(key.serialize(Writer(self.env))?);
        Ok(())
    }
    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Fail> {
        let value = value.serialize(Writer(self.env))?;
        match self.key.take() {
            Some(key) => self.env.define(self.object, key, value),
            None => refused("a value without a key"),
        }
    }
    fn end(self) -> Result<Value, Fail> {
        Ok(self.object)
    }
}

/// A struct on its way: its fields become camelCase.
pub(crate) struct Fields {
    env: Env,
    object: Value,
}

impl Fields {
    fn set<T: Serialize + ?Sized>(&mut self, field: &'static str, value: &T) -> Result<(), Fail> {
        let value = value.serialize(Writer(self.env))?;
        self.env.set_named(self.object, keys::property(field), value)
    }
}

impl SerializeStruct for Fields {
    type Ok = Value;
    type Error = Fail;
    fn serialize_field<T: Serialize + ?Sized>(&mut self, field: &'static str, value: &T) -> Result<(), Fail> {
        self.set(field, value)
    }
    fn end(self) -> Result<Value, Fail> {
        Ok(self.object)
    }
}

impl SerializeStructVariant for Fields {
    type Ok = Value;
    type Error = Fail;
    fn serialize_field<T: Serialize + ?Sized>(&mut self, field: &'static str, value: &T) -> Result<(), Fail> {
        self.set(field, value)
    }
    fn end(self) -> Result<Value, Fail> {
        Ok(self.object)
    }
}
