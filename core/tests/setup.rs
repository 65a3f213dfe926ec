//! Every option of a receiver at the borders of its range, and just beyond.

use hookseal::{
    Key, Keys, Received, Receiver, ReplayPolicy, Request, Secret, SetupError, Timestamp, Window, benji,
    benti, bento::Credentials, binding, sign,
};

fn keys() -> Keys {
    Keys::new("secret").unwrap()
}

fn benji() -> Receiver {
    Receiver::benji(keys()).unwrap()
}

fn benti() -> Receiver {
    Receiver::benti(keys()).unwrap()
}

fn bento() -> Receiver {
    Receiver::bento(Credentials::Bearer { keys: keys() }).unwrap()
}

fn is_out_of_range(built: Result<Receiver, SetupError>) -> bool {
    matches!(built, Err(SetupError::LimitOutOfRange(_)))
}

#[test]
fn every_limit_has_its_range() {
    for receiver in [benji, benti, bento] {
        for bytes in [1, 1 << 31] {
            assert!(receiver().max_body_bytes(bytes).is_ok(), "{bytes}");
            assert!(receiver().max_events(bytes).is_ok(), "{bytes}");
            assert!(receiver().max_number_length(bytes).is_ok(), "{bytes}");
        }
        for bytes in [0, (1 << 31) + 1, usize::MAX] {
            assert!(is_out_of_range(receiver().max_body_bytes(bytes)), "{bytes}");
            assert!(is_out_of_range(receiver().max_events(bytes)), "{bytes}");
            assert!(is_out_of_range(receiver().max_number_length(bytes)), "{bytes}");
        }
        assert!([1, 127].into_iter().all(|depth| receiver().max_depth(depth).is_ok()));
        assert!([0, 128, u32::MAX].into_iter().all(|depth| is_out_of_range(receiver().max_depth(depth))));
    }
}

#[test]
fn an_offset_is_less_than_a_day() {
    let options = benti::Options::default();
    assert!([-1_439, 0, 1_439].into_iter().all(|minutes| options.utc_offset_minutes(minutes).is_ok()));
    for minutes in [-1_440, 1_440, i16::MIN, i16::MAX] {
        assert_eq!(options.utc_offset_minutes(minutes).unwrap_err(), SetupError::OffsetOutOfRange);
    }
}

#[test]
fn a_source_is_a_uri_reference() {
    for source in ["urn:example:shop", "https://example.com/hooks?a=b#c", "/hooks", "a%20b", "//[::1]:80/"] {
        assert!(benji().source(source).is_ok(), "{source}");
    }
    for source in
        ["", " ", "a b", "a\n", "%", "%zz", "a[b", "a#b#c", "http://[::1", "1:2", "http://a:b/", "\u{e9}"]
    {
        assert_eq!(benji().source(source).unwrap_err(), SetupError::MalformedSource, "{source}");
    }
}

#[test]
fn a_header_of_ones_own_has_a_name_that_nothing_else_has() {
    let named = |name| Receiver::bento(Credentials::Header { name, keys: keys() }).map(drop);
    assert_eq!(named("X-Token"), Ok(()));
    for name in ["", "a b", "x:y", "Authorization", "content-encoding", "Content-Length", "\u{e9}"] {
        assert_eq!(named(name), Err(SetupError::MalformedHeaderName), "{name}");
    }
}

#[test]
fn a_ring_has_one_to_sixteen_keys_of_different_ids() {
    let ring = |count| Keys::ring((0..count).map(|at| Key::new(format!("secret {at}")).unwrap())).map(drop);
    assert_eq!((ring(0), ring(1), ring(16)), (Err(SetupError::NoKeys), Ok(()), Ok(())));
    assert_eq!(ring(17), Err(SetupError::TooManyKeys));
    let named = |id| Key::new("secret").unwrap().with_id(id).unwrap();
    assert_eq!(Keys::ring([named("a"), named("a")]).unwrap_err(), SetupError::DuplicateKeyId);
    assert_eq!(Keys::ring([named("1"), Key::new("b").unwrap()]).unwrap_err(), SetupError::DuplicateKeyId);
}

