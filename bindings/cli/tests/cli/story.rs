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

/// A level that only the close of a day brings, a boss that nobody beats, a week that counts what the engine counts.
const UPHILL: &str = r#"
format: levelkit.ruleset/1
quests:
  - { id: walk, name: Walk, description: x, type: DAILY, category: MOVEMENT, is_core: true, base_xp: 100,
      partial_reward: { threshold: 4000, xp: 300 }, requirements: { type: numeric, metric: steps, op: ">=", value: 8000 } }
  - { id: three, name: Three Walks, description: x, type: WEEKLY, category: MOVEMENT, base_xp: 10,
      requirements: { type: numeric, metric: completions.walk, op: ">=", value: 3 } }
titles:
  - { id: both, name: Both, description: Two things., system_message: x, condition_type: COMPOUND, condition_config: { logic: AND,
      conditions: [ { type: SPECIAL, special: LEVEL, level: 9 }, { type: EVENT_COUNT, event: PERFECT_DAY, count: 2 },
        { type: SPECIAL, special: ACCOUNT_CREATION } ] } }
  - { id: either, name: Either, description: One thing., system_message: x, condition_type: COMPOUND, condition_config: { logic: OR,
      conditions: [ { type: STREAK_DAYS, days: 5 }, { type: CUMULATIVE_COUNT, metric: steps, count: 4 } ] } }
  - { id: often, name: Often, description: Three walks., system_message: x, condition_type: TIME_WINDOW,
      condition_config: { quest: walk, count: 3, window_days: 7 } }
bosses:
  - { id: sloth, name: Sloth, description: Slow., intro_monologue: Wait., defeat_message: Oh., difficulty: NORMAL,
      required_level: 2, xp_reward: 500,
      phases: [ { phase_number: 1, name: Nap, description: x, requirements: { streak: 99 }, duration_days: 1 } ] }
"#;

fn uphill() -> Place {
    let place = Place::new();
    place.write("rules.yaml", UPHILL);
    place.write("data.csv", "player,date,steps\nann,2026-03-02,4000\nann,2026-03-03,100\nann,2026-03-08,100\n");
    place.run(&["play", "data.csv", "--rules", "rules.yaml"]).exits(0);
    place
}

#[test]
fn a_boss_is_fought_from_the_first_morning_that_allows_it() {
    let told = uphill().run(&["timeline", "ann"]).exits(0).out;
    let chapters: Vec<&str> = told.split("\n\n").filter(|chapter| chapter.contains("Sloth waits.")).collect();
    // Monday's close brings the level, and Tuesday's the defeat.
    let days: Vec<&str> = chapters.iter().map(|chapter| chapter.split(" - ").next().unwrap()).collect();
    assert_eq!(days, ["Tue 2026-03-03", "Sun 2026-03-08"], "{told}");
}

#[test]
fn what_no_report_could_have_brought_is_not_called_unreported() {
    let told = uphill().run(&["timeline", "ann"]).exits(0).out;
    assert!(told.contains("Not done: Walk; nothing was reported.\n"), "{told}");
    assert!(told.contains("Not done: Three Walks (week of 2026-03-02).\n"), "{told}");
}

#[test]
fn a_sheet_says_which_part_of_a_title_is_missing_and_until_when_there_is_time() {
    let sheet = uphill().run(&["player", "ann"]).exits(0).out;
    for line in [
        "  [ ] Both (common): Two things. 1 of 3. Missing: level 2 of 9 and perfect day 0 of 2.\n",
        "  [ ] Either (common): One thing. 0 of 1. Missing: either current streak 0 of 5, or steps 0 of 4.\n",
        "  [ ] Often (common): Three walks. 0 of 3, 3 more by Sun 2026-03-15.\n",
        "The week from Mon 2026-03-09 to Sun 2026-03-15\n",
    ] {
        assert!(sheet.contains(line), "{line}{sheet}");
    }
}
