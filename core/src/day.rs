//! Local days: which date an instant belongs to, in a player's time zone (the rules, section 5).

use chrono::{Datelike, MappedLocalTime, Months, NaiveDate, NaiveDateTime, Offset, TimeDelta, TimeZone};
use chrono_tz::Tz;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::api::{Day, Instant};

/// The version of the IANA time zone database that the engine carries; it is part of the engine's version.
pub const TZDB_VERSION: &str = chrono_tz::IANA_TZDB_VERSION;

/// An IANA time zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Zone(Tz);

impl Zone {
    /// UTC, the default of `users.timezone`.
    pub const UTC: Self = Self(Tz::UTC);

    /// The zone of that IANA name, or `None`.
    ///
    /// ```
    /// assert!(levelkit::Zone::named("Europe/Berlin").is_some());
    /// assert!(levelkit::Zone::named("Berlin").is_none());
    /// ```
    pub fn named(name: &str) -> Option<Self> {
        name.parse().ok().map(Self)
    }

    /// Its IANA name.
    pub fn name(self) -> &'static str {
        self.0.name()
    }

    /// The first instant of a date that begins at wall-clock hour `start_hour`: the first time that the clock shows it, or
    /// the first later instant where the clock skips it.
    pub fn day_start(self, day: Day, start_hour: i32) -> Instant {
        let told = told_alike(day);
        let days = i64::from(day.number()) - i64::from(told.number());
        self.told_day_start(told, start_hour).plus_micros(days * MICROS_OF_DAY)
    }

    /// The same for a date of which the tables tell.
    fn told_day_start(self, day: Day, start_hour: i32) -> Instant {
        let hour = TimeDelta::hours(i64::from(start_hour));
        let wall = day.to_chrono().and_time(chrono::NaiveTime::MIN) + hour;
        let start = match self.0.from_local_datetime(&wall) {
            MappedLocalTime::Single(instant) => instant.timestamp_micros(),
            MappedLocalTime::Ambiguous(one, other) => one.min(other).timestamp_micros(),
            MappedLocalTime::None => self.end_of_gap(wall),
        };
        Instant::MIN.plus_micros(start.saturating_sub(Instant::MIN.micros()))
    }

    /// The date an instant belongs to: the last one whose start has passed.
    pub fn local_day(self, at: Instant, start_hour: i32) -> Day {
        let local = self.0.from_utc_datetime(&at.to_chrono().naive_utc());
        let mut day = Day::from_chrono(local.date_naive());
        while day > Day::MIN && self.day_start(day, start_hour) > at {
            day = day.plus(-1);
        }
        while day < Day::MAX && self.day_start(day.plus(1), start_hour) <= at {
            day = day.plus(1);
        }
        day
    }

    /// The instant at which the clock jumps over `wall`, in microseconds.
    fn end_of_gap(self, wall: NaiveDateTime) -> i64 {
        let offset_at = |seconds: i64| {
            let utc = chrono::DateTime::from_timestamp(seconds, 0).unwrap_or_default().naive_utc();
            i64::from(self.0.offset_from_utc_datetime(&utc).fix().local_minus_utc())
        };
        let wall = wall.and_utc().timestamp();
        let before = offset_at(wall - 86_400);
        // With the old offset the wall time falls on or after the jump; the jump lies less than a day and a bit before it.
        let (mut earlier, mut later) = (wall - before - 90_000, wall - before);
        while later - earlier > 1 {
            let middle = earlier + (later - earlier) / 2;
            match offset_at(middle) == before {
                true => earlier = middle,
                false => later = middle,
            }
        }
        later.saturating_mul(1_000_000)
    }
}

const MICROS_OF_DAY: i64 = 86_400_000_000;

/// A date whose clocks go as on `day`, and of which the tables tell: they end with 2099.
///
/// By then every zone's clocks follow one rule, such as "the last Sunday of March", for ever. So they go as in a year whose
/// months fall on the same weekdays. Years begin with March here, for the leap day to make no difference; 2088 is the first in
/// which no zone is told of year by year (Morocco's clocks follow the moon until 2087), and any eleven years have all weekdays.
fn told_alike(day: Day) -> Day {
    let date = day.to_chrono();
    let year = (date - Months::new(2)).year();
    if year < 2099 {
        return day;
    }
    let march = |year| NaiveDate::from_ymd_opt(year, 3, 1);
    let Some(own) = march(year) else { return day };
    let alike = (2088..2099).filter_map(march).find(|told| told.weekday() == own.weekday());
    alike.map_or(day, |told| Day::from_chrono(date - (own - told)))
}

