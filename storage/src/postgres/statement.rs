//! The statements that a command writes with, in the order of their values (see [`Statement`]).

use levelkit::player::PastMetric;
use levelkit::{Day, Instant};

use crate::bind::{Bind, Run, Statement};
use crate::error::Result;

/// A statement of a command.
pub(super) struct KeptStatement {
    pub(super) text: &'static str,
    pub(super) binds: Vec<Bind<'static>>,
    /// Whether writing no row means that somebody else was faster.
    pub(super) must_write: bool,
}

/// Keeps a command's statements, so that they are sent together.
pub(super) struct Kept {
    /// The events that the ledger had when the command was decided.
    events: i64,
    pub(super) statements: Vec<KeptStatement>,
}

impl Kept {
    pub(super) fn new(events: i64) -> Self {
        Self { events, statements: Vec::new() }
    }

    fn keep(&mut self, text: &'static str, binds: Vec<Bind<'static>>) {
        self.statements.push(KeptStatement { text, binds, must_write: false });
    }

    /// Sums that were grown or made anew, of the days before `until`.
    pub(super) fn sums(&mut self, user: &str, past: &[PastMetric], until: Day) {
        const FORGET: &str = "DELETE FROM levelkit.sums WHERE user_id = ?";
        const SUM: &str = "INSERT INTO levelkit.sums (user_id, metric, sum, max) VALUES (?, ?, ?, ?)";
        const UNTIL: &str = "UPDATE levelkit.players SET sums_until = ? WHERE user_id = ?";
        let user = || Bind::from(user.to_owned());
        self.keep(FORGET, vec![user()]);
        for PastMetric { metric, sum, max } in past {
            self.keep(SUM, vec![user(), metric.to_string().into(), (*sum).into(), (*max).into()]);
        }
        self.keep(UNTIL, vec![until.into(), user()]);
    }

    /// From when on rows matter to the next command.
    pub(super) fn bounds(&mut self, user: &str, logs_from: Day, history_from: Day) {
        let (logs, history) = (Bind::from(logs_from), Bind::from(history_from));
        self.keep(BOUNDS, vec![logs.clone(), history.clone(), user.to_owned().into(), logs, history]);
    }
}

impl Run for Kept {
    fn run(&mut self, statement: Statement, binds: &[Bind<'_>]) -> Result<()> {
        let mut binds: Vec<Bind<'static>> = binds.iter().map(Bind::to_static).collect();
        if statement == Statement::Record {
            binds.push(self.events.into());
        }
        let must_write = matches!(statement, Statement::Record | Statement::Participation);
        self.statements.push(KeptStatement { text: text(statement), binds, must_write });
        Ok(())
    }
}

/// Apart from the rest, since they move once a day.
const BOUNDS: &str = "UPDATE levelkit.players SET logs_from = ?, history_from = ? WHERE user_id = ? \
    AND (logs_from, history_from) IS DISTINCT FROM (?, ?)";

fn text(statement: Statement) -> &'static str {
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
        Statement::Record => RECORD,
        Statement::Due => DUE,
        Statement::Outbox => OUTBOX,
    }
}

/// Rows that the application wrote before levelkit took over are found by what they are about, and taken over.
const QUEST_LOG: &str = "INSERT INTO public.quest_logs \
    (id, user_id, template_id, day_date, status, progress, completed_at, xp_awarded) \
    VALUES (?, ?, ?, ?, ?::public.quest_status, ?::json, ?, ?) \
    ON CONFLICT (user_id, template_id, day_date) DO UPDATE SET id = excluded.id, status = excluded.status, \
    progress = excluded.progress, completed_at = excluded.completed_at, xp_awarded = excluded.xp_awarded";

const DAILY_LOG: &str = "INSERT INTO public.daily_logs \
    (id, user_id, day_date, core_completed, core_total, all_completed, debuff_triggered, evaluated) \
    VALUES (?, ?, ?, ?, ?, ?, ?, ?) \
    ON CONFLICT (user_id, day_date) DO UPDATE SET core_completed = excluded.core_completed, \
    core_total = excluded.core_total, all_completed = excluded.all_completed, \
    debuff_triggered = excluded.debuff_triggered, evaluated = excluded.evaluated";

/// The ledger only grows: no conflict is resolved here.
const XP_EVENT: &str = "INSERT INTO public.xp_events \
    (id, user_id, event_source, source_id, base_xp, final_xp, total_xp_before, total_xp_after, level_before, level_after, \
    event_hash, created_at) VALUES (?, ?, ?::public.xp_event_source, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

const XP_MODIFIER: &str = "INSERT INTO public.xp_modifiers \
    (id, xp_event_id, \"order\", type, multiplier, reason, xp_before, xp_after) \
    VALUES (?, ?, ?, ?::public.modifier_type, ?, ?, ?, ?)";

const AWARD_RULES: &str = "INSERT INTO levelkit.award_rules (xp_event_id, rules) VALUES (?, ?)";

const USER_TITLE: &str = "INSERT INTO public.user_titles (id, user_id, title_id, earned_at, revoked_at, is_active) \
    VALUES (?, ?, ?, ?, ?, ?) \
    ON CONFLICT (user_id, title_id) DO UPDATE SET earned_at = excluded.earned_at, revoked_at = excluded.revoked_at, \
    is_active = excluded.is_active";

