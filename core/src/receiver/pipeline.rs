//! The steps of a request, in order.

use alloc::boxed::Box;

use super::{
    options::{CHECKED_HEADERS, Receiver},
    request::{Received, Request},
};
use crate::{
    authenticate::{KeyId, Scheme, SignedTimeScheme, Verified, time_text},
    delivery::{Delivery, Unauthenticated},
    event::{Assurance, Coverage, DeliveryContext, Facts},
    freshness::{HeaderTime, TimeLocation, Timestamp, Window},
    handshake::Handshake,
    headers::{CONTENT_ENCODING, CONTENT_LENGTH, Field, Headers, NoValue},
    reading::{Batch, ReadContext},
    rejection::{Reason, Rejection, ResponseHeaders},
    replay::{RETENTION_SECONDS, ReplayPolicy},
};

impl Receiver {
    /// Checks the method and the headers before the body is read. It refuses a wrong method, a content encoding, a
    /// `content-length` over the limit, and a signature, a signed time or credentials that are absent, repeated or
    /// malformed.
    ///
    /// [`receive`](Self::receive) checks all of it again, so this call is optional.
    ///
    /// # Errors
    ///
    /// The reason to refuse the request.
    ///
    /// ```
    /// use hookseal::{Keys, Receiver};
    ///
    /// let receiver = Receiver::benji(Keys::new("salt")?)?;
    /// let rejection = receiver.check_head("POST", &[("content-length", "1000000000")]).unwrap_err();
    /// assert_eq!((rejection.code(), rejection.status()), ("payload_too_large", 413));
    /// # Ok::<(), hookseal::SetupError>(())
    /// ```
    pub fn check_head<H: Headers + ?Sized>(&self, method: &str, headers: &H) -> Result<(), Rejection> {
        self.check_before_body(method, headers).map_err(|reason| self.reject(reason))
    }

    /// The rejection of a body that turns out to be above the limit while it is read. A server that reads at most
    /// [`body_limit`](Self::body_limit) bytes makes it by itself, and logs and answers it like any other.
    ///
    /// ```
    /// use hookseal::{Keys, Receiver};
    ///
    /// let rejection = Receiver::benji(Keys::new("salt")?)?.payload_too_large();
    /// assert_eq!((rejection.code(), rejection.status()), ("payload_too_large", 413));
    /// # Ok::<(), hookseal::SetupError>(())
    /// ```
    #[must_use]
    pub fn payload_too_large(&self) -> Rejection {
        self.reject(Reason::PayloadTooLarge { limit: self.limits.body_bytes })
    }

    fn check_before_body<H: Headers + ?Sized>(&self, method: &str, headers: &H) -> Result<(), Reason> {
        let purpose = self.purpose(method)?;
        let mut found = NO_FIELDS;
        let head = self.head(headers, &mut found)?;
        let length = headers.field(CONTENT_LENGTH);
        if length.value().is_ok_and(|length| announces_more_than(length, self.limits.body_bytes)) {
            return Err(Reason::PayloadTooLarge { limit: self.limits.body_bytes });
        }
        let may_be_unsigned = self.allow_unsigned_handshake && matches!(purpose, Purpose::Handshake { .. });
        match self.authenticator.check_headers(head.scheme, head.proof, head.time) {
            Err(Reason::MissingSignature { .. }) if may_be_unsigned => Ok(()),
            checked => checked,
        }
    }

    /// Checks a request and reads its events. `now` is the current time.
    ///
    /// It checks the method, the content encoding, the size, the proof, and the time in a header against the window.
    /// Then it reads the payload, and checks the time in the events against the window. A vendor has the time in one of
    /// the two places, or none. A `GET` of a vendor with handshakes has its challenge checked after the proof, and ends
    /// there. No byte of the body is parsed before the proof holds.
    ///
    /// # Errors
    ///
    /// The reason to refuse the request. There is no other way to fail, whatever the request holds.
    #[inline]
    pub fn receive<H: Headers + ?Sized, B: AsRef<[u8]>>(
        &self,
        request: Request<'_, H, B>,
        now: Timestamp,
    ) -> Result<Received<B>, Rejection> {
        match self.check_method_and_size(request.method, request.headers, request.body.as_ref()) {
            Ok(Purpose::Delivery) => self.receive_delivery(request.headers, request.body, now),
            Ok(Purpose::Handshake { challenge_header }) => self
                .receive_handshake(challenge_header, request.headers, request.body.as_ref(), now)
                .map(Received::Handshake)
                .map_err(|reason| self.reject(reason)),
            Err(reason) => Err(self.reject(reason)),
        }
    }

