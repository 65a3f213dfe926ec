//! An event as JSON is one line, valid by its schema, and the same through `Serialize`.

#[expect(dead_code, reason = "the vectors are only run here; another test compares their outcomes")]
mod vector;

mod senders;

use std::{collections::BTreeMap, path::Path};

use hookseal::{Action, Delivery, Entity, Event, Raw, Received, Timestamp, Token, Vendor};
use jsonschema::Validator;
use serde_json::{Value, json, value::RawValue};

const MEMBERS: [&str; 16] = [
    "id",
    "id_origin",
    "index",
    "vendor",
    "source",
    "kind",
    "entity",
    "action",
    "name",
    "subject",
    "actor",
    "parent",
    "time",
    "time_zone_assumed",
    "assurance",
    "data",
];

fn schema() -> Value {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas/event.schema.json");
    serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap()
}

fn validator() -> Validator {
    jsonschema::draft202012::options().should_validate_formats(true).build(&schema()).unwrap()
}

/// The names and deliveries of the accepted vectors.
fn deliveries() -> Vec<(String, Delivery<Vec<u8>>)> {
    let vectors = vector::all().unwrap();
    vectors
        .into_iter()
        .filter_map(|vector| match vector.run().unwrap() {
            Ok(Received::Delivery(delivery)) => Some((vector.name, delivery)),
            _ => None,
        })
        .collect()
}

/// The written event, with `data` as its text: `serde_json` cannot hold every number or half of a surrogate pair.
fn parsed(event: &Event<'_>) -> Value {
    let text = event.to_json();
    let members: BTreeMap<String, &RawValue> = serde_json::from_str(&text).unwrap();
    let value = |(name, value): (String, &RawValue)| {
        let value = match name.as_str() {
            "data" => Value::from(value.get()),
            _ => serde_json::from_str(value.get()).unwrap(),
        };
        (name, value)
    };
    Value::Object(members.into_iter().map(value).collect())
}

fn only(vendor: Vendor, body: &str) -> Delivery<Vec<u8>> {
    let delivery = senders::received(vendor, body.as_bytes(), Timestamp::UNIX_EPOCH);
    assert_eq!(delivery.len(), 1);
    delivery
}

#[test]
fn every_event_of_every_vector_is_valid_by_the_schema() {
    let (validator, mut events) = (validator(), 0);
    for (name, delivery) in deliveries() {
        for event in &delivery {
            let written = parsed(&event);
            let faults: Vec<_> = validator.iter_errors(&written).map(|fault| fault.to_string()).collect();
            assert!(faults.is_empty(), "{name}: {faults:?}");
            events += 1;
        }
    }
    assert!(events > 1000, "{events} events");
}

#[test]
fn every_event_of_every_vector_is_one_line_of_its_own_json() {
    for (name, delivery) in deliveries() {
        for event in &delivery {
            let [json, cloudevent] = [event.to_json(), event.to_cloudevent()];
            assert_eq!(serde_json::to_string(&event).unwrap(), json, "{name}");
            for line in [&json, &cloudevent] {
                // Only a string can hold a space.
                assert!(!line.contains(['\n', '\r', '\t']), "{name}");
                let members: BTreeMap<String, &RawValue> = serde_json::from_str(line).unwrap();
                let data = members["data"].get();
                let raw = Raw::parse(data.as_bytes());
                if let Ok(raw) = raw {
                    assert!(raw.tokens().eq(event.raw().tokens()), "{name}");
                }
                assert!(raw.is_ok() || name.contains("number"), "{name}");
                assert_eq!(serde_json::to_string(&event.raw()).unwrap(), data, "{name}");
            }
        }
    }
}

#[test]
fn the_members_are_what_the_event_says() {
    for (name, delivery) in deliveries() {
        for event in &delivery {
            let written = parsed(&event);
            let subject = |of: hookseal::Subject<'_>| json!({ "entity": of.entity.as_str(), "id": of.id.map(|id| id.to_string()) });
            let assurance = event.assurance();
            let expected = json!({
                "id": event.id().to_string(),
                "id_origin": event.id_origin().as_str(),
                "index": event.index(),
                "vendor": event.vendor().as_str(),
                "source": event.source(),
                "kind": event.kind().to_string(),
                "entity": event.entity().as_str(),
                "action": event.action().as_str(),
                "name": event.name().to_string(),
                "subject": subject(event.subject()),
                "actor": event.actor().map(subject),
                "parent": event.parent().map(subject),
                "time": event.time().map(|time| time.to_string()),
                "time_zone_assumed": event.time_zone_assumed(),
                "assurance": {
                    "body": assurance.body.as_str(),
                    "time": assurance.time.as_str(),
                    "name": assurance.name.as_str(),
                },
                "data": written["data"],
            });
            assert_eq!(written, expected, "{name}");
        }
    }
}

#[test]
fn the_members_have_one_order_and_absent_ones_are_null() {
    let delivery = only(Vendor::Bento, "{ \"x\" : [ 1.10 , \"a  b\" ]\r\n}");
    let event = delivery.get(0).unwrap();
    let json = event.to_json();
    assert_eq!(
        json,
        format!(
            "{{\"id\":\"{}\",\"id_origin\":\"derived\",\"index\":0,\"vendor\":\"bento\",\
             \"source\":\"urn:hookseal:bento\",\"kind\":\"workflow.other\",\"entity\":\"workflow\",\
             \"action\":\"other\",\"name\":\"workflow\",\"subject\":{{\"entity\":\"workflow\",\"id\":null}},\
             \"actor\":null,\"parent\":null,\"time\":null,\"time_zone_assumed\":false,\
             \"assurance\":{{\"body\":\"unsigned\",\"time\":\"absent\",\"name\":\"unsigned\"}},\
             \"data\":{{\"x\":[1.10,\"a  b\"]}}}}",
            event.id()
        )
    );
    let keys = Raw::parse(json.as_bytes()).unwrap();
    let mut depth = 0;
    let of_event = keys.tokens().filter_map(|token| {
        depth += match token {
            Token::ObjectStart | Token::ListStart => 1,
            Token::ObjectEnd | Token::ListEnd => -1,
            _ => 0,
        };
        match token {
            Token::Key(key) if depth == 1 => Some(key.to_string()),
            _ => None,
        }
    });
    assert!(of_event.eq(MEMBERS));
}

