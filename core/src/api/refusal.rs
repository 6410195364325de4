//! Refusals: why a command changed nothing.

use serde::{Deserialize, Serialize};

use super::{Day, Instant, MetricKind, Multiplier, whole};

/// What an unknown id should have named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum IdKind {
    /// A player of the store.
    Player,
    /// A boss in force.
    Boss,
    /// A dungeon in force.
    Dungeon,
    /// A title in force.
    Title,
    /// A season in force.
    Season,
    /// A quest in force.
    Quest,
    /// A ruleset that opened something of the player's.
    Ruleset,
    /// A narrative in use.
    Narrative,
}

impl std::fmt::Display for IdKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Player => "player",
            Self::Boss => "boss",
            Self::Dungeon => "dungeon",
            Self::Title => "title",
            Self::Season => "season",
            Self::Quest => "quest",
            Self::Ruleset => "ruleset",
            Self::Narrative => "narrative",
        })
    }
}

/// Why a command was refused: a stable code, and the facts behind it. A refused command changed nothing.
///
/// ```
/// use levelkit::Refusal;
/// let refusal = Refusal::LevelTooLow { needed: 10, level: 7 };
/// assert_eq!(refusal.code(), "LEVEL_TOO_LOW");
/// assert_eq!(refusal.to_string(), "level 10 is needed, the player is at level 7");
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, thiserror::Error)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(extend("x-error" = true, "x-suffix" = "Refusal")))]
#[serde(tag = "code", rename_all = "SCREAMING_SNAKE_CASE")]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum Refusal {
    /// `at` lies before the player's last command.
    #[error("the command is dated {at}, before the player's last command at {last_at}")]
    TimeBackwards {
        /// The command's instant.
        at: Instant,
        /// The last accepted command's instant.
        last_at: Instant,
    },
    /// An observation lies after its command, or before the dungeon was entered.
    #[error("the observation at {observed_at} must lie between {earliest} and {latest}")]
    InvalidInstant {
        /// The instant given.
        observed_at: Instant,
        /// The earliest instant allowed.
        earliest: Instant,
        /// The latest instant allowed.
        latest: Instant,
    },
    /// A day before the player's first, in the future, or without any instant in the player's zone.
    #[error("{day} is not a day of this player between {first_day} and {open_day}")]
    InvalidDay {
        /// The day given.
        day: Day,
        /// The player's first day.
        first_day: Day,
        /// The player's open day.
        open_day: Day,
    },
    /// The day is closed for good.
    #[error("{day} is closed")]
    DayClosed {
        /// The day given.
        day: Day,
    },
    /// A metric name that is malformed or reserved, or a value that is not finite.
    #[error("{metric:?} is not a metric that can be reported: {expected}")]
    InvalidMetric {
        /// The name given.
        metric: String,
        /// What was expected, in words.
        expected: String,
    },
    /// A value of the wrong kind.
    #[error("metric {metric:?} is {expected}")]
    MetricKind {
        /// The metric.
        metric: String,
        /// The kind it was declared or used as.
        expected: MetricKind,
    },
    /// A text with U+0000, which no store can hold, or an empty id.
    #[error("{field} must be a text without U+0000, and an id must not be empty")]
    InvalidText {
        /// The field.
        field: String,
    },
    /// A number outside what the field allows.
    #[error("{field} must be {expected}")]
    OutOfRange {
        /// The field.
        field: String,
        /// What was expected, in words.
        expected: String,
    },
    /// A factor that a `real` column would change, as can happen from 16 upwards.
    #[error("{field} is {multiplier}, which a 32-bit float does not hold")]
    InvalidMultiplier {
        /// The field.
        field: String,
        /// The factor given.
        multiplier: Multiplier,
    },
    /// A name that is not an IANA time zone.
    #[error("{timezone:?} is not an IANA time zone, like Europe/Berlin")]
    InvalidTimezone {
        /// The name given.
        timezone: String,
    },
    /// The result does not fit: XP of an event or a stat into 32 bits, a total into 64, an instant into the years up to 9999.
    #[error("{quantity} would overflow")]
    XpOverflow {
        /// What would overflow.
        quantity: String,
    },
    /// Nothing has that id.
    #[error("there is no {kind} {id:?}")]
    UnknownId {
        /// What it should have named.
        kind: IdKind,
        /// The id given.
        id: String,
    },
    /// The id was used before for another player, source or amount.
    #[error("id {id:?} was used before with another player, source or amount")]
    IdConflict {
        /// The id given.
        id: String,
    },
    /// The player's level is too low.
    #[error("level {needed} is needed, the player is at level {level}")]
    LevelTooLow {
        /// The level needed.
        #[serde(deserialize_with = "whole::deserialize")]
        needed: i32,
        /// The player's level.
        #[serde(deserialize_with = "whole::deserialize")]
        level: i32,
    },
    /// An entry requirement is not met.
    #[error("the entry requirement of dungeon {dungeon:?} is not met")]
    RequirementNotMet {
        /// The dungeon.
        dungeon: String,
        /// How far it is met, 0 to 0.99.
        fraction: f64,
    },
    /// The content's season is not running.
    #[error("season {season:?} is not active")]
    SeasonInactive {
        /// The season.
        season: String,
    },
    /// A boss fight is under way.
    #[error("boss {boss:?} is being fought")]
    BossInProgress {
        /// The boss being fought.
        boss: String,
    },
    /// No boss fight is under way.
    #[error("no boss is being fought")]
    BossNotInProgress,
    /// A dungeon attempt is under way.
    #[error("the player is inside dungeon {dungeon:?}")]
    DungeonInProgress {
        /// The dungeon.
        dungeon: String,
    },
    /// No dungeon attempt is under way.
    #[error("the player is in no dungeon")]
    DungeonNotInProgress,
    /// The dungeon's cooldown is not over.
    #[error("dungeon {dungeon:?} can be entered again from {until}")]
    DungeonCooldown {
        /// The dungeon.
        dungeon: String,
        /// The instant it ends.
        until: Instant,
    },
    /// The title is not held.
    #[error("title {title:?} is not held")]
    TitleNotHeld {
        /// The title.
        title: String,
    },
}