#[test]
fn a_secret_that_no_header_can_carry_is_refused_where_it_travels_in_one() {
    for (secret, character, place, words) in [
        ("secret\n", '\n', "at its end", "has a line break (U+000A) at its end"),
        (" secret", ' ', "at its start", "has a space (U+0020) at its start"),
        ("secret ", ' ', "at its end", "has a space (U+0020) at its end"),
        ("sec\tret", '\t', "inside", "has a tab (U+0009) inside"),
        ("sec\u{7f}r\0et\n", '\n', "at its end", "has a line break (U+000A) at its end"),
        ("\0secret\n", '\0', "at its start", "has NUL (U+0000) at its start"),
        ("secret\u{7f}", '\u{7f}', "at its end", "has a control character (U+007F) at its end"),
    ] {
        let refused = SetupError::SecretNotAHeaderValue(character, place);
        let message = refused.to_string();
        assert!(message.contains(words) && message.contains("no header can carry"), "{message}");
        assert!(!message.contains("make the key exact"), "{message}");
        // An exact key does not help if no header can carry the secret.
        let keys = || Keys::ring([Key::exact(secret).unwrap()]).unwrap();
        assert_eq!(Receiver::benti(keys()).unwrap_err(), refused, "{secret:?}");
        let bearer = Receiver::bento(Credentials::Bearer { keys: keys() });
        assert_eq!(bearer.unwrap_err(), refused, "{secret:?}");
        // A salt is never sent.
        assert!(Receiver::benji(keys()).is_ok(), "{secret:?}");
    }
}

#[test]
fn a_secret_that_is_a_mistake_is_refused_by_every_scheme_with_its_place() {
    for (secret, expected, words) in [
        (" salt", SetupError::SecretStartsWith(' '), "starts with a space (U+0020)"),
        ("\u{feff}salt", SetupError::SecretStartsWith('\u{feff}'), "starts with a byte order mark (U+FEFF)"),
        ("salt\n", SetupError::SecretEndsWith('\n'), "ends with a line break (U+000A)"),
        ("salt\u{a0}", SetupError::SecretEndsWith('\u{a0}'), "ends with white space (U+00A0)"),
        ("\"salt\"", SetupError::QuotedSecret('"'), "enclosed in quotes (\")"),
    ] {
        let keys = || Keys::ring([Key::new("good").unwrap(), Key::new(secret).unwrap()]).unwrap();
        let credentials = [
            Credentials::Basic { user: "u", keys: keys() },
            Credentials::Bearer { keys: keys() },
            Credentials::Header { name: "x-own", keys: keys() },
        ];
        let receivers = credentials.map(Receiver::bento);
        for receiver in receivers.into_iter().chain([Receiver::benji(keys()), Receiver::benti(keys())]) {
            assert_eq!(receiver.unwrap_err(), expected, "{secret:?}");
        }
        let message = expected.to_string();
        assert!(message.contains(words) && message.contains("make the key exact"), "{message}");
        assert!(!message.contains("salt"), "{message}");
    }
    for secret in ["undefined", "null", "None", "NaN", "[object Object]"] {
        assert_eq!(Secret::new(secret).unwrap_err(), SetupError::PlaceholderSecret(secret));
        assert_eq!(Key::exact(secret).unwrap_err(), SetupError::PlaceholderSecret(secret));
    }
    for blank in ["\0", " ", "\n\r\t \0"] {
        assert_eq!(Secret::new(blank).unwrap_err(), SetupError::BlankSecret);
        assert_eq!(Key::exact(blank).unwrap_err(), SetupError::BlankSecret);
    }
    assert_eq!(benji().id_key([0; 32]).unwrap_err(), SetupError::BlankIdKey);
}

