//! The smallest parts: texts, ids, labels, numbers, multipliers, instants.

use std::ops::RangeInclusive;

use super::{Checker, Code, Target, Value};
use crate::api::{
    BossDifficulty, Coefficient, CountedEvent, DungeonDifficulty, Instant, Logic, MetricKind, ModifierType, Multiplier,
    NarrativeCategory, Operator, PassiveType, QuestCategory, QuestType, SourcePolicy, Stacking, Stat, StreakKind,
    TitleRarity,
};
use crate::ruleset::decimal::{Whole, whole, whole_string};
use crate::ruleset::reader::{Kind, quoted};

pub(super) fn text(checker: &mut Checker, value: Value<'_>) -> Option<String> {
    let Kind::String(text) = &value.node.kind else {
        return checker.wrong_type(value, "a string");
    };
    if text.contains('\0') {
        return checker.refuse(
            value,
            Code::InvalidText,
            "expected a text without U+0000, which no store can hold".into(),
        );
    }
    Some(text.clone().into_owned())
}

pub(super) fn boolean(checker: &mut Checker, value: Value<'_>) -> Option<bool> {
    match value.node.kind {
        Kind::Bool(yes) => Some(yes),
        _ => checker.wrong_type(value, "true or false"),
    }
}

/// An id of the author's: well formed, and unlike all others of its table.
pub(super) fn id(table: &'static str) -> impl Fn(&mut Checker, Value<'_>) -> Option<String> {
    move |checker, value| {
        let id = text(checker, value)?;
        let formed = id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-');
        if !formed || !(1..=64).contains(&id.len()) {
            let message = format!("{} is not an id; expected 1 to 64 of A-Z, a-z, 0-9, _ and -", quoted(&id));
            return checker.refuse(value, Code::OutOfRange, message);
        }
        checker.unique(value, table, &id)?;
        Some(id)
    }
}

/// A text unlike all others of its column.
pub(super) fn unique_text(column: &'static str) -> impl Fn(&mut Checker, Value<'_>) -> Option<String> {
    move |checker, value| {
        let text = text(checker, value)?;
        checker.unique(value, column, &text)?;
        Some(text)
    }
}

pub(super) fn reference(target: Target) -> impl Fn(&mut Checker, Value<'_>) -> Option<String> {
    move |checker, value| {
        let id = text(checker, value)?;
        checker.reference(value, target, &id)?;
        Some(id)
    }
}

/// One of a closed set of words.
pub(super) fn one_of<T>(
    checker: &mut Checker,
    value: Value<'_>,
    noun: &str,
    words: &[&str],
    find: impl FnOnce(&str) -> Option<T>,
) -> Option<T> {
    let word = text(checker, value)?;
    match find(&word) {
        Some(found) => Some(found),
        None => {
            let message = format!("unknown {noun} {}; expected one of {}", quoted(&word), words.join(", "));
            checker.refuse(value, Code::UnknownValue, message)
        }
    }
}

/// The closed sets that a document's fields hold.
pub(super) trait Label: Copy + 'static {
    /// What an error calls such a word.
    const NOUN: &'static str;
    fn all() -> &'static [Self];
    fn word(self) -> &'static str;
    fn find(word: &str) -> Option<Self>;
}

macro_rules! labels {
    ($($name:ident = $noun:literal),+ $(,)?) => {$(
        impl Label for $name {
            const NOUN: &'static str = $noun;
            fn all() -> &'static [Self] { Self::ALL }
            fn word(self) -> &'static str { self.as_str() }
            fn find(word: &str) -> Option<Self> { Self::from_label(word) }
        }
    )+};
}

labels! {
    BossDifficulty = "difficulty",
    CountedEvent = "event",
    DungeonDifficulty = "difficulty",
    Logic = "logic",
    MetricKind = "kind",
    ModifierType = "modifier type",
    NarrativeCategory = "category",
    Operator = "operator",
    PassiveType = "passive type",
    QuestCategory = "category",
    QuestType = "quest type",
    SourcePolicy = "policy",
    Stacking = "stacking",
    Stat = "stat",
    StreakKind = "streak",
    TitleRarity = "rarity",
}

pub(super) fn label<L: Label>(checker: &mut Checker, value: Value<'_>) -> Option<L> {
    let words: Vec<_> = L::all().iter().map(|label| label.word()).collect();
    one_of(checker, value, L::NOUN, &words, L::find)
}

