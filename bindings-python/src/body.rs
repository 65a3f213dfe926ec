//! The raw body, held as it is or copied before the check.

use pyo3::{
    exceptions::PyTypeError,
    prelude::*,
    pybacked::PyBackedBytes,
    types::{PyByteArray, PyBytes, PyDict, PyList, PyMemoryView, PyString},
};

/// The bytes of a body. `bytes` are held as they are; what others can still write to is copied first, so that an
/// event stays what was authenticated.
pub(crate) fn read(body: &Bound<'_, PyAny>) -> PyResult<PyBackedBytes> {
    if let Ok(bytes) = body.cast::<PyBytes>() {
        return Ok(bytes.clone().into());
    }
    if let Ok(bytearray) = body.cast::<PyByteArray>() {
        return Ok(bytearray.clone().into());
    }
    if body.cast::<PyMemoryView>().is_ok() {
        let copy = body.py().get_type::<PyBytes>().call1((body,))?;
        return Ok(copy.cast_into::<PyBytes>()?.into());
    }
    Err(wrong_type(body))
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
