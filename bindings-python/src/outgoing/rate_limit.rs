//! `RateLimit`: when the next call of a group may go.

use std::sync::{Mutex, PoisonError};

use hookseal::outgoing as core;
use pyo3::{IntoPyObjectExt, prelude::*, types::PyString};

use crate::{
    boundary::{self, guarded},
    clock,
    given::Given,
    text,
};

/// Counts the calls of each group of Bento's endpoints, and says when the next one may go: at most 100 in any 60
/// seconds.
///
/// Bento documents 100 calls a minute, and not how it counts a minute. Every span of 60 seconds is counted here. It
/// counts the calls of one program: share one `RateLimit` among all that send for a site, and honour an answer 429 all
/// the same. Threads can share it.
///
/// A clock that runs back does no harm: no call waits for longer than 60 seconds, and no 60 seconds of real time have
/// more than 100 calls. A clock that jumps ahead lets calls go too early, so give it a steady clock, such as
/// `time.monotonic()`.
#[pyclass(frozen, module = "hookseal._native")]
pub(crate) struct RateLimit(Mutex<core::RateLimit>);

#[pymethods]
impl RateLimit {
    #[new]
    fn new() -> Self {
        Self(Mutex::new(core::RateLimit::new()))
    }

    /// Counts one call of a group that goes now, such as `request.group`, and returns `None`. Otherwise it returns the
    /// seconds to wait: the call must not go yet, and is not counted.
    ///
    /// `now` is a number of seconds or an aware datetime. By default (`None`) it is the wall clock.
    #[pyo3(signature = (group, now = None))]
    fn take<'py>(
        &self,
        group: &Bound<'py, PyAny>,
        now: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let py = group.py();
        guarded(py, || {
            let group = Given::new("group", group).word()?;
            let now = clock::now(py, now)?;
            // No code of Python runs while the lock is held.
            let taken = self.0.lock().unwrap_or_else(PoisonError::into_inner).take(group, now);
            taken.err().map(|wait| wait.as_secs_f64()).into_bound_py_any(py)
        })
    }

    fn __repr__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyString>> {
        guarded(py, || text::of_str(py, "RateLimit()"))
    }

    fn __reduce__(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        boundary::refuse_pickling(py, "RateLimit", "it counts the calls of one process")
    }
}
