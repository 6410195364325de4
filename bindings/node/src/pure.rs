//! The parts that work alone: `Curve`, `Requirement`, `ModifierStack`, the ledger.

use levelkit::ledger::{EventHash, Verification, XpEvent, XpModifier, hash_event};
use levelkit::{AwardView, Explanation, Metrics, Outcome, Source, Xp};
use levelkit_shared::{AwardContext, AwardRequest, LedgerEnd, award};
use levelkit_storage::LedgerEntry;
use napi_derive::napi;

use crate::wire::{Answer, Document, Wire};
use crate::{answer, constructed};

/// A levelling curve: XP to level.
#[napi]
pub struct Curve {
    inner: levelkit::Curve,
}

#[napi]
impl Curve {
    /// A curve as a ruleset's `curve` writes it; without one the default.
    ///
    /// Throws `INVALID_RULESET`.
    #[napi(constructor, ts_args_type = "curve?: CurveDocument | string | null")]
    pub fn new(env: napi::Env, curve: Option<Document>) -> napi::Result<Self> {
        constructed(env, || Ok(Self { inner: levelkit_shared::curve(curve.as_ref().map(|text| &*text.0))? }))
    }

    /// The level of a total of XP.
    #[napi(ts_args_type = "totalXp: Xp | number", ts_return_type = "number")]
    pub fn level(&self, total_xp: Wire<Xp>) -> Answer<i32> {
        answer(|| Ok(self.inner.level(total_xp.0.0)))
    }

    /// The level of each total.
    #[napi(ts_args_type = "totals: readonly (Xp | number)[]", ts_return_type = "number[]")]
    pub fn levels(&self, totals: Wire<Vec<Xp>>) -> Answer<Vec<i32>> {
        answer(|| Ok(totals.0.iter().map(|total| self.inner.level(total.0)).collect()))
    }

    /// The total from which a player has a level; null for a level that does not exist.
    #[napi(ts_args_type = "level: number", ts_return_type = "Xp | null")]
    pub fn threshold(&self, level: Wire<i32>) -> Answer<Option<Xp>> {
        answer(|| Ok(self.inner.threshold(level.0).map(Xp)))
    }

    /// The total of each level; null for one that does not exist.
    #[napi(ts_args_type = "levels: readonly number[]", ts_return_type = "(Xp | null)[]")]
    pub fn thresholds(&self, levels: Wire<Vec<i32>>) -> Answer<Vec<Option<Xp>>> {
        answer(|| Ok(levels.0.iter().map(|level| self.inner.threshold(*level).map(Xp)).collect()))
    }

    /// The highest level a player can have.
    #[napi(getter, js_name = "maxLevel", ts_return_type = "number")]
    pub fn max_level(&self) -> Answer<i32> {
        answer(|| Ok(self.inner.max_level()))
    }
}

/// A requirement over metrics, three-valued: what was not reported is unknown, never false.
#[napi]
pub struct Requirement {
    inner: levelkit::Requirement,
}

#[napi]
impl Requirement {
    /// A requirement as a ruleset writes it.
    ///
    /// Throws `INVALID_RULESET`.
    #[napi(constructor, ts_args_type = "requirement: RequirementDocument | string")]
    pub fn new(env: napi::Env, requirement: Document) -> napi::Result<Self> {
        constructed(env, || Ok(Self { inner: levelkit_shared::requirement(&requirement.0)? }))
    }

    /// How far it is met by these metrics.
    ///
    /// Throws `INVALID_METRIC` or `METRIC_KIND`.
    #[napi(ts_args_type = "metrics: Metrics", ts_return_type = "RequirementOutcome")]
    pub fn evaluate(&self, metrics: Wire<Metrics>) -> Answer<Outcome> {
        answer(|| Ok(self.inner.evaluate(&metrics.0)?))
    }

