//! Builds the recorded requests of Bento's Node client again, from their own values, and compares them byte for byte.

use std::{collections::BTreeMap, fs, path::Path};

use base64::{Engine, engine::general_purpose::STANDARD};
use hookseal::{
    Secret,
    outgoing::{
        Bento, BentoCommand, BentoEmail, BentoEvent, BentoSubscriber, Outgoing, OutgoingError, Requirement,
    },
};
use serde::Deserialize;
use serde_json::value::RawValue;

/// The client's server in the recordings, without its path.
const SERVER: &str = "http://127.0.0.1:3000";
const SITE: &str = "11111111222233334444555555555555";

/// Recordings that are not built again, each with the reason.
const REFUSED: [(&str, OutgoingError); 4] = [
    // `2026-03-04 05:06:07` names no zone.
    ("node2_track_date_string", OutgoingError::MalformedValue { name: "date", must: Requirement::Date }),
    // The client was given a date that does not exist, and sent null.
    ("node2_track_invalid_date", OutgoingError::MalformedValue { name: "date", must: Requirement::Date }),
    // A field that is an object: Bento's page has flat fields.
    (
        "node2_batch_subscribers_lists",
        OutgoingError::MalformedValue { name: "each field", must: Requirement::Scalar },
    ),
    // Two addresses with a comma between them in one `to`.
    ("node2_broadcast_emails", OutgoingError::MalformedValue { name: "to", must: Requirement::Email }),
];

/// Recordings of more e-mails than Bento takes in one call, and their number.
const SPLIT: [(&str, usize); 2] = [("node2_batch_emails_61", 61), ("node2_batch_emails_100", 100)];

#[derive(Deserialize)]
struct Recording {
    name: String,
    method: String,
    path: String,
    headers: Vec<(String, String)>,
    body_base64: String,
}

impl Recording {
    fn body(&self) -> String {
        String::from_utf8(STANDARD.decode(&self.body_base64).unwrap()).unwrap()
    }

    fn header(&self, name: &str) -> &str {
        let values: Vec<_> =
            self.headers.iter().filter(|(other, _)| other.eq_ignore_ascii_case(name)).collect();
        let [(_, value)] = values[..] else { panic!("{name} is not there once in {}", self.name) };
        value
    }
}

/// The recordings of the client's events, subscribers, e-mails and commands.
fn recordings() -> Vec<Recording> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("recordings");
    let mut found: Vec<Recording> = fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path())
        .filter(|path| path.file_name().unwrap().to_str().unwrap().starts_with("node2_"))
        .map(|path| serde_json::from_slice(&fs::read(path).unwrap()).unwrap())
        .filter(|recording: &Recording| endpoint(recording).is_some())
        .collect();
    found.sort_by(|one, other| one.name.cmp(&other.name));
    found
}

/// The member of the body that holds the values.
fn endpoint(recording: &Recording) -> Option<&'static str> {
    match recording.path.strip_prefix("/api/v1/")? {
        "batch/events" => Some("events"),
        "batch/subscribers" => Some("subscribers"),
        "batch/emails" => Some("emails"),
        "fetch/commands" => Some("command"),
        _ => None,
    }
}

fn bento() -> Bento {
    let secret = Secret::new("s0123456789abcdef0123456789abcdef").unwrap();
    Bento::new("p0123456789abcdef0123456789abcdef", secret, SITE)
        .unwrap()
        .api_host(&format!("{SERVER}/api/v1"))
        .unwrap()
        .user_agent(&format!("bento-node-{SITE}"))
        .unwrap()
}

#[derive(Debug, PartialEq)]
struct Built {
    method: String,
    path: String,
    headers: Vec<(String, String)>,
    body: String,
}

fn built<A>(request: &Outgoing<A>) -> Built {
    Built {
        method: request.method().to_owned(),
        path: request.url().strip_prefix(SERVER).unwrap().to_owned(),
        headers: request
            .headers()
            .map(|(name, value)| (name.to_owned(), String::from_utf8(value.to_vec()).unwrap()))
            .collect(),
        body: String::from_utf8(request.body().to_vec()).unwrap(),
    }
}

