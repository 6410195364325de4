//! The modifier stack: what turns base XP into final XP (the rules, section 4).
//!
//! Steps of an award, in this order: the active title's flat bonus; the bonuses (factors above 1); the penalties (factors
//! below 1), the debuff last. A factor of exactly 1 makes no step. Each step is `floor(xp * millionths / 1,000,000)` in
//! integers, so 100 XP times 1.15 is 115 (floating point says 114). Sources that are GRANTED, and negative amounts, take
//! no steps.
//!
//! ```
//! use levelkit::Source;
//! use levelkit::modifier::{AwardContext, ModifierStack};
//! let stack = ModifierStack::default();
//! let context = AwardContext { current_streak: 14, weekend: true, ..AwardContext::default() };
//! let award = stack.apply(100, Source::QuestCompletion, &context).unwrap();
//! assert_eq!(award.final_xp, 126); // 100 * 1.15 = 115, 115 * 1.1 = 126.5
//! assert_eq!(award.steps()[0].reason.to_string(), "streak 14 days");
//! ```

mod award;
mod passive;

pub use award::{Award, AwardContext, AwardStep, Reason, TitleBonus};
pub use passive::{CompiledPassive, DebuffReduction, PassiveError};

use crate::api::{ModifierType, Multiplier, Refusal, Source, SourcePolicy, Stacking};
use crate::ruleset::defaults::{MODIFIER_ORDER, source_policy};
use crate::ruleset::document::{Modifiers, StreakTier};

/// The modifiers of a ruleset, ready to be applied. Applying them does not allocate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModifierStack {
    /// By rising days.
    streak_tiers: Box<[StreakTier]>,
    weekend: Multiplier,
    debuff: Multiplier,
    stacking: Stacking,
    cap: Option<Multiplier>,
    /// Whether awards of a source take steps, by the source's place in [`Source::ALL`].
    earned: [bool; Source::ALL.len()],
    bonus_order: [ModifierType; 5],
    penalty_order: [ModifierType; 5],
}

impl ModifierStack {
    /// Takes the settings of a checked ruleset.
    ///
    /// Whatever is missing or makes no sense in them (a reader refuses it) counts as the default: a source that is not
    /// listed has its usual policy, a type that is not ordered comes last.
    pub fn new(modifiers: &Modifiers) -> Self {
        let mut streak_tiers = modifiers.streak_tiers.clone();
        streak_tiers.sort_by_key(|tier| tier.days);
        let mut earned = [false; Source::ALL.len()];
        for (earned, source) in earned.iter_mut().zip(Source::ALL) {
            let policy = modifiers.sources.get(source).copied().unwrap_or(source_policy(*source));
            *earned = policy == SourcePolicy::Earned;
        }
        Self {
            streak_tiers: streak_tiers.into_boxed_slice(),
            weekend: modifiers.weekend_multiplier,
            debuff: modifiers.debuff_multiplier,
            stacking: modifiers.stacking,
            cap: modifiers.max_multiplier,
            earned,
            bonus_order: complete_order(&modifiers.bonus_order),
            penalty_order: complete_order(&modifiers.penalty_order),
        }
    }

