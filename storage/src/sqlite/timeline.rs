//! The timeline: what happened, rebuilt from the rows it left.
//!
//! A row tells an instant, and where it does not (a day's own events, quests that ended with their day) the instant is the
//! day's first or last one, in the zone then in force. Streaks, stats and the debuff leave no rows of their own: the day's
//! close and the ledger imply them.

use std::collections::HashMap;
use std::ops::RangeInclusive;

use diesel::SqliteConnection;
use diesel::prelude::*;
use levelkit::player::QuestLog;
use levelkit::{BossAttemptStatus, Day, DungeonAttemptStatus, Event, Instant, QuestStatus, QuestType, Step, Xp, Zone};

use super::convert::{day, instant, int, label, optional_instant};
use super::ledger;
use super::load::{quest_log, unknown_player};
use super::rows::QuestLogRow;
use super::rules::Rulesets;
use super::schema::*;
use crate::error::Result;
use crate::view::{LedgerEntry, TimelineEntry};

/// What happened to a player within a range, by instant; what happened at the same one in the order of the rules.
pub(super) fn timeline(
    conn: &mut SqliteConnection,
    rulesets: &mut Rulesets,
    id: &str,
    range: RangeInclusive<Instant>,
) -> Result<Vec<TimelineEntry>> {
    if levelkit_players::table.find(id).count().get_result::<i64>(conn)? == 0 {
        return Err(unknown_player(id));
    }
    let mut timeline = Timeline { range, entries: Vec::new() };
    let days = Days::load(conn, rulesets, id, timeline.dates())?;
    timeline.quests(conn, rulesets, id, &days)?;
    timeline.days(conn, id, &days)?;
    timeline.ledger(conn, id)?;
    timeline.titles(conn, id)?;
    timeline.bosses(conn, id)?;
    timeline.dungeons(conn, id)?;
    timeline.seasons(conn, id)?;
    timeline.entries.sort_by_key(|entry| (entry.at, place(&entry.event)));
    Ok(timeline.entries)
}

struct Timeline {
    range: RangeInclusive<Instant>,
    entries: Vec<TimelineEntry>,
}

/// When a player's days begin.
struct Days {
    /// From when on which zone was in force, oldest first.
    zones: Vec<(Instant, Zone)>,
    /// The hour at which days begin, by the ruleset in force now.
    hour: i32,
    /// The hour of the ruleset that opened the day, where a log tells.
    hours: HashMap<Day, i32>,
}

impl Days {
    fn load(conn: &mut SqliteConnection, rulesets: &mut Rulesets, id: &str, dates: (String, String)) -> Result<Self> {
        let rows = levelkit_zone_history::table
            .filter(levelkit_zone_history::user_id.eq(id))
            .order(levelkit_zone_history::since)
            .select((levelkit_zone_history::since, levelkit_zone_history::timezone))
            .load::<(i64, String)>(conn)?;
        let zone = |(since, timezone): (i64, String)| {
            Ok((instant("levelkit_zone_history.since", since)?, Zone::named(&timezone).unwrap_or(Zone::UTC)))
        };
        let zones = rows.into_iter().map(zone).collect::<Result<_>>()?;
        let hour = rulesets.engine(conn)?.ruleset().document().day.day_start_hour;
        let opened = quest_logs::table
            .filter(quest_logs::user_id.eq(id).and(quest_logs::day_date.between(dates.0, dates.1)))
            .select(QuestLogRow::as_select())
            .load(conn)?;
        let mut hours = HashMap::new();
        for row in opened {
            let log = quest_log(row)?;
            let rules = rulesets.known(conn, log.rules)?;
            hours.insert(log.opened_on, rules.ruleset.document().day.day_start_hour);
        }
        Ok(Self { zones, hour, hours })
    }

    /// The first instant of a day, in the zone that was in force then.
    fn start(&self, day: Day) -> Instant {
        let hour = self.hours.get(&day).copied().unwrap_or(self.hour);
        let mut start = Zone::UTC.day_start(day, hour);
        for (since, zone) in &self.zones {
            let in_this_zone = zone.day_start(day, hour).max(*since);
            if *since <= start || *since == Instant::MIN {
                start = in_this_zone;
            }
        }
        start
    }
}

impl Timeline {
    fn add(&mut self, at: Instant, event: Event) {
        if self.range.contains(&at) {
            self.entries.push(TimelineEntry { at, event });
        }
    }

    /// The dates that can have anything to do with the range, a week's Monday among them.
    fn dates(&self) -> (String, String) {
        let date = |instant: &Instant, days| Zone::UTC.local_day(*instant, 0).plus(days).to_string();
        (date(self.range.start(), -9), date(self.range.end(), 2))
    }

