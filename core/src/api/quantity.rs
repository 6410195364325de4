//! Quantities: XP totals, instants, days and exact multipliers.

use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

use chrono::{DateTime, Datelike, NaiveDate};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::whole;

/// A text that is not the quantity it should be: what was given, and what was expected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{given:?} is not {expected}")]
pub struct InvalidQuantity {
    /// The text that was given.
    pub given: String,
    /// What it should have been, in words.
    pub expected: &'static str,
}

impl InvalidQuantity {
    fn new(given: &str, expected: &'static str) -> Self {
        Self { given: given.to_owned(), expected }
    }
}

/// An amount of XP, or a total: any `i64` (the rules, section 1).
///
/// In JSON an integer, or a decimal string beyond ±(2^53-1); both forms are read.
///
/// ```
/// use levelkit::Xp;
/// assert_eq!(serde_json::to_string(&Xp(72)).unwrap(), "72");
/// assert_eq!(serde_json::to_string(&Xp(i64::MAX)).unwrap(), "\"9223372036854775807\"");
/// assert_eq!(serde_json::from_str::<Xp>("\"72\"").unwrap(), Xp(72));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Xp(pub i64);

impl fmt::Display for Xp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for Xp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        whole::serialize(&self.0, serializer)
    }
}

impl<'de> Deserialize<'de> for Xp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // In a language's own objects too: XP is what may be too large for its numbers.
        deserializer.deserialize_any(whole::Either(PhantomData)).map(Xp)
    }
}

/// A moment: microseconds since 1970-01-01T00:00:00Z, from year 1 to year 9999.
///
/// Text is RFC 3339; the written form is UTC with six digits.
///
/// ```
/// use levelkit::Instant;
/// let noon: Instant = "2026-03-01T13:00:00+01:00".parse().unwrap();
/// assert_eq!(noon.to_string(), "2026-03-01T12:00:00.000000Z");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(i64);

impl Instant {
    /// 0001-01-01T00:00:00.000000Z.
    pub const MIN: Self = Self(-62_135_596_800_000_000);
    /// 9999-12-31T23:59:59.999999Z.
    pub const MAX: Self = Self(253_402_300_799_999_999);

    /// The moment that many microseconds after 1970; `None` outside the years 1 to 9999.
    pub fn from_micros(micros: i64) -> Option<Self> {
        (Self::MIN.0..=Self::MAX.0).contains(&micros).then_some(Self(micros))
    }

    /// Microseconds since 1970-01-01T00:00:00Z.
    pub fn micros(self) -> i64 {
        self.0
    }

    /// The moment `micros` later, held within the years 1 to 9999.
    pub fn plus_micros(self, micros: i64) -> Self {
        Self(self.0.saturating_add(micros).clamp(Self::MIN.0, Self::MAX.0))
    }

    /// This moment, or the one right after `previous` where that is later; `None` where time ends before.
    pub(crate) fn after(self, previous: Option<Self>) -> Option<Self> {
        match previous {
            Some(previous) if previous >= self => Self::from_micros(previous.0 + 1),
            _ => Some(self),
        }
    }

    pub(crate) fn plus_minutes(self, minutes: i64) -> Self {
        self.plus_micros(minutes.saturating_mul(60_000_000))
    }

    pub(crate) fn to_chrono(self) -> DateTime<chrono::Utc> {
        DateTime::from_timestamp_micros(self.0).unwrap_or_default()
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.to_chrono().format("%Y-%m-%dT%H:%M:%S%.6fZ"))
    }
}

impl FromStr for Instant {
    type Err = InvalidQuantity;
    fn from_str(text: &str) -> Result<Self, InvalidQuantity> {
        const EXPECTED: &str = "an RFC 3339 instant in the years 1 to 9999 with at most six digits after the second, like 2026-03-01T09:00:00Z";
        let invalid = || InvalidQuantity::new(text, EXPECTED);
        // The parser takes a minus that is no ASCII, and any number of digits, of which it forgets those after the ninth.
        let fraction = text.split_once('.').map_or("", |(_, rest)| rest);
        let digits = fraction.bytes().take_while(u8::is_ascii_digit).count();
        if !text.is_ascii() || digits > 6 {
            return Err(invalid());
        }
        let parsed = DateTime::parse_from_rfc3339(text).map_err(|_| invalid())?;
        if parsed.timestamp_subsec_nanos() >= 1_000_000_000 {
            return Err(invalid()); // a leap second
        }
        Self::from_micros(parsed.timestamp_micros()).ok_or_else(invalid)
    }
}

