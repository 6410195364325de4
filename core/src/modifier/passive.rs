//! What a worn title does, computed exactly from the number an author wrote.

use crate::api::{Multiplier, PassiveType};

/// The largest flat bonus, 2^24: up to there a `real` column holds every whole number.
const FLAT_MAX: i32 = 16_777_216;

/// A passive with a value that its type does not allow; its code is OUT_OF_RANGE.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected}")]
pub struct PassiveError {
    /// What the value should have been, in words.
    pub expected: &'static str,
}

/// What a worn title does: `passive_type` and `passive_value`, checked and exact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CompiledPassive {
    /// XP added to every award before anything else, 0 to 16,777,216.
    Flat(i32),
    /// A factor on every award: 1 + N/100, rounded down to the millionth.
    Percent(Multiplier),
    /// Added to a stat while worn. Which one is the title's `condition_config.stat`.
    StatBonus(i32),
    /// Makes the debuff milder.
    DebuffReduction(DebuffReduction),
}

impl CompiledPassive {
    /// Computes a passive. The value means its shortest decimal form: 2.3 is 2.3, whatever the bits say.
    ///
    /// # Errors
    /// [`PassiveError`] if the value is not a number, or one that the type does not allow:
    /// * FLAT_XP_BONUS: whole, 0 to 16,777,216;
    /// * PERCENT_XP_BONUS: at least -100, and 1 + N/100 a multiplier that a `real` column gives back;
    /// * STAT_BONUS: whole;
    /// * DEBUFF_REDUCTION: above 0, up to 1 (a fraction) or up to 100 (a percentage).
    ///
    /// ```
    /// use levelkit::PassiveType;
    /// use levelkit::modifier::CompiledPassive;
    /// let five = CompiledPassive::new(PassiveType::PercentXpBonus, 5.0).unwrap();
    /// assert_eq!(five, CompiledPassive::Percent("1.05".parse().unwrap()));
    /// assert!(CompiledPassive::new(PassiveType::FlatXpBonus, 2.5).is_err());
    /// ```
    pub fn new(passive_type: PassiveType, value: f64) -> Result<Self, PassiveError> {
        let error = |expected| PassiveError { expected };
        match passive_type {
            PassiveType::FlatXpBonus => whole(value)
                .filter(|bonus| (0..=FLAT_MAX).contains(bonus))
                .map(Self::Flat)
                .ok_or(error("a whole number from 0 to 16777216")),
            PassiveType::PercentXpBonus => percent(value)
                .map(Self::Percent)
                .ok_or(error("a percentage of -100 or more that makes a legal multiplier")),
            PassiveType::StatBonus => whole(value).map(Self::StatBonus).ok_or(error("a whole number")),
            PassiveType::DebuffReduction => DebuffReduction::new(value)
                .map(Self::DebuffReduction)
                .ok_or(error("more than 0 and at most 1, or a percentage up to 100")),
        }
    }
}

/// How much milder a title makes the debuff: r, above 0 and at most 1, held exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DebuffReduction(Decimal);

impl DebuffReduction {
    fn new(value: f64) -> Option<Self> {
        if !(value > 0.0 && value <= 100.0) {
            return None;
        }
        let r = Decimal::new(value)?;
        Some(Self(if value > 1.0 { r.shifted(-2) } else { r }))
    }

    /// 1 - (1 - debuff) * (1 - r), exactly, rounded down to the millionth: 0.9 reduced by 0.5 is 0.95.
    ///
    /// That is debuff + (1 - debuff) * r, and debuff is whole in millionths: only the product needs rounding.
    ///
    /// ```
    /// use levelkit::modifier::CompiledPassive;
    /// use levelkit::{Multiplier, PassiveType};
    /// let passive = CompiledPassive::new(PassiveType::DebuffReduction, 50.0).unwrap();
    /// let CompiledPassive::DebuffReduction(half) = passive else { unreachable!() };
    /// assert_eq!(half.soften("0.9".parse().unwrap()).to_string(), "0.95");
    /// ```
    pub fn soften(self, debuff: Multiplier) -> Multiplier {
        let missing = Multiplier::ONE.millionths().saturating_sub(debuff.millionths()).max(0);
        // r is at most 1, so what is given back is at most what is missing.
        let given_back = self.0.floor_times(missing).unwrap_or(missing);
        Multiplier::from_millionths(debuff.millionths().saturating_add(given_back)).unwrap_or(debuff)
    }
}

/// The value, if it is a whole number that fits.
fn whole(value: f64) -> Option<i32> {
    let fits = value.fract() == 0.0 && value >= f64::from(i32::MIN) && value <= f64::from(i32::MAX);
    fits.then_some(value as i32)
}

/// 1 + N/100 in millionths, rounded down.
fn percent(value: f64) -> Option<Multiplier> {
    if value < -100.0 {
        return None;
    }
    let surplus = Decimal::new(value)?.floor_times(10_000)?;
    let millionths = Multiplier::ONE.millionths().checked_add(surplus)?;
    Multiplier::from_millionths(millionths).filter(|multiplier| multiplier.survives_real())
}

/// The number that a float's shortest decimal form is: digits * 10^exponent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Decimal {
    digits: i64,
    exponent: i32,
}

