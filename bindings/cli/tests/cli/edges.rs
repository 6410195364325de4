//! `levelkit play` at the edges: faulty files, time zones, many players, changed rules.

use std::fmt::Write as _;

use crate::support::{DATA, Place, RULES};

fn fails(data: &str, expected: &[&str]) {
    let place = Place::new();
    place.write("rules.yaml", RULES);
    place.write("data.csv", data);
    let ran = place.run(&["play", "data.csv", "--rules", "rules.yaml"]).exits(3);
    assert!(ran.out.is_empty());
    for text in expected {
        assert!(ran.err.contains(text), "{text} in {}", ran.err);
    }
    assert!(!place.path("test.db").exists(), "nothing was half done");
}

#[test]
fn bad_cells_are_named_together_and_nothing_is_played() {
    fails(
        &format!("{DATA}bob,2026-03-04,many,maybe\n,2026-03-05,1,\nann,05.03.2026,1,\n"),
        &[
            "data.csv:7: column 3 (steps): \"many\" is not a number",
            "data.csv:7: column 4 (meditated): \"maybe\" is not true or false",
            "data.csv:8: column 1 (player): \"\" is not a player's id",
            "data.csv:9: column 2 (date): \"05.03.2026\" is not a date like 2016-04-12",
            "data.csv has 4 faults",
            "hint: nothing was played",
        ],
    );
    fails(
        "player,date,steps\nann,9999-12-31,1\n",
        &["data.csv:2: column 2 (date): \"9999-12-31\" is not a date before 9999-12-31", "data.csv has 1 fault"],
    );
    let many: String = (0..50).map(|_| "ann,2026-03-02,x,\n").collect();
    fails(&format!("player,date,steps,meditated\n{many}"), &["... and 30 more", "data.csv has 50 faults"]);
}

#[test]
fn bad_files_are_explained() {
    fails("", &["there is no column \"player\""]);
    fails(
        "name,date,steps\nann,2026-03-02,1\n",
        &["there is no column \"player\" among \"name\", \"date\" and \"steps\"", "hint: "],
    );
    fails("player,date,steps,steps\nann,2026-03-02,1,2\n", &["the column \"steps\" is there twice"]);
    fails("player,date,steps\nann,2026-03-02\n", &["data.csv:2: 2 cells, and the first line has 3"]);
}

#[test]
fn faults_are_json_too() {
    let place = Place::new();
    place.write("rules.yaml", RULES);
    place.write("data.csv", "player,date,steps\nann,2026-03-02,x\n");
    let error = place.run(&["play", "data.csv", "--rules", "rules.yaml", "--json"]).exits(3).error();
    assert_eq!(error["code"], "DATA");
    assert_eq!(error["errors"][0]["line"], 2);
    assert_eq!((&error["errors"][0]["column"], &error["errors"][0]["name"]), (&3.into(), &"steps".into()));
}

#[test]
fn a_file_without_rows_is_played_to_its_end() {
    let place = Place::new();
    place.write("rules.yaml", RULES);
    place.write("data.csv", "player,date,steps\n");
    let ran = place.run(&["play", "data.csv", "--rules", "rules.yaml"]).exits(0);
    assert!(ran.out.contains("Played: nothing.") && ran.out.contains("all sound"), "{}", ran.out);
}

#[test]
fn new_players_live_in_the_given_zone() {
    let place = Place::new();
    place.write("rules.yaml", RULES);
    // The clocks of Berlin went forward on the 29th: a day of 23 hours.
    place.write("data.csv", "player,date,steps\nann,2026-03-28,9000\nann,2026-03-29,9000\nann,2026-03-30,9000\n");
    place.run(&["play", "data.csv", "--rules", "rules.yaml", "--timezone", "Europe/Berlin"]).exits(0);
    let view = place.json(&["player", "ann"]);
    assert_eq!(view["timezone"], "Europe/Berlin");
    assert_eq!(view["open_day"], "2026-03-31");
    assert_eq!(view["day_ends_at"], "2026-03-31T22:00:00.000000Z");
    // Who plays already keeps the zone.
    let again = place.json(&["play", "data.csv"]);
    assert_eq!(again["rows"]["already_played"], 3);
    assert_eq!(place.json(&["player", "ann"])["timezone"], "Europe/Berlin");
}

#[test]
fn a_date_without_an_instant_cannot_be_played() {
    let place = Place::new();
    place.write("rules.yaml", RULES);
    place.write("data.csv", "player,date,steps\nann,2011-12-29,9000\nann,2011-12-30,9000\n");
    let ran = place.run(&["play", "data.csv", "--rules", "rules.yaml", "--timezone", "Pacific/Apia"]).exits(3);
    assert!(ran.err.contains("2011-12-30 is a date without any instant in Pacific/Apia"), "{}", ran.err);
}

#[test]
fn the_last_day_that_ends_is_played() {
    let place = Place::new();
    place.write("rules.yaml", RULES);
    place.write("data.csv", "player,date,steps,meditated\nann,9999-12-30,9000,yes\n");
    let answer = place.json(&["play", "data.csv", "--rules", "rules.yaml"]);
    assert_eq!((&answer["rows"]["reported"], &answer["totals"]["days"]), (&1.into(), &1.into()));
}

#[test]
fn a_changed_ruleset_counts_for_the_days_that_follow() {
    let place = Place::new();
    place.write("rules.yaml", RULES);
    place.write("data.csv", "player,date,steps,meditated\nann,2026-03-02,9000,yes\n");
    place.run(&["play", "data.csv", "--rules", "rules.yaml"]).exits(0);
    place.write("rules.yaml", &RULES.replace("base_xp: 100", "base_xp: 1000"));
    place.write("data.csv", "player,date,steps,meditated\nann,2026-03-03,9000,yes\nann,2026-03-04,9000,yes\n");
    let answer = place.json(&["play", "data.csv", "--rules", "rules.yaml"]);
    assert_eq!(answer["rows"]["ruleset_changed"], true);
    assert_eq!(answer["rows"]["reported"], 2);
    // The 3rd was opened, by the close of the 2nd, under the rules of before; the 4th opened under those of now.
    let told = place.run(&["timeline", "ann"]).exits(0).out;
    assert_eq!((told.matches("Walk. +100 XP").count(), told.matches("+1,000 XP").count()), (2, 1), "{told}");
}

#[test]
fn seventy_one_players_over_five_months_play_as_well() {
    let place = Place::new();
    place.write("rules.yaml", RULES);
    let mut data = "player,date,steps,meditated\n".to_owned();
    for day in 0..150 {
        for player in 0..71 {
            let date = levelkit::Day::from_number(20_000 + day).unwrap();
            // Something irregular that is the same every time.
            let steps = (day * 7919 + player * 104_729) % 16_000;
            writeln!(data, "p{player:02},{date},{steps},{}", if steps % 3 == 0 { "yes" } else { "" }).unwrap();
        }
    }
    place.write("data.csv", &data);
    let answer = place.json(&["play", "data.csv", "--rules", "rules.yaml"]);
    assert_eq!((answer["totals"]["players"].as_u64(), answer["totals"]["days"].as_u64()), (Some(71), Some(71 * 150)));
    assert_eq!(answer["ledger"]["sound"], true);
}
