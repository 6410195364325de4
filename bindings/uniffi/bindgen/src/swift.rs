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
            None => polished.extend([&line.replace("throws  ->", "throws ->"), "\n"]),
        }
    }
    crate::tidied(&clamped(&polished))
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
    fn a_field_has_a_line_of_its_own() {
        assert_eq!(
            polished("        /**\n         * The day.\n         */day: Day,"),
            "        /**\n         * The day.\n         */\n        day: Day,\n"
        );
    }
}