    /// How far it is met by each of these snapshots.
    #[napi(
        js_name = "evaluateAll",
        ts_args_type = "snapshots: readonly Metrics[]",
        ts_return_type = "RequirementOutcome[]"
    )]
    pub fn evaluate_all(&self, snapshots: Wire<Vec<Metrics>>) -> Answer<Vec<Outcome>> {
        answer(|| Ok(snapshots.0.iter().map(|metrics| self.inner.evaluate(metrics)).collect::<Result<_, _>>()?))
    }

    /// Why it is met or not: the tree with every value, target and distance.
    #[napi(ts_args_type = "metrics: Metrics", ts_return_type = "Explanation")]
    pub fn explain(&self, metrics: Wire<Metrics>) -> Answer<Explanation> {
        answer(|| Ok(self.inner.explain(&metrics.0)?))
    }
}

/// The modifier stack: what turns base XP into final XP.
#[napi]
pub struct ModifierStack {
    inner: levelkit::ModifierStack,
}

#[napi]
impl ModifierStack {
    /// A stack as a ruleset's `modifiers` writes it; without them the default.
    ///
    /// Throws `INVALID_RULESET`.
    #[napi(constructor, ts_args_type = "modifiers?: ModifiersDocument | string | null")]
    pub fn new(env: napi::Env, modifiers: Option<Document>) -> napi::Result<Self> {
        constructed(env, || Ok(Self { inner: levelkit_shared::modifiers(modifiers.as_ref().map(|text| &*text.0))? }))
    }

    /// Computes an award, and how it came about.
    ///
    /// Throws `XP_OVERFLOW`, `OUT_OF_RANGE` or `INVALID_MULTIPLIER`.
    #[napi(
        ts_args_type = "baseXp: number, source: Source, context?: AwardContext | null",
        ts_return_type = "AwardView"
    )]
    pub fn apply(
        &self,
        base_xp: Wire<i32>,
        source: Wire<Source>,
        context: Option<Wire<AwardContext>>,
    ) -> Answer<AwardView> {
        let context = context.map(|given| given.0).unwrap_or_default();
        answer(|| award(&self.inner, base_xp.0, source.0, &context))
    }

    /// Computes several awards; the first that is refused throws.
    #[napi(js_name = "applyAll", ts_args_type = "requests: readonly AwardRequest[]", ts_return_type = "AwardView[]")]
    pub fn apply_all(&self, requests: Wire<Vec<AwardRequest>>) -> Answer<Vec<AwardView>> {
        let one = |request: AwardRequest| {
            award(&self.inner, request.base_xp, request.source, &request.context.unwrap_or_default())
        };
        answer(|| requests.0.into_iter().map(one).collect())
    }
}

/// The hash that seals an event after the one before it; a player's first event follows 64 zeros.
#[napi(
    js_name = "hashEvent",
    ts_args_type = "previous: EventHash, event: XpEvent, modifiers: readonly XpModifier[]",
    ts_return_type = "EventHash"
)]
pub fn js_hash_event(
    previous: Wire<EventHash>,
    event: Wire<XpEvent>,
    modifiers: Wire<Vec<XpModifier>>,
) -> Answer<EventHash> {
    answer(|| Ok(hash_event(previous.0, &event.0.fields(), &modifiers.0)))
}

/// Verifies a player's ledger from the first event on; it must end as each of `ends` remembers it. What is wrong is the
/// answer, not an error.
#[napi(
    js_name = "verifyLedger",
    ts_args_type = "entries: readonly LedgerEntry[], ends?: readonly LedgerEnd[] | null",
    ts_return_type = "Verification"
)]
pub fn verify_ledger(entries: Wire<Vec<LedgerEntry>>, ends: Option<Wire<Vec<LedgerEnd>>>) -> Answer<Verification> {
    let ends = ends.map(|ends| ends.0).unwrap_or_default();
    answer(|| Ok(levelkit_shared::verify(&entries.0, &ends)))
}