    fn quests(&mut self, conn: &mut SqliteConnection, rulesets: &mut Rulesets, id: &str, days: &Days) -> Result<()> {
        let (from, to) = self.dates();
        let rows = quest_logs::table
            .filter(quest_logs::user_id.eq(id).and(quest_logs::day_date.between(from, to)))
            .order((quest_logs::day_date, quest_logs::template_id))
            .select(QuestLogRow::as_select())
            .load(conn)?;
        for row in rows {
            let QuestLog { quest, day, rules, status, completed_at, xp_awarded, .. } = quest_log(row)?;
            let kind = rulesets.known(conn, rules)?.quest(&quest).map(|(_, kind)| kind);
            let next = day.plus(if kind == Some(QuestType::Weekly) { 7 } else { 1 });
            let (quest, ends_at) = (quest.to_string(), days.start(next));
            match status {
                QuestStatus::Active => {}
                QuestStatus::Completed => {
                    self.add(completed_at.unwrap_or(ends_at), Event::QuestCompleted { quest, day });
                }
                QuestStatus::Failed => {
                    self.add(ends_at, Event::QuestFailed { quest: quest.clone(), day });
                    if let Some(xp) = xp_awarded {
                        self.add(ends_at, Event::PartialReward { quest, day, xp });
                    }
                }
                QuestStatus::Expired => self.add(ends_at, Event::QuestExpired { quest, day }),
            }
        }
        Ok(())
    }

    fn days(&mut self, conn: &mut SqliteConnection, id: &str, days: &Days) -> Result<()> {
        let (from, to) = self.dates();
        let rows = daily_logs::table
            .filter(daily_logs::user_id.eq(id).and(daily_logs::day_date.between(from, to)))
            .order(daily_logs::day_date)
            .select((
                daily_logs::day_date,
                daily_logs::core_completed,
                daily_logs::core_total,
                daily_logs::all_completed,
                daily_logs::debuff_triggered,
                daily_logs::evaluated,
            ))
            .load::<(String, i64, i64, bool, bool, bool)>(conn)?;
        for (day_date, core_completed, core_total, all_completed, debuff_triggered, evaluated) in rows {
            let day = day("daily_logs.day_date", &day_date)?;
            let core_total = int("daily_logs.core_total", core_total)?;
            let core_completed = int("daily_logs.core_completed", core_completed)?;
            let missed = core_total.saturating_sub(core_completed);
            self.add(days.start(day), Event::DayOpened { day, core_total });
            if evaluated {
                let closed =
                    Event::DayClosed { day, core_completed, core_total, missed, all_completed, debuff_triggered };
                self.add(days.start(day.plus(1)), closed);
            }
        }
        Ok(())
    }

    fn ledger(&mut self, conn: &mut SqliteConnection, id: &str) -> Result<()> {
        const PAGE: usize = 500;
        let mut after = self.range.start().micros().checked_sub(1).and_then(Instant::from_micros);
        loop {
            let page = ledger::page(conn, id, after, PAGE)?;
            for LedgerEntry { event, modifiers } in page.entries {
                if event.created_at > *self.range.end() {
                    return Ok(());
                }
                let steps = modifiers.into_iter().map(|step| Step {
                    order: step.order,
                    modifier: step.modifier,
                    multiplier: step.multiplier,
                    reason: step.reason,
                    xp_before: step.xp_before,
                    xp_after: step.xp_after,
                });
                let awarded = Event::XpAwarded {
                    source: event.event_source,
                    base_xp: event.base_xp,
                    final_xp: event.final_xp,
                    total_xp_before: Xp(event.total_xp_before),
                    total_xp_after: Xp(event.total_xp_after),
                    steps: steps.collect(),
                };
                self.add(event.created_at, awarded);
                let (level_before, level_after) = (event.level_before, event.level_after);
                if level_before < level_after {
                    self.add(event.created_at, Event::LevelUp { level_before, level_after });
                }
                if level_after < level_before {
                    self.add(event.created_at, Event::LevelDown { level_before, level_after });
                }
            }
            after = match page.next {
                Some(next) => Some(next),
                None => return Ok(()),
            };
        }
    }

    fn titles(&mut self, conn: &mut SqliteConnection, id: &str) -> Result<()> {
        let rows = levelkit_title_history::table
            .filter(levelkit_title_history::user_id.eq(id))
            .order((levelkit_title_history::earned_at, levelkit_title_history::title_id))
            .select((
                levelkit_title_history::title_id,
                levelkit_title_history::earned_at,
                levelkit_title_history::revoked_at,
            ))
            .load::<(String, i64, Option<i64>)>(conn)?;
        for (title, earned_at, revoked_at) in rows {
            let earned_at = instant("levelkit_title_history.earned_at", earned_at)?;
            self.add(earned_at, Event::TitleEarned { title: title.clone() });
            if let Some(revoked_at) = optional_instant("levelkit_title_history.revoked_at", revoked_at)? {
                self.add(revoked_at, Event::TitleRevoked { title });
            }
        }
        Ok(())
    }

