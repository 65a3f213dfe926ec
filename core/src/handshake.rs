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
    challenge_header: &'static str,
    challenge: Box<str>,
}

impl Handshake {
    /// The answer to the challenge in this header, or the reason to refuse it.
    pub(crate) fn answer(challenge_header: &'static str, challenge: &Field<'_>) -> Result<Self, Reason> {
        let header = challenge_header;
        let challenge = match challenge.value() {
            Ok(challenge) => challenge,
            Err(NoValue::Absent) => return Err(Reason::MissingChallenge { header }),
            Err(NoValue::Unreadable) => return Err(Reason::MalformedChallenge { header }),
            Err(NoValue::Repeated) => return Err(Reason::RepeatedHeader { header }),
        };
        match core::str::from_utf8(challenge) {
            Ok(text) if is_challenge(text) => Ok(Self { challenge_header, challenge: text.into() }),
            _ => Err(Reason::MalformedChallenge { header }),
        }
    }

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
            (self.challenge_header, &self.challenge),
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

/// Whether a text can be a challenge: it is not too long, and visible ASCII.
pub(crate) fn is_challenge(text: &str) -> bool {
    (1..=MAX_CHALLENGE_BYTES).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Hides the challenge, because it is a header's value.
impl fmt::Debug for Handshake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Handshake(..)")
    }
}
