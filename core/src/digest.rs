//! Canonical bytes, hashed: the one encoding behind the ledger's hashes and the derived ids (the rules, section 11).
//!
//! Strings are a u32 big-endian length and UTF-8, integers i64 big-endian, an optional value 0x00 or 0x01 and the value,
//! a list a u32 count and its items. Nothing is allocated: short fields gather in a block on the stack, so that SHA-256 sees
//! a few long updates in place of many short ones.

use sha2::{Digest as _, Sha256};

/// Enough for an award with three modifier steps in one update.
const BLOCK: usize = 512;

/// Hashes fields in their canonical form. Inlined throughout, so that the fill level stays in a register.
pub(crate) struct CanonicalHasher {
    sha: Sha256,
    block: [u8; BLOCK],
    used: usize,
}

impl CanonicalHasher {
    /// Begins with an ASCII tag, which names the format and is written without a length.
    #[inline(always)]
    pub(crate) fn new(tag: &str) -> Self {
        let mut hasher = Self { sha: Sha256::new(), block: [0; BLOCK], used: 0 };
        hasher.bytes(tag.as_bytes());
        hasher
    }

    /// Bytes as they are.
    #[inline(always)]
    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        let end = self.used + bytes.len();
        if let Some(free) = self.block.get_mut(self.used..end) {
            free.copy_from_slice(bytes);
            self.used = end;
        } else {
            self.used = flush_then(&mut self.sha, &mut self.block, self.used, bytes);
        }
    }

    /// A count of items, or a length.
    #[inline(always)]
    pub(crate) fn count(&mut self, count: usize) {
        // No text or list of four billion parts fits in memory that matters; the bound only keeps the conversion total.
        self.bytes(&u32::try_from(count).unwrap_or(u32::MAX).to_be_bytes());
    }

    /// Integers, one after the other.
    #[inline(always)]
    pub(crate) fn integers<const N: usize>(&mut self, values: [i64; N]) {
        self.bytes(values.map(i64::to_be_bytes).as_flattened());
    }

    /// A string.
    #[inline(always)]
    pub(crate) fn string(&mut self, text: &str) {
        self.count(text.len());
        self.bytes(text.as_bytes());
    }

    /// One string, given in parts.
    #[inline(always)]
    pub(crate) fn joined(&mut self, parts: &[&str]) {
        self.count(parts.iter().map(|part| part.len()).sum());
        for part in parts {
            self.bytes(part.as_bytes());
        }
    }

    /// A string that may be absent.
    #[inline(always)]
    pub(crate) fn optional_string(&mut self, text: Option<&str>) {
        match text {
            None => self.bytes(&[0]),
            Some(text) => {
                self.bytes(&[1]);
                self.string(text);
            }
        }
    }

    /// The SHA-256 of everything given.
    #[inline(always)]
    pub(crate) fn finish(mut self) -> [u8; 32] {
        self.sha.update(&self.block[..self.used]);
        self.sha.finalize().into()
    }
}

/// Hashes what the block holds, begins it anew with `bytes`, and gives how much of it they take. Bytes that no block holds
/// are hashed at once.
#[cold]
fn flush_then(sha: &mut Sha256, block: &mut [u8; BLOCK], used: usize, bytes: &[u8]) -> usize {
    sha.update(&block[..used]);
    match block.get_mut(..bytes.len()) {
        Some(free) => {
            free.copy_from_slice(bytes);
            bytes.len()
        }
        None => {
            sha.update(bytes);
            0
        }
    }
}

/// A decimal integer as text on the stack.
pub(crate) struct Decimal {
    digits: [u8; 20],
    start: usize,
}

impl Decimal {
    pub(crate) fn new(value: i64) -> Self {
        let mut decimal = Self { digits: [b'0'; 20], start: 20 };
        let mut rest = value.unsigned_abs();
        loop {
            decimal.push_front(b'0' + (rest % 10) as u8);
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        if value < 0 {
            decimal.push_front(b'-');
        }
        decimal
    }

    // At most 19 digits and a sign: the array always has room.
    fn push_front(&mut self, byte: u8) {
        self.start = self.start.saturating_sub(1);
        self.digits[self.start] = byte;
    }

    pub(crate) fn as_str(&self) -> &str {
        std::str::from_utf8(&self.digits[self.start..]).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_encoding_is_the_documented_one() {
        let mut hasher = CanonicalHasher::new("tag");
        hasher.integers([-2]);
        hasher.optional_string(None);
        hasher.optional_string(Some("é"));
        hasher.count(3);
        hasher.joined(&["title ", "x"]);
        let bytes = b"tag\xff\xff\xff\xff\xff\xff\xff\xfe\x00\x01\x00\x00\x00\x02\xc3\xa9\x00\x00\x00\x03\x00\x00\x00\x07title x";
        assert_eq!(hasher.finish(), <[u8; 32]>::from(Sha256::digest(bytes)));
    }

    proptest! {
        #[test]
        fn blocks_do_not_show(parts in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..1200), 0..8)) {
            let mut hasher = CanonicalHasher::new("");
            parts.iter().for_each(|part| hasher.bytes(part));
            prop_assert_eq!(hasher.finish(), <[u8; 32]>::from(Sha256::digest(parts.concat())));
        }

        #[test]
        fn decimals_are_the_standard_ones(value: i64) {
            let decimal = Decimal::new(value);
            prop_assert_eq!(decimal.as_str(), value.to_string());
        }
    }

    #[test]
    fn decimals_at_the_edges() {
        for value in [0, -1, i64::MIN, i64::MAX] {
            assert_eq!(Decimal::new(value).as_str(), value.to_string());
        }
    }
}
