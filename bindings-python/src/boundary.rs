//! Where Python calls in: a panic must come out as an ordinary exception.

use std::panic::{AssertUnwindSafe, catch_unwind};

use pyo3::{
    IntoPyObjectExt, PyTypeInfo,
    exceptions::{PyMemoryError, PyTypeError},
    prelude::*,
    sync::PyOnceLock,
    types::PyType,
};

/// Runs the work of a method or function that Python calls.
///
/// PyO3 would turn a panic into a `PanicException`, which is no `Exception`: it passes every `except Exception`
/// of a web framework and ends the worker. It is a mistake of ours, so it becomes `hookseal.InternalError`.
///
/// PyO3 panics too where Python has no memory for a text or a number that a function returns, so these are made as
/// part of the work.
#[inline]
pub(crate) fn guarded<T>(py: Python<'_>, work: impl FnOnce() -> PyResult<T>) -> PyResult<T> {
    // Nothing that the work touches is used again after a panic: arguments are read only, classes are frozen.
    catch_unwind(AssertUnwindSafe(|| work().map_err(|error| made(py, error))))
        .unwrap_or_else(|_| Err(panicked(py)))
}

/// An error whose exception exists: PyO3 makes it late, when nothing catches a panic any more and one would end the
/// process.
#[cold]
fn made(py: Python<'_>, error: PyErr) -> PyErr {
    error.value(py);
    error
}

/// Where even this exception cannot be made, memory is what is missing, and Python keeps a `MemoryError` ready.
#[cold]
fn panicked(py: Python<'_>) -> PyErr {
    catch_unwind(AssertUnwindSafe(|| made(py, internal_error(py))))
        .unwrap_or_else(|_| PyMemoryError::new_err(()))
}

#[cold]
pub(crate) fn internal_error(py: Python<'_>) -> PyErr {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    match CLASS.import(py, "hookseal._errors", "InternalError") {
        Ok(class) => PyErr::from_type(class.clone(), "a bug in hookseal: the request was not handled"),
        Err(error) => error,
    }
}

/// Compares with another object: where it is of another class, that class may know.
pub(crate) fn equal<'py, T: PyTypeInfo>(
    other: &Bound<'py, PyAny>,
    same: impl FnOnce(&Bound<'py, T>) -> PyResult<bool>,
) -> PyResult<Bound<'py, PyAny>> {
    let py = other.py();
    guarded(py, || match other.cast::<T>() {
        Ok(other) => same(other)?.into_bound_py_any(py),
        Err(_) => Ok(py.NotImplemented().into_bound(py)),
    })
}

/// What a class answers to `pickle` and `copy` that holds secrets or a request's content.
pub(crate) fn refuse_pickling(py: Python<'_>, class: &str, reason: &str) -> PyResult<Py<PyAny>> {
    guarded(py, || Err(PyTypeError::new_err(format!("a {class} cannot be pickled or copied: {reason}"))))
}
