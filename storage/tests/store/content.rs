//! Rulesets: into the tables, out again, and changed while players live.

use levelkit::Command;
use serde_json::json;

use crate::backend::Backend;
use crate::world::{BEGIN, at, changed_document, document, minutes, populated, report, ruleset};

pub(crate) fn an_export_is_what_was_imported<B: Backend>() {
    let backend = B::new();
    let store = backend.store();
    assert_eq!(store.export_ruleset().unwrap_err().code(), "NO_RULESET");
    assert_eq!(store.ruleset().unwrap_err().code(), "NO_RULESET");
    let documents = [json!({"format": "levelkit.ruleset/1"}), document(), changed_document(), document()];
    for (minute, document) in documents.iter().enumerate() {
        let ruleset = ruleset(document);
        let imported = store.import_ruleset(&ruleset, minutes(minute as i64)).unwrap();
        assert_eq!((imported.hash, imported.changed), (ruleset.hash(), true));
        assert_eq!(store.export_ruleset().unwrap(), ruleset.canonical());
        assert_eq!(store.ruleset().unwrap().hash(), ruleset.hash());
    }
}

pub(crate) fn an_import_counts_versions<B: Backend>() {
    let (backend, store) = populated::<B>();
    let versions = || backend.lines("SELECT key || ' ' || version AS line FROM game_configs ORDER BY key");
    let sections = "bosses curve day debuff dungeons format metrics modifiers narratives quests seasons streak titles";
    let expected = |changed: &[&str]| -> Vec<String> {
        let version = |section: &str| if changed.contains(&section) { 2 } else { 1 };
        sections.split(' ').map(|section| format!("levelkit.{section} {}", version(section))).collect()
    };
    assert_eq!(versions(), expected(&[]));
    assert!(!store.import_ruleset(&ruleset(&document()), at(BEGIN)).unwrap().changed);
    assert_eq!(versions(), expected(&[]));
    store.import_ruleset(&ruleset(&changed_document()), at(BEGIN)).unwrap();
    // A quest's own column stands in its table; the order of quests is a setting.
    assert_eq!(versions(), expected(&["day", "quests", "streak"]));
}

pub(crate) fn content_out_of_force_stays<B: Backend>() {
    let (backend, store) = populated::<B>();
    store.execute("p1", minutes(0), &report(&[("sleep.hours", 7.0)])).unwrap();
    store.import_ruleset(&ruleset(&changed_document()), minutes(1)).unwrap();
    let ids = backend.lines("SELECT id AS line FROM quest_templates ORDER BY id");
    assert_eq!(ids, ["focus", "lift", "marathon", "read", "sleep", "torch", "walk"]);
    assert!(!store.export_ruleset().unwrap().contains("\"sleep\""));
}

pub(crate) fn unique_names_change_hands<B: Backend>() {
    let (_backend, store) = populated::<B>();
    let mut swapped = document();
    swapped["titles"][0]["name"] = json!("Steady");
    swapped["titles"][1]["name"] = json!("Newborn");
    swapped["titles"][2]["id"] = json!("wanderer");
    swapped["seasons"][0]["number"] = json!(2);
    swapped["seasons"][1]["number"] = json!(1);
    swapped["bosses"][0]["id"] = json!("troll");
    swapped["bosses"][0]["phases"][0]["id"] = json!("ogre-2");
    swapped["bosses"][0]["phases"][1]["id"] = json!("ogre-1");
    swapped["narratives"][0]["id"] = json!("ho");
    for document in [&swapped, &document(), &swapped] {
        let ruleset = ruleset(document);
        store.import_ruleset(&ruleset, at(BEGIN)).unwrap();
        assert_eq!(store.export_ruleset().unwrap(), ruleset.canonical());
    }
}

pub(crate) fn a_ruleset_changes_mid_life<B: Backend>() {
    let (backend, store) = populated::<B>();
    store.execute("p1", minutes(0), &Command::StartBoss { boss: "ogre".into() }).unwrap();
    store.import_ruleset(&ruleset(&changed_document()), minutes(10)).unwrap();
    // The open day goes on under the ruleset that opened it: 100 XP, and spring's 1.2.
    store.execute("p1", minutes(20), &report(&[("steps", 9000.0)])).unwrap();
    assert_eq!(store.state("p1").unwrap().state.total_xp, 120);
    store.execute("p1", minutes(26 * 60), &report(&[("steps", 9000.0)])).unwrap();
    let rules = backend.lines(
        "SELECT DISTINCT day_date || ' ' || substr(json_extract(progress, '$.rules'), 1, 8) AS line FROM quest_logs \
         WHERE template_id = 'walk' ORDER BY 1",
    );
    let short = |document: serde_json::Value| ruleset(&document).hash().to_string()[..8].to_owned();
    assert_eq!(
        rules,
        [format!("2026-03-02 {}", short(document())), format!("2026-03-03 {}", short(changed_document()))]
    );
    // Another store, which has seen nothing of this, loads what it needs.
    let other = backend.store();
    other.execute("p1", minutes(3 * 1440), &Command::Advance {}).unwrap();
    assert!(other.verify("p1").unwrap().verification.is_sound());
}

pub(crate) fn edited_tables_are_exported<B: Backend>() {
    let (backend, store) = populated::<B>();
    backend.run("UPDATE quest_templates SET base_xp = 111 WHERE id = 'walk'").unwrap();
    let mut edited = document();
    edited["quests"][0]["base_xp"] = json!(111);
    assert_eq!(store.export_ruleset().unwrap(), ruleset(&edited).canonical());
    assert_eq!(store.ruleset().unwrap().hash(), ruleset(&document()).hash());
    backend.run("UPDATE quest_templates SET base_xp = -1 WHERE id = 'walk'").unwrap();
    assert_eq!(store.export_ruleset().unwrap_err().code(), "INVALID_RULESET");
    // Importing the ruleset in force again sets its tables right.
    assert!(!store.import_ruleset(&ruleset(&document()), at(BEGIN)).unwrap().changed);
    assert_eq!(store.export_ruleset().unwrap(), ruleset(&document()).canonical());
}
