//! Verification: reads a player's events in order and names the first that does not fit, and why.

use std::fmt::Display;

use serde::{Deserialize, Serialize};

use super::row::total;
use super::{EventFields, EventHash, XpEvent, XpModifier, hash_event};
use crate::api::{Instant, whole};

/// What is wrong with an event, or with the end of a chain. Of several, the first in this order is reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum LedgerFault {
    /// `created_at` is not after the previous event's.
    Order,
    /// A total does not follow from what came before, or the steps do not follow from each other.
    Sum,
    /// The hash is not that of the fields, the modifiers and the previous hash; or a row cannot be read at all.
    Hash,
    /// The chain is sound, but not the one that the player's row or the engine's own record ends with.
    Head,
}

/// The first thing that is wrong with a ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LedgerFailure {
    /// The event's place among the sealed events, from 0; for [`LedgerFault::Head`] their number.
    #[serde(with = "whole")]
    #[cfg_attr(feature = "schema", schemars(with = "u64"))]
    pub index: u64,
    /// The event's id; none for [`LedgerFault::Head`].
    pub event_id: Option<String>,
    /// When the event was written, if that can be told; none for [`LedgerFault::Head`].
    pub created_at: Option<Instant>,
    /// What is wrong.
    pub kind: LedgerFault,
    /// What should be there, in words.
    pub expected: String,
    /// What is there.
    pub found: String,
}

/// Rows from before the engine took a player over. No hash seals them; they are no failure.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Unsealed {
    /// How many there are.
    #[serde(with = "whole")]
    #[cfg_attr(feature = "schema", schemars(with = "u64"))]
    pub count: u64,
    /// The sum of their final XP.
    #[serde(with = "total")]
    #[cfg_attr(feature = "schema", schemars(with = "crate::Xp"))]
    pub sum: i64,
}

/// What a verification found. `events`, `head` and `total_xp` describe the part that is proven: all of it, or what comes
/// before the failure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Verification {
    /// How many sealed events are sound.
    #[serde(with = "whole")]
    #[cfg_attr(feature = "schema", schemars(with = "u64"))]
    pub events: u64,
    /// The hash of the last of them.
    pub head: EventHash,
    /// The player's total after it.
    #[serde(with = "total")]
    #[cfg_attr(feature = "schema", schemars(with = "crate::Xp"))]
    pub total_xp: i64,
    /// Rows from before adoption, if there are any.
    pub unsealed: Option<Unsealed>,
    /// The first thing that is wrong, if anything is.
    pub failure: Option<LedgerFailure>,
}

impl Verification {
    /// Whether nothing is wrong.
    pub fn is_sound(&self) -> bool {
        self.failure.is_none()
    }
}

/// What somebody else remembers of a chain's end; whatever is stated must agree.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct Head {
    /// The player's total.
    pub total_xp: Option<i64>,
    /// The player's level.
    pub level: Option<i32>,
    /// The number of sealed events.
    pub events: Option<u64>,
    /// The last event's hash.
    pub hash: Option<EventHash>,
}

impl Head {
    /// What the player's row remembers.
    pub fn of_player(total_xp: i64, level: i32) -> Self {
        Self { total_xp: Some(total_xp), level: Some(level), ..Self::default() }
    }

    /// What the engine's own record remembers.
    pub fn of_record(events: u64, hash: EventHash) -> Self {
        Self { events: Some(events), hash: Some(hash), ..Self::default() }
    }
}

/// Verifies one player's ledger, event by event, in the order of `created_at`. It keeps no event, so a ledger of any length
/// can be streamed through it.
///
/// Rows from before adoption go to [`Verifier::unsealed`], sealed ones to [`Verifier::event`]. After a failure the
/// verifier looks at nothing more.
///
/// ```
/// use levelkit::ledger::{EventHash, Head, LedgerFault, Verifier};
/// let sound = Verifier::new().finish(&[Head::of_player(0, 1), Head::of_record(0, EventHash::ZERO)]);
/// assert!(sound.is_sound());
/// let short = Verifier::new().finish(&[Head::of_record(1, EventHash::ZERO)]);
/// assert_eq!(short.failure.unwrap().kind, LedgerFault::Head);
/// ```
#[derive(Clone, Debug)]
pub struct Verifier {
    events: u64,
    head: EventHash,
    total_xp: i64,
    level: i32,
    last_created_at: Option<Instant>,
    unsealed: Option<Unsealed>,
    failure: Option<LedgerFailure>,
}

impl Verifier {
    /// Begins with a player of 0 XP at level 1.
    pub fn new() -> Self {
        Self::adopted(0, 1)
    }

    /// Begins with a player who had a total and a level when the engine took over. The chain begins with zeros here too.
    pub fn adopted(total_xp: i64, level: i32) -> Self {
        Self { events: 0, head: EventHash::ZERO, total_xp, level, last_created_at: None, unsealed: None, failure: None }
    }

    /// Counts a row from before adoption. Its sum is only reported: what the player then had is [`Verifier::adopted`]'s.
    pub fn unsealed(&mut self, final_xp: i32) {
        let unsealed = self.unsealed.get_or_insert_default();
        unsealed.count = unsealed.count.saturating_add(1);
        unsealed.sum = unsealed.sum.saturating_add(final_xp.into());
    }

    /// Checks the next sealed event with its modifiers, which must be sorted by `order`.
    pub fn event(&mut self, event: &XpEvent, modifiers: &[XpModifier]) {
        self.check(&event.fields(), modifiers, |hash| (hash != event.event_hash).then(|| event.event_hash.to_string()));
    }

