//! Times from and to Python.

use hookseal::Timestamp;
use pyo3::{
    exceptions::{PyTypeError, PyValueError},
    intern,
    prelude::*,
    sync::PyOnceLock,
    types::{PyBool, PyDateTime, PyInt, PyString},
};

/// Above this a number is no time in seconds: it would be the year 5138, and is 1973 in milliseconds.
const LAST_IN_SECONDS: f64 = 1e11;

/// The time now: the wall clock for `None`.
#[inline]
pub(crate) fn now(given: Option<&Bound<'_, PyAny>>) -> PyResult<Timestamp> {
    match given {
        None => Ok(Timestamp::from(std::time::SystemTime::now())),
        Some(given) => time(given, "now"),
    }
}

/// A time that the program gives, under the name of its argument: a number of seconds or an aware `datetime`.
pub(crate) fn time(given: &Bound<'_, PyAny>, name: &str) -> PyResult<Timestamp> {
    if let Ok(datetime) = given.cast::<PyDateTime>() {
        return of_datetime(datetime, name);
    }
    let seconds = match given.extract::<f64>() {
        Ok(seconds) if !given.is_instance_of::<PyBool>() => seconds,
        // An integer beyond any float.
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
    if seconds.abs() >= LAST_IN_SECONDS {
        return Err(PyValueError::new_err(format!("{name} must be in seconds, not in milliseconds")));
    }
    // The nearest millisecond is the one that was meant: a float holds few of them exactly.
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
    from_text(py, PyString::from_bytes(py, &rfc3339(time))?)
}

/// The time as text of one form, a few times as fast as by formatting.
fn rfc3339(time: Timestamp) -> [u8; 24] {
    const MILLIS_OF_DAY: u64 = 86_400_000;
    // The first day of the year 0, in years that begin in March (Howard Hinnant, chrono-compatible date algorithms):
    // the leap day is then the last of its year, and all numbers are positive.
    const MARCH_OF_YEAR_0: i64 = -719_468 * 86_400_000;
    let millis = time.unix_millis().saturating_sub(MARCH_OF_YEAR_0).unsigned_abs();
    let days = u32::try_from(millis / MILLIS_OF_DAY).unwrap_or_default();
    let rest = u32::try_from(millis % MILLIS_OF_DAY).unwrap_or_default();
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let (month, next_year) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    let year = era * 400 + year_of_era + next_year;

    let digit = |value: u32| b'0' + u8::try_from(value % 10).unwrap_or_default();
    let two = |value: u32| [digit(value / 10), digit(value)];
    let ([y1, y2], [y3, y4]) = (two(year / 100), two(year));
    let ([m1, m2], [d1, d2], [h1, h2]) = (two(month), two(day), two(rest / 3_600_000));
    let ([n1, n2], [s1, s2]) = (two(rest / 60_000 % 60), two(rest / 1_000 % 60));
    let (f1, [f2, f3]) = (digit(rest % 1_000 / 100), two(rest % 100));
    [
        y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2, b'T', h1, h2, b':', n1, n2, b':', s1, s2, b'.', f1, f2,
        f3, b'Z',
    ]
}

/// `fromisoformat` is the fastest documented way to a `datetime` within the limited API: a third of the time that
/// the constructor takes with its eight arguments.
fn from_text<'py>(py: Python<'py>, rfc3339: impl IntoPyObject<'py>) -> PyResult<Bound<'py, PyAny>> {
    static FROM_ISO_FORMAT: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let from_iso_format = FROM_ISO_FORMAT
        .get_or_try_init(py, || py.get_type::<PyDateTime>().getattr("fromisoformat").map(Bound::unbind))?;
    from_iso_format.bind(py).call1((rfc3339,))
}