impl Decimal {
    /// `None` for what is not a number.
    fn new(value: f64) -> Option<Self> {
        if !value.is_finite() {
            return None;
        }
        // The shortest form has at most 17 digits, and as `1.25e-3` shows them all.
        let text = format!("{value:e}");
        let (mantissa, exponent) = text.split_once('e')?;
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let places = i32::try_from(fraction.len()).ok()?;
        Some(Self {
            digits: format!("{whole}{fraction}").parse().ok()?,
            exponent: exponent.parse::<i32>().ok()?.checked_sub(places)?,
        })
    }

    fn shifted(self, places: i32) -> Self {
        Self { exponent: self.exponent.saturating_add(places), ..self }
    }

    /// floor(self * factor), exactly; `None` if it leaves i64.
    fn floor_times(self, factor: i64) -> Option<i64> {
        let product = i128::from(self.digits) * i128::from(factor);
        let scale = 10_i128.checked_pow(self.exponent.unsigned_abs());
        let floor = match scale {
            _ if product == 0 => 0,
            Some(scale) if self.exponent >= 0 => product.checked_mul(scale)?,
            Some(scale) => product.div_euclid(scale),
            None if self.exponent >= 0 => return None,
            // Less than one unit away from 0.
            None => {
                if product < 0 {
                    -1
                } else {
                    0
                }
            }
        };
        i64::try_from(floor).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn passive(passive_type: PassiveType, value: f64) -> Option<CompiledPassive> {
        CompiledPassive::new(passive_type, value).ok()
    }

    #[test]
    fn percentages_are_exact_and_rounded_down() {
        let cases = [
            (5.0, Some(1_050_000)),
            (0.0, Some(1_000_000)),
            (-100.0, Some(0)),
            (-0.00001, Some(999_999)),
            (-1e-300, Some(999_999)),
            (1e-300, Some(1_000_000)),
            (0.00019, Some(1_000_001)),
            (2.3, Some(1_023_000)),
            (12.34567, Some(1_123_456)),
            (-12.34567, Some(876_543)),
            (99_900.0, Some(1_000_000_000)),
            (1500.0001, None), // 16.000001 does not survive a real column
            (-100.1, None),
            (1e300, None),
            (f64::NAN, None),
            (f64::INFINITY, None),
        ];
        for (value, millionths) in cases {
            let expected =
                millionths.map(|millionths| CompiledPassive::Percent(Multiplier::from_millionths(millionths).unwrap()));
            assert_eq!(passive(PassiveType::PercentXpBonus, value), expected, "{value}");
        }
    }

    #[test]
    fn whole_passives() {
        let cases = [
            (PassiveType::FlatXpBonus, 16_777_216.0, Some(CompiledPassive::Flat(16_777_216))),
            (PassiveType::FlatXpBonus, -0.0, Some(CompiledPassive::Flat(0))),
            (PassiveType::FlatXpBonus, 16_777_217.0, None),
            (PassiveType::FlatXpBonus, -1.0, None),
            (PassiveType::FlatXpBonus, 0.5, None),
            (PassiveType::FlatXpBonus, f64::NAN, None),
            (PassiveType::StatBonus, -3.0, Some(CompiledPassive::StatBonus(-3))),
            (PassiveType::StatBonus, 3e9, None),
            (PassiveType::StatBonus, f64::NEG_INFINITY, None),
        ];
        for (passive_type, value, expected) in cases {
            assert_eq!(passive(passive_type, value), expected, "{passive_type} {value}");
        }
    }

    #[test]
    fn reductions_are_exact_and_rounded_down() {
        let cases = [
            (0.5, "0.9", Some("0.95")),
            (50.0, "0.9", Some("0.95")),
            (1.0, "0.9", Some("1")),
            (100.0, "0", Some("1")),
            (1.5, "0", Some("0.015")),
            (0.333_333_333_3, "0.9", Some("0.933333")),
            (33.333_333_33, "0", Some("0.333333")),
            (0.999_999_9, "0", Some("0.999999")),
            (0.1, "0.7", Some("0.73")),
            (5e-324, "0.9", Some("0.9")),
            (0.5, "1", Some("1")),
            (0.0, "0.9", None),
            (-0.5, "0.9", None),
            (100.1, "0.9", None),
            (f64::NAN, "0.9", None),
        ];
        for (value, debuff, expected) in cases {
            let softened = passive(PassiveType::DebuffReduction, value).map(|passive| match passive {
                CompiledPassive::DebuffReduction(r) => r.soften(debuff.parse().unwrap()).to_string(),
                other => panic!("{other:?}"),
            });
            assert_eq!(softened.as_deref(), expected, "{value} on {debuff}");
        }
    }

    proptest! {
        #[test]
        fn nothing_panics(value: f64, bits: u64, debuff in 0..=1_000_000_i64) {
            for value in [value, f64::from_bits(bits), value.fract().abs(), value.fract().abs() * 100.0] {
                for &passive_type in PassiveType::ALL {
                    let Some(CompiledPassive::DebuffReduction(r)) = passive(passive_type, value) else { continue };
                    let softened = r.soften(Multiplier::from_millionths(debuff).unwrap()).millionths();
                    prop_assert!((debuff..=1_000_000).contains(&softened));
                }
            }
        }
    }
}
