//! Live standings, compared with everybody counted; and what a sealed season leaves.

use levelkit::{Instant, Metrics, Ruleset};
use levelkit_storage::{BlockingStore, LeaderboardPage, NewPlayer, PlayerReport};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, TestRunner};
use serde_json::json;
use std::collections::BTreeMap;

use crate::backend::Backend;
use crate::world::at;

pub(crate) const NOW: &str = "2026-03-02T09:00:00Z";
const END: &str = "2026-03-10T00:00:00Z";

/// A store with a season and so many players, `p000` and so on.
pub(crate) fn season<B: Backend>(players: usize) -> (B, BlockingStore) {
    let backend = B::new();
    let store = backend.store();
    let rules = json!({"format": "levelkit.ruleset/1", "seasons": [
        {"id": "spring", "number": 1, "name": "Spring", "theme": "", "description": "",
         "start_date": "2026-03-02T00:00:00Z", "end_date": END},
        {"id": "summer", "number": 2, "name": "Summer", "theme": "", "description": "",
         "start_date": "2026-06-02T00:00:00Z", "end_date": "2026-07-02T00:00:00Z"}]});
    store.import_ruleset(&Ruleset::from_json(&rules.to_string()).unwrap(), at(NOW)).unwrap();
    for number in 0..players {
        store.create_player(&NewPlayer::new(name(number))).unwrap();
    }
    (backend, store)
}

/// Names whose byte order is not that of a dictionary.
fn name(number: usize) -> String {
    format!("{}{number:03}", if number.is_multiple_of(2) { 'p' } else { 'P' })
}

/// The statement that sets a score, as an application's own hand would.
pub(crate) fn set(season: &str, player: &str, score: i64) -> String {
    format!(
        "INSERT INTO season_participations (id, user_id, season_id, season_xp) \
         VALUES ('{season} {player}', '{player}', '{season}', {score}) \
         ON CONFLICT (user_id, season_id) DO UPDATE SET season_xp = excluded.season_xp;"
    )
}

/// Ranks by counting everybody, in the order of the standings.
fn counted(scores: &BTreeMap<String, i64>) -> Vec<(i64, String, i64)> {
    let rank = |score: i64| 1 + scores.values().filter(|other| **other > score).count() as i64;
    let mut all: Vec<_> = scores.iter().map(|(id, score)| (rank(*score), id.clone(), *score)).collect();
    all.sort();
    all
}

fn places(page: LeaderboardPage) -> Vec<(i64, String, i64)> {
    page.standings.into_iter().map(|place| (place.rank, place.player, place.season_xp.0)).collect()
}

fn agrees(store: &BlockingStore, scores: &BTreeMap<String, i64>, skips: &[usize]) {
    let expected = counted(scores);
    for (number, (rank, player, score)) in expected.iter().enumerate() {
        let found = store.standing("spring", player).unwrap().unwrap();
        assert_eq!((found.rank, found.season_xp.0), (*rank, *score), "{player}");
        if number % 5 == 0 {
            let around = store.leaderboard_around("spring", at(NOW), player, 3).unwrap().unwrap();
            assert_eq!(around.participants, expected.len() as i64);
            let window = number.saturating_sub(3)..(number + 4).min(expected.len());
            assert_eq!(places(around), expected[window], "around {player}");
        }
    }
    for skip in skips {
        let page = store.leaderboard("spring", at(NOW), *skip, 7).unwrap();
        assert_eq!(page.participants, expected.len() as i64);
        let window = (*skip).min(expected.len())..(*skip + 7).min(expected.len());
        assert_eq!(places(page), expected[window], "from {skip}");
    }
}

#[derive(Clone, Debug)]
enum Step {
    Score(usize, i64),
    Leave(usize),
    Refresh,
    RollOver,
}

/// Scores that share buckets of every width, and some that are alone, below zero too.
fn any_step() -> impl Strategy<Value = Step> {
    let score = prop_oneof![
        -3..4_i64,
        0..2000_i64,
        250..260_i64,
        65_530..65_540_i64,
        -70_000..200_000_i64,
        Just(i64::from(i32::MAX)),
        Just(1 << 60),
        Just(-(1 << 60)),
    ];
    prop_oneof![
        12 => (0..40_usize, score).prop_map(|(player, score)| Step::Score(player, score)),
        1 => (0..40_usize).prop_map(Step::Leave),
        1 => Just(Step::Refresh),
        1 => Just(Step::RollOver),
    ]
}

