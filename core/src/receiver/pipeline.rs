//! The steps of a request, in their order.

use alloc::{borrow::Cow, boxed::Box};

use super::{
    options::{MOST_HEADERS, Receiver},
    request::{Received, Request},
};
use crate::{
    authenticate::{KeyId, Scheme, TimeText, Verified},
    delivery::{Delivery, Unauthenticated},
    event::{Assurance, Context, Coverage, Entry, Facts},
    freshness::{Clock, HeaderTime, Timestamp, Window},
    handshake,
    headers::{CONTENT_ENCODING, CONTENT_LENGTH, Field, Headers},
    reading::{Batch, Reading},
    rejection::{Covers, Reason, Rejection, ResponseHeaders},
    replay::{RETENTION_SECONDS, ReplayPolicy},
};

impl Receiver {
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
        self.check_before_body(method, headers).map_err(|reason| self.reject(reason))
    }

    fn check_before_body<H: Headers + ?Sized>(&self, method: &str, headers: &H) -> Result<(), Reason> {
        let step = self.step(method)?;
        let Fields { encoding, proof, scheme, time } = self.fields(headers);
        check_encoding(encoding)?;
        if matches!(
            headers.field(CONTENT_LENGTH).trimmed(),
            Field::Value(length) if announces_more_than(&length, self.limits.body_bytes)
        ) {
            return Err(Reason::PayloadTooLarge { limit: self.limits.body_bytes });
        }
        match (self.authenticator.check_before_body(scheme, proof, &time), step) {
            (Err(Reason::MissingSignature { .. }), Step::Handshake(_)) if self.allow_unsigned_handshake => {
                Ok(())
            }
            (checked, _) => checked,
        }
    }

    /// Checks a request and reads it.
    ///
    /// The steps are: method and content encoding; size; the proof; the time in a header, where the vendor has one, within
    /// the window; the payload; the time in the events, where the vendor has it there. On a `GET` of a vendor that has a
    /// handshake, the challenge follows the proof. Nothing of the body is read before the proof holds.
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
        let received = match self.check(method, headers, body.as_ref(), now) {
            Ok(Accepted::Delivery(checked)) => self.read(body, checked, now).map(Received::Delivery),
            Ok(Accepted::Handshake(header)) => {
                handshake::answer(header, headers.field(header)).map(Received::Handshake)
            }
            Err(reason) => Err(reason),
        };
        received.map_err(|reason| self.reject(reason))
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
        let Fields { encoding, proof, scheme, time } = self.fields(headers);
        check_encoding(encoding)?;
        let verified = match (self.authenticator.check(scheme, proof, &time, body, now), step) {
            (Ok(verified), Step::Delivery) => verified,
            (Ok(_), Step::Handshake(header)) => return Ok(Accepted::Handshake(header)),
            (Err(Reason::MissingSignature { .. }), Step::Handshake(header))
                if self.allow_unsigned_handshake =>
            {
                return Ok(Accepted::Handshake(header));
            }
            (Err(reason), _) => return Err(reason),
        };
        let text = time?;
        let time = match (&scheme.clock, &text) {
            (Clock::Header { name, parse }, Some(text)) => {
                let Some(time) = parse(text) else {
                    return Err(Reason::MalformedTimestamp { header: name });
                };
                Some(time)
            }
            _ => None,
        };
        if let Clock::Header { .. } = scheme.clock {
            self.check_freshness(scheme, time.map(|time| time.time), now)?;
        }
        Ok(Accepted::Delivery(Checked { scheme, text, time, verified }))
    }

    /// Whether a request of this time may be accepted now: the one place where that is decided.
    fn check_freshness(
        &self,
        scheme: &Scheme,
        time: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<(), Reason> {
        if let Some(time) = time {
            return self.window.check(time, now);
        }
        let may_be_absent = match scheme.clock {
            Clock::Header { .. } => self.allow_missing_time,
            Clock::Events => self.window == Window::off(),
            Clock::None => true,
        };
        if may_be_absent {
            return Ok(());
        }
        Err(Reason::MissingTimestamp { header: scheme.clock.header(), covers: scheme.covers })
    }

    /// Reads the payload of a request whose sender is known, and checks what can be checked only then.
    #[inline]
    fn read<B: AsRef<[u8]>>(
        &self,
        body: B,
        checked: Checked<'_, '_>,
        now: Timestamp,
    ) -> Result<Delivery<B>, Reason> {
        let Checked { scheme, text, time, verified } = checked;
        let batch = self.parse(body.as_ref(), time)?;
        let time = match scheme.clock {
            Clock::Events => {
                let newest = batch.entries.iter().filter_map(Entry::time).max();
                self.check_freshness(scheme, newest, now)?;
                newest
            }
            Clock::Header { .. } | Clock::None => time.map(|time| time.time),
        };
        let time_is_signed = matches!(scheme.covers, Covers::HeaderAndBody { .. });
        let context = self.context(&Facts {
            time,
            time_is_signed,
            several: batch.has_several(),
            mac: verified.mac,
            signed_time: if time_is_signed { text.as_deref().unwrap_or_default() } else { &[] },
        });
        Ok(Delivery { body, context, key_id: verified.key_id.clone(), batch })
    }

    #[inline]
    fn parse(&self, body: &[u8], time: Option<HeaderTime>) -> Result<Batch, Reason> {
        let reading = Reading {
            limits: &self.limits,
            utc_offset_minutes: self.utc_offset_minutes,
            time: time.map(|time| time.time),
            time_zone_assumed: time.is_some_and(|time| time.zone_assumed),
        };
        let mut batch = Batch::default();
        (self.rules.read)(body, &reading, &mut batch)?;
        Ok(batch)
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
        let batch = self.parse(body.as_ref(), None).map_err(|reason| self.reject(reason))?;
        let facts = Facts { several: batch.has_several(), ..Facts::NONE };
        let context = self.context(&facts);
        Ok(Unauthenticated { delivery: Delivery { body, context, key_id: KeyId::Position(0), batch } })
    }

    /// The first step: the method.
    #[inline]
    fn step(&self, method: &str) -> Result<Step, Reason> {
        match (method, self.rules.challenge_header) {
            ("POST", _) => Ok(Step::Delivery),
            ("GET", Some(header)) => Ok(Step::Handshake(header)),
            _ => Err(Reason::MethodNotAllowed),
        }
    }

    /// The headers of a request, and the scheme that they tell.
    #[inline]
    fn fields<'h, H: Headers + ?Sized>(&self, headers: &'h H) -> Fields<'h> {
        let mut found = [const { Field::Absent }; MOST_HEADERS];
        let proof = self.authenticator.header();
        match self.rules.time_headers() {
            [Some(first), Some(other)] => {
                headers.fields(&[CONTENT_ENCODING, proof, other, first], &mut found)
            }
            [None, Some(other)] => headers.fields(&[CONTENT_ENCODING, proof, other], &mut found),
            [Some(first), None] => {
                headers.fields(&[CONTENT_ENCODING, proof, first], &mut found);
                found.swap(2, 3);
            }
            [None, None] => headers.fields(&[CONTENT_ENCODING, proof], &mut found),
        }
        let [encoding, proof, other, first] = found;
        let is_told = !matches!(first, Field::Absent) || self.require_first_scheme;
        let (scheme, time) = match &self.rules.first_scheme {
            Some(scheme) if is_told => (scheme, first),
            _ => (&self.rules.scheme, other),
        };
        Fields { encoding, proof, scheme, time: scheme.time_text(time) }
    }

    /// The context of a delivery with these facts.
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
            // Ids are made of it with an id key alone.
            signed_time: if has_id_key { signed_time.into() } else { Box::default() },
            retention_seconds: set.or_else(|| self.retention_seconds(policy, assurance.time)),
        }
    }

    /// How long replay keys are kept, in seconds, by the table of [`ReplayPolicy`]; `None` is without end. `time` is how
    /// far the time of the request can be trusted.
    fn retention_seconds(&self, policy: ReplayPolicy, time: Coverage) -> Option<u64> {
        match (&self.rules.scheme.clock, time, policy) {
            (Clock::Header { .. }, Coverage::Signed, _) => Some(self.replay_seconds),
            (Clock::Header { .. }, _, ReplayPolicy::Strict) => None,
            (Clock::Header { .. }, Coverage::Unsigned, _) => Some(self.replay_seconds),
            (Clock::Header { .. }, Coverage::Absent, _) => Some(RETENTION_SECONDS),
            (Clock::Events | Clock::None, _, ReplayPolicy::Default) => Some(self.rules.retention_seconds),
            (Clock::Events | Clock::None, _, ReplayPolicy::Strict | ReplayPolicy::None) => {
                Some(RETENTION_SECONDS)
            }
        }
    }

    #[cold]
    fn reject(&self, reason: Reason) -> Rejection {
        const ALLOW_POST: ResponseHeaders = &[("allow", "POST")];
        const ALLOW_GET_AND_POST: ResponseHeaders = &[("allow", "GET, POST")];
        let headers = match (reason.status(), self.rules.challenge_header) {
            (405, Some(_)) => ALLOW_GET_AND_POST,
            (405, None) => ALLOW_POST,
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

/// Whether a `content-length` is above the limit; digits that are no `usize` are above any.
fn announces_more_than(length: &[u8], limit: usize) -> bool {
    let length = core::str::from_utf8(length).unwrap_or_default();
    let is_number = !length.is_empty() && length.bytes().all(|byte| byte.is_ascii_digit());
    is_number && !length.parse::<usize>().is_ok_and(|length| length <= limit)
}

/// What method and headers say.
struct Fields<'h> {
    encoding: Field<'h>,
    proof: Field<'h>,
    scheme: &'static Scheme,
    time: TimeText<'h>,
}

/// A request whose sender is known.
enum Accepted<'r, 'h> {
    Delivery(Checked<'r, 'h>),
    /// With the header of its challenge.
    Handshake(&'static str),
}

/// A delivery whose payload is not yet read.
struct Checked<'r, 'h> {
    scheme: &'static Scheme,
    /// The time in a header, as it arrived and as it was read.
    text: Option<Cow<'h, [u8]>>,
    time: Option<HeaderTime>,
    verified: Verified<'r>,
}

/// What a request's method asks for.
#[derive(Debug, Clone, Copy)]
enum Step {
    Delivery,
    /// With the header of its challenge.
    Handshake(&'static str),
}