const TITLE_HISTORY: &str = "INSERT INTO levelkit.title_history \
    (user_id, title_id, earned_at, revoked_at, cause) VALUES (?, ?, ?, ?, ?) \
    ON CONFLICT (user_id, title_id, earned_at) DO UPDATE SET revoked_at = excluded.revoked_at, cause = excluded.cause";

/// Without a progress of its phase an attempt keeps the one it has.
const BOSS_ATTEMPT: &str = "INSERT INTO public.boss_attempts AS known \
    (id, user_id, boss_id, started_at, status, current_phase, phase_progress, completed_at) \
    VALUES (?, ?, ?, ?, ?::public.boss_attempt_status, ?, ?::json, ?) \
    ON CONFLICT (id) DO UPDATE SET status = excluded.status, current_phase = excluded.current_phase, \
    phase_progress = CASE excluded.phase_progress::text WHEN '{}' THEN known.phase_progress \
    ELSE excluded.phase_progress END, completed_at = excluded.completed_at";

const DUNGEON_ATTEMPT: &str = "INSERT INTO public.dungeon_attempts \
    (id, user_id, dungeon_id, started_at, status, progress, completed_at, xp_awarded) \
    VALUES (?, ?, ?, ?, ?::public.dungeon_attempt_status, ?::json, ?, ?) \
    ON CONFLICT (id) DO UPDATE SET status = excluded.status, progress = excluded.progress, \
    completed_at = excluded.completed_at, xp_awarded = excluded.xp_awarded";

const ATTEMPT: &str = "INSERT INTO levelkit.attempts \
    (attempt_id, user_id, kind, rules, started_at, from_day, days_closed, retries, entered_at, deadline, counted_on) \
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) \
    ON CONFLICT (attempt_id) DO UPDATE SET from_day = excluded.from_day, days_closed = excluded.days_closed, \
    retries = excluded.retries, counted_on = excluded.counted_on";

/// The rank is the leaderboard's. What is sealed stays: a score that comes too late writes nothing, and is decided anew.
const PARTICIPATION: &str = "INSERT INTO public.season_participations AS known (id, user_id, season_id, season_xp, joined_at) \
    VALUES (?, ?, ?, ?, ?) \
    ON CONFLICT (user_id, season_id) DO UPDATE SET season_xp = excluded.season_xp, joined_at = excluded.joined_at \
    WHERE NOT EXISTS (SELECT 1 FROM levelkit.season_seals WHERE season_seals.season_id = known.season_id)";

const FACT: &str = "INSERT INTO levelkit.facts (user_id, day, metric, number, boolean, observed_at) \
    VALUES (?, ?, ?, ?, ?, ?) \
    ON CONFLICT (user_id, day, metric) DO UPDATE SET number = excluded.number, boolean = excluded.boolean, \
    observed_at = excluded.observed_at";

const COUNTER: &str = "INSERT INTO levelkit.counters (user_id, key, count) VALUES (?, ?, ?) \
    ON CONFLICT (user_id, key) DO UPDATE SET count = excluded.count";

const SPECIAL: &str = "INSERT INTO levelkit.specials (user_id, name, at) VALUES (?, ?, ?)";

const ADJUSTMENT: &str = "INSERT INTO levelkit.adjustments (id, user_id, source, amount, reason, at) \
    VALUES (?, ?, ?, ?, ?, ?)";

const ZONE: &str = "INSERT INTO levelkit.zone_history (user_id, since, timezone) VALUES (?, ?, ?) \
    ON CONFLICT (user_id, since) DO UPDATE SET timezone = excluded.timezone";

/// Before the first command a user's `updated_at` stays.
const USER: &str = "UPDATE public.users SET timezone = ?, updated_at = coalesce(?, updated_at), level = ?, total_xp = ?, \
    current_streak = ?, longest_streak = ?, perfect_streak = ?, debuff_active_until = ?, str = ?, agi = ?, vit = ?, disc = ?, \
    active_title_id = ? WHERE id = ?";

/// The player's row is locked; should the lock ever fail to hold, the number of events gives it away.
const RECORD: &str = "UPDATE levelkit.players SET last_at = ?, first_day = ?, open_day = ?, day_ends_at = ?, \
    next_day = ?, event_count = ?, head_hash = ?, last_created_at = ?, zone_since = ?, title_inputs = ?, open_days = ?::json, \
    skipped_days = ?::json, dungeon_exits = ?::json WHERE user_id = ? AND event_count = ?";

const DUE: &str = "UPDATE levelkit.players SET due_at = ? WHERE user_id = ? AND due_at IS DISTINCT FROM ?";

const OUTBOX: &str = "INSERT INTO levelkit.outbox (user_id, at, events) VALUES (?, ?, ?::json)";

/// What is asked for first: the player's own row, which is the row that everything else waits for.
pub(super) const LOCK: &str = "SELECT 1::int8 FROM levelkit.players WHERE user_id = ? FOR NO KEY UPDATE";

/// The same for a player who is due, unless somebody else has it in hand.
pub(super) const LOCK_IF_DUE: &str =
    "SELECT 1::int8 FROM levelkit.players WHERE user_id = ? AND due_at <= ? FOR NO KEY UPDATE SKIP LOCKED";

/// The instant as a value.
pub(super) fn at(instant: Instant) -> Bind<'static> {
    instant.into()
}
