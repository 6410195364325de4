//! The JSON Schema of the ruleset document, for editors. It is made from the document's types; what a schema cannot say
//! (references, uniqueness, the curve's growth) only [`read_document`](super::read_document) can.

use std::borrow::Cow;

use schemars::generate::SchemaSettings;
use schemars::transform::{RecursiveTransform, Transform};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Value, json};

use super::document::{Document, Regression, TitleCondition};
use super::parse::EVENTS;
use crate::api::{CountedEvent, Logic, Stat, StreakKind};

/// Patterns of texts with a form of their own.
pub(crate) mod patterns {
    /// An id of the author's.
    pub(crate) const ID: &str = "^[A-Za-z0-9_-]{1,64}$";
    /// A metric that may be declared, but for the names that the rules reserve.
    pub(crate) const MEASURED: &str = "^[a-z][a-z0-9_.]{0,63}$";
    /// A metric that a requirement may name.
    pub(crate) const METRIC: &str = "^(completions\\.[A-Za-z0-9_-]{1,64}|((sum|max|days)\\.)?[a-z][a-z0-9_.]{0,63})$";
}

/// The JSON Schema of a ruleset document, draft 2020-12.
pub fn schema() -> Value {
    // A document is read, so what has a default may be left out.
    let mut schema = SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<Document>();
    RecursiveTransform(integers_as_strings).transform(&mut schema);
    schema.insert("title".to_owned(), json!("levelkit ruleset"));
    schema.insert("required".to_owned(), json!(["format"]));
    schema.to_value()
}

/// Every integer may also be written as its decimal string.
fn integers_as_strings(schema: &mut Schema) {
    let nullable = match schema.get("type") {
        Some(Value::String(kind)) if kind == "integer" => false,
        Some(Value::Array(kinds)) if kinds == &[json!("integer"), json!("null")] => true,
        _ => return,
    };
    let kinds = if nullable { json!(["integer", "string", "null"]) } else { json!(["integer", "string"]) };
    schema.insert("type".to_owned(), kinds);
    schema.insert("pattern".to_owned(), json!("^-?[0-9]+$"));
}

/// An event's name, in a narrative's context.
pub(super) struct EventName;

impl JsonSchema for EventName {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "EventName".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "enum": EVENTS })
    }
}

impl JsonSchema for TitleCondition {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "TitleCondition".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        ConditionForm::json_schema(generator)
    }
}

/// How a title's condition is written, beside the title's other columns.
#[derive(JsonSchema)]
#[schemars(tag = "condition_type", content = "condition_config", rename_all = "SCREAMING_SNAKE_CASE")]
#[allow(dead_code)] // only its schema is used
enum ConditionForm {
    StreakDays(Config<StreakDays>),
    CumulativeCount(Config<CumulativeCount>),
    TimeWindow(Config<TimeWindow>),
    EventCount(Config<EventCount>),
    Compound(Config<Compound>),
    Special(Config<Special>),
}

/// A condition's own keys, and those that every condition may have.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, inline)]
#[allow(dead_code)]
struct Config<C> {
    #[schemars(flatten)]
    condition: C,
    /// And fewer misses than this.
    #[schemars(default)]
    regression: Option<Regression>,
    /// The stat that a STAT_BONUS passive raises.
    #[schemars(default)]
    stat: Option<Stat>,
}

/// A part of a compound condition.
#[derive(JsonSchema)]
#[schemars(tag = "type", rename_all = "SCREAMING_SNAKE_CASE")]
#[allow(dead_code)]
enum ConditionPart {
    StreakDays(StreakDays),
    CumulativeCount(CumulativeCount),
    TimeWindow(TimeWindow),
    EventCount(EventCount),
    Compound(Compound),
    Special(Special),
}

/// A streak of at least `days`.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, inline)]
#[allow(dead_code)]
struct StreakDays {
    /// The length.
    #[schemars(range(min = 1))]
    days: i32,
    /// Which streak; `current` by default.
    #[schemars(default)]
    streak: Option<StreakKind>,
}

/// At least `count` completed quests, ever.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, inline)]
#[allow(dead_code)]
struct CumulativeCount {
    #[schemars(flatten)]
    subject: SubjectForm,
    /// How many.
    #[schemars(range(min = 1))]
    count: i64,
}

/// At least `count` completed quests in the last `window_days` days.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, inline)]
#[allow(dead_code)]
struct TimeWindow {
    #[schemars(flatten)]
    subject: SubjectForm,
    /// How many.
    #[schemars(range(min = 1))]
    count: i64,
    /// The window's length in days.
    #[schemars(range(min = 1))]
    window_days: i32,
}

/// At least `count` of an event, ever.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, inline)]
#[allow(dead_code)]
struct EventCount {
    /// Which event.
    event: CountedEvent,
    /// How many.
    #[schemars(range(min = 1))]
    count: i64,
}

/// All or any of several conditions.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, inline)]
#[allow(dead_code)]
struct Compound {
    /// How they are joined.
    logic: Logic,
    /// The parts, one or more.
    #[schemars(length(min = 1))]
    conditions: Vec<ConditionPart>,
}

/// A named occasion: ACCOUNT_CREATION, FIRST_OF_MONTH, LEVEL, or one that the host asserts.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, inline)]
#[allow(dead_code)]
struct Special {
    /// The name.
    special: String,
    /// The level, for LEVEL only.
    #[schemars(default, range(min = 1))]
    level: Option<i32>,
}

/// Which quests count: those that read a metric, or one quest.
#[derive(JsonSchema)]
#[schemars(inline)]
#[allow(dead_code)]
struct SubjectForm {
    /// Quests that read this metric; or else `quest`.
    #[schemars(default, regex(pattern = patterns::METRIC))]
    metric: Option<String>,
    /// This quest; or else `metric`.
    #[schemars(default)]
    quest: Option<String>,
}

impl JsonSchema for Regression {
    fn schema_name() -> Cow<'static, str> {
        "Regression".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        RegressionForm::json_schema(generator)
    }
}

/// The title is held only with fewer than `misses` misses in the last `window_days` closed days.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[allow(dead_code)]
struct RegressionForm {
    #[schemars(flatten)]
    subject: SubjectForm,
    /// How many misses are too many.
    #[schemars(range(min = 1))]
    misses: i32,
    /// The window's length in days.
    #[schemars(range(min = 1))]
    window_days: i32,
}
