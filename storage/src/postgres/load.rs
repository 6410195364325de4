//! The rows of a player, asked for all at once: what a command may look at, and no more of the past than the rules look back to.

use diesel::sql_types::{BigInt, Bool, Double, Nullable, Text};
use diesel_async::AsyncPgConnection;
use futures_util::try_join;
use levelkit::player::{Grant, PastMetric, Player, RulesetHash};
use levelkit::{Command, Day, Engine, Instant, Refusal};

use super::query::{batch, sql};
use super::rules;
use super::statement::{LOCK, LOCK_IF_DUE, at};
use crate::assemble::{self, HistoryRows, PlayerRows, unknown_player};
use crate::convert::optional_day;
use crate::error::{Error, Kind, Result};
use crate::rows::*;
use crate::rulesets::Rulesets;
use crate::sums::{self, Sums, plan};

/// An instant's column, in microseconds since 1970.
macro_rules! micros {
    ($column:literal) => {
        concat!("(extract(epoch FROM ", $column, ") * 1000000)::int8")
    };
}
pub(super) use micros;

/// A player with the engine that can decide for it.
pub(super) struct Loaded {
    pub(super) player: Player,
    pub(super) engine: Engine,
    pub(super) sums: Sums,
    /// Up to which day the stored sums go.
    pub(super) sums_until: Option<Day>,
}

