//! Foreign texts: names in a ruleset or a database can hold anything, and a terminal should show that, not obey it.
//!
//! Where a text from outside stands in a line it is tamed there, line ends included. Whatever is printed is tamed once more on
//! its way out, so that nothing that was overlooked does more than end a line.

use crate::paint::Paint;

/// Whether a terminal would obey a letter instead of showing it: a control character, or one that ends the line or turns the
/// direction of what follows.
pub(crate) fn is_command(letter: char) -> bool {
    letter.is_control() || matches!(letter, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A name, with what would be obeyed as an escape.
pub(crate) fn name(text: &str) -> String {
    let mut tamed = String::with_capacity(text.len());
    text.chars().for_each(|letter| push(&mut tamed, letter));
    tamed
}

/// A text of several lines as one, tamed.
pub(crate) fn one_line(text: &str) -> String {
    name(&text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// A whole page; its line ends and its colours stay.
pub(crate) fn page(text: &str, paint: Paint) -> String {
    let (mut tamed, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(letter) = rest.chars().next() {
        let code = paint.code_before(rest).unwrap_or_default();
        tamed.push_str(code);
        let length = match code {
            "" if letter == '\n' => (tamed.push(letter), 1).1,
            "" => (push(&mut tamed, letter), letter.len_utf8()).1,
            code => code.len(),
        };
        rest = rest.get(length..).unwrap_or_default();
    }
    tamed
}

/// A JSON document: what would be obeyed stands in its strings only, and is escaped there.
pub(crate) fn json(document: &str) -> String {
    let mut tamed = String::with_capacity(document.len());
    for letter in document.chars() {
        match letter == '\n' || !is_command(letter) {
            true => tamed.push(letter),
            false => tamed.push_str(&format!("\\u{:04x}", u32::from(letter))),
        }
    }
    tamed
}

fn push(tamed: &mut String, letter: char) {
    match is_command(letter) {
        true => tamed.extend(letter.escape_debug()),
        false => tamed.push(letter),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_command_a_terminal() {
        assert_eq!(
            name("\u{1b}[2J\u{9b}2J\u{7}\r\n\u{202e}evil\u{2066}"),
            "\\u{1b}[2J\\u{9b}2J\\u{7}\\r\\n\\u{202e}evil\\u{2066}"
        );
        assert_eq!(name("Ida \u{1f3c6} \"née\" \u{5d0}\u{200f}"), "Ida \u{1f3c6} \"née\" \u{5d0}\u{200f}");
        assert_eq!(one_line(" two\n  lines\u{1b}c"), "two lines\\u{1b}c");
    }

    #[test]
    fn a_page_keeps_its_lines_and_only_the_colours_it_has() {
        let painted = format!("{}\n\u{1b}[2J\u{1b}[8mé\n", Paint::COLOURED.bad("no"));
        assert_eq!(page(&painted, Paint::COLOURED), "\u{1b}[1;31mno\u{1b}[0m\n\\u{1b}[2J\\u{1b}[8mé\n");
        assert_eq!(page(&painted, Paint::PLAIN), "\\u{1b}[1;31mno\\u{1b}[0m\n\\u{1b}[2J\\u{1b}[8mé\n");
    }

    #[test]
    fn json_says_the_same_in_escapes() {
        let value = serde_json::json!({ "a\u{9b}": "\u{1b}\u{7f}\u{202e}\né" });
        let tamed = json(&serde_json::to_string_pretty(&value).unwrap());
        assert_eq!(tamed, "{\n  \"a\\u009b\": \"\\u001b\\u007f\\u202e\\né\"\n}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&tamed).unwrap(), value);
    }
}
