//! Several at once: threads, stores, readers, futures that nobody waits for.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::backend::Backend;
use crate::world::{adjust, minutes, populated};

pub(crate) fn threads_lose_nothing<B: Backend>() {
    const THREADS: i64 = 6;
    const EACH: i64 = 25;
    let (backend, store) = populated::<B>();
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            // Half of them share a store, half have one of their own, like another process.
            let store = if thread % 2 == 0 { store.clone() } else { backend.store() };
            scope.spawn(move || {
                for number in 0..EACH {
                    store.execute("p1", minutes(0), &adjust(&format!("{thread}-{number}"), 3)).unwrap();
                }
            });
        }
    });
    let found = store.verify("p1").unwrap().verification;
    assert_eq!((found.failure, found.events, found.total_xp), (None, (THREADS * EACH) as u64, THREADS * EACH * 3));
}

pub(crate) fn a_reader_sees_whole_commands<B: Backend>() {
    let (backend, store) = populated::<B>();
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let other = backend.store();
            let mut looks = 0;
            while !done.load(Ordering::Acquire) || looks == 0 {
                let found = other.verify("p1").unwrap().verification;
                assert_eq!(found.failure, None);
                assert_eq!(found.total_xp, found.events as i64 * 2);
                looks += 1;
            }
            looks
        });
        for number in 0..120 {
            store.execute("p1", minutes(0), &adjust(&format!("n{number}"), 2)).unwrap();
        }
        done.store(true, Ordering::Release);
        assert!(reader.join().unwrap() > 0);
    });
}

pub(crate) fn dropped_futures_commit_or_not<B: Backend>() {
    const DROPPED: u64 = 60;
    let (_backend, store) = populated::<B>();
    let command = |number| adjust(&format!("d{number}"), 7);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    runtime.block_on(async {
        for number in 0..DROPPED {
            let store = store.as_async().clone();
            let task = tokio::spawn(async move { store.execute("p1", minutes(0), &command(number)).await });
            if number % 3 == 0 {
                tokio::task::yield_now().await;
            }
            task.abort();
        }
    });
    // Some may still be on their way; what each of them finds is whole.
    let found = store.verify("p1").unwrap().verification;
    assert_eq!((found.failure, found.total_xp), (None, found.events as i64 * 7));
    // Once more each: who had committed is not awarded again, and who had not is.
    for number in 0..DROPPED {
        store.execute("p1", minutes(0), &command(number)).unwrap();
    }
    let found = store.verify("p1").unwrap().verification;
    assert_eq!((found.failure, found.events, found.total_xp), (None, DROPPED, DROPPED as i64 * 7));
}
