//! The server on a free port of this machine, with senders that keep to HTTP and senders that do not.

use std::{
    io::{Read, Write},
    net::{Shutdown, SocketAddr, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU16, Ordering::Relaxed},
        mpsc,
    },
    thread,
    time::{Duration, SystemTime},
};

use actix_web::{
    App, HttpRequest, HttpResponse, HttpServer,
    http::StatusCode,
    rt::{System, time::sleep},
    web::{Data, Payload, ServiceConfig, resource},
};
use hookseal::{Keys, Receiver, ReplayGuard, Secret, Timestamp, sign};
use hookseal_actix::{Endpoints, routes, webhook::Webhook};

const BODY: &[u8] = br#"{"event":"transaction_created","entity_type":3,"entity_id":"7"}"#;
const LIMIT: usize = 1_000;

/// A guard with two places.
fn guard() -> ReplayGuard {
    ReplayGuard::new(2, 30, [7; 16]).unwrap()
}

fn benji() -> Receiver {
    Receiver::benji(Keys::new("salt").unwrap()).unwrap().max_body_bytes(LIMIT).unwrap()
}

fn secret() -> Secret {
    Secret::new("salt").unwrap()
}

fn now() -> Timestamp {
    SystemTime::now().into()
}

/// Starts a server with these routes.
fn start(configure: impl Fn(&mut ServiceConfig) + Clone + Send + 'static) -> SocketAddr {
    let (send, receive) = mpsc::channel();
    thread::spawn(move || {
        System::new().block_on(async {
            let server = HttpServer::new(move || App::new().configure(configure.clone())).workers(1);
            let server = server.bind("127.0.0.1:0").unwrap();
            send.send(server.addrs()[0]).unwrap();
            server.run().await.unwrap();
        });
    });
    receive.recv().unwrap()
}

/// Starts the example's own server.
fn start_example() -> SocketAddr {
    let benti = Receiver::benti(Keys::new("salt").unwrap()).unwrap();
    let endpoints =
        Data::new(Endpoints { benji: Webhook::new(benji(), guard()), benti: Webhook::new(benti, guard()) });
    start(move |config| {
        config.app_data(endpoints.clone()).configure(routes);
    })
}

/// A request without its body.
fn head(start: &str, signed: &sign::SignedHeaders, more: &str) -> Vec<u8> {
    let mut head = format!("{start} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n{more}");
    for (name, value) in signed {
        head += &format!("{name}: {}\r\n", std::str::from_utf8(value).unwrap());
    }
    (head + "\r\n").into_bytes()
}

fn with_length(start: &str, signed: &sign::SignedHeaders, body: &[u8]) -> Vec<u8> {
    [&head(start, signed, &format!("content-length: {}\r\n", body.len())), body].concat()
}

fn in_chunks(signed: &sign::SignedHeaders, body: &[u8], bytes: usize) -> Vec<u8> {
    let mut request = head("POST /benji", signed, "transfer-encoding: chunked\r\n");
    for chunk in body.chunks(bytes) {
        write!(request, "{:x}\r\n", chunk.len()).unwrap();
        request.extend_from_slice(chunk);
        request.extend_from_slice(b"\r\n");
    }
    request.extend_from_slice(b"0\r\n\r\n");
    request
}

