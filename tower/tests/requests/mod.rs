//! Receivers, guards and requests that the tests share.

use std::{
    convert::Infallible,
    pin::Pin,
    sync::LazyLock,
    task::{Context, Poll},
    time::SystemTime,
};

use axum::{
    body::Body,
    http::{HeaderName, HeaderValue, Method, Request, Response},
};
use bytes::Bytes;
use hookseal::{Keys, Receiver, ReplayGuard, Secret, Timestamp, sign};
use http_body_util::BodyExt;

pub(crate) const BODY: &[u8] = br#"{"event":"transaction_created","entity_type":3,"entity_id":"7"}"#;

pub(crate) fn receiver() -> Receiver {
    Receiver::benji(Keys::new("salt").unwrap()).unwrap()
}

pub(crate) fn benti_receiver() -> Receiver {
    Receiver::benti(Keys::new("salt").unwrap()).unwrap()
}

pub(crate) fn secret() -> Secret {
    Secret::new("salt").unwrap()
}

/// A guard with two places.
pub(crate) fn guard() -> ReplayGuard {
    ReplayGuard::new(2, 30, [7; 16]).unwrap()
}

pub(crate) fn request(method: Method, signed: &sign::SignedHeaders, body: impl Into<Body>) -> Request<Body> {
    let mut request = Request::new(body.into());
    *request.method_mut() = method;
    for (name, value) in signed {
        let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
        request.headers_mut().append(name, HeaderValue::from_bytes(value).unwrap());
    }
    request
}

/// The headers of a genuine request with this body. They are the same each time: another second would be another
/// request for a guard.
pub(crate) fn signed(body: &[u8]) -> sign::SignedHeaders {
    static NOW: LazyLock<SystemTime> = LazyLock::new(SystemTime::now);
    sign::benji(&secret(), body, Timestamp::from(*NOW))
}

/// A genuine request, with any body.
pub(crate) fn benji(body: impl Into<Body>) -> Request<Body> {
    request(Method::POST, &signed(BODY), body)
}

/// A genuine request about another thing for each number.
pub(crate) fn benji_number(number: usize) -> Request<Body> {
    let body = format!(r#"{{"event":"transaction_created","entity_id":{number}}}"#);
    request(Method::POST, &signed(body.as_bytes()), body)
}

pub(crate) fn benti_handshake() -> Request<Body> {
    request(Method::GET, &sign::benti_handshake(&secret(), "challenge-1"), "")
}

pub(crate) async fn text_of(response: Response<Body>) -> String {
    String::from_utf8(response.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap()
}

/// A body of frames, without a length. The last comes first.
pub(crate) struct Frames(pub(crate) Vec<http_body::Frame<Bytes>>);

impl http_body::Body for Frames {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.0.pop().map(Ok))
    }
}
