//! How long does it take to build a request? The peer writes the same values as JSON, and checks nothing.

use criterion::Criterion;
use hookseal::{
    Secret,
    outgoing::{Bento, BentoEvent},
};
use hookseal_benches::{Case, cases};
use serde::Serialize;
use std::hint::black_box;

cases!(bento_events);

const SITE: &str = "11111111222233334444555555555555";

/// The body of a request, as a program would declare it.
#[derive(Serialize)]
struct Body<'a> {
    events: &'a [Event],
    site_uuid: &'a str,
}

#[derive(Serialize)]
struct Event {
    r#type: String,
    email: String,
    fields: Fields,
    details: Details,
    date: String,
}

#[derive(Serialize)]
struct Fields {
    first_name: String,
    plan: String,
}

#[derive(Serialize)]
struct Details {
    unique: Unique,
    value: Value,
}

#[derive(Serialize)]
struct Unique {
    key: String,
}

#[derive(Serialize)]
struct Value {
    currency: String,
    amount: u32,
}

fn event(number: u32) -> Event {
    Event {
        r#type: "$purchase".into(),
        email: format!("subscriber{number}@example.com"),
        fields: Fields { first_name: "Zoë".into(), plan: "team".into() },
        details: Details {
            unique: Unique { key: format!("order-{number}") },
            value: Value { currency: "EUR".into(), amount: 4_250 + number },
        },
        date: "2026-03-04T05:06:07.089Z".into(),
    }
}

fn bento_events(criterion: &mut Criterion) {
    let events: Vec<Event> = (0..1_000).map(event).collect();
    let values: Vec<BentoEvent> =
        events.iter().map(|event| BentoEvent::new(event).expect("an event")).collect();
    let texts: Vec<String> = values.iter().map(|value| value.as_json().to_owned()).collect();
    let bento = Bento::new("publishable", Secret::new("secret").expect("a secret"), SITE).expect("a client");
    let by_hand =
        || serde_json::to_vec(&Body { events: black_box(&events), site_uuid: SITE }).expect("a body");
    let body_of = |values: &[BentoEvent]| {
        let [request] = &bento.events(values)[..] else { return 0 };
        request.body().len()
    };
    let expected = by_hand();
    assert_eq!(bento.events(&values)[0].body(), expected, "the same bytes");

    let mut case = Case::new(criterion, "send 1,000 Bento events", expected.len(), events.len());
    case.measure("hookseal", expected.len(), || body_of(black_box(&values)));
    case.measure("hookseal, from JSON text", expected.len(), || {
        let values: Result<Vec<_>, _> =
            black_box(&texts).iter().map(|text| BentoEvent::from_json(text)).collect();
        values.map_or(0, |values| body_of(&values))
    });
    case.measure("hookseal, from structs", expected.len(), || {
        let values: Result<Vec<_>, _> = black_box(&events).iter().map(BentoEvent::new).collect();
        values.map_or(0, |values| body_of(&values))
    });
    case.measure("serde_json to_vec", expected.len(), || by_hand().len());
}