    /// A delivery whose payload is yet to be read.
    #[inline]
    pub(crate) fn delivery<B>(
        &self,
        body: B,
        context: DeliveryContext,
        key_id: KeyId,
        received_at: Timestamp,
    ) -> Delivery<B> {
        let (limits, utc_offset_minutes) = (self.limits, self.utc_offset_minutes);
        Delivery { body, context, key_id, batch: Batch::default(), received_at, limits, utc_offset_minutes }
    }

    /// Checks the method and the size. If the body is too large, the content encoding is checked first, because its
    /// fault precedes the size in the order of steps.
    #[inline]
    fn check_method_and_size<H: Headers + ?Sized>(
        &self,
        method: &str,
        headers: &H,
        body: &[u8],
    ) -> Result<Purpose, Reason> {
        let purpose = self.purpose(method)?;
        if body.len() > self.limits.body_bytes {
            check_encoding(&headers.field(CONTENT_ENCODING))?;
            return Err(Reason::PayloadTooLarge { limit: self.limits.body_bytes });
        }
        Ok(purpose)
    }

    /// Makes all checks after method and size, and reads the events.
    ///
    /// Builds in the return slot: moving the delivery takes about 15 ns.
    #[inline]
    fn receive_delivery<H: Headers + ?Sized, B: AsRef<[u8]>>(
        &self,
        headers: &H,
        body: B,
        now: Timestamp,
    ) -> Result<Received<B>, Rejection> {
        let mut found = NO_FIELDS;
        let authenticated = match self.authenticate(headers, &mut found, body.as_ref(), now) {
            Ok(authenticated) => authenticated,
            Err(reason) => return Err(self.reject(reason)),
        };
        let context = self.context(&authenticated.facts());
        let key_id = authenticated.verified.key_id.clone();
        let mut received = Ok(Received::Delivery(self.delivery(body, context, key_id, now)));
        if let Ok(Received::Delivery(delivery)) = &mut received
            && let Err(reason) = self.read_into(delivery, &authenticated, now)
        {
            received = Err(self.reject(reason));
        }
        received
    }

    /// Checks the proof of a handshake, and answers its challenge.
    #[inline(never)]
    fn receive_handshake<H: Headers + ?Sized>(
        &self,
        challenge_header: &'static str,
        headers: &H,
        body: &[u8],
        now: Timestamp,
    ) -> Result<Handshake, Reason> {
        let mut found = NO_FIELDS;
        let Head { scheme, proof, time } = self.head(headers, &mut found)?;
        match self.authenticator.check(scheme, proof, time, body, now) {
            Ok(_) => {}
            Err(Reason::MissingSignature { .. }) if self.allow_unsigned_handshake => {}
            Err(reason) => return Err(reason),
        }
        Handshake::answer(challenge_header, &headers.field(challenge_header))
    }

    /// Checks the headers, the proof, and the time in a header.
    #[inline]
    fn authenticate<'f, 'h, H: Headers + ?Sized>(
        &self,
        headers: &'h H,
        found: &'f mut CheckedFields<'h>,
        body: &[u8],
        now: Timestamp,
    ) -> Result<Authenticated<'_, 'f>, Reason> {
        let Head { scheme, proof, time } = self.head(headers, found)?;
        let verified = self.authenticator.check(scheme, proof, time, body, now)?;
        let header_time = header_time(scheme, &verified, time)?;
        if let TimeLocation::Header { .. } = scheme.time_location {
            self.check_freshness(scheme, header_time.map(|time| time.time), now)?;
        }
        Ok(Authenticated { scheme, verified, header_time })
    }

