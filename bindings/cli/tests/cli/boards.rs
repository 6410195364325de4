//! `leaderboard --around`, `leaderboard --standings`, `export-player`, `erase-player`.

use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, SqliteConnection};

use crate::support::{DATA, Place, RULES};

/// Two players in a season that is over.
fn played() -> Place {
    let place = Place::new();
    let season = "seasons:\n  - { id: spring, number: 1, name: Spring, theme: x, description: x, start_date: \"2026-03-01T00:00:00Z\", \
        end_date: \"2026-03-05T00:00:00Z\" }\n";
    place.write("rules.yaml", &format!("{RULES}{season}"));
    place.write("data.csv", DATA);
    place.run(&["play", "data.csv", "--rules", "rules.yaml"]).exits(0);
    place
}

#[test]
fn the_places_around_somebody_are_shown() {
    let place = played();
    let around = place.json(&["leaderboard", "spring", "--around", "bob", "--limit", "1"]);
    let whole = place.json(&["leaderboard", "spring"]);
    assert_eq!(around["standings"], whole["standings"]);
    assert_eq!(around["standings"][1]["player"], "bob");
    let nobody = place.run(&["leaderboard", "spring", "--around", "zoe"]).exits(5);
    assert!(nobody.err.contains("takes no part") && nobody.err.contains("lists who does"), "{}", nobody.err);
    let unknown = place.run(&["leaderboard", "autumn"]).exits(5);
    assert!(
        unknown.err.contains("[UNKNOWN_ID]")
            && unknown.err.contains("hint: levelkit export --pretty shows every season"),
        "{}",
        unknown.err
    );
}

#[test]
fn final_standings_are_written_and_checked() {
    let place = played();
    let early = place.run(&["leaderboard", "spring", "--standings", "s.jsonl"]).exits(4);
    assert!(early.err.contains("[SEASON_NOT_SEALED]") && early.err.contains("hint: "), "{}", early.err);
    let args = ["leaderboard", "spring", "--refresh", "--at", "2026-04-01T00:00:00Z", "--standings", "s.jsonl"];
    let sealed = place.json(&args);
    assert_eq!((&sealed["sound"], &sealed["sha256"]), (&serde_json::json!(true), &sealed["recorded"]));
    let text = std::fs::read_to_string(place.path("s.jsonl")).unwrap();
    assert!(
        text.starts_with("{\"format\":\"levelkit.standings/1\",\"season\":\"spring\",\"participants\":2}\n"),
        "{text}"
    );
    assert_eq!(text.lines().count(), 3);
    let mut conn = SqliteConnection::establish(place.path("test.db").to_str().unwrap()).unwrap();
    conn.batch_execute("UPDATE season_participations SET season_xp = season_xp + 1 WHERE user_id = 'bob'").unwrap();
    let changed = place.run(&["leaderboard", "spring", "--standings", "s.jsonl"]).exits(1);
    assert!(changed.out.contains("not as they were sealed"), "{}", changed.out);
}

#[test]
fn a_player_is_exported_and_erased() {
    let place = played();
    let export = place.run(&["export-player", "ann"]).exits(0).json();
    assert_eq!((&export["format"], &export["player"]), (&"levelkit.player/1".into(), &"ann".into()));
    place.run(&["export-player", "ann", "--output", "ann.json"]).exits(0);
    let written = std::fs::read_to_string(place.path("ann.json")).unwrap();
    assert_eq!(serde_json::from_str::<serde_json::Value>(&written).unwrap(), export);
    let asked = place.run(&["erase-player", "ann"]).exits(2);
    assert!(asked.err.contains("--yes"), "{}", asked.err);
    assert_eq!(place.json(&["export-player", "ann"]), export);
    assert_eq!(place.json(&["erase-player", "ann", "--yes"])["erased"], true);
    assert_eq!(place.json(&["erase-player", "ann", "--yes"])["erased"], false);
    assert!(place.run(&["export-player", "ann"]).exits(0).out.contains("ann@erased.invalid"));
    place.run(&["verify"]).exits(0);
    for verb in ["export-player", "erase-player"] {
        let nobody = place.run(&[verb, "zoe", if verb == "erase-player" { "--yes" } else { "--json" }]).exits(5);
        assert!(nobody.err.contains("UNKNOWN_ID"), "{}", nobody.err);
    }
}
