//! The parts that work alone: a ruleset, a curve, a requirement, the modifier stack.

use levelkit::ledger::{EventHash, Head};
use levelkit::modifier::{self, CompiledPassive, TitleBonus};
use levelkit::{
    AwardView, Curve, Format, MetricKind, ModifierStack, Multiplier, PassiveType, Player, Refusal, Requirement,
    Ruleset, Source, Xp, Zone, ruleset as reader,
};
use serde::{Deserialize, Serialize};

use crate::Fault;

/// What the modifiers of an award depend on; everything may be left out.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(extend("x-input" = true)))]
#[serde(default, deny_unknown_fields)]
pub struct AwardContext {
    /// The player's current streak, in days.
    pub current_streak: i32,
    /// Whether the award's local day is a Saturday or a Sunday.
    pub weekend: bool,
    /// The running season, and its factor.
    pub season: Option<NamedFactor>,
    /// The title that the player wears.
    pub title: Option<WornTitle>,
    /// The dungeon that is cleared by this very award, and its factor.
    pub dungeon: Option<NamedFactor>,
    /// Whether the debuff is active.
    pub debuffed: bool,
}

/// A factor, and the id of what it comes from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(extend("x-input" = true)))]
#[serde(deny_unknown_fields)]
pub struct NamedFactor {
    /// The id.
    pub id: String,
    /// The exact factor.
    pub multiplier: Multiplier,
}

/// A title that is worn, and what it does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(extend("x-input" = true)))]
#[serde(deny_unknown_fields)]
pub struct WornTitle {
    /// The title's id.
    pub id: String,
    /// What it does.
    pub passive_type: PassiveType,
    /// How much.
    pub passive_value: f64,
}

/// One award of a batch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(extend("x-input" = true)))]
#[serde(deny_unknown_fields)]
pub struct AwardRequest {
    /// XP before modifiers.
    pub base_xp: i32,
    /// Where it comes from.
    pub source: Source,
    /// What the modifiers depend on.
    #[serde(default)]
    pub context: Option<AwardContext>,
}

/// How somebody remembers a ledger's end; whatever is stated must agree.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(extend("x-input" = true)))]
#[serde(default, deny_unknown_fields)]
pub struct LedgerEnd {
    /// The player's total.
    pub total_xp: Option<Xp>,
    /// The player's level.
    pub level: Option<i32>,
    /// How many events are sealed.
    pub events: Option<u64>,
    /// The last event's hash.
    pub hash: Option<EventHash>,
}

impl LedgerEnd {
    pub(crate) fn head(&self) -> Head {
        let Self { total_xp, level, events, hash } = *self;
        Head { total_xp: total_xp.map(|xp| xp.0), level, events, hash }
    }
}

/// A measurement that a ruleset declares or reads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MetricInfo {
    /// Its name.
    pub name: String,
    /// Its kind, where that is known.
    pub kind: Option<MetricKind>,
}

/// The format of that name: `json`, `yaml`, `yml` or `toml`.
///
/// # Errors
/// `INVALID_ARGUMENT`.
pub fn document_format(name: &str) -> Result<Format, Fault> {
    Format::from_extension(name).ok_or_else(|| Fault::argument(format!("{name:?} is not json, yaml or toml")))
}

/// The longest text of a document that is read, in bytes. A bridge writes an object's text no further: an object may be within
/// itself many times over, or claim any length.
pub const DOCUMENT_BYTES: usize = 8 << 20;

/// An object whose text is longer.
pub fn too_long() -> String {
    format!("a document is longer than {DOCUMENT_BYTES} bytes")
}

/// Reads a ruleset.
///
/// # Errors
/// `INVALID_RULESET`, `INVALID_ARGUMENT`.
pub fn ruleset(text: &str, format: &str) -> Result<Ruleset, Fault> {
    Ok(Ruleset::parse(text, document_format(format)?)?)
}

/// Every measurement that a ruleset declares or reads, by name.
pub fn metrics(ruleset: &Ruleset) -> Vec<MetricInfo> {
    let metrics = ruleset.metrics().into_iter();
    metrics.map(|(name, kind)| MetricInfo { name: name.to_owned(), kind }).collect()
}

/// A player who has sent no command yet.
///
/// # Errors
/// `INVALID_TIMEZONE`; `INVALID_TEXT` for an empty id, or one with U+0000.
pub fn player(id: &str, timezone: &str) -> Result<Player, Fault> {
    if id.is_empty() || id.contains('\0') {
        return Err(Refusal::InvalidText { field: "id".to_owned() }.into());
    }
    let zone = Zone::named(timezone).ok_or_else(|| Refusal::InvalidTimezone { timezone: timezone.to_owned() })?;
    Ok(Player::new(id, zone))
}

/// A curve from its JSON text; without one the default.
///
/// # Errors
/// `INVALID_RULESET`.
pub fn curve(text: Option<&str>) -> Result<Curve, Fault> {
    let Some(text) = text else { return Ok(Curve::default()) };
    // A curve that was read is one that can be made: the reader has checked it.
    Curve::new(&reader::parse_curve(text)?).map_err(|error| Fault::argument(error.to_string()))
}

/// A requirement from its JSON text.
///
/// # Errors
/// `INVALID_RULESET`.
pub fn requirement(text: &str) -> Result<Requirement, Fault> {
    Ok(reader::parse_requirement(text)?)
}

/// A modifier stack from its JSON text; without one the default.
///
/// # Errors
/// `INVALID_RULESET`.
pub fn modifiers(text: Option<&str>) -> Result<ModifierStack, Fault> {
    let Some(text) = text else { return Ok(ModifierStack::default()) };
    Ok(ModifierStack::new(&reader::parse_modifiers(text)?))
}

/// What a worn title does, ready to be applied.
///
/// # Errors
/// `OUT_OF_RANGE` for a value that its type does not allow.
fn passive(title: &WornTitle) -> Result<CompiledPassive, Fault> {
    CompiledPassive::new(title.passive_type, title.passive_value).map_err(|error| {
        Refusal::OutOfRange { field: "passive_value".to_owned(), expected: error.expected.to_owned() }.into()
    })
}

/// Computes an award, and how it came about.
///
/// # Errors
/// `XP_OVERFLOW`; `OUT_OF_RANGE` for a title's value that its type does not allow; `INVALID_MULTIPLIER` for a factor that a
/// `real` column would change.
pub fn award(stack: &ModifierStack, base_xp: i32, source: Source, context: &AwardContext) -> Result<AwardView, Fault> {
    let passive = context.title.as_ref().map(passive).transpose()?;
    let title = context.title.as_ref().zip(passive).map(|(title, passive)| TitleBonus { id: &title.id, passive });
    let borrowed = modifier::AwardContext {
        current_streak: context.current_streak,
        weekend: context.weekend,
        season: context.season.as_ref().map(|season| (&*season.id, season.multiplier)),
        title,
        dungeon: context.dungeon.as_ref().map(|dungeon| (&*dungeon.id, dungeon.multiplier)),
        debuffed: context.debuffed,
    };
    let award = stack.apply(base_xp, source, &borrowed)?;
    Ok(AwardView { base_xp, final_xp: award.final_xp, steps: award.to_steps() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_longer_document_is_read() {
        let code = |length: usize| {
            let error = ruleset(&" ".repeat(length), "json").unwrap_err();
            serde_json::to_value(error.facts()).unwrap()["errors"][0]["code"].clone()
        };
        assert_ne!(code(DOCUMENT_BYTES), "RULESET_TOO_LARGE");
        assert_eq!(code(DOCUMENT_BYTES + 1), "RULESET_TOO_LARGE");
    }
}
