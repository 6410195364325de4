//! The engine: the one place that knows the order of the rules.
//!
//! Every accepted command first does what is due, then opens the days up to the current one, then does itself, then looks at
//! the titles (the rules, sections 5 and 12). What each step means is in the file of its rule: `report`, `quest`, `close` (streaks
//! and the debuff), `title`, `boss`, `dungeon`, `season`, `award`.

mod due;
mod turn;

use std::sync::Arc;

use crate::api::{Command, Day, Instant, Refusal};
use crate::change::{Change, Sink};
use crate::player::{HistoryMark, Player, RulesetHash, State};
use crate::record::{Record, Recorder};
use crate::ruleset::Ruleset;
use crate::ruleset::compile::Rules;
use crate::title::CounterKeys;
pub(crate) use turn::{Moment, Turn, progress_of};

/// Decides commands under a ruleset.
///
/// It holds no player and no clock, so one engine serves any number of players and threads.
///
/// ```
/// use std::sync::Arc;
/// use levelkit::{Command, Engine, Metrics, Player, Ruleset, Zone};
///
/// let rules = Ruleset::from_json(r#"{
///     "format": "levelkit.ruleset/1",
///     "quests": [{
///         "id": "walk", "name": "Walk", "description": "8,000 steps", "type": "DAILY", "category": "MOVEMENT",
///         "requirements": {"type": "numeric", "metric": "steps", "op": ">=", "value": 8000},
///         "base_xp": 100, "is_core": true
///     }]
/// }"#).unwrap();
/// let engine = Engine::new(Arc::new(rules));
/// let mut player = Player::new("p1", Zone::UTC);
/// let report = Command::Report {
///     day: None, observed_at: None, metrics: Metrics::from([("steps", 9000.0.into())]), specials: vec![],
/// };
/// let record = engine.execute(&mut player, "2026-03-02T20:00:00Z".parse().unwrap(), &report).unwrap();
/// assert_eq!(player.state.total_xp, 100);
/// assert_eq!(record.events.len(), 3); // DAY_OPENED, QUEST_COMPLETED, XP_AWARDED
/// ```
#[derive(Clone, Debug)]
pub struct Engine {
    pub(crate) current: Arc<Ruleset>,
    past: Vec<Arc<Ruleset>>,
    keys: Arc<CounterKeys>,
}

/// Buffers that a loop of commands uses again.
#[derive(Debug)]
pub struct Workspace {
    backup: State,
    pub(crate) due_logs: Vec<usize>,
    pub(crate) changed_metrics: Vec<crate::name::Name>,
}

impl Default for Workspace {
    fn default() -> Self {
        let backup = State::new(crate::day::Zone::UTC);
        Self { backup, due_logs: Vec::new(), changed_metrics: Vec::new() }
    }
}

impl Engine {
    /// An engine that opens days under this ruleset.
    pub fn new(ruleset: Arc<Ruleset>) -> Self {
        Self { current: ruleset, past: Vec::new(), keys: Arc::default() }
    }

    /// The same engine, which also knows a ruleset that was in force before: open logs and attempts end under the ruleset that
    /// opened them (the rules, section 13).
    pub fn with_past(mut self, ruleset: Arc<Ruleset>) -> Self {
        if self.find(ruleset.hash()).is_none() {
            self.past.push(ruleset);
        }
        self
    }

    /// The ruleset under which days open.
    pub fn ruleset(&self) -> &Arc<Ruleset> {
        &self.current
    }

    /// Does a command for a player at an instant, and records every event and row.
    ///
    /// # Errors
    /// A [`Refusal`], with one of the codes of section 12 of the rules; the player is as before.
    pub fn execute(&self, player: &mut Player, at: Instant, command: &Command) -> Result<Record, Refusal> {
        let mut recorder = Recorder::default();
        self.apply(player, at, command, &mut recorder)?;
        Ok(recorder.into_record())
    }

    /// Does a command for a player at an instant, and tells the sink every change.
    ///
    /// # Errors
    /// Like [`execute`](Self::execute).
    pub fn apply<S: Sink>(
        &self,
        player: &mut Player,
        at: Instant,
        command: &Command,
        sink: &mut S,
    ) -> Result<(), Refusal> {
        self.apply_with(player, at, command, sink, &mut Workspace::default())
    }

