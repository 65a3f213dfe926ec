//! The options that every receiver has, and its getters.

use alloc::sync::Arc;

use iri_string::types::UriReferenceStr;

use crate::{
    authenticate::{Authenticator, KeyId},
    freshness::{Timestamp, Window},
    headers::CONTENT_ENCODING,
    kind::Vendor,
    limits::Limits,
    replay::{Naming, ReplayPolicy},
    rules::Rules,
    setup_error::SetupError,
};

/// A receiver for one endpoint: its vendor, its keys, and the requests that it accepts.
///
/// A receiver reads no clock, does no input or output, and can be shared between threads. Each option has a default
/// that suits the vendor. The options below exist for every vendor; [`benji::Options`](crate::benji::Options),
/// [`benti::Options`](crate::benti::Options) and [`bento::Options`](crate::bento::Options) have the others.
///
/// ```
/// use hookseal::{Key, Keys, Receiver};
///
/// let keys = Keys::ring([Key::new("new salt")?.with_id("2026")?, Key::new("old salt")?.with_id("2025")?])?;
/// let receiver = Receiver::benji(keys)?.max_body_bytes(4096)?.source("https://example.com/hooks")?;
/// # Ok::<(), hookseal::SetupError>(())
/// ```
///
/// # Change a secret while the program runs
///
/// If both secrets are known beforehand, one ring with dated keys is enough: each key is valid in its own period, and no
/// code runs at the change. Otherwise replace the receiver, which cannot change itself. Requests that are under way end
/// with the one that they began with. [`expiring`](Self::expiring) tells in time that a key ends.
///
/// ```
/// use std::{sync::{Arc, RwLock}, thread};
///
/// use hookseal::{Key, Keys, Receiver, Request, Secret, SetupError, Timestamp, sign};
///
/// /// The receiver with the secrets as they are configured now.
/// fn receiver(secrets: &[(&str, &str)]) -> Result<Receiver, SetupError> {
///     let keys = secrets.iter().map(|(id, secret)| Key::new(secret)?.with_id(id)).collect::<Result<Vec<_>, _>>()?;
///     Receiver::benji(Keys::ring(keys)?)
/// }
///
/// let shared = Arc::new(RwLock::new(Arc::new(receiver(&[("2025", "old salt")])?)));
/// let now = Timestamp::from_unix_seconds(1_772_600_767).unwrap();
/// let accepts = |salt: &str| {
///     let headers = sign::benji(&Secret::new(salt).unwrap(), br#"{"event":"campaign_ended"}"#, now);
///     // The lock is held only to clone the `Arc`, not while the request is checked.
///     let receiver = Arc::clone(&shared.read().unwrap());
///     receiver.receive(Request::post(&headers, br#"{"event":"campaign_ended"}"#), now).is_ok()
/// };
/// assert!(accepts("old salt") && !accepts("new salt"));
///
/// // The configuration has changed. A mistake in it is an error here, and the old receiver stays.
/// let changed = Arc::clone(&shared);
/// let reload = thread::spawn(move || {
///     let next = receiver(&[("2026", "new salt"), ("2025", "old salt")])?;
///     *changed.write().unwrap() = Arc::new(next);
///     Ok::<(), SetupError>(())
/// });
/// reload.join().unwrap()?;
/// assert!(accepts("old salt") && accepts("new salt"));
/// # Ok::<(), SetupError>(())
/// ```
#[derive(Debug)]
pub struct Receiver {
    pub(crate) rules: &'static Rules,
    pub(crate) authenticator: Authenticator,
    pub(crate) window: Window,
    pub(crate) limits: Limits,
    pub(crate) naming: Option<Arc<Naming>>,
    /// The offset of times without a zone, if the vendor's events have such times.
    pub(crate) utc_offset_minutes: i16,
    /// Whether only a request whose time is signed is accepted.
    pub(crate) require_signed_time: bool,
    /// Whether a request may lack its time header.
    pub(crate) allow_missing_time: bool,
    pub(crate) allow_unsigned_handshake: bool,
    /// Whether an event of a form that its sender chose must have a name or a subject.
    pub(crate) require_name_or_subject: bool,
}

