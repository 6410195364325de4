//! Names of the ruleset's content: a story says "The Long Road", not `walk`.

use crate::leaves;
use crate::tame;
use crate::text;
use levelkit::Ruleset;
use levelkit::ruleset::document::{Boss, BossPhase, Document, QuestTemplate, Season, Title};

/// Looks content up by its id.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Names<'a>(&'a Document);

impl<'a> Names<'a> {
    pub(crate) fn new(ruleset: &'a Ruleset) -> Self {
        Self(ruleset.document())
    }

    pub(crate) fn document(self) -> &'a Document {
        self.0
    }

    pub(crate) fn quest(self, id: &str) -> Option<&'a QuestTemplate> {
        self.0.quests.iter().find(|quest| quest.id == id)
    }

    pub(crate) fn title(self, id: &str) -> Option<&'a Title> {
        self.0.titles.iter().find(|title| title.id == id)
    }

    pub(crate) fn boss(self, id: &str) -> Option<&'a Boss> {
        self.0.bosses.iter().find(|boss| boss.id == id)
    }

    pub(crate) fn phase(self, boss: &str, number: i32) -> Option<&'a BossPhase> {
        self.boss(boss)?.phases.iter().find(|phase| phase.phase_number == number)
    }

    pub(crate) fn season(self, id: &str) -> Option<&'a Season> {
        self.0.seasons.iter().find(|season| season.id == id)
    }

    /// A metric in plain words, to stand after a number.
    pub(crate) fn metric(self, name: &str) -> String {
        match name.split_once('.') {
            Some(("completions", quest)) => format!("times {}", self.quest_name(quest)),
            _ => text::metric(name),
        }
    }

    /// Where quests first read a metric, so that what matters most is told first.
    pub(crate) fn metric_place(self, name: &str) -> usize {
        let mut leaves = self.0.quests.iter().flat_map(|quest| leaves::of(&quest.requirements));
        leaves.position(|(metric, _)| metric == name).unwrap_or(usize::MAX)
    }

    /// A quest's place in the ruleset.
    pub(crate) fn quest_place(self, id: &str) -> usize {
        self.0.quests.iter().position(|quest| quest.id == id).unwrap_or(usize::MAX)
    }

    pub(crate) fn quest_name(self, id: &str) -> String {
        tame::name(self.quest(id).map_or(id, |quest| &quest.name))
    }

    pub(crate) fn title_name(self, id: &str) -> String {
        tame::name(self.title(id).map_or(id, |title| &title.name))
    }

    pub(crate) fn boss_name(self, id: &str) -> String {
        tame::name(self.boss(id).map_or(id, |boss| &boss.name))
    }

    pub(crate) fn phase_name(self, boss: &str, number: i32) -> String {
        match self.phase(boss, number) {
            Some(phase) => format!("phase {number}, {}", tame::name(&phase.name)),
            None => format!("phase {number}"),
        }
    }

    pub(crate) fn season_name(self, id: &str) -> String {
        tame::name(self.season(id).map_or(id, |season| &season.name))
    }

    pub(crate) fn dungeon_name(self, id: &str) -> String {
        let dungeon = self.0.dungeons.iter().find(|dungeon| dungeon.id == id);
        tame::name(dungeon.map_or(id, |dungeon| &dungeon.name))
    }
}
