//! The layer in axum and around other services, and over a real socket.

use std::{
    convert::Infallible,
    future::Future,
    pin::pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed},
    },
    task::{Context, Waker},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use axum::{
    Router,
    body::Body,
    http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode, header::RETRY_AFTER},
    routing::any,
};
use bytes::Bytes;
use hookseal::{
    Keys, Receiver, ReplayGuard, ReplayPolicy, Secret, SetupError, Timestamp, bento::Credentials, sign,
};
use hookseal_tower::{Outcome, Verified, WebhookLayer};
use http_body_util::BodyExt;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tower::{Layer, Service, ServiceExt, service_fn};

const BODY: &[u8] = br#"{"event":"transaction_created","entity_type":3,"entity_id":"7"}"#;

fn receiver() -> Receiver {
    Receiver::benji(Keys::new("salt").unwrap()).unwrap()
}

fn secret() -> Secret {
    Secret::new("salt").unwrap()
}

fn guard() -> ReplayGuard {
    ReplayGuard::new(2, 30, [7; 16]).unwrap()
}

fn request(method: Method, signed: &sign::SignedHeaders, body: impl Into<Body>) -> Request<Body> {
    let mut request = Request::new(body.into());
    *request.method_mut() = method;
    for (name, value) in signed {
        let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
        request.headers_mut().append(name, HeaderValue::from_bytes(value).unwrap());
    }
    request
}

/// A genuine request, with any body.
fn benji(body: impl Into<Body>) -> Request<Body> {
    let now = Timestamp::from(SystemTime::now());
    request(Method::POST, &sign::benji(&secret(), BODY, now), body)
}

