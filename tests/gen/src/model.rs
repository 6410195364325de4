//! The boundary types, read from their JSON Schema. Whatever a declaration could not say truly stops the reading.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

type Object = Map<String, Value>;

/// Fields in which a map may stand: the bridges read the keys of a map as they are, and know one by its field.
const MAPS: [&str; 1] = ["metrics"];

/// Types that are maps, or may be one: they are known by what is asked for, and hold no tagged union.
const MAP_TYPES: [&str; 3] = ["Metrics", "ExportedRow", "ExportedValue"];

/// Quantities with a form of their own in each language.
pub(crate) const QUANTITIES: [&str; 6] = ["Xp", "Instant", "Day", "Multiplier", "EventHash", "Name"];

/// A named type.
#[derive(Debug)]
pub(crate) struct Definition {
    pub(crate) name: String,
    pub(crate) doc: String,
    pub(crate) kind: Kind,
    /// Whether the host makes it, so that what has a default may be left out.
    pub(crate) is_input: bool,
    /// Whether it is why something failed.
    pub(crate) is_error: bool,
}

/// What a named type is.
#[derive(Debug)]
pub(crate) enum Kind {
    Quantity,
    Alias(Type),
    Labels(Vec<(String, String)>),
    Struct(Vec<Field>),
    Union { tag: String, variants: Vec<Variant> },
}

/// A variant of a tagged union.
#[derive(Debug)]
pub(crate) struct Variant {
    pub(crate) name: String,
    pub(crate) label: String,
    pub(crate) doc: String,
    pub(crate) fields: Vec<Field>,
}

/// A field.
#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) doc: String,
    pub(crate) of: Type,
    /// What it is when it is left out, if it may be.
    pub(crate) default: Option<Value>,
}

/// A type in use.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Type {
    Named(String),
    Text,
    Boolean,
    /// Up to 53 bits, so that every language's own number holds it.
    Small,
    /// 64 bits.
    Large,
    Float,
    List(Box<Type>),
    Map(Box<Type>),
    Tuple(Vec<Type>),
    Nullable(Box<Type>),
    Either(Vec<Type>),
}

/// Reads every definition.
pub(crate) fn read(schema: &Value) -> Result<Vec<Definition>, String> {
    let definitions = schema["$defs"].as_object().ok_or("no $defs")?;
    let read: Vec<_> = definitions
        .iter()
        .map(|(name, schema)| definition(name, schema).map_err(|wrong| format!("{name}: {wrong}")))
        .collect::<Result<_, _>>()?;
    unique(&read)?;
    Ok(read)
}

/// Every type and variant becomes a name of a module of its own; errors are told apart by what the renderers append.
fn unique(definitions: &[Definition]) -> Result<(), String> {
    let mut names = BTreeSet::new();
    let variants = definitions.iter().flat_map(|definition| match &definition.kind {
        Kind::Union { variants, .. } => variants.iter().map(|variant| variant.name.clone()).collect(),
        _ => Vec::new(),
    });
    let all = definitions.iter().map(|definition| definition.name.clone()).chain(variants);
    for name in all {
        if !names.insert(name.clone()) {
            return Err(format!("two types are called {name}: mark one enum with x-suffix"));
        }
    }
    Ok(())
}

fn definition(name: &str, schema: &Value) -> Result<Definition, String> {
    let object = schema.as_object().ok_or("not an object")?;
    let mark = |mark: &str| object.get(mark).is_some_and(|value| value == &Value::Bool(true));
    let suffix = object.get("x-suffix").and_then(Value::as_str).unwrap_or_default();
    let is_input = mark("x-input");
    let kind = match object {
        _ if QUANTITIES.contains(&name) => Kind::Quantity,
        _ if object.contains_key("oneOf") => one_of(&object["oneOf"], suffix)?,
        _ if object.contains_key("enum") => undocumented(&object["enum"])?,
        _ if object.contains_key("properties") => Kind::Struct(fields(object, None)?),
        _ => Kind::Alias(of(object, MAP_TYPES.contains(&name))?),
    };
    Ok(Definition { name: name.to_owned(), doc: doc(object)?, kind, is_input, is_error: mark("x-error") })
}

fn undocumented(labels: &Value) -> Result<Kind, String> {
    Err(format!("the labels {labels} have no documentation of their own"))
}

fn one_of(variants: &Value, suffix: &str) -> Result<Kind, String> {
    let variants: Vec<_> = variants.as_array().ok_or("oneOf is no list")?.iter().filter_map(Value::as_object).collect();
    if variants.iter().all(|variant| variant.contains_key("const")) {
        let labels = variants.iter().map(|variant| Ok((text(&variant["const"])?, doc(variant)?)));
        return Ok(Kind::Labels(labels.collect::<Result<_, String>>()?));
    }
    let mut tags = BTreeSet::new();
    let mut read = Vec::new();
    for variant in variants {
        let properties = variant.get("properties").and_then(Value::as_object).ok_or("a variant without fields")?;
        let tag = properties.iter().find(|(_, schema)| schema.get("const").is_some());
        let (tag, schema) = tag.ok_or("a variant without a tag")?;
        let label = text(&schema["const"])?;
        tags.insert(tag.clone());
        let name = format!("{}{suffix}", pascal(&label));
        read.push(Variant { name, label, doc: doc(variant)?, fields: fields(variant, Some(tag))? });
    }
    match tags.len() {
        1 => Ok(Kind::Union { tag: tags.pop_first().unwrap_or_default(), variants: read }),
        _ => Err(format!("variants have different tags: {tags:?}")),
    }
}

