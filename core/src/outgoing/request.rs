//! A request as a value, and the reading of its answer.

use alloc::{string::String, vec::Vec};
use core::{fmt, ops::Range};

use serde_json::value::RawValue;
use zeroize::Zeroizing;

use super::{
    error::{OutgoingError, Requirement},
    refusal::{Refusal, RefusalReason},
};
use crate::{headers::Headers, sign::SignedHeaders};

/// The longest body of an answer that is read, in bytes. Let the HTTP client read no more than one byte above it.
pub const MAX_ANSWER_BYTES: usize = 1024 * 1024;

/// A request to a vendor: hand its parts to any HTTP client, then hand the answer to [`read`](Self::read). The type
/// parameter is what the vendor answers.
///
/// Headers and body may hold secrets. They are wiped from memory when the value is dropped, and `Debug` shows only
/// method, URL, the names of the headers and the length of the body.
///
/// The client must send exactly these bytes, must follow no redirect, and should give up after some time. If there is
/// no answer, or only a part of one, the result is [`Refusal::no_answer`].
pub struct Outgoing<A> {
    pub(super) method: &'static str,
    pub(super) url: String,
    headers: Vec<(&'static str, Zeroizing<Vec<u8>>)>,
    pub(super) body: Zeroizing<Vec<u8>>,
    /// The positions of the values that it sends, for those requests that send some.
    pub(super) values: Range<usize>,
    reader: Reader<A>,
}

/// Reads the body of a success. It gets the positions of the values that were sent.
pub(super) type Reader<A> = fn(&[u8], Range<usize>) -> Option<A>;

impl<A> Outgoing<A> {
    pub(super) fn new(method: &'static str, url: String, reader: Reader<A>) -> Self {
        Self { method, url, headers: Vec::new(), body: Zeroizing::default(), values: 0..0, reader }
    }

    /// Adds a header. Its value must be one that [`header_value`] took, or a literal.
    pub(super) fn with_header(mut self, name: &'static str, value: impl Into<Vec<u8>>) -> Self {
        self.headers.push((name, Zeroizing::new(value.into())));
        self
    }

    /// Adds credentials.
    pub(super) fn with_headers(mut self, credentials: &SignedHeaders) -> Self {
        self.headers
            .extend(credentials.iter().map(|(_, value)| ("authorization", Zeroizing::new(value.to_vec()))));
        self
    }

    /// Adds a body of JSON.
    pub(super) fn with_json(self, body: impl Into<Vec<u8>>) -> Self {
        let mut request = self.with_header("content-type", "application/json");
        request.body = Zeroizing::new(body.into());
        request
    }

    /// The method in capital letters.
    #[must_use]
    pub fn method(&self) -> &'static str {
        self.method
    }

    /// The absolute URL. It holds no secret.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The names, in lower case, and values of the headers, without `host` and `content-length`, which a client adds.
    pub fn headers(&self) -> impl ExactSizeIterator<Item = (&'static str, &[u8])> {
        self.headers.iter().map(|(name, value)| (*name, value.as_slice()))
    }

    /// The body: JSON, or empty.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// Reads the answer: status, headers and body.
    ///
    /// Bodies above [`MAX_ANSWER_BYTES`] are not read.
    ///
    /// # Errors
    ///
    /// A [`Refusal`] if the status is not 200 to 299, or if the body of a success has another form than the vendor's.
    pub fn read<H: Headers + ?Sized>(&self, status: u16, headers: &H, body: &[u8]) -> Result<A, Refusal> {
        let refusal = Refusal::of(status, headers, body);
        let is_success = matches!(status, 200..300) && refusal.reason() == RefusalReason::UnexpectedAnswer;
        if !is_success || body.len() > MAX_ANSWER_BYTES {
            return Err(refusal);
        }
        (self.reader)(body, self.values.clone()).ok_or(refusal)
    }
}

impl<A> fmt::Debug for Outgoing<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.headers.iter().map(|(name, _)| name).collect();
        f.debug_struct("Outgoing")
            .field("method", &self.method)
            .field("url", &self.url)
            .field("headers", &names)
            .field("body_bytes", &self.body.len())
            .finish()
    }
}

/// The vendor did what was asked, and its answer says no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Done;

/// A value that can be sent in a header: visible ASCII, with spaces and tabs only inside. No other character is taken,
/// so that no value can end its header and start another one.
pub(super) fn header_value<'v>(name: &'static str, value: &'v [u8]) -> Result<&'v [u8], OutgoingError> {
    let is_sent = match value {
        [] | [b' ' | b'\t', ..] | [.., b' ' | b'\t'] => false,
        _ => value.iter().all(|byte| matches!(byte, b' '..=b'~' | b'\t')),
    };
    if !is_sent {
        return Err(OutgoingError::MalformedValue { name, must: Requirement::HeaderValue });
    }
    Ok(value)
}

/// One JSON object and nothing else.
pub(super) fn json_object(body: &[u8]) -> Option<&RawValue> {
    let json: &RawValue = serde_json::from_slice(body).ok()?;
    Some(json).filter(|json| json.get().starts_with('{'))
}
