//! What `play` answers: the table, the totals, what became of the rows, the ledger, the time.

use std::time::Duration;

use levelkit::{Day, Xp};
use serde::Serialize;

use super::hero::Counts;
use super::tally::Tally;
use crate::commands::verify::Verified;
use crate::data::Index;
use crate::paint::Paint;
use crate::stop::Exit;
use crate::table::{Align, Table};
use crate::tame;
use crate::text;

/// The answer.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    /// By total XP, the most first, then by id.
    players: Vec<Tally>,
    totals: Totals,
    rows: Rows,
    /// The first places of each season, in words.
    seasons: Vec<String>,
    ledger: Verified,
    seconds: Seconds,
}

/// Everybody together.
#[derive(Debug, Default, Serialize)]
struct Totals {
    players: u64,
    total_xp: Xp,
    days: u64,
    quests_completed: u64,
    longest_streak: i32,
    highest_level: i32,
    perfect_days: u64,
    debuffs: u64,
    bosses_beaten: u64,
    titles: u64,
}

/// What became of the rows.
#[derive(Debug, Serialize)]
struct Rows {
    /// Rows that count: one for each player and date.
    days: usize,
    first_day: Option<Day>,
    last_day: Option<Day>,
    #[serde(flatten)]
    counts: Counts,
    /// Rows that a later row of the same player and date replaced.
    replaced: usize,
    metrics: Vec<String>,
    ignored_columns: Vec<String>,
    /// Whether a ruleset was put in force that was not before.
    ruleset_changed: bool,
}

/// How long it took.
#[derive(Debug, Serialize)]
struct Seconds {
    played: f64,
    total: f64,
}

impl Totals {
    fn of(players: &[Tally]) -> Self {
        let mut totals = Self::default();
        for tally in players {
            totals.players += 1;
            totals.total_xp = Xp(totals.total_xp.0.saturating_add(tally.total_xp.0));
            totals.days += tally.days;
            totals.quests_completed += tally.quests_completed;
            totals.longest_streak = totals.longest_streak.max(tally.longest_streak);
            totals.highest_level = totals.highest_level.max(tally.level);
            totals.perfect_days += tally.perfect_days;
            totals.debuffs += tally.debuffs;
            totals.bosses_beaten += tally.bosses_beaten;
            totals.titles += tally.titles;
        }
        totals
    }
}

impl Report {
    /// The answer; the times are how long playing took, and everything.
    pub(crate) fn new(
        index: &Index,
        mut players: Vec<Tally>,
        counts: Counts,
        seasons: Vec<String>,
        ledger: Verified,
        ruleset_changed: bool,
        (played, total): (Duration, Duration),
    ) -> Self {
        players.sort_by(|a, b| b.total_xp.cmp(&a.total_xp).then_with(|| a.player.cmp(&b.player)));
        let range = index.range();
        let rows = Rows {
            days: index.len(),
            first_day: range.map(|(first, _)| first),
            last_day: range.map(|(_, last)| last),
            counts,
            replaced: index.replaced().len(),
            metrics: index.reported().into_iter().map(str::to_owned).collect(),
            ignored_columns: index.ignored().to_vec(),
            ruleset_changed,
        };
        let seconds = Seconds { played: rounded(played), total: rounded(total) };
        Self { totals: Totals::of(&players), players, rows, seasons, ledger, seconds }
    }

    pub(crate) fn exit(&self) -> Exit {
        self.ledger.exit()
    }

    pub(crate) fn describe(&self, paint: Paint, index: &Index) -> String {
        let mut page = self.table().render(paint);
        page.push('\n');
        for line in self.rows(index).iter().chain(&self.seasons) {
            page.push_str(line);
            page.push('\n');
        }
        page.push_str(&self.ledger.describe(paint));
        page.push_str(&self.time());
        page
    }

