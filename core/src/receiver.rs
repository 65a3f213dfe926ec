use alloc::{borrow::Cow, boxed::Box, sync::Arc};
use core::fmt;

use iri_string::types::UriReferenceStr;

use crate::{
    authenticate::{Authenticator, KeyId, Keys, SignatureEncoding, Verified},
    binding::{self, Facts},
    delivery::{Delivery, Unauthenticated},
    event::{Assurance, Context, Entry},
    freshness::{Timestamp, Window},
    headers::{Field, Headers},
    kind::Vendor,
    limits::Limits,
    rejection::{Covers, Reason, Rejection, ResponseHeaders},
    replay::{Naming, RETENTION_SECONDS, ReplayPolicy},
    setup_error::SetupError,
    vendor::{
        self, Batch, Reading, benji,
        benti::{self, Handshake},
        bento::{self, Credentials},
    },
};

/// One endpoint: the vendor whose webhooks arrive there, the keys, and what is accepted.
///
/// A receiver reads no clock and does no input or output; it can be shared between threads. Each option has a
/// default that suits the vendor; an option that the vendor has no use for is an error.
///
/// ```
/// use hookseal::{Key, Keys, Receiver, Window};
///
/// let keys = Keys::ring([Key::new("new salt")?.with_id("2026")?, Key::new("old salt")?.with_id("2025")?])?;
/// let receiver = Receiver::benji(keys)?.window(Window::seconds(600, 60))?.max_body_bytes(4096)?;
/// # Ok::<(), hookseal::SetupError>(())
/// ```
#[derive(Debug)]
pub struct Receiver {
    vendor: Vendor,
    authenticator: Authenticator,
    window: Window,
    limits: Limits,
    naming: Option<Arc<Naming>>,
    utc_offset_minutes: i16,
    allow_missing_date: bool,
    allow_unsigned_handshake: bool,
}

impl Receiver {
    /// A receiver of Benji's webhooks. The keys are the salts of the subscriptions, exactly as Benji shows them.
    ///
    /// # Errors
    ///
    /// A salt has white space, a line break or a byte order mark at an end, or quotes around it, and its key is not
    /// [`exact`](crate::Key::exact).
    pub fn benji(keys: Keys) -> Result<Self, SetupError> {
        let authenticator = Authenticator::hmac(keys, benji::SIGNATURE_HEADER, benji::TIMESTAMP_HEADER)?;
        let window = Window::seconds(benji::WINDOW_SECONDS, benji::WINDOW_SECONDS);
        Ok(Self::new(Vendor::Benji, authenticator, window, benji::MAX_BODY_BYTES))
    }

    /// A receiver of Benti's webhooks. The keys are the secrets that were given to Inbenta.
    ///
    /// # Errors
    ///
    /// A secret is refused as for [`benji`](Self::benji), or cannot be the value of a header.
    pub fn benti(keys: Keys) -> Result<Self, SetupError> {
        let authenticator = Authenticator::shared_secret(keys, benti::SECRET_HEADER)?;
        Ok(Self::new(Vendor::Benti, authenticator, Window::off(), benti::MAX_BODY_BYTES))
    }

    /// A receiver of traffic in Bento's shapes, with the credentials that its senders were given.
    ///
    /// # Errors
    ///
    /// A secret is refused as for [`benji`](Self::benji); or it, the user or the header's name cannot stand in a header.
    pub fn bento(credentials: Credentials<'_>) -> Result<Self, SetupError> {
        let authenticator = match credentials {
            Credentials::Basic { user, keys } => Authenticator::basic(user, keys)?,
            Credentials::Bearer { keys } => Authenticator::bearer(keys)?,
            Credentials::Header { name, keys } => Authenticator::own_header(name, keys)?,
        };
        Ok(Self::new(Vendor::Bento, authenticator, Window::off(), bento::MAX_BODY_BYTES))
    }

    fn new(vendor: Vendor, authenticator: Authenticator, window: Window, max_body_bytes: usize) -> Self {
        Self {
            vendor,
            authenticator,
            window,
            limits: Limits::new(max_body_bytes),
            naming: None,
            utc_offset_minutes: 0,
            allow_missing_date: false,
            allow_unsigned_handshake: false,
        }
    }

