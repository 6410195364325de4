//! Rows to a player. Which rows, each database asks in its own SQL; what they mean is the same on all of them.

use levelkit::player::{
    BossAttempt, ClosedDay, Counters, DungeonAttempt, EndedLog, Fact, Grant, History, LedgerHead, Participation,
    Player, QuestLog, RulesetHash, State, Stats, UserTitle,
};
use levelkit::{BossAttemptStatus, Command, Day, DungeonAttemptStatus, QuestStatus, QuestType, Refusal, Source, Zone};

use crate::convert::{day, hash, instant, int, json, label, metric_value, optional_day, optional_instant};
use crate::error::{Error, Result};
use crate::rows::*;
use crate::rulesets::Known;

/// What the rows of a player hold, apart from the past.
pub(crate) struct PlayerRows {
    pub(crate) user: UserRow,
    pub(crate) record: RecordRow,
    /// Keys with their counts, by key.
    pub(crate) counters: Vec<(String, i64)>,
    /// By name.
    pub(crate) specials: Vec<String>,
    /// By title.
    pub(crate) titles: Vec<TitleRow>,
    /// By season: XP scored and when the player joined.
    pub(crate) seasons: Vec<(String, i64, i64)>,
    /// Seasons whose standings are final.
    pub(crate) sealed_seasons: Vec<String>,
    /// The last boss fight.
    pub(crate) boss: Option<(BossAttemptRow, AttemptRow)>,
    /// The last dungeon attempt.
    pub(crate) dungeon: Option<(DungeonAttemptRow, AttemptRow)>,
}

/// What the rows of a player's past hold.
#[derive(Default)]
pub(crate) struct HistoryRows {
    /// Closed days: date, core quests completed, core quests.
    pub(crate) days: Vec<(String, i64, i64)>,
    /// By day and metric.
    pub(crate) facts: Vec<FactRow>,
    /// Logs that ended: day, quest, status; by day, completion and quest.
    pub(crate) ended: Vec<(String, String, String)>,
    /// The days that dungeon clears count on, by start.
    pub(crate) clears: Vec<String>,
    /// The days that boss victories count on, by start.
    pub(crate) victories: Vec<String>,
}

/// The days that clears and victories count on, out of what counts: its kind and the day.
pub(crate) fn clears_and_victories(counted: Vec<(String, String)>) -> (Vec<String>, Vec<String>) {
    let (clears, victories): (Vec<_>, Vec<_>) = counted.into_iter().partition(|(kind, _)| kind == "DUNGEON");
    let days = |counted: Vec<(String, String)>| counted.into_iter().map(|(_, day)| day).collect();
    (days(clears), days(victories))
}

pub(crate) fn unknown_player(id: &str) -> Error {
    Refusal::UnknownId { kind: levelkit::IdKind::Player, id: id.to_owned() }.into()
}

/// The player, without open quest logs and the past.
pub(crate) fn player(id: &str, rows: PlayerRows) -> Result<Player> {
    let PlayerRows { user, record, counters, specials, titles, seasons, sealed_seasons, boss, dungeon } = rows;
    let mut counts = Counters::default();
    counters.into_iter().for_each(|(key, count)| counts.set(&key.into(), count));
    let state = State {
        counters: counts,
        specials: specials.into_iter().map(Into::into).collect(),
        titles: titles.into_iter().map(user_title).collect::<Result<_>>()?,
        seasons: seasons.into_iter().map(participation).collect::<Result<_>>()?,
        sealed_seasons: sealed_seasons.into_iter().map(Into::into).collect(),
        boss: boss.map(|(row, beside)| boss_attempt(row, beside)).transpose()?,
        dungeon: dungeon.map(|(row, beside)| dungeon_attempt(row, beside)).transpose()?,
        ..own_state(user, record)?
    };
    Ok(Player { id: id.into(), state, history: History::default() })
}

