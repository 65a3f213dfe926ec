//! Makes `str` objects from texts of the core, and names types for messages. If Python has no memory for a text, that
//! is a `MemoryError`.

use std::fmt::{self, Write as _};

use hookseal::Text;
use pyo3::{prelude::*, types::PyString};

/// A text as it is.
#[inline]
pub(crate) fn of_str<'py>(py: Python<'py>, text: &str) -> PyResult<Bound<'py, PyString>> {
    PyString::from_bytes(py, text.as_bytes())
}

/// A plain `str` with the same text: a subclass could return another text later.
pub(crate) fn plain<'py>(text: &Bound<'py, PyString>) -> PyResult<Bound<'py, PyString>> {
    if text.is_exact_instance_of::<PyString>() { Ok(text.clone()) } else { of_str(text.py(), text.to_str()?) }
}

/// A text of a payload, escapes resolved.
#[inline]
pub(crate) fn of_text<'py>(py: Python<'py>, text: Text<'_>) -> PyResult<Bound<'py, PyString>> {
    match text.as_str() {
        Some(plain) => of_str(py, plain),
        None => of_str(py, &text.to_cow()),
    }
}

/// The text that a value prints as.
#[inline]
pub(crate) fn of_display<'py>(py: Python<'py>, value: &impl fmt::Display) -> PyResult<Bound<'py, PyString>> {
    let mut short = Short { bytes: [0; SHORT_BYTES], length: 0 };
    match write!(short, "{value}") {
        Ok(()) => of_str(py, short.as_str()),
        Err(_) => of_str(py, &value.to_string()),
    }
}

/// The name of a value's type, for a message about the value.
#[cold]
pub(crate) fn type_name(value: &Bound<'_, PyAny>) -> String {
    match value.get_type().name() {
        _ if value.is_none() => String::from("None"),
        Ok(name) => name.to_string(),
        Err(_) => String::from("object"),
    }
}

/// Enough for a derived id with its index and for a time, without an allocation.
const SHORT_BYTES: usize = 64;

struct Short {
    bytes: [u8; SHORT_BYTES],
    length: usize,
}

impl Short {
    fn as_str(&self) -> &str {
        self.bytes.get(..self.length).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default()
    }
}

impl fmt::Write for Short {
    fn write_str(&mut self, part: &str) -> fmt::Result {
        let end = self.length + part.len();
        self.bytes.get_mut(self.length..end).ok_or(fmt::Error)?.copy_from_slice(part.as_bytes());
        self.length = end;
        Ok(())
    }
}
