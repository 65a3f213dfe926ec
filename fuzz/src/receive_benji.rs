//! Compares a Benji receiver with the oracle, for any method, headers and body, in both schemes.

use serde_json::json;

use hookseal::{
    Delivery, Keys, Received, Receiver, ReplayPolicy, Request, Secret, Window, benji,
    sign::{self, SignedHeaders},
};

use crate::{
    dates,
    input::{Fields, Input},
    names::{self, Id, Naming},
    oracle::{self, Encoding, Expected, Malformed, hmac_sha256},
    receive::{self, Limits, SECRET, now},
    vectors,
};

const SIGNATURE: &str = "x-benji-signature";
const SIGNED_DATE: &str = "x-benji-timestamp";
const UNSIGNED_DATE: &str = "x-webhook-datetime";

/// The content of an input: a byte of choices about the request, one about the receiver, then headers and body.
struct Chosen<'a> {
    method: &'static str,
    fields: Fields,
    body: &'a [u8],
    limits: Limits,
    encoding: Encoding,
    pinned: Option<Encoding>,
    optional_date: bool,
    signed_date_alone: bool,
    window: Option<(u64, u64)>,
    naming: Naming,
}

impl<'a> Chosen<'a> {
    fn read(data: &'a [u8]) -> Self {
        let mut input = Input::new(data);
        let (request, options) = (input.byte(), input.byte());
        let (mut fields, body) = input.request();
        let encoding = Encoding::ALL[usize::from(request >> 3) % 3];
        let in_old_scheme = request & 32 == 32;
        if request & 1 == 1 && request & 64 == 64 {
            let sign = if in_old_scheme { sign::benji_body_only_encoded } else { sign::benji_encoded };
            let signed = sign(&secret(), body, now(), encoding.in_hookseal());
            receive::with_signature(&mut fields, &signed, request & 128 == 128);
        } else if request & 1 == 1 {
            // The right signature for the dates of the input, or that of the other scheme.
            let date = first(&fields, SIGNED_DATE).or(first(&fields, UNSIGNED_DATE)).unwrap_or_default();
            let covers_date = first(&fields, SIGNED_DATE).is_some() != in_old_scheme;
            let tag = mac(if covers_date { date } else { b"" }, body);
            if request & 128 == 0 {
                fields.retain(|(name, _)| !name.eq_ignore_ascii_case(SIGNATURE));
            }
            fields.push((SIGNATURE.into(), encoding.encode(&tag, true).into_bytes()));
        }
        Self {
            method: ["POST", "POST", "GET", "post"][usize::from(request >> 1 & 3)],
            fields,
            body,
            limits: Limits::chosen(options & 1 == 1),
            encoding,
            pinned: (options & 2 == 2).then_some(encoding),
            optional_date: options & 4 == 4,
            signed_date_alone: options & 36 == 32,
            // One side is longer than the range of a `Timestamp`.
            window: [Some((300, 300)), Some((0, 0)), Some((400_000_000_000, 5)), None]
                [usize::from(options >> 3 & 3)],
            naming: Naming::chosen(options >> 6),
        }
    }

    fn receiver(&self) -> Receiver {
        let window = self.window.map_or(Window::off(), |(past, future)| Window::seconds(past, future));
        let mut options = benji::Options::default().window(window);
        if let Some(encoding) = self.pinned {
            options = options.signature_encoding(encoding.in_hookseal());
        }
        if self.optional_date {
            options = options.allow_missing_date();
        }
        if self.signed_date_alone {
            options = options.require_signed_time();
        }
        self.naming.set(self.limits.set(options.receiver(Keys::new(SECRET).unwrap()).unwrap()))
    }