/// What a player is loaded for.
#[derive(Clone, Copy)]
pub(super) enum Purpose<'a> {
    /// To do a command, in a transaction of its own that begins here.
    Execute(&'a Command),
    /// To do a command, in a transaction that is open.
    Join(&'a Command),
    /// To advance a player who is still due then, unless somebody else does.
    RollOver(Instant),
    /// To look at the player only, as of one moment.
    Look(Option<&'a Command>),
}

impl<'a> Purpose<'a> {
    fn command(self) -> Option<&'a Command> {
        match self {
            Self::Execute(command) | Self::Join(command) => Some(command),
            Self::RollOver(_) => None,
            Self::Look(command) => command,
        }
    }

    async fn begin(self, connection: &AsyncPgConnection) -> Result<()> {
        match self {
            Self::Execute(_) | Self::RollOver(_) => batch("BEGIN", connection).await,
            Self::Join(_) => Ok(()),
            Self::Look(_) => batch("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", connection).await,
        }
    }

    /// Locks the player's row; whether it is there. What is asked for afterwards is as the last holder of the lock left it.
    async fn lock(self, connection: &AsyncPgConnection, id: &str) -> Result<bool> {
        let locked: Option<i64> = match self {
            Self::Execute(_) | Self::Join(_) => sql::<BigInt>(LOCK, &[id.into()]).row(connection).await?,
            Self::RollOver(now) => sql::<BigInt>(LOCK_IF_DUE, &[id.into(), at(now)]).row(connection).await?,
            Self::Look(_) => return Ok(true),
        };
        Ok(locked.is_some())
    }
}

/// Loads a player, in one round trip where nothing unforeseen happened. None for somebody who is not due any more.
///
/// The statements are on their way before the first is answered, in the order in which they are written down here.
///
/// # Errors
/// `UNKNOWN_ID` for nobody, `NO_RULESET`, `STORE_CORRUPT`.
pub(super) async fn load(
    connection: &AsyncPgConnection,
    rulesets: &Rulesets,
    id: &str,
    purpose: Purpose<'_>,
) -> Result<Option<Loaded>> {
    let c = connection;
    let ((), locked, player, lists, attempts, logs, history, past, in_force, grants) = try_join!(
        purpose.begin(c),
        purpose.lock(c, id),
        player_row(c, id),
        lists(c, id),
        attempts(c, id),
        logs(c, id),
        history_rows(c, id, None),
        past(c, id),
        rules::in_force(c),
        grants(c, purpose.command().and_then(assemble::grant_id)),
    )?;
    if !locked && matches!(purpose, Purpose::RollOver(_)) {
        return Ok(None);
    }
    let ((user, record), history_from) = player.ok_or_else(|| unknown_player(id))?;
    let sums_until = optional_day("players.sums_until", record.sums_until.clone())?;
    let Lists { counters, specials, titles, seasons, sealed_seasons } = lists;
    let (boss, dungeon) = attempts;
    let rows = PlayerRows { user, record, counters, specials, titles, seasons, sealed_seasons, boss, dungeon };
    let mut player = assemble::player(id, rows)?;
    let in_force = in_force.ok_or_else(|| Error::new(Kind::NoRuleset))?;
    player.state.logs = assemble::quest_logs(id, logs, in_force)?;
    player.state.grants = grants;
    let engine = engine(c, rulesets, &player, in_force).await?;
    assemble::keep_open_logs(&mut player.state, |hash| rulesets.get(hash));
    let sums = plan(sums_until, engine.history_from(&player), player.state.first_day);
    add_past(c, &mut player, sums, optional_day("players.history_from", history_from)?, history, past).await?;
    Ok(Some(Loaded { player, engine, sums, sums_until }))
}

async fn engine(
    connection: &AsyncPgConnection,
    rulesets: &Rulesets,
    player: &Player,
    in_force: RulesetHash,
) -> Result<Engine> {
    let past = assemble::rulesets_of(&player.state);
    for hash in past.iter().chain([&in_force]) {
        rules::known(connection, rulesets, *hash).await?;
    }
    rulesets.engine(in_force, &past)
}

/// From which day on rows of the past are needed: the history's, and those that are still to be added to the sums.
pub(super) fn needed_from(player: &Player, sums: Sums) -> Day {
    let grown_from = sums.growth().map_or(sums.from(), |(since, _)| since.min(sums.from()));
    assemble::history_begins(&player.state, grown_from)
}

/// Adds the past; rules that look further back than those of the last command ask for it again.
async fn add_past(
    connection: &AsyncPgConnection,
    player: &mut Player,
    sums: Sums,
    fetched_from: Option<Day>,
    fetched: HistoryRows,
    stored: Vec<PastMetric>,
) -> Result<()> {
    if player.state.days.is_empty() {
        return Ok(());
    }
    let needed = needed_from(player, sums);
    let rows = match fetched_from {
        Some(from) if from <= needed => fetched,
        _ => history_rows(connection, &player.id, Some(needed)).await?,
    };
    let mut past = if sums.has_stored() { stored } else { Vec::new() };
    if let Some((since, until)) = sums.growth() {
        let (since, until) = (since.to_string(), until.to_string());
        for row in rows.facts.iter().filter(|row| since <= row.day && row.day < until) {
            if let Some(number) = row.number {
                sums::add(&mut past, &row.metric, number);
            }
        }
    }
    player.history.past = past;
    let from = assemble::history_begins(&player.state, sums.from());
    assemble::add_history(player, rows, from)
}

type UserColumns =
    (Text, BigInt, BigInt, BigInt, BigInt, BigInt, Nullable<BigInt>, BigInt, BigInt, BigInt, BigInt, Nullable<Text>);
type RecordColumns = (
    Nullable<BigInt>,
    Nullable<Text>,
    Nullable<Text>,
    Nullable<BigInt>,
    Nullable<Text>,
    BigInt,
    Text,
    Nullable<BigInt>,
    Nullable<BigInt>,
    BigInt,
    Text,
    Text,
    Text,
    Nullable<Text>,
);
type PlayerColumns = ((UserColumns, RecordColumns), Nullable<Text>);

const PLAYER: &str = concat!(
    "SELECT u.timezone, u.level::int8, u.total_xp, u.current_streak::int8, u.longest_streak::int8, u.perfect_streak::int8, ",
    micros!("u.debuff_active_until"),
    ", u.str::int8, u.agi::int8, u.vit::int8, u.disc::int8, u.active_title_id, ",
    micros!("p.last_at"),
    ", p.first_day, p.open_day, ",
    micros!("p.day_ends_at"),
    ", p.next_day, p.event_count, p.head_hash, ",
    micros!("p.last_created_at"),
    ", ",
    micros!("p.zone_since"),
    ", p.title_inputs, p.open_days::text, p.skipped_days::text, p.dungeon_exits::text, p.sums_until, p.history_from \
     FROM levelkit.players AS p JOIN public.users AS u ON u.id = p.user_id WHERE p.user_id = ?"
);

async fn player_row(
    connection: &AsyncPgConnection,
    id: &str,
) -> Result<Option<((UserRow, RecordRow), Option<String>)>> {
    sql::<PlayerColumns>(PLAYER, &[id.into()]).row(connection).await
}

/// What a player has of what.
struct Lists {
    counters: Vec<(String, i64)>,
    specials: Vec<String>,
    titles: Vec<TitleRow>,
    seasons: Vec<(String, i64, i64)>,
    sealed_seasons: Vec<String>,
}

const COUNTERS: &str = "SELECT key, count FROM levelkit.counters WHERE user_id = ? ORDER BY key COLLATE \"C\"";
const SPECIALS: &str = "SELECT name FROM levelkit.specials WHERE user_id = ? ORDER BY name COLLATE \"C\"";
const TITLES: &str = concat!(
    "SELECT held.title_id, ",
    micros!("held.earned_at"),
    ", ",
    micros!("held.revoked_at"),
    ", since.cause FROM public.user_titles AS held LEFT JOIN levelkit.title_history AS since \
     ON since.user_id = held.user_id AND since.title_id = held.title_id AND since.earned_at = held.earned_at \
     WHERE held.user_id = ? ORDER BY held.title_id COLLATE \"C\""
);
const SEASONS: &str = concat!(
    "SELECT season_id, season_xp, ",
    micros!("joined_at"),
    " FROM public.season_participations WHERE user_id = ? ORDER BY season_id COLLATE \"C\""
);
const SEALED: &str = "SELECT season_id FROM levelkit.season_seals";

async fn lists(c: &AsyncPgConnection, id: &str) -> Result<Lists> {
    let (counters, specials, titles, seasons, sealed_seasons) = try_join!(
        sql::<(Text, BigInt)>(COUNTERS, &[id.into()]).rows(c),
        sql::<Text>(SPECIALS, &[id.into()]).rows(c),
        sql::<(Text, BigInt, Nullable<BigInt>, Nullable<Text>)>(TITLES, &[id.into()]).rows(c),
        sql::<(Text, BigInt, BigInt)>(SEASONS, &[id.into()]).rows(c),
        sql::<Text>(SEALED, &[]).rows(c),
    )?;
    Ok(Lists { counters, specials, titles, seasons, sealed_seasons })
}

type AttemptColumns =
    (Text, Text, Nullable<BigInt>, Nullable<BigInt>, Nullable<BigInt>, Nullable<BigInt>, Nullable<Text>);
type BossColumns = ((Text, Text, BigInt, BigInt, Nullable<BigInt>), AttemptColumns);
type DungeonColumns = ((Text, Text, Text, BigInt, Nullable<BigInt>, Nullable<BigInt>), AttemptColumns);

macro_rules! last_attempt {
    ($columns:expr, $table:literal, $kind:literal) => {
        concat!(
            "SELECT ",
            $columns,
            ", a.rules, a.from_day, a.days_closed::int8, a.retries::int8, ",
            micros!("a.entered_at"),
            ", ",
            micros!("a.deadline"),
            ", a.counted_on FROM levelkit.attempts AS a JOIN ",
            $table,
            " AS t ON t.id = a.attempt_id WHERE a.user_id = ? AND a.kind = '",
            $kind,
            "' ORDER BY a.started_at DESC LIMIT 1"
        )
    };
}

const LAST_BOSS: &str = last_attempt!(
    concat!(
        "t.boss_id, t.status::text, t.current_phase::int8, ",
        micros!("t.started_at"),
        ", ",
        micros!("t.completed_at")
    ),
    "public.boss_attempts",
    "BOSS"
);
const LAST_DUNGEON: &str = last_attempt!(
    concat!(
        "t.dungeon_id, t.status::text, t.progress::text, ",
        micros!("t.started_at"),
        ", ",
        micros!("t.completed_at"),
        ", t.xp_awarded::int8"
    ),
    "public.dungeon_attempts",
    "DUNGEON"
);

type Attempts = (Option<(BossAttemptRow, AttemptRow)>, Option<(DungeonAttemptRow, AttemptRow)>);

/// The last boss fight and the last dungeon attempt.
async fn attempts(c: &AsyncPgConnection, id: &str) -> Result<Attempts> {
    try_join!(
        sql::<BossColumns>(LAST_BOSS, &[id.into()]).row(c),
        sql::<DungeonColumns>(LAST_DUNGEON, &[id.into()]).row(c),
    )
}

pub(super) type LogColumns = (Text, Text, Text, Text, Nullable<BigInt>, Nullable<BigInt>, Text);

/// The columns of a quest log.
macro_rules! log_columns {
    () => {
        concat!(
            "SELECT id, template_id, status::text, progress::text, ",
            $crate::postgres::load::micros!("completed_at"),
            ", xp_awarded::int8, day_date FROM public.quest_logs WHERE user_id = ? AND "
        )
    };
}
pub(super) use log_columns;

/// Before the first command all: the application may have written some.
const LOGS: &str =
    concat!(log_columns!(), "day_date >= coalesce((SELECT logs_from FROM levelkit.players WHERE user_id = ?), '')");

/// Quest logs that may be open, some of them closed.
async fn logs(c: &AsyncPgConnection, id: &str) -> Result<Vec<QuestLogRow>> {
    sql::<LogColumns>(LOGS, &[id.into(), id.into()]).rows(c).await
}

macro_rules! since {
    () => {
        "coalesce(?, (SELECT history_from FROM levelkit.players WHERE user_id = ?))"
    };
}

const CLOSED_DAYS: &str = concat!(
    "SELECT day_date, core_completed::int8, core_total::int8 FROM public.daily_logs WHERE user_id = ? AND evaluated \
     AND day_date >= ",
    since!(),
    " ORDER BY day_date COLLATE \"C\""
);
const FACTS: &str = concat!(
    "SELECT day, metric, number, boolean, ",
    micros!("observed_at"),
    " FROM levelkit.facts WHERE user_id = ? AND day >= ",
    since!(),
    " ORDER BY day COLLATE \"C\", metric COLLATE \"C\""
);
const ENDED: &str = concat!(
    "SELECT day_date, template_id, status::text FROM public.quest_logs WHERE user_id = ? AND status <> 'ACTIVE' \
     AND day_date >= ",
    since!(),
    " ORDER BY day_date COLLATE \"C\", completed_at NULLS FIRST, template_id COLLATE \"C\""
);
const COUNTED: &str = concat!(
    "SELECT counted_on FROM levelkit.attempts WHERE user_id = ? AND kind = ? AND counted_on >= ",
    since!(),
    " ORDER BY started_at"
);

/// Closed days, and what was measured, completed and missed since: from a day on, or as far back as the last command asked.
async fn history_rows(c: &AsyncPgConnection, id: &str, from: Option<Day>) -> Result<HistoryRows> {
    let binds = [id.into(), from.into(), id.into()];
    let counted = |kind: &'static str| sql::<Text>(COUNTED, &[id.into(), kind.into(), from.into(), id.into()]);
    let (days, facts, ended, clears, victories) = try_join!(
        sql::<(Text, BigInt, BigInt)>(CLOSED_DAYS, &binds).rows(c),
        sql::<(Text, Text, Nullable<Double>, Nullable<Bool>, BigInt)>(FACTS, &binds).rows(c),
        sql::<(Text, Text, Text)>(ENDED, &binds).rows(c),
        counted("DUNGEON").rows(c),
        counted("BOSS").rows(c),
    )?;
    Ok(HistoryRows { days, facts, ended, clears, victories })
}

const PAST: &str = "SELECT metric, sum, max FROM levelkit.sums WHERE user_id = ?";

async fn past(c: &AsyncPgConnection, id: &str) -> Result<Vec<PastMetric>> {
    let rows: Vec<(String, f64, f64)> = sql::<(Text, Double, Double)>(PAST, &[id.into()]).rows(c).await?;
    Ok(rows.into_iter().map(|(metric, sum, max)| PastMetric { metric: metric.into(), sum, max }).collect())
}

const GRANT: &str = "SELECT user_id, source, amount FROM levelkit.adjustments WHERE id = ?";
const IS_EVENT: &str = "SELECT EXISTS (SELECT 1 FROM public.xp_events WHERE id = ?)";

/// The adjustment or grant of an id, whoever's it was: the engine compares it with the command's.
async fn grants(c: &AsyncPgConnection, id: Option<&str>) -> Result<Vec<Grant>> {
    let Some(id) = id else {
        return Ok(Vec::new());
    };
    let (known, is_event): (_, Option<bool>) = try_join!(
        sql::<(Text, Text, BigInt)>(GRANT, &[id.into()]).row(c),
        sql::<Bool>(IS_EVENT, &[id.into()]).row(c),
    )?;
    match known {
        Some(row) => Ok(vec![assemble::grant(id, row)?]),
        // The id becomes the event's own, so it must not be that of an event of another origin either.
        None if is_event == Some(true) => Err(Refusal::IdConflict { id: id.to_owned() }.into()),
        None => Ok(Vec::new()),
    }
}
