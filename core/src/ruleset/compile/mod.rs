//! Compiles a checked document into what the engine decides with: ids resolved, requirements over inputs, curves and stacks
//! built.

mod names;

use std::collections::HashMap;

use crate::api::{
    ConditionType, CountedEvent, Instant, Logic, MetricKind, Multiplier, Operator, QuestType, SeasonStatus, Stat,
    StreakKind,
};
use crate::curve::Curve;
use crate::metric::Input;
use crate::modifier::{CompiledPassive, ModifierStack};
use crate::name::Name;
use crate::player::State;
use crate::requirement::Requirement;
use crate::ruleset::document::{self as doc, Document};
use crate::title::TitleInputs;
use names::Names;

/// A requirement whose metrics are resolved.
pub(crate) type CompiledRequirement = Requirement<Input>;

/// A ruleset, ready to decide with.
#[derive(Debug)]
pub(crate) struct Rules {
    pub(crate) curve: Curve,
    pub(crate) stack: ModifierStack,
    pub(crate) streak: doc::StreakRule,
    pub(crate) debuff: doc::DebuffRule,
    pub(crate) day: doc::DayRule,
    pub(crate) quests: Vec<Quest>,
    pub(crate) titles: Vec<Title>,
    pub(crate) bosses: Vec<Boss>,
    pub(crate) dungeons: Vec<Dungeon>,
    pub(crate) seasons: Vec<Season>,
    /// The metrics that the rules know, with their kinds where a declaration or a use fixes one.
    pub(crate) metrics: HashMap<Name, Option<MetricKind>>,
    /// How many days back windows look, weeks included.
    pub(crate) window_days: i32,
    quest_index: HashMap<Name, usize>,
}

#[derive(Debug)]
pub(crate) struct Quest {
    pub(crate) id: Name,
    pub(crate) kind: QuestType,
    pub(crate) requirement: CompiledRequirement,
    /// The measurements it reads, through derived metrics too; and those derived ones that it names and a title counts by.
    pub(crate) reads: Vec<Name>,
    /// Whether anything but the day's measurements can change its outcome.
    pub(crate) reads_derived: bool,
    pub(crate) base_xp: i32,
    pub(crate) stat: Option<(Stat, i32)>,
    pub(crate) partial: Option<doc::PartialReward>,
    pub(crate) is_core: bool,
    pub(crate) season: Option<Name>,
    pub(crate) counters: QuestCounters,
}

/// The keys of the lifetime counts that a completed log raises.
#[derive(Debug)]
pub(crate) struct QuestCounters {
    /// `completions.<quest>`.
    pub(crate) completions: Name,
    /// `logs.<metric>` for each metric it reads.
    pub(crate) logs: Vec<Name>,
    /// `days.<metric>` for each metric it reads, in the order of `reads`.
    pub(crate) days: Vec<Name>,
}

#[derive(Debug)]
pub(crate) struct Title {
    pub(crate) id: Name,
    pub(crate) kind: ConditionType,
    pub(crate) condition: Condition,
    pub(crate) regression: Option<Regression>,
    pub(crate) passive: Option<CompiledPassive>,
    pub(crate) stat_bonus: Option<(Stat, i64)>,
    pub(crate) can_regress: bool,
    pub(crate) inputs: TitleInputs,
}

#[derive(Debug)]
pub(crate) enum Condition {
    Streak {
        kind: StreakKind,
        days: i64,
    },
    /// A lifetime count, by its counter's key.
    Lifetime {
        counter: Name,
        count: i64,
    },
    Window {
        subject: SubjectName,
        count: i64,
        days: i32,
    },
    Compound {
        logic: Logic,
        parts: Vec<(ConditionType, Condition)>,
    },
    AccountCreation,
    FirstOfMonth,
    Level {
        level: i64,
    },
    Special {
        name: Name,
    },
}

#[derive(Debug)]
pub(crate) enum SubjectName {
    Metric(Name),
    Quest(Name),
}

