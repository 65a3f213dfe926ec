//! Tests of the requests to Benji.

use alloc::{format, vec::Vec};

use super::*;
use crate::{
    authenticate::Keys,
    delivery::Delivery,
    freshness::Timestamp,
    receiver::{Received, Receiver, Request},
};

const HOSTS: BenjiHosts<'_> = BenjiHosts {
    notifications: "https://n.example",
    users: "https://u.example/v2",
    campaigns: "https://c.example",
    transactions: "https://t.example/",
};
const ENDPOINT: &str = "https://example.com/hooks";
const NONE: [(&str, &str); 0] = [];

fn secret(text: &str) -> Secret {
    Secret::new(text).unwrap()
}

fn benji() -> Benji {
    Benji::new(HOSTS, secret("partner-key")).unwrap()
}

fn delivery(body: &'static str) -> Delivery<&'static [u8]> {
    let now = Timestamp::UNIX_EPOCH;
    let headers = sign::benji(&secret("salt"), body.as_bytes(), now);
    let receiver = Receiver::benji(Keys::new("salt").unwrap()).unwrap();
    match receiver.receive(Request::post(&headers, body.as_bytes()), now).unwrap() {
        Received::Delivery(delivery) => delivery,
        Received::Handshake(_) => unreachable!(),
    }
}

fn header<'r, A>(request: &'r Outgoing<A>, name: &str) -> Vec<&'r [u8]> {
    request.headers().filter(|(other, _)| *other == name).map(|(_, value)| value).collect()
}

