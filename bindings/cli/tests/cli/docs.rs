//! The README and the help: their commands, examples, exit codes, error codes and JSON are those of the binary.

use std::path::Path;

use serde_json::Value;

use crate::support::{DATA, Place, RULES, verbs};

fn readme() -> String {
    // Cargo runs a test in its package's folder.
    std::fs::read_to_string("README.md").unwrap()
}

/// The rows below a table's heading, as their first cell and the rest.
fn table(heading: &str) -> Vec<(String, String)> {
    let readme = readme();
    let (_, rows) = readme.split_once(&format!("{heading}\n|---|---|\n")).unwrap();
    let rows = rows.lines().map_while(|row| row.strip_prefix("| ")?.strip_suffix(" |")?.split_once(" | "));
    rows.map(|(first, rest)| (first.replace('`', ""), rest.to_owned())).collect()
}

/// The first word of each row.
fn first_words(heading: &str) -> Vec<String> {
    table(heading).iter().map(|(first, _)| first.split(' ').next().unwrap().to_owned()).collect()
}

#[test]
fn the_readme_lists_every_command() {
    let mut verbs = verbs();
    verbs.sort();
    for heading in ["| command | what it does |", "| command | answer |"] {
        let mut listed = first_words(heading);
        listed.sort();
        assert_eq!(listed, verbs, "{heading}");
    }
}

#[test]
fn the_readme_and_the_help_list_every_exit_code() {
    let help = Place::new().run(&["--help"]).exits(0).out;
    let (_, help) = help.split_once("Exit codes:\n").unwrap();
    let help: Vec<&str> = help.split("\n\n").next().unwrap().split_whitespace().collect();
    let rows = table("| code | meaning |");
    let readme: Vec<String> =
        rows.iter().map(|(code, meaning)| format!("{code} {}", meaning.replace('`', ""))).collect();
    assert_eq!(help.join(" "), readme.join(" "));

    let source = std::fs::read_to_string("src/stop.rs").unwrap();
    let codes = source.lines().filter_map(|line| line.trim().strip_suffix(',')?.split_once(" = "));
    let codes: Vec<&str> = codes.map(|(_, code)| code).collect();
    assert_eq!(first_words("| code | meaning |"), codes);
}

/// Every source of the binary, one after the other.
fn sources(folder: &Path) -> String {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.map(|path| if path.is_dir() { sources(&path) } else { std::fs::read_to_string(path).unwrap() }).collect()
}

#[test]
fn the_readme_lists_every_error_code_of_the_command_line() {
    let (sources, readme) = (sources(Path::new("src")), readme());
    let made = sources.split("::new(Exit::").skip(1).map(|call| call.split('"').nth(1).unwrap());
    // A refusal's and the store's, which other pages explain.
    let own: Vec<&str> = made.filter(|code| !["UNKNOWN_ID", "STORE_CORRUPT"].contains(code)).collect();
    assert!(own.len() > 10, "{own:?}");
    for code in own {
        assert!(readme.contains(&format!("`{code}`")), "{code}");
    }
}

/// Compares an answer with a shape such as `{file, counts: {quests}, errors: [{path}]}`: its fields, all the way down.
fn compare(shape: &str, value: &Value, place: &str) {
    let inner = |open: char, close: char| shape.strip_prefix(open).and_then(|rest| rest.strip_suffix(close));
    if let (Some(fields), Some(object)) = (inner('{', '}'), value.as_object()) {
        let fields: Vec<(&str, &str)> =
            parts(fields).into_iter().map(|part| part.split_once(": ").unwrap_or((part, ""))).collect();
        let mut names: Vec<&str> = fields.iter().map(|(name, _)| *name).collect();
        names.sort_unstable();
        assert_eq!(names, object.keys().collect::<Vec<_>>(), "{place}");
        fields.into_iter().for_each(|(name, shape)| compare(shape, &object[name], &format!("{place}.{name}")));
    } else if let (Some(shape), Some(list)) = (inner('[', ']'), value.as_array()) {
        list.iter().for_each(|value| compare(shape, value, &format!("{place}[]")));
    } else {
        assert!(!shape.starts_with('{') || value.is_null(), "{place} is {value}");
    }
}

