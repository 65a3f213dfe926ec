//! The input and the output of a receiver.

use core::fmt;

use crate::{delivery::Delivery, handshake::Handshake, headers::Headers};

/// A request as the web framework hands it over: method, headers, and the body's raw bytes.
///
/// The body can be anything that lends its bytes: a slice, a vector, or a framework's buffer. The delivery keeps it
/// without a copy.
#[derive(Clone, Copy)]
pub struct Request<'a, H: ?Sized, B> {
    pub(super) method: &'a str,
    pub(super) headers: &'a H,
    pub(super) body: B,
}

impl<'a, H: Headers + ?Sized, B: AsRef<[u8]>> Request<'a, H, B> {
    /// A request with this method, in upper case as HTTP has it.
    pub fn new(method: &'a str, headers: &'a H, body: B) -> Self {
        Self { method, headers, body }
    }

    /// A `POST` request, as every delivery is.
    pub fn post(headers: &'a H, body: B) -> Self {
        Self::new("POST", headers, body)
    }
}

/// Hides the request, because headers hold secrets.
impl<H: ?Sized, B> fmt::Debug for Request<'_, H, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Request(..)")
    }
}

/// An accepted request.
#[derive(Debug, Clone)]
#[expect(
    clippy::large_enum_variant,
    reason = "a delivery is built where it is returned, and a box would allocate"
)]
pub enum Received<B> {
    /// Events.
    Delivery(Delivery<B>),
    /// Benti asks whether the endpoint knows its secret. Answer with the handshake's status, headers and body.
    Handshake(Handshake),
}
