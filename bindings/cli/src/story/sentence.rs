//! Sentences: one for each thing that happened; an award stands with what it was for.

use std::collections::BTreeMap;

use levelkit::ledger::XpModifier;
use levelkit::{
    Day, Event, Instant, MetricValue, Metrics, ModifierType, Multiplier, QuestType, RequirementState, Source,
};
use levelkit_storage::{LedgerEntry, TimelineEntry};

use super::awards::Awards;
use super::{Chapter, Names, explain};
use crate::leaves;
use crate::paint::Paint;
use crate::tame;
use crate::text;

/// Measurements by day, as far back as they are known.
pub(crate) type Facts = BTreeMap<Day, Vec<(String, MetricValue)>>;

/// Tells what happened, with the names of a ruleset.
pub(crate) struct Teller<'a> {
    pub(crate) names: Names<'a>,
    pub(crate) paint: Paint,
    pub(crate) awards: Awards,
    pub(crate) facts: Facts,
}

impl Teller<'_> {
    /// A chapter in sentences.
    pub(crate) fn tell(&self, chapter: &Chapter) -> Vec<String> {
        let mut lines: Vec<String> = chapter.day.and_then(|day| self.measured(day)).into_iter().collect();
        let mut entries: Vec<&TimelineEntry> = chapter.entries.iter().collect();
        // What happened at one instant stays in its order; quests go in the order they were decided.
        entries.sort_by_key(|entry| (entry.at, self.group(entry), self.turn(entry)));
        let partial = |quest: &str| {
            let is_it =
                |entry: &TimelineEntry| matches!(&entry.event, Event::PartialReward { quest: id, .. } if id == quest);
            chapter.entries.iter().any(is_it)
        };
        let mut unreported: Vec<String> = Vec::new();
        for entry in entries {
            match &entry.event {
                Event::QuestExpired { quest, day } if self.wants_reports(quest) => {
                    unreported.push(self.quest(chapter.day, quest, *day));
                }
                // Told with its reward.
                Event::QuestFailed { quest, .. } if partial(quest) => {}
                _ => {
                    self.tell_unreported(&mut unreported, &mut lines);
                    self.tell_entry(chapter.day, entry, &mut lines);
                }
            }
        }
        self.tell_unreported(&mut unreported, &mut lines);
        lines
    }

    fn tell_unreported(&self, quests: &mut Vec<String>, lines: &mut Vec<String>) {
        if !quests.is_empty() {
            let quests = text::list(&std::mem::take(quests));
            lines.push(format!("{} {quests}; nothing was reported.", self.paint.dim("Not done:")));
        }
    }

    /// Whether a quest reads measurements, and not only what the engine counts.
    fn wants_reports(&self, id: &str) -> bool {
        let about_a_metric = |name: &str| ["sum.", "max.", "days."].iter().any(|prefix| name.starts_with(prefix));
        let measured = |name: &str| !levelkit::metric::is_reserved(name) || about_a_metric(name);
        self.names
            .quest(id)
            .is_none_or(|quest| leaves::of(&quest.requirements).into_iter().any(|(name, _)| measured(name)))
    }

    /// Why a quest was not done, as far as its day's measurements are known and tell.
    fn why_not(&self, id: &str, day: Day) -> String {
        let facts = self.facts.get(&day).into_iter().flatten().cloned();
        let metrics: Metrics = facts.collect();
        let daily = self.names.quest(id).filter(|quest| quest.kind != QuestType::Weekly);
        let why = daily.and_then(|quest| quest.requirements.explain(&metrics).ok());
        let why = why.filter(|why| why.state() == RequirementState::NotMet);
        why.map(|why| format!(": {}", explain::line(&why, self.names))).unwrap_or_default()
    }

    fn group(&self, entry: &TimelineEntry) -> u8 {
        match entry.event {
            Event::QuestFailed { .. } | Event::QuestExpired { .. } | Event::PartialReward { .. } => 0,
            Event::DayClosed { .. } => 1,
            Event::StreakExtended { .. } | Event::StreakBroken { .. } | Event::DebuffStarted { .. } => 2,
            Event::DayOpened { .. } | Event::BossStarted { .. } | Event::DungeonEntered { .. } => 3,
            Event::SeasonJoined { .. } => 4,
            Event::QuestCompleted { .. } => 5,
            _ => 6,
        }
    }

    fn turn(&self, entry: &TimelineEntry) -> (Option<Instant>, usize) {
        match &entry.event {
            Event::QuestCompleted { .. } => (self.awards.of(entry).map(|award| award.event.created_at), 0),
            Event::QuestFailed { quest, .. }
            | Event::QuestExpired { quest, .. }
            | Event::PartialReward { quest, .. } => (None, self.names.quest_place(quest)),
            _ => (None, 0),
        }
    }

    /// What was measured on a day, if that is still known.
    fn measured(&self, day: Day) -> Option<String> {
        let mut facts: Vec<&(String, MetricValue)> = self.facts.get(&day)?.iter().collect();
        facts.sort_by_key(|(metric, _)| self.names.metric_place(metric));
        let facts = facts.into_iter().map(|(metric, value)| match value {
            MetricValue::Number(number) => format!("{} {}", text::measure(*number), text::metric(metric)),
            MetricValue::Boolean(_) => format!("{}: {}", text::metric(metric), text::value(*value)),
        });
        Some(self.paint.dim(&format!("Measured: {}.", facts.collect::<Vec<_>>().join(", "))))
    }

    fn tell_entry(&self, today: Option<Day>, entry: &TimelineEntry, lines: &mut Vec<String>) {
        match &entry.event {
            Event::QuestCompleted { quest, day } => {
                let mut line = format!("{} {}.", self.paint.good("Done:"), self.quest(today, quest, *day));
                let award = self.awards.of(entry);
                if let Some(award) = award {
                    line.push_str(&format!(" {}", self.award(award)));
                }
                lines.push(line);
                lines.extend(award.and_then(|award| self.level(award)));
            }
            Event::QuestFailed { quest, day } | Event::QuestExpired { quest, day } => {
                let (name, why) = (self.quest(today, quest, *day), self.why_not(quest, *day));
                lines.push(format!("{} {name}{why}.", self.paint.dim("Not done:")));
            }
            Event::PartialReward { quest, day, xp } => {
                let award = self.awards.of(entry);
                let xp = award.map_or_else(|| format!("{} XP.", text::whole(*xp)), |award| self.award(award));
                let (name, why) = (self.quest(today, quest, *day), self.why_not(quest, *day));
                lines.push(format!("{} {name}{why}. {xp}", self.paint.dim("Nearly done:")));
                lines.extend(award.and_then(|award| self.level(award)));
            }
            Event::BossVictory { .. } | Event::DungeonCleared { .. } => {
                let award = self.awards.of(entry);
                let deed = self.deed(today, &entry.event);
                let xp = award.map(|award| format!(" {}", self.award(award))).unwrap_or_default();
                lines.extend(deed.map(|deed| format!("{deed}{xp}")));
                lines.extend(award.and_then(|award| self.level(award)));
            }
            Event::XpAwarded { .. } => {
                let Some(award) = self.awards.at(entry.at) else { return };
                lines.push(format!("{}: {}", source_name(award.event.event_source), self.award(award)));
                lines.extend(self.level(award));
            }
            event => lines.extend(self.deed(today, event)),
        }
    }

    /// A quest's name, and when it was for if that is not the chapter's day.
    fn quest(&self, today: Option<Day>, id: &str, day: Day) -> String {
        let name = self.names.quest_name(id);
        match self.names.quest(id).map(|quest| quest.kind) {
            Some(QuestType::Weekly) => format!("{name} (week of {day})"),
            _ if today == Some(day) => name,
            _ => format!("{name} ({})", text::day(day)),
        }
    }

    /// Everything that is told in one sentence; nothing for what is told with what it belongs to.
    fn deed(&self, today: Option<Day>, event: &Event) -> Option<String> {
        let (names, paint) = (self.names, self.paint);
        let sentence = match event {
            Event::DayClosed { .. } => self.day_closed(today, event)?,
            Event::StreakExtended { current_streak: 1 } => "A streak begins.".to_owned(),
            Event::StreakExtended { current_streak } => {
                format!("The streak grew to {}.", text::plural(*current_streak, "day"))
            }
            Event::StreakBroken { previous_streak } => {
                paint.bad(&format!("The streak broke after {}.", text::plural(*previous_streak, "day")))
            }
            Event::DebuffStarted { until } => paint.bad(&format!("Less XP until {}.", text::instant(*until))),
            Event::StatRaised { stat, value } => format!("{} is {} now.", stat.as_str(), text::whole(*value)),
            Event::TitleEarned { title } => {
                let words = names.title(title).map(|title| format!(" {}", tame::one_line(&title.system_message)));
                paint.gold(&format!("Title: {}.", names.title_name(title))) + &words.unwrap_or_default()
            }
            Event::TitleRevoked { title } => paint.bad(&format!("Lost the title {}.", names.title_name(title))),
            Event::TitleEquipped { title: Some(title) } => format!("Wears the title {}.", names.title_name(title)),
            Event::TitleEquipped { title: None } => "Wears no title any more.".to_owned(),
            Event::BossStarted { boss, phase } => {
                let words = names.boss(boss).map(|boss| format!(" \"{}\"", tame::one_line(&boss.intro_monologue)));
                let awaits = paint.gold(&format!("{} waits.", names.boss_name(boss)));
                format!("{awaits}{} It begins with {}.", words.unwrap_or_default(), names.phase_name(boss, *phase))
            }
            Event::BossPhaseCleared { boss, phase } => {
                paint.gold(&format!("{}: {} is won.", names.boss_name(boss), names.phase_name(boss, *phase)))
            }
            Event::BossPhaseRestarted { boss, phase } => {
                format!("{}: {} begins anew.", names.boss_name(boss), names.phase_name(boss, *phase))
            }
            Event::BossVictory { boss, .. } => {
                let words = names.boss(boss).map(|boss| format!(" \"{}\"", tame::one_line(&boss.defeat_message)));
                paint.gold(&format!("Victory over {}!", names.boss_name(boss))) + &words.unwrap_or_default()
            }
            Event::BossLost { boss, phase } => {
                paint.bad(&format!("Lost to {} in {}.", names.boss_name(boss), names.phase_name(boss, *phase)))
            }
            Event::BossAbandoned { boss, .. } => format!("Gave up the fight against {}.", names.boss_name(boss)),
            Event::DungeonEntered { dungeon } => format!("Entered {}.", names.dungeon_name(dungeon)),
            Event::DungeonCleared { dungeon } => paint.gold(&format!("Cleared {}!", names.dungeon_name(dungeon))),
            Event::DungeonFailed { dungeon } => format!("Left {} before it was cleared.", names.dungeon_name(dungeon)),
            Event::DungeonTimedOut { dungeon } => format!("Time ran out in {}.", names.dungeon_name(dungeon)),
            Event::SeasonJoined { season } => paint.blue(&format!("Joined the season {}.", names.season_name(season))),
            Event::DayOpened { .. }
            | Event::QuestCompleted { .. }
            | Event::QuestFailed { .. }
            | Event::QuestExpired { .. }
            | Event::PartialReward { .. }
            | Event::XpAwarded { .. }
            | Event::LevelUp { .. }
            | Event::LevelDown { .. } => return None,
        };
        Some(sentence)
    }

    fn day_closed(&self, today: Option<Day>, event: &Event) -> Option<String> {
        let Event::DayClosed { day, core_completed, core_total, all_completed, debuff_triggered, .. } = event else {
            return None;
        };
        let which = if today == Some(*day) { String::new() } else { format!(" {}", text::day(*day)) };
        let end = match (core_total, all_completed) {
            (0, _) => format!("The day{which} ended; nothing was asked of it."),
            (_, true) => self.paint.gold(&format!("A perfect day{which}: all {core_total} core quests done.")),
            _ => format!("The day{which} ended with {core_completed} of {core_total} core quests done."),
        };
        let weary = if *debuff_triggered { self.paint.bad(" It leaves weariness behind.") } else { String::new() };
        Some(end + &weary)
    }

    /// `+66 XP (50, x1.1 streak of 7 days, x1.2 The Blossom Fair).`
    fn award(&self, award: &LedgerEntry) -> String {
        let (base_xp, final_xp) = (award.event.base_xp, award.event.final_xp);
        let sign = if final_xp < 0 { "" } else { "+" };
        let xp = self.paint.bold(&format!("{sign}{} XP", text::whole(final_xp)));
        if award.modifiers.is_empty() && base_xp == final_xp {
            return format!("{xp}.");
        }
        let mut parts = vec![text::whole(base_xp)];
        parts.extend(award.modifiers.iter().map(|step| self.step(step)));
        format!("{xp} ({}).", parts.join(", "))
    }

    fn step(&self, step: &XpModifier) -> String {
        let about = step.reason.split_once(' ').map_or("", |(_, about)| about);
        let why = match step.modifier {
            ModifierType::DebuffPenalty => "weary".to_owned(),
            ModifierType::StreakBonus => format!("streak of {about}"),
            ModifierType::WeekendBonus => "weekend".to_owned(),
            ModifierType::SeasonMultiplier => self.names.season_name(about),
            ModifierType::TitlePassive => format!("title {}", self.names.title_name(about)),
            ModifierType::DungeonMultiplier => self.names.dungeon_name(about),
        };
        match step.multiplier == Multiplier::ONE {
            true => format!("{:+} {why}", step.xp_after - step.xp_before),
            false => format!("x{} {why}", step.multiplier),
        }
    }

    /// What an award did to the level.
    fn level(&self, award: &LedgerEntry) -> Option<String> {
        let (before, after) = (award.event.level_before, award.event.level_after);
        if before < after {
            return Some(self.paint.gold(&format!("Level up: level {}!", text::whole(after))));
        }
        (after < before).then(|| self.paint.bad(&format!("Back to level {}.", text::whole(after))))
    }
}

fn source_name(source: Source) -> &'static str {
    match source {
        Source::QuestCompletion => "A quest",
        Source::StreakBonus => "A bonus for the streak",
        Source::BossDefeat => "A boss",
        Source::DungeonClear => "A dungeon",
        Source::SeasonBonus => "A bonus for the season",
        Source::TitleBonus => "A bonus for a title",
        Source::ManualAdjustment => "A correction by hand",
    }
}
