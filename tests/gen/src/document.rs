//! The ruleset document, as an author writes it: its JSON Schema read into named types, for both languages.

use serde_json::{Map, Value};

use crate::model::pascal;

type Object = Map<String, Value>;

/// A named type of the document.
#[derive(Debug, PartialEq)]
pub(crate) struct Named {
    pub(crate) name: String,
    pub(crate) doc: String,
    pub(crate) shape: Shape,
}

/// What a part of a document may be.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Shape {
    /// Another named type.
    Ref(String),
    /// One of these texts.
    Labels(Vec<String>),
    Text,
    Boolean,
    Float,
    /// An integer of 32 bits, or its decimal text.
    Whole,
    /// An integer of 64 bits, or its decimal text.
    Large,
    /// An exact decimal: a number, or a text.
    Decimal,
    Null,
    List(Box<Shape>),
    /// Values by the author's own names.
    Map(Box<Shape>),
    Object(Vec<Part>),
    Either(Vec<Shape>),
}

/// A field of an object.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Part {
    pub(crate) name: String,
    pub(crate) doc: String,
    pub(crate) shape: Shape,
    pub(crate) is_required: bool,
}

/// Every named type of the schema, each after those inside it; the whole document is the last.
pub(crate) fn read(schema: &Value) -> Result<Vec<Named>, String> {
    let mut reader = Reader::default();
    let definitions = schema["$defs"].as_object().ok_or("the ruleset's schema has no $defs")?;
    for (name, schema) in definitions {
        reader.definition(name, schema).map_err(|wrong| format!("{name}: {wrong}"))?;
    }
    reader.definition("Ruleset", schema).map_err(|wrong| format!("the ruleset: {wrong}"))?;
    let mut names: Vec<_> = reader.named.iter().map(|named| named.name.as_str()).collect();
    names.sort_unstable();
    match names.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => Err(format!("two parts of the ruleset are called {}", pair[0])),
        None => Ok(reader.named),
    }
}

/// The name of a definition: a document's, but for labels, which are what they are elsewhere.
fn name_of(definition: &str) -> String {
    format!("{}Document", definition.strip_suffix("Spec").unwrap_or(definition))
}

#[derive(Default)]
struct Reader {
    named: Vec<Named>,
}

impl Reader {
    fn definition(&mut self, name: &str, schema: &Value) -> Result<(), String> {
        let object = schema.as_object().ok_or("no schema")?;
        if let Some(labels) = labels(object) {
            self.named.push(Named { name: name.to_owned(), doc: doc(object), shape: Shape::Labels(labels) });
            return Ok(());
        }
        if scalar(object).is_some() {
            return Ok(());
        }
        let name = name_of(name);
        let base = name.trim_end_matches("Document").to_owned();
        let shape = match alternatives(object) {
            Some(variants) => self.variants(&base, object, variants)?,
            None => Shape::Object(self.parts(&base, object)?),
        };
        self.named.push(Named { name, doc: doc(object), shape });
        Ok(())
    }

    /// A union: each variant of its own name, with what all of them have.
    fn variants(&mut self, base: &str, of: &Object, variants: &[Value]) -> Result<Shape, String> {
        let mut shapes = Vec::new();
        for variant in variants {
            let variant = variant.as_object().ok_or("a variant is no schema")?;
            if variant.contains_key("$ref") {
                shapes.push(self.shape(base, variant)?);
                continue;
            }
            let label = label(variant);
            let own = format!("{label}{base}");
            let mut parts = self.parts(&own, of)?;
            parts.extend(self.parts(&own, variant)?);
            let name = format!("{own}Document");
            let doc = Some(doc(variant)).filter(|own| !own.is_empty()).unwrap_or_else(|| doc(of));
            self.named.push(Named { name: name.clone(), doc, shape: Shape::Object(parts) });
            shapes.push(Shape::Ref(name));
        }
        Ok(Shape::Either(shapes))
    }

    fn parts(&mut self, base: &str, object: &Object) -> Result<Vec<Part>, String> {
        let required: Vec<&Value> = object.get("required").and_then(Value::as_array).into_iter().flatten().collect();
        let mut parts = Vec::new();
        for (name, schema) in object.get("properties").and_then(Value::as_object).into_iter().flatten() {
            let schema = schema.as_object().ok_or("a field without a schema")?;
            let inner = format!("{base}{}", pascal(name));
            let shape = self.shape(&inner, schema).map_err(|wrong| format!("{name}: {wrong}"))?;
            let is_required = required.iter().any(|required| *required == name);
            parts.push(Part { name: name.clone(), doc: doc(schema), shape, is_required });
        }
        Ok(parts)
    }

    fn shape(&mut self, base: &str, object: &Object) -> Result<Shape, String> {
        if let Some(reference) = object.get("$ref").and_then(Value::as_str) {
            return Ok(Shape::Ref(reference.trim_start_matches("#/$defs/").to_owned()));
        }
        if let Some(label) = object.get("const").and_then(Value::as_str) {
            return Ok(Shape::Labels(vec![label.to_owned()]));
        }
        if let Some(parts) = object.get("anyOf").and_then(Value::as_array) {
            let parts = parts.iter().filter_map(Value::as_object).map(|part| self.shape(base, part));
            return Ok(Shape::Either(parts.collect::<Result<_, _>>()?));
        }
        let kinds: Vec<&str> = match object.get("type") {
            Some(Value::String(kind)) => vec![kind],
            Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).collect(),
            _ => return Err("no type".to_owned()),
        };
        if kinds == ["null"] {
            return Ok(Shape::Null);
        }
        let of = self.kind(base, object, &kinds)?;
        Ok(match kinds.contains(&"null") {
            true => Shape::Either(vec![of, Shape::Null]),
            false => of,
        })
    }

    fn kind(&mut self, base: &str, object: &Object, kinds: &[&str]) -> Result<Shape, String> {
        if let Some(scalar) = labels(object).map(Shape::Labels).or_else(|| scalar(object)) {
            return Ok(scalar);
        }
        let inner = |key: &str| object.get(key).and_then(Value::as_object);
        match kinds.iter().find(|kind| **kind != "null") {
            Some(&"array") => {
                let items = inner("items").ok_or("a list of anything")?;
                Ok(Shape::List(Box::new(self.shape(base, items)?)))
            }
            Some(&"object") if inner("properties").is_some() => {
                let (name, shape) = (format!("{base}Document"), Shape::Object(self.parts(base, object)?));
                self.named.push(Named { name: name.clone(), doc: doc(object), shape });
                Ok(Shape::Ref(name))
            }
            Some(&"object") => {
                let values = inner("additionalProperties").ok_or("an object of anything")?;
                Ok(Shape::Map(Box::new(self.shape(base, values)?)))
            }
            _ => Err(format!("the types {kinds:?}")),
        }
    }
}

