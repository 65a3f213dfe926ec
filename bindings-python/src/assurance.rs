//! `Assurance`: what the vendor's signature covers.

use pyo3::{prelude::*, types::PyString};

use crate::{
    boundary::{self, guarded},
    text, words,
};

/// What the vendor's signature covers: `body`, `time` and `name` are each `signed`, `unsigned` or `absent`.
#[pyclass(frozen, module = "hookseal")]
pub(crate) struct Assurance {
    /// How far the body can be trusted.
    #[pyo3(get)]
    body: Py<PyString>,
    /// How far the time can be trusted. `signed` tells that Benji sent `x-benji-timestamp`.
    #[pyo3(get)]
    time: Py<PyString>,
    /// How far the vendor's word for each event, and so its kind, can be trusted.
    #[pyo3(get)]
    name: Py<PyString>,
}

impl Assurance {
    pub(crate) fn of(py: Python<'_>, assurance: hookseal::Assurance) -> Self {
        let word = |coverage| words::word(py, coverage);
        Self { body: word(assurance.body), time: word(assurance.time), name: word(assurance.name) }
    }
}

#[pymethods]
impl Assurance {
    fn __repr__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyString>> {
        guarded(py, || {
            let words = [&self.body, &self.time, &self.name].map(|word| word.bind(py).to_str());
            let [body, time, name] = words;
            let (body, time, name) = (body?, time?, name?);
            text::of_display(py, &format_args!("Assurance(body {body}, time {time}, name {name})"))
        })
    }

    fn __eq__<'py>(&self, other: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let py = other.py();
        boundary::equal(other, |other: &Bound<'py, Self>| {
            let other = other.get();
            Ok(self.body.bind(py).as_any().eq(&other.body)?
                && self.time.bind(py).as_any().eq(&other.time)?
                && self.name.bind(py).as_any().eq(&other.name)?)
        })
    }

    fn __hash__(&self, py: Python<'_>) -> PyResult<isize> {
        guarded(py, || (&self.body, &self.time, &self.name).into_pyobject(py)?.hash())
    }
}
