//! Makes `OutgoingError` and `Refusal`, whose classes are in `hookseal.outgoing`.

use hookseal::{
    binding,
    outgoing::{OutgoingError, RefusalReason},
};
use pyo3::{
    IntoPyObjectExt,
    exceptions::{PyTypeError, PyValueError},
    prelude::*,
    sync::PyOnceLock,
    types::{PyTuple, PyType},
};

use crate::{boundary::guarded, given::Given, text, words};

/// The exception for a request or a value that cannot be built.
pub(super) fn outgoing_error(py: Python<'_>, error: OutgoingError) -> PyErr {
    with_code(py, error.code(), &error.to_string())
}

/// The exception for a value whose members were given as keywords. The message has the keywords that the vendor knows,
/// and not the unknown one, which may come from outside.
pub(super) fn keyword_error(py: Python<'_>, error: OutgoingError, known: &[&str]) -> PyErr {
    let OutgoingError::UnknownMember { position } = error else { return outgoing_error(py, error) };
    let from = if known.contains(&"from") { r#"; from is given as **{"from": "b@example.com"}"# } else { "" };
    let known = known.join(", ");
    let message = format!("the vendor does not know member {position}: give {known} alone{from}");
    with_code(py, error.code(), &message)
}

/// The exception for a value of Python that cannot be sent.
pub(super) fn with_code(py: Python<'_>, code: &str, message: &str) -> PyErr {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    let make = || {
        let class = CLASS.import(py, "hookseal.outgoing", "OutgoingError")?;
        class.call1((text::of_str(py, code)?, text::of_str(py, message)?))
    };
    make().map_or_else(|error| error, PyErr::from_value)
}

/// The exception for an answer that is no success.
pub(super) fn refusal(py: Python<'_>, refusal: hookseal::outgoing::Refusal) -> PyErr {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    let make = || {
        let class = CLASS.import(py, "hookseal.outgoing", "Refusal")?;
        let status = (refusal.reason() != RefusalReason::NoAnswer).then(|| refusal.status());
        class.call1((words::word(py, refusal.reason()), status, binding::retry_after_seconds(&refusal)))
    };
    make().map_or_else(|error| error, PyErr::from_value)
}

/// What a refusal says: its message, whether it is final, and whether the request may have been done.
#[pyfunction]
pub(crate) fn refusal_facts<'py>(
    code: &Bound<'py, PyAny>,
    status: &Bound<'py, PyAny>,
    retry_after_seconds: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyTuple>> {
    let py = code.py();
    guarded(py, || {
        let refusal = of_parts(code, status, retry_after_seconds)?;
        let facts = [
            text::of_display(py, &refusal)?.into_any(),
            refusal.is_final().into_bound_py_any(py)?,
            refusal.may_be_done().into_bound_py_any(py)?,
        ];
        PyTuple::new(py, facts)
    })
}

/// How many seconds to wait before the request is sent again.
#[pyfunction]
pub(crate) fn refusal_wait<'py>(
    code: &Bound<'py, PyAny>,
    status: &Bound<'py, PyAny>,
    retry_after_seconds: &Bound<'py, PyAny>,
    attempt: &Bound<'py, PyAny>,
    jitter: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyAny>> {
    let py = code.py();
    guarded(py, || {
        let attempt = Given::new("attempt", attempt).integer::<u32>()?;
        let jitter = jitter.extract::<f64>().map_err(|_| {
            PyTypeError::new_err("jitter must be a number from 0 to 1, such as random.random() returns")
        })?;
        let wait = of_parts(code, status, retry_after_seconds)?.retry_in(attempt, jitter);
        wait.map(|wait| wait.as_secs_f64()).into_bound_py_any(py)
    })
}

/// The status of an answer. The core itself refuses the numbers that are no status of HTTP.
pub(super) fn status(given: &Bound<'_, PyAny>) -> PyResult<u16> {
    let status = Given::new("status", given).integer::<i64>()?;
    u16::try_from(status).map_err(|_| PyValueError::new_err("status must be from 0 to 65535"))
}

fn of_parts(
    code: &Bound<'_, PyAny>,
    status: &Bound<'_, PyAny>,
    retry_after_seconds: &Bound<'_, PyAny>,
) -> PyResult<hookseal::outgoing::Refusal> {
    let reason = Given::new("code", code).word::<RefusalReason>()?;
    let status = if status.is_none() { 0 } else { self::status(status)? };
    let retry_after = (!retry_after_seconds.is_none())
        .then(|| Given::new("retry_after_seconds", retry_after_seconds).integer::<u32>());
    Ok(binding::refusal(reason, status, retry_after.transpose()?))
}
