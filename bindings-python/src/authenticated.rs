//! The class `Delivery`, which events keep. Its methods make events, so they are in `delivery`.

use pyo3::{prelude::*, pybacked::PyBackedBytes};

/// The events of an authenticated request: a sequence of the events that could be read, in order.
///
/// Only a receiver makes one.
#[pyclass(frozen, freelist = 16, module = "hookseal")]
pub(crate) struct Delivery(pub(crate) hookseal::Delivery<PyBackedBytes>);
