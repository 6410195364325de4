//! Scenarios: commands in, every event out, and the player at the end.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::vectors::{Tally, files, part, read};

/// One scenario file, or one of several in an array.
#[derive(Deserialize)]
pub struct Scenario {
    /// The ruleset's text.
    pub ruleset: Box<RawValue>,
    /// Who plays.
    pub player: ScenarioPlayer,
    /// What is done, in order.
    pub steps: Vec<Step>,
    /// The player at the end.
    #[serde(rename = "final")]
    pub at_end: Option<Map<String, Value>>,
}

/// Who plays.
#[derive(Deserialize)]
pub struct ScenarioPlayer {
    /// The id.
    pub id: String,
    /// The IANA zone; UTC by default.
    pub timezone: Option<String>,
}

/// One command with what it must bring.
pub struct Step {
    /// The command's instant.
    pub at: String,
    /// Every event, in order, each with the fields it pins.
    pub expect: Option<Vec<Value>>,
    /// The refusal's code instead.
    pub refuse: Option<String>,
    /// The command itself, or the code of why it is none: a measurement may be a number that no float holds.
    pub command: Result<Value, String>,
}

impl<'de> Deserialize<'de> for Step {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Known {
            at: String,
            expect: Option<Vec<Value>>,
            refuse: Option<String>,
        }
        let text = Box::<RawValue>::deserialize(deserializer)?;
        let Known { at, expect, refuse } = serde_json::from_str(text.get()).map_err(serde::de::Error::custom)?;
        let command = serde_json::from_str(text.get()).map_err(|_| "INVALID_METRIC".to_owned());
        let command = command.map(|mut command: Map<String, Value>| {
            command.retain(|key, _| !matches!(key.as_str(), "at" | "expect" | "refuse"));
            Value::Object(command)
        });
        Ok(Self { at, expect, refuse, command })
    }
}

/// What plays a scenario: the engine in memory, or a store.
pub trait Target {
    /// A player of this id in this zone, under this ruleset.
    fn begin(&mut self, ruleset: &str, player: &ScenarioPlayer) -> Result<(), String>;

    /// Does a command; the events, or the refusal's code.
    fn step(&mut self, at: &str, command: &Value) -> Result<Vec<Value>, String>;

    /// Does commands in order, each whatever became of those before.
    fn steps(&mut self, steps: &[Step]) -> Vec<Result<Vec<Value>, String>> {
        steps.iter().map(|step| self.step(&step.at, step.command.as_ref().map_err(Clone::clone)?)).collect()
    }

    /// The player as section 14's `final` shows it.
    fn at_end(&mut self) -> Map<String, Value>;
}

/// Runs the scenario suite on a target.
pub fn run(target: &mut dyn Target, tally: &mut Tally) {
    for path in files("scenario") {
        for (index, scenario) in scenarios(&path).iter().enumerate() {
            tally.count(name(&path, index), play_read(scenario, target));
        }
    }
}

/// So many scenarios are read before they are played.
const AT_ONCE: usize = 512;

/// The same on a target per processor, for targets that share nothing; side by side whichever files they stand in.
pub fn run_on_every_processor<T: Target + Send>(target: impl Fn() -> T, tally: &mut Tally) {
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let mut targets: Vec<T> = (0..processors).map(|_| target()).collect();
    let mut waiting = Vec::new();
    for path in files("scenario") {
        let all = scenarios(&path).into_iter().enumerate();
        waiting.extend(all.map(|(index, scenario)| (name(&path, index), scenario)));
        if waiting.len() >= AT_ONCE {
            play_all(&mut targets, &std::mem::take(&mut waiting), tally);
        }
    }
    play_all(&mut targets, &waiting, tally);
}

fn play_all<T: Target + Send>(targets: &mut [T], scenarios: &[(String, Read)], tally: &mut Tally) {
    let next = AtomicUsize::new(0);
    let work = |target: &mut T| {
        let mut played = Vec::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some((_, scenario)) = scenarios.get(index) else { return played };
            played.push((index, play_read(scenario, target)));
        }
    };
    let mut played: Vec<_> = std::thread::scope(|scope| {
        let workers: Vec<_> = targets.iter_mut().map(|target| scope.spawn(|| work(target))).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    });
    played.sort_unstable_by_key(|(index, _)| *index);
    for ((_, outcome), (name, _)) in played.into_iter().zip(scenarios) {
        tally.count(name.clone(), outcome);
    }
}

/// A scenario that could be read, or why it could not: then it fails, and no other of its file does.
type Read = Result<Scenario, String>;

fn play_read(scenario: &Read, target: &mut dyn Target) -> Result<(), String> {
    play(scenario.as_ref().map_err(Clone::clone)?, target)
}

fn scenarios(path: &Path) -> Vec<Read> {
    let text = std::fs::read_to_string(path).unwrap();
    let scenarios: Vec<Box<RawValue>> = match text.trim_start().starts_with('[') {
        true => read(path),
        false => vec![read(path)],
    };
    scenarios.iter().map(|scenario| part(scenario)).collect()
}

fn name(path: &Path, index: usize) -> String {
    let file = path.file_stem().unwrap_or_default().to_string_lossy();
    format!("scenario/{file}[{index}]")
}

