//! `levelkit player` and `levelkit timeline`.

use crate::support::{Place, snapshot};

#[test]
fn players_are_listed() {
    let place = Place::played();
    let ran = place.run(&["player"]).exits(0);
    assert!(
        ran.out.starts_with("PLAYER  LEVEL") && ran.out.contains("\nann ") && ran.out.contains("\nbob "),
        "{}",
        ran.out
    );
    let json = place.json(&["player"]);
    assert_eq!(json["players"][0]["id"], "ann");
    let empty = Place::new();
    empty.run(&["migrate"]).exits(0);
    assert!(empty.run(&["player"]).exits(0).out.contains("Nobody plays here yet"));
}

#[test]
fn a_sheet_says_how_a_player_stands_and_why() {
    let place = Place::played();
    snapshot("player.txt", &place.run(&["player", "bob"]).exits(0).out);
    let json = place.json(&["player", "bob"]);
    assert_eq!((json["player"].as_str(), json["open_day"].as_str()), (Some("bob"), Some("2026-03-04")));
    let walk = json["quests"].as_array().unwrap().iter().find(|quest| quest["quest"] == "walk").unwrap();
    assert_eq!(walk["explanation"]["state"], "UNKNOWN");
}

#[test]
fn a_timeline_tells_day_by_day() {
    let place = Place::played();
    let whole = place.run(&["timeline", "ann"]).exits(0).out;
    snapshot("timeline.txt", &whole);
    let part = place.run(&["timeline", "ann", "--from", "2026-03-03", "--to", "2026-03-03"]).exits(0).out;
    assert!(part.starts_with("Tue 2026-03-03 - day 2\n") && whole.contains(&part), "{part}");
    let none = place.run(&["timeline", "ann", "--from", "2027-01-01"]).exits(0).out;
    assert_eq!(none, "Nothing is told of player ann in these days.\n");

    let json = place.json(&["timeline", "ann", "--to", "2026-03-02"]);
    assert_eq!(json["player"], "ann");
    assert_eq!(json["days"][0]["day"], "2026-03-02");
    let entries = json["days"][0]["entries"].as_array().unwrap();
    assert!(entries.iter().any(|entry| entry["event"]["event"] == "QUEST_COMPLETED" && entry["at"].is_string()));
}

#[test]
fn nobody_has_no_story() {
    let place = Place::played();
    for verb in ["player", "timeline", "verify"] {
        let ran = place.run(&[verb, "nobody"]).exits(5);
        assert!(ran.err.contains("[UNKNOWN_ID]") && ran.err.contains("hint: levelkit player lists"), "{}", ran.err);
        assert_eq!(place.run(&[verb, "nobody", "--json"]).exits(5).error()["code"], "UNKNOWN_ID");
    }
}
