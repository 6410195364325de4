//! The bridge: values of JavaScript and values of Rust, straight into each other by way of serde.
//!
//! | in Rust | in JavaScript |
//! |---|---|
//! | 64-bit integer | `bigint`, whatever its value; a whole `number` is read too |
//! | 32-bit integer, `Whole` (up to 53 bits), `f64` | `number` |
//! | text, label, instant, day, multiplier, hash | `string`; where an instant is read, a `Date` too |
//! | struct, enum | object with camelCase keys; the tag is an ordinary property |
//! | map | object with its keys as they are |
//! | none | `null`; `undefined` and an absent property are read as none too |

mod document;
mod js;
mod keys;
mod read;
mod write;

pub(crate) use js::{Env, Fail, Value};

use std::ops::Deref;

use napi::bindgen_prelude::{ClassInstance, FromNapiValue, ToNapiValue, TypeName, ValidateNapiValue};
use napi::{ValueType, sys};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// An argument that is read by the bridge.
pub struct Wire<T>(pub(crate) T);

impl<T: DeserializeOwned> Wire<T> {
    fn read(env: Env, value: Value) -> Result<Self, Fail> {
        // A reader of the core's has no business to panic; if it does, the panic must not cross.
        let read = std::panic::catch_unwind(|| T::deserialize(read::Reader::new(env, value)));
        read.unwrap_or_else(|panic| Err(Fail::Fault(levelkit_shared::Fault::panicked(&*panic)))).map(Self)
    }
}

impl<T: DeserializeOwned> FromNapiValue for Wire<T> {
    unsafe fn from_napi_value(env: sys::napi_env, value: sys::napi_value) -> napi::Result<Self> {
        Self::read(Env(env), Value(value)).map_err(|fail| fail.thrown(Env(env)))
    }
}

impl<T> TypeName for Wire<T> {
    fn type_name() -> &'static str {
        "Wire"
    }
    fn value_type() -> ValueType {
        ValueType::Unknown
    }
}

impl<T: DeserializeOwned> ValidateNapiValue for Wire<T> {
    unsafe fn validate(_: sys::napi_env, _: sys::napi_value) -> napi::Result<sys::napi_value> {
        // The reader says what is wrong.
        Ok(std::ptr::null_mut())
    }
}

/// What a verb answers: a value for the bridge, or an error with code and facts. On its way out it becomes a return, a throw,
/// a resolution or a rejection.
pub struct Answer<T>(pub(crate) Result<T, levelkit_shared::Fault>);

impl<T: Serialize> ToNapiValue for Answer<T> {
    unsafe fn to_napi_value(env: sys::napi_env, answer: Self) -> napi::Result<sys::napi_value> {
        let env = Env(env);
        let written = answer.0.map_err(Fail::Fault).and_then(|value| write_value(env, &value));
        written.map(|value| value.0).map_err(|fail| fail.into_error(env))
    }
}

impl<T> TypeName for Answer<T> {
    fn type_name() -> &'static str {
        "Answer"
    }
    fn value_type() -> ValueType {
        ValueType::Unknown
    }
}

/// An argument of a verb that promises: what is wrong with it rejects the promise.
pub struct Late<T>(pub(crate) napi::Result<T>);

impl<T: DeserializeOwned> FromNapiValue for Late<T> {
    unsafe fn from_napi_value(env: sys::napi_env, value: sys::napi_value) -> napi::Result<Self> {
        let read = Wire::read(Env(env), Value(value));
        Ok(Self(read.map(|wire| wire.0).map_err(|fail| fail.into_error(Env(env)))))
    }
}

impl<T> TypeName for Late<T> {
    fn type_name() -> &'static str {
        "Late"
    }
    fn value_type() -> ValueType {
        ValueType::Unknown
    }
}

impl<T: DeserializeOwned> ValidateNapiValue for Late<T> {
    unsafe fn validate(_: sys::napi_env, _: sys::napi_value) -> napi::Result<sys::napi_value> {
        Ok(std::ptr::null_mut())
    }
}

/// An instance of a class of ours, given as an argument.
pub struct Given<'e, T>(ClassInstance<'e, T>);

impl<T> Deref for Given<'_, T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0
    }
}

impl<'e, T> Given<'e, T>
where
    ClassInstance<'e, T>: FromNapiValue,
{
    fn read(env: Env, value: Value) -> Result<Self, Fail> {
        // SAFETY: both are of the call under way.
        match unsafe { ClassInstance::from_napi_value(env.0, value.0) } {
            Ok(instance) => Ok(Self(instance)),
            Err(_) => {
                let class = std::any::type_name::<T>().rsplit("::").next().unwrap_or_default();
                let kind = read::kind_name(env.kind(value)?);
                Err(Fail::Message(format!("an instance of {class} is wanted, not this {kind}")))
            }
        }
    }
}

