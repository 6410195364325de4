//! Renders the declarations of the boundary types for TypeScript and Python: `cargo xtask gen [--check]`.

mod document;
mod document_python;
mod document_typescript;
mod model;
mod python;
mod typescript;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

fn main() -> ExitCode {
    let check = std::env::args().any(|argument| argument == "--check");
    match run(check) {
        Ok(()) => ExitCode::SUCCESS,
        Err(wrong) => {
            eprintln!("{wrong}");
            ExitCode::FAILURE
        }
    }
}

fn run(check: bool) -> Result<(), String> {
    let definitions = model::read(&levelkit_shared::schema::schema())?;
    let document = document::read(&levelkit_shared::schema::ruleset())?;
    let files = [
        ("bindings/node/types.d.ts", typescript::render(&definitions)),
        ("bindings/node/documents.d.ts", document_typescript::render(&document, &definitions)?),
        ("bindings/python/levelkit/types.py", python::render(&definitions)),
        ("bindings/python/levelkit/documents.py", document_python::render(&document)?),
    ];
    let mut stale = Vec::new();
    for (name, text) in files {
        let path = root().join(name);
        if !check {
            std::fs::write(&path, text).map_err(|error| format!("{name}: {error}"))?;
        } else if std::fs::read_to_string(&path).unwrap_or_default() != text {
            stale.push(format!("{name} is stale"));
        }
    }
    match stale.is_empty() {
        true => Ok(()),
        false => Err(format!("{}: run `cargo xtask gen`", stale.join("\n"))),
    }
}

fn root() -> PathBuf {
    let own = std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| "./tests/gen".into(), PathBuf::from);
    own.ancestors().nth(2).map(Path::to_path_buf).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn rendered(schema: &Value) -> Result<[String; 2], String> {
        let definitions = model::read(schema)?;
        Ok([typescript::render(&definitions), python::render(&definitions)])
    }

    #[test]
    fn the_committed_declarations_are_current() {
        run(true).unwrap();
    }

    /// What `--check` fails on: one field more in the core changes both files.
    #[test]
    fn one_field_more_shows_in_both_languages() {
        let before = levelkit_shared::schema::schema();
        let mut after = before.clone();
        let field = json!({ "type": "integer", "format": "int32", "description": "How many were skipped." });
        after["$defs"]["Step"]["properties"]["skipped_levels"] = field;
        let (before, after) = (rendered(&before).unwrap(), rendered(&after).unwrap());
        assert!(before[0] != after[0] && after[0].contains("  skippedLevels: number;"));
        assert!(before[1] != after[1] && after[1].contains("    skipped_levels: int\n"));
    }

    #[test]
    fn the_documentation_speaks_the_language_s_own_names() {
        let [typescript, python] = rendered(&levelkit_shared::schema::schema()).unwrap();
        let said =
            |text: &str| ["base_xp", "total_xp", "created_at"].iter().any(|name| text.contains(&format!("`{name}`")));
        assert!(said(&python) && !said(&typescript) && typescript.contains("What turned `baseXp` into `finalXp`"));
        assert!(
            typescript.contains("`null` takes the active one off")
                && python.contains("`None` takes the active one off")
        );
        // A number's decimal text is what JSON has for it.
        assert!(![&typescript, &python].iter().any(|text| text.contains("an integer, or its decimal string")));
    }

    #[test]
    fn the_stores_own_errors_share_a_class() {
        let [_, python] = rendered(&levelkit_shared::schema::schema()).unwrap();
        let first = |text: &str| python.find(text).unwrap_or_else(|| panic!("{text}"));
        assert!(first("class StoreError(Failure):") < first("class StoreMissingError(StoreError):"));
        for text in
            ["class NotMigratedError(Failure):", "class StoreStatementError(StoreError):", "    \"StoreError\",\n"]
        {
            first(text);
        }
        first("\"STORE_ERROR\": StoreStatementError,");
    }

    #[test]
    fn what_a_declaration_could_not_say_truly_is_refused() {
        let described = |mut schema: Value| {
            schema["description"] = "Something.".into();
            schema
        };
        let with = |field: &str, schema: Value| {
            let properties = json!({ field: described(schema) });
            json!({ "$defs": { "T": described(json!({ "type": "object", "properties": properties })) } })
        };
        for (field, schema) in [
            ("counts", json!({ "type": "object", "additionalProperties": { "type": "integer", "format": "int32" } })),
            ("phase_2", json!({ "type": "boolean" })),
            ("from", json!({ "type": "boolean" })),
            ("size", json!({ "type": "integer", "format": "uint16" })),
            ("either", json!({ "type": ["string", "boolean"] })),
        ] {
            let wrong = rendered(&with(field, schema)).unwrap_err();
            assert!(wrong.contains("T") && wrong.len() > 10, "{wrong}");
        }
        let undocumented = json!({ "$defs": { "T": { "type": "object", "properties": {} } } });
        assert!(rendered(&undocumented).unwrap_err().contains("documentation"));
        assert!(
            rendered(&with("metrics", json!({ "type": "object", "additionalProperties": { "type": "boolean" } })))
                .is_ok()
        );
    }
}
