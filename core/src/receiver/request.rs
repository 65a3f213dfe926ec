//! The input and the output of a receiver.

use core::fmt;

use crate::{delivery::Delivery, handshake::Handshake, headers::Headers};

/// A request as the web framework hands it over: method, headers, and the body's raw bytes.
///
/// The body can be anything that lends its bytes: a slice, a vector, or a framework's buffer. The delivery keeps it
/// without a copy.
///
/// Headers can be a slice of pairs or, with the feature `http`, an `http::HeaderMap`: see [`Headers`]. The body
/// must be what arrived: a body that was parsed and written again has another signature.
///
/// ```
/// use hookseal::{Received, Receiver, Request, Keys, Secret, Timestamp, sign};
///
/// let body: Vec<u8> = b"{\"event\":\"campaign_ended\"}".to_vec();
/// let headers = sign::benji(&Secret::new("salt")?, &body, Timestamp::UNIX_EPOCH);
///
/// let receiver = Receiver::benji(Keys::new("salt")?)?;
/// // The delivery owns the vector. `Request::new` takes the method, for a route that also gets Benti's handshakes.
/// let request = Request::new("POST", &headers, body);
/// let received: Received<Vec<u8>> = receiver.receive(request, Timestamp::UNIX_EPOCH)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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
///
/// Only Benti sends handshakes, so a receiver of another vendor never gives one.
///
/// ```
/// use hookseal::{Keys, Received, Receiver, Request, Secret, Timestamp, sign};
///
/// let receiver = Receiver::benti(Keys::new("secret")?)?;
/// let headers = sign::benti_handshake(&Secret::new("secret")?, "a challenge of Inbenta".replace(' ', "-").as_str());
/// let request = Request::new("GET", &headers, b"");
/// let (status, body) = match receiver.receive(request, Timestamp::UNIX_EPOCH)? {
///     Received::Handshake(handshake) => (handshake.status(), handshake.body().to_owned()),
///     Received::Delivery(delivery) => (200, format!("{} events", delivery.len())),
/// };
/// assert_eq!((status, body.as_str()), (200, "a-challenge-of-Inbenta"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
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

/// Shows nothing of the body, whatever its type.
impl<B> fmt::Debug for Received<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Delivery(delivery) => f.debug_tuple("Delivery").field(delivery).finish(),
            Self::Handshake(handshake) => f.debug_tuple("Handshake").field(handshake).finish(),
        }
    }
}
