//! Keys and options of a receiver.

use hookseal::{Keys, Receiver, SetupError, SignatureEncoding, Window};
use pyo3::{
    exceptions::{PyTypeError, PyValueError},
    prelude::*,
    types::{PyList, PyString, PyTuple},
};

use crate::key::{Key, core_key};

/// A mistake in the program or its configuration.
pub(crate) fn setup_error(error: SetupError) -> PyErr {
    PyValueError::new_err(error.to_string())
}

/// One secret, one key, or a list of them.
pub(crate) fn keys(given: &Bound<'_, PyAny>) -> PyResult<Keys> {
    let listed = given.is_instance_of::<PyList>() || given.is_instance_of::<PyTuple>();
    let keys = if listed {
        let keys = given.try_iter()?.take(Keys::MAX + 1).map(|key| one_key(&key?));
        keys.collect::<PyResult<Vec<_>>>()?
    } else {
        vec![one_key(given)?]
    };
    Keys::ring(keys).map_err(setup_error)
}

fn one_key(given: &Bound<'_, PyAny>) -> PyResult<hookseal::Key> {
    match given.cast::<Key>() {
        Ok(key) => key.get().to_core(given.py()),
        Err(_) => core_key(given).map_err(|error| {
            if error.is_instance_of::<PyTypeError>(given.py()) { wrong_key() } else { error }
        }),
    }
}

fn wrong_key() -> PyErr {
    PyTypeError::new_err("keys must be a secret (str or bytes), a Key, or a list of these")
}

/// The options that every vendor has.
pub(crate) struct Options<'a, 'py> {
    pub(crate) max_body_bytes: Option<&'a Bound<'py, PyAny>>,
    pub(crate) max_events: Option<&'a Bound<'py, PyAny>>,
    pub(crate) max_depth: Option<&'a Bound<'py, PyAny>>,
    pub(crate) max_number_length: Option<&'a Bound<'py, PyAny>>,
    pub(crate) source: Option<&'a str>,
}

impl Options<'_, '_> {
    pub(crate) fn apply(self, mut receiver: Receiver) -> PyResult<Receiver> {
        if let Some(bytes) = self.max_body_bytes {
            receiver = receiver.max_body_bytes(saturated(bytes)?).map_err(setup_error)?;
        }
        if let Some(events) = self.max_events {
            receiver = receiver.max_events(saturated(events)?).map_err(setup_error)?;
        }
        if let Some(depth) = self.max_depth {
            receiver = receiver.max_depth(saturated(depth)?).map_err(setup_error)?;
        }
        if let Some(characters) = self.max_number_length {
            receiver = receiver.max_number_length(saturated(characters)?).map_err(setup_error)?;
        }
        if let Some(source) = self.source {
            receiver = receiver.source(source).map_err(setup_error)?;
        }
        Ok(receiver)
    }
}

/// An integer of any size as the nearest that the core takes, which then says what its range is.
pub(crate) fn saturated<N: TryFrom<i64> + Limits>(given: &Bound<'_, PyAny>) -> PyResult<N> {
    let value: i64 = match given.extract() {
        Ok(value) => value,
        Err(error) if error.is_instance_of::<pyo3::exceptions::PyOverflowError>(given.py()) => {
            if given.lt(0)? { i64::MIN } else { i64::MAX }
        }
        Err(error) => return Err(error),
    };
    Ok(N::try_from(value).unwrap_or(if value < 0 { N::LOWEST } else { N::HIGHEST }))
}

/// The ends of an integer type.
pub(crate) trait Limits {
    const LOWEST: Self;
    const HIGHEST: Self;
}

macro_rules! limits {
    ($($integer:ty)+) => {
        $(impl Limits for $integer {
            const LOWEST: Self = Self::MIN;
            const HIGHEST: Self = Self::MAX;
        })+
    };
}

limits!(usize u32 i16);

/// `"off"` or past and future in seconds.
pub(crate) fn window(given: &Bound<'_, PyAny>) -> PyResult<Window> {
    if let Ok(text) = given.cast::<PyString>() {
        return if text == "off" { Ok(Window::off()) } else { Err(PyValueError::new_err(WINDOW_IS)) };
    }
    let (past, future): (i64, i64) = given.extract().map_err(|error: PyErr| {
        let overflows = error.is_instance_of::<pyo3::exceptions::PyOverflowError>(given.py());
        if overflows { PyValueError::new_err(WINDOW_IS) } else { PyTypeError::new_err(WINDOW_IS) }
    })?;
    match (u64::try_from(past), u64::try_from(future)) {
        (Ok(past), Ok(future)) => Ok(Window::seconds(past, future)),
        _ => Err(PyValueError::new_err(WINDOW_IS)),
    }
}

const WINDOW_IS: &str =
    "window must be (past, future) in whole seconds, neither of them negative, or \"off\"";

/// `"hex"`, `"base64"` or `"base64url"`.
pub(crate) fn signature_encoding(given: &str) -> PyResult<SignatureEncoding> {
    match given {
        "hex" => Ok(SignatureEncoding::Hex),
        "base64" => Ok(SignatureEncoding::Base64),
        "base64url" => Ok(SignatureEncoding::Base64Url),
        _ => Err(PyValueError::new_err(
            "the signature's encoding must be \"hex\", \"base64\" or \"base64url\"",
        )),
    }
}
