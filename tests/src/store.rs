//! Scenarios on a store: the same commands, with every row written and read again between them.

use std::time::Duration;

use levelkit::{Command, Instant, Ruleset};
use levelkit_storage::{BlockingStore, Error, NewPlayer, Options, Outcome};
use serde_json::{Map, Value};

use crate::scenario::{ScenarioPlayer, Step, Target, at_end_of};

/// A store that is empty at the beginning of each scenario.
pub struct StoreTarget {
    empty: Box<dyn FnMut() -> BlockingStore + Send>,
    playing: Option<(BlockingStore, String)>,
    /// Whether all commands of a scenario are handed in before the first is answered.
    at_once: bool,
}

impl StoreTarget {
    /// Plays on stores that `empty` gives, migrated and empty.
    pub fn new(empty: impl FnMut() -> BlockingStore + Send + 'static) -> Self {
        Self { empty: Box::new(empty), playing: None, at_once: false }
    }

    /// The same, handing in all commands of a scenario before the first is answered: they are to be done in order all the same.
    pub fn at_once(self) -> Self {
        Self { at_once: true, ..self }
    }

    /// Plays on SQLite in memory.
    pub fn sqlite() -> Self {
        Self::new(|| {
            let store = BlockingStore::open("sqlite::memory:").unwrap();
            store.migrate().unwrap();
            store
        })
    }

    /// Plays on a PostgreSQL database, which is emptied between scenarios.
    pub fn postgres(url: &str) -> Self {
        // The vectors mean every instant as it is written.
        let store = BlockingStore::open_with(url, Options::new().clock_tolerance(Duration::ZERO)).unwrap();
        store.migrate().unwrap();
        let mut eraser = Eraser::new(url);
        Self::new(move || {
            eraser.erase();
            store.clone()
        })
    }
}

/// Empties a database, the guarded tables included, as only a superuser can.
struct Eraser {
    runtime: tokio::runtime::Runtime,
    client: tokio_postgres::Client,
    statements: String,
}

impl Eraser {
    fn new(url: &str) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let (client, connection) = runtime.block_on(tokio_postgres::connect(url, tokio_postgres::NoTls)).unwrap();
        runtime.spawn(connection);
        let tables = "SELECT string_agg(format('DELETE FROM %I.%I;', schemaname, tablename), ' ') FROM pg_tables \
            WHERE schemaname IN ('public', 'levelkit') AND tablename <> 'migrations'";
        let row = runtime.block_on(client.query_one(tables, &[])).unwrap();
        let statements = format!("SET session_replication_role = replica; {}", row.get::<_, String>(0));
        Self { runtime, client, statements }
    }

    fn erase(&mut self) {
        self.runtime.block_on(self.client.batch_execute(&self.statements)).unwrap();
    }
}

impl Target for StoreTarget {
    fn begin(&mut self, ruleset: &str, player: &ScenarioPlayer) -> Result<(), String> {
        let store = (self.empty)();
        let ruleset = Ruleset::from_json(ruleset).map_err(|errors| errors.to_string())?;
        store.import_ruleset(&ruleset, levelkit::Instant::MIN).map_err(|error| error.to_string())?;
        let new = NewPlayer { timezone: player.timezone.clone(), ..NewPlayer::new(&player.id) };
        store.create_player(&new).map_err(|error| error.code().to_owned())?;
        self.playing = Some((store, player.id.clone()));
        Ok(())
    }

    fn step(&mut self, at: &str, command: &Value) -> Result<Vec<Value>, String> {
        let (store, player) = self.playing.as_ref().ok_or("nobody plays")?;
        let (at, command) = parsed(at, command)?;
        told(store.execute(player, at, &command))
    }

    fn steps(&mut self, steps: &[Step]) -> Vec<Result<Vec<Value>, String>> {
        let Some((store, player)) = self.playing.as_ref().filter(|_| self.at_once) else {
            let step = |step: &Step| self.step(&step.at, step.command.as_ref().map_err(Clone::clone)?);
            return steps.iter().map(step).collect();
        };
        let all = steps.iter().map(async |step| {
            let (at, command) = parsed(&step.at, step.command.as_ref().map_err(Clone::clone)?)?;
            told(store.as_async().execute(player, at, &command).await)
        });
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(futures_util::future::join_all(all))
    }

    fn at_end(&mut self) -> Map<String, Value> {
        let Some((store, player)) = &self.playing else { return Map::new() };
        let verification = store.verify(player).unwrap();
        assert!(verification.verification.is_sound(), "{verification:?}");
        at_end_of(&store.state(player).unwrap())
    }
}

fn parsed(at: &str, command: &Value) -> Result<(Instant, Command), String> {
    let at = at.parse().map_err(|_| "INVALID_INSTANT".to_owned())?;
    let command = serde_json::from_value(command.clone()).map_err(|error| format!("not a command: {error}"))?;
    Ok((at, command))
}

fn told(outcome: Result<Outcome, Error>) -> Result<Vec<Value>, String> {
    let outcome = outcome.map_err(|error| match error.is_refused() {
        true => error.code().to_owned(),
        false => format!("{}: {error}", error.code()),
    })?;
    Ok(outcome.events.iter().map(|event| serde_json::to_value(event).unwrap()).collect())
}
