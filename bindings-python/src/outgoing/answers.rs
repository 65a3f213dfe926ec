//! What the vendors answer. The classes that only hold values are in `hookseal.outgoing`.

use hookseal::{Raw, outgoing as core};
use pyo3::{
    call::PyCallArgs,
    exceptions::PyValueError,
    prelude::*,
    sync::PyOnceLock,
    types::{PyList, PyString, PyType},
};

use super::secret::Secret;
use crate::{
    boundary::{self, guarded},
    data::{self, Fractions},
    text,
};

/// An answer of the core as an object of Python.
pub(super) trait Answer {
    /// `values` are those that the request sent, and `start` the position of the first one among those that were given.
    fn to_python<'py>(
        self,
        py: Python<'py>,
        values: &[Py<PyAny>],
        start: usize,
    ) -> PyResult<Bound<'py, PyAny>>;
}

/// Makes an instance of a class of `hookseal.outgoing`.
macro_rules! instance {
    ($py:ident, $class:literal, $arguments:expr) => {{
        static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
        make($py, &CLASS, $class, $arguments)
    }};
}

fn make<'py>(
    py: Python<'py>,
    class: &PyOnceLock<Py<PyType>>,
    name: &str,
    arguments: impl PyCallArgs<'py>,
) -> PyResult<Bound<'py, PyAny>> {
    class.import(py, "hookseal.outgoing", name)?.call1(arguments)
}

impl Answer for core::Subscribed {
    fn to_python<'py>(self, py: Python<'py>, _: &[Py<PyAny>], _: usize) -> PyResult<Bound<'py, PyAny>> {
        let salt = self.salt.map(|salt| Bound::new(py, Secret::of(salt))).transpose()?;
        instance!(py, "Subscribed", (salt,))
    }
}

impl Answer for core::Done {
    fn to_python<'py>(self, py: Python<'py>, _: &[Py<PyAny>], _: usize) -> PyResult<Bound<'py, PyAny>> {
        instance!(py, "Done", ())
    }
}

impl Answer for core::LookedUp {
    fn to_python<'py>(self, py: Python<'py>, _: &[Py<PyAny>], _: usize) -> PyResult<Bound<'py, PyAny>> {
        Ok(Bound::new(py, LookedUp(self))?.into_any())
    }
}

impl Answer for core::BentiWebhook {
    fn to_python<'py>(self, py: Python<'py>, _: &[Py<PyAny>], _: usize) -> PyResult<Bound<'py, PyAny>> {
        let optional = |part: Option<String>| part.map(|part| text::of_str(py, &part)).transpose();
        let parts = (text::of_str(py, &self.id)?, optional(self.item)?, optional(self.url)?);
        instance!(py, "BentiWebhook", parts)
    }
}

impl Answer for core::BentiWebhooks {
    fn to_python<'py>(
        self,
        py: Python<'py>,
        values: &[Py<PyAny>],
        start: usize,
    ) -> PyResult<Bound<'py, PyAny>> {
        let webhooks = self.webhooks.into_iter().map(|webhook| webhook.to_python(py, values, start));
        let webhooks = PyList::new(py, webhooks.collect::<PyResult<Vec<_>>>()?)?;
        instance!(py, "BentiWebhooks", (webhooks, self.malformed))
    }
}

impl Answer for core::Sent {
    fn to_python<'py>(
        self,
        py: Python<'py>,
        values: &[Py<PyAny>],
        start: usize,
    ) -> PyResult<Bound<'py, PyAny>> {
        let positions = self.handed_back();
        let handed_back = values.iter().skip(positions.start.saturating_sub(start)).take(positions.len());
        let handed_back = PyList::new(py, handed_back.collect::<Vec<_>>())?;
        instance!(py, "Sent", (self.accepted(), self.failed(), handed_back, self.is_undecided()))
    }
}

impl Answer for core::Commanded {
    fn to_python<'py>(self, py: Python<'py>, _: &[Py<PyAny>], _: usize) -> PyResult<Bound<'py, PyAny>> {
        instance!(py, "Commanded", (self.results(),))
    }
}

impl Answer for core::Tracked {
    fn to_python<'py>(self, py: Python<'py>, _: &[Py<PyAny>], _: usize) -> PyResult<Bound<'py, PyAny>> {
        instance!(py, "Tracked", ())
    }
}

/// What a webhook of Benji names, as Benji gives it. `repr` shows its length only.
#[pyclass(frozen, module = "hookseal._native")]
pub(crate) struct LookedUp(core::LookedUp);

#[pymethods]
impl LookedUp {
    /// The object, parsed as `event.data` is: numbers are exact. Each access parses it again and gives new objects. A
    /// `ValueError` if the answer has more than 127 lists and objects in each other, or a number of more than 1,000
    /// characters: `to_json()` has them.
    #[getter]
    fn data<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        guarded(py, || {
            let raw = Raw::parse(self.0.as_json().as_bytes())
                .map_err(|fault| PyValueError::new_err(format!("{fault}: read the answer from to_json()")))?;
            data::build(py, raw.tokens(), Fractions::FloatIfExact)
        })
    }

    /// One JSON object, as it came.
    fn to_json<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyString>> {
        guarded(py, || text::of_str(py, self.0.as_json()))
    }

    fn __repr__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyString>> {
        guarded(py, || text::of_display(py, &format_args!("{:?}", self.0)))
    }

    fn __reduce__(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        boundary::refuse_pickling(py, "LookedUp", "it holds personal data; store to_json()")
    }
}
