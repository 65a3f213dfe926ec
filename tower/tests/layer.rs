//! The layer in axum and around other services.

mod requests;

use std::{
    convert::Infallible,
    future::Future,
    pin::pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed},
    },
    task::{Context, Waker},
    time::{Duration, UNIX_EPOCH},
};

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Method, Request, Response, StatusCode, header::RETRY_AFTER},
    middleware::{self, Next},
    routing::{any, get, post},
};
use bytes::Bytes;
use hookseal::{Keys, Receiver, ReplayPolicy, SetupError, bento::Credentials, sign};
use hookseal_tower::{Outcome, Verified, WebhookLayer};
use http_body::Frame;
use http_body_util::{BodyExt, Full, Limited};
use tower::{Layer, Service, ServiceBuilder, ServiceExt, service_fn};

use requests::{
    BODY, Frames, benji, benji_number, benti_handshake, benti_receiver, guard, receiver, request, secret,
    signed, text_of,
};

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
    let pieces = vec![Frame::data(Bytes::from(vec![b' '; 60])), Frame::data(Bytes::from(vec![b' '; 60]))];
    let endless = Body::new(Frames(pieces));
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

#[tokio::test]
async fn what_the_head_refuses_is_not_read() {
    let unread = Body::new(BodyExt::map_frame(Full::<Bytes>::from("{}"), |_| panic!("the body was read")));
    let forged = request(Method::POST, &sign::bento_bearer(&secret()), unread);
    let response = routes(WebhookLayer::new(receiver())).oneshot(forged).await.unwrap();
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_handshake_is_answered() {
    let response = routes(WebhookLayer::new(benti_receiver())).oneshot(benti_handshake()).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(text_of(response).await, "challenge-1");
}

#[tokio::test]
async fn a_route_without_the_layer_says_so() {
    let response = Router::new().route("/", any(on_benji)).oneshot(benji(BODY)).await.unwrap();
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert!(text_of(response).await.contains("add `.layer(WebhookLayer::new(receiver))`"));
}

#[tokio::test]
async fn a_body_that_a_layer_outside_has_read_is_a_mistake_and_no_forgery() {
    let refused = Arc::new(AtomicUsize::new(0));
    let told = Arc::clone(&refused);
    let layer = WebhookLayer::new(receiver()).on_rejection(move |_, _| {
        told.fetch_add(1, Relaxed);
    });
    let routes = routes(layer).layer(middleware::from_fn(async |request: Request<Body>, next: Next| {
        let (head, body) = request.into_parts();
        body.collect().await.unwrap();
        next.run(Request::from_parts(head, Body::empty())).await
    }));
    for (name, value) in [("content-length", BODY.len().to_string()), ("transfer-encoding", "chunked".into())]
    {
        let mut request = benji(BODY);
        request.headers_mut().insert(name, value.parse().unwrap());
        let response = routes.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR, "{name}");
        assert!(text_of(response).await.starts_with("the body was read before hookseal"));
    }
    assert_eq!(refused.load(Relaxed), 0);
    // A sender's empty body is a forgery, announced or in chunks.
    for (name, value, body) in [
        ("content-length", "0", Body::empty()),
        ("transfer-encoding", "chunked", Body::new(Frames(Vec::new()))),
    ] {
        let mut request = benji(body);
        request.headers_mut().insert(name, value.parse().unwrap());
        let response = self::routes(WebhookLayer::new(receiver())).oneshot(request).await.unwrap();
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "{name}");
    }
}

#[tokio::test]
async fn one_byte_pieces_and_trailers_are_read() {
    let mut frames: Vec<_> = BODY.iter().map(|byte| Frame::data(Bytes::copy_from_slice(&[*byte]))).collect();
    frames.insert(20, Frame::data(Bytes::new()));
    frames.push(Frame::trailers(HeaderMap::from_iter([("x-a".parse().unwrap(), "b".parse().unwrap())])));
    frames.reverse();
    let response =
        routes(WebhookLayer::new(receiver())).oneshot(benji(Body::new(Frames(frames)))).await.unwrap();
    assert_eq!(text_of(response).await, format!("transaction/7 {}", BODY.len()));
}

#[tokio::test]
async fn the_largest_body_is_read_and_one_byte_more_is_not() {
    let body = [BODY, b"  "].concat();
    for (limit, status) in [(body.len(), 200), (body.len() - 1, 413)] {
        let layer = WebhookLayer::new(receiver().max_body_bytes(limit).unwrap());
        for pieces in [1, 7, body.len()] {
            let frames =
                body.chunks(pieces).rev().map(|piece| Frame::data(Bytes::copy_from_slice(piece))).collect();
            let request = request(Method::POST, &signed(&body), Body::new(Frames(frames)));
            assert_eq!(routes(layer.clone()).oneshot(request).await.unwrap().status(), status);
        }
    }
}

