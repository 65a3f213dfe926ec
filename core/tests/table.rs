//! Every row of the table of kinds says what is true of events that are received.

mod senders;

use hookseal::{
    Event, Kind, Payload, Timestamp, Vendor,
    binding::{Places, Row, rows},
};
use serde_json::{Map, Value, json};

/// Every place in an event from which something is read.
const PLACES: [&str; 17] = [
    "/entity_id",
    "/id",
    "/parent",
    "/actor",
    "/timestamp",
    "/resource",
    "/body/ticket_id",
    "/body/parentId",
    "/user/identifier",
    "/body/message/from/id",
    "/created_at",
    "/email",
    "/identity/email",
    "/date",
    "/to",
    "/uuid",
    "/unknown",
];

/// A word that no list has.
const UNKNOWN: &str = "an unknown word";

/// The body of an event of this row, with these members of the event.
fn body(row: &Row, members: &[(&str, Value)]) -> String {
    let name = row.name.replace(Row::ANY_OTHER, UNKNOWN);
    let mut event = match row.payload {
        "benji::Webhook" => {
            let kinds = [("user", 1), ("campaign", 2), ("transaction", 3), ("other", 4)];
            let number = kinds.iter().find(|(entity, _)| *entity == row.kind.entity.as_str()).unwrap().1;
            json!({ "event": name, "entity_type": number })
        }
        "benti::ApiEvent" => {
            let (item, action) = name.split_once('.').unwrap();
            json!({ "item": item, "action": action })
        }
        "bento::TrackedEvent" => json!({ "type": name }),
        "bento::Command" => json!({ "command": name }),
        "bento::Workflow" if row.name == Row::ANY_OTHER => json!({ "event": name }),
        "bento::Workflow" | "bento::Subscriber" | "bento::Email" => json!({}),
        instance => {
            assert!(instance.starts_with("benti::InstanceDetails::"));
            json!({ "action": name })
        }
    };
    for (pointer, value) in members {
        let mut at = &mut event;
        for part in pointer.split('/').skip(1) {
            at = at.as_object_mut().unwrap().entry(part).or_insert_with(|| Value::Object(Map::new()));
        }
        *at = value.clone();
    }
    match row.payload {
        "bento::TrackedEvent" => json!({ "events": [event] }),
        "bento::Subscriber" => json!({ (row.name.as_str()): event }),
        "bento::Email" => json!({ "emails": event }),
        "bento::Command" => json!({ "command": event }),
        _ => event,
    }
    .to_string()
}

/// Hands over the only event of a body.
fn with_event<T>(row: &Row, body: &str, look: impl FnOnce(Event<'_>) -> T) -> T {
    let delivery = senders::received(row.vendor, body.as_bytes(), Timestamp::UNIX_EPOCH);
    assert_eq!((delivery.len(), delivery.malformed()), (1, &[][..]), "{row:?}");
    look(delivery.get(0).unwrap())
}

/// The members without which such an event cannot be read.
fn required(row: &Row) -> Vec<(&'static str, Value)> {
    if row.payload == "bento::TrackedEvent" { vec![("/email", json!("a@b.co"))] } else { vec![] }
}

#[test]
fn an_event_with_the_name_of_a_row_has_its_kind_and_its_payload() {
    for row in rows() {
        with_event(&row, &body(&row, &required(&row)), |event| {
            let name = event.name().to_string();
            assert_eq!(name, row.name.replace(Row::ANY_OTHER, UNKNOWN));
            assert_eq!((event.vendor(), event.kind()), (row.vendor, row.kind), "{row:?}");
            let payload = match event.payload().unwrap() {
                Payload::Benji(_) => "benji::Webhook".into(),
                Payload::BentiApi(_) => "benti::ApiEvent".into(),
                Payload::BentiInstance(event) => {
                    let shown = variant(&event.details);
                    format!("benti::InstanceDetails::{shown}")
                }
                Payload::BentoEvent(_) => "bento::TrackedEvent".into(),
                Payload::BentoSubscriber(_) => "bento::Subscriber".into(),
                Payload::BentoEmail(_) => "bento::Email".into(),
                Payload::BentoCommand(_) => "bento::Command".into(),
                Payload::BentoWorkflow(_) => "bento::Workflow".into(),
                other => panic!("{other:?}"),
            };
            assert_eq!(payload, row.payload);
        });
    }
}

fn variant(details: &hookseal::benti::InstanceDetails<'_>) -> &'static str {
    use hookseal::benti::InstanceDetails as Details;
    match details {
        Details::Answer(_) => "Answer",
        Details::CreateTicket { .. } => "CreateTicket",
        Details::ChangeQueue { .. } => "ChangeQueue",
        Details::ClassifyTicket { .. } => "ClassifyTicket",
        Details::ReplyTicket { .. } => "ReplyTicket",
        Details::CloseTicket { .. } => "CloseTicket",
        Details::Other => "Other",
        _ => panic!("add the new variant"),
    }
}

#[test]
fn the_places_of_a_row_hold_its_fields_and_the_first_counts() {
    type Pointers = fn(&Places) -> &'static [&'static str];
    type Found = fn(Event<'_>) -> Option<String>;
    let fields: [(Pointers, Found); 3] = [
        (|places| places.subject, |event| event.subject().id.map(|id| id.to_string())),
        (|places| places.parent, |event| event.parent()?.id.map(|id| id.to_string())),
        (|places| places.actor, |event| event.actor()?.id.map(|id| id.to_string())),
    ];
    for row in rows() {
        for (places, found) in fields {
            let pointers = places(&row.places);
            for first in 0..pointers.len() {
                assert!(PLACES.contains(&pointers[first]), "{row:?}");
                let members = pointers.iter().skip(first).map(|&pointer| (pointer, json!(pointer)));
                let body = body(&row, &members.collect::<Vec<_>>());
                assert_eq!(with_event(&row, &body, found).as_deref(), Some(pointers[first]), "{row:?}");
            }
        }
    }
}

#[test]
fn no_other_place_holds_a_field() {
    for row in rows() {
        let Places { subject, parent, actor, time } = row.places;
        for place in &PLACES {
            let value = match *place {
                "/timestamp" => json!(7),
                place if time.contains(&place) => json!("2026-01-01T00:00:00Z"),
                _ => json!("7"),
            };
            let mut members = required(&row);
            members.push((place, value));
            with_event(&row, &body(&row, &members), |event| {
                let of_row = |places: &[&str]| places.contains(place);
                let is_required = |places: &[&str]| required(&row).iter().any(|(at, _)| places.contains(at));
                assert_eq!(
                    event.subject().id.is_some(),
                    of_row(subject) || is_required(subject),
                    "{row:?} {place}"
                );
                assert_eq!(event.parent().is_some(), of_row(parent), "{row:?} {place}");
                assert_eq!(event.actor().is_some(), of_row(actor), "{row:?} {place}");
                let is_in_header = time.iter().any(|at| !at.starts_with('/'));
                assert_eq!(event.time().is_some(), of_row(time) || is_in_header, "{row:?} {place}");
            });
        }
    }
}

#[test]
fn a_kind_that_events_have_is_listed_once() {
    let listed: Vec<Kind> = Kind::all().collect();
    for row in rows() {
        assert_eq!(listed.iter().filter(|&&kind| kind == row.kind).count(), 1, "{row:?}");
    }
    assert!(listed.iter().all(|kind| rows().any(|row| row.kind == *kind)));
    for vendor in Vendor::ALL {
        assert!(rows().any(|row| row.vendor == *vendor));
    }
}