pub(crate) fn live_ranks_are_those_of_everybody_counted<B: Backend>() {
    let mut runner = TestRunner::new_with_rng(
        Config { cases: 1, failure_persistence: None, ..Config::default() },
        proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha),
    );
    let (backend, store) = season::<B>(40);
    let mut scores = BTreeMap::new();
    let steps = proptest::collection::vec(any_step(), 12);
    for round in 0..20 {
        let steps = steps.new_tree(&mut runner).unwrap().current();
        let mut sql = set("summer", "p000", round);
        for step in &steps {
            match step {
                Step::Score(player, score) => {
                    sql += &set("spring", &name(*player), *score);
                    scores.insert(name(*player), *score);
                }
                Step::Leave(player) => {
                    sql += &format!(
                        "DELETE FROM season_participations WHERE user_id = '{}' AND season_id = 'spring';",
                        name(*player)
                    );
                    scores.remove(&name(*player));
                }
                Step::Refresh => {
                    backend.run(&std::mem::take(&mut sql)).unwrap();
                    store.refresh_leaderboard("spring", at(NOW)).unwrap();
                }
                Step::RollOver => {
                    backend.run(&std::mem::take(&mut sql)).unwrap();
                    store.roll_over(at(NOW), 10).unwrap();
                }
            }
        }
        backend.run(&sql).unwrap();
        agrees(&store, &scores, &[0, 1, 5, scores.len().saturating_sub(2), scores.len()]);
    }
    assert_eq!(store.standing("summer", "p000").unwrap().map(|standing| standing.rank), Some(1));
    assert_eq!(store.leaderboard_around("spring", at(NOW), "nobody", 2).unwrap(), None);
    assert_eq!(store.leaderboard_around("autumn", at(NOW), "p000", 2).unwrap_err().code(), "UNKNOWN_ID");
}

/// Far pages are found by the counts alone.
fn many<B: Backend>(backend: &B, count: usize) -> BTreeMap<String, i64> {
    let scores: BTreeMap<String, i64> =
        (0..count).map(|number| (format!("m{number:04}"), (number as i64 * 7919) % 70_001 - 500)).collect();
    let mut sql = String::new();
    for (player, score) in &scores {
        sql += &format!("INSERT INTO users (id, email) VALUES ('{player}', '{player}');");
        sql += &set("spring", player, *score);
    }
    backend.run(&format!("BEGIN; {sql} COMMIT;")).unwrap();
    scores
}

pub(crate) fn what_an_older_levelkit_left_is_counted<B: Backend>() {
    let (backend, store) = season::<B>(0);
    let later = B::MIGRATIONS.iter().skip(1).rev();
    backend.run_own(&later.map(|migration| migration.down).collect::<String>()).unwrap();
    drop(store);
    let mut scores = many(&backend, 1500);
    backend.run("INSERT INTO levelkit_season_seals (season_id, sealed_at) SELECT 'summer', end_date FROM seasons WHERE id = 'summer'").unwrap();
    let store = BlockingStore::open(&backend.url()).unwrap();
    assert_eq!(store.standing("spring", "m0001").unwrap_err().code(), "NOT_MIGRATED");
    assert_eq!(store.migrate().unwrap().applied, ["standings", "seen_at"]);
    // Pages that end at the last place that is read one by one, or behind it; and pages that are longer than that.
    let every_way = [0, 1, 513, 900, 1018, 1019, 1020, 1024, 1025, 1400, 1493, 1499, 1500, 5000].map(|skip| (skip, 5));
    let long =
        [(0, 1023), (0, 1024), (0, 1025), (1, 1023), (1, 1024), (0, 1500), (300, 1100), (1499, 1025), (2000, 2000)];
    let sample = |store: &BlockingStore, scores: &BTreeMap<String, i64>| {
        let expected = counted(scores);
        for (skip, limit) in every_way.into_iter().chain(long) {
            let page = store.leaderboard("spring", at(NOW), skip, limit).unwrap();
            assert_eq!(places(page), expected[skip.min(1500)..(skip + limit).min(1500)], "{limit} from {skip}");
        }
        for (rank, player, _) in expected.iter().step_by(97) {
            assert_eq!(store.standing("spring", player).unwrap().map(|found| found.rank), Some(*rank));
        }
    };
    sample(&store, &scores);
    // With moves that the counts do not know yet.
    let mut sql = String::new();
    for (number, (player, score)) in scores.iter_mut().enumerate().filter(|(number, _)| number % 3 == 0) {
        *score += number as i64 - 400;
        sql += &set("spring", player, *score);
    }
    backend.run(&format!("BEGIN; {sql} COMMIT;")).unwrap();
    sample(&store, &scores);
    assert_eq!(store.refresh_leaderboard("spring", at(NOW)).unwrap().changed, 1500);
    sample(&store, &scores);
    // A seal from before standings files had hashes gets one.
    let unrecorded = store.standings("summer").unwrap();
    assert_eq!((unrecorded.participants, unrecorded.recorded), (0, None));
    assert!(store.refresh_leaderboard("summer", at("2026-08-01T00:00:00Z")).unwrap().sealed);
    assert!(store.standings("summer").unwrap().is_sound());
}

