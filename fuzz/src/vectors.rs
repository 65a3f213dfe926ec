//! Makes conformance vectors from inputs, for the other languages. The outcome in Rust is the expected one.

#[expect(dead_code, reason = "nothing here builds the receiver of a vector")]
#[path = "../../core/tests/vector/mod.rs"]
pub(crate) mod vector;

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Serialize;
use serde_json::{Map, Value, json};
use vector::Expect;

use crate::{
    input::Fields,
    receive::{NOW_SECONDS, Outcome, SECRET},
};

/// A vector in its written form.
#[derive(Debug, Serialize)]
pub struct Written<'a> {
    /// The caller sets the name.
    pub name: String,
    about: &'a str,
    vendor: &'a str,
    keys: Value,
    options: Map<String, Value>,
    method: &'a str,
    now: i64,
    headers: Vec<(String, String)>,
    body_base64: String,
    expect: Expect,
}

pub(crate) fn vector<'a>(
    vendor: &'a str,
    options: Map<String, Value>,
    method: &'a str,
    fields: &Fields,
    body: &[u8],
    outcome: &Outcome<'_>,
) -> Written<'a> {
    let text = |bytes: &[u8]| bytes.iter().copied().map(char::from).collect();
    Written {
        name: String::new(),
        about: "An input of the fuzz target.",
        vendor,
        keys: json!([{"secret": SECRET}]),
        options,
        method,
        now: NOW_SECONDS * 1000,
        headers: fields.iter().map(|(name, value)| (name.clone(), text(value))).collect(),
        body_base64: STANDARD.encode(body),
        expect: outcome.as_ref().map_or_else(Expect::of_rejection, Expect::of_received),
    }
}
