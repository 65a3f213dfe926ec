//! The example that sends, over real sockets; and the order in which Benti checks a new webhook.

#[path = "../examples/outgoing.rs"]
#[expect(dead_code, reason = "the example's main is not run here")]
mod outgoing;

use std::{
    collections::VecDeque,
    net::SocketAddr,
    sync::{Arc, Mutex, mpsc},
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, Uri},
    response::{IntoResponse, Response},
    routing::{any, post},
};
use hookseal::{
    Entity, Keys, Received, Receiver, Request, Secret, Timestamp,
    outgoing::{Benti, Bento, BentoEvent, Outgoing, Sent},
    sign,
};

type Log = Arc<Mutex<Vec<String>>>;

/// Runs a server on a free port of this machine.
fn start(router: Router) -> SocketAddr {
    let (send, receive) = mpsc::channel();
    std::thread::spawn(move || {
        tokio::runtime::Runtime::new().unwrap().block_on(async {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            send.send(listener.local_addr().unwrap()).unwrap();
            axum::serve(listener, router).await.unwrap();
        });
    });
    receive.recv().unwrap()
}

/// The user's server: its answer is the receiver's.
fn users_server(secret: &[u8], log: Log) -> SocketAddr {
    let receiver = Arc::new(Receiver::benti(Keys::new(secret).unwrap()).unwrap());
    let handler = move |headers: HeaderMap, method: axum::http::Method| async move {
        let headers: Vec<(&str, &[u8])> =
            headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
        let request = Request::new(method.as_str(), &headers, b"");
        let (status, body) = match receiver.receive(request, Timestamp::UNIX_EPOCH) {
            Ok(Received::Handshake(handshake)) => (handshake.status(), handshake.body().to_owned()),
            Ok(Received::Delivery(_)) => unreachable!("only the verification is sent"),
            Err(rejection) => (rejection.status(), String::new()),
        };
        log.lock().unwrap().push(format!("verification answered {status}"));
        (StatusCode::from_u16(status).unwrap(), body)
    };
    start(Router::new().route("/hooks/benti", any(handler)))
}