#[test]
fn what_json_has_to_escape_is_escaped() {
    let delivery =
        only(Vendor::Benji, r#"{"event":"a\u0000\"\\\u2028\n","entity":3,"entity_id":"\u001f\u007f"}"#);
    let event = delivery.get(0).unwrap();
    let json = event.to_json();
    assert!(json.contains("\"name\":\"a\\u0000\\\"\\\\\u{2028}\\n\","), "{json}");
    assert!(json.contains("\"subject\":{\"entity\":\"transaction\",\"id\":\"\\u001f\u{7f}\"},"), "{json}");
    assert_eq!(parsed(&event)["name"], event.name().to_string());
}

#[test]
fn raw_keeps_every_byte() {
    let body = "{\n  \"x\" : 1.0\r\n}";
    let delivery = only(Vendor::Bento, body);
    let event = delivery.get(0).unwrap();
    assert_eq!(event.raw().as_str(), body);
    assert_eq!(delivery.to_cloudevents(), format!("[{}]", event.to_cloudevent()));
    assert!(event.to_cloudevent().ends_with(",\"data\":{\"x\":1.0}}"));
    let whole = serde_json::to_string(&delivery).unwrap();
    assert!(whole.contains(&format!("\"events\":[{}]", event.to_json())), "{whole}");
}

#[test]
fn the_schema_names_the_words_of_the_core_and_every_member() {
    let schema = schema();
    let words = |listed: &Value| -> Vec<String> {
        listed.as_array().unwrap().iter().map(|word| word.as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(words(&schema["required"]), MEMBERS);
    assert!(schema["properties"].as_object().unwrap().keys().all(|name| MEMBERS.contains(&name.as_str())));
    let properties = &schema["properties"];
    assert!(words(&properties["vendor"]["enum"]).iter().eq(Vendor::ALL.iter().map(|word| word.as_str())));
    assert!(words(&properties["action"]["enum"]).iter().eq(Action::ALL.iter().map(|word| word.as_str())));
    let entities = words(&schema["$defs"]["entity"]["enum"]);
    assert!(entities.iter().eq(Entity::ALL.iter().map(|word| word.as_str())));
}

#[test]
fn the_schema_refuses_what_is_no_event() {
    let validator = validator();
    let delivery = only(Vendor::Benji, r#"{"event":"transaction_created","entity_id":243}"#);
    let genuine = parsed(&delivery.get(0).unwrap());
    assert!(validator.is_valid(&genuine));
    for member in MEMBERS {
        let mut without = genuine.clone();
        without.as_object_mut().unwrap().remove(member);
        assert!(!validator.is_valid(&without), "without {member}");
    }
    let wrong = [
        ("id", json!("")),
        ("id_origin", json!("sender")),
        ("index", json!(-1)),
        ("vendor", json!("Benji")),
        ("source", json!("http://a b")),
        ("kind", json!("transaction")),
        ("kind", json!("transation.created")),
        ("kind", json!("transaction.answered")),
        ("entity", json!("transactions")),
        ("action", json!("")),
        ("name", json!(null)),
        ("subject", json!(null)),
        ("subject", json!({ "entity": "transaction", "id": 243 })),
        ("actor", json!("user")),
        ("time", json!("2026-03-04T05:06:07+00:00")),
        ("time", json!("2026-13-04T05:06:07Z")),
        ("time_zone_assumed", json!("no")),
        ("assurance", json!({ "body": "signed", "time": "signed" })),
    ];
    for (member, value) in wrong {
        let mut made = genuine.clone();
        made[member] = value;
        assert!(!validator.is_valid(&made), "{made}");
    }
}

#[test]
fn the_schema_of_payloads_holds_where_a_payload_has_its_documented_types() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas/payloads.schema.json");
    let schema: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    let (mut documented, mut departing) = (0, Vec::new());
    for (name, delivery) in deliveries() {
        for event in &delivery {
            // `serde_json` cannot hold every number and half of a surrogate pair.
            let Ok(data) = serde_json::from_str::<Value>(event.raw().as_str()) else { continue };
            // A typed payload refuses a repeated member, of which `data` keeps the last.
            let text = data.to_string();
            let tokens = Raw::parse(text.as_bytes()).unwrap().tokens().count();
            if tokens != event.raw().tokens().count() {
                continue;
            }
            let written = json!({ "vendor": event.vendor(), "kind": event.kind(), "data": data });
            let faults: Vec<_> = validator.iter_errors(&written).map(|fault| fault.to_string()).collect();
            assert_eq!(
                event.payload().is_ok(),
                faults.is_empty(),
                "{name}: {faults:?} {:?}",
                event.payload()
            );
            if faults.is_empty() {
                documented += 1;
            } else {
                departing.push(name.clone());
            }
        }
    }
    assert!(documented > 2_000, "{documented}: {departing:?}");
}