    /// The expected result of method, headers and the bytes of the body, before its content is read.
    fn head(&self) -> Result<Checked<'_>, &'static str> {
        let Self { method, fields, body, .. } = self;
        oracle::admitted(method, &["POST"], fields, body, self.limits.body_bytes)?;
        let value = oracle::proof(fields, SIGNATURE)?;
        let tag = oracle::signature(value, self.pinned).ok_or("malformed_signature")?;
        let signed_date = match oracle::field(fields, SIGNED_DATE) {
            Err(0) if self.signed_date_alone => return Err("missing_timestamp"),
            Err(0) => None,
            Err(_) => return Err("repeated_header"),
            Ok(b"") => return Err("malformed_timestamp"),
            Ok(value) => Some(value),
        };
        if tag != mac(signed_date.unwrap_or_default(), body) {
            return Err("signature_mismatch");
        }
        let date = match (signed_date, oracle::field(fields, UNSIGNED_DATE)) {
            (Some(value), _) | (None, Ok(value)) => {
                Some(dates::of_benji(value).ok_or("malformed_timestamp")?)
            }
            (None, Err(0)) if self.optional_date => None,
            (None, Err(0)) => return Err("missing_timestamp"),
            (None, Err(_)) => return Err("repeated_header"),
        };
        if let (Some((time, _)), Some((past, future))) = (date, self.window) {
            let age = i128::from(now().unix_millis()) - i128::from(time);
            if age > i128::from(past) * 1000 {
                return Err("stale");
            }
            if -age > i128::from(future) * 1000 {
                return Err("from_the_future");
            }
        }
        Ok(Checked { signed_date, date })
    }
}

/// A request whose headers are accepted.
#[derive(Debug, Clone, Copy)]
struct Checked<'a> {
    signed_date: Option<&'a [u8]>,
    /// The date in unix milliseconds, and whether its zone was assumed.
    date: Option<(i64, bool)>,
}

fn secret() -> Secret {
    Secret::new(SECRET).unwrap()
}

/// The first value of a name, trimmed.
fn first<'a>(fields: &'a Fields, name: &str) -> Option<&'a [u8]> {
    let found = fields.iter().find(|(other, _)| other.eq_ignore_ascii_case(name));
    found.map(|(_, value)| oracle::trimmed(value))
}

fn mac(date: &[u8], body: &[u8]) -> [u8; 32] {
    hmac_sha256(SECRET.as_bytes(), &[date, body].concat())
}

pub fn check(data: &[u8]) {
    let chosen = Chosen::read(data);
    let (receiver, limits) = (chosen.receiver(), chosen.limits);
    let Chosen { method, fields, body, .. } = &chosen;
    let head = chosen.head();
    let outcome = receiver.receive(Request::new(method, fields, *body), now());
    receive::check(&outcome, head.map(drop), body, limits);
    receive::check_before_body(&receiver, method, fields, &outcome);
    check_unreadable_date(&receiver, &chosen);
    if let Err(rejection) = &outcome {
        let is_new = first(fields, SIGNED_DATE).is_some();
        check_message(rejection.code(), &rejection.to_string(), is_new, chosen.signed_date_alone);
    }

    let Ok(checked) = head else { return };
    let expected = expected(body, checked.date, limits);
    let Ok(Received::Delivery(delivery)) = &outcome else {
        assert!(expected.is_err(), "refused: {expected:?}");
        return;
    };
    check_delivery(delivery, &chosen, checked, expected.expect("accepted"));
    check_again(&receiver, &chosen, checked, delivery);
    check_forgeries(&receiver, &chosen, checked);
}

/// Checks that a signed date with a character above U+00FF is refused after the signature's form is checked and before
/// the signature is compared.
fn check_unreadable_date(receiver: &Receiver, chosen: &Chosen<'_>) {
    let Chosen { method, fields, body, .. } = chosen;
    let mut texts: Vec<(&str, String)> = fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.iter().copied().map(char::from).collect()))
        .filter(|(name, _): &(&str, String)| !name.eq_ignore_ascii_case(SIGNED_DATE))
        .collect();
    texts.push((SIGNED_DATE, "Wed, 04 Mar 2026 05:06:07 GMT\u{100}".into()));
    let expected = oracle::admitted(method, &["POST"], fields, body, chosen.limits.body_bytes)
        .and_then(|()| oracle::proof(fields, SIGNATURE))
        .and_then(|value| oracle::signature(value, chosen.pinned).ok_or("malformed_signature"))
        .map_or_else(|code| code, |_| "malformed_timestamp");
    let outcome = receiver.receive(Request::new(method, &texts, *body), now());
    assert_eq!(outcome.map(drop).map_err(|rejection| rejection.code()), Err(expected));
}

