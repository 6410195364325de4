//! The parts that work alone: `Curve`, `Requirement`, `ModifierStack`, the ledger.

use levelkit::ledger::{EventHash, XpEvent, XpModifier};
use levelkit::{Metrics, Source, Xp};
use levelkit_shared::{AwardContext, AwardRequest, LedgerEnd, award};
use levelkit_storage::LedgerEntry;
use pyo3::prelude::*;

use crate::ruleset::read_or_default;
use crate::wire::{Document, read};
use crate::{Any, answer, answer_detached, ask};

/// A levelling curve: XP to level.
#[pyclass(frozen, module = "levelkit")]
pub(crate) struct Curve {
    inner: levelkit::Curve,
}

#[pymethods]
impl Curve {
    /// A curve as a ruleset's curve writes it; without one the default.
    ///
    /// Raises InvalidRulesetError.
    #[new]
    #[pyo3(signature = (curve = None))]
    fn new(py: Python<'_>, curve: Option<Document>) -> PyResult<Self> {
        ask(py, || Ok(Self { inner: levelkit_shared::curve(curve.as_ref().map(|text| &*text.0))? }))
    }

    /// The level of a total of XP.
    fn level(&self, total_xp: &Any<'_>) -> PyResult<i32> {
        let total: Xp = read(total_xp)?;
        Ok(self.inner.level(total.0))
    }

    /// The level of each total.
    fn levels<'py>(&self, py: Python<'py>, totals: &Any<'py>) -> PyResult<Any<'py>> {
        let totals: Vec<Xp> = read(totals)?;
        answer_detached(py, || Ok(totals.iter().map(|total| self.inner.level(total.0)).collect::<Vec<_>>()))
    }

    /// The total from which a player has a level; none for a level that does not exist.
    fn threshold(&self, level: &Any<'_>) -> PyResult<Option<i64>> {
        Ok(self.inner.threshold(read(level)?))
    }

    /// The total of each level.
    fn thresholds<'py>(&self, py: Python<'py>, levels: &Any<'py>) -> PyResult<Any<'py>> {
        let levels: Vec<i32> = read(levels)?;
        answer_detached(py, || Ok(levels.iter().map(|level| self.inner.threshold(*level)).collect::<Vec<_>>()))
    }

    /// The highest level a player can have.
    #[getter]
    fn max_level(&self) -> i32 {
        self.inner.max_level()
    }
}

/// A requirement over metrics, three-valued: what was not reported is unknown, never false.
#[pyclass(frozen, module = "levelkit")]
pub(crate) struct Requirement {
    inner: levelkit::Requirement,
}

#[pymethods]
impl Requirement {
    /// A requirement as a ruleset writes it.
    ///
    /// Raises InvalidRulesetError.
    #[new]
    fn new(py: Python<'_>, requirement: Document) -> PyResult<Self> {
        ask(py, || Ok(Self { inner: levelkit_shared::requirement(&requirement.0)? }))
    }

    /// How far it is met by these metrics.
    ///
    /// Raises InvalidMetricError or MetricKindError.
    fn evaluate<'py>(&self, py: Python<'py>, metrics: &Any<'py>) -> PyResult<Any<'py>> {
        let metrics: Metrics = read(metrics)?;
        answer(py, || Ok(self.inner.evaluate(&metrics)?))
    }

    /// How far it is met by each of these snapshots.
    fn evaluate_all<'py>(&self, py: Python<'py>, snapshots: &Any<'py>) -> PyResult<Any<'py>> {
        let snapshots: Vec<Metrics> = read(snapshots)?;
        answer_detached(py, || {
            Ok(snapshots.iter().map(|metrics| self.inner.evaluate(metrics)).collect::<Result<Vec<_>, _>>()?)
        })
    }

    /// Why it is met or not: the tree with every value, target and distance.
    fn explain<'py>(&self, py: Python<'py>, metrics: &Any<'py>) -> PyResult<Any<'py>> {
        let metrics: Metrics = read(metrics)?;
        answer(py, || Ok(self.inner.explain(&metrics)?))
    }
}

/// The modifier stack: what turns base XP into final XP.
#[pyclass(frozen, module = "levelkit")]
pub(crate) struct ModifierStack {
    inner: levelkit::ModifierStack,
}

#[pymethods]
impl ModifierStack {
    /// A stack as a ruleset's modifiers writes it; without them the default.
    ///
    /// Raises InvalidRulesetError.
    #[new]
    #[pyo3(signature = (modifiers = None))]
    fn new(py: Python<'_>, modifiers: Option<Document>) -> PyResult<Self> {
        ask(py, || Ok(Self { inner: levelkit_shared::modifiers(modifiers.as_ref().map(|text| &*text.0))? }))
    }

    /// Computes an award, and how it came about.
    ///
    /// Raises XpOverflowError, OutOfRangeError or InvalidMultiplierError.
    #[pyo3(signature = (base_xp, source, context = None))]
    fn apply<'py>(
        &self,
        py: Python<'py>,
        base_xp: &Any<'py>,
        source: &Any<'py>,
        context: Option<&Any<'py>>,
    ) -> PyResult<Any<'py>> {
        let (base_xp, source): (i32, Source) = (read(base_xp)?, read(source)?);
        let context: AwardContext = read_or_default(context)?;
        answer(py, || award(&self.inner, base_xp, source, &context))
    }

    /// Computes several awards; the first that is refused raises.
    fn apply_all<'py>(&self, py: Python<'py>, requests: &Any<'py>) -> PyResult<Any<'py>> {
        let requests: Vec<AwardRequest> = read(requests)?;
        let one = |request: AwardRequest| {
            award(&self.inner, request.base_xp, request.source, &request.context.unwrap_or_default())
        };
        answer_detached(py, || requests.into_iter().map(one).collect::<Result<Vec<_>, _>>())
    }
}

/// The hash that seals an event after the one before it; a player's first event follows 64 zeros.
#[pyfunction]
pub(crate) fn hash_event(previous: &Any<'_>, event: &Any<'_>, modifiers: &Any<'_>) -> PyResult<String> {
    let (previous, event): (EventHash, XpEvent) = (read(previous)?, read(event)?);
    let modifiers: Vec<XpModifier> = read(modifiers)?;
    Ok(levelkit::ledger::hash_event(previous, &event.fields(), &modifiers).to_string())
}

/// Verifies a player's ledger from the first event on; it must end as each of ends remembers it. What is wrong is the answer,
/// not an error.
#[pyfunction]
#[pyo3(signature = (entries, ends = None))]
pub(crate) fn verify_ledger<'py>(py: Python<'py>, entries: &Any<'py>, ends: Option<&Any<'py>>) -> PyResult<Any<'py>> {
    let (entries, ends): (Vec<LedgerEntry>, Vec<LedgerEnd>) = (read(entries)?, read_or_default(ends)?);
    answer_detached(py, || Ok(levelkit_shared::verify(&entries, &ends)))
}
