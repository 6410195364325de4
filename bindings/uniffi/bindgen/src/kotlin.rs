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

/// What Rust takes whatever it is.
const ALWAYS_TAKEN: [&str; 6] = [
    "FfiConverterDouble",
    "FfiConverterInt",
    "FfiConverterLong",
    "FfiConverterOptionalUInt",
    "FfiConverterTypeXp",
    "FfiConverterUInt",
];

/// What Kotlin's own `close` does, which the generator does not say.
const CLOSE: &str = "    /**
     * Closes it, without waiting for calls under way: they go on to their end, and their answers come as ever; the last of them frees what
     * is held, a store's database among it. Where none is under way that is done before this returns. A later call throws
     * [IllegalStateException], and does nothing. Closing again does nothing.
     */
";
const CLOSED: &str = "    @Synchronized\n    override fun close() {\n";

pub(crate) fn polished(text: &str) -> String {
    let mut polished = String::with_capacity(text.len());
    let mut message = false;
    for line in text.lines() {
        let line = match () {
            // A verb stands below its documentation.
            () if line.trim_start().starts_with("*/ ") => below(line),
            // Documentation quotes names of its own.
            () if line.trim_start().starts_with(['*', '/']) => line.to_owned(),
            () if message => "            get() = toString()".to_owned(),
            () => unquoted(&guarded(&refusing(&named(line)))),
        };
        // The text of an exception is Rust's own, which its fields alone are not.
        message = line.trim() == "override val message";
        polished.push_str(&line);
        polished.push('\n');
    }
    // Braces stand where a person puts them.
    crate::tidied(&checked(&polished))
        .replace(")\n\n    {\n\n        companion object\n", ") {\n        companion object\n")
        .replace(" ) : ", ") : ")
        .replace(CLOSED, &format!("{CLOSE}{CLOSED}"))
}

/// A verb that stood on the line on which its documentation ends.
fn below(line: &str) -> String {
    let indent = &line[..line.len() - line.trim_start().len()];
    let verb = line.trim_start().trim_start_matches("*/ ");
    format!("{indent}*/\n{}{}", indent.strip_suffix(' ').unwrap_or(indent), unquoted(verb))
}

/// A case without fields, as one that prints its name; the one field of a case without names, with a name; and a verb on a
/// line of its own.
fn named(line: &str) -> String {
    match line.strip_prefix("    object ") {
        Some(case) if case.ends_with("()") && case.contains(" : ") => format!("    data object {case}"),
        _ => line
            .replace("val v1: ", "val value: ")
            .replace("value.v1", "value.value")
            .replace("::class)override fun ", "::class)\n    override fun ")
            .replace("::class) fun ", "::class)\n    fun "),
    }
}

/// What the generator refuses with exceptions of other kinds, or not at all, is refused like any value that is none of its
/// type; and a panic is an error like any other.
fn refusing(line: &str) -> String {
    line.replace(
        "throw InternalException(FfiConverterString",
        "throw levelkit.api.LevelkitException.Internal(FfiConverterString",
    )
    .replace("throw InternalException(\"Rust panic\")", "throw levelkit.api.LevelkitException.Internal(\"Rust panic\")")
    .replace("CharBuffer.wrap(value)", "CharBuffer.wrap(levelkit.api.whole(value))")
    .replace("= value.length.toULong() * 3UL", "= levelkit.api.whole(value).length.toULong() * 3UL")
    .replace(
        "(value: java.time.Duration) = 12UL",
        "(value: java.time.Duration) = levelkit.api.lasting(value).let { 12UL }",
    )
}

/// An object as an argument, held open until Rust has it. The generator's own code would hand over a closed one: memory that
/// was given back.
fn guarded(line: &str) -> String {
    line.replace("return value.uniffiCloneHandle()", "return value.callWithHandle { value.uniffiCloneHandle() }")
        .replace("callWithHandle(block: (handle: Long) -> R)", "callWithHandle(block: () -> R)")
        .replace("return block(this.uniffiCloneHandle())", "return block()")
        .replace("callWithHandle { uniffiHandle ->", "callWithHandle {")
}