impl Serialize for Zone {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Zone {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Self::named(&name).ok_or_else(|| serde::de::Error::custom(format!("{name:?} is not an IANA time zone")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start(zone: &str, day: &str, hour: i32) -> String {
        Zone::named(zone).unwrap().day_start(day.parse().unwrap(), hour).to_string()
    }

    fn day(zone: &str, at: &str, hour: i32) -> String {
        Zone::named(zone).unwrap().local_day(at.parse().unwrap(), hour).to_string()
    }

    #[test]
    fn a_skipped_midnight_starts_at_the_first_later_instant() {
        assert_eq!(start("America/Sao_Paulo", "2018-11-04", 0), "2018-11-04T03:00:00.000000Z");
        assert_eq!(day("America/Sao_Paulo", "2018-11-04T02:59:59.999999Z", 0), "2018-11-03");
        assert_eq!(day("America/Sao_Paulo", "2018-11-04T03:00:00Z", 0), "2018-11-04");
        assert_eq!(start("Europe/Berlin", "2026-03-29", 2), "2026-03-29T01:00:00.000000Z");
        // Samoa's clock jumped over the whole date at its midnight, hours before the day would have begun.
        assert_eq!(start("Pacific/Apia", "2011-12-30", 4), "2011-12-30T10:00:00.000000Z");
        assert_eq!(start("Pacific/Apia", "2011-12-30", 0), "2011-12-30T10:00:00.000000Z");
        // Far in the east, and the day would have begun in the middle of the hour that is jumped over, 02:45 to 03:45.
        assert_eq!(start("Pacific/Chatham", "2026-09-27", 3), "2026-09-26T14:00:00.000000Z");
    }

    #[test]
    fn a_repeated_hour_starts_at_its_first_time() {
        assert_eq!(start("America/Havana", "2025-11-02", 0), "2025-11-02T04:00:00.000000Z");
        assert_eq!(start("Europe/Berlin", "2026-10-25", 2), "2026-10-25T00:00:00.000000Z");
        assert_eq!(day("Europe/Berlin", "2026-10-25T01:30:00Z", 2), "2026-10-25");
    }

    #[test]
    fn a_date_without_an_instant_starts_with_the_next() {
        assert_eq!(start("Pacific/Apia", "2011-12-30", 0), start("Pacific/Apia", "2011-12-31", 0));
        assert_eq!(day("Pacific/Apia", "2011-12-30T09:59:59Z", 0), "2011-12-29");
        assert_eq!(day("Pacific/Apia", "2011-12-30T10:00:00Z", 0), "2011-12-31");
    }

    #[test]
    fn the_last_rule_of_a_zone_goes_on() {
        // In the north and in the south of the equator, and where the rule began anew with 2088.
        assert_eq!(start("Europe/Berlin", "2100-07-01", 0), "2100-06-30T22:00:00.000000Z");
        assert_eq!(start("Europe/Berlin", "2100-03-28", 2), "2100-03-28T01:00:00.000000Z");
        assert_eq!(start("Australia/Sydney", "2400-02-29", 0), "2400-02-28T13:00:00.000000Z");
        assert_eq!(start("Australia/Sydney", "9998-07-01", 0), "9998-06-30T14:00:00.000000Z");
        assert_eq!(start("Africa/Casablanca", "2150-07-01", 0), "2150-06-30T23:00:00.000000Z");
        assert_eq!(day("America/New_York", "2100-07-01T04:30:00Z", 0), "2100-07-01");
        assert_eq!(day("America/New_York", "2100-07-01T03:59:59Z", 0), "2100-06-30");
    }

    /// The dates of a year that last longer or shorter than 24 hours, with their hours.
    fn odd_days(zone: &str, year: i32) -> Vec<(String, i64)> {
        let zone = Zone::named(zone).unwrap();
        let first = NaiveDate::from_ymd_opt(year, 1, 1).unwrap();
        let days = first.iter_days().take_while(|date| date.year() == year).map(Day::from_chrono);
        let hours = |day: Day| {
            let end = zone.day_start(Day::from_chrono(day.to_chrono() + TimeDelta::days(1)), 0);
            (end.micros() - zone.day_start(day, 0).micros()) / 3_600_000_000
        };
        days.map(|day| (day.to_string(), hours(day))).filter(|(_, hours)| *hours != 24).collect()
    }

    #[test]
    fn clocks_change_on_the_same_sundays_for_ever() {
        let sunday = |year, month, nth| NaiveDate::from_weekday_of_month_opt(year, month, chrono::Weekday::Sun, nth);
        let last = |year, month| sunday(year, month, 5).or_else(|| sunday(year, month, 4));
        let odd = |date: Option<NaiveDate>, hours: i64| (date.unwrap().to_string(), hours);
        // All ways in which years follow each other, and where a leap year is left out.
        for year in (2088..2130).chain(2196..2206).chain(2396..2406) {
            assert_eq!(odd_days("Europe/Berlin", year), [odd(last(year, 3), 23), odd(last(year, 10), 25)]);
            assert_eq!(odd_days("America/New_York", year), [odd(sunday(year, 3, 2), 23), odd(sunday(year, 11, 1), 25)]);
            assert_eq!(odd_days("Australia/Sydney", year), [odd(sunday(year, 4, 1), 25), odd(sunday(year, 10, 1), 23)]);
        }
    }

    #[test]
    fn the_edges_of_time_hold() {
        let zone = Zone::named("Asia/Tokyo").unwrap();
        assert_eq!(zone.local_day(Instant::MAX, 0), Day::MAX);
        assert_eq!(zone.local_day(Instant::MIN, 23), Day::MIN);
    }
}
