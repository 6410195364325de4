//! What a call costs in Rust itself, which the other languages print beside theirs: the workload of `tests/cost`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant as Clock;

use levelkit::{Command, Curve, Engine, Instant, Metrics, Player, Ruleset, Zone};
use serde::Deserialize;
use serde_json::value::RawValue;

#[derive(Deserialize)]
struct Workload {
    ruleset: Box<RawValue>,
    player: String,
    start: Instant,
    reports: u32,
    head: String,
}

/// How often what takes so long is measured; the best round counts.
const ROUNDS: usize = 20;

fn main() {
    let work: Workload = serde_json::from_str(include_str!("../../cost/workload.json")).expect("the workload");
    let ruleset = Arc::new(Ruleset::from_json(work.ruleset.get()).expect("its ruleset"));
    let engine = Engine::new(ruleset.clone());
    assert_eq!(play(&engine, &work).state.ledger.hash.to_string(), work.head, "another ledger than the pinned one");
    let report = best(|| drop(black_box(play(&engine, &work)))) / f64::from(work.reports);
    let curve = Curve::new(&ruleset.document().curve).expect("a curve");
    let empty = best(|| {
        (0..10_000).for_each(|_| {
            black_box(black_box(&curve).max_level());
        })
    }) / 10_000.0;
    println!("cost: rust: an empty call {empty:.1} ns, a report in memory {:.2} us", report / 1_000.0);
}

/// A player's reports.
fn play(engine: &Engine, work: &Workload) -> Player {
    let mut player = Player::new(&work.player, Zone::UTC);
    for n in 0..work.reports {
        let at = Instant::from_micros(work.start.micros() + i64::from(n) * 3_600_000_000).expect("an instant");
        let metrics = Metrics::from([("steps", f64::from(n * 997 % 10_000).into())]);
        let report = Command::Report { day: None, observed_at: None, metrics, specials: Vec::new() };
        black_box(engine.execute(&mut player, at, &report).expect("a report"));
    }
    player
}

/// The shortest of several rounds, in nanoseconds.
fn best(mut round: impl FnMut()) -> f64 {
    let mut best = f64::INFINITY;
    for _ in 0..ROUNDS {
        let started = Clock::now();
        round();
        best = best.min(started.elapsed().as_secs_f64() * 1e9);
    }
    best
}
