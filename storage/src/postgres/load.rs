//! The rows of a player, asked for all at once: what a command may look at, and no more of the past than the rules look back to.

use std::collections::HashMap;

use diesel::deserialize::FromSqlRow;
use diesel::pg::Pg;
use diesel::sql_types::{BigInt, Bool, Nullable, Text};
use diesel_async::AsyncPgConnection;
use futures_util::try_join;
use levelkit::player::{Grant, PastMetric, Player, RulesetHash};
use levelkit::{Command, Day, Engine, Refusal};

use super::id::of_player;
use super::past::{self, Past};
use super::query::{batch, sql, sql_of};
use super::rules;
use super::statement::LOCK;
use crate::assemble::{self, PlayerRows, unknown_player};
use crate::attempts::{Attempts, LastAttemptRow};
use crate::bind::Bind;
use crate::convert::optional_day;
use crate::error::{Error, Kind, Result};
use crate::lists::{self, ForAll, ListColumns, Lists};
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

impl Loaded {
    /// Whether what is known of the past suffices for the next command too, after those that were decided meanwhile.
    pub(super) fn reaches_back(&self) -> bool {
        self.sums.reach_back_to(self.engine.history_from(&self.player))
    }

    /// Adds what else is known of the ids that are used once, in their order.
    pub(super) fn knows(&mut self, grants: Vec<Grant>) {
        let known = &mut self.player.state.grants;
        for new in grants {
            if let Err(place) = known.binary_search_by(|grant| grant.id.cmp(&new.id)) {
                known.insert(place, new);
            }
        }
    }
}

/// What players are loaded for.
#[derive(Clone, Copy)]
pub(super) enum Purpose<'a> {
    /// To do a command, in a transaction of its own that begins here.
    Execute(&'a Command),
    /// To do several commands, in a transaction that begins here; their ids are asked for separately.
    Begin,
    /// To do a command, in a transaction that is open.
    Join(&'a Command),
    /// To do something in a transaction that has locked the players' rows.
    Locked,
    /// To look at the player only, as of one moment.
    Look(Option<&'a Command>),
}

impl<'a> Purpose<'a> {
    fn command(self) -> Option<&'a Command> {
        match self {
            Self::Execute(command) | Self::Join(command) => Some(command),
            Self::Begin | Self::Locked => None,
            Self::Look(command) => command,
        }
    }

    async fn begin(self, connection: &AsyncPgConnection) -> Result<()> {
        match self {
            Self::Execute(_) | Self::Begin => batch("BEGIN", connection).await,
            Self::Join(_) | Self::Locked => Ok(()),
            Self::Look(_) => batch("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", connection).await,
        }
    }

    /// What asks for the players' own rows, and locks them where that is still to be done. What is asked for afterwards is as the last
    /// holder of the lock left it.
    fn player(self) -> &'static str {
        match self {
            Self::Execute(_) | Self::Begin | Self::Join(_) => LOCKED_PLAYER,
            Self::Locked | Self::Look(_) => PLAYER,
        }
    }
}

/// Locks the rows of players, those that there are.
pub(super) async fn lock(connection: &AsyncPgConnection, ids: &[String]) -> Result<()> {
    sql::<Text>(LOCK, &[ids.to_vec().into()]).rows::<String>(connection).await.map(drop)
}

/// Loads a player, in one round trip where nothing unforeseen happened.
///
/// # Errors
/// `UNKNOWN_ID` for nobody, `NO_RULESET`, `STORE_CORRUPT`.
pub(super) async fn load(
    connection: &AsyncPgConnection,
    rulesets: &Rulesets,
    id: &str,
    purpose: Purpose<'_>,
) -> Result<Loaded> {
    let loaded = load_all(connection, rulesets, &[of_player(id)?.to_owned()], purpose).await?;
    loaded.into_iter().next().unwrap_or_else(|| Err(unknown_player(id)))
}

/// Loads players, each of them or why it cannot be, in the order of their ids. That takes as many round trips as for one.
///
/// The statements are on their way before the first is answered, in the order in which they are written down here.
///
/// # Errors
/// `NO_RULESET`, and what concerns not just one of them.
pub(super) async fn load_all(
    connection: &AsyncPgConnection,
    rulesets: &Rulesets,
    ids: &[String],
    purpose: Purpose<'_>,
) -> Result<Vec<Result<Loaded>>> {
    let c = connection;
    let ((), mut rows, grants) = try_join!(
        purpose.begin(c),
        rows(c, ids, purpose.player()),
        grants(c, purpose.command().and_then(assemble::grant_id)),
    )?;
    let mut loaded = Vec::with_capacity(ids.len());
    for id in ids {
        let Some(found) = rows.player.one(id) else {
            loaded.push(Err(unknown_player(id)));
            continue;
        };
        let in_force = rows.for_all.in_force.ok_or_else(|| Error::new(Kind::NoRuleset))?;
        match assembled(c, rulesets, id, found, &mut rows, in_force, &grants).await {
            Err(error) if !error.is_a_players_own() => return Err(error),
            player => loaded.push(player),
        }
    }
    Ok(loaded)
}

