//! Requests with the outcomes that they must have; `core/conformance/README.md` states the form.
//!
//! The tests, the example `receive` and the fuzz targets read the same files with it.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use hookseal::{
    Delivery, Event, Key, Keys, Received, Receiver, Rejection, ReplayKey, ReplayPolicy, Request, SetupError,
    SignatureEncoding, Subject, Timestamp, Window, benji, benti, bento::Credentials,
};
use serde::{Deserialize, de::DeserializeOwned};

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
    pub(crate) scheme: Option<Scheme>,
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
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub(crate) enum Scheme {
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

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case", tag = "outcome")]
pub(crate) enum Expect {
    Delivery {
        key_id: String,
        assurance: AssuranceOf,
        time: Option<String>,
        replay_key: Option<String>,
        replay_retention_seconds: Option<u64>,
        events_count: Option<usize>,
        events: Vec<EventOf>,
        malformed: Vec<MalformedOf>,
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
        line: Option<usize>,
        column: Option<usize>,
        path: Option<String>,
    },
    SetupError {},
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AssuranceOf {
    body: String,
    time: String,
    name: String,
}

#[derive(Debug, Deserialize)]
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
    raw: Option<String>,
    cloudevent: Option<serde_json::Value>,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SubjectOf {
    entity: String,
    id: Option<String>,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MalformedOf {
    index: usize,
    path: String,
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

/// The vectors of a file, or of every `.json` file below a folder: as many as its counts say, where it has any.
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
    /// What the receiver that the vector describes makes of its request; an error where it describes none.
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
        let mut compare = Comparison(Vec::new());
        match (&self.expect, outcome) {
            (Expect::Delivery { .. }, Ok(Received::Delivery(delivery))) => {
                compare.delivery(&self.expect, delivery);
            }
            (Expect::Handshake { status, headers, body }, Ok(Received::Handshake(reply))) => {
                compare.equal("status", &reply.status(), status);
                compare.equal("headers", &owned(reply.headers()), headers);
                compare.equal("body", &reply.body(), &body.as_str());
            }
            (Expect::Rejection { .. }, Err(Refusal::Request(rejection))) => {
                compare.rejection(&self.expect, rejection);
            }
            (Expect::SetupError {}, Err(Refusal::Setup(_))) => {}
            (expected, _) => compare.0.push(format!("expected {expected:?}, got {}", described(outcome))),
        }
        compare.0
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
            ("bento", Some(Scheme::Basic(user))) => Receiver::bento(Credentials::Basic { user, keys })?,
            ("bento", Some(Scheme::Bearer(true))) => Receiver::bento(Credentials::Bearer { keys })?,
            ("bento", Some(Scheme::Header(name))) => Receiver::bento(Credentials::Header { name, keys })?,
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

struct Comparison(Vec<String>);

impl Comparison {
    fn equal<T: PartialEq + std::fmt::Debug>(&mut self, what: &str, got: &T, expected: &T) {
        if got != expected {
            self.0.push(format!("{what}: expected {expected:?}, got {got:?}"));
        }
    }

    fn text(&mut self, what: &str, got: impl ToString, expected: &str) {
        self.equal(what, &got.to_string().as_str(), &expected);
    }

    fn rejection(&mut self, expect: &Expect, rejection: &Rejection) {
        let Expect::Rejection { code, status, headers, line, column, path } = expect else { return };
        self.text("code", rejection.code(), code);
        self.equal("status", &rejection.status(), status);
        self.equal("headers", &owned(rejection.headers().iter().copied()), headers);
        let fault = rejection.payload_fault();
        if line.is_some() {
            self.equal("line", &fault.map(hookseal::PayloadFault::line), line);
        }
        if column.is_some() {
            self.equal("column", &fault.map(hookseal::PayloadFault::column), column);
        }
        if path.is_some() {
            self.equal("path", &fault.map(|fault| fault.path().to_string()), path);
        }
    }

    fn delivery(&mut self, expect: &Expect, delivery: &Delivery<Vec<u8>>) {
        let Expect::Delivery {
            key_id,
            assurance,
            time,
            replay_key,
            replay_retention_seconds,
            events_count,
            events,
            malformed,
        } = expect
        else {
            return;
        };
        self.text("key_id", delivery.key_id(), key_id);
        self.text("assurance.body", delivery.assurance().body, &assurance.body);
        self.text("assurance.time", delivery.assurance().time, &assurance.time);
        self.text("assurance.name", delivery.assurance().name, &assurance.name);
        self.equal("time", &shown(delivery.time()), time);
        let key = delivery.replay_key();
        self.equal("replay_key", &key.map(|key| key.to_string()), replay_key);
        let retention = key.and_then(|key| key.retention_seconds());
        self.equal("replay_retention_seconds", &retention, replay_retention_seconds);
        self.equal("the number of events", &delivery.len(), &events_count.unwrap_or(events.len()));
        let listed = |element: &hookseal::Malformed| MalformedOf {
            index: element.index(),
            path: element.path().to_string(),
        };
        self.equal("malformed", &delivery.malformed().iter().map(listed).collect(), malformed);
        for expected in events {
            match delivery.events().find(|event| event.index() == expected.index) {
                Some(event) => {
                    self.event(&event, expected);
                    let kept = event.replay_key().as_ref().and_then(ReplayKey::retention_seconds);
                    self.equal("replay_retention_seconds of an event", &kept, replay_retention_seconds);
                }
                None => self.0.push(format!("event {} is missing", expected.index)),
            }
        }
    }

    fn event(&mut self, event: &Event<'_>, expected: &EventOf) {
        let at = |field: &str| format!("event {}: {field}", expected.index);
        self.text(&at("kind"), event.kind(), &expected.kind);
        self.text(&at("entity and action"), format!("{}.{}", event.entity(), event.action()), &expected.kind);
        self.text(&at("name"), event.name(), &expected.name);
        self.text(&at("id"), event.id(), &expected.id);
        self.text(&at("id_origin"), event.id_origin(), &expected.id_origin);
        self.text(&at("source"), event.source(), &expected.source);
        self.equal(&at("subject"), &subject(event.subject()), &expected.subject);
        self.equal(&at("parent"), &event.parent().map(subject), &expected.parent);
        self.equal(&at("actor"), &event.actor().map(subject), &expected.actor);
        self.equal(&at("time"), &shown(event.time()), &expected.time);
        self.equal(&at("time_zone_assumed"), &event.time_zone_assumed(), &expected.time_zone_assumed);
        let key = event.replay_key().map(|key| key.to_string());
        self.equal(&at("replay_key"), &key, &expected.replay_key);
        if let Some(raw) = &expected.raw {
            self.text(&at("raw"), event.raw().as_str(), raw);
        }
        if let Some(cloudevent) = &expected.cloudevent {
            match serde_json::from_str::<serde_json::Value>(&event.to_cloudevent()) {
                Ok(made) => self.equal(&at("cloudevent"), &made, cloudevent),
                Err(error) => self.0.push(format!("{}: {error}", at("cloudevent"))),
            }
        }
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
