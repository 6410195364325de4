//! The rules, section 5: local days, and what is due.

use chrono::{DateTime, Datelike, Days, NaiveDate, Offset, TimeZone, Weekday};
use chrono_tz::Tz;
use serde_json::{Value, json};

use super::instants::{MINUTE, SECOND, date_text};
use super::state::{Day, Player, QuestLog};

pub fn zone(name: &str) -> Option<Tz> {
    name.parse().ok()
}

/// Seconds that the wall clock in `tz` is ahead of UTC at that second since 1970.
///
/// The tables end with 2099. Later instants are moved back by whole weeks, into the years 2088 to 2098, which the zones' last rules
/// govern: to the one whose 1st of March falls on the same weekday.
fn offset(tz: Tz, second: i64) -> i64 {
    let mut utc = DateTime::from_timestamp(second, 0).expect("within the calendar").naive_utc();
    let first_of_march = |year| NaiveDate::from_ymd_opt(year, 3, 1).expect("a date");
    let mut spring = first_of_march(utc.year());
    if utc.date() < spring {
        spring = first_of_march(utc.year() - 1);
    }
    if spring.year() > 2098 {
        let mut year = 2088;
        while first_of_march(year).weekday() != spring.weekday() {
            year += 1;
        }
        utc -= spring - first_of_march(year);
    }
    i64::from(tz.offset_from_utc_datetime(&utc).fix().local_minus_utc())
}

/// The first instant at which the wall clock in `tz` shows `date` `hour`:00 or later: found by
/// walking from 17 hours before to 17 hours after the same reading in UTC (no zone was ever
/// further away). A repeated reading means its first occurrence, a skipped one the first later
/// instant.
pub fn start_of_day(tz: Tz, hour: i64, date: NaiveDate) -> i64 {
    let wanted = date.and_hms_opt(hour as u32, 0, 0).expect("an hour").and_utc().timestamp();
    let mut t = wanted - 17 * 3600;
    loop {
        let (here, there) = (offset(tz, t), offset(tz, t + 3600));
        if here == there {
            // the clock runs evenly from t to t + 3600
            let reached = t.max(wanted - here);
            if reached <= t + 3600 {
                return reached * SECOND;
            }
        } else {
            for second in t..=t + 3600 {
                if second + offset(tz, second) >= wanted {
                    return second * SECOND;
                }
            }
        }
        t += 3600;
        assert!(t < wanted + 20 * 3600, "no such reading: {date} {hour} {tz}");
    }
}

/// The latest date that has begun at `t`.
pub fn local_day(tz: Tz, hour: i64, t: i64) -> NaiveDate {
    let utc = DateTime::from_timestamp_micros(t).expect("within the calendar").date_naive();
    let mut date = utc + Days::new(2);
    while start_of_day(tz, hour, date) > t {
        date = date.pred_opt().expect("a date before");
    }
    date
}

pub fn next_date(date: NaiveDate) -> NaiveDate {
    date.succ_opt().expect("a date after")
}

/// The Monday of its ISO week.
pub fn monday(date: NaiveDate) -> NaiveDate {
    date - Days::new(u64::from(date.weekday().num_days_from_monday()))
}

pub fn is_weekend(date: NaiveDate) -> bool {
    matches!(date.weekday(), Weekday::Sat | Weekday::Sun)
}

enum Due {
    CloseOpened(usize),
    CloseUnopened,
    DungeonTimeout,
}

impl Player {
    fn tz(&self) -> Tz {
        zone(&self.timezone).expect("a known zone")
    }

    pub fn local_day_now(&self, t: i64) -> NaiveDate {
        local_day(self.tz(), self.rules.day_start_hour, t)
    }

    /// The first instant at which the local day, in the zone in force, is later than `date`.
    pub fn end_of_date(&self, date: NaiveDate) -> i64 {
        let start = start_of_day(self.tz(), self.rules.day_start_hour, next_date(date));
        // before the last change another zone was in force, and did not end the day
        start.max(self.zone_since)
    }

