//! The JSON Schema accepts what the reader accepts, and helps an editor to find what it does not.
#![cfg(feature = "schema")]
#![allow(clippy::unwrap_used, clippy::panic)] // what a test expects

use levelkit::ruleset::{Format, canonical, read_document, schema};
use serde_json::{Value, json};

const FULL: &str = include_str!("rulesets/full.json");

/// As much of draft 2020-12 as the schema uses, but for patterns and formats.
struct Validator {
    root: Value,
}

impl Validator {
    fn accepts(&self, schema: &Value, value: &Value) -> bool {
        let Value::Object(keywords) = schema else { return schema != &Value::Bool(false) };
        keywords.iter().all(|(keyword, argument)| self.keyword(schema, keyword, argument, value))
    }

    fn keyword(&self, schema: &Value, keyword: &str, argument: &Value, value: &Value) -> bool {
        let all = || argument.as_array().unwrap().iter();
        match keyword {
            "$ref" => self.accepts(self.root.pointer(&argument.as_str().unwrap()[1..]).unwrap(), value),
            "type" => match argument {
                Value::Array(kinds) => kinds.iter().any(|kind| is_a(value, kind)),
                kind => is_a(value, kind),
            },
            "enum" => all().any(|choice| choice == value),
            "const" => argument == value,
            "anyOf" => all().any(|schema| self.accepts(schema, value)),
            "oneOf" => all().filter(|schema| self.accepts(schema, value)).count() == 1,
            "allOf" => all().all(|schema| self.accepts(schema, value)),
            "properties" => value.as_object().is_none_or(|fields| {
                fields.iter().all(|(name, field)| argument.get(name).is_none_or(|schema| self.accepts(schema, field)))
            }),
            "required" => {
                value.as_object().is_none_or(|fields| all().all(|name| fields.contains_key(name.as_str().unwrap())))
            }
            "additionalProperties" => value.as_object().is_none_or(|fields| {
                let known = |name: &String| schema.pointer(&format!("/properties/{name}")).is_some();
                fields.iter().all(|(name, field)| known(name) || self.accepts(argument, field))
            }),
            "unevaluatedProperties" => value.as_object().is_none_or(|fields| {
                fields.keys().all(|name| self.evaluates(schema, value, name) || argument == &json!(true))
            }),
            "minProperties" => value.as_object().is_none_or(|fields| fields.len() as u64 >= argument.as_u64().unwrap()),
            "items" => value.as_array().is_none_or(|items| items.iter().all(|item| self.accepts(argument, item))),
            "minItems" => value.as_array().is_none_or(|items| items.len() as u64 >= argument.as_u64().unwrap()),
            "maxItems" => value.as_array().is_none_or(|items| items.len() as u64 <= argument.as_u64().unwrap()),
            "minimum" => value.as_f64().is_none_or(|number| number >= argument.as_f64().unwrap()),
            "maximum" => value.as_f64().is_none_or(|number| number <= argument.as_f64().unwrap()),
            "$schema" | "$defs" | "title" | "description" | "default" | "format" | "pattern" => true,
            "propertyNames" => {
                value.as_object().is_none_or(|fields| fields.keys().all(|name| self.accepts(argument, &json!(name))))
            }
            other => panic!("the schema uses {other}"),
        }
    }

    /// Whether a schema, or an alternative of it that holds, names a property.
    fn evaluates(&self, schema: &Value, value: &Value, name: &str) -> bool {
        let named = schema.pointer(&format!("/properties/{name}")).is_some();
        let referred = schema.get("$ref").map(|path| self.root.pointer(&path.as_str().unwrap()[1..]).unwrap());
        let alternatives =
            ["oneOf", "anyOf", "allOf"].into_iter().flat_map(|key| schema.get(key).and_then(Value::as_array));
        let mut parts = alternatives.flatten().filter(|schema| self.accepts(schema, value)).chain(referred);
        named || parts.any(|schema| self.evaluates(schema, value, name))
    }

    fn accepts_document(&self, document: &Value) -> bool {
        self.accepts(&self.root, document)
    }
}

fn is_a(value: &Value, kind: &Value) -> bool {
    match kind.as_str().unwrap() {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("the schema uses type {other}"),
    }
}

fn validator() -> Validator {
    Validator { root: schema() }
}

fn full() -> Value {
    serde_json::from_str(FULL).unwrap()
}

