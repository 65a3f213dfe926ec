//! The class `Delivery`, which events keep. Its methods make events, so they are in `delivery`.

use pyo3::{prelude::*, pybacked::PyBackedBytes};

/// The events of an authenticated request: a `collections.abc.Sequence` of the events that could be read, in order.
///
/// Only a receiver makes one. A slice is a tuple of events, which are views: nothing of the body is copied. `index`,
/// `count` and `in` compare events by `source` and `id`. A delivery equals itself only: compare `replay_key()` to
/// recognize a repetition.
#[pyclass(frozen, freelist = 16, module = "hookseal._native")]
pub(crate) struct Delivery(pub(crate) hookseal::Delivery<PyBackedBytes>);
