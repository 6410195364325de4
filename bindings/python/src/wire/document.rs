//! A document given as an object: its JSON text, for the reader that also reads files.

use std::fmt::Write as _;

use levelkit_shared::{DOCUMENT_BYTES, too_long};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyFloat, PyInt, PyList, PyMapping, PyString, PyTuple};

use super::level::Level;
use super::{Fail, classes};

/// How deep a document may be nested; the reader of rulesets refuses less than that by its own code.
const DEPTH: u32 = 256;

/// A part of a ruleset: a text as it is, an object as its JSON text.
pub(crate) struct Document(pub(crate) String);

impl<'py> FromPyObject<'_, 'py> for Document {
    type Error = PyErr;
    fn extract(value: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        let value = value.to_owned();
        if value.is_instance_of::<PyString>() {
            return Ok(Self(super::read(&value)?));
        }
        let mut text = String::new();
        write(&value, 0, &mut text)?;
        Ok(Self(text))
    }
}

fn write(value: &Bound<'_, PyAny>, depth: u32, text: &mut String) -> Result<(), Fail> {
    if depth > DEPTH {
        return Err(Fail::Message(format!("a document is nested more than {DEPTH} deep, or in a circle")));
    }
    if text.len() > DOCUMENT_BYTES {
        return Err(Fail::Message(too_long()));
    }
    if value.is_none() {
        text.push_str("null");
    } else if let Ok(yes) = value.cast::<PyBool>() {
        text.push_str(if yes.is_true() { "true" } else { "false" });
    } else if value.is_instance_of::<PyInt>() {
        // Whatever a subclass makes of it.
        let digits: String = value.py().get_type::<PyInt>().call_method1("__repr__", (value,))?.extract()?;
        text.push_str(&digits);
    } else if let Ok(number) = value.cast::<PyFloat>() {
        float(number.value(), text)?;
    } else if value.is_instance_of::<PyString>() {
        quoted(value, text)?;
    } else if value.is_instance_of::<PyList>() || value.is_instance_of::<PyTuple>() {
        array(value, depth, text)?;
    } else if let Ok(mapping) = value.cast::<PyMapping>() {
        object(mapping, depth, text)?;
    } else if value.is_instance(classes::classes(value.py())?.decimal.bind(value.py()))? {
        let decimal = classes::classes(value.py())?.decimal.bind(value.py());
        let digits: String = decimal.call_method1("__format__", (value, "f"))?.extract()?;
        text.push_str(&digits);
    } else {
        return Err(Fail::Message(format!("a {} is nothing that a document holds", value.get_type().name()?)));
    }
    Ok(())
}

fn float(number: f64, text: &mut String) -> Result<(), Fail> {
    if !number.is_finite() {
        return Err(Fail::Message(format!("{number} is nothing that a document holds")));
    }
    // Written in full, without an exponent; 2.0 is 2, as an author would write it.
    let _ = write!(text, "{number}");
    Ok(())
}

fn quoted(value: &Bound<'_, PyAny>, text: &mut String) -> Result<(), Fail> {
    let given: String = super::read(value)?;
    let json = serde_json::to_string(&given).map_err(|error| Fail::Message(error.to_string()))?;
    text.push_str(&json);
    Ok(())
}

fn array(value: &Bound<'_, PyAny>, depth: u32, text: &mut String) -> Result<(), Fail> {
    let _level = Level::enter()?;
    let mut separator = "[";
    for item in value.try_iter()? {
        text.push_str(separator);
        separator = ",";
        write(&item?, depth + 1, text)?;
    }
    text.push_str(if separator == "[" { "[]" } else { "]" });
    Ok(())
}

fn object(mapping: &Bound<'_, PyMapping>, depth: u32, text: &mut String) -> Result<(), Fail> {
    let _level = Level::enter()?;
    let mut separator = "{";
    for item in mapping.items()?.try_iter()? {
        let (key, value): (Bound<'_, PyAny>, Bound<'_, PyAny>) = item?.extract()?;
        text.push_str(separator);
        separator = ",";
        quoted(&key, text)?;
        text.push(':');
        write(&value, depth + 1, text)?;
    }
    text.push_str(if separator == "{" { "{}" } else { "}" });
    Ok(())
}
