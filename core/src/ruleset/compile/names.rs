//! Compiles the parts of a document, one text shared between all uses of a name.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{
    Boss, CompiledRequirement, Condition, Dungeon, Entry, Phase, Quest, QuestCounters, Regression, Season, SubjectName,
    Title, event_counter,
};
use crate::api::{DungeonDifficulty, MetricKind, PassiveType, QuestType};
use crate::metric::Input;
use crate::modifier::CompiledPassive;
use crate::name::Name;
use crate::requirement::Requirement;
use crate::ruleset::document::{self as doc, Subject};
use crate::title;

/// Shares one text between all uses of a name.
#[derive(Default)]
pub(super) struct Names {
    all: BTreeMap<String, Name>,
    pub(super) metrics: HashMap<Name, Option<MetricKind>>,
    /// The metrics that titles count quests by.
    pub(super) counted: BTreeSet<String>,
}

impl Names {
    fn name(&mut self, text: &str) -> Name {
        self.all.entry(text.to_owned()).or_insert_with(|| text.into()).clone()
    }

    fn option(&mut self, text: Option<&String>) -> Option<Name> {
        text.map(|text| self.name(text))
    }

    pub(super) fn requirement(&mut self, requirement: &Requirement) -> CompiledRequirement {
        requirement.visit_leaves(&mut |metric, kind| {
            if let Input::Raw(name) = Input::resolve(metric) {
                self.metrics.entry(name).or_insert(Some(kind)).get_or_insert(kind);
            }
        });
        requirement.map(&mut |metric| self.input(metric))
    }

    fn input(&mut self, metric: &str) -> Input {
        let mut shared = |name: &Name| self.name(name);
        let input = match Input::resolve(metric) {
            Input::Raw(name) => Input::Raw(shared(&name)),
            Input::Sum(name) => Input::Sum(shared(&name)),
            Input::Max(name) => Input::Max(shared(&name)),
            Input::Days(name) => Input::Days(shared(&name)),
            Input::Completions(quest) => Input::Completions(shared(&quest)),
            state => state,
        };
        if let Input::Sum(name) | Input::Max(name) = &input {
            self.metrics.entry(name.clone()).or_insert(Some(MetricKind::Numeric)).get_or_insert(MetricKind::Numeric);
        }
        input
    }

    pub(super) fn quest(&mut self, quest: &doc::QuestTemplate) -> Quest {
        let requirement = self.requirement(&quest.requirements);
        let (mut reads, mut reads_derived) = (Vec::new(), false);
        requirement.visit_leaves(&mut |input, _| {
            reads_derived |= !matches!(input, Input::Raw(_));
            if let Some(metric) = input.metric().filter(|metric| !reads.contains(*metric)) {
                reads.push(metric.clone());
            }
        });
        // A leaf names a derived metric too, which matters where a title counts such quests.
        requirement.visit_leaves(&mut |input, _| {
            let name: Name = input.name().into();
            if self.counted.contains(&*name) && !reads.contains(&name) {
                reads.push(name);
            }
        });
        let keys = |prefix: &str| reads.iter().map(|metric| format!("{prefix}.{metric}").into()).collect();
        Quest {
            counters: QuestCounters {
                completions: format!("completions.{}", quest.id).into(),
                logs: keys("logs"),
                days: keys("days"),
            },
            id: self.name(&quest.id),
            kind: quest.kind,
            requirement,
            reads,
            reads_derived,
            base_xp: quest.base_xp,
            stat: quest.stat_affected.map(|stat| (stat, quest.stat_gain)),
            partial: quest.partial_reward,
            is_core: quest.is_core && quest.kind == QuestType::Daily,
            season: self.option(quest.season_id.as_ref()),
        }
    }

    pub(super) fn title(&mut self, title: &doc::Title) -> Title {
        let condition = self.condition(&title.condition.condition);
        let regression = title.condition.regression.as_ref().map(|regression| Regression {
            subject: self.subject(&regression.subject),
            misses: regression.misses.into(),
            days: regression.window_days,
        });
        let passive = title.passive.passive_type.zip(title.passive.passive_value);
        let stat_bonus = match passive {
            Some((PassiveType::StatBonus, value)) => title.condition.stat.map(|stat| (stat, value as i64)),
            _ => None,
        };
        Title {
            id: self.name(&title.id),
            kind: title.condition.condition.condition_type(),
            inputs: title::inputs_of(&condition, regression.is_some()),
            condition,
            regression,
            passive: passive.and_then(|(kind, value)| CompiledPassive::new(kind, value).ok()),
            stat_bonus,
            can_regress: title.can_regress,
        }
    }

