//! The ledger's rows, with the names of their columns.

use serde::{Deserialize, Serialize};

use super::{EventFields, EventHash};
use crate::api::{Instant, ModifierType, Multiplier, Source, whole};
use crate::modifier::AwardStep;

/// A row of `xp_events`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct XpEvent {
    /// Its id.
    pub id: String,
    /// The player's id.
    pub user_id: String,
    /// Where the XP comes from.
    pub event_source: Source,
    /// The quest log or attempt it is for; none for an adjustment.
    #[serde(default)]
    pub source_id: Option<String>,
    /// XP before modifiers, as asked.
    #[serde(deserialize_with = "whole::deserialize")]
    pub base_xp: i32,
    /// XP that was added to the total.
    #[serde(deserialize_with = "whole::deserialize")]
    pub final_xp: i32,
    /// The player's total before, in XP.
    #[serde(with = "total")]
    #[cfg_attr(feature = "schema", schemars(with = "crate::Xp"))]
    pub total_xp_before: i64,
    /// The player's total after, in XP.
    #[serde(with = "total")]
    #[cfg_attr(feature = "schema", schemars(with = "crate::Xp"))]
    pub total_xp_after: i64,
    /// The player's level before.
    #[serde(deserialize_with = "whole::deserialize")]
    pub level_before: i32,
    /// The player's level after.
    #[serde(deserialize_with = "whole::deserialize")]
    pub level_after: i32,
    /// When it was written; per player strictly increasing.
    pub created_at: Instant,
    /// The hash that seals it.
    pub event_hash: EventHash,
}

impl XpEvent {
    /// Its fields as they are hashed.
    pub fn fields(&self) -> EventFields<'_> {
        EventFields {
            id: &self.id,
            user_id: &self.user_id,
            event_source: self.event_source,
            source_id: self.source_id.as_deref(),
            base_xp: self.base_xp,
            final_xp: self.final_xp,
            total_xp_before: self.total_xp_before,
            total_xp_after: self.total_xp_after,
            level_before: self.level_before,
            level_after: self.level_after,
            created_at: self.created_at,
        }
    }
}

impl EventFields<'_> {
    /// The row of these fields under a hash.
    pub fn to_row(&self, event_hash: EventHash) -> XpEvent {
        XpEvent {
            id: self.id.to_owned(),
            user_id: self.user_id.to_owned(),
            event_source: self.event_source,
            source_id: self.source_id.map(str::to_owned),
            base_xp: self.base_xp,
            final_xp: self.final_xp,
            total_xp_before: self.total_xp_before,
            total_xp_after: self.total_xp_after,
            level_before: self.level_before,
            level_after: self.level_after,
            created_at: self.created_at,
            event_hash,
        }
    }
}

/// A row of `xp_modifiers`; `xp_event_id` is the event it is kept with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct XpModifier {
    /// Its id, which no hash covers.
    pub id: String,
    /// Its place in the award, from 0.
    #[serde(deserialize_with = "whole::deserialize")]
    pub order: i32,
    /// What kind of modifier it is.
    #[serde(rename = "type")]
    pub modifier: ModifierType,
    /// The exact factor; 1 for a flat bonus.
    pub multiplier: Multiplier,
    /// Why it applied.
    pub reason: String,
    /// The award's XP before this step.
    #[serde(deserialize_with = "whole::deserialize")]
    pub xp_before: i32,
    /// The award's XP after this step.
    #[serde(deserialize_with = "whole::deserialize")]
    pub xp_after: i32,
}

impl XpModifier {
    /// The row of an award's step at a place, with the id derived from the event's.
    pub fn new(event_id: &str, order: i32, step: &AwardStep<'_>) -> Self {
        Self {
            id: crate::id::xp_modifier(event_id, order),
            order,
            modifier: step.modifier,
            multiplier: step.multiplier,
            reason: step.reason.to_string(),
            xp_before: step.xp_before,
            xp_after: step.xp_after,
        }
    }
}

/// A total crosses a boundary like [`Xp`](crate::Xp): as an integer, or as a decimal string beyond ±(2^53-1).
pub(super) mod total {
    use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer};

    use crate::api::Xp;

    pub(crate) fn serialize<S: Serializer>(total: &i64, serializer: S) -> Result<S::Ok, S::Error> {
        Xp(*total).serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
        Xp::deserialize(deserializer).map(|xp| xp.0)
    }
}