    /// Reads the payload of an authenticated request, then checks the time in its events.
    #[inline]
    fn read_into<B: AsRef<[u8]>>(
        &self,
        delivery: &mut Delivery<B>,
        authenticated: &Authenticated<'_, '_>,
        now: Timestamp,
    ) -> Result<(), Reason> {
        let Delivery { body, context, batch, .. } = delivery;
        self.read_payload(body.as_ref(), authenticated.header_time, batch)?;
        context.several = batch.has_several();
        if let TimeLocation::Events { .. } = authenticated.scheme.time_location {
            let newest = batch.newest_time();
            self.check_freshness(authenticated.scheme, newest, now)?;
            // The events have the time, so make the context again with it. Their time is signed if the body is, and it
            // decides how long keys are kept.
            let time_is_signed = authenticated.verified.mac.is_some() && newest.is_some();
            let several = batch.has_several();
            *context =
                self.context(&Facts { time: newest, time_is_signed, several, ..authenticated.facts() });
        }
        Ok(())
    }

    /// Checks whether a request of this time may be accepted now. No other code decides this.
    #[inline]
    fn check_freshness(
        &self,
        scheme: &Scheme,
        time: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<(), Reason> {
        if let Some(time) = time {
            return self.window.check(time, now);
        }
        let may_be_absent = match scheme.time_location {
            TimeLocation::Header { .. } => self.allow_missing_time,
            TimeLocation::Events { .. } => self.window == Window::off(),
            TimeLocation::Nowhere { .. } => true,
        };
        if may_be_absent {
            return Ok(());
        }
        Err(Reason::MissingTimestamp { header: scheme.time_location.header(), covers: scheme.covers() })
    }

    #[inline]
    pub(crate) fn read_payload(
        &self,
        body: &[u8],
        header_time: Option<HeaderTime>,
        batch: &mut Batch,
    ) -> Result<(), Reason> {
        let Self { utc_offset_minutes, require_name_or_subject, .. } = *self;
        let context =
            ReadContext { limits: &self.limits, utc_offset_minutes, header_time, require_name_or_subject };
        (self.rules.read_payload)(body, &context, batch)
    }

    /// Reads a body without authenticating it, for tools that show or test the reading itself.
    ///
    /// # Errors
    ///
    /// The body is too large or cannot be read.
    ///
    /// ```
    /// use hookseal::{Keys, Receiver};
    ///
    /// let receiver = Receiver::benji(Keys::new("salt")?)?;
    /// let read = receiver.parse_unauthenticated(br#"{"event":"campaign_ended"}"#)?;
    /// assert!(read.to_cloudevents().contains(r#""type":"com.withbenji.campaign_ended""#));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn parse_unauthenticated<B: AsRef<[u8]>>(&self, body: B) -> Result<Unauthenticated<B>, Rejection> {
        if body.as_ref().len() > self.limits.body_bytes {
            return Err(self.reject(Reason::PayloadTooLarge { limit: self.limits.body_bytes }));
        }
        let mut batch = Batch::default();
        self.read_payload(body.as_ref(), None, &mut batch).map_err(|reason| self.reject(reason))?;
        let facts = Facts { several: batch.has_several(), ..Facts::NONE };
        let context = self.context(&facts);
        // Nothing shows the key id and the time of a body that no key has authenticated.
        let key_id = KeyId::Position(0);
        let delivery = self.delivery(body, context, key_id, Timestamp::MIN);
        Ok(Unauthenticated { delivery: Delivery { batch, ..delivery } })
    }

    /// The method tells a delivery from a handshake.
    #[inline]
    fn purpose(&self, method: &str) -> Result<Purpose, Reason> {
        match (method, self.rules.challenge_header) {
            ("POST", _) => Ok(Purpose::Delivery),
            ("GET", Some(challenge_header)) => Ok(Purpose::Handshake { challenge_header }),
            _ => Err(self.method_not_allowed(method)),
        }
    }

