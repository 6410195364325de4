//! The command line: commands, options and their help.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use levelkit::{Day, Instant};

/// Levelling up in real life, as rules you write and a ledger you can trust.
#[derive(Debug, Parser)]
#[command(
    name = "levelkit",
    version,
    about,
    long_about = "Levelling up in real life, as rules you write and a ledger you can trust.\n\n\
        A ruleset says which quests there are and what they are worth. Play measurements by it, ask how a player \
        stands, read a player's story, and verify every XP event of the ledger.",
    after_help = "Start here:\n  \
        levelkit play examples/data/fitbit2016/daily.csv --rules examples/rulesets/fitbit.yaml \\\n    --db sqlite:hunters.db",
    after_long_help = "Start here:\n  \
        levelkit play examples/data/fitbit2016/daily.csv --rules examples/rulesets/fitbit.yaml \\\n    --db sqlite:hunters.db\n\n\
        Exit codes:\n  \
        0  done, or the answer is yes\n  \
        1  the answer is no: a ruleset has faults (check), a ledger is not sound (verify, play),\n     \
        standings are not as sealed (leaderboard), somebody was not advanced (roll-over)\n  \
        2  the command line is wrong, --not-worn and --timezone included, or --yes is missing\n  \
        3  a file cannot be read or written, or does not hold what it should\n  \
        4  the store cannot be opened, read or written\n  \
        5  the rules refused, or there is no such player or season\n\n\
        Answers go to stdout, errors with a hint to stderr. With --json both are JSON.\n\
        Colours appear on a terminal only; NO_COLOR=1 turns them off.",
    subcommand_required = true,
    arg_required_else_help = true,
    max_term_width = 100
)]
pub(crate) struct Cli {
    /// Answer in JSON (errors too, on stderr)
    #[arg(long, global = true)]
    pub(crate) json: bool,
    #[command(subcommand)]
    pub(crate) verb: Verb,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    Check(CheckArgs),
    Migrate(MigrateArgs),
    Import(ImportArgs),
    Export(ExportArgs),
    Play(PlayArgs),
    Player(PlayerArgs),
    Timeline(TimelineArgs),
    Leaderboard(LeaderboardArgs),
    RollOver(RollOverArgs),
    ExportPlayer(ExportPlayerArgs),
    ErasePlayer(ErasePlayerArgs),
    Verify(VerifyArgs),
    Schema(SchemaArgs),
}

/// Where the players are kept.
#[derive(Args, Debug)]
pub(crate) struct StoreArgs {
    /// The store, such as sqlite:hunters.db or postgres://me@localhost/game
    #[arg(long, value_name = "URL", env = "LEVELKIT_DB", hide_env_values = true, default_value = "sqlite:levelkit.db")]
    pub(crate) db: String,
}

/// Check a ruleset: every fault with its place, its code, and what was expected
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  levelkit check examples/rulesets/fitbit.yaml\n\n\
    Exit code 0: sound. 1: it has faults. 3: the file cannot be read.")]
pub(crate) struct CheckArgs {
    /// The ruleset: .json, .yaml, .yml or .toml
    #[arg(value_name = "RULES")]
    pub(crate) rules: PathBuf,
}

/// Make the store's tables, or bring them up to date
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  levelkit migrate --db sqlite:hunters.db\n  levelkit migrate --down --yes --db sqlite:hunters.db\n\n\
    Running it again changes nothing. Every other command leaves the tables as they are (play makes them in a new store)."
)]
pub(crate) struct MigrateArgs {
    /// Take levelkit's tables away again, with what is in them; on PostgreSQL the game's own tables only where levelkit made them
    /// and they are empty
    #[arg(long)]
    pub(crate) down: bool,
    /// With --down: do it; it cannot be undone
    #[arg(long, requires = "down")]
    pub(crate) yes: bool,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
}

/// Put a ruleset in force, for days that open from now on
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  levelkit import examples/rulesets/fitbit.yaml --db sqlite:hunters.db\n\n\
    Days, quests and boss fights that are already open end under the ruleset that opened them.")]
pub(crate) struct ImportArgs {
    /// The ruleset: .json, .yaml, .yml or .toml
    #[arg(value_name = "RULES")]
    pub(crate) rules: PathBuf,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
}

/// Print the ruleset in force in its canonical form
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  levelkit export --db sqlite:hunters.db > rules.json\n\n\
    The canonical form is compact JSON with sorted keys and every default filled in; its SHA-256 is the ruleset's hash.\n\
    Importing it again changes nothing.")]
