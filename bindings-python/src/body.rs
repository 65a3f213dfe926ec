//! The raw body, held as it is or copied before the check.

use pyo3::{
    exceptions::PyTypeError,
    intern,
    prelude::*,
    pybacked::PyBackedBytes,
    types::{PyByteArray, PyBytes, PyDict, PyList, PyMemoryView, PyString},
};

/// The bytes of a body; `None` where there are more of them than the limit, and they would have to be copied.
///
/// `bytes` are held as they are. What others can still write to is copied, so that an event stays what was
/// authenticated; its size is looked at first, since the copy of what is refused would cost whoever refuses it.
pub(crate) fn read(body: &Bound<'_, PyAny>, limit: usize) -> PyResult<Option<PyBackedBytes>> {
    if let Ok(bytes) = body.cast::<PyBytes>() {
        return Ok(Some(bytes.clone().into()));
    }
    let length = if let Ok(bytearray) = body.cast::<PyByteArray>() {
        bytearray.len()
    } else if body.cast::<PyMemoryView>().is_ok() {
        body.getattr(intern!(body.py(), "nbytes"))?.extract()?
    } else {
        return Err(wrong_type(body));
    };
    if length > limit {
        return Ok(None);
    }
    let copy = body.py().get_type::<PyBytes>().call1((body,))?;
    Ok(Some(copy.cast_into::<PyBytes>()?.into()))
}

#[cold]
fn wrong_type(body: &Bound<'_, PyAny>) -> PyErr {
    let parsed = body.is_none()
        || body.is_instance_of::<PyString>()
        || body.is_instance_of::<PyDict>()
        || body.is_instance_of::<PyList>();
    let given = body.get_type().name().map_or_else(|_| String::from("object"), |name| name.to_string());
    PyTypeError::new_err(if parsed {
        format!(
            "body must be the raw bytes that were received, not {given}: a body that was decoded or parsed can no \
             longer be checked. Use `await request.body()` in FastAPI and Starlette, `request.get_data()` in \
             Flask, `request.body` in Django"
        )
    } else {
        format!("body must be bytes, bytearray or memoryview, not {given}")
    })
}
