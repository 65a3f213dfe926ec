//! Any bytes give a delivery, a handshake or the right rejection, without a panic and on a small stack.

#[expect(dead_code, reason = "of the vectors only the bodies are read here")]
mod vector;

#[expect(dead_code, reason = "the bodies here are refused as often as they are delivered")]
mod senders;

use std::{cell::RefCell, sync::OnceLock, thread};

use hookseal::{
    Field, Headers, Key, Keys, Problem, Raw, Received, Receiver, Rejection, Request, Secret, Timestamp,
    Vendor, Window, benji, benti, bento::Credentials, binding, sign,
};
use proptest::{collection::vec, prelude::*, sample::Index, sample::select};
use serde::de::IgnoredAny;

/// Nothing recurses with the input, so that this is enough even without optimization.
const STACK_BYTES: usize = 64 * 1024;

const NOW: Timestamp = Timestamp::UNIX_EPOCH;
const SECRET: &str = "secret";
const MEBIBYTE: usize = 1 << 20;

/// Above this size not every event is read in every way, because that takes too long unoptimized.
const LARGE_BYTES: usize = 64 * 1024;

type Outcome<'b> = Result<Received<&'b [u8]>, Rejection>;

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(cases) }
}

fn on_a_small_stack<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    thread::scope(|scope| {
        let thread = thread::Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, work).unwrap();
        thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

fn keys() -> Keys {
    Keys::new(SECRET).unwrap()
}

fn secret() -> Secret {
    Secret::new(SECRET).unwrap()
}

/// A receiver of each vendor that takes bodies of any size used here.
fn receiver(vendor: Vendor) -> Receiver {
    senders::receiver_of(vendor, keys()).max_body_bytes(8 * MEBIBYTE).unwrap()
}

fn signed(vendor: Vendor, body: &[u8]) -> sign::SignedHeaders {
    senders::signed_by(vendor, &secret(), body, NOW)
}

fn is_json(body: &[u8]) -> bool {
    str::from_utf8(body).is_ok_and(|text| serde_json::from_str::<IgnoredAny>(text).is_ok())
}

/// Whether a problem says that the body is not JSON.
fn is_of_syntax(problem: Problem) -> bool {
    use Problem::{
        ByteOrderMark, ControlCharacter, ExpectedColon, ExpectedCommaOrEnd, ExpectedDigit, ExpectedEnd,
        ExpectedKey, ExpectedValue, InvalidEscape, InvalidUtf8, UnclosedString,
    };
    matches!(
        problem,
        InvalidUtf8
            | ByteOrderMark
            | ExpectedValue
            | ExpectedKey
            | ExpectedColon
            | ExpectedCommaOrEnd
            | ExpectedDigit
            | ExpectedEnd
            | ControlCharacter
            | InvalidEscape
            | UnclosedString
    )
}

/// Reads whatever an outcome holds to its end, and checks what is true of every outcome.
fn read_everything(outcome: &Outcome<'_>, body: &[u8]) {
    match outcome {
        Err(rejection) => {
            let statuses = match rejection.code() {
                "method_not_allowed" => 405,
                "unsupported_content_encoding" => 415,
                "payload_too_large" | "too_many_events" => 413,
                "missing_signature" | "malformed_signature" | "signature_mismatch" => 401,
                "repeated_header"
                | "missing_timestamp"
                | "malformed_timestamp"
                | "stale"
                | "from_the_future"
                | "malformed_payload"
                | "missing_challenge"
                | "malformed_challenge" => 400,
                code => panic!("{code} is no code"),
            };
            assert_eq!(rejection.status(), statuses);
            assert!(!rejection.to_string().is_empty() && !format!("{rejection:?}").is_empty());
            if let Some(fault) = rejection.payload_fault() {
                let line =
                    body.split(|byte| *byte == b'\n').nth(fault.line() - 1).expect("a line of the body");
                assert!((1..=line.len() + 1).contains(&fault.column()), "{fault}");
                assert!(!is_of_syntax(fault.problem()) || !is_json(body), "{fault}, but it is JSON");
            }
        }
        Ok(Received::Handshake(reply)) => {
            assert!(reply.body().bytes().all(|byte| byte.is_ascii_graphic()));
            assert_eq!((reply.status(), reply.headers()[1].1), (200, reply.body()));
        }
        Ok(Received::Delivery(delivery)) => {
            assert!(is_json(body));
            assert!(delivery.len() + delivery.malformed().len() <= 10_000);
            let mut indices: Vec<_> = delivery.malformed().iter().map(hookseal::Malformed::index).collect();
            let mut previous = None;
            for event in delivery {
                assert!(previous < Some(event.index()));
                previous = Some(event.index());
                indices.push(event.index());
                if body.len() > LARGE_BYTES && event.index() % 100 != 0 {
                    continue;
                }
                assert_eq!(Raw::parse(event.raw().as_bytes()).unwrap(), event.raw());
                let shown = format!(
                    "{} {} {} {} {:?} {:?} {:?} {}",
                    event.id(),
                    event.kind(),
                    event.name(),
                    event.subject(),
                    event.parent(),
                    event.actor(),
                    event.time(),
                    event.replay_key().unwrap()
                );
                assert!(!shown.is_empty());
                assert!(is_json(event.to_cloudevent().as_bytes()));
                assert!(is_json(serde_json::to_string(&event).unwrap().as_bytes()));
                assert!(event.raw().tokens().count() > 0);
                let _ = event.payload().map_err(|mismatch| mismatch.to_string());
            }
            indices.sort_unstable();
            assert!(indices.iter().copied().eq(0..indices.len()), "every element is an event or malformed");
            for element in delivery.malformed() {
                assert!(!element.to_string().is_empty());
            }
            assert!(body.len() > LARGE_BYTES || is_json(delivery.to_cloudevents().as_bytes()));
            assert_eq!(delivery.replay_key().unwrap().as_str().len(), 32);
        }
    }
}

/// Removes the white space around a header's value.
fn trimmed(value: &[u8]) -> &[u8] {
    let is_space = |byte: &u8| matches!(byte, b' ' | b'\t');
    let start = value.iter().position(|byte| !is_space(byte)).unwrap_or(value.len());
    let end = value.iter().rposition(|byte| !is_space(byte)).map_or(start, |last| last + 1);
    &value[start..end]
}

/// Parses every event. Dropping or writing a tree takes stack for each of its levels, so this runs on a normal stack.
fn read_trees(outcome: &Outcome<'_>) {
    let Ok(Received::Delivery(delivery)) = outcome else { return };
    for event in delivery {
        let data = event.data();
        let written = serde_json::to_string(&data).unwrap();
        assert!(Raw::parse(written.as_bytes()).unwrap().data() == data);
    }
}

/// An outcome in a few words.
fn described(outcome: &Outcome<'_>) -> String {
    match outcome {
        Ok(Received::Handshake(_)) => "handshake".to_owned(),
        Ok(Received::Delivery(delivery)) => {
            format!("{} events, {} malformed", delivery.len(), delivery.malformed().len())
        }
        Err(rejection) => match rejection.payload_fault() {
            Some(fault) => {
                let (line, column) = (fault.line(), fault.column());
                format!("{line}:{column} {} {:?}", fault.path(), fault.problem())
            }
            None => rejection.code().to_owned(),
        },
    }
}

fn vectors() -> &'static [(Vendor, Vec<u8>)] {
    static VECTORS: OnceLock<Vec<(Vendor, Vec<u8>)>> = OnceLock::new();
    VECTORS.get_or_init(|| {
        let body = |vector: vector::Vector| {
            let vendor = Vendor::ALL.iter().find(|vendor| vendor.as_str() == vector.vendor).unwrap();
            (*vendor, vector.body().unwrap())
        };
        let bodies = vector::all().unwrap().into_iter().map(body);
        bodies.filter(|(_, body)| (1..10_000).contains(&body.len())).collect()
    })
}

