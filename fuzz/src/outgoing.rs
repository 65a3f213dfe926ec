//! Any answer to an outgoing request is read or refused, and any text is refused as a value or sent as it means.

use std::{collections::BTreeSet, fmt, fs, io, path::Path};

use hookseal::{
    Entity, Keys, Received, Receiver, Request, Secret, Timestamp,
    outgoing::{
        Benji, BenjiHosts, Benti, Bento, BentoCommand, BentoEmail, BentoEvent, BentoSubscriber, LookedUp,
        Outgoing, OutgoingError, Refusal, Sent,
    },
    sign,
};
use serde_json::Value;

use crate::{
    input::{Fields, Input},
    oracle::{Json, without_white_space},
};

/// The number of the events in the request whose answer is read.
const EVENTS: usize = 3;

/// Reads the rest as a value, or as an answer: a status, headers and a body.
pub fn check(data: &[u8]) {
    let mut input = Input::new(data);
    let choice = input.byte();
    if choice == 0 {
        if let Ok(text) = std::str::from_utf8(input.rest()) {
            check_value(text, BentoEvent::from_json, BentoEvent::as_json);
            check_value(text, BentoSubscriber::from_json, BentoSubscriber::as_json);
            check_value(text, BentoEmail::from_json, BentoEmail::as_json);
            check_value(text, BentoCommand::from_json, BentoCommand::as_json);
        }
        return;
    }
    let status = u16::from_le_bytes([input.byte(), input.byte()]);
    let (headers, body) = input.request();
    check_answer(choice, &Answer { status, headers, body });
}

fn check_value<T: PartialEq + fmt::Debug>(
    text: &str,
    from_json: fn(&str) -> Result<T, OutgoingError>,
    as_json: fn(&T) -> &str,
) {
    let value = match from_json(text) {
        Ok(value) => value,
        Err(error) => {
            assert!(!error.to_string().is_empty() && !error.code().is_empty());
            return;
        }
    };
    let json = as_json(&value);
    assert!(json.starts_with('{') && !json.contains(['\n', '\r']), "one line with one object");
    assert_eq!(json, without_white_space(text), "nothing but white space is left out");
    let read = Json::read(json.as_bytes(), 127).expect("JSON");
    assert!(has_each_member_once(&read), "each member is there once");
    assert_eq!(from_json(json).as_ref(), Ok(&value), "it is accepted again unchanged");
    assert_eq!(
        format!("{value:?}").split_once('(').map(|(_, rest)| rest),
        Some(&*format!("{} bytes)", json.len()))
    );
}

/// Whether no object has a member twice.
fn has_each_member_once(json: &Json) -> bool {
    match json {
        Json::List(elements) => elements.iter().all(has_each_member_once),
        Json::Object(members) => {
            let names: BTreeSet<_> = members.iter().map(|(name, _)| name).collect();
            names.len() == members.len() && members.iter().all(|(_, value)| has_each_member_once(value))
        }
        _ => true,
    }
}

/// An answer to any request.
struct Answer<'a> {
    status: u16,
    headers: Fields,
    body: &'a [u8],
}

impl Answer<'_> {
    /// Reads the answer to this request, and checks why it is refused.
    fn to<A>(&self, request: Outgoing<A>) -> Option<A> {
        match request.read(self.status, &self.headers, self.body) {
            Ok(answer) => {
                assert!((200..300).contains(&self.status), "only such a status is a success");
                assert_ne!(self.body.trim_ascii(), b"BLOCKED");
                Some(answer)
            }
            Err(refusal) => {
                assert_eq!(refusal.status(), self.status);
                check_refusal(&refusal);
                None
            }
        }
    }
}

