//! What is kept about a player: full histories, nothing else.

use chrono::NaiveDate;
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::Arc;

use super::modifiers::Step;
use super::requirement::Metric;
use super::ruleset::Rules;

#[derive(Clone, Debug)]
pub struct Model {
    pub rules: Arc<Rules>,
}

impl Model {
    /// A valid ruleset document; defaults need not be filled in.
    pub fn new(ruleset: &Value) -> Model {
        Model { rules: Arc::new(Rules::new(ruleset)) }
    }

    pub fn player(&self, id: &str, timezone: &str) -> Player {
        Player {
            rules: self.rules.clone(),
            id: id.to_string(),
            timezone: timezone.to_string(),
            zone_since: i64::MIN,
            last_at: None,
            days: Vec::new(),
            facts: Vec::new(),
            logs: Vec::new(),
            ledger: Vec::new(),
            titles: Vec::new(),
            active_title: None,
            specials: BTreeSet::new(),
            bosses: Vec::new(),
            dungeons: Vec::new(),
            participations: Vec::new(),
            out: Vec::new(),
        }
    }
}

#[derive(Clone, Debug)]
pub struct Player {
    pub rules: Arc<Rules>,
    pub id: String,
    /// The zone in force, and since when.
    pub timezone: String,
    pub zone_since: i64,
    pub last_at: Option<i64>,
    /// Every day opened so far, in order.
    pub days: Vec<Day>,
    /// Every observation of a `report`, in order of arrival.
    pub facts: Vec<Fact>,
    pub logs: Vec<QuestLog>,
    pub ledger: Vec<XpEvent>,
    pub titles: Vec<HeldTitle>,
    pub active_title: Option<String>,
    pub specials: BTreeSet<String>,
    pub bosses: Vec<BossAttempt>,
    pub dungeons: Vec<DungeonAttempt>,
    pub participations: Vec<Participation>,
    /// The events of the command being done.
    pub out: Vec<Value>,
}

#[derive(Clone, Debug)]
pub struct Day {
    pub date: NaiveDate,
    /// The instant at which it became the player's local day.
    pub first_instant: i64,
    pub core_total: i64,
    /// Its end, once closed.
    pub closed: Option<i64>,
}

#[derive(Clone, Debug)]
pub struct Fact {
    pub day: NaiveDate,
    pub metric: String,
    pub value: Metric,
    pub observed_at: i64,
}

#[derive(Clone, Debug)]
pub struct QuestLog {
    pub quest: String,
    pub day_date: NaiveDate,
    /// The day whose opening made it (of a weekly log, not always the Monday).
    pub made_on: NaiveDate,
    /// ACTIVE, COMPLETED, FAILED, EXPIRED
    pub status: String,
    pub completed_at: Option<i64>,
    /// The local day concerned: the report's, or the day closed.
    pub completed_on: Option<NaiveDate>,
    pub xp_awarded: Option<i64>,
}

#[derive(Clone, Debug)]
pub struct XpEvent {
    pub id: String,
    pub source: String,
    pub source_id: Option<String>,
    pub base_xp: i64,
    pub final_xp: i64,
    pub total_xp_before: i64,
    pub total_xp_after: i64,
    pub level_before: i64,
    pub level_after: i64,
    pub created_at: i64,
    pub steps: Vec<Step>,
    pub event_hash: [u8; 32],
    /// The season whose season_xp it adds to.
    pub season: Option<String>,
}

#[derive(Clone, Debug)]
pub struct HeldTitle {
    pub title: String,
    pub earned_at: i64,
    pub revoked_at: Option<i64>,
    /// A boss's reward is held for good.
    pub for_good: bool,
}

#[derive(Clone, Debug)]
pub struct BossAttempt {
    pub boss: String,
    /// IN_PROGRESS, VICTORY, DEFEAT, ABANDONED
    pub status: String,
    pub started_at: i64,
    pub completed_at: Option<i64>,
    /// From 1.
    pub phase: i64,
    pub phase_first_day: NaiveDate,
    /// Of the current phase.
    pub retries: i64,
    /// A victory counts on the day closed.
    pub victory_day: Option<NaiveDate>,
}

#[derive(Clone, Debug)]
pub struct DungeonAttempt {
    pub dungeon: String,
    /// IN_PROGRESS, CLEARED, FAILED, TIMED_OUT
    pub status: String,
    /// The entering command's `at`.
    pub entered_at: i64,
    /// The open day then. (A change of zone at the very same instant may begin the next day.)
    pub entered_on: NaiveDate,
    pub started_at: i64,
    pub completed_at: Option<i64>,
    pub xp_awarded: Option<i64>,
    /// In order of arrival; `day` is the local day of the observation.
    pub observations: Vec<Fact>,
}

#[derive(Clone, Debug)]
pub struct Participation {
    pub season: String,
    pub joined_at: i64,
}

impl Player {
    pub fn emit(&mut self, event: Value) {
        self.out.push(event);
    }

    pub fn closed_days(&self) -> impl Iterator<Item = &Day> {
        self.days.iter().filter(|d| d.closed.is_some())
    }

    pub fn first_day(&self) -> NaiveDate {
        self.days[0].date
    }

    /// The player's current local day.
    pub fn open_day(&self) -> NaiveDate {
        self.days.last().expect("a first day").date
    }

    pub fn total_xp(&self) -> i64 {
        self.ledger.last().map_or(0, |e| e.total_xp_after)
    }

    pub fn level(&self) -> i64 {
        self.rules.curve.level(self.total_xp())
    }
}
