//! Texts, and the events that show them.

use super::fields::Fields;
use super::scalar::{boolean, id, label, one_of, shown, text, unique_text};
use super::{Checker, Code, Value, list, requirement};
use crate::ruleset::defaults;
use crate::ruleset::document::{Narrative, NarrativeContext};

/// The events of section 12 of the rules.
pub(in crate::ruleset) const EVENTS: [&str; 27] = [
    "DAY_OPENED",
    "QUEST_COMPLETED",
    "QUEST_FAILED",
    "QUEST_EXPIRED",
    "PARTIAL_REWARD",
    "XP_AWARDED",
    "LEVEL_UP",
    "LEVEL_DOWN",
    "STAT_RAISED",
    "DAY_CLOSED",
    "STREAK_EXTENDED",
    "STREAK_BROKEN",
    "DEBUFF_STARTED",
    "TITLE_EARNED",
    "TITLE_REVOKED",
    "TITLE_EQUIPPED",
    "BOSS_STARTED",
    "BOSS_PHASE_CLEARED",
    "BOSS_PHASE_RESTARTED",
    "BOSS_VICTORY",
    "BOSS_LOST",
    "BOSS_ABANDONED",
    "DUNGEON_ENTERED",
    "DUNGEON_CLEARED",
    "DUNGEON_FAILED",
    "DUNGEON_TIMED_OUT",
    "SEASON_JOINED",
];

pub(super) fn narrative(checker: &mut Checker, value: Value<'_>) -> Option<Narrative> {
    let mut fields = Fields::open(checker, value)?;
    let id = fields.optional("id", id("narrative id"));
    let key = fields.required("key", unique_text("narrative key"));
    let category = fields.required("category", label);
    let content = fields.required("content", text);
    let context = fields.optional("context", context);
    let is_active = fields.or("is_active", defaults::is_active(), boolean);
    fields.close()?;
    let key = key?;
    let derived = || crate::id::narrative_content(&key);
    Some(Narrative {
        id: id?.unwrap_or_else(derived),
        category: category?,
        content: content?,
        context: context?,
        is_active: is_active?,
        key,
    })
}

fn context(checker: &mut Checker, value: Value<'_>) -> Option<NarrativeContext> {
    let mut fields = Fields::open(checker, value)?;
    let event = fields.optional("event", event);
    let when = fields.optional("when", requirement);
    let variables = fields.optional("variables", variables);
    fields.close()?;
    Some(NarrativeContext { event: event?, when: when?, variables: variables? })
}

fn event(checker: &mut Checker, value: Value<'_>) -> Option<String> {
    let find = |word: &str| EVENTS.contains(&word).then(|| word.to_owned());
    one_of(checker, value, "event", &EVENTS, find)
}

fn variables(checker: &mut Checker, value: Value<'_>) -> Option<Vec<String>> {
    let mut seen = std::collections::HashSet::new();
    list(checker, value, |checker, value| {
        let name = text(checker, value)?;
        if !seen.insert(name.clone()) {
            return checker.refuse(
                value,
                Code::DuplicateId,
                format!("{} stands twice; expected it once", shown(value)),
            );
        }
        Some(name)
    })
}
