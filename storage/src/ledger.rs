//! The ledger read back: rows to events, and rows through the verifier.

use std::collections::HashMap;

use levelkit::ledger::{EventHash, Head, LedgerFailure, LedgerFault, Verification, Verifier, XpEvent, XpModifier};
use levelkit::{Instant, ModifierType, Source};

use crate::convert::{self, instant, int, label};
use crate::error::{Error, Result};
use crate::rows::{EventRow, ModifierRow};
use crate::view::{LedgerEntry, LedgerPage, PlayerVerification};

/// How many events are read at a time.
pub(crate) const BATCH: usize = 500;

/// Where a page begins: after the event at this instant and of this id.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) micros: i64,
    pub(crate) id: String,
}

impl Place {
    /// Before the first event after an instant, or before all of them.
    pub(crate) fn after(instant: Option<Instant>) -> Self {
        // No id is greater than this one, so the page begins after the instant.
        let after = |after: Instant| Self { micros: after.micros(), id: "\u{10ffff}".to_owned() };
        instant.map_or_else(|| Self { micros: Instant::MIN.micros(), id: String::new() }, after)
    }

    /// After an event.
    pub(crate) fn behind(event: &EventRow) -> Self {
        Self { micros: event.created_at, id: event.id.clone() }
    }
}

/// Modifiers by the event they belong to.
pub(crate) type Steps = HashMap<String, Vec<ModifierRow>>;

/// Modifiers by the event they belong to; those of one event stay in order.
pub(crate) fn by_event(rows: Vec<ModifierRow>) -> Steps {
    let mut by_event = Steps::new();
    rows.into_iter().for_each(|row| by_event.entry(row.xp_event_id.clone()).or_default().push(row));
    by_event
}

/// The last event of a page that is full: others of its instant belong to the page too, since the next one begins after the instant.
/// Events from before levelkit took over may share one.
pub(crate) fn end_of_full(events: &[EventRow], limit: usize) -> Option<Place> {
    events.last().filter(|_| events.len() >= limit).map(Place::behind)
}

/// A page of `limit` events, or all that there are, with their modifiers.
pub(crate) fn page(events: Vec<EventRow>, mut steps: Steps, limit: usize) -> Result<LedgerPage> {
    let next = end_of_full(&events, limit).map(|last| last.micros);
    let entry = |row: EventRow| {
        let steps = steps.remove(&row.id).unwrap_or_default();
        let modifiers = steps.iter().map(modifier).collect::<Result<_>>()?;
        Ok(LedgerEntry { event: event(&row)?, modifiers })
    };
    let entries = events.into_iter().map(entry).collect::<Result<_>>()?;
    let next = next.map(|next| instant("xp_events.created_at", next)).transpose()?;
    Ok(LedgerPage { entries, next })
}

/// What is remembered of where a chain begins and ends.
pub(crate) struct ChainEnd {
    pub(crate) level: i64,
    pub(crate) total_xp: i64,
    pub(crate) event_count: i64,
    pub(crate) head_hash: String,
    pub(crate) adopted_total_xp: i64,
    pub(crate) adopted_level: i64,
    pub(crate) legacy: Option<Legacy>,
}

/// What is remembered of the events from before levelkit took over.
pub(crate) struct Legacy {
    pub(crate) last_event_id: String,
    pub(crate) last_created_at: i64,
    pub(crate) events: i64,
    pub(crate) xp: i64,
}

/// A verification under way.
pub(crate) struct Check {
    end: ChainEnd,
    verifier: Verifier,
}

impl Check {
    pub(crate) fn new(end: ChainEnd) -> Self {
        // A level that does not fit is no level that a chain can end with.
        let verifier = Verifier::adopted(end.adopted_total_xp, i32::try_from(end.adopted_level).unwrap_or(0));
        Self { end, verifier }
    }

    /// Checks the next events, by `created_at` and id.
    pub(crate) fn events(&mut self, events: &[EventRow], mut steps: Steps) {
        for event in events {
            self.event(event, &steps.remove(&event.id).unwrap_or_default());
        }
    }