/// A genuine request about another thing for each number.
fn benji_number(number: usize) -> Request<Body> {
    let body = format!(r#"{{"event":"transaction_created","entity_id":{number}}}"#);
    let signed = sign::benji(&secret(), body.as_bytes(), Timestamp::from(SystemTime::now()));
    request(Method::POST, &signed, body)
}

async fn text_of(response: Response<Body>) -> String {
    String::from_utf8(response.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap()
}

/// Answers with what it read: the subject of the first event, and the length of the body.
async fn on_benji(Verified(delivery): Verified, body: Bytes) -> String {
    format!("{} {}", delivery.get(0).unwrap().subject(), body.len())
}

fn routes(layer: WebhookLayer) -> Router {
    Router::new().route("/", any(on_benji)).layer(layer)
}

#[tokio::test]
async fn a_genuine_request_reaches_the_handler_with_its_body() {
    let response = routes(WebhookLayer::new(receiver())).oneshot(benji(BODY)).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(text_of(response).await, format!("transaction/7 {}", BODY.len()));
}

#[tokio::test]
async fn a_delivery_goes_to_another_task() {
    async fn spawns(Verified(delivery): Verified) -> String {
        tokio::spawn(async move { delivery.get(0).unwrap().kind().to_string() }).await.unwrap()
    }
    let routes = Router::new().route("/", any(spawns)).layer(WebhookLayer::new(receiver()));
    assert_eq!(text_of(routes.oneshot(benji(BODY)).await.unwrap()).await, "transaction.created");
}

#[tokio::test]
async fn a_refusal_has_the_status_and_an_empty_body_and_is_told() {
    let refused = Arc::new(Mutex::new(Vec::new()));
    let told = Arc::clone(&refused);
    let layer =
        WebhookLayer::new(receiver().max_body_bytes(100).unwrap()).on_rejection(move |rejection, head| {
            told.lock().unwrap().push((rejection.code(), head.method.clone()));
        });
    // The layer reads a body of unknown length too.
    let pieces = vec![Ok::<_, Infallible>(Bytes::from(vec![b' '; 60])), Ok(Bytes::from(vec![b' '; 60]))];
    let endless = Body::from_stream(Pieces(pieces));
    for (request, status, allow) in [
        (benji("{}"), 401, None),
        (benji(vec![b' '; 101]), 413, None),
        (benji(endless), 413, None),
        (request(Method::GET, &sign::benti(&secret()), ""), 405, Some("POST")),
        (request(Method::POST, &sign::benti(&secret()), ""), 401, None),
    ] {
        let response = routes(layer.clone()).oneshot(request).await.unwrap();
        assert_eq!(response.status(), status);
        assert_eq!(response.headers().get("allow").map(|allow| allow.to_str().unwrap()), allow);
        assert_eq!(text_of(response).await, "");
    }
    let codes = [
        ("signature_mismatch", Method::POST),
        ("payload_too_large", Method::POST),
        ("payload_too_large", Method::POST),
        ("method_not_allowed", Method::GET),
        ("missing_signature", Method::POST),
    ];
    assert_eq!(*refused.lock().unwrap(), codes);
}

/// A stream of pieces, without a length.
struct Pieces(Vec<Result<Bytes, Infallible>>);

impl futures_core::Stream for Pieces {
    type Item = Result<Bytes, Infallible>;

    fn poll_next(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        std::task::Poll::Ready(self.0.pop())
    }
}

#[tokio::test]
async fn what_the_head_refuses_is_not_read() {
    /// Fails the test if anybody reads it.
    struct Unread;
    impl futures_core::Stream for Unread {
        type Item = Result<Bytes, Infallible>;

        fn poll_next(
            self: std::pin::Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> std::task::Poll<Option<Self::Item>> {
            panic!("the body was read")
        }
    }
    let forged = request(Method::POST, &sign::bento_bearer(&secret()), Body::from_stream(Unread));
    let response = routes(WebhookLayer::new(receiver())).oneshot(forged).await.unwrap();
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_handshake_is_answered() {
    let layer = WebhookLayer::new(Receiver::benti(Keys::new("salt").unwrap()).unwrap());
    let request = request(Method::GET, &sign::benti_handshake(&secret(), "challenge-1"), "");
    let response = routes(layer).oneshot(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(text_of(response).await, "challenge-1");
}

#[tokio::test]
async fn a_route_without_the_layer_says_so() {
    let response = Router::new().route("/", any(on_benji)).oneshot(benji(BODY)).await.unwrap();
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(text_of(response).await, "");
}

#[tokio::test]
async fn a_guard_recognizes_a_repetition() {
    static FAILS: AtomicUsize = AtomicUsize::new(1);
    async fn fails_once(_: Verified) -> StatusCode {
        let fails = FAILS.swap(0, Relaxed);
        if fails == 0 { StatusCode::CREATED } else { StatusCode::BAD_REQUEST }
    }
    let outcomes = Arc::new(Mutex::new(Vec::new()));
    let told = Arc::clone(&outcomes);
    let layer = WebhookLayer::new(receiver()).guard(guard()).unwrap();
    let layer = layer.on_delivery(move |_, outcome| told.lock().unwrap().push(outcome));
    // Routes with the same layer share its guard.
    let routes = Router::new().route("/", any(fails_once)).layer(layer);
    for status in [400, 201, 200, 200] {
        let response = routes.clone().oneshot(benji_number(0)).await.unwrap();
        assert_eq!(response.status(), status);
    }
    for (number, status) in [(1, 201), (2, 503)] {
        let response = routes.clone().oneshot(benji_number(number)).await.unwrap();
        assert_eq!(response.status(), status);
        let retry_after = response.headers().get(RETRY_AFTER).map(|value| value.to_str().unwrap());
        assert_eq!(retry_after, (status == 503).then_some("5"));
    }
    use Outcome::{Duplicate, Failed, Full, Handled};
    assert_eq!(*outcomes.lock().unwrap(), [Failed, Handled, Duplicate, Duplicate, Handled, Full]);
}

#[tokio::test]
async fn a_request_that_is_cancelled_releases_its_claim() {
    let layer = WebhookLayer::new(receiver()).guard(guard()).unwrap();
    let waits = service_fn(|_: Request<Body>| std::future::pending::<Result<Response<Body>, Infallible>>());
    let mut waiting = layer.layer(waits);
    {
        let mut handled = pin!(waiting.ready().await.unwrap().call(benji_number(0)));
        assert!(handled.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        // Meanwhile another attempt has to wait.
        let response = waiting.clone().oneshot(benji_number(0)).await.unwrap();
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(response.headers()[RETRY_AFTER], "30");
    }
    let answers = service_fn(async |_| Ok::<_, Infallible>(Response::new(Body::empty())));
    assert_eq!(layer.layer(answers).oneshot(benji_number(0)).await.unwrap().status(), StatusCode::OK);
}

#[tokio::test]
async fn a_service_that_fails_releases_its_claim() {
    let layer = WebhookLayer::new(receiver()).guard(guard()).unwrap();
    let fails = service_fn(async |_: Request<Body>| Err::<Response<Body>, _>("it failed"));
    for _ in 0..2 {
        assert_eq!(layer.layer(fails).oneshot(benji_number(0)).await.unwrap_err(), "it failed");
    }
}

#[tokio::test]
async fn a_claim_ends_with_the_layers_clock() {
    static NOW: AtomicU64 = AtomicU64::new(1_772_600_767);
    let clock = || UNIX_EPOCH + Duration::from_secs(NOW.load(Relaxed));
    let layer = WebhookLayer::new(receiver()).guard(guard()).unwrap().clock(clock);
    let signed = sign::benji(&secret(), BODY, clock().into());
    let status =
        async || routes(layer.clone()).oneshot(request(Method::POST, &signed, BODY)).await.unwrap().status();
    assert_eq!(status().await, StatusCode::OK);
    NOW.fetch_add(300, Relaxed);
    assert_eq!(
        text_of(routes(layer.clone()).oneshot(request(Method::POST, &signed, BODY)).await.unwrap()).await,
        ""
    );
    NOW.fetch_add(1, Relaxed);
    assert_eq!(status().await, StatusCode::BAD_REQUEST);
}

#[test]
fn a_receiver_without_keys_takes_no_guard() {
    let error = WebhookLayer::new(receiver().replay_policy(ReplayPolicy::None)).guard(guard()).unwrap_err();
    assert_eq!(error, SetupError::NoReplayKeys);
}

#[test]
fn debug_shows_no_secret() {
    let bento = Receiver::bento(Credentials::Bearer { keys: Keys::new("s3cret-token").unwrap() }).unwrap();
    let layer = WebhookLayer::new(bento).guard(guard()).unwrap();
    let shown = format!("{layer:?} {:?}", layer.layer(()));
    assert!(shown.contains("Bento") && !shown.contains("s3cret"), "{shown}");
}

#[tokio::test]
async fn over_a_socket() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, routes(WebhookLayer::new(receiver()))).await.unwrap() });
    let send = async |body: &[u8], length: usize| {
        let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
        let mut head =
            format!("POST / HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: {length}\r\n");
        for (name, value) in &sign::benji(&secret(), BODY, Timestamp::from(SystemTime::now())) {
            head += &format!("{name}: {}\r\n", std::str::from_utf8(value).unwrap());
        }
        stream.write_all(format!("{head}\r\n").as_bytes()).await.unwrap();
        stream.write_all(body).await.unwrap();
        stream.shutdown().await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    };
    let genuine = send(BODY, BODY.len()).await;
    assert!(genuine.starts_with("HTTP/1.1 200 ") && genuine.contains("transaction/7"), "{genuine}");
    assert!(send(b"{}", 2).await.starts_with("HTTP/1.1 401 "));
    // The sender leaves too soon.
    let broken = send(BODY, BODY.len() + 1).await;
    assert!(broken.is_empty() || broken.starts_with("HTTP/1.1 400 "), "{broken}");
}