/// The requests with the values of a recording.
fn build(bento: &Bento, recording: &Recording) -> Result<Vec<Built>, OutgoingError> {
    let body = recording.body();
    let members: BTreeMap<&str, &RawValue> = serde_json::from_str(&body).unwrap();
    assert_eq!(members.len(), 2, "{}: the values and site_uuid", recording.name);
    let name = endpoint(recording).unwrap();
    let values = members[name].get();
    if name == "command" {
        return Ok(vec![built(&bento.command(&BentoCommand::from_json(values)?))]);
    }
    let values: Vec<&RawValue> = serde_json::from_str(values).unwrap();
    let json = values.iter().map(|value| value.get());
    let requests = match name {
        "events" => bento.events(&json.map(BentoEvent::from_json).collect::<Result<Vec<_>, _>>()?),
        "subscribers" => {
            bento.subscribers(&json.map(BentoSubscriber::from_json).collect::<Result<Vec<_>, _>>()?)
        }
        _ => bento.emails(&json.map(BentoEmail::from_json).collect::<Result<Vec<_>, _>>()?),
    };
    Ok(requests.iter().map(built).collect())
}

fn is_refused_or_split(recording: &Recording) -> bool {
    REFUSED.iter().any(|(name, _)| *name == recording.name)
        || SPLIT.iter().any(|(name, _)| *name == recording.name)
}

#[test]
fn each_recorded_request_is_built_again_byte_for_byte() {
    let mut count = 0;
    for recording in recordings().iter().filter(|recording| !is_refused_or_split(recording)) {
        let headers = ["authorization", "user-agent", "content-type"];
        let expected = Built {
            method: recording.method.clone(),
            path: recording.path.clone(),
            headers: headers
                .iter()
                .map(|name| ((*name).to_owned(), recording.header(name).to_owned()))
                .collect(),
            body: recording.body(),
        };
        assert_eq!(build(&bento(), recording), Ok(vec![expected]), "{}", recording.name);
        count += 1;
    }
    assert_eq!(count, 24);
}

#[test]
fn what_the_checks_refuse_is_listed() {
    for (name, error) in REFUSED {
        let recording = recordings().into_iter().find(|recording| recording.name == name).unwrap();
        assert_eq!(build(&bento(), &recording), Err(error), "{name}");
    }
}

#[test]
fn more_emails_than_bento_takes_are_split() {
    for (name, count) in SPLIT {
        let recording = recordings().into_iter().find(|recording| recording.name == name).unwrap();
        let requests = build(&bento(), &recording).unwrap();
        assert_eq!(requests.len(), count.div_ceil(60), "{name}");
        let end = format!(r#"],"site_uuid":"{SITE}"}}"#);
        let values: Vec<&str> = requests
            .iter()
            .map(|request| {
                request.body.strip_prefix(r#"{"emails":["#).and_then(|body| body.strip_suffix(&end)).unwrap()
            })
            .collect();
        // All of them together are what the client sent in one call.
        assert_eq!(format!(r#"{{"emails":[{}{end}"#, values.join(",")), recording.body(), "{name}");
    }
}

/// The Node client has the site in the query where it sends no body.
#[test]
fn a_site_in_the_query_is_written_as_the_client_writes_it() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("recordings");
    let get: Recording =
        serde_json::from_slice(&fs::read(folder.join("node2_get_subscriber.json")).unwrap()).unwrap();
    let (_, query) = get.path.split_once('?').unwrap();
    let site = query.split('&').find(|pair| pair.starts_with("site_uuid=")).unwrap();
    for recording in recordings().iter().filter(|recording| !is_refused_or_split(recording)) {
        let request = build(&bento().site_uuid_in_query(), recording).unwrap().remove(0);
        assert_eq!(request.path, format!("{}?{site}", recording.path));
        assert_eq!(request.body, recording.body().replace(&format!(r#","site_uuid":"{SITE}""#), ""));
    }
}
