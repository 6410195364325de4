//! `migrate`, `import`, `export`, `verify`: the store.

use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, SqliteConnection};

use crate::support::{Place, RULES};

#[test]
fn migrating_twice_changes_nothing() {
    let place = Place::new();
    let first = place.json(&["migrate"]);
    assert_eq!(first["from"], 0);
    assert!(first["to"].as_i64().unwrap() >= 1 && !first["applied"].as_array().unwrap().is_empty());
    let again = place.run(&["migrate"]).exits(0);
    assert!(again.out.contains("already; nothing was changed"), "{}", again.out);
    assert_eq!(place.json(&["migrate"])["applied"], serde_json::json!([]));
}

#[test]
fn tables_are_taken_away_only_on_purpose() {
    let place = Place::played();
    let asked = place.run(&["migrate", "--down"]).exits(2);
    assert!(asked.err.contains("cannot be undone [USAGE]") && asked.err.contains("hint: add --yes"), "{}", asked.err);
    assert_eq!(place.run(&["migrate", "--down", "--json"]).exits(2).error()["code"], "USAGE");
    assert_eq!(place.json(&["player"])["players"].as_array().unwrap().len(), 2);
    place.run(&["migrate", "--yes"]).exits(2);
    assert_eq!(place.json(&["migrate", "--down", "--yes"])["to"], 0);
    assert!(place.run(&["player"]).exits(4).err.contains("[NOT_MIGRATED]"));
}

#[test]
fn an_export_is_what_was_imported() {
    let place = Place::new();
    place.write("rules.yaml", RULES);
    place.run(&["migrate"]).exits(0);
    let imported = place.json(&["import", "rules.yaml"]);
    assert_eq!(imported["changed"], true);
    let again = place.run(&["import", "rules.yaml"]).exits(0);
    assert!(again.out.contains("was in force already; nothing was changed"), "{}", again.out);

    let exported = place.run(&["export"]).exits(0);
    assert!(exported.out.starts_with('{') && exported.out.lines().count() == 1);
    let written = place.json(&["export", "--pretty", "--output", "out.json"]);
    assert_eq!(written["hash"], imported["hash"]);
    assert!(std::fs::read_to_string(place.path("out.json")).unwrap().lines().count() > 50);
    let same = place.json(&["import", "out.json"]);
    assert_eq!((&same["hash"], &same["changed"]), (&imported["hash"], &serde_json::json!(false)));
    let failed = place.run(&["export", "--output", "no/such/folder.json"]).exits(3);
    assert!(failed.err.contains("cannot be written"), "{}", failed.err);
}