pub(crate) struct ExportArgs {
    /// Break it into lines for reading (the hash is that of the compact form)
    #[arg(long)]
    pub(crate) pretty: bool,
    /// Write it to a file instead of stdout
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
}

/// Play a CSV of daily measurements: one row is one player's day
#[derive(Args, Debug)]
#[command(
    after_help = "Example:\n  \
        levelkit play examples/data/fitbit2016/daily.csv --rules examples/rulesets/fitbit.yaml \\\n    --db sqlite:hunters.db",
    after_long_help = "The file needs the columns player and date (YYYY-MM-DD); every column that the ruleset reads is a metric, the \
        others are named once and ignored. An empty cell was not reported, which is not zero. Boolean metrics take true, \
        false, yes, no, 1 and 0. Rows may come in any order; of rows with the same player and date the later counts. A \
        cell that cannot be read stops everything before anything is played.\n\n\
        Each day is reported at its last moment, and closed by the next one. What was played before is recognised: \
        running the same file again changes nothing and prints the same table.\n\n\
        Examples:\n  \
        levelkit play examples/data/fitbit2016/daily.csv --rules examples/rulesets/fitbit.yaml \\\n    \
        --not-worn @examples/data/fitbit2016/not-worn.json --db sqlite:hunters.db\n  \
        levelkit play may.csv --db sqlite:hunters.db --timezone Europe/Berlin\n  \
        levelkit play may.csv --not-worn '{\"type\":\"numeric\",\"metric\":\"steps\",\"op\":\"==\",\"value\":0}'"
)]
pub(crate) struct PlayArgs {
    /// The measurements: a CSV file with the columns player, date and one per metric
    #[arg(value_name = "DATA")]
    pub(crate) data: PathBuf,
    /// The ruleset to put in force first; without it the store's own
    #[arg(long, value_name = "RULES")]
    pub(crate) rules: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
    /// The time zone of players who are new (IANA); else UTC, or what a user has who becomes a player
    #[arg(long, value_name = "ZONE")]
    pub(crate) timezone: Option<String>,
    /// Take a row as not reported where its columns meet this requirement (JSON, or @FILE)
    ///
    /// It is written like a quest's requirement, and may read any column of the file. A tracker in a drawer, for example,
    /// shows zero steps and 1,440 sedentary minutes: that is no measurement of its owner.
    #[arg(long, value_name = "REQUIREMENT", visible_alias = "unless")]
    pub(crate) not_worn: Option<String>,
    /// Start no boss fights; otherwise each begins as soon as the rules allow it, until the boss is beaten
    #[arg(long)]
    pub(crate) no_bosses: bool,
}

/// Show how a player stands and why; without a player, list them
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  levelkit player 1503960366 --db sqlite:hunters.db\n  levelkit player --db sqlite:hunters.db"
)]
pub(crate) struct PlayerArgs {
    /// The player's id
    #[arg(value_name = "PLAYER")]
    pub(crate) id: Option<String>,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
}

/// Tell a player's story, day by day
#[derive(Args, Debug)]
#[command(
    after_help = "Example:\n  levelkit timeline 1503960366 --from 2016-04-18 --to 2016-04-24 --db sqlite:hunters.db"
)]
pub(crate) struct TimelineArgs {
    /// The player's id
    #[arg(value_name = "PLAYER")]
    pub(crate) id: String,
    /// The first day to tell of
    #[arg(long, value_name = "DAY")]
    pub(crate) from: Option<Day>,
    /// The last day to tell of
    #[arg(long, value_name = "DAY")]
    pub(crate) to: Option<Day>,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
}

/// Show where everybody stands in a season
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  levelkit leaderboard blossom-fair --db sqlite:hunters.db\n  \
    levelkit leaderboard blossom-fair --refresh --db sqlite:hunters.db\n\n\
    Players with as much season XP share a rank, and the next rank is skipped.\n\
    --standings: exit code 0 if the scores are still those that were sealed, else 1.")]
