//! An authenticated request as one object, which its events keep. `delivery` has its methods: they make events.

use pyo3::{prelude::*, pybacked::PyBackedBytes};

/// What an authenticated request holds: a sequence of the events that could be read, in their order.
///
/// Only a receiver makes one.
#[pyclass(frozen, freelist = 16, module = "hookseal")]
pub(crate) struct Delivery(pub(crate) hookseal::Delivery<PyBackedBytes>);
