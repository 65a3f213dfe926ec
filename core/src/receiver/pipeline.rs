//! The steps of a request, in their order.

use alloc::boxed::Box;

use super::{
    options::Receiver,
    request::{Received, Request},
};
use crate::{
    authenticate::{KeyId, Verified},
    benji, benti,
    delivery::{Delivery, Unauthenticated},
    event::{Assurance, Context, Entry, Facts},
    freshness::{Timestamp, Window},
    headers::{CONTENT_ENCODING, CONTENT_LENGTH, Field, Headers},
    kind::Vendor,
    reading::{Batch, Reading},
    rejection::{Covers, Reason, Rejection, ResponseHeaders},
    replay::ReplayPolicy,
    vendors,
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
        vendors::read(self.vendor, body.as_ref(), &reading, batch)?;
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
        let context = self.context(&Facts {
            time: date.map(|date| date.time),
            time_is_signed: signed_time.is_some(),
            several: false,
            mac,
            signed_time: signed_time.as_deref().unwrap_or_default(),
        });
        Delivery { body, context, key_id: key_id.clone(), batch: Batch::default() }
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
        let by_table =
            || vendors::retention_seconds(self.vendor, policy, assurance.time, self.replay_seconds);
        Context {
            vendor: self.vendor,
            naming,
            assurance,
            time,
            several,
            mac,
            // Ids are made of it with an id key alone.
            signed_time: if has_id_key { signed_time.into() } else { Box::default() },
            retention_seconds: set.or_else(by_table),
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

/// Whether a `content-length` is above the limit; digits that are no `usize` are above any.
fn announces_more_than(length: &[u8], limit: usize) -> bool {
    let length = core::str::from_utf8(length).unwrap_or_default();
    let is_number = !length.is_empty() && length.bytes().all(|byte| byte.is_ascii_digit());
    is_number && !length.parse::<usize>().is_ok_and(|length| length <= limit)
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
