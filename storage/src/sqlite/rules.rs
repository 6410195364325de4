//! Rulesets: the one in force, and those that opened what is still open. Compiled once, shared by every connection.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use diesel::SqliteConnection;
use diesel::prelude::*;
use levelkit::player::{Player, RulesetHash};
use levelkit::{Engine, QuestType, Ruleset};

use super::convert;
use super::schema::levelkit_rulesets;
use crate::error::{Error, Kind, Result};

/// Every ruleset that was needed so far, by hash.
#[derive(Clone, Debug, Default)]
pub(super) struct Rulesets {
    known: Arc<Mutex<HashMap<RulesetHash, Arc<Known>>>>,
    engine: Option<Engine>,
}

/// A ruleset, and where its quests stand.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) ruleset: Arc<Ruleset>,
    quests: HashMap<String, (usize, QuestType)>,
}

impl Known {
    fn new(ruleset: Ruleset) -> Self {
        let quests = ruleset.document().quests.iter().enumerate();
        let quests = quests.map(|(place, quest)| (quest.id.clone(), (place, quest.kind))).collect();
        Self { ruleset: Arc::new(ruleset), quests }
    }

    /// A quest's place in the ruleset, and its kind.
    pub(super) fn quest(&self, id: &str) -> Option<(usize, QuestType)> {
        self.quests.get(id).copied()
    }
}

impl Rulesets {
    /// The engine of the ruleset in force.
    ///
    /// # Errors
    /// `NO_RULESET`.
    pub(super) fn engine(&mut self, conn: &mut SqliteConnection) -> Result<&Engine> {
        let hash = in_force(conn)?.ok_or_else(|| Error::new(Kind::NoRuleset))?;
        let current = match self.engine.take() {
            Some(engine) if engine.ruleset().hash() == hash => engine,
            _ => Engine::new(Arc::clone(&self.known(conn, hash)?.ruleset)),
        };
        Ok(self.engine.insert(current))
    }

    /// The engine of the ruleset in force, which also knows every ruleset that opened something of this player's.
    pub(super) fn engine_for(&mut self, conn: &mut SqliteConnection, player: &Player) -> Result<Engine> {
        let state = &player.state;
        let days = state.days.iter().map(|open| open.rules);
        let logs = state.logs.iter().map(|log| log.rules);
        let boss = state.boss.iter().map(|attempt| attempt.rules);
        let dungeon = state.dungeon.iter().map(|attempt| attempt.rules);
        let mut hashes: Vec<RulesetHash> = days.chain(logs).chain(boss).chain(dungeon).collect();
        hashes.sort_unstable();
        hashes.dedup();
        let mut engine = self.engine(conn)?.clone();
        for hash in hashes.into_iter().filter(|hash| *hash != engine.ruleset().hash()).collect::<Vec<_>>() {
            engine = engine.with_past(Arc::clone(&self.known(conn, hash)?.ruleset));
        }
        Ok(engine)
    }

    /// A ruleset by its hash.
    pub(super) fn known(&self, conn: &mut SqliteConnection, hash: RulesetHash) -> Result<Arc<Known>> {
        if let Some(known) = self.lock().get(&hash) {
            return Ok(Arc::clone(known));
        }
        let text: Option<String> = levelkit_rulesets::table
            .find(hash.to_string())
            .select(levelkit_rulesets::document)
            .first(conn)
            .optional()?;
        let text = text.ok_or_else(|| Error::corrupt(format!("ruleset {hash} is missing")))?;
        let ruleset = Ruleset::from_json(&text)?;
        if ruleset.hash() != hash {
            return Err(Error::corrupt(format!("the document of ruleset {hash} was changed")));
        }
        let known = Arc::new(Known::new(ruleset));
        self.lock().insert(hash, Arc::clone(&known));
        Ok(known)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<RulesetHash, Arc<Known>>> {
        // A map that was being added to when a thread stopped is still a map.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The hash of the ruleset in force.
pub(super) fn in_force(conn: &mut SqliteConnection) -> Result<Option<RulesetHash>> {
    let latest = levelkit_rulesets::table.order(levelkit_rulesets::active_from.desc()).select(levelkit_rulesets::hash);
    let hash: Option<String> = latest.first(conn).optional()?;
    hash.map(|hash| convert::hash("levelkit_rulesets.hash", &hash)).transpose()
}
