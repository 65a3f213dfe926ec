//! Things that exist once for each interpreter: this module, and the classes that the package's Python modules define.

use std::sync::atomic::{AtomicBool, Ordering};

use pyo3::{
    exceptions::{PyImportError, PyRuntimeError},
    ffi,
    prelude::*,
    sync::PyOnceLock,
    types::{PyDict, PyString},
};

use crate::boundary::guarded;

/// Fails if a second interpreter of the process loads the module, even after the first one has ended.
///
/// PyO3 keeps classes and other objects in statics, one of each for a process. A second interpreter would get those of
/// the first. Its `except hookseal.Rejection` would not catch their exceptions, and after the end of the first
/// interpreter they would use freed objects.
pub(crate) fn refuse_second(py: Python<'_>) -> PyResult<()> {
    static LOADED: AtomicBool = AtomicBool::new(false);
    const MARK: &str = "hookseal._native";
    let own = own_dict(py)?;
    // The same interpreter loads the module again, because its `sys.modules` was cleared.
    if own.contains(MARK)? {
        return Ok(());
    }
    if LOADED.swap(true, Ordering::Relaxed) {
        return Err(PyImportError::new_err(
            "only one interpreter of a process can use hookseal, and another one has already loaded it: under mod_wsgi \
             set WSGIApplicationGroup %{GLOBAL} for every application that uses hookseal, and give each application \
             that must be separate a WSGIDaemonProcess; under uWSGI set single-interpreter",
        ));
    }
    own.set_item(MARK, true)
}

/// The dict that Python keeps for extensions in each interpreter. No two interpreters share one. An interpreter's
/// number would not do, because numbers start again if a program ends Python and starts it again.
#[expect(unsafe_code, reason = "PyO3 has no safe function for it")]
fn own_dict(py: Python<'_>) -> PyResult<Bound<'_, PyDict>> {
    // SAFETY: `py` proves that this thread is attached to an interpreter, which the call needs and returns.
    let interpreter = unsafe { ffi::PyInterpreterState_Get() };
    // SAFETY: this thread is attached to that interpreter.
    let dict = unsafe { ffi::PyInterpreterState_GetDict(interpreter) };
    // SAFETY: the returned pointer is null, or a reference that the interpreter owns.
    let own = unsafe { Bound::from_borrowed_ptr_or_opt(py, dict) };
    let own = own.ok_or_else(|| PyRuntimeError::new_err("this Python keeps no dict for an interpreter"))?;
    Ok(own.cast_into::<PyDict>()?)
}

/// Gives a module that runs a second time, because it is reloaded or imported again, the classes of its first run. All
/// importers, earlier and later ones, then see the same classes.
#[pyfunction]
pub(crate) fn keep_first(globals: &Bound<'_, PyDict>) -> PyResult<()> {
    static MODULES: PyOnceLock<Py<PyDict>> = PyOnceLock::new();
    let py = globals.py();
    guarded(py, || {
        let modules = MODULES.get_or_init(py, || PyDict::new(py).unbind()).bind(py);
        let module = globals.as_any().get_item("__name__")?;
        if let Some(first) = modules.get_item(&module)? {
            return globals.update(first.cast::<PyDict>()?.as_mapping());
        }
        let first = PyDict::new(py);
        for name in globals.keys() {
            if !name.cast::<PyString>()?.to_str()?.starts_with('_') {
                first.set_item(&name, globals.as_any().get_item(&name)?)?;
            }
        }
        modules.set_item(module, first)
    })
}
