//! The statements that a command writes with, in the order of their values (see [`Statement`]).
//!
//! Each writes many rows as well as one: its values come as arrays, one to a column, so that a command of many rows, or the commands of
//! many players, are no more statements than there are kinds of rows.

use std::borrow::Cow;
use std::collections::BTreeMap;

use levelkit::player::PastMetric;
use levelkit::{Day, Instant};

use crate::bind::{Bind, Column, Run, Statement, binds};
use crate::error::{Error, Result};

/// What is written, in the order in which it is written.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    /// Sums that are made anew.
    ForgetSums,
    Sums,
    Row(Statement),
}

/// The rows of one kind, column by column.
#[derive(Default)]
struct Rows {
    columns: Vec<Column>,
}

impl Rows {
    fn count(&self) -> usize {
        self.columns.first().map_or(0, Column::len)
    }

    /// Adds values to the columns from `first` on.
    fn add(&mut self, first: usize, values: &[Bind<'_>]) -> Result<()> {
        for (number, value) in (first..).zip(values) {
            let fits = match self.columns.get_mut(number) {
                Some(column) => column.push(value),
                None => Column::of(value).map(|column| self.columns.push(column)).is_some(),
            };
            if !fits {
                return Err(Error::corrupt("a value is not of its column's type"));
            }
        }
        Ok(())
    }
}

/// Rows to be written by one statement, which fails if it cannot write all of them.
pub(super) struct KeptStatement {
    pub(super) text: Cow<'static, str>,
    pub(super) columns: Vec<Bind<'static>>,
}

/// Keeps what the commands of any number of players write, so that it is sent together. No row may come twice.
pub(super) struct Kept {
    /// Whether events are kept for delivery.
    pub(super) outbox: bool,
    rows: BTreeMap<Kind, Rows>,
}

/// What the store itself notes on a player's row.
pub(super) struct Notes {
    /// The events that the ledger had when the command was decided.
    pub(super) events_before: i64,
    /// Up to which day there are sums now; none where that did not change.
    pub(super) sums_until: Option<Day>,
    /// From which day on quest logs matter to the next command.
    pub(super) logs_from: Day,
    /// From which day on the past matters to the next command.
    pub(super) history_from: Day,
}

impl Kept {
    pub(super) fn new(outbox: bool) -> Self {
        Self { outbox, rows: BTreeMap::new() }
    }

    fn rows(&mut self, kind: Kind) -> &mut Rows {
        self.rows.entry(kind).or_default()
    }

    /// Sums that were grown or made anew.
    pub(super) fn sums(&mut self, user: &str, past: &[PastMetric]) -> Result<()> {
        self.rows(Kind::ForgetSums).add(0, binds![user])?;
        past.iter().try_for_each(|PastMetric { metric, sum, max }| {
            self.rows(Kind::Sums).add(0, binds![user, &**metric, *sum, *max])
        })
    }

    /// Ends a player's rows; it follows the player's own row.
    pub(super) fn notes(&mut self, notes: &Notes) -> Result<()> {
        let Notes { events_before, sums_until, logs_from, history_from } = notes;
        let values = binds![*events_before, *sums_until, *logs_from, *history_from];
        self.rows(Kind::Row(Statement::Record)).add(RECORD_COLUMNS + 1, values)
    }

    /// The statements, in order: what commands rarely write each by itself, and then what most of them write as one statement, since to
    /// begin one costs the server as much as to write a row.
    pub(super) fn statements(self) -> Vec<KeptStatement> {
        let (together, apart): (Vec<_>, Vec<_>) = self.rows.into_iter().partition(|(kind, _)| kind.is_common());
        let apart = apart.into_iter().map(|(kind, rows)| KeptStatement {
            text: text(kind).into(),
            columns: rows.columns.into_iter().map(Bind::Column).collect(),
        });
        apart.chain(joined(together)).collect()
    }
}

impl Kind {
    /// Whether most commands write it. Whatever refers to a row of these is among them, too.
    fn is_common(self) -> bool {
        use Statement::{
            AwardRules, Counter, DailyLog, Fact, Outbox, Participation, QuestLog, Record, User, XpEvent, XpModifier,
        };
        let Self::Row(statement) = self else { return false };
        matches!(
            statement,
            QuestLog
                | DailyLog
                | XpEvent
                | XpModifier
                | AwardRules
                | Participation
                | Fact
                | Counter
                | User
                | Record
                | Outbox
        )
    }

