//! Why a request was refused, and how to answer it.

mod payload_fault;

use core::fmt;

use serde::{Serialize, Serializer, ser::SerializeStruct};

pub use payload_fault::{Path, PayloadFault, Problem};

use crate::signature_encoding::SignatureEncoding;

/// Why a request was refused.
///
/// [`code`](Rejection::code) and the message (its `Display`) are for the receiver's own log. The sender gets
/// [`status`](Rejection::status), [`headers`](Rejection::headers) and an empty body. No message holds text of the body,
/// of a header's value or of a secret. A message does tell the age of a request that is `stale` or `from_the_future`,
/// and the place of a fault in a payload.
///
/// ```
/// use hookseal::{Keys, Receiver, Request, Timestamp};
///
/// let receiver = Receiver::benji(Keys::new("salt")?)?;
/// let headers = [("x-benji-signature", "no signature")];
/// let rejection = receiver.receive(Request::post(&headers, b"{}"), Timestamp::UNIX_EPOCH).unwrap_err();
/// assert_eq!(rejection.code(), "malformed_signature");
/// assert_eq!(rejection.status(), 401);
/// # Ok::<(), hookseal::SetupError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    reason: Reason,
    headers: ResponseHeaders,
}

/// Names and values of the headers of an answer.
pub(crate) type ResponseHeaders = &'static [(&'static str, &'static str)];

impl Rejection {
    pub(crate) fn new(reason: Reason, headers: ResponseHeaders) -> Self {
        Self { reason, headers }
    }

    /// The reason with its details.
    #[must_use]
    pub fn reason(&self) -> &Reason {
        &self.reason
    }

    /// The reason as one stable word, such as `signature_mismatch`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.reason.code()
    }

    /// The HTTP status to answer with.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.reason.status()
    }

    /// The headers to answer with, names in lower case: `allow` with status 405, and `www-authenticate` with 401 if the
    /// receiver expects Basic or Bearer credentials. Otherwise none.
    #[must_use]
    pub fn headers(&self) -> &'static [(&'static str, &'static str)] {
        self.headers
    }

    /// What the check found out about the cause, for the code `signature_mismatch`: that a key fits which is not valid
    /// at this time. Otherwise `None`.
    ///
    /// It is for the receiver's own log, and must not reach the sender, who could then tell an old secret from a wrong
    /// one. [`Serialize`] leaves it out. The check takes the same time with a hint as without.
    ///
    /// ```
    /// use hookseal::{Key, Keys, Receiver, Request, Secret, Timestamp, sign};
    ///
    /// let [ended, now] = [1_772_600_000, 1_772_600_767].map(|seconds| Timestamp::from_unix_seconds(seconds).unwrap());
    /// let receiver = Receiver::benji(Keys::ring([Key::new("old salt")?.with_not_after(ended)])?)?;
    /// let headers = sign::benji(&Secret::new("old salt")?, b"{}", now);
    /// let rejection = receiver.receive(Request::post(&headers, b"{}"), now).unwrap_err();
    /// assert_eq!(rejection.code(), "signature_mismatch");
    /// assert!(rejection.hint().unwrap().starts_with("a key fits, but is not valid now"));
    /// # Ok::<(), hookseal::SetupError>(())
    /// ```
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self.reason {
            Reason::SignatureMismatch { key_not_valid_now: true, .. } => Some(
                "a key fits, but is not valid now: check its not_before and not_after, and this machine's clock",
            ),
            _ => None,
        }
    }

    /// The problem of the payload and its place, for the code `malformed_payload`.
    #[must_use]
    pub fn payload_fault(&self) -> Option<&PayloadFault> {
        match &self.reason {
            Reason::MalformedPayload(fault) => Some(fault),
            _ => None,
        }
    }
}

/// Code, status, message and, for a malformed payload, line, column and path.
impl Serialize for Rejection {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Rejection", 6)?;
        fields.serialize_field("code", self.code())?;
        fields.serialize_field("status", &self.status())?;
        fields.serialize_field("message", &format_args!("{self}"))?;
        fields.serialize_field("line", &self.payload_fault().map(PayloadFault::line))?;
        fields.serialize_field("column", &self.payload_fault().map(PayloadFault::column))?;
        fields.serialize_field("path", &self.payload_fault().map(PayloadFault::path))?;
        fields.end()
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.reason.fmt(f)
    }
}

