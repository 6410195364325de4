//! The modifier stack's settings, and the tunables of streak, debuff and day (the rules, sections 4 and 5).

use std::collections::BTreeMap;

use super::fields::Fields;
use super::scalar::{Label, at_least, int32, label, multiplier, one_of, shown};
use super::{Checker, Code, Value, list};
use crate::api::{ModifierType, Multiplier, Source, SourcePolicy};
use crate::ruleset::defaults::{self, MODIFIER_ORDER};
use crate::ruleset::document::{DayRule, DebuffRule, Modifiers, StreakRule, StreakTier};
use crate::ruleset::reader::{Entry, Kind, Path, quoted};

pub(in crate::ruleset) fn modifiers(checker: &mut Checker, value: Value<'_>) -> Option<Modifiers> {
    let default = Modifiers::default();
    let mut fields = Fields::open(checker, value)?;
    let streak_tiers = fields.or("streak_tiers", default.streak_tiers, streak_tiers);
    let weekend_multiplier = fields.or("weekend_multiplier", default.weekend_multiplier, multiplier);
    let debuff_multiplier = fields.or("debuff_multiplier", default.debuff_multiplier, at_most_one);
    let stacking = fields.or("stacking", default.stacking, label);
    let max_multiplier = fields.optional("max_multiplier", at_least_one);
    let sources = fields.or("sources", default.sources, sources);
    let bonus_order = fields.or("bonus_order", default.bonus_order, order);
    let penalty_order = fields.or("penalty_order", default.penalty_order, order);
    fields.close()?;
    Some(Modifiers {
        streak_tiers: streak_tiers?,
        weekend_multiplier: weekend_multiplier?,
        debuff_multiplier: debuff_multiplier?,
        stacking: stacking?,
        max_multiplier: max_multiplier?,
        sources: sources?,
        bonus_order: bonus_order?,
        penalty_order: penalty_order?,
    })
}

fn at_most_one(checker: &mut Checker, value: Value<'_>) -> Option<Multiplier> {
    let factor = multiplier(checker, value)?;
    if factor > Multiplier::ONE {
        return checker.refuse(value, Code::OutOfRange, format!("{factor} is out of range; expected 0 to 1"));
    }
    Some(factor)
}

fn at_least_one(checker: &mut Checker, value: Value<'_>) -> Option<Multiplier> {
    let factor = multiplier(checker, value)?;
    if factor < Multiplier::ONE {
        return checker.refuse(value, Code::OutOfRange, format!("{factor} is out of range; expected at least 1"));
    }
    Some(factor)
}

/// The tiers by rising days, in whatever order they are written.
fn streak_tiers(checker: &mut Checker, value: Value<'_>) -> Option<Vec<StreakTier>> {
    let mut tiers = list(checker, value, |checker, value| {
        let mut fields = Fields::open(checker, value)?;
        let days = fields.required("days", |checker, value| {
            let days = at_least(1)(checker, value)?;
            checker.unique(value, "streak tier", &days.to_string())?;
            Some(days)
        });
        let multiplier = fields.required("multiplier", multiplier);
        fields.close()?;
        Some(StreakTier { days: days?, multiplier: multiplier? })
    })?;
    tiers.sort_by_key(|tier| tier.days);
    Some(tiers)
}

/// The policies of all sources: as written, else the default.
fn sources(checker: &mut Checker, value: Value<'_>) -> Option<BTreeMap<Source, SourcePolicy>> {
    let Kind::Map(entries) = &value.node.kind else {
        return checker.wrong_type(value, "an object");
    };
    let mut sources = defaults::sources();
    let mut faulty = false;
    for entry in entries {
        let path = value.path.key(&entry.key);
        let policy = label(checker, Value { node: &entry.node, path });
        match (source(checker, path, entry), policy) {
            (Some(source), Some(policy)) => {
                sources.insert(source, policy);
            }
            _ => faulty = true,
        }
    }
    (!faulty).then_some(sources)
}

fn source(checker: &mut Checker, path: Path<'_>, entry: &Entry<'_>) -> Option<Source> {
    let source = Source::from_label(&entry.key);
    if source.is_none() {
        let labels: Vec<_> = Source::ALL.iter().map(|source| source.as_str()).collect();
        let message = format!("unknown source {}; expected one of {}", quoted(&entry.key), labels.join(", "));
        checker.report(path, Code::UnknownValue, entry.at, message);
    }
    source
}

/// A group's order: every type but the debuff, once.
fn order(checker: &mut Checker, value: Value<'_>) -> Option<Vec<ModifierType>> {
    let words = MODIFIER_ORDER.map(ModifierType::as_str);
    let mut seen = Vec::new();
    let order = list(checker, value, |checker, value| {
        let known = |word: &str| ModifierType::from_label(word).filter(|modifier| MODIFIER_ORDER.contains(modifier));
        let modifier = one_of(checker, value, ModifierType::NOUN, &words, known)?;
        if seen.contains(&modifier) {
            return checker.refuse(
                value,
                Code::DuplicateId,
                format!("{} stands twice; expected it once", shown(value)),
            );
        }
        seen.push(modifier);
        Some(modifier)
    })?;
    if order.len() < MODIFIER_ORDER.len() {
        let message = format!("{} types; expected each of {}", order.len(), words.join(", "));
        return checker.refuse(value, Code::OutOfRange, message);
    }
    Some(order)
}

pub(super) fn streak(checker: &mut Checker, value: Value<'_>) -> Option<StreakRule> {
    let default = StreakRule::default();
    let mut fields = Fields::open(checker, value)?;
    let allowed_misses = fields.or("allowed_misses", default.allowed_misses, at_least(0));
    fields.close()?;
    Some(StreakRule { allowed_misses: allowed_misses? })
}

pub(super) fn debuff(checker: &mut Checker, value: Value<'_>) -> Option<DebuffRule> {
    let default = DebuffRule::default();
    let mut fields = Fields::open(checker, value)?;
    let missed = fields.or("missed", default.missed, at_least(1));
    let hours = fields.or("hours", default.hours, at_least(0));
    fields.close()?;
    Some(DebuffRule { missed: missed?, hours: hours? })
}

pub(super) fn day(checker: &mut Checker, value: Value<'_>) -> Option<DayRule> {
    let default = DayRule::default();
    let mut fields = Fields::open(checker, value)?;
    let day_start_hour = fields.or("day_start_hour", default.day_start_hour, int32(0..=23));
    let grace_minutes = fields.or("grace_minutes", default.grace_minutes, at_least(0));
    fields.close()?;
    Some(DayRule { day_start_hour: day_start_hour?, grace_minutes: grace_minutes? })
}
