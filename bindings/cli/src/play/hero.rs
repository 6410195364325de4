//! One player's days, from rows to commands.
//!
//! Everything follows from the data's dates: a day is reported at its last microsecond, and the last day is closed at the
//! first instant at which that is due. So the same file always makes the same commands, and a day that was played before is
//! recognised by the player's own clock in the store.
//!
//! The engine decides on a copy of the player first, which tells when a boss may be fought; the store then does many commands
//! in one transaction, and so waits for the disk once.

use std::collections::BTreeSet;
use std::sync::Arc;

use levelkit::ruleset::document::{Boss, Document};
use levelkit::{Command, Day, Engine, Event, Instant, Player, Ruleset, Zone};
use levelkit_storage::{BlockingStore, NewPlayer};
use serde::Serialize;

use crate::bar::Bar;
use crate::data::{self, Index, Row};
use crate::stop::{Exit, Failure, Result};

/// What became of the rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Counts {
    /// Players who are new in the store.
    pub(crate) new_players: u64,
    /// Days reported now, with at least one metric.
    pub(crate) reported: u64,
    /// Days played now on which the tracker was not worn.
    pub(crate) not_worn: u64,
    /// Days played now whose cells were all empty.
    pub(crate) empty: u64,
    /// Days that were played before; nothing was reported for them.
    pub(crate) already_played: u64,
    /// Days before the player's first day in the store; they cannot be played any more.
    pub(crate) before_start: u64,
}

impl Counts {
    /// How many days were played now.
    pub(crate) fn played(&self) -> u64 {
        self.reported + self.not_worn + self.empty
    }
}

/// How many commands go into one transaction.
const AT_ONCE: usize = 200;

/// Plays the players of a file, one after the other.
pub(crate) struct Game<'a> {
    store: &'a BlockingStore,
    engine: Engine,
    document: &'a Document,
    zone: Option<Zone>,
    fights: bool,
    counts: Counts,
}

/// A player, and what was decided for them and not done yet.
struct Hero {
    player: Player,
    /// Whether the engine knows every ruleset that opened something of the player's. If not, only the store can decide.
    foreseeable: bool,
    beaten: BTreeSet<String>,
    decided: Vec<(Instant, Command)>,
}

impl<'a> Game<'a> {
    /// A game in which new players live in `zone` or their own, and start boss fights by themselves if `fights`.
    pub(crate) fn new(store: &'a BlockingStore, ruleset: &'a Arc<Ruleset>, zone: Option<Zone>, fights: bool) -> Self {
        let engine = Engine::new(Arc::clone(ruleset));
        Self { store, engine, document: ruleset.document(), zone, fights, counts: Counts::default() }
    }

    /// What became of the rows so far.
    pub(crate) fn into_counts(self) -> Counts {
        self.counts
    }

    /// Plays one player's days in order, then closes the last.
    pub(crate) fn play(&mut self, index: &mut Index, player: data::Player, bar: &mut Bar) -> Result {
        let mut hero = self.seat(index.id(player))?;
        let days: Vec<Day> = index.days(player).collect();
        for (place, day) in days.iter().enumerate() {
            bar.step();
            match hero.standing(*day) {
                Standing::BeforeStart => self.counts.before_start += 1,
                Standing::Played => self.counts.already_played += 1,
                Standing::ToPlay => {
                    let row = index.row(player, place)?;
                    self.play_day(&mut hero, row)?;
                }
            }
        }
        if let Some(last) = days.last() {
            self.close(&mut hero, *last)?;
        }
        self.settle(&mut hero)
    }

    /// The player in the store, made if new.
    fn seat(&mut self, id: &str) -> Result<Hero> {
        let timezone = self.zone.map(|zone| zone.name().to_owned());
        let is_new = self.store.create_player(&NewPlayer { timezone, ..NewPlayer::new(id) })?;
        self.counts.new_players += u64::from(is_new);
        let mut hero =
            Hero { player: self.store.state(id)?, foreseeable: true, beaten: BTreeSet::new(), decided: Vec::new() };
        hero.foreseeable = hero.is_all_under(self.engine.ruleset());
        if self.fights && !is_new && !self.document.bosses.is_empty() {
            let everything = self.store.timeline(id, Instant::MIN..=Instant::MAX)?;
            everything.iter().for_each(|entry| hero.note(&entry.event));
        }
        Ok(hero)
    }

