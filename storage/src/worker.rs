//! Workers: threads that share what they own, each a connection, and do one job after the other.
//!
//! SQLite blocks, and a half-done transaction must never be left behind by a future that nobody polls any more. So a job is
//! a closure that runs to its end on a worker's thread, whatever becomes of the caller: dropping the future that waits
//! for it does not stop it, and an accepted command is committed either whole or not at all. A caller who blocks until the answer
//! is there does the job itself if nobody else is at work: to wake another thread and be woken costs as much as a small job.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};
use std::task::{Context, Poll};
use std::thread::JoinHandle;

use tokio::sync::oneshot;

use crate::blocking::is_blocking;
use crate::error::{Error, Kind, Result};

type Job<T> = Box<dyn FnOnce(&mut T) + Send>;

/// Threads that serve one queue, each with a `T` of its own.
pub(crate) struct Workers<T> {
    jobs: Option<mpsc::Sender<Job<T>>>,
    /// How many jobs are queued and not begun.
    queued: Arc<AtomicUsize>,
    owned: Vec<Arc<Mutex<T>>>,
    threads: Vec<JoinHandle<()>>,
}

impl<T: Send + 'static> Workers<T> {
    /// Starts a thread for each `T`.
    pub(crate) fn start(name: &str, all: impl IntoIterator<Item = T>) -> Result<Self> {
        let (jobs, queue) = mpsc::channel::<Job<T>>();
        let (queue, queued) = (Arc::new(Mutex::new(queue)), Arc::new(AtomicUsize::new(0)));
        let owned: Vec<_> = all.into_iter().map(|owned| Arc::new(Mutex::new(owned))).collect();
        let mut threads = Vec::new();
        for owned in &owned {
            let (queue, queued, owned) = (Arc::clone(&queue), Arc::clone(&queued), Arc::clone(owned));
            let serving = move || serve(&queue, &queued, &owned);
            let spawned = std::thread::Builder::new().name(name.to_owned()).spawn(serving);
            threads.push(spawned.map_err(|error| Error::new(Kind::Io { message: error.to_string() }))?);
        }
        Ok(Self { jobs: Some(jobs), queued, owned, threads })
    }

    /// Queues a job at once; the future answers what it answered.
    pub(crate) fn run<R: Send + 'static>(&self, job: impl FnOnce(&mut T) -> Result<R> + Send + 'static) -> Answer<R> {
        if let Some(owned) = self.idle() {
            return Answer::Known(Some(here(owned, job)));
        }
        let (answer, answered) = oneshot::channel();
        let job: Job<T> = Box::new(move |owned| {
            // Nobody may be waiting any more.
            let _ = answer.send(job(owned));
        });
        if let Some(jobs) = &self.jobs {
            self.queued.fetch_add(1, Ordering::SeqCst);
            // A failed send drops the job, and with it the sender of the answer: the future then says so.
            let _ = jobs.send(job);
        }
        Answer::Awaited(answered)
    }

    /// What nobody is at work with, for a caller who would only wait for a thread. What is queued goes first.
    fn idle(&self) -> Option<MutexGuard<'_, T>> {
        let may = is_blocking() && self.queued.load(Ordering::SeqCst) == 0;
        self.owned.iter().filter(|_| may).find_map(|owned| owned.try_lock().ok())
    }
}

/// Does a job on the caller's thread. As on a worker's, a panic ends what is owned, and does not reach the caller.
fn here<T, R>(owned: MutexGuard<'_, T>, job: impl FnOnce(&mut T) -> Result<R>) -> Result<R> {
    let job = AssertUnwindSafe(move || {
        let mut owned = owned;
        job(&mut owned)
    });
    catch_unwind(job).unwrap_or_else(|_| Err(Error::new(Kind::Closed)))
}

/// What a job answers, once it has run.
pub(crate) enum Answer<R> {
    Known(Option<Result<R>>),
    Awaited(oneshot::Receiver<Result<R>>),
}

/// Nothing in it is pinned.
impl<R> Unpin for Answer<R> {}

impl<R> Future for Answer<R> {
    type Output = Result<R>;
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<R>> {
        let closed = || Err(Error::new(Kind::Closed));
        match &mut *self {
            Self::Known(answer) => Poll::Ready(answer.take().unwrap_or_else(closed)),
            Self::Awaited(answered) => {
                Pin::new(answered).poll(context).map(|answer| answer.unwrap_or_else(|_| closed()))
            }
        }
    }
}

fn serve<T>(queue: &Mutex<mpsc::Receiver<Job<T>>>, queued: &AtomicUsize, owned: &Mutex<T>) {
    loop {
        let next = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = next else { return };
        let owned = owned.lock();
        queued.fetch_sub(1, Ordering::SeqCst);
        match owned {
            Ok(mut owned) => job(&mut owned),
            // A job panicked: nobody knows what it was in the middle of.
            Err(_) => return,
        }
    }
}

impl<T> Drop for Workers<T> {
    /// Waits for the jobs that are queued, so that the file is closed when the store is gone.
    fn drop(&mut self) {
        self.jobs = None;
        let here = std::thread::current().id();
        for thread in self.threads.drain(..).filter(|thread| thread.thread().id() != here) {
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::blocking::block_on;

    #[test]
    fn jobs_run_in_order_and_to_their_end() {
        let workers = Workers::start("test", [Vec::new()]).unwrap();
        for number in 0..100 {
            drop(workers.run(move |list: &mut Vec<i32>| {
                list.push(number);
                Ok(())
            }));
        }
        assert_eq!(block_on(workers.run(|list| Ok(list.clone()))).unwrap(), (0..100).collect::<Vec<_>>());
    }

    #[test]
    fn a_stopped_worker_says_so() {
        let workers = Workers::start("test", [()]).unwrap();
        let stopped =
            block_on(workers.run(|(): &mut ()| -> Result<()> { std::panic::resume_unwind(Box::new("stop")) }));
        assert_eq!(stopped.unwrap_err().code(), "STORE_CLOSED");
        assert_eq!(block_on(workers.run(|()| Ok(()))).unwrap_err().code(), "STORE_CLOSED");
    }

    #[test]
    fn who_waits_anyway_does_the_job() {
        let here = std::thread::current().id();
        let workers = Workers::start("test", [Vec::new()]).unwrap();
        let thread = |list: &mut Vec<i32>| Ok((list.len(), std::thread::current().id()));
        let in_person = || block_on(async { workers.run(thread).await }).unwrap();
        assert_eq!(in_person(), (0, here));
        // Not before what is queued.
        let (go, wait) = mpsc::channel::<()>();
        let first = workers.run(move |list: &mut Vec<i32>| {
            let _ = wait.recv();
            list.push(1);
            Ok(())
        });
        let second = workers.run(|list| {
            list.push(2);
            Ok(())
        });
        let third = block_on(async {
            let third = workers.run(thread);
            drop(go);
            third.await
        });
        let (len, thread) = third.unwrap();
        assert!(len == 2 && thread != here);
        block_on(first).and_then(|()| block_on(second)).unwrap();
        // A panic is the job's own.
        let panics = async { workers.run(|_| -> Result<()> { std::panic::resume_unwind(Box::new("stop")) }).await };
        assert_eq!(block_on(panics).unwrap_err().code(), "STORE_CLOSED");
        assert_eq!(block_on(async { workers.run(|_| Ok(())).await }).unwrap_err().code(), "STORE_CLOSED");
    }
}
