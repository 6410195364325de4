//! The timeline: what happened, rebuilt from the rows it left.
//!
//! A row tells an instant, and where it does not (a day's own events, quests that ended with their day) the instant is the
//! day's first or last one, in the zone then in force. Streaks, stats and the debuff leave no rows of their own: the day's
//! close and the ledger imply them.

use std::collections::HashMap;
use std::ops::RangeInclusive;
use std::sync::Arc;

use levelkit::player::{QuestLog, RulesetHash};
use levelkit::{BossAttemptStatus, Day, DungeonAttemptStatus, Event, Instant, QuestStatus, QuestType, Step, Xp, Zone};

use crate::convert::{day, instant, int, label, optional_instant};
use crate::error::Result;
use crate::rulesets::Known;
use crate::view::{LedgerEntry, TimelineEntry};

/// What the rows hold that a timeline is made of.
pub(crate) struct TimelineRows {
    /// From when on which zone was in force, oldest first.
    pub(crate) zones: Vec<(i64, String)>,
    /// The hour at which days begin, by the ruleset in force now.
    pub(crate) hour: i32,
    /// Logs within [`dates`], by day and quest.
    pub(crate) logs: Vec<QuestLog>,
    /// Days within [`dates`]: date, core quests completed, core quests, perfect, debuff, closed.
    pub(crate) days: Vec<(String, i64, i64, bool, bool, bool)>,
    /// Events of the ledger within the range.
    pub(crate) ledger: Vec<LedgerEntry>,
    /// Titles: id, when earned, when revoked.
    pub(crate) titles: Vec<(String, i64, Option<i64>)>,
    /// Boss fights: boss, status, phase, start, end.
    pub(crate) bosses: Vec<(String, String, i64, i64, Option<i64>)>,
    /// Dungeon attempts: dungeon, status, start, end.
    pub(crate) dungeons: Vec<(String, String, i64, Option<i64>)>,
    /// Seasons joined, and when.
    pub(crate) seasons: Vec<(String, i64)>,
}

/// The dates that can have anything to do with a range, a week's Monday among them.
pub(crate) fn dates(range: &RangeInclusive<Instant>) -> (String, String) {
    let date = |instant: &Instant, days| Zone::UTC.local_day(*instant, 0).plus(days).to_string();
    (date(range.start(), -9), date(range.end(), 2))
}

/// What happened within a range, by instant; what happened at the same one in the order of the rules.
pub(crate) fn timeline(
    range: RangeInclusive<Instant>,
    rows: TimelineRows,
    known: impl Fn(RulesetHash) -> Option<Arc<Known>>,
) -> Result<Vec<TimelineEntry>> {
    let TimelineRows { zones, hour, logs, days: day_rows, ledger, titles, bosses, dungeons, seasons } = rows;
    let days = Days::new(zones, hour, &logs, &known)?;
    let mut timeline = Timeline { range, entries: Vec::new() };
    timeline.quests(logs, &known, &days);
    timeline.days(day_rows, &days)?;
    timeline.ledger(ledger);
    timeline.titles(titles)?;
    timeline.bosses(bosses)?;
    timeline.dungeons(dungeons)?;
    for (season, joined_at) in seasons {
        let joined_at = instant("season_participations.joined_at", joined_at)?;
        timeline.add(joined_at, Event::SeasonJoined { season });
    }
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
    fn new(
        zones: Vec<(i64, String)>,
        hour: i32,
        logs: &[QuestLog],
        known: impl Fn(RulesetHash) -> Option<Arc<Known>>,
    ) -> Result<Self> {
        let zone = |(since, timezone): (i64, String)| {
            Ok((instant("zone_history.since", since)?, Zone::named(&timezone).unwrap_or(Zone::UTC)))
        };
        let zones = zones.into_iter().map(zone).collect::<Result<_>>()?;
        let hours = logs.iter().filter_map(|log| Some((log.opened_on, known(log.rules)?.day_start_hour())));
        Ok(Self { zones, hour, hours: hours.collect() })
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

    fn quests(&mut self, logs: Vec<QuestLog>, known: impl Fn(RulesetHash) -> Option<Arc<Known>>, days: &Days) {
        for QuestLog { quest, day, rules, status, completed_at, xp_awarded, .. } in logs {
            let kind = known(rules).and_then(|known| known.quest(&quest)).map(|(_, kind)| kind);
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
    }

    fn days(&mut self, rows: Vec<(String, i64, i64, bool, bool, bool)>, days: &Days) -> Result<()> {
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

    fn ledger(&mut self, entries: Vec<LedgerEntry>) {
        for LedgerEntry { event, modifiers } in entries {
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
    }

    fn titles(&mut self, rows: Vec<(String, i64, Option<i64>)>) -> Result<()> {
        for (title, earned_at, revoked_at) in rows {
            let earned_at = instant("title_history.earned_at", earned_at)?;
            self.add(earned_at, Event::TitleEarned { title: title.clone() });
            if let Some(revoked_at) = optional_instant("title_history.revoked_at", revoked_at)? {
                self.add(revoked_at, Event::TitleRevoked { title });
            }
        }
        Ok(())
    }

    fn bosses(&mut self, rows: Vec<(String, String, i64, i64, Option<i64>)>) -> Result<()> {
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

    fn dungeons(&mut self, rows: Vec<(String, String, i64, Option<i64>)>) -> Result<()> {
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
