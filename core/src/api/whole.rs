//! Integers in JSON: a number, or its decimal string. Both are read, whatever the size (the rules, section 1).

use std::fmt;
use std::marker::PhantomData;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// The largest integer that every JSON reader keeps exactly, 2^53-1.
pub(crate) const SAFE_INTEGER: i64 = (1 << 53) - 1;

/// Reads an integer in either form. A language's own objects have integers of their own, and those only.
pub(crate) fn deserialize<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + TryFrom<i128>,
{
    match deserializer.is_human_readable() {
        true => deserializer.deserialize_any(Either(PhantomData)),
        false => T::deserialize(deserializer),
    }
}

/// The same for one that may be absent or null.
pub(crate) fn optional<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + TryFrom<i128>,
{
    Ok(Option::<Read<T>>::deserialize(deserializer)?.map(|read| read.0))
}

/// Writes an integer of 64 bits: beyond ±(2^53-1) as its decimal string.
pub(crate) fn serialize<S, T>(number: &T, serializer: S) -> Result<S::Ok, S::Error>
where
    S: Serializer,
    T: Copy + Serialize + fmt::Display + Into<i128>,
{
    let fits = (*number).into().unsigned_abs() <= u128::from(SAFE_INTEGER.unsigned_abs());
    match serializer.is_human_readable() && !fits {
        true => serializer.collect_str(number),
        false => number.serialize(serializer),
    }
}

/// An integer that was read in either form.
pub(crate) struct Read<T>(pub(crate) T);

impl<'de, T: Deserialize<'de> + TryFrom<i128>> Deserialize<'de> for Read<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserialize(deserializer).map(Self)
    }
}

/// Reads a number or a string of digits.
pub(crate) struct Either<T>(pub(crate) PhantomData<T>);

impl<T: TryFrom<i128>> de::Visitor<'_> for Either<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a {}-bit integer or its decimal string", 8 * size_of::<T>())
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<T, E> {
        T::try_from(i128::from(number)).map_err(|_| E::invalid_value(de::Unexpected::Signed(number), &self))
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<T, E> {
        T::try_from(i128::from(number)).map_err(|_| E::invalid_value(de::Unexpected::Unsigned(number), &self))
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<T, E> {
        // JavaScript has one number type, so 72 may arrive as a float.
        let whole = number.fract() == 0.0 && number.abs() <= SAFE_INTEGER as f64;
        let read = whole.then(|| T::try_from(number as i128).ok()).flatten();
        read.ok_or_else(|| E::invalid_value(de::Unexpected::Float(number), &self))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        let digits = text.strip_prefix('-').unwrap_or(text);
        let formed = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        let read = formed.then(|| T::try_from(text.parse::<i128>().ok()?).ok()).flatten();
        read.ok_or_else(|| E::invalid_value(de::Unexpected::Str(text), &self))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Row {
        #[serde(deserialize_with = "deserialize")]
        small: i32,
        #[serde(with = "super")]
        large: u64,
        #[serde(default, deserialize_with = "optional")]
        maybe: Option<i32>,
    }

    #[test]
    fn both_forms_are_read_and_large_ones_are_written_as_strings() {
        let row = Row { small: -7, large: u64::MAX, maybe: Some(0) };
        assert_eq!(
            serde_json::to_value(&row).unwrap(),
            json!({"small": -7, "large": u64::MAX.to_string(), "maybe": 0})
        );
        let forms = [
            json!({"small": "-7", "large": u64::MAX.to_string(), "maybe": "0"}),
            json!({"small": -7.0, "large": u64::MAX, "maybe": "-0"}),
        ];
        for form in forms {
            assert_eq!(serde_json::from_value::<Row>(form).unwrap(), row);
        }
        for none in [json!({"small": 1, "large": "2"}), json!({"small": "01", "large": 2, "maybe": null})] {
            assert_eq!(serde_json::from_value::<Row>(none).unwrap(), Row { small: 1, large: 2, maybe: None });
        }
    }

    #[test]
    fn what_is_no_integer_of_its_width_is_refused() {
        let none = [
            json!("1.5"),
            json!(1.5),
            json!("2147483648"),
            json!(-2_147_483_649_i64),
            json!("+1"),
            json!(""),
            json!("-"),
            json!(true),
            json!(null),
        ];
        for none in none {
            assert!(serde_json::from_value::<Read<i32>>(none.clone()).is_err(), "{none}");
        }
    }
}
