//! Quest templates.

use super::fields::Fields;
use super::scalar::{at_least, boolean, id, label, number, reference, text};
use super::{Checker, Target, Value, requirement};
use crate::ruleset::defaults;
use crate::ruleset::document::{PartialReward, QuestTemplate};

pub(super) fn quest(checker: &mut Checker, value: Value<'_>) -> Option<QuestTemplate> {
    let mut fields = Fields::open(checker, value)?;
    let id = fields.required("id", id("quest id"));
    let name = fields.required("name", text);
    let description = fields.required("description", text);
    let kind = fields.required("type", label);
    let category = fields.required("category", label);
    let requirements = fields.required("requirements", requirement);
    let base_xp = fields.required("base_xp", at_least(0));
    let stat_affected = fields.optional("stat_affected", label);
    let stat_gain = fields.or("stat_gain", defaults::stat_gain(), at_least(0));
    let partial_reward = fields.optional("partial_reward", partial_reward);
    let is_core = fields.or("is_core", false, boolean);
    let season_id = fields.optional("season_id", reference(Target::Season));
    fields.close()?;
    Some(QuestTemplate {
        id: id?,
        name: name?,
        description: description?,
        kind: kind?,
        category: category?,
        requirements: requirements?,
        base_xp: base_xp?,
        stat_affected: stat_affected?,
        stat_gain: stat_gain?,
        partial_reward: partial_reward?,
        is_core: is_core?,
        season_id: season_id?,
    })
}

fn partial_reward(checker: &mut Checker, value: Value<'_>) -> Option<PartialReward> {
    let mut fields = Fields::open(checker, value)?;
    let threshold = fields.required("threshold", number);
    let xp = fields.required("xp", at_least(0));
    fields.close()?;
    Some(PartialReward { threshold: threshold?, xp: xp? })
}