/// Checks that a message about the scheme names the header and the scheme that were used.
fn check_message(code: &str, message: &str, is_new: bool, signed_date_alone: bool) {
    let words: &[&str] = match (code, is_new) {
        ("signature_mismatch", true) => &[SIGNATURE, "from x-benji-timestamp followed by the body"],
        ("signature_mismatch", false) => &[SIGNATURE, "from the body alone", SIGNED_DATE],
        ("missing_timestamp", false) if signed_date_alone => &[SIGNED_DATE, "require_signed_time"],
        ("missing_timestamp", false) => &[UNSIGNED_DATE, SIGNED_DATE, "allow_missing_date"],
        ("missing_timestamp", true) => panic!("the header is present: {message}"),
        _ => &[],
    };
    assert!(words.iter().all(|word| message.contains(word)), "{code}: {message}");
}

fn check_delivery(
    delivery: &Delivery<&[u8]>,
    chosen: &Chosen<'_>,
    Checked { signed_date, date }: Checked<'_>,
    expected: Expected<'_>,
) {
    let (body, naming) = (chosen.body, chosen.naming);
    let time = date.map(|(millis, _)| millis);
    assert_eq!(delivery.time().map(|time| time.unix_millis()), time);
    let of_time = match (signed_date, time) {
        (Some(_), _) => "signed",
        (None, Some(_)) => "unsigned",
        (None, None) => "absent",
    };
    assert_eq!(delivery.assurance().to_string(), format!("body signed, time {of_time}, name signed"));

    // The proved part, which every id and key contains: the signature, or with an id key the signed message.
    let message = [signed_date.unwrap_or_default(), body].concat();
    let proved =
        if naming.id_key.is_some() { message } else { hmac_sha256(SECRET.as_bytes(), &message).to_vec() };
    let seconds = time.map_or(String::new(), |millis| millis.div_euclid(1000).to_string());
    let is_strict = naming.policy == ReplayPolicy::Strict;
    let with_date = [proved.as_slice(), seconds.as_bytes()];
    let key_parts = if signed_date.is_some() || is_strict { &with_date[..1] } else { &with_date[..] };
    let retention = match chosen.window {
        _ if signed_date.is_none() && is_strict => None,
        _ if time.is_none() => Some(86_400),
        Some((past, future)) => Some(past + future + 1),
        None => Some(86_400),
    };
    let millis = time.map_or(String::new(), |millis| millis.to_string());
    let id = Id::Numbered(vec![proved.clone(), millis.into_bytes()]);
    names::check(delivery, naming, key_parts, retention, |_| id.clone());
    oracle::check_elements(delivery, [Ok(&expected)].into_iter());
}

/// Checks that an accepted request is accepted again if `sign` makes its headers in the same scheme.
fn check_again(
    receiver: &Receiver,
    chosen: &Chosen<'_>,
    Checked { signed_date, .. }: Checked<'_>,
    delivery: &Delivery<&[u8]>,
) {
    let time = delivery.time().unwrap_or(now());
    if delivery.time().is_some_and(|time| time.unix_millis() % 1000 == 0) {
        let sign = if signed_date.is_some() { sign::benji_encoded } else { sign::benji_body_only_encoded };
        let signed: SignedHeaders = sign(&secret(), chosen.body, time, chosen.encoding.in_hookseal());
        receive::check_again(receiver, delivery, "POST", &signed, chosen.body, now());
    }
}

/// Checks that no other content is accepted with the signature of an accepted request.
fn check_forgeries(receiver: &Receiver, chosen: &Chosen<'_>, Checked { signed_date, .. }: Checked<'_>) {
    let Chosen { fields, body, .. } = chosen;
    let with_date = |date: Option<&[u8]>| {
        let mut fields: Fields = fields.clone();
        fields.retain(|(name, _)| !name.eq_ignore_ascii_case(SIGNED_DATE));
        fields.extend(date.map(|date| (SIGNED_DATE.to_owned(), date.to_vec())));
        fields
    };
    let refused = |fields: &Fields, body: &[u8]| {
        let outcome = receiver.receive(Request::post(fields, body), now());
        assert!(outcome.is_err(), "a forgery: {fields:?} {}", body.escape_ascii());
    };
    // A longer body.
    refused(fields, &[*body, b" "].concat());
    match signed_date {
        Some(date) => {
            // The whole date, or its end, moved to the beginning of the body.
            refused(&with_date(None), &[date, body].concat());
            for split in 0..date.len() {
                let (left, moved) = date.split_at(split);
                refused(&with_date(Some(left)), &[moved, body].concat());
            }
            for split in 1..=body.len().min(40) {
                refused(&with_date(Some(&[date, &body[..split]].concat())), &body[split..]);
            }
        }
        // The beginning of the body moved to the date.
        None => {
            for split in 0..=body.len().min(80) {
                refused(&with_date(Some(&body[..split])), &body[split..]);
            }
        }
    }
}

