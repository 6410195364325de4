//! Standings: ranks on a page, and the file that a sealed season leaves.

use levelkit::Xp;
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::convert::to_json;
use crate::error::Result;
use crate::view::{Standing, Standings};

/// A row of a page: the player, the name, the score.
pub(crate) type Scored = (String, Option<String>, i64);

/// Ranks the rows of a page, which are in order. Of the first score the rank is given, since its first holders may stand on an
/// earlier page; `second` tells that of the next score, which begins at the row of that number. From there on the page itself tells.
pub(crate) fn ranked(rows: Vec<Scored>, first: i64, second: impl Fn(usize) -> i64) -> Vec<Standing> {
    let mut standings: Vec<Standing> = Vec::with_capacity(rows.len());
    // Of the score at hand: its rank, the row it begins at.
    let (mut rank, mut began, mut score) = (first, 0, rows.first().map(|row| row.2));
    for (number, (player, name, season_xp)) in rows.into_iter().enumerate() {
        if score != Some(season_xp) {
            rank = if began == 0 { second(number) } else { rank.saturating_add(count(number - began)) };
            (began, score) = (number, Some(season_xp));
        }
        standings.push(Standing { rank, player, name, season_xp: Xp(season_xp) });
    }
    standings
}

pub(crate) fn count(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}

/// The first line of a standings file.
#[derive(Serialize)]
struct Head<'a> {
    format: &'static str,
    season: &'a str,
    participants: i64,
}

/// Every other line.
#[derive(Serialize)]
struct Line<'a> {
    rank: i64,
    player: &'a str,
    season_xp: Xp,
}

/// Writes a standings file, place by place.
pub(crate) struct Writer {
    season: String,
    lines: String,
    places: i64,
    rank: i64,
    last: Option<i64>,
}

impl Writer {
    pub(crate) fn new(season: &str) -> Self {
        Self { season: season.to_owned(), lines: String::new(), places: 0, rank: 0, last: None }
    }

    /// The next place; they come by score, the highest first, and by id.
    pub(crate) fn place(&mut self, player: &str, season_xp: i64) -> Result<()> {
        self.places += 1;
        if self.last != Some(season_xp) {
            (self.rank, self.last) = (self.places, Some(season_xp));
        }
        let line = Line { rank: self.rank, player, season_xp: Xp(season_xp) };
        self.lines.push_str(&to_json(&line)?);
        self.lines.push('\n');
        Ok(())
    }

    /// The whole file, beside the hash that was recorded when the season was sealed.
    pub(crate) fn finish(self, recorded: Option<String>) -> Result<Standings> {
        let Self { season, lines, places, .. } = self;
        let head = to_json(&Head { format: "levelkit.standings/1", season: &season, participants: places })?;
        let text = format!("{head}\n{lines}");
        let sha256 = Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Standings { season, participants: places, text, sha256, recorded })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_is_canonical() {
        let mut writer = Writer::new("spring");
        for (player, xp) in [("c", 9_007_199_254_740_993), ("B \"x\"\n", 100), ("a", 100), ("é", -7)] {
            writer.place(player, xp).unwrap();
        }
        let file = writer.finish(None).unwrap();
        let text = "{\"format\":\"levelkit.standings/1\",\"season\":\"spring\",\"participants\":4}\n\
            {\"rank\":1,\"player\":\"c\",\"season_xp\":\"9007199254740993\"}\n\
            {\"rank\":2,\"player\":\"B \\\"x\\\"\\n\",\"season_xp\":100}\n\
            {\"rank\":2,\"player\":\"a\",\"season_xp\":100}\n\
            {\"rank\":4,\"player\":\"é\",\"season_xp\":-7}\n";
        assert_eq!(file.text, text);
        assert_eq!(file.sha256, "17c99e88d368d89f7af337ef852f2b7426864fd730dbecf4dfd468ce89454b86");
        assert!(!file.is_sound());
        let page = std::fs::read_to_string("../docs/leaderboards.md").unwrap();
        assert!(page.contains(&file.text) && page.contains(&file.sha256));
    }

    #[test]
    fn ranks_go_on_from_an_earlier_page() {
        let rows = |scores: &[i64]| scores.iter().map(|score| (String::new(), None, *score)).collect();
        let ranks = |scores: &[i64], first, second: i64| {
            ranked(rows(scores), first, |_| second).iter().map(|standing| standing.rank).collect::<Vec<_>>()
        };
        assert_eq!(ranks(&[9, 9, 8, 7, 7, 6], 3, 7), [3, 3, 7, 8, 8, 10]);
        assert_eq!(ranks(&[9, 9], 1, 0), [1, 1]);
        assert_eq!(ranks(&[], 1, 0), Vec::<i64>::new());
    }
}
