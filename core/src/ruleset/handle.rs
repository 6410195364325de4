//! A ruleset in the hand: read, checked and compiled once, shared by everything that plays by it.

use super::compile::{self, Rules};
use super::{Document, Format, RulesetErrors, canonical, hash, read_document};
use crate::api::MetricKind;
use crate::ledger::EventHash;
use crate::player::RulesetHash;

/// A checked ruleset, ready for an [`Engine`](crate::Engine).
///
/// ```
/// use levelkit::Ruleset;
/// let ruleset = Ruleset::from_json(r#"{"format":"levelkit.ruleset/1"}"#).unwrap();
/// assert_eq!(ruleset.document().streak.allowed_misses, 1);
/// assert_eq!(Ruleset::from_json(ruleset.canonical()).unwrap().hash(), ruleset.hash());
/// ```
#[derive(Debug)]
pub struct Ruleset {
    document: Document,
    canonical: String,
    hash: RulesetHash,
    rules: Rules,
}

impl Ruleset {
    /// Reads a ruleset written as JSON.
    ///
    /// # Errors
    /// Every fault of the text at once, with path, code, line and column.
    pub fn from_json(text: &str) -> Result<Self, RulesetErrors> {
        Self::parse(text, Format::Json)
    }

    /// Reads a ruleset in any format that is built in.
    ///
    /// # Errors
    /// Every fault of the text at once, with path, code, line and column.
    pub fn parse(text: impl AsRef<[u8]>, format: Format) -> Result<Self, RulesetErrors> {
        read_document(text, format).map(Self::from_document)
    }

    fn from_document(document: Document) -> Self {
        let rules = compile::compile(&document);
        let (canonical, hash) = (canonical(&document), EventHash(hash(&document)));
        Self { document, canonical, hash, rules }
    }

    /// The document, with every default filled in.
    pub fn document(&self) -> &Document {
        &self.document
    }

    /// The canonical form: sorted keys, shortest numbers, compact UTF-8.
    pub fn canonical(&self) -> &str {
        &self.canonical
    }

    /// The SHA-256 of the canonical form.
    pub fn hash(&self) -> RulesetHash {
        self.hash
    }

    /// Every measurement that the ruleset declares or reads, by name, with its kind where that is known.
    ///
    /// ```
    /// # use levelkit::{MetricKind, Ruleset};
    /// let ruleset = Ruleset::from_json(r#"{"format":"levelkit.ruleset/1","metrics":{"steps":{"kind":"numeric"}}}"#).unwrap();
    /// assert_eq!(ruleset.metrics(), [("steps", Some(MetricKind::Numeric))]);
    /// ```
    pub fn metrics(&self) -> Vec<(&str, Option<MetricKind>)> {
        let mut metrics: Vec<_> = self.rules.metrics.iter().map(|(name, kind)| (&**name, *kind)).collect();
        metrics.sort_unstable_by_key(|(name, _)| *name);
        metrics
    }

    pub(crate) fn rules(&self) -> &Rules {
        &self.rules
    }
}
