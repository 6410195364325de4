//! What is due: days that ended are closed, a dungeon's time runs out, new days open (the rules, section 5).

use crate::api::{Day, Instant, Refusal};
use crate::change::{Change, Sink};
use crate::engine::Turn;
use crate::player::OpenDay;
use crate::ruleset::compile::Rules;
use crate::title::TitleInputs;

/// Something that falls due by itself.
enum Due {
    /// The oldest day that is not closed, or the next day if it ended before anybody opened it.
    Close,
    /// The dungeon's deadline.
    Timeout,
}

impl<S: Sink> Turn<'_, S> {
    /// Does everything that fell due, by its own instant; on a tie a day's close comes before a dungeon's timeout. An
    /// observation from inside the dungeon (`reporting`) is heard before its timeout.
    pub(super) fn do_what_is_due(&mut self, reporting: bool) -> Result<(), Refusal> {
        while let Some(due) = self.next_due(reporting) {
            match due {
                Due::Close => {
                    if self.player.state.days.is_empty() {
                        self.open_next_day();
                    }
                    self.close_oldest_day()?;
                }
                Due::Timeout => self.time_dungeon_out(),
            }
        }
        Ok(())
    }

    /// Opens the days up to the current one; the player's first command opens the first.
    pub(super) fn open_days_up_to_now(&mut self) {
        if self.player.state.open_day.is_none() {
            self.open_first_day();
        }
        while self.player.state.day_ends_at.is_some_and(|ends_at| ends_at <= self.at) {
            self.open_next_day();
        }
    }

    fn next_due(&self, reporting: bool) -> Option<Due> {
        let close = self.next_close().filter(|due_at| *due_at <= self.at);
        let attempt = self.player.state.dungeon_in_progress().filter(|_| !reporting);
        let timeout = attempt.map(|attempt| attempt.deadline).filter(|deadline| *deadline < self.at);
        match (close, timeout) {
            (Some(due_at), Some(deadline)) if deadline < due_at => Some(Due::Timeout),
            (Some(_), _) => Some(Due::Close),
            (None, Some(_)) => Some(Due::Timeout),
            (None, None) => None,
        }
    }

    /// When the next close is due: the day's end and the grace after it.
    fn next_close(&self) -> Option<Instant> {
        let (ends_at, rules) = match self.player.state.days.first() {
            Some(oldest) => (self.oldest_day_ends_at()?, self.rules(oldest.rules)),
            None => {
                let begins_at = self.player.state.day_ends_at.filter(|begins_at| *begins_at <= self.at)?;
                let rules = self.engine.current.rules();
                (self.end_of(self.player.state.next_day?, begins_at, rules)?, rules)
            }
        };
        Some(ends_at.plus_minutes(rules.day.grace_minutes.into()))
    }

    /// When the oldest day that is not closed ends: when the next one began, or will begin.
    pub(crate) fn oldest_day_ends_at(&self) -> Option<Instant> {
        let state = &self.player.state;
        state.days.get(1).map(|next| next.first_instant).or(state.day_ends_at)
    }

    /// The first instant at which the local day is later than `day`; none at the end of time.
    fn end_of(&self, day: Day, begins_at: Instant, rules: &Rules) -> Option<Instant> {
        let state = &self.player.state;
        let tomorrow = (day < Day::MAX).then(|| day.plus(1))?;
        let by_the_clock = state.zone.day_start(tomorrow, rules.day.day_start_hour);
        Some(by_the_clock.max(begins_at).max(state.zone_since.unwrap_or(Instant::MIN)))
    }

    fn open_first_day(&mut self) {
        let rules = self.engine.current.rules();
        let zone = self.player.state.zone;
        let day = zone.local_day(self.at, rules.day.day_start_hour);
        self.player.state.first_day = Some(day);
        self.open_day(day, zone.day_start(day, rules.day.day_start_hour));
    }

    /// Opens the day after the open one; dates without an instant are passed over.
    fn open_next_day(&mut self) {
        let state = &mut self.player.state;
        let (Some(last), Some(day), Some(begins_at)) = (state.open_day, state.next_day, state.day_ends_at) else {
            return;
        };
        let mut skipped = last.plus(1);
        while skipped < day {
            self.player.state.skipped.push(skipped);
            self.sink.change(Change::DaySkipped(skipped));
            skipped = skipped.plus(1);
        }
        self.open_day(day, begins_at);
    }

    fn open_day(&mut self, day: Day, first_instant: Instant) {
        let rules = self.engine.current.hash();
        let new_rules = self.player.state.days.last().is_none_or(|open| open.rules != rules);
        let core_total = self.open_logs_of_day(day, first_instant);
        let opened = OpenDay { day, first_instant, rules, core_completed: 0, core_total };
        self.sink.change(Change::DayOpened(&opened));
        self.player.state.days.push(opened);
        self.player.state.open_day = Some(day);
        self.foresee_next_day();
        // Another ruleset may bring titles that were never looked at.
        self.touch_titles(if new_rules { TitleInputs::ALL } else { TitleInputs::DAYS });
    }

    /// Works out when the open day ends, and which date comes then: at its opening and after a change of zone.
    pub(crate) fn foresee_next_day(&mut self) {
        let Some(open) = self.player.state.days.last() else {
            return;
        };
        let rules = self.rules(open.rules);
        let ends_at = self.end_of(open.day, open.first_instant, rules);
        let state = &mut self.player.state;
        state.day_ends_at = ends_at;
        state.next_day = ends_at.map(|ends_at| state.zone.local_day(ends_at, rules.day.day_start_hour));
    }
}
