//! The small things of the public interface that no vector shows: how values print, compare and serialize.

use std::collections::BTreeSet;

use hookseal::{
    Data, Key, Keys, Raw, Received, Receiver, ReplayPolicy, Request, Secret, SetupError, SignatureEncoding,
    Text, Timestamp, Token, benji, benti, bento::Credentials, binding::check_guarded, sign,
};

fn keys() -> Keys {
    Keys::new("secret").unwrap()
}

fn bento() -> Receiver {
    Receiver::bento(Credentials::Bearer { keys: keys() }).unwrap()
}

#[test]
fn every_error_of_a_setup_has_its_own_words() {
    let errors = [
        Key::new("").unwrap_err(),
        Key::new("a").unwrap().with_id("").unwrap_err(),
        Keys::ring([]).unwrap_err(),
        Keys::ring((0..17).map(|_| Key::new("a").unwrap())).unwrap_err(),
        Keys::ring([Key::new("a").unwrap(), Key::new("b").unwrap().with_id("0").unwrap()]).unwrap_err(),
        Keys::ring([Key::new("a").unwrap().with_not_before(Timestamp::MAX).with_not_after(Timestamp::MIN)])
            .unwrap_err(),
        Receiver::benti(Keys::new("a\n").unwrap()).unwrap_err(),
        Receiver::bento(Credentials::Basic { user: "a:b", keys: keys() }).unwrap_err(),
        Receiver::bento(Credentials::Basic { user: &"a".repeat(1_024), keys: keys() }).unwrap_err(),
        Receiver::bento(Credentials::Header { name: "a b", keys: keys() }).unwrap_err(),
        bento().source("").unwrap_err(),
        bento().max_body_bytes(0).unwrap_err(),
        bento().max_events(0).unwrap_err(),
        bento().max_depth(128).unwrap_err(),
        bento().max_number_length(0).unwrap_err(),
        benji::Options::default().allow_missing_date().require_signed_time().receiver(keys()).unwrap_err(),
        benti::Options::default().utc_offset_minutes(1_440).unwrap_err(),
        check_guarded(&bento().replay_policy(ReplayPolicy::None)).unwrap_err(),
    ];
    let shown: BTreeSet<String> = errors.iter().map(SetupError::to_string).collect();
    assert_eq!(shown.len(), errors.len());
    for message in shown {
        assert!(message.len() > 20 && !message.contains('\n') && !message.ends_with('.'), "{message}");
    }
}

#[test]
fn a_key_has_the_id_that_it_was_given() {
    let key = Key::new("a").unwrap();
    assert_eq!(key.id(), None);
    assert_eq!(key.with_id("spring").unwrap().id(), Some("spring"));
}

#[test]
fn encodings_print_their_names() {
    let encodings = [SignatureEncoding::Hex, SignatureEncoding::Base64, SignatureEncoding::Base64Url];
    assert_eq!(encodings.map(|encoding| encoding.to_string()), ["hex", "base64", "base64url"]);
}

#[test]
fn a_rejection_is_written_with_its_place_in_the_payload() {
    let headers = sign::bento_bearer(&Secret::new("secret").unwrap());
    let body = b"{\"events\":[\n{\"type\":1,\"email\":\"a@example.com\"}]}";
    let rejection = bento().receive(Request::post(&headers, body), Timestamp::UNIX_EPOCH).unwrap_err();
    let written = serde_json::to_value(&rejection).unwrap();
    assert_eq!(written["code"], "malformed_payload");
    assert_eq!(written["status"], 400);
    assert_eq!(written["message"], rejection.to_string());
    assert_eq!((&written["line"], &written["column"]), (&2.into(), &9.into()));
    assert_eq!(written["path"], "/events/0/type");

    let nothing: [(&str, &str); 0] = [];
    let rejection = bento().receive(Request::post(&nothing, body), Timestamp::UNIX_EPOCH).unwrap_err();
    assert!(serde_json::to_value(&rejection).unwrap()["line"].is_null());
}

#[test]
fn what_is_lent_twice_has_the_same_headers() {
    let headers = sign::benti(&Secret::new("secret").unwrap());
    let receiver = Receiver::benti(keys()).unwrap();
    assert!(receiver.check_head("POST", &&headers).is_ok());
    assert!(receiver.check_head("POST", &[("x-hook-signature", *b"secret")]).is_ok());
    assert_eq!(
        receiver.check_head("POST", &[("x-hook-signature", *b"")]).unwrap_err().code(),
        "malformed_signature"
    );
    assert_eq!((&headers).into_iter().count(), headers.iter().len());
}