    /// Computes an award: its final XP, and every step that led there.
    ///
    /// `context.dungeon` is for the clear of that dungeon; give `None` with any other award.
    ///
    /// # Errors
    /// [`Refusal::XpOverflow`] if a step leaves `i32`, even one that a later penalty or the cap would bring back;
    /// [`Refusal::InvalidMultiplier`] for a factor in the context that no ruleset could hold.
    pub fn apply<'a>(&self, base_xp: i32, source: Source, context: &AwardContext<'a>) -> Result<Award<'a>, Refusal> {
        context.check()?;
        self.apply_checked(base_xp, source, context)
    }

    /// The same in a context of a checked ruleset's own factors.
    #[inline]
    pub(crate) fn apply_checked<'a>(
        &self,
        base_xp: i32,
        source: Source,
        context: &AwardContext<'a>,
    ) -> Result<Award<'a>, Refusal> {
        let mut award = Award::new(base_xp);
        award.final_xp = self.walk(base_xp, source, context, |step| award.push(step))?;
        Ok(award)
    }

    /// The final XP alone, for callers that keep no record of the steps. It equals that of [`ModifierStack::apply`].
    ///
    /// # Errors
    /// Those of [`ModifierStack::apply`].
    pub fn final_xp(&self, base_xp: i32, source: Source, context: &AwardContext<'_>) -> Result<i32, Refusal> {
        context.check()?;
        self.walk(base_xp, source, context, |_| {})
    }

    /// Walks the steps in order, hands each to `record`, and gives the final XP.
    #[inline]
    fn walk<'a>(
        &self,
        base_xp: i32,
        source: Source,
        context: &AwardContext<'a>,
        record: impl FnMut(AwardStep<'a>),
    ) -> Result<i32, Refusal> {
        // Amounts are not negative from here on: only a negative one is not.
        let Ok(base) = u32::try_from(base_xp) else { return Ok(base_xp) };
        if !self.earned[source as usize] {
            return Ok(base_xp);
        }
        let mut walk = Walk { xp: base_xp, record };
        walk.flat(context)?;
        match self.stacking {
            Stacking::Sequential => {
                self.factors(&self.bonus_order, context, is_bonus).try_for_each(|factor| walk.multiply(factor))?;
            }
            Stacking::Additive => walk.add_up(self.factors(&self.bonus_order, context, is_bonus))?,
            Stacking::Highest => {
                let highest = self.factors(&self.bonus_order, context, is_bonus).reduce(first_highest);
                highest.into_iter().try_for_each(|factor| walk.multiply(factor))?;
            }
        }
        self.factors(&self.penalty_order, context, is_penalty).try_for_each(|factor| walk.multiply(factor))?;
        self.debuff(context).into_iter().try_for_each(|factor| walk.multiply(factor))?;
        Ok(self.capped(base, walk.xp))
    }

    /// The factors that apply, in an order, of those on one side of 1.
    #[inline]
    fn factors<'a>(
        &self,
        order: &[ModifierType; 5],
        context: &AwardContext<'a>,
        side: fn(Multiplier) -> bool,
    ) -> impl Iterator<Item = Factor<'a>> {
        order
            .iter()
            .filter_map(|&modifier| {
                let (multiplier, reason) = self.factor(modifier, context)?;
                Some(Factor { modifier, multiplier, reason })
            })
            .filter(move |factor| side(factor.multiplier))
    }

    /// The factor of one type in a context, whatever its size.
    #[inline]
    fn factor<'a>(&self, modifier: ModifierType, context: &AwardContext<'a>) -> Option<(Multiplier, Reason<'a>)> {
        match modifier {
            ModifierType::StreakBonus => {
                let tier = self.streak_tiers.iter().rev().find(|tier| tier.days <= context.current_streak)?;
                Some((tier.multiplier, Reason::StreakDays(tier.days)))
            }
            ModifierType::WeekendBonus => context.weekend.then_some((self.weekend, Reason::Weekend)),
            ModifierType::SeasonMultiplier => {
                context.season.map(|(season, multiplier)| (multiplier, Reason::Season(season)))
            }
            ModifierType::TitlePassive => match context.title?.passive {
                CompiledPassive::Percent(multiplier) => Some((multiplier, Reason::Title(context.title?.id))),
                _ => None,
            },
            ModifierType::DungeonMultiplier => {
                let (dungeon, multiplier) = context.dungeon.filter(|_| !context.debuffed)?;
                Some((multiplier, Reason::Dungeon(dungeon)))
            }
            // Never in an order: it is always last.
            ModifierType::DebuffPenalty => None,
        }
    }

    /// The debuff's factor while it is active, made milder by a title.
    fn debuff<'a>(&self, context: &AwardContext<'a>) -> Option<Factor<'a>> {
        if !context.debuffed {
            return None;
        }
        let multiplier = match context.title.map(|title| title.passive) {
            Some(CompiledPassive::DebuffReduction(reduction)) => reduction.soften(self.debuff),
            _ => self.debuff,
        };
        is_penalty(multiplier).then_some(Factor {
            modifier: ModifierType::DebuffPenalty,
            multiplier,
            reason: Reason::Debuff,
        })
    }

    /// `xp`, or floor(base * cap) if that is less. The cap makes no step.
    fn capped(&self, base: u32, xp: i32) -> i32 {
        let most = self.cap.and_then(|cap| scale(base, cap.millionths().unsigned_abs()));
        // A cap whose product leaves i32 is above every amount.
        most.map_or(xp, |most| xp.min(most))
    }
}