#[test]
fn it_accepts_documents_and_their_canonical_forms() {
    let validator = validator();
    assert!(validator.accepts_document(&json!({"format": "levelkit.ruleset/1"})));
    assert!(!validator.accepts_document(&json!({})));
    assert!(validator.accepts_document(&full()));
    let canonical = canonical(&read_document(FULL, Format::Json).unwrap());
    assert!(validator.accepts_document(&serde_json::from_str(&canonical).unwrap()));
}

/// What the reader refuses here, the schema refuses too.
#[test]
fn it_refuses_what_an_editor_can_see() {
    let validator = validator();
    let faults = [
        ("/format", json!("levelkit.ruleset/2")),
        ("/colour", json!("red")),
        ("/metrics/steps/kind", json!("text")),
        ("/curve/family", json!("linear")),
        ("/curve/base", json!(1)),
        ("/modifiers/stacking", json!("TRIPLE")),
        ("/modifiers/weekend_multiplier", json!(true)),
        ("/modifiers/bonus_order", json!(["STREAK_BONUS"])),
        ("/modifiers/sources/LUCK", json!("EARNED")),
        ("/debuff/missed", json!(0)),
        ("/day/day_start_hour", json!(24)),
        ("/quests/0/colour", json!("red")),
        ("/quests/0/type", json!("HOURLY")),
        ("/quests/0/base_xp", json!(-1)),
        ("/quests/0/requirements/op", json!("=>")),
        ("/quests/0/requirements/unit", json!("km")),
        ("/quests/1/requirements/requirements", json!([])),
        ("/titles/0/colour", json!("red")),
        ("/titles/0/condition_type", json!("EVENT_COUNT")),
        ("/titles/0/condition_config/days", json!("many".len() as f64 / 8.0)),
        ("/titles/0/condition_config/colour", json!("red")),
        ("/titles/0/condition_config/regression/misses", json!(0)),
        ("/titles/1/condition_config/conditions/0/type", json!("LEVEL")),
        ("/titles/1/condition_config/conditions/0/colour", json!("red")),
        ("/bosses/0/phases", json!([])),
        ("/bosses/0/phases/0/requirements", json!({})),
        ("/bosses/0/phases/1/requirements/dailyCompletionRate", json!(1.5)),
        ("/dungeons/0/challenges", json!([])),
        ("/dungeons/1/requirements", json!({"level": 3})),
        ("/seasons/0/status", json!("ACTIVE")),
        ("/narratives/0/context/event", json!("PARTY")),
    ];
    for (pointer, value) in faults {
        let mut document = full();
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        document.pointer_mut(parent).unwrap()[key] = value;
        assert!(read_document(document.to_string(), Format::Json).is_err(), "the reader accepts {pointer}");
        assert!(!validator.accepts_document(&document), "the schema accepts {pointer}");
    }
}

#[test]
fn it_demands_what_the_reader_demands() {
    let validator = validator();
    let mut checked = 0;
    for section in ["quests", "titles", "bosses", "dungeons", "seasons", "narratives"] {
        for name in full()[section][0].as_object().unwrap().keys() {
            let mut document = full();
            document[section][0].as_object_mut().unwrap().remove(name);
            let missing = read_document(document.to_string(), Format::Json)
                .is_err_and(|errors| errors.0.iter().any(|error| error.path == format!("{section}[0].{name}")));
            // A passive is one column or two; that the second must follow, the schema does not say.
            if !name.starts_with("passive_") {
                assert_eq!(validator.accepts_document(&document), !missing, "{section}[0].{name}");
                checked += 1;
            }
        }
    }
    assert!(checked > 40);
}

#[test]
fn every_field_says_what_it_is() {
    fn undescribed(path: &str, schema: &Value, found: &mut Vec<String>) {
        let fields = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
        for (name, field) in fields {
            let tag = field.get("const").is_some() || name == "condition_config";
            if field.get("description").is_none() && !tag {
                found.push(format!("{path}.{name}"));
            }
        }
        let alternatives = ["oneOf", "anyOf"].into_iter().filter_map(|key| schema.get(key)?.as_array()).flatten();
        alternatives.for_each(|part| undescribed(path, part, found));
    }
    let schema = schema();
    let mut found = Vec::new();
    undescribed("", &schema, &mut found);
    for (name, definition) in schema["$defs"].as_object().unwrap() {
        undescribed(name, definition, &mut found);
    }
    assert!(found.is_empty(), "{found:?}");
}
