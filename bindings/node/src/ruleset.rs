//! `Ruleset`: the game, as an author wrote it down.

use std::sync::Arc;

use levelkit::NarrativeCategory;
use levelkit::narrative::Variables;
use levelkit_shared::{MetricInfo, ruleset};
use napi_derive::napi;

use crate::wire::{Answer, Document, Instance, Wire};
use crate::{answer, instance};

/// The rules of a game: read, checked and compiled once, shared by everything that plays by it.
#[napi]
pub struct Ruleset {
    pub(crate) inner: Arc<levelkit::Ruleset>,
}

#[napi]
impl Ruleset {
    /// Reads a ruleset from its text.
    ///
    /// Throws `INVALID_RULESET` with every fault at once, each with path, code, line and column.
    #[napi(ts_args_type = "text: string, format?: RulesetFormat | null", ts_return_type = "Ruleset")]
    pub fn parse(text: Wire<String>, format: Option<Wire<String>>) -> Instance<Ruleset> {
        let format = format.map_or_else(|| "json".to_owned(), |format| format.0);
        instance(|| Ok(Ruleset { inner: Arc::new(ruleset(&text.0, &format)?) }))
    }

    /// Reads a ruleset from an object: what `JSON.parse` makes of its text, with the document's own snake_case keys.
    ///
    /// Throws like `parse`; lines and columns are those of the object's JSON text.
    #[napi(js_name = "fromObject", ts_args_type = "document: RulesetDocument", ts_return_type = "Ruleset")]
    pub fn from_object(document: Document) -> Instance<Ruleset> {
        instance(|| Ok(Ruleset { inner: Arc::new(ruleset(&document.0, "json")?) }))
    }

    /// The JSON Schema of a ruleset document, for editors.
    #[napi(ts_return_type = "string")]
    pub fn schema() -> Answer<String> {
        answer(|| Ok(levelkit::ruleset::schema().to_string()))
    }

    /// The canonical form: sorted keys, shortest numbers, compact UTF-8.
    #[napi(getter, ts_return_type = "string")]
    pub fn canonical(&self) -> Answer<String> {
        answer(|| Ok(self.inner.canonical().to_owned()))
    }

    /// The SHA-256 of the canonical form.
    #[napi(getter, ts_return_type = "EventHash")]
    pub fn hash(&self) -> Answer<String> {
        answer(|| Ok(self.inner.hash().to_string()))
    }

    /// Every measurement that the ruleset declares or reads, by name.
    #[napi(getter, ts_return_type = "MetricInfo[]")]
    pub fn metrics(&self) -> Answer<Vec<MetricInfo>> {
        answer(|| Ok(levelkit_shared::metrics(&self.inner)))
    }

    /// The keys of the narratives in use of a category, in ruleset order.
    #[napi(js_name = "narrativesAbout", ts_args_type = "category: NarrativeCategory", ts_return_type = "string[]")]
    pub fn narratives_about(&self, category: Wire<NarrativeCategory>) -> Answer<Vec<String>> {
        answer(|| Ok(self.inner.narratives_about(category.0).map(|narrative| narrative.key.clone()).collect()))
    }

    /// Tells the narrative of a key with these variables.
    ///
    /// Throws `UNKNOWN_ID`, `UNKNOWN_VARIABLE` or `MISSING_VARIABLE`.
    #[napi(ts_args_type = "key: string, variables?: Variables | null", ts_return_type = "string")]
    pub fn tell(&self, key: Wire<String>, variables: Option<Wire<Variables>>) -> Answer<String> {
        let variables = variables.map(|given| given.0).unwrap_or_default();
        answer(|| Ok(self.inner.tell(&key.0, &variables)?))
    }
}
