//! Awards: which XP event of the ledger belongs to which deed of a story.
//!
//! An award is written when its command comes, which for what falls due can be a day later; the ledger's `source_id` says
//! what it was for.

use std::collections::{HashMap, HashSet};

use levelkit::{Event, Instant, id};
use levelkit_storage::{LedgerEntry, TimelineEntry};

/// The awards of a player's story.
#[derive(Debug)]
pub(crate) struct Awards {
    player: String,
    by_source: HashMap<String, LedgerEntry>,
    by_instant: HashMap<Instant, LedgerEntry>,
    /// When each boss and dungeon attempt began, in order.
    attempts: Vec<(Instant, String)>,
}

impl Awards {
    /// Sorts a player's ledger by what the story tells of.
    pub(crate) fn new(player: &str, entries: &[TimelineEntry], ledger: Vec<LedgerEntry>) -> Self {
        let attempts = entries.iter().filter_map(|entry| match &entry.event {
            Event::BossStarted { boss, .. } => Some((entry.at, boss.clone())),
            Event::DungeonEntered { dungeon } => Some((entry.at, dungeon.clone())),
            _ => None,
        });
        let mut awards = Self {
            player: player.to_owned(),
            by_source: HashMap::new(),
            by_instant: HashMap::new(),
            attempts: attempts.collect(),
        };
        let deeds: HashSet<String> = entries.iter().filter_map(|entry| awards.source_id(entry)).collect();
        for entry in ledger {
            match entry.event.source_id.as_ref().filter(|id| deeds.contains(*id)) {
                Some(id) => awards.by_source.insert(id.clone(), entry),
                None => awards.by_instant.insert(entry.event.created_at, entry),
            };
        }
        awards
    }

    /// The award of a deed: of a quest done or nearly done, of a boss or a dungeon.
    pub(crate) fn of(&self, entry: &TimelineEntry) -> Option<&LedgerEntry> {
        self.by_source.get(&self.source_id(entry)?)
    }

    /// An award that no deed of the story explains, such as a correction by hand.
    pub(crate) fn at(&self, at: Instant) -> Option<&LedgerEntry> {
        self.by_instant.get(&at)
    }

    fn source_id(&self, entry: &TimelineEntry) -> Option<String> {
        match &entry.event {
            Event::QuestCompleted { quest, day } | Event::PartialReward { quest, day, .. } => {
                Some(id::quest_log(&self.player, quest, *day))
            }
            Event::BossVictory { boss, .. } => {
                Some(id::boss_attempt(&self.player, boss, self.started_at(boss, entry.at)?))
            }
            Event::DungeonCleared { dungeon } => {
                Some(id::dungeon_attempt(&self.player, dungeon, self.started_at(dungeon, entry.at)?))
            }
            _ => None,
        }
    }

    fn started_at(&self, about: &str, by: Instant) -> Option<Instant> {
        let started = self.attempts.iter().rev().find(|(at, id)| id == about && *at <= by);
        started.map(|(at, _)| *at)
    }
}
