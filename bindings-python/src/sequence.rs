//! What makes a delivery a sequence: its iterator, indexes and slices, and the search for an event.

use std::{
    ops::Range,
    sync::atomic::{AtomicUsize, Ordering},
};

use pyo3::{
    IntoPyObjectExt,
    exceptions::{PyIndexError, PyOverflowError, PyTypeError, PyValueError},
    prelude::*,
    types::{PySequence, PySlice, PyTuple},
};

use crate::{
    authenticated::Delivery,
    boundary::{self, guarded},
    event::Event,
    holder::{Holder, Recorded},
};

/// Registers the classes with `collections.abc.Sequence`, for `isinstance` and for the patterns of `match`.
pub(crate) fn register(py: Python<'_>) -> PyResult<()> {
    PySequence::register::<Delivery>(py)?;
    PySequence::register::<Recorded>(py)
}

/// The event at an index, or the events of a slice as a tuple. A negative index counts from the end. Events are views,
/// so a slice copies nothing of the body.
pub(crate) fn item<'py>(holder: &Holder, index: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let py = index.py();
    guarded(py, || match index.cast::<PySlice>() {
        Ok(slice) => {
            let indices = slice.indices(signed_length(holder)?)?;
            let mut next = indices.start;
            let events = (0..indices.slicelength).map(|_| {
                let at = next;
                next = next.saturating_add(indices.step);
                event(py, holder, at)
            });
            Ok(PyTuple::new(py, events.collect::<PyResult<Vec<_>>>()?)?.into_any())
        }
        Err(_) => {
            let at = index.extract::<isize>().map_err(|error| wrong_index(py, error))?;
            event(py, holder, at)?.into_bound_py_any(py)
        }
    })
}

/// The index of the first event from `start` to before `stop` that equals the value.
pub(crate) fn index_of<'py>(
    holder: &Holder,
    value: &Bound<'py, PyAny>,
    start: Option<&Bound<'py, PyAny>>,
    stop: Option<&Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyAny>> {
    let py = value.py();
    guarded(py, || {
        let slice = py.get_type::<PySlice>().call1((start, stop))?.cast_into::<PySlice>()?;
        let indices = slice.indices(signed_length(holder)?)?;
        // Neither is negative if the step is 1.
        let range = usize::try_from(indices.start)?..usize::try_from(indices.stop)?;
        match equal(holder, value, range).next() {
            Some(at) => at?.into_bound_py_any(py),
            None => Err(PyValueError::new_err("no event equals the value")),
        }
    })
}

/// How many events equal the value.
pub(crate) fn count<'py>(holder: &Holder, value: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let py = value.py();
    guarded(py, || {
        let found = equal(holder, value, 0..holder.len()).collect::<PyResult<Vec<_>>>()?;
        found.len().into_bound_py_any(py)
    })
}

/// Whether an event equals the value.
pub(crate) fn contains(holder: &Holder, value: &Bound<'_, PyAny>) -> PyResult<bool> {
    guarded(value.py(), || Ok(equal(holder, value, 0..holder.len()).next().transpose()?.is_some()))
}

/// The positions in this range of the events that equal the value, by Python's `==`: a value of another class may have
/// a comparison of its own, as `unittest.mock.ANY` has.
fn equal(
    holder: &Holder,
    value: &Bound<'_, PyAny>,
    range: Range<usize>,
) -> impl Iterator<Item = PyResult<usize>> {
    range.filter_map(move |at| {
        let event = Event::new(value.py(), holder.clone_ref(value.py()), at)?;
        let equal = event.into_bound_py_any(value.py()).and_then(|event| event.eq(value));
        equal.map(|equal| equal.then_some(at)).transpose()
    })
}

fn event(py: Python<'_>, holder: &Holder, index: isize) -> PyResult<Event> {
    let at = usize::try_from(index).ok().or_else(|| holder.len().checked_sub(index.unsigned_abs()));
    at.and_then(|at| Event::new(py, holder.clone_ref(py), at)).ok_or_else(no_such_index)
}

fn signed_length(holder: &Holder) -> PyResult<isize> {
    Ok(isize::try_from(holder.len())?)
}

#[cold]
fn wrong_index(py: Python<'_>, error: PyErr) -> PyErr {
    if error.is_instance_of::<PyOverflowError>(py) {
        no_such_index()
    } else if error.is_instance_of::<PyTypeError>(py) {
        PyTypeError::new_err("the index of an event must be an integer or a slice")
    } else {
        error
    }
}

#[cold]
fn no_such_index() -> PyErr {
    PyIndexError::new_err("no event has this position")
}

/// The events of a delivery, in order or in reversed order.
#[pyclass(frozen, freelist = 16, module = "hookseal._native")]
pub(crate) struct Events {
    holder: Holder,
    taken: AtomicUsize,
    is_reversed: bool,
}

impl Events {
    pub(crate) fn of(holder: Holder) -> Self {
        Self { holder, taken: AtomicUsize::new(0), is_reversed: false }
    }

    pub(crate) fn reversed(holder: Holder) -> Self {
        Self { holder, taken: AtomicUsize::new(0), is_reversed: true }
    }
}

#[pymethods]
impl Events {
    fn __iter__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    fn __next__(&self, py: Python<'_>) -> PyResult<Option<Event>> {
        let taken = self.taken.fetch_add(1, Ordering::Relaxed);
        let at = if self.is_reversed {
            self.holder.len().checked_sub(taken.saturating_add(1))
        } else {
            Some(taken)
        };
        guarded(py, || Ok(at.and_then(|at| Event::new(py, self.holder.clone_ref(py), at))))
    }

    fn __length_hint__(&self) -> usize {
        self.holder.len().saturating_sub(self.taken.load(Ordering::Relaxed))
    }

    fn __reduce__(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        boundary::refuse_pickling(py, "iterator of events", "make a new one from the delivery")
    }
}
