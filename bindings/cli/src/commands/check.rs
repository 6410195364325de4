//! `levelkit check`: is a ruleset sound, and if not, what exactly is wrong?

use levelkit::ruleset::{Document, RulesetError};
use levelkit::{QuestType, Ruleset};
use serde::Serialize;

use crate::args::CheckArgs;
use crate::console::Console;
use crate::rules_file::{self, RulesFile};
use crate::stop::{Exit, Result};
use crate::text;

/// The answer, as JSON.
#[derive(Serialize)]
struct Answer<'a> {
    file: &'a str,
    sound: bool,
    hash: Option<String>,
    counts: Option<Counts>,
    errors: &'a [RulesetError],
}

/// What a sound ruleset holds.
#[derive(Clone, Copy, Serialize)]
struct Counts {
    metrics: usize,
    quests: usize,
    core_quests: usize,
    titles: usize,
    bosses: usize,
    dungeons: usize,
    seasons: usize,
    narratives: usize,
}

impl Counts {
    fn of(ruleset: &Ruleset) -> Self {
        let Document { quests, titles, bosses, dungeons, seasons, narratives, .. } = ruleset.document();
        Self {
            metrics: ruleset.metrics().len(),
            quests: quests.len(),
            core_quests: quests.iter().filter(|quest| quest.is_core && quest.kind == QuestType::Daily).count(),
            titles: titles.len(),
            bosses: bosses.len(),
            dungeons: dungeons.len(),
            seasons: seasons.len(),
            narratives: narratives.len(),
        }
    }

    fn sentence(&self) -> String {
        let parts = [
            (self.quests, "quest"),
            (self.titles, "title"),
            (self.bosses, "boss"),
            (self.dungeons, "dungeon"),
            (self.seasons, "season"),
            (self.narratives, "narrative"),
        ];
        let parts: Vec<String> = parts
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, thing)| {
                let text = text::plural(*count, thing);
                if *thing == "quest" { format!("{text} ({} of them core)", self.core_quests) } else { text }
            })
            .collect();
        if parts.is_empty() { "no content yet".to_owned() } else { text::list(&parts) }
    }
}

pub(crate) fn run(args: &CheckArgs, console: &mut Console) -> Result<Exit> {
    let RulesFile { name, text, ruleset } = rules_file::read(&args.rules)?;
    match ruleset {
        Ok(ruleset) => {
            let (counts, hash) = (Counts::of(&ruleset), ruleset.hash().to_string());
            let answer =
                Answer { file: &name, sound: true, hash: Some(hash.clone()), counts: Some(counts), errors: &[] };
            console.answer(&answer, |paint| {
                format!("{} {name} is sound: {}.\nhash {hash}\n", paint.good("ok"), counts.sentence())
            })?;
            Ok(Exit::Yes)
        }
        Err(errors) => {
            let answer = Answer { file: &name, sound: false, hash: None, counts: None, errors: &errors.0 };
            console.answer(&answer, |paint| {
                let faults = text::plural(errors.0.len(), "fault");
                let excerpts = rules_file::describe(&errors, &name, &text, paint);
                format!("{excerpts}\n{name} has {}.\n", paint.bad(&faults))
            })?;
            Ok(Exit::No)
        }
    }
}
