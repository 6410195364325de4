//! What a player has achieved so far, counted from the player's story in the store.

use levelkit::{Event, Instant, TitleRarity, Xp};
use levelkit_storage::BlockingStore;
use serde::Serialize;

use crate::stop::Result;

/// One player's line of the table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Tally {
    pub(crate) player: String,
    pub(crate) level: i32,
    pub(crate) total_xp: Xp,
    /// Days that are closed.
    pub(crate) days: u64,
    pub(crate) quests_completed: u64,
    pub(crate) longest_streak: i32,
    pub(crate) perfect_days: u64,
    /// Days that set the debuff off.
    pub(crate) debuffs: u64,
    pub(crate) bosses_beaten: u64,
    /// Titles held now.
    pub(crate) titles: u64,
    /// The rarest of them, by its id.
    pub(crate) rarest_title: Option<String>,
    /// Its name.
    #[serde(skip)]
    pub(crate) rarest_title_name: Option<String>,
}

impl Tally {
    pub(crate) fn of(store: &BlockingStore, id: &str) -> Result<Self> {
        let view = store.player(id, None)?;
        let held = view.titles.iter().filter(|title| title.held);
        // The later in the ruleset of two that are equally rare.
        let rarest = held.clone().max_by_key(|title| rank(title.rarity));
        let mut tally = Self {
            player: id.to_owned(),
            level: view.level,
            total_xp: view.total_xp,
            days: 0,
            quests_completed: 0,
            longest_streak: view.longest_streak,
            perfect_days: 0,
            debuffs: 0,
            bosses_beaten: 0,
            titles: held.count() as u64,
            rarest_title: rarest.map(|title| title.title.clone()),
            rarest_title_name: rarest.map(|title| title.name.clone()),
        };
        for entry in store.timeline(id, Instant::MIN..=Instant::MAX)? {
            tally.count(&entry.event);
        }
        Ok(tally)
    }

    fn count(&mut self, event: &Event) {
        match event {
            Event::QuestCompleted { .. } => self.quests_completed += 1,
            Event::BossVictory { .. } => self.bosses_beaten += 1,
            Event::DayClosed { all_completed, debuff_triggered, .. } => {
                self.days += 1;
                self.perfect_days += u64::from(*all_completed);
                self.debuffs += u64::from(*debuff_triggered);
            }
            _ => {}
        }
    }
}

fn rank(rarity: TitleRarity) -> u8 {
    match rarity {
        TitleRarity::Common => 0,
        TitleRarity::Uncommon => 1,
        TitleRarity::Rare => 2,
        TitleRarity::Epic => 3,
        TitleRarity::Legendary => 4,
    }
}
