//! Requirements, and the metrics they read.

use super::fields::Fields;
use super::scalar::{boolean, label, number, one_of, text};
use super::size::{nested, within_limits};
use super::{Checker, Code, Target, Value, list_of_some};
use crate::api::MetricKind;
use crate::requirement::Requirement;
use crate::ruleset::metric::{MetricName, is_measured};
use crate::ruleset::reader::{Entry, quoted};

/// A whole requirement, as far as it is no larger than it may be.
pub(in crate::ruleset) fn requirement(checker: &mut Checker, value: Value<'_>) -> Option<Requirement> {
    within_limits(checker, value, node)
}

/// A requirement within another.
fn part(checker: &mut Checker, value: Value<'_>) -> Option<Requirement> {
    nested(checker, value, node)
}

#[derive(Clone, Copy)]
enum Form {
    Numeric,
    Boolean,
    Compound,
    Not,
    Between,
}

fn form(checker: &mut Checker, value: Value<'_>) -> Option<Form> {
    let forms = ["numeric", "boolean", "compound", "not", "between"];
    one_of(checker, value, "requirement type", &forms, |word| match word {
        "numeric" => Some(Form::Numeric),
        "boolean" => Some(Form::Boolean),
        "compound" => Some(Form::Compound),
        "not" => Some(Form::Not),
        "between" => Some(Form::Between),
        _ => None,
    })
}

fn node(checker: &mut Checker, value: Value<'_>) -> Option<Requirement> {
    let mut fields = Fields::open(checker, value)?;
    // Without its type, nothing can be said of the other fields.
    match fields.required("type", form)? {
        Form::Numeric => numeric(fields),
        Form::Boolean => yes_or_no(fields),
        Form::Compound => compound(fields),
        Form::Not => negation(fields),
        Form::Between => between(fields),
    }
}

fn numeric(mut fields: Fields<'_, '_>) -> Option<Requirement> {
    let metric = fields.required("metric", metric(Some(MetricKind::Numeric)));
    let op = fields.required("op", label);
    let value = fields.required("value", number);
    fields.close()?;
    Some(Requirement::Numeric { metric: metric?, op: op?, value: value? })
}

fn yes_or_no(mut fields: Fields<'_, '_>) -> Option<Requirement> {
    let metric = fields.required("metric", metric(Some(MetricKind::Boolean)));
    let value = fields.required("value", boolean);
    fields.close()?;
    Some(Requirement::Boolean { metric: metric?, value: value? })
}

fn compound(mut fields: Fields<'_, '_>) -> Option<Requirement> {
    let logic = fields.required("logic", label);
    let requirements =
        fields.required("requirements", |checker, value| list_of_some(checker, value, "requirement", part));
    fields.close()?;
    Some(Requirement::Compound { logic: logic?, requirements: requirements? })
}

fn negation(mut fields: Fields<'_, '_>) -> Option<Requirement> {
    let requirement = fields.required("requirement", part);
    fields.close()?;
    Some(Requirement::Not { requirement: Box::new(requirement?) })
}

fn between(mut fields: Fields<'_, '_>) -> Option<Requirement> {
    let metric = fields.required("metric", metric(Some(MetricKind::Numeric)));
    let min = fields.required("min", number);
    let max = fields.required("max", number);
    if let (Some(min), Some(max)) = (min, max)
        && min > max
    {
        let message = format!("{min} is more than max; expected at most {max}");
        fields.refuse::<()>("min", Code::OutOfRange, message);
    }
    fields.close()?;
    let (min, max) = (min?, max?);
    (min <= max).then_some(Requirement::Between { metric: metric?, min, max })
}

/// A metric that a leaf compares as a kind, or that a title's condition merely counts.
pub(super) fn metric(used_as: Option<MetricKind>) -> impl Fn(&mut Checker, Value<'_>) -> Option<String> {
    move |checker, value| {
        let name = text(checker, value)?;
        let Some(parsed) = MetricName::parse(&name) else {
            return invalid_metric(checker, value, &name);
        };
        match (parsed, used_as) {
            (MetricName::Measured(metric), Some(kind)) => checker.use_metric(value, metric, kind)?,
            (MetricName::Measured(_), None) => {}
            (_, Some(MetricKind::Boolean)) => {
                let message = format!("{} is numeric; expected a boolean metric", quoted(&name));
                return checker.refuse(value, Code::MetricKind, message);
            }
            (MetricName::Sum(metric) | MetricName::Max(metric), _) => {
                checker.use_metric(value, metric, MetricKind::Numeric)?;
            }
            (MetricName::Completions(quest), _) => checker.reference(value, Target::Quest, quest)?,
            (MetricName::Derived(_) | MetricName::Days(_), _) => {}
        }
        Some(name)
    }
}

fn invalid_metric<T>(checker: &mut Checker, value: Value<'_>, name: &str) -> Option<T> {
    let expected = "[a-z][a-z0-9_.]{0,63}, a derived metric, or sum., max. or days. and a measured metric";
    checker.refuse(value, Code::InvalidMetric, format!("{} is not a metric; expected {expected}", quoted(name)))
}

/// Whether a metric may be declared; reports it at its name if not.
pub(super) fn declarable(checker: &mut Checker, value: Value<'_>, entry: &Entry<'_>) -> Option<()> {
    if is_measured(&entry.key) {
        return Some(());
    }
    let name = quoted(&entry.key);
    let message =
        format!("{name} cannot be declared; expected [a-z][a-z0-9_.]{{0,63}}, and no name that the rules reserve");
    checker.report(value.path, Code::InvalidMetric, entry.at, message);
    None
}

impl Checker {
    pub(super) fn declare_metric(&mut self, metric: &str, kind: MetricKind) {
        self.kinds.insert(metric.to_owned(), kind);
    }

    /// Notes how a measured metric is used, and reports a use that does not fit an earlier one.
    pub(super) fn use_metric(&mut self, value: Value<'_>, metric: &str, kind: MetricKind) -> Option<()> {
        match self.kinds.get(metric).copied() {
            Some(known) if known != kind => {
                let message = format!("{} is {known}; expected a {kind} metric", quoted(metric));
                self.refuse(value, Code::MetricKind, message)
            }
            Some(_) => Some(()),
            None => {
                self.kinds.insert(metric.to_owned(), kind);
                Some(())
            }
        }
    }
}
