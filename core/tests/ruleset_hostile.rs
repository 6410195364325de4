//! Hostile texts end in errors after bounded work: the peak of allocated memory is asserted, never the time.
#![allow(clippy::unwrap_used)] // what a test expects

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use levelkit::ruleset::{Format, RulesetErrors, read_document};

const MIB: usize = 1 << 20;
/// What a text of at most 8 MiB may cost.
const PEAK: usize = 256 * MIB;

struct Counting;

static LIVE: AtomicUsize = AtomicUsize::new(0);
static HIGHEST: AtomicUsize = AtomicUsize::new(0);

fn grown(bytes: usize) {
    let live = LIVE.fetch_add(bytes, Relaxed) + bytes;
    HIGHEST.fetch_max(live, Relaxed);
}

// SAFETY: every call goes to the system's allocator unchanged; only sizes are counted.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        grown(layout.size());
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        LIVE.fetch_sub(layout.size(), Relaxed);
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        grown(size);
        LIVE.fetch_sub(layout.size(), Relaxed);
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn measured(text: &str, format: Format) -> (RulesetErrors, usize) {
    let before = LIVE.load(Relaxed);
    HIGHEST.store(before, Relaxed);
    let errors = read_document(text, format).unwrap_err();
    (errors, HIGHEST.load(Relaxed) - before)
}

/// A text that is faulty, what its first error is (by place), and what it may cost.
struct Case {
    name: &'static str,
    format: Format,
    text: String,
    first: (&'static str, &'static str),
    peak: usize,
}

fn case(name: &'static str, format: Format, text: String, first: (&'static str, &'static str)) -> Case {
    Case { name, format, text, first, peak: PEAK }
}

/// Nearly 8 MiB of a repeated piece.
fn filled(start: &str, piece: &str, end: &str) -> String {
    let count = (8 * MIB - start.len() - end.len()) / piece.len();
    format!("{start}{}{end}", piece.repeat(count))
}

const HEAD: &str = r#"{"format":"levelkit.ruleset/1","#;

fn nested_requirement(levels: usize) -> String {
    let open = r#"{"type":"compound","logic":"AND","requirements":["#.repeat(levels);
    let leaf = r#"{"type":"boolean","metric":"m","value":true}"#;
    format!("{open}{leaf}{}", "]}".repeat(levels))
}

fn quest(requirement: &str, base_xp: &str) -> String {
    format!(
        r#"{{"id":"q","name":"","description":"","type":"DAILY","category":"MOVEMENT","base_xp":{base_xp},"requirements":{requirement}}}"#
    )
}

