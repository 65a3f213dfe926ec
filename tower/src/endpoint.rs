//! A receiver with what a server needs around it.

use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::SystemTime,
};

use axum_core::body::Body;
use bytes::Bytes;
use hookseal::{Delivery, Receiver, Rejection, Timestamp, binding};
use http::{Response, request::Parts};

use crate::answer;

/// What became of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Outcome {
    /// The service answered with a status below 400.
    Handled,
    /// The service answered with a status of 400 or more, failed, panicked, or was cancelled.
    Failed,
    /// The inbox has stored the delivery.
    Stored,
    /// The guard knows that the delivery has been handled, or the inbox that it was stored.
    Duplicate,
    /// Another request with the same delivery is being handled.
    InProgress,
    /// The guard or the inbox has no place left.
    Full,
    /// The inbox failed, panicked, or was cancelled: whether the delivery is stored is not known.
    Unavailable,
}

impl Outcome {
    /// A stable word, for logs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Handled => "handled",
            Self::Failed => "failed",
            Self::Stored => "stored",
            Self::Duplicate => "duplicate",
            Self::InProgress => "in_progress",
            Self::Full => "full",
            Self::Unavailable => "unavailable",
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

type OnRejection = Arc<dyn Fn(&Rejection, &Parts) + Send + Sync>;
type OnDelivery = Arc<dyn Fn(&Delivery<Bytes>, Outcome) + Send + Sync>;

/// Its clones share the receiver.
#[derive(Clone)]
pub(crate) struct Endpoint {
    pub(crate) receiver: Arc<Receiver>,
    source: Arc<str>,
    pub(crate) on_rejection: Option<OnRejection>,
    pub(crate) on_delivery: Option<OnDelivery>,
    pub(crate) clock: fn() -> SystemTime,
}

/// The settings of everything that has an endpoint.
macro_rules! settings {
    () => {
        /// Calls a function with each refused request. The refusal is also logged, and sent whatever the function does.
        #[must_use]
        pub fn on_rejection(mut self, call: impl Fn(&Rejection, &Parts) + Send + Sync + 'static) -> Self {
            Arc::make_mut(&mut self.endpoint).on_rejection = Some(Arc::new(call));
            self
        }

        /// Calls a function with each delivery and what became of it, before the answer is sent. It cannot change the
        /// answer.
        #[must_use]
        pub fn on_delivery(
            mut self,
            call: impl Fn(&Delivery<Bytes>, Outcome) + Send + Sync + 'static,
        ) -> Self {
            Arc::make_mut(&mut self.endpoint).on_delivery = Some(Arc::new(call));
            self
        }

        /// Takes another clock than the system's, for tests.
        #[must_use]
        pub fn clock(mut self, clock: fn() -> SystemTime) -> Self {
            Arc::make_mut(&mut self.endpoint).clock = clock;
            self
        }
    };
}
pub(crate) use settings;

impl Endpoint {
    pub(crate) fn new(receiver: Receiver) -> Self {
        Self {
            source: binding::source(&receiver).into(),
            receiver: Arc::new(receiver),
            on_rejection: None,
            on_delivery: None,
            clock: SystemTime::now,
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        (self.clock)().into()
    }

    /// Logs and tells a refusal, and makes the answer.
    pub(crate) fn refuse(&self, rejection: &Rejection, head: &Parts) -> Response<Body> {
        let (code, status, (vendor, source)) = (rejection.code(), rejection.status(), self.names());
        match rejection.hint() {
            None => tracing::warn!(code, vendor, source, status, "webhook refused: {rejection}"),
            Some(hint) => tracing::warn!(code, vendor, source, status, hint, "webhook refused: {rejection}"),
        }
        if let Some(on_rejection) = &self.on_rejection {
            run("on_rejection", || on_rejection(rejection, head));
        }
        answer::refusal(rejection)
    }

    /// The fields `vendor` and `source` of a log line.
    pub(crate) fn names(&self) -> (&'static str, &str) {
        (self.receiver.vendor().as_str(), &self.source)
    }

    /// The report about a delivery, with the outcome that it tells unless another is set.
    pub(crate) fn report(self: &Arc<Self>, delivery: &Arc<Delivery<Bytes>>, outcome: Outcome) -> Report {
        Report { endpoint: Arc::clone(self), delivery: Arc::clone(delivery), outcome }
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.receiver.fmt(f)
    }
}

/// Tells what became of a delivery when it is dropped, so also if a handler panics or the request is cancelled.
pub(crate) struct Report {
    endpoint: Arc<Endpoint>,
    delivery: Arc<Delivery<Bytes>>,
    pub(crate) outcome: Outcome,
}

impl Drop for Report {
    fn drop(&mut self) {
        if let Some(on_delivery) = &self.endpoint.on_delivery {
            run("on_delivery", || on_delivery(&self.delivery, self.outcome));
        }
    }
}

/// Calls a user's function. If it panics the answer is the same, and a second panic during a handler's would end the
/// process.
fn run(name: &str, call: impl FnOnce()) {
    if catch_unwind(AssertUnwindSafe(call)).is_err() {
        tracing::error!("{name} panicked");
    }
}