/// One player out of the rows of all.
async fn assembled(
    c: &AsyncPgConnection,
    rulesets: &Rulesets,
    id: &str,
    ((user, record), history_from): PlayerFound,
    rows: &mut Rows,
    in_force: RulesetHash,
    grants: &[Grant],
) -> Result<Loaded> {
    let sums_until = optional_day("players.sums_until", record.sums_until.clone())?;
    let lists = rows.lists.remove(id).unwrap_or_default();
    let attempts = Attempts::of(rows.attempts.all(id))?;
    let own = PlayerRows {
        user,
        record,
        counters: lists.counters,
        specials: lists.specials,
        titles: lists.titles,
        seasons: lists.seasons,
        sealed_seasons: rows.for_all.sealed_seasons.clone(),
        boss: attempts.boss,
        dungeon: attempts.dungeon,
    };
    let mut player = assemble::player(id, own)?;
    let mut past = rows.past.remove(id).unwrap_or_default();
    player.state.logs = assemble::quest_logs(id, std::mem::take(&mut past.logs), in_force)?;
    player.state.grants = grants.to_vec();
    let engine = engine(c, rulesets, &player, in_force).await?;
    assemble::keep_open_logs(&mut player.state, |hash| rulesets.get(hash));
    let sums = plan(sums_until, engine.history_from(&player), player.state.first_day);
    add_past(c, &mut player, sums, optional_day("players.history_from", history_from)?, past, lists.past).await?;
    Ok(Loaded { player, engine, sums, sums_until })
}

/// Rows by their player.
struct ByPlayer<Row>(HashMap<String, Vec<Row>>);

impl<Row> ByPlayer<Row> {
    fn new(rows: Vec<(String, Row)>) -> Self {
        let mut by_player: HashMap<String, Vec<Row>> = HashMap::new();
        for (player, row) in rows {
            by_player.entry(player).or_default().push(row);
        }
        Self(by_player)
    }

    /// A player's rows, in the order in which they came.
    fn all(&mut self, player: &str) -> Vec<Row> {
        self.0.remove(player).unwrap_or_default()
    }

    /// A player's only row.
    fn one(&mut self, player: &str) -> Option<Row> {
        self.all(player).into_iter().next()
    }
}

/// Asks for rows of which the first column says whose they are.
async fn by_player<Columns, Row>(
    connection: &AsyncPgConnection,
    text: &'static str,
    binds: Vec<Bind<'_>>,
) -> Result<ByPlayer<Row>>
where
    (String, Row): FromSqlRow<(Text, Columns), Pg>,
{
    Ok(ByPlayer::new(sql_of::<(Text, Columns)>(text, binds).rows(connection).await?))
}

type PlayerFound = ((UserRow, RecordRow), Option<String>);
/// What players have of what, and what holds for all.
struct Rows {
    player: ByPlayer<PlayerFound>,
    lists: HashMap<String, Lists>,
    for_all: ForAll,
    attempts: ByPlayer<LastAttemptRow>,
    past: HashMap<String, Past>,
}

