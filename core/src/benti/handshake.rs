use alloc::{borrow::ToOwned, boxed::Box};
use core::fmt;

use crate::{
    headers::{Field, Headers},
    rejection::Reason,
};

/// The header with the challenge of a handshake.
pub const CHALLENGE_HEADER: &str = "x-inbenta-challenge";
/// The longest challenge that is echoed.
pub const MAX_CHALLENGE_BYTES: usize = 256;

/// The answer to the `GET` with which Inbenta checks a new webhook.
///
/// The API family asks for the challenge as the body, the instance family for the same header; the answer has
/// both.
///
/// ```
/// use hookseal::{Keys, Received, Receiver, Request, Secret, Timestamp, sign};
///
/// let receiver = Receiver::benti(Keys::new("secret")?)?;
/// let headers = sign::benti_handshake(&Secret::new("secret")?, "a1b2");
/// let request = Request::new("GET", &headers, b"");
/// let Received::Handshake(reply) = receiver.receive(request, Timestamp::UNIX_EPOCH)? else { panic!() };
/// assert_eq!((reply.status(), reply.body()), (200, "a1b2"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Handshake {
    challenge: Box<str>,
}

impl Handshake {
    /// The HTTP status to answer with.
    #[must_use]
    pub fn status(&self) -> u16 {
        200
    }

    /// The headers to answer with, names in lower case. The body comes from outside: no browser may take it for a
    /// page, and no cache may keep it.
    #[must_use]
    pub fn headers(&self) -> [(&'static str, &str); 4] {
        [
            ("content-type", "text/plain"),
            (CHALLENGE_HEADER, &self.challenge),
            ("x-content-type-options", "nosniff"),
            ("cache-control", "no-store"),
        ]
    }

    /// The body to answer with.
    #[must_use]
    pub fn body(&self) -> &str {
        &self.challenge
    }
}

/// Shows nothing of the challenge: it is a header's value.
impl fmt::Debug for Handshake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Handshake(..)")
    }
}

/// The answer to the challenge in these headers.
pub(crate) fn challenge<H: Headers + ?Sized>(headers: &H) -> Result<Handshake, Reason> {
    match headers.field(CHALLENGE_HEADER).trimmed() {
        Field::Value(value) => {
            let in_bounds = (1..=MAX_CHALLENGE_BYTES).contains(&value.len());
            match core::str::from_utf8(&value) {
                Ok(challenge) if in_bounds && value.iter().all(u8::is_ascii_graphic) => {
                    Ok(Handshake { challenge: challenge.to_owned().into_boxed_str() })
                }
                _ => Err(Reason::MalformedChallenge),
            }
        }
        Field::Absent => Err(Reason::MissingChallenge),
        Field::Unreadable => Err(Reason::MalformedChallenge),
        Field::Repeated => Err(Reason::RepeatedHeader { header: CHALLENGE_HEADER }),
    }
}