impl Receiver {
    pub(crate) fn new(rules: &'static Rules, authenticator: Authenticator, window: Window) -> Self {
        Self {
            rules,
            authenticator,
            window,
            limits: Limits::new(rules.max_body_bytes),
            naming: None,
            utc_offset_minutes: 0,
            require_signed_time: false,
            allow_missing_time: false,
            allow_unsigned_handshake: false,
            require_name_or_subject: false,
        }
    }

    /// The largest body to accept, from 1 to 2^31 bytes. By default 64 KiB for Benji, 1 MiB for Benti, 4 MiB for Bento.
    ///
    /// # Errors
    ///
    /// [`SetupError::LimitOutOfRange`].
    pub fn max_body_bytes(self, bytes: usize) -> Result<Self, SetupError> {
        Ok(Self { limits: self.limits.with_body_bytes(bytes)?, ..self })
    }

    /// The most events to accept in a delivery, from 1 to 2^31. By default 10,000.
    ///
    /// # Errors
    ///
    /// [`SetupError::LimitOutOfRange`].
    pub fn max_events(self, events: usize) -> Result<Self, SetupError> {
        Ok(Self { limits: self.limits.with_events(events)?, ..self })
    }

    /// The most lists and objects that may be open at once, from 1 to 127. By default 127.
    ///
    /// # Errors
    ///
    /// [`SetupError::LimitOutOfRange`].
    pub fn max_depth(self, depth: u32) -> Result<Self, SetupError> {
        Ok(Self { limits: self.limits.with_depth(depth)?, ..self })
    }

    /// The most characters to accept in a number, from 1 to 2^31. By default 1,000.
    ///
    /// # Errors
    ///
    /// [`SetupError::LimitOutOfRange`].
    pub fn max_number_length(self, characters: usize) -> Result<Self, SetupError> {
        Ok(Self { limits: self.limits.with_number_length(characters)?, ..self })
    }

    /// The source that events name, a URI reference (RFC 3986). By default `urn:hookseal:<vendor>`.
    ///
    /// Another source gives other derived ids and other replay keys, so a delivery that was handled before the change
    /// is new after it.
    ///
    /// # Errors
    ///
    /// [`SetupError::MalformedSource`] if the source is empty or no URI reference.
    pub fn source(self, source: &str) -> Result<Self, SetupError> {
        if source.is_empty() || UriReferenceStr::new(source).is_err() {
            return Err(SetupError::MalformedSource);
        }
        Ok(self.with_naming(|naming| Naming { source: Some(Arc::from(source)), ..naming }))
    }

    /// How the receiver recognizes a repeated delivery: what a [`replay_key`](crate::Delivery::replay_key) is made of,
    /// and how long to keep it. By default [`ReplayPolicy::Default`].
    #[must_use]
    pub fn replay_policy(self, policy: ReplayPolicy) -> Self {
        self.with_naming(|naming| Naming { policy, ..naming })
    }

    /// How long to keep replay keys, in seconds, from 1 to 2^32 - 1. It replaces the time in the table of
    /// [`ReplayPolicy`]. A retention shorter than the window lets a replay through once the retention has ended. In
    /// Benji's older scheme with `strict` any retention does, because a thief can write another date.
    ///
    /// # Errors
    ///
    /// [`SetupError::LimitOutOfRange`].
    pub fn replay_retention_seconds(self, seconds: u64) -> Result<Self, SetupError> {
        let naming = self.naming().with_retention_seconds(seconds)?;
        Ok(self.with_naming(|_| naming))
    }

