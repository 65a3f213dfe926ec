//! The raw body, held as it is or copied before the check.

use pyo3::{
    exceptions::PyTypeError,
    intern,
    prelude::*,
    pybacked::PyBackedBytes,
    types::{PyByteArray, PyBytes, PyDict, PyList, PyMemoryView, PyString},
};

/// A body above this is checked without holding the interpreter; letting go of it costs about as much as the
/// check of a small body saves.
pub(crate) const DETACHED_ABOVE_BYTES: usize = 8 * 1024;

/// Runs work on so many bytes, without holding the interpreter if they are many.
pub(crate) fn detached<T: Send>(py: Python<'_>, bytes: usize, work: impl FnOnce() -> T + Send) -> T {
    if bytes > DETACHED_ABOVE_BYTES { py.detach(work) } else { work() }
}

/// The bytes of a body; `None` where there are more of them than the limit, and they would have to be copied.
///
/// `bytes` are held as they are. What others can still write to is copied, so that an event stays what was
/// authenticated; its size is looked at first, since the copy of what is refused would cost whoever refuses it.
#[inline]
pub(crate) fn read(body: &Bound<'_, PyAny>, limit: usize) -> PyResult<Option<PyBackedBytes>> {
    match body.cast_exact::<PyBytes>() {
        Ok(bytes) => Ok(Some(bytes.clone().into())),
        Err(_) => copy(body, limit),
    }
}

/// Copies what the object holds. Of a class that derives from these no method is asked: it could give other bytes than
/// those that are checked, or more than the limit.
fn copy(body: &Bound<'_, PyAny>, limit: usize) -> PyResult<Option<PyBackedBytes>> {
    let py = body.py();
    if let Ok(bytes) = body.cast::<PyBytes>() {
        return Ok((bytes.as_bytes().len() <= limit).then(|| plain(bytes).into()));
    }
    if let Ok(bytearray) = body.cast::<PyByteArray>() {
        return Ok((bytearray.len() <= limit).then(|| PyBytes::new(py, &bytearray.to_vec()).into()));
    }
    let view = body.cast::<PyMemoryView>().map_err(|_| wrong_type(body))?;
    let length: usize = view.getattr(intern!(py, "nbytes"))?.extract()?;
    if length > limit {
        return Ok(None);
    }
    // No class derives from `memoryview`.
    let copy = py.get_type::<PyBytes>().call1((view,))?;
    Ok(Some(copy.cast_into::<PyBytes>()?.into()))
}

/// `bytes` that keep their content: the methods of a class of the program's own could show another.
pub(crate) fn plain<'py>(bytes: &Bound<'py, PyBytes>) -> Bound<'py, PyBytes> {
    if bytes.is_exact_instance_of::<PyBytes>() {
        bytes.clone()
    } else {
        PyBytes::new(bytes.py(), bytes.as_bytes())
    }
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
