//! The layer and its service: check, claim, handle, confirm.

use std::{
    fmt,
    future::Future,
    mem,
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context, Poll},
    time::SystemTime,
};

use axum_core::{BoxError, body::Body};
use bytes::Bytes;
use hookseal::{Delivery, Receiver, Rejection, ReplayGuard, SetupError, binding};
use http::{Request, Response, StatusCode, request::Parts};
use http_body::Body as HttpBody;
use tower_layer::Layer;
use tower_service::Service;

use crate::{
    answer,
    check::check,
    endpoint::{Endpoint, Outcome, settings},
    guarded::{Claimed, Guard, claim},
    verified::Verified,
};

/// Checks each request with a receiver, before the service gets it.
///
/// | request | answer |
/// |---|---|
/// | a handshake | the receiver's answer; the service is not called |
/// | refused, also because its body is above the limit | the rejection's status and headers, and an empty body |
/// | its sender left before the body was whole | 400 |
/// | accepted | the service's answer. The request has [`Verified`] in its extensions, and its body can be read again |
///
/// Any request body will do. The service gets a [`Body`], and its answer becomes one.
///
/// Clones share the receiver and the guard.
#[derive(Clone)]
pub struct WebhookLayer {
    endpoint: Arc<Endpoint>,
    guard: Option<Guard>,
}

impl WebhookLayer {
    /// A layer with this receiver and the system's clock.
    #[must_use]
    pub fn new(receiver: Receiver) -> Self {
        Self { endpoint: Arc::new(Endpoint::new(receiver)), guard: None }
    }

    /// Lets this guard recognize repetitions.
    ///
    /// | the guard says | answer |
    /// |---|---|
    /// | claimed | the service's; a status below 400 confirms the claim, and anything else releases it |
    /// | duplicate | 200, empty |
    /// | in progress | 503, and `Retry-After` with what is left of the lease |
    /// | full | 503, and `Retry-After: 5` |
    ///
    /// ```
    /// use hookseal::{Keys, Receiver, ReplayGuard};
    /// use hookseal_tower::WebhookLayer;
    ///
    /// # let seed = [7; 16];
    /// let receiver = Receiver::benji(Keys::new("the subscription's salt")?)?;
    /// // At most 100,000 keys, a lease of 30 s, and 16 bytes of the system's randomness, from the crate `getrandom`.
    /// let guard = ReplayGuard::new(100_000, 30, seed)?;
    /// let layer = WebhookLayer::new(receiver)
    ///     .guard(guard)?
    ///     .on_delivery(|delivery, outcome| println!("{} {outcome}", delivery.vendor()));
    /// # Ok::<(), hookseal::SetupError>(())
    /// ```
    ///
    /// A server drops the request's future when the sender leaves. The handler then ends at its `await`, and the claim
    /// is released, so that a repetition is handled.
    ///
    /// # Errors
    ///
    /// The receiver's replay policy is `none`, so its deliveries have no keys.
    pub fn guard(mut self, guard: ReplayGuard) -> Result<Self, SetupError> {
        binding::check_guarded(&self.endpoint.receiver)?;
        self.guard = Some(Arc::new(Mutex::new(guard)));
        Ok(self)
    }

    settings!();
}

impl fmt::Debug for WebhookLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("WebhookLayer").field(&self.endpoint).finish()
    }
}

impl<S> Layer<S> for WebhookLayer {
    type Service = WebhookService<S>;

    fn layer(&self, inner: S) -> WebhookService<S> {
        WebhookService { layer: self.clone(), inner }
    }
}

/// The service that a [`WebhookLayer`] makes.
#[derive(Clone)]
pub struct WebhookService<S> {
    layer: WebhookLayer,
    inner: S,
}

impl<S> fmt::Debug for WebhookService<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("WebhookService").field(&self.layer.endpoint).finish()
    }
}

impl<S, B, R> Service<Request<B>> for WebhookService<S>
where
    S: Service<Request<Body>, Response = Response<R>> + Clone + Send + 'static,
    S::Future: Send,
    B: HttpBody + Send + 'static,
    B::Data: Send,
    R: HttpBody<Data = Bytes> + Send + 'static,
    R::Error: Into<BoxError>,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        // The one that is ready is called; its clone may not be.
        let clone = self.inner.clone();
        let inner = mem::replace(&mut self.inner, clone);
        let WebhookLayer { endpoint, guard } = self.layer.clone();
        Box::pin(async move {
            let (head, body) = request.into_parts();
            match check(&endpoint, &head, body).await {
                Ok(delivery) => handle(&endpoint, guard.as_ref(), inner, head, Arc::new(delivery)).await,
                Err(response) => Ok(response),
            }
        })
    }
}

async fn handle<S, R>(
    endpoint: &Arc<Endpoint>,
    guard: Option<&Guard>,
    mut inner: S,
    mut head: Parts,
    delivery: Arc<Delivery<Bytes>>,
) -> Result<Response<Body>, S::Error>
where
    S: Service<Request<Body>, Response = Response<R>>,
    R: HttpBody<Data = Bytes> + Send + 'static,
    R::Error: Into<BoxError>,
{
    // Dropped after the claim, so whoever hears of a failure can try again.
    let mut report = endpoint.report(&delivery, Outcome::Failed);
    let (outcome, response) = match claim(guard, &delivery, endpoint.now()) {
        Claimed::Ours(handling) => {
            let body = delivery.body().clone().into();
            head.extensions.insert(Verified(delivery));
            // If it fails or is cancelled, the claim is released.
            let response = inner.call(Request::from_parts(head, body)).await?;
            if response.status().as_u16() < 400 {
                handling.confirm(endpoint.now());
                report.outcome = Outcome::Handled;
            }
            return Ok(response.map(Body::new));
        }
        Claimed::Duplicate => (Outcome::Duplicate, answer::empty(StatusCode::OK)),
        Claimed::InProgress(seconds) => (Outcome::InProgress, answer::try_again(Some(seconds))),
        Claimed::Full => (Outcome::Full, answer::try_again(None)),
    };
    report.outcome = outcome;
    Ok(response)
}
