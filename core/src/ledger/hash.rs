//! What an event's hash covers, byte for byte. Sealing allocates nothing.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::api::{Instant, InvalidQuantity, ModifierType, Multiplier, Source};
use crate::digest::{CanonicalHasher, Decimal};
use crate::modifier::{AwardStep, Reason};

/// An event's SHA-256. Its text is 64 lowercase hexadecimal digits.
///
/// ```
/// use levelkit::ledger::EventHash;
/// let hash: EventHash = "00".repeat(32).parse().unwrap();
/// assert_eq!(hash, EventHash::ZERO);
/// assert!("0A".repeat(32).parse::<EventHash>().is_err());
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventHash(pub [u8; 32]);

impl EventHash {
    /// What stands before a player's first event.
    pub const ZERO: Self = Self([0; 32]);
}

impl fmt::Display for EventHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = [0_u8; 64];
        for (pair, byte) in text.chunks_exact_mut(2).zip(self.0) {
            pair[0] = b"0123456789abcdef"[usize::from(byte >> 4)];
            pair[1] = b"0123456789abcdef"[usize::from(byte & 15)];
        }
        f.pad(std::str::from_utf8(&text).unwrap_or_default())
    }
}

impl FromStr for EventHash {
    type Err = InvalidQuantity;
    fn from_str(text: &str) -> Result<Self, InvalidQuantity> {
        let invalid = || InvalidQuantity { given: text.to_owned(), expected: "64 lowercase hexadecimal digits" };
        let digit = |byte: u8| match byte {
            b'0'..=b'9' => Some(byte - b'0'),
            b'a'..=b'f' => Some(byte - b'a' + 10),
            _ => None,
        };
        if text.len() != 64 {
            return Err(invalid());
        }
        let mut hash = [0; 32];
        for (byte, pair) in hash.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
            let high = digit(pair[0]).ok_or_else(invalid)?;
            let low = digit(pair[1]).ok_or_else(invalid)?;
            *byte = high << 4 | low;
        }
        Ok(Self(hash))
    }
}

impl Serialize for EventHash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for EventHash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// An event as it is hashed: its columns, borrowed, without the hash itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventFields<'a> {
    /// Its id.
    pub id: &'a str,
    /// The player's id.
    pub user_id: &'a str,
    /// Where the XP comes from.
    pub event_source: Source,
    /// The quest log or attempt it is for, if any.
    pub source_id: Option<&'a str>,
    /// XP before modifiers, as asked.
    pub base_xp: i32,
    /// XP that was added to the total.
    pub final_xp: i32,
    /// The player's total before, in XP.
    pub total_xp_before: i64,
    /// The player's total after, in XP.
    pub total_xp_after: i64,
    /// The player's level before.
    pub level_before: i32,
    /// The player's level after.
    pub level_after: i32,
    /// When it was written, in order.
    pub created_at: Instant,
}

/// A modifier step that can be hashed: one of an award being sealed, or a row that was read back.
///
/// A step's `order` is its own in a row, and its place in an award.
pub trait LedgerStep: sealed::Step {}

impl LedgerStep for AwardStep<'_> {}
impl LedgerStep for super::XpModifier {}

pub(super) mod sealed {
    use crate::digest::CanonicalHasher;

    /// Hashes a step that stands at a place.
    pub trait Step {
        #[doc(hidden)]
        #[allow(private_interfaces)] // sealed: nobody outside this crate can name or call it
        fn hash(&self, place: usize, hasher: &mut CanonicalHasher);
    }
}

impl sealed::Step for AwardStep<'_> {
    #[inline(always)]
    #[allow(private_interfaces)]
    fn hash(&self, place: usize, hasher: &mut CanonicalHasher) {
        // An award has six steps at most.
        hasher.integers([i64::try_from(place).unwrap_or(i64::MAX)]);
        hash_factor(self.modifier, self.multiplier, hasher);
        hash_reason(self.reason, hasher);
        hasher.integers([self.xp_before.into(), self.xp_after.into()]);
    }
}

impl sealed::Step for super::XpModifier {
    #[allow(private_interfaces)]
    fn hash(&self, _place: usize, hasher: &mut CanonicalHasher) {
        hasher.integers([self.order.into()]);
        hash_factor(self.modifier, self.multiplier, hasher);
        hasher.string(&self.reason);
        hasher.integers([self.xp_before.into(), self.xp_after.into()]);
    }
}

#[inline(always)]
fn hash_factor(modifier: ModifierType, multiplier: Multiplier, hasher: &mut CanonicalHasher) {
    hasher.string(modifier.as_str());
    hasher.integers([multiplier.millionths()]);
}

/// The reason's text, without writing it anywhere first. It must equal the reason's `Display`.
#[inline(always)]
fn hash_reason(reason: Reason<'_>, hasher: &mut CanonicalHasher) {
    match reason {
        Reason::StreakDays(days) => hasher.joined(&["streak ", Decimal::new(days.into()).as_str(), " days"]),
        Reason::Weekend => hasher.string("weekend"),
        Reason::Season(id) => hasher.joined(&["season ", id]),
        Reason::Title(id) => hasher.joined(&["title ", id]),
        Reason::Dungeon(id) => hasher.joined(&["dungeon ", id]),
        Reason::Debuff => hasher.string("debuff"),
    }
}

/// The hash of an event that follows `previous` ([`EventHash::ZERO`] for a player's first), with its modifiers in order.
#[inline(always)]
pub fn hash_event<S: LedgerStep>(previous: EventHash, event: &EventFields<'_>, modifiers: &[S]) -> EventHash {
    let mut hasher = CanonicalHasher::new("levelkit.xp.v1");
    hasher.bytes(&previous.0);
    hasher.string(event.id);
    hasher.string(event.user_id);
    hasher.string(event.event_source.as_str());
    hasher.optional_string(event.source_id);
    hasher.integers([
        event.base_xp.into(),
        event.final_xp.into(),
        event.total_xp_before,
        event.total_xp_after,
        event.level_before.into(),
        event.level_after.into(),
        event.created_at.micros(),
    ]);
    hasher.count(modifiers.len());
    for (place, modifier) in modifiers.iter().enumerate() {
        modifier.hash(place, &mut hasher);
    }
    EventHash(hasher.finish())
}
