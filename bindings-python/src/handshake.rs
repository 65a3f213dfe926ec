//! `Handshake`: the answer to Benti's check of a new webhook.

use pyo3::{
    prelude::*,
    types::{PyDict, PyString},
};

use crate::{
    boundary::{self, guarded},
    text,
};

/// The answer to the `GET` with which Benti checks a new webhook. Send it as it is.
#[pyclass(frozen, module = "hookseal._native")]
pub(crate) struct Handshake(pub(crate) hookseal::Handshake);

#[pymethods]
impl Handshake {
    /// The HTTP status to answer with.
    #[getter]
    fn status(&self) -> u16 {
        self.0.status()
    }

    /// The headers to answer with, names in lower case.
    #[getter]
    fn headers<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        guarded(py, || {
            let headers = PyDict::new(py);
            for (name, value) in self.0.headers() {
                headers.set_item(name, value)?;
            }
            Ok(headers)
        })
    }

    /// The body to answer with, visible ASCII.
    #[getter]
    fn body<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyString>> {
        guarded(py, || text::of_str(py, self.0.body()))
    }

    fn __repr__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyString>> {
        guarded(py, || text::of_str(py, "Handshake()"))
    }

    fn __reduce__(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        boundary::refuse_pickling(py, "Handshake", "send its status, headers and body")
    }
}