    /// Makes ids and replay keys with HMAC-SHA256 under an id key of your own: at least 32 random bytes, and no secret
    /// of the vendor.
    ///
    /// Without an id key, ids and replay keys are digests of what was received: whoever reads one, in a log or a table,
    /// can test guesses of a Benti or Bento body against it. With an id key, only its holder can. Benji's ids and
    /// replay keys are then made from the signed message instead of the signature, so they survive a rotation of the
    /// salt. Another id key gives other ids and replay keys.
    ///
    /// The salt then no longer tells receivers apart: if they share an id key, each needs its own
    /// [`source`](Self::source).
    ///
    /// # Errors
    ///
    /// [`SetupError::IdKeyTooShort`] or [`SetupError::BlankIdKey`].
    pub fn id_key(self, key: impl AsRef<[u8]>) -> Result<Self, SetupError> {
        let naming = self.naming().with_id_key(key.as_ref())?;
        Ok(self.with_naming(|_| naming))
    }

    fn naming(&self) -> Naming {
        self.naming.as_deref().cloned().unwrap_or_default()
    }

    fn with_naming(self, change: impl FnOnce(Naming) -> Naming) -> Self {
        Self { naming: Some(Arc::new(change(self.naming()))), ..self }
    }

    pub(crate) fn key_ids(&self) -> impl Iterator<Item = &str> {
        self.authenticator.key_ids().map(KeyId::as_str)
    }

    /// The ids of the keys that have ended, or end in at most `within` seconds after `now`, in the order of the ring. A
    /// key without [`not_after`](crate::Key::not_after) never ends. Ask it once a day, say, and log what it names: when
    /// the last valid key has ended, every request is refused.
    ///
    /// ```
    /// use hookseal::{Key, Keys, Receiver, Timestamp};
    ///
    /// let now = Timestamp::from_unix_seconds(1_772_600_767).unwrap();
    /// let in_a_day = Timestamp::from_unix_seconds(1_772_600_767 + 86_400).unwrap();
    /// let keys = [Key::new("new salt")?.with_id("2027")?, Key::new("old salt")?.with_id("2026")?.with_not_after(in_a_day)];
    /// let receiver = Receiver::benji(Keys::ring(keys)?)?;
    /// assert_eq!(receiver.expiring(now, 86_400).collect::<Vec<_>>(), ["2026"]);
    /// assert_eq!(receiver.expiring(now, 86_399).count(), 0);
    /// # Ok::<(), hookseal::SetupError>(())
    /// ```
    pub fn expiring(&self, now: Timestamp, within: u64) -> impl Iterator<Item = &str> {
        let within_millis = i64::try_from(within.saturating_mul(1_000)).unwrap_or(i64::MAX);
        let last = now.unix_millis().saturating_add(within_millis);
        let ends = self.authenticator.key_ends();
        ends.filter_map(move |(id, not_after)| (not_after.unix_millis() <= last).then_some(id.as_str()))
    }

    /// The vendor whose webhooks it receives.
    #[must_use]
    pub fn vendor(&self) -> Vendor {
        self.rules.vendor
    }

    /// The largest accepted body in bytes. There is no use in reading more than this from the network.
    #[must_use]
    pub fn body_limit(&self) -> usize {
        self.limits.body_bytes
    }

    pub(crate) fn header_names(&self) -> impl Iterator<Item = &str> {
        let [first, other] = self.rules.time_headers();
        let all: [Option<&str>; MOST_HEADERS] = [
            Some(CONTENT_ENCODING),
            Some(self.authenticator.header()),
            first,
            other,
            self.rules.challenge_header,
        ];
        all.into_iter().flatten()
    }
}

/// The headers that a check reads: content encoding, proof, and those that may hold a time.
pub(super) const CHECKED_HEADERS: usize = 4;
/// How many headers [`Receiver::receive`] reads at most: those, and the challenge of a handshake.
pub const MOST_HEADERS: usize = CHECKED_HEADERS + 1;
