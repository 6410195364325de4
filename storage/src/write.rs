//! Changes to rows: one exhaustive match from what the engine decided to what the tables hold.

use levelkit::ledger::{XpEvent, XpModifier};
use levelkit::player::{BossAttempt, DungeonAttempt, Fact, Grant, State};
use levelkit::record::{self, Row};
use levelkit::{Event, Instant, MetricValue};

use crate::bind::{Bind, Run, Statement, binds};
use crate::convert::{to_json, to_real};
use crate::error::Result;
use crate::rows::{ProgressColumn, SnapshotColumn};

/// Where rows are written.
struct Writer<'c, R> {
    out: &'c mut R,
    user: &'c str,
    notes: Notes,
}

/// What the store notes beside what the rules know of a player.
#[derive(Clone, Copy)]
pub(crate) struct Notes {
    /// When the player's oldest open day is due.
    pub(crate) due_at: Option<Instant>,
    /// When the player did something; none where only time passed.
    pub(crate) seen_at: Option<Instant>,
}

/// Writes every row of a command, in order.
pub(crate) fn write(out: &mut impl Run, user: &str, rows: &[Row], notes: Notes) -> Result<()> {
    let mut writer = Writer { out, user, notes };
    for row in rows {
        match row {
            Row::QuestLog(row) => writer.quest_log(row)?,
            Row::DailyLog(row) => writer.daily_log(row)?,
            Row::XpEvent(row) => writer.xp_event(row)?,
            Row::UserTitle(row) => writer.user_title(row)?,
            Row::TitleHistory(row) => writer.title_history(row)?,
            Row::BossAttempt(row) => writer.boss_attempt(row)?,
            Row::DungeonAttempt(row) => writer.dungeon_attempt(row)?,
            Row::SeasonParticipation(row) => writer.season_participation(row)?,
            Row::Fact(fact) => writer.fact(fact)?,
            Row::Counter { key, count } => writer.counter(key, *count)?,
            Row::Special { name, at } => writer.special(name, *at)?,
            Row::Grant { grant, reason, at } => writer.grant(grant, reason, *at)?,
            Row::Zone { timezone, since } => writer.zone(timezone, *since)?,
            Row::Player(state) => writer.player(state)?,
        }
    }
    Ok(())
}

/// Writes a command's events to the outbox, so that they are delivered if the command is committed.
pub(crate) fn to_outbox(out: &mut impl Run, user: &str, at: Instant, events: &[Event]) -> Result<()> {
    match events {
        [] => Ok(()),
        events => out.run(Statement::Outbox, binds![user, at, &to_json(&events)?]),
    }
}

