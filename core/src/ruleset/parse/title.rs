//! Titles: their conditions and their passives (the rules, sections 4 and 7).

use super::fields::Fields;
use super::requirement::metric;
use super::scalar::{at_least, boolean, id, integer, label, number, one_of, reference, text, unique_text};
use super::size::{nested, within_limits};
use super::{Checker, Code, Target, Value, list_of_some};
use crate::api::{ConditionType, PassiveType, Stat, StreakKind};
use crate::modifier::CompiledPassive;
use crate::ruleset::defaults;
use crate::ruleset::document::{Condition, Passive, Regression, Subject, Title, TitleCondition};

pub(super) fn title(checker: &mut Checker, value: Value<'_>) -> Option<Title> {
    let mut fields = Fields::open(checker, value)?;
    let id = fields.required("id", id("title id"));
    let name = fields.required("name", unique_text("title name"));
    let description = fields.required("description", text);
    let system_message = fields.required("system_message", text);
    let condition_type = fields.required("condition_type", condition_type);
    let passive_type = fields.optional("passive_type", label);
    let passive = passive(&mut fields, passive_type);
    let needs_stat = passive_type == Some(Some(PassiveType::StatBonus));
    let condition = fields.required("condition_config", |checker, value| {
        within_limits(checker, value, |checker, value| condition_config(checker, value, condition_type, needs_stat))
    });
    let rarity = fields.or("rarity", defaults::rarity(), label);
    let can_regress = fields.or("can_regress", defaults::can_regress(), boolean);
    fields.close()?;
    Some(Title {
        id: id?,
        name: name?,
        description: description?,
        system_message: system_message?,
        condition: condition?,
        passive: passive?,
        rarity: rarity?,
        can_regress: can_regress?,
    })
}

fn condition_type(checker: &mut Checker, value: Value<'_>) -> Option<ConditionType> {
    let words: Vec<_> = ConditionType::ALL.iter().map(|kind| kind.as_str()).collect();
    one_of(checker, value, "condition type", &words, ConditionType::from_label)
}

/// Both columns or neither, and a value that fits the type; the outer `None` of the type is a fault.
fn passive(fields: &mut Fields<'_, '_>, passive_type: Option<Option<PassiveType>>) -> Option<Passive> {
    let passive_value = fields.optional("passive_value", passive_number);
    // What has a fault is there all the same.
    match (passive_type == Some(None), passive_value == Some(None)) {
        (false, true) => return fields.missing("passive_value", "passive_type needs it"),
        (true, false) => return fields.missing("passive_type", "passive_value needs it"),
        _ => {}
    }
    let (passive_type, passive_value) = (passive_type?, passive_value?);
    if let (Some(kind), Some(value)) = (passive_type, passive_value)
        && let Err(error) = CompiledPassive::new(kind, value)
    {
        let message = format!("{value} is out of range for {kind}; {error}");
        return fields.refuse("passive_value", Code::OutOfRange, message);
    }
    Some(Passive { passive_type, passive_value })
}

/// A number that a `real` column gives back as it was.
fn passive_number(checker: &mut Checker, value: Value<'_>) -> Option<f64> {
    let number = number(checker, value)?;
    let stored = number as f32;
    if stored.to_string().parse() != Ok(number) {
        let message = format!("a 32-bit float would make {number} into {stored}; expected a number that survives it");
        return checker.refuse(value, Code::OutOfRange, message);
    }
    Some(number)
}

fn condition_config(
    checker: &mut Checker,
    value: Value<'_>,
    kind: Option<ConditionType>,
    needs_stat: bool,
) -> Option<TitleCondition> {
    let mut fields = Fields::open(checker, value)?;
    // Without its type, only the keys that every type has can be judged.
    let condition = kind.and_then(|kind| condition(&mut fields, kind));
    let regression = fields.optional("regression", regression);
    let stat: Option<Option<Stat>> = fields.optional("stat", label);
    let stat = match stat {
        Some(None) if needs_stat => fields.missing("stat", "the passive STAT_BONUS needs it"),
        stat => stat,
    };
    kind?;
    fields.close()?;
    Some(TitleCondition { condition: condition?, regression: regression?, stat: stat? })
}

/// A condition within another.
fn part(checker: &mut Checker, value: Value<'_>) -> Option<Condition> {
    nested(checker, value, node)
}

/// A part of a compound: its type and its configuration in one object.
fn node(checker: &mut Checker, value: Value<'_>) -> Option<Condition> {
    let mut fields = Fields::open(checker, value)?;
    let kind = fields.required("type", condition_type)?;
    let condition = condition(&mut fields, kind);
    fields.close()?;
    condition
}

fn condition(fields: &mut Fields<'_, '_>, kind: ConditionType) -> Option<Condition> {
    match kind {
        ConditionType::StreakDays => {
            let days = fields.required("days", at_least(1));
            let streak = fields.or("streak", StreakKind::Current, label);
            Some(Condition::StreakDays { days: days?, streak: streak? })
        }
        ConditionType::CumulativeCount => {
            let subject = subject(fields);
            let count = fields.required("count", count);
            Some(Condition::CumulativeCount { subject: subject?, count: count? })
        }
        ConditionType::TimeWindow => {
            let subject = subject(fields);
            let count = fields.required("count", count);
            let window_days = fields.required("window_days", at_least(1));
            Some(Condition::TimeWindow { subject: subject?, count: count?, window_days: window_days? })
        }
        ConditionType::EventCount => {
            let event = fields.required("event", label);
            let count = fields.required("count", count);
            Some(Condition::EventCount { event: event?, count: count? })
        }
        ConditionType::Compound => {
            let logic = fields.required("logic", label);
            let conditions =
                fields.required("conditions", |checker, value| list_of_some(checker, value, "condition", part));
            Some(Condition::Compound { logic: logic?, conditions: conditions? })
        }
        ConditionType::Special => special(fields),
    }
}

fn special(fields: &mut Fields<'_, '_>) -> Option<Condition> {
    let Some(special) = fields.required("special", text) else {
        // It may have been meant for LEVEL.
        fields.allow("level");
        return None;
    };
    match special.as_str() {
        "ACCOUNT_CREATION" => Some(Condition::AccountCreation),
        "FIRST_OF_MONTH" => Some(Condition::FirstOfMonth),
        "LEVEL" => fields.required("level", at_least(1)).map(|level| Condition::Level { level }),
        special => Some(Condition::Special { special: special.to_owned() }),
    }
}

fn count(checker: &mut Checker, value: Value<'_>) -> Option<i64> {
    integer(1..=i64::MAX)(checker, value)
}

/// `metric` or `quest`: one of the two.
fn subject(fields: &mut Fields<'_, '_>) -> Option<Subject> {
    let metric = fields.optional("metric", metric(None));
    let quest = fields.optional("quest", reference(Target::Quest));
    match (metric?, quest?) {
        (Some(metric), None) => Some(Subject::Metric(metric)),
        (None, Some(quest)) => Some(Subject::Quest(quest)),
        (Some(_), Some(_)) => {
            fields.refuse("quest", Code::UnknownField, "metric says it already; expected one of the two".to_owned())
        }
        (None, None) => fields.missing("metric", "metric or quest is required"),
    }
}

fn regression(checker: &mut Checker, value: Value<'_>) -> Option<Regression> {
    let mut fields = Fields::open(checker, value)?;
    let subject = subject(&mut fields);
    let misses = fields.required("misses", at_least(1));
    let window_days = fields.required("window_days", at_least(1));
    fields.close()?;
    Some(Regression { subject: subject?, misses: misses?, window_days: window_days? })
}