/// The expected event of a body.
fn expected(body: &[u8], date: Option<(i64, bool)>, limits: Limits) -> Result<Expected<'_>, Malformed> {
    let json = oracle::Json::read(body, limits.depth).map_err(|_| Malformed)?;
    if json.longest_number() > limits.number_length {
        return Err(Malformed);
    }
    let raw = std::str::from_utf8(body).unwrap().trim_matches([' ', '\t', '\r', '\n']);
    let members = oracle::members(raw).ok_or(Malformed)?;
    let field = |name| oracle::read(&members, name);
    let name = oracle::text(field("event")?).ok_or(Malformed)?;
    let integer = |value: Option<&str>| match value {
        None | Some("null") => Ok(None),
        Some(value) => {
            oracle::digits(value).filter(|text| oracle::is_integer(text)).map(Some).ok_or(Malformed)
        }
    };
    let (one, other) = (integer(field("entity")?)?, integer(field("entity_type")?)?);
    if one.is_some() && other.is_some() && one != other {
        return Err(Malformed);
    }
    let entity = one.or(other).map(|number| match number.as_str() {
        "1" => "user",
        "2" => "campaign",
        "3" => "transaction",
        _ => "other",
    });
    let known = match name.as_str() {
        "user_partner_authentication_created" | "user_partner_connected" => Some(("user", "connected")),
        "campaign_updated" => Some(("campaign", "updated")),
        "campaign_activated" => Some(("campaign", "activated")),
        "campaign_ended" => Some(("campaign", "ended")),
        "transaction_created" => Some(("transaction", "created")),
        "transaction_authenticated" => Some(("transaction", "authenticated")),
        "transaction_status_updated" | "reward_transaction_updated" | "reward_transaction_update" => {
            Some(("transaction", "updated"))
        }
        _ => None,
    };
    let (entity, action) = match (entity, known) {
        (None, Some(known)) => known,
        (Some(entity), Some(known)) if entity == known.0 => known,
        (entity, _) => (entity.unwrap_or("other"), "other"),
    };
    Ok(Expected {
        kind: format!("{entity}.{action}"),
        name,
        subject: (entity, oracle::id(field("entity_id")?)?),
        time: date.map(|(millis, _)| millis),
        time_zone_assumed: date.is_some_and(|(_, assumed)| assumed),
        raw,
    })
}

/// The input as a conformance vector.
pub fn vector(data: &[u8]) -> vectors::Written<'_> {
    let chosen = Chosen::read(data);
    let mut options = chosen.limits.options();
    chosen.naming.add_to(&mut options);
    if chosen.optional_date {
        options.insert("allow_missing_date".into(), true.into());
    }
    if chosen.signed_date_alone {
        options.insert("require_signed_time".into(), true.into());
    }
    options
        .insert("window".into(), chosen.window.map_or("off".into(), |(past, future)| json!([past, future])));
    if let Some(encoding) = chosen.pinned {
        options.insert("signature_encoding".into(), encoding.in_hookseal().as_str().into());
    }
    let outcome = chosen.receiver().receive(Request::new(chosen.method, &chosen.fields, chosen.body), now());
    vectors::vector("benji", options, chosen.method, &chosen.fields, chosen.body, &outcome)
}

#[cfg(test)]
mod tests {
    use hookseal::SetupError;

    use super::*;

    #[test]
    fn a_signed_date_that_is_required_cannot_be_missing() {
        let options = benji::Options::default().allow_missing_date().require_signed_time();
        let refused = options.receiver(Keys::new(SECRET).unwrap()).unwrap_err();
        assert_eq!(refused, SetupError::SignedTimeAndMissingDate);
    }

    #[test]
    fn the_headers_are_those_of_the_core() {
        assert_eq!(
            [SIGNATURE, SIGNED_DATE, UNSIGNED_DATE],
            [benji::SIGNATURE_HEADER, benji::TIMESTAMP_HEADER, benji::DATE_HEADER]
        );
    }
}