    pub fn end_of_day(&self, i: usize) -> i64 {
        match self.days.get(i + 1) {
            Some(next) => next.first_instant,
            None => self.end_of_date(self.days[i].date),
        }
    }

    /// The day that follows the last opened one: its date and first instant. Dates without an
    /// instant are skipped.
    pub fn following_day(&self) -> (NaiveDate, i64) {
        let first_instant = self.end_of_day(self.days.len() - 1);
        (self.local_day_now(first_instant), first_instant)
    }

    /// The day that follows day number `i`.
    pub fn date_after(&self, i: usize) -> NaiveDate {
        match self.days.get(i + 1) {
            Some(next) => next.date,
            None => self.following_day().0,
        }
    }

    /// The player's local day at an instant of the past (not before the first day).
    pub fn local_day_then(&self, t: i64) -> NaiveDate {
        self.days.iter().rev().find(|d| d.first_instant <= t).unwrap_or(&self.days[0]).date
    }

    /// Every accepted command first does what is due.
    pub fn do_due(&mut self, at: i64, spare_the_dungeon: bool) -> Result<(), Value> {
        if self.days.is_empty() {
            let date = self.local_day_now(at);
            let first_instant = start_of_day(self.tz(), self.rules.day_start_hour, date);
            self.open(date, first_instant);
            return Ok(());
        }
        while let Some(due) = self.next_due(at, spare_the_dungeon) {
            match due {
                Due::CloseOpened(i) => self.close_day(i, at)?,
                Due::CloseUnopened => {
                    let (date, first_instant) = self.following_day();
                    self.open(date, first_instant);
                    self.close_day(self.days.len() - 1, at)?;
                }
                Due::DungeonTimeout => self.time_out_dungeon(),
            }
        }
        loop {
            let (date, first_instant) = self.following_day();
            if first_instant > at {
                return Ok(());
            }
            self.open(date, first_instant);
        }
    }

    /// The earliest thing that is due at `at`; on a tie a close comes before a timeout.
    fn next_due(&self, at: i64, spare_the_dungeon: bool) -> Option<Due> {
        let mut found: Option<(i64, Due)> = None;
        let grace = self.rules.grace_minutes * MINUTE;
        match self.days.iter().position(|d| d.closed.is_none()) {
            Some(i) => {
                let due_at = self.end_of_day(i) + grace;
                if due_at <= at {
                    found = Some((due_at, Due::CloseOpened(i)));
                }
            }
            None => {
                let (date, first_instant) = self.following_day();
                let due_at = self.end_of_date(date) + grace;
                if first_instant <= at && due_at <= at {
                    found = Some((due_at, Due::CloseUnopened));
                }
            }
        }
        if let Some(deadline) = self.dungeon_deadline()
            && at > deadline
            && !spare_the_dungeon
            && found.as_ref().is_none_or(|(t, _)| deadline < *t)
        {
            found = Some((deadline, Due::DungeonTimeout));
        }
        found.map(|(_, due)| due)
    }

    /// A template is in force if its season is ACTIVE at the day's first instant, or it has none.
    fn in_force(&self, season: &Option<String>, first_instant: i64) -> bool {
        match season {
            None => true,
            Some(id) => self.season_is_active(id, first_instant),
        }
    }

    fn add_log(&mut self, quest: &str, day_date: NaiveDate, made_on: NaiveDate) {
        let exists = self.logs.iter().any(|l| l.quest == quest && l.day_date == day_date);
        if !exists {
            self.logs.push(QuestLog {
                quest: quest.to_string(),
                day_date,
                made_on,
                completed_on: None,
                status: "ACTIVE".to_string(),
                completed_at: None,
                xp_awarded: None,
            });
        }
    }