    /// How old a request may be, and how far ahead of the receiver's clock. By default 300 s both for Benji, and
    /// off for Benti, whose times anybody who can send a request can write as well.
    ///
    /// Benji's date is that of the event: a retry that Benji sends later than the window is refused as stale.
    /// Benti's freshness is that of the newest event of a delivery.
    ///
    /// # Errors
    ///
    /// Bento, which allows events of any age.
    pub fn window(self, window: Window) -> Result<Self, SetupError> {
        self.only_for(&[Vendor::Benji, Vendor::Benti], "window").map(|this| Self { window, ..this })
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

    /// What makes two deliveries the same one: what [`replay_key`](Delivery::replay_key) is made of and how long it is
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
    /// # Errors
    ///
    /// [`SetupError::IdKeyTooShort`].
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

    /// Benji: accepts signatures in this encoding only. By default hexadecimal, base64 and base64url.
    ///
    /// # Errors
    ///
    /// Another vendor, whose requests carry no signature.
    pub fn signature_encoding(self, encoding: SignatureEncoding) -> Result<Self, SetupError> {
        Ok(Self { authenticator: self.authenticator.with_signature_encoding(encoding)?, ..self })
    }

    /// Benji: refuses requests without `x-benji-timestamp`, whose signature covers the body alone. To be set once the
    /// account is seen to send that header: nobody can then replay a request with another date.
    ///
    /// # Errors
    ///
    /// Another vendor, or [`allow_missing_date`](Self::allow_missing_date) is set.
    pub fn require_signed_time(self) -> Result<Self, SetupError> {
        if self.allow_missing_date {
            return Err(SetupError::SignedTimeAndMissingDate);
        }
        Ok(Self { authenticator: self.authenticator.with_required_time()?, ..self })
    }

    /// Benji: accepts a request without a date. Its age is then not known, and anybody who could read it once
    /// can replay it without a date for ever: use [`ReplayPolicy::Strict`].
    ///
    /// # Errors
    ///
    /// Another vendor, or [`require_signed_time`](Self::require_signed_time) is set.
    pub fn allow_missing_date(self) -> Result<Self, SetupError> {
        if self.authenticator.requires_signed_time() {
            return Err(SetupError::SignedTimeAndMissingDate);
        }
        self.only_for(&[Vendor::Benji], "allow_missing_date")
            .map(|this| Self { allow_missing_date: true, ..this })
    }

    /// Benti: what a time without a zone is read at, in minutes east of UTC, from -1,439 to 1,439. By default 0.
    ///
    /// # Errors
    ///
    /// The offset is out of its range, or another vendor.
    pub fn utc_offset_minutes(self, minutes: i16) -> Result<Self, SetupError> {
        if !(-1_439..=1_439).contains(&minutes) {
            return Err(SetupError::OffsetOutOfRange);
        }
        self.only_for(&[Vendor::Benti], "utc_offset_minutes")
            .map(|this| Self { utc_offset_minutes: minutes, ..this })
    }

    /// Benti: answers a handshake without the secret, as long as a webhook of an instance is being created. A
    /// wrong secret is refused all the same.
    ///
    /// # Errors
    ///
    /// Another vendor.
    pub fn allow_unsigned_handshake(self) -> Result<Self, SetupError> {
        self.only_for(&[Vendor::Benti], "allow_unsigned_handshake")
            .map(|this| Self { allow_unsigned_handshake: true, ..this })
    }

    fn only_for(self, vendors: &[Vendor], option: &'static str) -> Result<Self, SetupError> {
        if vendors.contains(&self.vendor) { Ok(self) } else { Err(SetupError::OptionNotForVendor(option)) }
    }

    /// Whose webhooks it receives.
    #[must_use]
    pub fn vendor(&self) -> Vendor {
        self.vendor
    }

    /// The largest body in bytes that is accepted: reading more than this from the network is of no use.
    #[must_use]
    pub fn body_limit(&self) -> usize {
        self.limits.body_bytes
    }

    /// The names of all headers that [`receive`](Self::receive) reads, in lower case; [`check_head`](Self::check_head)
    /// reads `content-length` too. A binding that has to copy headers need copy no others.
    pub fn header_names(&self) -> impl Iterator<Item = &str> {
        let own: &[&str] = match self.vendor {
            Vendor::Benji => &[benji::TIMESTAMP_HEADER, benji::DATE_HEADER],
            Vendor::Benti => &[benti::CHALLENGE_HEADER],
            Vendor::Bento => &[],
        };
        [CONTENT_ENCODING, self.authenticator.header()].into_iter().chain(own.iter().copied())
    }

    /// Refuses what method and headers alone can tell, before the body is read: the method, a content encoding,
    /// a `content-length` over the limit, a signature, a signed time or credentials that are absent, repeated or
    /// malformed.
    ///
    /// [`receive`](Self::receive) checks all of it again, so that this is a convenience and no step to forget.
    ///
    /// # Errors
    ///
    /// The reason to refuse the request.
    pub fn check_head<H: Headers + ?Sized>(&self, method: &str, headers: &H) -> Result<(), Rejection> {
        self.step(method)
            .and_then(|_step| {
                let [encoding, proof, time, _date] = self.fields(headers);
                check_encoding(encoding)?;
                if matches!(
                    headers.field(CONTENT_LENGTH).trimmed(),
                    Field::Value(length) if announces_more_than(&length, self.limits.body_bytes)
                ) {
                    return Err(Reason::PayloadTooLarge { limit: self.limits.body_bytes });
                }
                match self.authenticator.check_before_body(proof, time) {
                    Err(Reason::MissingSignature { .. }) if self.may_be_unsigned(method) => Ok(()),
                    checked => checked,
                }
            })
            .map_err(|reason| self.reject(reason))
    }

    /// Checks a request and reads it.
    ///
    /// The steps are: method and content encoding, size, signature; then for Benji the date and the payload, for
    /// Benti the payload and, where a window is set, its times, or on a `GET` the challenge; for Bento the
    /// payload. Nothing of the body is read before the signature holds.
    ///
    /// # Errors
    ///
    /// The reason to refuse the request. Whatever the request holds, this is the only way in which it fails.
    #[inline]
    pub fn receive<H: Headers + ?Sized, B: AsRef<[u8]>>(
        &self,
        Request { method, headers, body }: Request<'_, H, B>,
        now: Timestamp,
    ) -> Result<Received<B>, Rejection> {
        let (date, verified) = match self.check(method, headers, body.as_ref(), now) {
            Ok(Accepted::Delivery { date, verified }) => (date, verified),
            Ok(Accepted::Handshake) => {
                return benti::challenge(headers)
                    .map(Received::Handshake)
                    .map_err(|reason| self.reject(reason));
            }
            Err(reason) => return Err(self.reject(reason)),
        };
        // Read into the place where it is returned: moving it there would take as long as reading the date.
        let mut received = Ok(Received::Delivery(self.empty_delivery(body, date, verified)));
        if let Ok(Received::Delivery(delivery)) = &mut received
            && let Err(reason) = self.read_into(delivery, date, now)
        {
            received = Err(self.reject(reason));
        }
        received
    }

    /// The steps before the payload.
    #[inline]
    fn check<'h, H: Headers + ?Sized>(
        &self,
        method: &str,
        headers: &'h H,
        body: &[u8],
        now: Timestamp,
    ) -> Result<Accepted<'_, 'h>, Reason> {
        let step = self.step(method)?;
        if body.len() > self.limits.body_bytes {
            check_encoding(headers.field(CONTENT_ENCODING))?;
            return Err(Reason::PayloadTooLarge { limit: self.limits.body_bytes });
        }
        let [encoding, proof, time, date] = self.fields(headers);
        check_encoding(encoding)?;
        let verified = match self.authenticator.check(proof, time, body, now) {
            Ok(verified) => verified,
            Err(Reason::MissingSignature { .. }) if self.may_be_unsigned(method) => {
                return Ok(Accepted::Handshake);
            }
            Err(reason) => return Err(reason),
        };
        if step == Step::Handshake {
            return Ok(Accepted::Handshake);
        }
        let date = match self.vendor {
            Vendor::Benji => benji::date(verified.signed_time.as_deref(), date, self.allow_missing_date)?,
            Vendor::Benti | Vendor::Bento => None,
        };
        if let Some(date) = date {
            self.window.check(date.time, now)?;
        }
        Ok(Accepted::Delivery { date, verified })
    }

