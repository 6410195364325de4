//! Scenarios on a store: the same commands, with every row written and read again between them.

use levelkit::{Command, Ruleset};
use levelkit_storage::{BlockingStore, NewPlayer};
use serde_json::{Map, Value};

use crate::scenario::{ScenarioPlayer, Target, at_end_of};

/// A store that is opened anew for each scenario.
pub struct StoreTarget {
    open: fn() -> BlockingStore,
    playing: Option<(BlockingStore, String)>,
}

impl StoreTarget {
    /// Plays on stores that `open` makes, migrated and empty.
    pub fn new(open: fn() -> BlockingStore) -> Self {
        Self { open, playing: None }
    }

    /// Plays on SQLite in memory.
    pub fn sqlite() -> Self {
        Self::new(|| {
            let store = BlockingStore::open("sqlite::memory:").unwrap();
            store.migrate().unwrap();
            store
        })
    }
}

impl Target for StoreTarget {
    fn begin(&mut self, ruleset: &str, player: &ScenarioPlayer) -> Result<(), String> {
        let store = (self.open)();
        let ruleset = Ruleset::from_json(ruleset).map_err(|errors| errors.to_string())?;
        store.import_ruleset(&ruleset, levelkit::Instant::MIN).map_err(|error| error.to_string())?;
        let new = NewPlayer { timezone: player.timezone.clone(), ..NewPlayer::new(&player.id) };
        store.create_player(&new).map_err(|error| error.code().to_owned())?;
        self.playing = Some((store, player.id.clone()));
        Ok(())
    }

    fn step(&mut self, at: &str, command: &Value) -> Result<Vec<Value>, String> {
        let (store, player) = self.playing.as_ref().ok_or("nobody plays")?;
        let at = at.parse().map_err(|_| "INVALID_INSTANT".to_owned())?;
        let command: Command =
            serde_json::from_value(command.clone()).map_err(|error| format!("not a command: {error}"))?;
        let outcome = store.execute(player, at, &command).map_err(|error| match error.is_refused() {
            true => error.code().to_owned(),
            false => format!("{}: {error}", error.code()),
        })?;
        Ok(outcome.events.iter().map(|event| serde_json::to_value(event).unwrap()).collect())
    }

    fn at_end(&mut self) -> Map<String, Value> {
        let Some((store, player)) = &self.playing else { return Map::new() };
        let verification = store.verify(player).unwrap();
        assert!(verification.verification.is_sound(), "{verification:?}");
        at_end_of(&store.state(player).unwrap())
    }
}
