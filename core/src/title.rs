//! Titles: what earns one, what loses it again, which one is worn (the rules, section 7).

use std::ops::BitOr;

use crate::api::{CountedEvent, Day, IdKind, Logic, Refusal, StreakKind};
use crate::change::{Change, Sink, TitleCause};
use crate::engine::{Moment, Turn};
use crate::metric::{Inputs, Raw, Window};
use crate::name::Name;
use crate::player::{Player, RulesetHash, UserTitle};
use crate::ruleset::compile::{Condition, Regression, Rules, SubjectName, Title};

/// What a title's condition depends on, so that it is evaluated only when that changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TitleInputs(u32);

impl TitleInputs {
    pub(crate) const NONE: Self = Self(0);
    pub(crate) const ALL: Self = Self(u32::MAX);
    pub(crate) const STREAK: Self = Self(1);
    pub(crate) const COMPLETIONS: Self = Self(2);
    pub(crate) const EVENTS: Self = Self(4);
    pub(crate) const LEVEL: Self = Self(8);
    pub(crate) const SPECIALS: Self = Self(16);
    /// A day opened or closed, which moves every window.
    pub(crate) const DAYS: Self = Self(32);
    /// The player exists: true from the first command on.
    pub(crate) const EXISTENCE: Self = Self(64);

    fn touches(self, other: u32) -> bool {
        self.0 & other != 0
    }
}

impl BitOr for TitleInputs {
    type Output = Self;
    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// What a condition depends on.
pub(crate) fn inputs_of(condition: &Condition, regresses: bool) -> TitleInputs {
    let own = match condition {
        Condition::Streak { .. } => TitleInputs::STREAK,
        Condition::Lifetime { .. } => TitleInputs::COMPLETIONS | TitleInputs::EVENTS,
        Condition::Window { .. } => TitleInputs::COMPLETIONS | TitleInputs::DAYS,
        Condition::Compound { parts, .. } => {
            parts.iter().fold(TitleInputs::NONE, |all, (_, part)| all | inputs_of(part, false))
        }
        Condition::AccountCreation => TitleInputs::EXISTENCE,
        Condition::FirstOfMonth => TitleInputs::COMPLETIONS,
        Condition::Level { .. } => TitleInputs::LEVEL,
        Condition::Special { .. } => TitleInputs::SPECIALS,
    };
    if regresses { own | TitleInputs::DAYS } else { own }
}

/// How far a condition is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reached {
    pub(crate) met: bool,
    pub(crate) progress: i64,
    pub(crate) target: i64,
}

impl Reached {
    fn count(progress: i64, target: i64) -> Self {
        Self { met: progress >= target, progress, target }
    }

    fn yes_or_no(met: bool) -> Self {
        Self::count(met.into(), 1)
    }
}

/// Looks at a player's titles at one moment.
pub(crate) struct TitleView<'a> {
    pub(crate) player: &'a Player,
    pub(crate) rules: &'a Rules,
    /// The open day, or the day being closed: windows end with it.
    pub(crate) today: Day,
}

impl TitleView<'_> {
    /// Whether a title's condition holds, regression included.
    pub(crate) fn holds(&self, title: &Title) -> bool {
        self.reached(&title.condition).met
            && title.regression.as_ref().is_none_or(|regression| self.misses(regression) < regression.misses)
    }

    /// How far a condition is.
    pub(crate) fn reached(&self, condition: &Condition) -> Reached {
        let state = &self.player.state;
        match condition {
            Condition::Streak { kind, days } => {
                let streak = match kind {
                    StreakKind::Current => state.current_streak,
                    StreakKind::Perfect => state.perfect_streak,
                    StreakKind::Longest => state.longest_streak,
                };
                Reached::count(streak.into(), *days)
            }
            Condition::Lifetime { counter, count } => Reached::count(state.counters.get(counter), *count),
            Condition::Window { subject, count, days } => {
                let inputs = self.inputs(Window::last(*days, self.today));
                let found = match subject {
                    SubjectName::Metric(metric) => inputs.completions_reading(metric),
                    SubjectName::Quest(quest) => inputs.completions(quest),
                };
                Reached::count(found, *count)
            }
            Condition::Compound { logic, parts } => {
                let met = parts.iter().filter(|(_, part)| self.reached(part).met).count() as i64;
                Reached::count(met, if *logic == Logic::And { parts.len() as i64 } else { 1 })
            }
            Condition::AccountCreation => Reached::yes_or_no(true),
            Condition::FirstOfMonth => Reached::yes_or_no(state.counters.get(FIRST_OF_MONTH) > 0),
            Condition::Level { level } => Reached::count(state.level.into(), *level),
            Condition::Special { name } => Reached::yes_or_no(state.specials.binary_search(name).is_ok()),
        }
    }

    fn inputs(&self, window: Window) -> Inputs<'_> {
        Inputs { player: self.player, rules: self.rules, window, raw: Raw::Day(self.today), today: self.today }
    }

    /// The last day on which what a window holds now still counts: the day its oldest completion leaves it is the next.
    pub(crate) fn counts_until(&self, condition: &Condition) -> Option<Day> {
        let Condition::Window { subject, days, .. } = condition else {
            return None;
        };
        let window = Window::last(*days, self.today);
        let about = |quest: &Name| match subject {
            SubjectName::Metric(metric) => self.rules.reads(quest, metric),
            SubjectName::Quest(id) => quest == id,
        };
        let completions = self.player.history.completions.iter();
        let counted = completions.filter(|log| window.contains(log.day) && about(&log.quest)).map(|log| log.day);
        Some(counted.min().unwrap_or(self.today).plus(days - 1))
    }

    /// Closed days of the window on which such a quest was in force and not completed.
    pub(crate) fn misses(&self, regression: &Regression) -> i64 {
        let window = Window::last(regression.days, self.today);
        let about = |quest: &Name| match &regression.subject {
            SubjectName::Metric(metric) => self.rules.reads(quest, metric),
            SubjectName::Quest(id) => quest == id,
        };
        let history = &self.player.history;
        let closed = history.days.iter().rev().take_while(|closed| window.from.is_none_or(|from| from <= closed.day));
        let missed = |day: Day| history.misses.iter().any(|log| log.day == day && about(&log.quest));
        closed.filter(|closed| window.contains(closed.day) && missed(closed.day)).count() as i64
    }
}

