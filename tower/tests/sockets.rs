//! The layer in axum over a real socket, with senders that keep to HTTP and senders that do not.

#[expect(dead_code, reason = "it has more than this file needs")]
mod requests;
mod waiting;

use std::net::SocketAddr;

use axum::{Router, body::Bytes, routing::any};
use hookseal_tower::{Outcome, Verified, WebhookLayer};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::timeout,
};

use requests::{BODY, receiver, signed};
use waiting::{LONGEST, Waiting};

async fn serve(routes: Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, routes).await });
    address
}

/// A handler that answers with the subject of the first event.
fn subjects() -> Router {
    let subject = async |Verified(delivery): Verified, body: Bytes| {
        assert_eq!(body, delivery.body());
        delivery.get(0).unwrap().subject().to_string()
    };
    Router::new().route("/", any(subject).layer(WebhookLayer::new(receiver())))
}

/// The head of a genuine request.
fn head(method: &str, more: &str) -> String {
    let mut head = format!("{method} / HTTP/1.1\r\nhost: a\r\n{more}");
    for (name, value) in &signed(BODY) {
        head += &format!("{name}: {}\r\n", std::str::from_utf8(value).unwrap());
    }
    head + "\r\n"
}

async fn connect(address: SocketAddr, request: impl AsRef<[u8]>) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    stream.write_all(request.as_ref()).await.unwrap();
    stream
}

/// The answer to its end. A connection that is reset ends it too.
async fn answer(mut stream: TcpStream) -> String {
    let mut answer = Vec::new();
    let _ = timeout(LONGEST, stream.read_to_end(&mut answer)).await.expect("an answer, or the end");
    String::from_utf8(answer).unwrap()
}

async fn send(address: SocketAddr, request: impl AsRef<[u8]>) -> String {
    answer(connect(address, request).await).await
}

fn chunked(pieces: usize, end: &str) -> Vec<u8> {
    let mut body = Vec::new();
    for piece in BODY.chunks(pieces) {
        body.extend_from_slice(format!("{:x}\r\n", piece.len()).as_bytes());
        body.extend_from_slice(piece);
        body.extend_from_slice(b"\r\n");
    }
    [&body, end.as_bytes()].concat()
}

const CLOSE: &str = "connection: close\r\n";

#[tokio::test]
async fn a_length_that_lies_is_no_delivery() {
    let address = serve(subjects()).await;
    let announced = |length| head("POST", &format!("{CLOSE}content-length: {length}\r\n")).into_bytes();
    let genuine = send(address, [&announced(BODY.len()), BODY].concat()).await;
    assert!(genuine.starts_with("HTTP/1.1 200 ") && genuine.ends_with("transaction/7"), "{genuine}");
    // What follows a body that is longer than announced is no part of it.
    let longer = send(address, [&announced(BODY.len() - 1), BODY].concat()).await;
    assert!(longer.starts_with("HTTP/1.1 401 "), "{longer}");
    // The sender ends before the announced length.
    let mut stream = connect(address, [&announced(BODY.len() + 1), BODY].concat()).await;
    stream.shutdown().await.unwrap();
    let shorter = answer(stream).await;
    assert!(shorter.is_empty() || shorter.starts_with("HTTP/1.1 400 "), "{shorter}");
    // And one that announces too much is refused before it sends anything.
    let large = send(address, announced(10_000_000)).await;
    assert!(large.starts_with("HTTP/1.1 413 "), "{large}");
}

