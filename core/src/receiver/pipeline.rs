//! The steps of a request, in order.

use alloc::boxed::Box;

use super::{
    options::{CHECKED_HEADERS, Receiver},
    request::{Received, Request},
};
use crate::{
    authenticate::{KeyId, Scheme, SignedTimeScheme, time_text},
    delivery::{Delivery, Unauthenticated},
    event::{Assurance, Context, Coverage, Facts},
    freshness::{TimeLocation, Timestamp, Window},
    handshake,
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
    pub fn check_head<H: Headers + ?Sized>(&self, method: &str, headers: &H) -> Result<(), Rejection> {
        self.check_before_body(method, headers).map_err(|reason| self.reject(reason))
    }

    fn check_before_body<H: Headers + ?Sized>(&self, method: &str, headers: &H) -> Result<(), Reason> {
        let purpose = self.purpose(method)?;
        let mut found = NO_FIELDS;
        let head = self.head(headers, &mut found)?;
        let length = headers.field(CONTENT_LENGTH);
        if length.value().is_ok_and(|length| announces_more_than(length, self.limits.body_bytes)) {
            return Err(Reason::PayloadTooLarge { limit: self.limits.body_bytes });
        }
        match self.authenticator.check_before_body(head.scheme, head.proof, head.time) {
            Err(Reason::MissingSignature { .. }) if self.may_be_unsigned(purpose) => Ok(()),
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
        Request { method, headers, body }: Request<'_, H, B>,
        now: Timestamp,
    ) -> Result<Received<B>, Rejection> {
        let purpose = match self.method_and_size(method, headers, body.as_ref()) {
            Ok(purpose) => purpose,
            Err(reason) => return Err(self.reject(reason)),
        };
        let mut found = NO_FIELDS;
        let checked = match self.check(purpose, headers, &mut found, body.as_ref(), now) {
            Ok(Accepted::Delivery(checked)) => checked,
            Ok(Accepted::Handshake(header)) => {
                return handshake::answer(header, &headers.field(header))
                    .map(Received::Handshake)
                    .map_err(|reason| self.reject(reason));
            }
            Err(reason) => return Err(self.reject(reason)),
        };
        // Build the delivery in the return slot and read the payload into it: moving it takes as long as reading the
        // date.
        let context = self.context(&checked.facts);
        let key_id = checked.key_id.clone();
        let mut received = Ok(Received::Delivery(self.delivery(body, context, key_id, now)));
        if let Ok(Received::Delivery(delivery)) = &mut received
            && let Err(reason) = self.read_into(delivery, &checked, now)
        {
            received = Err(self.reject(reason));
        }
        received
    }

    /// A delivery whose payload is yet to be read.
    #[inline]
    pub(crate) fn delivery<B>(
        &self,
        body: B,
        context: Context,
        key_id: KeyId,
        received_at: Timestamp,
    ) -> Delivery<B> {
        let (limits, utc_offset_minutes) = (self.limits, self.utc_offset_minutes);
        Delivery { body, context, key_id, batch: Batch::default(), received_at, limits, utc_offset_minutes }
    }

    /// Checks the method and the size of the body. The only header that it may look for is the content encoding.
    #[inline]
    fn method_and_size<H: Headers + ?Sized>(
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

    /// Makes all other checks before the payload.
    #[inline]
    fn check<'f, 'h, H: Headers + ?Sized>(
        &self,
        purpose: Purpose,
        headers: &'h H,
        found: &'f mut [Field<'h>; CHECKED_HEADERS],
        body: &[u8],
        now: Timestamp,
    ) -> Result<Accepted<'_, 'f>, Reason> {
        let Head { scheme, proof, time } = self.head(headers, found)?;
        let verified = match (self.authenticator.check(scheme, proof, time, body, now), purpose) {
            (Ok(verified), Purpose::Delivery) => verified,
            (Ok(_), Purpose::Handshake(header)) => return Ok(Accepted::Handshake(header)),
            (Err(Reason::MissingSignature { .. }), Purpose::Handshake(header))
                if self.may_be_unsigned(purpose) =>
            {
                return Ok(Accepted::Handshake(header));
            }
            (Err(reason), _) => return Err(reason),
        };
        let time = match scheme.time_location {
            TimeLocation::Header { name, parse } => {
                let text = match verified.signed_time {
                    None => time_text(name, time)?,
                    signed => signed,
                };
                let read = text.map(|text| parse(text).ok_or(Reason::MalformedTimestamp { header: name }));
                let time = read.transpose()?;
                self.check_freshness(scheme, time.map(|time| time.time), now)?;
                time
            }
            TimeLocation::Events { .. } | TimeLocation::Nowhere { .. } => None,
        };
        let facts = Facts {
            time: time.map(|time| time.time),
            time_is_signed: verified.signed_time.is_some(),
            several: false,
            mac: verified.mac,
            signed_time: verified.signed_time.unwrap_or_default(),
        };
        let time_zone_assumed = time.is_some_and(|time| time.zone_assumed);
        Ok(Accepted::Delivery(Checked { scheme, key_id: verified.key_id, facts, time_zone_assumed }))
    }

    /// Reads the payload of an authenticated request, then checks the time in its events.
    #[inline]
    fn read_into<B: AsRef<[u8]>>(
        &self,
        delivery: &mut Delivery<B>,
        checked: &Checked<'_, '_>,
        now: Timestamp,
    ) -> Result<(), Reason> {
        let Delivery { body, context, batch, .. } = delivery;
        self.parse(body.as_ref(), context.time, checked.time_zone_assumed, batch)?;
        context.several = batch.has_several();
        if let TimeLocation::Events { .. } = checked.scheme.time_location {
            let newest = batch.newest_time();
            self.check_freshness(checked.scheme, newest, now)?;
            // The events are as signed as the body, and their time decides how long keys are kept.
            let time_is_signed = context.mac.is_some() && newest.is_some();
            let facts =
                Facts { time: newest, time_is_signed, several: batch.has_several(), ..checked.facts.clone() };
            *context = self.context(&facts);
        }
        Ok(())
    }

    /// Checks whether a request of this time may be accepted now. No other code decides this.
    #[inline(always)]
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
    pub(crate) fn parse(
        &self,
        body: &[u8],
        time: Option<Timestamp>,
        time_zone_assumed: bool,
        batch: &mut Batch,
    ) -> Result<(), Reason> {
        let context = ReadContext {
            limits: &self.limits,
            utc_offset_minutes: self.utc_offset_minutes,
            time,
            time_zone_assumed,
        };
        (self.rules.read_payload)(body, &context, batch)
    }

    /// Reads a body without authenticating it, for tools that show or test the reading itself.
    ///
    /// # Errors
    ///
    /// The body is too large or cannot be read.
    pub fn parse_unauthenticated<B: AsRef<[u8]>>(&self, body: B) -> Result<Unauthenticated<B>, Rejection> {
        if body.as_ref().len() > self.limits.body_bytes {
            return Err(self.reject(Reason::PayloadTooLarge { limit: self.limits.body_bytes }));
        }
        let mut batch = Batch::default();
        self.parse(body.as_ref(), None, false, &mut batch).map_err(|reason| self.reject(reason))?;
        let facts = Facts { several: batch.has_several(), ..Facts::NONE };
        let context = self.context(&facts);
        let delivery = self.delivery(body, context, KeyId::Position(0), Timestamp::MIN);
        Ok(Unauthenticated { delivery: Delivery { batch, ..delivery } })
    }

    /// The method tells a delivery from a handshake.
    #[inline]
    fn purpose(&self, method: &str) -> Result<Purpose, Reason> {
        match (method, self.rules.challenge_header) {
            ("POST", _) => Ok(Purpose::Delivery),
            ("GET", Some(header)) => Ok(Purpose::Handshake(header)),
            _ => Err(Reason::MethodNotAllowed),
        }
    }

    fn may_be_unsigned(&self, purpose: Purpose) -> bool {
        self.allow_unsigned_handshake && matches!(purpose, Purpose::Handshake(_))
    }

    /// Finds the headers of a request, and the scheme that they select.
    #[inline(always)]
    fn head<'f, 'h, H: Headers + ?Sized>(
        &self,
        headers: &'h H,
        found: &'f mut [Field<'h>; CHECKED_HEADERS],
    ) -> Result<Head<'f, 'h>, Reason> {
        let proof = self.authenticator.header();
        match self.rules.time_headers() {
            [Some(first), Some(other)] => headers.fields(&[CONTENT_ENCODING, proof, first, other], found),
            [Some(first), None] => headers.fields(&[CONTENT_ENCODING, proof, first], found),
            [None, Some(other)] => {
                headers.fields(&[CONTENT_ENCODING, proof, other], found);
                found.swap(2, 3);
            }
            [None, None] => headers.fields(&[CONTENT_ENCODING, proof], found),
        }
        let [encoding, proof, first, other] = &*found;
        check_encoding(encoding)?;
        Ok(match &self.rules.signed_time_scheme {
            Some(SignedTimeScheme { scheme, .. })
                if self.require_signed_time || !matches!(first, Field::Absent) =>
            {
                Head { scheme, proof, time: first }
            }
            _ => Head { scheme: &self.rules.scheme, proof, time: other },
        })
    }

    #[inline(always)]
    pub(crate) fn context(&self, facts: &Facts<'_>) -> Context {
        let Facts { time, time_is_signed, several, mac, signed_time } = *facts;
        let naming = self.naming.clone();
        let assurance = Assurance::of(mac.is_some(), time_is_signed, time);
        let (policy, set, has_id_key) = match &naming {
            None => (ReplayPolicy::Default, None, false),
            Some(naming) => (naming.policy, naming.retention_seconds, naming.id_key.is_some()),
        };
        Context {
            vendor: self.rules.vendor,
            naming,
            assurance,
            time,
            several,
            mac,
            // Ids are made from it only with an id key.
            signed_time: if has_id_key { signed_time.into() } else { Box::default() },
            retention_seconds: set.or_else(|| self.retention_seconds(policy, assurance.time)),
            recorded: None,
        }
    }

    /// How long to keep replay keys, in seconds, by the table of [`ReplayPolicy`]; `None` means for ever. `time` tells
    /// whether the time of the request is signed.
    fn retention_seconds(&self, policy: ReplayPolicy, time: Coverage) -> Option<u64> {
        match (time, &self.rules.scheme.time_location, policy) {
            // A replay with the same time passes until the window ends. One with another time never passes.
            (Coverage::Signed, ..) => Some(self.replayable_seconds()),
            (_, TimeLocation::Header { .. }, ReplayPolicy::Strict) => None,
            (Coverage::Unsigned, TimeLocation::Header { .. }, _) => Some(self.replayable_seconds()),
            (Coverage::Absent, TimeLocation::Header { .. }, _) => Some(RETENTION_SECONDS),
            (
                _,
                TimeLocation::Events { retention_seconds } | TimeLocation::Nowhere { retention_seconds },
                ReplayPolicy::Default,
            ) => Some(*retention_seconds),
            (
                _,
                TimeLocation::Events { .. } | TimeLocation::Nowhere { .. },
                ReplayPolicy::Strict | ReplayPolicy::None,
            ) => Some(RETENTION_SECONDS),
        }
    }

    /// How long the window accepts replays of a request, in seconds: a day if the window is off.
    fn replayable_seconds(&self) -> u64 {
        match (self.window.past_seconds(), self.window.future_seconds()) {
            // Both ends of the window are inclusive, so it is a moment longer than their sum.
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

#[inline(always)]
fn check_encoding(encoding: &Field<'_>) -> Result<(), Reason> {
    match encoding.value() {
        Err(NoValue::Absent) => Ok(()),
        Ok(encoding) if encoding.eq_ignore_ascii_case(b"identity") => Ok(()),
        Ok(_) | Err(NoValue::Unreadable) => Err(Reason::UnsupportedContentEncoding),
        Err(NoValue::Repeated) => Err(Reason::RepeatedHeader { header: CONTENT_ENCODING }),
    }
}

/// Whether a `content-length` is above the limit. A number too large for `usize` is above any limit.
fn announces_more_than(length: &[u8], limit: usize) -> bool {
    let length = core::str::from_utf8(length).unwrap_or_default();
    let is_number = !length.is_empty() && length.bytes().all(|byte| byte.is_ascii_digit());
    is_number && !length.parse::<usize>().is_ok_and(|length| length <= limit)
}

struct Head<'f, 'h> {
    scheme: &'static Scheme,
    proof: &'f Field<'h>,
    time: &'f Field<'h>,
}

const NO_FIELDS: [Field<'static>; CHECKED_HEADERS] = [const { Field::Absent }; CHECKED_HEADERS];

enum Accepted<'r, 'f> {
    Delivery(Checked<'r, 'f>),
    /// The name of the challenge header.
    Handshake(&'static str),
}

/// The facts of a delivery that are known before its payload is read.
struct Checked<'r, 'f> {
    scheme: &'static Scheme,
    key_id: &'r KeyId,
    facts: Facts<'f>,
    time_zone_assumed: bool,
}

/// The purpose of a request, which its method tells.
#[derive(Debug, Clone, Copy)]
enum Purpose {
    Delivery,
    /// The name of the challenge header.
    Handshake(&'static str),
}
