//! Makes refusals as instances of the classes in `hookseal._errors`.

use hookseal::{Receiver, Rejection, binding};
use pyo3::{intern, prelude::*, sync::PyOnceLock, types::PyDict};

use crate::{text, words};

/// An instance of the class for this code, of the receiver that refused, ready to be raised or returned.
///
/// An attacker can cause any number of refusals, so they must be cheap. Classes in Python with class attributes make
/// the cheapest exceptions.
#[cold]
pub(crate) fn to_python<'py>(
    py: Python<'py>,
    rejection: &Rejection,
    receiver: &Receiver,
) -> PyResult<Bound<'py, PyAny>> {
    static CLASSES: PyOnceLock<Py<PyDict>> = PyOnceLock::new();
    let classes = CLASSES.get_or_try_init(py, || {
        let classes = py.import("hookseal._errors")?.getattr("BY_CODE")?;
        Ok::<_, PyErr>(classes.cast_into::<PyDict>()?.unbind())
    })?;
    let code = text::of_str(py, rejection.code())?;
    let class = classes.bind(py).as_any().get_item(code)?;
    let instance = class.call1((text::of_display(py, rejection)?,))?;
    instance.setattr(intern!(py, "vendor"), words::word(py, receiver.vendor()))?;
    instance.setattr(intern!(py, "source"), text::of_str(py, &binding::source(receiver))?)?;
    if !rejection.headers().is_empty() {
        let headers = PyDict::new(py);
        for (name, value) in rejection.headers() {
            headers.set_item(name, value)?;
        }
        instance.setattr(intern!(py, "headers"), headers)?;
    }
    if let Some(hint) = rejection.hint() {
        instance.setattr(intern!(py, "hint"), text::of_str(py, hint)?)?;
    }
    if let Some(fault) = rejection.payload_fault() {
        instance.setattr(intern!(py, "line"), fault.line())?;
        instance.setattr(intern!(py, "column"), fault.column())?;
        instance.setattr(intern!(py, "path"), text::of_display(py, &fault.path())?)?;
    }
    Ok(instance)
}

#[cold]
pub(crate) fn to_exception(py: Python<'_>, rejection: &Rejection, receiver: &Receiver) -> PyErr {
    match to_python(py, rejection, receiver) {
        Ok(instance) => PyErr::from_value(instance),
        Err(error) => error,
    }
}
