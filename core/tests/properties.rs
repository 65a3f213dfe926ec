//! Properties of any request, key, time and payload.

use std::collections::BTreeMap;

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD},
};
use hookseal::{
    Data, Delivery, Key, Keys, Number, Problem, Raw, Reason, Received, Receiver, Rejection, ReplayPolicy,
    Request, Secret, SignatureEncoding, Text, Timestamp, Window, benji, benti, bento::Credentials, sign,
};
use proptest::{collection::vec, prelude::*, sample::select};
use serde_json::value::RawValue;

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(cases) }
}

/// The ways in which a request proves where it comes from.
#[derive(Debug, Clone)]
enum Sender {
    Benji(SignatureEncoding),
    BenjiBodyOnly(SignatureEncoding),
    Benti,
    Basic(String),
    Bearer,
    Header(String),
}

impl Sender {
    fn receiver(&self, keys: Keys) -> Receiver {
        match self {
            Self::Benji(_) | Self::BenjiBodyOnly(_) => Receiver::benji(keys),
            Self::Benti => Receiver::benti(keys),
            Self::Basic(user) => Receiver::bento(Credentials::Basic { user, keys }),
            Self::Bearer => Receiver::bento(Credentials::Bearer { keys }),
            Self::Header(name) => Receiver::bento(Credentials::Header { name, keys }),
        }
        .unwrap()
    }

    fn sign(&self, secret: &[u8], body: &[u8], time: Timestamp) -> sign::SignedHeaders {
        let secret = Secret::new(secret).unwrap();
        match self {
            Self::Benji(encoding) => sign::benji_encoded(&secret, body, time, *encoding),
            Self::BenjiBodyOnly(encoding) => sign::benji_body_only_encoded(&secret, body, time, *encoding),
            Self::Benti => sign::benti(&secret),
            Self::Basic(user) => sign::bento_basic(user, &secret),
            Self::Bearer => sign::bento_bearer(&secret),
            Self::Header(name) => sign::bento_header(name, &secret),
        }
    }
}

fn encoding() -> impl Strategy<Value = SignatureEncoding> {
    select(vec![SignatureEncoding::Hex, SignatureEncoding::Base64, SignatureEncoding::Base64Url])
}

fn secret_in_a_header() -> impl Strategy<Value = Sender> {
    prop_oneof![
        Just(Sender::Benti),
        "[^:\\pC]{0,20}".prop_map(Sender::Basic),
        Just(Sender::Bearer),
        "[Xx]-[a-zA-Z0-9!#$%&'*+.^_`|~-]{1,20}".prop_map(Sender::Header),
    ]
}

fn benji() -> impl Strategy<Value = Sender> {
    prop_oneof![encoding().prop_map(Sender::Benji), encoding().prop_map(Sender::BenjiBodyOnly)]
}

fn sender() -> impl Strategy<Value = Sender> {
    prop_oneof![benji(), secret_in_a_header()]
}

/// Bytes that a header can carry unchanged.
fn header_value() -> impl Strategy<Value = Vec<u8>> {
    let visible = || prop_oneof![8 => 0x21_u8..=0x7e, 1 => 0x80_u8..=0xff];
    let inner = vec(prop_oneof![8 => visible(), 1 => Just(b' ')], 0..100);
    (visible(), inner, proptest::option::of(visible())).prop_map(|(first, mut inner, last)| {
        match last {
            Some(last) => inner.push(last),
            None => inner.clear(),
        }
        inner.insert(0, first);
        inner
    })
}

/// Any bytes that can be a secret.
fn any_secret(longest: usize) -> impl Strategy<Value = Vec<u8>> {
    vec(any::<u8>(), 1..longest).prop_filter("no secret", |bytes| Secret::new(bytes).is_ok())
}

/// A ring of one key with exactly this secret.
fn exactly(secret: impl AsRef<[u8]>) -> Keys {
    Keys::ring([Key::exact(secret).unwrap()]).unwrap()
}

fn timestamp() -> impl Strategy<Value = Timestamp> {
    (Timestamp::MIN.unix_millis()..=Timestamp::MAX.unix_millis()).prop_map(at)
}

fn at(millis: i64) -> Timestamp {
    Timestamp::from_unix_millis(millis).unwrap()
}

fn delivery<B>(outcome: Result<Received<B>, Rejection>) -> Delivery<B> {
    match outcome {
        Ok(Received::Delivery(delivery)) => delivery,
        Ok(Received::Handshake(_)) => panic!("a handshake"),
        Err(rejection) => panic!("{}: {rejection}", rejection.code()),
    }
}

fn code<B>(outcome: Result<Received<B>, Rejection>) -> &'static str {
    outcome.map_or_else(|rejection| rejection.code(), |_| "accepted")
}

fn problem<B>(outcome: Result<Received<B>, Rejection>) -> Option<Problem> {
    outcome.err().and_then(|rejection| Some(rejection.payload_fault()?.problem()))
}

