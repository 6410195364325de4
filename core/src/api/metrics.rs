//! Measurements: what a tracker, a phone or a person reports.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::MetricKind;

/// One measured value: a finite number, or yes or no.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(untagged)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum MetricValue {
    /// Yes or no.
    Boolean(bool),
    /// A number; NaN and infinities are refused as `INVALID_METRIC`.
    Number(f64),
}

impl MetricValue {
    /// The kind of metric this value fits.
    pub fn kind(self) -> MetricKind {
        match self {
            Self::Boolean(_) => MetricKind::Boolean,
            Self::Number(_) => MetricKind::Numeric,
        }
    }
}

impl From<f64> for MetricValue {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

impl From<bool> for MetricValue {
    fn from(yes: bool) -> Self {
        Self::Boolean(yes)
    }
}

/// Measured values by metric name.
///
/// ```
/// use levelkit::Metrics;
/// let metrics = Metrics::from([("steps", 12_000.0.into()), ("meditated", true.into())]);
/// assert_eq!(serde_json::to_string(&metrics).unwrap(), r#"{"meditated":true,"steps":12000.0}"#);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Metrics(pub BTreeMap<String, MetricValue>);

impl<const N: usize> From<[(&str, MetricValue); N]> for Metrics {
    fn from(entries: [(&str, MetricValue); N]) -> Self {
        Self(entries.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }
}

impl FromIterator<(String, MetricValue)> for Metrics {
    fn from_iter<I: IntoIterator<Item = (String, MetricValue)>>(entries: I) -> Self {
        Self(entries.into_iter().collect())
    }
}