    fn open(&mut self, date: NaiveDate, first_instant: i64) {
        let rules = self.rules.clone();
        let mut core_total = 0;
        for q in &rules.quests {
            if !self.in_force(&q.season, first_instant) {
                continue;
            }
            match q.kind.as_str() {
                "DAILY" => {
                    self.add_log(&q.id, date, date);
                    core_total += i64::from(q.core);
                }
                "WEEKLY" => self.add_log(&q.id, monday(date), date),
                "BOSS" => {
                    if self.boss_in_progress_at(first_instant) {
                        self.add_log(&q.id, date, date);
                    }
                }
                "DUNGEON" => {
                    if self.dungeon_in_progress_at(first_instant) {
                        self.add_log(&q.id, date, date);
                    }
                }
                other => panic!("quest type {other}"),
            }
        }
        self.days.push(Day { date, first_instant, core_total, closed: None });
        self.emit(json!({"event": "DAY_OPENED", "day": date_text(date), "core_total": core_total}));
    }

    /// DUNGEON and BOSS templates: also at the attempt's start, for the then open day.
    pub fn add_attempt_logs(&mut self, kind: &str) {
        let rules = self.rules.clone();
        let day = self.days.last().expect("an open day").clone();
        for q in rules.quests.iter().filter(|q| q.kind == kind) {
            if self.in_force(&q.season, day.first_instant) {
                self.add_log(&q.id, day.date, day.date);
            }
        }
    }

    /// Completed core DAILY quests of a day.
    pub fn core_completed(&self, date: NaiveDate) -> i64 {
        self.logs
            .iter()
            .filter(|l| l.day_date == date && l.status == "COMPLETED")
            .filter(|l| {
                let q = self.rules.quest(&l.quest);
                q.kind == "DAILY" && q.core
            })
            .count() as i64
    }

    fn close_day(&mut self, i: usize, at: i64) -> Result<(), Value> {
        let rules = self.rules.clone();
        let date = self.days[i].date;
        let end = self.end_of_day(i);
        let next = self.date_after(i);

        // quest_logs still ACTIVE, in ruleset order
        for q in rules.quests.iter().filter(|q| q.kind != "WEEKLY") {
            self.close_log(&q.id, date, date, end, at)?;
        }

        // the day's verdict, the streaks, the debuff: all of them follow from the history of
        // closed days (see streaks.rs)
        let before = self.streaks();
        self.days[i].closed = Some(end);
        let after = self.streaks();
        let core_total = self.days[i].core_total;
        let core_completed = self.core_completed(date);
        let day = self.days[i].clone();
        let triggered = self.debuff_triggered(&day);
        self.emit(json!({
            "event": "DAY_CLOSED",
            "day": date_text(date),
            "core_completed": core_completed,
            "core_total": core_total,
            "missed": core_total - core_completed,
            "all_completed": self.all_completed(&day),
            "debuff_triggered": triggered,
        }));
        if after.current > before.current {
            self.emit(json!({"event": "STREAK_EXTENDED", "current_streak": after.current}));
        } else if after.current < before.current {
            self.emit(json!({"event": "STREAK_BROKEN", "previous_streak": before.current}));
        }
        if triggered {
            let until = self.debuff_active_until().expect("a debuff");
            self.emit(json!(
                {"event": "DEBUFF_STARTED", "until": super::instants::instant_text(until)}
            ));
        }

        // WEEKLY logs; one that only a later day has made (possible when that day was opened
        // during the grace) does not take part in this close
        for q in rules.quests.iter().filter(|q| q.kind == "WEEKLY") {
            let made_later =
                self.logs.iter().any(|l| l.quest == q.id && l.day_date == monday(date) && l.made_on > date);
            if made_later {
                continue;
            }
            self.evaluate_log(&q.id, monday(date), date, date, end, at)?;
        }
        if monday(next) > monday(date) {
            for q in rules.quests.iter().filter(|q| q.kind == "WEEKLY") {
                self.close_log(&q.id, monday(date), date, end, at)?;
            }
        }

        self.evaluate_titles(date, end);
        self.close_day_for_boss(date, next, end, at)
    }
}

