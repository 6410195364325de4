//! Help, version, wrong command lines, output that nobody reads.

use std::io::Read as _;
use std::process::Stdio;

use crate::support::{Place, verbs};

#[test]
fn help_and_version_are_answers() {
    let place = Place::new();
    assert!(place.run(&["--help"]).exits(0).out.contains("Start here:\n  levelkit play "));
    assert!(place.run(&["--version"]).exits(0).out.starts_with("levelkit "));
    // Without anything the help is what one needs, but nothing was done.
    assert!(place.run(&[]).exits(2).err.contains("Usage: levelkit"));
}

#[test]
fn every_command_has_an_example() {
    let place = Place::new();
    for verb in &verbs() {
        for flag in ["-h", "--help"] {
            let help = place.run(&[verb, flag]).exits(0);
            assert!(help.out.contains("Example"), "{verb} {flag}: {}", help.out);
            assert!(help.out.contains(&format!("\n  levelkit {verb} ")), "{verb} {flag}: {}", help.out);
        }
    }
    assert!(place.run(&["play", "--help"]).exits(0).out.contains("LEVELKIT_DB"));
}

#[test]
fn a_wrong_command_line_is_explained() {
    let place = Place::new();
    let ran = place.run(&["verfy"]).exits(2);
    assert!(ran.out.is_empty() && ran.err.contains("verify"), "{}", ran.err);
    let error = place.run(&["timeline", "ann", "--from", "yesterday", "--json"]).exits(2).error();
    assert_eq!(error["code"], "USAGE");
    assert!(error["message"].as_str().unwrap().contains("yesterday"), "{error}");
    let error =
        place.run(&["timeline", "ann", "--from", "2026-03-02", "--to", "2026-03-01", "--json"]).exits(2).error();
    assert_eq!(error["code"], "USAGE");
    for every in ["0", "-1", "soon"] {
        place.run(&["roll-over", "--watch", "--every", every]).exits(2);
    }
    let zone = place.run(&["play", "data.csv", "--timezone", "Berlin"]).exits(2);
    assert!(zone.err.contains("hint: write it like Europe/Berlin"), "{}", zone.err);
}

#[test]
fn no_password_is_shown() {
    let place = Place::new();
    let url = "postgres://me:secret@db.example/game";
    for flag in ["-h", "--help"] {
        let help = place.command(&["player", flag]).env("LEVELKIT_DB", url).output().unwrap();
        let help = String::from_utf8(help.stdout).unwrap();
        assert!(help.contains("LEVELKIT_DB") && !help.contains("secret"), "{help}");
    }
    let by_parameter = "postgres://me@db.example/game?password=secret";
    for (args, code) in [
        (&["migrate", url][..], 2),
        (&["migrate", "--down", "--db", by_parameter], 2),
        (&["player", "--db", "mysql://me:secret@db.example/game"], 4),
        (&["player", "--db", "postgres://me:secret@db.example:port/game"], 4),
    ] {
        for args in [args.to_vec(), [args, &["--json"]].concat()] {
            let ran = place.run(&args).exits(code);
            assert!(!ran.err.is_empty() && !ran.err.contains("secret"), "{args:?}: {}", ran.err);
        }
    }
}

#[test]
fn a_reader_who_leaves_is_no_error() {
    let place = Place::played();
    let mut child = place.command(&["timeline", "ann"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let mut err = String::new();
    child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
    assert_eq!((child.wait().unwrap().code(), err.as_str()), (Some(0), ""));
}

#[test]
fn the_store_may_stand_in_the_environment_or_the_command() {
    let place = Place::played();
    assert!(place.run(&["player", "--db", "sqlite:test.db"]).exits(0).out.contains("ann"));
    let mut by_default = place.command(&["player"]);
    // One file is the whole store when nobody has it open.
    std::fs::copy(place.path("test.db"), place.path("levelkit.db")).unwrap();
    let output = by_default.env_remove("LEVELKIT_DB").output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
}
