//! The ledger's pure parts: hash and verify.

use levelkit::ledger::{EventHash, Head, Verification, Verifier, XpEvent, XpModifier};
use levelkit_storage::LedgerEntry;

use crate::Result;

/// The hash that stands before a player's first event.
#[uniffi::export]
pub fn first_hash() -> EventHash {
    EventHash::ZERO
}

/// The hash of an event that follows another one; `event.eventHash` is not looked at.
#[uniffi::export]
pub fn hash_event(previous: EventHash, event: XpEvent, modifiers: Vec<XpModifier>) -> Result<EventHash> {
    Ok(levelkit::ledger::hash_event(previous, &event.fields(), &modifiers))
}

/// Verifies a whole ledger that begins with 0 XP, event by event, and against what others remember of its end. What is
/// wrong is the answer, not an error.
#[uniffi::export(default(heads = []))]
pub fn verify_ledger(entries: Vec<LedgerEntry>, heads: Vec<Head>) -> Result<Verification> {
    let mut verifier = Verifier::new();
    for LedgerEntry { event, modifiers } in &entries {
        verifier.event(event, modifiers);
    }
    Ok(verifier.finish(&heads))
}
