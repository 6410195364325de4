//! Rulesets: compiled once, kept by hash, shared by every connection.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use levelkit::player::RulesetHash;
use levelkit::{Engine, QuestType, Ruleset};

use crate::error::{Error, Kind, Result};

/// A ruleset, and where its quests stand.
#[derive(Debug)]
pub(crate) struct Known {
    pub(crate) ruleset: Arc<Ruleset>,
    quests: HashMap<String, (usize, QuestType)>,
}

impl Known {
    fn new(ruleset: Ruleset) -> Self {
        let quests = ruleset.document().quests.iter().enumerate();
        let quests = quests.map(|(place, quest)| (quest.id.clone(), (place, quest.kind))).collect();
        Self { ruleset: Arc::new(ruleset), quests }
    }

    /// A quest's place in the ruleset, and its kind.
    pub(crate) fn quest(&self, id: &str) -> Option<(usize, QuestType)> {
        self.quests.get(id).copied()
    }

    /// The hour at which its days begin.
    pub(crate) fn day_start_hour(&self) -> i32 {
        self.ruleset.document().day.day_start_hour
    }
}

/// Every ruleset that was needed so far. Copies share them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rulesets {
    known: Arc<Mutex<HashMap<RulesetHash, Arc<Known>>>>,
    engine: Arc<Mutex<Option<Engine>>>,
}

impl Rulesets {
    /// A ruleset that was needed before.
    pub(crate) fn get(&self, hash: RulesetHash) -> Option<Arc<Known>> {
        lock(&self.known).get(&hash).map(Arc::clone)
    }

    /// A ruleset from the text that the database holds for its hash.
    pub(crate) fn add(&self, hash: RulesetHash, text: Option<String>) -> Result<Arc<Known>> {
        let text = text.ok_or_else(|| Error::corrupt(format!("ruleset {hash} is missing")))?;
        let ruleset = Ruleset::from_json(&text)?;
        if ruleset.hash() != hash {
            return Err(Error::corrupt(format!("the document of ruleset {hash} was changed")));
        }
        let known = Arc::new(Known::new(ruleset));
        lock(&self.known).insert(hash, Arc::clone(&known));
        Ok(known)
    }

    /// The engine of the ruleset in force, which also knows the rulesets of `past`; all of them were needed before.
    pub(crate) fn engine(&self, in_force: RulesetHash, past: &[RulesetHash]) -> Result<Engine> {
        let known = |hash| self.get(hash).ok_or_else(|| Error::new(Kind::NoRuleset));
        let mut engine = {
            let mut kept = lock(&self.engine);
            match kept.as_ref().filter(|engine| engine.ruleset().hash() == in_force) {
                Some(engine) => engine.clone(),
                None => kept.insert(Engine::new(Arc::clone(&known(in_force)?.ruleset))).clone(),
            }
        };
        for hash in past.iter().filter(|hash| **hash != in_force) {
            engine = engine.with_past(Arc::clone(&known(*hash)?.ruleset));
        }
        Ok(engine)
    }
}

fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    // What was being added when a thread stopped is still whole.
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}
