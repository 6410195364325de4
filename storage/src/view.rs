//! What a store answers: plain values that serialise.

use levelkit::ledger::{Verification, XpEvent, XpModifier};
use levelkit::player::{LedgerHead, RulesetHash};
use levelkit::{Command, Day, Event, Instant, Metrics, Refusal, SeasonStatus, Xp};
use serde::{Deserialize, Serialize};

/// What a migration did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Migrated {
    /// The version before; 0 without tables.
    pub before: i32,
    /// The version now.
    pub after: i32,
    /// The migrations applied, by name.
    pub applied: Vec<String>,
}

/// Which version a database's tables have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SchemaVersion {
    /// The version found; 0 without tables.
    pub found: i32,
    /// The version this levelkit needs.
    pub known: i32,
}

impl SchemaVersion {
    /// Whether nothing needs to be migrated.
    pub fn is_current(self) -> bool {
        self.found == self.known
    }
}

/// What an import did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Imported {
    /// The hash of the ruleset in force now.
    pub hash: RulesetHash,
    /// Whether another one, or none, was in force before.
    pub changed: bool,
}

/// Whom to make a player.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(extend("x-input" = true)))]
#[serde(deny_unknown_fields)]
pub struct NewPlayer {
    /// The id: any text without U+0000 that is not empty.
    pub id: String,
    /// An IANA time zone; `UTC` by default, and an adopted user's own.
    #[serde(default)]
    #[cfg_attr(feature = "uniffi", uniffi(default = None))]
    pub timezone: Option<String>,
    /// The address; `<id>@players.invalid` by default, and an adopted user's own.
    #[serde(default)]
    #[cfg_attr(feature = "uniffi", uniffi(default = None))]
    pub email: Option<String>,
    /// The name.
    #[serde(default)]
    #[cfg_attr(feature = "uniffi", uniffi(default = None))]
    pub name: Option<String>,
}

impl NewPlayer {
    /// A player of that id, with everything else by default.
    pub fn new(id: impl Into<String>) -> Self {
        Self { id: id.into(), ..Self::default() }
    }

    /// The address of a user who is made for this player.
    pub(crate) fn address(&self) -> String {
        self.email.clone().unwrap_or_else(|| format!("{}@players.invalid", self.id))
    }

    /// Refuses texts that no database keeps.
    pub(crate) fn check(&self) -> Result<(), Refusal> {
        let Self { id, timezone: _, email, name } = self;
        let texts = [("id", Some(id)), ("email", email.as_ref()), ("name", name.as_ref())];
        for (field, text) in texts.into_iter().filter_map(|(field, text)| Some((field, text?))) {
            if text.contains('\0') || (field != "name" && text.is_empty()) {
                return Err(Refusal::InvalidText { field: field.to_owned() });
            }
        }
        Ok(())
    }

    /// The same in a time zone.
    pub fn in_timezone(self, timezone: impl Into<String>) -> Self {
        Self { timezone: Some(timezone.into()), ..self }
    }
}

/// What an accepted command did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Outcome {
    /// What happened, in order.
    pub events: Vec<Event>,
    /// Where the player's ledger stands now.
    pub head: LedgerHead,
}

impl Outcome {
    /// The same behind what happened in days that were committed beforehand.
    pub(crate) fn behind(self, mut before: Vec<Event>) -> Self {
        before.extend(self.events);
        Self { events: before, ..self }
    }
}

/// A line of a listing of players.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PlayerSummary {
    /// The id.
    pub id: String,
    /// The name, if any.
    pub name: Option<String>,
    /// The level.
    pub level: i32,
    /// The total, in XP.
    pub total_xp: Xp,
    /// The current streak, in days.
    pub current_streak: i32,
    /// The last accepted command's instant.
    pub last_at: Option<Instant>,
}

/// Something that happened, rebuilt from the rows it left.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TimelineEntry {
    /// When it took effect.
    pub at: Instant,
    /// What it was.
    pub event: Event,
}

/// An XP event with its steps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LedgerEntry {
    /// The event. A hash that levelkit did not make and cannot read, of an event from before it took over, is zeros here.
    pub event: XpEvent,
    /// What turned its base XP into its final XP, in order.
    pub modifiers: Vec<XpModifier>,
}

/// A page of a ledger, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LedgerPage {
    /// The events.
    pub entries: Vec<LedgerEntry>,
    /// What to ask for the next page with; none on the last.
    pub next: Option<Instant>,
}

