//! `levelkit check`.

use crate::support::{Place, RULES, example, snapshot};

const FAULTY: &str = r#"format: levelkit.ruleset/1
quests:
  - id: walk
    name: Walk
    description: "8,000 steps"
    type: DAILY
    category: MOVEMENT
    base_xp: lots
    requirements: { type: numeric, metric: steps, op: "=>", value: 8000 }
  - id: walk
    name: Walk again
    description: More of it
    type: DAYLY
    category: MOVEMENT
    base_xp: 10
    reward: 5
    requirements: { type: numeric, metric: steps, op: ">=", value: 8000 }
"#;

#[test]
fn a_sound_ruleset_is_praised_shortly() {
    let place = Place::new();
    place.write("rules.yaml", RULES);
    let ran = place.run(&["check", "rules.yaml"]).exits(0);
    assert!(
        ran.out.starts_with("ok rules.yaml is sound: 3 quests (2 of them core), 1 title and 1 boss.\nhash "),
        "{}",
        ran.out
    );
    let json = place.json(&["check", "rules.yaml"]);
    assert_eq!(json["sound"], true);
    assert_eq!(json["counts"]["core_quests"], 2);
    assert_eq!(json["errors"], serde_json::json!([]));
    assert!(ran.out.contains(json["hash"].as_str().unwrap()));
}

#[test]
fn every_fault_has_path_place_code_and_excerpt() {
    let place = Place::new();
    place.write("faulty.yaml", FAULTY);
    let ran = place.run(&["check", "faulty.yaml"]).exits(1);
    snapshot("check.txt", &ran.out);
    let json = place.run(&["check", "faulty.yaml", "--json"]).exits(1).json();
    assert_eq!(json["sound"], false);
    let errors = json["errors"].as_array().unwrap();
    let operator = errors.iter().find(|error| error["path"] == "quests[0].requirements.op").unwrap();
    assert_eq!(operator["code"], "UNKNOWN_VALUE");
    assert_eq!((operator["line"].as_u64(), operator["column"].as_u64()), (Some(9), Some(55)));
    let codes: Vec<&str> = errors.iter().map(|error| error["code"].as_str().unwrap()).collect();
    for code in ["WRONG_TYPE", "UNKNOWN_VALUE", "DUPLICATE_ID", "UNKNOWN_FIELD"] {
        assert!(codes.contains(&code), "{code} among {codes:?}");
    }
}

#[test]
fn a_text_that_is_no_document_has_one_fault() {
    let place = Place::new();
    place.write("broken.json", "{\"format\": ");
    let ran = place.run(&["check", "broken.json"]).exits(1);
    assert!(ran.out.contains("INVALID_JSON"), "{}", ran.out);
    assert!(ran.out.contains("--> broken.json:1:"), "{}", ran.out);
}

#[test]
fn a_file_that_cannot_be_read_is_no_answer() {
    let place = Place::new();
    let ran = place.run(&["check", "nowhere.yaml"]).exits(3);
    assert!(ran.out.is_empty());
    assert!(ran.err.contains("nowhere.yaml cannot be read") && ran.err.contains("hint: check the path"), "{}", ran.err);
    place.write("rules.ini", "");
    let error = place.run(&["check", "rules.ini", "--json"]).exits(3).error();
    assert_eq!(error["code"], "FILE");
    assert_eq!(error["hint"], "name it .json, .yaml, .yml or .toml");
}

#[test]
fn the_example_is_sound() {
    Place::new().run(&["check", &example("rulesets/fitbit.yaml")]).exits(0);
}

#[test]
fn the_schema_is_json() {
    let place = Place::new();
    let plain = place.run(&["schema"]).exits(0);
    assert!(plain.json()["properties"]["quests"].is_object(), "{}", plain.out);
    assert_eq!(plain.out, place.run(&["schema", "--json"]).exits(0).out);
}
