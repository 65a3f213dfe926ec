//! The values that Bento takes, how they are split into calls, and what cannot get into a request.

use std::{collections::BTreeMap, iter};

use hookseal::{
    Secret,
    outgoing::{
        Bento, BentoCommand, BentoEmail, BentoEvent, BentoSubscriber, MAX_VALUE_BYTES, Outgoing,
        OutgoingError, Refusal, RefusalReason, Requirement, Sent, Tracked,
    },
};
use proptest::{collection::vec, prelude::*};
use serde_json::{Value, json};

const SITE: &str = "11111111222233334444555555555555";
const NO_HEADERS: [(&str, &str); 0] = [];

fn bento() -> Bento {
    Bento::new("publishable", Secret::new("secret key").unwrap(), SITE).unwrap()
}

fn malformed(name: &'static str, must: Requirement) -> OutgoingError {
    OutgoingError::MalformedValue { name, must }
}

/// An object with one member in place of another, or beside the others.
fn with(object: &Value, name: &str, value: Value) -> String {
    let mut object = object.clone();
    object.as_object_mut().unwrap().insert(name.to_owned(), value);
    object.to_string()
}

/// The errors, each of a member's values.
fn errors<T>(
    from_json: fn(&str) -> Result<T, OutgoingError>,
    object: &Value,
    name: &str,
    values: impl IntoIterator<Item = Value>,
) -> Vec<(Value, Option<OutgoingError>)> {
    values.into_iter().map(|value| (value.clone(), from_json(&with(object, name, value)).err())).collect()
}

#[track_caller]
fn all(found: Vec<(Value, Option<OutgoingError>)>, expected: Option<OutgoingError>) {
    for (value, error) in found {
        assert_eq!(error, expected, "{value}");
    }
}

/// Values that are not one line of text.
fn no_lines() -> Vec<Value> {
    let texts =
        ["", " ", "\u{a0}", "a\nb", "a\r\nBcc: x@example.com", "a\0", "a\u{7f}", "a\u{85}b", "a\u{2028}b"];
    texts
        .into_iter()
        .map(Value::from)
        .chain([json!(null), json!(1), json!(true), json!([]), json!({})])
        .collect()
}

fn no_emails() -> Vec<Value> {
    let texts =
        ["", "nobody", "a@b", "a@b@example.com", "a@example.com\r\nBcc: b@example.com", "a, b@example.com"];
    texts.into_iter().map(Value::from).chain([json!(null), json!(7), json!(["a@example.com"])]).collect()
}

