//! Replay keys as instances of the class in `hookseal._replay`, and back.

use hookseal::binding;
use pyo3::{
    IntoPyObjectExt,
    exceptions::{PyTypeError, PyValueError},
    intern,
    prelude::*,
    sync::PyOnceLock,
    types::{PyString, PyTuple, PyType},
};

use crate::{boundary::guarded, given::Given, text};

static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();

pub(crate) fn to_python(
    py: Python<'_>,
    key: Option<hookseal::ReplayKey>,
) -> PyResult<Option<Bound<'_, PyAny>>> {
    let Some(key) = key else { return Ok(None) };
    let class = class(py)?;
    class.call1((key.as_str(), key.retention_seconds())).map(Some)
}

fn class<'py>(py: Python<'py>) -> PyResult<&'py Bound<'py, PyType>> {
    CLASS.import(py, "hookseal._replay", "ReplayKey")
}

/// The key, as a receiver's delivery or event gave it: a plain text does not tell how long it counts.
pub(crate) fn of_python(given: &Bound<'_, PyAny>) -> PyResult<hookseal::ReplayKey> {
    let py = given.py();
    if !given.is_instance(class(py)?)? {
        return Err(PyTypeError::new_err(if given.is_none() {
            "key must be a ReplayKey, not None: with the replay policy \"none\" a delivery has no key, so handle it \
             without a claim, or set another policy"
        } else {
            "key must be the ReplayKey that replay_key() of a delivery or an event returned: nothing else tells how \
             long it counts"
        }));
    }
    let retention = given.getattr(intern!(py, "retention_seconds"))?;
    let retention =
        (!retention.is_none()).then(|| Given::new("retention_seconds", &retention).integer::<u64>());
    let retention = retention.transpose()?;
    if retention == Some(0) {
        return Err(PyValueError::new_err("retention_seconds must be at least 1, or None"));
    }
    let key = given.cast::<PyString>()?.to_str().ok().and_then(|text| binding::replay_key(text, retention));
    key.ok_or_else(|| PyValueError::new_err("a ReplayKey has 32 lower-case hexadecimal digits"))
}

/// The text of a key and how long it counts, for the guards that are written in Python.
#[pyfunction]
pub(crate) fn read_replay_key<'py>(key: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyTuple>> {
    let py = key.py();
    guarded(py, || {
        let key = of_python(key)?;
        let retention = key.retention_seconds().into_bound_py_any(py)?;
        PyTuple::new(py, [text::of_str(py, key.as_str())?.into_any(), retention])
    })
}
