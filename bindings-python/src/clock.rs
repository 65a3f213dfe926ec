//! Converts times from and to Python.

use std::time::SystemTime;

use hookseal::{Timestamp, binding};
use pyo3::{
    exceptions::{PyTypeError, PyValueError},
    ffi, intern,
    prelude::*,
    sync::PyOnceLock,
    types::{PyBool, PyDict, PyInt, PyString, PyTuple, PyType},
};

/// The time now. `None` means the clock of `time.time`.
#[inline]
pub(crate) fn now(py: Python<'_>, given: Option<&Bound<'_, PyAny>>) -> PyResult<Timestamp> {
    if let Some(given) = given {
        return time(given, "now");
    }
    let clock = Clock::of(py)?;
    let Some(current) = clock.module.bind(py).get_item(intern!(py, "time"))? else {
        return Ok(system());
    };
    if clock.is_systems(&current) {
        Ok(system())
    } else {
        time(&current.call0()?, "what time.time() returns")
    }
}

fn system() -> Timestamp {
    Timestamp::from(SystemTime::now())
}

/// `time.time` as it was at first, to notice that a test has replaced it.
///
/// Calling `time.time` each time would make a float and call through Python. Two comparisons of pointers after a look
/// into the module's dict are enough: freezegun and `unittest.mock` put another object into the module, and
/// time-machine another C function into the object.
struct Clock {
    module: Py<PyDict>,
    /// `None` if it had already been replaced when it was first needed. It is then called each time.
    original: Option<(Py<PyAny>, CFunction)>,
}

/// Where the C function of a built-in function begins.
type CFunction = usize;

/// A replaced clock that differs by less cannot be told from the system's.
const MOST_MILLISECONDS_APART: u64 = 1_000;

impl Clock {
    #[inline]
    fn of(py: Python<'_>) -> PyResult<&Self> {
        static CLOCK: PyOnceLock<Clock> = PyOnceLock::new();
        CLOCK.get_or_try_init(py, || Self::new(py))
    }

    fn new(py: Python<'_>) -> PyResult<Self> {
        let module = py.import("time")?.dict();
        let mut original = None;
        if let Some(current) = module.get_item("time")?
            && let Some(function) = c_function(&current)
        {
            let apart = time(&current.call0()?, "what time.time() returns")?
                .unix_millis()
                .abs_diff(system().unix_millis());
            original = (apart < MOST_MILLISECONDS_APART).then(|| (current.unbind(), function));
        }
        Ok(Self { module: module.unbind(), original })
    }

    #[inline]
    fn is_systems(&self, current: &Bound<'_, PyAny>) -> bool {
        self.original
            .as_ref()
            .is_some_and(|(object, function)| current.is(object) && c_function(current) == Some(*function))
    }
}

#[inline]
#[expect(unsafe_code, reason = "PyO3 has no safe function for it")]
fn c_function(object: &Bound<'_, PyAny>) -> Option<CFunction> {
    // SAFETY: the object is alive, and this thread is attached to its interpreter. The call looks at the object's type,
    // and raises an error if it is no built-in function.
    let function = unsafe { ffi::PyCFunction_GetFunction(object.as_ptr()) };
    if function.is_none() {
        drop(PyErr::take(object.py()));
    }
    function.map(|function| function as CFunction)
}

/// A time that the program gives: a number of seconds or an aware `datetime`. `name` is the argument's name, for
/// errors.
pub(crate) fn time(given: &Bound<'_, PyAny>, name: &str) -> PyResult<Timestamp> {
    if is_datetime(given)? {
        return of_datetime(given, name);
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

pub(crate) fn is_datetime(given: &Bound<'_, PyAny>) -> PyResult<bool> {
    given.is_instance(datetime_type(given.py())?)
}

fn of_datetime(datetime: &Bound<'_, PyAny>, name: &str) -> PyResult<Timestamp> {
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
        .get_or_try_init(py, || datetime_type(py)?.getattr("fromisoformat").map(Bound::unbind))?;
    from_iso_format.bind(py).call1((rfc3339,))
}

/// Python's own class `datetime`. While freezegun has replaced it in its module, it is a base of the replacement.
fn datetime_type(py: Python<'_>) -> PyResult<&Bound<'_, PyType>> {
    static DATETIME: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    let datetime = DATETIME.get_or_try_init(py, || {
        let current = py.import("datetime")?.getattr("datetime")?;
        for base in current.getattr("__mro__")?.cast_into::<PyTuple>()? {
            if base.getattr("__module__")?.eq("datetime")? {
                return PyResult::Ok(base.cast_into::<PyType>()?.unbind());
            }
        }
        Err(PyTypeError::new_err("datetime.datetime has no base in the module datetime"))
    })?;
    Ok(datetime.bind(py))
}
