//! Requests to the vendors and their answers, as `core/outgoing/` has them for Rust, Python and Node.

use std::{fs, path::Path};

use hookseal::{
    Entity, Keys, Received, Receiver, Request, Secret, Timestamp,
    outgoing::{
        Benji, BenjiHosts, Benti, BentiWebhook, Bento, BentoCommand, BentoEmail, BentoEvent, BentoSubscriber,
        EndpointGroup, Outgoing, OutgoingError, RateLimit, Refusal, Sent,
    },
    sign,
};
use serde_json::{Map, Value, json};

/// The vectors of a file, whose number it states.
fn vectors(file: &str, key: &str) -> Vec<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("outgoing").join(file);
    let content: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    let listed = content[key].as_array().unwrap().clone();
    assert_eq!(Some(listed.len() as u64), content["count"].as_u64());
    listed
}

fn secret(text: &str) -> Secret {
    Secret::new(text).unwrap()
}

/// The options of a client, each with its default.
struct Options<'v>(Option<&'v Map<String, Value>>);

impl<'v> Options<'v> {
    fn text(&self, name: &str, default: &'v str) -> &'v str {
        self.0.and_then(|options| options.get(name)).map_or(default, |value| value.as_str().unwrap())
    }

    fn is_set(&self, name: &str) -> bool {
        self.0.and_then(|options| options.get(name)).is_some_and(|value| value.as_bool().unwrap())
    }

    fn benji(&self) -> Result<Benji, OutgoingError> {
        let hosts = BenjiHosts {
            notifications: self.text("notifications_host", "https://notifications.example"),
            users: self.text("users_host", "https://users.example"),
            campaigns: self.text("campaigns_host", "https://campaigns.example"),
            transactions: self.text("transactions_host", "https://transactions.example"),
        };
        let benji = Benji::new(hosts, secret(self.text("partner_key", "partner-key")))?;
        Ok(if self.is_set("bearer") { benji.bearer() } else { benji })
    }

    fn benti(&self) -> Result<Benti, OutgoingError> {
        let base = self.text("base", "https://api.benti.example/ticketing");
        Benti::new(base, secret(self.text("api_key", "api-key")), secret(self.text("token", "token")))
    }

    fn bento(&self) -> Result<Bento, OutgoingError> {
        let bento = Bento::new(
            self.text("publishable_key", "publishable"),
            secret(self.text("secret_key", "secret-key")),
            self.text("site_uuid", "11111111222233334444555555555555"),
        )?
        .api_host(self.text("api_host", "https://app.bentonow.com/api/v1"))?
        .track_host(self.text("track_host", "https://track.bentonow.com"))?
        .user_agent(self.text("user_agent", "tests/1.0"))?;
        Ok(if self.is_set("site_uuid_in_query") { bento.site_uuid_in_query() } else { bento })
    }
}

/// A request as the vectors have it.
fn written<A>(request: &Outgoing<A>) -> Value {
    let mut headers = Map::new();
    for (name, value) in request.headers() {
        let before = headers.insert(name.to_owned(), String::from_utf8(value.to_vec()).unwrap().into());
        assert!(before.is_none(), "{name} is there twice");
    }
    let body = String::from_utf8(request.body().to_vec()).unwrap();
    json!({
        "method": request.method(),
        "url": request.url(),
        "headers": headers,
        "body": body,
        "is_repeatable": request.is_repeatable(),
    })
}

fn requests(vector: &Value) -> Result<Vec<Value>, OutgoingError> {
    let options = Options(vector.get("options").map(|options| options.as_object().unwrap()));
    let arguments = &vector["arguments"];
    let text = |name: &str| arguments.get(name).map(|value| value.as_str().unwrap());
    let entity = |name: &str| text(name).map(|word| word.parse::<Entity>().unwrap());
    let needed = |name: &str| text(name).unwrap();
    let values: Vec<&str> = arguments
        .get("values")
        .map_or(vec![], |list| list.as_array().unwrap().iter().map(|v| v.as_str().unwrap()).collect());
    Ok(match (vector["client"].as_str().unwrap(), vector["call"].as_str().unwrap()) {
        ("benji", "subscribe") => {
            vec![written(&options.benji()?.subscribe(
                needed("endpoint"),
                entity("entity_type"),
                text("event"),
            )?)]
        }
        ("benji", "update") => {
            vec![written(&options.benji()?.update(
                needed("endpoint"),
                entity("entity_type"),
                text("event"),
            )?)]
        }
        ("benji", "unsubscribe") => {
            vec![written(&options.benji()?.unsubscribe(entity("entity_type"), text("event"))?)]
        }
        ("benji", "follow_up") => {
            let benji = options.benji()?;
            let body = needed("webhook").as_bytes();
            let headers = sign::benji(&secret("salt"), body, Timestamp::UNIX_EPOCH);
            let receiver = Receiver::benji(Keys::new("salt").unwrap()).unwrap();
            let received = receiver.receive(Request::post(&headers, body), Timestamp::UNIX_EPOCH).unwrap();
            let Received::Delivery(delivery) = received else { unreachable!() };
            let token = text("user_token").map(secret);
            vec![written(&benji.follow_up(&delivery.get(0).unwrap(), token.as_ref())?)]
        }
        ("benti", "create") => {
            let hook = secret(needed("secret"));
            vec![written(&options.benti()?.create(entity("item").unwrap(), needed("url"), &hook)?)]
        }
        ("benti", "list") => vec![written(&options.benti()?.list())],
        ("benti", "update") => {
            let hook = secret(needed("secret"));
            let item = entity("item").unwrap();
            vec![written(&options.benti()?.update(needed("id"), item, needed("url"), &hook)?)]
        }
        ("benti", "delete") => vec![written(&options.benti()?.delete(needed("id"))?)],
        ("bento", "events") => {
            options.bento()?.events(&read(&values, BentoEvent::from_json)?).iter().map(written).collect()
        }
        ("bento", "subscribers") => options
            .bento()?
            .subscribers(&read(&values, BentoSubscriber::from_json)?)
            .iter()
            .map(written)
            .collect(),
        ("bento", "emails") => {
            options.bento()?.emails(&read(&values, BentoEmail::from_json)?).iter().map(written).collect()
        }
        ("bento", "command") => {
            vec![written(&options.bento()?.command(&BentoCommand::from_json(needed("value"))?))]
        }
        ("bento", "webhook") => options
            .bento()?
            .webhook(needed("source"), &read(&values, BentoEvent::from_json)?)?
            .iter()
            .map(written)
            .collect(),
        other => panic!("{other:?}"),
    })
}

fn read<T>(
    values: &[&str],
    from_json: fn(&str) -> Result<T, OutgoingError>,
) -> Result<Vec<T>, OutgoingError> {
    values.iter().map(|value| from_json(value)).collect()
}

#[test]
fn requests_are_those_of_the_vectors() {
    for vector in vectors("requests.json", "requests") {
        let found = match requests(&vector) {
            Ok(requests) => json!({"requests": requests}),
            Err(error) => json!({"error": error.code()}),
        };
        assert_eq!(found, vector["expect"], "{}", vector["name"]);
    }
}

fn webhook(webhook: &BentiWebhook) -> Value {
    json!({"id": webhook.id, "item": webhook.item, "url": webhook.url})
}

fn sent(sent: &Sent) -> Value {
    let positions: Vec<usize> = sent.handed_back().collect();
    json!({
        "accepted": sent.accepted(),
        "failed": sent.failed(),
        "handed_back": positions,
        "is_undecided": sent.is_undecided(),
    })
}

/// The answer to the request of this name.
fn answer(request: &str, status: u16, headers: &[(String, String)], body: &[u8]) -> Result<Value, Refusal> {
    fn read<A>(
        request: Outgoing<A>,
        (status, headers, body): (u16, &[(String, String)], &[u8]),
        written: impl Fn(A) -> Value,
    ) -> Result<Value, Refusal> {
        request.read(status, headers, body).map(written)
    }
    let answer = (status, headers, body);
    let options = Options(None);
    let (benji, benti, bento) =
        (options.benji().unwrap(), options.benti().unwrap(), options.bento().unwrap());
    let (endpoint, hook) = ("https://example.com/hooks", secret("hook"));
    let event = || BentoEvent::from_json(r#"{"type":"x","email":"a@example.com"}"#).unwrap();
    match request {
        "benji_subscribe" => read(
            benji.subscribe(endpoint, None, None).unwrap(),
            answer,
            |subscribed| json!({"salt": subscribed.salt.map(|salt| String::from_utf8(salt.expose().to_vec()).unwrap())}),
        ),
        "benji_unsubscribe" => read(benji.unsubscribe(None, None).unwrap(), answer, |_| json!({})),
        "benji_follow_up" => {
            let body = br#"{"event":"campaign_ended","entity_id":"7"}"#;
            let headers = sign::benji(&secret("salt"), body, Timestamp::UNIX_EPOCH);
            let receiver = Receiver::benji(Keys::new("salt").unwrap()).unwrap();
            let received = receiver.receive(Request::post(&headers, body), Timestamp::UNIX_EPOCH).unwrap();
            let Received::Delivery(delivery) = received else { unreachable!() };
            let request = benji.follow_up(&delivery.get(0).unwrap(), None).unwrap();
            read(request, answer, |looked_up| json!({"json": looked_up.as_json()}))
        }
        "benti_create" => {
            read(benti.create(Entity::Ticket, endpoint, &hook).unwrap(), answer, |created| webhook(&created))
        }
        "benti_list" => read(benti.list(), answer, |listed| {
            let webhooks: Vec<Value> = listed.webhooks.iter().map(webhook).collect();
            json!({"webhooks": webhooks, "malformed": listed.malformed})
        }),
        "benti_update" => {
            read(benti.update("7", Entity::Ticket, endpoint, &hook).unwrap(), answer, |_| json!({}))
        }
        "bento_subscribers" => {
            let value = BentoSubscriber::from_json(r#"{"email":"a@example.com"}"#).unwrap();
            let values = [value.clone(), value];
            read(bento.subscribers(&values).pop().unwrap(), answer, |answer| sent(&answer))
        }
        "bento_emails" => {
            let value = BentoEmail::from_json(
                r#"{"to":"a@example.com","from":"b@example.com","subject":"x","html_body":"y","transactional":true}"#,
            )
            .unwrap();
            let values = [value.clone(), value];
            read(bento.emails(&values).pop().unwrap(), answer, |answer| sent(&answer))
        }
        "benti_delete" => read(benti.delete("7").unwrap(), answer, |_| json!({})),
        "bento_events" => {
            let values = [event(), event(), event()];
            read(bento.events(&values).pop().unwrap(), answer, |answer| sent(&answer))
        }
        "bento_command" => {
            let command =
                BentoCommand::from_json(r#"{"command":"subscribe","email":"a@example.com"}"#).unwrap();
            read(bento.command(&command), answer, |commanded| json!({"results": commanded.results()}))
        }
        "bento_webhook" => {
            read(bento.webhook("pos", &[event()]).unwrap().pop().unwrap(), answer, |_| json!({}))
        }
        other => panic!("{other}"),
    }
}

#[test]
fn answers_are_read_as_the_vectors_say() {
    for vector in vectors("answers.json", "answers") {
        let headers: Vec<(String, String)> =
            vector.get("headers").map_or(vec![], |headers| serde_json::from_value(headers.clone()).unwrap());
        let times =
            vector.get("body_repeated").map_or(1, |times| usize::try_from(times.as_u64().unwrap()).unwrap());
        let body = vector["body"].as_str().unwrap().repeat(times);
        let status = u16::try_from(vector["status"].as_u64().unwrap()).unwrap();
        let found = match answer(vector["request"].as_str().unwrap(), status, &headers, body.as_bytes()) {
            Ok(answer) => json!({"answer": answer}),
            Err(refusal) => {
                assert_eq!(refusal.status(), status);
                let waits: Option<Vec<u128>> =
                    (1..4).map(|attempt| Some(refusal.retry_in(attempt, 0.0)?.as_millis())).collect();
                json!({"refusal": {
                    "code": refusal.code(),
                    "is_final": refusal.is_final(),
                    "may_be_done": refusal.may_be_done(),
                    "waits": waits.map(|waits| waits.iter().map(|wait| u64::try_from(*wait).unwrap()).collect::<Vec<_>>()),
                }})
            }
        };
        assert_eq!(found, vector["expect"], "{}", vector["name"]);
    }
}

#[test]
fn a_rate_limit_lets_calls_go_as_the_vectors_say() {
    for vector in vectors("rate_limit.json", "limits") {
        let mut limit = RateLimit::new();
        for step in vector["steps"].as_array().unwrap() {
            let group: EndpointGroup = step[0].as_str().unwrap().parse().unwrap();
            let now = Timestamp::from_unix_millis(step[1].as_i64().unwrap()).unwrap();
            for call in 0..step[2].as_u64().unwrap() {
                let wait = limit.take(group, now).err().map(|wait| u64::try_from(wait.as_millis()).unwrap());
                assert_eq!(wait, step[3].as_u64(), "{}, {step}, call {call}", vector["name"]);
            }
        }
    }
}
