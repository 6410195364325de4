//! The whole document: every section in its order.

use std::collections::BTreeMap;

use super::boss::boss;
use super::dungeon::dungeon;
use super::fields::Fields;
use super::modifiers::{day, debuff, modifiers, streak};
use super::narrative::narrative;
use super::quest::quest;
use super::requirement::declarable;
use super::scalar::{label, shown, text};
use super::season::seasons;
use super::title::title;
use super::{Checker, Code, Value, curve, list};
use crate::ruleset::document::{Document, FORMAT, MetricDeclaration};
use crate::ruleset::reader::Kind;

pub(in crate::ruleset) fn document(checker: &mut Checker, value: Value<'_>) -> Option<Document> {
    let default = Document::default();
    let mut fields = Fields::open(checker, value)?;
    let format = fields.required("format", format);
    let metrics = fields.or("metrics", default.metrics, metrics);
    let curve = fields.or("curve", default.curve, curve);
    let modifiers = fields.or("modifiers", default.modifiers, modifiers);
    let streak = fields.or("streak", default.streak, streak);
    let debuff = fields.or("debuff", default.debuff, debuff);
    let day = fields.or("day", default.day, day);
    let quests = fields.or("quests", default.quests, |checker, value| list(checker, value, quest));
    let titles = fields.or("titles", default.titles, |checker, value| list(checker, value, title));
    let bosses = fields.or("bosses", default.bosses, |checker, value| list(checker, value, boss));
    let dungeons = fields.or("dungeons", default.dungeons, |checker, value| list(checker, value, dungeon));
    let seasons = fields.or("seasons", default.seasons, seasons);
    let narratives = fields.or("narratives", default.narratives, |checker, value| list(checker, value, narrative));
    fields.close()?;
    Some(Document {
        format: format?,
        metrics: metrics?,
        curve: curve?,
        modifiers: modifiers?,
        streak: streak?,
        debuff: debuff?,
        day: day?,
        quests: quests?,
        titles: titles?,
        bosses: bosses?,
        dungeons: dungeons?,
        seasons: seasons?,
        narratives: narratives?,
    })
}

fn format(checker: &mut Checker, value: Value<'_>) -> Option<String> {
    let format = text(checker, value)?;
    if format != FORMAT {
        return checker.refuse(
            value,
            Code::InvalidFormat,
            format!("{} is not a format; expected {FORMAT:?}", shown(value)),
        );
    }
    Some(format)
}

fn metrics(checker: &mut Checker, value: Value<'_>) -> Option<BTreeMap<String, MetricDeclaration>> {
    let Kind::Map(entries) = &value.node.kind else {
        return checker.wrong_type(value, "an object");
    };
    let mut metrics = BTreeMap::new();
    let mut faulty = false;
    for entry in entries {
        let value = Value { node: &entry.node, path: value.path.key(&entry.key) };
        match (declarable(checker, value, entry), declaration(checker, value)) {
            (Some(()), Some(declaration)) => {
                checker.declare_metric(&entry.key, declaration.kind);
                metrics.insert(entry.key.clone().into_owned(), declaration);
            }
            _ => faulty = true,
        }
    }
    (!faulty).then_some(metrics)
}

fn declaration(checker: &mut Checker, value: Value<'_>) -> Option<MetricDeclaration> {
    let mut fields = Fields::open(checker, value)?;
    let kind = fields.required("kind", label);
    fields.close()?;
    Some(MetricDeclaration { kind: kind? })
}
