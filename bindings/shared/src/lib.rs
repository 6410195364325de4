//! What the Node and the Python binding share, so that both have the same verbs, inputs and errors: a binding then is
//! conversion only. No rule is decided here.

mod execution;
mod fault;
mod pure;
#[cfg(feature = "schema")]
pub mod schema;
mod store;

pub use execution::{CommandAt, Execution, apply_all, execute, verify};
pub use fault::{Facts, Failure, Fault, caught};
pub use pure::{
    AwardContext, AwardRequest, DOCUMENT_BYTES, LedgerEnd, MetricInfo, NamedFactor, WornTitle, award, curve,
    document_format, metrics, modifiers, player, requirement, ruleset, too_long,
};
pub use store::{StoreOptions, Synchronous};

/// Hands every type that is read and written to a macro, as `"Name" => Type`: for the languages' echo tests.
#[macro_export]
macro_rules! for_every_type {
    ($use:ident) => {
        $use! {
            "Command" => levelkit::Command, "CommandAt" => $crate::CommandAt, "Metrics" => levelkit::Metrics,
            "Event" => levelkit::Event, "Step" => levelkit::Step, "Refusal" => levelkit::Refusal,
            "Failure" => $crate::Failure, "PlayerView" => levelkit::PlayerView, "AwardView" => levelkit::AwardView,
            "Missing" => levelkit::Missing, "QuestView" => levelkit::QuestView,
            "ConditionView" => levelkit::ConditionView, "TitleView" => levelkit::TitleView,
            "BossView" => levelkit::BossView, "DungeonView" => levelkit::DungeonView,
            "SeasonView" => levelkit::SeasonView, "Explanation" => levelkit::Explanation,
            "RequirementOutcome" => levelkit::Outcome, "Told" => levelkit::narrative::Told,
            "RulesetError" => levelkit::ruleset::RulesetError, "AwardContext" => $crate::AwardContext,
            "AwardRequest" => $crate::AwardRequest, "LedgerEnd" => $crate::LedgerEnd,
            "MetricInfo" => $crate::MetricInfo, "Execution" => $crate::Execution,
            "StoreOptions" => $crate::StoreOptions, "XpEvent" => levelkit::ledger::XpEvent,
            "XpModifier" => levelkit::ledger::XpModifier, "Verification" => levelkit::ledger::Verification,
            "SchemaVersion" => levelkit_storage::SchemaVersion, "Imported" => levelkit_storage::Imported,
            "NewPlayer" => levelkit_storage::NewPlayer, "Outcome" => levelkit_storage::Outcome,
            "PlayerSummary" => levelkit_storage::PlayerSummary, "TimelineEntry" => levelkit_storage::TimelineEntry,
            "LedgerEntry" => levelkit_storage::LedgerEntry, "LedgerPage" => levelkit_storage::LedgerPage,
            "PlayerVerification" => levelkit_storage::PlayerVerification,
            "VerificationSummary" => levelkit_storage::VerificationSummary,
            "PlayerReport" => levelkit_storage::PlayerReport, "Reported" => levelkit_storage::Reported,
            "RollOver" => levelkit_storage::RollOver, "Standing" => levelkit_storage::Standing,
            "LeaderboardPage" => levelkit_storage::LeaderboardPage, "Refreshed" => levelkit_storage::Refreshed,
            "Standings" => levelkit_storage::Standings, "OutboxEntry" => levelkit_storage::OutboxEntry,
            "PlayerExport" => levelkit_storage::PlayerExport, "ExportedTable" => levelkit_storage::ExportedTable,
            "ExportedRow" => levelkit_storage::ExportedRow, "ExportedValue" => levelkit_storage::ExportedValue,
        }
    };
}
