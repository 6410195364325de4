//! Rows to a player: what a command may look at, and no more of the past than the rules look back to.

use diesel::prelude::*;
use diesel::{OptionalExtension, SqliteConnection};
use levelkit::player::{
    BossAttempt, ClosedDay, Counters, DungeonAttempt, EndedLog, Fact, Grant, History, LedgerHead, Participation,
    Player, QuestLog, State, Stats, UserTitle,
};
use levelkit::{BossAttemptStatus, Command, Day, DungeonAttemptStatus, QuestStatus, QuestType, Refusal, Source, Zone};

use super::convert::{day, hash, instant, int, json, label, metric_value, optional_day, optional_instant};
use super::rows::*;
use super::rules::Rulesets;
use super::schema::*;
use super::sums::{self, Sums};
use crate::error::{Error, Result};

/// A player with the engine that can decide for it.
pub(super) struct Loaded {
    pub(super) player: Player,
    pub(super) engine: levelkit::Engine,
    pub(super) sums: Sums,
}

/// Loads a player for a command, or for a look at it.
///
/// # Errors
/// `UNKNOWN_ID` for nobody, `NO_RULESET`, `STORE_CORRUPT`.
pub(super) fn load(
    conn: &mut SqliteConnection,
    rulesets: &mut Rulesets,
    id: &str,
    command: Option<&Command>,
) -> Result<Loaded> {
    let PlayerRow { user, record } = player_row(conn, id)?.ok_or_else(|| unknown_player(id))?;
    let sums_until = optional_day("levelkit_players.sums_until", record.sums_until.clone())?;
    let state = own_state(user, record)?;
    let mut player = Player { id: id.into(), state, history: History::default() };
    load_lists(conn, &mut player)?;
    load_attempts(conn, &mut player)?;
    load_open_logs(conn, rulesets, &mut player)?;
    if let Some(grant_id) = command.and_then(grant_id) {
        player.state.grants = load_grant(conn, grant_id)?;
    }
    let engine = rulesets.engine_for(conn, &player)?;
    let sums = sums::plan(sums_until, engine.history_from(&player), player.state.first_day);
    load_history(conn, &mut player, sums.from())?;
    player.history.past = sums.load(conn, id)?;
    Ok(Loaded { player, engine, sums })
}

pub(super) fn unknown_player(id: &str) -> Error {
    Refusal::UnknownId { kind: levelkit::IdKind::Player, id: id.to_owned() }.into()
}