/// The part of the state that stands in the player's own rows.
fn own_state(user: UserRow, record: RecordRow) -> Result<State> {
    let UserRow {
        timezone,
        level,
        total_xp,
        current_streak,
        longest_streak,
        perfect_streak,
        debuff_active_until,
        strength,
        agi,
        vit,
        disc,
        active_title_id,
    } = user;
    let RecordRow {
        last_at,
        first_day,
        open_day,
        day_ends_at,
        next_day,
        event_count,
        head_hash,
        last_created_at,
        zone_since,
        title_inputs,
        open_days,
        skipped_days,
        dungeon_exits,
        sums_until: _,
    } = record;
    let zone = Zone::named(&timezone).ok_or(Refusal::InvalidTimezone { timezone })?;
    Ok(State {
        level: int("users.level", level)?,
        total_xp,
        current_streak: int("users.current_streak", current_streak)?,
        longest_streak: int("users.longest_streak", longest_streak)?,
        perfect_streak: int("users.perfect_streak", perfect_streak)?,
        debuff_active_until: optional_instant("users.debuff_active_until", debuff_active_until)?,
        stats: Stats {
            str: int("users.str", strength)?,
            agi: int("users.agi", agi)?,
            vit: int("users.vit", vit)?,
            disc: int("users.disc", disc)?,
        },
        active_title: active_title_id.map(Into::into),
        last_at: optional_instant("levelkit_players.last_at", last_at)?,
        first_day: optional_day("levelkit_players.first_day", first_day)?,
        open_day: optional_day("levelkit_players.open_day", open_day)?,
        day_ends_at: optional_instant("levelkit_players.day_ends_at", day_ends_at)?,
        next_day: optional_day("levelkit_players.next_day", next_day)?,
        zone_since: optional_instant("levelkit_players.zone_since", zone_since)?,
        ledger: LedgerHead {
            events: event_count,
            hash: hash("levelkit_players.head_hash", &head_hash)?,
            created_at: optional_instant("levelkit_players.last_created_at", last_created_at)?,
        },
        title_inputs: u32::try_from(title_inputs).unwrap_or(u32::MAX),
        days: json("levelkit_players.open_days", &open_days)?,
        skipped: json("levelkit_players.skipped_days", &skipped_days)?,
        dungeon_exits: json("levelkit_players.dungeon_exits", &dungeon_exits)?,
        ..State::new(zone)
    })
}

fn boss_attempt(row: BossAttemptRow, beside: AttemptRow) -> Result<BossAttempt> {
    let BossAttemptRow { boss_id, status, current_phase, started_at, completed_at } = row;
    let AttemptRow { rules, from_day, days_closed, retries, entered_at: _, deadline: _, counted_on } = beside;
    Ok(BossAttempt {
        boss: boss_id.into(),
        rules: hash("levelkit_attempts.rules", &rules)?,
        status: label("boss_attempts.status", &status, BossAttemptStatus::from_label)?,
        phase: int("boss_attempts.current_phase", current_phase)?,
        phase_from: day("levelkit_attempts.from_day", &from_day)?,
        days_closed: int("levelkit_attempts.days_closed", days_closed.unwrap_or(0))?,
        retries: int("levelkit_attempts.retries", retries.unwrap_or(0))?,
        started_at: instant("boss_attempts.started_at", started_at)?,
        completed_at: optional_instant("boss_attempts.completed_at", completed_at)?,
        counted_on: optional_day("levelkit_attempts.counted_on", counted_on)?,
    })
}

fn dungeon_attempt(row: DungeonAttemptRow, beside: AttemptRow) -> Result<DungeonAttempt> {
    let DungeonAttemptRow { dungeon_id, status, progress, started_at, completed_at, xp_awarded } = row;
    let AttemptRow { rules, from_day, days_closed: _, retries: _, entered_at, deadline, counted_on } = beside;
    let SnapshotColumn { snapshot } = json("dungeon_attempts.progress", &progress)?;
    Ok(DungeonAttempt {
        dungeon: dungeon_id.into(),
        rules: hash("levelkit_attempts.rules", &rules)?,
        status: label("dungeon_attempts.status", &status, DungeonAttemptStatus::from_label)?,
        started_at: instant("dungeon_attempts.started_at", started_at)?,
        entered_at: instant("levelkit_attempts.entered_at", entered_at.unwrap_or(started_at))?,
        from: day("levelkit_attempts.from_day", &from_day)?,
        deadline: instant("levelkit_attempts.deadline", deadline.unwrap_or(started_at))?,
        snapshot,
        completed_at: optional_instant("dungeon_attempts.completed_at", completed_at)?,
        counted_on: optional_day("levelkit_attempts.counted_on", counted_on)?,
        xp_awarded: xp_awarded.map(|xp| int("dungeon_attempts.xp_awarded", xp)).transpose()?,
    })
}

