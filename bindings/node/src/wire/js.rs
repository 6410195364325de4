//! Node-API, as little of it as the bridge needs, each call checked.

use std::ffi::CStr;
use std::fmt;
use std::ptr;

use levelkit_shared::Fault;
use napi::{Error, Unknown, ValueType, sys};

use crate::error;

/// The environment of the call under way.
#[derive(Clone, Copy)]
pub(crate) struct Env(pub(crate) sys::napi_env);

/// A value of the call under way: a handle that lives until it returns.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Value(pub(crate) sys::napi_value);

/// Why a value could not be read or written.
#[derive(Debug)]
pub(crate) enum Fail {
    /// The value is not what is wanted.
    Message(String),
    /// An error of levelkit's own.
    Fault(Fault),
    /// JavaScript threw.
    Thrown(Value),
    /// Node-API failed.
    Js(Error),
}

impl Fail {
    /// Throws what JavaScript threw itself: an error of napi's would arrive as an `Error`, whatever it carries.
    pub(crate) fn thrown(self, env: Env) -> Error {
        match self {
            Self::Thrown(value) if env.throw(value).is_ok() => Error::from_status(napi::Status::PendingException),
            other => other.into_error(env),
        }
    }

    /// The error to reject with, or to throw: what JavaScript threw itself, or a `LevelkitError`.
    pub(crate) fn into_error(self, env: Env) -> Error {
        match self {
            // Not coerced to a text, since that would run the host's code again.
            // SAFETY: the value is of the call under way.
            Self::Thrown(value) => {
                Error::from_unknown_without_coercion(unsafe { Unknown::from_raw_unchecked(env.0, value.0) })
            }
            Self::Message(message) => error::error(env, &Fault::argument(super::keys::camel_fields(&message))),
            Self::Fault(fault) => error::error(env, &fault),
            Self::Js(error) => error,
        }
    }
}

impl fmt::Display for Fail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Message(message) => f.write_str(message),
            Self::Fault(fault) => f.write_str(&fault.message()),
            Self::Thrown(_) => f.write_str("an object's own code threw"),
            Self::Js(error) => f.write_str(&error.reason),
        }
    }
}

impl std::error::Error for Fail {}

impl serde::ser::Error for Fail {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::Message(message.to_string())
    }
}

impl serde::de::Error for Fail {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::Message(message.to_string())
    }
}

type Made = Result<Value, Fail>;

// SAFETY, of every call below: the environment and the handles are those of the call under way, on its own thread, and every
// pointer handed over lives until the call returns.
impl Env {
    /// Takes a call's answer, or what JavaScript threw meanwhile.
    fn check(self, status: sys::napi_status) -> Result<(), Fail> {
        if status == sys::Status::napi_ok {
            return Ok(());
        }
        let mut thrown = ptr::null_mut();
        let mut pending = false;
        unsafe { sys::napi_is_exception_pending(self.0, &mut pending) };
        if pending && unsafe { sys::napi_get_and_clear_last_exception(self.0, &mut thrown) } == sys::Status::napi_ok {
            let kind = self.kind(Value(thrown))?;
            if !matches!(kind, ValueType::Object | ValueType::Function) {
                return Err(Fail::Message(format!("an object's own code threw a {}", super::read::kind_name(kind))));
            }
            return Err(Fail::Thrown(Value(thrown)));
        }
        Err(Fail::Js(Error::from_status(napi::Status::from(status))))
    }

    fn throw(self, value: Value) -> Result<(), Fail> {
        self.check(unsafe { sys::napi_throw(self.0, value.0) })
    }

    fn make(self, call: impl FnOnce(sys::napi_env, *mut sys::napi_value) -> sys::napi_status) -> Made {
        let mut made = ptr::null_mut();
        self.check(call(self.0, &mut made))?;
        Ok(Value(made))
    }

    pub(crate) fn null(self) -> Made {
        self.make(|env, made| unsafe { sys::napi_get_null(env, made) })
    }

    pub(crate) fn boolean(self, yes: bool) -> Made {
        self.make(|env, made| unsafe { sys::napi_get_boolean(env, yes, made) })
    }