    /// Reads the payload, and what can be checked only then.
    #[inline]
    fn read_into<B: AsRef<[u8]>>(
        &self,
        delivery: &mut Delivery<B>,
        date: Option<benji::Date>,
        now: Timestamp,
    ) -> Result<(), Reason> {
        self.parse_into(delivery, date)?;
        if self.vendor == Vendor::Benti {
            let newest = delivery.batch.entries.iter().filter_map(Entry::time).max();
            self.check_newest(newest, now)?;
            delivery.set_time(newest);
        }
        Ok(())
    }

    #[inline]
    fn parse_into<B: AsRef<[u8]>>(
        &self,
        Delivery { body, context, batch, .. }: &mut Delivery<B>,
        date: Option<benji::Date>,
    ) -> Result<(), Reason> {
        let reading = Reading {
            limits: &self.limits,
            utc_offset_minutes: self.utc_offset_minutes,
            time: date.map(|date| date.time),
            time_zone_assumed: date.is_some_and(|date| date.zone_assumed),
        };
        vendor::read(self.vendor, body.as_ref(), &reading, batch)?;
        context.several = batch.has_several();
        Ok(())
    }

    /// Reads a body without knowing whose it is, for tools that show or test the reading itself.
    ///
    /// # Errors
    ///
    /// The body cannot be read.
    pub fn parse_unauthenticated<B: AsRef<[u8]>>(&self, body: B) -> Result<Unauthenticated<B>, Rejection> {
        if body.as_ref().len() > self.limits.body_bytes {
            return Err(self.reject(Reason::PayloadTooLarge { limit: self.limits.body_bytes }));
        }
        let verified = Verified { key_id: &KeyId::Position(0), mac: None, signed_time: None };
        let mut delivery = self.empty_delivery(body, None, verified);
        self.parse_into(&mut delivery, None).map_err(|reason| self.reject(reason))?;
        Ok(Unauthenticated { delivery })
    }

