//! The functions around every call from Python: a panic must become an ordinary exception.

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
/// PyO3 would turn a panic into a `PanicException`, which is not an `Exception`: no `except Exception` of a web
/// framework catches it, so it ends the worker. A panic is a bug in hookseal, so it becomes `hookseal.InternalError`.
///
/// PyO3 also panics if Python has no memory for a text or a number that a function returns. The work itself therefore
/// makes these objects.
#[inline]
pub(crate) fn guarded<T>(py: Python<'_>, work: impl FnOnce() -> PyResult<T>) -> PyResult<T> {
    // Nothing that the work changes is used after a panic: arguments are only read, and classes are frozen.
    catch_unwind(AssertUnwindSafe(|| work().map_err(|error| made(py, error))))
        .unwrap_or_else(|_| Err(panicked(py)))
}

/// The error with its exception object already made. PyO3 would make the object later, where nothing catches a panic
/// and one would end the process.
#[cold]
fn made(py: Python<'_>, error: PyErr) -> PyErr {
    error.value(py);
    error
}

/// The error for a panic. If even this exception cannot be made, memory is missing, and Python has a `MemoryError`
/// ready.
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

/// Compares with another object. For an object of another class it returns `NotImplemented`, so that Python asks that
/// class.
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

/// The error of `pickle` and `copy`, which says what to do. No class of this module can be pickled: only a receiver
/// makes deliveries and their parts, and whoever could write a pickle could make one too.
pub(crate) fn refuse_pickling(py: Python<'_>, class: &str, reason: &str) -> PyResult<Py<PyAny>> {
    let article = if class.starts_with(['A', 'E', 'i']) { "an" } else { "a" };
    guarded(py, || {
        Err(PyTypeError::new_err(format!("{article} {class} cannot be pickled or copied: {reason}")))
    })
}
