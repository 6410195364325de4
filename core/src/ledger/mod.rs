//! The ledger: XP events chained by hash, and their verification (the rules, section 11).
//!
//! Every award is one event with its modifier rows. An event's hash covers all of its fields, its modifiers and the hash of
//! the player's event before it; so no row can be changed, removed or slipped in without a trace. [`Verifier`] finds the
//! first event that does not fit.
//!
//! ```
//! use levelkit::ledger::{EventFields, EventHash, hash_event};
//! use levelkit::modifier::{AwardContext, ModifierStack};
//! use levelkit::{Instant, Source};
//!
//! let context = AwardContext { weekend: true, ..AwardContext::default() };
//! let award = ModifierStack::default().apply(100, Source::QuestCompletion, &context).unwrap();
//! let event = EventFields {
//!     id: "e1",
//!     user_id: "p1",
//!     event_source: Source::QuestCompletion,
//!     source_id: Some("q1"),
//!     base_xp: award.base_xp,
//!     final_xp: award.final_xp,
//!     total_xp_before: 0,
//!     total_xp_after: 110,
//!     level_before: 1,
//!     level_after: 1,
//!     created_at: "2026-03-01T07:00:00Z".parse().unwrap(),
//! };
//! let hash = hash_event(EventHash::ZERO, &event, award.steps());
//! assert_eq!(hash.to_string().len(), 64);
//! ```

mod hash;
mod row;
mod verify;

pub use hash::{EventFields, EventHash, LedgerStep, hash_event};
pub use row::{XpEvent, XpModifier};
pub use verify::{Head, LedgerFailure, LedgerFault, Unsealed, Verification, Verifier, verify};

#[cfg(test)]
mod tests;
