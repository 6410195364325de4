//! Bosses and their phases (the rules, section 8).

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use super::fields::Fields;
use super::scalar::{at_least, id, int32, label, number, reference, text, unique_text};
use super::{Checker, Code, Target, Value, list, requirement};
use crate::ruleset::defaults;
use crate::ruleset::document::{Boss, BossPhase, PhaseRequirements};
use crate::ruleset::reader::Node;

pub(super) fn boss(checker: &mut Checker, value: Value<'_>) -> Option<Boss> {
    let boss_id = value.node.get("id").and_then(Node::as_str).unwrap_or_default();
    let mut fields = Fields::open(checker, value)?;
    let id = fields.required("id", id("boss id"));
    let name = fields.required("name", unique_text("boss name"));
    let description = fields.required("description", text);
    let intro_monologue = fields.required("intro_monologue", text);
    let defeat_message = fields.required("defeat_message", text);
    let difficulty = fields.required("difficulty", label);
    let required_level = fields.or("required_level", defaults::required_level(), at_least(1));
    let xp_reward = fields.required("xp_reward", at_least(0));
    let title_reward_id = fields.optional("title_reward_id", reference(Target::Title));
    let season_id = fields.optional("season_id", reference(Target::Season));
    let phases = fields.required("phases", |checker, value| phases(checker, value, boss_id));
    let max_phase_retries = fields.or("max_phase_retries", 0, at_least(0));
    fields.close()?;
    Some(Boss {
        id: id?,
        name: name?,
        description: description?,
        intro_monologue: intro_monologue?,
        defeat_message: defeat_message?,
        difficulty: difficulty?,
        required_level: required_level?,
        xp_reward: xp_reward?,
        title_reward_id: title_reward_id?,
        season_id: season_id?,
        phases: phases?,
        max_phase_retries: max_phase_retries?,
    })
}

/// The phases by rising number, in whatever order they are written; their numbers are 1, 2, ... without a gap.
fn phases(checker: &mut Checker, value: Value<'_>, boss_id: &str) -> Option<Vec<BossPhase>> {
    let count = value.node.items().len();
    let numbers = 1..=i32::try_from(count).unwrap_or(i32::MAX).max(1);
    let mut taken = BTreeSet::new();
    let mut phases = list(checker, value, |checker, value| phase(checker, value, boss_id, &numbers, &mut taken))?;
    if phases.is_empty() {
        return checker.refuse(value, Code::OutOfRange, "the list is empty; expected at least one phase".into());
    }
    phases.sort_by_key(|phase| phase.phase_number);
    Some(phases)
}

fn phase(
    checker: &mut Checker,
    value: Value<'_>,
    boss_id: &str,
    numbers: &RangeInclusive<i32>,
    taken: &mut BTreeSet<i32>,
) -> Option<BossPhase> {
    let mut fields = Fields::open(checker, value)?;
    let id = fields.optional("id", id("phase id"));
    let phase_number = fields.required("phase_number", |checker, value| {
        let number = int32(numbers.clone())(checker, value)?;
        if !taken.insert(number) {
            return checker.refuse(value, Code::DuplicateId, format!("this boss has a phase {number} already"));
        }
        Some(number)
    });
    let name = fields.required("name", text);
    let description = fields.required("description", text);
    let requirements = fields.required("requirements", phase_requirements);
    let duration_days = fields.required("duration_days", at_least(1));
    fields.close()?;
    let phase_number = phase_number?;
    let derived = || crate::id::boss_phase(boss_id, phase_number);
    Some(BossPhase {
        id: id?.unwrap_or_else(derived),
        phase_number,
        name: name?,
        description: description?,
        requirements: requirements?,
        duration_days: duration_days?,
    })
}

fn phase_requirements(checker: &mut Checker, value: Value<'_>) -> Option<PhaseRequirements> {
    let mut fields = Fields::open(checker, value)?;
    if fields.has("type") {
        return requirement(checker, value).map(PhaseRequirements::Full);
    }
    let daily_completion_rate = fields.optional("dailyCompletionRate", rate);
    let perfect_days = fields.optional("perfectDays", at_least(0));
    let dungeon_clears = fields.optional("dungeonClears", at_least(0));
    let streak = fields.optional("streak", at_least(0));
    fields.close()?;
    // A key that is null asks for nothing, and what asks for nothing is always met.
    if (daily_completion_rate, perfect_days, dungeon_clears, streak) == (Some(None), Some(None), Some(None), Some(None))
    {
        let expected = "a requirement, or at least one of dailyCompletionRate, perfectDays, dungeonClears, streak";
        return checker.refuse(value, Code::MissingField, format!("empty; expected {expected}"));
    }
    Some(PhaseRequirements::Short {
        daily_completion_rate: daily_completion_rate?,
        perfect_days: perfect_days?,
        dungeon_clears: dungeon_clears?,
        streak: streak?,
    })
}

fn rate(checker: &mut Checker, value: Value<'_>) -> Option<f64> {
    let rate = number(checker, value)?;
    if !(0.0..=1.0).contains(&rate) {
        return checker.refuse(value, Code::OutOfRange, format!("{rate} is out of range; expected 0 to 1"));
    }
    Some(rate)
}