fn check_answer(choice: u8, answer: &Answer<'_>) {
    let secret = || Secret::new("secret").expect("a secret");
    let host = "https://api.example.com";
    let hosts = BenjiHosts { notifications: host, users: host, campaigns: host, transactions: host };
    let benji = Benji::new(hosts, secret()).expect("a client");
    let benti = Benti::new(host, secret(), secret()).expect("a client");
    let bento = Bento::new("publishable", secret(), "11111111222233334444555555555555").expect("a client");
    let events: [BentoEvent; EVENTS] = std::array::from_fn(|_| {
        BentoEvent::from_json(r#"{"type":"a","email":"a@example.com"}"#).expect("an event")
    });
    let endpoint = "https://example.com/hooks";
    match choice % 9 {
        0 => {
            answer.to(benji.subscribe(endpoint, None, None).expect("a request"));
        }
        1 => {
            answer.to(benji.unsubscribe(None, None).expect("a request"));
        }
        2 => {
            answer.to(follow_up(&benji));
        }
        3 => {
            answer.to(benti.create(Entity::Ticket, endpoint, &secret()).expect("a request"));
        }
        4 => {
            answer.to(benti.list());
        }
        5 => {
            answer.to(benti.delete("7").expect("a request"));
        }
        6 => {
            let command = BentoCommand::from_json(r#"{"command":"subscribe","email":"a@example.com"}"#);
            answer.to(bento.command(&command.expect("a command")));
        }
        7 => {
            answer.to(bento.webhook("pos", &events).expect("a request").remove(0));
        }
        _ => {
            if let Some(sent) = answer.to(bento.events(&events).remove(0)) {
                check_sent(&sent, answer.body);
            }
        }
    }
}

fn follow_up(benji: &Benji) -> Outgoing<LookedUp> {
    let body = br#"{"event":"campaign_ended","entity_id":"7"}"#;
    let headers = sign::benji(&Secret::new("salt").expect("a secret"), body, Timestamp::UNIX_EPOCH);
    let receiver = Receiver::benji(Keys::new("salt").expect("a key")).expect("a receiver");
    let received = receiver.receive(Request::post(&headers, body), Timestamp::UNIX_EPOCH);
    let Ok(Received::Delivery(delivery)) = received else { panic!("a delivery") };
    benji.follow_up(&delivery.get(0).expect("an event"), None).expect("a request")
}

fn check_refusal(refusal: &Refusal) {
    let shown = refusal.to_string();
    assert!(!refusal.code().is_empty() && !shown.contains('\n') && shown.len() < 200);
    for attempt in [0, 1, 2, 9, u32::MAX] {
        let wait = refusal.retry_in(attempt, 0.5);
        assert_eq!(wait.is_none(), refusal.is_final());
        assert!(wait.is_none_or(|wait| (1..=86_400).contains(&wait.as_secs())), "a second to a day");
    }
}

fn check_sent(sent: &Sent, body: &[u8]) {
    // The last of two equal members would count in serde_json, so such an answer must not be read.
    let counts: Value = serde_json::from_slice(body).expect("JSON");
    let number =
        |value: &Value| usize::try_from(value.as_u64().expect("a count")).expect("as many as were sent");
    let accepted = number(&counts["results"]);
    let refused = counts.get("failed").map(number);
    assert!(accepted + refused.unwrap_or_default() <= EVENTS, "no more than were sent");
    assert_eq!((sent.accepted(), sent.failed()), (accepted, EVENTS - accepted));
    assert_eq!(sent.handed_back(), if accepted == EVENTS { 0..0 } else { 0..EVENTS });
    assert_eq!(sent.is_undecided(), accepted < EVENTS && refused != Some(EVENTS));
}

/// Inputs from the vectors of outgoing requests and answers.
pub(crate) fn seeds() -> io::Result<Vec<Vec<u8>>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../core/outgoing");
    let vectors =
        |file: &str| -> io::Result<Value> { Ok(serde_json::from_slice(&fs::read(folder.join(file))?)?) };
    let mut seeds = Vec::new();
    for vector in vectors("requests.json")?["requests"].as_array().into_iter().flatten() {
        let arguments = &vector["arguments"];
        let values = arguments["values"].as_array().into_iter().flatten().chain([&arguments["value"]]);
        seeds.extend(values.filter_map(Value::as_str).map(|text| [b"\0", text.as_bytes()].concat()));
    }
    for vector in vectors("answers.json")?["answers"].as_array().into_iter().flatten() {
        let names = [
            "benji_subscribe",
            "benji_unsubscribe",
            "benji_follow_up",
            "benti_create",
            "benti_list",
            "benti_delete",
            "bento_command",
            "bento_webhook",
            "bento_events",
        ];
        let at = names.iter().position(|name| vector["request"] == **name).unwrap_or_default();
        let status =
            vector["status"].as_u64().and_then(|status| u16::try_from(status).ok()).unwrap_or_default();
        let mut seed = vec![u8::try_from(names.len() + at).unwrap_or_default()];
        seed.extend(status.to_le_bytes());
        let headers: Vec<(String, String)> =
            serde_json::from_value(vector["headers"].clone()).unwrap_or_default();
        for (name, value) in headers {
            seed.extend(format!("{name}:{value}\n").into_bytes());
        }
        seed.extend([b"\n", vector["body"].as_str().unwrap_or_default().as_bytes()].concat());
        seeds.push(seed);
    }
    Ok(seeds)
}
