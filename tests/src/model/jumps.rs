//! Where `advance` may stop on its way without a difference: the law "one jump = advancing day by day".

use serde_json::{Value, json};

use super::instants::{MINUTE, instant_text};
use super::rng::Rng;
use super::state::Player;

/// The command that lets time pass up to an instant.
pub fn advance(t: i64) -> Value {
    json!({"do": "advance", "at": instant_text(t)})
}

/// Instants between the player's last command and `target` at which no day is in its grace: drawn to due instants, ends of
/// days and deadlines, and anywhere else.
pub fn stops(player: &Player, target: i64, rng: &mut Rng) -> Vec<i64> {
    let mut trial = player.clone();
    let mut t = player.last_at.unwrap_or(target);
    let mut stops = Vec::new();
    while t < target {
        let end = trial.end_of_day(trial.days.len() - 1);
        let grace = trial.rules.grace_minutes * MINUTE;
        t += match rng.range(0, 3) {
            0 => rng.range(1, 2000) * MINUTE,
            1 => (end - t + rng.pick(&[-1, 0, grace, grace, grace + 1])).max(1),
            2 => (trial.dungeon_deadline().unwrap_or(t) - t + rng.range(-1, 1)).max(1),
            _ => rng.range(1, 300) * MINUTE,
        };
        let mut there = trial.clone();
        if t < target && there.step(&advance(t)).is_ok() && !there.in_a_grace(t) {
            stops.push(t);
            trial = there;
        }
    }
    stops
}

impl Player {
    /// Whether a day has ended by `t` and is not closed yet.
    pub fn in_a_grace(&self, t: i64) -> bool {
        (0..self.days.len()).any(|i| self.days[i].closed.is_none() && self.end_of_day(i) <= t)
    }
}