/// What an untagged part of a document is: texts and numbers.
fn scalar(object: &Object) -> Option<Shape> {
    let has = |kind: &str| match object.get("type") {
        Some(Value::String(only)) => only == kind,
        Some(Value::Array(kinds)) => kinds.iter().any(|one| one == kind),
        _ => false,
    };
    let format = object.get("format").and_then(Value::as_str).unwrap_or_default();
    match format {
        _ if has("boolean") => Some(Shape::Boolean),
        "int64" | "uint64" => Some(Shape::Large),
        _ if has("integer") => Some(Shape::Whole),
        _ if has("number") && has("string") => Some(Shape::Decimal),
        _ if has("number") => Some(Shape::Float),
        _ if has("string") => Some(Shape::Text),
        _ => None,
    }
}

/// The texts of which one is meant, if that is all.
fn labels(object: &Object) -> Option<Vec<String>> {
    let texts = |values: Vec<&Value>| {
        values.into_iter().filter(|value| !value.is_null()).map(|value| value.as_str().map(str::to_owned)).collect()
    };
    if let Some(values) = object.get("enum").and_then(Value::as_array) {
        return texts(values.iter().collect());
    }
    let variants = object.get("oneOf").and_then(Value::as_array)?;
    texts(variants.iter().map(|variant| variant.get("const")).collect::<Option<_>>()?)
}

fn alternatives(object: &Object) -> Option<&Vec<Value>> {
    ["oneOf", "anyOf"].into_iter().find_map(|key| object.get(key)?.as_array())
}

/// What tells a variant from the others: its tag, or the one field that it must have.
fn label(variant: &Object) -> String {
    let properties = || variant.get("properties").and_then(Value::as_object).into_iter().flatten();
    let tag = properties().find_map(|(_, schema)| schema.get("const")?.as_str());
    let required = variant.get("required").and_then(Value::as_array).map(Vec::as_slice);
    match (tag, required) {
        (Some(tag), _) => pascal(tag),
        (None, Some([Value::String(only)])) => only[..1].to_uppercase() + &only[1..],
        _ if properties().next().is_none() => "Empty".to_owned(),
        _ => "Short".to_owned(),
    }
}

fn doc(object: &Object) -> String {
    let text = object.get("description").and_then(Value::as_str).unwrap_or_default();
    text.replace("(the rules, section", "(docs/rules.md, section")
}

/// What a reference means: a named type, or a quantity that every part writes the same way.
pub(crate) fn resolved(name: &str, named: &[Named]) -> Result<Shape, String> {
    let candidates = [name.to_owned(), name_of(name)];
    let found = named.iter().find(|named| candidates.contains(&named.name));
    match (name, found) {
        (_, Some(found)) => Ok(Shape::Ref(found.name.clone())),
        ("Multiplier" | "Coefficient", None) => Ok(Shape::Decimal),
        ("Xp", None) => Ok(Shape::Large),
        ("Instant", None) => Ok(Shape::Text),
        _ => Err(format!("the ruleset refers to {name}, which is nothing")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_part_of_the_ruleset_has_a_name() {
        let named = read(&levelkit_shared::schema::ruleset()).unwrap();
        let names: Vec<_> = named.iter().map(|named| named.name.as_str()).collect();
        for name in
            ["RulesetDocument", "RequirementDocument", "NumericRequirementDocument", "CurveDocument", "Stacking"]
        {
            assert!(names.contains(&name), "{names:?}");
        }
        assert_eq!(names.last(), Some(&"RulesetDocument"));
    }

    #[test]
    fn a_part_that_could_be_anything_is_refused() {
        let with = |schema: Value| {
            read(&json!({ "$defs": {}, "type": "object", "properties": { "part": schema } })).unwrap_err()
        };
        assert!(with(json!({ "type": "array" })).contains("a list of anything"));
        assert!(with(json!({ "type": "object" })).contains("an object of anything"));
        assert!(with(json!({})).contains("part: no type"));
        assert!(resolved("Nobody", &[]).is_err());
    }

    #[test]
    fn fields_may_be_left_out_and_written_in_more_ways() {
        let schema = json!({ "$defs": {}, "type": "object", "required": ["xp"], "properties": {
            "xp": { "type": ["integer", "string"], "format": "int32" },
            "quest": { "type": ["string", "null"] },
        } });
        let Shape::Object(parts) = &read(&schema).unwrap()[0].shape else { panic!("no object") };
        assert_eq!((&parts[0].shape, parts[0].is_required), (&Shape::Whole, true));
        assert_eq!((&parts[1].shape, parts[1].is_required), (&Shape::Either(vec![Shape::Text, Shape::Null]), false));
    }
}