pub(crate) fn an_applications_own_scores_count<B: Backend>() {
    let (backend, store) = season::<B>(4);
    let ranks = |season: &str| places(store.leaderboard(season, at(NOW), 0, 9).unwrap());
    let place = |rank: i64, player: &str, score: i64| (rank, player.to_owned(), score);
    for (player, score) in [("p000", 5), ("P001", 5), ("p002", 9)] {
        backend.run(&set("spring", player, score)).unwrap();
    }
    assert_eq!(ranks("spring"), [place(1, "p002", 9), place(2, "P001", 5), place(2, "p000", 5)]);
    // To another season and another player.
    backend.run("UPDATE season_participations SET season_id = 'summer' WHERE user_id = 'p002'").unwrap();
    backend.run("UPDATE season_participations SET user_id = 'P003', season_xp = 6 WHERE user_id = 'p000'").unwrap();
    assert_eq!(ranks("spring"), [place(1, "P003", 6), place(2, "P001", 5)]);
    assert_eq!(ranks("summer"), [place(1, "p002", 9)]);
    backend.run("UPDATE season_participations SET rank = 7").unwrap();
    backend.run("DELETE FROM season_participations WHERE user_id = 'P003'").unwrap();
    assert_eq!(ranks("spring"), [place(1, "P001", 5)]);
    assert_eq!(store.leaderboard("spring", at(NOW), 0, 0).unwrap().participants, 1);
}

pub(crate) fn a_seal_leaves_a_file_that_is_checked<B: Backend>() {
    let (backend, store) = season::<B>(5);
    for (player, score) in [("p000", 100), ("P001", 100), ("p002", 9_007_199_254_740_993), ("P003", -7)] {
        backend.run(&set("spring", player, score)).unwrap();
    }
    let early = store.standings("spring").unwrap_err();
    assert_eq!((early.code(), early.hint().is_some()), ("SEASON_NOT_SEALED", true));
    assert_eq!(store.standings("autumn").unwrap_err().code(), "UNKNOWN_ID");
    let sealed_at: Instant = at(END);
    assert!(store.refresh_leaderboard("spring", sealed_at).unwrap().sealed);
    let file = store.standings("spring").unwrap();
    let text = "{\"format\":\"levelkit.standings/1\",\"season\":\"spring\",\"participants\":4}\n\
        {\"rank\":1,\"player\":\"p002\",\"season_xp\":\"9007199254740993\"}\n\
        {\"rank\":2,\"player\":\"P001\",\"season_xp\":100}\n\
        {\"rank\":2,\"player\":\"p000\",\"season_xp\":100}\n\
        {\"rank\":4,\"player\":\"P003\",\"season_xp\":-7}\n";
    assert_eq!((file.text.as_str(), file.participants), (text, 4));
    assert!(file.is_sound());
    assert_eq!(
        backend.lines("SELECT standings_sha256 AS line FROM levelkit_season_seals"),
        std::slice::from_ref(&file.sha256)
    );
    store.refresh_leaderboard("spring", at("2026-04-01T00:00:00Z")).unwrap();
    assert_eq!(store.standings("spring").unwrap(), file);
    backend.run("DELETE FROM season_participations WHERE user_id = 'P003'").unwrap();
    let changed = store.standings("spring").unwrap();
    assert!(!changed.is_sound() && changed.recorded == file.recorded && changed.sha256 != file.sha256);
}

/// The case that every language tries.
pub(crate) fn the_file_is_the_same_in_every_language<B: Backend>() {
    let case: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string("../tests/standings/small.json").unwrap()).unwrap();
    let text = |name: &str| case[name].as_str().unwrap();
    let backend = B::new();
    let store = backend.store();
    store.import_ruleset(&Ruleset::from_json(&case["ruleset"].to_string()).unwrap(), at(text("at"))).unwrap();
    let players = case["players"].as_array().unwrap().iter().map(|player| {
        let (id, steps) = (player["id"].as_str().unwrap(), player["steps"].as_f64().unwrap());
        store.create_player(&NewPlayer::new(id)).unwrap();
        PlayerReport::new(id, at(text("at")), Metrics::from([("steps", steps.into())]))
    });
    let reports: Vec<_> = players.collect();
    assert_eq!(store.report_many(&reports).unwrap().accepted.len(), reports.len());
    assert_eq!(store.standings(text("season")).unwrap_err().code(), "SEASON_NOT_SEALED");
    assert!(store.refresh_leaderboard(text("season"), at(text("sealed_at"))).unwrap().sealed);
    let file = store.standings(text("season")).unwrap();
    assert_eq!((file.text.as_str(), file.sha256.as_str()), (text("text"), text("sha256")));
    assert!(file.is_sound());
}
