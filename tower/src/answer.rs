//! The answers that the layer and the inbox give by themselves.

use axum_core::body::Body;
use hookseal::{Handshake, Rejection};
use http::{
    HeaderName, HeaderValue, Response, StatusCode,
    header::{CONTENT_TYPE, RETRY_AFTER},
};

/// When a sender may try again if the guard or the inbox cannot take the delivery.
const RETRY_SECONDS: u64 = 5;

pub(crate) fn empty(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

/// The sender learns the status; the reason is for the log.
pub(crate) fn refusal(rejection: &Rejection) -> Response<Body> {
    with_headers(rejection.status(), rejection.headers().iter().copied(), Body::empty())
}

pub(crate) fn handshake(reply: &Handshake) -> Response<Body> {
    with_headers(reply.status(), reply.headers(), Body::from(reply.body().to_owned()))
}

/// The sender has to try again after so many seconds, or after five.
pub(crate) fn try_again(seconds: Option<u64>) -> Response<Body> {
    let mut response = empty(StatusCode::SERVICE_UNAVAILABLE);
    response.headers_mut().insert(RETRY_AFTER, seconds.unwrap_or(RETRY_SECONDS).into());
    response
}

/// A mistake of the program, which no sender can cause. The text holds nothing of a request.
pub(crate) fn mistake(text: &'static str) -> Response<Body> {
    tracing::error!("{text}");
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}

fn with_headers<'h>(
    status: u16,
    headers: impl IntoIterator<Item = (&'static str, &'h str)>,
    body: Body,
) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in headers {
        if let Ok(value) = HeaderValue::from_str(value) {
            response.headers_mut().insert(HeaderName::from_static(name), value);
        }
    }
    response
}