#[derive(Debug)]
pub(crate) struct Regression {
    pub(crate) subject: SubjectName,
    pub(crate) misses: i64,
    pub(crate) days: i32,
}

#[derive(Debug)]
pub(crate) struct Boss {
    pub(crate) id: Name,
    pub(crate) required_level: i32,
    pub(crate) xp_reward: i32,
    pub(crate) title_reward: Option<Name>,
    pub(crate) season: Option<Name>,
    pub(crate) phases: Vec<Phase>,
    pub(crate) max_phase_retries: i32,
}

#[derive(Debug)]
pub(crate) struct Phase {
    pub(crate) requirement: CompiledRequirement,
    pub(crate) duration_days: i32,
}

#[derive(Debug)]
pub(crate) struct Dungeon {
    pub(crate) id: Name,
    pub(crate) entry: Entry,
    pub(crate) challenges: Vec<CompiledRequirement>,
    pub(crate) base_xp: i64,
    pub(crate) multiplier: Multiplier,
    pub(crate) duration_minutes: i32,
    pub(crate) cooldown_hours: i32,
    pub(crate) season: Option<Name>,
}

#[derive(Debug)]
pub(crate) enum Entry {
    Level(i32),
    Requirement(CompiledRequirement),
}

#[derive(Debug)]
pub(crate) struct Season {
    pub(crate) id: Name,
    pub(crate) start: Instant,
    pub(crate) end: Instant,
    pub(crate) multiplier: Multiplier,
}

impl Season {
    pub(crate) fn status(&self, at: Instant) -> SeasonStatus {
        SeasonStatus::between(self.start, self.end, at)
    }
}

impl Rules {
    /// The season that is active at an instant; none overlap.
    pub(crate) fn active_season(&self, at: Instant) -> Option<&Season> {
        self.seasons.iter().find(|season| season.status(at) == SeasonStatus::Active)
    }

    /// Whether content of a season is in play at an instant; content without a season always is.
    pub(crate) fn in_season(&self, season: Option<&Name>, at: Instant) -> bool {
        season.is_none_or(|id| self.active_season(at).is_some_and(|active| active.id == *id))
    }

    pub(crate) fn quest(&self, id: &str) -> Option<&Quest> {
        self.quest_index.get(id).and_then(|index| self.quests.get(*index))
    }

    /// A quest's place in the ruleset.
    pub(crate) fn quest_place(&self, id: &str) -> usize {
        self.quest_index.get(id).copied().unwrap_or(usize::MAX)
    }

    pub(crate) fn title(&self, id: &str) -> Option<&Title> {
        self.titles.iter().find(|title| &*title.id == id)
    }

    pub(crate) fn boss(&self, id: &str) -> Option<&Boss> {
        self.bosses.iter().find(|boss| &*boss.id == id)
    }

    pub(crate) fn dungeon(&self, id: &str) -> Option<&Dungeon> {
        self.dungeons.iter().find(|dungeon| &*dungeon.id == id)
    }

    pub(crate) fn season(&self, id: &str) -> Option<&Season> {
        self.seasons.iter().find(|season| &*season.id == id)
    }

    /// The title a player wears, if it is in force.
    pub(crate) fn active_title(&self, state: &State) -> Option<&Title> {
        state.active_title.as_ref().and_then(|id| self.title(id))
    }

    /// What the active title adds to a stat.
    pub(crate) fn stat_bonus(&self, state: &State, stat: Stat) -> i64 {
        let bonus = self.active_title(state).and_then(|title| title.stat_bonus);
        bonus.map_or(0, |(raised, by)| if raised == stat { by } else { 0 })
    }

    /// Whether a quest in force reads a metric.
    pub(crate) fn reads(&self, quest: &str, metric: &Name) -> bool {
        self.quest(quest).is_some_and(|quest| quest.reads.contains(metric))
    }

    /// A metric's shared name, if the rules know it.
    pub(crate) fn metric(&self, name: &str) -> Option<(&Name, Option<MetricKind>)> {
        self.metrics.get_key_value(name).map(|(name, kind)| (name, *kind))
    }
}

