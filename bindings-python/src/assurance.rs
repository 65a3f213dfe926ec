//! `Assurance`: the parts that the vendor's signature covers.

use pyo3::{prelude::*, types::PyString};

use crate::{
    boundary::{self, guarded},
    text, words,
};

/// The parts that the vendor's signature covers: `body`, `time` and `name` are each `signed`, `unsigned` or `absent`.
#[pyclass(frozen, module = "hookseal._native")]
pub(crate) struct Assurance(pub(crate) hookseal::Assurance);

#[pymethods]
impl Assurance {
    /// Whether the body is signed.
    #[getter]
    fn body(&self, py: Python<'_>) -> Py<PyString> {
        words::word(py, self.0.body)
    }

    /// Whether the time is signed. It is `signed` if the request has Benji's `x-benji-timestamp`.
    #[getter]
    fn time(&self, py: Python<'_>) -> Py<PyString> {
        words::word(py, self.0.time)
    }

    /// Whether the vendor's own name for each event, and so its kind, is signed.
    #[getter]
    fn name(&self, py: Python<'_>) -> Py<PyString> {
        words::word(py, self.0.name)
    }

    fn __repr__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyString>> {
        guarded(py, || text::of_display(py, &format_args!("Assurance({})", self.0)))
    }

    fn __eq__<'py>(&self, other: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        boundary::equal(other, |other: &Bound<'py, Self>| Ok(self.0 == other.get().0))
    }

    fn __hash__(&self, py: Python<'_>) -> PyResult<isize> {
        guarded(py, || (self.body(py), self.time(py), self.name(py)).into_pyobject(py)?.hash())
    }

    fn __reduce__(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        boundary::refuse_pickling(py, "Assurance", "store its body, time and name")
    }
}
