//! `Ruleset`: the game, as an author wrote it down.

use std::sync::Arc;

use levelkit::NarrativeCategory;
use levelkit::narrative::Variables;
use pyo3::prelude::*;

use crate::wire::{Document, read};
use crate::{Any, answer, ask};

/// The rules of a game: read, checked and compiled once, shared by everything that plays by it.
#[pyclass(frozen, module = "levelkit")]
pub(crate) struct Ruleset {
    pub(crate) inner: Arc<levelkit::Ruleset>,
}

#[pymethods]
impl Ruleset {
    /// Reads a ruleset from its text: "json", "yaml" or "toml".
    ///
    /// Raises InvalidRulesetError with every fault at once, each with path, code, line and column.
    #[staticmethod]
    #[pyo3(signature = (text, format = "json"))]
    fn parse(py: Python<'_>, text: &Any<'_>, format: &str) -> PyResult<Self> {
        let text: String = read(text)?;
        ask(py, || Ok(Self { inner: Arc::new(levelkit_shared::ruleset(&text, format)?) }))
    }

    /// Reads a ruleset from an object: what json.loads makes of its text.
    ///
    /// Raises like parse; lines and columns are those of the object's JSON text.
    #[staticmethod]
    fn from_object(py: Python<'_>, document: Document) -> PyResult<Self> {
        ask(py, || Ok(Self { inner: Arc::new(levelkit_shared::ruleset(&document.0, "json")?) }))
    }

    /// The JSON Schema of a ruleset document, for editors.
    #[staticmethod]
    fn schema() -> String {
        levelkit::ruleset::schema().to_string()
    }

    /// The canonical form: sorted keys, shortest numbers, compact UTF-8.
    #[getter]
    fn canonical(&self) -> &str {
        self.inner.canonical()
    }

    /// The SHA-256 of the canonical form.
    #[getter]
    fn hash(&self) -> String {
        self.inner.hash().to_string()
    }

    /// Every measurement that the ruleset declares or reads, by name.
    #[getter]
    fn metrics<'py>(&self, py: Python<'py>) -> PyResult<Any<'py>> {
        answer(py, || Ok(levelkit_shared::metrics(&self.inner)))
    }

    /// The keys of the narratives in use of a category, in ruleset order.
    fn narratives_about<'py>(&self, py: Python<'py>, category: &Any<'py>) -> PyResult<Any<'py>> {
        let category: NarrativeCategory = read(category)?;
        let keys = self.inner.narratives_about(category).map(|narrative| narrative.key.clone());
        answer(py, || Ok(keys.collect::<Vec<_>>()))
    }

    /// Tells the narrative of a key with these variables.
    ///
    /// Raises UnknownIdError, UnknownVariableError or MissingVariableError.
    #[pyo3(signature = (key, variables = None))]
    fn tell(&self, py: Python<'_>, key: &Any<'_>, variables: Option<&Any<'_>>) -> PyResult<String> {
        let (key, variables): (String, Variables) = (read(key)?, read_or_default(variables)?);
        ask(py, || Ok(self.inner.tell(&key, &variables)?))
    }
}

/// Reads an argument that may be left out.
pub(crate) fn read_or_default<T: serde::de::DeserializeOwned + Default>(value: Option<&Any<'_>>) -> PyResult<T> {
    value.map_or_else(|| Ok(T::default()), read)
}
