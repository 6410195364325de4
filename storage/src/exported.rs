//! What an export of a player holds: a JSON document, with types as far as one has them.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

/// Everything that a database holds about a player: see `docs/privacy.md`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PlayerExport {
    /// `levelkit.player/1`.
    pub format: String,
    /// The player's id.
    pub player: String,
    /// The tables, always the same ones in the same order.
    pub tables: Vec<ExportedTable>,
}

impl PlayerExport {
    /// The file to hand out: JSON, as `docs/privacy.md` says.
    ///
    /// # Errors
    /// None that is known of; writing JSON may fail.
    pub fn to_json(&self) -> crate::Result<String> {
        crate::convert::to_json(self)
    }
}

/// A player's rows of a table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ExportedTable {
    /// The table; levelkit's own begin with `levelkit_`.
    pub name: String,
    /// The rows, in the order of their keys.
    pub rows: Vec<ExportedRow>,
}

/// A row by column, or an object within a column that holds JSON; its keys are as the database has them.
///
/// Every table has columns of its own, and what stands in a column of JSON may be the application's. So a row is no record of fields,
/// but values that can be asked what they are.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct ExportedRow(pub BTreeMap<String, ExportedValue>);

/// A value of an exported row, as JSON has one. Instants are RFC 3339 in UTC; integers beyond ±(2^53-1) are texts of digits.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum ExportedValue {
    /// Nothing.
    Null,
    /// Yes or no.
    Boolean(bool),
    /// An integer, at most 2^53-1 from 0.
    Whole(i64),
    /// Any other number.
    Number(f64),
    /// A text.
    Text(String),
    /// A list.
    Items(Vec<ExportedValue>),
    /// An object.
    Object(ExportedRow),
}

/// The largest integer that every reader of JSON holds exactly.
const SAFE: u64 = (1 << 53) - 1;

impl ExportedValue {
    /// An integer, as far as JSON has it everywhere.
    fn whole(number: i64) -> Self {
        if number.unsigned_abs() <= SAFE { Self::Whole(number) } else { Self::Text(number.to_string()) }
    }

    fn unsigned(number: u64) -> Self {
        i64::try_from(number).map_or_else(|_| Self::Text(number.to_string()), Self::whole)
    }
}

impl From<Value> for ExportedValue {
    fn from(value: Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(yes) => Self::Boolean(yes),
            Value::String(text) => Self::Text(text),
            Value::Array(items) => Self::Items(items.into_iter().map(Self::from).collect()),
            Value::Object(fields) => {
                Self::Object(ExportedRow(fields.into_iter().map(|(key, value)| (key, value.into())).collect()))
            }
            Value::Number(number) => match (number.as_i64(), number.as_u64(), number.as_f64()) {
                (Some(number), ..) => Self::whole(number),
                (_, Some(number), _) => Self::unsigned(number),
                (.., Some(number)) => Self::Number(number),
                _ => Self::Text(number.to_string()),
            },
        }
    }
}

impl Serialize for ExportedValue {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Boolean(yes) => serializer.serialize_bool(*yes),
            // By its name a language tells it from integers that may need all of 64 bits.
            Self::Whole(number) => serializer.serialize_newtype_struct("Whole", number),
            Self::Number(number) => serializer.serialize_f64(*number),
            Self::Text(text) => serializer.serialize_str(text),
            Self::Items(items) => items.serialize(serializer),
            Self::Object(fields) => fields.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for ExportedValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // A language's own objects are read as anything here too; that a map was asked for tells that an object's keys are
        // no names of fields.
        match deserializer.is_human_readable() {
            true => deserializer.deserialize_any(Reader),
            false => deserializer.deserialize_map(Reader),
        }
    }
}

/// Reads a value, whatever it is.
struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = ExportedValue;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value of an exported row")
    }
    fn visit_unit<E>(self) -> Result<ExportedValue, E> {
        Ok(ExportedValue::Null)
    }
    fn visit_bool<E>(self, yes: bool) -> Result<ExportedValue, E> {
        Ok(ExportedValue::Boolean(yes))
    }
    fn visit_i64<E>(self, number: i64) -> Result<ExportedValue, E> {
        Ok(ExportedValue::whole(number))
    }
    fn visit_u64<E>(self, number: u64) -> Result<ExportedValue, E> {
        Ok(ExportedValue::unsigned(number))
    }
    fn visit_f64<E>(self, number: f64) -> Result<ExportedValue, E> {
        Ok(ExportedValue::Number(number))
    }
    fn visit_str<E>(self, text: &str) -> Result<ExportedValue, E> {
        Ok(ExportedValue::Text(text.to_owned()))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<ExportedValue, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(ExportedValue::Items(list))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<ExportedValue, A::Error> {
        let mut fields = BTreeMap::new();
        while let Some((key, value)) = entries.next_entry()? {
            fields.insert(key, value);
        }
        Ok(ExportedValue::Object(ExportedRow(fields)))
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for ExportedValue {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "ExportedValue".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let value = generator.subschema_for::<Self>();
        schemars::json_schema!({
            "description": "A value of an exported row, as JSON has one. Instants are RFC 3339 in UTC; integers beyond \
                ±(2^53-1) are texts of digits.",
            "anyOf": [
                { "type": "boolean" }, { "type": "integer", "format": "int53" }, { "type": "number", "format": "double" },
                { "type": "string" }, { "type": "array", "items": value },
                { "type": "object", "additionalProperties": value }, { "type": "null" },
            ],
        })
    }
}

#[cfg(feature = "uniffi")]
mod crossing {
    use std::collections::HashMap;

    use levelkit::LevelkitError;

    use super::{ExportedRow, ExportedValue, PlayerExport};

    uniffi::custom_type!(
        /// A row by column, or an object within a column that holds JSON; its keys are as the database has them.
        ExportedRow, HashMap<String, ExportedValue>, {
            lower: |row| row.0.into_iter().collect(),
            try_lift: |row| Ok(ExportedRow(row.into_iter().collect())),
        }
    );

    #[uniffi::export]
    impl PlayerExport {
        /// The file to hand out: JSON in the form `levelkit.player/1`.
        #[uniffi::method(name = "json")]
        #[doc(hidden)] // Rust has `to_json`, with an error of its own.
        pub fn json_text(&self) -> Result<String, LevelkitError> {
            Ok(self.to_json()?)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_as_json_has_it() {
        let text = r#"{"a":[null,true,-3,9007199254740991,2.0,"9007199254740992"],"b_c":{"":{}}}"#;
        let value: ExportedValue = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&value).unwrap(), text);
        assert_eq!(ExportedValue::from(serde_json::from_str::<Value>(text).unwrap()), value);
        for (given, kept) in [
            ("9007199254740991", ExportedValue::Whole(9_007_199_254_740_991)),
            ("9007199254740992", ExportedValue::Text("9007199254740992".into())),
            ("-9007199254740992", ExportedValue::Text("-9007199254740992".into())),
            ("18446744073709551615", ExportedValue::Text("18446744073709551615".into())),
            ("1e300", ExportedValue::Number(1e300)),
        ] {
            assert_eq!(serde_json::from_str::<ExportedValue>(given).unwrap(), kept);
            assert_eq!(ExportedValue::from(serde_json::from_str::<Value>(given).unwrap()), kept);
        }
    }
}
