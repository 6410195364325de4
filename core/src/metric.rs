//! Metrics: their names, and the derived ones that any requirement may use (the rules, sections 2 and 6).

use crate::api::{Day, MetricKind, MetricValue, Refusal, Stat};
use crate::name::Name;
use crate::player::{Fact, Player};
use crate::ruleset::compile::Rules;

/// State and derived metrics that are no measurement: their names cannot be declared or reported.
const RESERVED: [&str; 14] = [
    "level",
    "total_xp",
    "current_streak",
    "perfect_streak",
    "longest_streak",
    "str",
    "agi",
    "vit",
    "disc",
    "days_since_start",
    "daily_completion_rate",
    "perfect_days",
    "dungeon_clears",
    "boss_victories",
];

/// Prefixes of derived metrics that are about another metric or a quest.
const RESERVED_PREFIXES: [&str; 4] = ["sum.", "max.", "days.", "completions."];

/// Whether a metric name is `[a-z][a-z0-9_.]{0,63}`.
pub fn is_well_formed(name: &str) -> bool {
    let rest = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_' || byte == b'.';
    name.len() <= 64 && name.as_bytes().first().is_some_and(u8::is_ascii_lowercase) && name.bytes().all(rest)
}

/// Whether a name belongs to a derived metric, so that it cannot be declared or reported.
pub fn is_reserved(name: &str) -> bool {
    RESERVED.contains(&name) || RESERVED_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

/// The measurement that a leaf of some kind reads, and as what: a sum and a maximum are those of numbers.
pub(crate) fn measured(name: &str, kind: MetricKind) -> (&str, MetricKind) {
    match name.strip_prefix("sum.").or_else(|| name.strip_prefix("max.")) {
        Some(of) => (of, MetricKind::Numeric),
        None => (name, kind),
    }
}

/// Whether a value is one a measurement can have.
pub(crate) fn check_value(name: &str, value: MetricValue) -> Result<(), Refusal> {
    let finite = !matches!(value, MetricValue::Number(number) if !number.is_finite());
    if finite && is_well_formed(name) {
        return Ok(());
    }
    let expected = if finite { "a name like steps: [a-z][a-z0-9_.]{0,63}" } else { "a finite number" };
    Err(Refusal::InvalidMetric { metric: name.to_owned(), expected: expected.to_owned() })
}

/// Whether a name and value can be reported: well-formed, not reserved, finite.
pub(crate) fn check_report(name: &str, value: MetricValue) -> Result<(), Refusal> {
    if is_reserved(name) {
        let expected = "the name of a measurement, not of a derived metric".to_owned();
        return Err(Refusal::InvalidMetric { metric: name.to_owned(), expected });
    }
    check_value(name, value)
}

/// What a leaf of a compiled requirement looks at.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Input {
    /// A measurement of the day, or of the dungeon's snapshot.
    Raw(Name),
    Level,
    TotalXp,
    CurrentStreak,
    PerfectStreak,
    LongestStreak,
    /// A stat with the active title's bonus.
    Stat(Stat),
    DaysSinceStart,
    DailyCompletionRate,
    PerfectDays,
    DungeonClears,
    BossVictories,
    /// Completed logs of a quest.
    Completions(Name),
    /// The sum of a metric over days.
    Sum(Name),
    /// The largest value of a metric.
    Max(Name),
    /// Distinct days of completed logs whose quest reads a metric.
    Days(Name),
}

impl Input {
    /// What a metric's name means; the ruleset has checked that it is one.
    pub(crate) fn resolve(name: &str) -> Self {
        match name {
            "level" => Self::Level,
            "total_xp" => Self::TotalXp,
            "current_streak" => Self::CurrentStreak,
            "perfect_streak" => Self::PerfectStreak,
            "longest_streak" => Self::LongestStreak,
            "str" => Self::Stat(Stat::Str),
            "agi" => Self::Stat(Stat::Agi),
            "vit" => Self::Stat(Stat::Vit),
            "disc" => Self::Stat(Stat::Disc),
            "days_since_start" => Self::DaysSinceStart,
            "daily_completion_rate" => Self::DailyCompletionRate,
            "perfect_days" => Self::PerfectDays,
            "dungeon_clears" => Self::DungeonClears,
            "boss_victories" => Self::BossVictories,
            _ => Self::about(name),
        }
    }

    fn about(name: &str) -> Self {
        match name.split_once('.') {
            Some(("sum", metric)) => Self::Sum(metric.into()),
            Some(("max", metric)) => Self::Max(metric.into()),
            Some(("days", metric)) => Self::Days(metric.into()),
            Some(("completions", quest)) => Self::Completions(quest.into()),
            _ => Self::Raw(name.into()),
        }
    }

    /// The measurement it reads, if it reads one.
    pub(crate) fn metric(&self) -> Option<&Name> {
        match self {
            Self::Raw(metric) | Self::Sum(metric) | Self::Max(metric) | Self::Days(metric) => Some(metric),
            _ => None,
        }
    }

