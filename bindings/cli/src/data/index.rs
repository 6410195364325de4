//! The index of a data file: where each player's days stand, by player and date.

use std::collections::HashMap;
use std::fs::File;
use std::path::{Path, PathBuf};

use csv::{ErrorKind, Position, Reader, ReaderBuilder, StringRecord};
use levelkit::{Day, Ruleset};

use super::Row;
use super::columns::Columns;
use super::fault::FaultList;
use super::worn::NotWorn;
use crate::stop::{Exit, Failure, Result};

/// A data file that was read once and found sound.
#[derive(Debug)]
pub(crate) struct Index {
    path: PathBuf,
    columns: Columns,
    not_worn: Option<NotWorn>,
    reader: Reader<File>,
    /// Ids in the order they first appear; entries hold their places.
    ids: Vec<String>,
    /// Sorted by player and date; no two of the same.
    entries: Vec<Entry>,
    /// Rows that a later row of the same player and date replaced.
    replaced: Vec<Replaced>,
}

/// Where a row stands.
#[derive(Clone, Copy, Debug)]
struct Entry {
    player: u32,
    day: Day,
    byte: u64,
    line: u64,
}

/// A row that a later one replaced.
#[derive(Clone, Debug)]
pub(crate) struct Replaced {
    pub(crate) player: String,
    pub(crate) day: Day,
    /// The line that does not count.
    pub(crate) line: u64,
    /// The line that does.
    pub(crate) by_line: u64,
}

/// One player's days in the file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Player {
    from: usize,
    to: usize,
}

impl Index {
    /// Reads a whole file, and checks every cell.
    pub(crate) fn read(path: &Path, ruleset: &Ruleset, not_worn: Option<NotWorn>) -> Result<Self> {
        let file = File::open(path).map_err(|error| Failure::unreadable(path, &error))?;
        let mut reader = ReaderBuilder::new().from_reader(file);
        let heading = reader.headers().map_err(|error| broken(path, &error))?.clone();
        let columns = Columns::find(&heading, path, ruleset, not_worn.as_ref())?;
        let mut index = Self {
            path: path.to_owned(),
            columns,
            not_worn,
            reader,
            ids: Vec::new(),
            entries: Vec::new(),
            replaced: Vec::new(),
        };
        index.scan()?;
        index.sort();
        Ok(index)
    }

    fn scan(&mut self) -> Result {
        let mut faults = FaultList::default();
        let mut places: HashMap<String, u32> = HashMap::new();
        let mut record = StringRecord::new();
        loop {
            match self.reader.read_record(&mut record) {
                Ok(false) => break,
                Ok(true) => {}
                Err(error) => match line_fault(&error) {
                    Some((line, message)) => {
                        faults.line(line, message);
                        continue;
                    }
                    None => return Err(broken(&self.path, &error).into()),
                },
            }
            let (byte, line) = record.position().map_or((0, 0), |position| (position.byte(), position.line()));
            let read = self.columns.read(&record, line, self.not_worn.as_ref(), &mut faults);
            if let Some((id, Row { day, .. })) = read {
                let player = match places.get(id) {
                    Some(place) => *place,
                    None => {
                        let place = u32::try_from(self.ids.len()).unwrap_or(u32::MAX);
                        places.insert(id.to_owned(), place);
                        self.ids.push(id.to_owned());
                        place
                    }
                };
                self.entries.push(Entry { player, day, byte, line });
            }
        }
        faults.failure(&self.path).map_or(Ok(()), |failure| Err(failure.into()))
    }

    /// Sorts by player id and date; of the same player and date the row furthest down stays.
    fn sort(&mut self) {
        let Self { ids, entries, replaced, .. } = self;
        let id = |entry: &Entry| usize::try_from(entry.player).ok().and_then(|place| ids.get(place));
        entries.sort_unstable_by(|a, b| (id(a), a.day, b.byte).cmp(&(id(b), b.day, a.byte)));
        entries.dedup_by(|later, kept| {
            let same = later.player == kept.player && later.day == kept.day;
            if same {
                let player = id(later).cloned().unwrap_or_default();
                replaced.push(Replaced { player, day: later.day, line: later.line, by_line: kept.line });
            }
            same
        });
        replaced.sort_by_key(|replaced| replaced.line);
    }

    /// The players, by id.
    pub(crate) fn players(&self) -> Vec<Player> {
        let mut players: Vec<Player> = Vec::new();
        for chunk in self.entries.chunk_by(|a, b| a.player == b.player) {
            let from = players.last().map_or(0, |last| last.to);
            players.push(Player { from, to: from + chunk.len() });
        }
        players
    }

    /// A player's id.
    pub(crate) fn id(&self, player: Player) -> &str {
        let entry = self.entries.get(player.from);
        let id = entry.and_then(|entry| self.ids.get(usize::try_from(entry.player).ok()?));
        id.map_or("", String::as_str)
    }

    /// A player's days.
    pub(crate) fn days(&self, player: Player) -> impl Iterator<Item = Day> + '_ {
        self.entries.get(player.from..player.to).unwrap_or_default().iter().map(|entry| entry.day)
    }

    /// Reads one of a player's days, by its place from 0.
    pub(crate) fn row(&mut self, player: Player, place: usize) -> Result<Row> {
        let changed = || Failure::new(Exit::Input, "DATA", "the file changed while it was being played");
        let entry = *self.entries.get(player.from + place).ok_or_else(changed)?;
        let mut position = Position::new();
        position.set_byte(entry.byte).set_line(entry.line).set_record(1);
        let mut record = StringRecord::new();
        let read = self.reader.seek(position).and_then(|()| self.reader.read_record(&mut record));
        if !read.map_err(|error| broken(&self.path, &error))? {
            return Err(changed().into());
        }
        let mut faults = FaultList::default();
        let row = self.columns.read(&record, entry.line, self.not_worn.as_ref(), &mut faults);
        match row {
            Some((id, row)) if id == self.id(player) && row.day == entry.day => Ok(row),
            _ => {
                Err(changed().hint("play it again when nobody writes to it; days already played are recognised").into())
            }
        }
    }

    /// How many days there are to play.
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Columns that nothing reads.
    pub(crate) fn ignored(&self) -> &[String] {
        &self.columns.ignored
    }

    /// The metrics that are reported.
    pub(crate) fn reported(&self) -> Vec<&str> {
        self.columns.reported()
    }

    /// Rows that a later row of the same player and date replaced.
    pub(crate) fn replaced(&self) -> &[Replaced] {
        &self.replaced
    }

    /// The first and the last day of all.
    pub(crate) fn range(&self) -> Option<(Day, Day)> {
        let days = || self.entries.iter().map(|entry| entry.day);
        days().min().zip(days().max())
    }
}

/// A line that cannot be read, although the next may be.
fn line_fault(error: &csv::Error) -> Option<(u64, String)> {
    match error.kind() {
        ErrorKind::UnequalLengths { pos, expected_len, len } => {
            let line = pos.as_ref().map_or(0, Position::line);
            Some((line, format!("{len} cells, and the first line has {expected_len}")))
        }
        ErrorKind::Utf8 { pos, err } => {
            let line = pos.as_ref().map_or(0, Position::line);
            Some((line, format!("cell {} is not UTF-8", err.field() + 1)))
        }
        _ => None,
    }
}

fn broken(path: &Path, error: &csv::Error) -> Failure {
    match error.kind() {
        ErrorKind::Io(error) => Failure::unreadable(path, error),
        _ => Failure::new(Exit::Input, "DATA", format!("{}: {error}", path.display()))
            .hint("save it as a CSV file in UTF-8"),
    }
}