#[derive(Debug, Clone)]
enum Mutation {
    Flip(Index, u8),
    Insert(Index, Vec<u8>),
    Delete(Index, usize),
    Duplicate(Index, usize),
}

impl Mutation {
    fn apply(&self, bytes: &mut Vec<u8>) {
        let part = |bytes: &[u8], at: &Index, length: usize| {
            let at = at.index(bytes.len() + 1);
            at..(at + length).min(bytes.len())
        };
        match self {
            Self::Flip(_, _) if bytes.is_empty() => {}
            Self::Flip(at, bit) => {
                let at = at.index(bytes.len());
                bytes[at] ^= 1 << bit;
            }
            Self::Insert(at, other) => {
                let at = at.index(bytes.len() + 1);
                bytes.splice(at..at, other.iter().copied());
            }
            Self::Delete(at, length) => {
                bytes.drain(part(bytes, at, *length));
            }
            Self::Duplicate(at, length) => {
                let part = part(bytes, at, *length);
                let copy = bytes[part.clone()].to_vec();
                bytes.splice(part.end..part.end, copy);
            }
        }
    }
}

/// One to three changes. Most keep the text close to JSON.
fn mutations() -> impl Strategy<Value = Vec<Mutation>> {
    let pieces: Vec<&[u8]> = vec![
        b"{",
        b"[",
        b"}",
        b"]",
        b"\"",
        b"\\",
        b",",
        b":",
        b"0",
        b"-",
        b".",
        b"e9",
        b"null",
        b"true",
        b"\0",
        b"\n",
        b"\xff",
        b"\xef\xbb\xbf",
        b"\\u0000",
        b"\\ud800",
        b"\\udc00",
        b"1e999",
        b"18446744073709551616",
        b"\"a\":",
        b"\"events\":",
        b"\"event\":",
        b"\"id\":1.5,",
        b"[[",
        b"{\"a\":{",
        b"{},",
        b"1,",
    ];
    let piece = prop_oneof![8 => select(pieces).prop_map(<[u8]>::to_vec), 1 => vec(any::<u8>(), 1..5)];
    let length = prop_oneof![4 => 1_usize..4, 1 => 1_usize..40];
    let mutation = prop_oneof![
        (any::<Index>(), 0_u8..8).prop_map(|(at, bit)| Mutation::Flip(at, bit)),
        (any::<Index>(), piece).prop_map(|(at, bytes)| Mutation::Insert(at, bytes)),
        (any::<Index>(), length.clone()).prop_map(|(at, length)| Mutation::Delete(at, length)),
        (any::<Index>(), length).prop_map(|(at, length)| Mutation::Duplicate(at, length)),
    ];
    vec(mutation, 1..=3)
}

