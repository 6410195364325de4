//! For tests of the crossing itself: a panic inside must arrive as an error, and every type as it was sent.

use levelkit::ledger::{Head, LedgerFailure, LedgerFault, Unsealed, Verification, XpEvent, XpModifier};
use levelkit::narrative::{NarrativeError, Told};
use levelkit::player::LedgerHead;
use levelkit::ruleset::{RulesetError, RulesetErrorCode};
use levelkit_storage as storage;

use crate::Result;

/// Panics inside, so that a test can see that the host survives it.
#[uniffi::export]
#[allow(clippy::panic, reason = "that is what it is for")]
pub fn panic_inside(text: String) -> Result<()> {
    panic!("{text}")
}

/// Panics inside an asynchronous call.
#[uniffi::export]
#[allow(clippy::panic, reason = "that is what it is for")]
pub async fn panic_inside_later(text: String) -> Result<()> {
    panic!("{text}")
}

/// Sends a value back as it came, so that a test can see that it crosses unharmed both ways.
#[uniffi::export]
pub fn echo(value: Echo) -> Result<Echo> {
    Ok(value)
}

macro_rules! echo {
    ($($name:ident: $type:ty,)+) => {
        /// A value of any type that crosses; see `echo`.
        #[derive(Clone, Debug, PartialEq, uniffi::Enum)]
        #[allow(clippy::large_enum_variant, reason = "for tests only")]
        pub enum Echo {
            $(
                /// A value of the type of that name.
                $name {
                    /// The value.
                    value: $type,
                },
            )+
        }
    };
}

