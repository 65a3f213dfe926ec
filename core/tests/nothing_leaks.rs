//! Nothing made for logs holds text of a secret, a header's value, a body or a signature; results can go to other
//! threads.

#[expect(dead_code, reason = "the vectors are only run here; another test compares their outcomes")]
mod vector;

use std::fmt::Debug;

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD},
};
use hmac::{Hmac, KeyInit, Mac};
use hookseal::{
    Data, Delivery, Event, Events, Id, Key, Keys, Malformed, Name, Number, Payload, PayloadMismatch, Raw,
    Received, Receiver, Rejection, ReplayKey, Request, Secret, SignatureEncoding, Subject, Text, Timestamp,
    Token, Tokens, Unauthenticated, Window, benti::Handshake, bento::Credentials, sign,
};
use sha2::Sha256;
use vector::{Refusal, Vector};

/// Shorter words occur by chance.
const SHORTEST: usize = 6;

/// The words that bodies and headers have in common with our own names of fields, kinds, codes and schemes.
const OURS: [&str; 59] = [
    "action",
    "action_data",
    "address",
    "amount",
    "answer",
    "attachments",
    "Bearer",
    "classification",
    "command",
    "content",
    "created_at",
    "creator",
    "currency",
    "details",
    "emails",
    "entity",
    "entity_id",
    "entity_type",
    "events",
    "external_id",
    "fields",
    "html_body",
    "identifier",
    "identity",
    "is_agent",
    "message",
    "new_classification",
    "new_queue",
    "parent",
    "parent_id",
    "parentId",
    "person",
    "personalizations",
    "previous_classification",
    "previous_queue",
    "project",
    "purchase",
    "remove",
    "remove_tags",
    "resource",
    "resource_data",
    "resource_type",
    "source",
    "source_event",
    "status",
    "subject",
    "signed",
    "subscri",
    "subscribe",
    "subscriber",
    "subscribers",
    "ticket",
    "ticket_id",
    "timestamp",
    "transaction",
    "transactional",
    "unique",
    "update",
    "workflow",
];

/// A vector, and the parts of its request that must not be shown.
struct Case {
    vector: Vector,
    secrets: Vec<Vec<u8>>,
}

fn cases() -> Vec<Case> {
    let case = |vector: Vector| {
        let secrets = vector.keys.iter().map(|key| key.secret().unwrap());
        let id_key = vector.options.id_key.as_ref().map(|key| key.as_bytes().to_vec());
        // A word such as `undefined` is named where it is refused: it is no secret.
        let secrets = secrets.chain(id_key).filter(|secret| Secret::new(secret).is_ok()).collect();
        Case { vector, secrets }
    };
    vector::all().unwrap().into_iter().map(case).collect()
}

impl Case {
    /// The texts of the body, its numbers, the values of its headers and its secrets, long enough to be told apart.
    fn confidential(&self) -> Vec<String> {
        let body = self.vector.body().unwrap();
        let text = String::from_utf8_lossy(&body);
        let is_mark = |character: char| "\"{}[],:\u{fffd}\\".contains(character) || character.is_whitespace();
        let mut words: Vec<String> = text.split(is_mark).map(str::to_owned).collect();
        for (_, value) in &self.vector.headers {
            words.extend(value.split_whitespace().map(str::to_owned));
        }
        words.retain(|word| !OURS.contains(&word.as_str()));
        words.extend(self.secrets.iter().flat_map(|secret| spellings(secret)));
        words.retain(|word| word.len() >= SHORTEST);
        words.sort();
        words.dedup();
        words
    }