    fn play_day(&mut self, hero: &mut Hero, row: Row) -> Result {
        let (begin, next) = (self.first_instant(hero, row.day), self.first_instant(hero, row.day.plus(1)));
        if begin >= next {
            let message = format!("{} is a date without any instant in {}", row.day, hero.player.state.zone.name());
            return Err(Failure::new(Exit::Input, "DATA", message)
                .hint("leave the row out, or choose another --timezone")
                .into());
        }
        if self.fights {
            self.start_boss(hero, begin)?;
        }
        let is_empty = row.metrics.0.is_empty();
        self.counts.not_worn += u64::from(row.not_worn);
        self.counts.empty += u64::from(is_empty && !row.not_worn);
        self.counts.reported += u64::from(!is_empty);
        let command = match is_empty {
            true => Command::Advance {},
            false => {
                Command::Report { day: Some(row.day), observed_at: None, metrics: row.metrics, specials: Vec::new() }
            }
        };
        self.execute(hero, next.plus_micros(-1), command)
    }

    /// Closes the player's last day in the file, so that it counts.
    fn close(&mut self, hero: &mut Hero, last: Day) -> Result {
        let grace = i64::from(self.document.day.grace_minutes);
        let due = self.first_instant(hero, last.plus(1)).plus_micros(grace.saturating_mul(60_000_000));
        match hero.player.state.last_at {
            Some(last_at) if last_at >= due => Ok(()),
            _ => self.execute(hero, due, Command::Advance {}),
        }
    }

    /// Starts the first boss that may be fought and was not beaten yet.
    fn start_boss(&mut self, hero: &mut Hero, at: Instant) -> Result {
        let document = self.document;
        for boss in &document.bosses {
            if !hero.beaten.contains(&boss.id) && self.may_fight(hero, boss, at)? {
                return self.execute(hero, at, Command::StartBoss { boss: boss.id.clone() });
            }
        }
        Ok(())
    }

    /// Whether the rules allow a fight, and what falls due by then does not beat that very boss.
    fn may_fight(&self, hero: &Hero, boss: &Boss, at: Instant) -> Result<bool> {
        let (id, at, command) = (&hero.player.id, hero.not_before(at), Command::StartBoss { boss: boss.id.clone() });
        let foreseen = match hero.foreseeable {
            true => self.engine.preview(&hero.player, at, &command).map_err(levelkit_storage::Error::from),
            false => self.store.preview(id, at, &command),
        };
        let beats = |event: &Event| matches!(event, Event::BossVictory { boss: beaten, .. } if *beaten == boss.id);
        match foreseen {
            Ok(events) => Ok(!events.iter().any(beats)),
            Err(error) if error.refusal().is_some() => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    fn first_instant(&self, hero: &Hero, day: Day) -> Instant {
        hero.player.state.zone.day_start(day, self.document.day.day_start_hour)
    }

    /// Decides a command; the store does it later, together with others.
    fn execute(&mut self, hero: &mut Hero, at: Instant, command: Command) -> Result {
        let at = hero.not_before(at);
        if !hero.foreseeable {
            let outcome = self.store.execute(&hero.player.id, at, &command)?;
            outcome.events.iter().for_each(|event| hero.note(event));
            hero.player = self.store.state(&hero.player.id)?;
            return Ok(());
        }
        let record = self.engine.execute(&mut hero.player, at, &command).map_err(levelkit_storage::Error::from)?;
        record.events.iter().for_each(|event| hero.note(event));
        hero.decided.push((at, command));
        if hero.decided.len() >= AT_ONCE { self.settle(hero) } else { Ok(()) }
    }

    /// Has the store do what was decided.
    fn settle(&mut self, hero: &mut Hero) -> Result {
        let decided = std::mem::take(&mut hero.decided);
        if !decided.is_empty() {
            self.store.execute_all(&hero.player.id, &decided)?;
        }
        Ok(())
    }
}

/// Where a day stands with a player.
enum Standing {
    BeforeStart,
    Played,
    ToPlay,
}

impl Hero {
    /// An instant, or that of the last command if it is later.
    fn not_before(&self, at: Instant) -> Instant {
        self.player.state.last_at.map_or(at, |last_at| last_at.max(at))
    }

    /// Whether a day was closed, can never be played, or is to be played.
    fn standing(&self, day: Day) -> Standing {
        let state = &self.player.state;
        let is_open = state.days.iter().any(|open| open.day == day);
        match (state.first_day, state.open_day) {
            (Some(first), _) if day < first => Standing::BeforeStart,
            (_, Some(open_day)) if day <= open_day && !is_open => Standing::Played,
            _ => Standing::ToPlay,
        }
    }

    fn is_all_under(&self, ruleset: &Ruleset) -> bool {
        let state = &self.player.state;
        let boss = state.boss_in_progress().map(|attempt| attempt.rules);
        let dungeon = state.dungeon_in_progress().map(|attempt| attempt.rules);
        let opened = state.days.iter().map(|open| open.rules).chain(state.logs.iter().map(|log| log.rules));
        opened.chain(boss).chain(dungeon).all(|hash| hash == ruleset.hash())
    }

    fn note(&mut self, event: &Event) {
        if let Event::BossVictory { boss, .. } = event {
            self.beaten.insert(boss.clone());
        }
    }
}
