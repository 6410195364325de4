//! What an award depends on, and what it comes to.

use std::fmt;

use super::CompiledPassive;
use crate::api::{ModifierType, Multiplier, Refusal, Step};

/// Every type of modifier makes at most one step: a title's passive is either flat or a factor.
const CAPACITY: usize = ModifierType::ALL.len();

/// What the modifiers of an award depend on. The default is a player with nothing special about them.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct AwardContext<'a> {
    /// The player's current streak, in days.
    pub current_streak: i32,
    /// Whether the award's local day is a Saturday or a Sunday.
    pub weekend: bool,
    /// The ACTIVE season's id and `xp_multiplier`.
    pub season: Option<(&'a str, Multiplier)>,
    /// The title that the player wears, if it does something.
    pub title: Option<TitleBonus<'a>>,
    /// The id and `xp_multiplier` of the dungeon that is cleared by this very award. Dropped while `debuffed`.
    pub dungeon: Option<(&'a str, Multiplier)>,
    /// Whether the debuff is active.
    pub debuffed: bool,
}

impl AwardContext<'_> {
    /// Whether a `real` column holds the factors, as it holds those of every season and dungeon.
    pub(super) fn check(&self) -> Result<(), Refusal> {
        let factors = [("season", self.season), ("dungeon", self.dungeon)];
        let lost = factors.into_iter().find_map(|(field, factor)| {
            let (_, multiplier) = factor.filter(|(_, multiplier)| !multiplier.survives_real())?;
            Some(Refusal::InvalidMultiplier { field: field.to_owned(), multiplier })
        });
        lost.map_or(Ok(()), Err)
    }
}

/// The title that a player wears.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TitleBonus<'a> {
    /// The title's id.
    pub id: &'a str,
    /// What it does.
    pub passive: CompiledPassive,
}

/// A computed award.
#[derive(Clone, Copy)]
pub struct Award<'a> {
    /// XP before modifiers, as asked.
    pub base_xp: i32,
    /// XP after all steps and the cap; not negative unless `base_xp` is.
    pub final_xp: i32,
    len: usize,
    steps: [AwardStep<'a>; CAPACITY],
}

impl<'a> Award<'a> {
    pub(super) fn new(base_xp: i32) -> Self {
        Self { base_xp, final_xp: base_xp, len: 0, steps: [AwardStep::NONE; CAPACITY] }
    }

    #[inline]
    pub(super) fn push(&mut self, step: AwardStep<'a>) {
        debug_assert!(self.len < CAPACITY, "a type of modifier made two steps");
        if let Some(slot) = self.steps.get_mut(self.len) {
            *slot = step;
            self.len += 1;
        }
    }

    /// The steps in order; a step's place is its `order`.
    pub fn steps(&self) -> &[AwardStep<'a>] {
        self.steps.get(..self.len).unwrap_or_default()
    }

    /// The steps as events show them, numbered and with their reasons as text.
    pub fn to_steps(&self) -> Vec<Step> {
        let numbered = (0..).zip(self.steps());
        let shown = numbered.map(|(order, step)| Step {
            order,
            modifier: step.modifier,
            multiplier: step.multiplier,
            reason: step.reason.to_string(),
            xp_before: step.xp_before,
            xp_after: step.xp_after,
        });
        shown.collect()
    }
}

impl PartialEq for Award<'_> {
    fn eq(&self, other: &Self) -> bool {
        (self.base_xp, self.final_xp, self.steps()) == (other.base_xp, other.final_xp, other.steps())
    }
}

impl fmt::Debug for Award<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Award")
            .field("base_xp", &self.base_xp)
            .field("final_xp", &self.final_xp)
            .field("steps", &self.steps())
            .finish()
    }
}

/// One step of an award.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AwardStep<'a> {
    /// What kind of modifier it is.
    pub modifier: ModifierType,
    /// The exact factor; 1 for a flat bonus.
    pub multiplier: Multiplier,
    /// Why it applied.
    pub reason: Reason<'a>,
    /// The award's XP before this step.
    pub xp_before: i32,
    /// The award's XP after this step.
    pub xp_after: i32,
}

impl AwardStep<'_> {
    /// Fills the places that no step has taken; never seen.
    const NONE: Self = Self {
        modifier: ModifierType::DebuffPenalty,
        multiplier: Multiplier::ONE,
        reason: Reason::Debuff,
        xp_before: 0,
        xp_after: 0,
    };
}

/// Why a modifier applied. The texts are fixed, since they are hashed into the ledger (the rules, section 11); what people
/// read is the ruleset's narrative.
///
/// ```
/// use levelkit::modifier::Reason;
/// assert_eq!(Reason::StreakDays(14).to_string(), "streak 14 days");
/// assert_eq!(Reason::Title("iron-will").to_string(), "title iron-will");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reason<'a> {
    /// `streak 14 days`: the tier's days, not the player's.
    StreakDays(i32),
    /// `weekend`
    Weekend,
    /// `season <id>`
    Season(&'a str),
    /// `title <id>`
    Title(&'a str),
    /// `dungeon <id>`
    Dungeon(&'a str),
    /// `debuff`
    Debuff,
}

impl fmt::Display for Reason<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::StreakDays(days) => write!(f, "streak {days} days"),
            Self::Weekend => f.write_str("weekend"),
            Self::Season(id) => write!(f, "season {id}"),
            Self::Title(id) => write!(f, "title {id}"),
            Self::Dungeon(id) => write!(f, "dungeon {id}"),
            Self::Debuff => f.write_str("debuff"),
        }
    }
}
