//! Views, previews and the timeline.

use std::time::Duration;

use levelkit::{Command, Event, Instant};
use levelkit_storage::{BlockingStore, Options};

use crate::backend::Backend;
use crate::world::{life, minutes, populated, report};

pub(crate) fn a_view_and_a_preview_change_nothing<B: Backend>() {
    let (_backend, store) = populated::<B>();
    assert_eq!(store.player("p1", None).unwrap().open_day, None);
    store.execute("p1", minutes(0), &report(&[("steps", 9000.0)])).unwrap();
    let before = store.state("p1").unwrap();
    let later = store.player("p1", Some(minutes(3 * 1440))).unwrap();
    assert_eq!(later.open_day.unwrap().to_string(), "2026-03-05");
    let preview = store.preview("p1", minutes(60), &report(&[("sleep.hours", 8.0)])).unwrap();
    assert_eq!(store.player("p1", Some(minutes(-1))).unwrap_err().code(), "TIME_BACKWARDS");
    assert_eq!(store.preview("p1", minutes(-1), &report(&[])).unwrap_err().code(), "TIME_BACKWARDS");
    assert_eq!(store.state("p1").unwrap(), before);
    assert_eq!(store.execute("p1", minutes(60), &report(&[("sleep.hours", 8.0)])).unwrap().events, preview);
    assert_eq!(store.player("p1", None).unwrap().total_xp.0, store.state("p1").unwrap().state.total_xp);
}

/// A server whose clock is a little behind looks at a player as it sends commands: as of the last one.
pub(crate) fn clocks_may_differ_when_somebody_looks<B: Backend>() {
    let (backend, store) = populated::<B>();
    let walked = report(&[("steps", 9000.0)]);
    store.execute("p1", minutes(1), &Command::Advance {}).unwrap();
    let tolerant = Options::new().clock_tolerance(Duration::from_secs(60));
    let tolerant = BlockingStore::open_with(&backend.url(), tolerant).unwrap();
    assert_eq!(tolerant.player("p1", Some(minutes(0))).unwrap(), store.player("p1", None).unwrap());
    let previewed = tolerant.preview("p1", minutes(0), &walked).unwrap();
    assert_eq!(previewed, store.preview("p1", minutes(1), &walked).unwrap());
    assert_eq!(tolerant.execute("p1", minutes(0), &walked).unwrap().events, previewed);
    let early = minutes(0).plus_micros(-1);
    assert_eq!(tolerant.player("p1", Some(early)).unwrap_err().code(), "TIME_BACKWARDS");
    assert_eq!(tolerant.preview("p1", early, &walked).unwrap_err().code(), "TIME_BACKWARDS");
}

pub(crate) fn the_timeline_tells_what_happened<B: Backend>() {
    let (_backend, store) = populated::<B>();
    let mut happened = Vec::new();
    for (at, command) in life() {
        happened.extend(store.execute("p1", at, &command).map(|outcome| outcome.events).unwrap_or_default());
    }
    let told = store.timeline("p1", Instant::MIN..=Instant::MAX).unwrap();
    let mut left: Vec<Event> = told.iter().map(|entry| entry.event.clone()).collect();
    // Everything that leaves a row is told, once; nothing is told that did not happen.
    for event in happened.iter().filter(|event| leaves_a_row(event)) {
        let place = left.iter().position(|told| told == event).unwrap_or_else(|| panic!("{event:?} is not told"));
        left.remove(place);
    }
    assert_eq!(left, vec![]);
    assert!(told.is_sorted_by_key(|entry| entry.at));
    let part = store.timeline("p1", minutes(1440)..=minutes(2880)).unwrap();
    let expected: Vec<_> =
        told.iter().filter(|entry| (minutes(1440)..=minutes(2880)).contains(&entry.at)).cloned().collect();
    assert_eq!(part, expected);
}

fn leaves_a_row(event: &Event) -> bool {
    !matches!(
        event,
        Event::StatRaised { .. }
            | Event::StreakExtended { .. }
            | Event::StreakBroken { .. }
            | Event::DebuffStarted { .. }
            | Event::TitleEquipped { .. }
            | Event::BossPhaseCleared { .. }
            | Event::BossPhaseRestarted { .. }
    )
}