/// What the verification of a player's ledger found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PlayerVerification {
    /// The player's id.
    pub player: String,
    /// What was found.
    pub verification: Verification,
}

/// What the verification of every ledger found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct VerificationSummary {
    /// How many players there are.
    pub players: u64,
    /// How many events are sealed and sound.
    pub events: u64,
    /// The players whose ledger is not sound.
    pub failures: Vec<PlayerVerification>,
}

/// A report of one player among many.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(extend("x-input" = true)))]
pub struct PlayerReport {
    /// The player's id.
    pub player: String,
    /// When it is made.
    pub at: Instant,
    /// The day it is about; none for the one that is open.
    #[serde(default)]
    #[cfg_attr(feature = "uniffi", uniffi(default = None))]
    pub day: Option<Day>,
    /// When it was measured; none for when it is made.
    #[serde(default)]
    #[cfg_attr(feature = "uniffi", uniffi(default = None))]
    pub observed_at: Option<Instant>,
    /// What was measured.
    pub metrics: Metrics,
    /// What came to pass besides.
    #[serde(default)]
    #[cfg_attr(feature = "uniffi", uniffi(default = []))]
    pub specials: Vec<String>,
}

impl PlayerReport {
    /// A report of measurements made now, about the open day.
    pub fn new(player: impl Into<String>, at: Instant, metrics: Metrics) -> Self {
        Self { player: player.into(), at, day: None, observed_at: None, metrics, specials: Vec::new() }
    }

    /// The command that it is.
    pub fn command(&self) -> Command {
        let Self { player: _, at: _, day, observed_at, metrics, specials } = self.clone();
        Command::Report { day, observed_at, metrics, specials }
    }
}

/// What became of many players' reports; each stands in one of the lists, by its place among them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Reported {
    /// Those that were accepted.
    pub accepted: Vec<AcceptedReport>,
    /// Those that the rules refused. Nothing of them was written; days committed beforehand, after a long absence, stay committed.
    pub refused: Vec<RefusedReport>,
    /// Those of players whose rows are not sound. Nothing of them was written; days committed beforehand stay committed.
    pub failed: Vec<FailedReport>,
}

/// A report that was accepted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AcceptedReport {
    /// Its place among the reports, from 0 on.
    pub index: u32,
    /// Whose it is.
    pub player: String,
    /// What it brought.
    pub outcome: Outcome,
}

/// A report that the rules refused.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RefusedReport {
    /// Its place among the reports, from 0 on.
    pub index: u32,
    /// Whose it is.
    pub player: String,
    /// Why the rules refused it.
    pub refusal: Refusal,
}

/// What happened to players in days that were committed beforehand.
pub(crate) type EventsBefore = std::collections::BTreeMap<String, Vec<Event>>;

/// A report that failed for a reason of the player's own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FailedReport {
    /// Its place among the reports, from 0 on.
    pub index: u32,
    /// Whose it is.
    pub player: String,
    /// The error's code.
    pub code: String,
    /// What is wrong.
    pub message: String,
}

impl Reported {
    /// Notes what became of a report; an error that is not about that player alone is handed back.
    pub(crate) fn note(&mut self, index: usize, player: &str, done: crate::Result<Outcome>) -> crate::Result<()> {
        // Nobody can hold more reports than that at once.
        let index = u32::try_from(index).unwrap_or(u32::MAX);
        let player = player.to_owned();
        match done {
            Ok(outcome) => self.accepted.push(AcceptedReport { index, player, outcome }),
            Err(error) if !error.is_a_players_own() => return Err(error),
            Err(error) => match error.refusal() {
                Some(refusal) => self.refused.push(RefusedReport { index, player, refusal: refusal.clone() }),
                None => {
                    let (code, message) = (error.code().to_owned(), error.to_string());
                    self.failed.push(FailedReport { index, player, code, message });
                }
            },
        }
        Ok(())
    }

    /// The same with what happened to players beforehand in front of what their first report brought.
    pub(crate) fn behind(mut self, mut before: EventsBefore) -> Self {
        for report in &mut self.accepted {
            if let Some(events) = before.remove(&report.player) {
                report.outcome.events.splice(..0, events);
            }
        }
        self
    }

    /// The same with every list in the order of the reports.
    #[cfg(feature = "postgres")]
    pub(crate) fn in_order(mut self) -> Self {
        self.accepted.sort_by_key(|report| report.index);
        self.refused.sort_by_key(|report| report.index);
        self.failed.sort_by_key(|report| report.index);
        self
    }
}