#[test]
fn an_event_can_be_compared_with_text_and_its_body_is_kept() {
    let headers = sign::bento_bearer(&Secret::new("secret").unwrap());
    let body = br#"{"events":[{"type":"$tag","email":"a@example.com"},{"type":"\u0024tag","email":"b"}]}"#;
    let outcome = bento().receive(Request::post(&headers, body), Timestamp::UNIX_EPOCH);
    let Ok(Received::Delivery(delivery)) = outcome else { panic!("a delivery") };
    for event in &delivery {
        assert_eq!(format!("{event:?}"), format!("Event(bento subscriber.tagged {})", event.index()));
        assert_eq!(event.assurance().to_string(), "body unsigned, time absent, name unsigned");
        assert!(event.name() == "$tag" && event.name() == *"$tag" && event.name() != "$tags");
        assert_eq!(event.subject().entity.as_str(), "subscriber");
    }
    assert_eq!((delivery.len(), delivery.is_empty()), (2, false));
    let mut left = delivery.events();
    assert_eq!((left.len(), left.size_hint()), (2, (2, Some(2))));
    left.next();
    assert_eq!(left.len(), 1);
    assert_eq!(format!("{delivery:?}"), "Delivery(bento, 2 events, 0 malformed)");
    assert_eq!(delivery.body(), &body);
    let key = delivery.replay_key().unwrap();
    assert_eq!(serde_json::to_value(key).unwrap(), key.as_str());
    assert_eq!(key.to_string(), key.as_str());
    assert!(format!("{key:?}").contains(key.as_str()));
}

