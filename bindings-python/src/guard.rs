//! `ReplayGuard`, a memory of replay keys for one process, and the claims that it gives.

use std::sync::{Mutex, MutexGuard, PoisonError};

use hookseal::ClaimOutcome;
use pyo3::{
    IntoPyObjectExt,
    exceptions::{PyTypeError, PyValueError},
    prelude::*,
    sync::PyOnceLock,
    types::{PyBytes, PyString, PyType},
};

use crate::{
    boundary::{self, guarded},
    clock,
    given::{Given, setup_error},
    replay, text,
};

/// Remembers which deliveries are being handled, and which have been handled, in the memory of one process.
///
/// A handler first claims the delivery's key. When it has succeeded it confirms the claim; when it has failed it releases
/// it, so that a repetition is handled. Only a confirmed key is a duplicate. A claim that is neither confirmed nor
/// released, because the process hangs or is slow, ends after the lease.
///
///     match guard.claim(key):
///         case Claimed(claim):
///             try:
///                 handle(delivery)
///             except BaseException:
///                 guard.release(claim)
///                 raise
///             guard.confirm(claim)
///         case Duplicate():
///             pass                                        # It has been handled: answer as if it were now.
///         case InProgress() | Full():
///             return 503                                  # The sender has to try again.
///
/// Threads can share a guard. It has none itself, and never forgets a key before its lease or retention ends: when no
/// place is left it says `Full`. Claims, confirmations and releases take constant time, whatever the number of keys.
/// `hookseal.redis` has a guard that processes share.
///
/// A guard holds at most `capacity` keys at a time, from 1 to 16,777,215. It takes the memory for them at once, 40 bytes
/// for each. A rule for the capacity: deliveries a second, times the retention in seconds. At 100 a second, a retention
/// of 601 s needs 60,100 keys, one of 24 h 8,640,000.
///
/// `lease_seconds`, from 1 to 4,294,967,295, is how long a claim lasts: longer than the slowest handler takes. By
/// default 30. `seed` is 16 random bytes, by default (`None`) the system's. Nobody who sends may know them: with them a
/// sender could choose bodies whose keys make the guard slow.
#[pyclass(frozen, module = "hookseal._native")]
pub(crate) struct ReplayGuard {
    core: Mutex<hookseal::ReplayGuard>,
}

