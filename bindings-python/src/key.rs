//! `Key`: a secret with an id and a period of validity.

use hookseal::Timestamp;
use pyo3::{prelude::*, types::PyString};

use crate::{
    boundary, clock,
    given::{Flag, Given, setup_error},
    text,
};

/// A secret with an id and a period of validity, for a ring of several keys.
///
/// - `secret`: a `str`, which is encoded as UTF-8, or `bytes`. It is used exactly as it is, never trimmed or decoded,
///   and cannot be read again.
/// - `id`: the name that `delivery.key_id` gives. By default the position in the ring, from "0".
/// - `not_before`: the first time at which the key is valid, in seconds since 1970 or as an aware datetime, inclusive.
///   By default the key has always been valid.
/// - `not_after`: the last time at which the key is valid, also inclusive. By default the key stays valid.
/// - `exact`: takes a secret that really starts or ends with white space or a line break, starts with a byte order
///   mark, or is enclosed in quotes. By default False: such a secret is a `ValueError`, because it comes from the way
///   in which it was copied or read.
#[pyclass(frozen, module = "hookseal._native")]
pub(crate) struct Key {
    /// A `str` or `bytes`, usually the caller's own object. Python keeps copies of it in any case.
    secret: Py<PyAny>,
    is_exact: bool,
    /// The id, if one was given. Otherwise the key's id is its position in the ring.
    #[pyo3(get)]
    id: Option<Py<PyString>>,
    not_before: Option<Timestamp>,
    not_after: Option<Timestamp>,
}

#[pymethods]
impl Key {
    #[new]
    #[pyo3(
        signature = (secret, *, id = None, not_before = None, not_after = None, exact = Flag::OFF),
        text_signature = "(secret, *, id=None, not_before=None, not_after=None, exact=False)"
    )]
    fn new(
        secret: &Bound<'_, PyAny>,
        id: Option<&Bound<'_, PyAny>>,
        not_before: Option<&Bound<'_, PyAny>>,
        not_after: Option<&Bound<'_, PyAny>>,
        exact: Flag,
    ) -> PyResult<Self> {
        boundary::guarded(secret.py(), || {
            let key = Self {
                secret: Given::secret(secret).kept()?.unbind(),
                is_exact: exact.named("exact")?,
                id: id.map(|id| Given::new("id", id).kept_text()).transpose()?.map(Bound::unbind),
                not_before: not_before.map(|time| clock::time(time, "not_before")).transpose()?,
                not_after: not_after.map(|time| clock::time(time, "not_after")).transpose()?,
            };
            key.to_core(secret.py())?;
            Ok(key)
        })
    }

    /// The first millisecond in which the key is valid.
    #[getter]
    fn not_before<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        boundary::guarded(py, || self.not_before.map(|time| clock::to_datetime(py, time)).transpose())
    }

    /// The last millisecond in which the key is valid.
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
        boundary::refuse_pickling(py, "Key", "it holds a secret; make it in each process")
    }
}

impl Key {
    pub(crate) fn to_core(&self, py: Python<'_>) -> PyResult<hookseal::Key> {
        let secret = Given::secret(self.secret.bind(py)).bytes()?;
        let key = if self.is_exact { hookseal::Key::exact(secret) } else { hookseal::Key::new(secret) };
        let mut key = key.map_err(setup_error)?;
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
    Given::secret(secret).bytes().and_then(|bytes| hookseal::Key::new(bytes).map_err(setup_error))
}
