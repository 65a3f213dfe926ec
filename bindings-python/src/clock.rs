//! Converts times from and to Python.

use hookseal::{Timestamp, binding};
use pyo3::{
    exceptions::{PyTypeError, PyValueError},
    intern,
    prelude::*,
    sync::PyOnceLock,
    types::{PyBool, PyDateTime, PyInt, PyString},
};

/// The time now. `None` means the system's clock.
#[inline]
pub(crate) fn now(given: Option<&Bound<'_, PyAny>>) -> PyResult<Timestamp> {
    match given {
        None => Ok(Timestamp::from(std::time::SystemTime::now())),
        Some(given) => time(given, "now"),
    }
}

/// A time that the program gives: a number of seconds or an aware `datetime`. `name` is the argument's name, for
/// errors.
pub(crate) fn time(given: &Bound<'_, PyAny>, name: &str) -> PyResult<Timestamp> {
    if let Ok(datetime) = given.cast::<PyDateTime>() {
        return of_datetime(datetime, name);
    }
    let seconds = match given.extract::<f64>() {
        Ok(seconds) if !given.is_instance_of::<PyBool>() => seconds,
        // An integer that is too large for a float.
        Err(_) if given.is_instance_of::<PyInt>() => f64::INFINITY,
        _ => {
            return Err(PyTypeError::new_err(format!(
                "{name} must be a number of seconds since 1970 or an aware datetime"
            )));
        }
    };
    if !seconds.is_finite() {
        return Err(PyValueError::new_err(format!("{name} must be a finite number of seconds")));
    }
    if seconds.abs() >= binding::LAST_IN_SECONDS as f64 {
        return Err(PyValueError::new_err(format!("{name} must be in seconds, not in milliseconds")));
    }
    // Rounded to the nearest millisecond: a float holds few milliseconds exactly.
    #[expect(clippy::cast_possible_truncation, reason = "the range was checked")]
    Timestamp::from_unix_millis((seconds * 1000.0).round() as i64).ok_or_else(|| out_of_range(name))
}

fn of_datetime(datetime: &Bound<'_, PyDateTime>, name: &str) -> PyResult<Timestamp> {
    static EPOCH: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    static MILLISECOND: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let py = datetime.py();
    if datetime.call_method0(intern!(py, "utcoffset"))?.is_none() {
        return Err(PyValueError::new_err(format!(
            "{name} must be aware: a datetime without a zone could mean any time"
        )));
    }
    let epoch = EPOCH.get_or_try_init(py, || from_text(py, "1970-01-01T00:00:00Z").map(Bound::unbind))?;
    let millisecond = MILLISECOND.get_or_try_init(py, || {
        py.import("datetime")?.call_method1("timedelta", (0, 0, 1000)).map(Bound::unbind)
    })?;
    let millis: i64 = datetime.sub(epoch)?.floor_div(millisecond)?.extract()?;
    Timestamp::from_unix_millis(millis).ok_or_else(|| out_of_range(name))
}

fn out_of_range(name: &str) -> PyErr {
    PyValueError::new_err(format!("{name} must lie in the years 1 to 9999"))
}

/// An aware `datetime` in UTC.
pub(crate) fn to_datetime(py: Python<'_>, time: Timestamp) -> PyResult<Bound<'_, PyAny>> {
    from_text(py, PyString::from_bytes(py, &binding::rfc3339(time))?)
}

/// A `datetime` from a text in RFC 3339. Within the limited API `fromisoformat` is the fastest documented way: it takes
/// a third of the time of the constructor with its eight arguments.
fn from_text<'py>(py: Python<'py>, rfc3339: impl IntoPyObject<'py>) -> PyResult<Bound<'py, PyAny>> {
    static FROM_ISO_FORMAT: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let from_iso_format = FROM_ISO_FORMAT
        .get_or_try_init(py, || py.get_type::<PyDateTime>().getattr("fromisoformat").map(Bound::unbind))?;
    from_iso_format.bind(py).call1((rfc3339,))
}
