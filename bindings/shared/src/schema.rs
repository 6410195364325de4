//! The JSON Schema of every type that crosses: what the generator of declarations reads.

use levelkit::narrative::Told;
use levelkit::{
    BossDifficulty, Command, DungeonDifficulty, Event, Explanation, Metrics, NarrativeCategory, PlayerView,
    QuestCategory, Refusal, Stacking,
};
use levelkit_storage as storage;
use schemars::generate::SchemaSettings;
use serde_json::{Value, json};

use crate::{AwardContext, AwardRequest, CommandAt, Execution, Failure, LedgerEnd, MetricInfo, StoreOptions};

macro_rules! definitions {
    ($generator:ident: $($type:ty),+ $(,)?) => { $($generator.subschema_for::<$type>();)+ };
}

/// The ruleset document, as an author writes it.
pub fn ruleset() -> Value {
    levelkit::ruleset::schema()
}

/// Every type by name, with its documentation; what it refers to stands beside it.
pub fn schema() -> Value {
    let mut generator = SchemaSettings::draft2020_12().for_serialize().into_generator();
    definitions!(generator:
        Command, CommandAt, Metrics, Event, Refusal, Failure, PlayerView, Explanation, levelkit::Outcome, Told,
        AwardContext, AwardRequest, LedgerEnd, MetricInfo, Execution, StoreOptions,
        QuestCategory, BossDifficulty, DungeonDifficulty, NarrativeCategory, Stacking,
        storage::Migrated, storage::SchemaVersion, storage::Imported, storage::NewPlayer, storage::Outcome,
        storage::PlayerSummary, storage::TimelineEntry, storage::LedgerPage, storage::PlayerVerification,
        storage::VerificationSummary, storage::PlayerReport, storage::Reported, storage::RollOver, storage::Standing,
        storage::LeaderboardPage, storage::Refreshed, storage::Standings, storage::OutboxEntry, storage::PlayerExport,
    );
    json!({ "$defs": generator.take_definitions(true) })
}
