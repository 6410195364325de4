//! The conformance vectors of suite `ruleset_error`: every fault of a document, with its path and code.
#![allow(clippy::unwrap_used)] // what a test expects

use std::path::PathBuf;

use levelkit::ruleset::{Format, canonical, read_document};
use serde::Deserialize;
use serde_json::value::RawValue;

#[derive(Deserialize)]
struct Suite {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    #[serde(default)]
    why: String,
    /// As written: a parsed value would have lost duplicate keys and the spelling of numbers.
    ruleset: Option<Box<RawValue>>,
    ruleset_text: Option<String>,
    errors: Vec<Expected>,
}

#[derive(Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
struct Expected {
    path: String,
    code: String,
}

fn folder() -> PathBuf {
    let root = std::env::var_os("LEVELKIT_VECTORS").unwrap_or_else(|| "../tests/vectors".into());
    PathBuf::from(root).join("ruleset_error")
}

fn errors(text: &str) -> Vec<Expected> {
    let mut errors: Vec<_> = match read_document(text, Format::Json) {
        Ok(document) => {
            let canonical = canonical(&document);
            assert_eq!(read_document(&canonical, Format::Json), Ok(document), "the canonical form of {text}");
            Vec::new()
        }
        Err(errors) => {
            errors.0.into_iter().map(|error| Expected { path: error.path, code: error.code.to_string() }).collect()
        }
    };
    errors.sort();
    errors
}

#[test]
fn every_fault_is_reported_with_its_path_and_code() {
    let mut files: Vec<_> =
        std::fs::read_dir(folder()).into_iter().flatten().flatten().map(|file| file.path()).collect();
    files.sort();
    let (mut count, mut differences) = (0, Vec::new());
    for file in files {
        let suite: Suite = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
        for mut case in suite.cases {
            let text = case.ruleset_text.as_deref().or(case.ruleset.as_deref().map(RawValue::get)).unwrap();
            case.errors.sort();
            let found = errors(text);
            count += 1;
            if found != case.errors {
                differences.push(format!(
                    "{}: {}\n  expected {:?}\n  found    {found:?}",
                    file.display(),
                    case.why,
                    case.errors
                ));
            }
        }
    }
    println!("ruleset_error: {count} cases");
    assert!(count > 0, "no cases in {}", folder().display());
    assert!(differences.is_empty(), "{}\n{} differences", differences.join("\n"), differences.len());
}