/// A calendar date, `YYYY-MM-DD` (a `day_date`), in the years 1 to 9999.
///
/// ```
/// use levelkit::Day;
/// let day: Day = "2026-03-01".parse().unwrap();
/// assert_eq!(day.plus(1).to_string(), "2026-03-02");
/// assert!(day.is_weekend());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(i32);

impl Day {
    /// 0001-01-01.
    pub const MIN: Self = Self(-719_162);
    /// 9999-12-31.
    pub const MAX: Self = Self(2_932_896);

    /// The date that many days after 1970-01-01; `None` outside the years 1 to 9999.
    pub fn from_number(days_since_1970: i32) -> Option<Self> {
        (Self::MIN.0..=Self::MAX.0).contains(&days_since_1970).then_some(Self(days_since_1970))
    }

    /// Days since 1970-01-01.
    pub fn number(self) -> i32 {
        self.0
    }

    /// The date `days` later (earlier if negative), held within the years 1 to 9999.
    pub fn plus(self, days: i32) -> Self {
        Self(self.0.saturating_add(days).clamp(Self::MIN.0, Self::MAX.0))
    }

    /// Whether it is a Saturday or a Sunday.
    pub fn is_weekend(self) -> bool {
        (self.0 - self.monday().0) >= 5
    }

    /// The Monday of its ISO week.
    pub fn monday(self) -> Self {
        // 1970-01-01 was a Thursday, three days after its Monday.
        Self((self.0 - (self.0 + 3).rem_euclid(7)).max(Self::MIN.0))
    }

    /// Whether it is the first day of a month.
    pub fn is_first_of_month(self) -> bool {
        self.to_chrono().day() == 1
    }

    pub(crate) fn to_chrono(self) -> NaiveDate {
        NaiveDate::from_epoch_days(self.0).unwrap_or_default()
    }

    pub(crate) fn from_chrono(date: NaiveDate) -> Self {
        Self(date.to_epoch_days().clamp(Self::MIN.0, Self::MAX.0))
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let date = self.to_chrono();
        write!(f, "{:04}-{:02}-{:02}", date.year(), date.month(), date.day())
    }
}

impl FromStr for Day {
    type Err = InvalidQuantity;
    fn from_str(text: &str) -> Result<Self, InvalidQuantity> {
        let invalid = || InvalidQuantity::new(text, "a date YYYY-MM-DD in the years 1 to 9999");
        let bytes = text.as_bytes();
        let digits = |range: std::ops::Range<usize>| bytes.get(range).is_some_and(|b| b.iter().all(u8::is_ascii_digit));
        let shaped = bytes.len() == 10 && bytes[4] == b'-' && bytes[7] == b'-';
        if !(shaped && digits(0..4) && digits(5..7) && digits(8..10)) {
            return Err(invalid());
        }
        let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").map_err(|_| invalid())?;
        Self::from_number(date.to_epoch_days()).ok_or_else(invalid)
    }
}

/// An exact decimal factor with at most six fractional digits, held as integer millionths; never negative.
///
/// Its text is the shortest: `1.1`, `1`. Whether it also survives a `real` column is the ruleset's check, not this type's.
///
/// ```
/// use levelkit::Multiplier;
/// let factor: Multiplier = "1.150".parse().unwrap();
/// assert_eq!(factor.millionths(), 1_150_000);
/// assert_eq!(factor.to_string(), "1.15");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Multiplier(i64);

impl Multiplier {
    /// The factor 1, which changes nothing.
    pub const ONE: Self = Self(1_000_000);

    /// The factor of that many millionths; `None` if negative.
    pub fn from_millionths(millionths: i64) -> Option<Self> {
        (millionths >= 0).then_some(Self(millionths))
    }

