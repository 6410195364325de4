//! The tunables of a ruleset that states none (the rules, sections 4, 5 and 13). They are defaults, never constants in code.

use std::collections::BTreeMap;

use super::document::{DayRule, DebuffRule, Document, FORMAT, Modifiers, StreakRule, StreakTier};
use crate::api::{ModifierType, Multiplier, Source, SourcePolicy, Stacking, TitleRarity};
use crate::curve::CurveSpec;

/// A multiplier of so many hundredths.
fn hundredths(hundredths: i64) -> Multiplier {
    Multiplier::from_millionths(hundredths * 10_000).unwrap_or(Multiplier::ONE)
}

/// The columns' own defaults, and those of the extra keys.
pub(super) fn stat_gain() -> i32 {
    1
}

pub(super) fn rarity() -> TitleRarity {
    TitleRarity::Common
}

pub(super) fn can_regress() -> bool {
    true
}

pub(super) fn required_level() -> i32 {
    1
}

pub(super) fn dungeon_multiplier() -> Multiplier {
    hundredths(150)
}

pub(super) fn cooldown_hours() -> i32 {
    24
}

pub(super) fn season_multiplier() -> Multiplier {
    Multiplier::ONE
}

pub(super) fn is_active() -> bool {
    true
}

/// Every type that may stand in `bonus_order` and `penalty_order`; the debuff is always the last penalty.
pub(crate) const MODIFIER_ORDER: [ModifierType; 5] = [
    ModifierType::StreakBonus,
    ModifierType::WeekendBonus,
    ModifierType::SeasonMultiplier,
    ModifierType::TitlePassive,
    ModifierType::DungeonMultiplier,
];

/// Whether a source's awards take steps where the author does not say.
pub(crate) fn source_policy(source: Source) -> SourcePolicy {
    match source {
        Source::QuestCompletion | Source::BossDefeat | Source::DungeonClear => SourcePolicy::Earned,
        Source::StreakBonus | Source::SeasonBonus | Source::TitleBonus | Source::ManualAdjustment => {
            SourcePolicy::Granted
        }
    }
}

pub(super) fn sources() -> BTreeMap<Source, SourcePolicy> {
    Source::ALL.iter().map(|&source| (source, source_policy(source))).collect()
}

impl Default for Document {
    /// A ruleset that states nothing but its format.
    fn default() -> Self {
        Self {
            format: FORMAT.to_owned(),
            metrics: BTreeMap::new(),
            curve: CurveSpec::default(),
            modifiers: Modifiers::default(),
            streak: StreakRule::default(),
            debuff: DebuffRule::default(),
            day: DayRule::default(),
            quests: Vec::new(),
            titles: Vec::new(),
            bosses: Vec::new(),
            dungeons: Vec::new(),
            seasons: Vec::new(),
            narratives: Vec::new(),
        }
    }
}

impl Default for Modifiers {
    fn default() -> Self {
        let tier = |(days, factor)| StreakTier { days, multiplier: hundredths(factor) };
        Self {
            streak_tiers: [(7, 110), (14, 115), (30, 125)].map(tier).to_vec(),
            weekend_multiplier: hundredths(110),
            debuff_multiplier: hundredths(90),
            stacking: Stacking::Sequential,
            max_multiplier: None,
            sources: sources(),
            bonus_order: MODIFIER_ORDER.to_vec(),
            penalty_order: MODIFIER_ORDER.to_vec(),
        }
    }
}

impl Default for StreakRule {
    fn default() -> Self {
        Self { allowed_misses: 1 }
    }
}

impl Default for DebuffRule {
    fn default() -> Self {
        Self { missed: 2, hours: 24 }
    }
}

#[allow(clippy::derivable_impls)] // the rules' numbers stand here, zeros too
impl Default for DayRule {
    fn default() -> Self {
        Self { day_start_hour: 0, grace_minutes: 0 }
    }
}
