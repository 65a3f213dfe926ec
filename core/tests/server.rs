//! The example server, over a real socket.

#[path = "../examples/server.rs"]
#[expect(dead_code, reason = "the example's main is not run here")]
mod server;

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    sync::Mutex,
    time::{Duration, Instant, SystemTime},
};

use hookseal::{
    ClaimOutcome, Headers, Keys, Received, Receiver, ReplayGuard, Secret, Timestamp, bento::Credentials, sign,
};

const BENJI_BODY: &[u8] = br#"{"event":"reward_transaction_updated","entity":3,"entity_id":243}"#;

/// How long the server waits for a body here.
const BODY_TIME: Duration = Duration::from_millis(500);

/// Starts the server on a free port of this machine.
fn start() -> SocketAddr {
    let (send, receive) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        tokio::runtime::Runtime::new().unwrap().block_on(async {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            send.send(listener.local_addr().unwrap()).unwrap();
            let keys = || Keys::new("secret").unwrap();
            let benji = Receiver::benji(keys()).unwrap().max_body_bytes(1_000).unwrap();
            let bento = Receiver::bento(Credentials::Basic { user: "public", keys: keys() }).unwrap();
            let router = server::router(benji, Receiver::benti(keys()).unwrap(), bento, BODY_TIME).unwrap();
            axum::serve(listener, router).await.unwrap();
        });
    });
    receive.recv().unwrap()
}

struct Answer {
    status: u16,
    head: String,
    body: String,
}

/// Sends a request as it is written here, and reads the answer to its end.
fn send(server: SocketAddr, head: &str, headers: &str, body: &[u8]) -> Answer {
    let mut request =
        format!("{head} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n{headers}\r\n").into_bytes();
    request.extend_from_slice(body);
    let mut stream = TcpStream::connect(server).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    // Sent at once, because bytes after an early answer can reset the connection.
    stream.write_all(&request).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").expect("an answer");
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Answer { status, head: head.to_ascii_lowercase(), body: body.to_owned() }
}

fn lines(headers: &sign::SignedHeaders) -> String {
    headers.iter().map(|(name, value)| format!("{name}: {}\r\n", String::from_utf8_lossy(value))).collect()
}

fn with_length(headers: &str, body: &[u8]) -> String {
    format!("{headers}content-length: {}\r\n", body.len())
}

fn secret() -> Secret {
    Secret::new("secret").unwrap()
}

fn now() -> Timestamp {
    Timestamp::from(SystemTime::now())
}

#[test]
fn a_genuine_request_of_each_vendor_is_accepted() {
    let server = start();
    let benji = with_length(&lines(&sign::benji(&secret(), BENJI_BODY, now())), BENJI_BODY);
    assert_eq!(send(server, "POST /benji", &benji, BENJI_BODY).status, 204);

    let body = br#"{"events":[{"id":"1","action":"close-ticket","body":{"ticket_id":"P-1","status":3}}]}"#;
    let benti = with_length(&lines(&sign::benti(&secret())), body);
    assert_eq!(send(server, "POST /benti", &benti, body).status, 204);

    let body = br#"{"events":[{"type":"$subscribe","email":"a@example.com"},{"type":"$tag"}]}"#;
    let bento = with_length(&lines(&sign::bento_basic("public", &secret())), body);
    assert_eq!(send(server, "POST /bento", &bento, body).status, 204);
}

#[test]
fn a_delivery_is_handled_once() {
    let receiver = Receiver::benti(Keys::new("secret").unwrap()).unwrap();
    let headers = sign::benti(&secret());
    let body = br#"{"action":"close-ticket","body":{"ticket_id":"P-1"}}"#.to_vec();
    let received = receiver.receive(hookseal::Request::post(&headers, body), now());
    let Ok(Received::Delivery(delivery)) = received else { panic!("the request is genuine") };
    let guard = Mutex::new(ReplayGuard::new(1, 30, [7; 16]).unwrap());
    let key = delivery.replay_key().unwrap();
    let claim = || guard.lock().unwrap().claim(&key, now());

    let ClaimOutcome::Claimed(of_another) = claim() else { panic!("the key is new") };
    assert_eq!(server::handle_once(&guard, &delivery, now()), 503);
    guard.lock().unwrap().release(of_another);
    assert_eq!(server::handle_once(&guard, &delivery, now()), 204);
    assert!(matches!(claim(), ClaimOutcome::Duplicate), "it was confirmed");
    assert_eq!(server::handle_once(&guard, &delivery, now()), 204);
}

#[test]
fn a_repetition_is_answered_like_the_first_request() {
    let server = start();
    let headers = with_length(&lines(&sign::benji(&secret(), BENJI_BODY, now())), BENJI_BODY);
    assert_eq!([0; 2].map(|_| send(server, "POST /benji", &headers, BENJI_BODY).status), [204, 204]);
}

