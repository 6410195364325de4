//! Chapters: a player's story cut into days.

use std::collections::BTreeMap;

use levelkit::{Day, Event, Instant, QuestType};
use levelkit_storage::TimelineEntry;

use super::Names;

/// A day of a story.
#[derive(Debug)]
pub(crate) struct Chapter {
    /// The day; none for what happened before the first.
    pub(crate) day: Option<Day>,
    pub(crate) entries: Vec<TimelineEntry>,
}

/// Cuts a story into days. The close of a day belongs to it, though it comes due in the instant the next begins.
pub(crate) fn chapters(names: Names<'_>, entries: Vec<TimelineEntry>) -> Vec<Chapter> {
    let openings: Vec<(Instant, Day)> = entries
        .iter()
        .filter_map(|entry| match entry.event {
            Event::DayOpened { day, .. } => Some((entry.at, day)),
            _ => None,
        })
        .collect();
    let mut chapters: BTreeMap<Option<Day>, Vec<TimelineEntry>> = BTreeMap::new();
    for entry in entries {
        chapters.entry(day_of(names, &openings, &entry)).or_default().push(entry);
    }
    chapters.into_iter().map(|(day, entries)| Chapter { day, entries }).collect()
}

fn day_of(names: Names<'_>, openings: &[(Instant, Day)], entry: &TimelineEntry) -> Option<Day> {
    let is_weekly = |quest: &str| names.quest(quest).is_some_and(|quest| quest.kind == QuestType::Weekly);
    let begins = match &entry.event {
        Event::DayOpened { day, .. } | Event::DayClosed { day, .. } => return Some(*day),
        Event::QuestCompleted { quest, day }
        | Event::QuestFailed { quest, day }
        | Event::QuestExpired { quest, day }
        | Event::PartialReward { quest, day, .. }
            if !is_weekly(quest) =>
        {
            return Some(*day);
        }
        Event::BossStarted { .. } | Event::DungeonEntered { .. } | Event::TitleEquipped { .. } => true,
        _ => false,
    };
    // What a day's first instant brings belongs to the day before, unless something begins.
    let opened = openings.partition_point(|(at, _)| if begins { *at <= entry.at } else { *at < entry.at });
    openings.get(opened.checked_sub(1)?).map(|(_, day)| *day)
}