fn mutated(text: &[u8], mutations: &[Mutation]) -> Vec<u8> {
    let mut bytes = text.to_vec();
    mutations.iter().for_each(|mutation| mutation.apply(&mut bytes));
    bytes
}

fn header() -> impl Strategy<Value = (String, Vec<u8>)> {
    let names = [
        "x-benji-signature",
        "X-Webhook-Datetime",
        "x-hook-signature",
        "x-inbenta-challenge",
        "Authorization",
        "content-encoding",
        "content-length",
        "x-own",
    ];
    let values: Vec<&[u8]> = vec![
        b"secret",
        b"Bearer secret",
        b"Basic dTpzZWNyZXQ=",
        b"identity",
        b"Thu, 01 Jan 1970 00:00:00 GMT",
        b"1970-01-01 00:00:00 UTC",
        b"18446744073709551616",
        b"b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad",
        b" ",
    ];
    let name = prop_oneof![8 => select(names.to_vec()).prop_map(str::to_owned), 1 => any::<String>()];
    let value = prop_oneof![
        3 => select(values.clone()).prop_map(<[u8]>::to_vec),
        1 => (select(values), mutations()).prop_map(|(value, mutations)| mutated(value, &mutations)),
        1 => vec(any::<u8>(), 0..80),
    ];
    (name, value)
}

/// A receiver for each kind of proof, with its most permissive options.
fn receivers() -> [Receiver; 7] {
    [
        Receiver::benji(keys()).unwrap(),
        benji::Options::default().allow_missing_date().window(Window::off()).receiver(keys()).unwrap(),
        Receiver::benti(keys()).unwrap(),
        benti::Options::default()
            .window(Window::seconds(0, u64::MAX))
            .allow_unsigned_handshake()
            .receiver(keys())
            .unwrap(),
        Receiver::bento(Credentials::Basic { user: "u", keys: keys() }).unwrap(),
        Receiver::bento(Credentials::Bearer { keys: keys() }).unwrap(),
        Receiver::bento(Credentials::Header { name: "X-Own", keys: keys() }).unwrap(),
    ]
}

fn any_time() -> impl Strategy<Value = Timestamp> {
    let edges = select(vec![Timestamp::MIN, Timestamp::UNIX_EPOCH, Timestamp::MAX]);
    let millis = Timestamp::MIN.unix_millis()..=Timestamp::MAX.unix_millis();
    prop_oneof![edges, millis.prop_map(|millis| Timestamp::from_unix_millis(millis).unwrap())]
}