/// The key of the count of quests completed on a local 1st.
pub(crate) const FIRST_OF_MONTH: &str = "first_of_month";

impl<S: Sink> Turn<'_, S> {
    /// Notes that something titles depend on has changed.
    pub(crate) fn touch_titles(&mut self, inputs: TitleInputs) {
        self.player.state.title_inputs |= inputs.0;
    }

    /// Looks at the titles after a command.
    pub(crate) fn evaluate_titles(&mut self, moment: Moment) -> Result<(), Refusal> {
        self.evaluate_titles_under(self.rules_in_force(), moment)
    }

    /// Earns and revokes titles whose inputs changed, in ruleset order.
    pub(crate) fn evaluate_titles_under(&mut self, hash: RulesetHash, moment: Moment) -> Result<(), Refusal> {
        let changed = std::mem::take(&mut self.player.state.title_inputs);
        if hash != self.rules_in_force() {
            // A day closes under its own rules while a later one is open under others, whose titles still have to look.
            self.player.state.title_inputs = changed;
        }
        let rules = self.rules(hash);
        for title in rules.titles.iter().filter(|title| title.inputs.touches(changed)) {
            let holds = TitleView { player: self.player, rules, today: moment.today }.holds(title);
            match self.player.held_title(&title.id) {
                None if holds => self.earn_title(&title.id, moment, TitleCause::Condition),
                Some(held) if !holds && title.can_regress && !held.reward => self.revoke_title(&title.id, moment),
                _ => {}
            }
        }
        Ok(())
    }

    /// Earns a title: anew, or again in the same row.
    pub(crate) fn earn_title(&mut self, id: &Name, moment: Moment, cause: TitleCause) {
        let reward = cause == TitleCause::Reward;
        let titles = &mut self.player.state.titles;
        let at = titles.binary_search_by(|held| held.title.cmp(id)).unwrap_or_else(|at| {
            titles.insert(at, UserTitle { title: id.clone(), earned_at: moment.at, revoked_at: None, reward: false });
            at
        });
        let title = &mut titles[at];
        (title.earned_at, title.revoked_at, title.reward) = (moment.at, None, reward);
        self.sink.change(Change::TitleEarned(title, cause));
    }

    /// Grants a boss's reward, which is held for good; a title held already stays as it was earned.
    pub(crate) fn reward_title(&mut self, id: &Name, moment: Moment) {
        if self.player.held_title(id).is_none() {
            self.earn_title(id, moment, TitleCause::Reward);
            return;
        }
        if let Some(title) = self.player.state.titles.iter_mut().find(|held| held.title == *id && !held.reward) {
            title.reward = true;
            self.sink.change(Change::TitleKept(title));
        }
    }

    fn revoke_title(&mut self, id: &Name, moment: Moment) {
        let state = &mut self.player.state;
        if state.active_title.as_ref() == Some(id) {
            state.active_title = None;
        }
        if let Some(title) = state.titles.iter_mut().find(|held| held.title == *id) {
            title.revoked_at = Some(moment.at);
            self.sink.change(Change::TitleRevoked(title));
        }
    }

    /// Wears a held title, or none; wearing what is worn changes nothing.
    pub(crate) fn equip_title(&mut self, title: Option<&str>) -> Result<(), Refusal> {
        let worn = match title {
            None => None,
            Some(id) => {
                let in_force = self.rules(self.rules_in_force()).title(id);
                let known = in_force.ok_or_else(|| Refusal::UnknownId { kind: IdKind::Title, id: id.to_owned() })?;
                if self.player.held_title(id).is_none() {
                    return Err(Refusal::TitleNotHeld { title: id.to_owned() });
                }
                Some(known.id.clone())
            }
        };
        if self.player.state.active_title != worn {
            self.sink.change(Change::TitleEquipped(worn.as_deref()));
            self.player.state.active_title = worn;
        }
        Ok(())
    }
}

/// Keys of lifetime counts that belong to no quest, made once.
#[derive(Debug)]
pub(crate) struct CounterKeys {
    pub(crate) first_of_month: Name,
    pub(crate) core_completed: Name,
    pub(crate) core_total: Name,
    events: Vec<Name>,
}

impl Default for CounterKeys {
    fn default() -> Self {
        Self {
            first_of_month: FIRST_OF_MONTH.into(),
            core_completed: "core_completed".into(),
            core_total: "core_total".into(),
            events: CountedEvent::ALL.iter().map(|event| crate::ruleset::compile::event_counter(*event)).collect(),
        }
    }
}

impl CounterKeys {
    pub(crate) fn event(&self, event: CountedEvent) -> &Name {
        &self.events[event as usize]
    }
}
