//! A document given as an object: its JSON text, for the reader that also reads files.

use std::fmt::Write as _;

use levelkit_shared::{DOCUMENT_BYTES, too_long};
use napi::ValueType;

use super::js::{Env, Fail, Value};
use super::read::kind_name;

/// How deep a document may be nested; the reader of rulesets refuses less than that by its own code.
const DEPTH: u32 = 256;

/// The JSON text of a value. Properties that are `undefined` are left out; a bigint is an integer.
pub(crate) fn json_text(env: Env, value: Value) -> Result<String, Fail> {
    let mut text = String::new();
    write(env, value, 0, &mut text)?;
    Ok(text)
}

fn write(env: Env, value: Value, depth: u32, text: &mut String) -> Result<(), Fail> {
    if depth > DEPTH {
        return Err(Fail::Message(format!("a document is nested more than {DEPTH} deep, or in a circle")));
    }
    if text.len() > DOCUMENT_BYTES {
        return Err(Fail::Message(too_long()));
    }
    match env.kind(value)? {
        ValueType::Null | ValueType::Undefined => text.push_str("null"),
        ValueType::Boolean => text.push_str(if env.as_boolean(value)? { "true" } else { "false" }),
        ValueType::Number => number(env.as_double(value)?, text)?,
        ValueType::BigInt => text.push_str(&env.shown(value)?),
        ValueType::String => quoted(&env.as_string(value)?, text)?,
        ValueType::Object if env.is_array(value)? => array(env, value, depth, text)?,
        ValueType::Object if !env.is_date(value)? && !env.is_bytes(value)? => object(env, value, depth, text)?,
        other => return Err(Fail::Message(format!("a {} is nothing that a document holds", kind_name(other)))),
    }
    Ok(())
}

fn number(number: f64, text: &mut String) -> Result<(), Fail> {
    if !number.is_finite() {
        return Err(Fail::Message(format!("{number} is nothing that a document holds")));
    }
    // Whole numbers as integers; Rust writes every other one in full, without an exponent.
    let _ = write!(text, "{number}");
    Ok(())
}

fn quoted(given: &str, text: &mut String) -> Result<(), Fail> {
    let json = serde_json::to_string(given).map_err(|error| Fail::Message(error.to_string()))?;
    text.push_str(&json);
    Ok(())
}

fn array(env: Env, value: Value, depth: u32, text: &mut String) -> Result<(), Fail> {
    text.push('[');
    for index in 0..env.length(value)? {
        if index > 0 {
            text.push(',');
        }
        write(env, env.element(value, index)?, depth + 1, text)?;
    }
    text.push(']');
    Ok(())
}

fn object(env: Env, value: Value, depth: u32, text: &mut String) -> Result<(), Fail> {
    let mut separator = '{';
    for key in env.keys(value)? {
        let property = env.get(value, key)?;
        if matches!(env.kind(property)?, ValueType::Undefined) {
            continue;
        }
        text.push(separator);
        separator = ',';
        quoted(&env.as_string(key)?, text)?;
        text.push(':');
        write(env, property, depth + 1, text)?;
    }
    text.push_str(if separator == '{' { "{}" } else { "}" });
    Ok(())
}