#[tokio::test]
async fn several_receivers_share_a_router() {
    let on_benti = async |Verified(delivery): Verified| delivery.vendor().to_string();
    let hooks = Router::new()
        .route("/benji", any(on_benji).layer(WebhookLayer::new(receiver())))
        .route("/benti", post(on_benti).layer(WebhookLayer::new(benti_receiver())));
    let routes = Router::new().nest("/hooks", hooks).route("/health", get(async || "well"));
    let benti =
        || request(Method::POST, &sign::benti(&secret()), r#"{"id":1,"item":"reply","action":"add"}"#);
    for (path, mut request, status, text) in [
        ("/hooks/benji", benji(BODY), 200, "transaction/7 63"),
        ("/hooks/benji", benti(), 401, ""),
        ("/hooks/benti", benti(), 200, "benti"),
        // `post(…).layer(…)` also lets the layer answer a `GET`.
        ("/hooks/benti", benti_handshake(), 200, "challenge-1"),
        ("/hooks/other", benji(BODY), 404, ""),
        ("/health", Request::new(Body::empty()), 200, "well"),
    ] {
        *request.uri_mut() = path.parse().unwrap();
        let response = routes.clone().oneshot(request).await.unwrap();
        assert_eq!((response.status().as_u16(), text_of(response).await.as_str()), (status, text), "{path}");
    }
}

#[tokio::test]
async fn the_documented_forms_differ_in_what_they_check() {
    let layer = || WebhookLayer::new(benti_receiver());
    let handler = async |_: Verified| "handled";
    let forms = [
        // Which answers a handshake gets, and a stranger's request to an unknown path.
        ("any.layer", Router::new().route("/", any(handler).layer(layer())), 200, 404),
        ("post.layer", Router::new().route("/", post(handler).layer(layer())), 200, 404),
        ("post.route_layer", Router::new().route("/", post(handler).route_layer(layer())), 405, 404),
        ("router.route_layer", Router::new().route("/", post(handler)).route_layer(layer()), 200, 404),
        ("router.layer", Router::new().route("/", post(handler)).layer(layer()), 200, 401),
    ];
    for (form, routes, handshake, unknown) in forms {
        assert_eq!(routes.clone().oneshot(benti_handshake()).await.unwrap().status(), handshake, "{form}");
        let mut request = Request::post("/other").body(Body::empty()).unwrap();
        request.headers_mut().insert("content-length", "0".parse().unwrap());
        assert_eq!(routes.oneshot(request).await.unwrap().status(), unknown, "{form}");
    }
}

#[tokio::test]
async fn layers_that_change_the_types_of_bodies_stand_around_it_and_in_it() {
    // A layer whose service gets a body of another type, as `RequestBodyLimitLayer` of tower-http does.
    fn limits<S>(
        inner: S,
    ) -> impl Service<Request<Body>, Response = S::Response, Error = S::Error, Future = S::Future> + Clone
    where
        S: Service<Request<Limited<Body>>> + Clone,
    {
        tower::util::MapRequest::new(inner, |request: Request<Body>| {
            request.map(|body| Limited::new(body, 1_000_000))
        })
    }
    // And one that answers with a body of another type, as `CompressionLayer` does.
    let boxes =
        tower::util::MapResponseLayer::new(|response: Response<Body>| response.map(BodyExt::boxed_unsync));
    let layers = ServiceBuilder::new()
        .layer_fn(limits)
        .layer(WebhookLayer::new(receiver()))
        .layer(boxes)
        .layer(middleware::from_fn(async |request: Request<Body>, next: Next| next.run(request).await));
    let response = Router::new().route("/", any(on_benji).layer(layers)).oneshot(benji(BODY)).await.unwrap();
    assert_eq!(text_of(response).await, format!("transaction/7 {}", BODY.len()));
    // Without axum.
    let subject = service_fn(async |request: Request<hookseal_tower::Body>| {
        let Verified(delivery) = Verified::of(request.extensions()).unwrap();
        Ok::<_, Infallible>(Response::new(Full::<Bytes>::from(
            delivery.get(0).unwrap().subject().to_string(),
        )))
    });
    let request = benji("").map(|_| Full::<Bytes>::from(BODY));
    let response = WebhookLayer::new(receiver()).layer(subject).oneshot(request).await.unwrap();
    assert_eq!(text_of(response).await, "transaction/7");
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
        let mut handled =
            pin!(ServiceExt::<Request<Body>>::ready(&mut waiting).await.unwrap().call(benji_number(0)));
        assert!(handled.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        // Meanwhile another attempt has to wait.
        let response = waiting.clone().oneshot(benji_number(0)).await.unwrap();
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(response.headers()[RETRY_AFTER], "30");
    }
    let answers = service_fn(async |_: Request<Body>| Ok::<_, Infallible>(Response::new(Body::empty())));
    assert_eq!(layer.layer(answers).oneshot(benji_number(0)).await.unwrap().status(), StatusCode::OK);
}

#[tokio::test]
async fn the_service_that_was_ready_is_called() {
    /// Its clones are not ready.
    struct Ready(bool);
    impl Clone for Ready {
        fn clone(&self) -> Self {
            Self(false)
        }
    }
    impl Service<Request<Body>> for Ready {
        type Response = Response<Body>;
        type Error = Infallible;
        type Future = std::future::Ready<Result<Response<Body>, Infallible>>;

        fn poll_ready(&mut self, _: &mut Context<'_>) -> std::task::Poll<Result<(), Infallible>> {
            self.0 = true;
            std::task::Poll::Ready(Ok(()))
        }

        fn call(&mut self, _: Request<Body>) -> Self::Future {
            assert!(std::mem::take(&mut self.0), "it was not ready");
            std::future::ready(Ok(Response::new(Body::empty())))
        }
    }
    let mut service = WebhookLayer::new(receiver()).layer(Ready(false));
    for _ in 0..2 {
        let ready = ServiceExt::<Request<Body>>::ready(&mut service).await.unwrap();
        assert_eq!(ready.call(benji(BODY)).await.unwrap().status(), StatusCode::OK);
    }
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
async fn a_handler_that_panics_releases_its_claim() {
    let outcomes = Arc::new(Mutex::new(Vec::new()));
    let told = Arc::clone(&outcomes);
    let layer = WebhookLayer::new(receiver()).guard(guard()).unwrap().on_delivery(move |_, outcome| {
        told.lock().unwrap().push(outcome);
        // While the handler's panic is unwound.
        panic!("so does this");
    });
    for _ in 0..2 {
        let panics = layer.layer(service_fn(async |_: Request<Body>| {
            if true {
                panic!("the handler panics");
            }
            Ok::<_, Infallible>(Response::new(Body::empty()))
        }));
        tokio::spawn(panics.oneshot(benji_number(0))).await.unwrap_err();
    }
    let answers =
        layer.layer(service_fn(async |_: Request<Body>| Ok::<_, Infallible>(Response::new(Body::empty()))));
    assert_eq!(answers.oneshot(benji_number(0)).await.unwrap().status(), StatusCode::OK);
    assert_eq!(*outcomes.lock().unwrap(), [Outcome::Failed, Outcome::Failed, Outcome::Handled]);
}

#[tokio::test]
async fn a_claim_is_released_before_the_failure_is_told() {
    let layer = WebhookLayer::new(receiver()).guard(guard()).unwrap();
    let again = Arc::new(Mutex::new(None));
    let (told, same) = (Arc::clone(&again), layer.clone());
    let layer = layer.on_delivery(move |_, _| {
        let answers = same
            .layer(service_fn(async |_: Request<Body>| Ok::<_, Infallible>(Response::new(Body::empty()))));
        let mut response = pin!(answers.oneshot(benji_number(0)));
        let polled = response.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        *told.lock().unwrap() = Some(polled.map(|response| response.unwrap().status().as_u16()));
    });
    let fails = service_fn(async |_: Request<Body>| Err::<Response<Body>, _>("it failed"));
    layer.layer(fails).oneshot(benji_number(0)).await.unwrap_err();
    assert_eq!(*again.lock().unwrap(), Some(std::task::Poll::Ready(200)));
}

#[tokio::test]
async fn a_callback_that_panics_changes_no_answer() {
    let layer = WebhookLayer::new(receiver()).on_rejection(|_, _| panic!("it fails"));
    let routes = routes(layer.on_delivery(|_, _| panic!("it fails too")));
    assert_eq!(routes.clone().oneshot(benji("{}")).await.unwrap().status(), StatusCode::UNAUTHORIZED);
    assert_eq!(routes.oneshot(benji(BODY)).await.unwrap().status(), StatusCode::OK);
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