    fn subject(&mut self, subject: &Subject) -> SubjectName {
        match subject {
            Subject::Metric(metric) => SubjectName::Metric(self.name(metric)),
            Subject::Quest(quest) => SubjectName::Quest(self.name(quest)),
        }
    }

    fn condition(&mut self, condition: &doc::Condition) -> Condition {
        match condition {
            doc::Condition::StreakDays { days, streak } => Condition::Streak { kind: *streak, days: i64::from(*days) },
            doc::Condition::CumulativeCount { subject, count } => {
                let counter = match subject {
                    Subject::Metric(metric) => format!("logs.{metric}"),
                    Subject::Quest(quest) => format!("completions.{quest}"),
                };
                Condition::Lifetime { counter: counter.into(), count: *count }
            }
            doc::Condition::TimeWindow { subject, count, window_days } => {
                Condition::Window { subject: self.subject(subject), count: *count, days: *window_days }
            }
            doc::Condition::EventCount { event, count } => {
                Condition::Lifetime { counter: event_counter(*event), count: *count }
            }
            doc::Condition::Compound { logic, conditions } => Condition::Compound {
                logic: *logic,
                parts: conditions.iter().map(|part| (part.condition_type(), self.condition(part))).collect(),
            },
            doc::Condition::AccountCreation => Condition::AccountCreation,
            doc::Condition::FirstOfMonth => Condition::FirstOfMonth,
            doc::Condition::Level { level } => Condition::Level { level: i64::from(*level) },
            doc::Condition::Special { special } => Condition::Special { name: self.name(special) },
        }
    }

    pub(super) fn boss(&mut self, boss: &doc::Boss) -> Boss {
        let phases = boss.phases.iter().map(|phase| Phase {
            requirement: match &phase.requirements {
                doc::PhaseRequirements::Full(requirement) => self.requirement(requirement),
                short => self.requirement(&short.as_requirement()),
            },
            duration_days: phase.duration_days,
        });
        Boss {
            phases: phases.collect(),
            id: self.name(&boss.id),
            required_level: boss.required_level,
            xp_reward: boss.xp_reward,
            title_reward: self.option(boss.title_reward_id.as_ref()),
            season: self.option(boss.season_id.as_ref()),
            max_phase_retries: boss.max_phase_retries,
        }
    }

    pub(super) fn dungeon(&mut self, dungeon: &doc::Dungeon) -> Dungeon {
        let (rank_level, rank_xp) = rank(dungeon.difficulty);
        let entry = match &dungeon.requirements {
            doc::EntryRequirements::Full(requirement) => Entry::Requirement(self.requirement(requirement)),
            doc::EntryRequirements::MinLevel { min_level: level }
            | doc::EntryRequirements::LevelRequired { level_required: level } => Entry::Level(*level),
            doc::EntryRequirements::ByRank {} => Entry::Level(rank_level),
        };
        let stated: Vec<i64> = dungeon.challenges.iter().filter_map(|challenge| challenge.xp).map(i64::from).collect();
        Dungeon {
            id: self.name(&dungeon.id),
            entry,
            challenges: dungeon.challenges.iter().map(|challenge| self.requirement(&challenge.requirement)).collect(),
            base_xp: if stated.is_empty() { rank_xp } else { stated.iter().sum() },
            multiplier: dungeon.xp_multiplier,
            duration_minutes: dungeon.duration_minutes,
            cooldown_hours: dungeon.cooldown_hours,
            season: self.option(dungeon.season_id.as_ref()),
        }
    }

    pub(super) fn season(&mut self, season: &doc::Season) -> Season {
        Season {
            id: self.name(&season.id),
            start: season.start_date,
            end: season.end_date,
            multiplier: season.xp_multiplier,
        }
    }
}

/// The level needed to enter by rank, and the rank's XP.
fn rank(difficulty: DungeonDifficulty) -> (i32, i64) {
    match difficulty {
        DungeonDifficulty::ERank => (3, 50),
        DungeonDifficulty::DRank => (6, 75),
        DungeonDifficulty::CRank => (10, 100),
        DungeonDifficulty::BRank => (15, 130),
        DungeonDifficulty::ARank => (20, 160),
        DungeonDifficulty::SRank => (25, 200),
    }
}
