//! What the generator's Swift still needs.

pub(crate) fn polished(text: &str) -> String {
    let mut polished = String::with_capacity(text.len());
    for line in text.lines() {
        // A field's name stands right behind its documentation.
        match line.trim_start().strip_prefix("*/").filter(|name| name.starts_with(char::is_alphabetic)) {
            Some(field) => {
                let indent = &line[..line.len() - line.trim_start().len()];
                let indent = indent.strip_suffix(' ').unwrap_or(indent);
                polished.extend([indent, " */\n", indent, field, "\n"]);
            }
            None => polished.extend([&spaced(line), "\n"]),
        }
    }
    // A panic is an error like any other.
    let polished = polished.replace("throw UniffiInternalError.rustPanic(", "throw LevelkitError.internal(what: ");
    crate::tidied(&clamped(&named(&polished)))
}

/// A declaration with the spaces that a person would set.
fn spaced(line: &str) -> String {
    if !["func ", "init("].iter().any(|word| line.contains(word)) {
        return line.to_owned();
    }
    let line =
        line.replace(")throws", ") throws").replace(")async throws", ") async throws").replace("   {try", "  {try");
    let line = line.replace("throws  ->", "throws ->").replace(")  ->", ") ->").replace("  {try", " { try");
    let line = line.replace("func `open`(", "func open(");
    match line.strip_suffix('{') {
        Some(start) => format!("{} {{", start.trim_end()),
        None => line,
    }
}

/// The cases of errors with a small letter first, like every case in Swift.
fn named(text: &str) -> String {
    let mut named = text.to_owned();
    for case in error_cases(text) {
        let (first, rest) = case.split_at(1);
        let name = format!("{}{rest}", first.to_lowercase());
        let declared = if name == "internal" { format!("`{name}`") } else { name.clone() };
        named = named
            .replace(&format!("    case {case}("), &format!("    case {declared}("))
            .replace(&format!(" .{case}("), &format!(" .{name}("));
    }
    named
}

/// The names of the cases of every error in a source.
fn error_cases(text: &str) -> Vec<&str> {
    let mut cases = Vec::new();
    let mut error = false;
    for line in text.lines() {
        error = (error && line != "}") || line.contains(": Swift.Error");
        cases.extend(line.strip_prefix("    case ").filter(|_| error).and_then(|case| case.split('(').next()));
    }
    cases
}

/// A duration that is negative, or longer than any, ended the host's process.
fn clamped(text: &str) -> String {
    const WRITE: &str = "    public static func write(_ value: TimeInterval, into buf: inout [UInt8]) {\n";
    text.replace(WRITE, &format!("{WRITE}        let value = value > 0 ? min(value, 9e18) : 0\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_ends_no_process() {
        let write =
            "    public static func write(_ value: TimeInterval, into buf: inout [UInt8]) {\n        if value < 0 {\n";
        assert!(polished(write).contains("{\n        let value = value > 0 ? min(value, 9e18) : 0\n        if"));
    }

    #[test]
    fn a_panic_is_an_error_with_a_code() {
        let panic = "                throw UniffiInternalError.rustPanic(\"Rust panic\")\n";
        assert_eq!(polished(panic), "                throw LevelkitError.internal(what: \"Rust panic\")\n");
    }

    #[test]
    fn declarations_are_spaced_as_people_space_them() {
        assert_eq!(
            polished("open func view(at: Instant)throws -> View  {"),
            "open func view(at: Instant) throws -> View {\n"
        );
        assert_eq!(polished("public init(id: String)throws  {"), "public init(id: String) throws {\n");
        assert_eq!(polished("func open()async throws -> Store  {"), "func open() async throws -> Store {\n");
        assert_eq!(polished("func close()  {try! call() {"), "func close() { try! call() {\n");
    }

    #[test]
    fn the_cases_of_errors_begin_small() {
        let text = "enum E: Swift.Error {\n    case Refused(why: Why)\n    case Internal(what: String)\n}\n        case 1: return .Refused(\n        case let .Internal(what):\n";
        let small = "enum E: Swift.Error {\n    case refused(why: Why)\n    case `internal`(what: String)\n}\n        case 1: return .refused(\n        case let .internal(what):\n";
        assert_eq!(polished(text), small);
        assert_eq!(
            polished("enum E: Equatable {\n    case Other(a: A)\n}\n"),
            "enum E: Equatable {\n    case Other(a: A)\n}\n"
        );
    }

    #[test]
    fn a_field_has_a_line_of_its_own() {
        assert_eq!(
            polished("        /**\n         * The day.\n         */day: Day,"),
            "        /**\n         * The day.\n         */\n        day: Day,\n"
        );
    }
}