/// For tests and the generator: the instants at which a zone's clock changes in a span.
pub fn clock_changes(tz: Tz, from: i64, to: i64) -> Vec<i64> {
    let mut list = Vec::new();
    let mut t = from.div_euclid(SECOND);
    while t * SECOND < to {
        if offset(tz, t) != offset(tz, t + 3600) {
            let second = (t + 1..=t + 3600).find(|s| offset(tz, *s) != offset(tz, *s - 1)).expect("a change");
            list.push(second * SECOND);
        }
        t += 3600;
    }
    list
}

#[cfg(test)]
mod tests {
    use super::super::instants::{instant, instant_text};
    use super::*;

    fn start(name: &str, hour: i64, date: &str) -> String {
        let date = date.parse().unwrap();
        instant_text(start_of_day(zone(name).unwrap(), hour, date))
    }

    fn day(name: &str, hour: i64, t: &str) -> String {
        date_text(local_day(zone(name).unwrap(), hour, instant(&json!(t))))
    }

    #[test]
    fn starts() {
        assert_eq!(start("Europe/Berlin", 0, "2026-03-29"), "2026-03-28T23:00:00.000000Z");
        // 02:00 is skipped: the first later instant is 03:00 CEST
        assert_eq!(start("Europe/Berlin", 2, "2026-03-29"), "2026-03-29T01:00:00.000000Z");
        // 02:00 happens twice: the first, still CEST
        assert_eq!(start("Europe/Berlin", 2, "2026-10-25"), "2026-10-25T00:00:00.000000Z");
        // midnight is skipped in Sao Paulo
        assert_eq!(start("America/Sao_Paulo", 0, "2018-11-04"), "2018-11-04T03:00:00.000000Z");
        // midnight comes twice in Havana
        assert_eq!(start("America/Havana", 0, "2026-11-01"), "2026-11-01T04:00:00.000000Z");
        assert_eq!(start("Australia/Lord_Howe", 0, "2026-04-05"), "2026-04-04T13:00:00.000000Z");
        // a date that never was
        assert_eq!(start("Pacific/Apia", 0, "2011-12-30"), start("Pacific/Apia", 0, "2011-12-31"));
        assert_eq!(start("Pacific/Apia", 0, "2011-12-31"), "2011-12-30T10:00:00.000000Z");
    }

    #[test]
    fn local_days() {
        assert_eq!(day("Pacific/Apia", 0, "2011-12-30T09:59:59.999999Z"), "2011-12-29");
        assert_eq!(day("Pacific/Apia", 0, "2011-12-30T10:00:00Z"), "2011-12-31");
        assert_eq!(day("Pacific/Kiritimati", 0, "2026-01-01T10:00:00Z"), "2026-01-02");
        assert_eq!(day("Etc/GMT+12", 23, "2026-01-02T10:59:59Z"), "2025-12-31");
        assert_eq!(day("Etc/GMT+12", 23, "2026-01-02T11:00:00Z"), "2026-01-01");
        assert_eq!(day("UTC", 4, "2026-01-02T03:59:59.999999Z"), "2026-01-01");
        // before 00:01 clocks went back to 23:01: the day does not go back
        assert_eq!(day("America/St_Johns", 0, "2006-10-29T02:30:30Z"), "2006-10-29");
        assert_eq!(day("America/St_Johns", 0, "2006-10-29T02:45:00Z"), "2006-10-29");
    }

    #[test]
    fn weeks() {
        let d: NaiveDate = "2026-01-01".parse().unwrap();
        assert_eq!(date_text(monday(d)), "2025-12-29");
        assert!(is_weekend("2026-01-03".parse().unwrap()));
    }
}
