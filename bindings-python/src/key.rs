//! `Key`: a secret with an id and a validity.

use hookseal::Timestamp;
use pyo3::{prelude::*, types::PyString};

use crate::{
    boundary, clock,
    setup::{Given, setup_error},
    text,
};

/// A secret with an id and the time in which it is valid, for a ring of several.
///
/// The secret is used exactly as it is: a `str` as its UTF-8 bytes, never trimmed or decoded. It cannot be read
/// again. `not_before` and `not_after` are seconds since 1970 or aware datetimes, both inclusive.
#[pyclass(frozen, module = "hookseal")]
pub(crate) struct Key {
    /// The caller's own object, of which Python keeps copies in any case.
    secret: Py<PyAny>,
    /// The id, where one was given; else the key goes by its position in its ring.
    #[pyo3(get)]
    id: Option<Py<PyString>>,
    not_before: Option<Timestamp>,
    not_after: Option<Timestamp>,
}

#[pymethods]
impl Key {
    #[new]
    #[pyo3(signature = (secret, *, id = None, not_before = None, not_after = None))]
    fn new(
        secret: &Bound<'_, PyAny>,
        id: Option<Py<PyString>>,
        not_before: Option<&Bound<'_, PyAny>>,
        not_after: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        boundary::guarded(secret.py(), || {
            let key = Self {
                secret: secret.clone().unbind(),
                id,
                not_before: not_before.map(|time| clock::time(time, "not_before")).transpose()?,
                not_after: not_after.map(|time| clock::time(time, "not_after")).transpose()?,
            };
            key.to_core(secret.py())?;
            Ok(key)
        })
    }

    /// From when on the key is valid.
    #[getter]
    fn not_before<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        boundary::guarded(py, || self.not_before.map(|time| clock::to_datetime(py, time)).transpose())
    }

    /// Up to when the key is valid.
    #[getter]
    fn not_after<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        boundary::guarded(py, || self.not_after.map(|time| clock::to_datetime(py, time)).transpose())
    }

    fn __repr__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyString>> {
        boundary::guarded(py, || match &self.id {
            Some(id) => text::of_display(py, &format_args!("Key(id={:?})", id.bind(py).to_str()?)),
            None => text::of_str(py, "Key()"),
        })
    }

    fn __reduce__(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        boundary::refuse_pickling(py, "Key", "it holds a secret")
    }
}

impl Key {
    pub(crate) fn to_core(&self, py: Python<'_>) -> PyResult<hookseal::Key> {
        let mut key = core_key(self.secret.bind(py))?;
        if let Some(id) = &self.id {
            key = key.with_id(id.bind(py).to_str()?).map_err(setup_error)?;
        }
        if let Some(time) = self.not_before {
            key = key.with_not_before(time);
        }
        if let Some(time) = self.not_after {
            key = key.with_not_after(time);
        }
        Ok(key)
    }
}

/// A key of this secret: the UTF-8 bytes of a `str`, or `bytes` as they are.
pub(crate) fn core_key(secret: &Bound<'_, PyAny>) -> PyResult<hookseal::Key> {
    secret_bytes(secret).and_then(|bytes| hookseal::Key::new(bytes).map_err(setup_error))
}

/// The bytes of a secret.
pub(crate) fn secret_bytes<'a>(secret: &'a Bound<'_, PyAny>) -> PyResult<&'a [u8]> {
    Given::new("the secret", secret).bytes()
}
