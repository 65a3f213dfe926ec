//! Requests with the outcomes that they must have; `core/conformance/README.md` states the form.
//!
//! The tests, the example `receive` and the fuzz targets read the same files with it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::{Path, PathBuf},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use hookseal::{
    Delivery, Event, Key, Keys, Received, Receiver, Rejection, ReplayKey, ReplayPolicy, Request, SetupError,
    SignatureEncoding, Subject, Timestamp, Window, benji, benti, bento,
};
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{DeserializeOwned, Error as _},
};
use serde_json::{Map, Value, value::RawValue};
use sha2::{Digest, Sha256};

pub(crate) type Outcome = Result<Received<Vec<u8>>, Refusal>;

/// Why there is no delivery.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// The receiver that the vector describes cannot be built.
    Setup(SetupError),
    Request(Rejection),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Vector {
    pub(crate) name: String,
    pub(crate) about: String,
    pub(crate) vendor: String,
    pub(crate) keys: Vec<KeyOf>,
    #[serde(default)]
    pub(crate) options: Options,
    pub(crate) method: String,
    now: i64,
    pub(crate) headers: Vec<(String, String)>,
    body_base64: String,
    pub(crate) expect: Expect,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeyOf {
    id: Option<String>,
    secret: Option<String>,
    secret_base64: Option<String>,
    #[serde(default)]
    exact: bool,
    not_before: Option<i64>,
    not_after: Option<i64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Options {
    pub(crate) scheme: Option<Credentials>,
    pub(crate) window: Option<WindowOf>,
    pub(crate) max_body_bytes: Option<usize>,
    pub(crate) max_events: Option<usize>,
    pub(crate) max_depth: Option<u32>,
    pub(crate) max_number_length: Option<usize>,
    pub(crate) source: Option<String>,
    pub(crate) replay_policy: Option<String>,
    pub(crate) replay_retention_seconds: Option<u64>,
    pub(crate) id_key: Option<String>,
    pub(crate) signature_encoding: Option<String>,
    #[serde(default)]
    pub(crate) require_signed_time: bool,
    #[serde(default)]
    pub(crate) allow_missing_date: bool,
    pub(crate) utc_offset_minutes: Option<i16>,
    #[serde(default)]
    pub(crate) allow_unsigned_handshake: bool,
    #[serde(default)]
    pub(crate) require_event_or_email: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub(crate) enum Credentials {
    Basic(String),
    Bearer(bool),
    Header(String),
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum WindowOf {
    Seconds(u64, u64),
    Named(String),
}

/// An outcome, expected or found.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case", tag = "outcome")]
pub(crate) enum Expect {
    Delivery {
        key_id: String,
        assurance: AssuranceOf,
        time: Option<String>,
        replay_key: Option<String>,
        replay_retention_seconds: Option<u64>,
        #[serde(skip_serializing_if = "Option::is_none")]
        events_count: Option<usize>,
        events: Vec<EventOf>,
        malformed: Vec<MalformedOf>,
        #[serde(skip_serializing_if = "Option::is_none")]
        record_checksum: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        written_checksum: Option<String>,
    },
    Handshake {
        status: u16,
        headers: Vec<(String, String)>,
        body: String,
    },
    Rejection {
        code: String,
        status: u16,
        headers: Vec<(String, String)>,
        #[serde(skip_serializing_if = "Option::is_none")]
        line: Option<usize>,
        #[serde(skip_serializing_if = "Option::is_none")]
        column: Option<usize>,
        #[serde(skip_serializing_if = "Option::is_none")]
        path: Option<String>,
    },
    SetupError {},
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AssuranceOf {
    body: String,
    time: String,
    name: String,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EventOf {
    index: usize,
    kind: String,
    name: String,
    id: String,
    id_origin: String,
    source: String,
    subject: SubjectOf,
    parent: Option<SubjectOf>,
    actor: Option<SubjectOf>,
    time: Option<String>,
    time_zone_assumed: bool,
    replay_key: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    raw: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cloudevent: Option<Json>,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SubjectOf {
    entity: String,
    id: Option<String>,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MalformedOf {
    index: usize,
    path: String,
}

/// The text of a JSON value, with every digit and every half of a surrogate pair that a `Value` would lose.
#[derive(Debug, Serialize)]
struct Json(Box<RawValue>);

impl<'de> Deserialize<'de> for Json {
    /// Through a `Value`, because a tagged enum gives no raw text. The vectors' numbers fit.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Value::deserialize(deserializer)?.to_string();
        RawValue::from_string(text).map(Self).map_err(D::Error::custom)
    }
}

/// The file of a folder that says how many vectors each file has, by its path without `.json`.
const COUNTS: &str = "counts.json";

/// The vectors of the project; an error where one is missing.
pub(crate) fn all() -> Result<Vec<Vector>, String> {
    // Of the core, or of the core beside the package that reads them.
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let roots = [package.join("conformance"), package.join("../core/conformance")];
    let root = roots.iter().find(|root| root.join(COUNTS).is_file());
    below(root.ok_or(format!("{} is missing", roots[0].join(COUNTS).display()))?)
}

/// The vectors of a file or folder. Fails if a folder has other counts than its file of counts says.
pub(crate) fn below(path: &Path) -> Result<Vec<Vector>, String> {
    let mut files = Vec::new();
    files_below(path, &mut files).map_err(|error| format!("{}: {error}", path.display()))?;
    let (mut vectors, mut counts) = (Vec::new(), BTreeMap::new());
    for file in files {
        let mut of_file: Vec<Vector> = read(&file)?;
        let topic = file.strip_prefix(path).unwrap_or(&file).with_extension("");
        counts.insert(topic, of_file.len());
        vectors.append(&mut of_file);
    }
    if vectors.is_empty() {
        return Err(format!("{}: there is no vector", path.display()));
    }
    let stated = path.join(COUNTS);
    if stated.is_file() {
        let stated: BTreeMap<PathBuf, usize> = read(&stated)?;
        for topic in stated.keys().chain(counts.keys()) {
            let (expected, found) = (stated.get(topic), counts.get(topic));
            if expected != found {
                let (expected, found) = (expected.unwrap_or(&0), found.unwrap_or(&0));
                return Err(format!("{}: {found} vectors in place of {expected}", topic.display()));
            }
        }
    }
    Ok(vectors)
}

fn read<T: DeserializeOwned>(file: &Path) -> Result<T, String> {
    let text = fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    serde_json::from_str(&text).map_err(|error| format!("{}: {error}", file.display()))
}

fn files_below(path: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    if !path.is_dir() {
        files.push(path.to_owned());
        return Ok(());
    }
    let mut entries =
        fs::read_dir(path)?.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<Vec<_>>>()?;
    entries.retain(|entry| entry.is_dir() || entry.extension().is_some_and(|extension| extension == "json"));
    entries.retain(|entry| !entry.ends_with(COUNTS));
    entries.sort();
    entries.iter().try_for_each(|entry| files_below(entry, files))
}

impl Vector {
    /// The outcome of the vector's request. An error if no receiver can be built.
    pub(crate) fn run(&self) -> Result<Outcome, String> {
        let run = || -> Result<Outcome, Box<dyn std::error::Error>> {
            let now = Timestamp::from_unix_millis(self.now).ok_or("now is out of range")?;
            let request = Request::new(&self.method, &self.headers, self.body()?);
            let receiver = match self.receiver() {
                Ok(receiver) => receiver,
                Err(error) => return Ok(Err(Refusal::Setup(*error.downcast::<SetupError>()?))),
            };
            Ok(receiver.receive(request, now).map_err(Refusal::Request))
        };
        run().map_err(|error| format!("{}: {error}", self.name))
    }

    /// What differs from the outcome that the vector expects.
    pub(crate) fn differences(&self, outcome: &Outcome) -> Vec<String> {
        let expected = serde_json::to_value(&self.expect);
        let got = serde_json::to_value(Expect::of(outcome).shown_like(&self.expect));
        let (expected, got) = match (expected, got) {
            (Ok(expected), Ok(got)) => (expected, got),
            (expected, got) => {
                return expected.err().into_iter().chain(got.err()).map(|e| e.to_string()).collect();
            }
        };
        let mut found = contradictions(outcome);
        if expected["outcome"] == got["outcome"] {
            compare("", &expected, &got, &mut found);
        } else {
            found.push(format!("expected {expected}, got {}", described(outcome)));
        }
        found
    }

    pub(crate) fn body(&self) -> Result<Vec<u8>, base64::DecodeError> {
        STANDARD.decode(&self.body_base64)
    }

    fn receiver(&self) -> Result<Receiver, Box<dyn std::error::Error>> {
        let keys = Keys::ring(self.keys.iter().map(KeyOf::key).collect::<Result<Vec<_>, _>>()?)?;
        let options = &self.options;
        let mut receiver = match (self.vendor.as_str(), &options.scheme) {
            ("benji", None) => options.of_benji()?.receiver(keys)?,
            ("benti", None) => options.of_benti()?.receiver(keys)?,
            ("bento", Some(Credentials::Basic(user))) => {
                options.of_bento().receiver(bento::Credentials::Basic { user, keys })?
            }
            ("bento", Some(Credentials::Bearer(true))) => {
                options.of_bento().receiver(bento::Credentials::Bearer { keys })?
            }
            ("bento", Some(Credentials::Header(name))) => {
                options.of_bento().receiver(bento::Credentials::Header { name, keys })?
            }
            (vendor, scheme) => return Err(format!("no receiver for {vendor} with {scheme:?}").into()),
        };
        if let Some(bytes) = options.max_body_bytes {
            receiver = receiver.max_body_bytes(bytes)?;
        }
        if let Some(events) = options.max_events {
            receiver = receiver.max_events(events)?;
        }
        if let Some(depth) = options.max_depth {
            receiver = receiver.max_depth(depth)?;
        }
        if let Some(characters) = options.max_number_length {
            receiver = receiver.max_number_length(characters)?;
        }
        if let Some(source) = &options.source {
            receiver = receiver.source(source)?;
        }
        if let Some(policy) = &options.replay_policy {
            let policies = [ReplayPolicy::Default, ReplayPolicy::Strict, ReplayPolicy::None];
            let policy = policies.into_iter().find(|known| known.as_str() == policy);
            receiver = receiver.replay_policy(policy.ok_or("no such policy")?);
        }
        if let Some(seconds) = options.replay_retention_seconds {
            receiver = receiver.replay_retention_seconds(seconds)?;
        }
        if let Some(key) = &options.id_key {
            receiver = receiver.id_key(key)?;
        }
        Ok(receiver)
    }
}

impl Options {
    fn of_benji(&self) -> Result<benji::Options, Box<dyn std::error::Error>> {
        let mut options = benji::Options::default();
        if let Some(window) = &self.window {
            options = options.window(window.window()?);
        }
        if let Some(word) = &self.signature_encoding {
            let encoding = SignatureEncoding::ALL.iter().find(|known| known.as_str() == word);
            options = options.signature_encoding(*encoding.ok_or("no such encoding")?);
        }
        if self.require_signed_time {
            options = options.require_signed_time();
        }
        if self.allow_missing_date {
            options = options.allow_missing_date();
        }
        Ok(options)
    }

    fn of_bento(&self) -> bento::Options {
        let options = bento::Options::default();
        if self.require_event_or_email { options.require_event_or_email() } else { options }
    }

    fn of_benti(&self) -> Result<benti::Options, Box<dyn std::error::Error>> {
        let mut options = benti::Options::default();
        if let Some(window) = &self.window {
            options = options.window(window.window()?);
        }
        if let Some(minutes) = self.utc_offset_minutes {
            options = options.utc_offset_minutes(minutes)?;
        }
        if self.allow_unsigned_handshake {
            options = options.allow_unsigned_handshake();
        }
        Ok(options)
    }
}

impl WindowOf {
    fn window(&self) -> Result<Window, Box<dyn std::error::Error>> {
        match self {
            Self::Seconds(past, future) => Ok(Window::seconds(*past, *future)),
            Self::Named(name) if name == "off" => Ok(Window::off()),
            Self::Named(name) => Err(format!("no window {name}").into()),
        }
    }
}

impl KeyOf {
    pub(crate) fn secret(&self) -> Result<Vec<u8>, Box<dyn std::error::Error>> {
        match (&self.secret, &self.secret_base64) {
            (Some(secret), None) => Ok(secret.clone().into_bytes()),
            (None, Some(secret)) => Ok(STANDARD.decode(secret)?),
            _ => Err("a key has either secret or secret_base64".into()),
        }
    }

    fn key(&self) -> Result<Key, Box<dyn std::error::Error>> {
        let secret = self.secret()?;
        let mut key = if self.exact { Key::exact(secret)? } else { Key::new(secret)? };
        if let Some(id) = &self.id {
            key = key.with_id(id)?;
        }
        let time = |millis| Timestamp::from_unix_millis(millis).ok_or("a key's time is out of range");
        if let Some(millis) = self.not_before {
            key = key.with_not_before(time(millis)?);
        }
        if let Some(millis) = self.not_after {
            key = key.with_not_after(time(millis)?);
        }
        Ok(key)
    }
}

/// One word for an outcome.
pub(crate) fn described(outcome: &Outcome) -> String {
    match outcome {
        Ok(Received::Delivery(delivery)) => format!("a delivery of {} events", delivery.len()),
        Ok(Received::Handshake(_)) => "a handshake".to_owned(),
        Err(Refusal::Setup(error)) => format!("no receiver ({error})"),
        Err(Refusal::Request(rejection)) => format!("{} ({rejection})", rejection.code()),
    }
}

impl Expect {
    /// All of an outcome.
    fn of(outcome: &Outcome) -> Self {
        match outcome {
            Ok(received) => Self::of_received(received),
            Err(Refusal::Request(rejection)) => Self::of_rejection(rejection),
            Err(Refusal::Setup(_)) => Self::SetupError {},
        }
    }

    pub(crate) fn of_received<B: AsRef<[u8]>>(received: &Received<B>) -> Self {
        let delivery = match received {
            Received::Delivery(delivery) => delivery,
            Received::Handshake(reply) => {
                return Self::Handshake {
                    status: reply.status(),
                    headers: owned(reply.headers()),
                    body: reply.body().to_owned(),
                };
            }
        };
        let assurance = delivery.assurance();
        let listed = |element: &hookseal::Malformed| MalformedOf {
            index: element.index(),
            path: element.path().to_string(),
        };
        let key = delivery.replay_key();
        Self::Delivery {
            key_id: delivery.key_id().to_string(),
            assurance: AssuranceOf {
                body: assurance.body.to_string(),
                time: assurance.time.to_string(),
                name: assurance.name.to_string(),
            },
            time: shown(delivery.time()),
            replay_key: key.map(|key| key.to_string()),
            replay_retention_seconds: key.and_then(|key| key.retention_seconds()),
            events_count: None,
            events: delivery.events().map(|event| EventOf::of(&event)).collect(),
            malformed: delivery.malformed().iter().map(listed).collect(),
            // The last member of a record.
            record_checksum: delivery.to_record().rsplit('"').nth(1).map(str::to_owned),
            written_checksum: Some(written_checksum(delivery)),
        }
    }

    pub(crate) fn of_rejection(rejection: &Rejection) -> Self {
        let fault = rejection.payload_fault();
        Self::Rejection {
            code: rejection.code().to_owned(),
            status: rejection.status(),
            headers: owned(rejection.headers().iter().copied()),
            line: fault.map(hookseal::PayloadFault::line),
            column: fault.map(hookseal::PayloadFault::column),
            path: fault.map(|fault| fault.path().to_string()),
        }
    }

    /// The outcome without what a vector may leave out and this one does: the path of a fault that is not certain, and
    /// of a large delivery most events.
    fn shown_like(mut self, other: &Self) -> Self {
        match (&mut self, other) {
            (Self::Rejection { path, .. }, Self::Rejection { path: None, .. }) => *path = None,
            (
                Self::Delivery {
                    events_count: count,
                    events,
                    record_checksum: of_record,
                    written_checksum: of_lines,
                    ..
                },
                Self::Delivery { events_count, events: shown, record_checksum, written_checksum, .. },
            ) => {
                of_record.take_if(|_| record_checksum.is_none());
                of_lines.take_if(|_| written_checksum.is_none());
                if events_count.is_some() {
                    *count = Some(events.len());
                    events.retain(|event| shown.iter().any(|shown| shown.index == event.index));
                }
                for event in events {
                    let shown = shown.iter().find(|shown| shown.index == event.index);
                    event.raw.take_if(|_| shown.is_none_or(|shown| shown.raw.is_none()));
                    event.cloudevent.take_if(|_| shown.is_none_or(|shown| shown.cloudevent.is_none()));
                }
            }
            _ => {}
        }
        self
    }
}

impl EventOf {
    fn of(event: &Event<'_>) -> Self {
        Self {
            index: event.index(),
            kind: event.kind().to_string(),
            name: event.name().to_string(),
            id: event.id().to_string(),
            id_origin: event.id_origin().to_string(),
            source: event.source().to_owned(),
            subject: subject(event.subject()),
            parent: event.parent().map(subject),
            actor: event.actor().map(subject),
            time: shown(event.time()),
            time_zone_assumed: event.time_zone_assumed(),
            replay_key: event.replay_key().map(|key| key.to_string()),
            raw: Some(event.raw().as_str().to_owned()),
            cloudevent: RawValue::from_string(event.to_cloudevent()).ok().map(Json),
        }
    }
}

/// The first 16 bytes of SHA-256 of the events as they are written, each on a line of its own.
fn written_checksum<B: AsRef<[u8]>>(delivery: &Delivery<B>) -> String {
    let lines = delivery.events().flat_map(|event| [event.to_json(), event.to_cloudevent()]);
    let digest = Sha256::digest(lines.map(|line| line + "\n").collect::<String>());
    digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// Contradictions inside an outcome.
fn contradictions(outcome: &Outcome) -> Vec<String> {
    let Ok(Received::Delivery(delivery)) = outcome else { return Vec::new() };
    let kept = |key: Option<ReplayKey>| key.as_ref().and_then(ReplayKey::retention_seconds);
    let of_delivery = kept(delivery.replay_key());
    let mut found = Vec::new();
    for event in delivery {
        let (index, kind) = (event.index(), event.kind().to_string());
        if kind != format!("{}.{}", event.entity(), event.action()) {
            found.push(format!("event {index}: {kind} is not its entity and action"));
        }
        if kept(event.replay_key()) != of_delivery {
            found.push(format!("event {index}: its replay key is not kept as long as the delivery's"));
        }
    }
    found
}

/// Where two values differ.
fn compare(path: &str, expected: &Value, got: &Value, found: &mut Vec<String>) {
    match (expected, got) {
        (Value::Object(expected), Value::Object(got)) => {
            let names: BTreeSet<_> = expected.keys().chain(got.keys()).collect();
            for name in names {
                let of = |object: &Map<String, Value>| object.get(name).cloned().unwrap_or("absent".into());
                compare(&format!("{path}/{name}"), &of(expected), &of(got), found);
            }
        }
        (Value::Array(expected), Value::Array(got)) if expected.len() == got.len() => {
            for (index, (expected, got)) in expected.iter().zip(got).enumerate() {
                compare(&format!("{path}/{index}"), expected, got, found);
            }
        }
        _ if expected != got => found.push(format!("{path}: expected {expected}, got {got}")),
        _ => {}
    }
}

fn subject(subject: Subject<'_>) -> SubjectOf {
    SubjectOf { entity: subject.entity.to_string(), id: subject.id.map(|id| id.to_string()) }
}

fn shown(time: Option<Timestamp>) -> Option<String> {
    time.map(|time| time.to_string())
}

fn owned<'a>(headers: impl IntoIterator<Item = (&'a str, &'a str)>) -> Vec<(String, String)> {
    headers.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}