    /// Like [`apply`](Self::apply), with buffers that the next call uses again: a loop of reports does not allocate.
    ///
    /// # Errors
    /// Like [`execute`](Self::execute).
    pub fn apply_with<S: Sink>(
        &self,
        player: &mut Player,
        at: Instant,
        command: &Command,
        sink: &mut S,
        workspace: &mut Workspace,
    ) -> Result<(), Refusal> {
        self.check_rulesets(player)?;
        let mark = player.history.mark();
        workspace.backup.clone_from(&player.state);
        sink.begin(player, at);
        let decided = Turn::new(self, player, at, sink, workspace).command(command).and_then(|()| {
            sink.change(Change::PlayerChanged(player));
            sink.accept()
        });
        match decided {
            Ok(head) => {
                player.state.ledger = head.unwrap_or(player.state.ledger);
                self.forget_old_days(player);
                Ok(())
            }
            Err(refusal) => {
                undo(player, mark, workspace);
                sink.refuse();
                Err(refusal)
            }
        }
    }

    /// The first day that the rules can still look back to; a store needs to load history from here only.
    pub fn history_from(&self, player: &Player) -> Day {
        let state = &player.state;
        let oldest = state.days.first().map_or(Day::MAX, |open| open.day);
        let window = self.rulesets().map(|ruleset| ruleset.rules().window_days).max().unwrap_or(7);
        // A week more, so that the Monday of the window's first week is there too.
        let mut from = oldest.plus(-(window.saturating_add(7).min(3_000_000)));
        if let Some(attempt) = state.boss_in_progress() {
            from = from.min(attempt.phase_from.monday());
        }
        if let Some(attempt) = state.dungeon_in_progress() {
            from = from.min(attempt.from.monday());
        }
        from
    }

    /// When the oldest day that is not closed is due: its end and the grace after it. None before the first command.
    pub fn next_due(&self, player: &Player) -> Option<Instant> {
        let state = &player.state;
        let oldest = state.days.first()?;
        let ends_at = state.days.get(1).map(|next| next.first_instant).or(state.day_ends_at)?;
        Some(ends_at.plus_minutes(self.rules(oldest.rules).day.grace_minutes.into()))
    }

    fn forget_old_days(&self, player: &mut Player) {
        // Rarely, so that forgetting costs next to nothing per day.
        const SLACK_DAYS: i32 = 64;
        let from = self.history_from(player);
        if player.history.days.first().is_some_and(|closed| closed.day < from.plus(-SLACK_DAYS)) {
            player.history.forget_before(from);
        }
    }

    pub(crate) fn keys(&self) -> &CounterKeys {
        &self.keys
    }

    pub(crate) fn rulesets(&self) -> impl Iterator<Item = &Ruleset> {
        std::iter::once(&self.current).chain(&self.past).map(|ruleset| &**ruleset)
    }

    fn find(&self, hash: RulesetHash) -> Option<&Ruleset> {
        self.rulesets().find(|ruleset| ruleset.hash() == hash)
    }

    /// The ruleset of a hash, or the current one if it is not known.
    pub(crate) fn ruleset_of(&self, hash: RulesetHash) -> &Ruleset {
        self.find(hash).unwrap_or(&self.current)
    }

    /// The rules of a hash; [`check_rulesets`](Self::check_rulesets) has seen that they are known.
    pub(crate) fn rules(&self, hash: RulesetHash) -> &Rules {
        self.ruleset_of(hash).rules()
    }

    fn check_rulesets(&self, player: &Player) -> Result<(), Refusal> {
        let state = &player.state;
        let boss = state.boss_in_progress().map(|attempt| attempt.rules);
        let dungeon = state.dungeon_in_progress().map(|attempt| attempt.rules);
        let opened = state.days.iter().map(|open| open.rules).chain(state.logs.iter().map(|log| log.rules));
        match opened.chain(boss).chain(dungeon).find(|hash| self.find(*hash).is_none()) {
            Some(hash) => Err(Refusal::UnknownId { kind: crate::api::IdKind::Ruleset, id: hash.to_string() }),
            None => Ok(()),
        }
    }
}

fn undo(player: &mut Player, mark: HistoryMark, workspace: &mut Workspace) {
    std::mem::swap(&mut player.state, &mut workspace.backup);
    player.history.cut_back(mark);
}