    /// Whether it goes in whole steps.
    pub(crate) fn is_count(&self) -> bool {
        match self {
            Self::Raw(_) | Self::Sum(_) | Self::Max(_) | Self::DailyCompletionRate => false,
            Self::Level
            | Self::TotalXp
            | Self::CurrentStreak
            | Self::PerfectStreak
            | Self::LongestStreak
            | Self::Stat(_)
            | Self::DaysSinceStart
            | Self::PerfectDays
            | Self::DungeonClears
            | Self::BossVictories
            | Self::Completions(_)
            | Self::Days(_) => true,
        }
    }

    /// Its name, as an author writes it.
    pub(crate) fn name(&self) -> String {
        let fixed = match self {
            Self::Raw(metric) => metric,
            Self::Sum(metric) => return format!("sum.{metric}"),
            Self::Max(metric) => return format!("max.{metric}"),
            Self::Days(metric) => return format!("days.{metric}"),
            Self::Completions(quest) => return format!("completions.{quest}"),
            Self::Level => "level",
            Self::TotalXp => "total_xp",
            Self::CurrentStreak => "current_streak",
            Self::PerfectStreak => "perfect_streak",
            Self::LongestStreak => "longest_streak",
            Self::Stat(Stat::Str) => "str",
            Self::Stat(Stat::Agi) => "agi",
            Self::Stat(Stat::Vit) => "vit",
            Self::Stat(Stat::Disc) => "disc",
            Self::DaysSinceStart => "days_since_start",
            Self::DailyCompletionRate => "daily_completion_rate",
            Self::PerfectDays => "perfect_days",
            Self::DungeonClears => "dungeon_clears",
            Self::BossVictories => "boss_victories",
        };
        fixed.to_owned()
    }
}

/// The days a derived metric looks at, both ends included; no start means the player's whole history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Window {
    pub(crate) from: Option<Day>,
    pub(crate) to: Day,
}

impl Window {
    pub(crate) fn day(day: Day) -> Self {
        Self { from: Some(day), to: day }
    }

    /// The ISO week of a Monday.
    pub(crate) fn week(monday: Day) -> Self {
        Self { from: Some(monday), to: monday.plus(6) }
    }

    /// The last `days` days that end with `to`.
    pub(crate) fn last(days: i32, to: Day) -> Self {
        Self { from: Some(to.plus(1_i32.saturating_sub(days))), to }
    }

    pub(crate) fn since(from: Day, to: Day) -> Self {
        Self { from: Some(from), to }
    }

    pub(crate) fn whole_history() -> Self {
        Self { from: None, to: Day::MAX }
    }

    pub(crate) fn contains(self, day: Day) -> bool {
        self.from.is_none_or(|from| from <= day) && day <= self.to
    }
}

/// Where a raw metric is read.
#[derive(Clone, Copy)]
pub(crate) enum Raw<'a> {
    /// From the facts of a day.
    Day(Day),
    /// From a dungeon's snapshot.
    Snapshot(&'a [Fact]),
}

/// Everything a requirement can look at, at one moment of one player.
#[derive(Clone, Copy)]
pub(crate) struct Inputs<'a> {
    pub(crate) player: &'a Player,
    pub(crate) rules: &'a Rules,
    pub(crate) window: Window,
    pub(crate) raw: Raw<'a>,
    /// The open day, or the day being closed.
    pub(crate) today: Day,
}

