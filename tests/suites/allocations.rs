//! A loop of reports does not allocate: what the simulator and the hot path rest on.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use levelkit::{Command, Count, Engine, Instant, Metrics, Player, Ruleset, Workspace, Zone};

thread_local! {
    /// Allocations of this thread; `None` while nobody counts.
    static COUNTED: Cell<Option<u64>> = const { Cell::new(None) };
}

struct Counting;

fn note() {
    // At a thread's end the counter may be gone already.
    let _ = COUNTED.try_with(|counted| counted.set(counted.get().map(|count| count + 1)));
}

// SAFETY: every call goes to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        note();
        // SAFETY: the caller's promises are those of the system's allocator.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        note();
        // SAFETY: as above.
        unsafe { System.realloc(pointer, layout, new_size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// How often `act` allocates on this thread.
fn allocations(act: impl FnOnce()) -> u64 {
    COUNTED.set(Some(0));
    act();
    COUNTED.take().unwrap_or_default()
}

const RULES: &str = r#"{
    "format": "levelkit.ruleset/1",
    "quests": [
        {"id": "walk", "name": "Walk", "description": "steps", "type": "DAILY", "category": "MOVEMENT", "base_xp": 100,
         "is_core": true, "stat_affected": "AGI", "partial_reward": {"threshold": 4000, "xp": 30},
         "requirements": {"type": "numeric", "metric": "steps", "op": ">=", "value": 8000}},
        {"id": "rest", "name": "Rest", "description": "sleep", "type": "DAILY", "category": "RECOVERY", "base_xp": 50,
         "is_core": true, "requirements": {"type": "compound", "logic": "AND", "requirements": [
            {"type": "numeric", "metric": "sleep_h", "op": ">=", "value": 7},
            {"type": "boolean", "metric": "sober", "value": true}]}},
        {"id": "week", "name": "Week", "description": "a week's steps", "type": "WEEKLY", "category": "MOVEMENT",
         "base_xp": 300, "requirements": {"type": "compound", "logic": "OR", "requirements": [
            {"type": "numeric", "metric": "sum.steps", "op": ">=", "value": 70000},
            {"type": "numeric", "metric": "days.steps", "op": ">=", "value": 6},
            {"type": "numeric", "metric": "completions.walk", "op": ">=", "value": 7}]}}
    ],
    "titles": [
        {"id": "streak", "name": "Steady", "description": "a week", "system_message": "!", "condition_type": "STREAK_DAYS",
         "condition_config": {"days": 7}, "passive_type": "PERCENT_XP_BONUS", "passive_value": 5},
        {"id": "hundred", "name": "Hundred", "description": "many", "system_message": "!",
         "condition_type": "CUMULATIVE_COUNT", "condition_config": {"metric": "steps", "count": 100}},
        {"id": "busy", "name": "Busy", "description": "lately", "system_message": "!", "condition_type": "TIME_WINDOW",
         "condition_config": {"quest": "walk", "count": 5, "window_days": 14}}
    ]
}"#;

struct Loop {
    engine: Engine,
    player: Player,
    at: Instant,
    sink: Count,
    workspace: Workspace,
}

impl Loop {
    fn new() -> Self {
        let engine = Engine::new(Ruleset::from_json(RULES).unwrap().into());
        let player = Player::new("p1", Zone::named("Europe/Berlin").unwrap());
        let at = "2026-03-02T08:00:00Z".parse().unwrap();
        Self { engine, player, at, sink: Count::default(), workspace: Workspace::default() }
    }

    fn send(&mut self, command: &Command, minutes: i64) {
        self.at = self.at.plus_micros(minutes * 60_000_000);
        let Self { engine, player, at, sink, workspace } = self;
        engine.apply_with(player, *at, command, sink, workspace).unwrap();
    }

    /// Days of four reports each, the last of which completes something.
    fn live(&mut self, days: usize, reports: &[Command]) {
        for _ in 0..days {
            reports.iter().for_each(|report| self.send(report, 180));
            self.send(&Command::Advance {}, 24 * 60 - 180 * reports.len() as i64);
        }
    }
}

fn report(steps: f64, sleep: f64) -> Command {
    let metrics = Metrics::from([("steps", steps.into()), ("sleep_h", sleep.into()), ("sober", true.into())]);
    Command::Report { day: None, observed_at: None, metrics, specials: vec![] }
}

#[test]
fn reports_of_known_metrics_do_not_allocate() {
    let reports = [report(1000.0, 6.0), report(5000.0, 6.5), report(9000.0, 7.5)];
    let mut life = Loop::new();
    life.live(3, &reports);
    // Quests not met yet.
    life.send(&report(100.0, 1.0), 0);
    let (one, other) = (report(200.0, 1.5), report(300.0, 1.75));
    for command in [&one, &other] {
        assert_eq!(allocations(|| life.send(command, 1)), 0, "a report that raises a value");
    }
    assert_eq!(allocations(|| life.send(&other, 1)), 0, "the same report again");
    assert_eq!(allocations(|| life.send(&Command::Advance {}, 1)), 0, "nothing is due");
}

#[test]
fn a_completing_report_does_not_allocate() {
    let reports = [report(1000.0, 6.0), report(5000.0, 6.5), report(9000.0, 7.5)];
    let mut life = Loop::new();
    life.live(40, &reports);
    life.send(&report(1000.0, 6.0), 0);
    // Lists that only grow double their room now and then; all else must be there already.
    let history = life.player.history.completions.capacity() - life.player.history.completions.len();
    assert!(history >= 2, "room for the completions of this report");
    let xp = life.player.state.total_xp;
    let completing = report(9000.0, 7.5);
    assert_eq!(allocations(|| life.send(&completing, 60)), 0, "two quests completed");
    assert!(life.player.state.total_xp > xp);
}

#[test]
fn days_and_weeks_do_not_allocate() {
    let reports = [report(1000.0, 6.0), report(5000.0, 6.5), report(9000.0, 7.5)];
    let mut life = Loop::new();
    // Long enough for the history to have been cut back to its window more than once.
    life.live(400, &reports);
    let days = 200;
    let count = allocations(|| life.live(days, &reports));
    assert_eq!(count, 0, "in {days} days of {} reports", reports.len());
}
