//! How a title's condition is written: `condition_type` beside `condition_config`, and within a compound as one object.

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::{Condition, Regression, Subject, TitleCondition};
use crate::api::ConditionType;

impl Condition {
    /// The `condition_type` it is written under.
    pub fn condition_type(&self) -> ConditionType {
        match self {
            Self::StreakDays { .. } => ConditionType::StreakDays,
            Self::CumulativeCount { .. } => ConditionType::CumulativeCount,
            Self::TimeWindow { .. } => ConditionType::TimeWindow,
            Self::EventCount { .. } => ConditionType::EventCount,
            Self::Compound { .. } => ConditionType::Compound,
            Self::AccountCreation | Self::FirstOfMonth | Self::Level { .. } | Self::Special { .. } => {
                ConditionType::Special
            }
        }
    }

    fn write<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        match self {
            Self::StreakDays { days, streak } => {
                map.serialize_entry("days", days)?;
                map.serialize_entry("streak", streak)
            }
            Self::CumulativeCount { subject, count } => {
                subject.write(map)?;
                map.serialize_entry("count", count)
            }
            Self::TimeWindow { subject, count, window_days } => {
                subject.write(map)?;
                map.serialize_entry("count", count)?;
                map.serialize_entry("window_days", window_days)
            }
            Self::EventCount { event, count } => {
                map.serialize_entry("event", event)?;
                map.serialize_entry("count", count)
            }
            Self::Compound { logic, conditions } => {
                map.serialize_entry("logic", logic)?;
                map.serialize_entry("conditions", conditions)
            }
            Self::AccountCreation => map.serialize_entry("special", "ACCOUNT_CREATION"),
            Self::FirstOfMonth => map.serialize_entry("special", "FIRST_OF_MONTH"),
            Self::Level { level } => {
                map.serialize_entry("special", "LEVEL")?;
                map.serialize_entry("level", level)
            }
            Self::Special { special } => map.serialize_entry("special", special),
        }
    }
}

/// A part of a compound.
impl Serialize for Condition {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("type", &self.condition_type())?;
        self.write(&mut map)?;
        map.end()
    }
}

impl Serialize for TitleCondition {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("condition_type", &self.condition.condition_type())?;
        map.serialize_entry("condition_config", &Config(self))?;
        map.end()
    }
}

struct Config<'c>(&'c TitleCondition);

impl Serialize for Config<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        self.0.condition.write(&mut map)?;
        if let Some(regression) = &self.0.regression {
            map.serialize_entry("regression", regression)?;
        }
        if let Some(stat) = self.0.stat {
            map.serialize_entry("stat", &stat)?;
        }
        map.end()
    }
}

impl Subject {
    fn write<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        match self {
            Self::Metric(metric) => map.serialize_entry("metric", metric),
            Self::Quest(quest) => map.serialize_entry("quest", quest),
        }
    }
}

impl Serialize for Regression {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(3))?;
        self.subject.write(&mut map)?;
        map.serialize_entry("misses", &self.misses)?;
        map.serialize_entry("window_days", &self.window_days)?;
        map.end()
    }
}
