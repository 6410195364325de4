//! Numbers, dates and counts as people read them.

use levelkit::{Day, Instant, MetricValue};

use crate::tame;

/// 1234567 as `1,234,567`.
pub(crate) fn whole(number: impl TryInto<i64>) -> String {
    let number = number.try_into().unwrap_or(i64::MAX);
    let digits = number.unsigned_abs().to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3 + 1);
    if number < 0 {
        text.push('-');
    }
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 day`, `2 days`.
pub(crate) fn plural(number: impl TryInto<i64>, thing: &str) -> String {
    let number = number.try_into().unwrap_or(i64::MAX);
    let (stem, ending) = match thing.strip_suffix('y') {
        Some(stem) if !stem.ends_with(['a', 'e', 'o']) => (stem, "ies"),
        _ if thing.ends_with('s') => (thing, "es"),
        _ => (thing, "s"),
    };
    match number {
        1 => format!("1 {thing}"),
        _ => format!("{} {stem}{ending}", whole(number)),
    }
}

/// A measurement with at most two decimals: `10,735`, `6.97`.
pub(crate) fn measure(number: f64) -> String {
    let rounded = (number * 100.0).round() / 100.0;
    if rounded.abs() >= 1e15 {
        return number.to_string();
    }
    // Below 2^53, so nothing is cut off.
    let text = whole(rounded.trunc() as i64);
    match format!("{:.2}", rounded.fract().abs()).trim_start_matches('0').trim_end_matches('0') {
        "." => text,
        fraction if rounded < 0.0 && !text.starts_with('-') => format!("-{text}{fraction}"),
        fraction => format!("{text}{fraction}"),
    }
}

/// A measurement of either kind.
pub(crate) fn value(value: MetricValue) -> String {
    match value {
        MetricValue::Number(number) => measure(number),
        MetricValue::Boolean(true) => "yes".to_owned(),
        MetricValue::Boolean(false) => "no".to_owned(),
    }
}

/// A metric's name in plain words, to stand after a number: `very_active_minutes` is `very active minutes`, `distance_km` is
/// `km distance`, `sum.steps` is `steps in all`.
pub(crate) fn metric(name: &str) -> String {
    match name.split_once('.') {
        Some(("sum", metric)) => format!("{} in all", measured(metric)),
        Some(("max", metric)) => format!("{} at most on a day", measured(metric)),
        Some(("days", metric)) => format!("days of {}", measured(metric)),
        _ => measured(name),
    }
}

fn measured(name: &str) -> String {
    let words = tame::name(name).replace(['_', '.'], " ");
    match words.rsplit_once(' ') {
        Some((what, unit @ ("km" | "m" | "kg" | "kcal" | "cm" | "ml" | "bpm"))) => format!("{unit} {what}"),
        _ => words,
    }
}

/// `Tue 2016-04-12`.
pub(crate) fn day(day: Day) -> String {
    const NAMES: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    let weekday = usize::try_from(day.number() - day.monday().number()).ok();
    match weekday.and_then(|weekday| NAMES.get(weekday)) {
        Some(name) => format!("{name} {day}"),
        None => day.to_string(),
    }
}

/// `2016-05-13 00:00 UTC`.
pub(crate) fn instant(at: Instant) -> String {
    let text = at.to_string();
    match text.split_once('T') {
        Some((date, time)) => format!("{date} {} UTC", time.get(..5).unwrap_or(time)),
        None => text,
    }
}

/// Words joined as a sentence does: `a, b and c`.
pub(crate) fn list(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [word] => word.clone(),
        [words @ .., last] => format!("{} and {last}", words.join(", ")),
    }
}

/// `UNCOMMON` as `uncommon`, `E_RANK` as `e rank`.
pub(crate) fn label(label: &str) -> String {
    tame::name(label).to_lowercase().replace('_', " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_easily() {
        assert_eq!([whole(0), whole(-999), whole(1_000), whole(-1_234_567)], ["0", "-999", "1,000", "-1,234,567"]);
        assert_eq!([measure(10_735.0), measure(6.97), measure(-0.5), measure(2.999)], ["10,735", "6.97", "-0.5", "3"]);
        assert_eq!(
            [plural(1, "day"), plural(2, "day"), plural(1_000, "victory")],
            ["1 day", "2 days", "1,000 victories"]
        );
        assert_eq!([plural(2, "boss"), plural(3, "quest")], ["2 bosses", "3 quests"]);
        assert_eq!(list(&["a".into(), "b".into(), "c".into()]), "a, b and c");
    }

    #[test]
    fn days_know_their_name() {
        assert_eq!(day("2016-04-12".parse().unwrap()), "Tue 2016-04-12");
        assert_eq!(instant("2016-05-13T00:00:00Z".parse().unwrap()), "2016-05-13 00:00 UTC");
    }
}