/// A body that each vendor's receiver reads as one event.
fn body_with(member: &str) -> Vec<u8> {
    format!(r#"{{"event":"e","action":"a","more":{member}}}"#).into_bytes()
}

fn flipped(bytes: &[u8], bit: prop::sample::Index) -> Vec<u8> {
    let bit = bit.index(bytes.len() * 8);
    let mut bytes = bytes.to_vec();
    bytes[bit / 8] ^= 1 << (bit % 8);
    bytes
}

/// JSON as a tree; numbers and texts as they are written, texts without their quotes.
#[derive(Debug, Clone)]
enum Json {
    Word(&'static str),
    Number(String),
    Text(String),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
}

impl Json {
    /// Writes the tree, with white space wherever JSON allows it.
    fn write(&self, json: &mut String, space: &mut impl Iterator<Item = &'static str>) {
        let mut spaced = |json: &mut String, text: &str| {
            json.push_str(space.next().unwrap_or_default());
            json.push_str(text);
            json.push_str(space.next().unwrap_or_default());
        };
        match self {
            Self::Word(word) => json.push_str(word),
            Self::Number(digits) => json.push_str(digits),
            Self::Text(text) => json.push_str(&format!("\"{text}\"")),
            Self::List(elements) => {
                spaced(json, "[");
                for (at, element) in elements.iter().enumerate() {
                    if at > 0 {
                        json.push(',');
                        json.push_str(space.next().unwrap_or_default());
                    }
                    element.write(json, space);
                }
                json.push_str(space.next().unwrap_or_default());
                json.push(']');
            }
            Self::Object(members) => {
                spaced(json, "{");
                for (at, (key, value)) in members.iter().enumerate() {
                    if at > 0 {
                        json.push_str(space.next().unwrap_or_default());
                        json.push(',');
                    }
                    json.push_str(&format!("\"{key}\""));
                    json.push_str(space.next().unwrap_or_default());
                    json.push(':');
                    json.push_str(space.next().unwrap_or_default());
                    value.write(json, space);
                }
                json.push_str(space.next().unwrap_or_default());
                json.push('}');
            }
        }
    }
}

fn number() -> impl Strategy<Value = String> {
    "-?(0|[1-9][0-9]{0,25})(\\.[0-9]{1,9})?([eE][+-]?[0-9]{1,3})?"
}

fn code_unit_escape(unit: u16, upper: bool) -> String {
    if upper { format!("\\u{unit:04X}") } else { format!("\\u{unit:04x}") }
}

fn escaped_character() -> impl Strategy<Value = String> {
    (any::<char>(), any::<bool>()).prop_map(|(character, upper)| {
        let mut units = [0; 2];
        character.encode_utf16(&mut units).iter().map(|unit| code_unit_escape(*unit, upper)).collect()
    })
}

/// What a string of JSON can be made of without half of a surrogate pair.
fn whole_piece() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[^\\x00-\\x1f\"\\\\]",
        2 => select(vec![r#"\""#, r"\\", r"\/", r"\b", r"\f", r"\n", r"\r", r"\t"]).prop_map(str::to_owned),
        2 => escaped_character(),
    ]
}

fn whole_text() -> impl Strategy<Value = String> {
    vec(whole_piece(), 0..12).prop_map(|pieces| pieces.concat())
}

/// Texts in which any UTF-16 code unit can be escaped, halves of surrogate pairs most often.
fn any_text() -> impl Strategy<Value = String> {
    let half = prop_oneof![0xd800_u16..=0xdbff, 0xdc00_u16..=0xdfff, any::<u16>()];
    let unit = (half, any::<bool>()).prop_map(|(unit, upper)| code_unit_escape(unit, upper));
    vec(prop_oneof![whole_piece(), unit.boxed()], 0..12).prop_map(|pieces| pieces.concat())
}

fn json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        select(vec!["null", "true", "false"]).prop_map(Json::Word),
        number().prop_map(Json::Number),
        whole_text().prop_map(Json::Text),
    ];
    // Few names, so that some occur twice, one of them under two spellings.
    let key =
        || prop_oneof![2 => select(vec!["a", "\\u0061", "b", ""]).prop_map(str::to_owned), 1 => whole_text()];
    leaf.prop_recursive(5, 40, 6, move |inner| {
        prop_oneof![
            vec(inner.clone(), 0..6).prop_map(Json::List),
            vec((key(), inner), 0..6).prop_map(Json::Object),
        ]
    })
}

/// A tree as text.
fn json_text() -> impl Strategy<Value = String> {
    let spaces = vec(select(vec!["", "", "", " ", "\n", "\t", "\r\n  "]), 1..20);
    (json(), spaces).prop_map(|(json, spaces)| {
        let mut text = String::new();
        json.write(&mut text, &mut spaces.into_iter().cycle());
        text.trim().to_owned()
    })
}

/// Whether a value is what serde_json reads, numbers compared as text.
fn agrees(ours: &Data<'_>, theirs: &RawValue) -> bool {
    let text = theirs.get();
    match ours {
        Data::Null => text == "null",
        Data::Bool(value) => text == value.to_string(),
        Data::Number(number) => number.as_str() == text,
        Data::Text(ours) => serde_json::from_str::<String>(text).is_ok_and(|theirs| theirs == *ours),
        Data::List(ours) => serde_json::from_str::<Vec<&RawValue>>(text).is_ok_and(|theirs| {
            theirs.len() == ours.len() && ours.iter().zip(theirs).all(|(ours, theirs)| agrees(ours, theirs))
        }),
        Data::Object(ours) => serde_json::from_str::<BTreeMap<String, &RawValue>>(text).is_ok_and(|theirs| {
            theirs.len() == ours.len()
                && ours
                    .iter()
                    .zip(theirs)
                    .all(|(ours, theirs)| *ours.0 == *theirs.0 && agrees(ours.1, theirs.1))
        }),
    }
}

proptest! {
    #![proptest_config(config(250))]

    #[test]
    fn whatever_is_signed_is_accepted(
        sender in sender(), secret in header_value(), more in json_text(), time in timestamp(),
    ) {
        let body = body_with(&more);
        let headers = sender.sign(&secret, &body, time);
        let receiver = sender.receiver(exactly(&secret));
        prop_assert!(receiver.check_head("POST", &headers).is_ok());
        prop_assert_eq!(delivery(receiver.receive(Request::post(&headers, &body), time)).len(), 1);
    }

    #[test]
    fn a_signature_holds_for_any_salt_and_any_bytes(
        encoding in encoding(), pinned in any::<bool>(), older in any::<bool>(),
        salt in any_secret(150), body in vec(any::<u8>(), 0..300),
    ) {
        let mut options = benji::Options::default();
        if pinned {
            options = options.signature_encoding(encoding);
        }
        let receiver = options.receiver(exactly(&salt)).unwrap();
        let sign = if older { Sender::BenjiBodyOnly } else { Sender::Benji };
        let headers = sign(encoding).sign(&salt, &body, at(0));
        let code = code(receiver.receive(Request::post(&headers, &body), at(0)));
        prop_assert!(["accepted", "malformed_payload"].contains(&code), "{}", code);
    }

    #[test]
    fn a_signed_handshake_is_answered_with_its_challenge(secret in header_value(), challenge in "[!-~]{1,256}") {
        let headers = sign::benti_handshake(&Secret::new(&secret).unwrap(), &challenge);
        let receiver = Sender::Benti.receiver(exactly(&secret));
        let Ok(Received::Handshake(reply)) = receiver.receive(Request::new("GET", &headers, b""), at(0)) else {
            return Err(TestCaseError::fail("no handshake"));
        };
        prop_assert_eq!(reply.body(), &challenge);
        prop_assert!(reply.headers().contains(&("x-inbenta-challenge", &challenge)));
    }

    #[test]
    fn one_flipped_bit_of_benjis_body_or_salt_is_refused(
        sender in benji(), salt in any_secret(100), body in vec(any::<u8>(), 1..200),
        bit: prop::sample::Index,
    ) {
        let headers = sender.sign(&salt, &body, at(0));
        let receiver = sender.receiver(exactly(&salt));
        let outcome = receiver.receive(Request::post(&headers, flipped(&body, bit)), at(0));
        prop_assert_eq!(code(outcome), "signature_mismatch");
        let other = flipped(&salt, bit);
        prop_assume!(Secret::new(&other).is_ok());
        let receiver = sender.receiver(exactly(other));
        prop_assert_eq!(code(receiver.receive(Request::post(&headers, &body), at(0))), "signature_mismatch");
    }

    #[test]
    fn a_request_of_one_scheme_of_benji_is_never_a_delivery_of_the_other(
        salt in any_secret(80),
        time in prop_oneof![
            Just("Thu, 01 Jan 1970 00:00:00 GMT".to_owned()),
            Just("1970-01-01 00:00:00".to_owned()),
            Just("0000000000".to_owned()),
            "[ -~]{0,40}",
        ],
        body in prop_oneof![
            r#"[ \t\r\n]{0,4}\{"event":"[a-z]{1,9}"\}[ \n]{0,2}"#,
            "[ -~]{0,60}",
        ],
        date in prop_oneof![Just("Thu, 01 Jan 1970 00:00:00 GMT"), Just("")],
    ) {
        let secret = Secret::new(&salt).unwrap();
        let options = benji::Options::default().window(Window::off());
        let receivers = [options, options.require_signed_time(), options.allow_missing_date()]
            .map(|options| options.receiver(exactly(&salt)).unwrap());
        // One signature, with every possible border between time and body.
        let whole = [time.as_bytes(), body.as_bytes()].concat();
        let signed = sign::benji_body_only(&secret, &whole, at(0));
        let signature = core::str::from_utf8(signed.iter().next().unwrap().1).unwrap().to_owned();
        let mut accepted = 0;
        for receiver in &receivers {
            for cut in 0..=whole.len() {
                let (time, body) = whole.split_at(cut);
                let mut headers = vec![("x-benji-signature", signature.as_bytes()), ("x-benji-timestamp", time)];
                let with_time = receiver.receive(Request::post(&headers, body), at(0)).is_ok();
                headers[1] = ("x-webhook-datetime", date.as_bytes());
                if date.is_empty() {
                    headers.pop();
                }
                let without_time = receiver.receive(Request::post(&headers, body), at(0)).is_ok();
                // Without a time header only the whole message matches.
                prop_assert!(!without_time || cut == 0);
                accepted += usize::from(with_time && cut > 0) + usize::from(without_time);
            }
        }
        // White space between date and body belongs to the body, because a header's value is trimmed.
        prop_assert!(accepted <= receivers.len(), "more than one reading for a receiver: {}", accepted);
    }

    #[test]
    fn one_flipped_bit_of_a_decoded_signature_is_refused_in_each_encoding(
        salt in any_secret(100), body in vec(any::<u8>(), 0..200), bit: prop::sample::Index,
    ) {
        let signed = Sender::BenjiBodyOnly(SignatureEncoding::Base64).sign(&salt, &body, at(0));
        let tag = STANDARD.decode(signed.iter().next().unwrap().1).unwrap();
        let receiver = Receiver::benji(exactly(&salt)).unwrap();
        for (tag, genuine) in [(tag.clone(), true), (flipped(&tag, bit), false)] {
            let texts = [STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD].map(|engine| engine.encode(&tag));
            for text in texts.into_iter().chain([const_hex::encode(&tag), const_hex::encode_upper(&tag)]) {
                let headers =
                    [("x-benji-signature", text.as_str()), ("x-webhook-datetime", "1970-01-01T00:00:00Z")];
                let code = code(receiver.receive(Request::post(&headers, &body), at(0)));
                prop_assert_eq!(code != "signature_mismatch", genuine, "{}", code);
            }
        }
    }

    #[test]
    fn one_flipped_bit_of_a_secret_in_a_header_is_refused(
        sender in secret_in_a_header(), secret in header_value(), bit: prop::sample::Index,
    ) {
        let receiver = sender.receiver(exactly(&secret));
        let flipped = flipped(&secret, bit);
        prop_assume!(Secret::new(&flipped).is_ok());
        let headers = sender.sign(&flipped, b"", at(0));
        let outcome = receiver.receive(Request::post(&headers, body_with("1")), at(0));
        prop_assert_eq!(code(outcome), "signature_mismatch");
    }

    #[test]
    fn one_flipped_bit_of_a_basic_user_is_refused(
        user in "[!-9;-~]{1,20}", secret in header_value(), bit: prop::sample::Index,
    ) {
        let receiver = Sender::Basic(user.clone()).receiver(exactly(&secret));
        let credentials = |user: &[u8]| STANDARD.encode([user, b":", &secret].concat());
        for (user, expected) in [
            (user.clone().into_bytes(), "accepted"),
            (flipped(user.as_bytes(), bit), "signature_mismatch"),
        ] {
            let headers = [("Authorization", format!("Basic {}", credentials(&user)))];
            prop_assert_eq!(code(receiver.receive(Request::post(&headers, body_with("1")), at(0))), expected);
        }
    }
}

/// A side of a window, and a distance from now that is often at its edge.
fn side_and_distance() -> impl Strategy<Value = (u64, i64)> {
    let side = prop_oneof![Just(0), Just(u64::MAX), 0_u64..=600, 0_u64..=400_000_000_000, any::<u64>()];
    (side, prop_oneof![-2_000_i64..=2_000, -400_000_000_000_000_i64..=400_000_000_000_000]).prop_map(
        |(side, apart)| {
            let edge = i64::try_from(side).unwrap_or(0).checked_mul(1000).unwrap_or(0);
            (side, if apart.abs() <= 2_000 { edge.saturating_add(apart) } else { apart })
        },
    )
}

/// What the window decides, in arithmetic that cannot overflow.
fn expected_freshness(time: Timestamp, now: Timestamp, past: u64, future: u64) -> Option<Reason> {
    let age = i128::from(now.unix_millis()) - i128::from(time.unix_millis());
    let seconds = |millis: i128| u64::try_from((millis + 999) / 1000).unwrap();
    if age > i128::from(past) * 1000 {
        Some(Reason::Stale { age_seconds: seconds(age), window_seconds: past })
    } else if -age > i128::from(future) * 1000 {
        Some(Reason::FromTheFuture { ahead_seconds: seconds(-age), window_seconds: future })
    } else {
        None
    }
}

proptest! {
    #![proptest_config(config(400))]

    #[test]
    fn a_time_is_accepted_exactly_inside_the_window(
        now in timestamp(), (past, behind) in side_and_distance(), (future, ahead) in side_and_distance(),
        is_past in any::<bool>(),
    ) {
        let time = if is_past { now.unix_millis().checked_sub(behind) } else { now.unix_millis().checked_add(ahead) };
        let time = time.and_then(Timestamp::from_unix_millis).unwrap_or(now);
        let window = Window::seconds(past, future);
        let expected = expected_freshness(time, now, past, future);

        let benji = benji::Options::default().window(window).receiver(Keys::new("salt").unwrap()).unwrap();
        let (salt, body, time_text) = (Secret::new("salt").unwrap(), br#"{"event":"e"}"#, time.to_string());
        // Signed alone and behind the time, as the two schemes have it.
        for (name, message) in [("x-webhook-datetime", body.to_vec()), ("x-benji-timestamp", [time_text.as_bytes(), body].concat())] {
            let signed = sign::benji_body_only(&salt, &message, at(0));
            let signature = signed.iter().next().unwrap().1;
            let headers = [("x-benji-signature", signature), (name, time_text.as_bytes())];
            let outcome = benji.receive(Request::post(&headers, body), now);
            prop_assert_eq!(outcome.err().map(|rejection| rejection.reason().clone()), expected.clone());
        }

        // The older event does not count.
        let older = at(time.unix_millis().saturating_sub(5_000).max(Timestamp::MIN.unix_millis()));
        let body = format!(r#"[{{"action":"a","created_at":"{older}"}},{{"action":"a","created_at":"{time}"}}]"#);
        let benti = benti::Options::default().window(window).receiver(Keys::new("secret").unwrap()).unwrap();
        let headers = sign::benti(&Secret::new("secret").unwrap());
        let outcome = benti.receive(Request::post(&headers, body.as_bytes()), now);
        prop_assert_eq!(outcome.err().map(|rejection| rejection.reason().clone()), expected);
    }

    #[test]
    fn the_first_valid_key_that_fits_is_named(
        keys in vec((0_usize..3, proptest::option::of(-5_i64..5), proptest::option::of(0_i64..5), any::<bool>()), 1..=16),
        signer in 0_usize..4, now in -6_i64..10, sender in sender(),
    ) {
        const SECRETS: [&str; 4] = ["first secret", "second secret", "third secret", "a stranger's"];
        // (secret, first and last millisecond, id)
        let model: Vec<_> = keys
            .into_iter()
            .enumerate()
            .map(|(place, (secret, not_before, length, is_named))| {
                let not_after = length.map(|length| not_before.unwrap_or(0) + length);
                let id = if is_named { format!("key of place {place}") } else { place.to_string() };
                (SECRETS[secret], not_before, not_after, id)
            })
            .collect();
        let ring = model.iter().map(|(secret, not_before, not_after, id)| {
            let mut key = Key::new(secret).unwrap();
            key = not_before.map_or_else(|| Key::new(secret).unwrap(), |from| key.with_not_before(at(from)));
            if let Some(to) = not_after {
                key = key.with_not_after(at(*to));
            }
            if id.starts_with("key") { key.with_id(id).unwrap() } else { key }
        });
        let receiver = sender.receiver(Keys::ring(ring).unwrap());
        let expected = model.iter().find(|(secret, not_before, not_after, _)| {
            *secret == SECRETS[signer]
                && not_before.is_none_or(|from| from <= now)
                && not_after.is_none_or(|to| now <= to)
        });
        let body = body_with("1");
        let headers = sender.sign(SECRETS[signer].as_bytes(), &body, at(now));
        match (receiver.receive(Request::post(&headers, &body), at(now)), expected) {
            (Ok(Received::Delivery(delivery)), Some((.., id))) => prop_assert_eq!(delivery.key_id(), id),
            (outcome, None) => prop_assert_eq!(code(outcome), "signature_mismatch"),
            (outcome, Some(_)) => prop_assert!(false, "{}", code(outcome)),
        }
    }

    #[test]
    fn a_body_is_too_large_exactly_above_the_limit(sender in sender(), limit in 1_usize..200, length in 0_usize..200) {
        let body = vec![b'{'; length];
        let receiver = sender.receiver(Keys::new("secret").unwrap()).max_body_bytes(limit).unwrap();
        prop_assert_eq!(receiver.body_limit(), limit);
        let headers = sender.sign(b"secret", &body, at(0));
        let expected = if length > limit { "payload_too_large" } else { "malformed_payload" };
        prop_assert_eq!(code(receiver.receive(Request::post(&headers, &body), at(0))), expected);
        let mut head: Vec<_> = headers.iter().map(|(name, value)| (name.to_owned(), value.to_vec())).collect();
        head.push(("Content-Length".to_owned(), length.to_string().into_bytes()));
        let refused = receiver.check_head("POST", &head).err().map(|rejection| rejection.code());
        prop_assert_eq!(refused, (length > limit).then_some("payload_too_large"));
    }

    #[test]
    fn a_body_is_too_deep_exactly_above_the_limit(
        sender in sender(), limit in 1_u32..=127, containers in vec(any::<bool>(), 0..140), beside in json_text(),
    ) {
        let mut text = String::from("0");
        for is_object in &containers {
            text = if *is_object { format!("{{\"a\":{text}}}") } else { format!("[1,{text}]") };
        }
        let body = format!(r#"{{"event":"e","action":"a","deep":{text},"beside":{beside}}}"#);
        let receiver = sender.receiver(Keys::new("secret").unwrap()).max_depth(limit).unwrap();
        let headers = sender.sign(b"secret", body.as_bytes(), at(0));
        let outcome = receiver.receive(Request::post(&headers, body.as_bytes()), at(0));
        let first_too_deep = place_too_deep(&body, limit);
        match (outcome, first_too_deep) {
            (Err(rejection), Some(place)) => {
                let fault = rejection.payload_fault().unwrap();
                prop_assert_eq!(fault.problem(), Problem::TooDeep);
                let before = &body[..place];
                prop_assert_eq!(fault.line(), before.matches('\n').count() + 1);
                prop_assert_eq!(fault.column(), before.len() - before.rfind('\n').map_or(0, |at| at + 1) + 1);
            }
            (outcome, None) => prop_assert_eq!(delivery(outcome).len(), 1),
            (Ok(_), Some(place)) => prop_assert!(false, "accepted, too deep at {}", place),
        }
    }

    #[test]
    fn a_number_is_too_long_exactly_above_the_limit(
        limit in 1_usize..12, lists in vec(vec("-?[1-9][0-9]{0,12}|0\\.[0-9]{1,10}|[1-9]e[0-9]{1,10}", 0..3), 1..5),
    ) {
        let is_long = |numbers: &Vec<String>| numbers.iter().any(|number| number.len() > limit);
        let element = |numbers: &Vec<String>| format!(r#"{{"event":"e","email":"m","n":[{}]}}"#, numbers.join(","));

        let benji = Receiver::benji(Keys::new("salt").unwrap()).unwrap().max_number_length(limit).unwrap();
        let body = element(&lists[0]);
        let headers = sign::benji(&Secret::new("salt").unwrap(), body.as_bytes(), at(0));
        let outcome = benji.receive(Request::post(&headers, &body), at(0));
        prop_assert_eq!(problem(outcome), is_long(&lists[0]).then_some(Problem::NumberTooLong));

        let bento = Sender::Bearer.receiver(Keys::new("token").unwrap()).max_number_length(limit).unwrap();
        let headers = sign::bento_bearer(&Secret::new("token").unwrap());
        let elements: Vec<_> = lists.iter().map(element).collect();
        let body = format!(r#"{{"subscribers":[{}]}}"#, elements.join(","));
        let long: Vec<_> = (0..lists.len()).filter(|place| is_long(&lists[*place])).collect();
        let outcome = bento.receive(Request::post(&headers, &body), at(0));
        if long.len() == lists.len() {
            prop_assert_eq!(problem(outcome), Some(Problem::NumberTooLong));
        } else {
            let delivery = delivery(outcome);
            prop_assert_eq!(delivery.len(), lists.len() - long.len());
            let malformed: Vec<_> = delivery.malformed().iter().map(hookseal::Malformed::index).collect();
            prop_assert_eq!(malformed, long);
        }
    }
}

/// The first bracket beyond the depth limit, outside of texts.
fn place_too_deep(json: &str, limit: u32) -> Option<usize> {
    let (mut open, mut in_text, mut escaped) = (0, false, false);
    for (place, byte) in json.bytes().enumerate() {
        if in_text {
            in_text = escaped || byte != b'"';
            escaped = !escaped && byte == b'\\';
            continue;
        }
        match byte {
            b'"' => in_text = true,
            b'[' | b'{' if open == limit => return Some(place),
            b'[' | b'{' => open += 1,
            b']' | b'}' => open -= 1,
            _ => {}
        }
    }
    None
}

proptest! {
    #![proptest_config(config(400))]

    #[test]
    fn data_is_what_serde_json_reads(more in json_text()) {
        let body = body_with(&more);
        let headers = sign::bento_bearer(&Secret::new("token").unwrap());
        let receiver = Sender::Bearer.receiver(Keys::new("token").unwrap());
        let delivery = delivery(receiver.receive(Request::post(&headers, &body), at(0)));
        let event = delivery.get(0).unwrap();
        prop_assert_eq!(event.raw().as_bytes(), &body);
        prop_assert!(agrees(&event.data(), serde_json::from_slice(&body).unwrap()));
        prop_assert!(agrees(event.data().get("more").unwrap(), serde_json::from_str(&more).unwrap()));
    }

    #[test]
    fn raw_is_written_with_the_same_tokens_and_data_is_read_back_equal(text in json_text(), around in "[ \n\r\t]{0,3}") {
        let spaced = format!("{around}{text}{around}");
        let raw = Raw::parse(spaced.as_bytes()).unwrap();
        prop_assert_eq!(raw.as_str(), &text);
        let line = serde_json::to_string(&raw).unwrap();
        prop_assert!(!line.contains(['\n', '\r', '\t']), "{}", line);
        prop_assert!(Raw::parse(line.as_bytes()).unwrap().tokens().eq(raw.tokens()), "{}", line);
        let again = serde_json::to_string(&Raw::parse(line.as_bytes()).unwrap()).unwrap();
        prop_assert_eq!(&again, &line);
        let written = serde_json::to_string(&raw.data()).unwrap();
        prop_assert_eq!(Raw::parse(written.as_bytes()).unwrap().data(), raw.data());
    }

    #[test]
    fn a_number_keeps_its_text(text in number()) {
        let Data::Number(number) = Raw::parse(text.as_bytes()).unwrap().data() else {
            return Err(TestCaseError::fail("no number"));
        };
        prop_assert_eq!(number.as_str(), &text);
        prop_assert_eq!(number.to_string(), text.clone());
        prop_assert_eq!(number.is_integer(), text.bytes().all(|byte| byte == b'-' || byte.is_ascii_digit()));
        prop_assert_eq!(&serde_json::to_string(&number).unwrap(), &text);
        prop_assert_eq!(serde_json::from_str::<Number<'_>>(&text).unwrap(), number);
    }

    #[test]
    fn a_text_is_what_serde_json_reads(written in whole_text()) {
        let json = format!("\"{written}\"");
        let theirs: String = serde_json::from_str(&json).unwrap();
        let text = Text::from_json(&json).unwrap();
        prop_assert_eq!(text.to_string(), theirs.as_str());
        prop_assert_eq!(text.chars().collect::<String>(), theirs.as_str());
        prop_assert_eq!(&*text.to_cow(), theirs.as_str());
        prop_assert!(text == *theirs);
        prop_assert_eq!(text.is_empty(), theirs.is_empty());
        prop_assert_eq!(text.as_str(), (!written.contains('\\')).then_some(written.as_str()));
        let again = serde_json::to_string(&text).unwrap();
        prop_assert_eq!(serde_json::from_str::<String>(&again).unwrap(), theirs);
        prop_assert_eq!(Text::from_json(&again).unwrap(), text);
    }

    #[test]
    fn half_of_a_surrogate_pair_reads_as_the_replacement_character(written in any_text()) {
        let json = format!("\"{written}\"");
        let units = code_units(&written);
        let text = Text::from_json(&json).unwrap();
        prop_assert_eq!(text.to_string(), String::from_utf16_lossy(&units));
        let whole = String::from_utf16(&units).ok();
        prop_assert_eq!(serde_json::from_str::<String>(&json).ok(), whole.clone());

        // In a field that is read it is malformed, in another it is not.
        let receiver = Receiver::benji(Keys::new("salt").unwrap()).unwrap();
        let body = format!(r#"{{"event":"e{written}","more":{json}}}"#);
        let headers = sign::benji(&Secret::new("salt").unwrap(), body.as_bytes(), at(0));
        let outcome = receiver.receive(Request::post(&headers, &body), at(0));
        match whole {
            None => prop_assert_eq!(problem(outcome), Some(Problem::LoneSurrogate)),
            Some(whole) => prop_assert_eq!(delivery(outcome).get(0).unwrap().name().to_string(), format!("e{whole}")),
        }
        let body = format!(r#"{{"event":"e","more":{json}}}"#);
        let headers = sign::benji(&Secret::new("salt").unwrap(), body.as_bytes(), at(0));
        prop_assert_eq!(delivery(receiver.receive(Request::post(&headers, &body), at(0))).len(), 1);
    }
}

/// The UTF-16 code units that a string of JSON writes.
fn code_units(written: &str) -> Vec<u16> {
    let mut units = Vec::new();
    let mut rest = written.chars();
    while let Some(character) = rest.next() {
        let character = match (character, character == '\\') {
            (plain, false) => plain,
            (_, true) => match rest.next().unwrap() {
                'u' => {
                    let digits: String = rest.by_ref().take(4).collect();
                    units.push(u16::from_str_radix(&digits, 16).unwrap());
                    continue;
                }
                'b' => '\u{8}',
                'f' => '\u{c}',
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                other => other,
            },
        };
        units.extend_from_slice(character.encode_utf16(&mut [0; 2]));
    }
    units
}

/// Malformed elements: the element, the end of its path, and the problem.
type Broken = &'static [(&'static str, &'static str, Problem)];

const NOT_AN_OBJECT: Broken = &[
    ("1", "", Problem::NotAnObject),
    ("null", "", Problem::NotAnObject),
    (r#""{}""#, "", Problem::NotAnObject),
    ("[{}]", "", Problem::NotAnObject),
];

/// A container with an element that can be read (`@` stands for its place), and some that cannot.
#[derive(Debug, Clone, Copy)]
struct Container {
    sender: fn() -> Sender,
    around: (&'static str, &'static str),
    path: &'static str,
    good: &'static str,
    broken: Broken,
}

const BENTI_BROKEN: Broken = &[
    ("{}", "/action", Problem::Missing),
    (r#"{"item":"ticket"}"#, "/action", Problem::Missing),
    (r#"{"action":7}"#, "/action", Problem::NotText),
    (r#"{"item":"","action":"add"}"#, "/item", Problem::NotText),
    (r#"{"action":"a","action":"a"}"#, "/action", Problem::RepeatedField),
    (r#"{"action":"answer","created_at":"soon"}"#, "/created_at", Problem::NotATime),
    (r#"{"item":"a","action":"b","id":1.5}"#, "/id", Problem::NotAnId),
    (r#"{"action":"\udc00"}"#, "/action", Problem::LoneSurrogate),
    (r#"{"action":"close-ticket","body":{"ticket_id":true}}"#, "/body/ticket_id", Problem::NotAnId),
];

const CONTAINERS: [Container; 6] = [
    Container {
        sender: || Sender::Benti,
        around: ("[", "]"),
        path: "",
        good: r#"{"item":"ticket","action":"add","id":@}"#,
        broken: BENTI_BROKEN,
    },
    Container {
        sender: || Sender::Benti,
        around: (r#"{"events":["#, "]}"),
        path: "/events",
        good: r#"{"action":"answer","resource":"@"}"#,
        broken: BENTI_BROKEN,
    },
    Container {
        sender: || Sender::Bearer,
        around: (r#"{"site_uuid":"s","events":["#, "]}"),
        path: "/events",
        good: r#"{"type":"$view","email":"@"}"#,
        broken: &[
            ("{}", "/type", Problem::Missing),
            (r#"{"type":"a"}"#, "/email", Problem::Missing),
            (r#"{"type":"a","email":null}"#, "/email", Problem::NotText),
            (r#"{"type":"","email":"m"}"#, "/type", Problem::NotText),
            (r#"{"type":"a","email":"m","type":"b"}"#, "/type", Problem::RepeatedField),
            (r#"{"type":"a","email":"\ud83d"}"#, "/email", Problem::LoneSurrogate),
        ],
    },
    Container {
        sender: || Sender::Bearer,
        around: (r#"{"subscribers":["#, r#"],"site_uuid":"s"}"#),
        path: "/subscribers",
        good: r#"{"email":"@","tags":[]}"#,
        broken: &[(r#"{"email":"a","\u0065mail":"b"}"#, "/email", Problem::RepeatedField)],
    },
    Container {
        sender: || Sender::Bearer,
        around: (r#"{"emails":["#, "]}"),
        path: "/emails",
        good: r#"{"to":"@"}"#,
        broken: &[(r#"{"to":"a","to":"b"}"#, "/to", Problem::RepeatedField)],
    },
    Container {
        sender: || Sender::Bearer,
        around: (r#"{"command":["#, "]}"),
        path: "/command",
        good: r#"{"command":"add_tag","email":"@"}"#,
        broken: &[
            ("{}", "/command", Problem::Missing),
            (r#"{"command":["add_tag"]}"#, "/command", Problem::NotText),
        ],
    },
];

proptest! {
    #![proptest_config(config(300))]

    #[test]
    fn good_events_come_out_in_order_and_malformed_ones_are_named(
        container in select(CONTAINERS.to_vec()),
        choices in vec(proptest::option::of(any::<prop::sample::Index>()), 0..25),
        limit in prop_oneof![Just(10_000_usize), 1_usize..25],
    ) {
        let broken = [NOT_AN_OBJECT, container.broken].concat();
        let elements: Vec<(String, Option<(&str, Problem)>)> = choices
            .iter()
            .enumerate()
            .map(|(place, choice)| match choice {
                None => (container.good.replace('@', &place.to_string()), None),
                Some(index) => {
                    let (text, field, problem) = *index.get(&broken);
                    (text.to_owned(), Some((field, problem)))
                }
            })
            .collect();
        let texts: Vec<_> = elements.iter().map(|(text, _)| text.as_str()).collect();
        let body = [container.around.0, &texts.join(", "), container.around.1].concat();
        let good: Vec<_> = (0..elements.len()).filter(|place| elements[*place].1.is_none()).collect();
        let bad: Vec<(usize, String, Problem)> = elements
            .iter()
            .enumerate()
            .filter_map(|(place, (_, fault))| {
                fault.map(|(field, problem)| (place, format!("{}/{place}{field}", container.path), problem))
            })
            .collect();

        let sender = (container.sender)();
        let receiver = sender.receiver(Keys::new("secret").unwrap()).max_events(limit).unwrap();
        let headers = sender.sign(b"secret", body.as_bytes(), at(0));
        let outcome = receiver.receive(Request::post(&headers, &body), at(0));
        if elements.len() > limit {
            prop_assert_eq!(code(outcome), "too_many_events");
        } else if let ([], Some(first)) = (good.as_slice(), bad.first()) {
            let rejection = outcome.err().unwrap();
            let fault = rejection.payload_fault().unwrap();
            prop_assert_eq!((fault.path().to_string(), fault.problem()), (first.1.clone(), first.2));
        } else {
            let delivery = delivery(outcome);
            let read: Vec<_> = delivery.events().map(|event| (event.index(), event.raw().as_str())).collect();
            let expected: Vec<_> = good.iter().map(|place| (*place, texts[*place])).collect();
            prop_assert_eq!(read, expected);
            for event in &delivery {
                let id = event.subject().id.unwrap().to_string();
                prop_assert_eq!(id, event.index().to_string());
            }
            let named: Vec<_> = delivery
                .malformed()
                .iter()
                .map(|element| (element.index(), element.path().to_string(), element.problem()))
                .collect();
            prop_assert_eq!(named, bad);
        }
    }

    #[test]
    fn a_redelivery_has_the_same_ids_and_another_body_has_others(
        sender in sender(), first in json_text(), second in json_text(), now in 0_i64..1_000_000_000_000,
    ) {
        let receive = |body: &[u8], sent: i64| {
            let headers = sender.sign(b"secret", body, at(sent));
            let received = |policy| {
                let receiver = sender.receiver(Keys::new("secret").unwrap()).replay_policy(policy);
                delivery(receiver.receive(Request::post(&headers, body.to_vec()), at(sent + 1)))
            };
            let (default, strict) = (received(ReplayPolicy::Default), received(ReplayPolicy::Strict));
            let event = default.get(0).unwrap();
            assert_eq!(received(ReplayPolicy::None).replay_key(), None);
            [
                event.id().to_string(),
                event.replay_key().unwrap().to_string(),
                default.replay_key().unwrap().to_string(),
                strict.replay_key().unwrap().to_string(),
            ]
        };
        let (first, second) = (body_with(&first), body_with(&second));
        let ids = receive(&first, now);
        prop_assert_eq!(&ids, &receive(&first, now));
        for (id, other) in ids.iter().zip(&receive(&second, now)) {
            prop_assert_eq!(id == other, first == second);
        }
        // Only Benji's date changes ids and keys. With `strict` only a signed date changes the key.
        let later = receive(&first, now + 1_000);
        let is_signed = matches!(sender, Sender::Benji(_));
        let counts = is_signed || matches!(sender, Sender::BenjiBodyOnly(_));
        prop_assert_eq!(ids[0] == later[0], !counts);
        prop_assert_eq!(ids[2] == later[2], !counts);
        prop_assert_eq!(ids[3] == later[3], !is_signed);
    }

    #[test]
    fn the_encoding_of_a_signature_changes_no_id(body in json_text(), encodings in [encoding(), encoding()]) {
        let body = body_with(&body);
        let ids = encodings.map(|encoding| {
            let headers = sign::benji_encoded(&Secret::new("salt").unwrap(), &body, at(0), encoding);
            let delivery = delivery(
                Receiver::benji(Keys::new("salt").unwrap()).unwrap().receive(Request::post(&headers, &body), at(0)),
            );
            (delivery.get(0).unwrap().id().to_string(), delivery.replay_key().unwrap().to_string())
        });
        prop_assert_eq!(&ids[0], &ids[1]);
    }

    #[test]
    fn equal_elements_of_a_batch_have_ids_of_their_own(elements in vec(select(vec!["1", "2"]), 2..10)) {
        let texts: Vec<_> = elements.iter().map(|id| format!(r#"{{"item":"ticket","action":"add","id":{id}}}"#)).collect();
        let body = format!("[{}]", texts.join(","));
        let headers = sign::benti(&Secret::new("secret").unwrap());
        let receiver = Sender::Benti.receiver(Keys::new("secret").unwrap());
        let delivery = delivery(receiver.receive(Request::post(&headers, &body), at(0)));
        let ids: std::collections::BTreeSet<_> = delivery.events().map(|event| event.id().to_string()).collect();
        prop_assert_eq!(ids.len(), elements.len());
    }
}

#[test]
fn every_single_flipped_bit_of_a_benji_request_is_refused() {
    let (salt, body) = (b"salt-7f3c9b1e".as_slice(), br#"{"event":"transaction_created","entity_id":243}"#);
    for sender in [Sender::Benji(SignatureEncoding::Hex), Sender::BenjiBodyOnly(SignatureEncoding::Hex)] {
        flip_every_bit(&sender, salt, body);
    }
}

fn flip_every_bit(sender: &Sender, salt: &[u8], body: &[u8]) {
    let headers = sender.sign(salt, body, at(0));
    let (time_header, time) = headers.iter().nth(1).unwrap();
    let flips = |bytes: &[u8]| {
        let bytes = bytes.to_vec();
        (0..bytes.len() * 8).map(move |bit| {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            flipped
        })
    };
    let receiver = sender.receiver(exactly(salt));
    assert_eq!(code(receiver.receive(Request::post(&headers, body), at(0))), "accepted");
    for flipped in flips(body) {
        assert_eq!(code(receiver.receive(Request::post(&headers, &flipped), at(0))), "signature_mismatch");
    }
    let tag = const_hex::decode(headers.iter().next().unwrap().1).unwrap();
    for flipped in flips(&tag) {
        let headers =
            [("x-benji-signature", const_hex::encode(flipped).into_bytes()), (time_header, time.to_vec())];
        assert_eq!(code(receiver.receive(Request::post(&headers, body), at(0))), "signature_mismatch");
    }
    for flipped in flips(time) {
        let signature = headers.iter().next().unwrap().1.to_vec();
        let changed = [("x-benji-signature", signature), (time_header, flipped)];
        let code = code(receiver.receive(Request::post(&changed, body), at(0)));
        if matches!(sender, Sender::Benji(_)) {
            assert_eq!(code, "signature_mismatch");
        } else {
            // Nobody signed it, so any date inside the window passes.
            assert!(
                ["accepted", "malformed_timestamp", "stale", "from_the_future"].contains(&code),
                "{code}"
            );
        }
    }
    for flipped in flips(salt) {
        let receiver = sender.receiver(exactly(flipped));
        assert_eq!(code(receiver.receive(Request::post(&headers, body), at(0))), "signature_mismatch");
    }
}