    /// Its value in millionths: 1.1 is 1,100,000.
    pub fn millionths(self) -> i64 {
        self.0
    }

    /// The factor of a JSON number, by its shortest decimal form; `None` where that form has a sign, more than six
    /// fractional digits, or more than an `i64` of millionths.
    pub fn from_number(number: f64) -> Option<Self> {
        (number.is_finite() && number >= 0.0).then(|| number.abs().to_string().parse().ok())?
    }

    /// The factor a `real` column means: the value's shortest decimal form, so 1.1 and not 1.10000002384.
    pub fn from_real(real: f32) -> Option<Self> {
        (real.is_finite() && real >= 0.0).then(|| real.abs().to_string().parse().ok())?
    }

    /// The value a `real` column holds for it.
    pub fn to_real(self) -> f32 {
        self.to_string().parse().unwrap_or(f32::INFINITY)
    }

    /// Whether a `real` column gives back the same factor (as it may not from 16 upwards).
    pub fn survives_real(self) -> bool {
        // Below 16 floats lie closer together than millionths.
        self.0 < 16_000_000 || Self::from_real(self.to_real()) == Some(self)
    }
}

impl FromStr for Multiplier {
    type Err = InvalidQuantity;
    fn from_str(text: &str) -> Result<Self, InvalidQuantity> {
        decimal_millionths(text)
            .and_then(|millionths| i64::try_from(millionths).ok())
            .map(Self)
            .ok_or_else(|| InvalidQuantity::new(text, "digits with an optional point and one to six digits, like 1.15"))
    }
}

/// The millionths of a text of digits with an optional point and one to six digits after it: no sign, no exponent.
pub(crate) fn decimal_millionths(text: &str) -> Option<u128> {
    let (whole, fraction) = match text.split_once('.') {
        Some((whole, fraction)) if (1..=6).contains(&fraction.len()) => (whole, fraction),
        Some(_) => return None,
        None => (text, ""),
    };
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(fraction) {
        return None;
    }
    let whole: u128 = whole.parse().ok()?;
    let fraction: u128 = format!("{fraction:0<6}").parse().ok()?;
    whole.checked_mul(1_000_000)?.checked_add(fraction)
}

/// An exact decimal of a curve: like a [`Multiplier`], but larger, since no `real` column has to hold it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Coefficient(pub(crate) u128);

impl Coefficient {
    /// The coefficient of that many millionths.
    pub fn from_millionths(millionths: u128) -> Self {
        Self(millionths)
    }

    /// Its value in millionths.
    pub fn millionths(self) -> u128 {
        self.0
    }
}

impl FromStr for Coefficient {
    type Err = InvalidQuantity;
    fn from_str(text: &str) -> Result<Self, InvalidQuantity> {
        let invalid = || InvalidQuantity::new(text, "digits with an optional point and one to six digits, like 57.5");
        decimal_millionths(text).map(Self).ok_or_else(invalid)
    }
}

impl fmt::Display for Multiplier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt_millionths(self.0.unsigned_abs().into(), f)
    }
}

impl fmt::Display for Coefficient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt_millionths(self.0, f)
    }
}

fn fmt_millionths(millionths: u128, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let (whole, fraction) = (millionths / 1_000_000, millionths % 1_000_000);
    if fraction == 0 {
        return write!(f, "{whole}");
    }
    let digits = format!("{fraction:06}");
    write!(f, "{whole}.{}", digits.trim_end_matches('0'))
}

/// A value's text. A quantity is a newtype around it: in JSON that shows nothing, and a language's bridge learns which
/// quantity it has before it.
struct Text<'a, T>(&'a T);

impl<T: fmt::Display> Serialize for Text<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self.0)
    }
}

/// Serialises as its text; reads its text only, whatever the format (a buffering reader always claims to be readable).
macro_rules! as_text {
    ($($type:ty => $expecting:literal),+) => {$(
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_newtype_struct(stringify!($type), &Text(self))
            }
        }
        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Visitor;
                impl de::Visitor<'_> for Visitor {
                    type Value = $type;
                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str($expecting)
                    }
                    fn visit_str<E: de::Error>(self, text: &str) -> Result<$type, E> {
                        text.parse().map_err(E::custom)
                    }
                }
                deserializer.deserialize_str(Visitor)
            }
        }
    )+};
}