/// A player's quest log.
///
/// A row whose id is not derived is the application's own, from before levelkit took over. If its quest was completed, it stays
/// completed, as a log of the ruleset in force, and is not awarded again; else levelkit opens the quest anew in its place.
pub(crate) fn quest_log(user: &str, row: QuestLogRow, in_force: RulesetHash) -> Result<Option<QuestLog>> {
    let QuestLogRow { id, template_id, status, progress, completed_at, xp_awarded, day_date } = row;
    let day = day("quest_logs.day_date", &day_date)?;
    let status = label("quest_logs.status", &status, QuestStatus::from_label)?;
    let is_ours = id == levelkit::id::quest_log(user, &template_id, day);
    let ProgressColumn { progress, rules, opened_on } = match (is_ours, status) {
        (true, _) => json("quest_logs.progress", &progress)?,
        (false, QuestStatus::Completed) => ProgressColumn { progress: None, rules: in_force, opened_on: day },
        (false, _) => return Ok(None),
    };
    Ok(Some(QuestLog {
        quest: template_id.into(),
        day,
        opened_on,
        rules,
        status,
        completed_at: optional_instant("quest_logs.completed_at", completed_at)?,
        xp_awarded: xp_awarded.map(|xp| int("quest_logs.xp_awarded", xp)).transpose()?,
        evaluated: progress.is_some(),
        fraction: progress.map_or(0.0, |progress| progress.fraction),
    }))
}

/// The quest logs that these rows hold.
pub(crate) fn quest_logs(user: &str, rows: Vec<QuestLogRow>, in_force: RulesetHash) -> Result<Vec<QuestLog>> {
    rows.into_iter().filter_map(|row| quest_log(user, row, in_force).transpose()).collect()
}

/// The id of a command that happens once by it, unless nothing can have it.
pub(crate) fn grant_id(command: &Command) -> Option<&str> {
    match command {
        Command::AdjustXp { id, .. } | Command::GrantXp { id, .. } => Some(&**id).filter(|id| !id.contains('\0')),
        Command::Report { .. }
        | Command::Advance {}
        | Command::StartBoss { .. }
        | Command::AbandonBoss {}
        | Command::EnterDungeon { .. }
        | Command::ReportDungeon { .. }
        | Command::ForfeitDungeon {}
        | Command::EquipTitle { .. }
        | Command::SetTimezone { .. }
        | Command::JoinSeason { .. } => None,
    }
}

fn fact(row: FactRow) -> Result<Fact> {
    let FactRow { day: date, metric, number, boolean, observed_at } = row;
    Ok(Fact {
        day: day("levelkit_facts.day", &date)?,
        metric: metric.into(),
        value: metric_value(number, boolean)?,
        observed_at: instant("levelkit_facts.observed_at", observed_at)?,
    })
}

fn user_title(row: TitleRow) -> Result<UserTitle> {
    let TitleRow { title_id, earned_at, revoked_at, cause } = row;
    Ok(UserTitle {
        title: title_id.into(),
        earned_at: instant("user_titles.earned_at", earned_at)?,
        revoked_at: optional_instant("user_titles.revoked_at", revoked_at)?,
        // Without a history it was the application's: levelkit does not know what earned it, so it does not take it away either.
        reward: cause.as_deref() != Some("CONDITION"),
    })
}

fn participation((season, season_xp, joined_at): (String, i64, i64)) -> Result<Participation> {
    let joined_at = instant("season_participations.joined_at", joined_at)?;
    Ok(Participation { season: season.into(), season_xp, joined_at })
}

