//! The example: a month of 33 people.

use crate::support::{Place, Ran, example, snapshot};

fn play(place: &Place, data: &str) -> Ran {
    let (rules, not_worn) = (example("rulesets/fitbit.yaml"), example("data/fitbit2016/not-worn.json"));
    place.run(&["play", data, "--rules", &rules, "--not-worn", &format!("@{not_worn}")]).exits(0)
}

/// Everything but the last line, which says how long it took.
fn without_time(ran: &Ran) -> &str {
    ran.out.split("Time: ").next().unwrap()
}

#[test]
fn a_month_of_33_people_is_played_once() {
    let place = Place::new();
    let first = play(&place, &example("data/fitbit2016/daily.csv"));
    snapshot("fitbit2016.txt", without_time(&first));
    let second = play(&place, &example("data/fitbit2016/daily.csv"));
    assert_eq!(first.table(), second.table());
    assert!(second.out.contains("Played: nothing new; 940 days were played before."), "{}", second.out);

    snapshot("fitbit2016-player.txt", &place.run(&["player", "4388161847"]).exits(0).out);
    let week = ["timeline", "4388161847", "--from", "2016-04-18", "--to", "2016-04-24"];
    snapshot("fitbit2016-timeline.txt", &place.run(&week).exits(0).out);
}

#[test]
fn a_server_gives_the_same_bytes() {
    let Some(server) = levelkit_test_postgres::Server::shared().unwrap() else {
        return levelkit_test_postgres::skip("a_server_gives_the_same_bytes");
    };
    let (place, database) = (Place::new(), server.database().unwrap());
    let (rules, not_worn) = (example("rulesets/fitbit.yaml"), format!("@{}", example("data/fitbit2016/not-worn.json")));
    let data = example("data/fitbit2016/daily.csv");
    let on = |url: &str, words: &[&str]| place.run(&[words, &["--json", "--db", url]].concat()).exits(0).out;
    let all = |url: &str| {
        let mut played: serde_json::Value =
            serde_json::from_str(&on(url, &["play", &data, "--rules", &rules, "--not-worn", &not_worn])).unwrap();
        // How long it took is not the same twice.
        let time = played.as_object_mut().unwrap().remove("seconds");
        assert!(time.is_some(), "{played}");
        let player = on(url, &["player", "4388161847"]);
        let timeline = on(url, &["timeline", "4388161847"]);
        (played.to_string(), player, timeline, on(url, &["leaderboard", "blossom-fair"]), on(url, &["export"]))
    };
    assert_eq!(all(&database.url()), all("sqlite:here.db"));
}

#[test]
fn the_order_of_the_rows_does_not_matter() {
    let text = std::fs::read_to_string(example("data/fitbit2016/daily.csv")).unwrap();
    let (heading, rows) = text.split_once('\n').unwrap();
    let mut rows: Vec<&str> = rows.lines().collect();
    // A fixed shuffle: every row goes somewhere else.
    let count = rows.len();
    for place in 0..count {
        rows.swap(place, (place * 7919 + 13) % count);
    }
    let shuffled = Place::new();
    shuffled.write("shuffled.csv", &format!("{heading}\n{}\n", rows.join("\n")));
    let ran = play(&shuffled, "shuffled.csv");
    snapshot("fitbit2016.txt", without_time(&ran));
}

#[test]
fn a_tracker_in_a_drawer_earns_nothing_either_way() {
    let place = Place::new();
    let rules = example("rulesets/fitbit.yaml");
    let ran = place.run(&["play", &example("data/fitbit2016/daily.csv"), "--rules", &rules]).exits(0);
    assert!(ran.out.contains("Played: 940 days reported, 33 new players."), "{}", ran.out);
    let kept = include_str!("snapshots/fitbit2016.txt");
    assert_eq!(Some(ran.table()), kept.split("\n\n").next());
}