    /// The signatures of the body, alone and behind the time, in each encoding.
    fn signatures(&self) -> Vec<String> {
        let headers = &self.vector.headers;
        let time = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("x-benji-timestamp"));
        let time = time.map_or("", |(_, value)| value.trim());
        let tag = |secret: &Vec<u8>, time: &str| {
            let mac = Hmac::<Sha256>::new_from_slice(secret).unwrap().chain_update(time);
            mac.chain_update(self.vector.body().unwrap()).finalize().into_bytes()
        };
        let of_both = |secret| [tag(secret, ""), tag(secret, time)].map(|tag| spellings(&tag)).concat();
        self.secrets.iter().flat_map(of_both).collect()
    }

    /// Fails where one of the texts has one of the words.
    fn check(&self, texts: &[String], words: &[String]) {
        for text in texts {
            if let Some(word) = words.iter().find(|word| text.contains(word.as_str())) {
                panic!("{}: {word} is in {text}", self.vector.name);
            }
        }
    }
}

/// The ways in which bytes could be shown.
fn spellings(bytes: &[u8]) -> Vec<String> {
    let list = format!("{bytes:?}");
    let mut spellings = vec![
        const_hex::encode(bytes),
        const_hex::encode_upper(bytes),
        list.trim_matches(['[', ']']).to_owned(),
        STANDARD_NO_PAD.encode(bytes),
        URL_SAFE_NO_PAD.encode(bytes),
    ];
    spellings.extend(String::from_utf8(bytes.to_vec()));
    spellings
}

fn debugged(value: impl Debug) -> [String; 2] {
    [format!("{value:?}"), format!("{value:#?}")]
}

/// What the types of an event print, apart from its data.
fn shown_of_event(event: Event<'_>) -> Vec<String> {
    let mut shown =
        vec![event.kind().to_string(), event.assurance().to_string(), event.id_origin().to_string()];
    shown.extend(debugged(event));
    shown.extend(debugged((event.id(), event.name(), event.subject(), event.parent(), event.actor())));
    shown.extend(debugged((event.kind(), event.assurance(), event.id_origin(), event.replay_key())));
    shown.extend(debugged((event.raw(), event.data(), event.raw().tokens())));
    shown.extend(debugged(event.raw().tokens().collect::<Vec<_>>()));
    shown.extend(debugged(event.payload()));
    if let Ok(Payload::BentoEvent(tracked)) = event.payload() {
        shown.extend(debugged(tracked.purchase()));
    }
    shown.extend(event.payload().err().map(|mismatch| mismatch.to_string()));
    shown
}

fn shown_of_rejection(rejection: &Rejection) -> Vec<String> {
    let mut shown = vec![rejection.to_string(), rejection.reason().to_string(), rejection.code().to_owned()];
    shown.extend(debugged(rejection));
    if let Some(fault) = rejection.payload_fault() {
        shown.extend([fault.to_string(), fault.path().to_string(), fault.problem().to_string()]);
        shown.extend(debugged(fault));
    }
    shown
}

fn shown_of_delivery(delivery: &Delivery<Vec<u8>>) -> Vec<String> {
    // The first 20 events are enough.
    let mut shown: Vec<String> = delivery.events().take(20).flat_map(shown_of_event).collect();
    shown.extend(debugged(delivery));
    shown.extend(debugged(delivery.into_iter()));
    shown.extend(debugged(delivery.malformed()));
    shown.extend(delivery.malformed().iter().map(Malformed::to_string));
    shown.extend(debugged(delivery.replay_key()));
    shown.extend(delivery.replay_key().map(|key| key.to_string()));
    shown
}

#[test]
fn what_is_made_of_a_request_shows_nothing_of_it() {
    let (mut deliveries, mut rejections, mut handshakes) = (0, 0, 0);
    for case in cases() {
        let outcome = case.vector.run().unwrap();
        let mut shown = debugged(&outcome).to_vec();
        match &outcome {
            Ok(Received::Delivery(delivery)) => {
                deliveries += 1;
                shown.extend(shown_of_delivery(delivery));
            }
            Ok(Received::Handshake(reply)) => {
                handshakes += 1;
                shown.extend(debugged(reply));
            }
            Err(Refusal::Request(rejection)) => {
                rejections += 1;
                shown.extend(shown_of_rejection(rejection));
            }
            Err(Refusal::Setup(error)) => shown.push(error.to_string()),
        }
        let words = [case.confidential(), case.signatures()].concat();
        case.check(&shown, &words);
    }
    assert!(deliveries > 50 && rejections > 50 && handshakes > 1, "{deliveries} {rejections} {handshakes}");
}

