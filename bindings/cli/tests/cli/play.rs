//! `levelkit play` on small files: what is read, what is ignored, what is refused.

use serde_json::Value;

use crate::support::{DATA, Place, RULES, Ran};

fn place(data: &str) -> Place {
    let place = Place::new();
    place.write("rules.yaml", RULES);
    place.write("data.csv", data);
    place
}

fn play(place: &Place, more: &[&str]) -> Ran {
    let args: Vec<&str> =
        ["play", "data.csv", "--rules", "rules.yaml"].into_iter().chain(more.iter().copied()).collect();
    place.run(&args)
}

fn player<'a>(answer: &'a Value, id: &str) -> &'a Value {
    answer["players"].as_array().unwrap().iter().find(|player| player["player"] == id).unwrap()
}

#[test]
fn a_file_is_played_and_told() {
    let place = place(DATA);
    let ran = play(&place, &[]).exits(0);
    assert!(ran.err.is_empty(), "{}", ran.err);
    for text in [
        "Data: 5 days of 2 players, 2026-03-02 to 2026-03-04.",
        "Played: 5 days reported, 2 new players.",
        "verified one by one, all sound.",
        "Time: ",
    ] {
        assert!(ran.out.contains(text), "{text} in {}", ran.out);
    }
    let answer = place.json(&["play", "data.csv"]);
    let ann = player(&answer, "ann");
    // Two perfect days and one with the partial reward; the week's quest on the third day; the boss on the second.
    assert_eq!(
        (ann["days"].as_u64(), ann["perfect_days"].as_u64(), ann["longest_streak"].as_i64()),
        (Some(3), Some(2), Some(3))
    );
    assert_eq!((ann["quests_completed"].as_u64(), ann["bosses_beaten"].as_u64()), (Some(6), Some(1)));
    assert_eq!(ann["rarest_title"], "here");
    let bob = player(&answer, "bob");
    assert_eq!((bob["quests_completed"].as_u64(), bob["debuffs"].as_u64()), (Some(1), Some(1)));
    assert_eq!(answer["totals"]["players"], 2);
    assert_eq!(answer["ledger"]["sound"], true);
    assert!(answer["seconds"]["total"].is_number());
}

#[test]
fn a_second_run_reports_nothing_new() {
    let place = place(DATA);
    let first = play(&place, &[]).exits(0);
    let timeline = place.run(&["timeline", "ann", "--json"]).exits(0).out;
    let second = play(&place, &[]).exits(0);
    assert_eq!(first.table(), second.table());
    assert!(second.out.contains("Played: nothing new; 5 days were played before."), "{}", second.out);
    assert_eq!(place.run(&["timeline", "ann", "--json"]).exits(0).out, timeline);
    let answer = place.json(&["play", "data.csv", "--rules", "rules.yaml"]);
    assert_eq!(answer["rows"]["already_played"], 5);
    assert_eq!((answer["rows"]["reported"].as_u64(), answer["rows"]["new_players"].as_u64()), (Some(0), Some(0)));
}

#[test]
fn a_longer_file_goes_on_where_the_first_ended() {
    let whole = place(&format!("{DATA}ann,2026-03-05,9000,yes\nann,2026-03-06,9000,yes\n"));
    let at_once = play(&whole, &[]).exits(0);
    let parts = place(DATA);
    play(&parts, &[]).exits(0);
    parts.write("data.csv", "player,date,steps,meditated\nann,2026-03-04,1,no\nann,2026-03-05,9000,yes\nann,2026-03-06,9000,yes\nbob,2026-03-01,9,\n");
    let more = play(&parts, &[]).exits(0);
    assert!(more.out.contains("Played: 2 days reported, 1 played before."), "{}", more.out);
    assert!(more.out.contains("Left out: 1 day before the player's first day in the store."), "{}", more.out);
    let line = |ran: &Ran| ran.table().lines().find(|line| line.starts_with("ann")).unwrap().to_owned();
    assert_eq!(line(&at_once), line(&more));
}

#[test]
fn rows_may_come_in_any_order() {
    let sorted = play(&place(DATA), &[]).exits(0);
    let mut lines: Vec<&str> = DATA.lines().skip(1).collect();
    lines.reverse();
    lines.swap(0, 2);
    let shuffled = play(&place(&format!("player,date,steps,meditated\n{}\n", lines.join("\n"))), &[]).exits(0);
    assert_eq!(sorted.table(), shuffled.table());
    // Columns too, and lines that end as Windows ends them.
    let columns: Vec<String> = DATA
        .lines()
        .map(|line| {
            let cells: Vec<&str> = line.split(',').collect();
            format!("{},{},\"{}\",{}\r\n", cells[3], cells[2], cells[0], cells[1])
        })
        .collect();
    let turned = play(&place(&format!("\u{feff}{}", columns.concat())), &[]).exits(0);
    assert_eq!(sorted.table(), turned.table());
}

#[test]
fn of_the_same_day_the_later_row_counts() {
    let place = place(&format!("{DATA}bob,2026-03-02,9000,yes\n"));
    let ran = play(&place, &[]).exits(0);
    let said =
        "Replaced: 1 row by a later row of the same player and date, first line 5 by line 7 (player bob, 2026-03-02).";
    assert!(ran.out.contains(said), "{}", ran.out);
    let answer = place.json(&["play", "data.csv"]);
    assert_eq!(player(&answer, "bob")["perfect_days"], 1);
    assert_eq!(answer["rows"]["replaced"], 1);
}