    fn bosses(&mut self, conn: &mut SqliteConnection, id: &str) -> Result<()> {
        let rows = boss_attempts::table
            .filter(boss_attempts::user_id.eq(id))
            .order(boss_attempts::started_at)
            .select((
                boss_attempts::boss_id,
                boss_attempts::status,
                boss_attempts::current_phase,
                boss_attempts::started_at,
                boss_attempts::completed_at,
            ))
            .load::<(String, String, i64, i64, Option<i64>)>(conn)?;
        for (boss, status, phase, started_at, completed_at) in rows {
            let phase = int("boss_attempts.current_phase", phase)?;
            let status = label("boss_attempts.status", &status, BossAttemptStatus::from_label)?;
            let started_at = instant("boss_attempts.started_at", started_at)?;
            self.add(started_at, Event::BossStarted { boss: boss.clone(), phase: 1 });
            let ended_at = optional_instant("boss_attempts.completed_at", completed_at)?.unwrap_or(started_at);
            match status {
                BossAttemptStatus::InProgress => {}
                BossAttemptStatus::Victory => self.add(ended_at, Event::BossVictory { boss, phase }),
                BossAttemptStatus::Defeat => self.add(ended_at, Event::BossLost { boss, phase }),
                BossAttemptStatus::Abandoned => self.add(ended_at, Event::BossAbandoned { boss, phase }),
            }
        }
        Ok(())
    }

    fn dungeons(&mut self, conn: &mut SqliteConnection, id: &str) -> Result<()> {
        let rows = dungeon_attempts::table
            .filter(dungeon_attempts::user_id.eq(id))
            .order(dungeon_attempts::started_at)
            .select((
                dungeon_attempts::dungeon_id,
                dungeon_attempts::status,
                dungeon_attempts::started_at,
                dungeon_attempts::completed_at,
            ))
            .load::<(String, String, i64, Option<i64>)>(conn)?;
        for (dungeon, status, started_at, completed_at) in rows {
            let status = label("dungeon_attempts.status", &status, DungeonAttemptStatus::from_label)?;
            let started_at = instant("dungeon_attempts.started_at", started_at)?;
            self.add(started_at, Event::DungeonEntered { dungeon: dungeon.clone() });
            let ended_at = optional_instant("dungeon_attempts.completed_at", completed_at)?.unwrap_or(started_at);
            match status {
                DungeonAttemptStatus::InProgress => {}
                DungeonAttemptStatus::Cleared => self.add(ended_at, Event::DungeonCleared { dungeon }),
                DungeonAttemptStatus::Failed => self.add(ended_at, Event::DungeonFailed { dungeon }),
                DungeonAttemptStatus::TimedOut => self.add(ended_at, Event::DungeonTimedOut { dungeon }),
            }
        }
        Ok(())
    }

    fn seasons(&mut self, conn: &mut SqliteConnection, id: &str) -> Result<()> {
        let rows = season_participations::table
            .filter(season_participations::user_id.eq(id))
            .select((season_participations::season_id, season_participations::joined_at))
            .load::<(String, i64)>(conn)?;
        for (season, joined_at) in rows {
            let joined_at = instant("season_participations.joined_at", joined_at)?;
            self.add(joined_at, Event::SeasonJoined { season });
        }
        Ok(())
    }
}

/// The order of what happens at one instant.
fn place(event: &Event) -> u8 {
    match event {
        Event::QuestFailed { .. } | Event::QuestExpired { .. } => 0,
        Event::PartialReward { .. } => 1,
        Event::DayClosed { .. } => 2,
        Event::StreakExtended { .. } | Event::StreakBroken { .. } | Event::DebuffStarted { .. } => 3,
        Event::TitleRevoked { .. } => 4,
        Event::BossVictory { .. }
        | Event::BossLost { .. }
        | Event::BossPhaseCleared { .. }
        | Event::BossPhaseRestarted { .. } => 5,
        Event::DungeonTimedOut { .. } => 6,
        Event::DayOpened { .. } => 7,
        Event::BossStarted { .. } | Event::BossAbandoned { .. } | Event::DungeonEntered { .. } => 8,
        Event::QuestCompleted { .. } | Event::DungeonCleared { .. } | Event::DungeonFailed { .. } => 9,
        Event::SeasonJoined { .. } => 10,
        Event::XpAwarded { .. } => 11,
        Event::LevelUp { .. } | Event::LevelDown { .. } => 12,
        Event::StatRaised { .. } => 13,
        Event::TitleEarned { .. } | Event::TitleEquipped { .. } => 14,
    }
}
