//! Values at the edge of what they may be, and what is said of them.
#![allow(clippy::unwrap_used)] // what a test expects

use levelkit::modifier::AwardContext;
use levelkit::ruleset::{Format, RulesetErrorCode as Code, canonical, read_document};
use levelkit::{
    Day, Explanation, IdKind, MetricValue, Metrics, ModifierStack, Multiplier, Refusal, Requirement, Source, Xp,
};

fn xp(json: &str) -> Result<i64, String> {
    serde_json::from_str::<Xp>(json).map(|xp| xp.0).map_err(|error| error.to_string())
}

#[test]
fn xp_is_read_from_whatever_holds_an_integer() {
    assert_eq!((xp("72"), xp("72.0"), xp("\"-72\"")), (Ok(72), Ok(72), Ok(-72)));
    assert_eq!(xp("9007199254740991.0"), Ok(9_007_199_254_740_991));
    let json = |xp: i64| serde_json::to_string(&Xp(xp)).unwrap();
    // What no reader of doubles can take for its neighbour is a number; one more is a string.
    assert_eq!((json((1 << 53) - 1), json(1 - (1 << 53))), ("9007199254740991".into(), "-9007199254740991".into()));
    assert_eq!((json(1 << 53), json(-(1 << 53))), ("\"9007199254740992\"".into(), "\"-9007199254740992\"".into()));
    for wrong in ["72.5", "9007199254740993e3", "1e300", "true", "\"72.0\""] {
        assert!(xp(wrong).unwrap_err().contains("a 64-bit integer or its decimal string"), "{wrong}");
    }
}

#[test]
fn days_and_factors_are_read_or_refused() {
    for wrong in ["", "2026", "2026/03/02", "2026-03/02", "20260302ab", "2026-3-002", "2026-02-29"] {
        assert!(wrong.parse::<Day>().is_err(), "{wrong}");
    }
    assert_eq!(Multiplier::from_real(1.1).map(|factor| factor.to_string()).as_deref(), Some("1.1"));
    assert_eq!((Multiplier::from_real(-1.0), Multiplier::from_real(f32::NAN)), (None, None));
    let wrong = serde_json::from_str::<Multiplier>("true").unwrap_err().to_string();
    assert!(wrong.contains("expected ") && wrong.contains("decimal"), "{wrong}");
}

#[test]
fn what_is_unknown_is_named() {
    let refusal = Refusal::UnknownId { kind: IdKind::Season, id: "autumn".into() };
    assert!(refusal.to_string().contains("season"), "{refusal}");
    assert_eq!(IdKind::Season.to_string(), "season");
}

#[test]
fn metrics_are_collected_and_explained() {
    let metrics: Metrics = [("steps".to_owned(), MetricValue::Number(5.0))].into_iter().collect();
    assert_eq!(metrics, Metrics::from([("steps", 5.0.into())]));
    let requirement = Requirement::Numeric { metric: "steps".into(), op: levelkit::Operator::AtLeast, value: 10.0 };
    let explanation: Explanation = requirement.explain(&metrics).unwrap();
    assert!((explanation.fraction() - 0.5).abs() < 1e-12);
}

#[test]
fn awards_are_the_same_if_all_of_them_is() {
    let stack = ModifierStack::default();
    let award = |base_xp, weekend| {
        stack.apply(base_xp, Source::QuestCompletion, &AwardContext { weekend, ..AwardContext::default() }).unwrap()
    };
    assert_eq!(award(100, true), award(100, true));
    assert_ne!(award(100, true), award(100, false));
    assert_ne!(award(100, false), award(101, false));
}

#[test]
fn formats_go_by_their_extensions() {
    assert_eq!(Format::from_extension("json"), Some(Format::Json));
    assert_eq!(Format::from_extension("JSON"), None);
    #[cfg(feature = "toml")]
    assert_eq!(Format::from_extension("toml"), Some(Format::Toml));
    #[cfg(feature = "yaml")]
    assert_eq!(Format::from_extension("yml"), Some(Format::Yaml));
}

fn with_value(value: &str) -> String {
    format!(
        r#"{{"format":"levelkit.ruleset/1","curve":{{"family":"polynomial","coefficients":[0,{value},1]}},"quests":[{{"id":"q","name":"",
        "description":"","type":"DAILY","category":"MOVEMENT","base_xp":1,
        "requirements":{{"type":"numeric","metric":"m","op":"==","value":{value}}}}}]}}"#
    )
}

#[test]
fn there_is_one_zero() {
    let [negative, zero] =
        ["-0.0", "0"].map(|value| canonical(&read_document(with_value(value), Format::Json).unwrap()));
    assert_eq!(negative, zero);
}

#[test]
fn a_number_that_is_very_long_is_not_said_again() {
    let long = "9".repeat(400);
    let errors = read_document(with_value(&long), Format::Json).unwrap_err();
    assert!(errors.0.iter().all(|error| !error.message.contains(&long)), "{errors}");
    assert!(errors.0.iter().any(|error| error.code == Code::OutOfRange), "{errors}");
}

#[test]
fn conditions_are_nested_only_so_deep() {
    let of = |depth: usize| {
        let open = r#"{"type":"COMPOUND","logic":"AND","conditions":["#.repeat(depth);
        let nested = format!(r#"{open}{{"type":"STREAK_DAYS","days":1}}{}"#, "]}".repeat(depth));
        let text = format!(
            r#"{{"format":"levelkit.ruleset/1","titles":[{{"id":"t","name":"t","description":"","system_message":"",
            "condition_type":"COMPOUND","condition_config":{{"logic":"AND","conditions":[{nested}]}}}}]}}"#
        );
        read_document(text, Format::Json).err().map(|errors| errors.0[0].code)
    };
    assert_eq!(of(10), None);
    assert_eq!(of(40), Some(Code::RulesetTooDeep));
}

#[cfg(feature = "yaml")]
#[test]
fn infinities_are_numbers_out_of_range() {
    for written in [".inf", "+.INF", "-.Inf"] {
        let errors = read_document(with_value(written), Format::Yaml).unwrap_err();
        assert!(errors.0.iter().any(|error| error.code == Code::OutOfRange), "{written}: {errors}");
    }
}

#[cfg(feature = "schema")]
#[test]
fn the_schema_says_what_may_be_left_out_and_how_integers_may_be_written() {
    let schema = levelkit::ruleset::schema().to_string();
    assert!(schema.contains(r#""default":2147483647"#));
    assert!(schema.contains(r#"["integer","string","null"]"#));
    for inlined in ["EventName", "TitleCondition\""] {
        assert!(!schema.contains(inlined), "{inlined}");
    }
    assert!(schema.contains("#/$defs/Regression\""));
}

#[cfg(feature = "uniffi")]
#[test]
fn errors_have_their_codes_and_hints_across_the_boundary() {
    use levelkit::LevelkitError;
    let refusal = Refusal::UnknownId { kind: IdKind::Season, id: "autumn".into() };
    assert_eq!(refusal.code_text(), "UNKNOWN_ID");
    assert_eq!(LevelkitError::from(refusal).code(), "UNKNOWN_ID");
    assert_eq!(LevelkitError::Internal { what: "x".into() }.hint(), None);
    let (code, what) = ("STORE_LOCKED".to_owned(), "locked".to_owned());
    let locked = LevelkitError::Store { code, what, hint: Some("try again".to_owned()), transient: true };
    assert_eq!((locked.code().as_str(), locked.hint().as_deref()), ("STORE_LOCKED", Some("try again")));
    assert!(locked.is_transient() && !LevelkitError::Internal { what: "x".into() }.is_transient());
}
