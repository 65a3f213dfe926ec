//! The options that every receiver has, and what it tells of itself.

use alloc::sync::Arc;

use iri_string::types::UriReferenceStr;

use crate::{
    authenticate::{Authenticator, KeyId},
    freshness::Window,
    headers::CONTENT_ENCODING,
    kind::Vendor,
    limits::Limits,
    replay::{Naming, ReplayPolicy},
    rules::Rules,
    setup_error::SetupError,
};

/// One endpoint: the vendor whose webhooks arrive there, the keys, and what is accepted.
///
/// A receiver reads no clock and does no input or output; it can be shared between threads. Each option has a
/// default that suits the vendor. Here are those that every vendor has;
/// [`benji::Options`](crate::benji::Options) and [`benti::Options`](crate::benti::Options) have the others.
///
/// ```
/// use hookseal::{Key, Keys, Receiver};
///
/// let keys = Keys::ring([Key::new("new salt")?.with_id("2026")?, Key::new("old salt")?.with_id("2025")?])?;
/// let receiver = Receiver::benji(keys)?.max_body_bytes(4096)?.source("https://example.com/hooks")?;
/// # Ok::<(), hookseal::SetupError>(())
/// ```
#[derive(Debug)]
pub struct Receiver {
    pub(crate) rules: &'static Rules,
    pub(crate) authenticator: Authenticator,
    pub(crate) window: Window,
    pub(crate) limits: Limits,
    pub(crate) naming: Option<Arc<Naming>>,
    /// What a time without a zone is read at, where the vendor's events have such.
    pub(crate) utc_offset_minutes: i16,
    /// Whether the vendor's first scheme is the only one.
    pub(crate) require_first_scheme: bool,
    /// Whether a request is accepted without the header of its scheme's clock.
    pub(crate) allow_missing_time: bool,
    pub(crate) allow_unsigned_handshake: bool,
}

impl Receiver {
    /// A receiver by these rules, with the defaults of all vendors' options.
    pub(crate) fn new(rules: &'static Rules, authenticator: Authenticator, window: Window) -> Self {
        Self {
            rules,
            authenticator,
            window,
            limits: Limits::new(rules.max_body_bytes),
            naming: None,
            utc_offset_minutes: 0,
            require_first_scheme: false,
            allow_missing_time: false,
            allow_unsigned_handshake: false,
        }
    }

    /// The largest body, from 1 to 2^31 bytes. By default 64 KiB for Benji, 1 MiB for Benti, 4 MiB for Bento.
    ///
    /// # Errors
    ///
    /// The limit is out of its range.
    pub fn max_body_bytes(self, bytes: usize) -> Result<Self, SetupError> {
        Ok(Self { limits: self.limits.with_body_bytes(bytes)?, ..self })
    }

    /// The most events of one delivery, from 1 to 2^31. By default 10,000.
    ///
    /// # Errors
    ///
    /// The limit is out of its range.
    pub fn max_events(self, events: usize) -> Result<Self, SetupError> {
        Ok(Self { limits: self.limits.with_events(events)?, ..self })
    }

    /// The most lists and objects open at once, from 1 to 127. By default 127.
    ///
    /// # Errors
    ///
    /// The limit is out of its range.
    pub fn max_depth(self, depth: u32) -> Result<Self, SetupError> {
        Ok(Self { limits: self.limits.with_depth(depth)?, ..self })
    }

    /// The most characters of a number, from 1 to 2^31. By default 1,000.
    ///
    /// # Errors
    ///
    /// The limit is out of its range.
    pub fn max_number_length(self, characters: usize) -> Result<Self, SetupError> {
        Ok(Self { limits: self.limits.with_number_length(characters)?, ..self })
    }

    /// What events name as their source, a URI reference (RFC 3986). By default `urn:hookseal:<vendor>`.
    ///
    /// # Errors
    ///
    /// The source is empty, or holds what a URI reference cannot hold.
    pub fn source(self, source: &str) -> Result<Self, SetupError> {
        if source.is_empty() || UriReferenceStr::new(source).is_err() {
            return Err(SetupError::MalformedSource);
        }
        Ok(self.named(|naming| Naming { source: Some(Arc::from(source)), ..naming }))
    }

    /// What makes two deliveries the same one: what [`replay_key`](crate::Delivery::replay_key) is made of and how long it is
    /// to be kept. By default [`ReplayPolicy::Default`].
    #[must_use]
    pub fn replay_policy(self, policy: ReplayPolicy) -> Self {
        self.named(|naming| Naming { policy, ..naming })
    }

    /// How long replay keys are to be kept, in seconds, from 1 to 2^32 - 1, in place of what the table of
    /// [`ReplayPolicy`] says. A retention shorter than a window lets a replay through once it has ended.
    ///
    /// # Errors
    ///
    /// The retention is out of its range.
    pub fn replay_retention_seconds(self, seconds: u64) -> Result<Self, SetupError> {
        let naming = self.naming().with_retention_seconds(seconds)?;
        Ok(self.named(|_| naming))
    }

    /// Makes ids and replay keys with HMAC-SHA256 under this key of yours, at least 32 random bytes that are no secret
    /// of the vendor's.
    ///
    /// Without it they are digests of what was received. Whoever reads one, in a log or a table, can test guesses of a
    /// Benti or Bento body against it. With it nobody can who does not know the key, and Benji's are made of the signed
    /// message in place of the signature, so that they survive a rotation of the salt. Another key gives other ids and
    /// keys.
    ///
    /// The salt then takes no part: receivers that share an id key need a [`source`](Self::source) of their own each.
    ///
    /// # Errors
    ///
    /// [`SetupError::IdKeyTooShort`], [`SetupError::BlankIdKey`].
    pub fn id_key(self, key: impl AsRef<[u8]>) -> Result<Self, SetupError> {
        let naming = self.naming().with_id_key(key.as_ref())?;
        Ok(self.named(|_| naming))
    }

    fn naming(&self) -> Naming {
        self.naming.as_deref().cloned().unwrap_or_default()
    }

    fn named(self, change: impl FnOnce(Naming) -> Naming) -> Self {
        Self { naming: Some(Arc::new(change(self.naming()))), ..self }
    }

    /// The ids that the keys go by, in the order of the ring.
    pub(crate) fn key_ids(&self) -> impl Iterator<Item = &str> {
        self.authenticator.key_ids().map(KeyId::as_str)
    }

    /// Whose webhooks it receives.
    #[must_use]
    pub fn vendor(&self) -> Vendor {
        self.rules.vendor
    }

    /// The largest body in bytes that is accepted: reading more than this from the network is of no use.
    #[must_use]
    pub fn body_limit(&self) -> usize {
        self.limits.body_bytes
    }

    /// The names of all headers that [`receive`](Self::receive) reads, as [`binding::header_names`](crate::binding) has it.
    pub(crate) fn header_names(&self) -> impl Iterator<Item = &str> {
        let of_vendor = self.rules.time_headers().into_iter().chain([self.rules.challenge_header]).flatten();
        [CONTENT_ENCODING, self.authenticator.header()].into_iter().chain(of_vendor)
    }
}

/// How many headers [`Receiver::receive`] reads at most.
pub const MOST_HEADERS: usize = 4;