fn json() -> Vec<Case> {
    let large = ("", "RULESET_TOO_LARGE");
    let invalid = ("", "INVALID_JSON");
    let deep = format!("{HEAD}\"quests\":[{}]}}", quest(&nested_requirement(10_000), "100"));
    vec![
        case("10,000 nested compounds", Format::Json, deep, ("quests[0].requirements", "RULESET_TOO_DEEP")),
        case("lists without an end", Format::Json, filled("", "[", ""), invalid),
        case("objects without an end", Format::Json, filled("", r#"{"":"#, ""), invalid),
        case("deep lists", Format::Json, format!("{}{}", "[".repeat(4 * MIB), "]".repeat(4 * MIB)), ("", "WRONG_TYPE")),
        case("small numbers", Format::Json, filled("[", "1,", "1]"), large),
        case("small objects", Format::Json, filled("[", "{},", "{}]"), large),
        case("objects of one key", Format::Json, filled("[", r#"{"a":0},"#, "0]"), large),
        case(
            "empty quests",
            Format::Json,
            filled(&format!("{HEAD}\"quests\":["), "{}        ,", "{}]}"),
            ("quests[0].id", "MISSING_FIELD"),
        ),
        case(
            "one key again and again",
            Format::Json,
            filled(&format!("{HEAD}\"x\":{{"), r#""aaa":0  ,"#, r#""a":0}}"#),
            ("x.aaa", "DUPLICATE_KEY"),
        ),
        case(
            "a key that is long",
            Format::Json,
            filled(&format!("{HEAD}\""), "k", r#"":{"a":1,"a":2}}"#),
            ("k", "UNKNOWN_FIELD"),
        ),
        case(
            "a table that stands still",
            Format::Json,
            format!(r#"{HEAD}"curve":{{"family":"table","step":1,"thresholds":[{}0]}}}}"#, "0,".repeat(900_000)),
            ("curve.thresholds[1]", "CURVE_NOT_INCREASING"),
        ),
        case("an endless string", Format::Json, filled("\"", "\\u0041", ""), invalid),
        case("an endless number", Format::Json, filled("", "1", ""), ("", "WRONG_TYPE")),
    ]
}

#[test]
fn hostile_texts_cost_little() {
    let mut cases = json();
    let too_long =
        Case { peak: MIB / 16, ..case("50 MB", Format::Json, " ".repeat(50_000_000), ("", "RULESET_TOO_LARGE")) };
    cases.push(too_long);
    #[cfg(feature = "yaml")]
    cases.extend(yaml());
    #[cfg(feature = "toml")]
    cases.extend(toml());
    for Case { name, format, text, first, peak } in cases {
        let started = std::time::Instant::now();
        let (errors, cost) = measured(&text, format);
        println!("{name}: {} errors, {} KiB, {:?}", errors.0.len(), cost >> 10, started.elapsed());
        let found = errors.0.first().map(|error| (error.path.as_str(), error.code.as_str()));
        let (path, code) = found.unwrap();
        assert!(path.starts_with(first.0) && code == first.1, "{name}: {path} {code}");
        assert!(errors.0.len() <= 10_000, "{name}: {} errors", errors.0.len());
        assert!(cost <= peak, "{name}: {cost} bytes");
    }
}

#[cfg(feature = "yaml")]
fn yaml() -> Vec<Case> {
    let invalid = ("", "INVALID_JSON");
    let large = ("", "RULESET_TOO_LARGE");
    let deep = ("", "RULESET_TOO_DEEP");
    let bomb = "a: &a [x, x, x, x]\nb: &b [*a, *a, *a, *a]\nc: &c [*b, *b, *b, *b]\nformat: *c\n".to_owned();
    vec![
        case("YAML: aliases", Format::Yaml, bomb, invalid),
        case("YAML: an alias", Format::Yaml, "a: *b\n".to_owned(), invalid),
        case("YAML: nested compactly", Format::Yaml, filled("", "- ", ""), deep),
        case("YAML: nested lists", Format::Yaml, filled("", "[", ""), deep),
        case("YAML: nested maps", Format::Yaml, filled("", "{a: ", ""), deep),
        case("YAML: nested keys", Format::Yaml, filled("", "? ", ""), invalid),
        case("YAML: small numbers", Format::Yaml, filled("[", "1,", "1]"), large),
        case("YAML: small items", Format::Yaml, filled("", "- 1\n", ""), large),
        case("YAML: one key again and again", Format::Yaml, filled("", "aaaaa: 1\n", ""), ("aaaaa", "DUPLICATE_KEY")),
        case("YAML: a long plain text", Format::Yaml, filled("", "a ", ""), large),
        case("YAML: a text of many lines", Format::Yaml, filled("", "a\n", ""), large),
        case("YAML: a quoted text of many lines", Format::Yaml, filled("\"", "a\n", "\""), large),
        case("YAML: a block text", Format::Yaml, filled("|\n", " a\n", ""), large),
        case("YAML: empty lines", Format::Yaml, filled("", "\n", "a: 1"), large),
        case("YAML: comments", Format::Yaml, filled("", "#\n", "a: 1"), large),
        case("YAML: documents", Format::Yaml, filled("", "---\n", ""), invalid),
        case("YAML: directives", Format::Yaml, filled("", "%TAG !a! a\n", ""), invalid),
        case("YAML: quotes", Format::Yaml, filled("", "''", ""), large),
        case("YAML: colons", Format::Yaml, filled("", ": ", ""), deep),
        case("YAML: commas", Format::Yaml, filled("[", ",", "]"), large),
    ]
}

#[cfg(feature = "toml")]
fn toml() -> Vec<Case> {
    let invalid = ("", "INVALID_JSON");
    let large = ("", "RULESET_TOO_LARGE");
    vec![
        case("TOML: nested lists", Format::Toml, filled("a = ", "[", ""), large),
        case(
            "TOML: deep lists",
            Format::Toml,
            format!("a = {}{}", "[".repeat(10_000), "]".repeat(10_000)),
            ("format", "MISSING_FIELD"),
        ),
        case("TOML: nested tables", Format::Toml, filled("a = ", "{a=", ""), large),
        case("TOML: a key of many parts", Format::Toml, filled("a", ".a", " = 1"), large),
        case(
            "TOML: a key of some parts",
            Format::Toml,
            format!("a{} = 1", ".a".repeat(900_000)),
            ("format", "MISSING_FIELD"),
        ),
        case("TOML: headers", Format::Toml, filled("", "[[a]]\n", ""), large),
        case(
            "TOML: one header again and again",
            Format::Toml,
            filled("", "[aaaaaaaaaaa]\n", ""),
            ("aaaaaaaaaaa", "DUPLICATE_KEY"),
        ),
        case("TOML: one key again and again", Format::Toml, filled("", "aaaaaaa = 1\n", ""), large),
        case("TOML: small numbers", Format::Toml, filled("a = [", "1,", "1]"), large),
        case("TOML: small tables", Format::Toml, filled("a = [", "{a=1}, ", "]"), large),
        case("TOML: equals signs", Format::Toml, filled("", "=", ""), large),
        case("TOML: brackets", Format::Toml, filled("", "]", ""), large),
        case("TOML: spaced dots", Format::Toml, filled("a", " . a", ""), large),
        case("TOML: a long text", Format::Toml, filled("a = '''", "a\n", ""), invalid),
    ]
}
