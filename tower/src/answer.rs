//! The answers that the layer gives by itself.

use bytes::Bytes;
use hookseal::{Handshake, Rejection};
use http::{HeaderName, HeaderValue, Response, StatusCode, header::RETRY_AFTER};

/// When a sender may try again if the guard has no place left.
const FULL_RETRY_SECONDS: u64 = 5;

pub(crate) fn empty<B: From<Bytes>>(status: StatusCode) -> Response<B> {
    let mut response = Response::new(Bytes::new().into());
    *response.status_mut() = status;
    response
}

/// The sender learns the status; the reason is for the log.
pub(crate) fn refusal<B: From<Bytes>>(rejection: &Rejection) -> Response<B> {
    with_headers(rejection.status(), rejection.headers().iter().copied(), Bytes::new())
}

pub(crate) fn handshake<B: From<Bytes>>(reply: &Handshake) -> Response<B> {
    with_headers(reply.status(), reply.headers(), Bytes::copy_from_slice(reply.body().as_bytes()))
}

/// The sender has to try again after so many seconds, or after five.
pub(crate) fn try_again<B: From<Bytes>>(seconds: Option<u64>) -> Response<B> {
    let mut response = empty(StatusCode::SERVICE_UNAVAILABLE);
    response.headers_mut().insert(RETRY_AFTER, seconds.unwrap_or(FULL_RETRY_SECONDS).into());
    response
}

fn with_headers<'h, B: From<Bytes>>(
    status: u16,
    headers: impl IntoIterator<Item = (&'static str, &'h str)>,
    body: Bytes,
) -> Response<B> {
    let mut response = Response::new(body.into());
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in headers {
        if let Ok(value) = HeaderValue::from_str(value) {
            response.headers_mut().insert(HeaderName::from_static(name), value);
        }
    }
    response
}
