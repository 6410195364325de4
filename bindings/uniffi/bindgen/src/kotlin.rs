//! What the generator's Kotlin still needs.

/// Words that are no names in Kotlin without the backquotes around them.
const KEYWORDS: [&str; 30] = [
    "as",
    "break",
    "class",
    "continue",
    "do",
    "else",
    "false",
    "for",
    "fun",
    "if",
    "in",
    "interface",
    "is",
    "null",
    "object",
    "package",
    "return",
    "super",
    "this",
    "throw",
    "true",
    "try",
    "typealias",
    "typeof",
    "val",
    "var",
    "when",
    "while",
    "yield",
    "_",
];

pub(crate) fn polished(text: &str) -> String {
    let mut polished = String::with_capacity(text.len());
    let mut message = false;
    for line in text.lines() {
        let line = match () {
            // Documentation quotes names of its own.
            () if line.trim_start().starts_with(['*', '/']) => line.to_owned(),
            () if message => "            get() = toString()".to_owned(),
            () => unquoted(&guarded(&named(line))),
        };
        // The text of an exception is Rust's own, which its fields alone are not.
        message = line.trim() == "override val message";
        polished.push_str(&line);
        polished.push('\n');
    }
    // Braces stand where a person puts them.
    crate::tidied(&polished)
        .replace(")\n\n    {\n\n        companion object\n", ") {\n        companion object\n")
        .replace(" ) : ", ") : ")
}

/// A case without fields, as one that prints its name.
fn named(line: &str) -> String {
    match line.strip_prefix("    object ") {
        Some(case) if case.ends_with("()") && case.contains(" : ") => format!("    data object {case}"),
        _ => line.to_owned(),
    }
}

/// An object as an argument, held open until Rust has it. The generator's own code would hand over a closed one: memory that
/// was given back.
fn guarded(line: &str) -> String {
    line.replace("return value.uniffiCloneHandle()", "return value.callWithHandle { it }")
}

/// A line without the backquotes that no name needs.
fn unquoted(line: &str) -> String {
    let mut plain = String::with_capacity(line.len());
    for (index, part) in line.split('`').enumerate() {
        match index % 2 == 1 && KEYWORDS.contains(&part) {
            true => plain.extend(["`", part, "`"]),
            false => plain.push_str(part),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_need_no_quotes_but_keywords_do() {
        assert_eq!(unquoted("val `day`: `in` = `x`"), "val day: `in` = x");
        assert_eq!(polished("     * `day` is quoted"), "     * `day` is quoted\n");
    }

    #[test]
    fn a_closed_object_is_no_argument() {
        let line = "        return value.uniffiCloneHandle()";
        assert_eq!(polished(line), "        return value.callWithHandle { it }\n");
    }

    #[test]
    fn cases_print_their_names_and_exceptions_their_texts() {
        assert_eq!(polished("    object Advance : Command()"), "    data object Advance : Command()\n");
        let message = "        override val message\n            get() = \"a=${ `a` }\"";
        assert_eq!(polished(message), "        override val message\n            get() = toString()\n");
    }
}
