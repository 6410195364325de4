//! Lifetime counts: what happened how often, however long ago.

use serde::{Deserialize, Deserializer, Serialize};

use crate::api::whole;
use crate::name::Name;

/// Lifetime counts by key, such as `completions.walk` or `events.LEVEL_UP`.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counters(#[serde(deserialize_with = "read")] Vec<(Name, i64)>);

fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<(Name, i64)>, D::Error> {
    let counts = Vec::<(Name, whole::Read<i64>)>::deserialize(deserializer)?;
    Ok(counts.into_iter().map(|(key, count)| (key, count.0)).collect())
}

impl Counters {
    /// The count of a key; 0 if it never happened.
    pub fn get(&self, key: &str) -> i64 {
        self.0.binary_search_by(|(name, _)| (**name).cmp(key)).map_or(0, |at| self.0[at].1)
    }

    /// The count of the key that is a prefix and a name, without building it.
    pub(crate) fn get_about(&self, prefix: &str, about: &str) -> i64 {
        let matches = |key: &str| key.strip_prefix(prefix) == Some(about);
        self.0.iter().find(|(name, _)| matches(name)).map_or(0, |(_, count)| *count)
    }

    /// Sets a count.
    pub fn set(&mut self, key: &Name, count: i64) {
        match self.0.binary_search_by(|(name, _)| (**name).cmp(key)) {
            Ok(at) => self.0[at].1 = count,
            Err(at) => self.0.insert(at, (key.clone(), count)),
        }
    }

    /// Every key with its count, by key.
    pub fn iter(&self) -> impl Iterator<Item = (&Name, i64)> {
        self.0.iter().map(|(key, count)| (key, *count))
    }
}

impl Clone for Counters {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }

    fn clone_from(&mut self, source: &Self) {
        self.0.clone_from(&source.0);
    }
}