    #[cold]
    fn method_not_allowed(&self, method: &str) -> Reason {
        let is_get = self.rules.challenge_header.is_some() && method.eq_ignore_ascii_case("GET");
        Reason::MethodNotAllowed { in_another_case: is_get || method.eq_ignore_ascii_case("POST") }
    }

    /// Finds the headers of a request, and the scheme that they select.
    ///
    /// A vendor's only time header is in the first of the two places; without one the place stays absent.
    // Without `always` (instructions, in the packages): `check_head` +5.3 %.
    #[inline(always)]
    fn head<'f, 'h, H: Headers + ?Sized>(
        &self,
        headers: &'h H,
        found: &'f mut CheckedFields<'h>,
    ) -> Result<Head<'f, 'h>, Reason> {
        let proof = self.authenticator.header();
        match self.rules.time_headers() {
            [Some(signed), Some(unsigned)] => {
                headers.fields(&[CONTENT_ENCODING, proof, signed, unsigned], found);
            }
            [Some(only), None] | [None, Some(only)] => {
                headers.fields(&[CONTENT_ENCODING, proof, only], found);
            }
            [None, None] => headers.fields(&[CONTENT_ENCODING, proof], found),
        }
        let [encoding, proof, first_time, second_time] = &*found;
        check_encoding(encoding)?;
        Ok(match &self.rules.signed_time_scheme {
            Some(SignedTimeScheme { scheme, .. })
                if self.require_signed_time || !matches!(first_time, Field::Absent) =>
            {
                Head { scheme, proof, time: first_time }
            }
            Some(_) => Head { scheme: &self.rules.scheme, proof, time: second_time },
            None => Head { scheme: &self.rules.scheme, proof, time: first_time },
        })
    }

    /// Adds to these facts what the receiver knows: vendor, naming and retention.
    // Without `always` (instructions, in the packages): a Benji webhook +2 %.
    #[inline(always)]
    pub(crate) fn context(&self, facts: &Facts<'_>) -> DeliveryContext {
        let Facts { time, time_is_signed, several, mac, signed_time } = *facts;
        let naming = self.naming.clone();
        let assurance = Assurance::of(mac.is_some(), time_is_signed, time);
        let (policy, configured_seconds, has_id_key) = match &naming {
            None => (ReplayPolicy::Default, None, false),
            Some(naming) => (naming.policy, naming.retention_seconds, naming.id_key.is_some()),
        };
        DeliveryContext {
            vendor: self.rules.vendor,
            naming,
            assurance,
            time,
            several,
            mac,
            // Ids are made from it only with an id key.
            signed_time: if has_id_key { signed_time.into() } else { Box::default() },
            retention_seconds: configured_seconds.or_else(|| self.retention_seconds(policy, assurance.time)),
            recorded: None,
        }
    }

    /// How long to keep replay keys, in seconds, by the table of [`ReplayPolicy`]; `None` means for ever. `time` tells
    /// whether the time of the request is signed.
    fn retention_seconds(&self, policy: ReplayPolicy, time: Coverage) -> Option<u64> {
        if time == Coverage::Signed {
            // A replay with the same time passes until the window ends. One with another time never passes.
            return Some(self.replayable_seconds());
        }
        // With `ReplayPolicy::None` no key is made, so this value is not shown.
        match (self.rules.scheme.time_location.retention_seconds(), policy) {
            (Some(seconds), ReplayPolicy::Default) => Some(seconds),
            (Some(_), ReplayPolicy::Strict | ReplayPolicy::None) => Some(RETENTION_SECONDS),
            (None, ReplayPolicy::Strict) => None,
            (None, ReplayPolicy::Default | ReplayPolicy::None) if time == Coverage::Absent => {
                Some(RETENTION_SECONDS)
            }
            (None, ReplayPolicy::Default | ReplayPolicy::None) => Some(self.replayable_seconds()),
        }
    }