#[test]
fn an_event_is_checked_member_by_member() {
    let event = json!({"type": "signup", "email": "a@example.com"});
    let read = BentoEvent::from_json;
    all(errors(read, &event, "type", no_lines()), Some(malformed("type", Requirement::Line)));
    all(errors(read, &event, "type", ["$GFormsSubmit:Über uns-7", "a", "日本"].map(Value::from)), None);
    all(errors(read, &event, "email", no_emails()), Some(malformed("email", Requirement::Email)));

    let flat = [json!({}), json!({"a": 1, "": "b", "c": true, "d": null}), json!(null)];
    all(errors(read, &event, "fields", flat), None);
    let not_flat = [json!({"a": {}}), json!({"a": []}), json!([]), json!("a"), json!(1), json!(false)];
    all(errors(read, &event, "fields", not_flat), Some(malformed("fields", Requirement::FlatObject)));

    all(errors(read, &event, "details", [json!({"a": [{"b": [[]]}]}), json!({}), json!(null)]), None);
    let no_objects = [json!([]), json!("a"), json!(1), json!(true)];
    all(errors(read, &event, "details", no_objects), Some(malformed("details", Requirement::Object)));

    let dates = ["2026-03-04T05:06:07.089Z", "2026-03-04t05:06:07+01:00", "2026-03-04T05:06:07-00:00"];
    all(errors(read, &event, "date", dates.map(Value::from)), None);
    let texts =
        ["", "2026-03-04", "2026-03-04 05:06:07", "2026-03-04 05:06:07 UTC", "2026-02-30T05:06:07Z", "now"];
    let no_dates =
        texts.into_iter().map(Value::from).chain([json!(null), json!(1_772_600_767), json!({"date": "x"})]);
    all(errors(read, &event, "date", no_dates), Some(malformed("date", Requirement::Date)));

    assert_eq!(read(&with(&event, "when", json!(1))), Err(OutgoingError::UnknownMember { position: 3 }));
    assert_eq!(read(r#"{"type":"a"}"#), Err(OutgoingError::MissingMember("email")));
    assert_eq!(read(r#"{"email":"a@example.com"}"#), Err(OutgoingError::MissingMember("type")));
    assert_eq!(read("{}"), Err(OutgoingError::MissingMember("type")));
}

#[test]
fn a_purchase_needs_its_key_and_what_was_paid() {
    let purchase = |details: Value| {
        BentoEvent::from_json(
            &json!({"type": "$purchase", "email": "a@example.com", "details": details}).to_string(),
        )
        .err()
    };
    let details = |key: Value, currency: Value, amount: Value| {
        json!({
            "unique": {"key": key},
            "value": {"currency": currency, "amount": amount},
            "cart": {"items": [1]},
        })
    };
    for key in [json!("1001"), json!(1001), json!(-1), json!(18_446_744_073_709_551_615_u64)] {
        assert_eq!(purchase(details(key, json!("USD"), json!(1))), None);
    }
    for key in [json!(""), json!(1.5), json!(null), json!(true), json!({})] {
        let expected = malformed("details.unique.key", Requirement::TextOrInteger);
        assert_eq!(purchase(details(key, json!("USD"), json!(1))), Some(expected));
    }
    for currency in
        [json!("usd"), json!("US"), json!("USDT"), json!("U$D"), json!("ÜS"), json!(840), json!(null)]
    {
        let expected = malformed("details.value.currency", Requirement::Currency);
        assert_eq!(purchase(details(json!(1), currency, json!(1))), Some(expected));
    }
    for amount in [json!("1"), json!(-1), json!(null), json!(true)] {
        let expected = malformed("details.value.amount", Requirement::Amount);
        assert_eq!(purchase(details(json!(1), json!("USD"), amount)), Some(expected));
    }
    for (details, missing) in [
        (json!(null), "details"),
        (json!({}), "details.unique"),
        (json!({"unique": {"key": 1}}), "details.value"),
        (json!({"value": {"currency": "USD", "amount": 1}}), "details.unique"),
        (json!({"unique": {}, "value": {"currency": "USD", "amount": 1}}), "details.unique.key"),
        (json!({"unique": {"key": 1}, "value": {"amount": 1}}), "details.value.currency"),
        (json!({"unique": {"key": 1}, "value": {"currency": "USD"}}), "details.value.amount"),
    ] {
        assert_eq!(purchase(details), Some(OutgoingError::MissingMember(missing)));
    }
    assert_eq!(purchase(json!({"unique": 1})), Some(malformed("details.unique", Requirement::Object)));
    assert_eq!(purchase(json!({"value": null})), Some(malformed("details.value", Requirement::Object)));
    // The word counts without its escapes, and no other event needs what a purchase needs.
    let escaped = r#"{"type":"\u0024purchase","email":"a@example.com"}"#;
    assert_eq!(BentoEvent::from_json(escaped), Err(OutgoingError::MissingMember("details")));
    assert!(
        BentoEvent::from_json(r#"{"type":"$Purchase","email":"a@example.com","details":{"unique":1}}"#)
            .is_ok()
    );
}

#[test]
fn an_amount_is_a_number_from_0_to_2_to_the_53_in_any_notation() {
    let purchase = |amount: &str| {
        let details = format!(r#"{{"unique":{{"key":1}},"value":{{"currency":"USD","amount":{amount}}}}}"#);
        let event = format!(r#"{{"type":"$purchase","email":"a@example.com","details":{details}}}"#);
        BentoEvent::from_json(&event).err()
    };
    for amount in [
        "0",
        "-0",
        "-0.0e7",
        "19.99",
        "1E2",
        "1e-400",
        "0e999",
        "9007199254740991",
        "9007199254740992",
        "9007199254740992.0",
        "9.007199254740992e15",
        "900719925474099200e-2",
    ] {
        assert_eq!(purchase(amount), None, "{amount}");
    }
    for amount in [
        "-1",
        "-1e-400",
        "9007199254740993",
        "9007199254740992.5",
        "18446744073709551616",
        "1e16",
        "1e400",
        "-1e400",
    ] {
        assert_eq!(
            purchase(amount),
            Some(malformed("details.value.amount", Requirement::Amount)),
            "{amount}"
        );
    }
    for amount in ["NaN", "Infinity", "01", "+1", ".5", "1.", "0x1", "1e"] {
        assert_eq!(purchase(amount).map(|error| error.code()), Some("malformed_json"), "{amount}");
    }
}

#[test]
fn a_subscriber_has_an_email_tags_and_any_flat_fields() {
    let subscriber = json!({"email": "a@example.com"});
    let read = BentoSubscriber::from_json;
    all(errors(read, &subscriber, "email", no_emails()), Some(malformed("email", Requirement::Email)));
    for name in ["tags", "remove_tags"] {
        all(
            errors(read, &subscriber, name, [json!("a"), json!("a, b"), json!(["a", "b c"]), json!([])]),
            None,
        );
        let no_tags = [json!(""), json!("a,,b"), json!("a, "), json!([""]), json!(["a", 1]), json!([["a"]])];
        let others = [json!(null), json!(1), json!({}), json!(true)];
        let error = malformed(if name == "tags" { "tags" } else { "remove_tags" }, Requirement::Tags);
        all(errors(read, &subscriber, name, no_tags.into_iter().chain(others)), Some(error));
    }
    for name in ["plan", "Tags", "", "e-mail", "site_uuid"] {
        all(errors(read, &subscriber, name, [json!("x"), json!(1.5), json!(true), json!(null)]), None);
        let error = malformed("each field", Requirement::Scalar);
        all(errors(read, &subscriber, name, [json!([]), json!({"city": "Zürich"})]), Some(error));
    }
    assert_eq!(read(r#"{"Email":"a@example.com"}"#), Err(OutgoingError::MissingMember("email")));
}

#[test]
fn an_email_is_checked_member_by_member() {
    let email = json!({
        "to": "a@example.com",
        "from": "b@example.com",
        "subject": "Hello",
        "html_body": "<p>\n</p>",
        "transactional": true,
    });
    let read = BentoEmail::from_json;
    assert!(read(&email.to_string()).is_ok());
    for name in ["to", "from"] {
        let error = malformed(if name == "to" { "to" } else { "from" }, Requirement::Email);
        all(errors(read, &email, name, no_emails()), Some(error));
        all(errors(read, &email, name, [json!("Jo <a@example.com>")]), Some(error));
    }
    all(errors(read, &email, "subject", no_lines()), Some(malformed("subject", Requirement::Line)));
    let no_texts = [json!(""), json!(null), json!(1), json!([])];
    all(errors(read, &email, "html_body", no_texts), Some(malformed("html_body", Requirement::Text)));
    let no_booleans = [json!("true"), json!(1), json!(0), json!(null)];
    all(
        errors(read, &email, "transactional", no_booleans),
        Some(malformed("transactional", Requirement::Boolean)),
    );
    all(errors(read, &email, "transactional", [json!(false)]), None);
    let values = [json!({}), json!({"link": "https://example.com", "n": 5, "ok": true})];
    all(errors(read, &email, "personalizations", values), None);
    let others = [json!({"a": null}), json!({"a": []}), json!({"a": {}}), json!(null), json!([]), json!("a")];
    let error = malformed("personalizations", Requirement::Personalizations);
    all(errors(read, &email, "personalizations", others), Some(error));
    all(
        errors(read, &email, "cc", [json!("a@example.com")]),
        Some(OutgoingError::UnknownMember { position: 1 }),
    );
    for name in ["to", "from", "subject", "html_body", "transactional"] {
        let mut without = email.clone();
        without.as_object_mut().unwrap().remove(name);
        assert_eq!(read(&without.to_string()), Err(OutgoingError::MissingMember(name)));
    }
}

#[test]
fn a_command_has_the_query_that_it_needs() {
    let command = |command: &str, query: Option<Value>| {
        let mut json = json!({"command": command, "email": "a@example.com"});
        json.as_object_mut().unwrap().extend(query.map(|query| ("query".to_owned(), query)));
        BentoCommand::from_json(&json.to_string()).err()
    };
    for word in ["add_tag", "add_tag_via_event", "remove_tag", "remove_field"] {
        assert_eq!(command(word, Some(json!("Test Tag"))), None);
        assert_eq!(command(word, None), Some(OutgoingError::MissingMember("query")));
        for query in no_lines() {
            assert_eq!(command(word, Some(query)), Some(malformed("query", Requirement::Line)));
        }
    }
    for query in [
        json!({"key": "a", "value": "b"}),
        json!({"value": null, "key": "a"}),
        json!({"key": "a", "value": 1}),
    ] {
        assert_eq!(command("add_field", Some(query)), None);
    }
    for (query, error) in [
        (None, OutgoingError::MissingMember("query")),
        (Some(json!("a")), malformed("query", Requirement::Object)),
        (Some(json!({"value": 1})), OutgoingError::MissingMember("query.key")),
        (Some(json!({"key": "a"})), OutgoingError::MissingMember("query.value")),
        (Some(json!({"key": "", "value": 1})), malformed("query.key", Requirement::Line)),
        (Some(json!({"key": "a", "value": []})), malformed("query.value", Requirement::Scalar)),
        (Some(json!({"key": "a", "value": 1, "x": 1})), malformed("query", Requirement::KeyAndValue)),
    ] {
        assert_eq!(command("add_field", query), Some(error));
    }
    for word in ["subscribe", "unsubscribe"] {
        assert_eq!(command(word, None), None);
        assert_eq!(command(word, Some(json!(null))), Some(OutgoingError::UnknownMember { position: 3 }));
    }
    assert_eq!(command("change_email", Some(json!("b@example.com"))), None);
    assert_eq!(command("change_email", Some(json!("b"))), Some(malformed("query", Requirement::Email)));
    for word in ["", "delete", "Add_tag", "add_tag "] {
        let error = command(word, Some(json!("a"))).unwrap();
        assert!(matches!(
            error,
            OutgoingError::MalformedValue { name: "command", must: Requirement::OneOf(_) }
        ));
    }
    for (json, missing) in
        [(r#"{"email":"a@example.com"}"#, "command"), (r#"{"command":"subscribe"}"#, "email")]
    {
        assert_eq!(BentoCommand::from_json(json), Err(OutgoingError::MissingMember(missing)));
    }
    // The order of the members does not matter.
    assert!(BentoCommand::from_json(r#"{"query":"a","email":"a@example.com","command":"add_tag"}"#).is_ok());
    assert!(
        BentoCommand::from_json(r#"{"command":["add_tag"],"email":"a@example.com","query":"a"}"#).is_err()
    );
}

#[test]
fn what_is_no_json_object_is_refused_with_its_place() {
    for (json, line, column) in [
        ("", 1, 1),
        ("\n\n [1]", 3, 2),
        (" null", 1, 2),
        ("\"a\"", 1, 1),
        ("{\"type\":\n\"a\",}", 2, 5),
        ("{} {}", 1, 4),
        ("{'a':1}", 1, 2),
        ("\u{feff}{}", 1, 1),
    ] {
        let expected = Err(OutgoingError::MalformedJson { line, column });
        assert_eq!(BentoEvent::from_json(json), expected, "{json:?}");
    }
    let deep = format!(r#"{{"details":{}1{}}}"#, "[".repeat(127), "]".repeat(127));
    assert_eq!(BentoEvent::from_json(&deep).unwrap_err().code(), "malformed_json");
    assert_eq!(BentoEvent::from_json(&"[".repeat(1_000_000)).unwrap_err().code(), "malformed_json");
    let deepest = format!(
        r#"{{"type":"a","email":"a@example.com","details":{{"a":{}1{}}}}}"#,
        "[".repeat(125),
        "]".repeat(125)
    );
    assert!(BentoEvent::from_json(&deepest).is_ok());
    assert_eq!(
        BentoEvent::new(&BTreeMap::from([((1, 2), 3)])),
        Err(OutgoingError::MalformedJson { line: 1, column: 1 })
    );
}

#[test]
fn a_value_is_at_most_one_mebibyte() {
    let event = |bytes: usize| {
        let empty = r#"{"type":"a","email":"a@example.com","details":{"a":""}}"#;
        empty.replace("\"\"", &format!("\"{}\"", "x".repeat(bytes - empty.len())))
    };
    assert!(BentoEvent::from_json(&event(MAX_VALUE_BYTES)).is_ok());
    for bytes in [MAX_VALUE_BYTES + 1, 10_000_000] {
        assert_eq!(BentoEvent::from_json(&event(bytes)), Err(malformed("value", Requirement::ShortJson)));
    }
}

#[test]
fn characters_and_digits_stay_as_they_were_written() {
    for member in [
        r#""a":18446744073709551616"#,
        r#""a":1e400"#,
        r#""a":-0.0"#,
        r#""a":1.50E+021"#,
        "\"a\":\"\u{2028}\u{2029}\"",
        r#""a":"\u2028\ud83c\udf71\/\u0041""#,
        r#""a":"\\ud800""#,
    ] {
        let json = format!(r#"{{"email":"a@example.com",{member}}}"#);
        let subscriber = BentoSubscriber::from_json(&json).unwrap();
        assert_eq!(subscriber.as_json(), json);
        let spaced = json.replace(",\"a\":", " ,\r\n\t\"a\" : ");
        assert_eq!(BentoSubscriber::from_json(&spaced).unwrap().as_json(), json);
    }
}

#[test]
fn half_of_a_surrogate_pair_is_refused_anywhere() {
    for member in [
        r#""a":"\ud800""#,
        r#""a":"x\uDFFF""#,
        r#""a":"\ud800\ud800\udc00""#,
        r#""\ud83c":1"#,
        r#""\ud83c":"\udf71""#,
        r#""a":"\ud83c","b":"\udf71""#,
    ] {
        let json = format!(r#"{{"email":"a@example.com",{member}}}"#);
        let expected = Err(malformed("value", Requirement::WholeCharacters));
        assert_eq!(BentoSubscriber::from_json(&json), expected, "{member}");
    }
}

#[test]
fn a_repeated_member_is_refused_at_any_depth() {
    for (json, position) in [
        (r#"{"type":"a","email":"a@example.com","type":"a"}"#, 3),
        (r#"{"type":"a","typ\u0065":"a","email":"a@example.com"}"#, 2),
        (r#"{"type":"a","email":"a@example.com","details":{"a":[{"b":1,"b":2}]}}"#, 2),
        (r#"{"type":"a","email":"a@example.com","fields":{"a":1,"b":2,"a":3}}"#, 3),
    ] {
        assert_eq!(BentoEvent::from_json(json), Err(OutgoingError::RepeatedMember { position }), "{json}");
    }
    let members: String = (0..60_000).map(|number| format!(r#","f{number}":0"#)).collect();
    assert!(BentoSubscriber::from_json(&format!(r#"{{"email":"a@example.com"{members}}}"#)).is_ok());
}

#[test]
fn values_are_made_of_anything_that_serializes() {
    #[derive(serde::Serialize)]
    struct Signup<'a> {
        r#type: &'a str,
        email: &'a str,
        fields: BTreeMap<&'a str, f64>,
    }
    let signup =
        Signup { r#type: "signup", email: "a@example.com", fields: BTreeMap::from([("age", f64::NAN)]) };
    let event = BentoEvent::new(&signup).unwrap();
    assert_eq!(event.as_json(), r#"{"type":"signup","email":"a@example.com","fields":{"age":null}}"#);
    assert_eq!(BentoCommand::new(&signup).unwrap_err().code(), "unknown_member");
    assert_eq!(BentoEmail::new(&7).unwrap_err().code(), "malformed_json");
    assert!(BentoSubscriber::new(&json!({"email": "a@example.com"})).is_ok());
}

fn many<T: Clone>(value: &T, count: usize) -> Vec<T> {
    iter::repeat_n(value.clone(), count).collect()
}

fn one_event() -> BentoEvent {
    BentoEvent::from_json(r#"{"type":"a","email":"a@example.com"}"#).unwrap()
}

fn one_email() -> BentoEmail {
    let json = r#"{"to":"a@example.com","from":"b@example.com","subject":"s","html_body":"b","transactional":false}"#;
    BentoEmail::from_json(json).unwrap()
}

/// The first position of each call's values, and the one behind the last.
fn calls(calls: &[Outgoing<Sent>]) -> Vec<(usize, usize)> {
    calls.iter().map(Outgoing::<Sent>::values).map(|values| (values.start, values.end)).collect()
}

#[test]
fn values_are_split_into_calls_as_large_as_bento_takes() {
    let bento = bento();
    let subscriber = BentoSubscriber::from_json(r#"{"email":"a@example.com"}"#).unwrap();
    let events = |count| calls(&bento.events(&many(&one_event(), count)));
    let subscribers = |count| calls(&bento.subscribers(&many(&subscriber, count)));
    let emails = |count| calls(&bento.emails(&many(&one_email(), count)));
    for split in [&events as &dyn Fn(usize) -> _, &subscribers] {
        assert_eq!(split(0), []);
        assert_eq!(split(1), [(0, 1)]);
        assert_eq!(split(1_000), [(0, 1_000)]);
        assert_eq!(split(1_001), [(0, 1_000), (1_000, 1_001)]);
        assert_eq!(split(2_500), [(0, 1_000), (1_000, 2_000), (2_000, 2_500)]);
    }
    assert_eq!(emails(0), []);
    assert_eq!(emails(60), [(0, 60)]);
    assert_eq!(emails(61), [(0, 60), (60, 61)]);
    assert_eq!(emails(100), [(0, 60), (60, 100)]);

    let webhooks = bento.webhook("pos", &many(&one_event(), 1_001)).unwrap();
    assert!(webhooks.iter().map(Outgoing::<Tracked>::values).eq([0..1_000, 1_000..1_001]));
    assert!(bento.webhook("pos", &[]).unwrap().is_empty());
}

#[test]
fn what_fails_is_told_in_positions_of_what_was_given() {
    let requests = bento().emails(&many(&one_email(), 130));
    let answers =
        [r#"{"results":60,"failed":0}"#, r#"{"results":50,"failed":10}"#, r#"{"results":0,"failed":10}"#];
    let found: Vec<_> = requests
        .iter()
        .zip(answers)
        .map(|(request, answer)| request.read(200, &NO_HEADERS, answer.as_bytes()).unwrap())
        .map(|sent| (sent.handed_back(), sent.is_undecided()))
        .collect();
    assert_eq!(found, [(0..0, false), (60..120, true), (120..130, false)]);
}

/// The name, then the value of each header.
fn headers<A>(request: &Outgoing<A>) -> Vec<(&str, &str)> {
    request.headers().map(|(name, value)| (name, std::str::from_utf8(value).unwrap())).collect()
}

#[test]
fn each_kind_of_value_goes_to_its_endpoint() {
    let bento = bento();
    let credentials = ("authorization", "Basic cHVibGlzaGFibGU6c2VjcmV0IGtleQ==");
    let agent = ("user-agent", concat!("hookseal/", env!("CARGO_PKG_VERSION")));
    let json = ("content-type", "application/json");
    let subscriber = BentoSubscriber::from_json(r#"{"email":"a@example.com"}"#).unwrap();
    let event = r#"{"type":"a","email":"a@example.com"}"#;
    let calls = [
        (bento.events(&[one_event(), one_event()]).remove(0), "events", format!("{event},{event}")),
        (
            bento.subscribers(std::slice::from_ref(&subscriber)).remove(0),
            "subscribers",
            subscriber.as_json().into(),
        ),
        (bento.emails(&[one_email()]).remove(0), "emails", one_email().as_json().into()),
    ];
    for (request, name, values) in calls {
        assert_eq!((request.method(), request.group().as_str()), ("POST", "batch"));
        assert_eq!(request.url(), format!("https://app.bentonow.com/api/v1/batch/{name}"));
        assert_eq!(headers(&request), [credentials, agent, json]);
        let body = format!(r#"{{"{name}":[{values}],"site_uuid":"{SITE}"}}"#);
        assert_eq!(request.body(), body.as_bytes());
    }
    let command = BentoCommand::from_json(r#"{"command":"subscribe","email":"a@example.com"}"#).unwrap();
    let request = bento.command(&command);
    assert_eq!((request.method(), request.group().as_str()), ("POST", "fetch"));
    assert_eq!(headers(&request), [credentials, agent, json]);
    let request = bento.webhook("pos", &[one_event()]).unwrap().remove(0);
    assert_eq!((request.method(), request.group().as_str()), ("POST", "track"));
    assert_eq!(request.url(), format!("https://track.bentonow.com/webhooks/{SITE}/pos/track"));
    assert_eq!(headers(&request), [agent, json]);
    assert_eq!(request.body(), format!(r#"{{"events":[{event}]}}"#).as_bytes());
}

#[test]
fn the_site_may_be_in_the_query_in_place_of_the_body() {
    let bento = bento().site_uuid_in_query().api_host("http://127.0.0.1:3000/api/v1/").unwrap();
    let request = bento.events(&[one_event()]).remove(0);
    assert_eq!(request.url(), format!("http://127.0.0.1:3000/api/v1/batch/events?site_uuid={SITE}"));
    assert_eq!(request.body(), br#"{"events":[{"type":"a","email":"a@example.com"}]}"#);
    let command = BentoCommand::from_json(r#"{"command":"subscribe","email":"a@example.com"}"#).unwrap();
    assert_eq!(
        bento.command(&command).body(),
        br#"{"command":{"command":"subscribe","email":"a@example.com"}}"#
    );
}

#[test]
fn what_bento_is_built_from_is_checked() {
    let with = |key: &str, site: &str| Bento::new(key, Secret::new("s").unwrap(), site).map(|_| ());
    for site in [
        "",
        "1111",
        &SITE[1..],
        &format!("{SITE}1"),
        "gggggggggggggggggggggggggggggggg",
        "../../../../../../../../../../aa",
    ] {
        assert_eq!(with("p", site), Err(malformed("site_uuid", Requirement::Uuid)), "{site}");
    }
    for site in [
        "11111111-2222-3333-4444-55555555555",
        "111111112-222-3333-4444-555555555555",
        "1111111122223333444455555555555-",
    ] {
        assert_eq!(with("p", site), Err(malformed("site_uuid", Requirement::Uuid)), "{site}");
    }
    assert_eq!(with("p", "aAbBcCdD-2222-3333-4444-555555555555"), Ok(()));
    for key in ["", " ", "a:b", "a\r\nb", "a\0"] {
        assert_eq!(with(key, SITE), Err(malformed("publishable_key", Requirement::User)), "{key:?}");
    }
    for agent in ["", " a", "a ", "a\r\nX: y", "a\0", "é", "a\u{7f}"] {
        let error = bento().user_agent(agent).unwrap_err();
        assert_eq!(error, malformed("user_agent", Requirement::HeaderValue), "{agent:?}");
    }
    for host in ["http://app.bentonow.com", "http://10.0.0.1"] {
        assert_eq!(bento().api_host(host).unwrap_err(), OutgoingError::InsecureHost { name: "api_host" });
        assert_eq!(bento().track_host(host).unwrap_err(), OutgoingError::InsecureHost { name: "track_host" });
    }
    for host in ["", "app.bentonow.com", "https://user@app.bentonow.com", "https://app.bentonow.com/?a=b"] {
        assert_eq!(bento().api_host(host).unwrap_err(), OutgoingError::MalformedHost { name: "api_host" });
        assert_eq!(
            bento().track_host(host).unwrap_err(),
            OutgoingError::MalformedHost { name: "track_host" }
        );
    }
    for source in ["", ".", "..", &"a".repeat(513)] {
        let error = bento().webhook(source, &[one_event()]).unwrap_err();
        assert_eq!(error, malformed("source", Requirement::PathSegment));
    }
}

#[test]
fn nothing_of_the_keys_and_values_is_shown() {
    let bento = Bento::new("publishable-1", Secret::new("hunter2").unwrap(), SITE).unwrap();
    let event = BentoEvent::from_json(r#"{"type":"a","email":"hunter2@example.com"}"#).unwrap();
    let request = bento.events(std::slice::from_ref(&event)).remove(0);
    let answer = request.read(200, &NO_HEADERS, br#"{"results":1}"#).unwrap();
    let shown = format!("{bento:?} {event:?} {request:?} {answer:?}");
    assert!(!shown.contains("hunter2") && !shown.contains("publishable-1"), "{shown}");
    for part in [SITE, "BentoEvent(42 bytes)", "authorization", "body_bytes"] {
        assert!(shown.contains(part), "{shown}");
    }
}

#[test]
fn a_redirect_and_a_firewall_are_final_for_every_kind_of_request() {
    let request = bento().webhook("pos", &[one_event()]).unwrap().remove(0);
    let location = [("location", "https://evil.example/")];
    assert_eq!(request.read(302, &location, b"").unwrap_err().reason(), RefusalReason::Redirected);
    assert_eq!(request.read(200, &NO_HEADERS, b"BLOCKED").unwrap_err().reason(), RefusalReason::Blocked);
    assert!(request.read(204, &NO_HEADERS, b"").is_ok());
    let refusal: Refusal = request.read(503, &NO_HEADERS, b"").unwrap_err();
    assert!(!refusal.is_final() && refusal.may_be_done());
}

/// Any JSON, nearly of a value's form, with white space anywhere.
fn json_text() -> impl Strategy<Value = String> {
    let scalar = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        "-?(0|[1-9][0-9]{0,20})([.][0-9]{1,5})?([eE][+-]?[0-9]{1,4})?",
        any::<String>().prop_map(|text| serde_json::to_string(&text).unwrap()),
        Just(r#""a@example.com""#.to_owned()),
        Just(r#""\ud800""#.to_owned()),
        Just(r#""2026-03-04T05:06:07Z""#.to_owned()),
        Just("\"\u{2028}\"".to_owned()),
    ];
    let name = prop_oneof![
        proptest::sample::select(vec![
            "type",
            "email",
            "fields",
            "details",
            "date",
            "tags",
            "to",
            "from",
            "subject",
            "html_body",
            "transactional",
            "personalizations",
            "command",
            "query",
            "key",
            "value",
            "unique",
            "currency",
            "amount"
        ])
        .prop_map(str::to_owned),
        "[a-z ]{0,3}",
    ];
    let space = "[ \t\r\n]{0,2}";
    scalar.prop_recursive(4, 40, 6, move |inner| {
        let member = (name.clone(), space, inner.clone())
            .prop_map(|(name, space, value)| format!("{space}\"{name}\"{space}:{space}{value}{space}"));
        prop_oneof![
            3 => vec(member, 0..6).prop_map(|members| format!("{{{}}}", members.join(","))),
            1 => vec(inner, 0..6).prop_map(|elements| format!("[{}]", elements.join(" , "))),
        ]
    })
}

/// What is accepted is one line, means the same, and is accepted again unchanged.
fn check_accepted<T: PartialEq + std::fmt::Debug>(
    text: &str,
    from_json: fn(&str) -> Result<T, OutgoingError>,
    as_json: fn(&T) -> &str,
) {
    if let Ok(value) = from_json(text) {
        let json = as_json(&value);
        assert!(!json.contains(['\n', '\r']));
        assert_eq!(from_json(json).as_ref(), Ok(&value));
        let parse = |text| serde_json::from_str::<Value>(text);
        if let (Ok(before), Ok(after)) = (parse(text), parse(json)) {
            assert_eq!(before, after);
            assert!(after.is_object());
        }
    }
}

fn check_all(text: &str) {
    check_accepted(text, BentoEvent::from_json, BentoEvent::as_json);
    check_accepted(text, BentoSubscriber::from_json, BentoSubscriber::as_json);
    check_accepted(text, BentoEmail::from_json, BentoEmail::as_json);
    check_accepted(text, BentoCommand::from_json, BentoCommand::as_json);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    #[test]
    fn any_text_is_refused_or_sent_as_it_means(text in any::<String>(), json in json_text()) {
        check_all(&text);
        check_all(&json);
    }

    #[test]
    fn the_members_of_an_event_may_be_in_any_order_with_any_white_space(
        members in Just(vec![
            r#""type":"$purchase""#,
            r#""email":"zoë+tag@example.com""#,
            r#""date":"2026-03-04T05:06:07.089Z""#,
            r#""fields":{"a b":"\" , }","n":null}"#,
            r#""details":{"value":{"amount":19.990,"currency":"USD"},"unique":{"key":"1"}}"#,
        ]).prop_shuffle(),
        space in "[ \t\r\n]{0,3}",
    ) {
        let expected = format!("{{{}}}", members.join(","));
        let spaced = format!("{space}{{{}}}{space}", members.join(&format!("{space},{space}")));
        let event = BentoEvent::from_json(&spaced).unwrap();
        prop_assert_eq!(event.as_json(), &expected);
        prop_assert_eq!(BentoEvent::from_json(event.as_json()), Ok(event));
    }

    #[test]
    fn no_argument_ends_a_header_or_a_segment(text in prop_oneof![any::<String>(), "[ -~\r\n/?#%.]{0,20}"]) {
        if let Ok(bento) = bento().user_agent(&text) {
            let request = bento.events(&[one_event()]).remove(0);
            for (_, value) in request.headers() {
                prop_assert!(value.iter().all(|byte| matches!(byte, b' '..=b'~' | b'\t')));
            }
        }
        if let Ok(bento) = Bento::new(&text, Secret::new("s").unwrap(), SITE) {
            let request = bento.events(&[one_event()]).remove(0);
            let (_, value) = request.headers().next().unwrap();
            prop_assert!(value.iter().all(|byte| matches!(byte, b'!'..=b'~' | b' ')));
        }
        if let Ok(requests) = bento().webhook(&text, &[one_event()]) {
            let url = requests[0].url().to_owned();
            let segment = url.strip_prefix(&format!("https://track.bentonow.com/webhooks/{SITE}/"));
            let segment = segment.and_then(|rest| rest.strip_suffix("/track")).unwrap();
            prop_assert!(segment.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~%".contains(&byte)));
            prop_assert!(!["", ".", ".."].contains(&segment));
        }
        prop_assert!(Bento::new("p", Secret::new("s").unwrap(), &text).is_err());
    }

    #[test]
    fn any_answer_is_read_or_refused(
        status in any::<u16>(),
        body in prop_oneof![
            vec(any::<u8>(), 0..40),
            json_text().prop_map(String::into_bytes),
            (any::<i128>(), any::<i128>())
                .prop_map(|(results, failed)| format!(r#"{{"results":{results},"failed":{failed}}}"#).into_bytes()),
            (0_u64..12, 0_u64..12)
                .prop_map(|(results, failed)| format!(r#"{{"failed":{failed},"results":{results}}}"#).into_bytes()),
        ],
    ) {
        let requests = bento().events(&many(&one_event(), 1_007));
        let request = &requests[1];
        match request.read(status, &NO_HEADERS, &body) {
            Ok(sent) => {
                prop_assert!((200..300).contains(&status));
                prop_assert!(sent.accepted() <= 7 && sent.failed() <= 7);
                let back = sent.handed_back();
                prop_assert_eq!(back.len(), if sent.failed() == 0 { 0 } else { 7 });
                prop_assert!(back.is_empty() || back.start == 1_000);
                prop_assert_eq!(sent.is_undecided(), sent.failed() > 0 && sent.failed() < 7);
            }
            Err(refusal) => prop_assert_eq!(refusal.status(), status),
        }
    }
}
