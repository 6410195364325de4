//! Dungeons and their challenges (the rules, section 9).

use super::fields::Fields;
use super::scalar::{at_least, id, label, multiplier, reference, text};
use super::{Checker, Code, Target, Value, list_of_some, requirement};
use crate::ruleset::defaults;
use crate::ruleset::document::{Challenge, Dungeon, EntryRequirements};

pub(super) fn dungeon(checker: &mut Checker, value: Value<'_>) -> Option<Dungeon> {
    let mut fields = Fields::open(checker, value)?;
    let id = fields.required("id", id("dungeon id"));
    let name = fields.required("name", text);
    let description = fields.required("description", text);
    let difficulty = fields.required("difficulty", label);
    let requirements = fields.required("requirements", entry_requirements);
    let challenges =
        fields.required("challenges", |checker, value| list_of_some(checker, value, "challenge", challenge));
    let xp_multiplier = fields.or("xp_multiplier", defaults::dungeon_multiplier(), multiplier);
    let duration_minutes = fields.required("duration_minutes", at_least(1));
    let cooldown_hours = fields.or("cooldown_hours", defaults::cooldown_hours(), at_least(0));
    let season_id = fields.optional("season_id", reference(Target::Season));
    fields.close()?;
    Some(Dungeon {
        id: id?,
        name: name?,
        description: description?,
        difficulty: difficulty?,
        requirements: requirements?,
        challenges: challenges?,
        xp_multiplier: xp_multiplier?,
        duration_minutes: duration_minutes?,
        cooldown_hours: cooldown_hours?,
        season_id: season_id?,
    })
}

fn entry_requirements(checker: &mut Checker, value: Value<'_>) -> Option<EntryRequirements> {
    let mut fields = Fields::open(checker, value)?;
    if fields.has("type") {
        return requirement(checker, value).map(EntryRequirements::Full);
    }
    let min_level = fields.optional("minLevel", at_least(1));
    let level_required = fields.optional("levelRequired", at_least(1));
    if fields.has("minLevel") && fields.has("levelRequired") {
        let message = "minLevel says it already; expected one of the two".to_owned();
        fields.refuse::<()>("levelRequired", Code::UnknownField, message);
        fields.close();
        return None;
    }
    fields.close()?;
    Some(match (min_level?, level_required?) {
        (Some(min_level), _) => EntryRequirements::MinLevel { min_level },
        (None, Some(level_required)) => EntryRequirements::LevelRequired { level_required },
        (None, None) => EntryRequirements::ByRank {},
    })
}

fn challenge(checker: &mut Checker, value: Value<'_>) -> Option<Challenge> {
    let mut fields = Fields::open(checker, value)?;
    let name = fields.required("name", text);
    let requirement = fields.required("requirement", requirement);
    let xp = fields.optional("xp", at_least(0));
    fields.close()?;
    Some(Challenge { name: name?, requirement: requirement?, xp: xp? })
}