    fn table(&self) -> Table {
        use Align::{Left, Right};
        let mut table = Table::new(&[
            ("PLAYER", Left),
            ("LEVEL", Right),
            ("TOTAL XP", Right),
            ("DAYS", Right),
            ("QUESTS", Right),
            ("LONGEST STREAK", Right),
            ("PERFECT DAYS", Right),
            ("DEBUFFS", Right),
            ("BOSSES", Right),
            ("TITLES", Right),
            ("RAREST TITLE", Left),
        ]);
        for tally in &self.players {
            table.row(vec![
                tally.player.clone(),
                text::whole(tally.level),
                text::whole(tally.total_xp.0),
                text::whole(tally.days),
                text::whole(tally.quests_completed),
                text::whole(tally.longest_streak),
                text::whole(tally.perfect_days),
                text::whole(tally.debuffs),
                text::whole(tally.bosses_beaten),
                text::whole(tally.titles),
                tally.rarest_title_name.clone().unwrap_or_else(|| "-".to_owned()),
            ]);
        }
        let totals = &self.totals;
        table.totals(vec![
            text::plural(totals.players, "player"),
            text::whole(totals.highest_level),
            text::whole(totals.total_xp.0),
            text::whole(totals.days),
            text::whole(totals.quests_completed),
            text::whole(totals.longest_streak),
            text::whole(totals.perfect_days),
            text::whole(totals.debuffs),
            text::whole(totals.bosses_beaten),
            text::whole(totals.titles),
        ]);
        table
    }

    /// What became of the rows, in sentences.
    fn rows(&self, index: &Index) -> Vec<String> {
        let Rows { days, first_day, last_day, counts, ignored_columns, .. } = &self.rows;
        let mut lines = Vec::new();
        let span = match (first_day, last_day) {
            (Some(first), Some(last)) => format!(", {first} to {last}"),
            _ => String::new(),
        };
        let players = text::plural(self.players.len(), "player");
        lines.push(format!("Data: {} of {players}{span}.", text::plural(*days, "day")));
        lines.push(self.played());
        if counts.before_start > 0 {
            let rows = text::plural(counts.before_start, "day");
            lines.push(format!("Left out: {rows} before the player's first day in the store."));
        }
        if let [first, ..] = index.replaced() {
            let rows = text::plural(index.replaced().len(), "row");
            lines.push(format!(
                "Replaced: {rows} by a later row of the same player and date, first line {} by line {} (player {}, {}).",
                first.line,
                first.by_line,
                tame::name(&first.player),
                first.day
            ));
        }
        if !ignored_columns.is_empty() {
            lines.push(format!("Ignored: {}; no rule reads them.", tame::name(&text::list(ignored_columns))));
        }
        lines
    }

    fn played(&self) -> String {
        let counts = &self.rows.counts;
        if counts.played() == 0 {
            return match counts.already_played {
                0 => "Played: nothing.".to_owned(),
                days => format!("Played: nothing new; {} were played before.", text::plural(days, "day")),
            };
        }
        let mut parts = vec![format!("{} reported", text::plural(counts.reported, "day"))];
        if counts.not_worn > 0 {
            parts.push(format!("{} not worn", text::whole(counts.not_worn)));
        }
        if counts.empty > 0 {
            parts.push(format!("{} without a measurement", text::whole(counts.empty)));
        }
        if counts.already_played > 0 {
            parts.push(format!("{} played before", text::whole(counts.already_played)));
        }
        if counts.new_players > 0 {
            parts.push(text::plural(counts.new_players, "new player"));
        }
        format!("Played: {}.", parts.join(", "))
    }

    fn time(&self) -> String {
        let Seconds { played, total } = self.seconds;
        let days = self.rows.counts.played();
        match days > 0 && played > 0.0 {
            // The counts of a file are far below 2^53.
            true => {
                let rate = text::whole((days as f64 / played) as i64);
                format!("Time: {total:.2} s, {played:.2} s of it playing ({rate} days a second).\n")
            }
            false => format!("Time: {total:.2} s.\n"),
        }
    }
}

fn rounded(time: Duration) -> f64 {
    (time.as_secs_f64() * 1000.0).round() / 1000.0
}
