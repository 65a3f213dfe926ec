//! Checks a request of actix-web, and handles its delivery once.

use std::{
    borrow::Cow,
    sync::{Mutex, MutexGuard, PoisonError},
    time::SystemTime,
};

use actix_web::{
    HttpRequest, HttpResponse, HttpResponseBuilder,
    http::{
        StatusCode,
        header::{HeaderMap, RETRY_AFTER},
    },
    web::Payload,
};
use futures_util::StreamExt;
use hookseal::{
    Claim, ClaimOutcome, Delivery, Field, Handshake, Headers, Received, Receiver, Rejection, ReplayGuard,
    Request, Timestamp,
};

/// A receiver, with a guard that recognizes repetitions.
#[derive(Debug)]
pub struct Webhook {
    receiver: Receiver,
    guard: Mutex<ReplayGuard>,
}

impl Webhook {
    /// An endpoint with this receiver and this guard.
    #[must_use]
    pub fn new(receiver: Receiver, guard: ReplayGuard) -> Self {
        Self { receiver, guard: Mutex::new(guard) }
    }

    /// Checks a request, and lets the handler answer if its delivery is not a repetition. Use no extractor beside
    /// [`Payload`] that reads the body.
    pub async fn handle(
        &self,
        request: &HttpRequest,
        payload: Payload,
        handler: impl AsyncFnOnce(&Delivery<Vec<u8>>) -> HttpResponse,
    ) -> HttpResponse {
        let delivery = match self.check(request, payload).await {
            Ok(delivery) => delivery,
            Err(answer) => return answer,
        };
        // Only a receiver with the policy `none` makes no keys.
        let Some(key) = delivery.replay_key() else { return handler(&delivery).await };
        let outcome = self.guard().claim(&key, now());
        let claim = match outcome {
            ClaimOutcome::Claimed(claim) => Held { webhook: self, claim: Some(claim) },
            ClaimOutcome::Duplicate => return HttpResponse::Ok().finish(),
            ClaimOutcome::InProgress(seconds) => return try_again(seconds),
            ClaimOutcome::Full => return try_again(5),
        };
        let answer = handler(&delivery).await;
        if answer.status().as_u16() < 400 {
            claim.confirm();
        }
        answer
    }

    async fn check(
        &self,
        request: &HttpRequest,
        payload: Payload,
    ) -> Result<Delivery<Vec<u8>>, HttpResponse> {
        let (method, headers) = (request.method().as_str(), Fields(request.headers()));
        // What the headers alone can refuse costs no reading of the body.
        self.receiver.check_head(method, &headers).map_err(|rejection| refuse(&rejection))?;
        let body = self.read(payload).await?;
        match self.receiver.receive(Request::new(method, &headers, body), now()) {
            Ok(Received::Delivery(delivery)) => Ok(delivery),
            Ok(Received::Handshake(reply)) => Err(answer_handshake(&reply)),
            Err(rejection) => Err(refuse(&rejection)),
        }
    }

    /// Reads a body into one buffer that never holds more than the limit, whatever length the sender announces and in
    /// whatever pieces it sends. actix limits its own extractors alone, not a [`Payload`].
    async fn read(&self, mut payload: Payload) -> Result<Vec<u8>, HttpResponse> {
        let mut body = Vec::new();
        while let Some(piece) = payload.next().await {
            // The sender left, or sent no HTTP.
            let piece = piece.map_err(|_| HttpResponse::BadRequest().finish())?;
            if piece.len() > self.receiver.body_limit() - body.len() {
                return Err(refuse(&self.receiver.payload_too_large()));
            }
            body.extend_from_slice(&piece);
        }
        Ok(body)
    }

    /// A guard is whole whenever it is unlocked: it does not panic.
    fn guard(&self) -> MutexGuard<'_, ReplayGuard> {
        self.guard.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A claim that is released unless it is confirmed: if the handler fails or panics, or the sender leaves.
struct Held<'w> {
    webhook: &'w Webhook,
    claim: Option<Claim>,
}

impl Held<'_> {
    fn confirm(mut self) {
        if let Some(claim) = self.claim.take()
            && !self.webhook.guard().confirm(claim, now())
        {
            eprintln!("the lease of a delivery ended before it was handled: it can be handled twice");
        }
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        if let Some(claim) = self.claim.take() {
            self.webhook.guard().release(claim);
        }
    }
}

/// actix has a `HeaderMap` of its own.
struct Fields<'h>(&'h HeaderMap);

impl Headers for Fields<'_> {
    fn field(&self, name: &str) -> Field<'_> {
        let mut values = self.0.get_all(name);
        match (values.next(), values.next()) {
            (None, _) => Field::Absent,
            (Some(value), None) => Field::Value(Cow::Borrowed(value.as_bytes())),
            (Some(_), Some(_)) => Field::Repeated,
        }
    }
}

fn now() -> Timestamp {
    SystemTime::now().into()
}

/// The sender learns the status; the reason is for the log.
fn refuse(rejection: &Rejection) -> HttpResponse {
    eprintln!("refused: {}: {rejection}", rejection.code());
    let mut answer = with_status(rejection.status());
    for header in rejection.headers() {
        answer.insert_header(*header);
    }
    answer.finish()
}

fn answer_handshake(reply: &Handshake) -> HttpResponse {
    let mut answer = with_status(reply.status());
    for header in reply.headers() {
        answer.insert_header(header);
    }
    answer.body(reply.body().to_owned())
}

fn try_again(seconds: u64) -> HttpResponse {
    HttpResponse::ServiceUnavailable().insert_header((RETRY_AFTER, seconds)).finish()
}

fn with_status(status: u16) -> HttpResponseBuilder {
    HttpResponse::build(StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR))
}
