//! Polynomial curves: threshold(L) = the sum over k of floor(c_k * L^k).

use crate::api::Coefficient;

/// c_0 to c_7.
pub(super) const MAX_COEFFICIENTS: usize = 8;

/// The default curve's coefficients in millionths: 25 L + 57.5 L^2.
pub(super) const DEFAULT_MILLIONTHS: [u128; 3] = [0, 25_000_000, 57_500_000];

const MILLION: u64 = 1_000_000;

/// A polynomial with decimal coefficients.
///
/// Exactness needs wide integers (c_k * L^k has no bound), lookups need speed. So up to `narrow_until`, far above any level
/// a player sees, thresholds are computed in 64 bits, and the same terms in 128 bits beyond.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Polynomial {
    /// c_k in millionths; zeros from `len` on.
    millionths: [u128; MAX_COEFFICIENTS],
    /// c_k as a whole number and millionths below one million.
    narrow: [(u64, u64); MAX_COEFFICIENTS],
    /// How many coefficients count: none above is other than zero.
    len: usize,
    /// The last level whose threshold 64 bits can compute.
    narrow_until: i32,
    /// c_k as the floating-point estimate takes them.
    estimate: [f64; MAX_COEFFICIENTS],
}

impl Polynomial {
    /// Takes at most eight coefficients.
    pub(super) fn new(coefficients: &[Coefficient]) -> Self {
        let mut millionths = [0; MAX_COEFFICIENTS];
        for (slot, coefficient) in millionths.iter_mut().zip(coefficients) {
            *slot = coefficient.millionths();
        }
        Self::from_millionths(millionths)
    }

    fn from_millionths(millionths: [u128; MAX_COEFFICIENTS]) -> Self {
        let million = u128::from(MILLION);
        let fits_narrow = millionths.iter().all(|c| c / million <= u64::MAX.into());
        let mut polynomial = Self {
            narrow: millionths.map(|c| ((c / million) as u64, (c % million) as u64)),
            len: millionths.iter().rposition(|&c| c != 0).map_or(0, |last| last + 1),
            narrow_until: 0,
            estimate: millionths.map(|c| c as f64 / 1e6),
            millionths,
        };
        if fits_narrow {
            polynomial.narrow_until = polynomial.last_narrow_level();
        }
        polynomial
    }

    /// The last level at which nothing in [`Polynomial::narrow_threshold`] leaves 64 bits, by bisection: terms only grow.
    fn last_narrow_level(&self) -> i32 {
        let (mut fits, mut too_high) = (0_i32, i32::MAX);
        while too_high - fits > 1 {
            let middle = fits + (too_high - fits) / 2;
            if self.checked_narrow(middle.unsigned_abs().into()).is_some() {
                fits = middle;
            } else {
                too_high = middle;
            }
        }
        fits
    }

    /// [`Polynomial::narrow_threshold`] with every operation checked.
    fn checked_narrow(&self, level: u64) -> Option<i64> {
        let (mut sum, mut power) = (0_u64, 1_u64);
        for (k, (whole, millionths)) in self.narrow.into_iter().take(self.len).enumerate() {
            if k > 0 {
                power = power.checked_mul(level)?;
            }
            let term = whole.checked_mul(power)?.checked_add(millionths.checked_mul(power)? / MILLION)?;
            sum = sum.checked_add(term)?;
        }
        i64::try_from(sum).ok()
    }

    /// threshold(L) for 2 <= L <= `narrow_until`. Wrapping says that no check is needed, not that anything wraps.
    #[inline]
    fn narrow_threshold(&self, level: u64) -> i64 {
        let (mut sum, mut power) = (0_u64, 1_u64);
        for (whole, millionths) in self.narrow.into_iter().take(self.len) {
            sum = sum.wrapping_add(whole.wrapping_mul(power));
            if millionths != 0 {
                sum = sum.wrapping_add(millionths.wrapping_mul(power) / MILLION);
            }
            power = power.wrapping_mul(level);
        }
        sum as i64
    }

    /// threshold(L) in 128 bits; `None` if it leaves i64.
    fn wide_threshold(&self, level: u128) -> Option<i64> {
        let mut sum = 0_u128;
        for (k, &coefficient) in (0_u32..).zip(self.millionths.iter().take(self.len)) {
            if coefficient == 0 {
                continue;
            }
            // A product that leaves 128 bits is more than 10^32 after the division: no i64 either.
            let term = coefficient.checked_mul(level.checked_pow(k)?)? / u128::from(MILLION);
            sum = sum.checked_add(term)?;
        }
        i64::try_from(sum).ok()
    }

    /// threshold(L) for L >= 1.
    #[inline]
    pub(super) fn threshold(&self, level: i32) -> Option<i64> {
        if level <= 1 {
            return Some(0);
        }
        if level <= self.narrow_until {
            return Some(self.narrow_threshold(level.unsigned_abs().into()));
        }
        self.wide_threshold(level.unsigned_abs().into())
    }