/// What commas part, but not within brackets.
fn parts(text: &str) -> Vec<&str> {
    let mut depth = 0;
    let parted = text.split(|letter| {
        depth += i32::from(matches!(letter, '{' | '[')) - i32::from(matches!(letter, '}' | ']'));
        letter == ',' && depth == 0
    });
    parted.map(str::trim).collect()
}

#[test]
fn the_readme_says_what_each_answer_holds() {
    let place = Place::new();
    let season = "seasons:\n  - { id: spring, number: 1, name: Spring, theme: x, description: x, \
        start_date: \"2026-03-01T00:00:00Z\", end_date: \"2026-03-05T00:00:00Z\" }\n";
    place.write("rules.yaml", &format!("{RULES}{season}"));
    place.write("data.csv", DATA);
    place.run(&["play", "data.csv", "--rules", "rules.yaml"]).exits(0);
    // In the order of the table; what takes the tables away comes last.
    let mut asked = [
        "check rules.yaml",
        "migrate",
        "migrate --down --yes",
        "import rules.yaml",
        "export --output out.json",
        "play data.csv",
        "player",
        "timeline ann",
        "leaderboard spring",
        "leaderboard spring --refresh --at 2026-04-01T00:00:00Z --standings s.jsonl",
        "roll-over --now 2026-03-09T12:00:00Z",
        "export-player ann --output ann.json",
        "erase-player ann --yes",
        "verify",
    ]
    .into_iter();
    let mut last = None;
    for (verb, answer) in table("| command | answer |") {
        for shape in answer.split('`').filter(|text| text.starts_with('{')) {
            let line = asked.next().unwrap();
            assert!(line.starts_with(&verb), "{line} for {verb}");
            match line.contains("--down") {
                true => last = Some((line, shape.to_owned())),
                false => compare(shape, &place.json(&line.split(' ').collect::<Vec<_>>()), line),
            }
        }
    }
    assert_eq!(asked.next(), None);
    let (line, shape) = last.unwrap();
    compare(&shape, &place.json(&line.split(' ').collect::<Vec<_>>()), line);
}

/// The examples of a command's help, each on one line.
#[cfg(unix)]
fn examples(place: &Place, verb: &str) -> Vec<String> {
    let help = place.run(&[verb, "--help"]).exits(0).out.replace("\\\n    ", "");
    help.lines()
        .filter_map(|line| line.strip_prefix("  "))
        .filter(|line| line.starts_with("levelkit "))
        .map(str::to_owned)
        .collect()
}

#[cfg(unix)]
fn is_needed(row: &str) -> bool {
    ["player,", "1503960366,"].iter().any(|begin| row.starts_with(begin))
}

#[cfg(unix)]
#[test]
fn the_examples_of_the_help_work() {
    use crate::support::example;

    let place = Place::new();
    for folder in ["examples/rulesets", "examples/data/fitbit2016"] {
        std::fs::create_dir_all(place.path(folder)).unwrap();
    }
    for file in ["rulesets/fitbit.yaml", "data/fitbit2016/not-worn.json", "data/fitbit2016/daily.csv"] {
        // One player's month is enough to see that a line is right.
        let text = std::fs::read_to_string(example(file)).unwrap();
        let kept = text.split_inclusive('\n').filter(|line| !file.ends_with(".csv") || is_needed(line));
        place.write(&format!("examples/{file}"), &kept.collect::<String>());
    }
    let mut lines: Vec<String> = verbs().iter().flat_map(|verb| examples(&place, verb)).collect();
    // Those are for a server, and for a file that the reader has.
    lines.retain(|line| !["postgres:", "may.csv"].iter().any(|part| line.contains(part)));
    // What takes something away comes last; the help makes the store before it asks.
    lines.sort_by_key(|line| ["erase-player", "--down"].iter().position(|part| line.contains(part)));
    assert!(lines.len() >= 15, "{lines:?}");
    let binary = Path::new(env!("CARGO_BIN_EXE_levelkit")).parent().unwrap();
    let path = format!("{}:{}", binary.display(), std::env::var("PATH").unwrap_or_default());
    for line in lines {
        let mut shell = std::process::Command::new("sh");
        let ran = shell.args(["-c", &line]).current_dir(place.path("")).env("PATH", &path).output().unwrap();
        assert!(ran.status.success(), "{line}: {}", String::from_utf8_lossy(&ran.stderr));
    }
}