/// Builds the rules of a checked document. Parts that the checks rule out are left out.
pub(crate) fn compile(document: &Document) -> Rules {
    let mut names = Names::default();
    names.counted.extend(document.titles.iter().flat_map(metrics_counted));
    for (name, declared) in &document.metrics {
        names.metrics.insert(name.as_str().into(), Some(declared.kind));
    }
    let quests: Vec<Quest> = document.quests.iter().map(|quest| names.quest(quest)).collect();
    let bosses = document.bosses.iter().map(|boss| names.boss(boss)).collect();
    let dungeons = document.dungeons.iter().map(|dungeon| names.dungeon(dungeon)).collect();
    for when in document.narratives.iter().filter_map(|narrative| narrative.context.as_ref()?.when.as_ref()) {
        names.requirement(when);
    }
    let titles: Vec<Title> = document.titles.iter().map(|title| names.title(title)).collect();
    let quest_index = quests.iter().enumerate().map(|(index, quest)| (quest.id.clone(), index)).collect();
    Rules {
        curve: Curve::new(&document.curve).unwrap_or_default(),
        stack: ModifierStack::new(&document.modifiers),
        streak: document.streak,
        debuff: document.debuff,
        day: document.day,
        window_days: titles.iter().map(Title::window_days).max().unwrap_or(0).max(7),
        quests,
        titles,
        bosses,
        dungeons,
        seasons: document.seasons.iter().map(|season| names.season(season)).collect(),
        metrics: names.metrics,
        quest_index,
    }
}

/// The metrics by which a title counts quests.
fn metrics_counted(title: &doc::Title) -> Vec<String> {
    fn add(condition: &doc::Condition, metrics: &mut Vec<String>) {
        match condition {
            doc::Condition::CumulativeCount { subject: doc::Subject::Metric(metric), .. }
            | doc::Condition::TimeWindow { subject: doc::Subject::Metric(metric), .. } => metrics.push(metric.clone()),
            doc::Condition::Compound { conditions, .. } => conditions.iter().for_each(|part| add(part, metrics)),
            _ => {}
        }
    }
    let mut metrics = Vec::new();
    add(&title.condition.condition, &mut metrics);
    if let Some(doc::Regression { subject: doc::Subject::Metric(metric), .. }) = &title.condition.regression {
        metrics.push(metric.clone());
    }
    metrics
}

impl Title {
    fn window_days(&self) -> i32 {
        let regression = self.regression.as_ref().map_or(0, |regression| regression.days);
        regression.max(self.condition.window_days())
    }
}

impl Condition {
    fn window_days(&self) -> i32 {
        match self {
            Self::Window { days, .. } => *days,
            Self::Compound { parts, .. } => parts.iter().map(|(_, part)| part.window_days()).max().unwrap_or(0),
            _ => 0,
        }
    }
}

/// The key of the lifetime count of an event.
pub(crate) fn event_counter(event: CountedEvent) -> Name {
    format!("events.{event}").into()
}

impl doc::PhaseRequirements {
    /// The requirement it stands for: the short form is an AND of `>=` leaves.
    pub fn as_requirement(&self) -> Requirement {
        let (rate, days, clears, streak) = match self {
            Self::Full(requirement) => return requirement.clone(),
            Self::Short { daily_completion_rate, perfect_days, dungeon_clears, streak } => {
                (daily_completion_rate, perfect_days, dungeon_clears, streak)
            }
        };
        let whole = |count: &Option<i32>| count.map(f64::from);
        let leaves = [
            ("daily_completion_rate", *rate),
            ("perfect_days", whole(days)),
            ("dungeon_clears", whole(clears)),
            ("current_streak", whole(streak)),
        ];
        let stated = leaves.into_iter().filter_map(|(metric, value)| value.map(|value| (metric, value)));
        let requirements = stated
            .map(|(metric, value)| Requirement::Numeric { metric: metric.to_owned(), op: Operator::AtLeast, value })
            .collect();
        Requirement::Compound { logic: Logic::And, requirements }
    }
}