    /// The first level up to `max_level` whose threshold exists and is not above the one before.
    ///
    /// Once one term grows by 1 or more from a level to the next it does so for ever, its floor too, and no other term falls;
    /// so the search ends there. It is short for every polynomial: a linear term below 1 alone stalls within a million
    /// levels, and a higher term reaches a step of 1 within half a million.
    pub(super) fn first_not_increasing(&self, max_level: i32) -> Option<i32> {
        let mut before = 0;
        for level in 2..=max_level {
            let threshold = self.threshold(level)?;
            if threshold <= before {
                return Some(level);
            }
            if self.some_step_is_one(level.unsigned_abs().into()) {
                return None;
            }
            before = threshold;
        }
        None
    }

    /// Whether a term grows by 1 or more from this level to the next.
    fn some_step_is_one(&self, level: u128) -> bool {
        (0_u32..).zip(self.millionths.iter().take(self.len)).skip(1).any(|(k, &coefficient)| {
            let step = (level + 1).checked_pow(k).and_then(|next| Some(next - level.checked_pow(k)?));
            // What leaves 128 bits is more than a million millionths, unless it is multiplied by nothing.
            coefficient != 0
                && step.and_then(|step| step.checked_mul(coefficient)).is_none_or(|grown| grown >= MILLION.into())
        })
    }

    /// A level near the one with this total: where a search starts, never what it answers.
    #[inline]
    pub(super) fn estimate(&self, total_xp: i64) -> i32 {
        let [c0, c1, c2, ..] = self.estimate;
        let target = total_xp as f64 - c0;
        let level = if target <= 0.0 {
            1.0
        } else if self.len > 3 {
            self.newton(target)
        } else if c2 > 0.0 {
            ((c1 * c1 + 4.0 * c2 * target).sqrt() - c1) / (2.0 * c2)
        } else {
            target / c1
        };
        // A cast from f64 saturates, and makes 0 of what is not a number.
        level as i32
    }

    /// Newton's steps towards c_1 L + c_2 L^2 + ... = target. The polynomial is convex, so from above they close in steadily.
    fn newton(&self, target: f64) -> f64 {
        let degree = self.len - 1;
        // The leading term alone reaches the target no earlier than the whole.
        let mut level = (target / self.estimate[degree]).powf(1.0 / degree as f64);
        for _ in 0..8 {
            let (mut value, mut slope) = (0.0, 0.0);
            for (k, &c) in self.estimate.iter().enumerate().take(self.len).skip(1).rev() {
                value = (value + c) * level;
                slope = slope * level + c * k as f64;
            }
            let next = level - (value - target) / slope;
            if (level - next).abs() < 0.5 {
                return next;
            }
            level = next;
        }
        level
    }
}

impl Default for Polynomial {
    fn default() -> Self {
        let [c0, c1, c2] = DEFAULT_MILLIONTHS;
        Self::from_millionths([c0, c1, c2, 0, 0, 0, 0, 0])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn coefficients() -> impl Strategy<Value = [u128; MAX_COEFFICIENTS]> {
        let coefficient = prop_oneof![Just(0), 0..3_000_000_u128, 0..1_u128 << 64, any::<u128>()];
        proptest::array::uniform8(coefficient)
    }

    proptest! {
        #[test]
        fn both_widths_agree(millionths in coefficients(), level in 2..i32::MAX, near in -3..3_i32) {
            let polynomial = Polynomial::from_millionths(millionths);
            for level in [level, polynomial.narrow_until.saturating_add(near).max(2), 2, 3] {
                prop_assert_eq!(polynomial.threshold(level), polynomial.wide_threshold(level as u128));
            }
        }
    }

    #[test]
    fn a_search_starts_next_to_its_level() {
        let of = |coefficients: &[u128]| {
            let mut millionths = [0; MAX_COEFFICIENTS];
            millionths[..coefficients.len()].copy_from_slice(coefficients);
            Polynomial::from_millionths(millionths)
        };
        let curves = [
            Polynomial::default(),
            of(&[7_000_000, 3_500_000]),
            of(&[0, 9_000_000_000, 1_000_000]),
            of(&[5_000_000, 25_000_000, 0, 1_500_000]),
            of(&[0, 9_000_000, 2_000_000, 700_000, 20_000]),
        ];
        for (number, curve) in curves.iter().enumerate() {
            for level in (2..40).chain([99, 1000, 9_999, 40_000]) {
                let total = curve.threshold(level).unwrap();
                let estimate = curve.estimate(total);
                assert!((estimate - level).abs() <= 1, "curve {number}: {estimate} for {level}");
            }
            assert!(curve.estimate(0) <= 1 && curve.estimate(-5) <= 1);
        }
    }

    #[test]
    fn what_leaves_64_bits_is_no_level() {
        let mut millionths = [0; MAX_COEFFICIENTS];
        // Twice 2^64 and a little: what is left of it in 64 bits must not count.
        millionths[1] = (2 << 64) * 1_000_000 + 1_000_000;
        assert_eq!(Polynomial::from_millionths(millionths).threshold(2), None);
        // Far up the whole parts alone fit, and with what is behind the point they do not.
        (millionths[0], millionths[1]) = (20_000_000_000_000, 5_000_000_000_999_999);
        let curve = Polynomial::from_millionths(millionths);
        assert_eq!(curve.threshold(1_844_674_407), None);
        assert_eq!(curve.threshold(1_844_674_406), Some(9_223_372_031_864_672_561));
    }

    #[test]
    fn the_default_is_narrow_far_beyond_any_player() {
        assert!(Polynomial::default().narrow_until > 5_000_000);
    }
}