pub(crate) struct LeaderboardArgs {
    /// The season's id
    #[arg(value_name = "SEASON")]
    pub(crate) season: String,
    /// Leave that many places out, from the top
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) skip: usize,
    /// Show that many places
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub(crate) limit: usize,
    /// Show the places around this player instead, up to --limit above and below
    #[arg(long, value_name = "PLAYER", conflicts_with = "skip")]
    pub(crate) around: Option<String>,
    /// Write the final standings of a sealed season to a file, and check them against the hash kept at the seal
    #[arg(long, value_name = "FILE", conflicts_with = "around")]
    pub(crate) standings: Option<PathBuf>,
    /// Write the standings into the tables first; after the season's end for good
    #[arg(long)]
    pub(crate) refresh: bool,
    /// The instant it is, such as 2026-03-01T09:00:00Z; now without it
    #[arg(long, value_name = "INSTANT")]
    pub(crate) at: Option<Instant>,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
}

/// Close the days that are over, for everybody whose day is due
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  levelkit roll-over --db sqlite:hunters.db\n  levelkit roll-over --watch --idle-days 30 --db postgres://localhost/game\n\n\
    A command closes a player's days anyway; this does it for those who send none, so that streaks break and seasons end on time.\n\
    Any number of workers may run at once on a server. With --watch it stops on SIGTERM and SIGINT, after the batch in hand.",
    after_long_help = "Examples:\n  levelkit roll-over --db sqlite:hunters.db\n  levelkit roll-over --watch --idle-days 30 --db postgres://localhost/game\n\n\
    A command closes a player's days anyway; this does it for those who send none, so that streaks break and seasons end on time.\n\
    Any number of workers may run at once on a server. With --watch it stops on SIGTERM and SIGINT, after the batch in hand, \
    with exit code 0; what may pass (a server that is not up yet or cannot be reached, a full disk) is said and tried again. With --json and --watch each batch is one line.\n\n\
    Exit code 0: done. 1: somebody could not be advanced; who and why is said, and the others were."
)]
pub(crate) struct RollOverArgs {
    /// The instant it is, such as 2026-03-01T09:00:00Z; now without it
    #[arg(long, value_name = "INSTANT", conflicts_with = "watch")]
    pub(crate) now: Option<Instant>,
    /// Advance so many players at most; with --watch each time
    #[arg(long, value_name = "N")]
    pub(crate) limit: Option<usize>,
    /// Leave out who has sent no command for more than N days; their days are closed when they return
    #[arg(long, value_name = "N")]
    pub(crate) idle_days: Option<u32>,
    /// Go on until SIGTERM or SIGINT
    #[arg(long)]
    pub(crate) watch: bool,
    /// With --watch: look again after so many seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 60, requires = "watch",
        value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) every: u64,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
}

/// Print everything that the store holds about a player, except secrets, as JSON
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  levelkit export-player 1503960366 --output p.json --db sqlite:hunters.db")]
pub(crate) struct ExportPlayerArgs {
    /// The player's id
    #[arg(value_name = "PLAYER")]
    pub(crate) id: String,
    /// Write it to a file instead of stdout
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
}

/// Erase a player's personal data; the id and the ledger stay
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  levelkit erase-player 1503960366 --yes --db sqlite:hunters.db\n\n\
    Erased are the address, name and image, sessions, accounts and verifications, measurements, and the reasons of adjustments.")]
pub(crate) struct ErasePlayerArgs {
    /// The player's id
    #[arg(value_name = "PLAYER")]
    pub(crate) id: String,
    /// Do it; it cannot be undone
    #[arg(long)]
    pub(crate) yes: bool,
    /// The instant it is, such as 2026-03-01T09:00:00Z; now without it
    #[arg(long, value_name = "INSTANT")]
    pub(crate) at: Option<Instant>,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
}

/// Verify the ledger event by event: of one player, or of all
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  levelkit verify --db sqlite:hunters.db\n  levelkit verify 1503960366 --json --db sqlite:hunters.db\n\n\
    Every event's hash, order, sums and modifier steps are checked, and the chain's end against the player's row.\n\
    Exit code 0: sound. 1: the first fault of each ledger is named."
)]
pub(crate) struct VerifyArgs {
    /// The player's id; everybody without it
    #[arg(value_name = "PLAYER")]
    pub(crate) id: Option<String>,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
}

/// Print the JSON Schema of rulesets, for editors
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  levelkit schema > levelkit.schema.json\n\n\
    An editor that knows it completes and explains every field; in YAML by a first line such as\n  \
    # yaml-language-server: $schema=levelkit.schema.json\n\
    It knows shapes only: levelkit check knows the rest.")]
pub(crate) struct SchemaArgs {}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_well_formed() {
        super::Cli::command().debug_assert();
    }
}
