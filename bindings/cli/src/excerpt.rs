//! Excerpts: the line of a fault, with a mark under it.

use levelkit::ruleset::RulesetError;

use crate::paint::Paint;
use crate::tame;

/// How much of a line is shown on each side of the fault.
const AROUND: usize = 60;

/// A fault with its code, place and line:
///
/// ```text
/// UNKNOWN_VALUE quests[0].requirements.op
///   --> rules.yaml:12:40
///    |
/// 12 |     requirements: { type: numeric, op: "=>" }
///    |                                        ^^^^ unknown operator "=>"; expected ...
/// ```
pub(crate) fn of(error: &RulesetError, file: &str, text: &str, paint: Paint) -> String {
    let RulesetError { path, code, message, line, column } = error;
    let (path, message) = (tame::name(path), tame::name(message));
    let title = match path.as_str() {
        "" => paint.bad(code.as_str()),
        path => format!("{} {}", paint.bad(code.as_str()), paint.bold(path)),
    };
    let gutter = line.to_string();
    let blank = " ".repeat(gutter.len());
    let place = paint.dim(&format!("{blank}--> {file}:{line}:{column}"));
    let Some(source) = line_of(text, *line) else {
        return format!("{title}\n{place}\n{blank} = {message}\n");
    };
    let (shown, before, length) = window(source, *column);
    let bar = paint.dim("|");
    let mark = paint.bad(&format!("{}{}", " ".repeat(before), "^".repeat(length)));
    format!("{title}\n{place}\n{blank} {bar}\n{} {bar} {shown}\n{blank} {bar} {mark} {message}\n", paint.dim(&gutter))
}

fn line_of(text: &str, line: u32) -> Option<&str> {
    text.lines().nth(usize::try_from(line).ok()?.checked_sub(1)?)
}

/// The part of a line around a column (from 1), how far into it the fault begins, and how long it is.
fn window(source: &str, column: u32) -> (String, usize, usize) {
    let letters: Vec<char> = source.trim_end().chars().collect();
    let at = usize::try_from(column).unwrap_or(usize::MAX).saturating_sub(1).min(letters.len());
    let from = at.saturating_sub(AROUND);
    let from = if from < 4 { 0 } else { from };
    let to = (at + AROUND).min(letters.len());
    let (lead, tail) = (if from > 0 { "..." } else { "" }, if to < letters.len() { "..." } else { "" });
    let part = letters.get(from..to).unwrap_or_default().iter();
    // A tab is as wide as the terminal likes, and an escape would move the mark.
    let part: String = part.map(|letter| if tame::is_command(*letter) { ' ' } else { *letter }).collect();
    let length = word_length(letters.get(at..to).unwrap_or_default());
    (format!("{lead}{part}{tail}"), at - from + lead.len(), length)
}

/// How many letters the value that begins here has.
fn word_length(letters: &[char]) -> usize {
    let length = match letters.first() {
        Some(quote @ ('"' | '\'')) => {
            let mut escaped = false;
            let closing = letters.iter().skip(1).position(|letter| {
                let closes = letter == quote && !escaped;
                escaped = *letter == '\\' && !escaped;
                closes
            });
            closing.map_or(letters.len(), |inner| inner + 2)
        }
        Some('{' | '[' | '}' | ']' | ',' | ':') => 1,
        _ => letters
            .iter()
            .position(|letter| matches!(letter, ',' | ':' | '}' | ']' | '#') || letter.is_whitespace())
            .unwrap_or(letters.len()),
    };
    length.max(1)
}

#[cfg(test)]
mod tests {
    use levelkit::ruleset::RulesetErrorCode;

    use super::*;

    fn error(line: u32, column: u32) -> RulesetError {
        RulesetError {
            path: "quests[0].op".to_owned(),
            code: RulesetErrorCode::UnknownValue,
            message: "unknown operator".to_owned(),
            line,
            column,
        }
    }

    #[test]
    fn the_mark_stands_under_the_value() {
        let expected = "\
UNKNOWN_VALUE quests[0].op
 --> r.yaml:2:5
  |
2 | op: \"=>\" # why
  |     ^^^^ unknown operator
";
        assert_eq!(of(&error(2, 5), "r.yaml", "first\nop: \"=>\" # why\n", Paint::PLAIN), expected);
    }

    #[test]
    fn a_long_line_is_cut_and_a_missing_one_left_out() {
        let long = format!("{}, \"=>\", {}", "x".repeat(500), "y".repeat(500));
        let text = of(&error(1, 503), "r.json", &long, Paint::PLAIN);
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines.iter().all(|line| line.chars().count() < 200), "{text}");
        let (excerpt, mark) = (lines[3], lines[4]);
        assert_eq!(excerpt.find("\"=>\""), mark.find("^^^^"), "{text}");
        assert!(of(&error(9, 1), "r.json", "one line", Paint::PLAIN).contains("= unknown operator"));
    }
}
