//! Makes replay keys as instances of the class in `hookseal._replay`.

use pyo3::{prelude::*, sync::PyOnceLock, types::PyType};

pub(crate) fn to_python(
    py: Python<'_>,
    key: Option<hookseal::ReplayKey>,
) -> PyResult<Option<Bound<'_, PyAny>>> {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    let Some(key) = key else { return Ok(None) };
    let class = CLASS.import(py, "hookseal._replay", "ReplayKey")?;
    class.call1((key.as_str(), key.retention_seconds())).map(Some)
}
