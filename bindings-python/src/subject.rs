//! `Subject`: whom or what an event is about.

use pyo3::{
    prelude::*,
    types::{PyAny, PyString},
};

use crate::{text, words};

/// Whom or what an event is about: `entity`, such as `ticket`, and `id`, the vendor's text or `None`.
///
/// `str()` gives `entity/id`, or the entity alone where the id is absent.
#[pyclass(frozen, module = "hookseal")]
pub(crate) struct Subject {
    /// What kind of thing it is.
    #[pyo3(get)]
    entity: Py<PyString>,
    /// Its id at the vendor, exactly as written; of an integer its digits. `None` where there is none.
    #[pyo3(get)]
    id: Py<PyAny>,
}

impl Subject {
    #[inline]
    pub(crate) fn of(py: Python<'_>, subject: hookseal::Subject<'_>) -> Self {
        let id = subject.id.map_or_else(|| py.None(), |id| text::of_text(py, id).into_any().unbind());
        Self { entity: words::entity(py, subject.entity), id }
    }

    fn id_text<'a>(&'a self, py: Python<'a>) -> Option<&'a str> {
        self.id.bind(py).cast::<PyString>().ok().and_then(|id| id.to_str().ok())
    }
}

#[pymethods]
impl Subject {
    fn __str__(&self, py: Python<'_>) -> PyResult<String> {
        let entity = self.entity.bind(py).to_str()?;
        Ok(self.id_text(py).map_or_else(|| entity.to_owned(), |id| format!("{entity}/{id}")))
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        Ok(format!("Subject({})", self.entity.bind(py).to_str()?))
    }

    fn __eq__(&self, other: &Bound<'_, Self>) -> PyResult<bool> {
        let (py, other) = (other.py(), other.get());
        Ok(self.entity.bind(py).as_any().eq(&other.entity)? && self.id.bind(py).eq(&other.id)?)
    }

    fn __hash__(&self, py: Python<'_>) -> PyResult<isize> {
        (&self.entity, &self.id).into_pyobject(py)?.hash()
    }

    fn __reduce__(&self) -> PyResult<Py<PyAny>> {
        crate::boundary::refuse_pickling("Subject", "it holds a request's content")
    }
}
