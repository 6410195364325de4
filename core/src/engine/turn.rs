//! One command's turn: what is at hand while it is decided.

use crate::api::{Command, Day, Instant, Refusal};
use crate::change::{Change, Progress, Sink};
use crate::day::Zone;
use crate::engine::{Engine, Workspace};
use crate::metric::{Inputs, Raw, Window};
use crate::name::Name;
use crate::player::{Player, RulesetHash};
use crate::ruleset::compile::{CompiledRequirement, Rules};

/// One command's turn for one player.
pub(crate) struct Turn<'t, S> {
    pub(crate) engine: &'t Engine,
    pub(crate) player: &'t mut Player,
    pub(crate) at: Instant,
    pub(crate) sink: &'t mut S,
    pub(crate) workspace: &'t mut Workspace,
}

/// When and on which day something takes effect: at the command's instant, or at that of what fell due.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    /// The instant, for debuff, season and the rows' timestamps.
    pub(crate) at: Instant,
    /// The local day concerned, for the weekend.
    pub(crate) day: Day,
    /// The open day, or the day being closed.
    pub(crate) today: Day,
}

impl<'t, S: Sink> Turn<'t, S> {
    pub(crate) fn new(
        engine: &'t Engine,
        player: &'t mut Player,
        at: Instant,
        sink: &'t mut S,
        workspace: &'t mut Workspace,
    ) -> Self {
        Self { engine, player, at, sink, workspace }
    }

    /// Does the command: what is due, the days up to now, the command itself, the titles.
    pub(crate) fn command(mut self, command: &Command) -> Result<(), Refusal> {
        if let Some(last_at) = self.player.state.last_at.filter(|last_at| self.at < *last_at) {
            return Err(Refusal::TimeBackwards { at: self.at, last_at });
        }
        let is_first = self.player.state.last_at.is_none();
        self.do_what_is_due(matches!(command, Command::ReportDungeon { .. }))?;
        self.open_days_up_to_now();
        self.player.state.last_at = Some(self.at);
        self.act(command)?;
        if is_first || !matches!(command, Command::Advance {}) {
            let moment = self.now();
            self.evaluate_titles(moment)?;
        }
        Ok(())
    }

    fn act(&mut self, command: &Command) -> Result<(), Refusal> {
        match command {
            Command::Report { day, observed_at, metrics, specials } => {
                self.report(*day, *observed_at, metrics, specials)
            }
            Command::Advance {} => Ok(()),
            Command::StartBoss { boss } => self.start_boss(boss),
            Command::AbandonBoss {} => self.abandon_boss(),
            Command::EnterDungeon { dungeon } => self.enter_dungeon(dungeon),
            Command::ReportDungeon { observed_at, metrics } => self.report_dungeon(*observed_at, metrics),
            Command::ForfeitDungeon {} => self.forfeit_dungeon(),
            Command::EquipTitle { title } => self.equip_title(title.as_deref()),
            Command::AdjustXp { id, amount, reason } => self.adjust_xp(id, *amount, reason),
            Command::SetTimezone { timezone } => self.set_timezone(timezone),
            Command::JoinSeason { season } => self.join_season(season),
            Command::GrantXp { id, source, amount, source_id, reason } => {
                self.grant_xp(id, source.source(), *amount, source_id.as_deref(), reason)
            }
        }
    }

    /// The command's own moment: its instant, on the open day.
    pub(crate) fn now(&self) -> Moment {
        let today = self.player.state.open_day.unwrap_or(Day::MIN);
        Moment { at: self.at, day: today, today }
    }

    /// The hash of the rules in force for the player: those that opened the open day.
    pub(crate) fn rules_in_force(&self) -> RulesetHash {
        self.player.state.days.last().map_or(self.engine.current.hash(), |open| open.rules)
    }

    pub(crate) fn rules(&self, hash: RulesetHash) -> &'t Rules {
        self.engine.rules(hash)
    }

    /// Moves the player to another time zone; the open day then ends by the new zone's clock.
    fn set_timezone(&mut self, timezone: &str) -> Result<(), Refusal> {
        let unknown = || Refusal::InvalidTimezone { timezone: timezone.to_owned() };
        let zone = Zone::named(timezone).ok_or_else(unknown)?;
        if zone != self.player.state.zone {
            self.player.state.zone = zone;
            self.player.state.zone_since = Some(self.at);
            self.sink.change(Change::ZoneChanged { zone, since: self.at });
            self.foresee_next_day();
        }
        Ok(())
    }

    /// What a requirement over a window of days can look at, raw metrics being those of `moment.day`.
    pub(crate) fn inputs<'a>(&'a self, rules: &'a Rules, window: Window, moment: Moment) -> Inputs<'a> {
        Inputs { player: self.player, rules, window, raw: Raw::Day(moment.day), today: moment.today }
    }

    /// Raises a lifetime count by one.
    pub(crate) fn count(&mut self, key: &Name) {
        self.count_by(key, 1);
    }

    pub(crate) fn count_by(&mut self, key: &Name, by: i64) {
        let count = self.player.state.counters.get(key).saturating_add(by);
        self.player.state.counters.set(key, count);
        self.sink.change(Change::CounterRaised(key, count));
    }
}

/// A requirement's outcome, and its inputs where a row keeps them.
pub(crate) fn progress_of<S: Sink>(
    requirement: &CompiledRequirement,
    inputs: Inputs<'_>,
) -> (crate::Outcome, Progress) {
    let outcome = requirement.outcome(&mut |input| inputs.value(input));
    let mut progress = Progress { met: outcome.is_met(), fraction: outcome.fraction, metrics: Default::default() };
    if S::ROWS {
        requirement.visit_leaves(&mut |input, _| {
            if let Some(value) = inputs.value(input) {
                progress.metrics.insert(input.name(), value);
            }
        });
    }
    (outcome, progress)
}
