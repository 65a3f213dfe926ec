//! The layer and its service: check the head, read, check, claim, handle, confirm.

use std::{
    fmt,
    future::Future,
    mem,
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context, Poll},
    time::SystemTime,
};

use bytes::Bytes;
use hookseal::{Delivery, Received, Receiver, Rejection, ReplayGuard, SetupError, binding};
use http::{Request, Response, StatusCode, request::Parts};
use http_body::Body;
use tower_layer::Layer;
use tower_service::Service;

use crate::{
    answer,
    body::{Unread, read},
    endpoint::{Endpoint, Outcome},
    guarded::{Claimed, claim},
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
/// Clones share the receiver and the guard.
#[derive(Clone)]
pub struct WebhookLayer {
    endpoint: Endpoint,
}

impl WebhookLayer {
    /// A layer with this receiver and the system's clock.
    #[must_use]
    pub fn new(receiver: Receiver) -> Self {
        let endpoint = Endpoint {
            source: binding::source(&receiver).into(),
            receiver: Arc::new(receiver),
            guard: None,
            on_rejection: None,
            on_delivery: None,
            clock: SystemTime::now,
        };
        Self { endpoint }
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
    /// # Errors
    ///
    /// The receiver's replay policy is `none`, so its deliveries have no keys.
    pub fn guard(mut self, guard: ReplayGuard) -> Result<Self, SetupError> {
        binding::check_guarded(&self.endpoint.receiver)?;
        self.endpoint.guard = Some(Arc::new(Mutex::new(guard)));
        Ok(self)
    }

    /// Calls a function with each refused request. The refusal is also logged, and sent whatever the function does.
    #[must_use]
    pub fn on_rejection(mut self, call: impl Fn(&Rejection, &Parts) + Send + Sync + 'static) -> Self {
        self.endpoint.on_rejection = Some(Arc::new(call));
        self
    }

    /// Calls a function with each delivery and what became of it, after the service has answered.
    #[must_use]
    pub fn on_delivery(mut self, call: impl Fn(&Delivery<Bytes>, Outcome) + Send + Sync + 'static) -> Self {
        self.endpoint.on_delivery = Some(Arc::new(call));
        self
    }

    /// Takes another clock than the system's, for tests.
    #[must_use]
    pub fn clock(mut self, clock: fn() -> SystemTime) -> Self {
        self.endpoint.clock = clock;
        self
    }
}

impl fmt::Debug for WebhookLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("WebhookLayer").field(&self.endpoint.receiver).finish()
    }
}

impl<S> Layer<S> for WebhookLayer {
    type Service = WebhookService<S>;

    fn layer(&self, inner: S) -> WebhookService<S> {
        WebhookService { endpoint: Arc::new(self.endpoint.clone()), inner }
    }
}

/// The service that a [`WebhookLayer`] makes.
#[derive(Clone)]
pub struct WebhookService<S> {
    endpoint: Arc<Endpoint>,
    inner: S,
}

impl<S> fmt::Debug for WebhookService<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("WebhookService").field(&self.endpoint.receiver).finish()
    }
}

impl<S, B, R> Service<Request<B>> for WebhookService<S>
where
    S: Service<Request<B>, Response = Response<R>> + Clone + Send + 'static,
    S::Future: Send,
    B: Body + From<Bytes> + Send + 'static,
    B::Data: Send,
    R: From<Bytes> + Send,
{
    type Response = Response<R>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response<R>, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        // The one that is ready is called; its clone may not be.
        let clone = self.inner.clone();
        let inner = mem::replace(&mut self.inner, clone);
        let endpoint = Arc::clone(&self.endpoint);
        Box::pin(async move {
            match check(&endpoint, request).await {
                Ok((request, delivery)) => handle(&endpoint, inner, request, delivery).await,
                Err(response) => Ok(response),
            }
        })
    }
}

/// The request with its delivery and its body, or an answer.
async fn check<B, R>(
    endpoint: &Endpoint,
    request: Request<B>,
) -> Result<(Request<B>, Arc<Delivery<Bytes>>), Response<R>>
where
    B: Body + From<Bytes>,
    R: From<Bytes>,
{
    let (mut head, body) = request.into_parts();
    let receiver = &endpoint.receiver;
    let refuse = |rejection: &Rejection, head: &Parts| {
        endpoint.tell_rejection(rejection, head);
        answer::refusal(rejection)
    };
    // What the headers alone can refuse costs no reading of the body.
    receiver
        .check_head(head.method.as_str(), &head.headers)
        .map_err(|rejection| refuse(&rejection, &head))?;
    let body = match read(body, receiver.body_limit()).await {
        Ok(body) => body,
        Err(Unread::TooLarge) => return Err(refuse(&receiver.payload_too_large(), &head)),
        Err(Unread::Broken) => {
            tracing::warn!("the body of a webhook could not be read: its sender left, or sent no HTTP");
            return Err(answer::empty(StatusCode::BAD_REQUEST));
        }
    };
    let request = hookseal::Request::new(head.method.as_str(), &head.headers, body.clone());
    match receiver.receive(request, endpoint.now()) {
        Ok(Received::Delivery(delivery)) => {
            let delivery = Arc::new(delivery);
            head.extensions.insert(Verified(Arc::clone(&delivery)));
            Ok((Request::from_parts(head, body.into()), delivery))
        }
        Ok(Received::Handshake(reply)) => Err(answer::handshake(&reply)),
        Err(rejection) => Err(refuse(&rejection, &head)),
    }
}

async fn handle<S, B, R>(
    endpoint: &Arc<Endpoint>,
    mut inner: S,
    request: Request<B>,
    delivery: Arc<Delivery<Bytes>>,
) -> Result<Response<R>, S::Error>
where
    S: Service<Request<B>, Response = Response<R>>,
    R: From<Bytes>,
{
    let (outcome, response) = match claim(endpoint, &delivery) {
        Claimed::Ours(handling) => {
            // If it fails or is cancelled, the claim is released.
            let response = inner.call(request).await?;
            if response.status().as_u16() < 400 {
                handling.succeeded();
            }
            return Ok(response);
        }
        Claimed::Duplicate => (Outcome::Duplicate, answer::empty(StatusCode::OK)),
        Claimed::InProgress(seconds) => (Outcome::InProgress, answer::try_again(Some(seconds))),
        Claimed::Full => (Outcome::Full, answer::try_again(None)),
    };
    endpoint.tell_outcome(&delivery, outcome);
    Ok(response)
}