impl<'e, T> FromNapiValue for Given<'e, T>
where
    ClassInstance<'e, T>: FromNapiValue,
{
    unsafe fn from_napi_value(env: sys::napi_env, value: sys::napi_value) -> napi::Result<Self> {
        Self::read(Env(env), Value(value)).map_err(|fail| fail.thrown(Env(env)))
    }
}

impl<T> TypeName for Given<'_, T> {
    fn type_name() -> &'static str {
        "Given"
    }
    fn value_type() -> ValueType {
        ValueType::Object
    }
}

/// An instance that is an argument of a verb that promises.
pub struct LateGiven<'e, T>(pub(crate) napi::Result<Given<'e, T>>);

impl<'e, T> FromNapiValue for LateGiven<'e, T>
where
    ClassInstance<'e, T>: FromNapiValue,
{
    unsafe fn from_napi_value(env: sys::napi_env, value: sys::napi_value) -> napi::Result<Self> {
        Ok(Self(Given::read(Env(env), Value(value)).map_err(|fail| fail.into_error(Env(env)))))
    }
}

impl<T> TypeName for LateGiven<'_, T> {
    fn type_name() -> &'static str {
        "LateGiven"
    }
    fn value_type() -> ValueType {
        ValueType::Object
    }
}

/// An array of such instances. It is read one by one, since an array may claim any length.
pub struct GivenAll<'e, T>(pub(crate) Vec<Given<'e, T>>);

impl<'e, T> FromNapiValue for GivenAll<'e, T>
where
    ClassInstance<'e, T>: FromNapiValue,
{
    unsafe fn from_napi_value(env: sys::napi_env, value: sys::napi_value) -> napi::Result<Self> {
        let (env, value) = (Env(env), Value(value));
        let read = || {
            if !env.is_array(value)? {
                let kind = read::kind_name(env.kind(value)?);
                return Err(Fail::Message(format!("an array is wanted, not this {kind}")));
            }
            (0..env.length(value)?).map(|index| Given::read(env, env.element(value, index)?)).collect()
        };
        read().map(Self).map_err(|fail| fail.thrown(env))
    }
}

impl<T> TypeName for GivenAll<'_, T> {
    fn type_name() -> &'static str {
        "GivenAll"
    }
    fn value_type() -> ValueType {
        ValueType::Object
    }
}

/// A part of a ruleset: a text as it is, an object as its JSON text.
pub struct Document(pub(crate) String);

impl FromNapiValue for Document {
    unsafe fn from_napi_value(env: sys::napi_env, value: sys::napi_value) -> napi::Result<Self> {
        let (env, value) = (Env(env), Value(value));
        let text = env.kind(value).and_then(|kind| match kind {
            ValueType::String => env.as_string(value),
            _ => document::json_text(env, value),
        });
        text.map(Self).map_err(|fail| fail.thrown(env))
    }
}

impl TypeName for Document {
    fn type_name() -> &'static str {
        "Document"
    }
    fn value_type() -> ValueType {
        ValueType::Unknown
    }
}

impl ValidateNapiValue for Document {
    unsafe fn validate(_: sys::napi_env, _: sys::napi_value) -> napi::Result<sys::napi_value> {
        Ok(std::ptr::null_mut())
    }
}

/// An instance of a class of ours, or the error that kept it from being made.
pub struct Instance<T>(pub(crate) Result<T, levelkit_shared::Fault>);

impl<T: ToNapiValue> ToNapiValue for Instance<T> {
    unsafe fn to_napi_value(env: sys::napi_env, made: Self) -> napi::Result<sys::napi_value> {
        match made.0 {
            // SAFETY: the same call, handed on.
            Ok(instance) => unsafe { T::to_napi_value(env, instance) },
            Err(fault) => Err(Fail::Fault(fault).into_error(Env(env))),
        }
    }
}

impl<T> TypeName for Instance<T> {
    fn type_name() -> &'static str {
        "Instance"
    }
    fn value_type() -> ValueType {
        ValueType::Object
    }
}

/// Writes any value.
pub(crate) fn write_value<T: Serialize + ?Sized>(env: Env, value: &T) -> Result<Value, Fail> {
    value.serialize(write::Writer(env))
}
