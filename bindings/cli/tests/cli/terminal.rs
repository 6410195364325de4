//! Texts from outside: a terminal shows them, and does not obey them.

use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, SqliteConnection};
use serde_json::Value;

use crate::support::{Place, RULES, Ran};

/// Sets a window's title, clears the screen, turns the writing around, begins a line of its own.
const EVIL: &str = "\u{1b}]0;x\u{7}\u{9b}2J\u{202e}\nFORGED";

/// The small ruleset with a season, and evil in every text of it that people read.
fn rules() -> String {
    let season = "seasons:\n  - { id: spring, number: 1, name: Spring, theme: x, description: x, \
        start_date: \"2026-03-01T00:00:00Z\", end_date: \"2026-03-05T00:00:00Z\" }\n";
    let ruleset = levelkit::Ruleset::parse(format!("{RULES}{season}").as_bytes(), levelkit::Format::Yaml).unwrap();
    let mut document = serde_json::from_str(ruleset.canonical()).unwrap();
    spoil(&mut document);
    document.to_string()
}

fn spoil(value: &mut Value) {
    const TEXTS: [&str; 6] = ["name", "theme", "description", "system_message", "intro_monologue", "defeat_message"];
    match value {
        Value::Object(fields) => fields.iter_mut().for_each(|(name, value)| match value {
            Value::String(text) if TEXTS.contains(&name.as_str()) => text.push_str(EVIL),
            other => spoil(other),
        }),
        Value::Array(values) => values.iter_mut().for_each(spoil),
        _ => {}
    }
}

/// Whether nothing of it would be obeyed, and no line is anybody's but levelkit's.
#[track_caller]
fn is_tame(ran: &Ran) {
    for text in [&ran.out, &ran.err] {
        let obeyed = |letter: char| letter != '\n' && (letter.is_control() || letter == '\u{202e}');
        assert!(!text.contains(obeyed), "{text:?}");
        assert!(!text.lines().any(|line| line.trim_start().starts_with("FORGED")), "{text}");
    }
}

#[test]
fn names_cannot_command_a_terminal() {
    let place = Place::new();
    let (ann, bob) = (format!("ann{EVIL}"), format!("bob{EVIL}"));
    place.write("rules.json", &rules());
    let days = ["2026-03-02,9000,yes,1", "2026-03-03,9000,yes,1", "2026-03-03,100,no,1", "2026-03-04,9000,,1"];
    let rows = |id: &str| days.map(|day| format!("\"{id}\",{day}\n")).concat();
    place.write("data.csv", &format!("player,date,steps,meditated,\"x{EVIL}\"\n{}{}", rows(&ann), rows(&bob)));
    place.write("faulty.csv", &format!("player,date,\"steps\"\n\"{ann}\",\"{EVIL}\",\"{EVIL}\"\n"));
    place.write("misspelt.json", &rules().replace("\"base_xp\":", &format!("{}:", Value::from(EVIL))));
    let played = place.run(&["play", "data.csv", "--rules", "rules.json"]).exits(0);
    is_tame(&played);
    assert!(played.out.contains("\nann\\u{1b}]0;x\\u{7}\\u{9b}2J\\u{202e}\\nFORGED "), "{}", played.out);

    let mut database = SqliteConnection::establish(place.path("test.db").to_str().unwrap()).unwrap();
    let spoilt = format!(
        "UPDATE users SET name = 'Ann{EVIL}'; UPDATE levelkit_players SET head_hash = '{EVIL}' WHERE user_id LIKE 'bob%'"
    );
    database.batch_execute(&spoilt).unwrap();
    drop(database);
    let asked: [(&[&str], i32); 16] = [
        (&["player"], 0),
        (&["player", &ann], 0),
        (&["timeline", &ann], 0),
        (&["timeline", &ann, "--from", "2030-01-01"], 0),
        (&["leaderboard", "spring"], 0),
        (&["leaderboard", "spring", "--around", EVIL], 5),
        (&["leaderboard", EVIL], 5),
        (&["verify", &ann], 0),
        (&["verify", &bob], 1),
        (&["player", EVIL], 5),
        (&["roll-over", "--now", "2026-03-09T12:00:00Z"], 1),
        (&["export-player", &ann, "--output", "ann.json"], 0),
        (&["erase-player", &ann, "--yes"], 0),
        (&["play", "faulty.csv"], 3),
        (&["check", "misspelt.json"], 1),
        (&["import", "misspelt.json"], 3),
    ];
    for (args, code) in asked {
        is_tame(&place.run(args).exits(code));
        // As JSON it is the same text, in escapes.
        is_tame(&place.run(&[args, &["--json"]].concat()).exits(code));
    }
    assert_eq!(place.json(&["timeline", &ann])["player"], ann);
}