    /// The same for an event whose hash is still the column's text, which may be anything.
    pub fn event_with_hash_text(&mut self, event: &EventFields<'_>, modifiers: &[XpModifier], event_hash: &str) {
        self.check(event, modifiers, |hash| (event_hash.parse() != Ok(hash)).then(|| event_hash.to_owned()));
    }

    /// Notes that the next sealed event cannot be read: a column holds what the engine never writes. `found` says what.
    pub fn unreadable(&mut self, event_id: &str, created_at: Option<Instant>, found: &str) {
        self.failure.get_or_insert_with(|| LedgerFailure {
            index: self.events,
            event_id: Some(event_id.to_owned()),
            created_at,
            kind: LedgerFault::Hash,
            expected: "a row as it was sealed".to_owned(),
            found: found.to_owned(),
        });
    }

    /// Ends the verification: the chain must end as `heads` remember it.
    pub fn finish(mut self, heads: &[Head]) -> Verification {
        if self.failure.is_none() {
            self.failure = heads.iter().find_map(|head| self.differs(head)).map(|mismatch| LedgerFailure {
                index: self.events,
                event_id: None,
                created_at: None,
                kind: mismatch.kind,
                expected: mismatch.expected,
                found: mismatch.found,
            });
        }
        Verification {
            events: self.events,
            head: self.head,
            total_xp: self.total_xp,
            unsealed: self.unsealed,
            failure: self.failure,
        }
    }

    /// Checks an event; `differs` gives the stored hash's text if it is not the one computed.
    fn check(
        &mut self,
        event: &EventFields<'_>,
        modifiers: &[XpModifier],
        differs: impl FnOnce(EventHash) -> Option<String>,
    ) {
        if self.failure.is_some() {
            return;
        }
        let hash = hash_event(self.head, event, modifiers);
        let mismatch = self
            .order_fault(event)
            .or_else(|| self.sum_fault(event))
            .or_else(|| steps_fault(modifiers))
            .or_else(|| differs(hash).map(|found| Mismatch::new(LedgerFault::Hash, "event_hash", hash, found)));
        match mismatch {
            Some(Mismatch { kind, expected, found }) => {
                self.failure = Some(LedgerFailure {
                    index: self.events,
                    event_id: Some(event.id.to_owned()),
                    created_at: Some(event.created_at),
                    kind,
                    expected,
                    found,
                });
            }
            None => {
                self.events = self.events.saturating_add(1);
                self.head = hash;
                self.total_xp = event.total_xp_after;
                self.level = event.level_after;
                self.last_created_at = Some(event.created_at);
            }
        }
    }

    fn order_fault(&self, event: &EventFields<'_>) -> Option<Mismatch> {
        let last = self.last_created_at.filter(|last| event.created_at <= *last)?;
        Some(Mismatch::new(LedgerFault::Order, "created_at after", last, event.created_at))
    }

    fn sum_fault(&self, event: &EventFields<'_>) -> Option<Mismatch> {
        let sum = |what, expected: i128, found: i64| {
            (expected != found.into()).then(|| Mismatch::new(LedgerFault::Sum, what, expected, found))
        };
        // Wider than the columns, so that even a forged total is compared and not wrapped.
        let after = i128::from(event.total_xp_before) + i128::from(event.final_xp);
        sum("total_xp_before", self.total_xp.into(), event.total_xp_before)
            .or_else(|| sum("total_xp_after", after, event.total_xp_after))
    }

    fn differs(&self, head: &Head) -> Option<Mismatch> {
        fn fact<T: PartialEq + Display>(what: &str, remembered: Option<T>, chain: T) -> Option<Mismatch> {
            let remembered = remembered.filter(|remembered| *remembered != chain)?;
            Some(Mismatch::new(LedgerFault::Head, what, remembered, format!("{chain} at the chain's end")))
        }
        fact("total_xp", head.total_xp, self.total_xp)
            .or_else(|| fact("level", head.level, self.level))
            .or_else(|| fact("number of events", head.events, self.events))
            .or_else(|| fact("last event_hash", head.hash, self.head))
    }
}

impl Default for Verifier {
    fn default() -> Self {
        Self::new()
    }
}

/// Two things that should be equal.
struct Mismatch {
    kind: LedgerFault,
    expected: String,
    found: String,
}

impl Mismatch {
    #[cold]
    fn new(kind: LedgerFault, what: &str, expected: impl Display, found: impl Display) -> Self {
        Self { kind, expected: format!("{what} {expected}"), found: found.to_string() }
    }
}

/// Steps are numbered from 0, and each begins where the one before it ended.
fn steps_fault(modifiers: &[XpModifier]) -> Option<Mismatch> {
    let mut previous = None;
    for (place, step) in (0_i32..).zip(modifiers) {
        if step.order != place {
            return Some(Mismatch::new(LedgerFault::Sum, "modifier order", place, step.order));
        }
        if let Some(xp_after) = previous.filter(|xp_after| *xp_after != step.xp_before) {
            let what = format!("xp_before of modifier {place}:");
            return Some(Mismatch::new(LedgerFault::Sum, &what, xp_after, step.xp_before));
        }
        previous = Some(step.xp_after);
    }
    None
}

/// Verifies a whole ledger that begins with 0 XP and has no rows from before adoption; see [`Verifier`].
pub fn verify(events: &[(XpEvent, Vec<XpModifier>)], heads: &[Head]) -> Verification {
    let mut verifier = Verifier::new();
    for (event, modifiers) in events {
        verifier.event(event, modifiers);
    }
    verifier.finish(heads)
}
