//! Quests: their logs open with the day or week, are evaluated on reports, and close (the rules, section 5).

use crate::api::{Day, Instant, MetricValue, QuestStatus, QuestType, Refusal, Source};
use crate::award::Ask;
use crate::change::{Change, Progress, Sink, SourceRef};
use crate::engine::{Moment, Turn, progress_of};
use crate::metric::{Input, Inputs, Window};
use crate::player::{EndedLog, QuestLog};
use crate::ruleset::compile::{Quest, Rules};
use crate::title::TitleInputs;

impl<S: Sink> Turn<'_, S> {
    /// Opens the logs that a new day brings, in ruleset order; the answer is how many of them are core.
    pub(crate) fn open_logs_of_day(&mut self, day: Day, first_instant: Instant) -> i32 {
        let rules = self.engine.ruleset().rules();
        let mut core_total = 0;
        for quest in rules.quests.iter().filter(|quest| rules.in_season(quest.season.as_ref(), first_instant)) {
            let wanted = match quest.kind {
                QuestType::Daily | QuestType::Weekly => true,
                QuestType::Dungeon => self.in_dungeon_at(first_instant),
                QuestType::Boss => self.in_boss_fight_at(first_instant),
            };
            if wanted {
                self.open_log(quest, day);
                core_total += i32::from(quest.is_core);
            }
        }
        core_total
    }

    /// Opens the logs that an attempt brings to the open day.
    pub(crate) fn open_logs_of_attempt(&mut self, kind: QuestType) {
        let Some(open) = self.player.state.days.last() else {
            return;
        };
        let (day, first_instant, hash) = (open.day, open.first_instant, open.rules);
        let rules = self.rules(hash);
        let brought = rules.quests.iter().filter(|quest| quest.kind == kind);
        for quest in brought.filter(|quest| rules.in_season(quest.season.as_ref(), first_instant)) {
            self.open_log_under(quest, day, hash);
        }
    }

    fn open_log(&mut self, quest: &Quest, day: Day) {
        self.open_log_under(quest, day, self.engine.ruleset().hash());
    }

    /// Opening twice is a no-op, as it is for the second day of a week.
    fn open_log_under(&mut self, quest: &Quest, day: Day, rules: crate::player::RulesetHash) {
        let opened_on = day;
        let day = if quest.kind == QuestType::Weekly { day.monday() } else { day };
        if self.player.state.logs.iter().any(|log| log.day == day && log.quest == quest.id) {
            return;
        }
        let log = QuestLog {
            quest: quest.id.clone(),
            day,
            opened_on,
            rules,
            status: QuestStatus::Active,
            completed_at: None,
            xp_awarded: None,
            evaluated: false,
            fraction: 0.0,
        };
        self.sink.change(Change::QuestOpened(&log));
        self.player.state.logs.push(log);
    }

    /// Evaluates the quests that a report for a day concerns, in ruleset order, one pass: each sees what the previous did.
    pub(crate) fn evaluate_quests(&mut self, moment: Moment) -> Result<(), Refusal> {
        let (day, monday) = (moment.day, moment.day.monday());
        self.for_each_log(
            |quest, log| log.day == if quest.kind == QuestType::Weekly { monday } else { day },
            |turn, index| turn.evaluate_log(index, moment, true),
        )
    }

    /// Calls `act` with the index of each ACTIVE log that `wanted` picks, in ruleset order.
    fn for_each_log(
        &mut self,
        wanted: impl Fn(&Quest, &QuestLog) -> bool,
        mut act: impl FnMut(&mut Self, usize) -> Result<(), Refusal>,
    ) -> Result<(), Refusal> {
        let mut picked = std::mem::take(&mut self.workspace.due_logs);
        picked.clear();
        let logs = &self.player.state.logs;
        picked.extend((0..logs.len()).filter(|index| {
            let log = &logs[*index];
            let quest = self.rules(log.rules).quest(&log.quest);
            log.status == QuestStatus::Active && quest.is_some_and(|quest| wanted(quest, log))
        }));
        // The order of the ruleset. Where logs of several are open, each stands where its own has it.
        picked.sort_by_key(|index| {
            let log = &logs[*index];
            self.rules(log.rules).quest_place(&log.quest)
        });
        let done = picked.iter().try_for_each(|index| act(self, *index));
        self.workspace.due_logs = picked;
        done
    }

    /// Evaluates one log; with `sparing`, only if what it reads has changed since.
    fn evaluate_log(&mut self, index: usize, moment: Moment, sparing: bool) -> Result<(), Refusal> {
        let log = &self.player.state.logs[index];
        let rules = self.rules(log.rules);
        let Some(quest) = rules.quest(&log.quest) else {
            return Ok(());
        };
        let changed =
            !log.evaluated || quest.reads.iter().any(|metric| self.workspace.changed_metrics.contains(metric));
        // A weekly log that a later day opened was not there when this day's measurements came.
        let unseen = moment.day < log.opened_on;
        if sparing && !changed && !unseen && !quest.reads_derived {
            return Ok(());
        }
        let (outcome, progress) =
            progress_of::<S>(&quest.requirement, self.inputs(rules, window_of(quest, log.day), moment));
        let moved = changed || log.fraction != outcome.fraction;
        let log = &mut self.player.state.logs[index];
        (log.evaluated, log.fraction) = (true, outcome.fraction);
        if outcome.is_met() {
            return self.complete(index, quest, rules, moment, &progress);
        }
        if moved {
            self.sink.change(Change::QuestProgressed(&self.player.state.logs[index], &progress));
        }
        Ok(())
    }

    fn complete(
        &mut self,
        index: usize,
        quest: &Quest,
        rules: &Rules,
        moment: Moment,
        progress: &Progress,
    ) -> Result<(), Refusal> {
        let ask = Ask { base_xp: quest.base_xp, source: Source::QuestCompletion, moment, dungeon: None };
        let award = self.decide_award(rules, ask)?;
        let log = &mut self.player.state.logs[index];
        log.status = QuestStatus::Completed;
        log.completed_at = Some(moment.at);
        log.xp_awarded = Some(award.final_xp);
        let log = log.clone();
        self.sink.change(Change::QuestCompleted(&log, progress));
        self.count_completion(quest, &log, moment);
        self.give_award(rules, log.rules, ask, &award, SourceRef::Quest(&log))?;
        self.raise_stat(quest)
    }

    fn count_completion(&mut self, quest: &Quest, log: &QuestLog, moment: Moment) {
        if quest.is_core
            && let Some(open) = self.player.state.days.iter_mut().find(|open| open.day == log.day)
        {
            open.core_completed += 1;
            self.sink.change(Change::DayProgressed(open));
        }
        let counters = &quest.counters;
        for (metric, key) in quest.reads.iter().zip(&counters.days) {
            if !self.counted_on(log.day, metric) {
                self.count(key);
            }
        }
        self.player.history.completions.push(EndedLog { day: log.day, quest: log.quest.clone() });
        self.count(&counters.completions);
        counters.logs.iter().for_each(|key| self.count(key));
        self.count_event(crate::api::CountedEvent::QuestCompleted);
        if moment.day.is_first_of_month() {
            let key = &self.engine.keys().first_of_month;
            if self.player.state.counters.get(key) == 0 {
                self.count(key);
            }
        }
        self.touch_titles(TitleInputs::COMPLETIONS);
    }

    /// Whether a completed log of that day already reads the metric, so that the day counts already.
    fn counted_on(&self, day: Day, metric: &crate::name::Name) -> bool {
        let completions = &self.player.history.completions;
        completions.iter().rev().any(|ended| ended.day == day && self.rules_of(ended).reads(&ended.quest, metric))
    }

    /// The rules under which a log ended: its own, as long as its day or week is not closed.
    fn rules_of(&self, ended: &EndedLog) -> &Rules {
        let mut logs = self.player.state.logs.iter();
        let own = logs.find(|log| log.day == ended.day && log.quest == ended.quest).map(|log| log.rules);
        self.rules(own.unwrap_or_else(|| self.rules_in_force()))
    }

    fn raise_stat(&mut self, quest: &Quest) -> Result<(), Refusal> {
        let Some((stat, gain)) = quest.stat.filter(|(_, gain)| *gain != 0) else {
            return Ok(());
        };
        let stats = &mut self.player.state.stats;
        let value = stats.get(stat).checked_add(gain).ok_or_else(|| Refusal::overflow(stat.as_str()))?;
        stats.set(stat, value);
        self.sink.change(Change::StatRaised { stat, value });
        Ok(())
    }

    /// Ends the ACTIVE logs of a closing day, in ruleset order.
    pub(crate) fn close_logs_of_day(&mut self, moment: Moment) -> Result<(), Refusal> {
        let day = moment.day;
        self.for_each_log(
            |quest, log| quest.kind != QuestType::Weekly && log.day == day,
            |turn, index| turn.end_log(index, moment, Window::day(day)),
        )
    }

    /// Evaluates the weekly logs once more as one of their days closes, and ends them with their week's last day.
    pub(crate) fn close_weekly_logs(&mut self, moment: Moment, week_is_over: bool) -> Result<(), Refusal> {
        let monday = moment.day.monday();
        let weekly = move |quest: &Quest, log: &QuestLog| quest.kind == QuestType::Weekly && log.day == monday;
        // A log that a later day opened, while this one was in its grace, has no part in this close.
        let there = move |quest: &Quest, log: &QuestLog| weekly(quest, log) && log.opened_on <= moment.day;
        self.for_each_log(there, |turn, index| turn.evaluate_log(index, moment, false))?;
        if week_is_over {
            self.for_each_log(weekly, |turn, index| turn.end_log(index, moment, Window::week(monday)))?;
        }
        Ok(())
    }

    /// Lets go of the logs of a day, and of its week if that is over.
    pub(crate) fn drop_closed_logs(&mut self, day: Day, week_is_over: bool) {
        let engine = self.engine;
        let monday = day.monday();
        self.player.state.logs.retain(|log| {
            let quest = engine.rules(log.rules).quest(&log.quest);
            match quest.is_some_and(|quest| quest.kind == QuestType::Weekly) {
                true => !(week_is_over && log.day == monday),
                false => log.day != day,
            }
        });
    }

    /// Ends a log that was not completed: FAILED with its partial reward, FAILED, or EXPIRED.
    fn end_log(&mut self, index: usize, moment: Moment, reported_in: Window) -> Result<(), Refusal> {
        let log = &self.player.state.logs[index];
        let rules = self.rules(log.rules);
        let Some(quest) = rules.quest(&log.quest) else {
            return Ok(());
        };
        let inputs = self.inputs(rules, window_of(quest, log.day), moment);
        let partial = partial_reward(quest, inputs);
        let reported = quest.reads.iter().any(|metric| self.reported(metric, reported_in));
        let (outcome, progress) = progress_of::<S>(&quest.requirement, inputs);
        let log = &mut self.player.state.logs[index];
        log.fraction = outcome.fraction;
        log.status = if partial.is_some() || reported { QuestStatus::Failed } else { QuestStatus::Expired };
        self.player.history.misses.push(EndedLog { day: log.day, quest: log.quest.clone() });
        match partial {
            Some(base_xp) => self.give_partial_reward(index, rules, base_xp, moment, &progress),
            None => {
                let log = &self.player.state.logs[index];
                self.sink.change(match reported {
                    true => Change::QuestFailed(log, &progress),
                    false => Change::QuestExpired(log, &progress),
                });
                Ok(())
            }
        }
    }

    fn give_partial_reward(
        &mut self,
        index: usize,
        rules: &Rules,
        base_xp: i32,
        moment: Moment,
        progress: &Progress,
    ) -> Result<(), Refusal> {
        let ask = Ask { base_xp, source: Source::QuestCompletion, moment, dungeon: None };
        let award = self.decide_award(rules, ask)?;
        let log = &mut self.player.state.logs[index];
        log.xp_awarded = Some(award.final_xp);
        let log = log.clone();
        self.sink.change(Change::QuestFailed(&log, progress));
        self.sink.change(Change::PartialReward(&log, award.final_xp));
        self.give_award(rules, log.rules, ask, &award, SourceRef::Quest(&log))
    }

    /// Whether a metric was reported on a day of the window.
    fn reported(&self, metric: &crate::name::Name, window: Window) -> bool {
        let closed =
            self.player.history.facts.iter().rev().take_while(|fact| window.from.is_none_or(|from| from <= fact.day));
        let mut facts = self.player.state.facts.iter().chain(closed);
        facts.any(|fact| fact.metric == *metric && window.contains(fact.day))
    }
}

/// The days a quest's derived metrics look at.
pub(crate) fn window_of(quest: &Quest, day: Day) -> Window {
    match quest.kind {
        QuestType::Weekly => Window::week(day),
        QuestType::Daily | QuestType::Dungeon | QuestType::Boss => Window::day(day),
    }
}

/// The XP of a near miss: the requirement's first numeric leaf has reached the threshold.
fn partial_reward(quest: &Quest, inputs: Inputs<'_>) -> Option<i32> {
    let partial = quest.partial?;
    let leaf: &Input = quest.requirement.first_numeric()?;
    match inputs.value(leaf)? {
        MetricValue::Number(value) if value >= partial.threshold => Some(partial.xp),
        _ => None,
    }
}