/// Plays one scenario; the answer says at which step what differs.
pub fn play(scenario: &Scenario, target: &mut dyn Target) -> Result<(), String> {
    target.begin(scenario.ruleset.get(), &scenario.player)?;
    let found = target.steps(&scenario.steps);
    for ((number, step), found) in scenario.steps.iter().enumerate().zip(found) {
        check_step(step, found).map_err(|wrong| format!("step {number} at {}: {wrong}", step.at))?;
    }
    pins("final", &Value::Object(target.at_end()), &Value::Object(scenario.at_end.clone().unwrap_or_default()))
}

fn check_step(step: &Step, found: Result<Vec<Value>, String>) -> Result<(), String> {
    match (found, &step.refuse) {
        (Err(code), Some(expected)) if code == *expected => Ok(()),
        (Err(code), Some(expected)) => Err(format!("expected {expected}, got {code}")),
        (Err(code), None) => Err(format!("refused with {code}")),
        (Ok(_), Some(expected)) => Err(format!("expected {expected}, but it was accepted")),
        (Ok(events), None) => match &step.expect {
            Some(expected) => {
                check_events(&events, expected).map_err(|wrong| format!("{wrong}; all: {}", Value::from(events)))
            }
            None => Ok(()),
        },
    }
}

fn check_events(found: &[Value], expected: &[Value]) -> Result<(), String> {
    for (index, (found, expected)) in found.iter().zip(expected).enumerate() {
        pins(&format!("event {index}"), found, expected)?;
    }
    match found.len() == expected.len() {
        true => Ok(()),
        false => Err(format!("expected {} events, got {}", expected.len(), found.len())),
    }
}

/// Whether `found` has every field that `expected` pins; integers may be numbers or decimal strings.
fn pins(path: &str, found: &Value, expected: &Value) -> Result<(), String> {
    match (found, expected) {
        (Value::Object(found), Value::Object(expected)) => expected.iter().try_for_each(|(key, expected)| {
            let found = found.get(key).unwrap_or(&Value::Null);
            pins(&format!("{path}.{key}"), found, expected)
        }),
        (Value::Array(found), Value::Array(expected)) if found.len() == expected.len() => {
            let mut pairs = found.iter().zip(expected).enumerate();
            pairs.try_for_each(|(index, (found, expected))| pins(&format!("{path}[{index}]"), found, expected))
        }
        _ if same_scalar(found, expected) => Ok(()),
        _ => Err(format!("{path}: expected {expected}, got {found}")),
    }
}

fn same_scalar(found: &Value, expected: &Value) -> bool {
    let text = |value: &Value| match value {
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) => Some(text.clone()),
        _ => None,
    };
    found == expected || (text(found).is_some() && text(found) == text(expected))
}

/// The engine in memory.
#[derive(Default)]
pub struct Memory {
    playing: Option<(levelkit::Engine, levelkit::Player)>,
}

impl Target for Memory {
    fn begin(&mut self, ruleset: &str, player: &ScenarioPlayer) -> Result<(), String> {
        let ruleset = levelkit::Ruleset::from_json(ruleset).map_err(|errors| errors.to_string())?;
        let zone = player.timezone.as_deref().unwrap_or("UTC");
        let zone = levelkit::Zone::named(zone).ok_or("INVALID_TIMEZONE")?;
        self.playing = Some((levelkit::Engine::new(ruleset.into()), levelkit::Player::new(&player.id, zone)));
        Ok(())
    }

    fn step(&mut self, at: &str, command: &Value) -> Result<Vec<Value>, String> {
        let (engine, player) = self.playing.as_mut().ok_or("nobody plays")?;
        let at = at.parse().map_err(|_| "INVALID_INSTANT".to_owned())?;
        let command: levelkit::Command =
            serde_json::from_value(command.clone()).map_err(|error| format!("not a command: {error}"))?;
        let before = player.clone();
        let record = engine.execute(player, at, &command).map_err(|refusal| {
            assert_eq!(*player, before, "a refusal changed something");
            refusal.code().to_owned()
        })?;
        Ok(record.events.iter().map(|event| serde_json::to_value(event).unwrap()).collect())
    }

    fn at_end(&mut self) -> Map<String, Value> {
        let Some((_, player)) = &self.playing else { return Map::new() };
        at_end_of(player)
    }
}

/// The player as section 14's `final` shows it.
pub fn at_end_of(player: &levelkit::Player) -> Map<String, Value> {
    let state = &player.state;
    let held = state.titles.iter().filter(|title| title.revoked_at.is_none());
    let season_xp: Map<String, Value> =
        state.seasons.iter().map(|joined| (joined.season.to_string(), joined.season_xp.into())).collect();
    let at_end = serde_json::json!({
        "id": player.id,
        "level": state.level,
        "total_xp": levelkit::Xp(state.total_xp),
        "current_streak": state.current_streak,
        "longest_streak": state.longest_streak,
        "perfect_streak": state.perfect_streak,
        "debuff_active_until": state.debuff_active_until,
        "str": state.stats.str,
        "agi": state.stats.agi,
        "vit": state.stats.vit,
        "disc": state.stats.disc,
        "timezone": state.zone,
        "active_title_id": state.active_title,
        "season_xp": season_xp,
        "titles": held.map(|title| title.title.to_string()).collect::<Vec<_>>(),
        "ledger_head": state.ledger.hash,
    });
    match at_end {
        Value::Object(at_end) => at_end,
        _ => Map::new(),
    }
}
