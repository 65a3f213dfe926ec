//! Digests that name an event or a delivery.
//!
//! An identical redelivery has the same digest. Nobody can sign or send a request with a digest.

use alloc::{boxed::Box, sync::Arc};
use core::fmt;

use serde::{Serialize, Serializer};

use crate::{
    authenticate::{Part, PreparedKey, Secret, digest_of_parts},
    kind::Vendor,
    limits::LONGEST_RETENTION_SECONDS,
    setup_error::SetupError,
    words::words,
};

words! {
    /// How a receiver recognizes that two deliveries are the same. A receiver has one policy.
    ///
    /// | | `default` | kept | `strict` | kept |
    /// |---|---|---|---|---|
    /// | Benji, time signed | signature | past + future + 1 s (601 s by default); 24 h with the window off | signature | as with `default` |
    /// | Benji, body alone signed | signature and date in whole seconds | past + future + 1 s; 24 h without a date or with the window off | signature | without end |
    /// | Benti | body | 24 h | body | 24 h |
    /// | Bento | body | 300 s | body | 24 h |
    ///
    /// The time runs from the first acceptance, in a guard from the confirmation, and a repetition does not extend it.
    /// Once it has ended, an equal key is new.
    ///
    /// Where Benji signs the body alone, whoever captured a request can replay it with other dates inside the window.
    /// With `default`, each second of the date gives another key: 601 at one time with the default window. `strict`
    /// recognizes each of these replays as long as the key is kept, but takes two genuine updates with the same body
    /// for one. The keys of Benti and Bento stop nobody who knows the secret: one other byte in the body makes another
    /// key.
    #[derive(Default)]
    #[non_exhaustive]
    ReplayPolicy {
        /// Takes as few genuine deliveries for repetitions as the vendor's data allow.
        #[default]
        Default = "default",
        /// Takes an equal signature or body for a repetition as long as the key is kept.
        Strict = "strict",
        /// No replay key: every delivery counts as new.
        None = "none",
    }
}

/// How long to keep a replay key if no window sets an end, in seconds: a day.
pub const RETENTION_SECONDS: u64 = 86_400;

/// Names a delivery or an event to a [`ReplayGuard`](crate::ReplayGuard), or to a store of your own: 32 hexadecimal
/// digits.
///
/// Keep it for [`retention_seconds`](Self::retention_seconds). An equal key in that time is a repetition; an equal key
/// after it is new.
///
/// ```
/// use hookseal::{Keys, Received, Receiver, Request, Secret, Timestamp, sign};
///
/// let body = br#"{"action":"close-ticket","body":{"ticket_id":"P-1"}}"#;
/// let headers = sign::benti(&Secret::new("secret")?);
/// let receiver = Receiver::benti(Keys::new("secret")?)?;
/// let received = || receiver.receive(Request::post(&headers, body), Timestamp::UNIX_EPOCH);
/// let (Received::Delivery(first), Received::Delivery(again)) = (received()?, received()?) else { panic!() };
/// let key = first.replay_key().unwrap();
/// assert_eq!(again.replay_key(), Some(key));
/// assert_eq!((key.as_str().len(), key.retention_seconds()), (32, Some(86_400)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ReplayKey {
    digest: Hexadecimal,
    retention_seconds: Option<u64>,
}

impl ReplayKey {
    pub(crate) fn new(digest: Hexadecimal, retention_seconds: Option<u64>) -> Self {
        Self { digest, retention_seconds }
    }

    /// The key as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.digest.as_str()
    }

    pub(super) fn digest(&self) -> [u8; DIGEST_BYTES] {
        let mut digest = [0; DIGEST_BYTES];
        // It fails only for text of another length, or that is not hexadecimal.
        const_hex::decode_to_slice(self.digest.0, &mut digest).unwrap_or_default();
        digest
    }

    /// How long to keep the key, in seconds; `None` means for ever. The table is at [`ReplayPolicy`].
    #[must_use]
    pub fn retention_seconds(&self) -> Option<u64> {
        self.retention_seconds
    }
}

impl fmt::Display for ReplayKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl Serialize for ReplayKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// How a receiver names deliveries and events, if it has other settings than the default.
#[derive(Debug, Clone, Default)]
pub(crate) struct Naming {
    /// The source of the events. By default it is that of the vendor.
    pub(crate) source: Option<Arc<str>>,
    #[expect(clippy::redundant_allocation, reason = "to put the key itself into the `Arc` would move it")]
    pub(crate) id_key: Option<Arc<Box<PreparedKey>>>,
    pub(crate) policy: ReplayPolicy,
    /// Replaces the retention in the table of [`ReplayPolicy`].
    pub(crate) retention_seconds: Option<u64>,
}

impl Naming {
    pub(crate) const MIN_ID_KEY_BYTES: usize = 32;

    pub(crate) fn with_id_key(self, key: &[u8]) -> Result<Self, SetupError> {
        if key.len() < Self::MIN_ID_KEY_BYTES {
            return Err(SetupError::IdKeyTooShort);
        }
        // A blank key is refused, however long it is.
        let key = Secret::new(key).map_err(|_| SetupError::BlankIdKey)?;
        Ok(Self { id_key: Some(Arc::new(PreparedKey::new(key.bytes()))), ..self })
    }

    pub(crate) fn with_retention_seconds(self, seconds: u64) -> Result<Self, SetupError> {
        if !(1..=LONGEST_RETENTION_SECONDS).contains(&seconds) {
            return Err(SetupError::LimitOutOfRange(
                "replay_retention_seconds must be between 1 and 4294967295",
            ));
        }
        Ok(Self { retention_seconds: Some(seconds), ..self })
    }
}

/// The purpose of a digest. Digests of different domains are never equal.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Domain {
    EventId,
    EventKey,
    DeliveryKey,
    Record,
}

impl Domain {
    fn as_str(self) -> &'static str {
        match self {
            Self::EventId => "event-id",
            Self::EventKey => "event-key",
            Self::DeliveryKey => "delivery-key",
            Self::Record => "record",
        }
    }
}

/// The first 16 bytes of a digest, in hexadecimal.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Hexadecimal([u8; 2 * DIGEST_BYTES]);

pub(super) const DIGEST_BYTES: usize = 16;

impl Hexadecimal {
    /// The digest of the form's name, the domain, the vendor, the source and then these parts.
    pub(crate) fn of<'p>(
        key: Option<&PreparedKey>,
        domain: Domain,
        vendor: Vendor,
        source: &'p str,
        parts: impl IntoIterator<Item = Part<'p>>,
    ) -> Self {
        let form = ["hookseal/2", domain.as_str(), vendor.as_str(), source];
        let form = form.into_iter().map(|part| [part.as_bytes(), b""]);
        let digest = digest_of_parts(key, form.chain(parts));
        let (start, _) = digest.split_at(DIGEST_BYTES);
        let mut digits = [0; 2 * DIGEST_BYTES];
        // It fails only for a buffer of another size.
        const_hex::encode_to_slice(start, &mut digits).unwrap_or_default();
        Self(digits)
    }

    /// The digest of this text: 32 lower-case hexadecimal digits.
    pub(crate) fn from_text(text: &str) -> Option<Self> {
        let digits = <[u8; 2 * DIGEST_BYTES]>::try_from(text.as_bytes()).ok()?;
        digits.iter().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f')).then_some(Self(digits))
    }

    pub(crate) fn as_str(&self) -> &str {
        core::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Debug for Hexadecimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
