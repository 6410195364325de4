//! What each fault says. That every fault has the right path and code, the conformance vectors test.

use crate::ruleset::reader::Format;
use crate::ruleset::{RulesetErrors, parse_curve, parse_modifiers, parse_requirement, read_document};

fn said(errors: &RulesetErrors) -> Vec<String> {
    errors.0.iter().map(|error| format!("{} {error}", error.code)).collect()
}

fn check<T: std::fmt::Debug>(read: impl Fn(&str) -> Result<T, RulesetErrors>, cases: &[(&str, &[&str])]) {
    for (text, expected) in cases {
        assert_eq!(said(&read(text).unwrap_err()), *expected, "{text}");
    }
}

/// A document with one section.
fn section(name: &str, content: &str) -> Result<(), RulesetErrors> {
    let text = format!(r#"{{"format":"levelkit.ruleset/1","{name}":{content}}}"#);
    read_document(text, Format::Json).map(|_| ())
}

#[test]
fn requirements_say_what_was_expected() {
    check(
        |text| parse_requirement(text),
        &[
            ("[]", &["WRONG_TYPE expected an object, found a list"]),
            ("{}", &["MISSING_FIELD type: missing; this field is required"]),
            (
                r#"{"type":"number"}"#,
                &[
                    "UNKNOWN_VALUE type: unknown requirement type \"number\"; expected one of numeric, boolean, compound, not, between",
                ],
            ),
            (
                r#"{"type":"numeric","metric":"steps","op":"=>","value":"10","unit":"km"}"#,
                &[
                    "UNKNOWN_VALUE op: unknown operator \"=>\"; expected one of >=, <=, >, <, ==, !=",
                    "WRONG_TYPE value: expected a number, found a string",
                    "UNKNOWN_FIELD unit: unknown field \"unit\"; expected one of type, metric, op, value",
                ],
            ),
            (
                r#"{"type":"numeric","metric":"Steps","op":">=","value":1e999}"#,
                &[
                    "INVALID_METRIC metric: \"Steps\" is not a metric; expected [a-z][a-z0-9_.]{0,63}, a derived metric, or sum., max. or days. and a measured metric",
                    "OUT_OF_RANGE value: 1e999 is out of range; expected a 64-bit float",
                ],
            ),
            (
                r#"{"type":"boolean","metric":"level","value":1}"#,
                &[
                    "METRIC_KIND metric: \"level\" is numeric; expected a boolean metric",
                    "WRONG_TYPE value: expected true or false, found a number",
                ],
            ),
            (
                r#"{"type":"compound","logic":"XOR","requirements":[]}"#,
                &[
                    "UNKNOWN_VALUE logic: unknown logic \"XOR\"; expected one of AND, OR",
                    "OUT_OF_RANGE requirements: the list is empty; expected at least one requirement",
                ],
            ),
            (
                r#"{"type":"not","requirement":{"type":"between","metric":"m","min":2,"max":1}}"#,
                &["OUT_OF_RANGE requirement.min: 2 is more than max; expected at most 1"],
            ),
            (
                r#"{"type":"compound","logic":"OR","requirements":[{"type":"boolean","metric":"m","value":true},{"type":"numeric","metric":"sum.m","op":">","value":1}]}"#,
                &["METRIC_KIND requirements[1].metric: \"m\" is boolean; expected a numeric metric"],
            ),
        ],
    );
}

#[test]
fn a_requirement_alone_may_name_any_quest() {
    let text = r#"{"type":"numeric","metric":"completions.Walk-1","op":">=","value":3}"#;
    assert!(parse_requirement(text).is_ok());
    let quest =
        r#"[{"id":"q","name":"","description":"","type":"DAILY","category":"MOVEMENT","base_xp":1,"requirements":"#;
    let errors = section("quests", &format!("{quest}{text}}}]")).unwrap_err();
    assert_eq!(
        said(&errors),
        ["UNKNOWN_REFERENCE quests[0].requirements.metric: there is no quest \"Walk-1\"; expected the id of a quest"]
    );
}

/// 32 levels are allowed, 33 are not; 1,024 nodes are allowed, 1,025 are not.
#[test]
fn requirements_have_a_size() {
    let leaf = r#"{"type":"boolean","metric":"m","value":true}"#;
    let nested = |levels: usize| {
        format!("{}{leaf}{}", r#"{"type":"not","requirement":"#.repeat(levels - 1), "}".repeat(levels - 1))
    };
    let wide = |nodes: usize| {
        format!(r#"{{"type":"compound","logic":"OR","requirements":[{}]}}"#, vec![leaf; nodes - 1].join(","))
    };
    assert!(parse_requirement(nested(32)).is_ok());
    assert!(parse_requirement(wide(1_024)).is_ok());
    let too_deep = parse_requirement(nested(33)).unwrap_err();
    assert_eq!(said(&too_deep), ["RULESET_TOO_DEEP nested too deeply; expected at most 32 levels"]);
    let too_large = parse_requirement(wide(1_025)).unwrap_err();
    assert_eq!(said(&too_large), ["RULESET_TOO_LARGE too large; expected at most 1024 nodes"]);
}

#[test]
fn curves_say_what_was_expected() {
    check(
        |text| parse_curve(text),
        &[
            (
                r#"{"family":"power","base":"1.5","p":17}"#,
                &[
                    "WRONG_TYPE base: expected an integer or its decimal string, found \"1.5\"",
                    "OUT_OF_RANGE p: 17 is out of range; expected an integer from 0 to 16",
                ],
            ),
            (
                r#"{"family":"polynomial","coefficients":[-1,"1e3",true]}"#,
                &[
                    "INVALID_MULTIPLIER coefficients[0]: expected a number, or a string of digits with an optional point and one to six digits, like \"1.15\"; found -1",
                    "INVALID_MULTIPLIER coefficients[1]: expected a number, or a string of digits with an optional point and one to six digits, like \"1.15\"; found \"1e3\"",
                    "INVALID_MULTIPLIER coefficients[2]: expected a number, or a string of digits with an optional point and one to six digits, like \"1.15\"; found a boolean",
                ],
            ),
            (
                r#"{"family":"geometric","first":100,"ratio":0.5}"#,
                &["OUT_OF_RANGE ratio: 0.5 is out of range; expected at least 1"],
            ),
            (
                "{\"family\":\"table\",\"step\":1,\n\"thresholds\":[0,10,10,5]}",
                &[
                    "CURVE_NOT_INCREASING thresholds[2]: expected more than 10, not 10",
                    "CURVE_NOT_INCREASING thresholds[3]: expected more than 10, not 5",
                ],
            ),
            (
                r#"{"family":"polynomial","coefficients":[0]}"#,
                &["CURVE_NOT_INCREASING level 2 must need more XP than level 1"],
            ),
        ],
    );
    let errors = parse_curve("{\"family\":\"table\",\"step\":1,\n\"thresholds\":[0,10,10]}").unwrap_err();
    assert_eq!(errors.0.first().map(|error| (error.line, error.column)), Some((2, 20)));
}

#[test]
fn modifiers_say_what_was_expected() {
    check(
        |text| parse_modifiers(text),
        &[
            (
                r#"{"weekend_multiplier":16.000001,"debuff_multiplier":1.1,"max_multiplier":0.5}"#,
                &[
                    "INVALID_MULTIPLIER weekend_multiplier: a 32-bit float would make 16.000001 into 16.000002; expected a factor that survives it",
                    "OUT_OF_RANGE debuff_multiplier: 1.1 is out of range; expected 0 to 1",
                    "OUT_OF_RANGE max_multiplier: 0.5 is out of range; expected at least 1",
                ],
            ),
            (
                r#"{"bonus_order":["TITLE_PASSIVE","DEBUFF_PENALTY","TITLE_PASSIVE"],"penalty_order":["TITLE_PASSIVE"]}"#,
                &[
                    "UNKNOWN_VALUE bonus_order[1]: unknown modifier type \"DEBUFF_PENALTY\"; expected one of STREAK_BONUS, WEEKEND_BONUS, SEASON_MULTIPLIER, TITLE_PASSIVE, DUNGEON_MULTIPLIER",
                    "DUPLICATE_ID bonus_order[2]: \"TITLE_PASSIVE\" stands twice; expected it once",
                    "OUT_OF_RANGE penalty_order: 1 types; expected each of STREAK_BONUS, WEEKEND_BONUS, SEASON_MULTIPLIER, TITLE_PASSIVE, DUNGEON_MULTIPLIER",
                ],
            ),
            (
                r#"{"sources":{"LUCK":"EARNED"},"streak_tiers":[{"days":7,"multiplier":1},{"days":7,"multiplier":2}]}"#,
                &[
                    "UNKNOWN_VALUE sources.LUCK: unknown source \"LUCK\"; expected one of QUEST_COMPLETION, STREAK_BONUS, BOSS_DEFEAT, DUNGEON_CLEAR, SEASON_BONUS, TITLE_BONUS, MANUAL_ADJUSTMENT",
                    "DUPLICATE_ID streak_tiers[1].days: \"7\" is taken; expected a streak tier of its own",
                ],
            ),
        ],
    );
}

fn season(id: &str, number: i32, start: &str, end: &str) -> String {
    format!(
        r#"{{"id":"{id}","number":{number},"name":"","theme":"","description":"","start_date":"{start}","end_date":"{end}"}}"#
    )
}

#[test]
fn seasons_neither_overlap_nor_end_before_they_start() {
    let (march, april, may, june) =
        ("2026-03-01T00:00:00Z", "2026-04-01T00:00:00Z", "2026-05-01T00:00:00Z", "2026-06-01T00:00:00Z");
    let faults = |seasons: &[String]| match section("seasons", &format!("[{}]", seasons.join(","))) {
        Ok(()) => Vec::new(),
        Err(errors) => said(&errors),
    };
    let touching = [season("b", 2, april, may), season("a", 1, march, april)];
    assert_eq!(faults(&touching), Vec::<String>::new());
    // The later one is the one that starts later, wherever it stands.
    let overlapping = [season("late", 2, april, june), season("early", 1, march, may)];
    assert_eq!(
        faults(&overlapping),
        [
            "SEASON_OVERLAP seasons[0].start_date: season \"early\" runs until 2026-05-01T00:00:00.000000Z; expected no earlier start"
        ]
    );
    // A long season overlaps everything within it, not only the next one.
    let within = [season("a", 1, march, june), season("b", 2, march, april), season("c", 3, may, june)];
    assert_eq!(faults(&within).len(), 2);
    let backwards = [season("a", 1, april, april), season("b", 1, march, "soon")];
    assert_eq!(
        faults(&backwards),
        [
            "OUT_OF_RANGE seasons[0].end_date: 2026-04-01T00:00:00.000000Z is out of range; expected an instant after start_date, 2026-04-01T00:00:00.000000Z",
            "DUPLICATE_ID seasons[1].number: \"1\" is taken; expected a season number of its own",
            "WRONG_TYPE seasons[1].end_date: expected an RFC 3339 instant in the years 1 to 9999 with at most six digits after the second, like 2026-03-01T09:00:00Z; found \"soon\"",
        ]
    );
}

#[test]
fn titles_say_what_was_expected() {
    let title = |rest: &str| {
        let title = format!(r#"[{{"id":"t","name":"T","description":"","system_message":"",{rest}}}]"#);
        said(&section("titles", &title).unwrap_err())
    };
    let streak = r#""condition_type":"STREAK_DAYS","condition_config":{"days":7}"#;
    let cases: [(String, &[&str]); 7] = [
        (
            format!(r#"{streak},"passive_type":"STAT_BONUS","passive_value":1"#),
            &["MISSING_FIELD titles[0].condition_config.stat: missing; the passive STAT_BONUS needs it"],
        ),
        (
            format!(r#"{streak},"passive_type":"FLAT_XP_BONUS""#),
            &["MISSING_FIELD titles[0].passive_value: missing; passive_type needs it"],
        ),
        (
            format!(r#"{streak},"passive_value":1"#),
            &["MISSING_FIELD titles[0].passive_type: missing; passive_value needs it"],
        ),
        (
            format!(r#"{streak},"passive_type":"FLAT_XP_BONUS","passive_value":2.5"#),
            &[
                "OUT_OF_RANGE titles[0].passive_value: 2.5 is out of range for FLAT_XP_BONUS; expected a whole number from 0 to 16777216",
            ],
        ),
        (
            format!(r#"{streak},"passive_type":"PERCENT_XP_BONUS","passive_value":0.123456789"#),
            &[
                "OUT_OF_RANGE titles[0].passive_value: a 32-bit float would make 0.123456789 into 0.12345679; expected a number that survives it",
            ],
        ),
        (
            r#""condition_type":"CUMULATIVE_COUNT","condition_config":{"metric":"m","quest":"q","count":0}"#.into(),
            &[
                "UNKNOWN_REFERENCE titles[0].condition_config.quest: there is no quest \"q\"; expected the id of a quest",
                "OUT_OF_RANGE titles[0].condition_config.count: 0 is out of range; expected an integer of at least 1",
            ],
        ),
        (
            r#""condition_type":"TIME_WINDOW","condition_config":{"count":1,"days":7}"#.into(),
            &[
                "MISSING_FIELD titles[0].condition_config.metric: missing; metric or quest is required",
                "MISSING_FIELD titles[0].condition_config.window_days: missing; this field is required",
                "UNKNOWN_FIELD titles[0].condition_config.days: unknown field \"days\"; expected one of metric, quest, count, window_days, regression, stat",
            ],
        ),
    ];
    for (rest, expected) in cases {
        assert_eq!(title(&rest), expected, "{rest}");
    }
}

#[test]
fn a_key_cannot_command_a_terminal() {
    let errors = section("\\u001b[2J", "1").unwrap_err();
    assert_eq!(errors.0.first().map(|error| error.path.as_str()), Some("\u{1b}[2J"));
    assert!(
        errors.to_string().starts_with("1:32: \\u{1b}[2J: unknown field \"\\u{1b}[2J\"; expected one of format,"),
        "{errors}"
    );
}