as_text!(Instant => "an RFC 3339 instant", Day => "a date YYYY-MM-DD");

impl Serialize for Coefficient {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Serialize for Multiplier {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_newtype_struct("Multiplier", &Text(self))
    }
}

impl<'de> Deserialize<'de> for Multiplier {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = Multiplier;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a multiplier: a number or a decimal string with at most six fractional digits")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Multiplier, E> {
                text.parse().map_err(E::custom)
            }
            fn visit_f64<E: de::Error>(self, number: f64) -> Result<Multiplier, E> {
                Multiplier::from_number(number).ok_or_else(|| E::invalid_value(de::Unexpected::Float(number), &self))
            }
            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Multiplier, E> {
                let millionths = number.checked_mul(1_000_000).and_then(Multiplier::from_millionths);
                millionths.ok_or_else(|| E::invalid_value(de::Unexpected::Signed(number), &self))
            }
            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Multiplier, E> {
                let signed = i64::try_from(number).ok();
                signed
                    .and_then(|n| n.checked_mul(1_000_000))
                    .map(Multiplier)
                    .ok_or_else(|| E::invalid_value(de::Unexpected::Unsigned(number), &self))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_exact_or_refused() {
        for (text, millionths) in [("0", 0), ("1.1", 1_100_000), ("007.5", 7_500_000), ("16.000001", 16_000_001)] {
            assert_eq!(text.parse::<Multiplier>().unwrap().millionths(), millionths);
        }
        for text in ["", ".", "1.", ".5", "-1", "+1", "1e3", "1.1234567", " 1", "1,1", "९"] {
            assert!(text.parse::<Multiplier>().is_err(), "{text}");
        }
        assert_eq!(Multiplier::from_number(1.10), Some(Multiplier(1_100_000)));
        assert_eq!(Multiplier::from_number(-0.0), Some(Multiplier(0)));
        assert_eq!(Multiplier::from_number(-0.5), None);
        assert_eq!(Multiplier::from_number(1e30), None);
    }

    #[test]
    fn a_real_column_means_its_shortest_form() {
        assert_eq!(Multiplier::from_real(1.1_f32), Some(Multiplier(1_100_000)));
        assert!(Multiplier(1_100_000).survives_real());
        assert!(!Multiplier(16_000_001).survives_real());
        // What is taken for granted below 16, where it is likeliest to fail.
        for millionths in (15_990_000..16_000_000).chain(7_999_000..8_001_000).chain(0..1_000) {
            assert_eq!(Multiplier::from_real(Multiplier(millionths).to_real()), Some(Multiplier(millionths)));
        }
    }

    #[test]
    fn instants_round_trip_at_the_edges() {
        for instant in [Instant::MIN, Instant::MAX, Instant(0), Instant(-1)] {
            assert_eq!(instant.to_string().parse::<Instant>().unwrap(), instant);
        }
        assert_eq!(Instant::MIN.to_string(), "0001-01-01T00:00:00.000000Z");
        for not_micros in ["1234567Z", "0000000Z", "12345600009Z", "123456\u{2212}01:00", "Z", ""] {
            assert!(format!("2026-03-01T09:00:00.{not_micros}").parse::<Instant>().is_err(), "{not_micros}");
        }
        assert!("2026-03-01T09:00:60Z".parse::<Instant>().is_err());
        assert!("2026-03-01".parse::<Instant>().is_err());
    }

    #[test]
    fn days_know_their_week() {
        let day = |text: &str| text.parse::<Day>().unwrap();
        assert_eq!(day("2026-03-01").monday(), day("2026-02-23"));
        assert_eq!(day("2026-02-23").monday(), day("2026-02-23"));
        assert!(day("2026-02-28").is_weekend() && !day("2026-02-27").is_weekend());
        for text in ["2026-3-1", "2026-02-30", "20260301", "+026-03-01", "0000-01-01"] {
            assert!(text.parse::<Day>().is_err(), "{text}");
        }
    }
}
