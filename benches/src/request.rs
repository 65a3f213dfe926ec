//! The requests that are measured, read from the conformance vectors.

use std::{fs, path::Path};

use base64::{Engine, engine::general_purpose::STANDARD};
use hookseal::{
    Keys, Receiver, Request, Secret, Timestamp,
    bento::Credentials,
    sign::{self, SignedHeaders},
};
use serde_json::Value;

/// A request with the receiver that accepts it.
#[derive(Debug)]
pub struct Sample {
    pub receiver: Receiver,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    pub secret: String,
    pub now: Timestamp,
}

impl Sample {
    /// The headers, as a server passes them on.
    #[must_use]
    pub fn headers(&self) -> Vec<(&str, &str)> {
        self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
    }

    /// The value of one header.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(other, _)| other.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str()).expect("the sample has the header")
    }

    /// The same request with another body, signed anew in its own scheme.
    #[must_use]
    pub fn with_body(self, body: Vec<u8>) -> Self {
        let secret = Secret::new(&self.secret).expect("a secret");
        let has = |name: &str| self.headers.iter().any(|(other, _)| other == name);
        let headers = if has("x-benji-timestamp") {
            listed(&sign::benji(&secret, &body, self.now))
        } else if has("x-benji-signature") {
            listed(&sign::benji_body_only(&secret, &body, self.now))
        } else {
            self.headers
        };
        Self { headers, body, ..self }
    }

    /// The same request behind a proxy: with the headers that a client and nginx add, in their order.
    #[must_use]
    pub fn behind_a_proxy(mut self) -> Self {
        let length = self.body.len().to_string();
        let before = [
            ("host", "hooks.example.com"),
            ("x-request-id", "4a1f0c4cf6d2b7de1c6c1f0b6f0e5a3d"),
            ("x-real-ip", "203.0.113.7"),
            ("x-forwarded-for", "203.0.113.7"),
            ("x-forwarded-host", "hooks.example.com"),
            ("x-forwarded-port", "443"),
            ("x-forwarded-proto", "https"),
            ("x-forwarded-scheme", "https"),
            ("x-scheme", "https"),
            ("content-length", &length),
            ("accept", "*/*"),
            ("user-agent", "axios/1.7.2"),
            ("content-type", "application/json"),
        ];
        self.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("content-type"));
        self.headers.splice(0..0, before.map(|(name, value)| (name.to_owned(), value.to_owned())));
        self
    }

    /// The same request with its header of this name changed, or left out.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: Option<&str>) -> Self {
        self.headers.retain(|(other, _)| !other.eq_ignore_ascii_case(name));
        self.headers.extend(value.map(|value| (name.to_owned(), value.to_owned())));
        self
    }

    /// The same request to a receiver with other options.
    #[must_use]
    pub fn with_receiver(self, change: impl FnOnce(Receiver) -> Receiver) -> Self {
        Self { receiver: change(self.receiver), ..self }
    }

    /// A `POST` request with these headers.
    #[must_use]
    pub fn request<'s>(
        &'s self,
        headers: &'s [(&'s str, &'s str)],
    ) -> Request<'s, [(&'s str, &'s str)], &'s [u8]> {
        Request::post(headers, &self.body)
    }
}

/// The request of a conformance vector, such as `benji/date/imf_fixdate`.
///
/// # Panics
///
/// There is no such vector, or it is not accepted.
#[must_use]
pub fn sample(name: &str) -> Sample {
    let (topic, _) = name.rsplit_once('/').expect("a topic and a case");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../core/conformance");
    let path = folder.join(topic).with_extension("json");
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let vectors: Vec<Value> = serde_json::from_str(&text).expect("a list of vectors");
    let vector = vectors.iter().find(|vector| vector["name"] == name).expect("the vector of this name");
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let secret = text(&vector["keys"][0]["secret"]);
    let keys = Keys::new(&secret).expect("a key");
    let receiver = match text(&vector["vendor"]).as_str() {
        "benji" => Receiver::benji(keys).unwrap(),
        "benti" => Receiver::benti(keys).expect("a secret that a header can hold"),
        _ => {
            let user = text(&vector["options"]["scheme"]["basic"]);
            Receiver::bento(Credentials::Basic { user: &user, keys }).expect("credentials")
        }
    };
    let pairs = vector["headers"].as_array().expect("a list");
    let sample = Sample {
        receiver,
        headers: pairs.iter().map(|pair| (text(&pair[0]), text(&pair[1]))).collect(),
        body: STANDARD.decode(text(&vector["body_base64"])).expect("base64"),
        secret,
        now: Timestamp::from_unix_millis(vector["now"].as_i64().expect("a time")).expect("a time"),
    };
    let accepted = sample.receiver.receive(sample.request(&sample.headers()), sample.now).map(drop);
    assert_eq!(accepted, Ok(()), "{name} is accepted");
    sample
}

/// A Bento delivery of this many events, each the vendor's documented sample with a customer and order of its own,
/// written without white space: 178 bytes an event.
///
/// # Panics
///
/// The sample has changed.
#[must_use]
pub fn batch(events: usize) -> Sample {
    let sample = sample("bento/documented/webhook_endpoint");
    let text =
        String::from_utf8(sample.body.clone()).expect("UTF-8").replace('\n', "").replace("\": ", "\":");
    let event =
        text.strip_prefix("{\"events\":[").and_then(|text| text.strip_suffix("]}")).expect("one event");
    let events: Vec<String> = (0..events)
        .map(|number| {
            event
                .replace("customer@", &format!("customer{number}@"))
                .replace("ORD-12345", &format!("ORD-{number}"))
        })
        .collect();
    sample.with_body(format!("{{\"events\":[{}]}}", events.join(",")).into_bytes())
}

/// A Benji request whose body has this many bytes. A field that nobody reads fills it up.
///
/// # Panics
///
/// A webhook of Benji needs more bytes.
#[must_use]
pub fn padded(bytes: usize) -> Sample {
    let body = r#"{"event":"transaction_created","entity":3,"entity_id":2,"x":""}"#;
    let pad = bytes.checked_sub(body.len()).expect("at least as long as the shortest body");
    let body = body.replace("\"\"", &format!("\"{}\"", "a".repeat(pad)));
    sample("benji/date/imf_fixdate")
        .with_receiver(|receiver| receiver.max_body_bytes(bytes).expect("a limit"))
        .with_body(body.into_bytes())
}

fn listed(headers: &SignedHeaders) -> Vec<(String, String)> {
    let text = |value: &[u8]| String::from_utf8(value.to_vec()).expect("ASCII");
    headers.iter().map(|(name, value)| (name.to_owned(), text(value))).collect()
}
