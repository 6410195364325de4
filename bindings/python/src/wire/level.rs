//! How deep the bridge is in the host's objects, on each thread.

use std::cell::Cell;

use pyo3::PyErr;
use pyo3::exceptions::PyRecursionError;

/// How many levels there may be at once: twice what the deepest object has. What reads an object runs the host's code, which
/// may call levelkit again, and Python counts its own calls only: without an end of its own, the stack would overflow.
const LEVELS: u32 = 512;

thread_local! {
    static OPEN: Cell<u32> = const { Cell::new(0) };
}

/// A level, for as long as it is read.
pub(super) struct Level(());

impl Level {
    pub(super) fn enter() -> Result<Self, PyErr> {
        let open = OPEN.get();
        if open >= LEVELS {
            return Err(PyRecursionError::new_err("objects call levelkit again and again while it reads them"));
        }
        OPEN.set(open + 1);
        Ok(Self(()))
    }
}

impl Drop for Level {
    fn drop(&mut self) {
        OPEN.set(OPEN.get().saturating_sub(1));
    }
}
