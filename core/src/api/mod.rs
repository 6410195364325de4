//! The types that cross a boundary: commands in, events, refusals and views out.
//!
//! Every one of them is defined here and nowhere else. They serialise to the JSON that the conformance vectors, the stores
//! and the language bindings share: names in `snake_case`, labels in `SCREAMING_SNAKE_CASE`, instants as RFC 3339 with six
//! digits, integers beyond ±(2^53-1) as decimal strings.

mod command;
mod event;
mod explain;
#[cfg(feature = "uniffi")]
mod host;
mod label;
mod metrics;
mod quantity;
mod refusal;
#[cfg(feature = "schema")]
mod schema;
mod view;
pub(crate) mod whole;

pub use command::{Command, GrantSource};
pub use event::{Event, Step};
pub use explain::{Explanation, RequirementState};
#[cfg(feature = "uniffi")]
pub use host::LevelkitError;
pub use label::*;
pub use metrics::{MetricValue, Metrics};
pub use quantity::{Coefficient, Day, Instant, InvalidQuantity, Multiplier, Xp};
pub use refusal::{IdKind, Refusal};
pub use view::*;