impl Inputs<'_> {
    /// The value of an input now; `None` is unknown.
    pub(crate) fn value(&self, input: &Input) -> Option<MetricValue> {
        let state = &self.player.state;
        let whole = |count: i64| Some(MetricValue::Number(count as f64));
        match input {
            Input::Raw(metric) => self.raw_value(metric),
            Input::Level => whole(state.level.into()),
            Input::TotalXp => whole(state.total_xp),
            Input::CurrentStreak => whole(state.current_streak.into()),
            Input::PerfectStreak => whole(state.perfect_streak.into()),
            Input::LongestStreak => whole(state.longest_streak.into()),
            Input::Stat(stat) => whole(i64::from(state.stats.get(*stat)) + self.rules.stat_bonus(state, *stat)),
            Input::DaysSinceStart => {
                whole(state.first_day.map_or(0, |first| self.today.number() - first.number()).into())
            }
            Input::DailyCompletionRate => self.completion_rate().map(MetricValue::Number),
            Input::PerfectDays => whole(self.perfect_days()),
            Input::DungeonClears => whole(self.count_days(&self.player.history.clears, "events.DUNGEON_CLEARED")),
            Input::BossVictories => whole(self.count_days(&self.player.history.victories, "events.BOSS_VICTORY")),
            Input::Completions(quest) => whole(self.completions_of(quest)),
            Input::Sum(metric) => Some(MetricValue::Number(self.sum(metric))),
            Input::Max(metric) => self.max(metric).map(MetricValue::Number),
            Input::Days(metric) => whole(self.days_reading(metric)),
        }
    }

    fn raw_value(&self, metric: &Name) -> Option<MetricValue> {
        let matches = |fact: &&Fact| fact.metric == *metric;
        match self.raw {
            Raw::Day(day) => {
                let open = self.player.state.facts.iter().rev().find(|fact| fact.day == day && fact.metric == *metric);
                let closed = || self.closed_facts(Window::day(day)).iter().find(|fact| fact.metric == *metric);
                open.or_else(closed).map(|fact| fact.value)
            }
            Raw::Snapshot(facts) => facts.iter().find(matches).map(|fact| fact.value),
        }
    }

    /// Facts of closed days within a window; history is in day order.
    fn closed_facts(&self, window: Window) -> &[Fact] {
        let facts = &self.player.history.facts;
        let start = window.from.map_or(0, |from| facts.partition_point(|fact| fact.day < from));
        let end = facts.partition_point(|fact| fact.day <= window.to);
        facts.get(start..end).unwrap_or_default()
    }

    /// The numbers of a metric over the window, in ascending day order.
    fn numbers(&self, metric: &Name) -> impl Iterator<Item = f64> {
        let window = self.window;
        let open = self.player.state.facts.iter().filter(move |fact| window.contains(fact.day));
        let all = self.closed_facts(window).iter().chain(open);
        all.filter_map(move |fact| match fact.value {
            MetricValue::Number(number) if fact.metric == *metric => Some(number),
            _ => None,
        })
    }

    fn sum(&self, metric: &Name) -> f64 {
        if let Raw::Snapshot(_) = self.raw {
            return self.snapshot_number(metric).unwrap_or(0.0);
        }
        let past = self.forgotten(metric).map_or(0.0, |past| past.sum);
        self.numbers(metric).fold(past, |sum, number| sum + number)
    }

    fn max(&self, metric: &Name) -> Option<f64> {
        if let Raw::Snapshot(_) = self.raw {
            return self.snapshot_number(metric);
        }
        let past = self.forgotten(metric).map(|past| past.max);
        past.into_iter().chain(self.numbers(metric)).reduce(f64::max)
    }

    /// Inside a dungeon only what was observed there counts, once.
    fn snapshot_number(&self, metric: &Name) -> Option<f64> {
        match self.raw_value(metric) {
            Some(MetricValue::Number(number)) => Some(number),
            _ => None,
        }
    }

    /// What is left of days that the history no longer holds; only a window without a start reaches them.
    fn forgotten(&self, metric: &Name) -> Option<&crate::player::PastMetric> {
        match self.window.from {
            None => self.player.history.past.iter().find(|past| past.metric == *metric),
            Some(_) => None,
        }
    }

    fn completion_rate(&self) -> Option<f64> {
        let (completed, total) = match self.window.from {
            None => {
                let counters = &self.player.state.counters;
                (counters.get("core_completed"), counters.get("core_total"))
            }
            Some(_) => self.closed_days().fold((0, 0), |(completed, total), day| {
                (completed + i64::from(day.core_completed), total + i64::from(day.core_total))
            }),
        };
        (total > 0).then(|| completed as f64 / total as f64)
    }

    fn closed_days(&self) -> impl Iterator<Item = &crate::player::ClosedDay> {
        self.player.history.days.iter().rev().filter(|day| self.window.contains(day.day))
    }

    fn perfect_days(&self) -> i64 {
        match self.window.from {
            None => self.player.state.counters.get("events.PERFECT_DAY"),
            Some(_) => self.closed_days().filter(|day| day.is_perfect()).count() as i64,
        }
    }

    fn count_days(&self, days: &[Day], lifetime_counter: &str) -> i64 {
        match self.window.from {
            None => self.player.state.counters.get(lifetime_counter),
            Some(_) => days.iter().filter(|day| self.window.contains(**day)).count() as i64,
        }
    }

    fn completions_of(&self, quest: &Name) -> i64 {
        match self.window.from {
            None => self.player.state.counters.get_about("completions.", quest),
            Some(_) => self.completed_in_window(|id| id == quest).count() as i64,
        }
    }

    fn completed_in_window(&self, counts: impl Fn(&Name) -> bool) -> impl Iterator<Item = Day> {
        let all = self.player.history.completions.iter();
        all.filter(move |log| self.window.contains(log.day) && counts(&log.quest)).map(|log| log.day)
    }

    /// Completed logs within the window whose quest reads a metric.
    pub(crate) fn completions_reading(&self, metric: &Name) -> i64 {
        self.completed_in_window(|quest| self.rules.reads(quest, metric)).count() as i64
    }

    /// Completed logs of a quest within the window.
    pub(crate) fn completions(&self, quest: &Name) -> i64 {
        self.completions_of(quest)
    }

    fn days_reading(&self, metric: &Name) -> i64 {
        let Some(from) = self.window.from else {
            return self.player.state.counters.get_about("days.", metric);
        };
        // The days of nearly every window fit the bits of one number; it is looked at on every report, so nothing is allocated.
        let (mut seen, mut beyond) = (0_u128, Vec::new());
        for day in self.completed_in_window(|quest| self.rules.reads(quest, metric)) {
            match u32::try_from(day.number() - from.number()) {
                Ok(offset) if offset < u128::BITS => seen |= 1 << offset,
                _ => beyond.push(day),
            }
        }
        beyond.sort_unstable();
        beyond.dedup();
        i64::from(seen.count_ones()) + beyond.len() as i64
    }
}
