//! levelkit for Node: verbs and conversion, and no rule of its own.
//!
//! Each file holds the verbs of one thing; [`wire`] carries values over. No panic crosses: a verb runs in [`answer`], and a
//! defect is the error `INTERNAL_ERROR`.

mod engine;
mod error;
mod player;
mod promise;
mod pure;
mod ruleset;
mod store;
mod wire;

pub use engine::Engine;
pub use error::use_error_class;
pub use player::Player;
pub use promise::Promised;
pub use pure::{Curve, ModifierStack, Requirement, js_hash_event, verify_ledger};
pub use ruleset::Ruleset;
pub use store::Store;

use levelkit_shared::{Fault, caught};
use napi_derive::napi;

use crate::wire::{Answer, Env, Instance, Late};

/// Runs a verb.
fn answer<T>(run: impl FnOnce() -> Result<T, Fault>) -> Answer<T> {
    Answer(caught(run))
}

/// Runs a verb that makes an instance of a class.
fn instance<T>(run: impl FnOnce() -> Result<T, Fault>) -> Instance<T> {
    Instance(caught(run))
}

/// Runs a constructor.
fn constructed<T>(env: napi::Env, run: impl FnOnce() -> Result<T, Fault>) -> napi::Result<T> {
    caught(run).map_err(|fault| error::error(Env(env.raw()), &fault))
}

/// The version of levelkit.
#[napi]
pub fn version() -> &'static str {
    env!("CARGO_PKG_VERSION")
}

/// The version of the IANA time zone database that is built in.
#[napi(js_name = "timeZoneVersion")]
pub fn time_zone_version() -> &'static str {
    levelkit::TZDB_VERSION
}

/// Panics, for the test that shows what becomes of it.
#[napi(js_name = "panicForTest", skip_typescript)]
#[allow(clippy::panic)]
pub fn panic_for_test(text: String) -> Answer<()> {
    answer(|| panic!("{text}"))
}

/// Panics in what a promise waits for.
#[napi(js_name = "panicLaterForTest", skip_typescript)]
#[allow(clippy::panic)]
pub fn panic_later_for_test<'e>(env: &'e napi::Env, text: Late<String>) -> Promised<'e, Answer<()>> {
    promise::promise(env, text.0, Answer, |text| async move { panic!("{text}") })
}

/// Reads a value as one of the types that cross, and writes it again: for the test that every value survives.
#[napi(js_name = "echoForTest", skip_typescript)]
pub fn echo_for_test(env: napi::Env, kind: String, value: napi::Unknown<'_>) -> napi::Result<napi::sys::napi_value> {
    use napi::JsValue as _;
    use napi::bindgen_prelude::{FromNapiValue, ToNapiValue};
    let raw = (env.raw(), value.value().value);
    macro_rules! echo {
        ($($name:literal => $type:ty),+ $(,)?) => {
            match kind.as_str() {
                $($name => {
                    // SAFETY: both values are of the call under way.
                    let wire: wire::Wire<$type> = unsafe { FromNapiValue::from_napi_value(raw.0, raw.1) }?;
                    unsafe { ToNapiValue::to_napi_value(raw.0, Answer(Ok(wire.0))) }
                })+
                _ => Err(error::error(Env(env.raw()), &Fault::argument(format!("no type {kind:?}")))),
            }
        };
    }
    levelkit_shared::for_every_type!(echo)
}
