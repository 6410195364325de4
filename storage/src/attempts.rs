//! A player's last boss fight and last dungeon attempt, asked for by one statement, since to begin one costs more than to look.

use diesel::Queryable;

use crate::error::{Error, Result};
use crate::rows::{AttemptRow, BossAttemptRow, DungeonAttemptRow};

/// The last attempt of either kind, and what the engine keeps beside each.
#[derive(Default)]
pub(crate) struct Attempts {
    pub(crate) boss: Option<(BossAttemptRow, AttemptRow)>,
    pub(crate) dungeon: Option<(DungeonAttemptRow, AttemptRow)>,
}

/// An attempt of either kind; only a dungeon's has a progress here.
#[derive(Queryable)]
pub(crate) struct LastAttempt {
    /// The boss or the dungeon.
    content_id: String,
    status: String,
    /// A boss fight's phase; what a dungeon's clear was awarded.
    number: Option<i64>,
    progress: Option<String>,
    started_at: i64,
    completed_at: Option<i64>,
}

/// An attempt, and what the engine keeps beside it.
pub(crate) type LastAttemptRow = (LastAttempt, AttemptRow);

impl Attempts {
    /// Out of the rows of one player.
    pub(crate) fn of(rows: Vec<LastAttemptRow>) -> Result<Self> {
        let mut attempts = Self::default();
        for (LastAttempt { content_id, status, number, progress, started_at, completed_at }, beside) in rows {
            match progress {
                None => {
                    let current_phase = number.ok_or_else(|| Error::corrupt("a boss fight lacks its phase"))?;
                    let boss_id = content_id;
                    let row = BossAttemptRow { boss_id, status, current_phase, started_at, completed_at };
                    attempts.boss = Some((row, beside));
                }
                Some(progress) => {
                    let (dungeon_id, xp_awarded) = (content_id, number);
                    let row = DungeonAttemptRow { dungeon_id, status, progress, started_at, completed_at, xp_awarded };
                    attempts.dungeon = Some((row, beside));
                }
            }
        }
        Ok(attempts)
    }
}
