//! The ruleset document taken apart into what the tables hold.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::error::{Error, Result};

/// A content item of the document: its keys with their texts.
pub(crate) type Item = BTreeMap<String, Box<RawValue>>;

/// The canonical document, section by section; tunables stay as they are written.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sections {
    pub(crate) format: Box<RawValue>,
    pub(crate) metrics: Box<RawValue>,
    pub(crate) curve: Box<RawValue>,
    pub(crate) modifiers: Box<RawValue>,
    pub(crate) streak: Box<RawValue>,
    pub(crate) debuff: Box<RawValue>,
    pub(crate) day: Box<RawValue>,
    pub(crate) quests: Vec<Item>,
    pub(crate) titles: Vec<Item>,
    pub(crate) bosses: Vec<Item>,
    pub(crate) dungeons: Vec<Item>,
    pub(crate) seasons: Vec<Item>,
    pub(crate) narratives: Vec<Item>,
}

#[cfg(feature = "postgres")]
impl Sections {
    /// The sections that are no content, with their values.
    pub(crate) fn tunables(&self) -> [(&'static str, &RawValue); 7] {
        [
            ("format", &self.format),
            ("metrics", &self.metrics),
            ("curve", &self.curve),
            ("modifiers", &self.modifiers),
            ("streak", &self.streak),
            ("debuff", &self.debuff),
            ("day", &self.day),
        ]
    }

    /// The items of a content section.
    pub(crate) fn content(&mut self, section: &str) -> Result<&mut Vec<Item>> {
        match section {
            "quests" => Ok(&mut self.quests),
            "titles" => Ok(&mut self.titles),
            "bosses" => Ok(&mut self.bosses),
            "dungeons" => Ok(&mut self.dungeons),
            "seasons" => Ok(&mut self.seasons),
            "narratives" => Ok(&mut self.narratives),
            other => Err(Error::corrupt(format!("the ruleset has no section {other}"))),
        }
    }
}

/// What `game_configs` holds of a content section: the ids in force in their order, and the keys that are no columns.
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct InForce {
    pub(crate) order: Vec<String>,
    /// By id.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) extra: BTreeMap<String, Item>,
}

/// Reads a whole JSON text of the document's.
pub(crate) fn read<T: DeserializeOwned>(what: &str, text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|error| Error::corrupt(format!("{what} cannot be read: {error}")))
}

/// Takes a section apart: its rows, and what belongs into `game_configs`.
pub(crate) fn take_apart<T: DeserializeOwned>(
    section: &str,
    items: Vec<Item>,
    extra_keys: &[&str],
) -> Result<(Vec<T>, InForce)> {
    let mut in_force = InForce::default();
    let mut rows = Vec::with_capacity(items.len());
    for mut item in items {
        let id: String = item.get("id").map(|id| read(section, id.get())).transpose()?.unwrap_or_default();
        let extra: Item = extra_keys.iter().filter_map(|key| item.remove_entry(*key)).collect();
        if !extra.is_empty() {
            in_force.extra.insert(id.clone(), extra);
        }
        in_force.order.push(id);
        rows.push(read(section, &write(section, &item)?)?);
    }
    Ok((rows, in_force))
}

/// Puts a section together again, in the order in force.
pub(crate) fn put_together<T: Serialize>(
    section: &str,
    mut rows: BTreeMap<String, T>,
    in_force: InForce,
) -> Result<Vec<Item>> {
    let InForce { order, mut extra } = in_force;
    let item = |id: String| {
        let row =
            rows.remove(&id).ok_or_else(|| Error::corrupt(format!("{section}: {id:?} is in force, but has no row")))?;
        let mut item: Item = read(section, &write(section, &row)?)?;
        item.extend(extra.remove(&id).unwrap_or_default());
        Ok(item)
    };
    order.into_iter().map(item).collect()
}

/// A value as JSON text.
pub(crate) fn write(what: &str, value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|error| Error::corrupt(format!("{what} cannot be written: {error}")))
}
