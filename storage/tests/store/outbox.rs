//! The outbox: what is committed is delivered at least once, and a player's events in order.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::time::Duration;

use levelkit::Command;
use levelkit_storage::{BlockingStore, NewPlayer, Options, OutboxEntry};

use crate::backend::Backend;
use crate::world::{adjust, minutes, populated, report};

const LONG: Duration = Duration::from_secs(600);
const SHORT: Duration = Duration::from_millis(40);

fn with_outbox<B: Backend>(players: usize) -> (B, BlockingStore) {
    let (backend, plain) = populated::<B>();
    for number in 2..=players {
        plain.create_player(&NewPlayer::new(format!("p{number}"))).unwrap();
    }
    plain.execute("p1", minutes(0), &adjust("before", 1)).unwrap();
    let store = BlockingStore::open_with(&backend.url(), Options::new().outbox(true)).unwrap();
    assert!(store.claim_events("w", 10, LONG).unwrap().is_empty());
    (backend, store)
}

fn ids(entries: &[OutboxEntry]) -> Vec<i64> {
    entries.iter().map(|entry| entry.id).collect()
}

pub(crate) fn events_wait_for_delivery<B: Backend>() {
    let (_backend, store) = with_outbox::<B>(2);
    let first = store.execute("p1", minutes(1), &adjust("a", 5)).unwrap().events;
    let both = [(minutes(2), adjust("b", 5)), (minutes(3), adjust("c", 5))];
    let both = store.execute_all("p1", &both).unwrap();
    // A repeat brings nothing, and a refusal leaves nothing, together with what it takes along.
    assert!(store.execute("p1", minutes(3), &adjust("a", 5)).unwrap().events.is_empty());
    let refused = [(minutes(4), adjust("d", 5)), (minutes(4), Command::StartBoss { boss: "nobody".into() })];
    assert_eq!(store.execute_all("p1", &refused).unwrap_err().code(), "UNKNOWN_ID");
    store.execute("p2", minutes(1), &report(&[("steps", 9000.0)])).unwrap();
    let rolled = store.roll_over(minutes(3 * 1440), 10).unwrap().advanced;
    assert!(rolled.contains(&"p2".to_owned()));

    let all = store.claim_events("w", 100, LONG).unwrap();
    let own: Vec<_> = all.iter().filter(|entry| entry.player == "p1").collect();
    assert_eq!(own[0].events, first);
    assert_eq!([&own[1].events, &own[2].events], [&both[0].events, &both[1].events]);
    assert_eq!((own[0].at, own[0].deliveries), (minutes(1), 1));
    let of_the_other: Vec<_> = all.iter().filter(|entry| entry.player == "p2").collect();
    assert_eq!(of_the_other.len(), 2);
    assert_eq!(of_the_other[1].at, minutes(3 * 1440));
    assert!(all.is_sorted_by_key(|entry| entry.id));
    assert_eq!(store.acknowledge(&ids(&all)).unwrap(), all.len() as u64);
    assert_eq!(store.acknowledge(&ids(&all)).unwrap(), 0);
    assert!(store.claim_events("w", 100, LONG).unwrap().is_empty());
}

pub(crate) fn what_a_worker_lost_comes_back<B: Backend>() {
    let (_backend, store) = with_outbox::<B>(2);
    for (number, player) in ["p1", "p2", "p1", "p1"].into_iter().enumerate() {
        store.execute(player, minutes(number as i64), &adjust(&format!("n{number}"), 5)).unwrap();
    }
    // It took two of four and died; the others of those players are nobody else's.
    let lost = store.claim_events("dead", 2, SHORT).unwrap();
    assert_eq!(lost.len(), 2);
    assert!(store.claim_events("other", 10, LONG).unwrap().is_empty());
    std::thread::sleep(SHORT * 3);
    let again = store.claim_events("other", 10, LONG).unwrap();
    assert_eq!(ids(&again)[..2], ids(&lost));
    assert_eq!(again.iter().map(|entry| entry.deliveries).collect::<Vec<_>>(), [2, 2, 1, 1]);
    // Part of them acknowledged: the player is held until the last one is.
    assert_eq!(store.acknowledge(&ids(&again)[..2]).unwrap(), 2);
    store.execute("p1", minutes(9), &adjust("later", 5)).unwrap();
    store.execute("p2", minutes(9), &adjust("free", 5)).unwrap();
    let free: Vec<_> = store.claim_events("w", 10, LONG).unwrap().into_iter().map(|entry| entry.player).collect();
    assert_eq!(free, ["p2"]);
    assert_eq!(store.acknowledge(&ids(&again)).unwrap(), 2);
    assert_eq!(store.claim_events("w", 10, LONG).unwrap().len(), 1);
}

/// Workers on stores of their own deliver while players go on; some of them die with what they hold.
pub(crate) fn workers_share_without_disorder<B: Backend>() {
    const PLAYERS: usize = 5;
    const EACH: i64 = 12;
    let (backend, store) = with_outbox::<B>(PLAYERS);
    let held: Mutex<BTreeSet<String>> = Mutex::default();
    let delivered: Mutex<BTreeMap<String, Vec<i64>>> = Mutex::default();
    let total = PLAYERS * EACH as usize;
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for number in 0..EACH {
                for player in 1..=PLAYERS {
                    store
                        .execute(&format!("p{player}"), minutes(number), &adjust(&format!("{player}-{number}"), 1))
                        .unwrap();
                }
            }
        });
        for worker in 0..3 {
            let (backend, held, delivered) = (&backend, &held, &delivered);
            scope.spawn(move || {
                let store = BlockingStore::open(&backend.url()).unwrap();
                while delivered.lock().unwrap().values().map(Vec::len).sum::<usize>() < total {
                    let entries = store.claim_events(&format!("w{worker}"), 4, LONG).unwrap();
                    let players: BTreeSet<String> = entries.iter().map(|entry| entry.player.clone()).collect();
                    for player in &players {
                        assert!(held.lock().unwrap().insert(player.clone()), "{player} is with two workers");
                    }
                    std::thread::sleep(Duration::from_millis(2));
                    for entry in &entries {
                        delivered.lock().unwrap().entry(entry.player.clone()).or_default().push(entry.id);
                    }
                    // Let go here first: once it is acknowledged, another one may have it at once.
                    held.lock().unwrap().retain(|player| !players.contains(player));
                    store.acknowledge(&ids(&entries)).unwrap();
                }
            });
        }
    });
    let delivered = delivered.into_inner().unwrap();
    assert_eq!(delivered.len(), PLAYERS);
    for (player, ids) in delivered {
        assert_eq!(ids.len(), EACH as usize, "{player}");
        assert!(ids.is_sorted(), "{player}: {ids:?}");
    }
}
