//! Tests of the requests to Benti.

use alloc::{format, vec};

use super::*;

const NONE: [(&str, &str); 0] = [];
const URL: &str = "https://example.com/hooks";

fn secret(text: &str) -> Secret {
    Secret::new(text).unwrap()
}

fn benti() -> Benti {
    Benti::new("https://api.example/ticketing/", secret("api-key"), secret("token")).unwrap()
}

fn parts<A>(request: &Outgoing<A>) -> (&'static str, &str, &str) {
    (request.method(), request.url(), core::str::from_utf8(request.body()).unwrap())
}

#[test]
fn a_webhook_is_created_listed_changed_and_deleted() {
    let (benti, hook) = (benti(), secret("hook \"s\\ecret\"\tx"));
    let body = r#"{"item":"ticket","url":"https://example.com/hooks","secret":"hook \"s\\ecret\"\tx"}"#;
    let base = "https://api.example/ticketing/v1/webhooks";
    let created = benti.create(Entity::Ticket, URL, &hook).unwrap();
    assert_eq!(parts(&created), ("POST", base, body));
    assert_eq!(parts(&benti.list()), ("GET", base, ""));
    let one = format!("{base}/a%2F1");
    let updated = benti.update("a/1", Entity::Ticket, URL, &hook).unwrap();
    assert_eq!(parts(&updated), ("PUT", one.as_str(), body));
    let deleted = benti.delete("a/1").unwrap();
    assert_eq!(parts(&deleted), ("DELETE", one.as_str(), ""));
    for headers in [created.headers().collect::<Vec<_>>(), deleted.headers().collect()] {
        assert!(headers.contains(&("x-inbenta-key", b"api-key")));
        assert!(headers.contains(&("authorization", b"Bearer token")));
    }
    assert_eq!(updated.read(200, &NONE, b""), Ok(Done));
    assert_eq!(deleted.read(204, &NONE, b""), Ok(Done));
    assert_eq!(updated.read(200, &NONE, br#"{"uuid":"a"}"#), Ok(Done));
    for body in ["<html>login</html>", r#"{"error":"not deleted"}"#, r#"{"errors":[]}"#, "{"] {
        assert_eq!(
            deleted.read(200, &NONE, body.as_bytes()).unwrap_err().code(),
            "unexpected_answer",
            "{body}"
        );
    }
}

#[test]
fn what_benti_would_refuse_is_not_sent() {
    let benti = benti();
    let refused = |name, must| OutgoingError::MalformedValue { name, must };
    for url in ["http://example.com", "http://localhost", "", "ftp://example.com", "https://u@example.com"] {
        let error = benti.create(Entity::Ticket, url, &secret("s")).unwrap_err();
        assert_eq!(error, refused("url", Requirement::HttpsUrl), "{url}");
    }
    for item in [Entity::Campaign, Entity::Subscriber, Entity::Other] {
        assert_eq!(benti.create(item, URL, &secret("s")).unwrap_err().code(), "malformed_value", "{item}");
    }
    for hook in [" s", "s\n", "s\r\nx-evil: 1", "é"] {
        let error = benti.create(Entity::Ticket, URL, &secret(hook)).unwrap_err();
        assert_eq!(error, refused("secret", Requirement::HeaderValue));
    }
    for id in ["", ".", ".."] {
        assert_eq!(benti.delete(id).unwrap_err(), refused("id", Requirement::PathSegment));
        assert!(benti.update(id, Entity::Ticket, URL, &secret("s")).is_err());
    }
    assert_eq!(
        Benti::new("http://api.example", secret("k"), secret("t")).unwrap_err(),
        OutgoingError::InsecureHost { name: "base" }
    );
    assert!(Benti::new("https://api.example", secret("k\n"), secret("t")).is_err());
    assert!(Benti::new("https://api.example", secret("k"), secret("t t\r")).is_err());
}

#[test]
fn a_secret_is_made_from_32_bytes_of_randomness() {
    let random: Vec<u8> = (0..32).collect();
    let made = Benti::new_secret(&random).unwrap();
    assert_eq!(made.expose(), b"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8");
    assert!(benti().create(Entity::Ticket, URL, &made).is_ok());
    for randomness in [vec![], (0..31).collect(), vec![0; 32], vec![7; 64]] {
        assert_eq!(Benti::new_secret(&randomness).unwrap_err(), OutgoingError::TooLittleRandomness);
    }
}

#[test]
fn the_id_of_a_new_webhook_is_read_from_any_likely_form() {
    let request = benti().create(Entity::Ticket, URL, &secret("s")).unwrap();
    for body in [
        r#"{"uuid":"0f8fad5b-d9cb"}"#,
        r#"{"id":"0f8fad5b-d9cb","item":"ticket"}"#,
        r#"{"uuid":"0f8fad5b-d9cb","id":7}"#,
        r#"{"data":{"uuid":"0f8fad5b-d9cb"}}"#,
        r#""0f8fad5b-d9cb""#,
        "0f8fad5b-d9cb\n",
        r#"{"uuid":"0f8fad5b-d9cb","item":{"id":1},"url":7}"#,
        r#"{"uuid":null,"data":{"id":"0f8fad5b-d9cb"}}"#,
    ] {
        let created = request.read(201, &NONE, body.as_bytes()).map(|webhook| webhook.id);
        assert_eq!(created.as_deref(), Ok("0f8fad5b-d9cb"), "{body}");
    }
    assert_eq!(
        request.read(200, &NONE, br#"{"id":18446744073709551616}"#).unwrap().id,
        "18446744073709551616"
    );
    for body in [
        "",
        "{}",
        "[]",
        "null",
        "<html>",
        "a b",
        r#"{"uuid":""}"#,
        r#"{"id":1.5}"#,
        r#"{"id":-1}"#,
        "{\"uuid\"",
    ] {
        assert_eq!(
            request.read(200, &NONE, body.as_bytes()).unwrap_err().code(),
            "unexpected_answer",
            "{body}"
        );
    }
}

#[test]
fn one_bad_element_costs_no_other_of_a_list() {
    let list = benti().list();
    let elements =
        r#"[{"uuid":"a","item":"ticket","url":"https://a.example","secret":"x"},7,{"item":"user"},{"id":2}]"#;
    for body in
        [elements.to_string(), format!(r#"{{"data":{elements}}}"#), format!(r#"{{"webhooks":{elements}}}"#)]
    {
        let listed = list.read(200, &NONE, body.as_bytes()).unwrap();
        let ids: Vec<_> = listed.webhooks.iter().map(|webhook| &*webhook.id).collect();
        assert_eq!((&*ids, listed.malformed), (["a", "2"].as_slice(), 2));
        assert_eq!(listed.webhooks.first().and_then(|webhook| webhook.item.as_deref()), Some("ticket"));
    }
    assert_eq!(list.read(200, &NONE, b"[]").unwrap().webhooks, []);
    for body in ["", "{}", "7", r#"{"data":{}}"#] {
        assert_eq!(list.read(200, &NONE, body.as_bytes()).unwrap_err().code(), "unexpected_answer", "{body}");
    }
}
