//! Takes the raw body: it keeps `bytes` as they are, and copies anything else before the check.

use pyo3::{
    exceptions::PyTypeError,
    intern,
    prelude::*,
    pybacked::PyBackedBytes,
    types::{PyByteArray, PyBytes, PyDict, PyList, PyMemoryView, PyString},
};

use crate::text;

/// While a larger body is checked, the thread is detached from the interpreter, so that others can run. For a small
/// body detaching costs about as much time as it saves.
pub(crate) const DETACHED_ABOVE_BYTES: usize = 8 * 1024;

/// Runs work on so many bytes, detached from the interpreter if they are many.
pub(crate) fn detached<T: Send>(py: Python<'_>, bytes: usize, work: impl FnOnce() -> T + Send) -> T {
    if bytes > DETACHED_ABOVE_BYTES { py.detach(work) } else { work() }
}

/// The bytes of a body. `None` if the body would have to be copied and is over the limit.
///
/// `bytes` are kept as they are. An object that the program can still change is copied, so that an event stays what was
/// authenticated. Its size is checked first, because the copy of a refused body would cost memory.
#[inline]
pub(crate) fn read(body: &Bound<'_, PyAny>, limit: usize) -> PyResult<Option<PyBackedBytes>> {
    match body.cast_exact::<PyBytes>() {
        Ok(bytes) => Ok(Some(bytes.clone().into())),
        Err(_) => copy(body, limit),
    }
}

/// Copies the bytes of an object. It calls no method of a subclass, which could return other bytes than those that are
/// checked, or more than the limit.
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
    // `memoryview` has no subclasses.
    let copy = py.get_type::<PyBytes>().call1((view,))?;
    Ok(Some(copy.cast_into::<PyBytes>()?.into()))
}

/// Plain `bytes` with the same content: the methods of a subclass could return another one.
pub(crate) fn plain<'py>(bytes: &Bound<'py, PyBytes>) -> Bound<'py, PyBytes> {
    if bytes.is_exact_instance_of::<PyBytes>() {
        bytes.clone()
    } else {
        PyBytes::new(bytes.py(), bytes.as_bytes())
    }
}

#[cold]
fn wrong_type(body: &Bound<'_, PyAny>) -> PyErr {
    let given = text::type_name(body);
    let has = |name: &str| body.hasattr(name).unwrap_or(false);
    let is_parsed = body.is_instance_of::<PyString>()
        || body.is_instance_of::<PyDict>()
        || body.is_instance_of::<PyList>();
    let advice = if has("__await__") {
        String::from("await it")
    } else if body.is_none() {
        format!("pass b\"\" for a GET. For a POST {USE}")
    } else if is_parsed {
        format!("a body that was decoded or parsed can no longer be checked. For the raw one {USE}")
    } else if has("read") {
        String::from("pass what its read() returns")
    } else {
        return PyTypeError::new_err(format!("body must be bytes, bytearray or memoryview, not {given}"));
    };
    PyTypeError::new_err(format!("body must be the raw bytes that were received, not {given}: {advice}"))
}

const USE: &str = "use `await request.body()` in FastAPI and Starlette, `request.get_data()` in Flask, `request.body` in \
                   Django";