    fn event(&mut self, row: &EventRow, steps: &[ModifierRow]) {
        if self.end.legacy.as_ref().is_some_and(|legacy| row.created_at <= legacy.last_created_at) {
            return self.verifier.unsealed(i32::try_from(row.final_xp).unwrap_or(0));
        }
        let modifiers = steps.iter().map(modifier).collect::<Result<Vec<_>>>();
        match (unhashed_event(row), modifiers) {
            (Ok(event), Ok(modifiers)) => {
                self.verifier.event_with_hash_text(&event.fields(), &modifiers, &row.event_hash);
            }
            (Err(error), _) | (_, Err(error)) => {
                self.verifier.unreadable(&row.id, Instant::from_micros(row.created_at), &error.to_string());
            }
        }
    }

    /// Compares the chain's end with what the player's row and the engine's own record remember.
    pub(crate) fn finish(self, id: &str) -> PlayerVerification {
        let end = self.end;
        let heads = [
            Head {
                total_xp: Some(end.total_xp),
                level: Some(i32::try_from(end.level).unwrap_or(i32::MIN)),
                ..Head::default()
            },
            Head {
                events: Some(u64::try_from(end.event_count).unwrap_or(u64::MAX)),
                // What is no hash agrees with no chain.
                hash: Some(end.head_hash.parse().unwrap_or(EventHash([0xff; 32]))),
                ..Head::default()
            },
        ];
        let mut verification = self.verifier.finish(&heads);
        if verification.failure.is_none() {
            verification.failure = end.legacy.and_then(|legacy| changed_legacy(&legacy, &verification));
        }
        PlayerVerification { player: id.to_owned(), verification }
    }
}

/// Nothing seals the events from before, but their number and sum are remembered.
fn changed_legacy(legacy: &Legacy, found: &Verification) -> Option<LedgerFailure> {
    let (count, sum) = found.unsealed.map_or((0, 0), |unsealed| (unsealed.count, unsealed.sum));
    let same = u64::try_from(legacy.events) == Ok(count) && legacy.xp == sum;
    (!same).then(|| LedgerFailure {
        index: 0,
        event_id: Some(legacy.last_event_id.clone()),
        created_at: Instant::from_micros(legacy.last_created_at),
        kind: LedgerFault::Sum,
        expected: format!("{} unsealed events of {} XP in all, this the last of them", legacy.events, legacy.xp),
        found: format!("{count} of {sum} XP"),
    })
}

/// Events from before levelkit took over may have anything for a hash, which is shown as zeros. Whether a hash is the right one
/// is for [`Check`] to say, which reads the text itself.
fn event(row: &EventRow) -> Result<XpEvent> {
    Ok(XpEvent { event_hash: row.event_hash.parse().unwrap_or(EventHash::ZERO), ..unhashed_event(row)? })
}

fn unhashed_event(row: &EventRow) -> Result<XpEvent> {
    let EventRow {
        id,
        user_id,
        event_source,
        source_id,
        base_xp,
        final_xp,
        total_xp_before,
        total_xp_after,
        level_before,
        level_after,
        event_hash: _,
        created_at,
    } = row;
    Ok(XpEvent {
        id: id.clone(),
        user_id: user_id.clone(),
        event_source: label("xp_events.event_source", event_source, Source::from_label)?,
        source_id: source_id.clone(),
        base_xp: int("xp_events.base_xp", *base_xp)?,
        final_xp: int("xp_events.final_xp", *final_xp)?,
        total_xp_before: *total_xp_before,
        total_xp_after: *total_xp_after,
        level_before: int("xp_events.level_before", *level_before)?,
        level_after: int("xp_events.level_after", *level_after)?,
        created_at: instant("xp_events.created_at", *created_at)?,
        event_hash: EventHash::ZERO,
    })
}

fn modifier(row: &ModifierRow) -> Result<XpModifier> {
    let ModifierRow { id, xp_event_id: _, order, kind, multiplier, reason, xp_before, xp_after } = row;
    let no_multiplier = || Error::corrupt(format!("xp_modifiers.multiplier is {multiplier}, which is no multiplier"));
    Ok(XpModifier {
        id: id.clone(),
        order: int("xp_modifiers.order", *order)?,
        modifier: label("xp_modifiers.type", kind, ModifierType::from_label)?,
        multiplier: convert::multiplier(*multiplier).ok_or_else(no_multiplier)?,
        reason: reason.clone(),
        xp_before: int("xp_modifiers.xp_before", *xp_before)?,
        xp_after: int("xp_modifiers.xp_after", *xp_after)?,
    })
}
