//! The answer to a handshake: a request that asks whether the endpoint knows the secret.

use alloc::boxed::Box;
use core::fmt;

use crate::{
    headers::{Field, NoValue},
    rejection::Reason,
};

/// The longest challenge that is echoed, in bytes.
pub const MAX_CHALLENGE_BYTES: usize = 256;

/// The answer to the `GET` with which Inbenta checks a new webhook.
///
/// For webhooks of its API, Inbenta expects the challenge as the body; for those of an instance, in the same header.
/// The answer has both. [`benti`](crate::benti) names the source.
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
    header: &'static str,
    challenge: Box<str>,
}

impl Handshake {
    /// The HTTP status to answer with.
    #[must_use]
    pub fn status(&self) -> u16 {
        200
    }

    /// The headers to answer with, names in lower case. The body comes from outside, so the headers keep browsers from
    /// taking it for a page, and caches from keeping it.
    #[must_use]
    pub fn headers(&self) -> [(&'static str, &str); 4] {
        [
            ("content-type", "text/plain"),
            (self.header, &self.challenge),
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

/// Hides the challenge, because it is a header's value.
impl fmt::Debug for Handshake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Handshake(..)")
    }
}

pub(crate) fn answer(header: &'static str, field: &Field<'_>) -> Result<Handshake, Reason> {
    match field.value() {
        Ok(value) => {
            let in_bounds = (1..=MAX_CHALLENGE_BYTES).contains(&value.len());
            match core::str::from_utf8(value) {
                Ok(challenge) if in_bounds && value.iter().all(u8::is_ascii_graphic) => {
                    Ok(Handshake { header, challenge: challenge.into() })
                }
                _ => Err(Reason::MalformedChallenge { header }),
            }
        }
        Err(NoValue::Absent) => Err(Reason::MissingChallenge { header }),
        Err(NoValue::Unreadable) => Err(Reason::MalformedChallenge { header }),
        Err(NoValue::Repeated) => Err(Reason::RepeatedHeader { header }),
    }
}
