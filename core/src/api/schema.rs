//! JSON Schemas of the quantities, whose wire forms no derive could know.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::{Coefficient, Day, Instant, Multiplier, Xp};
use crate::ledger::EventHash;
use crate::name::Name;

macro_rules! schemas {
    ($($type:ident => $schema:tt),+ $(,)?) => {$(
        impl JsonSchema for $type {
            fn schema_name() -> Cow<'static, str> {
                stringify!($type).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!($schema)
            }
        }
    )+};
}

schemas! {
    Xp => {
        "description": "XP: an integer, or its decimal string",
        "type": ["integer", "string"],
        "format": "int64",
        "pattern": "^-?[0-9]+$",
    },
    Instant => {
        "description": "An instant, like 2026-03-01T09:00:00Z",
        "type": "string",
        "format": "date-time",
    },
    Day => {
        "description": "A date, like 2026-03-01",
        "type": "string",
        "format": "date",
    },
    Multiplier => {
        "description": "An exact factor: a number, or a string of digits with an optional point and one to six digits",
        "type": ["number", "string"],
        "minimum": 0,
        "pattern": "^[0-9]+(\\.[0-9]{1,6})?$",
    },
    Coefficient => {
        "description": "An exact decimal: a number, or a string of digits with an optional point and one to six digits",
        "type": ["number", "string"],
        "minimum": 0,
        "pattern": "^[0-9]+(\\.[0-9]{1,6})?$",
    },
    EventHash => {
        "description": "A SHA-256: 64 lowercase hexadecimal digits",
        "type": "string",
        "pattern": "^[0-9a-f]{64}$",
    },
    Name => {
        "description": "An id or a metric's name",
        "type": "string",
    },
}
