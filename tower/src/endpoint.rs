//! A receiver with what a server needs around it.

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::SystemTime,
};

use bytes::Bytes;
use hookseal::{Delivery, Receiver, Rejection, ReplayGuard, Timestamp};
use http::request::Parts;

/// What became of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Outcome {
    /// The service answered with a status below 400.
    Handled,
    /// The service answered with a status of 400 or more, failed, or was cancelled.
    Failed,
    /// The guard knows that the delivery has been handled.
    Duplicate,
    /// Another request with the same delivery is being handled.
    InProgress,
    /// The guard has no place left.
    Full,
}

impl Outcome {
    /// A stable word, for logs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Handled => "handled",
            Self::Failed => "failed",
            Self::Duplicate => "duplicate",
            Self::InProgress => "in_progress",
            Self::Full => "full",
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

pub(crate) type OnRejection = Arc<dyn Fn(&Rejection, &Parts) + Send + Sync>;
pub(crate) type OnDelivery = Arc<dyn Fn(&Delivery<Bytes>, Outcome) + Send + Sync>;

/// Its clones share the receiver and the guard.
#[derive(Clone)]
pub(crate) struct Endpoint {
    pub(crate) receiver: Arc<Receiver>,
    pub(crate) source: Arc<str>,
    pub(crate) guard: Option<Arc<Mutex<ReplayGuard>>>,
    pub(crate) on_rejection: Option<OnRejection>,
    pub(crate) on_delivery: Option<OnDelivery>,
    pub(crate) clock: fn() -> SystemTime,
}

impl Endpoint {
    pub(crate) fn now(&self) -> Timestamp {
        (self.clock)().into()
    }

    pub(crate) fn guard(&self) -> Option<MutexGuard<'_, ReplayGuard>> {
        // A guard is whole whenever it is unlocked: it does not panic.
        self.guard.as_ref().map(|guard| guard.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn tell_rejection(&self, rejection: &Rejection, head: &Parts) {
        let (code, status, vendor) = (rejection.code(), rejection.status(), self.receiver.vendor().as_str());
        tracing::warn!(code, vendor, source = &*self.source, status, "webhook refused: {rejection}");
        if let Some(on_rejection) = &self.on_rejection {
            on_rejection(rejection, head);
        }
    }

    pub(crate) fn tell_outcome(&self, delivery: &Delivery<Bytes>, outcome: Outcome) {
        if let Some(on_delivery) = &self.on_delivery {
            on_delivery(delivery, outcome);
        }
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoint").field("receiver", &self.receiver).finish_non_exhaustive()
    }
}