#[test]
fn a_faulty_ruleset_is_not_imported() {
    let place = Place::new();
    place.run(&["migrate"]).exits(0);
    place.write("faulty.json", r#"{"format":"levelkit.ruleset/1","quests":5}"#);
    let ran = place.run(&["import", "faulty.json"]).exits(3);
    assert!(ran.out.is_empty());
    assert!(ran.err.contains("--> faulty.json:1:") && ran.err.contains("[INVALID_RULESET]"), "{}", ran.err);
    let error = place.run(&["import", "faulty.json", "--json"]).exits(3).error();
    assert_eq!(error["errors"][0]["path"], "quests");
    let none = place.run(&["export"]).exits(4);
    assert!(none.err.contains("[NO_RULESET]") && none.err.contains("hint: put a ruleset in force"), "{}", none.err);
}

#[test]
fn a_store_that_is_not_there_is_not_made_by_a_question() {
    let place = Place::new();
    for args in [&["player"][..], &["timeline", "ann"], &["verify"], &["export"], &["play", "data.csv"]] {
        let ran = place.run(args).exits(4);
        assert!(
            ran.err.contains("[STORE_MISSING]") && ran.err.contains("hint: check --db and LEVELKIT_DB"),
            "{}",
            ran.err
        );
    }
    assert!(!place.path("test.db").exists());
    let error = place.run(&["verify", "--db", "nonsense", "--json"]).exits(4).error();
    assert_eq!(error["code"], "INVALID_URL");
    place.write("text.db", &"no database, whatever its name says. ".repeat(50));
    let ran = place.run(&["verify", "--db", "sqlite:text.db"]).exits(4);
    assert!(ran.err.contains("[NOT_A_DATABASE]"), "{}", ran.err);
}

#[test]
fn a_sound_ledger_verifies() {
    let place = Place::played();
    let ran = place.run(&["verify"]).exits(0);
    assert!(ran.out.contains("of 2 players verified one by one, all sound."), "{}", ran.out);
    let one = place.json(&["verify", "ann"]);
    assert_eq!((one["sound"].as_bool(), one["players"].as_u64()), (Some(true), Some(1)));
    assert!(one["events"].as_u64().unwrap() > 3);
    place.run(&["verify", "nobody"]).exits(5);
}

#[test]
fn a_user_who_becomes_a_player_keeps_what_they_have() {
    let place = Place::new();
    place.write("rules.yaml", RULES);
    place.run(&["migrate"]).exits(0);
    let mut database = SqliteConnection::establish(&place.path("test.db").display().to_string()).unwrap();
    let legacy = "INSERT INTO users (id, email, timezone, level, total_xp) VALUES ('ann', 'a@x.org', 'Asia/Tokyo', 3, 1700);
        INSERT INTO xp_events (id, user_id, event_source, base_xp, final_xp, total_xp_before, total_xp_after, level_before, \
        level_after, event_hash, created_at) VALUES ('e', 'ann', 'QUEST_COMPLETION', 700, 700, 0, 700, 1, 3, 'none', 5)";
    database.batch_execute(legacy).unwrap();
    drop(database);
    place.write("data.csv", "player,date,steps\nann,2026-03-02,100\nbob,2026-03-02,100\n");
    let played = place.run(&["play", "data.csv", "--rules", "rules.yaml"]).exits(0);
    let unsealed = "UNSEALED: 1 XP event of 1 player from before levelkit took over, 700 XP of 1,700 in all.";
    assert!(played.out.contains(unsealed), "{}", played.out);
    assert_eq!(place.json(&["player", "ann"])["timezone"], "Asia/Tokyo");
    assert_eq!(place.json(&["player", "bob"])["timezone"], "UTC");
    assert!(place.run(&["verify"]).exits(0).out.contains(unsealed));
    let found = serde_json::json!({"players": 1, "events": 1, "xp": 700, "total_xp": 1700});
    assert_eq!(place.json(&["verify", "ann"])["unsealed"], found);
    assert_eq!(place.json(&["verify", "bob"])["unsealed"], serde_json::Value::Null);
}

#[test]
fn a_changed_event_is_found_and_named() {
    let place = Place::played();
    let mut database = SqliteConnection::establish(&place.path("test.db").display().to_string()).unwrap();
    let change = "UPDATE xp_events SET final_xp = final_xp + 1, total_xp_after = total_xp_after + 1 WHERE user_id = 'ann' \
                  AND total_xp_before = 0";
    assert!(database.batch_execute(change).is_err(), "the database itself refuses");
    database.batch_execute(&format!("DROP TRIGGER levelkit_xp_events_no_update; {change}")).unwrap();
    drop(database);
    let ran = place.run(&["verify"]).exits(1);
    assert!(ran.out.contains("1 ledger not sound, of 2 players"), "{}", ran.out);
    assert!(ran.out.contains("HASH ann: event 0 (") && ran.out.contains("expected "), "{}", ran.out);
    let json = place.run(&["verify", "--json"]).exits(1).json();
    assert_eq!(json["sound"], false);
    assert_eq!(json["failures"][0]["player"], "ann");
    assert_eq!(json["failures"][0]["failure"]["kind"], "HASH");
    place.run(&["verify", "bob"]).exits(0);
    // Playing verifies too, and says so.
    let played = place.run(&["play", "data.csv"]).exits(1);
    assert!(played.out.contains("1 ledger not sound"), "{}", played.out);
}