#[test]
fn what_is_read_without_a_check_shows_nothing_of_it() {
    for case in cases() {
        let keys = Keys::new("a secret of no vector").unwrap();
        let receiver = match case.vector.vendor.as_str() {
            "benji" => Receiver::benji(keys).unwrap(),
            "benti" => Receiver::benti(keys).unwrap(),
            _ => Receiver::bento(Credentials::Bearer { keys }).unwrap(),
        };
        let headers = &case.vector.headers;
        let request = Request::post(headers, case.vector.body().unwrap());
        let mut shown = debugged(&request).to_vec();
        match receiver.parse_unauthenticated(case.vector.body().unwrap()) {
            Ok(unauthenticated) => shown.extend(debugged(unauthenticated)),
            Err(rejection) => shown.extend(shown_of_rejection(&rejection)),
        }
        let outcome = receiver.receive(request, Timestamp::UNIX_EPOCH);
        shown.extend(shown_of_rejection(&outcome.unwrap_err()));
        shown.extend(receiver.check_head("POST", headers).err().iter().flat_map(shown_of_rejection));
        case.check(&shown, &case.confidential());
    }
}

#[test]
fn what_holds_a_secret_does_not_show_it() {
    for case in cases() {
        let mut shown = Vec::new();
        for secret in case.secrets.iter().filter(|secret| secret.len() >= SHORTEST) {
            let keys = || Keys::ring([Key::new(secret).unwrap().with_id("an id").unwrap()]).unwrap();
            shown.extend(debugged((Secret::new(secret).unwrap(), Key::new(secret).unwrap(), keys())));
            let credentials = [
                Credentials::Basic { user: "user", keys: keys() },
                Credentials::Bearer { keys: keys() },
                Credentials::Header { name: "x-own", keys: keys() },
            ];
            shown.extend(debugged(&credentials));
            let receivers = credentials.map(Receiver::bento).into_iter();
            let named = Receiver::benji(keys()).and_then(|receiver| receiver.id_key(secret));
            for receiver in receivers.chain([Receiver::benji(keys()), Receiver::benti(keys()), named]) {
                // An error shows no more than a receiver.
                shown.extend(debugged(&receiver));
                shown.extend(receiver.err().map(|error| error.to_string()));
            }
            let secret = Secret::new(secret).unwrap();
            let body = case.vector.body().unwrap();
            let signed = [
                sign::benji(&secret, &body, Timestamp::UNIX_EPOCH),
                sign::benji_body_only(&secret, &body, Timestamp::UNIX_EPOCH),
                sign::benji_encoded(&secret, &body, Timestamp::UNIX_EPOCH, SignatureEncoding::Base64),
                sign::benti_handshake(&secret, "a challenge"),
                sign::bento_basic("user", &secret),
                sign::bento_bearer(&secret),
                sign::bento_header("x-own", &secret),
            ];
            for headers in &signed {
                shown.extend(debugged((headers, headers.iter(), Request::post(headers, &body))));
                let values = headers.iter().map(|(_, value)| String::from_utf8_lossy(value).into_owned());
                case.check(&shown, &values.filter(|value| value.len() >= SHORTEST).collect::<Vec<_>>());
            }
        }
        let secrets = case.secrets.iter().filter(|secret| secret.len() >= SHORTEST);
        let words: Vec<String> = secrets.flat_map(|secret| spellings(secret)).collect();
        case.check(&shown, &[words, case.signatures()].concat());
    }
}

