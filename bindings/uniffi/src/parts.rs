//! The rules' parts, which work alone too: curve, requirement, modifier stack.

use levelkit::curve::CurveError;
use levelkit::modifier::{AwardContext, CompiledPassive, TitleBonus};
use levelkit::requirement::Outcome;
use levelkit::{AwardView, Explanation, LevelkitError, Metrics, Multiplier, PassiveType, Refusal, Source, Xp, ruleset};

use crate::Result;

/// A levelling curve, ready for lookups.
#[derive(Debug, uniffi::Object)]
pub struct Curve(levelkit::Curve);

#[uniffi::export]
impl Curve {
    /// Reads a curve as a ruleset writes one, in JSON.
    #[uniffi::constructor]
    pub fn from_json(text: String) -> Result<Self> {
        let spec = ruleset::parse_curve(&text)?;
        let curve = levelkit::Curve::new(&spec);
        curve.map(Self).map_err(|CurveError { path, message, .. }| LevelkitError::invalid(path, &message))
    }

    /// The highest level a player can have.
    pub fn max_level(&self) -> i32 {
        self.0.max_level()
    }

    /// The total from which a player has a level; none for a level that does not exist.
    pub fn threshold(&self, level: i32) -> Result<Option<Xp>> {
        Ok(self.0.threshold(level).map(Xp))
    }

    /// The level of a total.
    pub fn level(&self, total_xp: Xp) -> Result<i32> {
        Ok(self.0.level(total_xp.0))
    }

    /// The levels of many totals.
    pub fn levels(&self, totals: Vec<Xp>) -> Result<Vec<i32>> {
        Ok(totals.into_iter().map(|total| self.0.level(total.0)).collect())
    }
}

/// What must hold of a player's metrics.
#[derive(Debug, uniffi::Object)]
pub struct Requirement(levelkit::Requirement);

#[uniffi::export]
impl Requirement {
    /// Reads a requirement as a ruleset writes one, in JSON.
    #[uniffi::constructor]
    pub fn from_json(text: String) -> Result<Self> {
        Ok(Self(ruleset::parse_requirement(&text)?))
    }

    /// How far it is met by these metrics.
    pub fn evaluate(&self, metrics: Metrics) -> Result<Outcome> {
        Ok(self.0.evaluate(&metrics)?)
    }

    /// How far it is met by many metrics, such as those of many days.
    pub fn evaluate_all(&self, metrics: Vec<Metrics>) -> Result<Vec<Outcome>> {
        let outcomes: Result<Vec<Outcome>, Refusal> = metrics.iter().map(|metrics| self.0.evaluate(metrics)).collect();
        Ok(outcomes?)
    }

    /// Why it is met or not: the same tree with every value, target and distance.
    pub fn explain(&self, metrics: Metrics) -> Result<Explanation> {
        Ok(self.0.explain(&metrics)?)
    }
}

/// A season's or a dungeon's factor.
#[derive(Clone, Debug, PartialEq, uniffi::Record)]
pub struct NamedFactor {
    /// The season's or the dungeon's id.
    pub id: String,
    /// Its factor.
    pub multiplier: Multiplier,
}

/// A worn title's passive.
#[derive(Clone, Debug, PartialEq, uniffi::Record)]
pub struct WornTitle {
    /// The title's id.
    pub id: String,
    /// What kind of passive it has.
    pub passive_type: PassiveType,
    /// How much, as the ruleset writes it.
    pub passive_value: f64,
}

/// What the modifiers of an award depend on. By default nothing is special.
#[derive(Clone, Debug, PartialEq, uniffi::Record)]
pub struct AwardCircumstances {
    /// The player's current streak, in days.
    #[uniffi(default = 0)]
    pub current_streak: i32,
    /// Whether the award's local day is a Saturday or a Sunday.
    #[uniffi(default = false)]
    pub weekend: bool,
    /// The running season.
    #[uniffi(default = None)]
    pub season: Option<NamedFactor>,
    /// The title that the player wears.
    #[uniffi(default = None)]
    pub title: Option<WornTitle>,
    /// The dungeon that is cleared by this very award.
    #[uniffi(default = None)]
    pub dungeon: Option<NamedFactor>,
    /// Whether the debuff is active.
    #[uniffi(default = false)]
    pub debuffed: bool,
}

/// The modifiers of a ruleset, ready to be applied.
#[derive(Debug, uniffi::Object)]
pub struct ModifierStack(levelkit::ModifierStack);

#[uniffi::export]
impl ModifierStack {
    /// Reads the modifiers as a ruleset writes them, in JSON; `{}` are the defaults.
    #[uniffi::constructor(default(text = "{}"))]
    pub fn from_json(text: String) -> Result<Self> {
        Ok(Self(levelkit::ModifierStack::new(&ruleset::parse_modifiers(&text)?)))
    }

    /// Computes an award: its final XP, and every step that leads there.
    pub fn award(&self, base_xp: i32, source: Source, circumstances: AwardCircumstances) -> Result<AwardView> {
        let AwardCircumstances { current_streak, weekend, season, title, dungeon, debuffed } = &circumstances;
        let factor = |named: &'_ NamedFactor| named.multiplier;
        let title = title.as_ref().map(bonus).transpose()?;
        let context = AwardContext {
            current_streak: *current_streak,
            weekend: *weekend,
            season: season.as_ref().map(|season| (season.id.as_str(), factor(season))),
            title,
            dungeon: dungeon.as_ref().map(|dungeon| (dungeon.id.as_str(), factor(dungeon))),
            debuffed: *debuffed,
        };
        let award = self.0.apply(base_xp, source, &context)?;
        Ok(AwardView { base_xp: award.base_xp, final_xp: award.final_xp, steps: award.to_steps() })
    }
}

fn bonus(title: &WornTitle) -> Result<TitleBonus<'_>> {
    let passive = CompiledPassive::new(title.passive_type, title.passive_value);
    let passive = passive.map_err(|error| Refusal::OutOfRange {
        field: "passive_value".to_owned(),
        expected: error.expected.to_owned(),
    })?;
    Ok(TitleBonus { id: &title.id, passive })
}
