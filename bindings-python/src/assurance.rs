//! `Assurance`: what the vendor's signature covers.

use pyo3::{prelude::*, types::PyString};

use crate::{
    boundary::{self, guarded},
    text, words,
};

/// What the vendor's signature covers: `body`, `time` and `name` are each `signed`, `unsigned` or `absent`.
#[pyclass(frozen, module = "hookseal")]
pub(crate) struct Assurance(pub(crate) hookseal::Assurance);

#[pymethods]
impl Assurance {
    /// How far the body can be trusted.
    #[getter]
    fn body(&self, py: Python<'_>) -> Py<PyString> {
        words::word(py, self.0.body)
    }

    /// How far the time can be trusted. `signed` tells that Benji sent `x-benji-timestamp`.
    #[getter]
    fn time(&self, py: Python<'_>) -> Py<PyString> {
        words::word(py, self.0.time)
    }

    /// How far the vendor's word for each event, and so its kind, can be trusted.
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
}
