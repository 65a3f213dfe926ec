//! A web server that receives the webhooks of all three vendors. It shows each step; with axum, the crate
//! `hookseal-tower` takes them.
//!
//! ```text
//! BENJI_SALT=... BENTI_SECRET=... BENTO_USER=... BENTO_PASSWORD=... \
//!     cargo run --example server --features http -- 127.0.0.1:3000
//! ```

use std::{
    env,
    error::Error,
    hash::{BuildHasher, RandomState},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, SystemTime},
};

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{HeaderName, HeaderValue, StatusCode},
    response::{IntoResponse, Response},
    routing::any,
};
use hookseal::{
    ClaimOutcome, Delivery, Keys, Received, Receiver, ReplayGuard, SetupError, Timestamp, bento::Credentials,
};
use http_body_util::BodyExt;
use tokio::time::timeout;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let address = env::args().nth(1).unwrap_or_else(|| "127.0.0.1:3000".to_owned());
    let benji = Receiver::benji(Keys::new(env::var("BENJI_SALT")?)?)?;
    let benti = Receiver::benti(Keys::new(env::var("BENTI_SECRET")?)?)?;
    let user = env::var("BENTO_USER")?;
    let keys = Keys::new(env::var("BENTO_PASSWORD")?)?;
    let bento = Receiver::bento(Credentials::Basic { user: &user, keys })?;

    let listener = tokio::net::TcpListener::bind(&address).await?;
    println!("listening on {address}: /benji, /benti and /bento");
    // `axum::serve` waits without end for a head, and limits no connections. A proxy in front of the server has to.
    axum::serve(listener, router(benji, benti, bento, BODY_TIME)?).await?;
    Ok(())
}

/// The three endpoints. `any`, because the receiver decides about methods: Benti's handshake is a `GET`.
pub(crate) fn router(
    benji: Receiver,
    benti: Receiver,
    bento: Receiver,
    body_time: Duration,
) -> Result<Router, SetupError> {
    let endpoint = |receiver: Receiver| {
        // Each has a guard of its own, so that one leaked secret fills no other endpoint's.
        let guard = Mutex::new(ReplayGuard::new(100_000, LEASE_SECONDS, seed())?);
        Ok(any(receive).with_state(Arc::new(Endpoint { receiver, guard, body_time })))
    };
    Ok(Router::new()
        .route("/benji", endpoint(benji)?)
        .route("/benti", endpoint(benti)?)
        .route("/bento", endpoint(bento)?))
}

struct Endpoint {
    receiver: Receiver,
    guard: Mutex<ReplayGuard>,
    body_time: Duration,
}

/// Longer than the handler takes.
const LEASE_SECONDS: u64 = 30;

/// 16 bytes that no sender knows. The standard library seeds its hash maps from the system's randomness.
fn seed() -> [u8; 16] {
    let [first, second] = [0, 1].map(|number: u8| RandomState::new().hash_one(number).to_ne_bytes());
    std::array::from_fn(|at| if at < 8 { first[at] } else { second[at - 8] })
}

async fn receive(State(endpoint): State<Arc<Endpoint>>, request: Request) -> Response {
    let receiver = &endpoint.receiver;
    let (head, body) = request.into_parts();
    // What the headers alone can refuse costs no reading of the body.
    if let Err(rejection) = receiver.check_head(head.method.as_str(), &head.headers) {
        return refuse(&rejection);
    }
    let body = match read(body, receiver.body_limit(), endpoint.body_time).await {
        Ok(body) => body,
        Err(status) => return status.into_response(),
    };
    let request = hookseal::Request::new(head.method.as_str(), &head.headers, body);
    let now = Timestamp::from(SystemTime::now());
    match receiver.receive(request, now) {
        Ok(Received::Delivery(delivery)) => handle_once(&endpoint.guard, &delivery, now).into_response(),
        Ok(Received::Handshake(reply)) => answer(reply.status(), reply.headers(), reply.body().to_owned()),
        Err(rejection) => refuse(&rejection),
    }
}

/// Handles a delivery unless it has been handled. The handler takes all events of a delivery or none, so the key is the
/// delivery's; one that works event by event claims the key of each event.
pub(crate) fn handle_once(
    guard: &Mutex<ReplayGuard>,
    delivery: &Delivery<Vec<u8>>,
    now: Timestamp,
) -> StatusCode {
    let guard = || guard.lock().unwrap_or_else(PoisonError::into_inner);
    // Only the policy `none` gives no key.
    let Some(key) = delivery.replay_key() else { return handle(delivery) };
    // Claimed in a statement of its own, so that the lock does not last while the delivery is handled.
    let outcome = guard().claim(&key, now);
    match outcome {
        ClaimOutcome::Claimed(claim) => {
            let status = handle(delivery);
            if status.is_success() {
                // The handler may have taken long. The key is kept from now on.
                guard().confirm(claim, SystemTime::now().into());
            } else {
                guard().release(claim);
            }
            status
        }
        ClaimOutcome::Duplicate => StatusCode::NO_CONTENT,
        ClaimOutcome::InProgress(_) | ClaimOutcome::Full => StatusCode::SERVICE_UNAVAILABLE,
    }
}

/// A real server would store the delivery before it answers: the vendor may not send it again.
fn handle(delivery: &Delivery<Vec<u8>>) -> StatusCode {
    for event in delivery {
        println!("{}", log_line(&event));
    }
    for malformed in delivery.malformed() {
        println!("element {} could not be read: {malformed}", malformed.index());
    }
    StatusCode::NO_CONTENT
}

/// An event as a line of the log. The subject is the sender's text: as it is, it could break the line or steer a terminal.
pub(crate) fn log_line(event: &hookseal::Event<'_>) -> String {
    format!("{} {:?} {}", event.kind(), event.subject().to_string(), event.id())
}

/// How long a body may take. The signature is checked with the whole body, so until then anybody can fill a buffer, and
/// without an end to the waiting could fill the memory with them.
pub(crate) const BODY_TIME: Duration = Duration::from_secs(10);

/// Reads a body within this time.
async fn read(body: Body, limit: usize, time: Duration) -> Result<Vec<u8>, StatusCode> {
    timeout(time, read_pieces(body, limit)).await.unwrap_or(Err(StatusCode::REQUEST_TIMEOUT))
}

/// Reads a body into one buffer that never holds more than the limit, whatever length the sender announces and in
/// whatever pieces it sends. To collect the pieces would keep an object for each, and a sender can make them one byte
/// long.
async fn read_pieces(mut body: Body, limit: usize) -> Result<Vec<u8>, StatusCode> {
    let mut bytes = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| StatusCode::BAD_REQUEST)?;
        if let Some(piece) = frame.data_ref() {
            if piece.len() > limit - bytes.len() {
                return Err(StatusCode::PAYLOAD_TOO_LARGE);
            }
            bytes.extend_from_slice(piece);
        }
    }
    Ok(bytes)
}

/// The sender learns the status; the reason is for the log.
fn refuse(rejection: &hookseal::Rejection) -> Response {
    println!("refused: {}: {rejection}", rejection.code());
    if let Some(hint) = rejection.hint() {
        println!("hint: {hint}");
    }
    answer(rejection.status(), rejection.headers().iter().copied(), String::new())
}

fn answer<'h>(
    status: u16,
    headers: impl IntoIterator<Item = (&'static str, &'h str)>,
    body: String,
) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in headers {
        if let Ok(value) = HeaderValue::from_str(value) {
            response.headers_mut().insert(HeaderName::from_static(name), value);
        }
    }
    response
}