async fn rows(c: &AsyncPgConnection, ids: &[String], player: &'static str) -> Result<Rows> {
    let whose = || Bind::Texts(ids.to_vec());
    let (player, (lists, for_all), attempts, past) = try_join!(
        by_player::<PlayerColumns, _>(c, player, vec![whose()]),
        lists(c, ids),
        by_player::<LastAttemptColumns, _>(c, LAST_ATTEMPTS, vec![whose(), whose()]),
        past::past(c, ids, None),
    )?;
    Ok(Rows { player, lists, for_all, attempts, past })
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
    fetched: Past,
    stored: Vec<PastMetric>,
) -> Result<()> {
    if player.state.days.is_empty() {
        return Ok(());
    }
    let needed = needed_from(player, sums);
    let rows = match fetched_from {
        Some(from) if from <= needed => fetched,
        _ => {
            let whose = player.id.to_string();
            past::past(connection, std::slice::from_ref(&whose), Some(needed)).await?.remove(&whose).unwrap_or_default()
        }
    };
    let rows = rows.history();
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

/// What asks for the players' own rows; it ends with what follows the condition.
macro_rules! player {
    ($rest:literal) => {
        concat!(
    "SELECT p.user_id, u.timezone, u.level::int8, u.total_xp, u.current_streak::int8, u.longest_streak::int8, u.perfect_streak::int8, ",
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
     FROM levelkit.players AS p JOIN public.users AS u ON u.id = p.user_id WHERE p.user_id = any(?)",
     $rest
        )
    };
}

const PLAYER: &str = player!("");

/// Both rows are locked, the player's first: whoever had to wait for it reads both as they are then. Whoever wants several takes them in
/// the order of [`LOCK`].
const LOCKED_PLAYER: &str = player!(" ORDER BY p.user_id COLLATE \"C\" FOR NO KEY UPDATE");

/// What [`lists`] reads.
const LISTS: &str = concat!(
    "SELECT user_id, 'counter', key, NULL::text, count, NULL::int8, NULL::float8, NULL::float8 \
     FROM levelkit.counters WHERE user_id = any(?) \
     UNION ALL SELECT user_id, 'special', name, NULL, NULL, NULL, NULL, NULL FROM levelkit.specials WHERE user_id = any(?) \
     UNION ALL SELECT held.user_id, 'title', held.title_id, since.cause, ",
    micros!("held.earned_at"),
    ", ",
    micros!("held.revoked_at"),
    ", NULL, NULL FROM public.user_titles AS held LEFT JOIN levelkit.title_history AS since \
     ON since.user_id = held.user_id AND since.title_id = held.title_id AND since.earned_at = held.earned_at \
     WHERE held.user_id = any(?) \
     UNION ALL SELECT user_id, 'season', season_id, NULL, season_xp, ",
    micros!("joined_at"),
    ", NULL, NULL FROM public.season_participations WHERE user_id = any(?) \
     UNION ALL SELECT user_id, 'sum', metric, NULL, NULL, NULL, sum, max FROM levelkit.sums WHERE user_id = any(?) \
     UNION ALL SELECT '', 'sealed', season_id, NULL, NULL, NULL, NULL, NULL FROM levelkit.season_seals \
     UNION ALL (SELECT '', 'in_force', hash, NULL, NULL, NULL, NULL, NULL FROM levelkit.rulesets ORDER BY active_from DESC LIMIT 1)"
);

/// The lists of players, and what holds for all.
async fn lists(c: &AsyncPgConnection, ids: &[String]) -> Result<(HashMap<String, Lists>, ForAll)> {
    let whose = || Bind::Texts(ids.to_vec());
    let binds = vec![whose(), whose(), whose(), whose(), whose()];
    lists::sorted(sql_of::<(Text, ListColumns)>(LISTS, binds).rows(c).await?)
}

type LastAttemptColumns = (
    (Text, Text, Nullable<BigInt>, Nullable<Text>, BigInt, Nullable<BigInt>),
    (Text, Text, Nullable<BigInt>, Nullable<BigInt>, Nullable<BigInt>, Nullable<BigInt>, Nullable<Text>),
);

macro_rules! last_attempt {
    ($content:literal, $number:literal, $progress:literal, $table:literal, $kind:literal) => {
        concat!(
            "(SELECT DISTINCT ON (a.user_id) a.user_id, t.",
            $content,
            ", t.status::text, t.",
            $number,
            "::int8, ",
            $progress,
            ", ",
            micros!("t.started_at"),
            ", ",
            micros!("t.completed_at"),
            ", a.rules, a.from_day, a.days_closed::int8, a.retries::int8, ",
            micros!("a.entered_at"),
            ", ",
            micros!("a.deadline"),
            ", a.counted_on FROM levelkit.attempts AS a JOIN ",
            $table,
            " AS t ON t.id = a.attempt_id AND t.user_id = a.user_id WHERE a.user_id = any(?) AND a.kind = '",
            $kind,
            "' ORDER BY a.user_id, a.started_at DESC)"
        )
    };
}

/// The last boss fight, and the last dungeon attempt, which alone has a progress of its own.
const LAST_ATTEMPTS: &str = concat!(
    last_attempt!("boss_id", "current_phase", "NULL", "public.boss_attempts", "BOSS"),
    " UNION ALL ",
    last_attempt!("dungeon_id", "xp_awarded", "t.progress::text", "public.dungeon_attempts", "DUNGEON")
);

const GRANT: &str = "SELECT user_id, source, amount FROM levelkit.adjustments WHERE id = ?";
const IS_EVENT: &str = "SELECT EXISTS (SELECT 1 FROM public.xp_events WHERE id = ?)";

/// The adjustment or grant of an id, whoever's it was: the engine compares it with the command's.
pub(super) async fn grants(c: &AsyncPgConnection, id: Option<&str>) -> Result<Vec<Grant>> {
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
