//! Every event of an accepted vector is a CloudEvent by the specification's schema.

#[expect(dead_code, reason = "the vectors are only run here; another test compares their outcomes")]
mod vector;

mod senders;

use std::{collections::BTreeMap, path::Path};

use hookseal::{Action, Delivery, Entity, Event, Received, Timestamp, Vendor};
use jsonschema::Validator;
use serde_json::{Value, value::RawValue};

fn validator() -> Validator {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/cloudevents/cloudevents.schema.json");
    let schema = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    jsonschema::draft7::options().should_validate_formats(true).build(&schema).unwrap()
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

/// The event as a CloudEvent, and the schema's errors.
fn cloudevent(event: &Event<'_>, validator: &Validator) -> (Value, Vec<String>) {
    let text = event.to_cloudevent();
    let attributes: BTreeMap<String, &RawValue> = serde_json::from_str(&text).unwrap();
    let parsed = attributes.into_iter().map(|(name, value)| {
        // serde_json cannot hold every number or half surrogate. The schema does not restrict `data`, so its text
        // replaces it.
        let value = match serde_json::from_str(value.get()) {
            Err(_) if name == "data" => Value::from(value.get()),
            parsed => parsed.unwrap(),
        };
        (name, value)
    });
    let made = Value::Object(parsed.collect());
    let faults = validator.iter_errors(&made).map(|fault| fault.to_string()).collect();
    (made, faults)
}

fn receive(vendor: Vendor, body: &[u8]) -> Delivery<Vec<u8>> {
    senders::received(vendor, body, Timestamp::UNIX_EPOCH)
}

#[test]
fn every_event_of_every_vector_is_a_cloudevent_by_the_schema() {
    let (validator, mut events) = (validator(), 0);
    for (name, delivery) in deliveries() {
        for event in &delivery {
            let (_, faults) = cloudevent(&event, &validator);
            assert!(faults.is_empty(), "{name}: {faults:?}");
            events += 1;
        }
    }
    assert!(events > 100, "{events} events");
}

#[test]
fn a_batch_is_the_list_of_the_single_cloudevents() {
    for (name, delivery) in deliveries() {
        let batch = delivery.to_cloudevents();
        let batch: Vec<&RawValue> = serde_json::from_str(&batch).unwrap();
        let single: Vec<String> = delivery.events().map(|event| event.to_cloudevent()).collect();
        assert!(batch.iter().map(|event| event.get()).eq(single.iter().map(String::as_str)), "{name}");
    }
    assert_eq!(receive(Vendor::Benti, b"[]").to_cloudevents(), "[]");
}

#[test]
fn attributes_and_data_are_those_of_the_event() {
    let validator = validator();
    for (name, delivery) in deliveries() {
        for event in &delivery {
            let (made, _) = cloudevent(&event, &validator);
            assert_eq!(made["specversion"], "1.0", "{name}");
            assert_eq!(made["id"], event.id().to_string(), "{name}");
            assert_eq!(made["source"], event.source(), "{name}");
            assert_eq!(made["datacontenttype"], "application/json", "{name}");
            assert_eq!(made["hooksealkind"], event.kind().to_string(), "{name}");
            assert_eq!(made["batchindex"], event.index(), "{name}");
            let time = made.get("time").map(|time| time.as_str().unwrap().to_owned());
            assert_eq!(time, event.time().map(|time| time.to_string()), "{name}");
            let known = ["specversion", "id", "source", "type", "subject", "time", "datacontenttype"];
            let ours = ["hooksealkind", "batchindex", "data"];
            for attribute in made.as_object().unwrap().keys() {
                assert!(known.iter().chain(&ours).any(|known| known == attribute), "{name}: {attribute}");
            }
            // Byte for byte but for white space, numbers and repeated keys included.
            let text = event.to_cloudevent();
            let attributes: BTreeMap<String, &RawValue> = serde_json::from_str(&text).unwrap();
            let data = serde_json::to_string(&event.raw()).unwrap();
            assert_eq!(attributes["data"].get(), data, "{name}");
        }
    }
}

#[test]
fn no_attribute_holds_an_email_address() {
    let validator = validator();
    let mut addresses = 0;
    for (name, delivery) in deliveries() {
        for event in &delivery {
            let (mut made, _) = cloudevent(&event, &validator);
            let subject = made.get("subject").cloned();
            let Some(id) = event.subject().id.map(|id| id.to_string()) else {
                assert_eq!(subject, None, "{name}");
                continue;
            };
            // A command can name a subscriber by a UUID, which is no address.
            let is_command = event.action() == Action::Commanded;
            if event.entity() == Entity::Subscriber && !is_command || id.contains('@') {
                addresses += 1;
                assert_eq!(subject, None, "{name}");
                made.as_object_mut().unwrap().remove("data");
                // The sender chooses these.
                made.as_object_mut().unwrap().remove("id");
                made.as_object_mut().unwrap().remove("type");
                assert!(!id.contains('@') || !made.to_string().contains(&id), "{name}");
            }
        }
    }
    assert!(addresses > 20, "{addresses} addresses");
}

#[test]
fn what_could_mislead_a_reader_is_percent_encoded_in_every_attribute() {
    let validator = validator();
    let body = r#"{"event":"a b\u0000\t\u00a0\u2028\u007fé%\"\\","entity":3,"entity_id":"1 2\r\n\u3000€"}"#;
    let delivery = receive(Vendor::Benji, body.as_bytes());
    let (made, faults) = cloudevent(&delivery.get(0).unwrap(), &validator);
    assert_eq!(faults, Vec::<String>::new());
    assert_eq!(made["type"], "com.withbenji.a%20b%00%09%C2%A0%E2%80%A8%7Fé%25\"\\");
    assert_eq!(made["subject"], "transaction/1%202%0D%0A%E3%80%80€");
    assert_eq!(made["data"]["entity_id"], "1 2\r\n\u{3000}€");
}

#[test]
fn what_needs_no_escape_is_written_as_it_is() {
    let delivery = receive(Vendor::Benji, r#"{"event":"é\u0001%","entity":3,"entity_id":"€ 1"}"#.as_bytes());
    let written = delivery.get(0).unwrap().to_cloudevent();
    let expected = r#""type":"com.withbenji.é%01%25","subject":"transaction/€%201","#;
    assert!(written.contains(expected), "{written}");
}

#[test]
fn each_vendor_has_its_prefix_before_its_own_words() {
    let of = |vendor, body: &str| {
        let made: Value =
            serde_json::from_str(&receive(vendor, body.as_bytes()).get(0).unwrap().to_cloudevent()).unwrap();
        (made["type"].as_str().unwrap().to_owned(), made.get("subject").cloned())
    };
    assert_eq!(
        of(Vendor::Benji, r#"{"event":"transaction_created","entity_id":243}"#),
        ("com.withbenji.transaction_created".into(), Some("transaction/243".into()))
    );
    assert_eq!(
        of(Vendor::Benti, r#"{"item":"ticket","action":"add","id":7}"#),
        ("io.inbenta.benti.ticket.add".into(), Some("ticket/7".into()))
    );
    assert_eq!(
        of(Vendor::Benti, r#"{"action":"close-ticket","body":{"ticket_id":"P-1"}}"#),
        ("io.inbenta.benti.close-ticket".into(), Some("ticket/P-1".into()))
    );
    assert_eq!(
        of(Vendor::Bento, r#"{"events":{"type":"$purchase","email":"a@example.com"}}"#),
        ("com.bentonow.$purchase".into(), None)
    );
    assert_eq!(of(Vendor::Bento, "{}"), ("com.bentonow.workflow".into(), None));
}

#[test]
fn the_schema_refuses_what_is_no_cloudevent() {
    let validator = validator();
    let delivery = receive(Vendor::Benji, br#"{"event":"transaction_created","entity_id":243}"#);
    let (genuine, faults) = cloudevent(&delivery.get(0).unwrap(), &validator);
    assert_eq!(faults, Vec::<String>::new());
    for required in ["id", "source", "specversion", "type"] {
        let mut without = genuine.clone();
        without.as_object_mut().unwrap().remove(required);
        assert!(!validator.is_valid(&without), "without {required}");
    }
    let wrong = [
        ("id", Value::from("")),
        ("id", Value::from(7)),
        ("type", Value::from("")),
        ("source", Value::from("http://a b")),
        ("time", Value::from("1970-01-01 00:00:00")),
        ("subject", Value::from("")),
    ];
    for (attribute, value) in wrong {
        let mut made = genuine.clone();
        made[attribute] = value;
        assert!(!validator.is_valid(&made), "{made}");
    }
}