/// A whole number: a number without a fraction, or its decimal string.
pub(super) fn integer(range: RangeInclusive<i64>) -> impl Fn(&mut Checker, Value<'_>) -> Option<i64> {
    move |checker, value| {
        let number = match &value.node.kind {
            Kind::Number(text) => whole(text),
            Kind::String(text) => whole_string(text),
            _ => return checker.wrong_type(value, "an integer"),
        };
        match number {
            Whole::Fits(number) if range.contains(&number) => Some(number),
            Whole::Fits(_) | Whole::TooLarge => {
                let message = format!("{} is out of range; expected {}", shown(value), bounds(&range));
                checker.refuse(value, Code::OutOfRange, message)
            }
            Whole::Not => {
                let message = format!("expected an integer or its decimal string, found {}", shown(value));
                checker.refuse(value, Code::WrongType, message)
            }
        }
    }
}

/// The value as it stands in the text, where that is short.
pub(super) fn shown(value: Value<'_>) -> String {
    match &value.node.kind {
        Kind::Number(text) if text.len() <= 40 => text.clone().into_owned(),
        Kind::String(text) => quoted(text),
        _ => value.node.describe().to_owned(),
    }
}

fn bounds(range: &RangeInclusive<i64>) -> String {
    match (*range.start(), *range.end()) {
        (low, i64::MAX) => format!("an integer of at least {low}"),
        (low, high) => format!("an integer from {low} to {high}"),
    }
}

/// A whole number of a 32-bit column.
pub(super) fn int32(range: RangeInclusive<i32>) -> impl Fn(&mut Checker, Value<'_>) -> Option<i32> {
    let wide = i64::from(*range.start())..=i64::from(*range.end());
    move |checker, value| i32::try_from(integer(wide.clone())(checker, value)?).ok()
}

/// A 32-bit whole number of at least `low`.
pub(super) fn at_least(low: i32) -> impl Fn(&mut Checker, Value<'_>) -> Option<i32> {
    int32(low..=i32::MAX)
}

/// A finite number.
pub(super) fn number(checker: &mut Checker, value: Value<'_>) -> Option<f64> {
    let Kind::Number(text) = &value.node.kind else {
        return checker.wrong_type(value, "a number");
    };
    match text.parse::<f64>() {
        // Adding 0 turns -0 into 0, which has one canonical form.
        Ok(number) if number.is_finite() => Some(number + 0.0),
        _ => checker.refuse(
            value,
            Code::OutOfRange,
            format!("{} is out of range; expected a 64-bit float", shown(value)),
        ),
    }
}

/// An exact decimal factor that a `real` column can hold.
pub(super) fn multiplier(checker: &mut Checker, value: Value<'_>) -> Option<Multiplier> {
    let factor: Option<Multiplier> = decimal(value).and_then(|text| text.parse().ok());
    match factor {
        Some(factor) if factor.survives_real() => Some(factor),
        Some(factor) => {
            let nearest = factor.to_real();
            let message =
                format!("a 32-bit float would make {factor} into {nearest}; expected a factor that survives it");
            checker.refuse(value, Code::InvalidMultiplier, message)
        }
        None => not_decimal(checker, value),
    }
}

/// An exact decimal of a curve.
pub(super) fn coefficient(checker: &mut Checker, value: Value<'_>) -> Option<Coefficient> {
    match decimal(value).and_then(|text| text.parse().ok()) {
        Some(coefficient) => Some(coefficient),
        None => not_decimal(checker, value),
    }
}

/// A decimal's text: as written in a string, the shortest form of a number.
fn decimal(value: Value<'_>) -> Option<String> {
    match &value.node.kind {
        Kind::String(text) => Some(text.clone().into_owned()),
        // Adding 0 turns -0 into 0.
        Kind::Number(text) => text.parse::<f64>().ok().map(|number| (number + 0.0).to_string()),
        _ => None,
    }
}

fn not_decimal<T>(checker: &mut Checker, value: Value<'_>) -> Option<T> {
    let expected = "a number, or a string of digits with an optional point and one to six digits, like \"1.15\"";
    checker.refuse(value, Code::InvalidMultiplier, format!("expected {expected}; found {}", shown(value)))
}

pub(super) fn instant(checker: &mut Checker, value: Value<'_>) -> Option<Instant> {
    let text = match &value.node.kind {
        #[cfg(feature = "toml")]
        Kind::Datetime(text) => text.clone().into_owned(),
        _ => text(checker, value)?,
    };
    match text.parse() {
        Ok(instant) => Some(instant),
        Err(error) => {
            checker.refuse(value, Code::WrongType, format!("expected {}; found {}", error.expected, quoted(&text)))
        }
    }
}