/// The source is the [`PayloadFault`] of a malformed payload.
impl core::error::Error for Rejection {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        let fault: &(dyn core::error::Error + 'static) = self.payload_fault()?;
        Some(fault)
    }
}

/// The reasons for which a request is refused.
///
/// A `header` in a variant is the name of the header concerned. For a Bento receiver with a header of its own it reads
/// `the credential header`.
///
/// ```
/// use hookseal::{Keys, Reason, Receiver, Request, Secret, Timestamp, sign};
///
/// let at = |seconds| Timestamp::from_unix_seconds(seconds).unwrap();
/// let headers = sign::benji(&Secret::new("salt")?, b"{}", at(1_772_600_000));
/// let receiver = Receiver::benji(Keys::new("salt")?)?;
/// let rejection = receiver.receive(Request::post(&headers, b"{}"), at(1_772_600_412)).unwrap_err();
/// match rejection.reason() {
///     Reason::Stale { age_seconds, window_seconds } => assert_eq!((*age_seconds, *window_seconds), (412, 300)),
///     reason => panic!("{reason}"),
/// }
/// # Ok::<(), hookseal::SetupError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// The method is neither `POST` nor, for Benti's handshake, `GET`.
    MethodNotAllowed {
        /// Whether it is one of them in another case than upper case, which HTTP has. Then the program changed it.
        in_another_case: bool,
    },
    /// The request has a `Content-Encoding` other than `identity`, so the bytes that the vendor sent are unknown.
    UnsupportedContentEncoding,
    /// The body is larger than the receiver's limit.
    PayloadTooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// A header that the receiver reads occurs more than once in the request.
    RepeatedHeader {
        /// The header's name.
        header: &'static str,
    },
    /// The header with the signature or the credentials is absent.
    MissingSignature {
        /// The header's name.
        header: &'static str,
        /// What it should hold.
        form: ProofForm,
    },
    /// The signature or the credentials have a form that no genuine sender produces.
    MalformedSignature {
        /// The header's name.
        header: &'static str,
        /// What it should hold.
        form: ProofForm,
    },
    /// No valid key made this signature, or no valid secret equals these credentials.
    SignatureMismatch {
        /// The name of the header with the signature or the credentials.
        header: &'static str,
        /// The part of the request that the signature has to cover.
        covers: Covers,
        /// What the header holds.
        form: ProofForm,
        /// Whether a key fits that is not valid now. For the log alone, as [`Rejection::hint`].
        key_not_valid_now: bool,
    },
    /// The request has no time, so its age cannot be checked.
    MissingTimestamp {
        /// The name of the absent header; `None` if the events themselves carry the time.
        header: Option<&'static str>,
        /// The part of the request that the signature has to cover.
        covers: Covers,
    },
    /// The request's time cannot be read.
    MalformedTimestamp {
        /// The header's name.
        header: &'static str,
    },
    /// The request is older than the window.
    Stale {
        /// The age in seconds, rounded up.
        age_seconds: u64,
        /// The window's past side in seconds.
        window_seconds: u64,
    },
    /// The request's time is further ahead than the window.
    FromTheFuture {
        /// How far ahead of the receiver's clock in seconds, rounded up.
        ahead_seconds: u64,
        /// The window's future side in seconds.
        window_seconds: u64,
    },
    /// The body is not strict JSON of the vendor's shape.
    MalformedPayload(PayloadFault),
    /// The body holds more events than the receiver's limit.
    TooManyEvents {
        /// The limit in events.
        limit: usize,
    },
    /// A handshake without its challenge.
    MissingChallenge {
        /// The header's name.
        header: &'static str,
    },
    /// A handshake whose challenge is empty, longer than 256 bytes, or not visible ASCII.
    MalformedChallenge {
        /// The header's name.
        header: &'static str,
    },
}