proptest! {
    #![proptest_config(config(400))]

    #[test]
    fn any_request_has_an_outcome(
        method in prop_oneof![6 => Just("POST".to_owned()), 2 => Just("GET".to_owned()), 1 => any::<String>()],
        headers in vec(header(), 0..6),
        body in prop_oneof![
            vec(any::<u8>(), 0..200),
            "[\\[\\]{}\",:0-9a-z\\\\]{0,60}".prop_map(String::into_bytes),
            select(vectors().to_vec()).prop_map(|(_, body)| body),
        ],
        now in any_time(),
    ) {
        on_a_small_stack(|| {
            for receiver in receivers() {
                let outcome = receiver.receive(Request::new(&method, &headers, body.as_slice()), now);
                read_everything(&outcome, &body);
                // `receive` refuses with the reason that `check_head` gives.
                if let (Err(head), false) = (
                    receiver.check_head(&method, &headers),
                    headers.iter().any(|(name, _)| name == "content-length"),
                ) {
                    assert_eq!(outcome.unwrap_err(), head);
                }
                if let Err(rejection) = receiver.parse_unauthenticated(&body) {
                    read_everything(&Err(rejection), &body);
                }
            }
        });
    }

    #[test]
    fn any_text_as_a_header_has_an_outcome(name in any::<String>(), value in any::<String>()) {
        let value = format!("\u{ff}{value}");
        let names = ["x-benji-signature", "x-hook-signature", "authorization", "content-encoding", "x-own"];
        let headers: Vec<(&str, &str)> = names.into_iter().map(|name| (name, value.as_str())).chain([(&*name, "a")]).collect();
        for receiver in receivers() {
            let outcome = receiver.receive(Request::post(&headers, b"{}".as_slice()), NOW);
            prop_assert_eq!(described(&outcome), "unsupported_content_encoding");
            let outcome = receiver.receive(Request::post(&headers[..3], b"{}".as_slice()), NOW);
            read_everything(&outcome, b"{}");
            prop_assert!(outcome.is_err());
        }
    }

    #[test]
    fn any_setup_is_a_receiver_or_an_error(
        secrets in vec(vec(any::<u8>(), 0..80), 0..20), id in any::<String>(), user in any::<String>(),
        limits in (any::<usize>(), any::<u32>()), minutes in any::<i16>(), times in (any_time(), any_time()),
    ) {
        let ring = || {
            let keys = secrets.iter().enumerate().map(|(place, secret)| {
                let key = Key::new(secret)?;
                let key = if place == 0 { key.with_id(&id)? } else { key };
                Ok(key.with_not_before(times.0).with_not_after(times.1))
            });
            Keys::ring(keys.collect::<Result<Vec<_>, hookseal::SetupError>>()?)
        };
        let built = [
            ring().and_then(Receiver::benji),
            ring().and_then(Receiver::benti),
            ring().and_then(|keys| Receiver::bento(Credentials::Basic { user: &user, keys })),
            ring().and_then(|keys| Receiver::bento(Credentials::Bearer { keys })),
            ring().and_then(|keys| Receiver::bento(Credentials::Header { name: &user, keys })),
            benti::Options::default().utc_offset_minutes(minutes).and_then(|options| options.receiver(keys())),
            Ok(receiver(Vendor::Benji)),
        ];
        for receiver in built.into_iter().chain([receiver(Vendor::Bento).source(&id)]) {
            let outcome = receiver
                .and_then(|receiver| receiver.max_body_bytes(limits.0))
                .and_then(|receiver| receiver.max_events(limits.0))
                .and_then(|receiver| receiver.max_number_length(limits.0))
                .and_then(|receiver| receiver.max_depth(limits.1));
            if let Err(error) = outcome {
                prop_assert!(!error.to_string().is_empty());
            }
        }
    }

    #[test]
    fn any_date_of_benji_has_an_outcome(
        date in select(vec![
            "Thu, 01 Jan 1970 00:00:00 GMT", "Thursday, 01-Jan-70 00:00:00 GMT", "Thu Jan  1 00:00:00 1970",
            "1970-01-01T00:00:00.000Z", "1970-01-01t00:00:00+00:00", "1970-01-01 00:00:00 UTC",
            "1970-01-01 00:00:00.5", "1970-01-01T00:00:00+0000", "0000000000", "0000000000000",
        ]),
        mutations in mutations(), now in prop_oneof![Just(NOW), any_time()],
    ) {
        let body = br#"{"event":"e"}"#.as_slice();
        let signed = sign::benji_body_only(&secret(), body, NOW);
        let mut headers: Vec<_> = signed.iter().map(|(name, value)| (name, value.to_vec())).collect();
        headers[1].1 = mutated(date.as_bytes(), &mutations);
        let outcome = on_a_small_stack(|| receiver(Vendor::Benji).receive(Request::post(&headers, body), now));
        let described = described(&outcome);
        let expected = ["1 events, 0 malformed", "malformed_timestamp", "stale", "from_the_future"];
        prop_assert!(expected.contains(&described.as_str()), "{}", described);

        // The same date, signed, has the same outcome.
        let message = [headers[1].1.trim_ascii(), body].concat();
        let of_both = sign::benji_body_only(&secret(), &message, NOW);
        let headers = [
            ("x-benji-signature", of_both.iter().next().unwrap().1.to_vec()),
            ("x-benji-timestamp", headers[1].1.clone()),
        ];
        let outcome = on_a_small_stack(|| receiver(Vendor::Benji).receive(Request::post(&headers, body), now));
        let of_signed = self::described(&outcome);
        let is_trimmed_alike = headers[1].1.trim_ascii() == trimmed(&headers[1].1);
        prop_assert!(of_signed == described || !is_trimmed_alike, "{} and {}", of_signed, described);
    }
}

