//! For a host's tests: a panic inside must arrive as an error.

use crate::Result;

/// Panics inside, so that a test can see that the host survives it.
#[uniffi::export]
#[allow(clippy::panic, reason = "that is what it is for")]
pub fn panic_inside(text: String) -> Result<()> {
    panic!("{text}")
}

/// Panics inside an asynchronous call.
#[uniffi::export]
#[allow(clippy::panic, reason = "that is what it is for")]
pub async fn panic_inside_later(text: String) -> Result<()> {
    panic!("{text}")
}
