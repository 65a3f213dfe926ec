//! A request as a value, and the reading of its answer.

use alloc::{string::String, vec::Vec};
use core::{fmt, ops::Range};

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, Error as _, IgnoredAny},
};
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
    /// Whether sending it twice does no more than once.
    pub(super) is_repeatable: bool,
    reader: Reader<A>,
}

/// Reads the body of a success. It gets the positions of the values that were sent.
pub(super) type Reader<A> = fn(&[u8], Range<usize>) -> Result<A, RefusalReason>;

impl<A> Outgoing<A> {
    pub(super) fn new(method: &'static str, url: String, reader: Reader<A>) -> Self {
        Self {
            method,
            url,
            headers: Vec::new(),
            body: Zeroizing::default(),
            values: 0..0,
            is_repeatable: method != "POST",
            reader,
        }
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

    pub(super) fn repeatable(self, is_repeatable: bool) -> Self {
        Self { is_repeatable, ..self }
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

    /// Whether sending the request a second time does no more than sending it once: the vendor recognizes the repetition,
    /// or nothing changes. If not, do not send it again after a refusal that [may be done](Refusal::may_be_done), unless
    /// a person has looked.
    ///
    /// | request | repeatable |
    /// |---|---|
    /// | reads, lists, updates and deletions | yes |
    /// | Benji's `subscribe` | yes: the repetition is refused as `already_exists`, without the salt |
    /// | Benti's `create` | no: look with `list` |
    /// | Bento's events | if each has `details.unique.key` |
    /// | Bento's subscribers | yes: the address is recognized |
    /// | Bento's e-mails | no: each would be sent again |
    /// | Bento's commands | yes, but for `add_tag_via_event` and `change_email` |
    #[must_use]
    pub fn is_repeatable(&self) -> bool {
        self.is_repeatable
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
        (self.reader)(body, self.values.clone()).map_err(|reason| refusal.because(reason))
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

/// The answer to a call that asks for nothing: an empty body, or JSON that names no error. HTML is the page of a proxy.
pub(super) fn done(body: &[u8], _: Range<usize>) -> Result<Done, RefusalReason> {
    #[derive(Deserialize)]
    struct Answer {
        error: Option<IgnoredAny>,
        errors: Option<IgnoredAny>,
    }
    if body.trim_ascii().is_empty() {
        return Ok(Done);
    }
    let has_error = json_object(body)
        .and_then(|json| serde_json::from_str::<Answer>(json.get()).ok())
        .is_some_and(|answer| answer.error.is_some() || answer.errors.is_some());
    let is_json = serde_json::from_slice::<&RawValue>(body).is_ok();
    if is_json && !has_error { Ok(Done) } else { Err(RefusalReason::UnexpectedAnswer) }
}

/// An object. A derived `Deserialize` of a struct would also read a list, as the members in their order.
pub(super) struct Object<T>(pub(super) T);

impl<'de, T: DeserializeOwned> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = <&RawValue>::deserialize(deserializer)?.get();
        if !json.starts_with('{') {
            return Err(D::Error::custom("an object is expected"));
        }
        serde_json::from_str(json).map(Self).map_err(D::Error::custom)
    }
}

/// One JSON object and nothing else.
pub(super) fn json_object(body: &[u8]) -> Option<&RawValue> {
    let json: &RawValue = serde_json::from_slice(body).ok()?;
    Some(json).filter(|json| json.get().starts_with('{'))
}
