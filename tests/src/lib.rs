//! What the tests share: the conformance vectors and how a target runs them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

pub mod cases;
pub mod compare;
pub mod model;
pub mod narrative;
pub mod scenario;
#[cfg(feature = "store")]
pub mod store;
pub mod tables;
pub mod vectors;
