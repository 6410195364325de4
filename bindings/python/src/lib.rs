//! levelkit for Python: verbs and conversion, and no rule of its own.
//!
//! Each file holds the verbs of one thing; [`wire`] carries values over. No panic crosses: a verb runs in [`answer`], and a
//! defect is the exception `InternalError`.

mod engine;
mod player;
mod pure;
mod ruleset;
mod store;
mod wire;

use levelkit_shared::{Fault, caught};
use pyo3::prelude::*;
use serde::Serialize;

use crate::wire::{error, write};

type Any<'py> = Bound<'py, PyAny>;

/// Runs a verb.
fn ask<T>(py: Python<'_>, run: impl FnOnce() -> Result<T, Fault>) -> PyResult<T> {
    caught(run).map_err(|fault| error(py, &fault))
}

/// Runs a verb, and writes its answer.
fn answer<'py, T: Serialize>(py: Python<'py>, run: impl FnOnce() -> Result<T, Fault>) -> PyResult<Any<'py>> {
    write(py, &ask(py, run)?)
}

/// Runs a verb that takes its time, while other threads of Python go on.
fn ask_detached<T: Send>(py: Python<'_>, run: impl FnOnce() -> Result<T, Fault> + Send) -> PyResult<T> {
    py.detach(|| caught(run)).map_err(|fault| error(py, &fault))
}

/// Runs a verb that takes its time, and writes its answer.
fn answer_detached<'py, T: Serialize + Send>(
    py: Python<'py>,
    run: impl FnOnce() -> Result<T, Fault> + Send,
) -> PyResult<Any<'py>> {
    write(py, &ask_detached(py, run)?)
}

/// The version of levelkit.
#[pyfunction]
fn version() -> &'static str {
    env!("CARGO_PKG_VERSION")
}

/// The version of the IANA time zone database that is built in.
#[pyfunction]
fn time_zone_version() -> &'static str {
    levelkit::TZDB_VERSION
}

/// Panics, with or without the GIL, for the test that shows what becomes of it.
#[pyfunction]
#[pyo3(signature = (text, *, detached = false))]
#[allow(clippy::panic)]
fn _panic_for_test(py: Python<'_>, text: &str, detached: bool) -> PyResult<()> {
    match detached {
        true => ask_detached(py, || panic!("{text}")),
        false => ask(py, || panic!("{text}")),
    }
}

/// Reads a value as one of the types that cross, and writes it again: for the test that every value survives.
#[pyfunction]
fn _echo_for_test<'py>(py: Python<'py>, kind: &str, value: &Any<'py>) -> PyResult<Any<'py>> {
    macro_rules! echo {
        ($($name:literal => $type:ty),+ $(,)?) => {
            match kind {
                $($name => write(py, &wire::read::<$type>(value)?),)+
                _ => Err(error(py, &Fault::argument(format!("no type {kind:?}")))),
            }
        };
    }
    levelkit_shared::for_every_type!(echo)
}

/// The native half of the package `levelkit`.
#[pymodule]
mod _native {
    #[pymodule_export]
    use super::{
        _echo_for_test, _panic_for_test,
        engine::Engine,
        player::Player,
        pure::{Curve, ModifierStack, Requirement, hash_event, verify_ledger},
        ruleset::Ruleset,
        store::Store,
        time_zone_version, version,
    };
}
