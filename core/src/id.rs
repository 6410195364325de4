//! Derived ids (the rules, section 11).
//!
//! Every row that the engine makes has an id computed from what the row is about. So a replay anywhere makes the same rows,
//! and a second award of the same thing meets the primary key. An id is `"k"` and the first 23 digits of a SHA-256 written
//! as a 50-digit base-36 number: 24 characters, like the cuid2 that a host may use for rows of its own.
//!
//! ```
//! use levelkit::{Day, id};
//! let day: Day = "2026-03-01".parse().unwrap();
//! assert_eq!(id::quest_log("p1", "walk", day), id::quest_log("p1", "walk", day));
//! assert_ne!(id::quest_log("p1", "walk", day), id::quest_log("p1", "walk", day.plus(1)));
//! ```

use std::fmt::Write as _;

use crate::api::{Day, Instant, Source};
use crate::digest::{CanonicalHasher, Decimal};

/// The id of a quest's log: one per player, template and `day_date` (a weekly quest's Monday).
pub fn quest_log(user: &str, template: &str, day_date: Day) -> String {
    derive(&["quest_log", user, template, DayText::new(day_date).as_str()])
}

/// The id of a day's log: one per player and day.
pub fn daily_log(user: &str, day_date: Day) -> String {
    derive(&["daily_log", user, DayText::new(day_date).as_str()])
}

/// The id of an award's ledger row. `earlier` counts the player's earlier events of the same source and `source_id`.
///
/// An absent `source_id` counts as the empty string. An adjustment's and a grant's id is the caller's own instead.
pub fn xp_event(user: &str, source: Source, source_id: Option<&str>, earlier: u64) -> String {
    // A count beyond i64 cannot be reached by adding one at a time.
    let earlier = Decimal::new(i64::try_from(earlier).unwrap_or(i64::MAX));
    derive(&["xp_event", user, source.as_str(), source_id.unwrap_or_default(), earlier.as_str()])
}

/// The id of an award's modifier row: one per event and `order`, from 0.
pub fn xp_modifier(event: &str, order: i32) -> String {
    derive(&["xp_modifier", event, Decimal::new(order.into()).as_str()])
}

/// The id of a player's title row; earning the title again keeps it.
pub fn user_title(user: &str, title: &str) -> String {
    derive(&["user_title", user, title])
}

/// The id of a boss attempt.
pub fn boss_attempt(user: &str, boss: &str, started_at: Instant) -> String {
    derive(&["boss_attempt", user, boss, Decimal::new(started_at.micros()).as_str()])
}

/// The id of a dungeon attempt.
pub fn dungeon_attempt(user: &str, dungeon: &str, started_at: Instant) -> String {
    derive(&["dungeon_attempt", user, dungeon, Decimal::new(started_at.micros()).as_str()])
}

/// The id of a player's part in a season.
pub fn season_participation(user: &str, season: &str) -> String {
    derive(&["season_participation", user, season])
}

/// The id of a player's row on a season's leaderboard. The season comes first, as in the table.
pub fn season_leaderboard(season: &str, user: &str) -> String {
    derive(&["season_leaderboard", season, user])
}

/// The id of a boss's phase whose author gave none.
pub fn boss_phase(boss: &str, phase_number: i32) -> String {
    derive(&["boss_phase", boss, Decimal::new(phase_number.into()).as_str()])
}

/// The id of a narrative text whose author gave none; `key` is unique in a ruleset.
pub fn narrative_content(key: &str) -> String {
    derive(&["narrative_content", key])
}

/// The id of a list of words, the first of which names the kind of row.
fn derive(words: &[&str]) -> String {
    let mut hasher = CanonicalHasher::new("levelkit.id.v1");
    hasher.count(words.len());
    for word in words {
        hasher.string(word);
    }
    text(&hasher.finish())
}

/// `"k"` and the 23 most significant of the hash's 50 base-36 digits.
fn text(hash: &[u8; 32]) -> String {
    // Twelve digits fit 64 bits, in which division is quick.
    const TWELVE_DIGITS: u128 = 36_u128.pow(12);
    let leading = leading_digits(hash);
    let mut text = vec![b'k'; 24];
    write_digits((leading / TWELVE_DIGITS) as u64, &mut text[1..12]);
    write_digits((leading % TWELVE_DIGITS) as u64, &mut text[12..]);
    String::from_utf8(text).unwrap_or_default()
}

/// Fills a text with a number's least significant base-36 digits.
fn write_digits(mut number: u64, text: &mut [u8]) {
    for digit in text.iter_mut().rev() {
        *digit = b"0123456789abcdefghijklmnopqrstuvwxyz"[(number % 36) as usize];
        number /= 36;
    }
}

/// The hash as a number, without its 27 least significant base-36 digits: below 36^23, so it fits.
///
/// 36^27 is 2^54 * 3^54, so a shift and divisions by powers of three that fit 32 bits do it; dropping remainders in between
/// does not change the quotient.
fn leading_digits(hash: &[u8; 32]) -> u128 {
    const THREES: [u64; 3] = [3_u64.pow(20), 3_u64.pow(20), 3_u64.pow(14)];
    let mut limbs = [0_u64; 8];
    for (limb, bytes) in limbs.iter_mut().zip(hash.chunks_exact(4)) {
        *limb = bytes.iter().fold(0, |value, &byte| value << 8 | u64::from(byte));
    }
    shift_right_54(&mut limbs);
    for divisor in THREES {
        let mut remainder = 0;
        for limb in &mut limbs {
            let dividend = remainder << 32 | *limb;
            *limb = dividend / divisor;
            remainder = dividend % divisor;
        }
    }
    limbs.iter().fold(0, |value, &limb| value << 32 | u128::from(limb))
}

