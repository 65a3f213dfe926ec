//! The object that an event is a view of: a delivery, or one that was read from a record.

use pyo3::prelude::*;

use crate::authenticated::Delivery;

/// A delivery that was read from a record: a `collections.abc.Sequence` of the events that could be read, in order. It
/// is a sequence as `Delivery` is, with slices and `index`.
///
/// `from_trusted_record` alone makes one. It has what the delivery had that was recorded. It is a class of its own,
/// because it is as trustworthy as the place where the record was kept: only a receiver can prove where a request comes
/// from.
#[pyclass(frozen, module = "hookseal._native")]
pub(crate) struct Recorded(pub(crate) hookseal::Recorded);

pub(crate) enum Holder {
    Delivery(Py<Delivery>),
    Recorded(Py<Recorded>),
}

impl Holder {
    #[inline]
    pub(crate) fn get(&self, at: usize) -> Option<hookseal::Event<'_>> {
        match self {
            Self::Delivery(delivery) => delivery.get().0.get(at),
            Self::Recorded(recorded) => recorded.get().0.get(at),
        }
    }

    /// The number of events.
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Delivery(delivery) => delivery.get().0.len(),
            Self::Recorded(recorded) => recorded.get().0.len(),
        }
    }

    #[inline]
    pub(crate) fn clone_ref(&self, py: Python<'_>) -> Self {
        match self {
            Self::Delivery(delivery) => Self::Delivery(delivery.clone_ref(py)),
            Self::Recorded(recorded) => Self::Recorded(recorded.clone_ref(py)),
        }
    }
}
