//! Renders the declarations of the boundary types for TypeScript and Python: `cargo xtask gen [--check]`.

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
    let files = [
        ("bindings/node/types.d.ts", typescript::render(&definitions)),
        ("bindings/python/levelkit/types.py", python::render(&definitions)),
    ];
    for (name, text) in files {
        let path = root().join(name);
        if !check {
            std::fs::write(&path, text).map_err(|error| format!("{name}: {error}"))?;
        } else if std::fs::read_to_string(&path).unwrap_or_default() != text {
            return Err(format!("{name} is stale: run `cargo xtask gen`"));
        }
    }
    Ok(())
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).map(Path::to_path_buf).unwrap_or_default()
}