impl Refusal {
    /// The stable code, as section 12 of the rules names it.
    pub fn code(&self) -> &'static str {
        match self {
            Self::TimeBackwards { .. } => "TIME_BACKWARDS",
            Self::InvalidInstant { .. } => "INVALID_INSTANT",
            Self::InvalidDay { .. } => "INVALID_DAY",
            Self::DayClosed { .. } => "DAY_CLOSED",
            Self::InvalidMetric { .. } => "INVALID_METRIC",
            Self::MetricKind { .. } => "METRIC_KIND",
            Self::InvalidText { .. } => "INVALID_TEXT",
            Self::OutOfRange { .. } => "OUT_OF_RANGE",
            Self::InvalidMultiplier { .. } => "INVALID_MULTIPLIER",
            Self::InvalidTimezone { .. } => "INVALID_TIMEZONE",
            Self::XpOverflow { .. } => "XP_OVERFLOW",
            Self::UnknownId { .. } => "UNKNOWN_ID",
            Self::IdConflict { .. } => "ID_CONFLICT",
            Self::LevelTooLow { .. } => "LEVEL_TOO_LOW",
            Self::RequirementNotMet { .. } => "REQUIREMENT_NOT_MET",
            Self::SeasonInactive { .. } => "SEASON_INACTIVE",
            Self::BossInProgress { .. } => "BOSS_IN_PROGRESS",
            Self::BossNotInProgress => "BOSS_NOT_IN_PROGRESS",
            Self::DungeonInProgress { .. } => "DUNGEON_IN_PROGRESS",
            Self::DungeonNotInProgress => "DUNGEON_NOT_IN_PROGRESS",
            Self::DungeonCooldown { .. } => "DUNGEON_COOLDOWN",
            Self::TitleNotHeld { .. } => "TITLE_NOT_HELD",
        }
    }

    pub(crate) fn overflow(quantity: &str) -> Self {
        Self::XpOverflow { quantity: quantity.to_owned() }
    }
}