    /// Whether its rows may turn out to be somebody else's by now: fewer are written then.
    fn may_be_late(self) -> bool {
        matches!(self, Self::Row(Statement::Participation | Statement::Record))
    }
}

/// One statement that does all of them. What one writes the others do not see, and none has to: foreign keys are checked at its end.
///
/// The server itself looks whether rows were written meanwhile, so that the commit may follow before anybody has the answer: a text
/// that is no boolean ends the statement, and with it the transaction.
fn joined(kinds: Vec<(Kind, Rows)>) -> Option<KeptStatement> {
    let (mut text, mut written, mut columns) = (String::new(), Vec::new(), Vec::new());
    let mut expected = Vec::new();
    for (number, (kind, rows)) in kinds.into_iter().enumerate() {
        let begin = if number == 0 { "WITH" } else { "," };
        let returning = if kind.may_be_late() { " RETURNING 1" } else { "" };
        text.extend([begin, " w", &number.to_string(), " AS (", self::text(kind), returning, ")"]);
        if kind.may_be_late() {
            written.push(format!("(SELECT count(*) FROM w{number}) = ?"));
            expected.push(i64::try_from(rows.count()).unwrap_or(i64::MAX).into());
        }
        columns.extend(rows.columns.into_iter().map(Bind::Column));
    }
    if columns.is_empty() {
        return None;
    }
    let all = if written.is_empty() { "true".to_owned() } else { written.join(" AND ") };
    text.extend([" SELECT (CASE WHEN ", &all, " THEN 'true' ELSE '", WRITTEN_MEANWHILE, "' END)::boolean"]);
    columns.extend(expected);
    Some(KeptStatement { text: text.into(), columns })
}

/// What the server says when the rows of a command are not as they were read.
pub(super) const WRITTEN_MEANWHILE: &str = "levelkit: the rows of a player were written meanwhile";

/// How many values of the player's own row the rules know; what the store notes comes behind them.
const RECORD_COLUMNS: usize = 15;

impl Run for Kept {
    fn run(&mut self, statement: Statement, values: &[Bind<'_>]) -> Result<()> {
        match statement {
            // A column like the others here: PostgreSQL sees by itself that it did not change.
            Statement::Due => {
                self.rows(Kind::Row(Statement::Record)).add(RECORD_COLUMNS, values.get(..1).unwrap_or_default())
            }
            statement => self.rows(Kind::Row(statement)).add(0, values),
        }
    }
}

fn text(kind: Kind) -> &'static str {
    let statement = match kind {
        Kind::ForgetSums => return FORGET_SUMS,
        Kind::Sums => return SUMS,
        Kind::Row(statement) => statement,
    };
    match statement {
        Statement::QuestLog => QUEST_LOG,
        Statement::DailyLog => DAILY_LOG,
        Statement::XpEvent => XP_EVENT,
        Statement::XpModifier => XP_MODIFIER,
        Statement::AwardRules => AWARD_RULES,
        Statement::UserTitle => USER_TITLE,
        Statement::TitleHistory => TITLE_HISTORY,
        Statement::BossAttempt => BOSS_ATTEMPT,
        Statement::DungeonAttempt => DUNGEON_ATTEMPT,
        Statement::Attempt => ATTEMPT,
        Statement::Participation => PARTICIPATION,
        Statement::Fact => FACT,
        Statement::Counter => COUNTER,
        Statement::Special => SPECIAL,
        Statement::Adjustment => ADJUSTMENT,
        Statement::Zone => ZONE,
        Statement::User => USER,
        Statement::Record | Statement::Due => RECORD,
        Statement::Outbox => OUTBOX,
    }
}

const FORGET_SUMS: &str = "DELETE FROM levelkit.sums WHERE user_id = any(?)";

const SUMS: &str = "INSERT INTO levelkit.sums (user_id, metric, sum, max) SELECT * FROM unnest(?, ?, ?, ?)";

/// Rows that the application wrote before levelkit took over are found by what they are about, and taken over.
const QUEST_LOG: &str = "INSERT INTO public.quest_logs \
    (id, user_id, template_id, day_date, status, progress, completed_at, xp_awarded) \
    SELECT * FROM unnest(?, ?, ?, ?, ?::public.quest_status[], ?::json[], ?, ?) \
    ON CONFLICT (user_id, template_id, day_date) DO UPDATE SET id = excluded.id, status = excluded.status, \
    progress = excluded.progress, completed_at = excluded.completed_at, xp_awarded = excluded.xp_awarded";

const DAILY_LOG: &str = "INSERT INTO public.daily_logs \
    (id, user_id, day_date, core_completed, core_total, all_completed, debuff_triggered, evaluated) \
    SELECT * FROM unnest(?, ?, ?, ?, ?, ?, ?, ?) \
    ON CONFLICT (user_id, day_date) DO UPDATE SET core_completed = excluded.core_completed, \
    core_total = excluded.core_total, all_completed = excluded.all_completed, \
    debuff_triggered = excluded.debuff_triggered, evaluated = excluded.evaluated";

/// The ledger only grows: no conflict is resolved here.
const XP_EVENT: &str = "INSERT INTO public.xp_events \
    (id, user_id, event_source, source_id, base_xp, final_xp, total_xp_before, total_xp_after, level_before, level_after, \
    event_hash, created_at) SELECT * FROM unnest(?, ?, ?::public.xp_event_source[], ?, ?, ?, ?, ?, ?, ?, ?, ?)";

const XP_MODIFIER: &str = "INSERT INTO public.xp_modifiers \
    (id, xp_event_id, \"order\", type, multiplier, reason, xp_before, xp_after) \
    SELECT * FROM unnest(?, ?, ?, ?::public.modifier_type[], ?, ?, ?, ?)";

const AWARD_RULES: &str = "INSERT INTO levelkit.award_rules (xp_event_id, rules) SELECT * FROM unnest(?, ?)";

const USER_TITLE: &str = "INSERT INTO public.user_titles (id, user_id, title_id, earned_at, revoked_at, is_active) \
    SELECT * FROM unnest(?, ?, ?, ?, ?, ?) \
    ON CONFLICT (user_id, title_id) DO UPDATE SET earned_at = excluded.earned_at, revoked_at = excluded.revoked_at, \
    is_active = excluded.is_active";

const TITLE_HISTORY: &str = "INSERT INTO levelkit.title_history \
    (user_id, title_id, earned_at, revoked_at, cause) SELECT * FROM unnest(?, ?, ?, ?, ?) \
    ON CONFLICT (user_id, title_id, earned_at) DO UPDATE SET revoked_at = excluded.revoked_at, cause = excluded.cause";

/// Without a progress of its phase an attempt keeps the one it has.
///
/// The keys of attempts are named, not spelled out: on partitioned tables they hold the player too (docs/scaling.md).
const BOSS_ATTEMPT: &str = "INSERT INTO public.boss_attempts AS known \
    (id, user_id, boss_id, started_at, status, current_phase, phase_progress, completed_at) \
    SELECT * FROM unnest(?, ?, ?, ?, ?::public.boss_attempt_status[], ?, ?::json[], ?) \
    ON CONFLICT ON CONSTRAINT boss_attempts_pkey DO UPDATE SET status = excluded.status, current_phase = excluded.current_phase, \
    phase_progress = CASE excluded.phase_progress::text WHEN '{}' THEN known.phase_progress \
    ELSE excluded.phase_progress END, completed_at = excluded.completed_at";

const DUNGEON_ATTEMPT: &str = "INSERT INTO public.dungeon_attempts \
    (id, user_id, dungeon_id, started_at, status, progress, completed_at, xp_awarded) \
    SELECT * FROM unnest(?, ?, ?, ?, ?::public.dungeon_attempt_status[], ?::json[], ?, ?) \
    ON CONFLICT ON CONSTRAINT dungeon_attempts_pkey DO UPDATE SET status = excluded.status, progress = excluded.progress, \
    completed_at = excluded.completed_at, xp_awarded = excluded.xp_awarded";

const ATTEMPT: &str = "INSERT INTO levelkit.attempts \
    (attempt_id, user_id, kind, rules, started_at, from_day, days_closed, retries, entered_at, deadline, counted_on) \
    SELECT * FROM unnest(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) \
    ON CONFLICT ON CONSTRAINT attempts_pkey DO UPDATE SET from_day = excluded.from_day, days_closed = excluded.days_closed, \
    retries = excluded.retries, counted_on = excluded.counted_on";

/// The rank is the leaderboard's. What is sealed stays: a score that comes too late writes nothing, and is decided anew.
const PARTICIPATION: &str = "INSERT INTO public.season_participations AS known (id, user_id, season_id, season_xp, joined_at) \
    SELECT * FROM unnest(?, ?, ?, ?, ?) \
    ON CONFLICT (user_id, season_id) DO UPDATE SET season_xp = excluded.season_xp, joined_at = excluded.joined_at \
    WHERE NOT EXISTS (SELECT 1 FROM levelkit.season_seals WHERE season_seals.season_id = known.season_id)";

const FACT: &str = "INSERT INTO levelkit.facts (user_id, day, metric, number, boolean, observed_at) \
    SELECT * FROM unnest(?, ?, ?, ?, ?, ?) \
    ON CONFLICT (user_id, day, metric) DO UPDATE SET number = excluded.number, boolean = excluded.boolean, \
    observed_at = excluded.observed_at";

const COUNTER: &str = "INSERT INTO levelkit.counters (user_id, key, count) SELECT * FROM unnest(?, ?, ?) \
    ON CONFLICT (user_id, key) DO UPDATE SET count = excluded.count";

const SPECIAL: &str = "INSERT INTO levelkit.specials (user_id, name, at) SELECT * FROM unnest(?, ?, ?)";

const ADJUSTMENT: &str = "INSERT INTO levelkit.adjustments (id, user_id, source, amount, reason, at) \
    SELECT * FROM unnest(?, ?, ?, ?, ?, ?)";

const ZONE: &str = "INSERT INTO levelkit.zone_history (user_id, since, timezone) SELECT * FROM unnest(?, ?, ?) \
    ON CONFLICT (user_id, since) DO UPDATE SET timezone = excluded.timezone";

/// Before the first command a user's `updated_at` stays.
const USER: &str = "UPDATE public.users AS known SET timezone = now.timezone, \
    updated_at = coalesce(now.at, known.updated_at), level = now.level, total_xp = now.total_xp, \
    current_streak = now.current_streak, longest_streak = now.longest_streak, perfect_streak = now.perfect_streak, \
    debuff_active_until = now.debuff_active_until, str = now.str, agi = now.agi, vit = now.vit, disc = now.disc, \
    active_title_id = now.active_title_id \
    FROM unnest(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) AS now (timezone, at, level, total_xp, current_streak, \
    longest_streak, perfect_streak, debuff_active_until, str, agi, vit, disc, active_title_id, id) WHERE known.id = now.id";

/// The player's row is locked; should the lock ever fail to hold, the number of events gives it away. It stays where it is in
/// every index as long as the day when something is due stays the same.
const RECORD: &str = "UPDATE levelkit.players AS known SET last_at = now.last_at, first_day = now.first_day, \
    open_day = now.open_day, day_ends_at = now.day_ends_at, next_day = now.next_day, event_count = now.event_count, \
    head_hash = now.head_hash, last_created_at = now.last_created_at, zone_since = now.zone_since, \
    title_inputs = now.title_inputs, open_days = now.open_days::json, skipped_days = now.skipped_days::json, \
    dungeon_exits = now.dungeon_exits::json, due_at = now.due_at, \
    sums_until = coalesce(now.sums_until, known.sums_until), logs_from = now.logs_from, \
    history_from = now.history_from, seen_at = coalesce(now.seen_at, known.seen_at) \
    FROM unnest(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) AS now (last_at, first_day, open_day, day_ends_at, \
    next_day, event_count, head_hash, last_created_at, zone_since, title_inputs, open_days, skipped_days, dungeon_exits, \
    seen_at, user_id, due_at, events_before, sums_until, logs_from, history_from) \
    WHERE known.user_id = now.user_id AND known.event_count = now.events_before";

const OUTBOX: &str = "INSERT INTO levelkit.outbox (user_id, at, events) \
    SELECT user_id, at, events::json FROM unnest(?, ?, ?) AS kept (user_id, at, events)";

/// What is asked for first: the players' own rows, which are the rows that everything else waits for. Whoever wants several of them
/// takes them in this order.
pub(super) const LOCK: &str =
    "SELECT user_id FROM levelkit.players WHERE user_id = any(?) ORDER BY user_id COLLATE \"C\" FOR NO KEY UPDATE";

/// The instant as a value.
pub(super) fn at(instant: Instant) -> Bind<'static> {
    instant.into()
}
