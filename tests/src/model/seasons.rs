//! The rules, section 10, as far as one player sees it.

use serde_json::{Value, json};

use super::ruleset::Season;
use super::state::{Participation, Player};

impl Player {
    /// ACTIVE in [start, end).
    pub fn season_is_active(&self, id: &str, t: i64) -> bool {
        self.rules.seasons.iter().any(|s| s.id == id && s.start <= t && t < s.end)
    }

    pub fn active_season(&self, t: i64) -> Option<Season> {
        self.rules.seasons.iter().find(|s| s.start <= t && t < s.end).cloned()
    }

    /// Joining twice changes nothing.
    pub fn join(&mut self, season: &str, instant: i64) {
        if self.participations.iter().any(|p| p.season == season) {
            return;
        }
        self.participations.push(Participation { season: season.to_string(), joined_at: instant });
        self.emit(json!({"event": "SEASON_JOINED", "season": season}));
    }

    pub fn season_xp(&self, season: &str) -> i64 {
        self.ledger.iter().filter(|e| e.season.as_deref() == Some(season)).map(|e| e.final_xp).sum()
    }

    pub fn join_season(&mut self, step: &Value, at: i64) -> Result<(), Value> {
        let id = step["season"].as_str().unwrap_or_default();
        if !self.rules.seasons.iter().any(|s| s.id == id) {
            return Err(json!({"code": "UNKNOWN_ID", "season": id}));
        }
        if self.participations.iter().any(|p| p.season == id) {
            return Ok(());
        }
        if !self.season_is_active(id, at) {
            return Err(json!({"code": "SEASON_INACTIVE", "season": id}));
        }
        self.join(id, at);
        Ok(())
    }
}

/// Competition ranking: season_xp descending, ties share a rank and the next is skipped; ordered
/// by (rank, user_id in byte order). Answers (rank, user, season_xp).
pub fn leaderboard(participants: &[(String, i64)]) -> Vec<(i64, String, i64)> {
    let mut list: Vec<(i64, String, i64)> = participants
        .iter()
        .map(|(user, xp)| {
            let better = participants.iter().filter(|(_, x)| x > xp).count() as i64;
            (better + 1, user.clone(), *xp)
        })
        .collect();
    list.sort_by(|a, b| (a.0, a.1.as_bytes()).cmp(&(b.0, b.1.as_bytes())));
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ties_share() {
        let list = [("b", 5), ("a", 9), ("B", 5), ("c", 1)].map(|(u, x)| (u.to_string(), x));
        let ranked: Vec<_> = leaderboard(&list).into_iter().map(|(rank, user, _)| format!("{rank}{user}")).collect();
        assert_eq!(ranked, ["1a", "2B", "2b", "4c"]);
    }
}