/// Every argument is looked at before the first is handed over: what Rust was given, and is then not called with, is never
/// freed, and a store that one of its calls holds on to does not close.
fn checked(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let mut checked = String::with_capacity(text.len());
    let mut before = "";
    for (index, line) in lines.iter().enumerate() {
        match line.trim() {
            "it," | "uniffiHandle," => checked.push_str(&line.replace(line.trim(), "uniffiCloneHandle(),")),
            size if is_object(size, text) => checked.push_str(&line.replace("= 8UL", "= value.callWithHandle { 8UL }")),
            call => {
                // Where nothing but an argument can stand, nothing else is handed over.
                let verb = call.starts_with("UniffiLib.uniffi_") && call.ends_with('(');
                if verb && before != "return uniffiRustCallAsync(" {
                    looks(&lines[index + 1..], &mut checked);
                }
                checked.push_str(line);
            }
        }
        checked.push('\n');
        before = line.trim();
    }
    checked
}

/// Whether a line says how much room an object takes, which can be closed.
fn is_object(line: &str, text: &str) -> bool {
    let size = line.strip_prefix("override fun allocationSize(value: ").and_then(|rest| rest.strip_suffix(") = 8UL"));
    size.is_some_and(|name| text.contains(&format!("FfiConverterType{name}: FfiConverter<{name}, Long>")))
}

/// Looks at the arguments of the call that has these lines, unless there is but one.
fn looks(lines: &[&str], checked: &mut String) {
    let end = lines.iter().position(|line| line.contains("_status)") || line.trim() == ")").unwrap_or(0);
    let given: Vec<&str> = lines[..=end].iter().map(|line| line.trim()).filter(|line| !line.is_empty()).collect();
    let lowered = given.iter().filter_map(|line| line.split_once(".lower("));
    for (converter, rest) in lowered.filter(|(converter, _)| given.len() > 1 && !ALWAYS_TAKEN.contains(converter)) {
        let argument = rest.split(')').next().unwrap_or_default();
        checked.push_str(&format!("        {converter}.allocationSize({argument})\n"));
    }
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
        assert_eq!(polished(line), "        return value.callWithHandle { value.uniffiCloneHandle() }\n");
    }

    #[test]
    fn what_close_does_is_said() {
        let other = "    @Synchronized\n    private fun find() {\n";
        assert_eq!(polished(&format!("{CLOSED}{other}")), format!("{CLOSE}{CLOSED}{other}"));
    }

    #[test]
    fn arguments_are_looked_at_before_any_is_handed_over() {
        let call = "    UniffiLib.uniffi_x_view(\n        it,\n\n        FfiConverterTypeA.lower(a),\n        FfiConverterInt.lower(b),_status)\n";
        let looked =
            "        FfiConverterTypeA.allocationSize(a)\n    UniffiLib.uniffi_x_view(\n        uniffiCloneHandle(),\n";
        assert!(checked(call).starts_with(looked), "{}", checked(call));
        let alone = "    UniffiLib.uniffi_x_read(\n\n        FfiConverterString.lower(text),_status)\n";
        assert_eq!(checked(alone), alone);
        let later = "            UniffiLib.uniffi_x_player(\n                uniffiHandle,\n\n        FfiConverterString.lower(id),\n            )\n";
        assert!(checked(later).starts_with("        FfiConverterString.allocationSize(id)\n"), "{}", checked(later));
        let object =
            "object FfiConverterTypeA: FfiConverter<A, Long> {\n    override fun allocationSize(value: A) = 8UL\n";
        assert!(checked(object).ends_with("= value.callWithHandle { 8UL }\n"), "{}", checked(object));
    }

    #[test]
    fn what_is_no_value_is_refused_as_such() {
        assert!(polished("            encode(CharBuffer.wrap(value))").contains("levelkit.api.whole(value)"));
        let panic = "            throw InternalException(FfiConverterString.lift(status.error_buf))";
        assert!(polished(panic).contains("throw levelkit.api.LevelkitException.Internal(FfiConverterString"));
        let size = "    override fun allocationSize(value: java.time.Duration) = 12UL";
        assert!(polished(size).contains("levelkit.api.lasting(value)"));
    }

    #[test]
    fn verbs_have_lines_and_fields_have_names() {
        assert_eq!(polished("         */ fun `code`(): String {"), "         */\n        fun code(): String {\n");
        let verb = "    @Throws(LevelkitException::class)override fun view(): View {";
        assert_eq!(polished(verb), "    @Throws(LevelkitException::class)\n    override fun view(): View {\n");
        assert_eq!(polished("        val v1: kotlin.Boolean)"), "        val value: kotlin.Boolean)\n");
    }

    #[test]
    fn cases_print_their_names_and_exceptions_their_texts() {
        assert_eq!(polished("    object Advance : Command()"), "    data object Advance : Command()\n");
        let message = "        override val message\n            get() = \"a=${ `a` }\"";
        assert_eq!(polished(message), "        override val message\n            get() = toString()\n");
    }
}