#[test]
fn columns_that_no_rule_reads_are_named_once() {
    let wide: String = DATA
        .lines()
        .enumerate()
        .map(|(i, line)| format!("{line},{}\n", if i == 0 { "mood,heart_rate" } else { "fine,oops" }))
        .collect();
    let ran = play(&place(&wide), &[]).exits(0);
    assert_eq!(ran.out.matches("mood").count(), 1);
    assert!(ran.out.contains("Ignored: mood and heart_rate; no rule reads them."), "{}", ran.out);
    assert_eq!(ran.table(), play(&place(DATA), &[]).exits(0).table());
}

#[test]
fn an_empty_cell_is_not_zero() {
    let rules = RULES.replace(r#"op: ">=", value: 8000"#, r#"op: "<=", value: 8000"#);
    let place = place("player,date,steps,meditated\nann,2026-03-02,,yes\nbob,2026-03-02,0,yes\ncy,2026-03-02,,\n");
    place.write("rules.yaml", &rules);
    let ran = play(&place, &["--json"]).exits(0);
    let answer = ran.json();
    let done = |id: &str| player(&answer, id)["quests_completed"].as_u64();
    assert_eq!((done("ann"), done("bob"), done("cy")), (Some(1), Some(2), Some(0)));
    assert_eq!((answer["rows"]["reported"].as_u64(), answer["rows"]["empty"].as_u64()), (Some(2), Some(1)));
}

#[test]
fn a_tracker_in_a_drawer_measures_nothing() {
    let data = "player,date,steps,meditated,still\nann,2026-03-02,0,,1440\nann,2026-03-03,0,,700\n";
    let drawer = r#"{"type":"compound","logic":"AND","requirements":[
        {"type":"numeric","metric":"steps","op":"==","value":0},{"type":"numeric","metric":"still","op":">=","value":1440}]}"#;
    let place = place(data);
    let answer = play(&place, &["--not-worn", drawer, "--json"]).exits(0).json();
    assert_eq!((answer["rows"]["not_worn"].as_u64(), answer["rows"]["reported"].as_u64()), (Some(1), Some(1)));
    // The option's column is read, though no rule does; the store is told nothing of it.
    assert_eq!(answer["rows"]["ignored_columns"], serde_json::json!([]));
    assert_eq!(answer["rows"]["metrics"], serde_json::json!(["steps", "meditated"]));
    let told = place.run(&["timeline", "ann"]).exits(0).out;
    assert!(
        told.contains("Not done: Walk and Sit; nothing was reported.")
            && told.contains("Not done: Walk: 0 of 8,000 steps"),
        "{told}"
    );

    let again = Place::new();
    again.write("rules.yaml", RULES);
    again.write("data.csv", data);
    again.write("drawer.json", drawer);
    let from_file = play(&again, &["--unless", "@drawer.json", "--json"]).exits(0).json();
    assert_eq!(from_file["rows"]["not_worn"], 1);
}

#[test]
fn a_wrong_requirement_is_a_wrong_command_line() {
    let place = place(DATA);
    let ran = play(&place, &["--not-worn", r#"{"type":"numeric","metric":"steps","op":"=>","value":0}"#]).exits(2);
    assert!(
        ran.err.contains("--not-worn:1:") && ran.err.contains("unknown operator") && ran.err.contains("hint: "),
        "{}",
        ran.err
    );
    let unknown = play(&place, &["--not-worn", r#"{"type":"numeric","metric":"still","op":"==","value":0}"#]).exits(2);
    assert!(unknown.err.contains(r#"there is no column "still""#), "{}", unknown.err);
    let kind = play(&place, &["--not-worn", r#"{"type":"boolean","metric":"steps","value":true}"#, "--json"]).exits(2);
    assert_eq!(kind.error()["code"], "METRIC_KIND");
    play(&place, &["--not-worn", "@nowhere.json"]).exits(3);
    assert!(!place.path("test.db").exists(), "nothing was half done");
}

#[test]
fn bosses_can_be_left_alone() {
    let place = place(DATA);
    let answer = play(&place, &["--no-bosses", "--json"]).exits(0).json();
    assert_eq!(answer["totals"]["bosses_beaten"], 0);
}

#[test]
fn the_answer_has_the_documented_fields() {
    let place = place(DATA);
    let answer = play(&place, &["--json"]).exits(0).json();
    let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>().join(" ");
    assert_eq!(keys(&answer), "ledger players rows seasons seconds totals");
    assert_eq!(
        keys(&answer["players"][0]),
        "bosses_beaten days debuffs level longest_streak perfect_days player quests_completed rarest_title titles total_xp"
    );
    assert_eq!(
        keys(&answer["totals"]),
        "bosses_beaten days debuffs highest_level longest_streak perfect_days players quests_completed titles total_xp"
    );
    assert_eq!(
        keys(&answer["rows"]),
        "already_played before_start days empty first_day ignored_columns last_day metrics new_players not_worn replaced \
         reported ruleset_changed"
    );
    assert_eq!(keys(&answer["ledger"]), "events failures players sound unsealed");
}
