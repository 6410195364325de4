//! How many, and for how long: arguments that are never negative. What is none of them is refused like any other wrong argument, where
//! Python's own conversion raises an OverflowError or a ValueError.

use std::time::Duration;

use pyo3::exceptions::{PyOverflowError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyDelta;

use super::{Fail, read};

/// How many.
pub(crate) struct Count(pub(crate) usize);

impl<'py> FromPyObject<'_, 'py> for Count {
    type Error = PyErr;
    fn extract(value: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        read(&value.to_owned()).map(Self)
    }
}

/// For how long.
pub(crate) struct Lasting(pub(crate) Duration);

impl<'py> FromPyObject<'_, 'py> for Lasting {
    type Error = PyErr;
    fn extract(value: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        if !value.is_instance_of::<PyDelta>() {
            return Err(Fail::Message(format!("a timedelta is wanted, not a {}", value.get_type().name()?)).into());
        }
        value.extract().map(Self).map_err(|error: PyErr| {
            let py = value.py();
            let is_wrong = error.is_instance_of::<PyValueError>(py) || error.is_instance_of::<PyOverflowError>(py);
            match value.str() {
                Ok(shown) if is_wrong => {
                    Fail::Message(format!("a timedelta from zero on is wanted, not {shown}")).into()
                }
                _ => error,
            }
        })
    }
}
