//! The delivery of a request, for handlers of axum.

use std::{fmt, sync::Arc};

use axum_core::{
    extract::FromRequestParts,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use hookseal::Delivery;
use http::{Extensions, request::Parts};

use crate::answer;

/// The delivery that a [`WebhookLayer`](crate::WebhookLayer) has checked: an extractor of axum, and an extension of the
/// request for other services ([`Verified::of`]).
///
/// The delivery is behind an `Arc`, so it can go to another task.
#[derive(Debug, Clone)]
pub struct Verified(pub Arc<Delivery<Bytes>>);

impl Verified {
    /// The delivery in the extensions of a request.
    #[must_use]
    pub fn of(extensions: &Extensions) -> Option<&Self> {
        extensions.get()
    }
}

impl<S: Sync> FromRequestParts<S> for Verified {
    type Rejection = WebhookLayerMissing;

    async fn from_request_parts(head: &mut Parts, _: &S) -> Result<Self, WebhookLayerMissing> {
        Self::of(&head.extensions).cloned().ok_or(WebhookLayerMissing)
    }
}

const MISSING: &str =
    "the route has no WebhookLayer, so no webhook was checked: add `.layer(WebhookLayer::new(receiver))`";

/// The route has no [`WebhookLayer`](crate::WebhookLayer): nothing was checked. The answer is 500 with this message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WebhookLayerMissing;

impl fmt::Display for WebhookLayerMissing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(MISSING)
    }
}

impl std::error::Error for WebhookLayerMissing {}

impl IntoResponse for WebhookLayerMissing {
    fn into_response(self) -> Response {
        answer::mistake(MISSING)
    }
}
