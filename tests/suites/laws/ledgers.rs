//! The ledger: totals are its sum, it verifies, and nothing in it can be changed unseen.

use levelkit::ledger::{EventHash, Head, Verification, XpEvent, XpModifier, verify};
use levelkit::{Multiplier, Source};
use levelkit_tests::cases::config;
use levelkit_tests::compare::Played;
use proptest::prelude::*;

use crate::{played, scenarios};

type Ledger = Vec<(XpEvent, Vec<XpModifier>)>;

fn ledger(played: &Played) -> Ledger {
    played.tables.ledger().iter().map(|row| (row.event.clone(), row.modifiers.clone())).collect()
}

fn verified(played: &Played, ledger: &Ledger) -> Verification {
    let state = &played.player.state;
    let events = state.ledger.events.try_into().unwrap();
    verify(ledger, &[Head::of_player(state.total_xp, state.level), Head::of_record(events, state.ledger.hash)])
}

/// Changes one thing of a ledger; the answer is whether it did.
fn forge(ledger: &mut Ledger, place: usize, what: u32) -> bool {
    let place = place % ledger.len();
    if what == 0 {
        ledger.remove(place);
        return true;
    }
    let next = (place + 1) % ledger.len();
    if what == 1 {
        ledger.swap(place, next);
        return next != place;
    }
    let (event, modifiers) = &mut ledger[place];
    match what {
        2 => event.id.push('x'),
        3 => event.user_id.push('x'),
        4 => {
            let other = if event.event_source == Source::TitleBonus { Source::StreakBonus } else { Source::TitleBonus };
            event.event_source = other;
        }
        5 => event.source_id = Some(event.source_id.take().map_or_else(String::new, |id| id + "x")),
        6 => event.base_xp = event.base_xp.wrapping_add(1),
        7 => event.final_xp = event.final_xp.wrapping_add(1),
        8 => event.total_xp_before = event.total_xp_before.wrapping_add(1),
        9 => event.total_xp_after = event.total_xp_after.wrapping_add(1),
        10 => event.level_before = event.level_before.wrapping_add(1),
        11 => event.level_after = event.level_after.wrapping_add(1),
        12 => event.created_at = event.created_at.plus_micros(-1),
        13 => event.event_hash = EventHash([7; 32]),
        14 => modifiers.push(XpModifier {
            id: "forged".to_owned(),
            order: modifiers.len() as i32,
            modifier: levelkit::ModifierType::WeekendBonus,
            multiplier: Multiplier::ONE,
            reason: "weekend".to_owned(),
            xp_before: modifiers.last().map_or(0, |step| step.xp_after),
            xp_after: modifiers.last().map_or(0, |step| step.xp_after),
        }),
        15 => return modifiers.pop().is_some(),
        16 => match modifiers.last_mut() {
            Some(step) => step.reason.push('x'),
            None => return false,
        },
        _ => match modifiers.last_mut() {
            Some(step) => step.multiplier = Multiplier::from_millionths(step.multiplier.millionths() + 1).unwrap(),
            None => return false,
        },
    }
    true
}

proptest! {
    #![proptest_config(config(150))]

    #[test]
    fn totals_are_the_ledgers_sum(scenario in scenarios(40)) {
        let played = played(&scenario);
        let (ledger, state) = (ledger(&played), &played.player.state);
        let sum: i64 = ledger.iter().map(|(event, _)| i64::from(event.final_xp)).sum();
        prop_assert_eq!(sum, state.total_xp);
        prop_assert!(ledger.iter().all(|(event, _)| event.total_xp_after >= 0));
        for joined in &state.seasons {
            prop_assert!(joined.season_xp >= 0 && joined.season_xp <= state.total_xp.max(sum_of_awards(&ledger)));
        }
        let verification = verified(&played, &ledger);
        prop_assert!(verification.is_sound(), "{:?}", verification.failure);
        prop_assert_eq!((verification.events, verification.total_xp), (ledger.len() as u64, sum));
    }

    #[test]
    fn nothing_in_it_changes_unseen(scenario in scenarios(40), place in any::<usize>(), what in 0..18_u32) {
        let played = played(&scenario);
        let mut ledger = ledger(&played);
        if !ledger.is_empty() && forge(&mut ledger, place, what) {
            prop_assert!(!verified(&played, &ledger).is_sound(), "forgery {} was not seen", what);
        }
    }
}

fn sum_of_awards(ledger: &Ledger) -> i64 {
    ledger.iter().map(|(event, _)| i64::from(event.final_xp.max(0))).sum()
}
