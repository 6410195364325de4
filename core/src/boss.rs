//! Bosses: `IN_PROGRESS -> VICTORY | DEFEAT | ABANDONED` (the rules, section 8).

use crate::api::{BossAttemptStatus, CountedEvent, Day, IdKind, Instant, QuestType, Refusal, Source};
use crate::award::Ask;
use crate::change::{Change, PhaseProgress, Sink, SourceRef};
use crate::engine::{Moment, Turn, progress_of};
use crate::metric::Window;
use crate::player::BossAttempt;
use crate::ruleset::compile::{Boss, Phase};
use crate::title::TitleInputs;

impl Boss {
    /// A phase by its number, from 1.
    pub(crate) fn phase(&self, number: i32) -> Option<&Phase> {
        usize::try_from(number).ok().and_then(|number| self.phases.get(number.checked_sub(1)?))
    }
}

/// The days a phase looks at, so far.
pub(crate) fn phase_window(attempt: &BossAttempt, to: Day) -> Window {
    Window::since(attempt.phase_from, to)
}

impl<S: Sink> Turn<'_, S> {
    /// Whether a boss was being fought at a day's first instant.
    pub(crate) fn in_boss_fight_at(&self, first_instant: Instant) -> bool {
        let attempt = self.player.state.boss.as_ref().filter(|attempt| attempt.started_at <= first_instant);
        attempt.is_some_and(|attempt| attempt.completed_at.is_none_or(|end| first_instant < end))
    }

    pub(crate) fn start_boss(&mut self, id: &str) -> Result<(), Refusal> {
        let hash = self.rules_in_force();
        let rules = self.rules(hash);
        let unknown = || Refusal::UnknownId { kind: IdKind::Boss, id: id.to_owned() };
        let boss = rules.boss(id).ok_or_else(unknown)?;
        let state = &self.player.state;
        if state.level < boss.required_level {
            return Err(Refusal::LevelTooLow { needed: boss.required_level, level: state.level });
        }
        if let Some(attempt) = state.boss_in_progress() {
            return Err(Refusal::BossInProgress { boss: attempt.boss.to_string() });
        }
        self.check_season(boss.season.as_ref())?;
        let previous = state.boss.as_ref().map(|attempt| attempt.started_at);
        let started_at = self.at.after(previous).ok_or_else(|| Refusal::overflow("started_at"))?;
        let attempt = BossAttempt {
            boss: boss.id.clone(),
            rules: hash,
            status: BossAttemptStatus::InProgress,
            phase: 1,
            phase_from: self.now().today,
            days_closed: 0,
            retries: 0,
            started_at,
            completed_at: None,
            counted_on: None,
        };
        let progress = self.phase_progress(boss, &attempt, self.now());
        self.sink.change(Change::BossStarted(&attempt, &progress));
        self.player.state.boss = Some(attempt);
        self.open_logs_of_attempt(QuestType::Boss);
        Ok(())
    }

    pub(crate) fn abandon_boss(&mut self) -> Result<(), Refusal> {
        if self.player.state.boss_in_progress().is_none() {
            return Err(Refusal::BossNotInProgress);
        }
        self.end_boss_attempt(BossAttemptStatus::Abandoned, self.at);
        if let Some(attempt) = &self.player.state.boss {
            self.sink.change(Change::BossAbandoned(attempt));
        }
        Ok(())
    }

    fn end_boss_attempt(&mut self, status: BossAttemptStatus, at: Instant) {
        if let Some(attempt) = &mut self.player.state.boss {
            (attempt.status, attempt.completed_at) = (status, Some(at));
        }
    }

    /// Counts a closed day to the phase under way, and decides the phase when it was its last.
    pub(crate) fn settle_boss_phase(&mut self, moment: Moment) -> Result<(), Refusal> {
        let Some(attempt) = self.player.state.boss_in_progress().filter(|attempt| attempt.phase_from <= moment.day)
        else {
            return Ok(());
        };
        let hash = attempt.rules;
        let rules = self.rules(hash);
        let Some((boss, phase)) = rules.boss(&attempt.boss).and_then(|boss| Some((boss, boss.phase(attempt.phase)?)))
        else {
            return Ok(());
        };
        let mut attempt = attempt.clone();
        attempt.days_closed += 1;
        let progress = self.phase_progress(boss, &attempt, moment);
        self.player.state.boss = Some(attempt.clone());
        if attempt.days_closed < phase.duration_days {
            self.sink.change(Change::BossProgressed(&attempt, &progress));
            return Ok(());
        }
        let window = phase_window(&attempt, moment.day);
        let inputs = self.inputs(rules, window, moment);
        match phase.requirement.outcome(&mut |input| inputs.value(input)).is_met() {
            true => self.win_phase(boss, attempt, &progress, moment),
            false => self.lose_phase(boss, attempt, &progress, moment),
        }
    }

    fn win_phase(
        &mut self,
        boss: &Boss,
        mut attempt: BossAttempt,
        progress: &PhaseProgress,
        moment: Moment,
    ) -> Result<(), Refusal> {
        if boss.phase(attempt.phase + 1).is_none() {
            return self.win_boss(boss, &attempt, progress, moment);
        }
        let cleared = attempt.phase;
        attempt.phase += 1;
        attempt.retries = 0;
        self.begin_phase(boss, &mut attempt, moment);
        self.sink.change(Change::BossPhaseCleared(&attempt, cleared));
        self.player.state.boss = Some(attempt);
        Ok(())
    }

    fn lose_phase(
        &mut self,
        boss: &Boss,
        mut attempt: BossAttempt,
        progress: &PhaseProgress,
        moment: Moment,
    ) -> Result<(), Refusal> {
        if attempt.retries < boss.max_phase_retries {
            attempt.retries += 1;
            self.begin_phase(boss, &mut attempt, moment);
            self.sink.change(Change::BossPhaseRestarted(&attempt));
            self.player.state.boss = Some(attempt);
            return Ok(());
        }
        self.sink.change(Change::BossProgressed(&attempt, progress));
        self.end_boss_attempt(BossAttemptStatus::Defeat, moment.at);
        if let Some(attempt) = &self.player.state.boss {
            self.sink.change(Change::BossLost(attempt));
        }
        Ok(())
    }

    /// A phase begins on the following day.
    fn begin_phase(&mut self, boss: &Boss, attempt: &mut BossAttempt, moment: Moment) {
        attempt.phase_from = self.day_after(moment.day).unwrap_or(moment.day.plus(1));
        attempt.days_closed = 0;
        let tomorrow = Moment { at: moment.at, day: attempt.phase_from, today: moment.today };
        let progress = self.phase_progress(boss, attempt, tomorrow);
        self.sink.change(Change::BossProgressed(attempt, &progress));
    }

    fn win_boss(
        &mut self,
        boss: &Boss,
        attempt: &BossAttempt,
        progress: &PhaseProgress,
        moment: Moment,
    ) -> Result<(), Refusal> {
        self.sink.change(Change::BossProgressed(attempt, progress));
        self.end_boss_attempt(BossAttemptStatus::Victory, moment.at);
        let Some(attempt) = &mut self.player.state.boss else {
            return Ok(());
        };
        attempt.counted_on = Some(moment.day);
        let attempt = attempt.clone();
        self.sink.change(Change::BossVictory(&attempt));
        self.player.history.victories.push(moment.day);
        self.count_event(CountedEvent::BossVictory);
        let rules = self.rules(attempt.rules);
        let ask = Ask { base_xp: boss.xp_reward, source: Source::BossDefeat, moment, dungeon: None };
        self.award(rules, attempt.rules, ask, SourceRef::Boss(&attempt))?;
        if let Some(title) = &boss.title_reward {
            self.reward_title(title, moment);
            self.touch_titles(TitleInputs::EVENTS);
        }
        Ok(())
    }

    /// How the phase of an attempt stands, for its row.
    fn phase_progress(&self, boss: &Boss, attempt: &BossAttempt, moment: Moment) -> PhaseProgress {
        let Some(phase) = boss.phase(attempt.phase).filter(|_| S::ROWS) else {
            return PhaseProgress::default();
        };
        let window = phase_window(attempt, moment.day);
        let inputs = self.inputs(self.rules(attempt.rules), window, moment);
        let (outcome, progress) = progress_of::<S>(&phase.requirement, inputs);
        PhaseProgress {
            phase: attempt.phase,
            day: (attempt.days_closed + 1).min(phase.duration_days),
            days: phase.duration_days,
            fraction: outcome.fraction,
            values: progress.metrics,
            retries: attempt.retries,
        }
    }
}
