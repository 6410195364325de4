//! A worker: a thread that owns a connection and does one job after the other.
//!
//! SQLite blocks, and a half-done transaction must never be left behind by a future that nobody polls any more. So a job is
//! a closure that runs to its end on the worker's own thread, whatever becomes of the caller: dropping the future that waits
//! for it does not stop it, and an accepted command is committed either whole or not at all.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::task::{Context, Poll};
use std::thread::JoinHandle;

use tokio::sync::oneshot;

use crate::error::{Error, Kind, Result};

type Job<T> = Box<dyn FnOnce(&mut T) + Send>;

/// Threads that serve one queue, each with a `T` of its own.
pub(crate) struct Workers<T> {
    jobs: Option<mpsc::Sender<Job<T>>>,
    threads: Vec<JoinHandle<()>>,
}

impl<T: 'static> Workers<T> {
    /// Starts a thread for each `T` maker; a `T` is made on its thread.
    pub(crate) fn start<M>(name: &str, makers: impl IntoIterator<Item = M>) -> Result<Self>
    where
        M: FnOnce() -> T + Send + 'static,
    {
        let (jobs, queue) = mpsc::channel::<Job<T>>();
        let queue = Arc::new(Mutex::new(queue));
        let mut threads = Vec::new();
        for make in makers {
            let queue = Arc::clone(&queue);
            let spawned = std::thread::Builder::new().name(name.to_owned()).spawn(move || serve(&queue, make()));
            threads.push(spawned.map_err(|error| Error::new(Kind::Io { message: error.to_string() }))?);
        }
        Ok(Self { jobs: Some(jobs), threads })
    }

    /// Queues a job at once; the future answers what it answered.
    pub(crate) fn run<R: Send + 'static>(&self, job: impl FnOnce(&mut T) -> Result<R> + Send + 'static) -> Answer<R> {
        let (answer, answered) = oneshot::channel();
        let job: Job<T> = Box::new(move |owned| {
            // Nobody may be waiting any more.
            let _ = answer.send(job(owned));
        });
        if let Some(jobs) = &self.jobs {
            // A failed send drops the job, and with it the sender of the answer: the future then says so.
            let _ = jobs.send(job);
        }
        Answer(answered)
    }
}

/// What a job answers, once it has run.
pub(crate) struct Answer<R>(oneshot::Receiver<Result<R>>);

impl<R> Future for Answer<R> {
    type Output = Result<R>;
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<R>> {
        Pin::new(&mut self.0).poll(context).map(|answer| answer.unwrap_or_else(|_| Err(Error::new(Kind::Closed))))
    }
}

fn serve<T>(queue: &Mutex<mpsc::Receiver<Job<T>>>, mut owned: T) {
    loop {
        let next = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        match next {
            Ok(job) => job(&mut owned),
            Err(mpsc::RecvError) => return,
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
        let workers = Workers::start("test", [Vec::new]).unwrap();
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
        let workers = Workers::start("test", [|| ()]).unwrap();
        let stopped =
            block_on(workers.run(|(): &mut ()| -> Result<()> { std::panic::resume_unwind(Box::new("stop")) }));
        assert_eq!(stopped.unwrap_err().code(), "STORE_CLOSED");
        assert_eq!(block_on(workers.run(|()| Ok(()))).unwrap_err().code(), "STORE_CLOSED");
    }
}