#[test]
fn a_chunked_body_is_read_as_one() {
    let headers = lines(&sign::benji(&secret(), BENJI_BODY, now())) + "transfer-encoding: chunked\r\n";
    let (first, second) = BENJI_BODY.split_at(20);
    let mut body = Vec::new();
    for chunk in [first, second, b""] {
        write!(body, "{:x}\r\n", chunk.len()).unwrap();
        body.extend_from_slice(chunk);
        body.extend_from_slice(b"\r\n");
    }
    assert_eq!(send(start(), "POST /benji", &headers, &body).status, 204);
}

#[test]
fn a_refusal_tells_a_stranger_nothing() {
    let server = start();
    let forged =
        with_length(&lines(&sign::benji(&Secret::new("guess").unwrap(), BENJI_BODY, now())), BENJI_BODY);
    let answer = send(server, "POST /benji", &forged, BENJI_BODY);
    assert_eq!((answer.status, answer.body.as_str()), (401, ""));

    let hour_ago = Timestamp::from_unix_millis(now().unix_millis() - 3_600_000).unwrap();
    let stale = with_length(&lines(&sign::benji(&secret(), BENJI_BODY, hour_ago)), BENJI_BODY);
    let answer = send(server, "POST /benji", &stale, BENJI_BODY);
    assert_eq!((answer.status, answer.body.as_str()), (400, ""));

    let answer = send(server, "POST /bento", "content-length: 2\r\n", b"{}");
    assert_eq!((answer.status, answer.body.as_str()), (401, ""));
    assert!(answer.head.contains("www-authenticate: basic realm=\"webhook\""), "{}", answer.head);
}

#[test]
fn a_repeated_signature_header_is_refused() {
    let headers = lines(&sign::benji(&secret(), BENJI_BODY, now()));
    let repeated = with_length(&format!("{headers}X-Benji-Signature: 00\r\n"), BENJI_BODY);
    assert_eq!(send(start(), "POST /benji", &repeated, BENJI_BODY).status, 400);
}

#[test]
fn a_body_that_does_not_end_is_given_up() {
    let headers = lines(&sign::benji(&secret(), BENJI_BODY, now())) + "content-length: 5\r\n";
    let begun = Instant::now();
    assert_eq!(send(start(), "POST /benji", &headers, b"{").status, 408);
    assert!(begun.elapsed() >= BODY_TIME);
}

#[test]
fn a_large_body_is_refused_whether_announced_or_not() {
    let server = start();
    let body = vec![b' '; 1_001];
    let headers = lines(&sign::benji(&secret(), &body, now()));
    assert_eq!(send(server, "POST /benji", &with_length(&headers, &body), b"").status, 413);

    let mut chunked = format!("{:x}\r\n", body.len()).into_bytes();
    chunked.extend_from_slice(&body);
    chunked.extend_from_slice(b"\r\n0\r\n\r\n");
    assert_eq!(
        send(server, "POST /benji", &(headers + "transfer-encoding: chunked\r\n"), &chunked).status,
        413
    );
}

#[test]
fn the_handshake_is_answered_and_other_methods_are_named() {
    let server = start();
    let headers = lines(&sign::benti_handshake(&secret(), "a1b2c3"));
    let answer = send(server, "GET /benti", &headers, b"");
    assert_eq!((answer.status, answer.body.as_str()), (200, "a1b2c3"));
    assert!(answer.head.contains("x-inbenta-challenge: a1b2c3"), "{}", answer.head);

    let wrong = lines(&sign::benti_handshake(&Secret::new("guess").unwrap(), "a1b2c3"));
    assert_eq!(send(server, "GET /benti", &wrong, b"").status, 401);

    let answer = send(server, "PUT /benji", "content-length: 0\r\n", b"");
    assert_eq!(answer.status, 405);
    assert!(answer.head.contains("allow: post"), "{}", answer.head);
}

#[test]
fn a_subject_is_logged_escaped() {
    let body = br#"{"event":"reached","email":"\u001b]0;t\u0007\n\u009b31m\u202ea@example.com"}"#;
    let receiver = Receiver::bento(Credentials::Bearer { keys: Keys::new("secret").unwrap() }).unwrap();
    let request = hookseal::Request::post(&[("authorization", "Bearer secret")], body);
    let Ok(hookseal::Received::Delivery(delivery)) = receiver.receive(request, now()) else {
        panic!("the request is genuine")
    };
    let line = server::log_line(&delivery.get(0).unwrap());
    let subject = r#""subscriber/\u{1b}]0;t\u{7}\n\u{9b}31m\u{202e}a@example.com""#;
    assert!(line.starts_with(&format!("workflow.reached {subject} ")), "{line:?}");
}

#[test]
fn a_header_map_shows_repeated_fields() {
    let mut headers = axum::http::HeaderMap::new();
    assert!(matches!(headers.field("x-hook-signature"), hookseal::Field::Absent));
    headers.append("X-Hook-Signature", "a".parse().unwrap());
    assert!(
        matches!(headers.field("x-hook-signature"), hookseal::Field::Value(ref value) if **value == *b"a")
    );
    headers.append("X-Hook-Signature", "a".parse().unwrap());
    assert!(matches!(headers.field("x-hook-signature"), hookseal::Field::Repeated));
}
