//! Adjustments and grants: XP from outside the engine, exactly once by the caller's id (the rules, sections 11 and 12).

use crate::api::{Refusal, Source, Xp};
use crate::award::Ask;
use crate::change::{Change, Sink, SourceRef};
use crate::engine::Turn;
use crate::player::Grant;
use crate::report::check_text;

impl<S: Sink> Turn<'_, S> {
    /// Corrects the player's XP, up or down.
    pub(crate) fn adjust_xp(&mut self, id: &str, amount: Xp, reason: &str) -> Result<(), Refusal> {
        self.grant_once(id, Source::ManualAdjustment, amount, None, reason)
    }

    /// Grants XP; the amount is above 0.
    pub(crate) fn grant_xp(
        &mut self,
        id: &str,
        source: Source,
        amount: Xp,
        source_id: Option<&str>,
        reason: &str,
    ) -> Result<(), Refusal> {
        if amount.0 <= 0 {
            return Err(Refusal::OutOfRange { field: "amount".to_owned(), expected: "above 0".to_owned() });
        }
        if let Some(source_id) = source_id {
            check_text("source_id", source_id, false)?;
        }
        self.grant_once(id, source, amount, source_id, reason)
    }

    fn grant_once(
        &mut self,
        id: &str,
        source: Source,
        amount: Xp,
        source_id: Option<&str>,
        reason: &str,
    ) -> Result<(), Refusal> {
        check_text("id", id, true)?;
        check_text("reason", reason, false)?;
        let amount = i32::try_from(amount.0).map_err(|_| Refusal::overflow("amount"))?;
        let grant = Grant { id: id.into(), user: self.player.id.clone(), source, amount };
        let grants = &mut self.player.state.grants;
        let place = match grants.binary_search_by(|known| known.id.cmp(&grant.id)) {
            Ok(known) if grants[known] == grant => return Ok(()),
            Ok(_) => return Err(Refusal::IdConflict { id: id.to_owned() }),
            Err(place) => place,
        };
        self.sink.change(Change::GrantRecorded(&grant, reason));
        grants.insert(place, grant);
        let hash = self.rules_in_force();
        let ask = Ask { base_xp: amount, source, moment: self.now(), dungeon: None };
        self.award(self.rules(hash), hash, ask, SourceRef::Caller { id, source_id }).map(drop)
    }
}
