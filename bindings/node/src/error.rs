//! Errors as JavaScript sees them: `LevelkitError`, with code, facts and hint.

use std::cell::Cell;
use std::ptr;

use levelkit_shared::Fault;
use napi::bindgen_prelude::Function;
use napi::{Error, JsValue, Status, Unknown, sys};
use napi_derive::napi;

use crate::wire::{Env, Fail, Value, write_value};

thread_local! {
    /// The class of the environment that runs on this thread. Never deleted: it lives as long as its environment, which
    /// releases it.
    static CLASS: Cell<sys::napi_ref> = const { Cell::new(ptr::null_mut()) };
}

/// Tells this binding which class its errors have; the package does so when it is loaded.
#[napi(js_name = "useErrorClass", skip_typescript)]
pub fn use_error_class(class: Function<'_, Unknown<'_>, Unknown<'_>>) -> napi::Result<()> {
    let value = class.value();
    let mut reference = ptr::null_mut();
    // SAFETY: the function is an argument of the call under way.
    let status = unsafe { sys::napi_create_reference(value.env, value.value, 1, &mut reference) };
    if status != sys::Status::napi_ok {
        return Err(Error::from_status(Status::from(status)));
    }
    CLASS.set(reference);
    Ok(())
}

/// The error to throw for a fault.
pub(crate) fn error(env: Env, fault: &Fault) -> Error {
    match make(env, fault) {
        // SAFETY: the value was made in this environment, in the call under way.
        Ok(value) => Error::from_unknown_without_coercion(unsafe { Unknown::from_raw_unchecked(env.0, value.0) }),
        Err(fail @ (Fail::Js(_) | Fail::Thrown(_))) => fail.into_error(env),
        Err(other) => Error::new(Status::GenericFailure, other.to_string()),
    }
}

/// `new LevelkitError(message, facts, hint, isTransient)`.
fn make(env: Env, fault: &Fault) -> Result<Value, Fail> {
    let message = env.string(&fault.message())?;
    let facts = write_value(env, &fault.facts())?;
    let hint = match fault.hint() {
        Some(hint) => env.string(hint)?,
        None => env.null()?,
    };
    let is_transient = env.boolean(fault.is_transient())?;
    env.construct(CLASS.get(), &[message, facts, hint, is_transient])
}