#[test]
fn a_receiver_names_the_headers_that_it_reads() {
    let named = |receiver: Receiver, own: &[&str]| {
        assert!(binding::header_names(&receiver).eq(["content-encoding"].iter().chain(own).copied()));
    };
    named(benji(), &["x-benji-signature", "x-benji-timestamp", "x-webhook-datetime"]);
    named(benti(), &["x-hook-signature", "x-inbenta-challenge"]);
    named(bento(), &["authorization"]);
    named(Receiver::bento(Credentials::Header { name: "X-Own", keys: keys() }).unwrap(), &["x-own"]);
}

#[test]
fn a_receiver_names_its_keys() {
    let ring =
        || Keys::ring([Key::new("a").unwrap().with_id("new").unwrap(), Key::new("b").unwrap()]).unwrap();
    for receiver in [Receiver::benji(ring()).unwrap(), Receiver::benti(ring()).unwrap()] {
        assert!(binding::key_ids(&receiver).eq(["new", "1"]));
    }
}

#[test]
fn a_signed_time_cannot_be_required_where_a_missing_date_is_allowed() {
    let refused = Some(SetupError::SignedTimeAndMissingDate);
    let options = benji::Options::default();
    assert_eq!(options.require_signed_time().allow_missing_date().receiver(keys()).err(), refused);
    assert_eq!(options.allow_missing_date().require_signed_time().receiver(keys()).err(), refused);
}

#[test]
fn an_id_key_has_at_least_32_bytes() {
    for receiver in [benji, benti, bento] {
        assert!(receiver().id_key([7; 32]).is_ok());
        assert!(receiver().id_key([7; 500]).is_ok());
        for short in [&[][..], &[7; 31]] {
            assert_eq!(receiver().id_key(short).err(), Some(SetupError::IdKeyTooShort));
        }
    }
}

#[test]
fn a_retention_is_between_a_second_and_136_years() {
    for receiver in [benji, benti, bento] {
        assert!(
            [1, 4_294_967_295]
                .into_iter()
                .all(|seconds| receiver().replay_retention_seconds(seconds).is_ok())
        );
        for seconds in [0, 4_294_967_296, u64::MAX] {
            assert!(is_out_of_range(receiver().replay_retention_seconds(seconds)), "{seconds}");
        }
    }
}

#[test]
fn only_a_handshake_may_come_without_a_signature_and_only_where_it_is_allowed() {
    let unsigned: [(&str, &str); 0] = [];
    let code = |receiver: &Receiver, method| {
        receiver.check_head(method, &unsigned).map_err(|rejection| rejection.code())
    };
    let allowed = benti::Options::default().allow_unsigned_handshake().receiver(keys()).unwrap();
    assert_eq!((code(&allowed, "GET"), code(&allowed, "POST")), (Ok(()), Err("missing_signature")));
    assert_eq!(code(&benti(), "GET"), Err("missing_signature"));
    let malformed = allowed.check_head("GET", &[("x-hook-signature", "")]).unwrap_err();
    assert_eq!(malformed.code(), "malformed_signature");
}

#[test]
fn the_largest_body_by_default_is_64_kib_1_mib_or_4_mib() {
    assert_eq!(
        [benji(), benti(), bento()].map(|receiver| receiver.body_limit()),
        [65_536, 1_048_576, 4_194_304]
    );
}

#[test]
fn a_body_over_the_limit_is_refused_before_and_after_it_is_read() {
    let receiver = bento().max_body_bytes(10).unwrap();
    let code = |length| {
        let headers = [("authorization", "Bearer secret"), ("content-length", length)];
        receiver.check_head("POST", &headers).map_err(|rejection| rejection.code())
    };
    assert_eq!((code("10"), code("0"), code("")), (Ok(()), Ok(()), Ok(())));
    for length in ["11", "99999999999999999999999999"] {
        assert_eq!(code(length), Err("payload_too_large"), "{length}");
    }
    assert!(receiver.parse_unauthenticated(b"{}        ").is_ok());
    let eleven = receiver.parse_unauthenticated(b"           ").unwrap_err();
    assert_eq!(eleven.code(), "payload_too_large");
}

