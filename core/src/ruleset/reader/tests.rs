//! What each format's texts mean, and where their faults lie.

use super::*;

/// A tree in brief: `{a: 1, b: ["x", null]}`.
fn shown(node: &Node<'_>) -> String {
    match &node.kind {
        Kind::Null => "null".into(),
        Kind::Bool(yes) => yes.to_string(),
        Kind::Number(number) => number.clone().into_owned(),
        Kind::String(text) => format!("{text:?}"),
        #[cfg(feature = "toml")]
        Kind::Datetime(text) => format!("@{text}"),
        Kind::List(items) => format!("[{}]", items.iter().map(shown).collect::<Vec<_>>().join(", ")),
        Kind::Map(entries) => {
            let entry = |entry: &Entry<'_>| format!("{}: {}", entry.key, shown(&entry.node));
            format!("{{{}}}", entries.iter().map(entry).collect::<Vec<_>>().join(", "))
        }
        Kind::TooDeep => "too deep".into(),
    }
}

/// Pairs of a text and its tree, then of the keys that stood twice.
fn check_trees(format: Format, cases: &[(&str, &str, &[&str])]) {
    for (text, tree, duplicates) in cases {
        let read = read(text.as_bytes(), format).unwrap_or_else(|error| panic!("{text:?}: {error}"));
        assert_eq!(shown(&read.root), *tree, "{text:?}");
        let found: Vec<_> =
            read.duplicates.iter().map(|error| format!("{}:{} {}", error.line, error.column, error.path)).collect();
        assert_eq!(found, *duplicates, "{text:?}");
    }
}

/// Pairs of a text and its fault.
fn check_faults(format: Format, cases: &[(&str, &str)]) {
    for (text, fault) in cases {
        let error = read(text.as_bytes(), format).map(|tree| shown(&tree.root)).unwrap_err();
        assert_eq!(format!("{}:{} {error}", error.line, error.column), *fault, "{text:?}");
        assert_eq!((error.path.as_str(), error.code), ("", Code::InvalidJson), "{text:?}");
    }
}

