//! Content tables: each row as Diesel writes it and as the ruleset document writes it.
//!
//! The document's keys are the columns' names, so one struct serves both; an unknown key is an error and not lost.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::schema::*;

/// A row of `quest_templates`.
#[derive(Queryable, Selectable, Insertable, AsChangeset, Serialize, Deserialize, Debug)]
#[diesel(table_name = quest_templates, check_for_backend(diesel::sqlite::Sqlite), treat_none_as_null = true, treat_none_as_default_value = false)]
#[serde(deny_unknown_fields)]
pub(super) struct QuestTemplate {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) description: String,
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) category: String,
    #[serde(with = "raw")]
    pub(super) requirements: String,
    pub(super) base_xp: i64,
    pub(super) stat_affected: Option<String>,
    #[serde(with = "optional_raw")]
    pub(super) partial_reward: Option<String>,
    pub(super) is_core: bool,
    pub(super) season_id: Option<String>,
}

/// A row of `titles`.
#[derive(Queryable, Selectable, Insertable, AsChangeset, Serialize, Deserialize, Debug)]
#[diesel(table_name = titles, check_for_backend(diesel::sqlite::Sqlite), treat_none_as_null = true, treat_none_as_default_value = false)]
#[serde(deny_unknown_fields)]
pub(super) struct Title {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) description: String,
    pub(super) system_message: String,
    pub(super) condition_type: String,
    #[serde(with = "raw")]
    pub(super) condition_config: String,
    pub(super) passive_type: Option<String>,
    pub(super) passive_value: Option<f64>,
    pub(super) rarity: String,
    pub(super) can_regress: bool,
}

/// A row of `bosses`.
#[derive(Queryable, Selectable, Insertable, AsChangeset, Serialize, Deserialize, Debug)]
#[diesel(table_name = bosses, check_for_backend(diesel::sqlite::Sqlite), treat_none_as_null = true, treat_none_as_default_value = false)]
#[serde(deny_unknown_fields)]
pub(super) struct Boss {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) description: String,
    pub(super) intro_monologue: String,
    pub(super) defeat_message: String,
    pub(super) difficulty: String,
    pub(super) required_level: i64,
    pub(super) xp_reward: i64,
    pub(super) title_reward_id: Option<String>,
    pub(super) season_id: Option<String>,
}

/// A row of `boss_phases`; the document writes it inside its boss, without `boss_id`.
#[derive(Queryable, Selectable, Insertable, AsChangeset, Serialize, Deserialize, Debug)]
#[diesel(table_name = boss_phases, check_for_backend(diesel::sqlite::Sqlite), treat_none_as_default_value = false)]
#[serde(deny_unknown_fields)]
pub(super) struct BossPhase {
    pub(super) id: String,
    #[serde(default, skip_serializing)]
    pub(super) boss_id: String,
    pub(super) phase_number: i64,
    pub(super) name: String,
    pub(super) description: String,
    #[serde(with = "raw")]
    pub(super) requirements: String,
    pub(super) duration_days: i64,
}

/// A row of `dungeons`.
#[derive(Queryable, Selectable, Insertable, AsChangeset, Serialize, Deserialize, Debug)]
#[diesel(table_name = dungeons, check_for_backend(diesel::sqlite::Sqlite), treat_none_as_null = true, treat_none_as_default_value = false)]
#[serde(deny_unknown_fields)]
pub(super) struct Dungeon {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) description: String,
    pub(super) difficulty: String,
    #[serde(with = "raw")]
    pub(super) requirements: String,
    #[serde(with = "raw")]
    pub(super) challenges: String,
    #[serde(with = "real")]
    pub(super) xp_multiplier: f64,
    pub(super) duration_minutes: i64,
    pub(super) cooldown_hours: i64,
    pub(super) season_id: Option<String>,
}

/// A row of `seasons`, but for its status, which is a matter of time.
#[derive(Queryable, Selectable, Insertable, AsChangeset, Serialize, Deserialize, Debug)]
#[diesel(table_name = seasons, check_for_backend(diesel::sqlite::Sqlite), treat_none_as_default_value = false)]
#[serde(deny_unknown_fields)]
pub(super) struct Season {
    pub(super) id: String,
    pub(super) number: i64,
    pub(super) name: String,
    pub(super) theme: String,
    pub(super) description: String,
    #[serde(with = "micros")]
    pub(super) start_date: i64,
    #[serde(with = "micros")]
    pub(super) end_date: i64,
    #[serde(with = "real")]
    pub(super) xp_multiplier: f64,
}

/// A row of `narrative_contents`.
#[derive(Queryable, Selectable, Insertable, AsChangeset, Serialize, Deserialize, Debug)]
#[diesel(table_name = narrative_contents, check_for_backend(diesel::sqlite::Sqlite), treat_none_as_null = true, treat_none_as_default_value = false)]
#[serde(deny_unknown_fields)]
pub(super) struct Narrative {
    pub(super) id: String,
    pub(super) key: String,
    pub(super) category: String,
    pub(super) content: String,
    #[serde(with = "optional_raw")]
    pub(super) context: Option<String>,
    pub(super) is_active: bool,
}

/// A JSON column: the document's text for it, untouched.
mod raw {
    use serde::{Deserialize, Deserializer, Serialize, Serializer, ser::Error as _};
    use serde_json::value::RawValue;

    pub(super) fn serialize<S: Serializer>(text: &str, serializer: S) -> Result<S::Ok, S::Error> {
        RawValue::from_string(text.to_owned()).map_err(S::Error::custom)?.serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
        Box::<RawValue>::deserialize(deserializer).map(|raw| raw.get().to_owned())
    }
}

/// A JSON column that may be null.
mod optional_raw {
    use serde::{Deserialize, Deserializer, Serializer};
    use serde_json::value::RawValue;

    pub(super) fn serialize<S: Serializer>(text: &Option<String>, serializer: S) -> Result<S::Ok, S::Error> {
        match text {
            Some(text) => super::raw::serialize(text, serializer),
            None => serializer.serialize_none(),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
        let raw = Option::<Box<RawValue>>::deserialize(deserializer)?;
        Ok(raw.map(|raw| raw.get().to_owned()))
    }
}

/// A multiplier's column.
mod real {
    use levelkit::Multiplier;
    use serde::{Deserialize, Deserializer, Serialize, Serializer, ser::Error as _};

    use crate::convert;

    pub(super) fn serialize<S: Serializer>(real: &f64, serializer: S) -> Result<S::Ok, S::Error> {
        let multiplier = convert::multiplier(*real);
        multiplier.ok_or_else(|| S::Error::custom(format!("{real} is no multiplier")))?.serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
        Multiplier::deserialize(deserializer).map(convert::to_real)
    }
}

/// An instant's column.
mod micros {
    use levelkit::Instant;
    use serde::{Deserialize, Deserializer, Serialize, Serializer, ser::Error as _};

    pub(super) fn serialize<S: Serializer>(micros: &i64, serializer: S) -> Result<S::Ok, S::Error> {
        let instant = Instant::from_micros(*micros);
        instant.ok_or_else(|| S::Error::custom(format!("{micros} is no instant")))?.serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
        Instant::deserialize(deserializer).map(Instant::micros)
    }
}
