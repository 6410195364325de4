//! Promises: what a verb of the store answers, later.

use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use levelkit_shared::Fault;
use napi::Env;
use napi::bindgen_prelude::{PromiseRaw, ToNapiValue, within_runtime_if_available};

/// What a verb promises.
pub type Promised<'e, T> = napi::Result<PromiseRaw<'e, T>>;

/// What a verb will answer.
type Answering<T> = Pin<Box<dyn Future<Output = Result<T, Fault>> + Send>>;

/// Promises what a verb will answer; it begins on another thread. Wrong arguments and panics reject.
pub(crate) fn promise<'e, A, T, F, O>(
    env: &'e Env,
    arguments: napi::Result<A>,
    out: fn(Result<T, Fault>) -> O,
    verb: impl FnOnce(A) -> F + Send + 'static,
) -> Promised<'e, O>
where
    A: Send + 'static,
    F: Future<Output = Result<T, Fault>> + Send + 'static,
    T: Send + 'static,
    O: ToNapiValue + Send + 'static,
{
    env.spawn_future(async move { Ok(out(guarded(verb(arguments?)).await)) })
}

/// Like [`promise`], for a verb that only queues what is to be done: it does so in the call, and waits on another thread. Threads take up
/// promises in any order, and JavaScript's calls are to be done in their own.
pub(crate) fn in_order<'e, A, T, F, O>(
    env: &'e Env,
    arguments: napi::Result<A>,
    out: fn(Result<T, Fault>) -> O,
    verb: impl FnOnce(A) -> F,
) -> Promised<'e, O>
where
    F: Future<Output = Result<T, Fault>> + Send + 'static,
    T: Send + 'static,
    O: ToNapiValue + Send + 'static,
{
    let begun = arguments.map(|arguments| begun(guarded(verb(arguments))));
    env.spawn_future(async move { Ok(out(begun?.await)) })
}

/// A panic is an answer like any other.
fn guarded<T: 'static>(verb: impl Future<Output = Result<T, Fault>> + Send + 'static) -> Answering<T> {
    let mut verb = Box::pin(verb);
    Box::pin(poll_fn(move |context| {
        let polled = catch_unwind(AssertUnwindSafe(|| verb.as_mut().poll(context)));
        polled.unwrap_or_else(|panic| Poll::Ready(Err(Fault::panicked(&*panic))))
    }))
}

/// Goes as far as it can without waiting. Who waits for the rest asks again, and is the one who is woken.
fn begun<T: Send + 'static>(mut verb: Answering<T>) -> Answering<T> {
    let first = within_runtime_if_available(|| verb.as_mut().poll(&mut Context::from_waker(Waker::noop())));
    match first {
        Poll::Ready(answer) => Box::pin(std::future::ready(answer)),
        Poll::Pending => verb,
    }
}
