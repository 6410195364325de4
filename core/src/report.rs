//! Reports: measurements taken in, day by day (the rules, section 5).

use crate::api::{Day, Instant, MetricValue, Metrics, Refusal};
use crate::change::{Change, Sink};
use crate::engine::{Moment, Turn};
use crate::metric;
use crate::name::Name;
use crate::player::{Fact, RulesetHash};
use crate::title::TitleInputs;

impl<S: Sink> Turn<'_, S> {
    /// Takes a report in and evaluates the quests it concerns.
    pub(crate) fn report(
        &mut self,
        day: Option<Day>,
        observed_at: Option<Instant>,
        metrics: &Metrics,
        specials: &[String],
    ) -> Result<(), Refusal> {
        let now = self.now();
        let observed_at = observed_at.unwrap_or(self.at);
        let day = day.unwrap_or(now.today);
        self.check_day(day)?;
        if self.at < observed_at {
            return Err(Refusal::InvalidInstant { observed_at, earliest: Instant::MIN, latest: self.at });
        }
        let open = self.player.state.days.iter().find(|open| open.day == day);
        let rules = open.map(|open| open.rules).ok_or(Refusal::DayClosed { day })?;
        self.check_metrics(rules, metrics)?;
        for special in specials {
            check_text("specials", special, false)?;
        }
        self.workspace.changed_metrics.clear();
        for (name, value) in &metrics.0 {
            self.take_in(rules, day, name, *value, observed_at);
        }
        specials.iter().for_each(|special| self.assert_special(special));
        self.evaluate_quests(Moment { day, ..now })
    }

    /// Refuses a day that never was one of the player's: in the future, before the first, or without an instant.
    fn check_day(&self, day: Day) -> Result<(), Refusal> {
        let state = &self.player.state;
        let (first_day, open_day) = (state.first_day.unwrap_or(day), self.now().today);
        if day < first_day || open_day < day || state.skipped.contains(&day) {
            return Err(Refusal::InvalidDay { day, first_day, open_day });
        }
        Ok(())
    }

    /// Refuses names that cannot be reported, values that are not finite, and values of the wrong kind.
    pub(crate) fn check_metrics(&self, rules: RulesetHash, metrics: &Metrics) -> Result<(), Refusal> {
        let rules = self.rules(rules);
        for (name, value) in &metrics.0 {
            metric::check_report(name, *value)?;
            match rules.metric(name) {
                Some((_, Some(expected))) if expected != value.kind() => {
                    return Err(Refusal::MetricKind { metric: name.clone(), expected });
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Keeps a measurement: per day and metric the latest observation counts; on a tie the one that arrived last.
    fn take_in(&mut self, rules: RulesetHash, day: Day, name: &str, value: MetricValue, observed_at: Instant) {
        let known = self.rules(rules).metric(name).map(|(shared, _)| shared);
        let facts = &mut self.player.state.facts;
        if let Some(fact) = facts.iter_mut().find(|fact| fact.day == day && *fact.metric == *name) {
            if observed_at < fact.observed_at || (fact.observed_at == observed_at && fact.value == value) {
                return;
            }
            if fact.value != value {
                self.workspace.changed_metrics.push(fact.metric.clone());
            }
            (fact.value, fact.observed_at) = (value, observed_at);
            self.sink.change(Change::FactReported(fact));
            return;
        }
        let metric: Name = known.cloned().unwrap_or_else(|| name.into());
        let fact = Fact { day, metric: metric.clone(), value, observed_at };
        self.sink.change(Change::FactReported(&fact));
        let place = facts.partition_point(|known| known.day <= day);
        facts.insert(place, fact);
        self.workspace.changed_metrics.push(metric);
    }

    /// Remembers a name that the host asserts.
    fn assert_special(&mut self, special: &str) {
        let specials = &mut self.player.state.specials;
        if let Err(place) = specials.binary_search_by(|known| (**known).cmp(special)) {
            let name: Name = special.into();
            self.sink.change(Change::SpecialAsserted(&name));
            specials.insert(place, name);
            self.touch_titles(TitleInputs::SPECIALS);
        }
    }
}

/// Refuses what no store can hold: U+0000, and an empty text where one is needed.
pub(crate) fn check_text(field: &str, text: &str, needed: bool) -> Result<(), Refusal> {
    match text.contains('\0') || (needed && text.is_empty()) {
        true => Err(Refusal::InvalidText { field: field.to_owned() }),
        false => Ok(()),
    }
}