impl<R: Run> Writer<'_, R> {
    fn run(&mut self, statement: Statement, binds: &[Bind<'_>]) -> Result<()> {
        self.out.run(statement, binds)
    }

    fn quest_log(&mut self, row: &record::QuestLogRow) -> Result<()> {
        let record::QuestLogRow {
            id,
            template_id,
            status,
            progress,
            rules,
            opened_on,
            completed_at,
            xp_awarded,
            day_date,
        } = row;
        let progress = ProgressColumn { progress: progress.clone(), rules: *rules, opened_on: *opened_on };
        let progress = to_json(&progress)?;
        let values =
            binds![id, self.user, &**template_id, *day_date, status.as_str(), &progress, *completed_at, *xp_awarded];
        self.run(Statement::QuestLog, values)
    }

    fn daily_log(&mut self, row: &record::DailyLogRow) -> Result<()> {
        let record::DailyLogRow {
            id,
            day_date,
            core_completed,
            core_total,
            all_completed,
            debuff_triggered,
            evaluated,
        } = row;
        let values = binds![
            id,
            self.user,
            *day_date,
            *core_completed,
            *core_total,
            *all_completed,
            *debuff_triggered,
            *evaluated,
        ];
        self.run(Statement::DailyLog, values)
    }

    fn xp_event(&mut self, row: &record::XpEventRow) -> Result<()> {
        let record::XpEventRow { event, modifiers, rules } = row;
        let XpEvent {
            id,
            user_id,
            event_source,
            source_id,
            base_xp,
            final_xp,
            total_xp_before,
            total_xp_after,
            level_before,
            level_after,
            created_at,
            event_hash,
        } = event;
        let values = binds![
            id,
            user_id,
            event_source.as_str(),
            source_id.as_deref(),
            *base_xp,
            *final_xp,
            *total_xp_before,
            *total_xp_after,
            *level_before,
            *level_after,
            *event_hash,
            *created_at,
        ];
        self.run(Statement::XpEvent, values)?;
        modifiers.iter().try_for_each(|step| self.modifier(id, step))?;
        self.run(Statement::AwardRules, binds![id, *rules])
    }

    fn modifier(&mut self, event_id: &str, step: &XpModifier) -> Result<()> {
        let XpModifier { id, order, modifier, multiplier, reason, xp_before, xp_after } = step;
        let multiplier = to_real(*multiplier);
        let values = binds![id, event_id, *order, modifier.as_str(), multiplier, reason, *xp_before, *xp_after];
        self.run(Statement::XpModifier, values)
    }

    fn user_title(&mut self, row: &record::UserTitleRow) -> Result<()> {
        let record::UserTitleRow { id, title_id, earned_at, revoked_at, is_active } = row;
        self.run(Statement::UserTitle, binds![id, self.user, &**title_id, *earned_at, *revoked_at, *is_active])
    }

    fn title_history(&mut self, row: &record::TitleHistoryRow) -> Result<()> {
        let record::TitleHistoryRow { title_id, earned_at, revoked_at, reward } = row;
        let cause = if *reward { "REWARD" } else { "CONDITION" };
        self.run(Statement::TitleHistory, binds![self.user, &**title_id, *earned_at, *revoked_at, cause])
    }

    fn boss_attempt(&mut self, row: &record::BossAttemptRow) -> Result<()> {
        let record::BossAttemptRow { id, attempt, phase_progress } = row;
        let BossAttempt {
            boss,
            rules,
            status,
            phase,
            phase_from,
            days_closed,
            retries,
            started_at,
            completed_at,
            counted_on,
        } = attempt;
        let progress = phase_progress.as_ref().map(to_json).transpose()?;
        let progress = progress.as_deref().unwrap_or("{}");
        let values = binds![id, self.user, &**boss, *started_at, status.as_str(), *phase, progress, *completed_at];
        self.run(Statement::BossAttempt, values)?;
        let none: Option<Instant> = None;
        let values = binds![
            id,
            self.user,
            "BOSS",
            *rules,
            *started_at,
            *phase_from,
            *days_closed,
            *retries,
            none,
            none,
            *counted_on,
        ];
        self.run(Statement::Attempt, values)
    }

    fn dungeon_attempt(&mut self, row: &record::DungeonAttemptRow) -> Result<()> {
        let record::DungeonAttemptRow { id, attempt } = row;
        let DungeonAttempt {
            dungeon,
            rules,
            status,
            started_at,
            entered_at,
            from,
            deadline,
            snapshot,
            completed_at,
            counted_on,
            xp_awarded,
        } = attempt;
        let progress = to_json(&SnapshotColumn { snapshot: snapshot.clone() })?;
        let values =
            binds![id, self.user, &**dungeon, *started_at, status.as_str(), &progress, *completed_at, *xp_awarded];
        self.run(Statement::DungeonAttempt, values)?;
        let none: Option<i32> = None;
        let values = binds![
            id,
            self.user,
            "DUNGEON",
            *rules,
            *started_at,
            *from,
            none,
            none,
            *entered_at,
            *deadline,
            *counted_on,
        ];
        self.run(Statement::Attempt, values)
    }

    fn season_participation(&mut self, row: &record::SeasonParticipationRow) -> Result<()> {
        let record::SeasonParticipationRow { id, season_id, season_xp, joined_at } = row;
        self.run(Statement::Participation, binds![id, self.user, &**season_id, *season_xp, *joined_at])
    }

    fn fact(&mut self, fact: &Fact) -> Result<()> {
        let Fact { day, metric, value, observed_at } = fact;
        let (number, boolean) = match value {
            MetricValue::Number(number) => (Bind::from(*number), Bind::Bool(None)),
            MetricValue::Boolean(yes) => (Bind::Real(None), Bind::from(*yes)),
        };
        self.run(Statement::Fact, binds![self.user, *day, &**metric, number, boolean, *observed_at])
    }

    fn counter(&mut self, key: &str, count: i64) -> Result<()> {
        self.run(Statement::Counter, binds![self.user, key, count])
    }

    fn special(&mut self, name: &str, at: Instant) -> Result<()> {
        self.run(Statement::Special, binds![self.user, name, at])
    }

    fn grant(&mut self, grant: &Grant, reason: &str, at: Instant) -> Result<()> {
        let Grant { id, user, source, amount } = grant;
        self.run(Statement::Adjustment, binds![&**id, &**user, source.as_str(), *amount, reason, at])
    }

    fn zone(&mut self, timezone: &str, since: Instant) -> Result<()> {
        self.run(Statement::Zone, binds![self.user, since, timezone])
    }

    /// The player's own rows. What is a list in the state stands in rows of its own, apart from the few that are short.
    fn player(&mut self, state: &State) -> Result<()> {
        let State {
            level,
            total_xp,
            current_streak,
            longest_streak,
            perfect_streak,
            debuff_active_until,
            stats,
            zone,
            active_title,
            last_at,
            first_day,
            open_day,
            day_ends_at,
            next_day,
            zone_since,
            ledger,
            days,
            logs: _,
            facts: _,
            counters: _,
            specials: _,
            titles: _,
            title_inputs,
            boss: _,
            dungeon: _,
            dungeon_exits,
            seasons: _,
            sealed_seasons: _,
            skipped,
            grants: _,
        } = state;
        let user = binds![
            zone.name(),
            *last_at,
            *level,
            *total_xp,
            *current_streak,
            *longest_streak,
            *perfect_streak,
            *debuff_active_until,
            stats.str,
            stats.agi,
            stats.vit,
            stats.disc,
            active_title.as_deref(),
            self.user,
        ];
        self.run(Statement::User, user)?;
        let (open_days, skipped_days, dungeon_exits) = (to_json(days)?, to_json(skipped)?, to_json(dungeon_exits)?);
        let record = binds![
            *last_at,
            *first_day,
            *open_day,
            *day_ends_at,
            *next_day,
            ledger.events,
            ledger.hash,
            ledger.created_at,
            *zone_since,
            i64::from(*title_inputs),
            &open_days,
            &skipped_days,
            &dungeon_exits,
            self.notes.seen_at,
            self.user,
        ];
        self.run(Statement::Record, record)?;
        self.run(Statement::Due, binds![self.notes.due_at, self.user, self.notes.due_at])
    }
}