/// Stands in for Benti: it calls the new webhook while the creation waits. The `https` URL of the webhook leads to the
/// user's server here.
fn benti(users_server: SocketAddr, log: Log) -> SocketAddr {
    let create = move |body: Bytes| async move {
        log.lock().unwrap().push("creation arrived".to_owned());
        let asked: serde_json::Value = serde_json::from_slice(&body).unwrap();
        let path = asked["url"].as_str().unwrap().strip_prefix("https://hooks.example").unwrap().to_owned();
        let secret = Secret::new(asked["secret"].as_str().unwrap()).unwrap();
        let verified = tokio::task::spawn_blocking(move || {
            let mut call = outgoing::agent().get(format!("http://{users_server}{path}"));
            for (name, value) in &sign::benti_handshake(&secret, "challenge-1f3a") {
                call = call.header(name, value);
            }
            let mut answer = call.call().unwrap();
            answer.status() == 200 && answer.body_mut().read_to_string().unwrap() == "challenge-1f3a"
        })
        .await
        .unwrap();
        log.lock().unwrap().push("creation answered".to_owned());
        if verified {
            (StatusCode::OK, r#"{"uuid":"0f8fad5b-d9cb"}"#)
        } else {
            (StatusCode::BAD_REQUEST, r#"{"error":"verification failed"}"#)
        }
    };
    start(Router::new().route("/ticketing/v1/webhooks", post(create)))
}

/// Creates a webhook with one secret while the user's server has another or the same one.
fn create(of_the_server: &[u8], sent: &Secret) -> (Result<String, &'static str>, Vec<String>) {
    let log = Log::default();
    let server = benti(users_server(of_the_server, Arc::clone(&log)), Arc::clone(&log));
    let secret = |text: &str| Secret::new(text).unwrap();
    let benti =
        Benti::new(&format!("http://{server}/ticketing"), secret("api-key"), secret("token")).unwrap();
    let request = benti.create(Entity::Ticket, "https://hooks.example/hooks/benti", sent).unwrap();
    let created = outgoing::send(&outgoing::agent(), &request);
    let log = log.lock().unwrap().clone();
    (created.map(|webhook| webhook.id).map_err(|refusal| refusal.code()), log)
}

#[test]
fn benti_verifies_a_webhook_before_its_creation_is_answered() {
    let random: Vec<u8> = (100..132).collect();
    let secret = Benti::new_secret(&random).unwrap();
    let (created, log) = create(secret.expose(), &secret);
    assert_eq!(created.as_deref(), Ok("0f8fad5b-d9cb"));
    assert_eq!(log, ["creation arrived", "verification answered 200", "creation answered"]);

    let (refused, log) = create(b"another secret", &secret);
    assert_eq!(refused, Err("bad_request"));
    assert_eq!(log, ["creation arrived", "verification answered 401", "creation answered"]);
}

/// What Bento's stand-in has seen, and how it answers.
struct Script {
    answers: Mutex<VecDeque<Response>>,
    seen: Mutex<Vec<(String, bool, Bytes)>>,
}

fn bento(answers: Vec<Response>) -> (SocketAddr, Arc<Script>) {
    let script = Arc::new(Script { answers: Mutex::new(answers.into()), seen: Mutex::default() });
    let handler = |State(script): State<Arc<Script>>, uri: Uri, headers: HeaderMap, body: Bytes| async move {
        let has_credentials = headers.contains_key("authorization");
        script.seen.lock().unwrap().push((uri.to_string(), has_credentials, body));
        script.answers.lock().unwrap().pop_front().unwrap()
    };
    let router = Router::new().fallback(any(handler)).with_state(Arc::clone(&script));
    (start(router), script)
}

/// One event for Bento's stand-in, with these details.
fn request_with(server: SocketAddr, details: &str) -> Outgoing<Sent> {
    let bento = Bento::new("publishable", Secret::new("secret").unwrap(), "11111111222233334444555555555555")
        .unwrap()
        .api_host(&format!("http://{server}"))
        .unwrap();
    let event = format!(r#"{{"type":"x","email":"a@example.com","details":{details}}}"#);
    bento.events(&[BentoEvent::from_json(&event).unwrap()]).pop().unwrap()
}

fn request(server: SocketAddr) -> Outgoing<Sent> {
    request_with(server, "{}")
}

fn send_one(server: SocketAddr) -> Result<usize, &'static str> {
    outgoing::Sender::new()
        .send_until_done(&request(server))
        .map(|sent| sent.accepted())
        .map_err(|refusal| refusal.code())
}

#[test]
fn what_is_not_final_is_sent_again() {
    let (server, script) = bento(vec![
        StatusCode::TOO_MANY_REQUESTS.into_response(),
        r#"{"results":1,"failed":0}"#.into_response(),
    ]);
    assert_eq!(send_one(server), Ok(1));
    let seen = script.seen.lock().unwrap();
    assert_eq!(seen.len(), 2);
    assert_eq!(seen[0], seen[1]);
}

#[test]
fn only_what_is_recognized_is_sent_again_after_it_may_be_done() {
    for (details, calls, outcome) in [
        (r#"{"unique":{"key":"a"}}"#, 2, Ok(1)),
        ("{}", 1, Err("server_error")),
        (r#"{"unique":{"key":null}}"#, 1, Err("server_error")),
    ] {
        let failure = StatusCode::BAD_GATEWAY.into_response();
        let (server, script) = bento(vec![failure, r#"{"results":1,"failed":0}"#.into_response()]);
        let sent = outgoing::Sender::new().send_until_done(&request_with(server, details));
        assert_eq!(sent.map(|sent| sent.accepted()).map_err(|refusal| refusal.code()), outcome, "{details}");
        assert_eq!(script.seen.lock().unwrap().len(), calls, "{details}");
    }
}

#[test]
fn credentials_follow_no_redirect() {
    let (elsewhere, trap) = bento(vec![]);
    let redirect = (StatusCode::TEMPORARY_REDIRECT, [("location", format!("http://{elsewhere}/trap"))]);
    let (server, script) = bento(vec![redirect.into_response()]);
    assert_eq!(send_one(server), Err("redirected"));
    assert_eq!(script.seen.lock().unwrap().len(), 1);
    assert_eq!(trap.seen.lock().unwrap().len(), 0);
}

#[test]
fn an_enormous_answer_is_not_read() {
    let (server, _) = bento(vec![" ".repeat(2 * 1024 * 1024).into_response()]);
    let refusal = outgoing::send(&outgoing::agent(), &request(server)).unwrap_err();
    assert_eq!((refusal.code(), refusal.is_final()), ("unexpected_answer", true));
}

#[test]
fn a_server_that_is_not_there_gives_no_answer() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let refusal = outgoing::send(&outgoing::agent(), &request(free)).unwrap_err();
    assert_eq!((refusal.code(), refusal.is_final()), ("no_answer", false));
}
