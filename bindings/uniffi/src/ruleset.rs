//! The ruleset: read once, shared by every engine and store.

use std::collections::HashMap;
use std::sync::Arc;

use levelkit::{Format, MetricKind, NarrativeCategory};

use crate::Result;

/// What a ruleset is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum RulesetFormat {
    /// JSON.
    Json,
    /// YAML.
    Yaml,
    /// TOML.
    Toml,
}

impl From<RulesetFormat> for Format {
    fn from(format: RulesetFormat) -> Self {
        match format {
            RulesetFormat::Json => Self::Json,
            RulesetFormat::Yaml => Self::Yaml,
            RulesetFormat::Toml => Self::Toml,
        }
    }
}

/// A measurement that a ruleset declares or reads.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct MetricInfo {
    /// Its name.
    pub metric: String,
    /// Its kind, where that is known.
    pub kind: Option<MetricKind>,
}

/// A checked ruleset: what the game is. It can be shared by any number of engines and threads.
#[derive(Debug, uniffi::Object)]
pub struct Ruleset(pub(crate) Arc<levelkit::Ruleset>);

#[uniffi::export]
impl Ruleset {
    /// Reads a ruleset. Every fault of the text is reported at once, with path, code, line and column.
    #[uniffi::constructor]
    pub fn parse(text: String, format: RulesetFormat) -> Result<Self> {
        Ok(Self(levelkit::Ruleset::parse(text, format.into())?.into()))
    }

    /// Reads a ruleset written as JSON; see `parse`.
    #[uniffi::constructor]
    pub fn from_json(text: String) -> Result<Self> {
        Self::parse(text, RulesetFormat::Json)
    }

    /// Reads a ruleset written as YAML; see `parse`.
    #[uniffi::constructor]
    pub fn from_yaml(text: String) -> Result<Self> {
        Self::parse(text, RulesetFormat::Yaml)
    }

    /// The canonical form: JSON with sorted keys, shortest numbers, compact.
    pub fn canonical(&self) -> String {
        self.0.canonical().to_owned()
    }

    /// The SHA-256 of the canonical form.
    pub fn hash(&self) -> levelkit::player::RulesetHash {
        self.0.hash()
    }

    /// Every measurement that the ruleset declares or reads, by name.
    pub fn metrics(&self) -> Vec<MetricInfo> {
        let metrics = self.0.metrics().into_iter();
        metrics.map(|(metric, kind)| MetricInfo { metric: metric.to_owned(), kind }).collect()
    }

    /// Tells the narrative of a key, with these variables filled in.
    #[uniffi::method(default(variables))]
    pub fn tell(&self, key: String, variables: HashMap<String, String>) -> Result<String> {
        Ok(self.0.tell(&key, &variables.into_iter().collect())?)
    }

    /// The keys of the narratives in use of a category, in ruleset order.
    pub fn narratives_about(&self, category: NarrativeCategory) -> Result<Vec<String>> {
        Ok(self.0.narratives_about(category).map(|narrative| narrative.key.clone()).collect())
    }
}

/// The JSON Schema of a ruleset document, for editors.
#[uniffi::export]
pub fn ruleset_schema() -> String {
    levelkit::ruleset::schema().to_string()
}
