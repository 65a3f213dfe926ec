//! A web server that receives the webhooks of all three vendors. It shows each step; with axum, the crate
//! `hookseal-tower` takes them.
//!
//! ```text
//! BENJI_SALT=... BENTI_SECRET=... BENTO_USER=... BENTO_PASSWORD=... \
//!     cargo run --example server --features http -- 127.0.0.1:3000
//! ```

use std::{env, error::Error, sync::Arc, time::SystemTime};

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{HeaderName, HeaderValue, StatusCode},
    response::{IntoResponse, Response},
    routing::any,
};
use hookseal::{Keys, Received, Receiver, Timestamp, bento::Credentials};
use http_body_util::BodyExt;

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
    axum::serve(listener, router(benji, benti, bento)).await?;
    Ok(())
}

/// The three endpoints. `any`, because the receiver decides about methods: Benti's handshake is a `GET`.
pub(crate) fn router(benji: Receiver, benti: Receiver, bento: Receiver) -> Router {
    let endpoint = |receiver: Receiver| any(receive).with_state(Arc::new(receiver));
    Router::new()
        .route("/benji", endpoint(benji))
        .route("/benti", endpoint(benti))
        .route("/bento", endpoint(bento))
}

async fn receive(State(receiver): State<Arc<Receiver>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    // What the headers alone can refuse costs no reading of the body.
    if let Err(rejection) = receiver.check_head(head.method.as_str(), &head.headers) {
        return refuse(&rejection);
    }
    let body = match read(body, receiver.body_limit()).await {
        Ok(body) => body,
        Err(status) => return status.into_response(),
    };
    let request = hookseal::Request::new(head.method.as_str(), &head.headers, body);
    match receiver.receive(request, Timestamp::from(SystemTime::now())) {
        Ok(Received::Delivery(delivery)) => {
            // A real server would store these before it answers: the vendor may not send them again.
            for event in &delivery {
                println!("{}", log_line(&event));
            }
            for malformed in delivery.malformed() {
                println!("element {} could not be read: {malformed}", malformed.index());
            }
            StatusCode::NO_CONTENT.into_response()
        }
        Ok(Received::Handshake(reply)) => answer(reply.status(), reply.headers(), reply.body().to_owned()),
        Err(rejection) => refuse(&rejection),
    }
}

/// An event as a line of the log. The subject is the sender's text: as it is, it could break the line or steer a terminal.
pub(crate) fn log_line(event: &hookseal::Event<'_>) -> String {
    format!("{} {:?} {}", event.kind(), event.subject().to_string(), event.id())
}

/// Reads a body into one buffer that never holds more than the limit, whatever length the sender announces and in
/// whatever pieces it sends. To collect the pieces would keep an object for each, and a sender can make them one byte
/// long.
async fn read(mut body: Body, limit: usize) -> Result<Vec<u8>, StatusCode> {
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
