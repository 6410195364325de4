//! Whole documents: the same in every format, in canonical form and back, and faulty in many ways at once.
#![allow(clippy::unwrap_used)] // what a test expects

use levelkit::ruleset::{Document, Format, canonical, hash, read_document};
use proptest::prelude::*;

const JSON: &str = include_str!("rulesets/full.json");
#[cfg(feature = "yaml")]
const YAML: &str = include_str!("rulesets/full.yaml");
#[cfg(feature = "toml")]
const TOML: &str = include_str!("rulesets/full.toml");

fn full() -> Document {
    read_document(JSON, Format::Json).unwrap()
}

#[cfg(feature = "yaml")]
#[test]
fn yaml_says_the_same_as_json() {
    assert_eq!(read_document(YAML, Format::Yaml).unwrap(), full());
}

#[cfg(feature = "yaml")]
#[test]
fn json_is_yaml_too() {
    assert_eq!(read_document(JSON, Format::Yaml).unwrap(), full());
}

#[cfg(feature = "toml")]
#[test]
fn toml_says_the_same_as_json() {
    assert_eq!(read_document(TOML, Format::Toml).unwrap(), full());
}

#[test]
fn the_canonical_form_reads_back_as_the_same_document() {
    let text = canonical(&full());
    let again = read_document(&text, Format::Json).unwrap();
    assert_eq!(again, full());
    assert_eq!(canonical(&again), text);
    assert_eq!(hash(&again), hash(&full()));
}

#[test]
fn the_canonical_form_is_spelled_in_one_way() {
    let text = canonical(&full());
    for part in [
        r#"{"bosses":[{"defeat_message":"Dust.""#,
        // Defaults, nulls, and factors as strings.
        r#""debuff":{"hours":24,"missed":2}"#,
        r#""season_id":null"#,
        r#""xp_multiplier":"1.5""#,
        r#""streak_tiers":[{"days":7,"multiplier":"1.1"},{"days":14,"multiplier":"1.15"}]"#,
        r#""partial_reward":{"threshold":4000,"xp":40}"#,
        // Phases by their number; an id of their own, or a derived one.
        r#""duration_days":3,"id":"hold","name":"Hold","phase_number":1"#,
        // Short forms as written.
        r#""requirements":{"dailyCompletionRate":0.8,"perfectDays":1}"#,
        r#""requirements":{"minLevel":3}"#,
        r#""requirements":{}"#,
        // Beyond 2^53-1.
        r#"{"count":"9007199254740993","quest":"walk","type":"CUMULATIVE_COUNT"}"#,
        r#""start_date":"2026-04-01T00:00:00.000000Z""#,
        r#""end_date":"2026-04-01T00:00:00.000000Z""#,
        r#""content":"Level {{level}} é 😀\nOnwards.""#,
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
}

#[test]
fn an_empty_ruleset_has_every_default() {
    let document = read_document(r#"{"format":"levelkit.ruleset/1"}"#, Format::Json).unwrap();
    assert_eq!(
        canonical(&document),
        concat!(
            r#"{"bosses":[],"curve":{"coefficients":["0","25","57.5"],"family":"polynomial","max_level":2147483647},"#,
            r#""day":{"day_start_hour":0,"grace_minutes":0},"debuff":{"hours":24,"missed":2},"dungeons":[],"#,
            r#""format":"levelkit.ruleset/1","metrics":{},"modifiers":{"bonus_order":["STREAK_BONUS","WEEKEND_BONUS","#,
            r#""SEASON_MULTIPLIER","TITLE_PASSIVE","DUNGEON_MULTIPLIER"],"debuff_multiplier":"0.9","max_multiplier":null,"#,
            r#""penalty_order":["STREAK_BONUS","WEEKEND_BONUS","SEASON_MULTIPLIER","TITLE_PASSIVE","DUNGEON_MULTIPLIER"],"#,
            r#""sources":{"BOSS_DEFEAT":"EARNED","DUNGEON_CLEAR":"EARNED","MANUAL_ADJUSTMENT":"GRANTED","#,
            r#""QUEST_COMPLETION":"EARNED","SEASON_BONUS":"GRANTED","STREAK_BONUS":"GRANTED","TITLE_BONUS":"GRANTED"},"#,
            r#""stacking":"SEQUENTIAL","streak_tiers":[{"days":7,"multiplier":"1.1"},{"days":14,"multiplier":"1.15"},"#,
            r#"{"days":30,"multiplier":"1.25"}],"weekend_multiplier":"1.1"},"narratives":[],"quests":[],"seasons":[],"#,
            r#""streak":{"allowed_misses":1},"titles":[]}"#,
        )
    );
    let digest: String = hash(&document).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(digest, "dddff77159ebfb606f777b21c5cb2d1fa79d15886b9c3d0e6fdfdd13b4139b20");
    assert_eq!(document, Document::default());
}

/// Fourteen faults of fourteen codes.
const MANY_FAULTS: &str = r#"{
  "format": "levelkit.ruleset/2",
  "metrics": {"Steps": {"kind": "numeric"}},
  "modifiers": {"stacking": "TRIPLE", "weekend_multiplier": -1},
  "quests": [
    {
      "id": "walk", "name": "Walk", "type": "DAILY", "category": "MOVEMENT",
      "requirements": {"type": "compound", "logic": "AND", "requirements": [
        {"type": "numeric", "metric": "steps", "op": ">=", "value": 1},
        {"type": "numeric", "metric": "steps", "op": "=>", "value": 1},
        {"type": "boolean", "metric": "steps", "value": true}
      ]},
      "base_xp": 100.5, "season_id": "nowhere",
      "base_xp": 1
    },
    {
      "id": "walk", "name": "a\u0000b", "description": "", "type": "DAILY", "category": "MOVEMENT", "colour": "red",
      "requirements": {"type": "between", "metric": "steps", "min": 2, "max": 1}, "base_xp": 1
    }
  ]
}"#;

#[test]
fn many_faults_are_reported_together() {
    let errors = read_document(MANY_FAULTS, Format::Json).unwrap_err();
    let found: Vec<_> =
        errors.0.iter().map(|error| format!("{}:{} {} {}", error.line, error.column, error.code, error.path)).collect();
    assert_eq!(
        found,
        [
            "2:13 INVALID_FORMAT format",
            "3:15 INVALID_METRIC metrics.Steps",
            "4:29 UNKNOWN_VALUE modifiers.stacking",
            "4:61 INVALID_MULTIPLIER modifiers.weekend_multiplier",
            "6:5 MISSING_FIELD quests[0].description",
            "10:54 UNKNOWN_VALUE quests[0].requirements.requirements[1].op",
            "11:39 METRIC_KIND quests[0].requirements.requirements[2].metric",
            "13:18 WRONG_TYPE quests[0].base_xp",
            "13:38 UNKNOWN_REFERENCE quests[0].season_id",
            "14:7 DUPLICATE_KEY quests[0].base_xp",
            "17:13 DUPLICATE_ID quests[1].id",
            "17:29 INVALID_TEXT quests[1].name",
            "17:101 UNKNOWN_FIELD quests[1].colour",
            "18:69 OUT_OF_RANGE quests[1].requirements.min",
        ]
    );
    let text = errors.to_string();
    let line = r#"10:54: quests[0].requirements.requirements[1].op: unknown operator "=>"; expected one of >=, <=, >, <, ==, !="#;
    assert!(text.lines().any(|found| found == line), "{text}");
}

/// The same fault has the same path in every format.
#[test]
fn paths_are_the_same_in_every_format() {
    let texts = [
        (Format::Json, JSON.replace("\"AGI\"", "\"LUCK\"")),
        #[cfg(feature = "yaml")]
        (Format::Yaml, YAML.replace("stat_affected: AGI", "stat_affected: LUCK")),
        #[cfg(feature = "toml")]
        (Format::Toml, TOML.replace("\"AGI\"", "\"LUCK\"")),
    ];
    for (format, text) in texts {
        let errors = read_document(&text, format).unwrap_err();
        let [error] = errors.0.as_slice() else { panic!("{errors}") };
        assert_eq!((error.path.as_str(), error.code.as_str()), ("quests[0].stat_affected", "UNKNOWN_VALUE"));
        let line = text.lines().position(|line| line.contains("LUCK")).unwrap();
        assert_eq!(error.line as usize, line + 1, "{format:?}");
        assert_eq!(error.message, "unknown stat \"LUCK\"; expected one of STR, AGI, VIT, DISC");
    }
}

fn texts() -> Vec<(Format, &'static str)> {
    vec![
        (Format::Json, JSON),
        (Format::Json, MANY_FAULTS),
        #[cfg(feature = "yaml")]
        (Format::Yaml, YAML),
        #[cfg(feature = "toml")]
        (Format::Toml, TOML),
    ]
}

fn mutated(text: &str, cuts: &[(prop::sample::Index, prop::sample::Index, Vec<u8>)]) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    for (start, length, piece) in cuts {
        let start = start.index(bytes.len() + 1);
        let end = (start + length.index(8)).min(bytes.len());
        bytes.splice(start..end, piece.iter().copied());
    }
    bytes
}