#[pymethods]
impl ReplayGuard {
    #[new]
    #[pyo3(
        signature = (capacity, lease_seconds = None, seed = None),
        text_signature = "(capacity, lease_seconds=30, seed=None)"
    )]
    fn new(
        capacity: &Bound<'_, PyAny>,
        lease_seconds: Option<&Bound<'_, PyAny>>,
        seed: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let py = capacity.py();
        guarded(py, || {
            let capacity = Given::new("capacity", capacity).integer()?;
            let lease_seconds = lease_seconds.map(|seconds| Given::new("lease_seconds", seconds).integer());
            let lease_seconds = lease_seconds.transpose()?.unwrap_or(LEASE_SECONDS);
            let seed = match seed {
                Some(seed) => seed_of(seed)?,
                None => seed_of(&py.import("os")?.call_method1("urandom", (SEED_BYTES,))?)?,
            };
            let core = hookseal::ReplayGuard::new(capacity, lease_seconds, seed).map_err(setup_error)?;
            Ok(Self { core: Mutex::new(core) })
        })
    }

    /// Claims a key, which `delivery.replay_key()` or `event.replay_key()` gave. Of several callers with equal keys, one
    /// gets `Claimed`. `None`, which the policy `none` gives, is a `TypeError`.
    ///
    /// `now` is a number of seconds since 1970 or an aware datetime. By default (`None`) it is the wall clock.
    #[pyo3(signature = (key, now = None))]
    fn claim<'py>(
        slf: &Bound<'py, Self>,
        key: &Bound<'py, PyAny>,
        now: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        static CLAIMED: Class = Class::new();
        static IN_PROGRESS: Class = Class::new();
        static DUPLICATE: Class = Class::new();
        static FULL: Class = Class::new();
        let py = slf.py();
        guarded(py, || {
            let (key, now) = (replay::of_python(key)?, clock::now(py, now)?);
            let outcome = lock(&slf.get().core).claim(&key, now);
            match outcome {
                ClaimOutcome::Claimed(claim) => {
                    let state = State { open: Some(claim), confirmed: false, released: false };
                    let claim = Claim { guard: slf.clone().unbind(), key, state: Mutex::new(state) };
                    CLAIMED.import(py, OUTCOMES, "Claimed")?.call1((claim,))
                }
                ClaimOutcome::InProgress(seconds_left) => {
                    IN_PROGRESS.import(py, OUTCOMES, "InProgress")?.call1((seconds_left,))
                }
                ClaimOutcome::Duplicate => DUPLICATE.import(py, OUTCOMES, "Duplicate")?.call0(),
                ClaimOutcome::Full => FULL.import(py, OUTCOMES, "Full")?.call0(),
            }
        })
    }

    /// Says that the delivery has been handled: until the key's retention ends, counted from `now` (by default the wall
    /// clock), a claim of it gives `Duplicate`.
    ///
    /// `False` if the lease had ended and the key is no longer this claim's: another caller has claimed it, and handles,
    /// or has handled, the delivery too; or its place went to another key and no place is left. A second call changes
    /// nothing and answers as the first one did, or `False` after `release`.
    #[pyo3(signature = (claim, now = None))]
    fn confirm(
        slf: &Bound<'_, Self>,
        claim: &Bound<'_, PyAny>,
        now: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<bool> {
        guarded(slf.py(), || {
            let (claim, now) = (claim_of(claim)?, clock::now(slf.py(), now)?);
            let Some(mut state) = claim.state_for(slf) else { return Ok(false) };
            if let Some(open) = state.open.take() {
                state.confirmed = lock(&slf.get().core).confirm(open, now);
            }
            Ok(state.confirmed)
        })
    }

    /// Gives a claim back, because the handler failed: the next claim of the key gets it.
    ///
    /// `False` if the lease had ended and the key is no longer this claim's. A second call changes nothing and answers as
    /// the first one did, or `False` after `confirm`.
    fn release(slf: &Bound<'_, Self>, claim: &Bound<'_, PyAny>) -> PyResult<bool> {
        guarded(slf.py(), || {
            let Some(mut state) = claim_of(claim)?.state_for(slf) else { return Ok(false) };
            if let Some(open) = state.open.take() {
                state.released = lock(&slf.get().core).release(open);
            }
            Ok(state.released)
        })
    }

    /// How many keys the guard holds. Keys that have ended count until another key needs their place.
    #[getter]
    fn held<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        guarded(py, || lock(&self.core).held().into_bound_py_any(py))
    }

    /// The most keys that it holds.
    #[getter]
    fn capacity<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        guarded(py, || lock(&self.core).capacity().into_bound_py_any(py))
    }

    fn __repr__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyString>> {
        guarded(py, || text::of_display(py, &format_args!("{:?}", lock(&self.core))))
    }

    fn __reduce__(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        boundary::refuse_pickling(
            py,
            "ReplayGuard",
            "it serves one process; hookseal.redis has one for several",
        )
    }
}

type Class = PyOnceLock<Py<PyType>>;

const OUTCOMES: &str = "hookseal._guard";
const LEASE_SECONDS: u64 = 30;
const SEED_BYTES: usize = 16;

fn seed_of(given: &Bound<'_, PyAny>) -> PyResult<[u8; SEED_BYTES]> {
    let bytes = given.cast::<PyBytes>().map_err(|_| PyTypeError::new_err("seed must be bytes"))?;
    let seed = bytes.as_bytes().try_into();
    seed.map_err(|_| PyValueError::new_err(format!("seed must have {SEED_BYTES} bytes")))
}

/// No code of Python runs while a lock is held, so that threads wait for each other only.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The right to handle a delivery. `ReplayGuard.claim` gives it to one caller at a time.
#[pyclass(frozen, module = "hookseal._native")]
pub(crate) struct Claim {
    guard: Py<ReplayGuard>,
    key: hookseal::ReplayKey,
    state: Mutex<State>,
}

struct State {
    /// Until it is confirmed or released.
    open: Option<hookseal::Claim>,
    confirmed: bool,
    released: bool,
}

#[pymethods]
impl Claim {
    /// The key that was claimed.
    #[getter]
    fn key<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        guarded(py, || replay::to_python(py, Some(self.key)))
    }

    fn __repr__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyString>> {
        guarded(py, || text::of_str(py, "Claim()"))
    }

    fn __reduce__(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        boundary::refuse_pickling(py, "Claim", "its guard alone can confirm or release it")
    }
}

impl Claim {
    /// `None` if it is a claim of another guard.
    fn state_for(&self, guard: &Bound<'_, ReplayGuard>) -> Option<MutexGuard<'_, State>> {
        self.guard.is(guard).then(|| lock(&self.state))
    }
}

fn claim_of<'a>(given: &'a Bound<'_, PyAny>) -> PyResult<&'a Claim> {
    let claim = given.cast::<Claim>().map_err(|_| {
        PyTypeError::new_err("claim must be the `claim` of a `Claimed`, which this guard returned")
    })?;
    Ok(claim.get())
}