/// Whom a rolling over advances.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RollOverOptions {
    /// How many players at most.
    pub limit: usize,
    /// Leaves out who has sent no command for more than so many days; nobody without it. Their days are closed when they return,
    /// and they stand then as if they had been rolled over every day.
    pub idle_days: Option<u32>,
}

impl RollOverOptions {
    /// Everybody who is due, up to a limit.
    pub fn new(limit: usize) -> Self {
        Self { limit, idle_days: None }
    }

    /// Leaves out who has sent no command for more than so many days.
    pub fn idle_days(self, idle_days: u32) -> Self {
        Self { idle_days: Some(idle_days), ..self }
    }

    /// When somebody must have sent a command at the earliest.
    pub(crate) fn seen_since(&self, now: Instant) -> Option<Instant> {
        self.idle_days.map(|days| now.plus_micros(-i64::from(days) * 86_400_000_000))
    }
}

/// What a rolling over did.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RollOver {
    /// The players who were advanced.
    pub advanced: Vec<String>,
    /// Those whose advance was refused, and why. Their days stay open, but for those committed beforehand, after a long absence.
    pub refused: Vec<RefusedPlayer>,
    /// Those whose rows are not sound. Their days stay open, but for those committed beforehand, after a long absence.
    pub failed: Vec<FailedPlayer>,
    /// Whether more players are due.
    pub more: bool,
}

impl RollOver {
    /// Notes a player who could not be advanced; an error that is not about that player alone is handed back.
    pub(crate) fn set_aside(&mut self, player: &str, error: crate::Error) -> crate::Result<()> {
        let player = player.to_owned();
        match error.refusal() {
            Some(refusal) => self.refused.push(RefusedPlayer { player, refusal: refusal.clone() }),
            None if error.may_be_one_players() => {
                let (code, message) = (error.code().to_owned(), error.to_string());
                self.failed.push(FailedPlayer { player, code, message });
            }
            None => return Err(error),
        }
        Ok(())
    }
}

/// A player whose rows stand in the way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FailedPlayer {
    /// The player's id.
    pub player: String,
    /// The error's code.
    pub code: String,
    /// What is wrong.
    pub message: String,
}

/// A player whom a rolling over could not advance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RefusedPlayer {
    /// The player's id.
    pub player: String,
    /// Why the rules refused it.
    pub refusal: Refusal,
}

/// Where somebody stands in a season.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Standing {
    /// The rank, from 1: players with as much season XP share it, and the next is skipped.
    pub rank: i64,
    /// The player's id.
    pub player: String,
    /// The player's name, if any.
    pub name: Option<String>,
    /// XP scored while the season was active.
    pub season_xp: Xp,
}

/// A page of a season's standings, ordered by rank and id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LeaderboardPage {
    /// The season's id.
    pub season: String,
    /// Where the season stood when the page was asked for.
    pub status: SeasonStatus,
    /// Whether the standings are final.
    pub sealed: bool,
    /// How many take part.
    pub participants: i64,
    /// The standings of this page.
    pub standings: Vec<Standing>,
}

/// What a refresh of a leaderboard did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Refreshed {
    /// How many take part.
    pub participants: i64,
    /// How many rows of the leaderboard were written.
    pub changed: i64,
    /// Whether the standings are final now.
    pub sealed: bool,
}

/// The final standings of a sealed season as a file: see `docs/leaderboards.md` for its format.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Standings {
    /// The season's id.
    pub season: String,
    /// How many took part.
    pub participants: i64,
    /// The file, made from the scores as they are now.
    pub text: String,
    /// The SHA-256 of the text, in lowercase hex.
    pub sha256: String,
    /// What was recorded when the season was sealed; none where that is yet to be done.
    pub recorded: Option<String>,
}

impl Standings {
    /// Whether the scores are still those that were sealed.
    pub fn is_sound(&self) -> bool {
        self.recorded.as_ref() == Some(&self.sha256)
    }
}

/// What a command brought, to be delivered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OutboxEntry {
    /// The id to acknowledge it with; a player's rise.
    pub id: i64,
    /// The player's id.
    pub player: String,
    /// The command's instant.
    pub at: Instant,
    /// What happened, in order.
    pub events: Vec<Event>,
    /// How often it was handed out, this time included.
    pub deliveries: i32,
}
