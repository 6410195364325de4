//! Seasons: joining and scoring (the rules, section 10).

use crate::api::{IdKind, Instant, Refusal, SeasonStatus};
use crate::change::{Change, Sink};
use crate::engine::Turn;
use crate::name::Name;
use crate::player::Participation;

impl SeasonStatus {
    /// Where a season from `start` to `end` stands: UPCOMING before it, ACTIVE from its first instant on, ENDED from its end on.
    ///
    /// ```
    /// use levelkit::SeasonStatus;
    /// let stands = |at| SeasonStatus::between(10, 20, at);
    /// assert_eq!([9, 10, 19, 20].map(stands).map(SeasonStatus::as_str), ["UPCOMING", "ACTIVE", "ACTIVE", "ENDED"]);
    /// ```
    pub fn between<T: PartialOrd>(start: T, end: T, at: T) -> Self {
        if at < start {
            Self::Upcoming
        } else if at < end {
            Self::Active
        } else {
            Self::Ended
        }
    }
}

impl<S: Sink> Turn<'_, S> {
    /// Refuses content whose season is not running.
    pub(crate) fn check_season(&self, season: Option<&Name>) -> Result<(), Refusal> {
        let rules = self.rules(self.rules_in_force());
        match season {
            Some(id) if !rules.in_season(Some(id), self.at) => Err(Refusal::SeasonInactive { season: id.to_string() }),
            _ => Ok(()),
        }
    }

    /// Joins a season that is running; joining twice changes nothing.
    pub(crate) fn join_season(&mut self, id: &str) -> Result<(), Refusal> {
        let unknown = || Refusal::UnknownId { kind: IdKind::Season, id: id.to_owned() };
        let season = self.rules(self.rules_in_force()).season(id).ok_or_else(unknown)?;
        if self.player.state.seasons.iter().any(|joined| joined.season == season.id) {
            return Ok(());
        }
        if season.status(self.at) != SeasonStatus::Active {
            return Err(Refusal::SeasonInactive { season: id.to_owned() });
        }
        self.participation(&season.id, self.at);
        Ok(())
    }

    /// Adds an award to a season's score; the first one joins. Sealed standings stay as they are.
    pub(crate) fn score(&mut self, season: &Name, final_xp: i32, at: Instant) -> Result<(), Refusal> {
        if self.player.state.sealed_seasons.contains(season) {
            return Ok(());
        }
        let place = self.participation(season, at);
        let participation = &mut self.player.state.seasons[place];
        if final_xp == 0 {
            return Ok(());
        }
        let score = participation.season_xp.checked_add(final_xp.into());
        participation.season_xp = score.ok_or_else(|| Refusal::overflow("season_xp"))?;
        self.sink.change(Change::SeasonScored(participation));
        Ok(())
    }

    /// Where the player's participation in a season stands; joins if there is none.
    fn participation(&mut self, season: &Name, joined_at: Instant) -> usize {
        let seasons = &mut self.player.state.seasons;
        seasons.binary_search_by(|joined| joined.season.cmp(season)).unwrap_or_else(|place| {
            let joined = Participation { season: season.clone(), season_xp: 0, joined_at };
            self.sink.change(Change::SeasonJoined(&joined));
            seasons.insert(place, joined);
            place
        })
    }
}
