//! Names of fields: `snake_case` in Rust, `camelCase` in JavaScript.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::HashMap;
use std::ffi::{CStr, CString};

thread_local! {
    /// Fields are `&'static`, so that place and length name one.
    static CAMEL: RefCell<HashMap<(usize, usize), &'static CStr>> = RefCell::default();
}

/// A field's property name, made once for each thread and field.
pub(crate) fn property(field: &'static str) -> &'static CStr {
    let key = (field.as_ptr() as usize, field.len());
    if let Some(known) = CAMEL.with(|cache| cache.borrow().get(&key).copied()) {
        return known;
    }
    // A field's name holds no U+0000. Leaked on purpose: there are as many as there are fields.
    let made: &'static CStr = Box::leak(CString::new(camel(field)).unwrap_or_default().into_boxed_c_str());
    CAMEL.with(|cache| cache.borrow_mut().insert(key, made));
    made
}

/// `level_before` as `levelBefore`.
pub(crate) fn camel(field: &str) -> String {
    let mut name = String::with_capacity(field.len());
    let mut upper = false;
    for character in field.chars() {
        match character {
            '_' => upper = true,
            _ if upper => {
                name.extend(character.to_uppercase());
                upper = false;
            }
            _ => name.push(character),
        }
    }
    name
}

/// `levelBefore` as `level_before`; none for a name that is not in camelCase.
pub(crate) fn snake(property: &str) -> Option<Cow<'_, str>> {
    if property.contains('_') {
        return None;
    }
    if !property.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return Some(property.into());
    }
    let mut name = String::with_capacity(property.len() + 4);
    for character in property.chars() {
        if character.is_ascii_uppercase() {
            name.push('_');
        }
        name.push(character.to_ascii_lowercase());
    }
    Some(name.into())
}

/// A message of serde's about fields, with their names as JavaScript has them.
pub(crate) fn camel_fields(message: &str) -> Cow<'_, str> {
    if !["unknown field", "missing field", "duplicate field"].iter().any(|kind| message.contains(kind)) {
        return message.into();
    }
    let words = message.split('`').enumerate();
    let words = words.map(|(place, word)| if place % 2 == 1 { camel(word) } else { word.to_owned() });
    words.collect::<Vec<_>>().join("`").into()
}
