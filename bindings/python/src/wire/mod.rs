//! The bridge: values of Python and values of Rust, straight into each other by way of serde.
//!
//! | in Rust | in Python |
//! |---|---|
//! | integer | `int` |
//! | `f64` | `float` |
//! | text, hash | `str` |
//! | label | a member of a `StrEnum`; its text is read too |
//! | instant, day, multiplier | `datetime` in UTC, `date`, `Decimal` |
//! | struct, variant | a frozen dataclass of `levelkit.types`, found by its name in the generated table |
//! | refusal | an exception |
//! | list | `tuple`; any iterable is read |
//! | map | `dict`; any `Mapping` is read |
//! | none | `None` |

mod amount;
mod classes;
mod document;
mod level;
mod read;
mod write;

use std::fmt;

use levelkit_shared::{Fault, caught};
use pyo3::exceptions::PyException;
use pyo3::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;

pub(crate) use amount::{Count, Lasting};
pub(crate) use document::Document;

/// Why a value could not be read or written.
#[derive(Debug)]
pub(crate) enum Fail {
    /// The value is not what is wanted.
    Message(String),
    /// Python raised.
    Python(PyErr),
}

impl fmt::Display for Fail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Message(message) => f.write_str(message),
            Self::Python(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Fail {}

impl serde::ser::Error for Fail {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::Message(message.to_string())
    }
}

impl serde::de::Error for Fail {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::Message(message.to_string())
    }
}

impl From<PyErr> for Fail {
    fn from(error: PyErr) -> Self {
        Self::Python(error)
    }
}

impl From<Fail> for PyErr {
    fn from(fail: Fail) -> Self {
        match fail {
            Fail::Message(message) => Python::attach(|py| error(py, &Fault::argument(message))),
            Fail::Python(error) => error,
        }
    }
}

/// Reads an argument.
pub(crate) fn read<T: DeserializeOwned>(value: &Bound<'_, PyAny>) -> PyResult<T> {
    let classes = classes::classes(value.py())?;
    // A reader of the core's has no business to panic; if it does, the panic must not cross.
    let read = caught(|| Ok(T::deserialize(read::Reader::new(value.clone(), classes))));
    Ok(read.map_err(|fault| error(value.py(), &fault))??)
}

/// Writes an answer.
pub(crate) fn write<'py, T: Serialize + ?Sized>(py: Python<'py>, value: &T) -> PyResult<Bound<'py, PyAny>> {
    Ok(value.serialize(write::Writer { py, classes: classes::classes(py)? })?)
}

/// The exception of a fault: of the class that its code names, with its facts and its hint.
pub(crate) fn error(py: Python<'_>, fault: &Fault) -> PyErr {
    exception(py, fault).unwrap_or_else(|error| error)
}

fn exception(py: Python<'_>, fault: &Fault) -> PyResult<PyErr> {
    let exception = match fault {
        // A code that has no class yet.
        Fault::Store { code, .. } => {
            let class = if code.starts_with("STORE_") { "StoreError" } else { "LevelkitError" };
            let base = py.import("levelkit.types")?.getattr(class)?.call0()?;
            base.setattr("code", code)?;
            base
        }
        _ => write(py, &fault.facts())?,
    };
    exception.setattr("args", (fault.message(),))?;
    exception.setattr("hint", fault.hint())?;
    exception.setattr("is_transient", fault.is_transient())?;
    match exception.is_instance_of::<PyException>() {
        true => Ok(PyErr::from_value(exception)),
        false => Err(PyException::new_err(fault.message())),
    }
}
