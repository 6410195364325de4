//! The canonical form of a document, and its hash.
//!
//! Defaults are filled in, keys sorted, numbers shortest (as ECMAScript and RFC 8785 write them), compact UTF-8. Factors are
//! their canonical strings, integers beyond ±(2^53-1) decimal strings, columns without a value null.

use serde_json::{Map, Number, Value};
use sha2::{Digest, Sha256};

use super::document::Document;

/// The largest integer that every JSON reader keeps exactly, 2^53-1.
const SAFE_INTEGER: u64 = (1 << 53) - 1;

/// The canonical text of a document: reading it gives the same document.
pub fn canonical(document: &Document) -> String {
    let mut text = String::new();
    // A document holds nothing that JSON cannot: its map keys are strings and its numbers finite.
    write(&serde_json::to_value(document).unwrap_or_default(), &mut text);
    text
}

/// The hash of a document: SHA-256 of its canonical text.
pub fn hash(document: &Document) -> [u8; 32] {
    Sha256::digest(canonical(document)).into()
}

fn write(value: &Value, text: &mut String) {
    match value {
        Value::Null => text.push_str("null"),
        Value::Bool(yes) => text.push_str(if *yes { "true" } else { "false" }),
        Value::Number(number) => write_number(number, text),
        Value::String(string) => write_string(string, text),
        Value::Array(items) => write_list(items, text),
        Value::Object(fields) => write_object(fields, text),
    }
}

fn write_list(items: &[Value], text: &mut String) {
    text.push('[');
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        write(item, text);
    }
    text.push(']');
}

fn write_object(fields: &Map<String, Value>, text: &mut String) {
    // Another crate of the build may have turned on serde_json's `preserve_order`.
    let mut fields: Vec<_> = fields.iter().collect();
    fields.sort_by_key(|(key, _)| *key);
    text.push('{');
    for (index, (key, value)) in fields.into_iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        write_string(key, text);
        text.push(':');
        write(value, text);
    }
    text.push('}');
}

fn write_string(string: &str, text: &mut String) {
    text.push('"');
    for character in string.chars() {
        match character {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\u{8}' => text.push_str("\\b"),
            '\u{c}' => text.push_str("\\f"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            '\0'..='\u{1f}' => text.push_str(&format!("\\u{:04x}", u32::from(character))),
            _ => text.push(character),
        }
    }
    text.push('"');
}

fn write_number(number: &Number, text: &mut String) {
    match number.as_i64() {
        Some(integer) if integer.unsigned_abs() <= SAFE_INTEGER => text.push_str(&integer.to_string()),
        Some(integer) => write_string(&integer.to_string(), text),
        None => text.push_str(&shortest(number.as_f64().unwrap_or_default())),
    }
}

/// A float as ECMAScript's `Number::toString` writes it.
fn shortest(number: f64) -> String {
    // Rust gives the same shortest digits, like 1.25e-7.
    let scientific = format!("{number:e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-6..21).contains(&exponent) {
        return number.to_string();
    }
    let sign = if exponent < 0 { "" } else { "+" };
    format!("{mantissa}e{sign}{exponent}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn written(value: &Value) -> String {
        let mut text = String::new();
        write(value, &mut text);
        text
    }

    #[test]
    fn floats_are_written_as_ecmascript_does() {
        for (number, expected) in [
            (0.0, "0"),
            (8000.0, "8000"),
            (0.1, "0.1"),
            (-1.5, "-1.5"),
            (1e-6, "0.000001"),
            (1e-7, "1e-7"),
            (1.25e-7, "1.25e-7"),
            (123_456_789_012_345_680_000.0, "123456789012345680000"),
            (1e21, "1e+21"),
            (-1.5e300, "-1.5e+300"),
            (5e-324, "5e-324"),
            (9_007_199_254_740_992.0, "9007199254740992"),
        ] {
            assert_eq!(written(&json!(number)), expected);
        }
    }

    #[test]
    fn large_integers_are_strings() {
        for (integer, expected) in [
            (9_007_199_254_740_991_i64, "9007199254740991"),
            (9_007_199_254_740_992, "\"9007199254740992\""),
            (-9_007_199_254_740_991, "-9007199254740991"),
            (i64::MIN, "\"-9223372036854775808\""),
        ] {
            assert_eq!(written(&json!(integer)), expected);
        }
    }

    #[test]
    fn only_what_must_be_escaped_is() {
        assert_eq!(
            written(&json!("\"\\/\u{8}\u{c}\n\r\t\u{1}\u{1f}\u{7f}é😀")),
            "\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\u{7f}é😀\""
        );
    }

    #[test]
    fn keys_are_sorted_by_their_bytes() {
        assert_eq!(written(&json!({"b": 1, "a_b": [], "a.b": {}, "B": null})), r#"{"B":null,"a.b":{},"a_b":[],"b":1}"#);
    }
}
