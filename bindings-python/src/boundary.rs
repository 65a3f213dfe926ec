//! Where Python calls in: a panic of ours must come out as an ordinary exception.

use std::panic::{AssertUnwindSafe, catch_unwind};

use pyo3::{exceptions::PyTypeError, prelude::*, sync::PyOnceLock, types::PyType};

/// Runs the work of a method or function that Python calls.
///
/// PyO3 would turn a panic into a `PanicException`, which is no `Exception`: it passes every `except Exception`
/// of a web framework and ends the worker. It is a mistake of ours, so it becomes `hookseal.InternalError`.
#[inline]
pub(crate) fn guarded<T>(py: Python<'_>, work: impl FnOnce() -> PyResult<T>) -> PyResult<T> {
    // Nothing that the work touches is used again after a panic: arguments are read only, classes are frozen.
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err(internal_error(py)))
}

#[cold]
pub(crate) fn internal_error(py: Python<'_>) -> PyErr {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    match CLASS.import(py, "hookseal._errors", "InternalError") {
        Ok(class) => PyErr::from_type(class.clone(), "a bug in hookseal: the request was not handled"),
        Err(error) => error,
    }
}

/// What a class answers to `pickle` and `copy` that holds secrets or a request's content.
pub(crate) fn refuse_pickling(class: &str, reason: &str) -> PyResult<Py<PyAny>> {
    Err(PyTypeError::new_err(format!("a {class} cannot be pickled or copied: {reason}")))
}