/// Shifts a number of eight 32-bit limbs, most significant first, by one limb and 22 bits.
fn shift_right_54(limbs: &mut [u64; 8]) {
    for i in (0..8).rev() {
        let low = if i >= 1 { limbs[i - 1] } else { 0 };
        let high = if i >= 2 { limbs[i - 2] } else { 0 };
        limbs[i] = (high << 32 | low) >> 22 & 0xffff_ffff;
    }
}

/// A day's text on the stack.
struct DayText {
    bytes: [u8; 10],
    used: usize,
}

impl DayText {
    fn new(day: Day) -> Self {
        let mut text = Self { bytes: [b'0'; 10], used: 0 };
        // `YYYY-MM-DD` is ten bytes for every day there is, so writing cannot fail.
        let _ = write!(text, "{day}");
        text
    }

    fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[..self.used]).unwrap_or_default()
    }
}

impl std::fmt::Write for DayText {
    fn write_str(&mut self, part: &str) -> std::fmt::Result {
        let end = self.used + part.len();
        self.bytes.get_mut(self.used..end).ok_or(std::fmt::Error)?.copy_from_slice(part.as_bytes());
        self.used = end;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use sha2::{Digest as _, Sha256};

    /// The definition, word for word: the whole number as fifty digits, then the first 23.
    fn by_definition(hash: &[u8; 32]) -> String {
        let mut number = *hash;
        let mut digits = [0_u8; 50];
        for digit in digits.iter_mut().rev() {
            let mut remainder = 0_u32;
            for byte in &mut number {
                let dividend = remainder << 8 | u32::from(*byte);
                *byte = (dividend / 36) as u8;
                remainder = dividend % 36;
            }
            *digit = b"0123456789abcdefghijklmnopqrstuvwxyz"[remainder as usize];
        }
        assert_eq!(number, [0; 32], "fifty digits hold every hash");
        format!("k{}", std::str::from_utf8(&digits[..23]).unwrap())
    }

    #[test]
    fn extreme_hashes() {
        assert_eq!(text(&[0; 32]), "k00000000000000000000000");
        assert_eq!(text(&[0xff; 32]), by_definition(&[0xff; 32]));
        for i in 0..256 {
            let mut hash = [0; 32];
            hash[i / 8] = 0x80 >> (i % 8);
            assert_eq!(text(&hash), by_definition(&hash), "bit {i}");
        }
    }

    proptest! {
        #[test]
        fn digits_are_the_definition(hash: [u8; 32]) {
            prop_assert_eq!(text(&hash), by_definition(&hash));
        }
    }

    #[test]
    fn the_hashed_bytes_are_tag_count_and_words() {
        let bytes = b"levelkit.id.v1\0\0\0\x04\0\0\0\x09quest_log\0\0\0\x02p1\0\0\0\x04walk\0\0\0\x0a2026-03-01";
        let hash = Sha256::digest(bytes).into();
        assert_eq!(quest_log("p1", "walk", "2026-03-01".parse().unwrap()), by_definition(&hash));
    }

    #[test]
    fn every_kind_has_its_words() {
        let (day, at): (Day, Instant) = ("2026-03-02".parse().unwrap(), "2026-03-02T07:00:00.000001Z".parse().unwrap());
        let micros = at.micros().to_string();
        let cases: [(String, &[&str]); 11] = [
            (quest_log("u", "q", day), &["quest_log", "u", "q", "2026-03-02"]),
            (daily_log("u", day), &["daily_log", "u", "2026-03-02"]),
            (xp_event("u", Source::BossDefeat, Some("a"), 12), &["xp_event", "u", "BOSS_DEFEAT", "a", "12"]),
            (xp_event("u", Source::ManualAdjustment, None, 0), &["xp_event", "u", "MANUAL_ADJUSTMENT", "", "0"]),
            (xp_modifier("e", 3), &["xp_modifier", "e", "3"]),
            (user_title("u", "t"), &["user_title", "u", "t"]),
            (boss_attempt("u", "b", at), &["boss_attempt", "u", "b", &micros]),
            (dungeon_attempt("u", "d", at), &["dungeon_attempt", "u", "d", &micros]),
            (season_participation("u", "s"), &["season_participation", "u", "s"]),
            (season_leaderboard("s", "u"), &["season_leaderboard", "s", "u"]),
            (boss_phase("b", 2), &["boss_phase", "b", "2"]),
        ];
        for (id, words) in cases {
            assert_eq!(id, derive(words), "{words:?}");
            assert!(id.len() == 24 && id.starts_with('k'));
        }
        assert_eq!(narrative_content("x"), derive(&["narrative_content", "x"]));
        assert_ne!(derive(&["ab", "c"]), derive(&["a", "bc"]), "lengths keep words apart");
    }
}