proptest! {
    #![proptest_config(config(2_000))]

    #[test]
    fn a_changed_body_that_is_signed_has_an_outcome(
        (vendor, body) in select(vectors()), mutations in mutations(),
    ) {
        let body = mutated(&body, &mutations);
        let headers = signed(vendor, &body);
        let outcome = on_a_small_stack(|| {
            let outcome = receiver(vendor).receive(Request::post(&headers, body.as_slice()), NOW);
            read_everything(&outcome, &body);
            outcome
        });
        read_trees(&outcome);
        // The signature is right, so only the payload can be at fault.
        if let Err(rejection) = outcome {
            prop_assert_eq!(rejection.code(), "malformed_payload");
        }
    }
}

fn repeated(text: &str, bytes: usize) -> String {
    text.repeat(bytes / text.len())
}

fn list(element: &str, count: usize) -> String {
    vec![element; count].join(",")
}

fn object_of(count: usize, name: impl Fn(usize) -> String) -> String {
    let members: Vec<_> = (0..count).map(|place| format!("\"{}\":{place}", name(place))).collect();
    members.join(",")
}

/// Checks each body, correctly signed, against the outcome beside it.
fn check_bodies(vendor: Vendor, bodies: Vec<(&str, Vec<u8>, &str)>) {
    let receiver = receiver(vendor);
    let mut wrong = Vec::new();
    for (name, body, expected) in bodies {
        let headers = signed(vendor, &body);
        let outcome = on_a_small_stack(|| {
            let outcome = receiver.receive(Request::post(&headers, body.as_slice()), NOW);
            read_everything(&outcome, &body);
            outcome
        });
        if body.len() < LARGE_BYTES {
            read_trees(&outcome);
        }
        let shown = described(&outcome);
        if shown != expected {
            wrong.push(format!("{vendor}: {name}: expected {expected}, got {shown}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn large_bodies_of_no_sense_are_refused_by_every_vendor() {
    let no_object = ("1:128  TooDeep", "1:1  NotAnObject");
    for (vendor, (too_deep, no_container)) in [
        (Vendor::Benji, no_object),
        (Vendor::Benti, ("1:128 /0 TooDeep", "1:1  NotAContainer")),
        (Vendor::Bento, no_object),
    ] {
        check_bodies(
            vendor,
            vec![
                ("empty", vec![], "1:1  ExpectedValue"),
                ("opening lists", repeated("[", 4 * MEBIBYTE).into(), too_deep),
                ("opening objects", repeated("{\"a\":", 4 * MEBIBYTE).into(), "1:636  TooDeep"),
                ("closing lists", repeated("]", MEBIBYTE).into(), "1:1  ExpectedValue"),
                ("commas", repeated(",", MEBIBYTE).into(), "1:1  ExpectedValue"),
                ("quotes", repeated("\"", MEBIBYTE + 1).into(), no_container),
                ("spaces", repeated(" ", MEBIBYTE).into(), "1:1048577  ExpectedValue"),
                ("line breaks", repeated("\n", MEBIBYTE).into(), "1048577:1  ExpectedValue"),
                ("zeros", vec![0; MEBIBYTE], "1:1  ExpectedValue"),
                ("bytes of no UTF-8", vec![0xff; MEBIBYTE], "1:1  InvalidUtf8"),
                ("a byte order mark", b"\xef\xbb\xbf{}".to_vec(), "1:1  ByteOrderMark"),
                (
                    "a last byte of no UTF-8",
                    [repeated(" ", MEBIBYTE).as_bytes(), b"\xc3"].concat(),
                    "1:1048577  InvalidUtf8",
                ),
                (
                    "an unclosed text",
                    format!("{{\"a\":\"{}", repeated("a", MEBIBYTE)).into(),
                    "1:1048583  UnclosedString",
                ),
                (
                    "an unclosed escape",
                    format!("{{\"a\":\"{}\\", repeated("a", MEBIBYTE)).into(),
                    "1:1048584  InvalidEscape",
                ),
                (
                    "an unclosed key",
                    format!("{{\"{}", repeated("\\\"", MEBIBYTE)).into(),
                    "1:1048579  UnclosedString",
                ),
                ("a word cut off", b"{\"a\":tru".to_vec(), "1:9  ExpectedValue"),
            ],
        );
    }
}

#[test]
fn large_texts_numbers_and_objects_are_read_in_benjis_webhook() {
    let nul = "\\u0000";
    check_bodies(
        Vendor::Benji,
        vec![
            (
                "many keys",
                format!(r#"{{"event":"e",{}}}"#, object_of(200_000, |at| at.to_string())).into(),
                "1 events, 0 malformed",
            ),
            (
                "one key many times",
                format!(r#"{{"event":"e",{}}}"#, object_of(200_000, |_| "k".into())).into(),
                "1 events, 0 malformed",
            ),
            (
                "a key that is read many times",
                format!("{{{}}}", list(r#""event":"e""#, 200_000)).into(),
                "1:14 /event RepeatedField",
            ),
            (
                "a long number",
                format!(r#"{{"event":"e","n":{}}}"#, repeated("1", MEBIBYTE)).into(),
                "1:18  NumberTooLong",
            ),
            (
                "a long id",
                format!(r#"{{"event":"e","entity_id":{}}}"#, repeated("1", MEBIBYTE)).into(),
                "1:26 /entity_id NumberTooLong",
            ),
            (
                "a long id as text",
                format!(r#"{{"event":"e","entity_id":"{}"}}"#, repeated("1", MEBIBYTE)).into(),
                "1 events, 0 malformed",
            ),
            (
                "a long entity type",
                format!(r#"{{"event":"e","entity":"{}"}}"#, repeated("1", MEBIBYTE)).into(),
                "1 events, 0 malformed",
            ),
            (
                "an entity type of escapes",
                format!(r#"{{"event":"e","entity":"{}"}}"#, repeated("\\u0031", MEBIBYTE)).into(),
                "1:23 /entity NotAnInteger",
            ),
            (
                "a name of escapes",
                format!(r#"{{"event":"{}"}}"#, repeated("\\n", MEBIBYTE)).into(),
                "1 events, 0 malformed",
            ),
            (
                "a name of NUL",
                format!(r#"{{"event":"{}"}}"#, repeated(nul, MEBIBYTE)).into(),
                "1 events, 0 malformed",
            ),
            (
                "a key of NUL",
                format!(r#"{{"event":"e","{}":1}}"#, repeated(nul, MEBIBYTE)).into(),
                "1 events, 0 malformed",
            ),
            ("a NUL that is not escaped", b"{\"event\":\"\0\"}".to_vec(), "1:11  ControlCharacter"),
            (
                "half pairs in a field that is read",
                format!(r#"{{"event":"{}"}}"#, repeated("\\ud800", MEBIBYTE)).into(),
                "1:10 /event LoneSurrogate",
            ),
            (
                "half pairs elsewhere",
                format!(r#"{{"event":"e","a":"{}"}}"#, repeated("\\ud800", MEBIBYTE)).into(),
                "1 events, 0 malformed",
            ),
            (
                "a wide list",
                format!(r#"{{"event":"e","a":[{}]}}"#, list("[]", 300_000)).into(),
                "1 events, 0 malformed",
            ),
            (
                "lists as deep as allowed",
                format!(r#"{{"event":"e","a":{}{}}}"#, repeated("[", 126), repeated("]", 126)).into(),
                "1 events, 0 malformed",
            ),
            (
                "objects as deep as allowed",
                format!(r#"{{"event":"e","a":{}1{}}}"#, "{\"a\":".repeat(126), "}".repeat(126)).into(),
                "1 events, 0 malformed",
            ),
        ],
    );
}

#[test]
fn large_batches_are_read_or_refused_whole() {
    let event = r#"{"type":"t","email":"m"}"#;
    check_bodies(
        Vendor::Bento,
        vec![
            (
                "as many events as allowed",
                format!(r#"{{"events":[{}]}}"#, list(event, 10_000)).into(),
                "10000 events, 0 malformed",
            ),
            (
                "one event more",
                format!(r#"{{"events":[{}]}}"#, list(event, 10_001)).into(),
                "too_many_events",
            ),
            (
                "malformed ones count",
                format!(r#"{{"events":[{},{event}]}}"#, list("1", 10_000)).into(),
                "too_many_events",
            ),
            (
                "as many malformed as allowed",
                format!(r#"{{"events":[{},{event}]}}"#, list("1", 9_999)).into(),
                "1 events, 9999 malformed",
            ),
            (
                "none readable",
                format!(r#"{{"events":[{}]}}"#, list("1", 10_000)).into(),
                "1:12 /events/0 NotAnObject",
            ),
            (
                "a million small elements",
                format!(r#"{{"subscribers":[{}]}}"#, list("{}", 1_000_000)).into(),
                "too_many_events",
            ),
            (
                "deep behind good events",
                format!(r#"{{"events":[{event},{event},{}"#, repeated("[", MEBIBYTE)).into(),
                "1:187 /events/2 TooDeep",
            ),
            (
                "deep in a good event",
                format!(
                    r#"{{"events":[{event},{{"type":"t","email":"m","details":{}"#,
                    repeated("[", MEBIBYTE)
                )
                .into(),
                "1:195 /events/1 TooDeep",
            ),
            (
                "a long number costs its element",
                format!(r#"{{"events":[{event},{{"n":{}}},{event}]}}"#, repeated("9", MEBIBYTE)).into(),
                "2 events, 1 malformed",
            ),
            (
                "not closed",
                format!(r#"{{"events":[{}"#, list(event, 5_000)).into(),
                "1:125011 /events/5000 ExpectedCommaOrEnd",
            ),
            (
                "nothing between commas",
                format!(r#"{{"events":[{}"#, repeated(",", MEBIBYTE)).into(),
                "1:12 /events/0 ExpectedValue",
            ),
            (
                "a container many times",
                format!("{{{}}}", list("\"events\":[]", 100_000)).into(),
                "1:14 /events RepeatedField",
            ),
            (
                "many keys",
                format!("{{{}}}", object_of(200_000, |at| format!("k{at}"))).into(),
                "1 events, 0 malformed",
            ),
        ],
    );
    let event = r#"{"action":"a"}"#;
    check_bodies(
        Vendor::Benti,
        vec![
            (
                "as many events as allowed",
                format!("[{}]", list(event, 10_000)).into(),
                "10000 events, 0 malformed",
            ),
            (
                "one event more",
                format!(r#"{{"events":[{}]}}"#, list(event, 10_001)).into(),
                "too_many_events",
            ),
            (
                "deep behind good events",
                format!("[{event},{}", repeated("[", MEBIBYTE)).into(),
                "1:143 /1 TooDeep",
            ),
            (
                "many keys around",
                format!(r#"{{{},"events":{event}}}"#, object_of(200_000, |at| format!("k{at}"))).into(),
                "1 events, 0 malformed",
            ),
            (
                "many keys in an event",
                format!(r#"{{{},"action":"a"}}"#, object_of(200_000, |at| format!("k{at}"))).into(),
                "1 events, 0 malformed",
            ),
            ("a list of numbers", format!("[{}]", list("1", 10_000)).into(), "1:2 /0 NotAnObject"),
            (
                "a long time",
                format!(r#"[{{"action":"a","created_at":"{}"}},{event}]"#, repeated("1", MEBIBYTE)).into(),
                "1 events, 1 malformed",
            ),
        ],
    );
}

#[test]
fn large_headers_have_the_outcome_of_small_ones() {
    let long = |text: &str| repeated(text, MEBIBYTE).into_bytes();
    let body = br#"{"event":"e","action":"a"}"#.as_slice();
    let signature = || sign::benji_body_only(&secret(), body, NOW).iter().next().unwrap().1.to_vec();
    let signature_name = "x-benji-signature";
    let date = |date: &[u8]| vec![(signature_name, signature()), ("x-webhook-datetime", date.to_vec())];
    let fraction = [b"1970-01-01T00:00:00.", long("0").as_slice(), b"Z"].concat();
    let spaces = |value: &[u8]| [&long(" "), value, &long("\t ")].concat();
    let [benji, .., benti, basic, bearer, own] = &receivers();
    let cases = [
        (benji, vec![(signature_name, long("a"))], "malformed_signature"),
        (benji, vec![(signature_name, long(" "))], "malformed_signature"),
        (benji, date(&long("1")), "malformed_timestamp"),
        (benji, date(&fraction), "1 events, 0 malformed"),
        (benji, date(&spaces(b"1970-01-01T00:00:00Z")), "1 events, 0 malformed"),
        (benji, vec![(signature_name, spaces(&signature()))], "missing_timestamp"),
        (benji, vec![(signature_name, signature()), ("x-benji-timestamp", long("1"))], "signature_mismatch"),
        (benji, vec![(signature_name, signature()), ("x-benji-timestamp", long(" "))], "malformed_timestamp"),
        (benti, vec![("x-hook-signature", long("s"))], "signature_mismatch"),
        (
            basic,
            vec![("authorization", [b"Basic ".as_slice(), &long("dTpz")].concat())],
            "malformed_signature",
        ),
        (
            basic,
            vec![("authorization", [b"Basic".as_slice(), &long(" "), b"dTpzZWNyZXQ="].concat())],
            "1 events, 0 malformed",
        ),
        (bearer, vec![("authorization", [b"Bearer ".as_slice(), &long("a")].concat())], "signature_mismatch"),
        (bearer, vec![("authorization", long(" "))], "malformed_signature"),
        (own, vec![("x-own", long("\u{1}"))], "signature_mismatch"),
        (own, vec![("content-encoding", long("gzip,"))], "unsupported_content_encoding"),
    ];
    for (receiver, headers, expected) in cases {
        let shown = on_a_small_stack(|| described(&receiver.receive(Request::post(&headers, body), NOW)));
        assert_eq!(shown, expected, "{}", headers[0].0);
    }
    let challenge = [("x-hook-signature", SECRET.into()), ("x-inbenta-challenge", long("c"))];
    let outcome = benti.receive(Request::new("GET", &challenge, b"".as_slice()), NOW);
    assert_eq!(described(&outcome), "malformed_challenge");
    let outcome = benti.receive(Request::new(&repeated("POST", MEBIBYTE), &challenge, body), NOW);
    assert_eq!(described(&outcome), "method_not_allowed");
}

#[test]
fn among_a_hundred_thousand_headers_the_one_that_matters_is_found() {
    let body = br#"{"action":"a"}"#.as_slice();
    let receiver = receiver(Vendor::Benti);
    let mut headers: Vec<(String, &str)> = (0..100_000).map(|at| (format!("x-{at}"), "value")).collect();
    let outcome =
        |headers: &Vec<(String, &str)>| described(&receiver.receive(Request::post(headers, body), NOW));
    assert_eq!(outcome(&headers), "missing_signature");
    headers.push(("X-HOOK-SIGNATURE".into(), SECRET));
    assert_eq!(outcome(&headers), "1 events, 0 malformed");
    headers.insert(0, ("x-hook-signature".into(), SECRET));
    assert_eq!(outcome(&headers), "repeated_header");
    assert_eq!(outcome(&vec![("x-hook-signature".into(), SECRET); 100_000]), "repeated_header");
}

/// Headers that record which names are read.
struct Asked<H> {
    headers: H,
    names: RefCell<Vec<String>>,
}

impl<H: Headers> Headers for Asked<H> {
    fn field(&self, name: &str) -> Field<'_> {
        self.names.borrow_mut().push(name.to_owned());
        self.headers.field(name)
    }
}

#[test]
fn each_header_is_asked_for_once_at_most() {
    let body = br#"{"event":"e","action":"a"}"#.as_slice();
    for vendor in [Vendor::Benji, Vendor::Benti, Vendor::Bento] {
        for method in ["POST", "GET"] {
            let receiver = receiver(vendor);
            let asked = Asked { headers: signed(vendor, body), names: RefCell::default() };
            let _ = receiver.receive(Request::new(method, &asked, body), NOW);
            let mut names = asked.names.into_inner();
            assert!(
                names.iter().all(|name| binding::header_names(&receiver).any(|known| known == name)),
                "{names:?}"
            );
            let all = names.len();
            names.sort();
            names.dedup();
            assert_eq!(names.len(), all, "{vendor}: {names:?}");
        }
    }
}

#[test]
fn a_body_one_byte_over_the_limit_is_refused_unread() {
    for (vendor, limit) in [
        (Receiver::benji(keys()).unwrap(), hookseal::benji::MAX_BODY_BYTES),
        (Receiver::benti(keys()).unwrap(), hookseal::benti::MAX_BODY_BYTES),
        (Receiver::bento(Credentials::Bearer { keys: keys() }).unwrap(), hookseal::bento::MAX_BODY_BYTES),
    ] {
        for (length, expected) in [(limit, "1:1  ExpectedValue"), (limit + 1, "payload_too_large")] {
            let body = vec![b'?'; length];
            let headers = signed(vendor.vendor(), &body);
            assert_eq!(described(&vendor.receive(Request::post(&headers, body.as_slice()), NOW)), expected);
            // The size comes before the signature.
            let none: [(&str, &str); 0] = [];
            let expected = if length > limit { "payload_too_large" } else { "missing_signature" };
            assert_eq!(described(&vendor.receive(Request::post(&none, body.as_slice()), NOW)), expected);
        }
    }
}