    /// How long the window accepts replays of a request, in seconds: a day if the window is off.
    fn replayable_seconds(&self) -> u64 {
        match (self.window.past_seconds(), self.window.future_seconds()) {
            // Both ends are inclusive, so a replay can pass 1 ms beyond the sum. One second covers it.
            (Some(past), Some(future)) => past.saturating_add(future).saturating_add(1),
            _ => RETENTION_SECONDS,
        }
    }

    #[cold]
    fn reject(&self, reason: Reason) -> Rejection {
        const ALLOW_POST: ResponseHeaders = &[("allow", "POST")];
        const ALLOW_GET_AND_POST: ResponseHeaders = &[("allow", "GET, POST")];
        let headers = match (reason.status(), self.rules.challenge_header) {
            (405, Some(_)) => ALLOW_GET_AND_POST,
            (405, None) => ALLOW_POST,
            (401, _) => self.authenticator.www_authenticate(),
            _ => &[],
        };
        Rejection::new(reason, headers)
    }
}

// Without `always` (instructions, in the packages): refusing a byte too many +8 %.
#[inline(always)]
fn check_encoding(encoding: &Field<'_>) -> Result<(), Reason> {
    match encoding.value() {
        Err(NoValue::Absent) => Ok(()),
        Ok(encoding) if encoding.eq_ignore_ascii_case(b"identity") => Ok(()),
        Ok(_) | Err(NoValue::Unreadable) => Err(Reason::UnsupportedContentEncoding),
        Err(NoValue::Repeated) => Err(Reason::RepeatedHeader { header: CONTENT_ENCODING }),
    }
}

/// The time in a header, if the scheme has it there and the header is present.
#[inline]
fn header_time(
    scheme: &Scheme,
    verified: &Verified<'_, '_>,
    field: &Field<'_>,
) -> Result<Option<HeaderTime>, Reason> {
    let TimeLocation::Header { name, parse } = scheme.time_location else { return Ok(None) };
    let text = match verified.signed_time {
        Some(signed) => Some(signed),
        None => time_text(name, field)?,
    };
    match text {
        Some(text) => parse(text).map(Some).ok_or(Reason::MalformedTimestamp { header: name }),
        None => Ok(None),
    }
}

/// Whether a `content-length` is above the limit. A number too large for `usize` is above any limit.
fn announces_more_than(length: &[u8], limit: usize) -> bool {
    let length = core::str::from_utf8(length).unwrap_or_default();
    let is_number = !length.is_empty() && length.bytes().all(|byte| byte.is_ascii_digit());
    is_number && !length.parse::<usize>().is_ok_and(|length| length <= limit)
}

/// The fields of the headers that a check reads: content encoding and proof, then the one or two that may hold a time.
type CheckedFields<'h> = [Field<'h>; CHECKED_HEADERS];

const NO_FIELDS: CheckedFields<'static> = [const { Field::Absent }; CHECKED_HEADERS];

/// The scheme of a request, and the fields that it reads.
struct Head<'f, 'h> {
    scheme: &'static Scheme,
    proof: &'f Field<'h>,
    /// The header with the time. Absent if the scheme has none.
    time: &'f Field<'h>,
}

/// The facts about a request whose proof and whose time in a header were checked.
struct Authenticated<'r, 'f> {
    scheme: &'static Scheme,
    verified: Verified<'r, 'f>,
    header_time: Option<HeaderTime>,
}

impl Authenticated<'_, '_> {
    /// The facts of the delivery before its payload is read.
    #[inline]
    fn facts(&self) -> Facts<'_> {
        Facts {
            time: self.header_time.map(|time| time.time),
            time_is_signed: self.verified.signed_time.is_some(),
            several: false,
            mac: self.verified.mac,
            signed_time: self.verified.signed_time.unwrap_or_default(),
        }
    }
}

/// The purpose of a request, which its method tells.
#[derive(Debug, Clone, Copy)]
enum Purpose {
    Delivery,
    Handshake { challenge_header: &'static str },
}