#[test]
fn a_subscription_is_created_changed_and_deleted() {
    let (user, event) = (Some(Entity::User), Some("user_partner_connected"));
    let benji = benji();
    for (request, method, body) in [
        (benji.subscribe(ENDPOINT, None, None), "POST", r#"{"endpoint":"https://example.com/hooks"}"#),
        (
            benji.subscribe(ENDPOINT, user, None),
            "POST",
            r#"{"endpoint":"https://example.com/hooks","entity_type":1}"#,
        ),
        (
            benji.update(ENDPOINT, user, event),
            "PUT",
            r#"{"endpoint":"https://example.com/hooks","event_name":"user_partner_connected","entity_type":1}"#,
        ),
    ] {
        let request = request.unwrap();
        assert_eq!((request.method(), request.url()), (method, "https://n.example/webhooks/subscribe"));
        assert_eq!(core::str::from_utf8(request.body()), Ok(body));
        assert_eq!(header(&request, "x-api-key"), [b"partner-key"]);
        assert_eq!(header(&request, "content-type"), [b"application/json"]);
    }
    let deleted = benji.unsubscribe(None, event).unwrap();
    assert_eq!(deleted.method(), "PUT");
    assert_eq!(deleted.body(), br#"{"endpoint":"","event_name":"user_partner_connected"}"#);
    assert_eq!(deleted.read(200, &NONE, br#"{"code":"ok","data":{"subscribed":false}}"#), Ok(Done));
}

#[test]
fn what_benji_would_refuse_is_not_sent() {
    let benji = benji();
    let refused = |name, must| OutgoingError::MalformedValue { name, must };
    let error = |endpoint, entity, event| benji.subscribe(endpoint, entity, event).unwrap_err();
    for endpoint in ["", "http://example.com", "example.com", "https://u:p@example.com", "https://a\r\nb"] {
        assert_eq!(error(endpoint, None, None), refused("endpoint", Requirement::HttpsUrl), "{endpoint}");
    }
    assert_eq!(error(ENDPOINT, Some(Entity::Ticket), None).code(), "malformed_value");
    for event in ["", "*", "transaction", "TRANSACTION_CREATED", "ticket.add", "$purchase"] {
        assert_eq!(error(ENDPOINT, None, Some(event)), refused("event", Requirement::BenjiEvent), "{event}");
    }
    assert_eq!(
        error(ENDPOINT, Some(Entity::User), Some("transaction_created")),
        OutgoingError::OtherEntityType
    );
    // What the table knows as an event of Benji's, it takes, with its own entity type.
    for row in vendors::rows().filter(|row| row.vendor == Vendor::Benji && row.name != Row::ANY_OTHER) {
        assert!(benji.subscribe(ENDPOINT, Some(row.kind.entity), Some(&row.name)).is_ok(), "{}", row.name);
    }
}

#[test]
fn the_answer_may_have_the_salt() {
    let request = benji().subscribe(ENDPOINT, None, None).unwrap();
    let salt = |body: &str| {
        let subscribed = request.read(200, &NONE, body.as_bytes()).unwrap();
        subscribed.salt.map(|salt| salt.expose().to_vec())
    };
    assert_eq!(salt(r#"{"code":"ok","data":{"subscribed":true}}"#), None);
    assert_eq!(salt(r#"{"data":{"subscribed":true,"salt":"pep\u0070er"}}"#), Some(b"pepper".to_vec()));
    assert_eq!(salt(r#"{"data":{"subscribed":true},"salt":"pepper","new":[1]}"#), Some(b"pepper".to_vec()));
    assert_eq!(salt(r#"{"data":{"subscribed":true,"salt":""},"salt":"pepper"}"#), Some(b"pepper".to_vec()));
    assert_eq!(salt(r#"{"data":{"subscribed":true,"salt":7}}"#), None);
    assert_eq!(salt(r#"{"data":{"salt":"pepper"}}"#), Some(b"pepper".to_vec()));
    assert_eq!(salt(r#"{"salt":"pepper"}"#), Some(b"pepper".to_vec()));
    for no_salt in ["", " ", "undefined"] {
        assert_eq!(
            salt(&format!(r#"{{"data":{{"subscribed":true,"salt":"{no_salt}"}}}}"#)),
            None,
            "{no_salt:?}"
        );
    }
    for body in [
        "",
        "ok",
        "[]",
        "{}",
        r#"{"data":{"subscribed":false,"salt":"pepper"}}"#,
        r#"{"data":{"salt":""}}"#,
        r#"{"data":{"subscribed":"true"}}"#,
        r#"[[true,"pepper"],null]"#,
        r#"{"data":[true,"pepper"]}"#,
        r#"{"data":{"subscribed":true}} x"#,
    ] {
        assert_eq!(
            request.read(200, &NONE, body.as_bytes()).unwrap_err().code(),
            "unexpected_answer",
            "{body}"
        );
    }
    assert!(
        !format!("{:?}", request.read(200, &NONE, br#"{"data":{"subscribed":true,"salt":"pepper"}}"#))
            .contains("pepper")
    );
}

#[test]
fn a_webhook_is_followed_up_at_the_service_of_its_entity() {
    let benji = benji();
    let token = secret("user-token");
    for (body, url, key, whose) in [
        (
            r#"{"event":"user_partner_connected","entity_type":1,"entity_id":"a/b"}"#,
            "https://u.example/v2/users/a%2Fb",
            "user-token",
            ApiKey::User,
        ),
        (
            r#"{"event":"campaign_ended","entity_type":2,"entity_id":18446744073709551616}"#,
            "https://c.example/campaigns/18446744073709551616",
            "partner-key",
            ApiKey::Partner,
        ),
        (
            r#"{"event":"new_event","entity_type":3,"entity_id":"0f8f"}"#,
            "https://t.example/transactions/0f8f",
            "partner-key",
            ApiKey::Partner,
        ),
    ] {
        let delivery = delivery(body);
        let event = delivery.get(0).unwrap();
        let request = benji.follow_up(&event, Some(&token)).unwrap();
        assert_eq!((request.method(), request.url(), request.body()), ("GET", url, b"".as_slice()));
        assert_eq!(header(&request, "x-api-key"), [key.as_bytes()]);
        assert_eq!(Benji::key_for(&event), Ok(whose));
        let without = benji.follow_up(&event, None).err();
        assert_eq!(without, (whose == ApiKey::User).then_some(OutgoingError::UserTokenNeeded));
        assert_eq!(request.read(200, &NONE, br#" {"id": 1.50} "#).unwrap().as_json(), r#"{"id": 1.50}"#);
        assert_eq!(request.read(200, &NONE, b"[1]").unwrap_err().code(), "unexpected_answer");
    }
}

#[test]
fn an_event_that_names_nothing_is_not_followed_up() {
    let benji = benji();
    for (body, error) in [
        (r#"{"event":"campaign_ended"}"#, OutgoingError::NothingNamed),
        (r#"{"event":"x","entity_type":9,"entity_id":"1"}"#, OutgoingError::NothingNamed),
        (
            r#"{"event":"campaign_ended","entity_id":".."}"#,
            OutgoingError::MalformedValue { name: "id", must: Requirement::PathSegment },
        ),
    ] {
        let delivery = delivery(body);
        assert_eq!(benji.follow_up(&delivery.get(0).unwrap(), None).unwrap_err(), error, "{body}");
    }
    // A percent sign is encoded, so this is no dot segment.
    let delivery = delivery(r#"{"event":"campaign_ended","entity_id":"%2e."}"#);
    let request = benji.follow_up(&delivery.get(0).unwrap(), None).unwrap();
    assert_eq!(request.url(), "https://c.example/campaigns/%252e.");
}

#[test]
fn keys_are_sent_in_the_header_of_their_form_and_never_shown() {
    let bearer = benji().bearer();
    let request = bearer.subscribe(ENDPOINT, None, None).unwrap();
    assert_eq!(header(&request, "authorization"), [b"Bearer partner-key"]);
    assert_eq!(header(&request, "x-api-key").len(), 0);
    assert!(!format!("{bearer:?}{request:?}").contains("partner-key"));
    for key in [" key", "key ", "k\r\ny", "kéy", "k\0y"] {
        let error = Benji::new(HOSTS, secret(key)).unwrap_err();
        assert_eq!(
            error,
            OutgoingError::MalformedValue { name: "partner_key", must: Requirement::HeaderValue }
        );
    }
}