/// A genuine request about another thing for each number.
fn genuine(number: usize) -> Vec<u8> {
    let body = format!(r#"{{"event":"transaction_created","entity_id":{number}}}"#);
    with_length("POST /benji", &sign::benji(&secret(), body.as_bytes(), now()), body.as_bytes())
}

struct Answer {
    status: u16,
    head: String,
    body: String,
}

fn connect(server: SocketAddr, request: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(server).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    stream.write_all(request).unwrap();
    stream
}

fn answer(mut stream: TcpStream) -> Answer {
    let mut answer = Vec::new();
    // What was not read of a refused body can reset the connection after the answer.
    let _ = stream.read_to_end(&mut answer);
    let answer = String::from_utf8(answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").expect("an answer");
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Answer { status, head: head.to_ascii_lowercase(), body: body.to_owned() }
}

fn send(server: SocketAddr, request: &[u8]) -> Answer {
    answer(connect(server, request))
}

#[test]
fn a_genuine_request_is_handled_once() {
    let server = start_example();
    let signed = sign::benji(&secret(), BODY, now());
    let first = send(server, &with_length("POST /benji", &signed, BODY));
    assert_eq!((first.status, first.body.as_str()), (204, ""));
    let repeated = send(server, &in_chunks(&signed, BODY, BODY.len()));
    assert_eq!((repeated.status, repeated.body.as_str()), (200, ""));
}

#[test]
fn chunks_are_read_whatever_their_size() {
    for bytes in [1, 20, BODY.len()] {
        let signed = sign::benji(&secret(), BODY, now());
        assert_eq!(send(start_example(), &in_chunks(&signed, BODY, bytes)).status, 204);
    }
}

#[test]
fn a_refusal_tells_a_stranger_nothing() {
    let server = start_example();
    let signed = sign::benji(&secret(), BODY, now());
    let by_stranger = sign::benji(&Secret::new("guess").unwrap(), BODY, now());
    let hour_ago = Timestamp::from_unix_millis(now().unix_millis() - 3_600_000).unwrap();
    let stale = sign::benji(&secret(), BODY, hour_ago);
    for (request, status) in [
        (with_length("POST /benji", &by_stranger, BODY), 401),
        (with_length("POST /benji", &signed, b"{}"), 401),
        (with_length("POST /benji", &signed, b""), 401),
        (with_length("POST /benji", &stale, BODY), 400),
        (with_length("PUT /benji", &signed, BODY), 405),
        (with_length("HEAD /benji", &signed, b""), 405),
        (with_length("POST /benti", &signed, BODY), 401),
        (with_length("POST /other", &signed, BODY), 404),
    ] {
        let answer = send(server, &request);
        assert_eq!(
            (answer.status, answer.body.as_str()),
            (status, ""),
            "{}",
            String::from_utf8_lossy(&request)
        );
        assert_eq!(answer.head.contains("\r\nallow: post"), status == 405, "{}", answer.head);
    }
}

#[test]
fn a_repeated_header_is_refused() {
    let signed = sign::benji(&secret(), BODY, now());
    let more = format!("X-Benji-Signature: 00\r\ncontent-length: {}\r\n", BODY.len());
    let request = [&head("POST /benji", &signed, &more), BODY].concat();
    assert_eq!(send(start_example(), &request).status, 400);
}

#[test]
fn a_body_above_the_limit_is_refused_whether_announced_or_not() {
    let server = start_example();
    let body = [BODY, &vec![b' '; LIMIT + 1 - BODY.len()]].concat();
    let signed = sign::benji(&secret(), &body, now());
    // Announced, and not sent.
    assert_eq!(send(server, &head("POST /benji", &signed, "content-length: 1001\r\n")).status, 413);
    for bytes in [1, 100, body.len()] {
        assert_eq!(send(server, &in_chunks(&signed, &body, bytes)).status, 413);
    }
    let largest = &body[..LIMIT];
    let signed = sign::benji(&secret(), largest, now());
    assert_eq!(send(server, &in_chunks(&signed, largest, 100)).status, 204);
}

#[test]
fn a_body_without_end_is_refused_at_the_limit() {
    let request = head("POST /benji", &sign::benji(&secret(), BODY, now()), "transfer-encoding: chunked\r\n");
    let mut stream = connect(start_example(), &request);
    let mut writer = stream.try_clone().unwrap();
    let chunk = format!("64\r\n{}\r\n", " ".repeat(0x64)).into_bytes();
    thread::spawn(move || while writer.write_all(&chunk).is_ok() {});
    let mut start = [0; 13];
    stream.read_exact(&mut start).unwrap();
    assert_eq!(start, *b"HTTP/1.1 413 ");
    stream.shutdown(Shutdown::Both).unwrap();
}

#[test]
fn who_expects_100_continue_is_answered() {
    let signed = sign::benji(&secret(), BODY, now());
    let more = format!("expect: 100-continue\r\ncontent-length: {}\r\n", BODY.len());
    let mut stream = connect(start_example(), &head("POST /benji", &signed, &more));
    let mut asked = [0; 25];
    stream.read_exact(&mut asked).unwrap();
    assert_eq!(asked, *b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(BODY).unwrap();
    assert_eq!(answer(stream).status, 204);
}

#[test]
fn a_sender_that_ends_too_soon_has_sent_nothing() {
    let server = start_example();
    let signed = sign::benji(&secret(), BODY, now());
    let more = format!("content-length: {}\r\n", BODY.len());
    let mut stream = connect(server, &[&head("POST /benji", &signed, &more), &BODY[..20]].concat());
    stream.shutdown(Shutdown::Write).unwrap();
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer);
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 400 "), "{answer}");
    assert_eq!(send(server, &with_length("POST /benji", &signed, BODY)).status, 204);
}

#[test]
fn the_handshake_is_answered() {
    let server = start_example();
    let handshake = |secret: &Secret| head("GET /benti", &sign::benti_handshake(secret, "a1b2c3"), "");
    let answer = send(server, &handshake(&secret()));
    assert_eq!((answer.status, answer.body.as_str()), (200, "a1b2c3"));
    assert!(answer.head.contains("x-inbenta-challenge: a1b2c3"), "{}", answer.head);
    assert_eq!(send(server, &handshake(&Secret::new("guess").unwrap())).status, 401);
}

#[test]
fn a_handler_that_fails_can_try_again_and_a_full_guard_says_when() {
    let (webhook, next) = (Data::new(Webhook::new(benji(), guard())), Arc::new(AtomicU16::new(400)));
    let status = Arc::clone(&next);
    let server = start(move |config| {
        let (webhook, status) = (webhook.clone(), Arc::clone(&status));
        let handler = move |request: HttpRequest, payload: Payload| {
            let (webhook, status) = (webhook.clone(), Arc::clone(&status));
            async move {
                let answer = async |_: &_| {
                    let status = status.swap(201, Relaxed);
                    assert!(status != 0, "the handler panics");
                    HttpResponse::build(StatusCode::from_u16(status).unwrap()).finish()
                };
                webhook.handle(&request, payload, answer).await
            }
        };
        config.service(resource("/benji").to(handler));
    });
    let (one, two) = (genuine(1), genuine(2));
    for status in [400, 201, 200] {
        assert_eq!(send(server, &one).status, status);
    }
    // A panic ends the connection without an answer.
    next.store(0, Relaxed);
    let mut ended = String::new();
    let _ = connect(server, &two).read_to_string(&mut ended);
    assert_eq!(ended, "");
    assert_eq!(send(server, &two).status, 201);
    let full = send(server, &genuine(3));
    assert!(full.status == 503 && full.head.contains("\r\nretry-after: 5"), "{}", full.head);
}

/// actix lets a handler end though its sender has left.
#[test]
fn a_sender_that_leaves_while_its_request_is_handled_loses_nothing() {
    let webhook = Data::new(Webhook::new(benji(), guard()));
    let (waits, (begun, begins)) = (Arc::new(AtomicBool::new(true)), mpsc::channel());
    let waiting = Arc::clone(&waits);
    let server = start(move |config| {
        let (webhook, waiting, begun) = (webhook.clone(), Arc::clone(&waiting), begun.clone());
        let handler = move |request: HttpRequest, payload: Payload| {
            let (webhook, waiting, begun) = (webhook.clone(), Arc::clone(&waiting), begun.clone());
            async move {
                let answer = async |_: &_| {
                    begun.send(()).unwrap();
                    while waiting.load(Relaxed) {
                        sleep(Duration::from_millis(5)).await;
                    }
                    HttpResponse::Created().finish()
                };
                webhook.handle(&request, payload, answer).await
            }
        };
        config.service(resource("/benji").to(handler));
    });
    let request = genuine(1);
    let left = connect(server, &request);
    begins.recv().unwrap();
    let in_progress = send(server, &request);
    let retry_after = in_progress.head.contains("\r\nretry-after: 30");
    assert!(in_progress.status == 503 && retry_after, "{}", in_progress.head);
    drop(left);
    waits.store(false, Relaxed);
    let end = (0..1_000).map(|_| {
        thread::sleep(Duration::from_millis(5));
        send(server, &request).status
    });
    assert_eq!(end.into_iter().find(|status| *status != 503), Some(200));
    assert!(begins.try_recv().is_err(), "it was handled twice");
}