#[test]
fn json_means_what_it_says() {
    check_trees(
        Format::Json,
        &[
            ("null", "null", &[]),
            (" \t\r\n[true , false]\n", "[true, false]", &[]),
            ("{}", "{}", &[]),
            ("[[],[{}]]", "[[], [{}]]", &[]),
            ("[0,-0,10,-1.5,1e5,2E-3,0.50,1.0e+2]", "[0, -0, 10, -1.5, 1e5, 2E-3, 0.50, 1.0e+2]", &[]),
            (r#""a\"\\\/\b\f\n\r\tA\u00e9\uD83D\ude00""#, r#""a\"\\/\u{8}\u{c}\n\r\tAé😀""#, &[]),
            ("\"\u{7f}é😀\"", "\"\\u{7f}é😀\"", &[]),
            ("\u{feff}{}", "{}", &[]),
            (r#"{"a":1,"\u0061":2,"b":3,"a":4}"#, "{a: 1, b: 3}", &["1:8 a", "1:25 a"]),
            (
                "{\"x\":[0,{\"y\":{\"k\":1,\n\"k\":2}}],\"x\":{\"z\":1,\"z\":2}}",
                "{x: [0, {y: {k: 1}}]}",
                &["2:1 x[1].y.k", "2:21 x.z", "2:10 x"],
            ),
        ],
    );
}

#[test]
fn a_large_object_finds_its_duplicates_too() {
    let keys: Vec<_> = (0..100).chain([3, 50]).map(|key| format!("\"k{key}\":{key}")).collect();
    let text = format!("{{{}}}", keys.join(",\n"));
    let tree = read(text.as_bytes(), Format::Json).unwrap();
    let found: Vec<_> = tree.duplicates.iter().map(|error| (error.path.as_str(), error.line)).collect();
    assert_eq!(found, [("k3", 101), ("k50", 102)]);
    assert!(matches!(tree.root.kind, Kind::Map(entries) if entries.len() == 100));
}

#[test]
fn json_faults_have_their_place() {
    check_faults(
        Format::Json,
        &[
            ("", "1:1 invalid JSON: expected a value, found the end"),
            ("{\n  \"é\": tru }", "2:8 invalid JSON: expected a value, found 't'"),
            ("[1,]", "1:4 invalid JSON: expected a value, found ']'"),
            ("[1 2]", "1:4 invalid JSON: expected a comma or ], found '2'"),
            ("{\"a\":1,}", "1:8 invalid JSON: expected a key in double quotes, found '}'"),
            ("{a:1}", "1:2 invalid JSON: expected a key in double quotes, found 'a'"),
            ("{\"a\" 1}", "1:6 invalid JSON: expected a colon, found '1'"),
            ("{\"a\":1]", "1:7 invalid JSON: expected a comma or }, found ']'"),
            ("[1}", "1:3 invalid JSON: expected a comma or ], found '}'"),
            ("[", "1:2 invalid JSON: expected a value, found the end"),
            ("{} {}", "1:4 invalid JSON: expected the end of the document, found '{'"),
            ("01", "1:2 invalid JSON: expected the end of the document, found '1'"),
            ("-", "1:2 invalid JSON: expected a digit, found the end"),
            ("1.", "1:3 invalid JSON: expected a digit, found the end"),
            ("1e+", "1:4 invalid JSON: expected a digit, found the end"),
            (".5", "1:1 invalid JSON: expected a value, found '.'"),
            ("NaN", "1:1 invalid JSON: expected a value, found 'N'"),
            ("\"abc", "1:5 invalid JSON: expected a closing double quote, found the end"),
            ("\"a\nb\"", "1:3 invalid JSON: expected a control character to be escaped, like \\n, found '\\n'"),
            ("\"\\x\"", "1:2 invalid JSON: unknown escape; expected one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u"),
            ("\"\\u12g4\"", "1:2 invalid JSON: expected \\u and four hexadecimal digits"),
            (
                "\"\\ud800\"",
                "1:2 invalid JSON: half of a surrogate pair; expected \\ud800-\\udbff and then \\udc00-\\udfff",
            ),
            (
                "\"\\ud800\\u0041\"",
                "1:2 invalid JSON: half of a surrogate pair; expected \\ud800-\\udbff and then \\udc00-\\udfff",
            ),
            (
                "\"\\udc00\"",
                "1:2 invalid JSON: half of a surrogate pair; expected \\ud800-\\udbff and then \\udc00-\\udfff",
            ),
            ("// no\n1", "1:1 invalid JSON: expected a value, found '/'"),
        ],
    );
    let error = read(b"\"\xc3\xa9\n \xff\"", Format::Json).unwrap_err();
    assert_eq!((error.line, error.column, error.message.as_str()), (2, 2, "invalid JSON: expected UTF-8"));
}

#[test]
fn what_lies_too_deep_is_read_but_not_kept() {
    let (open, close) = ("[".repeat(200), "]".repeat(200));
    let text = format!("{{\"a\":{open}1,{{\"x\":[]}}{close},\"b\":2}}");
    let tree = read(text.as_bytes(), Format::Json).unwrap();
    assert_eq!(tree.root.get("b").map(shown).as_deref(), Some("2"));
    assert!(tree.root.get("a").map(shown).is_some_and(|a| a.contains("too deep")));
    let unclosed = text.replace(&close, &close[1..]);
    assert!(read(unclosed.as_bytes(), Format::Json).is_err());
}

#[cfg(feature = "yaml")]
#[test]
fn yaml_follows_the_core_schema() {
    check_trees(
        Format::Yaml,
        &[
            ("", "null", &[]),
            ("# nothing\n", "null", &[]),
            ("[null, Null, ~, NULL, nil]", r#"[null, null, null, null, "nil"]"#, &[]),
            ("[true, False, yes, on, 'true']", r#"[true, false, "yes", "on", "true"]"#, &[]),
            ("[1, -2, +3, 007, 0x1F, 0o17, 0b1, 1_000]", r#"[1, -2, +3, 007, 31, 15, "0b1", "1_000"]"#, &[]),
            ("[1.5, .5, 5., 1e3, 1e, ., -.inf, .NaN]", r#"[1.5, .5, 5., 1e3, "1e", ".", -inf, nan]"#, &[]),
            ("2026-01-01", r#""2026-01-01""#, &[]),
            ("a: 1\nb:\n- x\n- y: z\nc:", r#"{a: 1, b: ["x", {y: "z"}], c: null}"#, &[]),
            (
                "text: |\n  two\n  lines\nfolded: >-\n  one\n  line",
                r#"{text: "two\nlines\n", folded: "one line"}"#,
                &[],
            ),
            ("1: a\ntrue: b\n'': c", r#"{1: "a", true: "b", : "c"}"#, &[]),
            ("<<: {a: 1}", "{<<: {a: 1}}", &[]),
            ("a: 1\nb: {c: 1, c: 2}\na: 3", "{a: 1, b: {c: 1}}", &["2:11 b.c", "3:1 a"]),
            ("%YAML 1.2\n---\na: 1\n...\n", "{a: 1}", &[]),
            ("\u{feff}a: 1", "{a: 1}", &[]),
        ],
    );
}

#[cfg(feature = "yaml")]
#[test]
fn yaml_refuses_what_could_mislead() {
    check_faults(
        Format::Yaml,
        &[
            ("a: &x 1", "1:4 invalid YAML: expected no anchors"),
            ("&x {a: 1}", "1:1 invalid YAML: expected no anchors"),
            ("a: !!str 1", "1:4 invalid YAML: expected no tags"),
            ("- ! a", "1:3 invalid YAML: expected no tags"),
            ("? [a]\n: 1", "1:3 invalid YAML: expected a key that is a text"),
            ("a: 1\n---\nb: 2", "2:1 invalid YAML: expected one document"),
            ("é: \0", "1:4 invalid YAML: expected a text without U+0000"),
        ],
    );
    for text in ["a: *x", "a: [1", "a: \"b", "a: 1\n b: 2", "- a\nb: 1"] {
        let error = read(text.as_bytes(), Format::Yaml).unwrap_err();
        assert_eq!((error.path.as_str(), error.code), ("", Code::InvalidJson), "{text:?}");
    }
}

#[cfg(feature = "toml")]
#[test]
fn toml_tables_may_be_written_in_pieces() {
    check_trees(
        Format::Toml,
        &[
            ("", "{}", &[]),
            ("a = 1\n'b c' = \"x\\u00e9\"\n\"\" = '''\nraw'''", "{a: 1, b c: \"xé\", : \"raw\"}", &[]),
            (
                "a = [1_000, 0xff, 0o17, 0b11, -0.5e1, +1, inf, nan]",
                "{a: [1000, 255, 15, 3, -0.5e1, +1, inf, nan]}",
                &[],
            ),
            ("a = 1979-05-27 07:32:00Z\nb = 1979-05-27", "{a: @1979-05-27T07:32:00Z, b: @1979-05-27}", &[]),
            ("a.b.c = 1\na.b.d = 2\na.e = 3", "{a: {b: {c: 1, d: 2}, e: 3}}", &[]),
            ("[a.b]\nx = 1\n[a]\ny = 2\n[a.c]\nz = 3", "{a: {b: {x: 1}, y: 2, c: {z: 3}}}", &[]),
            (
                "[[a]]\nx = 1\n[a.b]\ny = 2\n[[a]]\n[[a.c]]\nz = 3\n[[a.c]]",
                "{a: [{x: 1, b: {y: 2}}, {c: [{z: 3}, {}]}]}",
                &[],
            ),
            ("a = {b.c = 1, b.d = 2, e = [{f = 1}, {}]}", "{a: {b: {c: 1, d: 2}, e: [{f: 1}, {}]}}", &[]),
            ("[a]\nb.c = 1\n[a.b.d]\ne = 1", "{a: {b: {c: 1, d: {e: 1}}}}", &[]),
        ],
    );
}

#[cfg(feature = "toml")]
#[test]
fn toml_keys_and_tables_stand_once() {
    check_trees(
        Format::Toml,
        &[
            ("a = 1\na = 2", "{a: 1}", &["2:1 a"]),
            ("[a]\nx = 1\n[a]\ny = 2", "{a: {x: 1}}", &["3:2 a"]),
            ("a = 1\n[a.b]\nx = 1", "{a: 1}", &["2:2 a"]),
            ("a = 1\na.b = 2", "{a: 1}", &["2:1 a"]),
            ("a = {b = 1}\na.c = 2", "{a: {b: 1}}", &["2:1 a"]),
            ("a = {b = 1}\n[a.c]", "{a: {b: 1}}", &["2:2 a"]),
            ("a = {b = 1, b = 2}", "{a: {b: 1}}", &["1:13 a.b"]),
            ("a = [{b = 1, b = 2}]", "{a: [{b: 1}]}", &["1:14 a[0].b"]),
            ("a = {b = {c = 1}, b.d = 2}", "{a: {b: {c: 1}}}", &["1:19 a.b"]),
            ("[a]\nb.c = 1\n[a.b]\nd = 2", "{a: {b: {c: 1}}}", &["3:4 a.b"]),
            ("[a.b.c]\nz = 9\n[a]\nb.c.t = 1", "{a: {b: {c: {z: 9}}}}", &["4:1 a.b"]),
            ("a = []\n[[a]]", "{a: []}", &["2:3 a"]),
            ("[a]\n[[a]]", "{a: {}}", &["2:3 a"]),
            ("[[a]]\n[a]", "{a: [{}]}", &["2:2 a"]),
            ("[[a]]\nb = 1\n[[a]]\nb = 1\nb = 2", "{a: [{b: 1}, {b: 1}]}", &["5:1 a[1].b"]),
            (
                "[a]\nx = 1\nx = 2\n[b]\nx = 1\nx = 2\n[c]\nx = 1\nx = 2",
                "{a: {x: 1}, b: {x: 1}, c: {x: 1}}",
                &["3:1 a.x", "6:1 b.x", "9:1 c.x"],
            ),
            ("[a]\n[[a.b]]\nx = 1\n[a.c]\n[d]\n[[d.e]]\n[d.e.f]", "{a: {b: [{x: 1}], c: {}}, d: {e: [{f: {}}]}}", &[]),
        ],
    );
}

#[cfg(feature = "toml")]
#[test]
fn toml_faults_have_their_place() {
    check_faults(
        Format::Toml,
        &[
            ("a = 1\nb", "2:2 invalid TOML: key with no value"),
            ("a = 1 2", "1:5 invalid TOML: string values must be quoted"),
            ("a = 01", "1:5 invalid TOML: unexpected leading zero"),
            ("a = \"b", "1:7 invalid TOML: invalid basic string"),
            ("é = 1", "1:1 invalid TOML: invalid unquoted key"),
        ],
    );
    for text in ["= 1", "[a", "[[a]", "a = [1", "a = {b = 1", "a = tru", "a.. = 1", "# \u{1}", "a = \"\\ud800\""] {
        let error = read(text.as_bytes(), Format::Toml).unwrap_err();
        assert_eq!((error.path.as_str(), error.code), ("", Code::InvalidJson), "{text:?}");
    }
}

#[test]
fn the_deepest_list_is_kept_and_no_deeper_one() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    let deepest = |text: &str, format| shown(&read(text.as_bytes(), format).unwrap().root);
    assert_eq!(deepest(&nested(MAX_DEPTH), Format::Json), nested(MAX_DEPTH));
    assert!(deepest(&nested(MAX_DEPTH + 1), Format::Json).contains("too deep"));
    #[cfg(feature = "toml")]
    {
        let toml = |depth: usize| deepest(&format!("a = {}", nested(depth)), Format::Toml);
        assert!(!toml(MAX_DEPTH - 1).contains("too deep"));
        assert!(toml(MAX_DEPTH).contains("too deep"));
    }
}

#[test]
fn values_are_counted_to_the_last() {
    let list = |values: usize| format!("[{}0]", "0,".repeat(values - 1));
    let code = |text: String, format| read(text.as_bytes(), format).err().map(|error| error.code);
    // The list itself is a value too.
    assert_eq!(code(list(MAX_NODES - 1), Format::Json), None);
    assert_eq!(code(list(MAX_NODES), Format::Json), Some(Code::RulesetTooLarge));
    #[cfg(feature = "toml")]
    assert_eq!(code(format!("a = {}", list(MAX_NODES + MAX_NODES / 2)), Format::Toml), Some(Code::RulesetTooLarge));
}

#[cfg(any(feature = "yaml", feature = "toml"))]
#[test]
fn digits_of_another_radix_are_that_or_nothing() {
    assert_eq!(from_radix("ff", 16).as_deref(), Some("255"));
    assert_eq!((from_radix("", 16), from_radix("8", 8)), (None, None));
}