/// How long the replay key of a genuine request is kept; `None` is without end.
fn kept(receiver: Receiver, headers: &[(&str, &[u8])], body: &[u8]) -> Option<u64> {
    let received = receiver.receive(Request::post(headers, body), Timestamp::UNIX_EPOCH);
    let Ok(Received::Delivery(delivery)) = received else { panic!("the request is genuine") };
    let seconds = delivery.replay_key().unwrap().retention_seconds();
    assert_eq!(delivery.get(0).unwrap().replay_key().unwrap().retention_seconds(), seconds);
    seconds
}

#[test]
fn a_replay_key_is_kept_as_long_as_a_replay_can_pass() {
    let body = br#"{"event":"transaction_created","entity_id":1}"#;
    let secret = Secret::new("secret").unwrap();
    let older = sign::benji_body_only(&secret, body, Timestamp::UNIX_EPOCH);
    let older: Vec<_> = older.iter().collect();
    let newer = sign::benji(&secret, body, Timestamp::UNIX_EPOCH);
    let newer: Vec<_> = newer.iter().collect();
    let within = |window| benji::Options::default().window(window).receiver(keys()).unwrap();
    let wide = || within(Window::seconds(600, 60));
    let off = || within(Window::off());
    let strict = |receiver: Receiver| receiver.replay_policy(ReplayPolicy::Strict);
    for headers in [&older, &newer] {
        assert_eq!(kept(benji(), headers, body), Some(601));
        assert_eq!(kept(wide(), headers, body), Some(661));
        assert_eq!(kept(off(), headers, body), Some(hookseal::RETENTION_SECONDS));
        assert_eq!(kept(wide().replay_retention_seconds(9).unwrap(), headers, body), Some(9));
        assert_eq!(kept(strict(wide()).replay_retention_seconds(9).unwrap(), headers, body), Some(9));
    }
    // A signed time ends with the window. Otherwise only the store ends a replay.
    assert_eq!(kept(strict(wide()), &newer, body), Some(661));
    assert_eq!(kept(strict(wide()), &older, body), None);
    let undated = || benji::Options::default().allow_missing_date().receiver(keys()).unwrap();
    assert_eq!(kept(undated(), &older[..1], body), Some(hookseal::RETENTION_SECONDS));
    assert_eq!(kept(strict(undated()), &older[..1], body), None);
}

#[test]
fn the_keys_of_benti_and_bento_are_kept_a_day_or_five_minutes() {
    let (benti_body, bento_body) = (br#"{"action":"answer"}"#, br#"{"event":"reached"}"#);
    let (benti_headers, bento_headers) =
        ([("x-hook-signature", b"secret".as_slice())], [("authorization", b"Bearer secret".as_slice())]);
    for (policy, of_bento) in [(ReplayPolicy::Default, 300), (ReplayPolicy::Strict, 86_400)] {
        assert_eq!(kept(benti().replay_policy(policy), &benti_headers, benti_body), Some(86_400));
        assert_eq!(kept(bento().replay_policy(policy), &bento_headers, bento_body), Some(of_bento));
    }
}

#[test]
fn an_event_of_another_source_has_another_replay_key() {
    let body = br#"{"event":"reached"}"#;
    let key = |receiver: Receiver| {
        let headers = [("authorization", "Bearer secret")];
        let received = receiver.receive(Request::post(&headers, body), Timestamp::UNIX_EPOCH);
        let Ok(Received::Delivery(delivery)) = received else { panic!("the request is genuine") };
        [delivery.get(0).unwrap().replay_key().unwrap(), delivery.replay_key().unwrap()]
    };
    assert_eq!(key(bento()), key(bento()));
    let elsewhere = key(bento().source("urn:example:shop").unwrap());
    assert!(key(bento()).iter().zip(&elsewhere).all(|(key, other)| key != other));
}
