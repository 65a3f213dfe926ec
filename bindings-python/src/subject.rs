//! `Subject`: whom or what an event is about.

use pyo3::{
    prelude::*,
    types::{PyAny, PyString},
};

use crate::{
    boundary::{self, guarded},
    text, words,
};

/// Whom or what an event is about: `entity`, such as `ticket`, and `id`, the vendor's text or `None`.
///
/// `str()` gives `entity/id`, or the entity if there is no id.
#[pyclass(frozen, freelist = 16, module = "hookseal._native")]
pub(crate) struct Subject {
    /// The kind of thing.
    #[pyo3(get)]
    entity: Py<PyString>,
    /// The vendor's id for it, exactly as written; an integer is given as its digits. `None` if there is no id.
    #[pyo3(get)]
    id: Py<PyAny>,
}

impl Subject {
    #[inline]
    pub(crate) fn of(py: Python<'_>, subject: hookseal::Subject<'_>) -> PyResult<Self> {
        let id = match subject.id {
            Some(id) => text::of_text(py, id)?.into_any().unbind(),
            None => py.None(),
        };
        Ok(Self { entity: words::word(py, subject.entity), id })
    }

    fn id_text<'a>(&'a self, py: Python<'a>) -> Option<&'a str> {
        self.id.bind(py).cast::<PyString>().ok().and_then(|id| id.to_str().ok())
    }
}

#[pymethods]
impl Subject {
    fn __str__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyString>> {
        guarded(py, || match self.id_text(py) {
            Some(id) => text::of_display(py, &format_args!("{}/{id}", self.entity.bind(py).to_str()?)),
            None => Ok(self.entity.bind(py).clone()),
        })
    }

    fn __repr__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyString>> {
        guarded(py, || text::of_display(py, &format_args!("Subject({})", self.entity.bind(py).to_str()?)))
    }

    fn __eq__<'py>(&self, other: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let py = other.py();
        boundary::equal(other, |other: &Bound<'py, Self>| {
            let other = other.get();
            Ok(self.entity.bind(py).as_any().eq(&other.entity)? && self.id.bind(py).eq(&other.id)?)
        })
    }

    fn __hash__(&self, py: Python<'_>) -> PyResult<isize> {
        guarded(py, || (&self.entity, &self.id).into_pyobject(py)?.hash())
    }

    fn __reduce__(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        boundary::refuse_pickling(py, "Subject", "store its entity and id")
    }
}
