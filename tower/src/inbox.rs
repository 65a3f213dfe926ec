//! A service that stores deliveries before it answers.

use std::{
    convert::Infallible,
    fmt,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::SystemTime,
};

use axum_core::body::Body;
use bytes::Bytes;
use hookseal::{Delivery, Receiver, Rejection};
use http::{Request, Response, StatusCode, request::Parts};
use http_body::Body as HttpBody;
use tower_service::Service;

use crate::{
    answer,
    check::check,
    endpoint::{Endpoint, Outcome, settings},
};

/// What an inbox says of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PutOutcome {
    /// It is stored, and committed.
    Stored,
    /// An equal key was stored before, within its retention.
    Duplicate,
    /// Too many rows wait.
    Full,
}

/// Storing a delivery. `None`: the inbox failed.
type Putting = Pin<Box<dyn Future<Output = Option<PutOutcome>> + Send>>;

/// A service that checks each request with a receiver, stores its delivery with your function, and answers. There is no
/// handler: a worker handles what is stored ([`hookseal::inbox`]).
///
/// | request | answer |
/// |---|---|
/// | a handshake, refused, or not whole | as by a [`WebhookLayer`](crate::WebhookLayer) |
/// | stored | 202, empty |
/// | duplicate | 200, empty |
/// | full, or the function failed | 503, and `Retry-After: 5` |
///
/// The reason of a failure is not logged here, because a database's texts hold values of its statements: log in the
/// function what a log may have.
///
/// ```
/// use std::sync::Arc;
///
/// use axum::{Router, body::Bytes};
/// use hookseal::{Delivery, Keys, Receiver};
/// use hookseal_tower::{PutOutcome, WebhookInbox};
///
/// #[derive(Clone)]
/// struct Inbox; // with a pool of connections
///
/// impl Inbox {
///     async fn put(&self, delivery: &Delivery<Bytes>) -> Result<PutOutcome, std::io::Error> {
///         // Runs the statements of `hookseal::inbox`, as `services/axum` in the repository does.
///         # let _ = delivery;
///         Ok(PutOutcome::Stored)
///     }
/// }
///
/// # fn main() -> Result<(), hookseal::SetupError> {
/// let receiver = Receiver::benji(Keys::new("the subscription's salt")?)?;
/// let inbox = Inbox;
/// let benji = WebhookInbox::new(receiver, move |delivery| {
///     let inbox = inbox.clone();
///     // A task of its own: if the sender leaves, the delivery is stored nevertheless.
///     let stored = tokio::spawn(async move { inbox.put(&delivery).await });
///     async { stored.await? }
/// });
/// let routes: Router = Router::new().route_service("/benji", benji);
/// # Ok(())
/// # }
/// ```
///
/// Clones share the receiver and the function.
#[derive(Clone)]
pub struct WebhookInbox {
    endpoint: Arc<Endpoint>,
    put: Arc<dyn Fn(Arc<Delivery<Bytes>>) -> Putting + Send + Sync>,
}

impl WebhookInbox {
    /// A service with this receiver, the system's clock, and a function that stores a delivery and commits.
    #[must_use]
    pub fn new<F, E>(
        receiver: Receiver,
        put: impl Fn(Arc<Delivery<Bytes>>) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = Result<PutOutcome, E>> + Send + 'static,
    {
        let put = move |delivery| -> Putting {
            let putting = put(delivery);
            Box::pin(async move { putting.await.ok() })
        };
        Self { endpoint: Arc::new(Endpoint::new(receiver)), put: Arc::new(put) }
    }

    settings!();
}

impl fmt::Debug for WebhookInbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("WebhookInbox").field(&self.endpoint).finish()
    }
}

impl<B> Service<Request<B>> for WebhookInbox
where
    B: HttpBody + Send + 'static,
    B::Data: Send,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let Self { endpoint, put } = self.clone();
        Box::pin(async move {
            let (head, body) = request.into_parts();
            let delivery = match check(&endpoint, &head, body).await {
                Ok(delivery) => Arc::new(delivery),
                Err(response) => return Ok(response),
            };
            let mut report = endpoint.report(&delivery, Outcome::Unavailable);
            let (outcome, response) = match put(delivery).await {
                Some(PutOutcome::Stored) => (Outcome::Stored, answer::empty(StatusCode::ACCEPTED)),
                Some(PutOutcome::Duplicate) => (Outcome::Duplicate, answer::empty(StatusCode::OK)),
                Some(PutOutcome::Full) => (Outcome::Full, answer::try_again(None)),
                None => (Outcome::Unavailable, answer::try_again(None)),
            };
            report.outcome = outcome;
            if let Outcome::Full | Outcome::Unavailable = outcome {
                let (vendor, source) = endpoint.names();
                tracing::warn!(
                    outcome = outcome.as_str(),
                    vendor,
                    source,
                    status = 503,
                    "webhook not stored"
                );
            }
            Ok(response)
        })
    }
}