#[test]
fn a_subject_prints_as_entity_and_id_or_as_the_entity_alone() {
    let subject = |body: &[u8]| {
        let headers = sign::bento_bearer(&Secret::new("secret").unwrap());
        let outcome = bento().receive(Request::post(&headers, body), Timestamp::UNIX_EPOCH);
        let Ok(Received::Delivery(delivery)) = outcome else { panic!("a delivery") };
        delivery.get(0).unwrap().subject().to_string()
    };
    assert_eq!(
        subject(br#"{"events":[{"type":"$tag","email":"a@example.com"}]}"#),
        "subscriber/a@example.com"
    );
    assert_eq!(subject(b"{}"), "workflow");
}

#[test]
fn what_nobody_authenticated_can_be_looked_at() {
    let empty = Receiver::benti(keys()).unwrap().parse_unauthenticated(b"[]").unwrap();
    assert_eq!((empty.len(), empty.is_empty(), empty.to_cloudevents().as_str()), (0, true, "[]"));

    let body = br#"{"events":[{"type":"a","email":"b"},{"type":"a"}]}"#;
    let read = bento().parse_unauthenticated(body).unwrap();
    assert_eq!((read.len(), read.is_empty(), read.malformed().len()), (1, false, 1));
    assert_eq!(format!("{read:?}"), "Unauthenticated(Delivery(bento, 1 events, 1 malformed))");
    assert_eq!(read.malformed()[0].to_string(), "/events/1/email: the field is missing");
    let cloudevents: serde_json::Value = serde_json::from_str(&read.to_cloudevents()).unwrap();
    assert_eq!(cloudevents.as_array().unwrap().len(), 1);
}

#[test]
fn data_shows_its_shape_and_nothing_else() {
    let raw = Raw::parse(br#"{"secret":["secret",1.5,true,null,{"secret":1}]}"#).unwrap();
    let data = raw.data();
    assert!(data.get("absent").is_none());
    let Some(list @ Data::List(elements)) = data.get("secret") else { panic!("a list") };
    assert!(list.get("secret").is_none());
    let shown: Vec<String> =
        [&data, list].into_iter().chain(elements).map(|data| format!("{data:?}")).collect();
    assert!(shown.iter().all(|shown| !shown.is_empty() && !shown.contains("secret")), "{shown:?}");
    // The whole and the list's last element print alike: each is an object of one member.
    assert_eq!(shown.iter().collect::<BTreeSet<_>>().len(), shown.len() - 1);
    assert_eq!(format!("{raw:?}{:?}", raw.tokens()), "Raw(..)Tokens(..)");
}

#[test]
fn what_holds_parts_of_a_request_shows_its_kind_alone() {
    let raw = Raw::parse(br#"{"a":[null,true,1,"b"]}"#).unwrap();
    let shown: Vec<String> = raw.tokens().map(|token| format!("{token:?}")).collect();
    let expected =
        "ObjectStart Key(..) ListStart Null Bool(..) Number(..) Text(..) ListEnd ObjectEnd".split(' ');
    assert!(expected.eq(&shown), "{shown:?}");
    let raw = Raw::parse(b"[true,false]").unwrap();
    assert!(raw.tokens().skip(1).take(2).eq([Token::Bool(true), Token::Bool(false)]));
    let headers = [("x-hook-signature", "secret")];
    assert_eq!(format!("{:?}", Request::post(&headers, b"secret")), "Request(..)");
    let handshake = Receiver::benti(keys()).unwrap().receive(
        Request::new("GET", &[("x-hook-signature", "secret"), ("x-inbenta-challenge", "1f3a")], b""),
        Timestamp::UNIX_EPOCH,
    );
    assert_eq!(format!("{handshake:?}"), "Ok(Handshake(Handshake(..)))");
    let schemes = [
        Credentials::Basic { user: "public", keys: keys() },
        Credentials::Bearer { keys: keys() },
        Credentials::Header { name: "x-own", keys: keys() },
    ];
    assert_eq!(format!("{schemes:?}"), "[Basic(..), Bearer(..), Header(..)]");
}

#[test]
fn a_number_prints_as_it_was_written_and_can_be_padded() {
    for (json, is_integer) in [("-7", true), ("1.0", false), ("1e3", false), ("1E3", false)] {
        let Data::Number(number) = Raw::parse(json.as_bytes()).unwrap().data() else { panic!("{json}") };
        assert_eq!((number.is_integer(), number.to_string().as_str()), (is_integer, json));
        assert_eq!(format!("{number:>5}"), format!("{json:>5}"));
    }
}

#[test]
fn a_text_prints_without_its_escapes_and_can_be_padded() {
    let plain = Text::from_json(r#""ab""#).unwrap();
    let escaped = Text::from_json(r#""\u0061\n""#).unwrap();
    assert_eq!((plain.as_str(), escaped.as_str()), (Some("ab"), None));
    assert_eq!((plain.is_empty(), Text::from_json(r#""""#).unwrap().is_empty()), (false, true));
    assert_eq!(format!("{plain} {escaped}"), "ab a\n");
    assert_eq!(format!("{plain:>4}{escaped:>4}{escaped:.1}"), "  ab  a\na");
    assert_eq!(format!("{plain:?}"), "Text(..)");
}

#[test]
fn texts_are_equal_where_their_characters_are() {
    let [plain, escaped, other] =
        [r#""ab""#, r#""\u0061b""#, r#""abc""#].map(|json| Text::from_json(json).unwrap());
    assert!(plain == plain && plain == escaped && escaped == "ab" && plain == *"ab");
    assert!(plain != other && escaped != other && plain != "abc" && escaped != *"abc");
}

#[test]
fn only_a_low_surrogate_completes_a_high_one() {
    for (json, expected) in [
        (r#""\ud800\udc00""#, "\u{10000}"),
        (r#""\udbff\udfff""#, "\u{10ffff}"),
        (r#""\ud800\udbff""#, "\u{fffd}\u{fffd}"),
        (r#""\ud800\ue000""#, "\u{fffd}\u{e000}"),
        (r#""\udc00\udc00""#, "\u{fffd}\u{fffd}"),
        (r#""\ud7ff\udc00""#, "\u{d7ff}\u{fffd}"),
    ] {
        assert_eq!(Text::from_json(json).unwrap().to_cow(), expected, "{json}");
    }
}

#[test]
fn a_value_inside_of_another_format_may_have_a_number_of_any_length() {
    let digits = "7".repeat(hookseal::MAX_NUMBER_LENGTH + 1);
    assert!(Raw::parse(digits.as_bytes()).is_err());
    assert_eq!(serde_json::from_str::<Raw<'_>>(&digits).unwrap().as_str(), digits);
}

#[test]
fn only_a_string_is_text() {
    for json in ["1", "null", "[]", "{}", "\"a", "a", ""] {
        assert!(Text::from_json(json).is_none(), "{json}");
    }
    assert!(Text::from_json(" \"a\" ").is_some_and(|text| text == "a"));
}
