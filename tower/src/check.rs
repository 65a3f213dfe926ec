//! The check of a request: its head, its body within the limit, and the proof.

use axum_core::body::Body;
use bytes::Bytes;
use hookseal::{Delivery, Received, Request};
use http::{
    HeaderMap, Response, StatusCode,
    header::{CONTENT_LENGTH, TRANSFER_ENCODING},
    request::Parts,
};
use http_body::Body as HttpBody;

use crate::{
    answer,
    body::{Unread, read},
    endpoint::Endpoint,
};

const GONE: &str = "the body was read before hookseal could check it, so its exact bytes are gone: let the layer that \
    reads it run after the check";

/// The delivery, or the answer to the request.
pub(crate) async fn check<B: HttpBody>(
    endpoint: &Endpoint,
    head: &Parts,
    body: B,
) -> Result<Delivery<Bytes>, Response<Body>> {
    let receiver = &endpoint.receiver;
    // What the headers alone can refuse costs no reading of the body.
    receiver
        .check_head(head.method.as_str(), &head.headers)
        .map_err(|rejection| endpoint.refuse(&rejection, head))?;
    let was_empty = body.size_hint().exact() == Some(0);
    let body = match read(body, receiver.body_limit()).await {
        Ok(body) if body.is_empty() && had_a_body(&head.headers, was_empty) => {
            return Err(answer::mistake(GONE));
        }
        Ok(body) => body,
        Err(Unread::TooLarge) => return Err(endpoint.refuse(&receiver.payload_too_large(), head)),
        Err(Unread::Broken) => {
            tracing::debug!("the body of a webhook could not be read: its sender left, or sent no HTTP");
            return Err(answer::empty(StatusCode::BAD_REQUEST));
        }
    };
    match receiver.receive(Request::new(head.method.as_str(), &head.headers, body), endpoint.now()) {
        Ok(Received::Delivery(delivery)) => Ok(delivery),
        Ok(Received::Handshake(reply)) => Err(answer::handshake(&reply)),
        Err(rejection) => Err(endpoint.refuse(&rejection, head)),
    }
}

/// Whether a request whose body is empty came with one. No sender can make this true: a server refuses a body that is
/// shorter than announced, and does not know the length of a body in chunks before it is read.
fn had_a_body(headers: &HeaderMap, was_empty: bool) -> bool {
    let length = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    length.is_some_and(|length| length > 0) || (was_empty && headers.contains_key(TRANSFER_ENCODING))
}