#[test]
fn no_id_key_or_cloudevent_holds_a_signature() {
    let mut signed = 0;
    for case in cases().iter().filter(|case| case.vector.vendor == "benji") {
        let Ok(Received::Delivery(delivery)) = case.vector.run().unwrap() else { continue };
        signed += 1;
        let event = delivery.get(0).unwrap();
        let keys = [event.replay_key(), delivery.replay_key()];
        let mut digests = vec![event.id().to_string()];
        digests.extend(keys.iter().flatten().map(ReplayKey::to_string));
        let signatures = case.signatures();
        for digest in &digests {
            assert!(signatures.iter().all(|signature| !signature.contains(digest)), "{}", case.vector.name);
        }
        let written = vec![
            event.to_cloudevent(),
            delivery.to_cloudevents(),
            serde_json::to_string(&event).unwrap(),
            serde_json::to_string(&delivery).unwrap(),
        ];
        case.check(&[digests, written].concat(), &signatures);
    }
    assert!(signed > 20, "{signed}");
}

#[test]
fn the_check_finds_what_is_shown() {
    let all = cases();
    let case =
        all.iter().find(|case| matches!(case.vector.run().unwrap(), Ok(Received::Delivery(_)))).unwrap();
    let words = case.confidential();
    assert!(words.len() > 3, "{words:?}");
    for shown in
        [String::from_utf8(case.vector.body().unwrap()).unwrap(), format!("{:?}", case.vector.headers)]
    {
        assert!(words.iter().any(|word| shown.contains(word)), "{shown}");
    }
    let secret = format!("{:?}", case.secrets[0]);
    assert!(words.iter().any(|word| secret.contains(word)), "{secret}");
    for signature in [STANDARD.encode([0; 32]), URL_SAFE.encode([0; 32])] {
        assert!(spellings(&[0; 32]).iter().any(|spelling| signature.contains(spelling)));
    }
}

#[test]
fn what_goes_between_threads_is_send_and_sync() {
    const fn goes_between_threads<T: Send + Sync>() {}
    const {
        goes_between_threads::<Receiver>();
        goes_between_threads::<Keys>();
        goes_between_threads::<Key>();
        goes_between_threads::<Secret>();
        goes_between_threads::<Window>();
        goes_between_threads::<Timestamp>();
        goes_between_threads::<sign::SignedHeaders>();
        goes_between_threads::<Received<Vec<u8>>>();
        goes_between_threads::<Delivery<Vec<u8>>>();
        goes_between_threads::<Unauthenticated<Vec<u8>>>();
        goes_between_threads::<Events<'_, Vec<u8>>>();
        goes_between_threads::<Event<'_>>();
        goes_between_threads::<(Id<'_>, Name<'_>, Subject<'_>, ReplayKey)>();
        goes_between_threads::<(Payload<'_>, PayloadMismatch, Malformed)>();
        goes_between_threads::<(Raw<'_>, Data<'_>, Text<'_>, Number<'_>, Tokens<'_>, Token<'_>)>();
        goes_between_threads::<Handshake>();
        goes_between_threads::<Rejection>();
    }
    // Owned values can outlive their origin, as a server's task needs.
    const fn is_owned<T: 'static>() {}
    const {
        is_owned::<Receiver>();
        is_owned::<Delivery<Vec<u8>>>();
        is_owned::<Rejection>();
    }
}

#[test]
fn what_is_handed_out_is_small() {
    assert!(size_of::<Event<'_>>() <= 40);
    assert!(size_of::<Text<'_>>() <= 16 && size_of::<Raw<'_>>() <= 16 && size_of::<Number<'_>>() <= 16);
    assert!(size_of::<ReplayKey>() <= 48);
    assert!(size_of::<Rejection>() <= 112);
    assert!(size_of::<Malformed>() <= 64);
    assert!(size_of::<Received<&[u8]>>() <= 384);
}
