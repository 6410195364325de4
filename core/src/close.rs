//! Closing a day: its logs end, the streak goes on or breaks, the debuff falls (the rules, section 5).

use crate::api::{CountedEvent, Day, Instant, Refusal};
use crate::change::{Change, Sink};
use crate::engine::{Moment, Turn};
use crate::player::{ClosedDay, OpenDay};
use crate::ruleset::compile::Rules;
use crate::title::TitleInputs;

impl<S: Sink> Turn<'_, S> {
    /// Closes the oldest day that is not closed, with everything its close brings, in the order of the rules.
    pub(crate) fn close_oldest_day(&mut self) -> Result<(), Refusal> {
        let (Some(closing), Some(ends_at)) = (self.player.state.days.first(), self.oldest_day_ends_at()) else {
            return Ok(());
        };
        let (day, rules) = (closing.day, self.rules(closing.rules));
        let moment = Moment { at: ends_at, day, today: day };
        self.close_logs_of_day(moment)?;
        let closed = self.player.state.days[0].clone();
        self.settle_day(&closed, rules, ends_at)?;
        let week_is_over = self.day_after(day).is_none_or(|next| next.monday() > day.monday());
        self.close_weekly_logs(moment, week_is_over)?;
        self.evaluate_titles_under(closed.rules, moment)?;
        self.settle_boss_phase(moment)?;
        self.drop_closed_logs(day, week_is_over);
        self.player.state.days.remove(0);
        // Windows ended with the closed day; from here on they end with the open day again.
        self.touch_titles(TitleInputs::DAYS);
        Ok(())
    }

    /// The player's day after one that ends: already open, or foreseen.
    pub(crate) fn day_after(&self, day: Day) -> Option<Day> {
        let state = &self.player.state;
        let opened = state.days.iter().map(|open| open.day).find(|open| *open > day);
        opened.or(state.next_day)
    }

    /// Decides streak and debuff of a closing day, and moves it into the history.
    fn settle_day(&mut self, closed: &OpenDay, rules: &Rules, ends_at: Instant) -> Result<(), Refusal> {
        let missed = closed.core_total - closed.core_completed;
        let debuff_triggered = missed >= rules.debuff.missed;
        self.sink.change(Change::DayClosed { day: closed, missed, debuff_triggered });
        if closed.core_total > 0 {
            let kept = missed <= rules.streak.allowed_misses && closed.core_completed >= 1;
            self.move_streak(kept)?;
            self.move_perfect_streak(missed == 0)?;
        }
        if debuff_triggered {
            self.start_debuff(ends_at.plus_minutes(i64::from(rules.debuff.hours) * 60));
        }
        self.remember_day(closed);
        self.touch_titles(TitleInputs::DAYS | TitleInputs::STREAK);
        Ok(())
    }

    fn move_streak(&mut self, kept: bool) -> Result<(), Refusal> {
        let previous_streak = self.player.state.current_streak;
        if !kept {
            self.player.state.current_streak = 0;
            if previous_streak > 0 {
                self.sink.change(Change::StreakBroken(previous_streak));
                self.count_event(CountedEvent::StreakBroken);
            }
            return Ok(());
        }
        let streak = previous_streak.checked_add(1).ok_or_else(|| Refusal::overflow("current_streak"))?;
        let state = &mut self.player.state;
        state.current_streak = streak;
        state.longest_streak = state.longest_streak.max(streak);
        self.sink.change(Change::StreakExtended(streak));
        Ok(())
    }

    fn move_perfect_streak(&mut self, perfect: bool) -> Result<(), Refusal> {
        let streak = self.player.state.perfect_streak;
        self.player.state.perfect_streak = match perfect {
            true => streak.checked_add(1).ok_or_else(|| Refusal::overflow("perfect_streak"))?,
            false => 0,
        };
        if perfect {
            self.count_event(CountedEvent::PerfectDay);
        }
        Ok(())
    }

    /// The later end wins; nothing shortens a debuff.
    fn start_debuff(&mut self, until: Instant) {
        let until = self.player.state.debuff_active_until.map_or(until, |before| before.max(until));
        self.player.state.debuff_active_until = Some(until);
        self.sink.change(Change::DebuffStarted(until));
    }

    fn remember_day(&mut self, closed: &OpenDay) {
        let OpenDay { day, core_completed, core_total, .. } = *closed;
        let keys = self.engine.keys();
        self.count_by(&keys.core_completed, core_completed.into());
        self.count_by(&keys.core_total, core_total.into());
        let history = &mut self.player.history;
        history.days.push(ClosedDay { day, core_completed, core_total });
        let facts = &mut self.player.state.facts;
        let of_day = facts.partition_point(|fact| fact.day <= day);
        history.facts.extend(facts.drain(..of_day));
    }
}