    /// The first step: the method.
    #[inline]
    fn step(&self, method: &str) -> Result<Step, Reason> {
        match (method, self.vendor) {
            ("POST", _) => Ok(Step::Delivery),
            ("GET", Vendor::Benti) => Ok(Step::Handshake),
            _ => Err(Reason::MethodNotAllowed),
        }
    }

    /// The fields of a request: content encoding, proof, and Benji's two dates.
    #[inline]
    fn fields<'h, H: Headers + ?Sized>(&self, headers: &'h H) -> [Field<'h>; 4] {
        let mut found = [const { Field::Absent }; 4];
        let proof = self.authenticator.header();
        match self.vendor {
            Vendor::Benji => {
                let names = [CONTENT_ENCODING, proof, benji::TIMESTAMP_HEADER, benji::DATE_HEADER];
                headers.fields(&names, &mut found);
            }
            Vendor::Benti | Vendor::Bento => headers.fields(&[CONTENT_ENCODING, proof], &mut found),
        }
        found
    }

    fn may_be_unsigned(&self, method: &str) -> bool {
        self.allow_unsigned_handshake && method == "GET"
    }

    fn check_newest(&self, newest: Option<Timestamp>, now: Timestamp) -> Result<(), Reason> {
        match newest {
            Some(time) => self.window.check(time, now),
            None if self.window == Window::off() => Ok(()),
            None => Err(Reason::MissingTimestamp { header: None, covers: Covers::Nothing }),
        }
    }

    #[inline(always)]
    fn empty_delivery<B>(
        &self,
        body: B,
        date: Option<benji::Date>,
        Verified { key_id, mac, signed_time }: Verified<'_, '_>,
    ) -> Delivery<B> {
        let time_is_signed = signed_time.is_some();
        let signed_time = match signed_time {
            Some(text) if self.has_id_key() => owned(text),
            _ => Box::default(),
        };
        let time = date.map(|date| date.time);
        Delivery {
            body,
            context: Context {
                vendor: self.vendor,
                naming: self.naming.clone(),
                assurance: Assurance::of(mac.is_some(), time_is_signed, time),
                time,
                several: false,
                mac,
                signed_time,
                window_seconds: self.replay_seconds(),
            },
            key_id: key_id.clone(),
            batch: Batch::default(),
        }
    }

    fn has_id_key(&self) -> bool {
        self.naming.as_ref().is_some_and(|naming| naming.id_key.is_some())
    }

    /// The context of a delivery with these facts.
    pub(crate) fn context(&self, facts: &Facts<'_>) -> Context {
        Context {
            vendor: self.vendor,
            naming: self.naming.clone(),
            assurance: binding::assurance(facts),
            time: facts.time,
            several: facts.several,
            mac: facts.mac,
            signed_time: facts.signed_time.into(),
            window_seconds: self.replay_seconds(),
        }
    }

    /// How long a request that the window accepts now can be replayed before it is stale.
    #[inline]
    fn replay_seconds(&self) -> u64 {
        match (self.window.past_seconds(), self.window.future_seconds()) {
            // Both ends of the window are inside of it, so that it is a moment longer than their sum.
            (Some(past), Some(future)) => past.saturating_add(future).saturating_add(1),
            _ => RETENTION_SECONDS,
        }
    }

    #[cold]
    fn reject(&self, reason: Reason) -> Rejection {
        const ALLOW_POST: ResponseHeaders = &[("allow", "POST")];
        const ALLOW_GET_AND_POST: ResponseHeaders = &[("allow", "GET, POST")];
        let headers = match (reason.status(), self.vendor) {
            (405, Vendor::Benti) => ALLOW_GET_AND_POST,
            (405, _) => ALLOW_POST,
            (401, _) => self.authenticator.challenge_headers(),
            _ => &[],
        };
        Rejection::new(reason, headers)
    }
}

