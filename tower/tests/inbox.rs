//! The service that stores deliveries.

#[expect(dead_code, reason = "it has more than this file needs")]
mod requests;

use std::{
    convert::Infallible,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::Body,
    http::{Method, Request, header::RETRY_AFTER},
};
use bytes::Bytes;
use hookseal::Delivery;
use hookseal_tower::{Outcome, PutOutcome, WebhookInbox};
use tower::{Service, ServiceExt};

use requests::{BODY, benji, benji_number, benti_handshake, benti_receiver, receiver, text_of};

#[tokio::test]
async fn each_outcome_has_its_answer_and_is_told() {
    let puts = Mutex::new(vec![
        Err("away"),
        Ok(PutOutcome::Full),
        Ok(PutOutcome::Duplicate),
        Ok(PutOutcome::Stored),
    ]);
    let outcomes = Arc::new(Mutex::new(Vec::new()));
    let told = Arc::clone(&outcomes);
    let inbox = WebhookInbox::new(receiver(), move |delivery: Arc<Delivery<Bytes>>| {
        assert_eq!(delivery.body(), BODY);
        let put = puts.lock().unwrap().pop().unwrap();
        async move { put }
    })
    .on_delivery(move |delivery, outcome| told.lock().unwrap().push((delivery.len(), outcome)));
    let routes = Router::new().route_service("/", inbox);
    for (status, retry_after) in [(202, None), (200, None), (503, Some("5")), (503, Some("5"))] {
        let response = routes.clone().oneshot(benji(BODY)).await.unwrap();
        assert_eq!(response.status(), status);
        assert_eq!(response.headers().get(RETRY_AFTER).map(|value| value.to_str().unwrap()), retry_after);
        assert_eq!(text_of(response).await, "");
    }
    let expected = [Outcome::Stored, Outcome::Duplicate, Outcome::Full, Outcome::Unavailable];
    assert_eq!(*outcomes.lock().unwrap(), expected.map(|outcome| (1, outcome)));
}

#[tokio::test]
async fn only_what_was_checked_is_stored() {
    let codes = Arc::new(Mutex::new(Vec::new()));
    let told = Arc::clone(&codes);
    let never = |receiver| {
        let told = Arc::clone(&told);
        WebhookInbox::new(receiver, |_| async { panic!("it was stored") as Result<_, Infallible> })
            .on_rejection(move |rejection, _| told.lock().unwrap().push(rejection.code()))
            .on_delivery(|_, _| panic!("there is no delivery"))
    };
    let status = async |request: Request<Body>| never(receiver()).oneshot(request).await.unwrap().status();
    assert_eq!(status(benji("{}")).await, 401);
    assert_eq!(status(benji(vec![b' '; 2_000_000])).await, 413);
    let mut put = benji(BODY);
    *put.method_mut() = Method::PUT;
    assert_eq!(status(put).await, 405);
    assert_eq!(*codes.lock().unwrap(), ["signature_mismatch", "payload_too_large", "method_not_allowed"]);
    let response = never(benti_receiver()).oneshot(benti_handshake()).await.unwrap();
    assert_eq!(text_of(response).await, "challenge-1");
}

#[tokio::test]
async fn a_request_that_is_cancelled_or_panics_is_told_as_unavailable() {
    let outcomes = Arc::new(Mutex::new(Vec::new()));
    let told = Arc::clone(&outcomes);
    let inbox = WebhookInbox::new(receiver(), |delivery: Arc<Delivery<Bytes>>| async move {
        assert_eq!(delivery.body(), BODY, "it panics");
        std::future::pending::<Result<PutOutcome, Infallible>>().await
    })
    .on_delivery(move |_, outcome| told.lock().unwrap().push(outcome));
    let cancelled = tokio::time::timeout(std::time::Duration::ZERO, inbox.clone().call(benji(BODY))).await;
    assert!(cancelled.is_err());
    assert!(tokio::spawn(inbox.oneshot(benji_number(0))).await.is_err());
    assert_eq!(*outcomes.lock().unwrap(), [Outcome::Unavailable; 2]);
}

#[test]
fn debug_shows_no_secret() {
    let inbox = WebhookInbox::new(receiver(), |_| async { Ok::<_, Infallible>(PutOutcome::Stored) });
    let shown = format!("{inbox:?}");
    assert!(shown.contains("Benji") && !shown.contains("salt"), "{shown}");
}