echo! {
    AcceptedReport: storage::AcceptedReport,
    AwardView: levelkit::AwardView,
    BossAttemptStatus: levelkit::BossAttemptStatus,
    BossDifficulty: levelkit::BossDifficulty,
    BossView: levelkit::BossView,
    ChallengeView: levelkit::ChallengeView,
    Command: levelkit::Command,
    ConditionType: levelkit::ConditionType,
    ConditionView: levelkit::ConditionView,
    CountedEvent: levelkit::CountedEvent,
    Day: levelkit::Day,
    DungeonAttemptStatus: levelkit::DungeonAttemptStatus,
    DungeonDifficulty: levelkit::DungeonDifficulty,
    DungeonView: levelkit::DungeonView,
    Event: levelkit::Event,
    EventHash: levelkit::ledger::EventHash,
    Explanation: levelkit::Explanation,
    ExportedRow: storage::ExportedRow,
    ExportedTable: storage::ExportedTable,
    ExportedValue: storage::ExportedValue,
    FailedPlayer: storage::FailedPlayer,
    FailedReport: storage::FailedReport,
    GrantSource: levelkit::GrantSource,
    Head: Head,
    IdKind: levelkit::IdKind,
    Imported: storage::Imported,
    Instant: levelkit::Instant,
    LeaderboardPage: storage::LeaderboardPage,
    LedgerEntry: storage::LedgerEntry,
    LedgerFailure: LedgerFailure,
    LedgerFault: LedgerFault,
    LedgerHead: LedgerHead,
    LedgerPage: storage::LedgerPage,
    Logic: levelkit::Logic,
    MetricKind: levelkit::MetricKind,
    MetricValue: levelkit::MetricValue,
    Metrics: levelkit::Metrics,
    Migrated: storage::Migrated,
    Misses: levelkit::Misses,
    Missing: levelkit::Missing,
    ModifierType: levelkit::ModifierType,
    Multiplier: levelkit::Multiplier,
    NarrativeCategory: levelkit::NarrativeCategory,
    NarrativeError: NarrativeError,
    NewPlayer: storage::NewPlayer,
    Operator: levelkit::Operator,
    Outcome: storage::Outcome,
    OutboxEntry: storage::OutboxEntry,
    PassiveType: levelkit::PassiveType,
    PlayerExport: storage::PlayerExport,
    PlayerReport: storage::PlayerReport,
    PlayerSummary: storage::PlayerSummary,
    PlayerVerification: storage::PlayerVerification,
    PlayerView: levelkit::PlayerView,
    QuestCategory: levelkit::QuestCategory,
    QuestStatus: levelkit::QuestStatus,
    QuestType: levelkit::QuestType,
    QuestView: levelkit::QuestView,
    Refreshed: storage::Refreshed,
    Refusal: levelkit::Refusal,
    RefusedPlayer: storage::RefusedPlayer,
    RefusedReport: storage::RefusedReport,
    Reported: storage::Reported,
    RequirementOutcome: levelkit::requirement::Outcome,
    RequirementState: levelkit::RequirementState,
    RollOver: storage::RollOver,
    RulesetError: RulesetError,
    RulesetErrorCode: RulesetErrorCode,
    SchemaVersion: storage::SchemaVersion,
    SeasonStatus: levelkit::SeasonStatus,
    SeasonView: levelkit::SeasonView,
    Source: levelkit::Source,
    SourcePolicy: levelkit::SourcePolicy,
    Stacking: levelkit::Stacking,
    Standing: storage::Standing,
    Standings: storage::Standings,
    Stat: levelkit::Stat,
    Step: levelkit::Step,
    StreakKind: levelkit::StreakKind,
    Synchronous: storage::Synchronous,
    TimelineEntry: storage::TimelineEntry,
    TitleRarity: levelkit::TitleRarity,
    TitleView: levelkit::TitleView,
    Told: Told,
    Unsealed: Unsealed,
    Verification: Verification,
    VerificationSummary: storage::VerificationSummary,
    Xp: levelkit::Xp,
    XpEvent: XpEvent,
    XpModifier: XpModifier,
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    /// The words behind each occurrence of `before` in a file of the workspace.
    fn words_after(before: &str, path: &str) -> Vec<String> {
        let text = std::fs::read_to_string(Path::new("../..").join(path)).unwrap();
        let word = |rest: &str| rest.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default().to_owned();
        text.split(before).skip(1).map(word).collect()
    }

    #[test]
    fn every_type_that_crosses_has_an_echo() {
        let own = std::fs::read_to_string("src/testing.rs").unwrap();
        let mut types = Vec::new();
        for file in ["command", "event", "explain", "metrics", "refusal", "view"] {
            let path = format!("core/src/api/{file}.rs");
            types.extend(words_after("\npub struct ", &path));
            types.extend(words_after("\npub enum ", &path));
        }
        for path in ["storage/src/view.rs", "storage/src/exported.rs"] {
            types.extend(words_after("\npub struct ", path));
            types.extend(words_after("\npub enum ", path));
        }
        assert!(types.len() > 30, "{types:?}");
        // Its fields are arguments.
        types.retain(|name| name != "RollOverOptions");
        types.extend(levelkit_labels());
        for name in types {
            assert!(own.contains(&format!("\n    {name}: ")), "{name} has no echo");
        }
    }

    /// Kotlin's test goes through the cases by itself; Swift's names each.
    #[test]
    fn swift_sends_every_echo() {
        let own = std::fs::read_to_string("src/testing.rs").unwrap();
        let sent = std::fs::read_to_string("../swift/Tests/LevelkitTests/EchoTests.swift").unwrap();
        let list = own.lines().skip_while(|line| *line != "echo! {").skip(1).take_while(|line| *line != "}");
        let names: Vec<&str> = list.filter_map(|line| line.trim().split(':').next()).collect();
        assert!(names.len() > 60, "{names:?}");
        for name in names {
            let (first, rest) = name.split_at(1);
            assert!(sent.contains(&format!(".{}{rest}(", first.to_lowercase())), "{name} is not sent");
        }
    }

    /// The names in the `labels!` list, each at the same depth behind its documentation.
    fn levelkit_labels() -> Vec<String> {
        let text = std::fs::read_to_string("../../core/src/api/label.rs").unwrap();
        let lines = text.lines().skip_while(|line| !line.starts_with("labels! {"));
        let names = lines.filter_map(|line| line.strip_prefix("    ")?.strip_suffix(" {"));
        let names: Vec<String> = names.filter(|name| !name.starts_with(' ')).map(str::to_owned).collect();
        assert!(names.len() > 20, "{names:?}");
        names
    }
}