impl Default for ModifierStack {
    /// The stack of a ruleset without a `modifiers` section: streak tiers from 7 days (1.1), 14 (1.15) and 30 (1.25), 1.1
    /// at the weekend, 0.9 under the debuff, SEQUENTIAL, no cap.
    fn default() -> Self {
        Self::new(&Modifiers::default())
    }
}

/// One factor that applies to an award.
#[derive(Clone, Copy)]
struct Factor<'a> {
    modifier: ModifierType,
    multiplier: Multiplier,
    reason: Reason<'a>,
}

/// An award on its way through the steps; `xp` is never negative.
struct Walk<R> {
    xp: i32,
    record: R,
}

impl<'a, R: FnMut(AwardStep<'a>)> Walk<R> {
    /// The title's flat bonus. None of it makes no step.
    fn flat(&mut self, context: &AwardContext<'a>) -> Result<(), Refusal> {
        let Some(TitleBonus { id, passive: CompiledPassive::Flat(bonus) }) = context.title else { return Ok(()) };
        if bonus == 0 {
            return Ok(());
        }
        let factor =
            Factor { modifier: ModifierType::TitlePassive, multiplier: Multiplier::ONE, reason: Reason::Title(id) };
        self.step(factor, self.xp.checked_add(bonus))
    }

    /// One factor on what came before.
    #[inline]
    fn multiply(&mut self, factor: Factor<'a>) -> Result<(), Refusal> {
        self.step(factor, scale(self.xp.unsigned_abs(), factor.multiplier.millionths().unsigned_abs()))
    }

    /// Bonuses whose surpluses add up, all on the XP there is now.
    fn add_up(&mut self, bonuses: impl Iterator<Item = Factor<'a>>) -> Result<(), Refusal> {
        let start = self.xp.unsigned_abs();
        let mut sum = MILLION;
        for factor in bonuses {
            // A sum that saturates is far beyond i32 for every amount but 0, which it leaves at 0.
            sum = sum.saturating_add(factor.multiplier.millionths().unsigned_abs() - MILLION);
            self.step(factor, scale(start, sum))?;
        }
        Ok(())
    }

    #[inline]
    fn step(&mut self, factor: Factor<'a>, xp_after: Option<i32>) -> Result<(), Refusal> {
        let xp_after = xp_after.ok_or_else(overflow)?;
        let Factor { modifier, multiplier, reason } = factor;
        (self.record)(AwardStep { modifier, multiplier, reason, xp_before: self.xp, xp_after });
        self.xp = xp_after;
        Ok(())
    }
}

const MILLION: u64 = 1_000_000;

/// floor(xp * millionths / 1,000,000); `None` if it leaves i32. A product that leaves u64 is far beyond that.
#[inline]
fn scale(xp: u32, millionths: u64) -> Option<i32> {
    i32::try_from(u64::from(xp).checked_mul(millionths)? / MILLION).ok()
}

#[cold]
fn overflow() -> Refusal {
    Refusal::overflow("the award's XP")
}

fn is_bonus(multiplier: Multiplier) -> bool {
    multiplier > Multiplier::ONE
}

fn is_penalty(multiplier: Multiplier) -> bool {
    multiplier < Multiplier::ONE
}

/// The larger factor, on a tie the one that comes first.
fn first_highest<'a>(first: Factor<'a>, second: Factor<'a>) -> Factor<'a> {
    if second.multiplier > first.multiplier { second } else { first }
}

/// Each of the five types once: as ordered, then those that were left out.
fn complete_order(order: &[ModifierType]) -> [ModifierType; 5] {
    let place = |modifier: &ModifierType| order.iter().position(|ordered| ordered == modifier).unwrap_or(usize::MAX);
    let mut complete = MODIFIER_ORDER;
    complete.sort_by_key(place);
    complete
}

#[cfg(test)]
mod tests;