/// The part of a request that a proof covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Covers {
    /// A signature of the body alone.
    Body {
        /// The header that selects the other scheme, which signs it too; `None` if the vendor has one scheme.
        absent: Option<&'static str>,
    },
    /// A signature of the value of a header followed by the body.
    HeaderAndBody {
        /// The name of the header with the time.
        header: &'static str,
    },
    /// Nothing: the credentials are the secret itself.
    Nothing,
}

/// How a request carries its proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProofForm {
    /// A signature.
    Signature {
        /// The only encoding that the receiver accepts; `None` if it accepts all.
        encoding: Option<SignatureEncoding>,
    },
    /// The secret itself is the header's value.
    Secret,
    /// `Basic` credentials: a user and a password.
    Basic,
    /// A `Bearer` token.
    Bearer,
}

impl Reason {
    /// The reason as one stable word.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::MethodNotAllowed { .. } => "method_not_allowed",
            Self::UnsupportedContentEncoding => "unsupported_content_encoding",
            Self::PayloadTooLarge { .. } => "payload_too_large",
            Self::RepeatedHeader { .. } => "repeated_header",
            Self::MissingSignature { .. } => "missing_signature",
            Self::MalformedSignature { .. } => "malformed_signature",
            Self::SignatureMismatch { .. } => "signature_mismatch",
            Self::MissingTimestamp { .. } => "missing_timestamp",
            Self::MalformedTimestamp { .. } => "malformed_timestamp",
            Self::Stale { .. } => "stale",
            Self::FromTheFuture { .. } => "from_the_future",
            Self::MalformedPayload(_) => "malformed_payload",
            Self::TooManyEvents { .. } => "too_many_events",
            Self::MissingChallenge { .. } => "missing_challenge",
            Self::MalformedChallenge { .. } => "malformed_challenge",
        }
    }

    /// The HTTP status to answer with.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self {
            Self::MethodNotAllowed { .. } => 405,
            Self::UnsupportedContentEncoding => 415,
            Self::PayloadTooLarge { .. } | Self::TooManyEvents { .. } => 413,
            Self::MissingSignature { .. }
            | Self::MalformedSignature { .. }
            | Self::SignatureMismatch { .. } => 401,
            Self::RepeatedHeader { .. }
            | Self::MissingTimestamp { .. }
            | Self::MalformedTimestamp { .. }
            | Self::Stale { .. }
            | Self::FromTheFuture { .. }
            | Self::MalformedPayload(_)
            | Self::MissingChallenge { .. }
            | Self::MalformedChallenge { .. } => 400,
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MethodNotAllowed { in_another_case: false } => {
                f.write_str("the vendor does not send this method: route only its webhooks to this receiver")
            }
            Self::MethodNotAllowed { in_another_case: true } => f.write_str(
                "the method is not in upper case, as POST is in HTTP: hand over the method that the request has",
            ),
            Self::UnsupportedContentEncoding => f.write_str(
                "content-encoding is not identity: hookseal does not decompress, so let no proxy compress requests",
            ),
            Self::PayloadTooLarge { limit } => write!(
                f,
                "the body is larger than {limit} bytes: raise max_body_bytes if the vendor sends such bodies"
            ),
            Self::RepeatedHeader { header } => {
                write!(f, "{header} occurs more than once in the request: look for a proxy that adds it")
            }
            Self::MissingSignature { header, form: ProofForm::Signature { .. } } => write_absent(f, header),
            Self::MissingSignature { header, .. } => write!(
                f,
                "{header} is absent: check that the sender was given its credentials, or look for a proxy that removes \
                 the header"
            ),
            Self::MalformedSignature { header, form } => match form {
                ProofForm::Signature { encoding: None } => write!(
                    f,
                    "{header} is not a signature of 32 bytes in hexadecimal, base64 or base64url: look at what the \
                     vendor sends in the header"
                ),
                ProofForm::Signature { encoding: Some(encoding) } => write!(
                    f,
                    "{header} is not a signature of 32 bytes in {encoding}, the only encoding that signature_encoding \
                     allows: change or leave out the option if the vendor sends another"
                ),
                ProofForm::Secret => write!(
                    f,
                    "{header} is empty or not readable: check that the sender was given its secret"
                ),
                ProofForm::Basic => write!(
                    f,
                    "{header} does not hold Basic credentials, a user and a password in base64: compare the receiver's \
                     setup with the sender's"
                ),
                ProofForm::Bearer => write!(
                    f,
                    "{header} does not hold a Bearer token: compare the receiver's setup with the sender's"
                ),
            },
            Self::SignatureMismatch { header, covers, form, .. } => match covers {
                Covers::Body { absent: None } => {
                    write!(f, "no valid key made {header} from the body: {CAUSES}")
                }
                Covers::Body { absent: Some(absent) } => write!(
                    f,
                    "no valid key made {header} from the body alone ({absent} is absent): {CAUSES}, or a proxy \
                     removed {absent}"
                ),
                Covers::HeaderAndBody { header: time } => write!(
                    f,
                    "no valid key made {header} from {time} followed by the body: {CAUSES}, or a proxy added {time}"
                ),
                Covers::Nothing if *form == ProofForm::Basic => write!(
                    f,
                    "{header} does not hold the user with any valid password: the request is forged, or was sent with \
                     another user or password (check the user, the ring and the validity of its keys)"
                ),
                Covers::Nothing => write!(
                    f,
                    "{header} does not hold any valid secret: the request is forged, or was sent with another secret \
                     (check the ring and the validity of its keys)"
                ),
            },
            Self::MissingTimestamp { header, covers } => match (header, covers) {
                (Some(header), Covers::Body { absent: None } | Covers::Nothing) => write_absent(f, header),
                (Some(header), Covers::Body { absent: Some(absent) }) => write!(
                    f,
                    "{header} is absent, and so is {absent}: look for a proxy that removes them, or set \
                     allow_missing_date with the replay policy strict if the vendor sends neither"
                ),
                (Some(header), Covers::HeaderAndBody { .. }) => write!(
                    f,
                    "{header} is absent, and require_signed_time refuses a request without it: look for a proxy that \
                     removes it, or leave the option off if the vendor does not send the header"
                ),
                (None, _) => f.write_str(
                    "no event has a time, so the age of the request is unknown: leave the window off if the vendor \
                     sends no times",
                ),
            },
            Self::MalformedTimestamp { header } => write!(
                f,
                "{header} is not a time in a form that the vendor is known to send: look at what arrives in the header, \
                 and compare it with the vendor's documentation"
            ),
            Self::Stale { age_seconds, window_seconds } => write!(
                f,
                "the request is {age_seconds} s old; the window is {window_seconds} s: it was replayed or delayed, or \
                 this machine's clock is ahead (check that it is synchronized)"
            ),
            Self::FromTheFuture { ahead_seconds, window_seconds } => write!(
                f,
                "the request is {ahead_seconds} s ahead; the window is {window_seconds} s: check that this machine's \
                 clock is synchronized"
            ),
            Self::MalformedPayload(fault) => fault.fmt(f),
            Self::TooManyEvents { limit } => write!(
                f,
                "the body holds more than {limit} events: raise max_events if the vendor sends so many"
            ),
            Self::MissingChallenge { header } => write!(
                f,
                "{header} is absent: this receiver accepts a GET only as a handshake, so send other requests elsewhere"
            ),
            Self::MalformedChallenge { header } => write!(
                f,
                "{header} is not 1 to 256 characters of visible ASCII, so it is not echoed: check that the vendor sent \
                 the request"
            ),
        }
    }
}

/// The message for a header that every genuine request has.
fn write_absent(f: &mut fmt::Formatter<'_>, header: &str) -> fmt::Result {
    write!(f, "{header} is absent: if the vendor sent the request, look for a proxy that removes the header")
}

const CAUSES: &str = "the request is forged, was signed with another key (check the ring and the validity of its keys), or its body was changed before the check (hand over the raw bytes)";

#[cfg(test)]
mod tests;