fn player_row(conn: &mut SqliteConnection, id: &str) -> Result<Option<PlayerRow>> {
    let row = levelkit_players::table
        .inner_join(users::table.on(users::id.eq(levelkit_players::user_id)))
        .filter(levelkit_players::user_id.eq(id))
        .select((UserRow::as_select(), RecordRow::as_select()))
        .first(conn)
        .optional()?;
    Ok(row.map(|(user, record)| PlayerRow { user, record }))
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

/// Counters, specials, titles and seasons.
fn load_lists(conn: &mut SqliteConnection, player: &mut Player) -> Result<()> {
    let id: &str = &player.id;
    let state = &mut player.state;
    let counts = levelkit_counters::table
        .filter(levelkit_counters::user_id.eq(id))
        .order(levelkit_counters::key)
        .select((levelkit_counters::key, levelkit_counters::count))
        .load::<(String, i64)>(conn)?;
    let mut counters = Counters::default();
    counts.into_iter().for_each(|(key, count)| counters.set(&key.into(), count));
    state.counters = counters;
    let names = levelkit_specials::table
        .filter(levelkit_specials::user_id.eq(id))
        .order(levelkit_specials::name)
        .select(levelkit_specials::name)
        .load::<String>(conn)?;
    state.specials = names.into_iter().map(Into::into).collect();
    state.titles = load_titles(conn, id)?;
    state.seasons = load_seasons(conn, id)?;
    let sealed = levelkit_season_seals::table.select(levelkit_season_seals::season_id).load::<String>(conn)?;
    state.sealed_seasons = sealed.into_iter().map(Into::into).collect();
    Ok(())
}

fn load_titles(conn: &mut SqliteConnection, id: &str) -> Result<Vec<UserTitle>> {
    let same_time = levelkit_title_history::user_id
        .eq(user_titles::user_id)
        .and(levelkit_title_history::title_id.eq(user_titles::title_id))
        .and(levelkit_title_history::earned_at.eq(user_titles::earned_at));
    let rows = user_titles::table
        .left_join(levelkit_title_history::table.on(same_time))
        .filter(user_titles::user_id.eq(id))
        .order(user_titles::title_id)
        .select((
            user_titles::title_id,
            user_titles::earned_at,
            user_titles::revoked_at,
            levelkit_title_history::cause.nullable(),
        ))
        .load::<(String, i64, Option<i64>, Option<String>)>(conn)?;
    let title = |(title, earned_at, revoked_at, cause): (String, i64, Option<i64>, Option<String>)| {
        Ok(UserTitle {
            title: title.into(),
            earned_at: instant("user_titles.earned_at", earned_at)?,
            revoked_at: optional_instant("user_titles.revoked_at", revoked_at)?,
            reward: cause.as_deref() == Some("REWARD"),
        })
    };
    rows.into_iter().map(title).collect()
}

fn load_seasons(conn: &mut SqliteConnection, id: &str) -> Result<Vec<Participation>> {
    let rows = season_participations::table
        .filter(season_participations::user_id.eq(id))
        .order(season_participations::season_id)
        .select((season_participations::season_id, season_participations::season_xp, season_participations::joined_at))
        .load::<(String, i64, i64)>(conn)?;
    let participation = |(season, season_xp, joined_at): (String, i64, i64)| {
        let joined_at = instant("season_participations.joined_at", joined_at)?;
        Ok(Participation { season: season.into(), season_xp, joined_at })
    };
    rows.into_iter().map(participation).collect()
}

/// The last boss fight and the last dungeon attempt.
fn load_attempts(conn: &mut SqliteConnection, player: &mut Player) -> Result<()> {
    let last_of = |kind: &'static str| {
        levelkit_attempts::table
            .filter(levelkit_attempts::user_id.eq(&*player.id).and(levelkit_attempts::kind.eq(kind)))
            .order(levelkit_attempts::started_at.desc())
    };
    let boss = last_of("BOSS")
        .inner_join(boss_attempts::table.on(boss_attempts::id.eq(levelkit_attempts::attempt_id)))
        .select((BossAttemptRow::as_select(), AttemptRow::as_select()))
        .first(conn)
        .optional()?;
    let dungeon = last_of("DUNGEON")
        .inner_join(dungeon_attempts::table.on(dungeon_attempts::id.eq(levelkit_attempts::attempt_id)))
        .select((DungeonAttemptRow::as_select(), AttemptRow::as_select()))
        .first(conn)
        .optional()?;
    player.state.boss = boss.map(|(row, beside)| boss_attempt(row, beside)).transpose()?;
    player.state.dungeon = dungeon.map(|(row, beside)| dungeon_attempt(row, beside)).transpose()?;
    Ok(())
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

/// Quest logs whose day or week is not closed, in the order they were opened.
fn load_open_logs(conn: &mut SqliteConnection, rulesets: &mut Rulesets, player: &mut Player) -> Result<()> {
    let Some(oldest) = player.state.days.first().map(|open| open.day) else {
        return Ok(());
    };
    let rows = quest_logs::table
        .filter(quest_logs::user_id.eq(&*player.id).and(quest_logs::day_date.ge(oldest.monday().to_string())))
        .select(QuestLogRow::as_select())
        .load(conn)?;
    let mut logs = Vec::with_capacity(rows.len());
    for row in rows {
        let log = quest_log(row)?;
        let place = rulesets.known(conn, log.rules)?.quest(&log.quest);
        let weekly = place.is_some_and(|(_, kind)| kind == QuestType::Weekly);
        if weekly || oldest <= log.day {
            logs.push(((log.opened_on, place.map(|(place, _)| place)), log));
        }
    }
    logs.sort_by_key(|(order, _)| *order);
    player.state.logs = logs.into_iter().map(|(_, log)| log).collect();
    Ok(())
}

pub(super) fn quest_log(row: QuestLogRow) -> Result<QuestLog> {
    let QuestLogRow { template_id, status, progress, completed_at, xp_awarded, day_date } = row;
    let ProgressColumn { progress, rules, opened_on } = json("quest_logs.progress", &progress)?;
    Ok(QuestLog {
        quest: template_id.into(),
        day: day("quest_logs.day_date", &day_date)?,
        opened_on,
        rules,
        status: label("quest_logs.status", &status, QuestStatus::from_label)?,
        completed_at: optional_instant("quest_logs.completed_at", completed_at)?,
        xp_awarded: xp_awarded.map(|xp| int("quest_logs.xp_awarded", xp)).transpose()?,
        evaluated: progress.is_some(),
        fraction: progress.map_or(0.0, |progress| progress.fraction),
    })
}

/// The id of a command that happens once by it.
fn grant_id(command: &Command) -> Option<&str> {
    match command {
        Command::AdjustXp { id, .. } | Command::GrantXp { id, .. } => Some(id),
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

/// The adjustment or grant of an id, whoever's it was: the engine compares it with the command's.
fn load_grant(conn: &mut SqliteConnection, id: &str) -> Result<Vec<Grant>> {
    let row = levelkit_adjustments::table
        .find(id)
        .select((levelkit_adjustments::user_id, levelkit_adjustments::source, levelkit_adjustments::amount))
        .first::<(String, String, i64)>(conn)
        .optional()?;
    let Some((user, source, amount)) = row else {
        // The id becomes the event's own, so it must not be that of an event of another origin either.
        let taken = diesel::select(diesel::dsl::exists(xp_events::table.find(id))).get_result::<bool>(conn)?;
        return if taken { Err(Refusal::IdConflict { id: id.to_owned() }.into()) } else { Ok(Vec::new()) };
    };
    Ok(vec![Grant {
        id: id.into(),
        user: user.into(),
        source: label("levelkit_adjustments.source", &source, Source::from_label)?,
        amount: int("levelkit_adjustments.amount", amount)?,
    }])
}

/// Closed days from `from` on, and what was measured, completed and missed since then.
fn load_history(conn: &mut SqliteConnection, player: &mut Player, from: Day) -> Result<()> {
    if player.state.days.is_empty() {
        return Ok(());
    }
    let id: &str = &player.id;
    let since = from.to_string();
    let closed = daily_logs::table
        .filter(daily_logs::user_id.eq(id).and(daily_logs::day_date.ge(&since)).and(daily_logs::evaluated.eq(true)))
        .order(daily_logs::day_date)
        .select((daily_logs::day_date, daily_logs::core_completed, daily_logs::core_total))
        .load::<(String, i64, i64)>(conn)?;
    for (day_date, core_completed, core_total) in closed {
        player.history.days.push(ClosedDay {
            day: day("daily_logs.day_date", &day_date)?,
            core_completed: int("daily_logs.core_completed", core_completed)?,
            core_total: int("daily_logs.core_total", core_total)?,
        });
    }
    load_facts(conn, player, &since)?;
    load_ended_logs(conn, player, &since)?;
    player.history.clears = counted_days(conn, &player.id, "DUNGEON", &since)?;
    player.history.victories = counted_days(conn, &player.id, "BOSS", &since)?;
    Ok(())
}

/// Measurements: of closed days into the history, of the others into the state.
fn load_facts(conn: &mut SqliteConnection, player: &mut Player, since: &str) -> Result<()> {
    let oldest_open = player.state.days.first().map_or(Day::MAX, |open| open.day);
    let rows = levelkit_facts::table
        .filter(levelkit_facts::user_id.eq(&*player.id).and(levelkit_facts::day.ge(since)))
        .order((levelkit_facts::day, levelkit_facts::metric))
        .select(FactRow::as_select())
        .load(conn)?;
    for row in rows {
        let fact = fact(row)?;
        match fact.day < oldest_open {
            true => player.history.facts.push(fact),
            false => player.state.facts.push(fact),
        }
    }
    Ok(())
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

fn load_ended_logs(conn: &mut SqliteConnection, player: &mut Player, since: &str) -> Result<()> {
    let rows = quest_logs::table
        .filter(quest_logs::user_id.eq(&*player.id).and(quest_logs::day_date.ge(since)))
        .filter(quest_logs::status.ne("ACTIVE"))
        .order((quest_logs::day_date, quest_logs::completed_at, quest_logs::template_id))
        .select((quest_logs::day_date, quest_logs::template_id, quest_logs::status))
        .load::<(String, String, String)>(conn)?;
    for (day_date, quest, status) in rows {
        let ended = EndedLog { day: day("quest_logs.day_date", &day_date)?, quest: quest.into() };
        match label("quest_logs.status", &status, QuestStatus::from_label)? {
            QuestStatus::Completed => player.history.completions.push(ended),
            QuestStatus::Failed | QuestStatus::Expired => player.history.misses.push(ended),
            QuestStatus::Active => {}
        }
    }
    Ok(())
}

/// The days that victories or clears count on.
fn counted_days(conn: &mut SqliteConnection, id: &str, kind: &str, since: &str) -> Result<Vec<Day>> {
    let days = levelkit_attempts::table
        .filter(levelkit_attempts::user_id.eq(id).and(levelkit_attempts::kind.eq(kind)))
        .filter(levelkit_attempts::counted_on.ge(since))
        .order(levelkit_attempts::started_at)
        .select(levelkit_attempts::counted_on.assume_not_null())
        .load::<String>(conn)?;
    days.iter().map(|date| day("levelkit_attempts.counted_on", date)).collect()
}