#[tokio::test]
async fn chunks_are_read_whatever_their_size_and_trailers_are_passed_over() {
    let address = serve(subjects()).await;
    let head = head("POST", &format!("{CLOSE}transfer-encoding: chunked\r\ntrailer: x-benji-signature\r\n"));
    for pieces in [1, 20, BODY.len()] {
        for end in ["0\r\n\r\n", "0\r\nx-benji-signature: 00\r\n\r\n"] {
            let genuine = send(address, [head.as_bytes(), &chunked(pieces, end)].concat()).await;
            assert!(genuine.starts_with("HTTP/1.1 200 "), "{pieces} {end:?}: {genuine}");
        }
        // It ends in the middle.
        let mut stream = connect(address, [head.as_bytes(), &chunked(pieces, "")].concat()).await;
        stream.shutdown().await.unwrap();
        let broken = answer(stream).await;
        assert!(broken.is_empty() || broken.starts_with("HTTP/1.1 400 "), "{broken}");
    }
    let broken = send(address, [head.as_bytes(), b"zz\r\n"].concat()).await;
    assert!(broken.starts_with("HTTP/1.1 400 "), "{broken}");
}

#[tokio::test]
async fn a_body_without_end_is_refused_at_the_limit() {
    let address = serve(subjects()).await;
    let head = head("POST", &format!("{CLOSE}transfer-encoding: chunked\r\n"));
    let (mut reader, mut writer) = connect(address, head).await.into_split();
    let chunk = format!("4000\r\n{}\r\n", " ".repeat(0x4000)).into_bytes();
    let sending = tokio::spawn(async move { while writer.write_all(&chunk).await.is_ok() {} });
    let mut start = [0; 13];
    timeout(LONGEST, reader.read_exact(&mut start)).await.unwrap().unwrap();
    assert_eq!(start, *b"HTTP/1.1 413 ");
    // The server ends the connection.
    drop(reader);
    timeout(LONGEST, sending).await.unwrap().unwrap();
}

#[tokio::test]
async fn who_expects_100_continue_is_asked_for_the_body_only_if_the_head_is_right() {
    let address = serve(subjects()).await;
    let expects = format!("{CLOSE}expect: 100-continue\r\ncontent-length: {}\r\n", BODY.len());
    let mut stream = connect(address, head("POST", &expects)).await;
    let mut asked = [0; 25];
    timeout(LONGEST, stream.read_exact(&mut asked)).await.unwrap().unwrap();
    assert_eq!(asked, *b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(BODY).await.unwrap();
    assert!(answer(stream).await.starts_with("HTTP/1.1 200 "));
    let unsigned = send(address, format!("POST / HTTP/1.1\r\nhost: a\r\n{expects}\r\n")).await;
    assert!(unsigned.starts_with("HTTP/1.1 401 "), "{unsigned}");
}

#[tokio::test]
async fn other_methods_are_named_the_right_one() {
    let address = serve(subjects()).await;
    for method in ["GET", "HEAD", "PUT", "OPTIONS", "BREW"] {
        let refused = send(address, head(method, &format!("{CLOSE}content-length: 0\r\n"))).await;
        assert!(refused.starts_with("HTTP/1.1 405 ") && refused.contains("\r\nallow: POST\r\n"), "{refused}");
    }
}

#[tokio::test]
async fn a_sender_that_leaves_while_its_request_is_handled_loses_nothing() {
    let mut waiting = Waiting::new();
    let address = serve(waiting.routes.clone()).await;
    let head = head("POST", &format!("{CLOSE}content-length: {}\r\n", BODY.len()));
    let request = [head.as_bytes(), BODY].concat();
    let left = connect(address, &request).await;
    waiting.begun().await;
    let waits = send(address, &request).await;
    assert!(waits.starts_with("HTTP/1.1 503 ") && waits.contains("\r\nretry-after: 30\r\n"), "{waits}");
    assert_eq!(waiting.outcome().await, Outcome::InProgress);
    drop(left);
    assert_eq!(waiting.outcome().await, Outcome::Failed);
    waiting.end();
    for (status, outcome) in [("201", Outcome::Handled), ("200", Outcome::Duplicate)] {
        let handled = send(address, &request).await;
        assert!(handled.starts_with(&format!("HTTP/1.1 {status} ")), "{handled}");
        assert_eq!(waiting.outcome().await, outcome);
    }
}
