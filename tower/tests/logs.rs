//! What goes to the crate `tracing`.

#[expect(dead_code, reason = "it has more than this file needs")]
mod requests;

use std::{
    io::{self, Write},
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context, Poll},
};

use axum::{Router, body::Body, http::Request, routing::any};
use bytes::Bytes;
use hookseal::{Key, Keys, Receiver, Timestamp};
use hookseal_tower::{PutOutcome, Verified, WebhookInbox, WebhookLayer};
use tower::ServiceExt;

use requests::{BODY, benji, receiver};

/// The lines of a log.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What is logged while these routes answer a request.
async fn logged(routes: Router, request: Request<Body>) -> String {
    let lines = Lines::default();
    let written = lines.clone();
    let subscriber =
        tracing_subscriber::fmt().with_writer(move || lines.clone()).without_time().with_ansi(false).finish();
    let _logging = tracing::subscriber::set_default(subscriber);
    routes.oneshot(request).await.unwrap();
    let written = written.0.lock().unwrap().clone();
    String::from_utf8(written).unwrap()
}

fn handler(layer: WebhookLayer) -> Router {
    Router::new().route("/", any(async |_: Verified| ()).layer(layer))
}

#[tokio::test]
async fn a_refusal_has_the_documented_fields() {
    // Too large, which shows only while it is read: it is refused as any other request.
    let layer = WebhookLayer::new(receiver().max_body_bytes(10).unwrap().source("/hooks/benji").unwrap());
    let lines = logged(handler(layer), benji(BODY)).await;
    let documentation = include_str!("../src/lib.rs").replace("\n//! ", " ");
    assert!(documentation.contains(&format!("```text {} ```", lines.trim())), "{lines}");
    let line = logged(handler(WebhookLayer::new(receiver())), benji("{}")).await;
    let fields = r#" code="signature_mismatch" vendor="benji" source="urn:hookseal:benji" status=401"#;
    assert!(line.contains(fields), "{line}");
}

#[tokio::test]
async fn a_key_that_fits_when_it_is_not_valid_is_told_to_the_log_alone() {
    let key = Key::new("salt").unwrap().with_not_after(Timestamp::UNIX_EPOCH);
    let layer = WebhookLayer::new(Receiver::benji(Keys::ring([key]).unwrap()).unwrap());
    let line = logged(handler(layer.clone()), benji(BODY)).await;
    assert!(line.contains("hint=\"a key fits, but is not valid now: ") && line.contains("WARN"), "{line}");
    let response = handler(layer).oneshot(benji(BODY)).await.unwrap();
    assert_eq!((response.status().as_u16(), response.headers().len()), (401, 1));
    assert_eq!(response.headers()["content-length"], "0");
}

#[tokio::test]
async fn what_is_not_stored_is_a_warning_without_the_reason() {
    let inbox = |put: Result<PutOutcome, &'static str>| {
        let inbox = WebhookInbox::new(receiver(), move |_| async move { put });
        logged(Router::new().route_service("/", inbox), benji(BODY))
    };
    for (put, outcome) in [(Ok(PutOutcome::Full), "full"), (Err("Key (body)=(secret)"), "unavailable")] {
        let fields = format!(r#"outcome="{outcome}" vendor="benji" source="urn:hookseal:benji" status=503"#);
        let line = inbox(put).await;
        assert!(line.contains(&fields) && !line.contains("secret") && line.contains("WARN"), "{line}");
    }
    assert_eq!(inbox(Ok(PutOutcome::Stored)).await, "");
}

#[tokio::test]
async fn a_mistake_of_the_program_is_an_error() {
    let route = Router::new().route("/", any(async |_: Verified| ()));
    let line = logged(route, benji(BODY)).await;
    assert!(line.contains("ERROR") && line.contains("the route has no WebhookLayer"), "{line}");
    let layer = WebhookLayer::new(receiver()).on_rejection(|_, _| panic!("it fails"));
    let lines = logged(handler(layer), benji("{}")).await;
    assert!(lines.contains("ERROR") && lines.contains("on_rejection panicked"), "{lines}");
}

#[tokio::test]
async fn a_sender_that_leaves_is_no_warning() {
    /// Ends in the middle.
    struct Broken;
    impl http_body::Body for Broken {
        type Data = Bytes;
        type Error = io::Error;

        fn poll_frame(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<http_body::Frame<Bytes>, io::Error>>> {
            Poll::Ready(Some(Err(io::ErrorKind::UnexpectedEof.into())))
        }
    }
    let layer = WebhookLayer::new(receiver()).on_rejection(|_, _| panic!("it is no refusal"));
    assert_eq!(logged(handler(layer.clone()), benji(Body::new(Broken))).await, "");
    let response = handler(layer).oneshot(benji(Body::new(Broken))).await.unwrap();
    assert_eq!(response.status(), 400);
}
