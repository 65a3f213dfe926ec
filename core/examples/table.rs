//! Prints the words of events and the table of kinds as JSON, for `core/types/generate.py`.
//!
//!     cargo run --example table

use hookseal::{
    Action, Coverage, Entity, IdOrigin, Kind, ReplayPolicy, SignatureEncoding, Vendor,
    binding::{Row, rows},
};
use serde_json::{Value, json};

fn main() {
    let row = |Row { vendor, name, kind, payload, is_open, places }: Row| {
        json!({
            "vendor": vendor,
            "name": name,
            "kind": kind,
            "payload": payload,
            "is_open": is_open,
            "subject": places.subject,
            "parent": places.parent,
            "actor": places.actor,
            "time": places.time,
        })
    };
    let table = json!({
        "words": {
            "Vendor": Vendor::ALL,
            "Entity": Entity::ALL,
            "Action": Action::ALL,
            "Kind": Kind::all().collect::<Vec<_>>(),
            "Coverage": Coverage::ALL,
            "IdOrigin": IdOrigin::ALL,
            "ReplayPolicy": ReplayPolicy::ALL,
            "SignatureEncoding": SignatureEncoding::ALL,
        },
        "any_other": Row::ANY_OTHER,
        "rows": rows().map(row).collect::<Vec<Value>>(),
    });
    println!("{table:#}");
}
