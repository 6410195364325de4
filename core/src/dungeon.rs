//! Dungeons: `IN_PROGRESS -> CLEARED | FAILED | TIMED_OUT` (the rules, section 9).

use crate::api::{CountedEvent, Day, DungeonAttemptStatus, IdKind, Instant, Metrics, QuestType, Refusal, Source};
use crate::award::Ask;
use crate::change::{Change, Sink, SourceRef};
use crate::engine::Turn;
use crate::metric::{Inputs, Raw, Window};
use crate::player::{DungeonAttempt, DungeonExit, Fact, Player};
use crate::ruleset::compile::{Dungeon, Entry, Rules};

impl DungeonAttempt {
    /// What a challenge can look at: measurements made inside, and the days since the entry.
    pub(crate) fn inputs<'a>(&'a self, player: &'a Player, rules: &'a Rules, today: Day) -> Inputs<'a> {
        Inputs { player, rules, window: Window::since(self.from, today), raw: Raw::Snapshot(&self.snapshot), today }
    }
}

impl<S: Sink> Turn<'_, S> {
    /// Whether the player was inside a dungeon at a day's first instant; the deadline itself is still inside.
    pub(crate) fn in_dungeon_at(&self, first_instant: Instant) -> bool {
        let Some(attempt) = self.player.state.dungeon.as_ref().filter(|attempt| attempt.started_at <= first_instant)
        else {
            return false;
        };
        match (attempt.status, attempt.completed_at) {
            (DungeonAttemptStatus::InProgress, _) | (_, None) => true,
            (DungeonAttemptStatus::TimedOut, Some(end)) => first_instant <= end,
            (DungeonAttemptStatus::Cleared | DungeonAttemptStatus::Failed, Some(end)) => first_instant < end,
        }
    }

    pub(crate) fn enter_dungeon(&mut self, id: &str) -> Result<(), Refusal> {
        let hash = self.rules_in_force();
        let unknown = || Refusal::UnknownId { kind: IdKind::Dungeon, id: id.to_owned() };
        let dungeon = self.rules(hash).dungeon(id).ok_or_else(unknown)?;
        self.check_entry(dungeon)?;
        let previous = self.player.state.dungeon.as_ref().map(|attempt| attempt.started_at);
        let started_at = self.at.after(previous).ok_or_else(|| Refusal::overflow("started_at"))?;
        let attempt = DungeonAttempt {
            dungeon: dungeon.id.clone(),
            rules: hash,
            status: DungeonAttemptStatus::InProgress,
            started_at,
            entered_at: self.at,
            from: self.now().today,
            deadline: started_at.plus_minutes(dungeon.duration_minutes.into()),
            snapshot: Vec::new(),
            completed_at: None,
            counted_on: None,
            xp_awarded: None,
        };
        self.sink.change(Change::DungeonEntered(&attempt));
        self.player.state.dungeon = Some(attempt);
        self.open_logs_of_attempt(QuestType::Dungeon);
        Ok(())
    }

    fn check_entry(&self, dungeon: &Dungeon) -> Result<(), Refusal> {
        let state = &self.player.state;
        if let Some(attempt) = state.dungeon_in_progress() {
            return Err(Refusal::DungeonInProgress { dungeon: attempt.dungeon.to_string() });
        }
        if let Some(exit) = state.dungeon_exits.iter().find(|exit| exit.dungeon == dungeon.id) {
            let until = exit.at.plus_minutes(i64::from(dungeon.cooldown_hours) * 60);
            if self.at < until {
                return Err(Refusal::DungeonCooldown { dungeon: dungeon.id.to_string(), until });
            }
        }
        match &dungeon.entry {
            Entry::Level(needed) if state.level < *needed => {
                return Err(Refusal::LevelTooLow { needed: *needed, level: state.level });
            }
            Entry::Level(_) => {}
            Entry::Requirement(requirement) => {
                let inputs = self.inputs(self.rules(self.rules_in_force()), Window::whole_history(), self.now());
                let outcome = requirement.outcome(&mut |input| inputs.value(input));
                if !outcome.is_met() {
                    let dungeon = dungeon.id.to_string();
                    return Err(Refusal::RequirementNotMet { dungeon, fraction: outcome.fraction });
                }
            }
        }
        self.check_season(dungeon.season.as_ref())
    }

    /// Takes an observation from inside in; then, and not before, the time may run out.
    pub(crate) fn report_dungeon(&mut self, observed_at: Option<Instant>, metrics: &Metrics) -> Result<(), Refusal> {
        let Some(attempt) = self.player.state.dungeon_in_progress() else {
            return Err(Refusal::DungeonNotInProgress);
        };
        let (hash, earliest, deadline) = (attempt.rules, attempt.entered_at, attempt.deadline);
        let observed_at = observed_at.unwrap_or(self.at);
        if observed_at < earliest || self.at < observed_at {
            return Err(Refusal::InvalidInstant { observed_at, earliest, latest: self.at });
        }
        self.check_metrics(hash, metrics)?;
        self.merge_into_snapshot(observed_at, metrics);
        if observed_at <= deadline && self.challenges_met() {
            return self.clear_dungeon(observed_at);
        }
        if deadline < self.at {
            self.time_dungeon_out();
        }
        Ok(())
    }

    /// Per metric the latest observation counts; on a tie the one that arrived last.
    fn merge_into_snapshot(&mut self, observed_at: Instant, metrics: &Metrics) {
        let (rules, day) = (self.rules(self.rules_in_force()), self.now().today);
        let Some(attempt) = &mut self.player.state.dungeon else {
            return;
        };
        let mut grown = false;
        for (name, value) in &metrics.0 {
            let metric = rules.metric(name).map_or_else(|| name.as_str().into(), |(shared, _)| shared.clone());
            let fact = Fact { day, metric, value: *value, observed_at };
            match attempt.snapshot.iter_mut().find(|known| known.metric == fact.metric) {
                Some(known) if known.observed_at > observed_at => {}
                Some(known) => {
                    grown |= *known != fact;
                    *known = fact;
                }
                None => {
                    grown = true;
                    attempt.snapshot.push(fact);
                }
            }
        }
        if grown {
            self.sink.change(Change::DungeonProgressed(attempt));
        }
    }

    /// Whether every challenge holds on the snapshot.
    fn challenges_met(&self) -> bool {
        let Some(attempt) = self.player.state.dungeon_in_progress() else {
            return false;
        };
        let (rules, today) = (self.rules(attempt.rules), self.now().today);
        let inputs = attempt.inputs(self.player, rules, today);
        let met = |challenge: &crate::ruleset::compile::CompiledRequirement| {
            challenge.outcome(&mut |input| inputs.value(input)).is_met()
        };
        rules.dungeon(&attempt.dungeon).is_some_and(|dungeon| dungeon.challenges.iter().all(met))
    }

    fn clear_dungeon(&mut self, observed_at: Instant) -> Result<(), Refusal> {
        let Some(attempt) = &self.player.state.dungeon else {
            return Ok(());
        };
        let (hash, rules) = (attempt.rules, self.rules(attempt.rules));
        let Some(dungeon) = rules.dungeon(&attempt.dungeon) else {
            return Ok(());
        };
        let base_xp = i32::try_from(dungeon.base_xp).map_err(|_| Refusal::overflow("base_xp"))?;
        let multiplier = Some((&*dungeon.id, dungeon.multiplier));
        let ask = Ask { base_xp, source: Source::DungeonClear, moment: self.now(), dungeon: multiplier };
        let award = self.decide_award(rules, ask)?;
        // A clear counts on the local day of its observation, which may be closed by now.
        let day = self.local_day_then(rules, observed_at).max(attempt.from);
        self.leave_dungeon(DungeonAttemptStatus::Cleared, observed_at, Some(award.final_xp));
        let Some(attempt) = &mut self.player.state.dungeon else {
            return Ok(());
        };
        attempt.counted_on = Some(day);
        let attempt = attempt.clone();
        self.sink.change(Change::DungeonCleared(&attempt));
        self.player.history.clears.push(day);
        self.count_event(CountedEvent::DungeonCleared);
        self.give_award(rules, hash, ask, &award, SourceRef::Dungeon(&attempt))
    }

    /// The player's local day at an instant that has passed: the day that was open then, since a day never moves backwards;
    /// among closed days as the zone in force has it.
    fn local_day_then(&self, rules: &Rules, at: Instant) -> Day {
        let state = &self.player.state;
        let opened = state.days.iter().rev().find(|open| open.first_instant <= at).map(|open| open.day);
        opened.unwrap_or_else(|| {
            let latest = state.days.first().map_or(Day::MAX, |oldest| oldest.day.plus(-1));
            state.zone.local_day(at, rules.day.day_start_hour).min(latest)
        })
    }

    pub(crate) fn forfeit_dungeon(&mut self) -> Result<(), Refusal> {
        if self.player.state.dungeon_in_progress().is_none() {
            return Err(Refusal::DungeonNotInProgress);
        }
        self.leave_dungeon(DungeonAttemptStatus::Failed, self.at, None);
        if let Some(attempt) = &self.player.state.dungeon {
            self.sink.change(Change::DungeonFailed(attempt));
        }
        Ok(())
    }

    /// The deadline has passed.
    pub(crate) fn time_dungeon_out(&mut self) {
        let Some(deadline) = self.player.state.dungeon_in_progress().map(|attempt| attempt.deadline) else {
            return;
        };
        self.leave_dungeon(DungeonAttemptStatus::TimedOut, deadline, None);
        if let Some(attempt) = &self.player.state.dungeon {
            self.sink.change(Change::DungeonTimedOut(attempt));
        }
    }

    fn leave_dungeon(&mut self, status: DungeonAttemptStatus, at: Instant, xp_awarded: Option<i32>) {
        let state = &mut self.player.state;
        let Some(attempt) = &mut state.dungeon else {
            return;
        };
        (attempt.status, attempt.completed_at, attempt.xp_awarded) = (status, Some(at), xp_awarded);
        let exit = DungeonExit { dungeon: attempt.dungeon.clone(), at };
        match state.dungeon_exits.binary_search_by(|known| known.dungeon.cmp(&exit.dungeon)) {
            Ok(known) => state.dungeon_exits[known] = exit,
            Err(place) => state.dungeon_exits.insert(place, exit),
        }
    }
}