    pub(crate) fn int32(self, number: i32) -> Made {
        self.make(|env, made| unsafe { sys::napi_create_int32(env, number, made) })
    }

    pub(crate) fn double(self, number: f64) -> Made {
        self.make(|env, made| unsafe { sys::napi_create_double(env, number, made) })
    }

    pub(crate) fn bigint(self, number: i64) -> Made {
        self.make(|env, made| unsafe { sys::napi_create_bigint_int64(env, number, made) })
    }

    pub(crate) fn bigint_unsigned(self, number: u64) -> Made {
        self.make(|env, made| unsafe { sys::napi_create_bigint_uint64(env, number, made) })
    }

    pub(crate) fn string(self, text: &str) -> Made {
        let (start, length) = (text.as_ptr().cast(), text.len().cast_signed());
        self.make(|env, made| unsafe { sys::napi_create_string_utf8(env, start, length, made) })
    }

    pub(crate) fn object(self) -> Made {
        self.make(|env, made| unsafe { sys::napi_create_object(env, made) })
    }

    pub(crate) fn array(self, length: usize) -> Made {
        self.make(|env, made| unsafe { sys::napi_create_array_with_length(env, length, made) })
    }

    pub(crate) fn set_named(self, object: Value, name: &CStr, value: Value) -> Result<(), Fail> {
        self.check(unsafe { sys::napi_set_named_property(self.0, object.0, name.as_ptr(), value.0) })
    }

    /// Defines a property, whatever setter a prototype has for its name: a map may hold the key `__proto__`.
    pub(crate) fn define(self, object: Value, key: Value, value: Value) -> Result<(), Fail> {
        let property = sys::napi_property_descriptor {
            utf8name: ptr::null(),
            name: key.0,
            method: None,
            getter: None,
            setter: None,
            value: value.0,
            attributes: sys::PropertyAttributes::writable
                | sys::PropertyAttributes::enumerable
                | sys::PropertyAttributes::configurable,
            data: ptr::null_mut(),
        };
        self.check(unsafe { sys::napi_define_properties(self.0, object.0, 1, &property) })
    }

    pub(crate) fn set_element(self, array: Value, index: u32, value: Value) -> Result<(), Fail> {
        self.check(unsafe { sys::napi_set_element(self.0, array.0, index, value.0) })
    }

    pub(crate) fn get(self, object: Value, key: Value) -> Made {
        self.make(|env, made| unsafe { sys::napi_get_property(env, object.0, key.0, made) })
    }

    pub(crate) fn element(self, array: Value, index: u32) -> Made {
        self.make(|env, made| unsafe { sys::napi_get_element(env, array.0, index, made) })
    }

    /// An object's own enumerable text keys, as an array.
    pub(crate) fn keys(self, object: Value) -> Result<Vec<Value>, Fail> {
        let filter = sys::KeyFilter::enumerable | sys::KeyFilter::skip_symbols;
        let keys = self.make(|env, made| unsafe {
            let (own, text) = (sys::KeyCollectionMode::own_only, sys::KeyConversion::numbers_to_strings);
            sys::napi_get_all_property_names(env, object.0, own, filter, text, made)
        })?;
        (0..self.length(keys)?).map(|index| self.element(keys, index)).collect()
    }

    pub(crate) fn length(self, array: Value) -> Result<u32, Fail> {
        let mut length = 0;
        self.check(unsafe { sys::napi_get_array_length(self.0, array.0, &mut length) })?;
        Ok(length)
    }

    pub(crate) fn kind(self, value: Value) -> Result<ValueType, Fail> {
        let mut kind = 0;
        self.check(unsafe { sys::napi_typeof(self.0, value.0, &mut kind) })?;
        Ok(ValueType::from(kind))
    }

    fn ask(
        self,
        value: Value,
        call: unsafe extern "C" fn(sys::napi_env, sys::napi_value, *mut bool) -> sys::napi_status,
    ) -> Result<bool, Fail> {
        let mut yes = false;
        self.check(unsafe { call(self.0, value.0, &mut yes) })?;
        Ok(yes)
    }

    pub(crate) fn is_array(self, value: Value) -> Result<bool, Fail> {
        self.ask(value, sys::napi_is_array)
    }

