//! Secrets that a program hands over, and those that it gets.

use pyo3::{
    prelude::*,
    types::{PyBytes, PyString},
};

use crate::{
    boundary::{self, guarded},
    given::{Given, setup_error},
    text,
};

/// A secret that hookseal made, or read from an answer. Each argument of `hookseal.outgoing` that is a secret takes it,
/// beside `str` and `bytes`.
///
/// `repr` and `str` show nothing of it. It equals nothing but itself, and cannot be pickled.
#[pyclass(frozen, module = "hookseal._native")]
pub(crate) struct Secret(hookseal::Secret);

impl Secret {
    pub(super) fn of(secret: hookseal::Secret) -> Self {
        Self(secret)
    }
}

#[pymethods]
impl Secret {
    /// The bytes, to store them, or to build a receiver with them.
    fn expose<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        guarded(py, || {
            PyBytes::new_with(py, self.0.expose().len(), |bytes| {
                bytes.copy_from_slice(self.0.expose());
                Ok(())
            })
        })
    }

    fn __repr__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyString>> {
        guarded(py, || text::of_str(py, "Secret"))
    }

    fn __reduce__(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        boundary::refuse_pickling(py, "Secret", "store what expose() returns where your secrets are")
    }
}

/// The secret of an argument: a `Secret`, the UTF-8 bytes of a `str`, or `bytes` as they are.
pub(super) fn of_argument(name: &str, given: &Bound<'_, PyAny>) -> PyResult<hookseal::Secret> {
    let secret = match given.cast::<Secret>() {
        Ok(secret) => hookseal::Secret::new(secret.get().0.expose()),
        Err(_) => hookseal::Secret::new(Given::new(name, given).bytes()?),
    };
    secret.map_err(setup_error)
}
