//! Commands: what a host asks the engine to do for one player.

use serde::{Deserialize, Serialize};

use super::{Day, Instant, Metrics, Source, Xp};

/// What a host asks the engine to do for one player at one instant (the rules, section 12).
///
/// A command is atomic: it is accepted with all its events, or refused and changes nothing.
///
/// ```
/// use levelkit::Command;
/// let command: Command = serde_json::from_str(r#"{"do":"report","metrics":{"steps":8000}}"#).unwrap();
/// assert!(matches!(command, Command::Report { day: None, .. }));
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(extend("x-input" = true)))]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum Command {
    /// Report measurements of a day: a cumulative snapshot, so the latest value per metric counts.
    Report {
        /// The local day measured; the open day if left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "uniffi", uniffi(default = None))]
        day: Option<Day>,
        /// When it was measured; the command's instant if left out. A later observation wins.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "uniffi", uniffi(default = None))]
        observed_at: Option<Instant>,
        /// The values, by metric name.
        metrics: Metrics,
        /// Named occasions that the host asserts, for SPECIAL titles; remembered from then on.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        #[cfg_attr(feature = "uniffi", uniffi(default = []))]
        specials: Vec<String>,
    },
    /// Let time pass: close the days that are due and open the current one.
    Advance {},
    /// Start a boss fight.
    StartBoss {
        /// The boss's id.
        boss: String,
    },
    /// Give the boss fight up.
    AbandonBoss {},
    /// Enter a dungeon.
    EnterDungeon {
        /// The dungeon's id.
        dungeon: String,
    },
    /// Report measurements made inside the dungeon.
    ReportDungeon {
        /// When it was measured; the command's instant if left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "uniffi", uniffi(default = None))]
        observed_at: Option<Instant>,
        /// The values, by metric name; merged into one snapshot.
        metrics: Metrics,
    },
    /// Leave the dungeon: the attempt fails.
    ForfeitDungeon {},
    /// Wear a held title, or none.
    EquipTitle {
        /// The title's id; `null` takes the active one off.
        title: Option<String>,
    },
    /// Correct a player's XP, up or down; never below 0.
    AdjustXp {
        /// The caller's id: the same id again does nothing.
        id: String,
        /// How much, as asked; the event records what was applied.
        amount: Xp,
        /// Why, for the record.
        reason: String,
    },
    /// Move to another time zone.
    SetTimezone {
        /// An IANA name, like `Europe/Berlin`.
        timezone: String,
    },
    /// Join a season before its first award.
    JoinSeason {
        /// The season's id.
        season: String,
    },
    /// Grant XP from outside the engine; by default without modifiers.
    GrantXp {
        /// The caller's id: the same id again does nothing.
        id: String,
        /// What it is granted for.
        source: GrantSource,
        /// How much, above 0.
        amount: Xp,
        /// What it refers to, if anything.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "uniffi", uniffi(default = None))]
        source_id: Option<String>,
        /// Why, for the record.
        reason: String,
    },
}

/// What XP may be granted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum GrantSource {
    /// For a streak.
    StreakBonus,
    /// For a season.
    SeasonBonus,
    /// For a title.
    TitleBonus,
}

impl GrantSource {
    /// The event source it is recorded under.
    pub fn source(self) -> Source {
        match self {
            Self::StreakBonus => Source::StreakBonus,
            Self::SeasonBonus => Source::SeasonBonus,
            Self::TitleBonus => Source::TitleBonus,
        }
    }
}
