//! The thread that talks to the server: it has a runtime of its own, and works for callers on any executor, or on none.
//!
//! A job that was handed over is done to its end, whatever becomes of the future that waits for it, and also when the store is
//! closed meanwhile. Jobs take turns whenever one of them waits for the server.

use std::future::Future;
use std::pin::Pin;

use tokio::runtime::Builder;
use tokio::sync::{mpsc, oneshot};
use tokio::task::{LocalSet, spawn_local};

use crate::error::{Error, Kind, Result};

type Job = Box<dyn FnOnce() -> Pin<Box<dyn Future<Output = ()>>> + Send>;

/// A thread that does jobs.
pub(super) struct Thread {
    jobs: mpsc::UnboundedSender<Job>,
}

impl Thread {
    pub(super) fn start() -> Result<Self> {
        let failed = |error: std::io::Error| Error::new(Kind::Io { message: error.to_string() });
        let runtime = Builder::new_current_thread().enable_all().build().map_err(failed)?;
        let (jobs, mut queue) = mpsc::unbounded_channel::<Job>();
        let serve = move || {
            let jobs = LocalSet::new();
            jobs.spawn_local(async move {
                while let Some(job) = queue.recv().await {
                    spawn_local(job());
                }
            });
            // Until nobody can send a job any more, and the last one is done.
            runtime.block_on(jobs);
        };
        std::thread::Builder::new().name("levelkit-postgres".to_owned()).spawn(serve).map_err(failed)?;
        Ok(Self { jobs })
    }

    /// Hands a job over, and waits for its answer.
    pub(super) async fn run<R, F>(&self, job: impl FnOnce() -> F + Send + 'static) -> Result<R>
    where
        R: Send + 'static,
        F: Future<Output = Result<R>> + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let job: Job = Box::new(move || {
            Box::pin(async move {
                // Nobody may be waiting any more.
                let _ = answer.send(job().await);
            })
        });
        // A job that cannot be sent is dropped, and with it the sender of the answer.
        let _ = self.jobs.send(job);
        answered.await.unwrap_or_else(|_| Err(Error::new(Kind::Closed)))
    }
}