#[inline(always)]
fn check_encoding(encoding: Field<'_>) -> Result<(), Reason> {
    match encoding.trimmed() {
        Field::Absent => Ok(()),
        Field::Value(encoding) if encoding.eq_ignore_ascii_case(b"identity") => Ok(()),
        Field::Value(_) | Field::Unreadable => Err(Reason::UnsupportedContentEncoding),
        Field::Repeated => Err(Reason::RepeatedHeader { header: CONTENT_ENCODING }),
    }
}

const CONTENT_ENCODING: &str = "content-encoding";
const CONTENT_LENGTH: &str = "content-length";

/// Whether a `content-length` is above the limit; digits that are no `usize` are above any.
fn announces_more_than(length: &[u8], limit: usize) -> bool {
    let length = core::str::from_utf8(length).unwrap_or_default();
    let is_number = !length.is_empty() && length.bytes().all(|byte| byte.is_ascii_digit());
    is_number && !length.parse::<usize>().is_ok_and(|length| length <= limit)
}

/// Most receivers have no key for ids.
#[cold]
fn owned(text: Cow<'_, [u8]>) -> Box<[u8]> {
    text.into_owned().into_boxed_slice()
}

/// A request whose sender is known.
enum Accepted<'r, 'h> {
    Delivery { date: Option<benji::Date>, verified: Verified<'r, 'h> },
    Handshake,
}

/// What a request's method asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Delivery,
    Handshake,
}

/// A request as the web framework hands it over: method, headers, and the body's raw bytes.
///
/// The body can be anything that lends its bytes: a slice, a vector, or a framework's buffer, which the
/// delivery then keeps without a copy.
#[derive(Clone, Copy)]
pub struct Request<'a, H: ?Sized, B> {
    method: &'a str,
    headers: &'a H,
    body: B,
}

impl<'a, H: Headers + ?Sized, B: AsRef<[u8]>> Request<'a, H, B> {
    /// A request with this method, in upper case as HTTP has it.
    pub fn new(method: &'a str, headers: &'a H, body: B) -> Self {
        Self { method, headers, body }
    }

    /// A `POST` request, as deliveries are.
    pub fn post(headers: &'a H, body: B) -> Self {
        Self::new("POST", headers, body)
    }
}

/// Shows nothing of the request: headers hold secrets.
impl<H: ?Sized, B> fmt::Debug for Request<'_, H, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Request(..)")
    }
}

/// What an accepted request is.
#[derive(Debug, Clone)]
#[expect(clippy::large_enum_variant, reason = "most are deliveries, and a box would cost them an allocation")]
pub enum Received<B> {
    /// Events.
    Delivery(Delivery<B>),
    /// Benti asks whether the endpoint knows its secret: to be answered as it says.
    Handshake(Handshake),
}