fn pieces() -> impl Strategy<Value = Vec<u8>> {
    let words = prop::sample::select(vec![
        "{", "}", "[", "]", ",", ":", "\"", "\\", "'", "=", ".", "\n", "\n\n", "  ", "- ", "? ", ": ", "&a ", "*a",
        "!!str ", "---\n", "...", "|\n", ">-\n", "#", "\t", "[[a]]\n", "[a.b]\n", "null", "true", "1e999", "-0",
        "\\ud800", "0x", "é", "\u{0}", "~", "%",
    ]);
    prop_oneof![words.prop_map(|word| word.as_bytes().to_vec()), prop::collection::vec(any::<u8>(), 0..4)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        for (format, _) in texts() {
            let _ = read_document(&bytes, format);
        }
    }

    #[test]
    fn random_syntax_never_panics(pieces in prop::collection::vec(pieces(), 0..40)) {
        let bytes = pieces.concat();
        for (format, _) in texts() {
            let _ = read_document(&bytes, format);
        }
    }

    #[test]
    fn mutated_documents_are_read_or_refused(
        which in any::<prop::sample::Index>(),
        cuts in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), pieces()), 1..4),
    ) {
        let texts = texts();
        let (format, text) = *which.get(&texts);
        match read_document(mutated(text, &cuts), format) {
            Ok(document) => {
                let canonical = canonical(&document);
                prop_assert_eq!(read_document(&canonical, Format::Json), Ok(document));
            }
            Err(errors) => {
                prop_assert!(!errors.0.is_empty());
                prop_assert!(errors.0.is_sorted_by_key(|error| (error.line, error.column)));
            }
        }
    }
}
