//! Seasons: each ends after it starts, and no two overlap (the rules, section 10).

use super::fields::Fields;
use super::scalar::{id, instant, int32, multiplier, text};
use super::{Checker, Code, Value, list};
use crate::api::Instant;
use crate::ruleset::defaults;
use crate::ruleset::document::Season;
use crate::ruleset::reader::quoted;

pub(super) fn seasons(checker: &mut Checker, value: Value<'_>) -> Option<Vec<Season>> {
    let mut spans = Vec::new();
    let seasons = list(checker, value, |checker, value| season(checker, value, &mut spans));
    let overlapping = no_overlap(checker, value, spans);
    overlapping.and(seasons)
}

/// When a season runs, and its place in the list.
struct Span {
    start: Instant,
    end: Instant,
    index: usize,
}

fn season(checker: &mut Checker, value: Value<'_>, spans: &mut Vec<Span>) -> Option<Season> {
    let index = value.path.last_index();
    let mut fields = Fields::open(checker, value)?;
    let id = fields.required("id", id("season id"));
    let number = fields.required("number", number);
    let name = fields.required("name", text);
    let theme = fields.required("theme", text);
    let description = fields.required("description", text);
    let start_date = fields.required("start_date", instant);
    let end_date = fields.required("end_date", instant);
    let xp_multiplier = fields.or("xp_multiplier", defaults::season_multiplier(), multiplier);
    if let (Some(start), Some(end)) = (start_date, end_date) {
        if start < end {
            spans.push(Span { start, end, index });
        } else {
            let message = format!("{end} is out of range; expected an instant after start_date, {start}");
            fields.refuse::<()>("end_date", Code::OutOfRange, message);
        }
    }
    fields.close()?;
    Some(Season {
        id: id?,
        number: number?,
        name: name?,
        theme: theme?,
        description: description?,
        start_date: start_date?,
        end_date: end_date?,
        xp_multiplier: xp_multiplier?,
    })
}

fn number(checker: &mut Checker, value: Value<'_>) -> Option<i32> {
    let number = int32(i32::MIN..=i32::MAX)(checker, value)?;
    checker.unique(value, "season number", &number.to_string())?;
    Some(number)
}

/// Reports every season that starts while an earlier one runs.
fn no_overlap(checker: &mut Checker, value: Value<'_>, mut spans: Vec<Span>) -> Option<()> {
    spans.sort_by_key(|span| (span.start, span.index));
    let mut spans = spans.into_iter();
    let mut latest = spans.next();
    let mut clean = Some(());
    for span in spans {
        if let Some(earlier) = latest.as_ref().filter(|earlier| span.start < earlier.end) {
            report_overlap(checker, value, earlier, &span);
            clean = None;
        }
        if latest.as_ref().is_none_or(|latest| latest.end < span.end) {
            latest = Some(span);
        }
    }
    clean
}

fn report_overlap(checker: &mut Checker, value: Value<'_>, earlier: &Span, later: &Span) {
    let season = |span: &Span| value.node.items().get(span.index);
    let name = season(earlier).and_then(|node| node.get("id")?.as_str()).unwrap_or_default();
    let message = format!("season {} runs until {}; expected no earlier start", quoted(name), earlier.end);
    let at = season(later).and_then(|node| node.get("start_date")).map_or(value.node.at, |start| start.at);
    let path = value.path.index(later.index);
    checker.report(path.key("start_date"), Code::SeasonOverlap, at, message);
}