fn fields(object: &Object, tag: Option<&String>) -> Result<Vec<Field>, String> {
    let properties = object.get("properties").and_then(Value::as_object).ok_or("no properties")?;
    let required: Vec<_> = object.get("required").and_then(Value::as_array).into_iter().flatten().collect();
    let mut read = Vec::new();
    for (name, schema) in properties.iter().filter(|(name, _)| Some(*name) != tag) {
        let schema = schema.as_object().ok_or("a field without a schema")?;
        check_name(name)?;
        let of = of(schema, MAPS.contains(&name.as_str())).map_err(|wrong| format!("{name}: {wrong}"))?;
        let default = schema.get("default").cloned();
        let absent = (!required.iter().any(|required| *required == name)).then(|| match of {
            Type::List(_) => Value::Array(Vec::new()),
            _ => Value::Null,
        });
        let doc = doc(schema).map_err(|wrong| format!("{name}: {wrong}"))?;
        read.push(Field { name: name.clone(), doc, of, default: default.or(absent) });
    }
    Ok(read)
}

/// A field's name must survive camelCase and back, and be a name in Python.
fn check_name(name: &str) -> Result<(), String> {
    const KEYWORDS: [&str; 14] =
        ["and", "as", "class", "def", "del", "for", "from", "global", "if", "import", "in", "is", "lambda", "not"];
    let parts = name.split('_');
    let is_part = |part: &str| part.starts_with(|first: char| first.is_ascii_lowercase());
    match parts.clone().all(is_part) && !KEYWORDS.contains(&name) {
        true => Ok(()),
        false => Err(format!("the field {name} does not survive camelCase and back, or is a keyword")),
    }
}

fn of(object: &Object, may_be_map: bool) -> Result<Type, String> {
    if let Some(reference) = object.get("$ref").and_then(Value::as_str) {
        return Ok(Type::Named(reference.trim_start_matches("#/$defs/").to_owned()));
    }
    if let Some(parts) = object.get("anyOf").and_then(Value::as_array) {
        return either(parts, may_be_map);
    }
    match object.get("type") {
        Some(Value::String(kind)) => simple(kind, object, may_be_map),
        Some(Value::Array(kinds)) => match kinds.as_slice() {
            [Value::String(kind), Value::String(null)] if null == "null" => {
                Ok(Type::Nullable(Box::new(simple(kind, object, may_be_map)?)))
            }
            _ => Err(format!("the types {kinds:?} at once")),
        },
        _ => Err("no type".to_owned()),
    }
}

fn either(parts: &[Value], may_be_map: bool) -> Result<Type, String> {
    let is_null = |part: &&Value| part["type"] == "null";
    let others = parts.iter().filter(|part| !is_null(part)).filter_map(Value::as_object);
    let mut others: Vec<_> = others.map(|part| of(part, may_be_map)).collect::<Result<_, _>>()?;
    let of = if others.len() == 1 { others.remove(0) } else { Type::Either(others) };
    Ok(if parts.iter().any(|part| is_null(&part)) { Type::Nullable(Box::new(of)) } else { of })
}

fn simple(kind: &str, object: &Object, may_be_map: bool) -> Result<Type, String> {
    let format = object.get("format").and_then(Value::as_str).unwrap_or_default();
    match (kind, format) {
        ("string", _) => Ok(Type::Text),
        ("boolean", _) => Ok(Type::Boolean),
        ("number", "double") => Ok(Type::Float),
        ("integer", "int32" | "uint32" | "int53") => Ok(Type::Small),
        ("integer", "int64" | "uint64") => Ok(Type::Large),
        ("array", _) if object.contains_key("prefixItems") => {
            let parts = object["prefixItems"].as_array().into_iter().flatten().filter_map(Value::as_object);
            Ok(Type::Tuple(parts.map(|part| of(part, false)).collect::<Result<_, _>>()?))
        }
        ("array", _) => Ok(Type::List(Box::new(of(object["items"].as_object().ok_or("no items")?, false)?))),
        ("object", _) if may_be_map && object.contains_key("additionalProperties") => {
            let values = object["additionalProperties"].as_object().ok_or("a map of anything")?;
            Ok(Type::Map(Box::new(of(values, false)?)))
        }
        ("object", _) => Err("a map, which the bridges could not tell from fields".to_owned()),
        _ => Err(format!("{kind} of format {format:?}")),
    }
}

/// The documentation, without the examples in Rust.
fn doc(object: &Object) -> Result<String, String> {
    let text = object.get("description").and_then(Value::as_str).ok_or("no documentation")?;
    let text = text.split("```").next().unwrap_or_default().trim();
    Ok(text.replace("(the rules, section", "(docs/rules.md, section"))
}

fn text(value: &Value) -> Result<String, String> {
    value.as_str().map(str::to_owned).ok_or_else(|| format!("{value} is no text"))
}

/// `LEVEL_UP` and `level_up` as `LevelUp`.
pub(crate) fn pascal(label: &str) -> String {
    let words = label.split('_').map(|word| {
        let (first, rest) = word.split_at(word.len().min(1));
        first.to_uppercase() + &rest.to_lowercase()
    });
    words.collect()
}