/// The first date on which a quest log that matters can stand: the Monday of the oldest open day's week. Before the first command
/// any: the application may have written some.
pub(crate) fn open_logs_from(state: &State) -> Day {
    state.days.first().map_or(Day::MIN, |open| open.day.monday())
}

/// Every ruleset that opened something of this player's.
pub(crate) fn rulesets_of(state: &State) -> Vec<RulesetHash> {
    let days = state.days.iter().map(|open| open.rules);
    let logs = state.logs.iter().map(|log| log.rules);
    let boss = state.boss.iter().map(|attempt| attempt.rules);
    let dungeon = state.dungeon.iter().map(|attempt| attempt.rules);
    let mut hashes: Vec<RulesetHash> = days.chain(logs).chain(boss).chain(dungeon).collect();
    hashes.sort_unstable();
    hashes.dedup();
    hashes
}

/// Keeps the logs whose day or week is not closed, in the order they were opened. `known` knows the rulesets that opened them.
pub(crate) fn keep_open_logs(state: &mut State, known: impl Fn(RulesetHash) -> Option<std::sync::Arc<Known>>) {
    let oldest = state.days.first().map_or(Day::MIN, |open| open.day);
    let mut placed: Vec<_> = std::mem::take(&mut state.logs)
        .into_iter()
        .filter_map(|log| {
            let place = known(log.rules).and_then(|known| known.quest(&log.quest));
            let weekly = place.is_some_and(|(_, kind)| kind == QuestType::Weekly);
            (weekly || oldest <= log.day).then_some(((log.opened_on, place.map(|(place, _)| place)), log))
        })
        .collect();
    placed.sort_by_key(|(order, _)| *order);
    state.logs = placed.into_iter().map(|(_, log)| log).collect();
}

/// The first day whose rows may belong to the history: earlier ones are the application's own, from before levelkit took over.
pub(crate) fn history_begins(state: &State, from: Day) -> Day {
    state.first_day.map_or(from, |first| from.max(first.monday()))
}

/// Adds the past from `from` on; rows of earlier days are left out.
pub(crate) fn add_history(player: &mut Player, rows: HistoryRows, from: Day) -> Result<()> {
    let HistoryRows { days, facts, ended, clears, victories } = rows;
    let oldest_open = player.state.days.first().map_or(Day::MAX, |open| open.day);
    for (day_date, core_completed, core_total) in days {
        let closed = ClosedDay {
            day: day("daily_logs.day_date", &day_date)?,
            core_completed: int("daily_logs.core_completed", core_completed)?,
            core_total: int("daily_logs.core_total", core_total)?,
        };
        if from <= closed.day && player.state.first_day.is_some_and(|first| first <= closed.day) {
            player.history.days.push(closed);
        }
    }
    for row in facts {
        let fact = fact(row)?;
        match fact.day < oldest_open {
            true if fact.day < from => {}
            true => player.history.facts.push(fact),
            false => player.state.facts.push(fact),
        }
    }
    for (day_date, quest, status) in ended {
        let log = EndedLog { day: day("quest_logs.day_date", &day_date)?, quest: quest.into() };
        if log.day < from {
            continue;
        }
        match label("quest_logs.status", &status, QuestStatus::from_label)? {
            QuestStatus::Completed => player.history.completions.push(log),
            QuestStatus::Failed | QuestStatus::Expired => player.history.misses.push(log),
            QuestStatus::Active => {}
        }
    }
    player.history.clears = counted_days(&clears, from)?;
    player.history.victories = counted_days(&victories, from)?;
    Ok(())
}

fn counted_days(dates: &[String], from: Day) -> Result<Vec<Day>> {
    let days = dates.iter().map(|date| day("attempts.counted_on", date));
    days.filter(|day| day.as_ref().map_or(true, |day| from <= *day)).collect()
}

/// An adjustment or a grant: whose it was, its source and its amount.
pub(crate) fn grant(id: &str, (user, source, amount): (String, String, i64)) -> Result<Grant> {
    Ok(Grant {
        id: id.into(),
        user: user.into(),
        source: label("adjustments.source", &source, Source::from_label)?,
        amount: int("adjustments.amount", amount)?,
    })
}