    pub(crate) fn is_date(self, value: Value) -> Result<bool, Fail> {
        self.ask(value, sys::napi_is_date)
    }

    /// Whether it is bytes of some kind, which are nothing that crosses.
    pub(crate) fn is_bytes(self, value: Value) -> Result<bool, Fail> {
        Ok(self.ask(value, sys::napi_is_typedarray)? || self.ask(value, sys::napi_is_arraybuffer)?)
    }

    /// Whether it was made to be an object, and not a promise, a `Map` or anything else with nothing to be read in it.
    pub(crate) fn is_plain(self, object: Value) -> Result<bool, Fail> {
        // Every realm has an `Object.prototype` of its own; none of them has a prototype.
        let mut prototype = self.prototype(object)?;
        if !matches!(self.kind(prototype)?, ValueType::Null) {
            prototype = self.prototype(prototype)?;
        }
        Ok(matches!(self.kind(prototype)?, ValueType::Null))
    }

    fn prototype(self, object: Value) -> Made {
        self.make(|env, made| unsafe { sys::napi_get_prototype(env, object.0, made) })
    }

    pub(crate) fn as_boolean(self, value: Value) -> Result<bool, Fail> {
        self.ask(value, sys::napi_get_value_bool)
    }

    pub(crate) fn as_double(self, value: Value) -> Result<f64, Fail> {
        let mut number = 0.0;
        self.check(unsafe { sys::napi_get_value_double(self.0, value.0, &mut number) })?;
        Ok(number)
    }

    /// A `Date`'s milliseconds since 1970; NaN for an invalid one.
    pub(crate) fn as_milliseconds(self, value: Value) -> Result<f64, Fail> {
        let mut number = 0.0;
        self.check(unsafe { sys::napi_get_date_value(self.0, value.0, &mut number) })?;
        Ok(number)
    }

    /// A bigint, if it fits 64 bits.
    pub(crate) fn as_bigint(self, value: Value) -> Result<Option<i64>, Fail> {
        let (mut number, mut lossless) = (0, false);
        self.check(unsafe { sys::napi_get_value_bigint_int64(self.0, value.0, &mut number, &mut lossless) })?;
        Ok(lossless.then_some(number))
    }

    /// A bigint, if it fits 64 bits without a sign.
    pub(crate) fn as_unsigned_bigint(self, value: Value) -> Result<Option<u64>, Fail> {
        let (mut number, mut lossless) = (0, false);
        self.check(unsafe { sys::napi_get_value_bigint_uint64(self.0, value.0, &mut number, &mut lossless) })?;
        Ok(lossless.then_some(number))
    }

    /// A text; one with a lone surrogate is no text that UTF-8 can hold, and Node-API would replace it silently.
    pub(crate) fn as_string(self, value: Value) -> Result<String, Fail> {
        let mut length = 0;
        self.check(unsafe { sys::napi_get_value_string_utf16(self.0, value.0, ptr::null_mut(), 0, &mut length) })?;
        let mut units = vec![0_u16; length + 1];
        self.check(unsafe {
            sys::napi_get_value_string_utf16(self.0, value.0, units.as_mut_ptr(), units.len(), &mut length)
        })?;
        units.truncate(length);
        String::from_utf16(&units).map_err(|_| Fail::Message("a text holds a lone surrogate".to_owned()))
    }

    /// Any value as the text JavaScript makes of it.
    pub(crate) fn shown(self, value: Value) -> Result<String, Fail> {
        let text = self.make(|env, made| unsafe { sys::napi_coerce_to_string(env, value.0, made) })?;
        self.as_string(text)
    }

    /// A new object of the class that a reference names.
    pub(crate) fn construct(self, class: sys::napi_ref, arguments: &[Value]) -> Made {
        if class.is_null() {
            return Err(Fail::Message("the package's own entry file was not loaded".to_owned()));
        }
        let class = self.make(|env, made| unsafe { sys::napi_get_reference_value(env, class, made) })?;
        let arguments: Vec<_> = arguments.iter().map(|value| value.0).collect();
        let (count, start) = (arguments.len(), arguments.as_ptr());
        self.make(|env, made| unsafe { sys::napi_new_instance(env, class.0, count, start, made) })
    }
}
